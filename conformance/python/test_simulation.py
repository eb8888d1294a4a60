"""SimulatePrincipalPolicy and SimulateCustomPolicy: what would be decided, of requests that nobody has made."""

import pytest
from callers import allow, deny, document
from expect import UNKNOWN_ID, refused, refused_by_query

pytestmark = pytest.mark.many_accounts


@pytest.fixture
def key_arn(account):
    """Of a key of the account, that need not exist."""
    return account.key_arn(UNKNOWN_ID)


def decisions(answer):
    return {(r["EvalActionName"], r["EvalResourceName"]): r["EvalDecision"] for r in answer["EvaluationResults"]}


def test_of_a_user_the_answer_is_what_happens(account, iam, key):
    ann = account.user("ann", allow(["kms:Encrypt", "kms:Decrypt"], key.arn), deny("kms:Decrypt", key.arn))
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]
    answer = iam.simulate_principal_policy(PolicySourceArn=ann.arn, ActionNames=actions, ResourceArns=[key.arn])
    assert decisions(answer) == {
        ("kms:Encrypt", key.arn): "allowed",
        ("kms:Decrypt", key.arn): "explicitDeny",
        ("kms:DescribeKey", key.arn): "implicitDeny",
    }
    use = ann.client()
    use.encrypt(KeyId=key.id, Plaintext=b"x")
    refused(use.decrypt, "AccessDeniedException", CiphertextBlob=key.blob)
    refused(use.describe_key, "AccessDeniedException", KeyId=key.id)
    more = document(allow("kms:DescribeKey"))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ann.arn, ActionNames=["kms:DescribeKey"], ResourceArns=[key.arn], PolicyInputList=[more]
    )
    assert decisions(answer) == {("kms:DescribeKey", key.arn): "allowed"}
    refused_by_query(
        iam.simulate_principal_policy,
        404,
        "NoSuchEntity",
        PolicySourceArn=ann.arn.replace("user/ann", "user/nobody"),
        ActionNames=actions,
    )


def test_conditions_take_the_values_that_are_given(iam, key_arn):
    policy = document(allow("kms:Encrypt", condition={"StringEquals": {"kms:EncryptionContext:app": "shop"}}))
    call = {"PolicyInputList": [policy], "ActionNames": ["kms:Encrypt"], "ResourceArns": [key_arn]}
    context = lambda value: [
        {"ContextKeyName": "kms:EncryptionContext:app", "ContextKeyValues": [value], "ContextKeyType": "string"}
    ]
    (bare,) = iam.simulate_custom_policy(**call)["EvaluationResults"]
    assert bare["EvalDecision"] == "implicitDeny"
    (found,) = bare["ResourceSpecificResults"]
    assert found["MissingContextValues"] == ["kms:EncryptionContext:app"]
    for value, decision in (("shop", "allowed"), ("other", "implicitDeny")):
        answer = iam.simulate_custom_policy(**call, ContextEntries=context(value))
        assert decisions(answer) == {("kms:Encrypt", key_arn): decision}
    keys = iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])["ContextKeyNames"]
    assert keys == ["kms:EncryptionContext:app"]


def test_the_statement_that_decided_is_shown(iam):
    policy = document(allow("kms:*"), deny("kms:Sch*"))
    (result,) = iam.simulate_custom_policy(PolicyInputList=[policy], ActionNames=["kms:ScheduleKeyDeletion"])[
        "EvaluationResults"
    ]
    assert result["EvalDecision"] == "explicitDeny"
    (statement,) = result["MatchedStatements"]
    at = statement["StartPosition"], statement["EndPosition"]
    assert statement["SourcePolicyId"] and at[0]["Line"] == at[1]["Line"] == 1
    assert '"Deny"' in policy[at[0]["Column"] - 1 : at[1]["Column"]]


def test_a_boundary_and_a_key_policy_take_part(account, iam, key_arn):
    all_, little = document(allow("kms:*")), document(allow("kms:Encrypt"))
    call = {"PolicyInputList": [all_], "ActionNames": ["kms:Encrypt", "kms:Decrypt"], "ResourceArns": [key_arn]}
    limited = iam.simulate_custom_policy(**call, PermissionsBoundaryPolicyInputList=[little])
    assert decisions(limited) == {("kms:Encrypt", key_arn): "allowed", ("kms:Decrypt", key_arn): "implicitDeny"}
    closed = document(deny("kms:Encrypt", Principal="*"), allow("kms:*", Principal={"AWS": account.id}))
    caller = {"CallerArn": account.root_arn.replace("root", "user/ann"), "ResourceOwner": account.root_arn}
    answer = iam.simulate_custom_policy(**call, ResourcePolicy=closed, **caller)
    assert decisions(answer) == {("kms:Encrypt", key_arn): "explicitDeny", ("kms:Decrypt", key_arn): "allowed"}


def test_pages(iam):
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:Sign", "kms:Verify", "kms:ListKeys"]
    call = {"PolicyInputList": [document(allow("kms:*"))], "ActionNames": actions}
    pages = list(iam.get_paginator("simulate_custom_policy").paginate(**call, PaginationConfig={"PageSize": 2}))
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 2, 1]
    assert [r["EvalActionName"] for page in pages for r in page["EvaluationResults"]] == actions


@pytest.mark.parametrize(
    "change",
    [
        {"PolicyInputList": ["{"]},
        {"ActionNames": ["Encrypt"]},
        {"ResourceArns": ["nonsense"]},
        {"ContextEntries": [{"ContextKeyName": "a:b", "ContextKeyValues": ["x"], "ContextKeyType": "numeric"}]},
    ],
    ids=["policy", "action", "resource", "value"],
)
def test_what_cannot_be_simulated(iam, change):
    call = {"PolicyInputList": [document(allow("*"))], "ActionNames": ["kms:Encrypt"], **change}
    refused_by_query(iam.simulate_custom_policy, 400, ("InvalidInput", "ValidationError"), **call)
