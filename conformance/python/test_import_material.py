"""What is material of a key spec and what is not: too short, too long, cut, of another kind, off the curve, with parts that
contradict each other. A refusal leaves the key as it was."""

import functools
import secrets

import importing
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from der import (
    EC_PUBLIC_KEY,
    ED25519,
    OCTET_STRING,
    P256,
    SECP256K1,
    SEED,
    SEQUENCE,
    SM2,
    der,
    ec_pkcs8,
    ec_private_key,
    indefinite,
    integer,
    lattice_pkcs8,
    pkcs8,
    rsa_pkcs8,
)
from importing import assert_works, cannot_import, described, external_key, imports, parameters, wrap
from kyber_py.ml_kem import ML_KEM_768
from openssl import openssl
from specs import CHINA, MAC_LEN, SPECS

INCORRECT = "IncorrectKeyMaterialException"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_SEED = bytes(range(32))
ML_KEM_SEED = bytes(range(64))


@functools.cache
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


@functools.cache
def rsa_numbers():
    """In the order of RSAPrivateKey."""
    own, public = rsa_key().private_numbers(), rsa_key().public_key().public_numbers()
    return [public.n, public.e, own.d, own.p, own.q, own.dmp1, own.dmq1, own.iqmp]


@functools.cache
def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def scalar():
    return ec_key().private_numbers().private_value.to_bytes(32, "big")


@functools.cache
def point():
    return ec_key().public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def private_bytes(key, encoding="DER", form="PKCS8", password=None):
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(
        getattr(serialization.Encoding, encoding), getattr(serialization.PrivateFormat, form), protection
    )


def other_files(key):
    """A private key as people have it lying about, but not as PKCS#8."""
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "in the form of its own kind": private_bytes(key, form="TraditionalOpenSSL"),
        "PEM": private_bytes(key, "PEM"),
        "encrypted": private_bytes(key, password=b"password"),
        "public": key.public_key().public_bytes(serialization.Encoding.DER, public),
    }


def explicit_parameters():
    """The curve described and not named."""
    own_form = private_bytes(ec_key(), form="TraditionalOpenSSL")
    described_curve = openssl("ec -inform DER -in $key -param_enc explicit -outform DER", key=own_form)
    return openssl("pkcs8 -topk8 -nocrypt -inform DER -outform DER -in $key", key=described_curve)


def broken(good):
    """Bytes that are no private key of any kind."""
    return {
        "a zero": b"\0",
        "cut short": good[:-1],
        "cut in half": good[: len(good) // 2],
        "something behind": good + b"\0",
        "twice": good + good,
        "another version": good.replace(b"\x02\x01\0", b"\x02\x01\x07", 1),
        "nonsense": secrets.token_bytes(len(good)),
        "zeros": bytes(len(good)),
    }


def altered(at, change=2):
    """An RSA key with one of its numbers changed."""
    return rsa_pkcs8(*(n + change if i == at else n for i, n in enumerate(rsa_numbers())))


def wrong_for_rsa():
    names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
    return {
        **broken(private_bytes(rsa_key())),
        **other_files(rsa_key()),
        "RSA_3072": importing.fresh_material("RSA_3072"),
        "1024 bits": private_bytes(rsa.generate_private_key(65537, 1024)),
        "P-256": private_bytes(ec_key()),
        "three primes": rsa_pkcs8(*rsa_numbers(), version=1),
        "n and e only": rsa_pkcs8(*rsa_numbers()[:2]),
        **{f"another {name}": altered(at) for at, name in enumerate(names)},
        "p and q exchanged": rsa_pkcs8(*rsa_numbers()[:3], *reversed(rsa_numbers()[3:5]), *rsa_numbers()[5:]),
    }


def wrong_for_p256():
    return {
        **broken(private_bytes(ec_key())),
        **other_files(ec_key()),
        "P-384": importing.fresh_material("ECC_NIST_P384"),
        "secp256k1": importing.fresh_material("ECC_SECG_P256K1"),
        "SM2": importing.fresh_material("SM2"),
        "Ed25519": importing.fresh_material("ECC_NIST_EDWARDS25519"),
        "RSA": private_bytes(rsa_key()),
        "scalar alone": scalar(),
        "explicit parameters": explicit_parameters(),
        "scalar 0": ec_pkcs8(bytes(32)),
        "scalar of the order": ec_pkcs8(P256_ORDER.to_bytes(32, "big")),
        "scalar beyond the order": ec_pkcs8(b"\xff" * 32),
        "another's point": ec_pkcs8(scalar(), importing.fresh_material("ECC_NIST_P256")[-65:]),
        "point off the curve": ec_pkcs8(scalar(), point()[:-1] + bytes([point()[-1] ^ 1])),
        "point cut short": ec_pkcs8(scalar(), point()[:-1]),
        "point at infinity": ec_pkcs8(scalar(), b"\0"),
        "another curve inside": pkcs8(der(SEQUENCE, EC_PUBLIC_KEY, P256), ec_private_key(scalar(), curve=SECP256K1)),
    }


def wrong_for_curve(curve):
    return {
        "P-256": private_bytes(ec_key()),
        "scalar 0": ec_pkcs8(bytes(32), curve=curve),
        "scalar beyond the order": ec_pkcs8(b"\xff" * 32, curve=curve),
        "a point of P-256": ec_pkcs8(scalar(), point(), curve),
    }


def wrong_for_ed25519():
    return {
        **broken(pkcs8(ED25519, der(OCTET_STRING, ED25519_SEED))),
        "X25519": private_bytes(x25519.X25519PrivateKey.generate()),
        "Ed448": private_bytes(ed448.Ed448PrivateKey.generate()),
        "P-256": private_bytes(ec_key()),
        "seed alone": ED25519_SEED,
        "31 bytes": pkcs8(ED25519, der(OCTET_STRING, ED25519_SEED[1:])),
        "33 bytes": pkcs8(ED25519, der(OCTET_STRING, ED25519_SEED + b"\0")),
        "bare seed inside": pkcs8(ED25519, ED25519_SEED),
    }


def both(seed, expanded):
    return der(SEQUENCE, der(OCTET_STRING, seed), der(OCTET_STRING, expanded))


def wrong_for_lattice(spec, other, seed_len):
    seed = secrets.token_bytes(seed_len)
    good = lattice_pkcs8(spec, der(SEED, seed))
    return lambda: {
        **broken(good),
        other: importing.fresh_material(other),
        "P-256": private_bytes(ec_key()),
        "seed alone": seed,
        "bare seed inside": lattice_pkcs8(spec, seed),
        "seed cut short": lattice_pkcs8(spec, der(SEED, seed[1:])),
        "seed too long": lattice_pkcs8(spec, der(SEED, seed + b"\0")),
        "no expansion of its seed": lattice_pkcs8(spec, both(seed, secrets.token_bytes(2400))),
        "no expansion at all": lattice_pkcs8(spec, both(seed, b"")),
    }


def ml_kem_expanded():
    return ML_KEM_768.key_derive(ML_KEM_SEED)[1]


def wrong_for_ml_kem_768():
    return {
        **wrong_for_lattice("ML_KEM_768", "ML_KEM_1024", 64)(),
        "expanded key without its seed": lattice_pkcs8("ML_KEM_768", der(OCTET_STRING, ml_kem_expanded())),
        "another's expanded key": lattice_pkcs8("ML_KEM_768", both(ML_KEM_SEED[::-1], ml_kem_expanded())),
    }


def lengths(*lengths_):
    return lambda: {f"{length} bytes": bytes(length) for length in lengths_}


WRONG = {
    "SYMMETRIC_DEFAULT": lengths(1, 15, 16, 24, 31, 33, 64, 128),
    "HMAC_224": lengths(1, 27, 129, 180),
    "HMAC_256": lengths(1, 31, 129, 180),
    "HMAC_384": lengths(1, 47, 129, 180),
    "HMAC_512": lengths(1, 32, 63, 129, 180),
    "RSA_2048": wrong_for_rsa,
    "RSA_3072": lambda: {"RSA_2048": private_bytes(rsa_key()), "nonsense": secrets.token_bytes(1794)},
    "RSA_4096": lambda: {"RSA_2048": private_bytes(rsa_key()), "nonsense": secrets.token_bytes(2375)},
    "ECC_NIST_P256": wrong_for_p256,
    "ECC_NIST_P384": lambda: {"P-256": private_bytes(ec_key()), "nonsense": secrets.token_bytes(185)},
    "ECC_NIST_P521": lambda: {"P-256": private_bytes(ec_key()), "nonsense": secrets.token_bytes(241)},
    "ECC_SECG_P256K1": lambda: wrong_for_curve(SECP256K1),
    "ECC_NIST_EDWARDS25519": wrong_for_ed25519,
    "ML_DSA_44": wrong_for_lattice("ML_DSA_44", "ML_DSA_65", 32),
    "ML_DSA_65": wrong_for_lattice("ML_DSA_65", "ML_DSA_87", 32),
    "ML_DSA_87": wrong_for_lattice("ML_DSA_87", "ML_DSA_44", 32),
    "ML_KEM_512": wrong_for_lattice("ML_KEM_512", "ML_KEM_768", 64),
    "ML_KEM_768": wrong_for_ml_kem_768,
    "ML_KEM_1024": wrong_for_lattice("ML_KEM_1024", "ML_KEM_512", 64),
    "SM2": lambda: {**broken(importing.fresh_material("SM2")), **wrong_for_curve(SM2)},
}


def test_every_spec_has_wrong_material():
    assert set(WRONG) == set(SPECS)


def roomy_wrapping(spec):
    """A wrapping that holds material of any length, where the spec has one."""
    if spec == "SM2":
        return "SM2PKE", "SM2"
    return "RSA_AES_KEY_WRAP_SHA_256" if SPECS[spec].asymmetric else "RSAES_OAEP_SHA_256", "RSA_2048"


@pytest.mark.parametrize("spec", WRONG)
def test_material_that_is_none_of_the_keys(account, spec):
    """Into a key that has none yet, and into one that has: neither changes."""
    kms = account.client(SPECS[spec].region)
    empty, filled = external_key(kms, spec), external_key(kms, spec)
    good, wrong = importing.fresh_material(spec), WRONG[spec]()
    imports(kms, filled, good, spec)
    algorithm, wrapping_key = roomy_wrapping(spec)
    for key_id in (empty, filled):
        fresh = parameters(kms, key_id, algorithm, wrapping_key)
        for what, material in wrong.items():
            encrypted = wrap(algorithm, fresh["PublicKey"], material)
            members = {"ImportToken": fresh["ImportToken"], "EncryptedKeyMaterial": encrypted}
            cannot_import(kms, key_id, INCORRECT, what, **members)
    assert described(kms, empty)["KeyState"] == "PendingImport"
    assert_works(kms, filled, spec, good)


def forms_of_p256():
    named = der(SEQUENCE, EC_PUBLIC_KEY, P256)
    return [
        ec_pkcs8(scalar()),
        ec_pkcs8(scalar(), point()),
        pkcs8(named, ec_private_key(scalar(), point(), P256)),
        indefinite(SEQUENCE, integer(0), named, der(OCTET_STRING, ec_private_key(scalar(), point()))),
        private_bytes(ec_key()),
    ]


def forms_of_rsa():
    return [rsa_pkcs8(*rsa_numbers()), private_bytes(rsa_key())]


def forms_of_ed25519():
    seed = der(OCTET_STRING, ED25519_SEED)
    return [indefinite(SEQUENCE, integer(0), ED25519, der(OCTET_STRING, seed)), pkcs8(ED25519, seed)]


def forms_of_ml_kem():
    return [lattice_pkcs8("ML_KEM_768", c) for c in (both(ML_KEM_SEED, ml_kem_expanded()), der(SEED, ML_KEM_SEED))]


FORMS = {
    "ECC_NIST_P256": forms_of_p256,
    "RSA_2048": forms_of_rsa,
    "ECC_NIST_EDWARDS25519": forms_of_ed25519,
    "ML_DSA_44": lambda: [lattice_pkcs8("ML_DSA_44", der(SEED, ML_KEM_SEED[:32]))],
    "ML_KEM_768": forms_of_ml_kem,
}


@pytest.mark.parametrize("spec", FORMS)
def test_forms_of_the_same_private_key(kms, spec):
    """With and without what is optional, in DER and in BER: all the same material, so each goes over the others."""
    key_id = external_key(kms, spec)
    *others, plain = FORMS[spec]()
    for material in (*others, plain):
        imports(kms, key_id, material, spec, algorithm="RSA_AES_KEY_WRAP_SHA_256")
        assert_works(kms, key_id, spec, plain)


@pytest.mark.parametrize("spec", MAC_LEN)
def test_lengths_of_hmac_material(kms, spec):
    for length in (MAC_LEN[spec], MAC_LEN[spec] + 1, 100, 128):
        key_id, material = external_key(kms, spec), secrets.token_bytes(length)
        imports(kms, key_id, material, spec)
        assert_works(kms, key_id, spec, material)


def test_symmetric_material_in_china_is_an_sm4_key(account):
    kms = account.client(CHINA)
    key_id = external_key(kms)
    assert described(kms, key_id)["Arn"].startswith(f"arn:aws-cn:kms:{CHINA}:")
    fresh = parameters(kms, key_id, "RSAES_OAEP_SHA_256")
    for length in (15, 17, 24, 32):
        encrypted = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], bytes(length))
        cannot_import(kms, key_id, INCORRECT, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=encrypted)
    material = importing.fresh_material("SYMMETRIC_DEFAULT", CHINA)
    imports(kms, key_id, material)
    assert_works(kms, key_id, "SYMMETRIC_DEFAULT", material)
