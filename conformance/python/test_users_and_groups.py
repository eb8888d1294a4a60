"""IAM: users, their access keys, groups, who is in them, tags, and the account's own facts."""

import re

import pytest
from callers import allow, document
from expect import payload, refused, refused_by_query

pytestmark = pytest.mark.many_accounts

ACCESS_KEY_ID = re.compile(r"AKIA[A-Z2-7]{16}")


def names(response, member, name):
    return [entry[name] for entry in response[member]]


def test_a_users_life(account, iam):
    made = iam.create_user(UserName="ann", Path="/team/blue/", Tags=[{"Key": "team", "Value": "blue"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:user/team/blue/ann"
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert made["CreateDate"].microsecond == 0
    user = iam.get_user(UserName="ann")["User"]
    assert user == made
    assert iam.list_users(PathPrefix="/team/")["Users"] == [{k: v for k, v in user.items() if k != "Tags"}]
    assert iam.list_users(PathPrefix="/other/")["Users"] == []
    text = "User with name ann already exists."
    refused_by_query(iam.create_user, 409, "EntityAlreadyExists", text, UserName="ann")
    refused_by_query(iam.create_user, 409, "EntityAlreadyExists", UserName="ANN")
    assert payload(iam.update_user(UserName="ann", NewUserName="anna", NewPath="/")) == {}
    renamed = iam.get_user(UserName="anna")["User"]
    assert (renamed["UserId"], renamed["Arn"]) == (user["UserId"], f"arn:aws:iam::{account.id}:user/anna")
    text = "The user with name ann cannot be found."
    refused_by_query(iam.get_user, 404, "NoSuchEntity", text, UserName="ann")
    iam.delete_user(UserName="anna")
    refused_by_query(iam.delete_user, 404, "NoSuchEntity", UserName="anna")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a*", "ä", "x" * 65])
def test_names_that_are_none(iam, name):
    refused_by_query(iam.create_user, 400, "ValidationError", UserName=name)
    refused_by_query(iam.create_group, 400, "ValidationError", GroupName=name if len(name) < 65 else "x" * 129)
    assert iam.list_users()["Users"] == []


@pytest.mark.parametrize("path", ["team", "/team", "team/", "/a b/", "/" + "x" * 512 + "/"])
def test_paths_that_are_none(iam, path):
    refused_by_query(iam.create_user, 400, "ValidationError", UserName="ann", Path=path)


def test_an_access_key_is_made_used_switched_off_and_deleted(account, iam):
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    assert ACCESS_KEY_ID.fullmatch(key["AccessKeyId"]) and len(key["SecretAccessKey"]) == 40
    assert (key["UserName"], key["Status"]) == ("ann", "Active")
    shown = {k: v for k, v in key.items() if k != "SecretAccessKey"}
    assert iam.list_access_keys(UserName="ann")["AccessKeyMetadata"] == [shown]
    mine = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    sts = account.client(service="sts", **mine)
    assert payload(sts.get_caller_identity()) == {
        "UserId": iam.get_user(UserName="ann")["User"]["UserId"],
        "Account": account.id,
        "Arn": f"arn:aws:iam::{account.id}:user/ann",
    }
    root = account.client(service="sts")
    assert payload(root.get_access_key_info(AccessKeyId=key["AccessKeyId"])) == {"Account": account.id}
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]) == ("ann", "sts")
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused_by_query(sts.get_caller_identity, 403, "InvalidClientTokenId")
    refused(account.client(**mine).list_keys, "UnrecognizedClientException")
    iam.update_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    wrong = account.client(service="sts", **{**mine, "aws_secret_access_key": "wrong"})
    refused_by_query(wrong.get_caller_identity, 403, "SignatureDoesNotMatch")
    iam.delete_access_key(UserName="ann", AccessKeyId=key["AccessKeyId"])
    refused_by_query(sts.get_caller_identity, 403, "InvalidClientTokenId")


def test_two_access_keys_and_no_more(iam):
    iam.create_user(UserName="ann")
    first = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    iam.create_access_key(UserName="ann")
    text = "Cannot exceed quota for AccessKeysPerUser: 2"
    refused_by_query(iam.create_access_key, 409, "LimitExceeded", text, UserName="ann")
    text = "Cannot delete entity, must delete access keys first."
    refused_by_query(iam.delete_user, 409, "DeleteConflict", text, UserName="ann")
    iam.delete_access_key(UserName="ann", AccessKeyId=first)
    iam.create_access_key(UserName="ann")


def test_a_user_manages_its_own_keys_without_saying_its_name(account):
    """Where AWS's text says `user ben`, here stands the ARN: it is what policies have to name."""
    own = f"arn:aws:iam::{account.id}:user/${{aws:username}}"
    ann = account.user("ann", allow(["iam:*AccessKey*", "iam:GetUser"], own)).client(service="iam")
    account.user("ben")
    assert ann.get_user()["User"]["UserName"] == "ann"
    made = ann.create_access_key()["AccessKey"]
    assert made["UserName"] == "ann"
    assert len(ann.list_access_keys()["AccessKeyMetadata"]) == 2
    ann.delete_access_key(AccessKeyId=made["AccessKeyId"])
    text = (
        f"User: arn:aws:iam::{account.id}:user/ann is not authorized to perform: iam:CreateAccessKey on resource: "
        f"arn:aws:iam::{account.id}:user/ben because no identity-based policy allows the iam:CreateAccessKey action"
    )
    refused_by_query(ann.create_access_key, 403, "AccessDenied", text, UserName="ben")
    refused_by_query(ann.create_access_key, 403, "AccessDenied", UserName="nobody")  # nor that there is none


def test_groups_give_their_policies_to_their_users(account, iam):
    ann = account.user("ann").client(service="iam")
    made = iam.create_group(GroupName="readers", Path="/all/")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:group/all/readers"
    assert re.fullmatch(r"AGPA[A-Z2-7]{17}", made["GroupId"])
    iam.put_group_policy(GroupName="readers", PolicyName="look", PolicyDocument=document(allow("iam:ListUsers")))
    refused_by_query(ann.list_users, 403, "AccessDenied")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    assert names(ann.list_users(), "Users", "UserName") == ["ann"]
    group = iam.get_group(GroupName="readers")
    assert (group["Group"], names(group, "Users", "UserName")) == (made, ["ann"])
    assert iam.list_groups_for_user(UserName="ann")["Groups"] == [made]
    iam.update_group(GroupName="readers", NewGroupName="lookers")
    assert names(iam.list_groups(), "Groups", "GroupName") == ["lookers"]
    ann.list_users()
    refused_by_query(iam.delete_group, 409, "DeleteConflict", GroupName="lookers")
    iam.remove_user_from_group(GroupName="lookers", UserName="ann")
    refused_by_query(ann.list_users, 403, "AccessDenied")
    iam.delete_group_policy(GroupName="lookers", PolicyName="look")
    iam.delete_group(GroupName="lookers")
    text = "The group with name lookers cannot be found."
    refused_by_query(iam.get_group, 404, "NoSuchEntity", text, GroupName="lookers")


TAGGED = {
    "user": (
        lambda iam: {"UserName": iam.create_user(UserName="x")["User"]["UserName"]},
        "user",
    ),
    "role": (
        lambda iam: {"RoleName": iam.create_role(RoleName="x", AssumeRolePolicyDocument=TRUST)["Role"]["RoleName"]},
        "role",
    ),
    "policy": (
        lambda iam: {"PolicyArn": iam.create_policy(PolicyName="x", PolicyDocument=POLICY)["Policy"]["Arn"]},
        "policy",
    ),
    "provider": (
        lambda iam: {
            "OpenIDConnectProviderArn": iam.create_open_id_connect_provider(Url="https://id.example.com")[
                "OpenIDConnectProviderArn"
            ]
        },
        "open_id_connect_provider",
    ),
    "device": (
        lambda iam: {
            "SerialNumber": iam.create_virtual_mfa_device(VirtualMFADeviceName="x")["VirtualMFADevice"]["SerialNumber"]
        },
        "mfa_device",
    ),
}
POLICY = document(allow("kms:ListKeys"))
TRUST = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]


@pytest.mark.parametrize("make, kind", TAGGED.values(), ids=TAGGED)
def test_tags(iam, make, kind):
    it = make(iam)
    call = lambda verb, **more: getattr(iam, f"{verb}_{kind}")(**it, **more)
    listed = lambda: sorted(getattr(iam, f"list_{kind}_tags")(**it)["Tags"], key=str)
    assert listed() == []
    call("tag", Tags=tags(team="blue", empty=""))
    call("tag", Tags=tags(team="red", more="x"))
    assert listed() == sorted(tags(team="red", empty="", more="x"), key=str)
    call("untag", TagKeys=["empty", "more", "never"])
    assert listed() == tags(team="red")
    reserved = getattr(iam, f"tag_{kind}")
    refused_by_query(reserved, 400, ("InvalidInput", "ValidationError"), **it, Tags=tags(**{"aws:x": "y"}))
    refused_by_query(reserved, 400, ("InvalidInput", "ValidationError"), **it, Tags=tags(a="1") + tags(A="2"))
    refused_by_query(reserved, 409, "LimitExceeded", **it, Tags=tags(**{f"k{n}": "" for n in range(50)}))
    assert listed() == tags(team="red")


def test_the_accounts_alias(iam, other_account):
    name = f"c-{other_account.id}"
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.create_account_alias(AccountAlias=name)
    assert iam.list_account_aliases()["AccountAliases"] == [name]
    refused_by_query(
        other_account.client(service="iam").create_account_alias, 409, "EntityAlreadyExists", AccountAlias=name
    )
    refused_by_query(iam.delete_account_alias, 404, "NoSuchEntity", AccountAlias="another")
    iam.delete_account_alias(AccountAlias=name)
    assert iam.list_account_aliases()["AccountAliases"] == []
    for bad in ("UPPER", "-a", "a--b", "ab", "123456789012"):
        refused_by_query(iam.create_account_alias, 400, ("ValidationError", "InvalidInput"), AccountAlias=bad)


def test_the_accounts_summary_counts(account, iam):
    before = iam.get_account_summary()["SummaryMap"]
    assert all(isinstance(count, int) for count in before.values())
    assert (before["Users"], before["Groups"], before["Roles"], before["Policies"]) == (0, 0, 0, 0)
    assert (before["UsersQuota"], before["AccessKeysPerUserQuota"]) == (5000, 2)
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="g")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.create_policy(PolicyName="p", PolicyDocument=POLICY)
    iam.create_virtual_mfa_device(VirtualMFADeviceName="d")
    iam.create_open_id_connect_provider(Url="https://id.example.com")
    after = iam.get_account_summary()["SummaryMap"]
    for name in ("Users", "Groups", "Roles", "Policies", "MFADevices", "Providers"):
        assert after[name] == before[name] + 1, name


def test_open_id_connect_providers(account, iam):
    url, prints = "https://id.example.com/realm", ["a" * 40]
    made = iam.create_open_id_connect_provider(Url=url, ClientIDList=["one"], ThumbprintList=prints, Tags=tags(a="b"))
    arn = made["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{account.id}:oidc-provider/id.example.com/realm"
    assert made["Tags"] == tags(a="b")
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["b" * 40])
    found = payload(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn))
    assert found.pop("CreateDate")
    assert found == {
        "Url": "id.example.com/realm",
        "ClientIDList": ["two"],
        "ThumbprintList": ["b" * 40],
        "Tags": tags(a="b"),
    }
    assert names(iam.list_open_id_connect_providers(), "OpenIDConnectProviderList", "Arn") == [arn]
    refused_by_query(iam.create_open_id_connect_provider, 409, "EntityAlreadyExists", Url=url)
    refused_by_query(
        iam.create_open_id_connect_provider, 400, ("ValidationError", "InvalidInput"), Url="http://a.example"
    )
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    refused_by_query(iam.get_open_id_connect_provider, 404, "NoSuchEntity", OpenIDConnectProviderArn=arn)
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
