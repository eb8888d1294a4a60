#!/usr/bin/env python3
"""Makes keys-v1.json: keys of every asymmetric spec but SM2, and what they signed, encrypted and agreed on, by programs
that share no code with ours: OpenSSL through Python's `cryptography` (48 or later, for ML-DSA and ML-KEM), the `openssl`
command (3.0 or later) for the odd encodings, and, for Ed25519ph, the arithmetic of RFC 8032 written out below.

    python3 make_keys_v1.py > keys-v1.json

Keys are fresh at every run; the file is committed, so that the tests need none of this.
"""

import hashlib
import json
import os
import subprocess

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, utils

MESSAGE = b"what is signed, encrypted and compared"
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def pkcs8(key):
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.DER, form, plain)


def spki(public):
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=True).stdout


def element(tag, *contents):
    body = b"".join(contents)
    if len(body) < 128:
        length = bytes([len(body)])
    else:
        size = (len(body).bit_length() + 7) // 8
        length = bytes([0x80 | size]) + len(body).to_bytes(size, "big")
    return bytes([tag]) + length + body


def algorithm_of(key):
    """The AlgorithmIdentifier of a SubjectPublicKeyInfo."""
    start = 3 if key[1] == 0x81 else 2
    return key[start : start + 2 + key[start + 1]]


def signature(algorithm, message_type, message, value):
    return {
        "algorithm": algorithm,
        "message_type": message_type,
        "message": message.hex(),
        "signature": value.hex(),
    }


def rsa_key(bits, exponent=65537):
    key = rsa.generate_private_key(exponent, bits)
    row = {"spec": f"RSA_{bits}", "pkcs8": pkcs8(key), "spki": spki(key.public_key())}
    row["signatures"], row["ciphertexts"] = [], []
    for size, algorithm in HASHES.items():
        schemes = {
            "PSS": padding.PSS(padding.MGF1(algorithm), algorithm.digest_size),
            "PKCS1_V1_5": padding.PKCS1v15(),
        }
        digest = hashlib.new(f"sha{size}", MESSAGE).digest()
        for name, scheme in schemes.items():
            made = key.sign(MESSAGE, scheme, algorithm)
            name = f"RSASSA_{name}_SHA_{size}"
            row["signatures"] += [signature(name, "RAW", MESSAGE, made), signature(name, "DIGEST", digest, made)]
    for name, algorithm in {"1": hashes.SHA1(), "256": hashes.SHA256()}.items():
        longest = bits // 8 - 2 * algorithm.digest_size - 2
        for plaintext in (MESSAGE, b"\x01", os.urandom(longest)):
            oaep = padding.OAEP(padding.MGF1(algorithm), algorithm, None)
            row["ciphertexts"].append(
                {
                    "algorithm": f"RSAES_OAEP_SHA_{name}",
                    "plaintext": plaintext.hex(),
                    "ciphertext": key.public_key().encrypt(plaintext, oaep).hex(),
                }
            )
    return row


def rsa_rows():
    rows = [rsa_key(bits) for bits in (2048, 3072, 4096)]
    rows.append(rsa_key(2048, exponent=3))
    pss_only = openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-outform", "DER")
    other_sizes = [rsa.generate_private_key(65537, bits) for bits in (1024, 2040, 2056)]
    rows[0]["refused_pkcs8"] = {
        "key restricted to PSS": pss_only,
        "modulus of 1024 bits": pkcs8(other_sizes[0]),
        "modulus of 2040 bits": pkcs8(other_sizes[1]),
        "modulus of 2056 bits": pkcs8(other_sizes[2]),
        "RSAPrivateKey without PKCS#8": other_sizes[2].private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        ),
        "encrypted": openssl(
            *["pkcs8", "-topk8", "-inform", "DER", "-outform", "DER", "-passout", "pass:x"], stdin=rows[0]["pkcs8"]
        ),
    }
    rows[0]["refused_spki"] = {
        "key restricted to PSS": openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", stdin=pss_only),
        "modulus of 1024 bits": spki(other_sizes[0].public_key()),
        "modulus of 2056 bits": spki(other_sizes[2].public_key()),
        "RSAPublicKey without SubjectPublicKeyInfo": other_sizes[2]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1),
    }
    return rows


ORDERS = {
    "P256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "P384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    "P521": (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
    "P256K1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
}


def ecc_key(name, curve, size, order):
    key = ec.generate_private_key(curve)
    spec = "ECC_SECG_P256K1" if name == "P256K1" else f"ECC_NIST_{name}"
    der = pkcs8(key)
    row = {"spec": spec, "pkcs8": der, "spki": spki(key.public_key()), "signatures": [], "secrets": []}
    algorithm, digest = HASHES[size], hashlib.new(f"sha{size}", MESSAGE).digest()
    r, s = utils.decode_dss_signature(key.sign(MESSAGE, ec.ECDSA(algorithm)))
    for s in (s, order - s):  # both are signatures
        made = utils.encode_dss_signature(r, s)
        row["signatures"] += [
            signature(f"ECDSA_SHA_{size}", "RAW", MESSAGE, made),
            signature(f"ECDSA_SHA_{size}", "DIGEST", digest, made),
        ]
    if name != "P256K1":
        peer = ec.generate_private_key(curve)
        row["secrets"].append(
            {"peer": spki(peer.public_key()).hex(), "secret": key.exchange(ec.ECDH(), peer.public_key()).hex()}
        )
        convert = ["ec", "-pubout", "-conv_form", "compressed", "-inform", "DER", "-outform", "DER"]
        compressed = openssl(*convert, stdin=pkcs8(peer))
        row["secrets"].append({"peer": compressed.hex(), "secret": row["secrets"][0]["secret"]})
    convert = ["-inform", "DER", "-outform", "DER"]
    explicit = openssl("ec", "-param_enc", "explicit", *convert, stdin=der)
    no_public = openssl("ec", "-no_public", *convert, stdin=der)
    topk8 = ["pkcs8", "-topk8", "-nocrypt", *convert]
    row["other_pkcs8"] = {"without the public key": openssl(*topk8, stdin=no_public)}
    other = ec.generate_private_key(curve)
    mixed = bytearray(der)
    point = other.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    mixed[-len(point) :] = point
    off_curve = bytearray(row["spki"])
    off_curve[-1] ^= 1
    row["refused_pkcs8"] = {
        "curve by its parameters": openssl(*topk8, stdin=explicit),
        "another key's public key": bytes(mixed),
        "ECPrivateKey without PKCS#8": openssl("ec", *convert, stdin=der),
    }
    row["refused_spki"] = {
        "curve by its parameters": openssl("ec", "-pubout", "-param_enc", "explicit", *convert, stdin=der),
        "point off the curve": bytes(off_curve),
        "point at infinity": element(0x30, algorithm_of(row["spki"]), element(3, b"\0\0")),
    }
    return row


def ecc_rows():
    curves = {"P256": ec.SECP256R1(), "P384": ec.SECP384R1(), "P521": ec.SECP521R1(), "P256K1": ec.SECP256K1()}
    sizes = {"P256": "256", "P384": "384", "P521": "512", "P256K1": "256"}
    return [ecc_key(name, curve, sizes[name], ORDERS[name]) for name, curve in curves.items()]


# RFC 8032, section 5.1: the curve, and signing with the prefix of Ed25519ph (section 2, dom2).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE_Y = 4 * pow(5, -1, P) % P


def recover_x(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


BASE = (recover_x(BASE_Y), BASE_Y)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    cross = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + cross, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - cross, -1, P) % P
    return (x, y)


def multiply(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def compress(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def ed25519ph(seed, message):
    """The signature of Ed25519ph over `message`, which it hashes itself, with an empty context."""
    dom2 = b"SigEd25519 no Ed25519 collisions\x01\x00"
    h = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    public = compress(multiply(scalar, BASE))
    hashed = hashlib.sha512(message).digest()
    r = int.from_bytes(hashlib.sha512(dom2 + h[32:] + hashed).digest(), "little") % L
    point = compress(multiply(r, BASE))
    k = int.from_bytes(hashlib.sha512(dom2 + point + public + hashed).digest(), "little") % L
    return point + ((r + k * scalar) % L).to_bytes(32, "little")


def ed25519_row():
    seed = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    known = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    known += "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    assert ed25519ph(seed, b"abc").hex() == known  # RFC 8032, section 7.3

    key = ed25519.Ed25519PrivateKey.generate()
    seed, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    digest = hashlib.sha512(MESSAGE).digest()
    algorithm = bytes.fromhex("300506032b6570")
    version2 = [element(2, b"\1"), algorithm, element(4, element(4, seed))]
    return {
        "spec": "ECC_NIST_EDWARDS25519",
        "pkcs8": pkcs8(key),
        "spki": spki(key.public_key()),
        "signatures": [
            signature("ED25519_SHA_512", "RAW", MESSAGE, key.sign(MESSAGE)),
            # AWS KMS takes the digest as the message of Ed25519ph and hashes it again.
            signature("ED25519_PH_SHA_512", "DIGEST", digest, ed25519ph(seed, digest)),
        ],
        "other_pkcs8": {"version 2, with the public key": element(0x30, *version2, element(0x81, b"\0" + public))},
        "refused_pkcs8": {
            "another key's public key": element(0x30, *version2, element(0x81, b"\0" + public[::-1])),
            "X25519": bytes.fromhex("302e020100300506032b656e04220420") + seed,
        },
        "refused_spki": {"X25519": bytes.fromhex("302a300506032b656e032100") + public},
    }


def ml_dsa_row(bits, cls):
    key = cls.generate()
    public = key.public_key()
    # FIPS 204, algorithm 6, line 9, and algorithm 7, line 6, with an empty context in the form of algorithm 2.
    tr = hashlib.shake_256(public.public_bytes_raw()).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + MESSAGE).digest(64)
    made = key.sign(MESSAGE)
    return {
        "spec": f"ML_DSA_{bits}",
        "pkcs8": pkcs8(key),
        "spki": spki(public),
        "signatures": [
            signature("ML_DSA_SHAKE_256", "RAW", MESSAGE, made),
            signature("ML_DSA_SHAKE_256", "EXTERNAL_MU", mu, made),
        ],
        "refused_signatures": [
            signature("ML_DSA_SHAKE_256", "RAW", MESSAGE, key.sign(MESSAGE, b"a context")),
            signature("ML_DSA_SHAKE_256", "RAW", mu, made),
        ],
    }


def ml_kem_row(bits, cls):
    key = cls.generate()
    secret, ciphertext = key.public_key().encapsulate()
    return {
        "spec": f"ML_KEM_{bits}",
        "pkcs8": pkcs8(key),
        "spki": spki(key.public_key()),
        "encapsulations": [{"ciphertext": ciphertext.hex(), "secret": secret.hex()}],
    }


def lattice_rows():
    rows = [ml_dsa_row(bits, getattr(mldsa, f"MLDSA{bits}PrivateKey")) for bits in (44, 65, 87)]
    classes = {bits: getattr(mlkem, f"MLKEM{bits}PrivateKey", None) for bits in (512, 768, 1024)}
    return rows + [ml_kem_row(bits, cls) for bits, cls in classes.items() if cls]


def as_hex(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: as_hex(inner) for name, inner in value.items()}
    return value


ROWS = rsa_rows() + ecc_rows() + [ed25519_row()] + lattice_rows()
print(json.dumps([as_hex(row) for row in ROWS], indent=1))
