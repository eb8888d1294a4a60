"""GetKeyPolicy, PutKeyPolicy, ListKeyPolicies: the default policy, well-formedness, who is locked out."""

import json
import re

import pytest
from expect import payload, refused

# AWS's words, and after them where and why.
BAD_PRINCIPAL = re.compile(r"Policy contains a statement with one or more invalid principals\..*")


def allow(principal, action="kms:*", **more):
    return {"Sid": "s", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def document(*statements, **more):
    return json.dumps({"Version": "2012-10-17", "Id": "mine", "Statement": list(statements), **more})


def root(account):
    return {"AWS": account.root_arn}


def test_the_default_policy(account, kms):
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    response = payload(kms.get_key_policy(KeyId=key_id))
    assert response["PolicyName"] == "default"
    policy = json.loads(response["Policy"])
    (statement,) = policy.pop("Statement")
    assert policy == {"Version": "2012-10-17", "Id": "key-default-1"}
    assert statement.pop("Sid") in ("Enable IAM User Permissions", "Enable IAM policies")
    assert statement == {"Effect": "Allow", "Principal": {"AWS": account.root_arn}, "Action": "kms:*", "Resource": "*"}
    assert payload(kms.get_key_policy(KeyId=key_id, PolicyName="default")) == response


@pytest.mark.parametrize("indent", [None, 4])
def test_a_policy_comes_back_as_it_was_put(account, kms, key, indent):
    text = json.dumps(
        json.loads(document(allow(root(account)), allow({"AWS": account.id}, "kms:Describe*"))), indent=indent
    )
    assert payload(kms.put_key_policy(KeyId=key.id, Policy=text)) == {}
    assert kms.get_key_policy(KeyId=key.id)["Policy"] == text


def test_the_name_may_be_given(account, kms, key):
    text = document(allow(root(account)))
    kms.put_key_policy(KeyId=key.id, Policy=text, PolicyName="default")
    assert kms.get_key_policy(KeyId=key.id)["Policy"] == text


def test_other_policy_names(kms, key):
    text = "The AWS_RAM policy can only be managed by the RAM service"
    codes = ("ValidationException", "UnsupportedOperationException")
    refused(kms.put_key_policy, codes, text, KeyId=key.id, PolicyName="AWS_RAM", Policy=key.policy)
    refused(kms.put_key_policy, (*codes, "NotFoundException"), KeyId=key.id, PolicyName="other", Policy=key.policy)
    refused(kms.get_key_policy, "NotFoundException", KeyId=key.id, PolicyName="AWS_RAM")
    refused(kms.get_key_policy, "NotFoundException", KeyId=key.id, PolicyName="other")


def put_and_create_refuse(kms, key, policy, text=None):
    before = kms.get_key_policy(KeyId=key.id)["Policy"]
    refused(kms.put_key_policy, "MalformedPolicyDocumentException", text, KeyId=key.id, Policy=policy)
    refused(kms.create_key, "MalformedPolicyDocumentException", text, Policy=policy)
    assert kms.get_key_policy(KeyId=key.id)["Policy"] == before
    assert len(kms.list_keys()["Keys"]) == 1


@pytest.mark.parametrize("text", ["no JSON", "{", "", "[]", '"text"', "null", "1"])
def test_text_that_is_no_policy(kms, key, text):
    if text == "":
        refused(kms.put_key_policy, "ValidationException", KeyId=key.id, Policy=text)
    else:
        put_and_create_refuse(kms, key, text)


MALFORMED = {
    "no statement": lambda s: {"Version": "2012-10-17"},
    "empty object": lambda s: {},
    "unknown version": lambda s: {"Version": "2020-01-01", "Statement": [s]},
    "unknown member": lambda s: {"Version": "2012-10-17", "Statement": [s], "Extra": 1},
    "statement is text": lambda s: {"Version": "2012-10-17", "Statement": "all"},
    "unknown statement member": lambda s: {"Version": "2012-10-17", "Statement": [s | {"Extra": 1}]},
    "no effect": lambda s: {"Version": "2012-10-17", "Statement": [{k: v for k, v in s.items() if k != "Effect"}]},
    "unknown effect": lambda s: {"Version": "2012-10-17", "Statement": [s | {"Effect": "allow"}]},
    "no principal": lambda s: {
        "Version": "2012-10-17",
        "Statement": [s, {k: v for k, v in s.items() if k != "Principal"}],
    },
    "two principals": lambda s: {"Version": "2012-10-17", "Statement": [s | {"NotPrincipal": "*"}]},
    "two actions": lambda s: {"Version": "2012-10-17", "Statement": [s | {"NotAction": "kms:Sign"}]},
    "number as action": lambda s: {"Version": "2012-10-17", "Statement": [s | {"Action": 1}]},
    "unknown operator": lambda s: {
        "Version": "2012-10-17",
        "Statement": [s, s | {"Condition": {"Like": {"aws:username": "x"}}}],
    },
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED)
def test_malformed_policies(account, kms, key, change):
    put_and_create_refuse(kms, key, json.dumps(change(allow(root(account)))))


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "nonsense"},
        {"AWS": "arn:aws:iam::{account}:group/g"},
        {"AWS": "arn:aws:iam::{account}:user/*"},
        {"AWS": "arn:aws:iam::123:root"},
        {"AWS": "arn:aws:iam::{account}:user/nobody"},
        {"AWS": "arn:aws:iam::{account}:role/nobody"},
        {"AWS": "arn:aws:sts::{account}:assumed-role/nobody/session"},
        {"AWS": "AIDAIOSFODNN7EXAMPLE2"},
        {"Federated": "arn:aws:iam::{account}:oidc-provider/nobody.example.com"},
    ],
    ids=str,
)
def test_invalid_principals(account, kms, key, principal):
    named = {kind: value.format(account=account.id) for kind, value in principal.items()}
    put_and_create_refuse(kms, key, document(allow(root(account)), allow(named)), BAD_PRINCIPAL)


LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."
LOCKING = {
    "no-put": lambda a: allow(root(a), "kms:Encrypt"),
    "other-account": lambda a: allow({"AWS": "arn:aws:iam::999999999999:root"}),
    "deny": lambda a: [allow(root(a)), allow(root(a), "kms:PutKeyPolicy", Effect="Deny")],
    "not-action": lambda a: {k: v for k, v in allow(root(a)).items() if k != "Action"} | {"NotAction": "kms:Put*"},
    "condition": lambda a: allow(root(a), Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}),
}


@pytest.mark.parametrize("statements", LOCKING.values(), ids=LOCKING)
def test_the_lockout_check(account, kms, key, statements):
    """A policy that shuts its author out is put with the bypass only, and then it does shut out, the root too."""
    statements = statements(account)
    policy = document(*(statements if isinstance(statements, list) else [statements]))
    put_and_create_refuse(kms, key, policy, LOCKED_OUT)
    kms.put_key_policy(KeyId=key.id, Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    text = re.compile(
        rf"User: {account.root_arn} is not authorized to perform: kms:PutKeyPolicy on resource: {key.arn} .*"
    )
    for bypass in ({}, {"BypassPolicyLockoutSafetyCheck": True}):
        refused(kms.put_key_policy, "AccessDeniedException", text, KeyId=key.id, Policy=key_policy(account), **bypass)
    kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)


def key_policy(account):
    return document(allow(root(account)))


def test_a_policy_over_the_quota(account, kms, key):
    policy = document(allow(root(account)), Id="x" * 32768)
    refused(kms.put_key_policy, "LimitExceededException", KeyId=key.id, Policy=policy)
    refused(kms.create_key, "LimitExceededException", Policy=policy)


def test_a_policy_just_under_the_quota(account, kms, key):
    policy = document(allow(root(account)))
    policy += " " * (32768 - len(policy))
    kms.put_key_policy(KeyId=key.id, Policy=policy)
    assert json.loads(kms.get_key_policy(KeyId=key.id)["Policy"]) == json.loads(policy)
