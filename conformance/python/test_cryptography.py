"""Encrypt, Decrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom."""

import secrets

import pytest
from expect import MATERIAL_ID, payload, refused
from operations import Key

INCORRECT_KEY = "The key ID in the request does not identify a CMK that can perform this operation."


def test_encrypt_and_decrypt_member_for_member(kms, key):
    material = kms.describe_key(KeyId=key.id)["KeyMetadata"]["CurrentKeyMaterialId"]
    encrypted = payload(kms.encrypt(KeyId=key.alias, Plaintext=b"secret", EncryptionAlgorithm="SYMMETRIC_DEFAULT"))
    blob = encrypted.pop("CiphertextBlob")
    assert encrypted == {"KeyId": key.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert b"secret" not in blob
    assert payload(kms.decrypt(CiphertextBlob=blob)) == {
        "KeyId": key.arn,
        "Plaintext": b"secret",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": material,
    }


@pytest.mark.parametrize(
    "plaintext", [b"\0", b"\0" * 4096, bytes(range(256)) * 16, "häß".encode()], ids=lambda p: f"{len(p)}"
)
def test_any_bytes_come_back(kms, key, plaintext):
    blob = kms.encrypt(KeyId=key.id, Plaintext=plaintext)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, KeyId=key.id)["Plaintext"] == plaintext


def test_every_ciphertext_differs(shared_key):
    blobs = {shared_key.client.encrypt(KeyId=shared_key.id, Plaintext=b"same")["CiphertextBlob"] for _ in range(50)}
    assert len(blobs) == 50
    assert len({len(blob) for blob in blobs}) == 1


# Context at encryption, at decryption, and whether the second opens what the first sealed.
CONTEXTS = [
    (None, None, True),
    (None, {}, True),
    ({}, None, True),
    ({"a": "1"}, {"a": "1"}, True),
    ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, True),
    ({"a": ""}, {"a": ""}, True),
    ({"": ""}, {"": ""}, True),
    ({"Schlüssel \u2603": "\U0001f511"}, {"Schlüssel \u2603": "\U0001f511"}, True),
    ({f"k{n}": f"v{n}" for n in range(200)}, {f"k{n}": f"v{n}" for n in reversed(range(200))}, True),
    ({"a": "1"}, None, False),
    (None, {"a": "1"}, False),
    ({"a": "1"}, {"a": "2"}, False),
    ({"a": "1"}, {"b": "1"}, False),
    ({"a": "1"}, {"A": "1"}, False),
    ({"a": "x"}, {"a": "X"}, False),
    ({"a": "1"}, {"a": "1 "}, False),
    ({"a": "1", "b": "2"}, {"a": "1"}, False),
    ({"a": "1"}, {"a": "1", "b": "2"}, False),
    ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}, False),
    ({"ab": "c"}, {"a": "bc"}, False),
    ({"a": "b"}, {"b": "a"}, False),
    ({"a": "b", "c": "d"}, {"a": "bcd"}, False),
    ({"a": ""}, None, False),
    ({"": ""}, None, False),
    ({"a": "\u00e4"}, {"a": "a\u0308"}, False),
]


@pytest.mark.parametrize(
    "sealed, opened, opens", CONTEXTS, ids=lambda value: str(value)[:40].encode("ascii", "replace").decode()
)
def test_encryption_context(shared_key, sealed, opened, opens):
    kms = shared_key.client
    given = lambda context: {} if context is None else {"EncryptionContext": context}
    blobs = {
        b"text": kms.encrypt(KeyId=shared_key.id, Plaintext=b"text", **given(sealed))["CiphertextBlob"],
    }
    data_key = kms.generate_data_key(KeyId=shared_key.id, KeySpec="AES_128", **given(sealed))
    blobs[data_key["Plaintext"]] = data_key["CiphertextBlob"]
    for plaintext, blob in blobs.items():
        if opens:
            assert kms.decrypt(CiphertextBlob=blob, **given(opened))["Plaintext"] == plaintext
        else:
            refused(kms.decrypt, "InvalidCiphertextException", "", CiphertextBlob=blob, **given(opened))


def test_a_blob_knows_its_key(kms, key):
    for identifier in ({}, {"KeyId": key.id}, {"KeyId": key.arn}, {"KeyId": key.alias}, {"KeyId": key.alias_arn}):
        assert kms.decrypt(CiphertextBlob=key.blob, **identifier)["KeyId"] == key.arn


def test_an_alias_is_a_name_and_not_part_of_the_ciphertext(kms, key):
    blob = kms.encrypt(KeyId=key.alias, Plaintext=b"x")["CiphertextBlob"]
    kms.update_alias(AliasName=key.alias, TargetKeyId=key.partner.id)
    assert kms.decrypt(CiphertextBlob=blob)["KeyId"] == key.arn
    refused(kms.decrypt, "IncorrectKeyException", INCORRECT_KEY, CiphertextBlob=blob, KeyId=key.alias)


@pytest.mark.parametrize("form", ["id", "arn", "alias", "alias_arn"])
def test_a_blob_of_another_key(kms, key, form):
    wrong = getattr(key.partner, form)
    refused(kms.decrypt, "IncorrectKeyException", INCORRECT_KEY, CiphertextBlob=key.blob, KeyId=wrong)
    request = {"CiphertextBlob": key.blob, "SourceKeyId": wrong, "DestinationKeyId": key.id}
    refused(kms.re_encrypt, "IncorrectKeyException", INCORRECT_KEY, **request)


def damaged(blob):
    """The blob with each of its bytes changed in turn, cut short at each length, extended, and things that are none."""
    for at in range(len(blob)):
        yield blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        yield blob[:at] + bytes([blob[at] ^ 0x80]) + blob[at + 1 :]
    yield from (blob[:length] for length in range(1, len(blob)))
    yield from (
        blob + b"\0",
        blob + blob,
        b"\0" + blob,
        b"\0",
        b"\0" * 6144,
        b"\xff" * len(blob),
        secrets.token_bytes(len(blob)),
    )


def test_damaged_blobs_are_refused_alike(shared_key):
    """Without a KeyId nothing tells where the damage is; a damaged key id in the blob may read as a key of nobody."""
    kms = shared_key.client
    foreign = "AccessDeniedException"
    seen = set()
    for blob in damaged(shared_key.blob):
        with pytest.raises(kms.exceptions.ClientError) as caught:
            kms.decrypt(CiphertextBlob=blob)
        error = caught.value.response["Error"]
        seen.add((error["Code"], error["Message"]))
    assert ("InvalidCiphertextException", "") in seen
    assert {code for code, _ in seen} <= {"InvalidCiphertextException", foreign}
    assert len(seen) <= 2, seen


def test_damaged_blobs_cannot_be_re_encrypted(kms, key):
    blob = key.blob[:-1] + bytes([key.blob[-1] ^ 1])
    refused(kms.re_encrypt, "InvalidCiphertextException", "", CiphertextBlob=blob, DestinationKeyId=key.partner.id)


def test_decrypt_needs_a_blob(kms, key):
    refused(kms.decrypt, "ValidationException", KeyId=key.id)
    refused(kms.re_encrypt, "ValidationException", DestinationKeyId=key.id)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"])
def test_algorithms_of_other_keys(kms, key, algorithm):
    code = "InvalidKeyUsageException"
    refused(kms.encrypt, code, KeyId=key.id, Plaintext=b"x", EncryptionAlgorithm=algorithm)
    refused(kms.decrypt, code, KeyId=key.id, CiphertextBlob=key.blob, EncryptionAlgorithm=algorithm)
    request = {"CiphertextBlob": key.blob, "SourceKeyId": key.id, "DestinationKeyId": key.partner.id}
    refused(kms.re_encrypt, code, **request, SourceEncryptionAlgorithm=algorithm)
    refused(kms.re_encrypt, code, **request, DestinationEncryptionAlgorithm=algorithm)


DATA_KEYS = [({"KeySpec": "AES_128"}, 16), ({"KeySpec": "AES_256"}, 32)]
DATA_KEYS += [({"NumberOfBytes": n}, n) for n in (1, 16, 64, 1023, 1024)]


@pytest.mark.parametrize("length, size", DATA_KEYS, ids=str)
def test_data_keys(shared_key, length, size):
    kms, context = shared_key.client, {"purpose": "data key"}
    material = kms.describe_key(KeyId=shared_key.id)["KeyMetadata"]["CurrentKeyMaterialId"]
    request = {"KeyId": shared_key.alias, "EncryptionContext": context, **length}
    with_plaintext = payload(kms.generate_data_key(**request))
    assert with_plaintext.keys() == {"CiphertextBlob", "Plaintext", "KeyId", "KeyMaterialId"}
    assert (with_plaintext["KeyId"], with_plaintext["KeyMaterialId"]) == (shared_key.arn, material)
    assert len(with_plaintext["Plaintext"]) == size
    opened = kms.decrypt(CiphertextBlob=with_plaintext["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == with_plaintext["Plaintext"]

    without = payload(kms.generate_data_key_without_plaintext(**request))
    assert without.keys() == {"CiphertextBlob", "KeyId", "KeyMaterialId"}
    assert (without["KeyId"], without["KeyMaterialId"]) == (shared_key.arn, material)
    opened = kms.decrypt(CiphertextBlob=without["CiphertextBlob"], EncryptionContext=context)
    assert len(opened["Plaintext"]) == size


def test_data_keys_differ(shared_key):
    kms = shared_key.client
    keys = {kms.generate_data_key(KeyId=shared_key.id, KeySpec="AES_256")["Plaintext"] for _ in range(20)}
    assert len(keys) == 20


def test_re_encrypt_member_for_member(kms, key):
    partner = key.partner
    material = {k.id: kms.describe_key(KeyId=k.id)["KeyMetadata"]["CurrentKeyMaterialId"] for k in (key, partner)}
    answer = payload(kms.re_encrypt(CiphertextBlob=key.blob, DestinationKeyId=partner.alias))
    blob = answer.pop("CiphertextBlob")
    assert answer == {
        "SourceKeyId": key.arn,
        "KeyId": partner.arn,
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": material[key.id],
        "DestinationKeyMaterialId": material[partner.id],
    }
    assert all(MATERIAL_ID.fullmatch(m) for m in material.values())
    assert kms.decrypt(CiphertextBlob=blob, KeyId=partner.id)["Plaintext"] == b"plaintext"


def test_re_encrypt_can_change_only_the_context(kms, key):
    old, new = {"version": "1"}, {"version": "2"}
    blob = kms.encrypt(KeyId=key.id, Plaintext=b"x", EncryptionContext=old)["CiphertextBlob"]
    request = {"CiphertextBlob": blob, "SourceKeyId": key.id, "DestinationKeyId": key.id}
    moved = kms.re_encrypt(**request, SourceEncryptionContext=old, DestinationEncryptionContext=new)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=moved, EncryptionContext=new)["Plaintext"] == b"x"
    refused(kms.decrypt, "InvalidCiphertextException", CiphertextBlob=moved, EncryptionContext=old)
    refused(kms.re_encrypt, "InvalidCiphertextException", **request, DestinationEncryptionContext=new)
    refused(kms.re_encrypt, "InvalidCiphertextException", **request, SourceEncryptionContext=new)
    plain = kms.re_encrypt(**request, SourceEncryptionContext=old)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=plain)["Plaintext"] == b"x"


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_random_bytes(kms, size):
    first, second = (payload(kms.generate_random(NumberOfBytes=size)) for _ in range(2))
    assert first.keys() == {"Plaintext"} and len(first["Plaintext"]) == size
    assert size == 1 or first != second


def test_random_bytes_from_a_store_of_nobody(kms):
    codes = ("CustomKeyStoreNotFoundException", "UnsupportedOperationException")
    refused(kms.generate_random, codes, NumberOfBytes=16, CustomKeyStoreId="cks-1234567890abcdef0")


def test_grant_tokens_that_are_none(kms, key):
    request = {"KeyId": key.id, "GrantTokens": ["nonsense"]}
    refused(kms.encrypt, "InvalidGrantTokenException", Plaintext=b"x", **request)
    refused(kms.decrypt, "InvalidGrantTokenException", CiphertextBlob=key.blob, **request)


def test_a_deleted_alias_does_not_matter_to_ciphertexts(account, kms):
    key = Key.create(account, kms)
    kms.delete_alias(AliasName=key.alias)
    assert kms.decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"
