"""The AWS command line, as its users type it."""

import base64
import datetime
import hashlib
import json
import os

import pytest
from cli import command_line
from openssl import openssl


@pytest.fixture
def aws(account, tmp_path):
    """Runs `aws kms ...` as the account's root."""
    run = command_line(account, tmp_path)
    return lambda words, *values, **more: run(f"kms {words}", *values, **more)


def test_the_first_steps_of_a_user(aws, account, tmp_path):
    """Key, alias, encrypt a file, decrypt it again, and tidy up."""
    key_id = aws("create-key --description", "first key", "--query", "KeyMetadata.KeyId", "--output", "text")
    assert aws("create-alias --alias-name alias/first --target-key-id", key_id) == ""
    (tmp_path / "secret.txt").write_bytes(b"line one\nline two\n")
    blob = aws("encrypt --key-id alias/first --plaintext fileb://secret.txt --query CiphertextBlob --output text")
    (tmp_path / "secret.bin").write_bytes(base64.b64decode(blob))
    opened = aws("decrypt --ciphertext-blob fileb://secret.bin --query Plaintext --output text")
    assert base64.b64decode(opened) == b"line one\nline two\n"
    assert aws(
        "decrypt --ciphertext-blob fileb://secret.bin --key-id alias/first --query KeyId --output text"
    ) == account.key_arn(key_id)
    assert aws("describe-key --key-id alias/first")["KeyMetadata"]["Description"] == "first key"
    aws("delete-alias --alias-name alias/first")
    scheduled = aws("schedule-key-deletion --pending-window-in-days 7 --key-id", key_id)
    assert scheduled["KeyState"] == "PendingDeletion"
    assert "(KMSInvalidStateException)" in aws(
        "encrypt --plaintext fileb://secret.txt --key-id", key_id, fails="KMSInvalidStateException"
    )


def test_envelope_encryption(aws, tmp_path):
    key_id = aws("create-key --query KeyMetadata.KeyId --output text")
    context = "--encryption-context purpose=backup,host=db1"
    data_key = aws(f"generate-data-key --key-spec AES_256 {context} --key-id", key_id)
    assert len(base64.b64decode(data_key["Plaintext"])) == 32
    (tmp_path / "wrapped").write_bytes(base64.b64decode(data_key["CiphertextBlob"]))
    opened = aws("decrypt --ciphertext-blob fileb://wrapped --encryption-context host=db1,purpose=backup")
    assert opened["Plaintext"] == data_key["Plaintext"]
    aws("decrypt --ciphertext-blob fileb://wrapped", fails="InvalidCiphertextException")
    bare = aws("generate-data-key-without-plaintext --number-of-bytes 64 --key-id", key_id)
    assert "Plaintext" not in bare
    moved = aws(
        f"re-encrypt --ciphertext-blob fileb://wrapped --source-encryption-context host=db1,purpose=backup --destination-key-id {key_id}"
    )
    (tmp_path / "moved").write_bytes(base64.b64decode(moved["CiphertextBlob"]))
    assert aws("decrypt --ciphertext-blob fileb://moved")["Plaintext"] == data_key["Plaintext"]


def test_pages(aws, account):
    kms = account.client()
    created = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(7)}
    assert {k["KeyId"] for k in aws("list-keys --page-size 2")["Keys"]} == created
    first = aws("list-keys --max-items 3")
    second = aws("list-keys --max-items 3 --starting-token", first["NextToken"])
    third = aws("list-keys --max-items 3 --starting-token", second["NextToken"])
    assert [len(page["Keys"]) for page in (first, second, third)] == [3, 3, 1]
    assert {k["KeyId"] for page in (first, second, third) for k in page["Keys"]} == created
    assert "NextToken" not in third


def test_tags_aliases_policies_and_states(aws, tmp_path):
    key = aws("create-key --tags TagKey=team,TagValue=blue TagKey=empty,TagValue=")["KeyMetadata"]
    aws("tag-resource --tags TagKey=team,TagValue=red --key-id", key["KeyId"])
    aws("untag-resource --tag-keys empty --key-id", key["KeyId"])
    assert aws("list-resource-tags --key-id", key["KeyId"])["Tags"] == [{"TagKey": "team", "TagValue": "red"}]
    aws("create-alias --alias-name alias/cli --target-key-id", key["Arn"])
    other = aws("create-key")["KeyMetadata"]
    aws("update-alias --alias-name alias/cli --target-key-id", other["KeyId"])
    (alias,) = aws("list-aliases --key-id", other["KeyId"])["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/cli", other["KeyId"])
    policy = aws("get-key-policy --policy-name default --query Policy --output text --key-id", key["KeyId"])
    (tmp_path / "policy.json").write_text(json.dumps(policy, indent=2))
    aws("put-key-policy --policy-name default --policy file://policy.json --key-id", key["KeyId"])
    assert aws("get-key-policy --query Policy --output text --key-id", key["KeyId"]) == policy
    assert aws("list-key-policies --key-id", key["KeyId"])["PolicyNames"] == ["default"]
    aws("update-key-description --description renamed --key-id", key["KeyId"])
    aws("disable-key --key-id", key["KeyId"])
    metadata = aws("describe-key --key-id", key["KeyId"])["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Description"]) == ("Disabled", "renamed")
    aws("encrypt --plaintext fileb://policy.json --key-id", key["KeyId"], fails="DisabledException")
    aws("enable-key --key-id", key["KeyId"])
    aws("schedule-key-deletion --key-id", key["KeyId"])
    aws("cancel-key-deletion --key-id", key["KeyId"])
    assert aws("describe-key --query KeyMetadata.KeyState --output text --key-id", key["KeyId"]) == "Disabled"


def binary(text):
    return base64.b64decode(text)


def test_openssl_verifies_what_was_signed(aws, tmp_path):
    key_id = aws("create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY --query KeyMetadata.KeyId --output text")
    public_key = binary(aws("get-public-key --query PublicKey --output text --key-id", key_id))
    document = b"a document\n" * 1000
    (tmp_path / "digest").write_bytes(hashlib.sha256(document).digest())
    signing = "--signing-algorithm ECDSA_SHA_256 --message fileb://digest --message-type DIGEST --key-id"
    signature = binary(aws(f"sign --query Signature --output text {signing}", key_id))
    (tmp_path / "signature").write_bytes(signature)
    command = "dgst -sha256 -keyform DER -verify $key -signature $signature $document"
    assert b"Verified OK" in openssl(command, key=public_key, signature=signature, document=document)
    assert aws(f"verify --signature fileb://signature {signing}", key_id)["SignatureValid"] is True
    (tmp_path / "digest").write_bytes(hashlib.sha256(document + b"!").digest())
    aws(f"verify --signature fileb://signature {signing}", key_id, fails="KMSInvalidSignatureException")


def test_openssl_encrypts_to_a_key_of_ours(aws, tmp_path):
    key_id = aws("create-key --key-spec RSA_2048 --key-usage ENCRYPT_DECRYPT --query KeyMetadata.KeyId --output text")
    public_key = binary(aws("get-public-key --query PublicKey --output text --key-id", key_id))
    (tmp_path / "secret.bin").write_bytes(oaep(public_key, b"a secret"))
    decrypt = "decrypt --encryption-algorithm RSAES_OAEP_SHA_256 --ciphertext-blob fileb://secret.bin --query Plaintext"
    assert binary(aws(f"{decrypt} --output text --key-id", key_id)) == b"a secret"


def oaep(public_key, plaintext):
    options = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"
    command = f"pkeyutl -encrypt -pubin -keyform DER -inkey $key -in $plaintext {options}"
    return openssl(command, key=public_key, plaintext=plaintext)


def test_key_material_is_imported_as_the_guide_shows(aws, tmp_path):
    key_id = aws("create-key --origin EXTERNAL --query KeyMetadata.KeyId --output text")
    wrapping = "--wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_2048 --key-id"
    parameters = aws(f"get-parameters-for-import {wrapping}", key_id)
    (tmp_path / "token").write_bytes(binary(parameters["ImportToken"]))
    (tmp_path / "material").write_bytes(oaep(binary(parameters["PublicKey"]), os.urandom(32)))
    files = "--import-token fileb://token --encrypted-key-material fileb://material"
    aws(f"import-key-material {files} --key-id", key_id, fails="ValidationException")
    aws(f"import-key-material {files} --valid-to 2001-01-01T00:00:00Z --key-id", key_id, fails="ValidationException")
    until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=9)
    aws(f"import-key-material {files} --valid-to {until:%Y-%m-%dT%H:%M:%SZ} --key-id", key_id)
    metadata = aws("describe-key --key-id", key_id)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_EXPIRES")
    assert metadata["ValidTo"] == until.timestamp()
    aws(f"import-key-material {files} --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE --key-id", key_id)
    aws("delete-imported-key-material --key-id", key_id)
    aws("generate-data-key --key-spec AES_256 --key-id", key_id, fails="KMSInvalidStateException")


def test_random(aws):
    text = aws("generate-random --number-of-bytes 32 --query Plaintext --output text")
    assert len(base64.b64decode(text)) == 32


def test_errors_and_credentials(aws):
    aws("describe-key --key-id alias/nobody", fails="NotFoundException")
    aws("list-keys", fails="InvalidSignatureException", AWS_SECRET_ACCESS_KEY="wrong")
    aws("list-keys", fails="UnrecognizedClientException", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    aws("list-keys", fails="UnrecognizedClientException", AWS_SESSION_TOKEN="nonsense")
    aws("describe-custom-key-stores", fails="UnsupportedOperationException")


def test_dry_run(aws):
    key_id = aws("create-key --query KeyMetadata.KeyId --output text")
    aws("generate-data-key --key-spec AES_256 --dry-run --key-id", key_id, fails="DryRunOperationException")
