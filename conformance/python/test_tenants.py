"""What one account can try against another: its names, ids, tokens and policies; and names that look like somebody else's."""

import pytest
from callers import allow, document, trust
from expect import refused, refused_by_query
from operations import Key

pytestmark = pytest.mark.many_accounts


@pytest.fixture
def eve(other_account):
    """A user of another account who may do everything there."""
    return other_account.user("eve", allow("*"))


def test_identities_of_another_account_are_not_there(account, other_account, iam, eve):
    """Whether they exist must not show: the answers are those for ones that nobody has."""
    account.user("ann")
    theirs = other_account.client(service="iam")
    policy = theirs.create_policy(PolicyName="p", PolicyDocument=document(allow("*")))["Policy"]["Arn"]
    device = theirs.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]["SerialNumber"]
    url = theirs.create_open_id_connect_provider(Url="https://id.example.com")["OpenIDConnectProviderArn"]
    ann = {"UserName": "ann"}
    for call, members, name in (
        (iam.get_policy, {}, {"PolicyArn": policy}),
        (iam.attach_user_policy, ann, {"PolicyArn": policy}),
        (iam.put_user_permissions_boundary, ann, {"PermissionsBoundary": policy}),
        (iam.create_policy_version, {"PolicyDocument": document(allow("*"))}, {"PolicyArn": policy}),
        (iam.delete_virtual_mfa_device, {}, {"SerialNumber": device}),
        (iam.get_open_id_connect_provider, {}, {"OpenIDConnectProviderArn": url}),
        (iam.delete_access_key, ann, {"AccessKeyId": eve.access_key}),
        (iam.update_access_key, {**ann, "Status": "Inactive"}, {"AccessKeyId": eve.access_key}),
        (iam.get_access_key_last_used, {}, {"AccessKeyId": eve.access_key}),
    ):
        ((member, value),) = name.items()
        nobodys = value[:-1] + ("Q" if value[-1] != "Q" else "R")
        texts = {
            refused_by_query(call, 404, "NoSuchEntity", **members, **{member: which}).replace(which, "")
            for which in (value, nobodys)
        }
        assert len(texts) == 1, texts
    eve.client().list_keys()
    theirs.get_policy(PolicyArn=policy)


def test_grant_tokens_of_another_account_give_nothing(account, other_account, kms, key, eve):
    their_key = Key.create(other_account, other_account.client())
    request = {"KeyId": their_key.id, "GranteePrincipal": eve.arn, "Operations": ["Decrypt"]}
    token = their_key.client.create_grant(**request)["GrantToken"]
    refused(eve.client().encrypt, "AccessDeniedException", KeyId=key.arn, Plaintext=b"x", GrantTokens=[token])
    refused(kms.decrypt, "AccessDeniedException", CiphertextBlob=their_key.blob, GrantTokens=[token])
    refused(kms.retire_grant, "AccessDeniedException", GrantToken=token)
    assert len(their_key.client.list_grants(KeyId=their_key.id)["Grants"]) == 1


def test_grants_of_others_are_not_listed(account, other_account, kms, key, eve):
    kms.create_grant(KeyId=key.id, GranteePrincipal=eve.arn, RetiringPrincipal=eve.arn, Operations=["Decrypt"])
    refused(eve.client().list_grants, "AccessDeniedException", KeyId=key.arn)
    assert len(eve.client().list_retirable_grants(RetiringPrincipal=eve.arn)["Grants"]) == 1
    code = ("InvalidArnException", "AccessDeniedException")
    for who in (eve.arn, other_account.root_arn, f"{eve.arn}x"):  # the same for all, nobody among them
        refused(kms.list_retirable_grants, code, RetiringPrincipal=who)


def test_an_open_role_needs_the_callers_side_as_well(account, other_account, eve):
    role = account.role("open", trust({"AWS": "*"}), allow("kms:ListKeys"))
    eve.assume(role).client().list_keys()
    poor = other_account.user("poor").client(service="sts")
    refused_by_query(poor.assume_role, 403, "AccessDenied", RoleArn=role, RoleSessionName="session")
    text = "Roles may not be assumed by root accounts."
    root = other_account.client(service="sts")
    refused_by_query(root.assume_role, 403, "AccessDenied", text, RoleArn=role, RoleSessionName="session")


@pytest.mark.parametrize("name", ["root", ".", "..", "000000000000", "eve"])
def test_names_that_look_like_somebody_else(account, other_account, key, eve, name):
    """Names may look odd, as in AWS; they are names all the same."""
    odd = account.user(name)
    refused(odd.client().describe_key, "AccessDeniedException", KeyId=key.id)
    policy = document(
        allow("kms:*", Principal={"AWS": account.root_arn}),
        allow("kms:DescribeKey", Principal={"AWS": odd.arn}),
    )
    key.client.put_key_policy(KeyId=key.id, Policy=policy)
    odd.client().describe_key(KeyId=key.id)
    refused(odd.client().encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
    refused(eve.client().describe_key, "AccessDeniedException", KeyId=key.arn)


def test_values_of_variables_have_no_wildcards(account, kms, key):
    """A user whose own name is no pattern: what stands in a value stands for itself."""
    kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": "team", "TagValue": "blue"}])
    like = {"StringLike": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    blue = account.user("blue", allow("kms:DescribeKey", condition=like), Tags=[{"Key": "team", "Value": "blue"}])
    blue.client().describe_key(KeyId=key.id)
    untagged = account.user("untagged", allow("kms:DescribeKey", condition=like))
    refused(untagged.client().describe_key, "AccessDeniedException", KeyId=key.id)
    # A session's tags have the same letters as a user's: none of them is a wildcard.
    role = account.role(
        "r", trust({"AWS": account.id}, action=["sts:AssumeRole", "sts:TagSession"]), allow("kms:*", condition=like)
    )
    ann = account.user("ann", allow("sts:*")).client(service="sts")
    for value in ("*", "blu?", "${*}"):
        tags = [{"Key": "team", "Value": value}]
        named = {"RoleArn": role, "RoleSessionName": "session"}
        refused_by_query(ann.assume_role, 400, "ValidationError", **named, Tags=tags)
    tricky = "kms:DescribeKey", f"arn:aws:kms:*:{account.id}:key/${{aws:PrincipalTag/none}}*"
    refused(account.user("tricky", allow(*tricky)).client().describe_key, "AccessDeniedException", KeyId=key.id)
    fallback = "kms:DescribeKey", f"arn:aws:kms:*:{account.id}:key/${{aws:PrincipalTag/none, '*'}}"
    refused(account.user("fallback", allow(*fallback)).client().describe_key, "AccessDeniedException", KeyId=key.id)
