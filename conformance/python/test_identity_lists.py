"""Every list of IAM read to its end by boto3's paginators, and boto3's waiters."""

import pytest
from botocore.exceptions import WaiterError
from callers import allow, document, new_account, trust
from expect import refused_by_query

pytestmark = pytest.mark.many_accounts

COUNT = 5
POLICY = document(allow("kms:ListKeys"))
TRUST = document(trust({"AWS": "*"}))


@pytest.fixture(scope="module")
def iam(endpoint, region):
    """An account with five of everything, which no case may change."""
    iam = new_account(endpoint, region).client(service="iam")
    for n in range(COUNT):
        tags = {"Tags": [{"Key": f"k{k}", "Value": ""} for k in range(COUNT)]}
        iam.create_user(UserName=f"u{n}", **tags)
        iam.create_role(RoleName=f"r{n}", AssumeRolePolicyDocument=TRUST, **tags)
        iam.create_group(GroupName=f"g{n}")
        arn = iam.create_policy(PolicyName=f"p{n}", PolicyDocument=POLICY, **tags)["Policy"]["Arn"]
        iam.create_virtual_mfa_device(VirtualMFADeviceName=f"d{n}", **tags)
        for kind, name in (("user", {"UserName": "u0"}), ("role", {"RoleName": "r0"}), ("group", {"GroupName": "g0"})):
            getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=arn)
            getattr(iam, f"put_{kind}_policy")(**name, PolicyName=f"i{n}", PolicyDocument=POLICY)
    first = arn[:-1] + "0"
    for n in range(COUNT):
        iam.add_user_to_group(GroupName="g0", UserName=f"u{n}")
        iam.add_user_to_group(GroupName=f"g{n}", UserName="u0")
        if n:
            iam.create_policy_version(PolicyArn=first, PolicyDocument=POLICY)
            iam.attach_user_policy(UserName=f"u{n}", PolicyArn=first)
    for _ in range(2):
        iam.create_access_key(UserName="u0")
    iam.create_open_id_connect_provider(Url="https://id.example.com", **tags)
    iam.first_policy = first
    return iam


def identity(kind):
    return {f"{kind.capitalize()}Name": f"{kind[0]}0"}


# The list, its members, how many there are, and what it is asked with.
LISTS = [
    ("get_group", ["Users"], COUNT, lambda iam: identity("group")),
    ("list_access_keys", ["AccessKeyMetadata"], 2, lambda iam: identity("user")),
    ("list_account_aliases", ["AccountAliases"], 0, lambda iam: {}),
    ("list_entities_for_policy", ["PolicyUsers", "PolicyRoles", "PolicyGroups"], COUNT + 2, lambda iam: {"PolicyArn": iam.first_policy}),
    ("list_groups", ["Groups"], COUNT, lambda iam: {}),
    ("list_groups_for_user", ["Groups"], COUNT, lambda iam: identity("user")),
    ("list_instance_profiles_for_role", ["InstanceProfiles"], 0, lambda iam: identity("role")),
    ("list_mfa_device_tags", ["Tags"], COUNT, lambda iam: {"SerialNumber": iam.first_policy.replace("policy/p0", "mfa/d0")}),
    ("list_mfa_devices", ["MFADevices"], 0, lambda iam: identity("user")),
    ("list_open_id_connect_provider_tags", ["Tags"], COUNT, lambda iam: {"OpenIDConnectProviderArn": iam.first_policy.replace("policy/p0", "oidc-provider/id.example.com")}),
    ("list_policies", ["Policies"], COUNT, lambda iam: {"Scope": "Local"}),
    ("list_policy_tags", ["Tags"], COUNT, lambda iam: {"PolicyArn": iam.first_policy}),
    ("list_policy_versions", ["Versions"], COUNT, lambda iam: {"PolicyArn": iam.first_policy}),
    ("list_role_tags", ["Tags"], COUNT, lambda iam: identity("role")),
    ("list_roles", ["Roles"], COUNT, lambda iam: {}),
    ("list_user_tags", ["Tags"], COUNT, lambda iam: identity("user")),
    ("list_users", ["Users"], COUNT, lambda iam: {}),
    ("list_virtual_mfa_devices", ["VirtualMFADevices"], COUNT, lambda iam: {}),
    ("get_account_authorization_details", ["UserDetailList", "RoleDetailList", "GroupDetailList", "Policies"], 4 * COUNT, lambda iam: {}),
] + [
    row
    for kind in ("user", "role", "group")
    for row in (
        (f"list_attached_{kind}_policies", ["AttachedPolicies"], COUNT, lambda iam, kind=kind: identity(kind)),
        (f"list_{kind}_policies", ["PolicyNames"], COUNT, lambda iam, kind=kind: identity(kind)),
    )
]  # fmt: skip


@pytest.mark.parametrize("name, members, count, request_", LISTS, ids=[row[0] for row in LISTS])
def test_pages(iam, name, members, count, request_):
    whole = getattr(iam, name)(**request_(iam))
    assert whole["IsTruncated"] is False and "Marker" not in whole
    items = [str(item) for member in members for item in whole[member]]
    assert len(items) == len(set(items)) == count
    pages = list(iam.get_paginator(name).paginate(**request_(iam), PaginationConfig={"PageSize": 2}))
    assert all(sum(len(page[member]) for member in members) <= 2 for page in pages)
    assert all(page["IsTruncated"] == ("Marker" in page) for page in pages)
    read = [str(item) for page in pages for member in members for item in page[member]]
    assert sorted(read) == sorted(items)


# That of instance profiles is always empty here, and looks at no marker.
PAGED = [row for row in LISTS if row[0] != "list_instance_profiles_for_role"]


@pytest.mark.parametrize("name, request_", [(row[0], row[3]) for row in PAGED], ids=[row[0] for row in PAGED])
def test_markers_and_lengths_that_are_none(iam, name, request_):
    call = getattr(iam, name)
    refused_by_query(call, 400, ("ValidationError", "InvalidInput"), **request_(iam), Marker="nonsense")
    for length in (0, 1001):
        refused_by_query(call, 400, "ValidationError", **request_(iam), MaxItems=length)


def test_every_list_that_boto3_can_page_is_here(iam):
    pageable = {name for name in iam.meta.method_to_api_mapping.keys() if iam.can_paginate(name)}
    here = {row[0] for row in LISTS}
    assert here <= pageable
    others = {name for name in pageable - here if not name.startswith("simulate_")}
    for name in others:  # what is served is paged above; the rest is not offered
        members = iam.meta.service_model.operation_model(iam.meta.method_to_api_mapping[name]).input_shape
        filler = {member: "x" * 20 for member in members.required_members}
        refused_by_query(getattr(iam, name), 400, ("InvalidAction", "UnsupportedOperation"), **filler)


WAITERS = [
    ("user_exists", {"UserName": "u0"}, {"UserName": "nobody"}),
    ("role_exists", {"RoleName": "r0"}, {"RoleName": "nobody"}),
    ("policy_exists", "p0", "nobody"),
]


@pytest.mark.parametrize("name, there, missing", WAITERS, ids=[row[0] for row in WAITERS])
def test_waiters(iam, name, there, missing):
    arn = lambda request: {"PolicyArn": iam.first_policy[:-2] + request} if isinstance(request, str) else request
    at_once = {"Delay": 0, "MaxAttempts": 2}
    iam.get_waiter(name).wait(**arn(there), WaiterConfig=at_once)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        iam.get_waiter(name).wait(**arn(missing), WaiterConfig=at_once)
