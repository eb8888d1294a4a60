"""Who may do what with a key: key policies and identity policies together, across accounts, with conditions; and what those
who may not are told."""

import json

import pytest
from callers import allow, deny, document, trust
from expect import refused, refused_by_query
from operations import Key, alias_name

pytestmark = pytest.mark.many_accounts

HIDDEN = "User: {caller} is not authorized to perform: {action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
FOREIGN_BLOB = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."


def to_the_account(key):
    """The statement with which identity policies of the key's account count."""
    return allow("kms:*", Principal={"AWS": key.account.root_arn})


def put(key, *statements):
    """Makes these, and no others, the key's policy."""
    key.client.put_key_policy(KeyId=key.id, Policy=document(*statements), BypassPolicyLockoutSafetyCheck=True)


def denies(caller, key, ending, action="Encrypt", **request):
    """The caller is refused, in AWS's words."""
    call = getattr(caller.client(), {"Encrypt": "encrypt", "DescribeKey": "describe_key"}[action])
    text = f"User: {caller.arn or caller.root_arn} is not authorized to perform: kms:{action} on resource: {key.arn} {ending}"
    request = {"KeyId": key.arn} | ({"Plaintext": b"x"} if action == "Encrypt" else {}) | request
    refused(call, "AccessDeniedException", text, **request)


def encrypts(caller, key, **more):
    return caller.client().encrypt(KeyId=key.arn, Plaintext=b"x", **more)["CiphertextBlob"]


NO_IDENTITY = "because no identity-based policy allows the kms:Encrypt action"
NO_RESOURCE = "because no resource-based policy allows the kms:Encrypt action"
IDENTITY_DENY = "with an explicit deny in an identity-based policy"
RESOURCE_DENY = "with an explicit deny in a resource-based policy"


def test_identity_policies_count_where_the_key_lets_the_account_in(account, key):
    ann, ben = account.user("ann", allow("kms:Encrypt", key.arn)), account.user("ben")
    encrypts(ann, key)
    denies(ben, key, NO_IDENTITY)
    denies(ann, key, "because no identity-based policy allows the kms:DescribeKey action", "DescribeKey")
    put(key, allow(["kms:PutKeyPolicy", "kms:Decrypt"], Principal={"AWS": account.root_arn}))
    denies(ann, key, NO_RESOURCE)
    denies(account, key, NO_RESOURCE)  # the root, too


def test_a_key_policy_names_users_and_roles(account, key):
    ann, ben = account.user("ann", path="/team/"), account.user("ben")
    role = account.role("r", trust({"AWS": account.id}))
    put(key, to_the_account(key), allow("kms:Encrypt", Principal={"AWS": [ann.arn, role]}))
    encrypts(ann, key)
    session = account.user("c", allow("sts:AssumeRole")).assume(role)
    encrypts(session, key)
    denies(ben, key, NO_IDENTITY)
    put(key, to_the_account(key), allow("kms:Encrypt", Principal={"AWS": session.arn}))
    encrypts(session, key)
    denies(account.user("d", allow("sts:AssumeRole")).assume(role, "other"), key, NO_IDENTITY)


def test_an_explicit_deny_wins(account, key):
    ann = account.user("ann", allow("kms:*"), deny("kms:Encrypt", key.arn))
    ben = account.user("ben", allow("kms:*"))
    denies(ann, key, IDENTITY_DENY)
    put(key, to_the_account(key), deny("kms:Encrypt", Principal={"AWS": ben.arn}))
    denies(ben, key, RESOURCE_DENY)
    ben.client().describe_key(KeyId=key.id)
    put(key, to_the_account(key), deny("kms:Encrypt", Principal="*"))
    denies(account, key, RESOURCE_DENY)


def test_a_change_is_in_force_with_the_next_request(account, iam, key):
    ann = account.user("ann", allow("kms:Encrypt"))
    client = ann.client()
    for _ in range(5):
        client.encrypt(KeyId=key.id, Plaintext=b"x")
        iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=document(allow("kms:Decrypt")))
        refused(client.encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
        iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=document(allow("kms:Encrypt")))


def test_both_sides_agree_across_accounts(other_account, account, key):
    """The key's side and the caller's; neither alone is enough, and the caller learns nothing of the key before."""
    ann, ben = other_account.user("ann", allow("kms:*", key.arn)), other_account.user("ben")
    hidden = HIDDEN.format(caller=ann.arn, action="kms:Encrypt")
    refused(ann.client().encrypt, "AccessDeniedException", hidden, KeyId=key.arn, Plaintext=b"x")
    put(key, to_the_account(key), allow(["kms:Encrypt", "kms:Decrypt"], Principal={"AWS": other_account.root_arn}))
    blob = encrypts(ann, key)
    assert ann.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    denies(ben, key, NO_IDENTITY)
    assert encrypts(other_account, key)
    # Operations that do not cross accounts stay at home, whatever the policies say.
    put(key, to_the_account(key), allow("kms:*", Principal={"AWS": other_account.root_arn}))
    refused(ann.client().schedule_key_deletion, "AccessDeniedException", KeyId=key.arn)
    refused(ann.client().put_key_policy, "AccessDeniedException", KeyId=key.arn, Policy=key.policy)
    ann.client().describe_key(KeyId=key.arn)
    put(key, to_the_account(key))
    refused(ann.client().encrypt, "AccessDeniedException", hidden, KeyId=key.arn, Plaintext=b"x")
    refused(ann.client().decrypt, "AccessDeniedException", FOREIGN_BLOB, CiphertextBlob=blob)


def test_a_key_policy_names_a_role_of_another_account(account, other_account, key):
    role = other_account.role("r", trust({"AWS": other_account.id}), allow("kms:Encrypt"))
    put(key, to_the_account(key), allow("kms:Encrypt", Principal={"AWS": role}))
    encrypts(other_account.user("ann", allow("sts:AssumeRole")).assume(role), key)
    nobody = role.replace("role/r", "role/nobody")
    policy = document(to_the_account(key), allow("kms:Encrypt", Principal={"AWS": nobody}))
    refused(key.client.put_key_policy, "MalformedPolicyDocumentException", KeyId=key.id, Policy=policy)


def test_the_encryption_context_is_a_condition(account, key):
    context = {"StringEquals": {"kms:EncryptionContext:app": "shop"}}
    keys = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "tenant"]}}
    ann = account.user("ann", allow(["kms:Encrypt", "kms:Decrypt"], condition=context))
    ben = account.user("ben", allow("kms:Encrypt", condition=keys))
    blob = encrypts(ann, key, EncryptionContext={"app": "shop", "more": "x"})
    ann.client().decrypt(CiphertextBlob=blob, EncryptionContext={"app": "shop", "more": "x"})
    encrypts(ann, key, EncryptionContext={"APP": "shop"})  # names of condition keys have no case
    for other in ({}, {"app": "Shop"}, {"more": "shop"}):
        denies(ann, key, NO_IDENTITY, EncryptionContext=other)
    encrypts(ben, key, EncryptionContext={"tenant": "1", "app": "2"})
    denies(ben, key, NO_IDENTITY, EncryptionContext={"app": "1", "more": "2"})


def test_tags_decide(account, iam, kms, key):
    """Whoever has the tag of a team may use the keys of that team."""
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    ann = account.user("ann", allow("kms:Encrypt", condition=same), Tags=[{"Key": "team", "Value": "blue"}])
    star = account.user("star", allow("kms:Encrypt", condition=same), Tags=[{"Key": "team", "Value": "+=@"}])
    denies(ann, key, NO_IDENTITY)
    kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": "team", "TagValue": "blue"}])
    encrypts(ann, key)
    denies(star, key, NO_IDENTITY)
    iam.tag_user(UserName="ann", Tags=[{"Key": "team", "Value": "red"}])
    denies(ann, key, NO_IDENTITY)


def test_aliases_decide(account, kms, key):
    ann = account.user("ann", allow("kms:Encrypt", condition={"StringEquals": {"kms:RequestAlias": key.alias}}))
    ben = account.user(
        "ben", allow("kms:Encrypt", condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": key.alias}})
    )
    ann.client().encrypt(KeyId=key.alias, Plaintext=b"x")
    denies(ann, key, NO_IDENTITY)
    encrypts(ben, key)
    kms.delete_alias(AliasName=key.alias)
    denies(ben, key, NO_IDENTITY)


def test_an_alias_takes_permission_on_both(account, key):
    name = alias_name()
    on_key, on_alias = allow("kms:CreateAlias", key.arn), allow("kms:CreateAlias", account.alias_arn(name))
    call = {"AliasName": name, "TargetKeyId": key.id}
    refused(account.user("a", on_key).client().create_alias, "AccessDeniedException", **call)
    refused(account.user("b", on_alias).client().create_alias, "AccessDeniedException", **call)
    account.user("c", on_key, on_alias).client().create_alias(**call)


def test_creating_a_key(account):
    ann = account.user("ann", allow("kms:CreateKey", condition={"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}))
    ann.client().create_key()
    refused(ann.client().create_key, "AccessDeniedException", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    tags = [{"TagKey": "a", "TagValue": "b"}]
    text = f"User: {ann.arn} is not authorized to perform: kms:TagResource because no identity-based policy allows the kms:TagResource action"
    message = refused(ann.client().create_key, "AccessDeniedException", Tags=tags)
    assert "kms:TagResource" in message and text.split(" because")[1] in message
    # Whoever makes a key must not shut itself out: nothing but its policy lets it in.
    refused(
        ann.client().create_key,
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
        Policy=document(allow("kms:*", Principal={"AWS": account.user("ben").arn})),
    )


def test_lists_take_permission(account, key):
    ann = account.user("ann", allow("kms:ListKeys")).client()
    assert [k["KeyId"] for k in ann.list_keys()["Keys"]] == [key.id]
    refused(ann.list_aliases, "AccessDeniedException")
    refused(ann.list_aliases, "AccessDeniedException", KeyId=key.id)
    refused(ann.list_key_policies, "AccessDeniedException", KeyId=key.id)
    text = f"User: arn:aws:iam::{account.id}:user/ann is not authorized to perform: kms:GenerateRandom because no identity-based policy allows the kms:GenerateRandom action"
    message = refused(ann.generate_random, "AccessDeniedException", NumberOfBytes=8)
    assert message in (text, text.replace("GenerateRandom because", "GenerateRandom on resource: * because"))


def test_a_re_encryption_takes_both_permissions(account, kms, key):
    other = Key.create(account, kms)
    from_, to = allow("kms:ReEncryptFrom", key.arn), allow("kms:ReEncryptTo", other.arn)
    call = {"CiphertextBlob": key.blob, "DestinationKeyId": other.id}
    account.user("a", from_, to).client().re_encrypt(**call)
    assert "ReEncryptTo" in refused(account.user("b", from_).client().re_encrypt, "AccessDeniedException", **call)
    assert "ReEncryptFrom" in refused(account.user("c", to).client().re_encrypt, "AccessDeniedException", **call)


def test_a_denied_caller_does_not_learn_what_exists(account, key):
    ann = account.user("ann")
    text = "User: {0} is not authorized to perform: {1} on resource: {2} because no identity-based policy allows the {1} action"
    iam = ann.client(service="iam")
    there = refused_by_query(iam.get_user, 403, "AccessDenied", UserName="ann")
    assert there.replace("ann", "nobody") == refused_by_query(
        iam.get_user, 403, "AccessDenied", UserName="nobody"
    ).replace(":user/ann is", ":user/nobody is")
    assert there == text.format(ann.arn, "iam:GetUser", ann.arn)


def test_the_policy_comes_back_as_it_was_put_while_everybody_is_there(account, kms, key):
    ann = account.user("ann")
    policy = json.dumps(
        json.loads(document(to_the_account(key), allow("kms:Encrypt", Principal={"AWS": ann.arn}))), indent=3
    )
    kms.put_key_policy(KeyId=key.id, Policy=policy)
    assert kms.get_key_policy(KeyId=key.id)["Policy"] == policy
