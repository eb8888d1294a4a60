"""Import tokens and wrappings: each wrapping that the developer guide offers, and all that is not one."""

import itertools
import secrets

import importing
import pytest
from callers import new_account
from cryptography.hazmat.primitives import keywrap
from expect import refused
from importing import (
    KEY_WRAP,
    NEVER,
    OAEP,
    assert_works,
    cannot_import,
    described,
    external_key,
    imports,
    parameters,
    without_key_id,
    wrap,
)
from operations import IMPORTED, Key
from specs import CHINA, MAC_LEN, SPECS
from test_limits import MODEL

UNSUPPORTED = "UnsupportedOperationException"
WRAPPING_KEYS = MODEL.shape_for("WrappingKeySpec").enum
ALGORITHMS = MODEL.shape_for("AlgorithmSpec").enum
FAMILIES = [
    ["SYMMETRIC_DEFAULT"],
    [*MAC_LEN],
    ["RSA_2048", "RSA_3072", "RSA_4096"],
    ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"],
    ["ECC_NIST_P521"],
    ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"],
]


def accepted():
    """Each cell of the table of wrappings, with the specs of the family in turn; and each spec with each of its algorithms.
    Not everything with everything: wrapping keys of RSA_4096 take a second each."""
    for family in FAMILIES:
        cells = [c for c in itertools.product(ALGORITHMS, WRAPPING_KEYS) if importing.fits(family[0], *c)]
        yield from ((spec, *cell) for spec, cell in zip(itertools.cycle(family), cells))
        yield from ((spec, a, "RSA_2048") for spec in family for a, key in cells if key == "RSA_2048")
    china = [spec for spec in SPECS if spec.startswith(("RSA", "ECC", "SM2"))]
    yield from ((spec, "SM2PKE", "SM2") for spec in china)
    yield from (("SM2", algorithm, key) for algorithm, key in zip(OAEP, ("RSA_3072", "RSA_2048")))


ACCEPTED = list(dict.fromkeys(accepted()))


def region_of(spec, algorithm):
    return CHINA if "SM2" in (spec, algorithm[:3]) else None


@pytest.mark.parametrize("spec, algorithm, wrapping_key", [pytest.param(*case, id="-".join(case)) for case in ACCEPTED])
def test_every_wrapping(account, spec, algorithm, wrapping_key):
    kms = account.client(region_of(spec, algorithm))
    key_id = external_key(kms, spec)
    material = importing.fresh_material(spec, region_of(spec, algorithm))
    imports(kms, key_id, material, spec, algorithm=algorithm, wrapping_key_spec=wrapping_key)
    assert described(kms, key_id)["KeyState"] == "Enabled"
    assert_works(kms, key_id, spec, material)


@pytest.mark.parametrize("region", [None, CHINA], ids=["elsewhere", "China"])
@pytest.mark.parametrize("spec", SPECS)
def test_every_other_wrapping_is_refused(account, spec, region):
    if SPECS[spec].region not in (None, region):
        refused(account.client().create_key, UNSUPPORTED, KeySpec=spec, KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
        return
    kms = account.client(region)
    key_id = external_key(kms, spec)
    cells = [c for c in itertools.product(ALGORITHMS, WRAPPING_KEYS) if not importing.fits(spec, *c, region == CHINA)]
    assert {a for a, _ in cells} == set(ALGORITHMS)
    for algorithm, wrapping_key in cells:
        call = {"KeyId": key_id, "WrappingAlgorithm": algorithm, "WrappingKeySpec": wrapping_key}
        refused(kms.get_parameters_for_import, ("ValidationException", UNSUPPORTED), **call)


def damaged(data):
    """Each of some bytes changed, cut short, longer, and things that are none."""
    for at in {0, 1, 2, len(data) // 3, len(data) // 2, len(data) - 17, len(data) - 1}:
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    yield from (data[:1], data[: len(data) // 2], data[:-1], data + b"\0", data[1:], b"\0" * len(data), b"nonsense")


def test_tokens_that_are_none(kms):
    key = Key.create(None, kms, kind=IMPORTED)
    for token in damaged(key.parameters["ImportToken"]):
        call = without_key_id({**key.parameters, "ImportToken": token})
        cannot_import(kms, key.id, "InvalidImportTokenException", **call)


@pytest.mark.many_accounts
def test_a_token_is_for_one_key(endpoint, region, account, kms):
    key = Key.create(account, kms, kind=IMPORTED)
    elsewhere = account.client("eu-west-3" if region != "eu-west-3" else "eu-west-2")
    strangers = new_account(endpoint, region).client()
    for client in (kms, elsewhere, strangers):
        cannot_import(client, external_key(client), "InvalidImportTokenException", **without_key_id(key.parameters))
    kms.import_key_material(**key.parameters)


def test_each_set_of_parameters_is_a_pair(kms):
    """Many may be open; the material of one is not opened by the other, nor when it was wrapped in another way."""
    key_id, material = external_key(kms), secrets.token_bytes(32)
    first, second = (parameters(kms, key_id, "RSAES_OAEP_SHA_256") for _ in range(2))
    assert first["PublicKey"] != second["PublicKey"]
    for token, public_key, algorithm in [
        (first, second, "RSAES_OAEP_SHA_256"),
        (second, first, "RSAES_OAEP_SHA_256"),
        (first, first, "RSAES_OAEP_SHA_1"),
        (first, first, "RSA_AES_KEY_WRAP_SHA_256"),
    ]:
        encrypted = wrap(algorithm, public_key["PublicKey"], material)
        members = {"ImportToken": token["ImportToken"], "EncryptedKeyMaterial": encrypted}
        cannot_import(kms, key_id, "InvalidCiphertextException", **members)
    for fresh in (first, second):
        encrypted = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], material)
        kms.import_key_material(KeyId=key_id, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=encrypted, **NEVER)


@pytest.mark.parametrize("algorithm", [*OAEP, *KEY_WRAP])
def test_wrappings_that_do_not_open(kms, algorithm):
    spec = "ECC_NIST_P256"
    key_id = external_key(kms, spec)
    fresh = parameters(kms, key_id, algorithm)
    material = importing.fresh_material(spec)
    good = wrap(algorithm, fresh["PublicKey"], material)
    bad = [*damaged(good)]
    if algorithm in KEY_WRAP:
        rsa_oaep = algorithm.replace("RSA_AES_KEY_WRAP", "RSAES_OAEP")
        encrypt = lambda aes_key: wrap(rsa_oaep, fresh["PublicKey"], aes_key)
        short, long = secrets.token_bytes(16), secrets.token_bytes(32)
        bad += [
            encrypt(short) + keywrap.aes_key_wrap_with_padding(short, material),  # the guide asks for 256 bits
            encrypt(long) + keywrap.aes_key_wrap(long, material + b"\0" * (-len(material) % 8)),  # RFC 3394
            good[256:] + good[:256],
            good[:256],
            good[256:],
        ]
    for encrypted in bad:
        members = {"ImportToken": fresh["ImportToken"], "EncryptedKeyMaterial": encrypted}
        cannot_import(kms, key_id, "InvalidCiphertextException", **members)
    kms.import_key_material(KeyId=key_id, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=good, **NEVER)
