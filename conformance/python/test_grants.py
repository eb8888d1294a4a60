"""Grants: what they allow, to whom, under which conditions; how they are listed, retired and revoked."""

import pytest
from callers import allow, document
from expect import UNKNOWN_ID, payload, refused, refused_on_wire

pytestmark = pytest.mark.many_accounts

USE = ["Encrypt", "Decrypt", "DescribeKey"]


@pytest.fixture
def grantee(account):
    """A user whom no policy lets do anything."""
    return account.user("grantee")


def grants_of(kms, key, **more):
    return kms.list_grants(KeyId=key.id, **more)["Grants"]


def test_a_grant_lets_use_and_no_more_until_it_is_revoked(account, kms, key, grantee):
    use = grantee.client()
    refused(use.encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
    made = payload(kms.create_grant(KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt", "Decrypt"]))
    assert set(made) == {"GrantId", "GrantToken"}
    assert len(made["GrantId"]) == 64 and set(made["GrantId"]) <= set("0123456789abcdef")
    blob = use.encrypt(KeyId=key.id, Plaintext=b"x")["CiphertextBlob"]  # at once: the token is not needed here
    assert use.decrypt(CiphertextBlob=blob, GrantTokens=[made["GrantToken"]])["Plaintext"] == b"x"
    refused(use.describe_key, "AccessDeniedException", KeyId=key.id)
    assert payload(kms.revoke_grant(KeyId=key.id, GrantId=made["GrantId"])) == {}
    refused(use.encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")
    stale = {"CiphertextBlob": blob, "GrantTokens": [made["GrantToken"]]}
    refused(use.decrypt, ("InvalidGrantTokenException", "AccessDeniedException"), **stale)
    refused(kms.decrypt, "InvalidGrantTokenException", **stale)
    refused(kms.revoke_grant, ("NotFoundException", "InvalidGrantIdException"), KeyId=key.id, GrantId=made["GrantId"])


def test_how_grants_are_listed(account, kms, key, grantee):
    constraints = {"EncryptionContextSubset": {"app": "shop"}}
    made = kms.create_grant(
        KeyId=key.arn,
        GranteePrincipal=grantee.arn,
        RetiringPrincipal=account.root_arn,
        Operations=USE,
        Constraints=constraints,
        Name="shop/1",
    )
    (entry,) = grants_of(kms, key)
    assert (
        abs(
            entry.pop("CreationDate").timestamp()
            - kms.describe_key(KeyId=key.id)["KeyMetadata"]["CreationDate"].timestamp()
        )
        < 60
    )
    assert entry == {
        "KeyId": key.arn,
        "GrantId": made["GrantId"],
        "Name": "shop/1",
        "GranteePrincipal": grantee.arn,
        "RetiringPrincipal": account.root_arn,
        "IssuingAccount": account.root_arn,
        "Operations": USE,
        "Constraints": constraints,
    }
    other = kms.create_grant(KeyId=key.id, GranteePrincipal=account.id, Operations=["Decrypt"])["GrantId"]
    assert [g["GrantId"] for g in grants_of(kms, key, GrantId=other)] == [other]
    assert [g["GrantId"] for g in grants_of(kms, key, GranteePrincipal=grantee.arn)] == [made["GrantId"]]
    assert [g["GrantId"] for g in kms.list_retirable_grants(RetiringPrincipal=account.root_arn)["Grants"]] == [
        made["GrantId"]
    ]


def test_a_name_makes_a_retry_harmless(account, kms, key, grantee):
    request = {"KeyId": key.id, "GranteePrincipal": grantee.arn, "Operations": ["Encrypt"]}
    first = kms.create_grant(**request, Name="once")
    again = kms.create_grant(**request, Name="once")
    assert first["GrantId"] == again["GrantId"] and first["GrantToken"] != again["GrantToken"]
    assert kms.create_grant(**request)["GrantId"] != kms.create_grant(**request)["GrantId"]
    assert kms.create_grant(**{**request, "Operations": ["Decrypt"]}, Name="once")["GrantId"] != first["GrantId"]
    assert len(grants_of(kms, key)) == 4


@pytest.mark.parametrize(
    "constraints, good, bad",
    [
        ({"EncryptionContextEquals": {"a": "1"}}, [{"a": "1"}], [{}, {"a": "2"}, {"a": "1", "b": "2"}]),
        ({"EncryptionContextSubset": {"a": "1"}}, [{"a": "1"}, {"a": "1", "b": "2"}], [{}, {"a": "2"}, {"b": "2"}]),
    ],
    ids=["equals", "subset"],
)
def test_constraints(kms, key, grantee, constraints, good, bad):
    kms.create_grant(
        KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt", "DescribeKey"], Constraints=constraints
    )
    use = grantee.client()
    use.describe_key(KeyId=key.id)  # has no context to look at
    for context in good:
        use.encrypt(KeyId=key.id, Plaintext=b"x", EncryptionContext=context)
    for context in bad:
        refused(use.encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x", EncryptionContext=context)


def test_who_retires(account, kms, key, grantee):
    retiring, stranger = account.user("retiring"), account.user("stranger")
    request = {"KeyId": key.id, "GranteePrincipal": grantee.arn, "Operations": ["Encrypt"]}
    by_id = kms.create_grant(**request, RetiringPrincipal=retiring.arn)
    by_token = kms.create_grant(**request, RetiringPrincipal=retiring.arn)
    own = kms.create_grant(**{**request, "Operations": ["Encrypt", "RetireGrant"]})
    named = {"KeyId": key.arn, "GrantId": by_id["GrantId"]}
    refused(stranger.client().retire_grant, "AccessDeniedException", **named)
    refused(grantee.client().retire_grant, "AccessDeniedException", **named)
    refused(retiring.client().revoke_grant, "AccessDeniedException", **named)
    retiring.client().retire_grant(**named)
    retiring.client().retire_grant(GrantToken=by_token["GrantToken"])
    grantee.client().retire_grant(KeyId=key.arn, GrantId=own["GrantId"])
    assert grants_of(kms, key) == []
    refused(retiring.client().retire_grant, "InvalidGrantTokenException", GrantToken="nonsense")


def test_a_grantee_hands_on_no_more_than_it_has(account, kms, key, grantee):
    child = account.user("child")
    context = {"EncryptionContextSubset": {"app": "shop"}}
    kms.create_grant(
        KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt", "CreateGrant"], Constraints=context
    )
    make = grantee.client().create_grant
    request = {"KeyId": key.id, "GranteePrincipal": child.arn}
    refused(make, "AccessDeniedException", **request, Operations=["Decrypt"], Constraints=context)
    refused(make, "AccessDeniedException", **request, Operations=["Encrypt"])
    wider = {"EncryptionContextSubset": {"other": "shop"}}
    refused(make, "AccessDeniedException", **request, Operations=["Encrypt"], Constraints=wider)
    narrower = {"EncryptionContextSubset": {"app": "shop", "tenant": "1"}}
    make(**request, Operations=["Encrypt"], Constraints=narrower)
    use = child.client().encrypt
    use(KeyId=key.id, Plaintext=b"x", EncryptionContext={"app": "shop", "tenant": "1"})
    refused(use, "AccessDeniedException", KeyId=key.id, Plaintext=b"x", EncryptionContext={"app": "shop"})


def test_a_grant_across_accounts(account, other_account, kms, key):
    """It names a user, who needs no policy then; or an account, whose policies decide."""
    ann, ben = other_account.user("ann"), other_account.user("ben", allow("kms:Encrypt"))
    encrypt = lambda who: {"call": who.client().encrypt, "KeyId": key.arn, "Plaintext": b"x"}
    for who in (ann, ben):
        request = encrypt(who)
        refused(request.pop("call"), "AccessDeniedException", **request)
    kms.create_grant(KeyId=key.id, GranteePrincipal=ann.arn, Operations=["Encrypt"])
    ann.client().encrypt(KeyId=key.arn, Plaintext=b"x")
    refused(ben.client().encrypt, "AccessDeniedException", KeyId=key.arn, Plaintext=b"x")
    kms.create_grant(KeyId=key.id, GranteePrincipal=other_account.root_arn, Operations=["Encrypt"])
    ben.client().encrypt(KeyId=key.arn, Plaintext=b"x")


def test_a_deny_is_stronger_than_a_grant(account, iam, kms, key, grantee):
    kms.create_grant(KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt"])
    grantee.client().encrypt(KeyId=key.id, Plaintext=b"x")
    deny = document({**allow("kms:Encrypt"), "Effect": "Deny"})
    iam.put_user_policy(UserName="grantee", PolicyName="deny", PolicyDocument=deny)
    refused(grantee.client().encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x")


def test_whoever_makes_grants_is_held_by_conditions(account, key, grantee):
    condition = {
        "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]},
        "StringEquals": {"kms:GranteePrincipal": grantee.arn},
    }
    maker = account.user("maker", allow("kms:CreateGrant", condition=condition)).client()
    maker.create_grant(KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt"])
    for change in ({"Operations": ["Encrypt", "Decrypt"]}, {"GranteePrincipal": account.root_arn}):
        request = {"GranteePrincipal": grantee.arn, "Operations": ["Encrypt"], **change}
        refused(maker.create_grant, "AccessDeniedException", KeyId=key.id, **request)


BAD = {
    "no-grantee": ({"Operations": USE}, "ValidationException"),
    "no-operation": ({"GranteePrincipal": "{account}", "Operations": []}, "ValidationException"),
    "unfit-operation": ({"GranteePrincipal": "{account}", "Operations": ["Sign"]}, "ValidationException"),
    "nobody": ({"GranteePrincipal": "arn:aws:iam::{account}:user/nobody", "Operations": USE}, "InvalidArnException"),
    "wildcard": ({"GranteePrincipal": "arn:aws:iam::{account}:user/*", "Operations": USE}, "ValidationException"),
    "service": (
        {"GranteeServicePrincipal": "s3.amazonaws.com", "Operations": USE},
        ("ValidationException", "AccessDeniedException"),
    ),
}


@pytest.mark.parametrize("request_, code", BAD.values(), ids=BAD)
def test_grants_that_are_none(account, kms, key, request_, code):
    named = {k: v.format(account=account.id) if isinstance(v, str) else v for k, v in request_.items()}
    refused(kms.create_grant, code, KeyId=key.id, **named)
    assert grants_of(kms, key) == []


def test_ids_and_tokens_that_are_none(account, kms, key):
    refused(kms.revoke_grant, ("InvalidGrantIdException", "NotFoundException"), KeyId=key.id, GrantId="f" * 64)
    refused(kms.revoke_grant, "InvalidGrantIdException", KeyId=key.id, GrantId="nonsense")
    refused(kms.retire_grant, "ValidationException")
    refused(kms.retire_grant, "NotFoundException", KeyId=UNKNOWN_ID, GrantId="f" * 64)
    refused_on_wire(account.post("RetireGrant", {"KeyId": key.id}), "ValidationException")


def test_pages(kms, key, grantee):
    made = {
        kms.create_grant(
            KeyId=key.id, GranteePrincipal=grantee.arn, RetiringPrincipal=grantee.arn, Operations=["Encrypt"]
        )["GrantId"]
        for _ in range(7)
    }
    for name, call in (
        ("list_grants", {"KeyId": key.id}),
        ("list_retirable_grants", {"RetiringPrincipal": grantee.arn}),
    ):
        pages = list(kms.get_paginator(name).paginate(**call, PaginationConfig={"PageSize": 3}))
        assert [len(page["Grants"]) for page in pages] == [3, 3, 1]
        assert {g["GrantId"] for page in pages for g in page["Grants"]} == made
    refused(kms.list_grants, "InvalidMarkerException", KeyId=key.id, Marker="nonsense")
    refused(kms.list_grants, "ValidationException", KeyId=key.id, Limit=1001)
