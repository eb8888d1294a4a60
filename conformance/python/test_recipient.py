"""Recipient: answers for Nitro enclaves. What an enclave does is done here without one, under a root of our own; the answer
is opened by OpenSSL."""

import base64
import subprocess
import time
from pathlib import Path

import outside
import pytest
import subject
from attestation import DER, SPKI, Authority, Hypervisor
from callers import new_account
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from expect import payload, refused
from openssl import openssl

pytestmark = pytest.mark.own_server
WOULD = "The request would have succeeded, but the DryRun option is set."


@pytest.fixture(scope="module")
def hypervisor():
    return Hypervisor()


@pytest.fixture(scope="module")
def kms(hypervisor, region, tmp_path_factory):
    """A client of a server that trusts the root, which one in dev mode does not by itself."""
    directory = tmp_path_factory.mktemp("recipient")
    (directory / "root.pem").write_bytes(hypervisor.root.pem)
    server = subject.Server(directory / "data", "--attestation-root", directory / "root.pem").start()
    yield new_account(server.endpoint, region).client()
    assert server.stop() == 0, server.log()


class Enclave:
    """An RSA pair whose private half stays inside, and documents about it."""

    def __init__(self, hypervisor, bits=2048):
        self.key, self.hypervisor = rsa.generate_private_key(65537, bits), hypervisor

    @property
    def public_key(self):
        return self.key.public_key().public_bytes(DER, SPKI)

    def recipient(self, document=None, **changes):
        document = document or self.hypervisor.document(self.public_key, **changes)
        return {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document}

    def open(self, envelope):
        return open_envelope(envelope, private_pem(self.key))


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def open_envelope(envelope, pem):
    return openssl("cms -decrypt -inform DER -in $envelope -inkey $key -binary", envelope=envelope, key=pem)


@pytest.fixture(scope="module")
def enclave(hypervisor):
    return Enclave(hypervisor)


@pytest.fixture(scope="module")
def key_id(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


def for_enclave_only(answer, *members):
    """The answer has these members, the envelope, and nothing in clear."""
    assert payload(answer).keys() == {*members, "CiphertextForRecipient"}
    return answer["CiphertextForRecipient"]


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_decrypt(kms, hypervisor, key_id, bits):
    enclave = Enclave(hypervisor, bits)
    for secret in (b"\0", b"a secret", bytes(range(256)) * 16):
        blob = kms.encrypt(KeyId=key_id, Plaintext=secret, EncryptionContext={"a": "1"})["CiphertextBlob"]
        request = {"CiphertextBlob": blob, "EncryptionContext": {"a": "1"}}
        answer = kms.decrypt(**request, Recipient=enclave.recipient())
        assert enclave.open(for_enclave_only(answer, "KeyId", "EncryptionAlgorithm")) == secret


def test_decrypt_under_an_asymmetric_key(kms, enclave):
    key_id = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    request = {"KeyId": key_id, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(**request, Plaintext=b"a secret")["CiphertextBlob"]
    answer = kms.decrypt(**request, CiphertextBlob=blob, Recipient=enclave.recipient())
    assert enclave.open(for_enclave_only(answer, "KeyId", "EncryptionAlgorithm")) == b"a secret"


@pytest.mark.parametrize("length", [{"KeySpec": "AES_128"}, {"KeySpec": "AES_256"}, {"NumberOfBytes": 1024}], ids=str)
def test_generate_data_key(kms, enclave, key_id, length):
    answer = kms.generate_data_key(KeyId=key_id, **length, Recipient=enclave.recipient())
    envelope = for_enclave_only(answer, "KeyId", "CiphertextBlob")
    assert enclave.open(envelope) == kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"]


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ML_KEM_768"])
def test_generate_data_key_pair(kms, enclave, key_id, spec):
    answer = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec=spec, Recipient=enclave.recipient())
    envelope = for_enclave_only(answer, "KeyId", "KeyPairSpec", "PublicKey", "PrivateKeyCiphertextBlob")
    private = enclave.open(envelope)
    assert private == kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert outside.load_private(spec, private).public.spki == answer["PublicKey"]


def test_derive_shared_secret(kms, enclave):
    key_id = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    peer = outside.generate("ECC_NIST_P384")
    request = {"KeyId": key_id, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer.public.spki}
    answer = kms.derive_shared_secret(**request, Recipient=enclave.recipient())
    envelope = for_enclave_only(answer, "KeyId", "KeyAgreementAlgorithm", "KeyOrigin")
    assert enclave.open(envelope) == peer.derive(kms.get_public_key(KeyId=key_id)["PublicKey"])


def test_generate_random(kms, enclave):
    answers = [kms.generate_random(NumberOfBytes=64, Recipient=enclave.recipient()) for _ in range(2)]
    first, second = (enclave.open(for_enclave_only(answer)) for answer in answers)
    assert len(first) == len(second) == 64 and first != second


def test_only_the_enclave_of_the_document_opens_the_answer(kms, hypervisor, enclave):
    answer = kms.generate_random(NumberOfBytes=16, Recipient=enclave.recipient())
    other = private_pem(Enclave(hypervisor).key)
    envelope = answer["CiphertextForRecipient"]
    command = "cms -decrypt -inform DER -in $envelope -inkey $key -binary"
    # OpenSSL answers a wrong key with nonsense, so that nobody learns from its errors.
    opened = openssl(command, may_fail=True, envelope=envelope, key=other)
    assert opened != enclave.open(envelope)


def ago(**past):
    return (time.time_ns() - int(past.get("minutes", 0) * 60e9)) // 10**6


TAKEN = {
    "as it was just made": lambda h: {},
    "four minutes old": lambda h: {"timestamp": ago(minutes=4)},
    "without what is optional": lambda h: {"user_data": None, "nonce": None},
    "few registers": lambda h: {"pcrs": {0: bytes(48), 4: b"\xff" * 48}},
    "much user data": lambda h: {"user_data": bytes(512), "nonce": bytes(512)},
    "enclave below the root": lambda h: {
        "certificate": (last := Authority("an enclave", h.root, last=True)).der,
        "cabundle": [h.root.der],
        "signer": last.key,
    },
}


@pytest.mark.parametrize("what", TAKEN)
def test_documents_that_hold(kms, hypervisor, enclave, what):
    answer = kms.generate_random(NumberOfBytes=16, Recipient=enclave.recipient(**TAKEN[what](hypervisor)))
    assert len(enclave.open(answer["CiphertextForRecipient"])) == 16


def chain_of(hypervisor, **last):
    """A certificate of its own for the enclave, and its signature."""
    authority = Authority("an enclave", hypervisor.middle, **{"last": True, **last})
    return {"certificate": authority.der, "signer": authority.key}


def of_strangers(_hypervisor):
    stranger = Hypervisor()
    return {
        "certificate": stranger.enclave.der,
        "cabundle": [stranger.root.der, stranger.middle.der],
        "signer": stranger.enclave.key,
    }


REFUSED = {
    "six minutes old": lambda h: {"timestamp": ago(minutes=6)},
    "from the future": lambda h: {"timestamp": ago(minutes=-30)},
    "without a time": lambda h: {"timestamp": None},
    "another root": of_strangers,
    "another's signature": lambda h: {"signer": Hypervisor().enclave.key},
    "the root's signature": lambda h: {"signer": h.root.key},
    "another algorithm named": lambda h: {"protected": b"\xa1\x01\x26"},
    "chain without its root": lambda h: {"cabundle": [h.middle.der]},
    "chain without its middle": lambda h: {"cabundle": [h.root.der]},
    "chain the wrong way round": lambda h: {"cabundle": [h.middle.der, h.root.der]},
    "no chain": lambda h: {"cabundle": []},
    "certificate that has ended": lambda h: chain_of(h, days=(-9, -1)),
    "certificate that has not begun": lambda h: chain_of(h, days=(1, 9)),
    "certificate on another curve": lambda h: chain_of(h, curve=ec.SECP256R1()),
    "certificate that is none": lambda h: {"certificate": b"nonsense"},
    "another digest": lambda h: {"digest": "SHA256"},
    "no registers": lambda h: {"pcrs": {}},
    "register too short": lambda h: {"pcrs": {0: bytes(20)}},
    "register 32": lambda h: {"pcrs": {32: bytes(48)}},
    "no module": lambda h: {"module_id": None},
    "empty module": lambda h: {"module_id": ""},
    "something unknown": lambda h: {"more": b"data"},
    "too much user data": lambda h: {"user_data": bytes(1025)},
    "too long a nonce": lambda h: {"nonce": bytes(1025)},
    "no public key": lambda h: {"public_key": None},
    "empty public key": lambda h: {"public_key": b""},
    "public key that is none": lambda h: {"public_key": b"nonsense"},
    "small public key": lambda h: {"public_key": Enclave(h, 1024).public_key},
    "public key on a curve": lambda h: {"public_key": outside.generate("ECC_NIST_P384").public.spki},
}


@pytest.mark.parametrize("what", REFUSED)
def test_documents_that_do_not_hold(kms, hypervisor, enclave, key_id, what):
    """Answering in clear would be worse than no answer."""
    changes = {"public_key": enclave.public_key, **REFUSED[what](hypervisor)}
    document = hypervisor.document(changes.pop("public_key"), **changes)
    recipient = enclave.recipient(document)
    refused(kms.generate_random, "ValidationException", NumberOfBytes=16, Recipient=recipient)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    refused(kms.decrypt, "ValidationException", CiphertextBlob=blob, Recipient=recipient)


def test_damaged_documents(kms, enclave, hypervisor):
    good = hypervisor.document(enclave.public_key)
    bad = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(0, len(good), 97)]
    bad += [
        good[:-1],
        good[1:],
        good + b"\0",
        good[: len(good) // 2],
        b"\xd2" + good[:-1],
        b"\0",
        b"nonsense",
        b"\x9f" * 99,
    ]
    for document in bad:
        refused(kms.generate_random, "ValidationException", NumberOfBytes=16, Recipient=enclave.recipient(document))


@pytest.mark.parametrize("missing", ["KeyEncryptionAlgorithm", "AttestationDocument"])
def test_half_a_recipient(kms, enclave, key_id, missing):
    recipient = {name: value for name, value in enclave.recipient().items() if name != missing}
    refused(kms.generate_data_key, "ValidationException", KeyId=key_id, KeySpec="AES_256", Recipient=recipient)


def test_dry_runs_look_at_the_document(kms, enclave, key_id):
    request = {"KeyId": key_id, "KeySpec": "AES_256", "DryRun": True}
    refused(kms.generate_data_key, "DryRunOperationException", WOULD, **request, Recipient=enclave.recipient())
    old = enclave.recipient(timestamp=ago(minutes=6))
    refused(kms.generate_data_key, "ValidationException", **request, Recipient=old)


def test_a_root_is_trusted_only_when_it_was_named(ring, enclave):
    """The usual server trusts AWS's root and no other."""
    kms = ring.client_of("SYMMETRIC_DEFAULT")
    refused(kms.generate_random, "ValidationException", NumberOfBytes=16, Recipient=enclave.recipient())


def kagiban(*words):
    done = subprocess.run([subject.binary(), *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_for_people_without_an_enclave(tmp_path, region):
    """A root, a server that trusts it, a document with a pair of its own, and a data key for the holder of the pair."""
    root, enclave = tmp_path / "trusted", tmp_path / "enclave"
    kagiban("attestation", "make-root", "--out", root)
    document = kagiban("attestation", "make-document", "--root", root, "--generate-key", enclave)
    server = subject.Server(tmp_path / "data", "--attestation-root", root / "root.pem").start()
    try:
        kms = new_account(server.endpoint, region).client()
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        recipient = {
            "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
            "AttestationDocument": base64.b64decode(document),
        }
        answer = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", Recipient=recipient)
        data_key = open_envelope(answer["CiphertextForRecipient"], Path(enclave / "key.pem").read_bytes())
        assert data_key == kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"]
    finally:
        server.stop()
