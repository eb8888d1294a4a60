"""Accounts and Regions are apart: nobody acts on the keys of others unless let in, and each Region has its own."""

import json
import re

import pytest
from callers import new_account
from expect import UNKNOWN_ID, refused
from operations import ROWS, Key

pytestmark = pytest.mark.many_accounts
KEYED = [row for row in ROWS if row.member]


@pytest.fixture(scope="module")
def strangers_key(endpoint, region):
    account = new_account(endpoint, region)
    return Key.create(account, account.client())


DENIED = "User: {caller} is not authorized to perform: kms:{action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
ACTIONS = {"SourceKeyId": "ReEncryptFrom", "DestinationKeyId": "ReEncryptTo"}


@pytest.mark.parametrize("row", KEYED, ids=str)
@pytest.mark.parametrize("exists", [True, False], ids=["existing", "missing"])
def test_a_key_of_another_account(shared_keys, strangers_key, row, exists):
    """Whether the other account has such a key must not show."""
    arn = strangers_key.arn if exists else strangers_key.account.key_arn(UNKNOWN_ID)
    action = ACTIONS.get(row.member, row.operation)
    text = DENIED.format(caller=shared_keys(row.kind).account.root_arn, action=action)
    if row.operation == "ListAliases":
        codes, text = ("AccessDeniedException", "InvalidArnException", "NotFoundException"), None
    else:
        codes = "AccessDeniedException"
    request = {**row.request(shared_keys(row.kind)), row.member: arn}
    message = refused(getattr(shared_keys(row.kind).client, row.method), codes, text, **request)
    assert strangers_key.id not in message


@pytest.mark.parametrize("row", [r for r in KEYED if r.alias_allowed], ids=str)
@pytest.mark.parametrize("exists", [True, False], ids=["existing", "missing"])
def test_an_alias_of_another_account(shared_keys, strangers_key, row, exists):
    arn = strangers_key.alias_arn if exists else strangers_key.account.alias_arn("alias/nobody")
    request = {**row.request(shared_keys(row.kind)), row.member: arn}
    message = refused(getattr(shared_keys(row.kind).client, row.method), "AccessDeniedException", **request)
    assert strangers_key.id not in message


@pytest.mark.parametrize("row", KEYED, ids=str)
def test_an_id_is_looked_for_in_the_callers_account(shared_keys, strangers_key, row):
    arn = shared_keys(row.kind).account.key_arn(strangers_key.id)
    request = {**row.request(shared_keys(row.kind)), row.member: strangers_key.id}
    refused(
        getattr(shared_keys(row.kind).client, row.method), "NotFoundException", f"Key '{arn}' does not exist", **request
    )


FOREIGN_BLOB = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access."


def test_a_ciphertext_of_another_account(shared_key, strangers_key):
    kms = shared_key.client
    refused(kms.decrypt, "AccessDeniedException", FOREIGN_BLOB, CiphertextBlob=strangers_key.blob)
    request = {"CiphertextBlob": strangers_key.blob, "DestinationKeyId": shared_key.id}
    refused(kms.re_encrypt, "AccessDeniedException", FOREIGN_BLOB, **request)


def test_a_ciphertext_of_another_account_under_a_key_of_ours(shared_key, strangers_key):
    codes = ("IncorrectKeyException", "AccessDeniedException")
    refused(shared_key.client.decrypt, codes, CiphertextBlob=strangers_key.blob, KeyId=shared_key.id)


def test_lists_show_only_the_callers_own(account, kms, strangers_key, key):
    assert [k["KeyId"] for k in kms.list_keys()["Keys"]] == [key.id]
    assert [a["AliasName"] for a in kms.list_aliases()["Aliases"]] == [key.alias]


def test_accounts_may_use_the_same_alias_name(account, other_account):
    for mine in (account, other_account):
        kms = mine.client()
        kms.create_alias(AliasName="alias/same", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    ids = {
        a.id: a.client().describe_key(KeyId="alias/same")["KeyMetadata"]["AWSAccountId"]
        for a in (account, other_account)
    }
    assert all(number == owner for number, owner in ids.items())


def test_a_region_of_its_own(account, kms, key):
    there = account.client(region="eu-central-1")
    assert there.list_keys()["Keys"] == []
    refused(
        there.describe_key,
        "NotFoundException",
        f"Key '{account.key_arn(key.id, 'eu-central-1')}' does not exist",
        KeyId=key.id,
    )
    refused(there.describe_key, "NotFoundException", KeyId=key.alias)
    refused(there.encrypt, ("NotFoundException", "InvalidArnException"), KeyId=key.arn, Plaintext=b"x")
    made = there.create_key()["KeyMetadata"]
    assert made["Arn"] == account.key_arn(made["KeyId"], region="eu-central-1")


def test_a_ciphertext_of_another_region(account, kms, key):
    there = account.client(region="eu-central-1")
    refused(there.decrypt, "AccessDeniedException", FOREIGN_BLOB, CiphertextBlob=key.blob)


@pytest.mark.parametrize(
    "region, partition", [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("il-central-1", "aws")]
)
def test_partitions_follow_the_region(account, region, partition):
    arn = account.client(region=region).create_key()["KeyMetadata"]["Arn"]
    assert re.fullmatch(rf"arn:{partition}:kms:{region}:{account.id}:key/[0-9a-f-]{{36}}", arn)


def test_a_policy_opens_a_key_to_another_account_and_closes_it_again(account, kms, key, other_account):
    there, before = other_account.client(), key.policy
    for everybody in ("*", other_account.root_arn, other_account.id):
        statement = {"Effect": "Allow", "Principal": {"AWS": everybody}, "Action": "kms:Encrypt", "Resource": "*"}
        opened = json.loads(before)
        opened["Statement"].append(statement)
        kms.put_key_policy(KeyId=key.id, Policy=json.dumps(opened))
        sealed = there.encrypt(KeyId=key.arn, Plaintext=b"x")
        assert sealed["KeyId"] == key.arn
        refused(there.decrypt, "AccessDeniedException", FOREIGN_BLOB, CiphertextBlob=sealed["CiphertextBlob"])
        refused(there.describe_key, "AccessDeniedException", KeyId=key.arn)
        kms.put_key_policy(KeyId=key.id, Policy=before)
        refused(there.encrypt, "AccessDeniedException", KeyId=key.arn, Plaintext=b"x")
