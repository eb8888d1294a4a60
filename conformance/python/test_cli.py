"""The AWS command line, as its users type it."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

AWS = Path(sys.executable).parent / "aws"


@pytest.fixture
def aws(account, tmp_path):
    """Runs `aws kms ...` and returns what it printed: JSON read, or text as it is."""

    def run(command, *values, fails=None, **environment):
        names = {
            "AWS_ENDPOINT_URL": account.endpoint,
            "AWS_ACCESS_KEY_ID": account.access_key,
            "AWS_SECRET_ACCESS_KEY": account.secret,
            "AWS_DEFAULT_REGION": account.region,
            "AWS_MAX_ATTEMPTS": "1",
            **environment,
        }
        words = [AWS, "kms", *command.split(), *values]
        result = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, **names})
        if fails:
            assert result.returncode == 254 or result.returncode == 255, (result.returncode, result.stderr)
            assert f"({fails})" in result.stderr, result.stderr
            return result.stderr
        assert result.returncode == 0, result.stderr
        try:
            return json.loads(result.stdout)
        except ValueError:
            return result.stdout.strip()

    return run


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


def test_random(aws):
    text = aws("generate-random --number-of-bytes 32 --query Plaintext --output text")
    assert len(base64.b64decode(text)) == 32


def test_errors_and_credentials(aws):
    aws("describe-key --key-id alias/nobody", fails="NotFoundException")
    aws("list-keys", fails="InvalidSignatureException", AWS_SECRET_ACCESS_KEY="wrong")
    aws("list-keys", fails="UnrecognizedClientException", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    aws("list-keys", fails="UnrecognizedClientException", AWS_SESSION_TOKEN="nonsense")
    aws(
        "list-retirable-grants --retiring-principal arn:aws:iam::111122223333:root",
        fails="UnsupportedOperationException",
    )


def test_dry_run(aws):
    key_id = aws("create-key --query KeyMetadata.KeyId --output text")
    aws("generate-data-key --key-spec AES_256 --dry-run --key-id", key_id, fails="DryRunOperationException")
