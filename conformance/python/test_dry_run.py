"""DryRun: never does the work, and tells whether it would have been done."""

import pytest
from expect import UNKNOWN_ID, refused
from operations import OK, REFUSALS, ROWS, STATES, Key
from test_limits import MODEL

WOULD = "The request would have succeeded, but the DryRun option is set."
DRY = [row for row in ROWS if "DryRun" in MODEL.operation_model(row.operation).input_shape.members]
CASES = [
    pytest.param(row, state, outcome, id=f"{row}-{state}") for row in DRY for state, outcome in zip(STATES, row.states)
]


@pytest.mark.parametrize("row, state, outcome", CASES)
def test_dry_run_in_each_state(account, kms, row, state, outcome):
    key = Key.create(account, kms, state, row.kind)
    code, text = ("DryRunOperationException", WOULD) if outcome == OK else REFUSALS[outcome]
    refused(getattr(kms, row.method), code, text.format(arn=key.arn), DryRun=True, **row.request(key))


@pytest.mark.parametrize("row", DRY, ids=str)
def test_dry_run_false_does_the_work(account, kms, row):
    key = Key.create(account, kms, kind=row.kind)
    getattr(kms, row.method)(DryRun=False, **row.request(key))


@pytest.mark.parametrize("row", DRY, ids=str)
def test_the_real_error_comes_first(shared_keys, row):
    key = shared_keys(row.kind)
    request = {**row.request(key), row.member: UNKNOWN_ID}
    refused(getattr(key.client, row.method), "NotFoundException", DryRun=True, **request)


def test_a_bad_ciphertext_is_told_by_a_dry_run(shared_key):
    kms = shared_key.client
    refused(kms.decrypt, "InvalidCiphertextException", CiphertextBlob=b"nonsense", DryRun=True)
    request = {"CiphertextBlob": shared_key.blob, "EncryptionContext": {"a": "b"}, "DryRun": True}
    refused(kms.decrypt, "InvalidCiphertextException", **request)


def test_ignoring_the_ciphertext(shared_key):
    """Without a ciphertext only a dry run with the modifier and a key id can be asked."""
    kms, id_ = shared_key.client, shared_key.id
    refused(
        kms.decrypt, "DryRunOperationException", WOULD, KeyId=id_, DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"]
    )
    refused(kms.decrypt, "ValidationException", DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"])
    refused(kms.decrypt, "ValidationException", KeyId=id_, DryRun=True)
    refused(kms.decrypt, "ValidationException", KeyId=id_, DryRunModifiers=["IGNORE_CIPHERTEXT"])
    request = {"SourceKeyId": id_, "DestinationKeyId": id_, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    refused(kms.re_encrypt, "DryRunOperationException", WOULD, DryRun=True, **request)
    refused(kms.re_encrypt, "ValidationException", **request)
