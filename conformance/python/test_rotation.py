"""Rotation, and what comes due by itself: a server of one's own lives through years in a moment (`kagiban clock advance`)."""

import os
import subprocess

import pytest
import subject
from callers import Account, new_account
from expect import refused
from operations import Key


def materials(kms, key):
    listed = kms.list_key_rotations(KeyId=key.id, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [rotation["KeyMaterialId"] for rotation in listed]


def test_rotation_on_demand_changes_the_material_and_nothing_else(kms, key):
    old = kms.encrypt(KeyId=key.id, Plaintext=b"old")["CiphertextBlob"]
    before = kms.decrypt(CiphertextBlob=old)["KeyMaterialId"]
    assert kms.rotate_key_on_demand(KeyId=key.id)["KeyId"].endswith(key.id)
    new = kms.generate_data_key(KeyId=key.id, KeySpec="AES_256")
    assert new["KeyMaterialId"] != before
    opened = kms.decrypt(CiphertextBlob=old)
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"old", before)
    assert kms.decrypt(CiphertextBlob=new["CiphertextBlob"])["Plaintext"] == new["Plaintext"]
    assert set(materials(kms, key)) == {before, new["KeyMaterialId"]}


def test_automatic_rotation_is_switched_on_and_off(kms, key):
    assert kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key.id)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert status["NextRotationDate"]
    refused(kms.enable_key_rotation, "ValidationException", KeyId=key.id, RotationPeriodInDays=89)
    kms.disable_key_rotation(KeyId=key.id)
    assert kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"] is False


@pytest.mark.own_server
def test_years_go_by(server, region):
    server.start()
    operator = Account(server.endpoint, "000000000000", "test", "test", region)
    account = new_account(server.endpoint, region)
    kms = account.client()

    def advance(time):
        command = [subject.binary(), "clock", "advance", time]
        variables = {**os.environ, **operator.variables}
        subprocess.run(command, check=True, capture_output=True, env=variables, timeout=60)

    rotated, deleted, kept = (Key.create(account, kms) for _ in range(3))
    blob = kms.encrypt(KeyId=rotated.id, Plaintext=b"old")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=rotated.id)
    kms.create_alias(AliasName="alias/goes", TargetKeyId=deleted.id)
    kms.schedule_key_deletion(KeyId=deleted.id, PendingWindowInDays=7)
    kms.schedule_key_deletion(KeyId=kept.id, PendingWindowInDays=30)
    advance("8d")
    refused(kms.describe_key, "NotFoundException", KeyId=deleted.id)
    refused(kms.describe_key, "NotFoundException", KeyId="alias/goes")
    kms.cancel_key_deletion(KeyId=kept.id)
    advance("400d")
    assert kms.describe_key(KeyId=kept.id)["KeyMetadata"]["KeyState"] == "Disabled"
    assert len(materials(kms, rotated)) == 2
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"old"
