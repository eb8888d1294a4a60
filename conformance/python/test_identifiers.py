"""The four identifier forms, and what is no identifier of a key."""

import re

import pytest
from expect import UNKNOWN_ID, payload, refused
from operations import ROWS, Key

KEYED = [row for row in ROWS if row.member]
BY_NAME = [row for row in KEYED if row.alias_allowed]
BY_ID_ONLY = [row for row in KEYED if not row.alias_allowed]


def ids(rows):
    return [str(row) for row in rows]


@pytest.fixture
def usable(account, kms):
    """A key on which each operation can succeed in turn: CancelKeyDeletion needs another state than the others."""
    return lambda row: Key.create(account, kms, row.working_state, row.kind)


def accepts(kms, row, key, identifier):
    response = payload(getattr(kms, row.method)(**{**row.request(key), row.member: identifier}))
    if row.answered_in:
        for name in row.answered_in.split("."):
            response = response[name]
        assert response == key.arn


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
def test_id_is_taken(kms, usable, row):
    key = usable(row)
    accepts(kms, row, key, key.id)


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
def test_key_arn_is_taken(kms, usable, row):
    key = usable(row)
    accepts(kms, row, key, key.arn)


@pytest.mark.parametrize("row", BY_NAME, ids=ids(BY_NAME))
def test_alias_name_is_taken(kms, usable, row):
    key = usable(row)
    accepts(kms, row, key, key.alias)


@pytest.mark.parametrize("row", BY_NAME, ids=ids(BY_NAME))
def test_alias_arn_is_taken(kms, usable, row):
    key = usable(row)
    accepts(kms, row, key, key.alias_arn)


def refuses(row, keys, identifier, code, text=None):
    key = keys(row.kind)
    request = {**row.request(key), row.member: identifier}
    return refused(getattr(key.client, row.method), code, text, **request)


@pytest.mark.parametrize("row", BY_ID_ONLY, ids=ids(BY_ID_ONLY))
@pytest.mark.parametrize("form", ["name", "ARN"])
def test_alias_is_refused(shared_keys, row, form):
    alias = shared_keys(row.kind).alias if form == "name" else shared_keys(row.kind).alias_arn
    if row.member == "TargetKeyId":  # these two operations do not declare InvalidArnException
        refuses(row, shared_keys, alias, "ValidationException", "Aliases must refer to keys. Not aliases")
    else:
        refuses(row, shared_keys, alias, "InvalidArnException", "Key Aliases are not supported for this operation.")


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
def test_unknown_key_id(shared_keys, row):
    arn = shared_keys(row.kind).account.key_arn(UNKNOWN_ID)
    refuses(row, shared_keys, UNKNOWN_ID, "NotFoundException", f"Key '{arn}' does not exist")


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
def test_unknown_key_arn(shared_keys, row):
    arn = shared_keys(row.kind).account.key_arn(UNKNOWN_ID)
    refuses(row, shared_keys, arn, "NotFoundException", f"Key '{arn}' does not exist")


@pytest.mark.parametrize("row", BY_NAME, ids=ids(BY_NAME))
@pytest.mark.parametrize("form", ["name", "ARN"])
def test_unknown_alias(shared_keys, row, form):
    arn = shared_keys(row.kind).account.alias_arn("alias/nobody")
    refuses(
        row, shared_keys, "alias/nobody" if form == "name" else arn, "NotFoundException", f"Alias {arn} is not found."
    )


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "1234",
        "key/11111111-2222-4333-8444-555555555555",
        "11111111-2222-4333-8444-55555555555G",
        "schlüssel",
    ],
)
def test_no_identifier_at_all(shared_keys, row, text):
    refuses(row, shared_keys, text, "NotFoundException", f"Invalid keyId '{text}'")


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
@pytest.mark.parametrize(
    "form",
    [
        "arn:aws:kms:{region}:{account}",
        "arn:aws:kms:{region}:{account}:",
        "arn:aws:kms:{region}:{account}:key/",
        "arn:aws:kms:{region}:{account}:key/nonsense",
        "arn:aws:kms:{region}:{account}:grant/{id}",
        "arn:aws:kms:{region}::key/{id}",
        "arn:aws:kms:{region}:12345:key/{id}",
        "arn:aws:kms::{account}:key/{id}",
        "arn:aws:s3:{region}:{account}:key/{id}",
        "arn:other:kms:{region}:{account}:key/{id}",
        "arn:",
    ],
)
def test_malformed_arn(shared_keys, row, form):
    account = shared_keys(row.kind).account
    arn = form.format(region=account.region, account=account.id, id=shared_keys(row.kind).id)
    refuses(row, shared_keys, arn, ("InvalidArnException", "NotFoundException"))


@pytest.mark.parametrize("row", KEYED, ids=ids(KEYED))
def test_arn_of_another_region(shared_keys, row):
    arn = shared_keys(row.kind).account.key_arn(shared_keys(row.kind).id, region="eu-south-2")
    refuses(row, shared_keys, arn, "NotFoundException", "Invalid arn eu-south-2")


def test_ids_are_case_sensitive(shared_key):
    refused(shared_key.client.describe_key, "NotFoundException", KeyId=shared_key.id.upper())
    refused(shared_key.client.describe_key, "NotFoundException", KeyId=shared_key.alias.upper())


def test_reserved_alias_without_a_key(shared_key):
    refused(
        shared_key.client.encrypt,
        "NotFoundException",
        re.compile("Alias .* is not found."),
        KeyId="alias/aws/nosuch",
        Plaintext=b"x",
    )
