"""Every operation in every state a key of this server can have."""

import pytest
from expect import payload, refused
from operations import OK, REFUSALS, ROWS, STATES, Key, settled

# The state in which an operation leaves a key, or that by the state it was in.
NEW_STATES = {
    "CancelKeyDeletion": "Disabled",
    "DeleteImportedKeyMaterial": {"Enabled": "PendingImport", "Disabled": "PendingImport"},
    "DisableKey": "Disabled",
    "EnableKey": "Enabled",
    "ImportKeyMaterial": {"PendingImport": "Enabled"},
    "ScheduleKeyDeletion": "PendingDeletion",
}
CASES = [
    pytest.param(row, state, outcome, id=f"{row}-{state}-{outcome.replace(' ', '-')}")
    for row in ROWS
    for state, outcome in zip(STATES, row.states)
]


@pytest.mark.parametrize("row, state, outcome", CASES)
def test_state(account, kms, row, state, outcome):
    key = Key.create(account, kms, state, row.kind)
    call, request = getattr(kms, row.method), row.request(key)
    if outcome == OK:
        call(**request)
        new = NEW_STATES.get(row.operation, state)
        assert settled(kms, key.id) == (new if isinstance(new, str) else new.get(state, state))
    else:
        code, text = REFUSALS[outcome]
        refused(call, code, text.format(arn=key.arn), **request)
        assert key.state == state


@pytest.mark.parametrize("state, outcome", zip(STATES[1:], ("disabled", "pending deletion", "pending import")))
@pytest.mark.parametrize("operation", ["Decrypt", "ReEncrypt"])
def test_a_ciphertext_alone_meets_the_state_of_its_key(account, kms, operation, state, outcome):
    key = Key.create(account, kms, state)
    code, text = REFUSALS[outcome]
    if operation == "Decrypt":
        refused(kms.decrypt, code, text.format(arn=key.arn), CiphertextBlob=key.blob)
    else:
        request = {"CiphertextBlob": key.blob, "DestinationKeyId": key.partner.id}
        refused(kms.re_encrypt, code, text.format(arn=key.arn), **request)


def test_an_alias_can_leave_a_key_that_is_pending_deletion(account, kms):
    key = Key.create(account, kms, "PendingDeletion")
    kms.update_alias(AliasName=key.alias, TargetKeyId=key.partner.id)
    assert kms.describe_key(KeyId=key.alias)["KeyMetadata"]["KeyId"] == key.partner.id


@pytest.mark.parametrize("before", ["Enabled", "Disabled"])
def test_deletion_and_its_cancelling(account, kms, before):
    key = Key.create(account, kms, before)
    scheduled = payload(kms.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=9))
    date = scheduled.pop("DeletionDate")
    assert scheduled == {"KeyId": key.arn, "KeyState": "PendingDeletion", "PendingWindowInDays": 9}
    metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"], metadata["DeletionDate"]) == ("PendingDeletion", False, date)
    assert "PendingDeletionWindowInDays" not in metadata

    assert payload(kms.cancel_key_deletion(KeyId=key.id)) == {"KeyId": key.arn}
    metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
    assert "DeletionDate" not in metadata

    kms.enable_key(KeyId=key.id)
    assert kms.decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"


@pytest.mark.parametrize("days", [7, 8, 30, None])
def test_deletion_windows(kms, key, days):
    request = {"KeyId": key.id} | ({"PendingWindowInDays": days} if days else {})
    response = kms.schedule_key_deletion(**request)
    ahead = response["DeletionDate"] - kms.describe_key(KeyId=key.id)["KeyMetadata"]["CreationDate"]
    assert response["PendingWindowInDays"] == (days or 30)
    assert 0 <= ahead.total_seconds() - (days or 30) * 86400 < 86400


@pytest.mark.parametrize("days", [1, 6, 31, 365])
def test_deletion_windows_that_only_the_model_allows_are_refused(kms, key, days):
    refused(kms.schedule_key_deletion, "ValidationException", KeyId=key.id, PendingWindowInDays=days)
    assert key.state == "Enabled"


def test_enable_and_disable_are_idempotent(kms, key):
    for _ in range(2):
        kms.disable_key(KeyId=key.id)
        assert key.state == "Disabled"
    for _ in range(2):
        kms.enable_key(KeyId=key.id)
        assert key.state == "Enabled"
