"""Everything that a key makes is checked by other people's code, and what their code makes is taken: each key spec and
algorithm, both ways. The keys are the subject's own, and imported ones whose material the other side has too."""

import secrets

import ed25519ph
import outside
import pytest
import sm2
from expect import refused
from ring import ORIGINS
from specs import (
    ENCAPSULATED_LEN,
    MAC_LEN,
    PLAINTEXT_MAX,
    SHARED_SECRET_LEN,
    SIGNATURE_LEN,
    SIGNATURE_LEN_MAX,
    SPECS,
    message_types,
)
from test_import_wrapping import ACCEPTED
from test_limits import MODEL

# Spec, algorithm, form of the message.
SIGNING = [(s.name, a, form) for s in SPECS.values() for a in s.signing for form in message_types(a)]
ENCRYPTION = [(s.name, a) for s in SPECS.values() for a in s.encryption if s.asymmetric]
MACS = [(s.name, a) for s in SPECS.values() for a in s.mac]
AGREEMENT = [s.name for s in SPECS.values() if "KEY_AGREEMENT" in s.usages]
ENCAPSULATION = [s.name for s in SPECS.values() if "ENCAPSULATE_DECAPSULATE" in s.usages]
PAIRS = [s.name for s in SPECS.values() if s.pair]
MESSAGES = (b"\0", b"a message", secrets.token_bytes(4096))

# What no other library can check, and why. This list may only shrink.
EXCEPTIONS = {
    ("KeySpec", "SYMMETRIC_DEFAULT"): "the form of its ciphertexts is private, here as at AWS",
    ("EncryptionAlgorithmSpec", "SYMMETRIC_DEFAULT"): "the form of its ciphertexts is private, here as at AWS",
    ("AlgorithmSpec", "RSAES_PKCS1_V1_5"): "given up in 2023: refused, which test_import_wrapping.py checks",
}
CHECKED = {
    "KeySpec": {s for s, *_ in SIGNING + ENCRYPTION + MACS} | {*AGREEMENT, *ENCAPSULATION},
    "SigningAlgorithmSpec": {a for _, a, _ in SIGNING},
    "MessageType": {form for *_, form in SIGNING},
    "EncryptionAlgorithmSpec": {a for _, a in ENCRYPTION},
    "MacAlgorithmSpec": {a for _, a in MACS},
    "KeyAgreementAlgorithmSpec": {"ECDH"},
    "EncapsulationAlgorithmSpec": {"ML_KEM"},
    "DataKeyPairSpec": set(PAIRS),
    "AlgorithmSpec": {algorithm for _, algorithm, _ in ACCEPTED},
    "WrappingKeySpec": {wrapping_key for *_, wrapping_key in ACCEPTED},
}


@pytest.mark.parametrize("enum", CHECKED)
def test_every_value_of_the_model_is_checked_or_listed(enum):
    listed = {value for of, value in EXCEPTIONS if of == enum}
    assert CHECKED[enum] | listed == set(MODEL.shape_for(enum).enum)
    assert not CHECKED[enum] & listed


def test_specs_are_the_models():
    assert set(SPECS) == set(MODEL.shape_for("KeySpec").enum)
    assert {usage for spec in SPECS.values() for usage in spec.usages} == set(MODEL.shape_for("KeyUsageType").enum)


def with_origins(cases):
    """Each case with a key of the subject's own and with an imported one."""
    return [pytest.param(*c, o, id="-".join((*c, o))) for c in map(in_tuple, cases) for o in ORIGINS]


def in_tuple(case):
    return case if isinstance(case, tuple) else (case,)


def damaged(data):
    """The bytes with one bit changed: at the front, in the middle, at the end."""
    for at in (0, len(data) // 2, len(data) - 1):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def assert_only_this_holds(key, request, signature):
    """Both sides take the signature and neither takes it changed, or for another message."""
    kms, algorithm, form, message = key.client, *(request[n] for n in ("SigningAlgorithm", "MessageType", "Message"))
    answer = kms.verify(KeyId=key.id, Signature=signature, **request)
    assert (answer["SignatureValid"], answer["SigningAlgorithm"], answer["KeyId"]) == (True, algorithm, key.arn)
    assert key.public.accepts(signature, algorithm, form, message)
    other_messages = [(signature, changed) for changed in damaged(message)]
    for bad, said in [(changed, message) for changed in damaged(signature)] + other_messages:
        assert not key.public.accepts(bad, algorithm, form, said)
        refused(kms.verify, "KMSInvalidSignatureException", KeyId=key.id, Signature=bad, **{**request, "Message": said})


@pytest.mark.parametrize("spec, algorithm, form, origin", with_origins(SIGNING))
def test_our_signatures_hold_outside(ring, spec, algorithm, form, origin):
    key = ring.key(spec, "SIGN_VERIFY", origin)
    for message in MESSAGES:
        said = outside.sent(key.public, algorithm, form, message)
        request = {"Message": said, "MessageType": form, "SigningAlgorithm": algorithm}
        signature = key.client.sign(KeyId=key.id, **request)["Signature"]
        assert len(signature) == SIGNATURE_LEN.get(spec, len(signature)) <= SIGNATURE_LEN_MAX.get(spec, 4627)
        assert key.public.accepts(signature, algorithm, form, said)
    assert_only_this_holds(key, request, signature)


@pytest.mark.parametrize("spec, algorithm, form", SIGNING)
def test_signatures_from_outside_hold_here(ring, spec, algorithm, form):
    key = ring.key(spec, "SIGN_VERIFY", "EXTERNAL")
    said = outside.sent(key.public, algorithm, form, b"a message")
    signature = key.private.sign(algorithm, form, said)
    assert_only_this_holds(key, {"Message": said, "MessageType": form, "SigningAlgorithm": algorithm}, signature)


@pytest.mark.parametrize("spec, algorithm, form", [c for c in SIGNING if c[2] != "RAW" and "PH" not in c[1]])
def test_a_message_and_its_digest_have_the_same_signature(ring, spec, algorithm, form):
    key = ring.key(spec, "SIGN_VERIFY")
    said = {"RAW": b"a message", form: outside.sent(key.public, algorithm, form, b"a message")}
    for signed, verified in [("RAW", form), (form, "RAW")]:
        request = {"KeyId": key.id, "SigningAlgorithm": algorithm}
        signature = key.client.sign(Message=said[signed], MessageType=signed, **request)["Signature"]
        key.client.verify(Message=said[verified], MessageType=verified, Signature=signature, **request)
        assert key.public.accepts(signature, algorithm, verified, said[verified])


@pytest.mark.parametrize("spec", [s.name for s in SPECS.values() if len(s.signing) > 1])
def test_a_signature_holds_for_its_own_algorithm_only(ring, spec):
    key, algorithms = ring.key(spec, "SIGN_VERIFY", "EXTERNAL"), SPECS[spec].signing
    form = "DIGEST" if spec == "ECC_NIST_EDWARDS25519" else "RAW"
    message = secrets.token_bytes(64)
    for made in algorithms:
        signature = key.private.sign(made, form if form in message_types(made) else "RAW", message)
        for claimed in (a for a in algorithms if a != made):
            request = {"Message": message, "MessageType": message_types(claimed)[0], "SigningAlgorithm": claimed}
            refused(key.client.verify, "KMSInvalidSignatureException", KeyId=key.id, Signature=signature, **request)


def plaintexts(spec, algorithm):
    return [b"\0", b"a plaintext", secrets.token_bytes(PLAINTEXT_MAX[spec, algorithm])]


@pytest.mark.parametrize("spec, algorithm, origin", with_origins(ENCRYPTION))
def test_ciphertexts_from_outside_open_here(ring, spec, algorithm, origin):
    key = ring.key(spec, "ENCRYPT_DECRYPT", origin)
    request = {"KeyId": key.id, "EncryptionAlgorithm": algorithm}
    for plaintext in plaintexts(spec, algorithm):
        ciphertext = key.public.encrypt(algorithm, plaintext)
        assert key.client.decrypt(CiphertextBlob=ciphertext, **request)["Plaintext"] == plaintext
    for bad in [*damaged(ciphertext), ciphertext[:-1], ciphertext + b"\0", b"\0"]:
        refused(key.client.decrypt, "InvalidCiphertextException", "", CiphertextBlob=bad, **request)
    for other in (a for a in SPECS[spec].encryption if a != algorithm):
        request = {"KeyId": key.id, "EncryptionAlgorithm": other}
        refused(key.client.decrypt, "InvalidCiphertextException", "", CiphertextBlob=ciphertext, **request)


@pytest.mark.parametrize("spec, algorithm", ENCRYPTION)
def test_our_ciphertexts_open_outside(ring, spec, algorithm):
    key = ring.key(spec, "ENCRYPT_DECRYPT", "EXTERNAL")
    for plaintext in plaintexts(spec, algorithm):
        answer = key.client.encrypt(KeyId=key.id, Plaintext=plaintext, EncryptionAlgorithm=algorithm)
        assert (answer["KeyId"], answer["EncryptionAlgorithm"]) == (key.arn, algorithm)
        assert key.private.decrypt(algorithm, answer["CiphertextBlob"]) == plaintext


@pytest.mark.parametrize("spec, algorithm", ENCRYPTION)
def test_re_encrypted_ciphertexts_come_from_outside_and_go_there(ring, spec, algorithm):
    """From outside under a key of the subject's own, by way of a symmetric key, to an imported key and out again."""
    kms = ring.client_of(spec)
    own, known = (ring.key(spec, "ENCRYPT_DECRYPT", origin) for origin in ORIGINS)
    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    source = {"SourceKeyId": own.id, "SourceEncryptionAlgorithm": algorithm}
    ciphertext = own.public.encrypt(algorithm, b"moved")
    moved = kms.re_encrypt(CiphertextBlob=ciphertext, DestinationKeyId=symmetric, **source)
    assert (moved["SourceEncryptionAlgorithm"], moved["DestinationEncryptionAlgorithm"]) == (
        algorithm,
        "SYMMETRIC_DEFAULT",
    )
    assert "SourceKeyMaterialId" not in moved and len(moved["DestinationKeyMaterialId"]) == 64
    target = {"DestinationKeyId": known.id, "DestinationEncryptionAlgorithm": algorithm}
    moved = kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], **target)
    assert "DestinationKeyMaterialId" not in moved and len(moved["SourceKeyMaterialId"]) == 64
    assert known.private.decrypt(algorithm, moved["CiphertextBlob"]) == b"moved"
    moved = kms.re_encrypt(CiphertextBlob=ciphertext, **source, **target)
    assert known.private.decrypt(algorithm, moved["CiphertextBlob"]) == b"moved"


@pytest.mark.parametrize("spec, algorithm", MACS)
def test_macs_are_the_same_on_both_sides(ring, spec, algorithm):
    key = ring.key(spec, "GENERATE_VERIFY_MAC", "EXTERNAL")
    for message in MESSAGES:
        request = {"KeyId": key.id, "Message": message, "MacAlgorithm": algorithm}
        mac = outside.mac(algorithm, key.material, message)
        assert key.client.generate_mac(**request)["Mac"] == mac
        assert len(mac) == MAC_LEN[spec]
        assert key.client.verify_mac(Mac=mac, **request)["MacValid"] is True
        for bad in [*damaged(mac), mac[:-1], mac + b"\0"]:
            refused(key.client.verify_mac, "KMSInvalidMacException", "", Mac=bad, **request)
        for changed in damaged(message):
            refused(key.client.verify_mac, "KMSInvalidMacException", Mac=mac, **{**request, "Message": changed})


def agreed(key, peer):
    """The secret that the service derives."""
    answer = key.client.derive_shared_secret(KeyId=key.id, KeyAgreementAlgorithm="ECDH", PublicKey=peer.public.spki)
    assert (answer["KeyId"], answer["KeyAgreementAlgorithm"]) == (key.arn, "ECDH")
    return answer["SharedSecret"]


@pytest.mark.parametrize("spec, origin", with_origins(AGREEMENT))
def test_both_sides_derive_the_same_secret(ring, spec, origin):
    key = ring.key(spec, "KEY_AGREEMENT", origin)
    secrets_ = set()
    for peer in (outside.generate(spec) for _ in range(8)):
        secret = agreed(key, peer)
        assert secret == peer.derive(key.public.spki)
        assert len(secret) == SHARED_SECRET_LEN[spec]
        if origin == "EXTERNAL":
            assert secret == key.private.derive(peer.public.spki)
        secrets_.add(secret)
    assert len(secrets_) == 8


@pytest.mark.parametrize("spec, origin", with_origins(ENCAPSULATION))
def test_secrets_are_encapsulated_outside_and_taken_out_here(ring, spec, origin):
    key = ring.key(spec, "ENCAPSULATE_DECAPSULATE", origin)
    for _ in range(3):
        ciphertext, secret = key.public.encapsulate()
        assert (len(ciphertext), len(secret)) == (ENCAPSULATED_LEN[spec], 32)
        assert decapsulated(key, ciphertext) == secret


@pytest.mark.parametrize("spec, origin", with_origins(ENCAPSULATION))
def test_secrets_are_encapsulated_here_and_taken_out(ring, spec, origin):
    """By the subject, and outside where the private half is known. A ciphertext that was changed gives another secret, the
    same one on both sides (FIPS 203, implicit rejection)."""
    key = ring.key(spec, "ENCAPSULATE_DECAPSULATE", origin)
    made = key.client.encapsulate(KeyId=key.id, EncapsulationAlgorithm="ML_KEM")
    ciphertext, secret = made["SharedSecretCiphertextBlob"], made["SharedSecret"]
    assert (made["KeyId"], made["EncapsulationAlgorithm"]) == (key.arn, "ML_KEM")
    assert (len(ciphertext), len(secret)) == (ENCAPSULATED_LEN[spec], 32)
    assert decapsulated(key, ciphertext) == secret
    if key.material:
        assert key.private.decapsulate(ciphertext) == secret
    for bad in damaged(ciphertext):
        rejected = decapsulated(key, bad)
        assert rejected != secret and rejected == decapsulated(key, bad) and len(rejected) == 32
        assert not key.material or key.private.decapsulate(bad) == rejected
    request = {"KeyId": key.id, "EncapsulationAlgorithm": "ML_KEM"}
    for bad in (ciphertext[:-1], ciphertext + b"\0", b"\0"):
        refused(key.client.decapsulate, "InvalidCiphertextException", SharedSecretCiphertextBlob=bad, **request)


def decapsulated(key, ciphertext):
    request = {"SharedSecretCiphertextBlob": ciphertext, "EncapsulationAlgorithm": "ML_KEM"}
    return key.client.decapsulate(KeyId=key.id, **request)["SharedSecret"]


@pytest.mark.parametrize("with_plaintext", [True, False], ids=["with-plaintext", "without-plaintext"])
@pytest.mark.parametrize("spec", PAIRS)
def test_data_key_pairs_work_outside(ring, spec, with_plaintext):
    kms, context = ring.client_of(spec), {"purpose": "data key pair"}
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": key_id, "KeyPairSpec": spec, "EncryptionContext": context}
    made = kms.generate_data_key_pair(**request) if with_plaintext else without_plaintext(kms, request)
    blob = made["PrivateKeyCiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert made["KeyPairSpec"] == spec and made["KeyMaterialId"] == opened["KeyMaterialId"]
    assert not with_plaintext or made["PrivateKeyPlaintext"] == opened["Plaintext"]
    refused(kms.decrypt, "InvalidCiphertextException", CiphertextBlob=blob)
    assert_works(spec, outside.load_private(spec, opened["Plaintext"]), made["PublicKey"])


def without_plaintext(kms, request):
    made = kms.generate_data_key_pair_without_plaintext(**request)
    assert "PrivateKeyPlaintext" not in made
    return made


def assert_works(spec, private, spki):
    """The halves belong together, have their documented forms, and do what keys of the spec do."""
    row, public = SPECS[spec], outside.load_public(spec, spki)
    assert (private.public.spki, len(spki)) == (spki, row.spki_len)
    assert row.pkcs8_len in (None, len(private.pkcs8))
    for algorithm in row.signing:
        form = message_types(algorithm)[0]
        said = outside.sent(public, algorithm, form, b"a message")
        assert public.accepts(private.sign(algorithm, form, said), algorithm, form, said)
    for algorithm in row.encryption:
        assert private.decrypt(algorithm, public.encrypt(algorithm, b"a plaintext")) == b"a plaintext"
    if "KEY_AGREEMENT" in row.usages:
        peer = outside.generate(spec)
        assert private.derive(peer.public.spki) == peer.derive(spki)
    if "ENCAPSULATE_DECAPSULATE" in row.usages:
        ciphertext, secret = public.encapsulate()
        assert private.decapsulate(ciphertext) == secret


def test_the_hand_written_parts_against_published_values():
    """RFC 8032, section 7.3; and the curve of SM2 as OpenSSL knows it."""
    seed = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    public = bytes.fromhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf")
    signature = bytes.fromhex(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    assert ed25519ph.sign(seed, b"abc") == signature
    assert ed25519ph.accepts(public, b"abc", signature)
    assert not ed25519ph.accepts(public, b"abd", signature)
    pkcs8 = sm2.generate()
    assert sm2.spki_of(pkcs8) == sm2.SPKI_HEAD + pkcs8[-65:]
    assert sm2.accepts(sm2.spki_of(pkcs8), b"m", sm2.sign(pkcs8, sm2.digest(sm2.spki_of(pkcs8), b"m"), False), True)
