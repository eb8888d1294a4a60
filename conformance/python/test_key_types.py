"""Each kind of key member for member, and what it refuses: other usages, other algorithms, messages, digests and plaintexts
of the wrong form or length. Whether its results are right, test_cross_checks.py asks other libraries."""

import secrets

import outside
import pytest
from expect import payload, refused
from operations import DISABLED, OK, ROWS
from ring import ORIGINS
from specs import CHINA, ENCAPSULATED_LEN, MAC_LEN, PLAINTEXT_MAX, SPECS, digest_len, message_types
from test_limits import MODEL

KINDS = [(spec.name, usage) for spec in SPECS.values() for usage in spec.usages]
ASYMMETRIC = [(name, usage) for name, usage in KINDS if SPECS[name].asymmetric]
INVALID_USAGE = "InvalidKeyUsageException"


def ids(cases):
    return ["-".join(case) for case in cases]


@pytest.mark.parametrize("spec, usage", KINDS, ids=ids(KINDS))
def test_created_and_described_member_for_member(ring, spec, usage):
    key = ring.key(spec, usage)
    metadata = key.client.describe_key(KeyId=key.id)["KeyMetadata"]
    listed, algorithms = SPECS[spec].algorithms[usage]
    partition, region = ("aws-cn", CHINA) if SPECS[spec].region else ("aws", ring.account.region)
    arn = f"arn:{partition}:kms:{region}:{ring.account.id}:key/{key.id}"
    assert metadata.pop("CreationDate") and sorted(metadata.pop(listed)) == sorted(algorithms)
    assert metadata.pop("CustomerMasterKeySpec", None) == old_name(spec)
    assert (metadata.pop("CurrentKeyMaterialId", None) is not None) == (spec == "SYMMETRIC_DEFAULT")
    assert metadata == {
        "AWSAccountId": ring.account.id,
        "KeyId": key.id,
        "Arn": arn,
        "Enabled": True,
        "Description": "",
        "KeyUsage": usage,
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": spec,
        "MultiRegion": False,
    }


def old_name(spec):
    """The deprecated member knows the older specs only."""
    return spec if spec in MODEL.shape_for("CustomerMasterKeySpec").enum else None


@pytest.mark.parametrize("spec, usage", ASYMMETRIC, ids=ids(ASYMMETRIC))
def test_public_keys_member_for_member(ring, spec, usage):
    key = ring.key(spec, usage)
    answer = payload(key.client.get_public_key(KeyId=key.id))
    listed, algorithms = SPECS[spec].algorithms[usage]
    spki = answer.pop("PublicKey")
    assert len(spki) == SPECS[spec].spki_len
    assert outside.load_public(spec, spki).key
    assert sorted(answer.pop(listed)) == sorted(algorithms)
    assert answer.pop("CustomerMasterKeySpec", None) == old_name(spec)
    assert answer == {"KeyId": key.arn, "KeySpec": spec, "KeyUsage": usage}
    assert key.client.get_public_key(KeyId=key.id)["PublicKey"] == spki


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", *MAC_LEN])
def test_keys_without_a_public_half(ring, spec):
    key = ring.key(spec, SPECS[spec].usages[0])
    refused(key.client.get_public_key, "UnsupportedOperationException", KeyId=key.id)


@pytest.mark.parametrize("spec", SPECS)
def test_usages_that_a_spec_has_not(account, spec):
    kms = account.client(SPECS[spec].region)
    for usage in set(MODEL.shape_for("KeyUsageType").enum) - set(SPECS[spec].usages):
        refused(kms.create_key, "ValidationException", KeySpec=spec, KeyUsage=usage)
    if spec != "SYMMETRIC_DEFAULT":
        refused(kms.create_key, "ValidationException", KeySpec=spec)
    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize("usage", SPECS["SM2"].usages)
def test_sm2_is_for_china(kms, usage):
    refused(kms.create_key, "UnsupportedOperationException", KeySpec="SM2", KeyUsage=usage)
    symmetric = kms.create_key()["KeyMetadata"]["KeyId"]
    for method in (kms.generate_data_key_pair, kms.generate_data_key_pair_without_plaintext):
        refused(method, "UnsupportedOperationException", KeyId=symmetric, KeyPairSpec="SM2")


# The operations that depend on what a key is for.
FOR_ANY_USAGE = ("GetPublicKey", "CreateGrant", "ReplicateKey", "UpdatePrimaryRegion")
USING = [row for row in ROWS if row.operation not in FOR_ANY_USAGE and row.states[:2] == (OK, DISABLED)]


# Rotation is for symmetric encryption keys; others are answered with an error of its own, without text.
OF_ROTATION = ("DisableKeyRotation", "EnableKeyRotation", "RotateKeyOnDemand")


KINDS_OF_KEYS = sorted({row.kind for row in USING}, key=str)


@pytest.mark.parametrize("row", USING, ids=str)
def test_operations_with_keys_of_another_kind(shared_keys, row):
    """Each operation with each kind of key that it is not for. The other side of a ReEncrypt is as it should be."""
    key = shared_keys(row.kind)
    code = "UnsupportedOperationException" if row.operation in OF_ROTATION else INVALID_USAGE
    for kind in (k for k in KINDS_OF_KEYS if k is not row.kind):
        request = {**row.request(key), row.member: shared_keys(kind).id}
        refused(getattr(key.client, row.method), code, **request)


@pytest.mark.parametrize("spec, usage", KINDS, ids=ids(KINDS))
def test_algorithms_of_another_spec(ring, spec, usage):
    """All that the model knows, with every key of the usage."""
    key, kms = ring.key(spec, usage), ring.client_of(spec)
    offer = {
        "SIGN_VERIFY": (kms.sign, "SigningAlgorithmSpec", "SigningAlgorithm", SPECS[spec].signing),
        "ENCRYPT_DECRYPT": (kms.encrypt, "EncryptionAlgorithmSpec", "EncryptionAlgorithm", SPECS[spec].encryption),
        "GENERATE_VERIFY_MAC": (kms.generate_mac, "MacAlgorithmSpec", "MacAlgorithm", SPECS[spec].mac),
    }
    call, enum, member, own = offer.get(usage, (None, "MessageType", None, ()))
    for algorithm in set(MODEL.shape_for(enum).enum) - set(own) if call else ():
        input_ = "Plaintext" if usage == "ENCRYPT_DECRYPT" else "Message"
        refused(call, INVALID_USAGE, KeyId=key.id, **{member: algorithm, input_: bytes(32)})


FORMS = MODEL.shape_for("MessageType").enum
SIGNING = [(spec.name, algorithm) for spec in SPECS.values() for algorithm in spec.signing]


@pytest.mark.parametrize("spec, algorithm", SIGNING, ids=ids(SIGNING))
def test_forms_and_lengths_of_messages(ring, spec, algorithm):
    key, length = ring.key(spec, "SIGN_VERIFY"), digest_len(algorithm)
    request = {"KeyId": key.id, "SigningAlgorithm": algorithm}
    for form in FORMS:
        fits = form in message_types(algorithm)
        lengths = {1, 20, 28, 31, 32, 33, 48, 63, 64, 65, 4096} - ({length} if fits else set())
        for wrong in lengths if form != "RAW" else () if fits else {1, 64}:
            message = {"Message": bytes(wrong), "MessageType": form}
            refused(key.client.sign, "ValidationException", **request, **message)
            refused(key.client.verify, "ValidationException", Signature=bytes(64), **request, **message)
    form = message_types(algorithm)[0]
    message = {"Message": bytes(length), "MessageType": form}
    signature = key.client.sign(**request, **message)["Signature"]
    assert payload(key.client.verify(Signature=signature, **request, **message)) == {
        "KeyId": key.arn,
        "SignatureValid": True,
        "SigningAlgorithm": algorithm,
    }


def test_raw_is_what_a_message_is_when_nothing_is_said(ring):
    key = ring.key("ECC_NIST_P256", "SIGN_VERIFY")
    request = {"KeyId": key.id, "SigningAlgorithm": "ECDSA_SHA_256", "Message": secrets.token_bytes(32)}
    answer = payload(key.client.sign(**request))
    signature = answer.pop("Signature")
    assert answer == {"KeyId": key.arn, "SigningAlgorithm": "ECDSA_SHA_256"}
    assert key.client.verify(**request, MessageType="RAW", Signature=signature)["SignatureValid"]
    refused(key.client.verify, "KMSInvalidSignatureException", "", **request, MessageType="DIGEST", Signature=signature)


def test_signatures_that_are_none_are_told_as_such(ring):
    """Whatever is wrong with it: one error without words."""
    for spec, algorithm in SIGNING:
        key, form = ring.key(spec, "SIGN_VERIFY"), message_types(algorithm)[0]
        request = {"SigningAlgorithm": algorithm, "Message": bytes(64), "MessageType": form}
        for signature in (b"\0", bytes(64), b"0\x06\x02\x01\x01\x02\x01\x01", bytes(6144)):
            refused(key.client.verify, "KMSInvalidSignatureException", "", KeyId=key.id, Signature=signature, **request)


@pytest.mark.parametrize("spec, algorithm", [p for p in PLAINTEXT_MAX if p[0] != "SYMMETRIC_DEFAULT"])
def test_plaintexts_that_are_too_long(ring, spec, algorithm):
    key, most = ring.key(spec, "ENCRYPT_DECRYPT"), PLAINTEXT_MAX[spec, algorithm]
    request = {"KeyId": key.id, "EncryptionAlgorithm": algorithm}
    for length in (most + 1, 4096):
        refused(key.client.encrypt, "ValidationException", **request, Plaintext=bytes(length))
    answer = payload(key.client.encrypt(**request, Plaintext=bytes(most)))
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": key.arn, "EncryptionAlgorithm": algorithm}
    assert payload(key.client.decrypt(**request, CiphertextBlob=blob)) == {
        "KeyId": key.arn,
        "EncryptionAlgorithm": algorithm,
        "Plaintext": bytes(most),
    }
    symmetric = key.client.create_key()["KeyMetadata"]["KeyId"]
    long = key.client.encrypt(KeyId=symmetric, Plaintext=bytes(most + 1))["CiphertextBlob"]
    target = {"DestinationKeyId": key.id, "DestinationEncryptionAlgorithm": algorithm}
    refused(key.client.re_encrypt, "ValidationException", CiphertextBlob=long, **target)


@pytest.mark.parametrize("spec, algorithm", [("RSA_2048", "RSAES_OAEP_SHA_256"), ("SM2", "SM2PKE")])
def test_asymmetric_keys_bind_no_encryption_context(ring, spec, algorithm):
    """Losing one silently would be worse than refusing it."""
    key, context = ring.key(spec, "ENCRYPT_DECRYPT"), {"a": "1"}
    request = {"KeyId": key.id, "EncryptionAlgorithm": algorithm}
    blob = key.client.encrypt(**request, Plaintext=b"x", EncryptionContext={})["CiphertextBlob"]
    refused(key.client.encrypt, "ValidationException", **request, Plaintext=b"x", EncryptionContext=context)
    refused(key.client.decrypt, "ValidationException", **request, CiphertextBlob=blob, EncryptionContext=context)
    both = {f"{end}EncryptionAlgorithm": algorithm for end in ("Source", "Destination")}
    both |= {"CiphertextBlob": blob, "SourceKeyId": key.id, "DestinationKeyId": key.id}
    for end in ("Source", "Destination"):
        refused(key.client.re_encrypt, "ValidationException", **both, **{f"{end}EncryptionContext": context})
    assert key.client.re_encrypt(**both)["CiphertextBlob"] != blob


def test_an_asymmetric_ciphertext_names_no_key(ring):
    key = ring.key("RSA_2048", "ENCRYPT_DECRYPT")
    algorithm = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = key.client.encrypt(KeyId=key.id, Plaintext=b"x", **algorithm)["CiphertextBlob"]
    codes = ("ValidationException", "InvalidCiphertextException")  # documented as either
    refused(key.client.decrypt, codes, CiphertextBlob=blob, **algorithm)
    refused(key.client.decrypt, codes, CiphertextBlob=blob)
    refused(key.client.decrypt, INVALID_USAGE, CiphertextBlob=blob, KeyId=key.id)
    source = {"SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "DestinationKeyId": key.id}
    refused(key.client.re_encrypt, codes, CiphertextBlob=blob, **source)


@pytest.mark.parametrize("spec", MAC_LEN)
def test_macs_member_for_member(ring, spec):
    key, algorithm = ring.key(spec, "GENERATE_VERIFY_MAC"), SPECS[spec].mac[0]
    request = {"KeyId": key.id, "MacAlgorithm": algorithm, "Message": b"a message"}
    answer = payload(key.client.generate_mac(**request))
    mac = answer.pop("Mac")
    assert answer == {"KeyId": key.arn, "MacAlgorithm": algorithm}
    assert len(mac) == MAC_LEN[spec] and key.client.generate_mac(**request)["Mac"] == mac
    verified = payload(key.client.verify_mac(**request, Mac=mac))
    assert verified == {"KeyId": key.arn, "MacAlgorithm": algorithm, "MacValid": True}
    refused(key.client.verify_mac, "KMSInvalidMacException", "", **request, Mac=mac[::-1])


@pytest.mark.parametrize("spec", [name for name, usage in KINDS if usage == "KEY_AGREEMENT"])
def test_agreement_member_for_member_and_peers_that_are_none(ring, spec):
    for origin in ORIGINS:
        key, peer = ring.key(spec, "KEY_AGREEMENT", origin), outside.generate(spec).public.spki
        request = {"KeyId": key.id, "KeyAgreementAlgorithm": "ECDH"}
        answer = payload(key.client.derive_shared_secret(**request, PublicKey=peer))
        assert len(answer.pop("SharedSecret")) > 0
        assert answer == {"KeyId": key.arn, "KeyAgreementAlgorithm": "ECDH", "KeyOrigin": origin}
    others = [s for s in ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_SECG_P256K1", "SM2", "RSA_2048") if s != spec]
    wrong = [outside.generate(other).public.spki for other in others]
    off_curve = peer[:-1] + bytes([peer[-1] ^ 1])
    head = len(peer) - (len(peer) - 24) // 2 * 2 - 1  # where the point begins: 04 and two coordinates
    at_infinity = peer[:head] + b"\0"
    wrong += [off_curve, at_infinity, peer[:-1], peer + b"\0", b"\0", peer[head:], outside.generate(spec).pkcs8]
    for public_key in wrong:
        refused(key.client.derive_shared_secret, "ValidationException", **request, PublicKey=public_key)


@pytest.mark.parametrize("spec", ENCAPSULATED_LEN)
def test_encapsulation_member_for_member(ring, spec):
    key, request = ring.key(spec, "ENCAPSULATE_DECAPSULATE"), {"EncapsulationAlgorithm": "ML_KEM"}
    made = payload(key.client.encapsulate(KeyId=key.id, **request))
    blob, secret = made.pop("SharedSecretCiphertextBlob"), made.pop("SharedSecret")
    assert made == {"KeyId": key.arn, **request}
    opened = payload(key.client.decapsulate(KeyId=key.id, SharedSecretCiphertextBlob=blob, **request))
    assert opened == {"KeyId": key.arn, "SharedSecret": secret, **request}
    assert key.client.encapsulate(KeyId=key.id, **request)["SharedSecret"] != secret


@pytest.mark.parametrize("with_plaintext", [True, False], ids=["with-plaintext", "without-plaintext"])
def test_data_key_pairs_member_for_member(kms, key, with_plaintext):
    call = kms.generate_data_key_pair if with_plaintext else kms.generate_data_key_pair_without_plaintext
    answer = payload(call(KeyId=key.alias, KeyPairSpec="ECC_NIST_P384"))
    material_id = kms.describe_key(KeyId=key.id)["KeyMetadata"]["CurrentKeyMaterialId"]
    secret = {"PrivateKeyPlaintext"} if with_plaintext else set()
    assert answer.keys() == {"PrivateKeyCiphertextBlob", "PublicKey", "KeyId", "KeyPairSpec", "KeyMaterialId"} | secret
    assert (answer["KeyId"], answer["KeyPairSpec"], answer["KeyMaterialId"]) == (key.arn, "ECC_NIST_P384", material_id)
    assert call(KeyId=key.id, KeyPairSpec="ECC_NIST_P384")["PublicKey"] != answer["PublicKey"]


def test_dry_runs_look_at_signatures_and_codes(ring):
    """A dry run says whether the request would have succeeded: with a wrong signature or code it would not."""
    key, mac_key = ring.key("ECC_NIST_P256", "SIGN_VERIFY"), ring.key("HMAC_256", "GENERATE_VERIFY_MAC")
    request = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256", "DryRun": True}
    refused(key.client.verify, "KMSInvalidSignatureException", KeyId=key.id, Signature=b"nonsense", **request)
    request = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256", "DryRun": True}
    refused(key.client.verify_mac, "KMSInvalidMacException", KeyId=mac_key.id, Mac=b"nonsense", **request)
