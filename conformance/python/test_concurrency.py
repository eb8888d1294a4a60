"""Many callers at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

THREADS = 16


@pytest.fixture
def together(account):
    """One client for many threads, as boto3 recommends, and the threads to use it from."""
    kms = account.client(config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}))
    with ThreadPoolExecutor(THREADS) as pool:
        yield kms, lambda work, items: list(pool.map(work, items))


def outcome(call, **request):
    try:
        call(**request)
        return "ok"
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_round_trips(key, together):
    kms, each = together

    def round_trip(number):
        text, context = f"text {number}".encode(), {"number": str(number)}
        blob = kms.encrypt(KeyId=key.alias, Plaintext=text, EncryptionContext=context)["CiphertextBlob"]
        return kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == text

    assert all(each(round_trip, range(400)))


def test_every_key_created_is_listed(together):
    kms, each = together
    created = each(lambda _: kms.create_key()["KeyMetadata"]["KeyId"], range(64))
    assert len(set(created)) == 64
    assert {k["KeyId"] for k in kms.list_keys()["Keys"]} == set(created)


def test_an_alias_name_goes_to_one(key, together):
    kms, each = together
    targets = each(lambda _: kms.create_key()["KeyMetadata"]["KeyId"], range(THREADS))
    outcomes = each(lambda id_: outcome(kms.create_alias, AliasName="alias/race", TargetKeyId=id_), targets)
    assert sorted(outcomes) == ["AlreadyExistsException"] * (THREADS - 1) + ["ok"]
    winner = targets[outcomes.index("ok")]
    assert kms.describe_key(KeyId="alias/race")["KeyMetadata"]["KeyId"] == winner


def test_no_tag_is_lost(key, together):
    kms, each = together
    each(lambda n: kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": f"k{n}", "TagValue": "v"}]), range(40))
    assert len(kms.list_resource_tags(KeyId=key.id)["Tags"]) == 40


def test_the_alias_quota_holds(key, together):
    kms, each = together
    each(lambda n: outcome(kms.create_alias, AliasName=f"alias/n{n}", TargetKeyId=key.id), range(60))
    assert len(kms.list_aliases(KeyId=key.id, Limit=100)["Aliases"]) == 50


def test_changes_and_uses_of_one_key(key, together):
    """Whatever the order, a caller sees the key either enabled or disabled; of a hot key's changes some may be throttled."""
    kms, each = together

    def step(number):
        calls = [
            lambda: outcome(kms.disable_key, KeyId=key.id),
            lambda: outcome(kms.enable_key, KeyId=key.id),
            lambda: outcome(kms.encrypt, KeyId=key.id, Plaintext=b"x"),
            lambda: outcome(kms.update_key_description, KeyId=key.id, Description=str(number)),
        ]
        return number % 4, calls[number % 4]()

    seen = set(each(step, range(400)))
    allowed = {(kind, code) for kind in (0, 1, 3) for code in ("ok", "ThrottlingException")}
    assert seen <= allowed | {(2, "ok"), (2, "DisabledException")}
    kms.enable_key(KeyId=key.id)
    assert kms.decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"


def test_a_change_is_seen_by_the_next_call(key, together):
    """Read your own writes, also through another connection."""
    kms, each = together
    for _ in range(10):
        kms.disable_key(KeyId=key.id)
        assert set(each(lambda _: outcome(kms.encrypt, KeyId=key.id, Plaintext=b"x"), range(THREADS))) == {
            "DisabledException"
        }
        kms.enable_key(KeyId=key.id)
        assert set(each(lambda _: outcome(kms.encrypt, KeyId=key.id, Plaintext=b"x"), range(THREADS))) == {"ok"}


@pytest.mark.many_accounts
def test_a_grant_that_is_revoked_lets_nobody_in_any_more(account, key, together):
    """Also through connections that have just used it."""
    kms, each = together
    grantee = account.user("grantee")
    clients = [grantee.client() for _ in range(THREADS)]
    encrypts = lambda client: outcome(client.encrypt, KeyId=key.id, Plaintext=b"x")
    for _ in range(5):
        grant = kms.create_grant(KeyId=key.id, GranteePrincipal=grantee.arn, Operations=["Encrypt"])["GrantId"]
        assert set(each(encrypts, clients)) == {"ok"}
        kms.revoke_grant(KeyId=key.id, GrantId=grant)
        assert set(each(encrypts, clients)) == {"AccessDeniedException"}


@pytest.mark.many_accounts
def test_a_name_of_a_user_and_of_a_grant_goes_to_one(account, key, together):
    kms, each = together
    iam = account.client(service="iam", config=Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}))
    outcomes = each(lambda _: outcome(iam.create_user, UserName="ann"), range(THREADS))
    assert sorted(outcomes) == ["EntityAlreadyExists"] * (THREADS - 1) + ["ok"]
    request = {"KeyId": key.id, "GranteePrincipal": account.id, "Operations": ["Encrypt"], "Name": "once"}
    assert len(set(each(lambda _: kms.create_grant(**request)["GrantId"], range(THREADS)))) == 1
    assert len(kms.list_grants(KeyId=key.id)["Grants"]) == 1
