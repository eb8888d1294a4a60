"""IAM: roles, managed policies with their versions, inline policies, permissions boundaries, and what hangs on what."""

import json
import re

import pytest
from callers import allow, deny, document, trust
from expect import payload, refused, refused_by_query

pytestmark = pytest.mark.many_accounts

LOOK = document(allow("iam:ListUsers"))
TRUST_ALL = document(trust({"AWS": "*"}))


def test_a_roles_life(account, iam):
    trusting = document(trust({"AWS": account.root_arn}))
    made = iam.create_role(
        RoleName="writer",
        Path="/service/",
        AssumeRolePolicyDocument=trusting,
        Description="first",
        MaxSessionDuration=7200,
        Tags=[{"Key": "team", "Value": "blue"}],
    )["Role"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:role/service/writer"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    assert made["AssumeRolePolicyDocument"] == json.loads(trusting)  # boto3 has decoded it
    found = iam.get_role(RoleName="writer")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("first", 7200)
    assert found["Tags"] == [{"Key": "team", "Value": "blue"}]
    iam.update_role(RoleName="writer", Description="second", MaxSessionDuration=3600)
    iam.update_assume_role_policy(RoleName="writer", PolicyDocument=TRUST_ALL)
    (listed,) = iam.list_roles(PathPrefix="/service/")["Roles"]
    assert (listed["Description"], listed["MaxSessionDuration"]) == ("second", 3600)
    assert listed["AssumeRolePolicyDocument"] == json.loads(TRUST_ALL)
    refused_by_query(iam.create_role, 409, "EntityAlreadyExists", RoleName="Writer", AssumeRolePolicyDocument=TRUST_ALL)
    iam.put_role_policy(RoleName="writer", PolicyName="p", PolicyDocument=LOOK)
    text = "Cannot delete entity, must delete policies first."
    refused_by_query(iam.delete_role, 409, "DeleteConflict", text, RoleName="writer")
    iam.delete_role_policy(RoleName="writer", PolicyName="p")
    iam.delete_role(RoleName="writer")
    text = "The role with name writer cannot be found."
    refused_by_query(iam.get_role, 404, "NoSuchEntity", text, RoleName="writer")


MALFORMED = {
    "no JSON": "{",
    "no statement": '{"Version":"2012-10-17"}',
    "unknown version": '{"Version":"2020-01-01","Statement":[]}',
    "a principal": document(allow("kms:*", Principal={"AWS": "*"})),
    "no resource": document({"Effect": "Allow", "Action": "kms:*"}),
    "no action": document({"Effect": "Allow", "Resource": "*"}),
    "an action without service": document(allow("Decrypt")),
    "a resource that is no ARN": document(allow("kms:*", "key")),
    "an unknown operator": document(allow("kms:*", condition={"Like": {"aws:username": "x"}})),
    "a member twice": '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}',
    "a Sid twice": document(allow("kms:*", Sid="a"), allow("kms:*", Sid="a")),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_malformed_identity_policies(iam, text):
    iam.create_user(UserName="ann")
    refused_by_query(iam.create_policy, 400, "MalformedPolicyDocument", PolicyName="p", PolicyDocument=text)
    refused_by_query(
        iam.put_user_policy, 400, "MalformedPolicyDocument", UserName="ann", PolicyName="p", PolicyDocument=text
    )
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == []


@pytest.mark.parametrize(
    "statement",
    [
        trust({"AWS": "*"}, Resource="*"),
        trust({"AWS": "*"}, action="kms:Decrypt"),
        {"Effect": "Allow", "Action": "sts:AssumeRole"},
        trust({"AWS": "arn:aws:iam::{account}:user/nobody"}),
        trust({"Group": "x"}),
    ],
    ids=["resource", "other-action", "no-principal", "nobody", "unknown-kind"],
)
def test_malformed_trust_policies(account, iam, statement):
    text = document(statement).replace("{account}", account.id)
    refused_by_query(iam.create_role, 400, "MalformedPolicyDocument", RoleName="r", AssumeRolePolicyDocument=text)
    refused_by_query(iam.get_role, 404, "NoSuchEntity", RoleName="r")


def test_managed_policies_and_their_versions(account, iam):
    ann = account.user("ann").client(service="iam")
    made = iam.create_policy(PolicyName="p", Path="/x/", PolicyDocument=LOOK, Description="d")["Policy"]
    arn = made["Arn"]
    assert arn == f"arn:aws:iam::{account.id}:policy/x/p"
    assert re.fullmatch(r"ANPA[A-Z2-7]{17}", made["PolicyId"])
    assert (made["DefaultVersionId"], made["AttachmentCount"]) == ("v1", 0)
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    attached = iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]
    assert attached == [{"PolicyName": "p", "PolicyArn": arn}]
    ann.list_users()

    other = document(allow("iam:ListRoles"))
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=other)["PolicyVersion"]
    assert (version["VersionId"], version["IsDefaultVersion"]) == ("v2", False)
    refused_by_query(ann.list_roles, 403, "AccessDenied")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    ann.list_roles()
    refused_by_query(ann.list_users, 403, "AccessDenied")
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == json.loads(LOOK)
    for number in (3, 4, 5):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=LOOK, SetAsDefault=number == 5)
    refused_by_query(iam.create_policy_version, 409, "LimitExceeded", PolicyArn=arn, PolicyDocument=LOOK)
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in listed if v["IsDefaultVersion"]] == [("v5", True)]
    assert len(listed) == 5
    refused_by_query(iam.delete_policy_version, 409, "DeleteConflict", PolicyArn=arn, VersionId="v5")
    refused_by_query(iam.delete_policy, 409, "DeleteConflict", PolicyArn=arn)
    for version in ("v1", "v2", "v3", "v4"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    text = "Cannot delete a policy attached to entities."
    refused_by_query(iam.delete_policy, 409, "DeleteConflict", text, PolicyArn=arn)
    iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    refused_by_query(ann.list_users, 403, "AccessDenied")
    iam.delete_policy(PolicyArn=arn)
    text = f"Policy {arn} was not found."
    refused_by_query(iam.get_policy, 404, "NoSuchEntity", text, PolicyArn=arn)
    refused_by_query(iam.attach_user_policy, 404, "NoSuchEntity", UserName="ann", PolicyArn=arn)


def test_who_has_a_policy(account, iam):
    account.user("ann")
    iam.create_group(GroupName="g")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST_ALL)
    arn = iam.create_policy(PolicyName="p", PolicyDocument=LOOK)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    found = iam.list_entities_for_policy(PolicyArn=arn)
    assert [u["UserName"] for u in found["PolicyUsers"]] == ["ann"]
    assert [u["GroupName"] for u in found["PolicyGroups"]] == ["g"]
    assert [u["RoleName"] for u in found["PolicyRoles"]] == ["r"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 3
    assert [p["Arn"] for p in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]] == [arn]
    text = "Cannot delete entity, must detach all policies first."
    refused_by_query(iam.delete_role, 409, "DeleteConflict", text, RoleName="r")
    details = iam.get_account_authorization_details()
    assert [u["UserName"] for u in details["UserDetailList"]] == ["ann"]
    assert details["UserDetailList"][0]["AttachedManagedPolicies"] == [{"PolicyName": "p", "PolicyArn": arn}]
    assert [r["RoleName"] for r in details["RoleDetailList"]] == ["r"]


def test_policies_of_aws_are_there_and_nobodys(account, iam):
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "AdministratorAccess"
    ann = account.user("ann").client(service="iam")
    iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    assert [u["UserName"] for u in ann.list_users()["Users"]] == ["ann"]
    refused_by_query(iam.delete_policy, 403, "AccessDenied", PolicyArn=arn)


@pytest.mark.parametrize("kind", ["user", "group", "role"])
def test_inline_policies(iam, kind):
    name = {f"{kind.capitalize()}Name": "x"}
    more = {"AssumeRolePolicyDocument": TRUST_ALL} if kind == "role" else {}
    getattr(iam, f"create_{kind}")(**name, **more)
    call = lambda verb, what="policy", **members: getattr(iam, f"{verb}_{kind}_{what}")(**name, **members)
    text = json.dumps(json.loads(LOOK), indent=2)
    call("put", PolicyName="p", PolicyDocument=text)
    assert payload(call("get", PolicyName="p")) == {**name, "PolicyName": "p", "PolicyDocument": json.loads(LOOK)}
    call("put", PolicyName="p", PolicyDocument=document(deny("*")))
    assert call("get", PolicyName="p")["PolicyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert call("list", "policies")["PolicyNames"] == ["p"]
    big = document(*[allow("kms:Decrypt", f"arn:aws:kms:*:*:key/{n:0100}") for n in range(80)])
    refused_by_query(
        getattr(iam, f"put_{kind}_policy"), 409, "LimitExceeded", **name, PolicyName="big", PolicyDocument=big
    )
    call("delete", PolicyName="p")
    refused_by_query(getattr(iam, f"get_{kind}_policy"), 404, "NoSuchEntity", **name, PolicyName="p")
    assert call("list", "policies")["PolicyNames"] == []


def test_a_permissions_boundary_limits_what_policies_allow(account, iam):
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=LOOK)["Policy"]["Arn"]
    ann = account.user("ann", allow("iam:*"), PermissionsBoundary=limit).client(service="iam")
    ann.list_users()
    text = (
        f"User: arn:aws:iam::{account.id}:user/ann is not authorized to perform: iam:ListRoles on resource: * "
        "because no permissions boundary allows the iam:ListRoles action"
    )
    refused_by_query(ann.list_roles, 403, "AccessDenied", text)
    boundary = iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]
    assert boundary.pop("PermissionsBoundaryType") in ("PermissionsBoundaryPolicy", "Policy")  # the model, the guide
    assert boundary == {"PermissionsBoundaryArn": limit}
    refused_by_query(iam.delete_policy, 409, "DeleteConflict", PolicyArn=limit)
    iam.delete_user_permissions_boundary(UserName="ann")
    ann.list_roles()
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=limit)
    refused_by_query(ann.list_roles, 403, "AccessDenied")


def test_a_delegate_can_make_users_within_the_boundary_only(account, iam):
    """The delegation that AWS's guide on boundaries shows: nobody can be made who may more than the delegate hands on."""
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("kms:*")))["Policy"]["Arn"]
    delegate = account.user(
        "delegate",
        allow(
            ["iam:CreateUser", "iam:PutUserPolicy", "iam:PutUserPermissionsBoundary"],
            condition={"StringEquals": {"iam:PermissionsBoundary": limit}},
        ),
        allow("iam:CreateAccessKey"),
    ).client(service="iam")
    refused_by_query(delegate.create_user, 403, "AccessDenied", UserName="free")
    delegate.create_user(UserName="bound", PermissionsBoundary=limit)
    delegate.put_user_policy(UserName="bound", PolicyName="all", PolicyDocument=document(allow("*")))
    refused_by_query(delegate.delete_user_permissions_boundary, 403, "AccessDenied", UserName="bound")
    key = delegate.create_access_key(UserName="bound")["AccessKey"]
    mine = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    account.client(**mine).list_keys()
    refused_by_query(account.client(service="iam", **mine).list_users, 403, "AccessDenied")


def test_a_new_user_of_an_old_name_is_somebody_else(account, iam, kms, key):
    ann = account.user("ann")
    policy = json.loads(key.policy)
    policy["Statement"].append(allow("kms:Encrypt", Principal={"AWS": ann.arn}))
    kms.put_key_policy(KeyId=key.id, Policy=json.dumps(policy))
    ann.client().encrypt(KeyId=key.id, Plaintext=b"x")
    assert ann.arn in kms.get_key_policy(KeyId=key.id)["Policy"]
    first = iam.get_user(UserName="ann")["User"]["UserId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=ann.access_key)
    iam.delete_user(UserName="ann")
    shown = json.loads(kms.get_key_policy(KeyId=key.id)["Policy"])
    assert shown["Statement"][1]["Principal"] == {"AWS": first}
    refused(ann.client().encrypt, "UnrecognizedClientException", KeyId=key.id, Plaintext=b"x")
    again = account.user("ann")
    assert iam.get_user(UserName="ann")["User"]["UserId"] != first
    refused(again.client().encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
    assert json.loads(kms.get_key_policy(KeyId=key.id)["Policy"]) == shown
