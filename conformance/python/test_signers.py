"""Signers as people build them upon Sign: of digests that are made elsewhere and signed as they stand."""

import base64
import hashlib
import json

import importing
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from curves import SECP256K1
from der import BIT_STRING, OID, SEQUENCE, der, ec_pkcs8, integer
from der import SECP256K1 as SECP256K1_OID
from outside import load_public


def new_key(kms, spec):
    return kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]


# Ethereum. The example of EIP-155: private key, hash of the transaction (Keccak-256, not SHA-256), signature.
EIP_155_KEY = b"\x46" * 32
EIP_155_HASH = bytes.fromhex("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")
EIP_155_SIGNATURE = (
    0x28EF61340BD939BC2195FE537567866003E1A15D3C71FF63E1590620AA636276,
    0x67CBE9D8997F761AECB703304B3800CCF555C9F3DC64214B297FB1966A3B6D83,
)


def eth_sign(kms, key_id, hash_):
    """What a wallet puts into a transaction: r, s in the lower half, and which of two points r stands for."""
    request = {"Message": hash_, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    r, s = decode_dss_signature(kms.sign(KeyId=key_id, **request)["Signature"])
    s = min(s, SECP256K1.order - s)
    spki = kms.get_public_key(KeyId=key_id)["PublicKey"]
    point = int.from_bytes(spki[-64:-32], "big"), int.from_bytes(spki[-32:], "big")
    (recovery_id,) = (n for n in (0, 1) if recovered(hash_, r, s, n) == point)
    return r, s, recovery_id


def recovered(hash_, r, s, recovery_id):
    """The public key of whoever signed (SEC 1, section 4.1.6)."""
    inverse = pow(r, -1, SECP256K1.order)
    commitment = SECP256K1.times(s * inverse % SECP256K1.order, SECP256K1.point(r, recovery_id))
    number = -int.from_bytes(hash_, "big") * inverse % SECP256K1.order
    return SECP256K1.add(commitment, SECP256K1.times(number, SECP256K1.base))


def test_an_ethereum_transaction_is_signed_and_its_signer_recovered(kms):
    key_id = kms.create_key(KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")["KeyMetadata"][
        "KeyId"
    ]
    importing.imports(kms, key_id, ec_pkcs8(EIP_155_KEY, curve=SECP256K1_OID), "ECC_SECG_P256K1")
    request = {"KeyId": key_id, "Message": EIP_155_HASH, "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert kms.verify(Signature=encode_dss_signature(*EIP_155_SIGNATURE), **request)["SignatureValid"]

    for _ in range(5):
        r, s, _ = eth_sign(kms, key_id, EIP_155_HASH)
        assert s <= SECP256K1.order // 2
        assert kms.verify(Signature=encode_dss_signature(r, s), **request)["SignatureValid"]
    r, s = EIP_155_SIGNATURE
    assert recovered(EIP_155_HASH, r, s, 0) == SECP256K1.times(int.from_bytes(EIP_155_KEY, "big"), SECP256K1.base)


def test_every_digest_is_signed_as_it_stands(kms):
    """Also those that no hash function gives, and those beyond the order of the curve."""
    key_id = new_key(kms, "ECC_SECG_P256K1")
    for digest in (b"\0" * 31 + b"\1", b"\xff" * 32, hashlib.sha256(b"x").digest()):
        eth_sign(kms, key_id, digest)


# JSON Web Tokens.
TOKENS = {
    "RS256": ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
    "PS384": ("RSA_2048", "RSASSA_PSS_SHA_384"),
    "ES256": ("ECC_NIST_P256", "ECDSA_SHA_256"),
    "ES512": ("ECC_NIST_P521", "ECDSA_SHA_512"),
    "EdDSA": ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
}


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@pytest.mark.parametrize("alg", TOKENS)
def test_a_json_web_token(ring, alg):
    """Signed whole; the signature in the form of JWS (RFC 7518) and back."""
    spec, algorithm = TOKENS[alg]
    key = ring.key(spec, "SIGN_VERIFY")
    header, claims = {"alg": alg, "typ": "JWT", "kid": key.id}, {"sub": "somebody", "iat": 1}
    signed = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = key.client.sign(KeyId=key.id, Message=signed, SigningAlgorithm=algorithm)["Signature"]
    if alg.startswith("ES"):
        size = {"ES256": 32, "ES512": 66}[alg]
        numbers = [n.to_bytes(size, "big") for n in decode_dss_signature(signature)]
        assert len(b"".join(numbers)) == 2 * size
        signature = encode_dss_signature(*(int.from_bytes(n, "big") for n in numbers))
    assert load_public(spec, key.public.spki).accepts(signature, algorithm, "RAW", signed)


def test_a_certificate_authority(ring):
    """A root certificate whose private key never leaves: the part to be signed by hand, the signature by Sign."""
    key = ring.key("ECC_NIST_P384", "SIGN_VERIFY")
    algorithm = der(SEQUENCE, der(OID, bytes.fromhex("2a8648ce3d040303")))
    name = der(SEQUENCE, der(0x31, der(SEQUENCE, der(OID, bytes.fromhex("550403")), der(0x0C, b"a root"))))
    validity = der(SEQUENCE, der(0x17, b"260101000000Z"), der(0x17, b"460101000000Z"))
    to_sign = der(SEQUENCE, der(0xA0, integer(2)), integer(1), algorithm, name, validity, name, key.public.spki)
    digest = {"Message": hashlib.sha384(to_sign).digest(), "MessageType": "DIGEST"}
    signature = key.client.sign(KeyId=key.id, SigningAlgorithm="ECDSA_SHA_384", **digest)["Signature"]
    certificate = x509.load_der_x509_certificate(der(SEQUENCE, to_sign, algorithm, der(BIT_STRING, b"\0", signature)))
    certificate.verify_directly_issued_by(certificate)
