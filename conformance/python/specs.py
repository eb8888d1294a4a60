"""What each key spec is: usages, algorithms and sizes (the key-type pages of the AWS KMS developer guide), as one table that
the cases are made from. `test_coverage.py` compares it with the client's own enums."""

import hashlib
from dataclasses import dataclass

CHINA = "cn-north-1"

_SIZES = ("256", "384", "512")
_RSA_SIGNING = tuple(f"RSASSA_{padding}_SHA_{size}" for padding in ("PKCS1_V1_5", "PSS") for size in _SIZES)
_RSA_ENCRYPTION = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")


@dataclass(frozen=True)
class Spec:
    """A key spec."""

    name: str
    usages: tuple
    signing: tuple = ()
    encryption: tuple = ()
    mac: tuple = ()
    spki_len: int | None = None  # bytes of the public key
    pkcs8_len: int | None = None  # bytes of the private key where all keys of the spec take the same
    pair: bool = False  # whether it is a spec of data key pairs
    region: str | None = None  # where it is offered when not everywhere

    @property
    def algorithms(self):
        """Algorithms by usage, as DescribeKey and GetPublicKey list them."""
        listed = {
            "ENCRYPT_DECRYPT": ("EncryptionAlgorithms", self.encryption),
            "SIGN_VERIFY": ("SigningAlgorithms", self.signing),
            "GENERATE_VERIFY_MAC": ("MacAlgorithms", self.mac),
            "KEY_AGREEMENT": ("KeyAgreementAlgorithms", ("ECDH",)),
            "ENCAPSULATE_DECAPSULATE": ("EncapsulationAlgorithms", ("ML_KEM",)),
        }
        return {usage: listed[usage] for usage in self.usages}

    @property
    def asymmetric(self):
        return self.spki_len is not None


def _rsa(bits, spki_len):
    usages = ("ENCRYPT_DECRYPT", "SIGN_VERIFY")
    return Spec(f"RSA_{bits}", usages, _RSA_SIGNING, _RSA_ENCRYPTION, spki_len=spki_len, pair=True)


def _nist(name, size, spki_len, pkcs8_len):
    usages = ("SIGN_VERIFY", "KEY_AGREEMENT")
    return Spec(name, usages, (f"ECDSA_SHA_{size}",), spki_len=spki_len, pkcs8_len=pkcs8_len, pair=True)


def _signing(name, algorithms, spki_len, pkcs8_len, **more):
    return Spec(name, ("SIGN_VERIFY",), algorithms, spki_len=spki_len, pkcs8_len=pkcs8_len, **more)


def _ml_dsa(name, spki_len):
    return _signing(name, ("ML_DSA_SHAKE_256",), spki_len, 54)


def _ml_kem(name, spki_len):
    usages = ("ENCAPSULATE_DECAPSULATE",)
    return Spec(name, usages, spki_len=spki_len, pkcs8_len=86, pair=True)


def _hmac(size):
    return Spec(f"HMAC_{size}", ("GENERATE_VERIFY_MAC",), mac=(f"HMAC_SHA_{size}",))


SPECS = {
    spec.name: spec
    for spec in [
        _rsa(2048, 294),
        _rsa(3072, 422),
        _rsa(4096, 550),
        _nist("ECC_NIST_P256", 256, 91, 138),
        _nist("ECC_NIST_P384", 384, 120, 185),
        _nist("ECC_NIST_P521", 512, 158, 241),
        _signing("ECC_SECG_P256K1", ("ECDSA_SHA_256",), 88, 135, pair=True),
        _signing("ECC_NIST_EDWARDS25519", ("ED25519_SHA_512", "ED25519_PH_SHA_512"), 44, 48, pair=True),
        Spec("SYMMETRIC_DEFAULT", ("ENCRYPT_DECRYPT",), encryption=("SYMMETRIC_DEFAULT",)),
        *(_hmac(size) for size in (224, 256, 384, 512)),
        _ml_dsa("ML_DSA_44", 1334),
        _ml_dsa("ML_DSA_65", 1974),
        _ml_dsa("ML_DSA_87", 2614),
        _ml_kem("ML_KEM_512", 822),
        _ml_kem("ML_KEM_768", 1206),
        _ml_kem("ML_KEM_1024", 1590),
        Spec(
            "SM2",
            ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"),
            ("SM2DSA",),
            ("SM2PKE",),
            spki_len=91,
            pkcs8_len=138,
            pair=True,
            region=CHINA,
        ),
    ]
}

# The most bytes that an algorithm encrypts under a key.
PLAINTEXT_MAX = {
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_4096", "RSAES_OAEP_SHA_1"): 470,
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
    ("SM2", "SM2PKE"): 1024,
    ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"): 4096,
}

# Bytes of a signature: all of them, or at most where the encoding varies.
SIGNATURE_LEN = {"RSA_2048": 256, "RSA_3072": 384, "RSA_4096": 512, "ECC_NIST_EDWARDS25519": 64}
SIGNATURE_LEN |= {"ML_DSA_44": 2420, "ML_DSA_65": 3309, "ML_DSA_87": 4627}
SIGNATURE_LEN_MAX = {"ECC_NIST_P256": 72, "ECC_SECG_P256K1": 72, "SM2": 72, "ECC_NIST_P384": 104, "ECC_NIST_P521": 139}
SHARED_SECRET_LEN = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66, "SM2": 32}
MAC_LEN = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
ENCAPSULATED_LEN = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}


def message_types(algorithm):
    """The forms in which an algorithm takes a message."""
    if algorithm == "ML_DSA_SHAKE_256":
        return ("RAW", "EXTERNAL_MU")
    return {"ED25519_SHA_512": ("RAW",), "ED25519_PH_SHA_512": ("DIGEST",)}.get(algorithm, ("RAW", "DIGEST"))


def digest_len(algorithm):
    """Bytes of a message given as DIGEST or EXTERNAL_MU."""
    if algorithm == "SM2DSA":
        return 32
    return 64 if algorithm.startswith("ML_DSA") else hash_of(algorithm)().digest_size


def hash_of(algorithm):
    """`RSASSA_PSS_SHA_384` to hashlib's constructor of SHA-384."""
    return getattr(hashlib, f"sha{algorithm.rpartition('_')[2]}")
