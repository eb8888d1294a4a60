"""The owner's side of imported key material: making it, wrapping it as the developer guide says, handing it in, and seeing
that the key works with it."""

import secrets

import leaks
import outside
import pytest
from cryptography.hazmat.primitives import keywrap
from expect import refused
from specs import CHINA, MAC_LEN, SPECS

NEVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
KEY_WRAP = ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")


def fits(spec, algorithm, wrapping_key, china=False):
    """The table of what can be wrapped how (developer guide, "Select a wrapping algorithm"). It says nothing of ML-DSA and
    ML-KEM keys, whose private halves are as short as those of elliptic curves."""
    if spec == "SM2" and not china:
        return False
    if algorithm == "SM2PKE":
        return china and wrapping_key == "SM2" and spec.startswith(("RSA", "ECC", "SM2"))
    if wrapping_key == "SM2" or not algorithm.startswith(("RSAES_OAEP", "RSA_AES")):
        return False
    if algorithm in KEY_WRAP:
        return not china and spec.startswith(("RSA", "ECC", "ML"))
    return not spec.startswith("RSA") and (spec, wrapping_key) != ("ECC_NIST_P521", "RSA_2048")


def fresh_material(spec, region=None):
    """Material for a key of this spec as it is imported: raw bytes, or PKCS#8."""
    if spec == "SYMMETRIC_DEFAULT":
        return secrets.token_bytes(16 if region == CHINA else 32)
    if spec in MAC_LEN:
        return secrets.token_bytes(MAC_LEN[spec])
    return outside.generate(spec).pkcs8


def wrap(algorithm, public_key, material):
    """The material under the wrapping key."""
    leaks.note(material)
    if algorithm == "SM2PKE":
        return outside.load_public("SM2", public_key).encrypt(algorithm, material)
    wrapping_key = outside.load_public("RSA_2048", public_key)
    if algorithm in OAEP:
        return wrapping_key.encrypt(algorithm, material)
    aes_key = secrets.token_bytes(32)
    wrapped = keywrap.aes_key_wrap_with_padding(aes_key, material)
    return wrapping_key.encrypt(algorithm.replace("RSA_AES_KEY_WRAP", "RSAES_OAEP"), aes_key) + wrapped


def usual_wrapping(spec):
    """A wrapping under RSA_2048 that suits the spec in its Region."""
    return "RSA_AES_KEY_WRAP_SHA_256" if spec.startswith(("RSA", "ECC_NIST_P521")) else "RSAES_OAEP_SHA_256"


def parameters(kms, key_id, algorithm, wrapping_key_spec="RSA_2048"):
    return kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_key_spec)


def request(kms, key_id, spec, material, algorithm=None, wrapping_key_spec="RSA_2048", **more):
    """An ImportKeyMaterial request with fresh parameters; the material never expires unless `more` says so."""
    algorithm = algorithm or usual_wrapping(spec)
    fresh = parameters(kms, key_id, algorithm, wrapping_key_spec)
    encrypted = wrap(algorithm, fresh["PublicKey"], material)
    members = {"KeyId": key_id, "ImportToken": fresh["ImportToken"], "EncryptedKeyMaterial": encrypted}
    return members | (more if "ExpirationModel" in more or "ValidTo" in more else NEVER | more)


def without_key_id(members):
    return {name: value for name, value in members.items() if name != "KeyId"}


def external_key(kms, spec="SYMMETRIC_DEFAULT"):
    return kms.create_key(KeySpec=spec, KeyUsage=SPECS[spec].usages[0], Origin="EXTERNAL")["KeyMetadata"]["KeyId"]


def described(kms, key_id):
    return kms.describe_key(KeyId=key_id)["KeyMetadata"]


def imports(kms, key_id, material, spec="SYMMETRIC_DEFAULT", **more):
    """Imports and gives the id of the material."""
    return kms.import_key_material(**request(kms, key_id, spec, material, **more)).get("KeyMaterialId")


def cannot_import(kms, key_id, code, what="", **members):
    """The import is refused, and the key is as it was. `what` is for the one who reads a failure."""
    before = described(kms, key_id)
    try:
        refused(kms.import_key_material, code, KeyId=key_id, **{**NEVER, **members})
    except (AssertionError, pytest.fail.Exception) as error:
        raise AssertionError(f"{what}: {error}") from error
    assert described(kms, key_id) == before, what


def assert_works(kms, key_id, spec, material):
    """The key does with the material what others do with it."""
    row = SPECS[spec]
    if spec == "SYMMETRIC_DEFAULT":
        blob = kms.encrypt(KeyId=key_id, Plaintext=b"a plaintext")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"a plaintext"
    elif row.mac:
        mac = kms.generate_mac(KeyId=key_id, Message=b"a message", MacAlgorithm=row.mac[0])["Mac"]
        assert mac == outside.mac(row.mac[0], material, b"a message")
    else:
        private = outside.load_private(spec, material)
        assert kms.get_public_key(KeyId=key_id)["PublicKey"] == private.public.spki
        assert_used(kms, key_id, row, private)


def assert_used(kms, key_id, row, private):
    if row.usages[0] == "ENCRYPT_DECRYPT":
        algorithm = row.encryption[0]
        sealed = kms.encrypt(KeyId=key_id, Plaintext=b"a plaintext", EncryptionAlgorithm=algorithm)
        assert private.decrypt(algorithm, sealed["CiphertextBlob"]) == b"a plaintext"
    elif row.usages[0] == "ENCAPSULATE_DECAPSULATE":
        made = kms.encapsulate(KeyId=key_id, EncapsulationAlgorithm="ML_KEM")
        assert private.decapsulate(made["SharedSecretCiphertextBlob"]) == made["SharedSecret"]
    else:
        said = {"Message": b"a message", "SigningAlgorithm": row.signing[0]}
        signature = kms.sign(KeyId=key_id, **said)["Signature"]
        assert private.public.accepts(signature, row.signing[0], "RAW", b"a message")
