"""The journal's files are as docs/audit-format.md has them: read and checked by a program that knows that page only."""

import contextlib

import audit_format
import pytest
import subject
from callers import new_account
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

pytestmark = pytest.mark.own_server


@pytest.fixture(scope="module")
def audit(tmp_path_factory, region):
    """The audit of a server that was used, stopped, and used again."""
    folder = tmp_path_factory.mktemp("format")
    numbers = []
    for _ in range(2):
        server = subject.Server(folder / "data")
        server.start()
        with contextlib.ExitStack() as stack:
            stack.callback(lambda: server.is_running() and server.kill())
            kms = new_account(server.endpoint, region).client()
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            for number in range(30):
                answer = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"number": str(number)})
                numbers.append(answer["ResponseMetadata"]["RequestId"])
            with pytest.raises(kms.exceptions.NotFoundException):
                kms.describe_key(KeyId="1234abcd-12ab-34cd-56ef-1234567890ab")
            server.stop()
    return folder / "data" / "audit", numbers


def test_every_answered_request_is_there_with_its_caller(audit):
    directory, numbers = audit
    journal = audit_format.read(directory)
    assert journal.sequence == len(journal.records) > len(numbers) and journal.blocks >= 2
    by_number = {record.number: record for record in journal.records}
    found = [by_number[number.replace("-", "")] for number in numbers]
    assert {record.texts["event_name"] for record in found} == {"Encrypt"}
    for number, record in enumerate(found):
        texts = record.texts
        assert f'"number":"{number % 30}"' in texts["request_parameters"]
        assert texts["principal"] == f"arn:aws:iam::{record.account}:root" and texts["access_key_id"] in texts["identity"]
        assert texts["source_address"] == "127.0.0.1" and texts["event_source"] == "kms.amazonaws.com"
    # Both forms were met.
    assert {record.form for record in found} == {1, 2}
    assert "NotFoundException" in {record.texts["error_code"] for record in journal.records}


def test_the_head_is_signed(audit):
    directory, _ = audit
    said, signed, signature = audit_format.head(directory)
    key = load_pem_public_key((directory / "keys" / f"{said['key']}.pem").read_bytes())
    key.verify(signature, signed, PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, signed.replace(b"sequence ", b"sequence 1"), PKCS1v15(), SHA256())


def test_any_changed_byte_is_found(audit, tmp_path):
    """So that the reader is one that can fail: of each file of the journal some bytes are changed, one at a time."""
    directory, _ = audit
    (tmp_path / "journal").mkdir()
    files = [*directory.glob("journal/*"), directory / "head"]
    for file in files:
        (tmp_path / file.relative_to(directory)).write_bytes(file.read_bytes())
    audit_format.read(tmp_path)
    changed = 0
    for file in (directory / "journal").glob("*"):
        content, copy = file.read_bytes(), tmp_path / file.relative_to(directory)
        written = len(content.rstrip(b"\0"))
        for at in range(0, written, max(1, written // 40)):
            copy.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
            with pytest.raises((audit_format.Wrong, ValueError, KeyError, IndexError)):
                audit_format.read(tmp_path)
            changed += 1
        copy.write_bytes(content)
    assert changed > 100
    audit_format.read(tmp_path)
