"""The AWS Encryption SDK for Python: messages under data keys of KMS."""

import aws_encryption_sdk
import pytest
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsDiscoveryKeyringInput,
    CreateAwsKmsKeyringInput,
    CreateMultiKeyringInput,
    DiscoveryFilter,
)
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from aws_encryption_sdk.identifiers import Algorithm, CommitmentPolicy
from callers import allow
from expect import refused
from operations import Key

CONTEXT = {"purpose": "conformance", "Größe": "\u2603", "empty": ""}
TEXT = b"a message longer than one frame " * 1000


@pytest.fixture(scope="module")
def sdk():
    return aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)


@pytest.fixture(scope="module")
def providers():
    return AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


@pytest.fixture
def keyring(providers, kms):
    return lambda key: providers.create_aws_kms_keyring(
        input=CreateAwsKmsKeyringInput(kms_key_id=key.arn, kms_client=kms)
    )


def test_round_trip_with_context(sdk, keyring, key):
    message, header = sdk.encrypt(source=TEXT, keyring=keyring(key), encryption_context=CONTEXT)
    assert TEXT not in message
    opened, header = sdk.decrypt(source=message, keyring=keyring(key), encryption_context=CONTEXT)
    assert opened == TEXT
    assert CONTEXT.items() <= header.encryption_context.items()


@pytest.mark.parametrize("algorithm", [a for a in Algorithm if a.is_committing()], ids=lambda a: a.name)
def test_every_committing_suite(sdk, keyring, key, algorithm):
    """Signed suites put their public key in the context, unsigned ones do not."""
    message, _ = sdk.encrypt(source=b"short", keyring=keyring(key), encryption_context=CONTEXT, algorithm=algorithm)
    assert sdk.decrypt(source=message, keyring=keyring(key))[0] == b"short"


def test_many_messages(sdk, keyring, key):
    messages = {n: sdk.encrypt(source=f"message {n}".encode(), keyring=keyring(key))[0] for n in range(20)}
    assert len(set(messages.values())) == 20
    for number, message in messages.items():
        assert sdk.decrypt(source=message, keyring=keyring(key))[0] == f"message {number}".encode()


def test_a_message_for_two_keys(account, kms, sdk, providers, keyring, key):
    """The first key makes the data key, the others wrap it; either of them opens the message."""
    second = Key.create(account, kms)
    both = providers.create_multi_keyring(
        input=CreateMultiKeyringInput(generator=keyring(key), child_keyrings=[keyring(second)])
    )
    message, _ = sdk.encrypt(source=TEXT, keyring=both, encryption_context=CONTEXT)
    kms.disable_key(KeyId=key.id)
    assert sdk.decrypt(source=message, keyring=keyring(second))[0] == TEXT
    with pytest.raises(Exception):
        sdk.decrypt(source=message, keyring=keyring(key))


def test_discovery(sdk, account, kms, providers, keyring, key):
    message, _ = sdk.encrypt(source=TEXT, keyring=keyring(key), encryption_context=CONTEXT)
    seek = lambda number: providers.create_aws_kms_discovery_keyring(
        input=CreateAwsKmsDiscoveryKeyringInput(
            kms_client=kms, discovery_filter=DiscoveryFilter(account_ids=[number], partition="aws")
        )
    )
    assert sdk.decrypt(source=message, keyring=seek(account.id))[0] == TEXT
    with pytest.raises(Exception):
        sdk.decrypt(source=message, keyring=seek("999999999999"))


def test_the_wrong_key_and_a_damaged_message(account, kms, sdk, keyring, key):
    message, _ = sdk.encrypt(source=b"x", keyring=keyring(key))
    with pytest.raises(Exception):
        sdk.decrypt(source=message, keyring=keyring(Key.create(account, kms)))
    with pytest.raises(Exception):
        sdk.decrypt(source=message[:-1] + bytes([message[-1] ^ 1]), keyring=keyring(key))
    with pytest.raises(Exception):
        sdk.decrypt(source=message, keyring=keyring(key), encryption_context={"not": "there"})


def test_master_key_provider(sdk, account, key, monkeypatch):
    """The older interface makes its own clients from the Region in the ARN and the environment."""
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": account.endpoint,
        "AWS_ACCESS_KEY_ID": account.access_key,
        "AWS_SECRET_ACCESS_KEY": account.secret,
    }.items():
        monkeypatch.setenv(name, value)
    provider = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key.arn])
    message, _ = sdk.encrypt(source=TEXT, key_provider=provider, encryption_context=CONTEXT)
    opened, header = sdk.decrypt(source=message, key_provider=provider)
    assert opened == TEXT and CONTEXT.items() <= header.encryption_context.items()
    discovery = aws_encryption_sdk.DiscoveryAwsKmsMasterKeyProvider()
    assert sdk.decrypt(source=message, key_provider=discovery)[0] == TEXT
    seen = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key.partner.arn])
    with pytest.raises(AWSEncryptionSDKClientError):
        sdk.decrypt(source=message, key_provider=seen)


def test_streams(sdk, keyring, key, tmp_path):
    plain, sealed, opened = (tmp_path / name for name in ("plain", "sealed", "opened"))
    plain.write_bytes(bytes(range(256)) * 4096)
    with plain.open("rb") as source, sealed.open("wb") as sink:
        with sdk.stream(mode="e", source=source, keyring=keyring(key), encryption_context=CONTEXT) as chunks:
            for chunk in chunks:
                sink.write(chunk)
    with sealed.open("rb") as source, opened.open("wb") as sink:
        with sdk.stream(mode="d", source=source, keyring=keyring(key)) as chunks:
            for chunk in chunks:
                sink.write(chunk)
    assert opened.read_bytes() == plain.read_bytes()


def test_a_message_is_no_ciphertext_of_kms(sdk, keyring, kms, key):
    message, _ = sdk.encrypt(source=b"x", keyring=keyring(key))
    refused(kms.decrypt, "InvalidCiphertextException", CiphertextBlob=message[:6144])
    with pytest.raises(Exception):
        sdk.decrypt(source=key.blob, keyring=keyring(key))


@pytest.mark.many_accounts
def test_a_user_who_may_do_just_enough(sdk, providers, account, key):
    """GenerateDataKey and Decrypt, for one application's encryption context: all that the SDK needs, and no more."""
    condition = {"StringEquals": {"kms:EncryptionContext:application": "shop"}}
    shop = account.user("shop", allow(["kms:GenerateDataKey", "kms:Decrypt"], key.arn, condition))
    ring = providers.create_aws_kms_keyring(
        input=CreateAwsKmsKeyringInput(kms_key_id=key.arn, kms_client=shop.client())
    )
    whole = providers.create_aws_kms_keyring(
        input=CreateAwsKmsKeyringInput(kms_key_id=key.arn, kms_client=account.client())
    )
    context = {"application": "shop", "more": "x"}
    message, _ = sdk.encrypt(source=TEXT, keyring=ring, encryption_context=context)
    assert sdk.decrypt(source=message, keyring=ring)[0] == TEXT
    for other in ({}, {"application": "bakery"}, {"more": "shop"}):
        with pytest.raises(Exception, match="kms:GenerateDataKey"):
            sdk.encrypt(source=TEXT, keyring=ring, encryption_context=other)
        foreign, _ = sdk.encrypt(source=TEXT, keyring=whole, encryption_context=other)
        with pytest.raises(Exception):
            sdk.decrypt(source=foreign, keyring=ring)
    refused(shop.client().encrypt, "AccessDeniedException", KeyId=key.id, Plaintext=b"x", EncryptionContext=context)
