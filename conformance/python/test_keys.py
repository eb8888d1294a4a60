"""CreateKey, DescribeKey, UpdateKeyDescription: KeyMetadata field for field."""

import datetime
import json

import pytest
from expect import MATERIAL_ID, UUID, payload, refused


def expected_metadata(account, metadata, **changes):
    """The metadata of a plain symmetric key, with what no test can foresee taken from the answer."""
    key_id = metadata["KeyId"]
    return {
        "AWSAccountId": account.id,
        "KeyId": key_id,
        "Arn": account.key_arn(key_id),
        "CreationDate": metadata["CreationDate"],
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
        "CurrentKeyMaterialId": metadata["CurrentKeyMaterialId"],
    } | changes


def test_defaults_field_for_field(account, kms):
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=2)
    metadata = kms.create_key()["KeyMetadata"]
    assert metadata == expected_metadata(account, metadata)
    assert UUID.fullmatch(metadata["KeyId"])
    assert MATERIAL_ID.fullmatch(metadata["CurrentKeyMaterialId"])
    assert before <= metadata["CreationDate"] <= before + datetime.timedelta(seconds=60)
    assert kms.describe_key(KeyId=metadata["KeyId"])["KeyMetadata"] == metadata


@pytest.mark.parametrize(
    "request_, changes",
    [
        ({"Description": "a description"}, {"Description": "a description"}),
        (
            {"Description": "Schlüssel \u2603 \U0001f511 \"'\\\n"},
            {"Description": "Schlüssel \u2603 \U0001f511 \"'\\\n"},
        ),
        ({"KeyUsage": "ENCRYPT_DECRYPT"}, {}),
        ({"KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "MultiRegion": False}, {}),
        ({"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}, {}),
        ({"Tags": [{"TagKey": "a", "TagValue": "b"}]}, {}),
        ({"BypassPolicyLockoutSafetyCheck": True}, {}),
    ],
    ids=str,
)
def test_parameters_show_in_the_metadata(account, kms, request_, changes):
    metadata = kms.create_key(**request_)["KeyMetadata"]
    assert metadata == expected_metadata(account, metadata, **changes)
    assert kms.describe_key(KeyId=metadata["Arn"])["KeyMetadata"] == metadata


def test_disabled_key_field_for_field(account, kms, key):
    kms.disable_key(KeyId=key.id)
    metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert metadata == expected_metadata(account, metadata, Enabled=False, KeyState="Disabled")


def test_key_pending_deletion_field_for_field(account, kms, key):
    date = kms.schedule_key_deletion(KeyId=key.id)["DeletionDate"]
    metadata = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert metadata == expected_metadata(
        account, metadata, Enabled=False, KeyState="PendingDeletion", DeletionDate=date
    )


def test_keys_differ_in_id_and_material(kms):
    keys = [kms.create_key()["KeyMetadata"] for _ in range(5)]
    assert len({k["KeyId"] for k in keys}) == len({k["CurrentKeyMaterialId"] for k in keys}) == 5


def test_tags_and_policy_given_at_creation_are_there(account, kms):
    statement = {
        "Sid": "all",
        "Effect": "Allow",
        "Principal": {"AWS": account.root_arn},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    key_id = kms.create_key(Policy=policy, Tags=[{"TagKey": "team", "TagValue": ""}])["KeyMetadata"]["KeyId"]
    assert json.loads(kms.get_key_policy(KeyId=key_id)["Policy"]) == json.loads(policy)
    assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "team", "TagValue": ""}]


@pytest.mark.parametrize(
    "request_",
    [
        {"KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        {"XksKeyId": "key-1"},
        {"Origin": "AWS_CLOUDHSM"},
        {"Origin": "EXTERNAL_KEY_STORE"},
        {"CustomKeyStoreId": "cks-1234567890abcdef0"},
        {"KeySpec": "HMAC_256"},
        {"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_together(kms, request_):
    refused(
        kms.create_key,
        ("ValidationException", "UnsupportedOperationException", "CustomKeyStoreNotFoundException"),
        **request_,
    )
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("text", ["", "new", "\u2603", "a" * 8192])
def test_description_is_replaced(kms, key, text):
    assert payload(kms.update_key_description(KeyId=key.id, Description=text)) == {}
    assert kms.describe_key(KeyId=key.id)["KeyMetadata"]["Description"] == text


def test_grant_tokens_that_are_none_are_refused(kms, key):
    refused(kms.describe_key, "InvalidGrantTokenException", KeyId=key.id, GrantTokens=["nonsense"])
