#!/usr/bin/env python3
"""Makes import-v1.json: key material as people may hand it in, wrapped in every way, and as they must not. Everything is
made by programs that share no code with ours: OpenSSL through Python's `cryptography` (48 or later), the `openssl`
command (3.0 or later) for SM2, RSA keys of three primes and explicit curve parameters, and DER and BER put together here.

    python3 make_import_v1.py > import-v1.json

Keys are fresh at every run; the file is committed, so that the tests need none of this.
"""

import hashlib
import hmac
import json
import os
import subprocess
import tempfile

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
HASHES = {"SHA_1": hashes.SHA1(), "SHA_256": hashes.SHA256()}


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=True).stdout


# DER, and BER beside it.


def length(size):
    if size < 128:
        return bytes([size])
    octets = (size.bit_length() + 7) // 8
    return bytes([0x80 | octets]) + size.to_bytes(octets, "big")


def element(tag, *contents):
    body = b"".join(contents)
    return bytes([tag]) + length(len(body)) + body


def integer(number):
    return element(2, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def children(contents):
    """The values that stand one behind the other."""
    while contents:
        size, start = contents[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(contents[2:start], "big")
        yield contents[0], contents[start : start + size]
        contents = contents[start + size :]


def ber_open(tag, *contents):
    """A value of open length."""
    return bytes([tag, 0x80]) + b"".join(contents) + b"\0\0"


def ber_long(tag, *contents):
    """A value whose length takes four bytes more than it needs."""
    body = b"".join(contents)
    return bytes([tag, 0x88]) + len(body).to_bytes(8, "big") + body


def ber(der, wrap, string=element):
    """The same values with their constructed ones wrapped otherwise, the private key of PKCS#8 among them."""
    made = []
    for tag, contents in children(der):
        if tag & 0x20:
            made.append(wrap(tag, ber(contents, wrap, string)))
        elif tag == 4 and contents[:1] == b"\x30":
            made.append(string(4, ber(contents, wrap)))
        else:
            made.append(element(tag, contents))
    return b"".join(made)


def in_pieces(tag, contents):
    half = len(contents) // 2
    return ber_open(tag | 0x20, element(tag, contents[:half]), element(tag), element(tag, contents[half:]))


def in_ber(der):
    return {
        "BER, open lengths": ber(der, ber_open),
        "BER, long lengths": ber(der, ber_long),
        "BER, open lengths and the key in pieces": ber(der, ber_open, in_pieces),
    }


def algorithm(oid, *parameters):
    return element(0x30, bytes.fromhex(oid), *parameters)


def pkcs8(algorithm, key, version=0, tail=b""):
    return element(0x30, integer(version), algorithm, element(4, key), tail)


def der_of(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def spki_of(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


# RSA.

RSA_OID = "06092a864886f70d010101"
RSA = algorithm(RSA_OID, b"\5\0")


def rsa_private_key(n, e, d, p, q, dp=None, dq=None, qi=None, version=0, tail=b""):
    numbers = [n, e, d, p, q, dp or d % (p - 1), dq or d % (q - 1), qi or pow(q, -1, p)]
    return element(0x30, integer(version), *(integer(number) for number in numbers), tail)


def rsa_pkcs8(*numbers, **options):
    return pkcs8(RSA, rsa_private_key(*numbers, **options))


def rsa_rows(bits):
    spec = f"RSA_{bits}"
    key = rsa.generate_private_key(65537, bits)
    der, other = der_of(key), rsa.generate_private_key(65537, bits)
    numbers = key.private_numbers()
    n, e, d, p, q = numbers.public_numbers.n, 65537, numbers.d, numbers.p, numbers.q
    accepted = {"DER": der, **in_ber(der), "with attributes": pkcs8(
        RSA, der_of(key, serialization.PrivateFormat.TraditionalOpenSSL), tail=element(0xA0, element(0x31)))}
    assert rsa_pkcs8(n, e, d, p, q) == der
    small = rsa.generate_private_key(3, bits)
    yield accept(spec, accepted, der)
    yield accept(spec, {"exponent 3": der_of(small)}, der_of(small))
    for size in sorted({2048, 3072, 4096, bits - 8, bits + 8} - {bits}):
        # Of keys below 2048 bits the library doesn't even say that they are RSA.
        error = "OtherSpec" if size >= 2048 else "Malformed"
        yield refuse(spec, error, {f"modulus of {size} bits": der_of(rsa.generate_private_key(65537, size))})
    three_primes = openssl(
        "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-pkeyopt", "rsa_keygen_primes:3",
        "-outform", "DER")
    three_primes = openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", stdin=three_primes)
    o = other.private_numbers()
    traditional = der_of(key, serialization.PrivateFormat.TraditionalOpenSSL)
    yield refuse(spec, "Malformed", {
        "three primes": three_primes,
        "version of three primes": rsa_pkcs8(n, e, d, p, q, version=1),
        "another d": rsa_pkcs8(n, e, o.d, p, q),
        "another p": rsa_pkcs8(n, e, d, o.p, q, dp=d % (p - 1), qi=pow(q, -1, p)),
        "p and q swapped, the rest not": rsa_pkcs8(n, e, d, q, p, dp=d % (p - 1), dq=d % (q - 1), qi=pow(q, -1, p)),
        "another dp": rsa_pkcs8(n, e, d, p, q, dp=d % (p - 1) ^ 2),
        "another dq": rsa_pkcs8(n, e, d, p, q, dq=d % (q - 1) ^ 2),
        "another qi": rsa_pkcs8(n, e, d, p, q, qi=pow(q, -1, p) ^ 2),
        "another n": rsa_pkcs8(o.public_numbers.n, e, d, p, q),
        "even n": rsa_pkcs8(n ^ 1, e, d, p, q),
        "negative n": rsa_pkcs8(-n, e, d, p, q),
        "n of one": rsa_pkcs8(1, e, d, p, q),
        "exponent 1": rsa_pkcs8(n, 1, 1, p, q),
        "even exponent": rsa_pkcs8(n, 65536, d, p, q),
        "another exponent": rsa_pkcs8(n, 3, d, p, q),
        "one prime for both": rsa_pkcs8(p * p, e, pow(e, -1, p * (p - 1)), p, p, qi=1),
        "without the primes": pkcs8(RSA, element(0x30, integer(0), integer(n), integer(e), integer(d))),
        "a number too many": pkcs8(RSA, rsa_private_key(n, e, d, p, q, tail=integer(1))),
        "something behind the key within": pkcs8(RSA, traditional + b"\5\0"),
        "RSAPrivateKey without PKCS#8": traditional,
        "a public key": spki_of(key),
        "PEM": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        "encrypted": key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password")),
        "version 2 of PKCS#8": pkcs8(RSA, traditional, version=2),
        "an empty key": pkcs8(RSA, b""),
    })
    yield refuse(spec, "OtherSpec", {
        "restricted to PSS": pkcs8(algorithm("06092a864886f70d01010a"), traditional),
        "no parameters": pkcs8(algorithm(RSA_OID), traditional),
        "the algorithm of a signature": pkcs8(algorithm("06092a864886f70d01010b", b"\5\0"), traditional),
    })


# Elliptic curves.

EC_OID = "06072a8648ce3d0201"
CURVES = {
    "ECC_NIST_P256": (ec.SECP256R1(), "06082a8648ce3d030107", 32,
                      0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551),
    "ECC_NIST_P384": (ec.SECP384R1(), "06052b81040022", 48,
                      0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973),
    "ECC_NIST_P521": (ec.SECP521R1(), "06052b81040023", 66,
                      (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7),
    "ECC_SECG_P256K1": (ec.SECP256K1(), "06052b8104000a", 32,
                        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141),
}


def ec_pkcs8(curve, secret, point=None, size=32, version=1, inner=b"", info_version=0, tail=b""):
    public = b"" if point is None else element(0xA1, element(3, b"\0", point))
    secret = secret.to_bytes(size, "big") if isinstance(secret, int) else secret
    key = element(0x30, integer(version), element(4, secret), inner, public)
    return pkcs8(curve, key, version=info_version, tail=tail)


def ec_rows(spec):
    curve, oid, size, order = CURVES[spec]
    named = algorithm(EC_OID, bytes.fromhex(oid))
    key, other = ec.generate_private_key(curve), ec.generate_private_key(curve)
    secret = key.private_numbers().private_value
    form = lambda form: key.public_key().public_bytes(serialization.Encoding.X962, form)
    point = form(serialization.PublicFormat.UncompressedPoint)
    compressed = form(serialization.PublicFormat.CompressedPoint)
    other_point = other.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    der = der_of(key)
    make = lambda secret, point=None, **options: ec_pkcs8(named, secret, point, size=size, **options)
    assert make(secret, point) == der
    accepted = {
        "DER": der,
        **in_ber(der),
        "without the public point": make(secret),
        "compressed public point": make(secret, compressed),
        "curve named once more": make(secret, point, inner=element(0xA0, bytes.fromhex(oid))),
        "with attributes": make(secret, point, tail=element(0xA0, element(0x31))),
    }
    yield accept(spec, accepted, der)
    convert = ["-inform", "DER", "-outform", "DER"]
    explicit = openssl("ec", "-param_enc", "explicit", *convert, stdin=der)
    described = openssl("pkcs8", "-topk8", "-nocrypt", *convert, stdin=explicit)
    [(_, contents)] = children(described)
    parameters = [value for tag, value in children(contents) if tag == 0x30][0]
    parameters = element(0x30, [value for tag, value in children(parameters) if tag == 0x30][0])
    wrong_name = [other_oid for _, other_oid, _, _ in CURVES.values() if other_oid != oid][0]
    yield refuse(spec, "OtherSpec", {
        "the curve described": described,
        "no curve": ec_pkcs8(algorithm(EC_OID), secret, point, size=size),
        "a curve that is NULL": ec_pkcs8(algorithm(EC_OID, b"\5\0"), secret, point, size=size),
        "another curve's name": ec_pkcs8(algorithm(EC_OID, bytes.fromhex(wrong_name)), secret, size=size),
        "RSA by name": ec_pkcs8(RSA, secret, point, size=size),
    })
    yield refuse(spec, "Malformed", {
        "zero": make(0),
        "the order": make(order),
        "one more than the order": make(order + 1),
        "all ones": make(b"\xff" * size),
        "one byte too many": make(b"\1" + secret.to_bytes(size, "big")),
        "no bytes": make(b""),
        "the public point of another key": make(secret, other_point),
        "a public point off the curve": make(secret, point[:-1] + bytes([point[-1] ^ 1])),
        "the point at infinity": make(secret, b"\0"),
        "half a public point": make(secret, point[: 1 + size]),
        "an empty public point": make(secret, b""),
        "named another curve inside": make(secret, point, inner=element(0xA0, bytes.fromhex(wrong_name))),
        "described the curve inside": make(secret, point, inner=element(0xA0, parameters)),
        "ECPrivateKey of version 0": make(secret, point, version=0),
        "ECPrivateKey of version 2": make(secret, point, version=2),
        "version 2 of PKCS#8": make(secret, point, info_version=2),
        "ECPrivateKey without PKCS#8": der_of(key, serialization.PrivateFormat.TraditionalOpenSSL),
        "a public key": spki_of(key),
        "bytes of the number": secret.to_bytes(size, "big"),
    })


# SM2, whose other faults are in sm2-v1.json.


def sm2_rows():
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=openssl("genpkey", "-algorithm", "SM2"))
    named = algorithm(EC_OID, bytes.fromhex("06082a811ccf5501822d"))
    yield accept("SM2", {
        "DER": der, **in_ber(der), "without the public point": ec_pkcs8(named, der[36:68])}, der, "aws-cn")
    described = openssl("ec", "-param_enc", "explicit", "-inform", "DER", "-outform", "DER", stdin=der)
    described = openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", stdin=described)
    yield refuse("SM2", "OtherSpec", {"the curve described": described}, "aws-cn")
    yield refuse("SM2", "Malformed", {"zero": ec_pkcs8(named, bytes(32))}, "aws-cn")


# Ed25519 (RFC 8410) and lattices (RFC 9881, RFC 9935).


def ed25519_rows():
    spec, named = "ECC_NIST_EDWARDS25519", algorithm("06032b6570")
    key, other = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    seed, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    der = der_of(key)
    make = lambda seed, **options: pkcs8(named, element(4, seed), **options)
    assert make(seed) == der
    yield accept(spec, {
        "DER": der,
        **in_ber(der),
        "version 1, with the public key": make(seed, version=1, tail=element(0x81, b"\0", public)),
    }, der)
    yield refuse(spec, "Malformed", {
        "31 bytes": make(seed[:-1]),
        "33 bytes": make(seed + b"\0"),
        "seed and public key": make(seed + public),
        "no bytes": make(b""),
        "the seed bare within": pkcs8(named, seed),
        "the public key of another key": make(
            seed, version=1, tail=element(0x81, b"\0", other.public_key().public_bytes_raw())),
        "something behind the seed within": pkcs8(named, element(4, seed) + b"\5\0"),
        "version 2": make(seed, version=2),
        "a public key": spki_of(key),
        "bytes of the seed": seed,
    })
    yield refuse(spec, "OtherSpec", {
        "X25519": pkcs8(algorithm("06032b656e"), element(4, seed)),
        "Ed448": pkcs8(algorithm("06032b6571"), element(4, os.urandom(57))),
        "parameters": pkcs8(algorithm("06032b6570", b"\5\0"), element(4, seed)),
    })


LATTICES = {
    "ML_DSA_44": ("060960864801650304031" + "1", 32, mldsa.MLDSA44PrivateKey),
    "ML_DSA_65": ("060960864801650304031" + "2", 32, mldsa.MLDSA65PrivateKey),
    "ML_DSA_87": ("060960864801650304031" + "3", 32, mldsa.MLDSA87PrivateKey),
    "ML_KEM_512": ("0609608648016503040401", 64, None),
    "ML_KEM_768": ("0609608648016503040402", 64, None),
    "ML_KEM_1024": ("0609608648016503040403", 64, None),
}


def lattice_rows(spec):
    oid, size, cls = LATTICES[spec]
    named, seed = algorithm(oid), os.urandom(size)
    make = lambda seed, **options: pkcs8(named, element(0x80, seed), **options)
    der = make(seed)
    if cls:
        assert der_of(cls.from_seed_bytes(seed)) == der
    yield accept(spec, {"DER": der, **in_ber(der)}, der)
    other_oid = [other for other, _, _ in LATTICES.values() if other != oid][0]
    yield refuse(spec, "Malformed", {
        "one byte short": make(seed[:-1]),
        "one byte more": make(seed + b"\0"),
        "no bytes": make(b""),
        "the seed as OCTET STRING": pkcs8(named, element(4, seed)),
        "the seed bare within": pkcs8(named, seed),
        "an expanded key alone": pkcs8(named, element(4, os.urandom(2400))),
        "a seed and another expanded key": pkcs8(
            named, element(0x30, element(4, seed), element(4, os.urandom(2400)))),
        "something behind the seed within": pkcs8(named, element(0x80, seed) + b"\5\0"),
        "version 2": make(seed, version=2),
        "bytes of the seed": seed,
    })
    yield refuse(spec, "OtherSpec", {
        "another algorithm's name": pkcs8(algorithm(other_oid), element(0x80, seed)),
        "parameters": pkcs8(algorithm(oid, b"\5\0"), element(0x80, seed)),
    })


# Rows.


def material_id(spec, canonical):
    message = b"\0".join([b"kagiban-imported-material-v1", spec.encode(), KEY_ID.encode()])
    return hmac.new(canonical, message, hashlib.sha256).hexdigest()


def accept(spec, materials, canonical, partition="aws"):
    return {
        "spec": spec,
        "partition": partition,
        "canonical": canonical.hex(),
        "material_id": material_id(spec, canonical),
        "accepted": {name: value.hex() for name, value in materials.items()},
    }


def refuse(spec, error, materials, partition="aws"):
    return {
        "spec": spec,
        "partition": partition,
        "error": error,
        "refused": {name: value.hex() for name, value in materials.items()},
    }


def plain_rows():
    for partition, size in (("aws", 32), ("aws-us-gov", 32), ("aws-cn", 16)):
        material = os.urandom(size)
        yield accept("SYMMETRIC_DEFAULT", {"bytes": material}, material, partition)
    for bits, most in ((224, 128), (256, 128), (384, 128), (512, 128)):
        for size in (bits // 8, bits // 8 + 1, most):
            material = os.urandom(size)
            yield accept(f"HMAC_{bits}", {f"{size} bytes": material}, material)


# Wrapping.


def wrap(wrapping_key, algorithm, material):
    public = wrapping_key.public_key()
    name = algorithm[-7:] if algorithm.endswith("SHA_256") else "SHA_1"
    oaep = padding.OAEP(padding.MGF1(HASHES[name]), HASHES[name], None)
    if algorithm.startswith("RSAES_OAEP"):
        return public.encrypt(material, oaep)
    key = os.urandom(32)
    return public.encrypt(key, oaep) + keywrap.aes_key_wrap_with_padding(key, material)


def sm2_wrap(public_der, material):
    path = os.path.join(tempfile.gettempdir(), f"{os.getpid()}.pem")
    with open(path, "wb") as file:
        file.write(openssl("pkey", "-pubin", "-inform", "DER", stdin=public_der))
    wrapped = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", path, stdin=material)
    os.remove(path)
    return wrapped


def wrapped_rows():
    # RFC 5649, section 6: the library that wraps here wraps as the RFC does.
    kek = bytes.fromhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
    key = bytes.fromhex("c37b7e6492584340bed12207808941155068f738")
    assert keywrap.aes_key_wrap_with_padding(kek, key).hex() == (
        "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")
    short = bytes.fromhex("466f7250617369")
    assert keywrap.aes_key_wrap_with_padding(kek, short).hex() == "afbeb0f07dfbf5419200f2ccb50bb24f"

    rows = []
    for bits in (2048, 3072, 4096):
        wrapping_key = rsa.generate_private_key(65537, bits)
        row = {"spec": f"RSA_{bits}", "pkcs8": der_of(wrapping_key).hex(), "spki": spki_of(wrapping_key).hex()}
        row["wrapped"], row["refused"] = [], []
        for algorithm in (
            "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"):
            most = bits // 8 - 2 - 2 * (32 if algorithm.endswith("256") else 20)
            sizes = (1, 16, 32, 138, most) if "OAEP" in algorithm else (1, 7, 8, 9, 138, 2375)
            for size in sizes:
                material = os.urandom(size)
                row["wrapped"].append({
                    "algorithm": algorithm,
                    "material": material.hex(),
                    "encrypted": wrap(wrapping_key, algorithm, material).hex(),
                })
        # One size of key is enough to go wrong with; the largest shows that lengths are not those of the smallest.
        row["refused"] = refused_wraps(wrapping_key) if bits != 3072 else []
        rows.append(row)
    private = openssl("genpkey", "-algorithm", "SM2")
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", stdin=private)
    public = openssl("pkey", "-pubout", "-outform", "DER", stdin=private)
    row = {"spec": "SM2", "pkcs8": der.hex(), "spki": public.hex(), "wrapped": [], "refused": []}
    for size in (1, 16, 138, 1024, 1025, 2375):
        material = os.urandom(size)
        row["wrapped"].append({
            "algorithm": "SM2PKE", "material": material.hex(), "encrypted": sm2_wrap(public, material).hex()})
    right = bytes.fromhex(row["wrapped"][2]["encrypted"])
    row["refused"] = [
        {"algorithm": "SM2PKE", "name": name, "encrypted": value.hex()}
        for name, value in {
            "something behind": right + b"\0", "one byte short": right[:-1], "nothing": b"",
            "not DER": b"\4" + os.urandom(200),
        }.items()
    ]
    return rows + [row]


def refused_wraps(wrapping_key):
    public, bits = wrapping_key.public_key(), wrapping_key.key_size
    oaep = lambda name, mgf=None, label=None: padding.OAEP(padding.MGF1(HASHES[mgf or name]), HASHES[name], label)
    key, material = os.urandom(32), os.urandom(138)
    rows = []
    for name in HASHES:
        other = "SHA_1" if name == "SHA_256" else "SHA_256"
        short = public.encrypt(b"short", oaep(name))
        for algorithm in (f"RSAES_OAEP_{name}", f"RSA_AES_KEY_WRAP_{name}"):
            rows += [
                (algorithm, "nothing", b""),
                (algorithm, "one byte short", wrap(wrapping_key, algorithm, material)[:-1]),
                (algorithm, "one byte more", wrap(wrapping_key, algorithm, material) + b"\0"),
                (algorithm, "the other hash", wrap(wrapping_key, algorithm.replace(name, other), material)),
                (algorithm, "another key", wrap(rsa.generate_private_key(65537, bits), algorithm, material)),
                (algorithm, "zeros", bytes(bits // 8)),
                (algorithm, "more than the modulus", b"\xff" * (bits // 8)),
            ]
        rows += [
            (f"RSAES_OAEP_{name}", "PKCS#1 v1.5", public.encrypt(b"short", padding.PKCS1v15())),
            (f"RSAES_OAEP_{name}", "the other hash for the mask", public.encrypt(b"short", oaep(name, mgf=other))),
            (f"RSAES_OAEP_{name}", "a label", public.encrypt(b"short", oaep(name, label=b"label"))),
        ]
        wrapped = keywrap.aes_key_wrap_with_padding(key, material)
        whole = public.encrypt(key, oaep(name))
        algorithm = f"RSA_AES_KEY_WRAP_{name}"
        rows += [
            (algorithm, "the AES key alone", whole),
            (algorithm, "eight bytes of wrapped material", whole + wrapped[:8]),
            (algorithm, "a block too few", whole + wrapped[:-8]),
            (algorithm, "a block too many", whole + wrapped + bytes(8)),
            (algorithm, "the last bit changed", whole + wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
            (algorithm, "the AES key not encrypted", key + wrapped),
            (algorithm, "AES key and material the wrong way round", wrapped + whole),
            (algorithm, "without padding (RFC 3394)", whole + keywrap.aes_key_wrap(key, material[:136])),
            (algorithm, "no material", short),
        ] + [
            (algorithm, f"an AES key of {8 * len(shorter)} bits",
             public.encrypt(shorter, oaep(name)) + keywrap.aes_key_wrap_with_padding(shorter, material))
            for shorter in (key[:16], key[:24])
        ] + [
            (algorithm, f"an AES key of {len(other_key)} bytes", public.encrypt(other_key, oaep(name)) + wrapped)
            for other_key in (b"", key[:31], key + b"\0")
        ]
    return [{"algorithm": algorithm, "name": name, "encrypted": value.hex()} for algorithm, name, value in rows]


def main():
    rows = [*plain_rows()]
    for bits in (2048, 3072, 4096):
        rows += rsa_rows(bits)
    for spec in CURVES:
        rows += ec_rows(spec)
    rows += [*ed25519_rows(), *sm2_rows()]
    for spec in LATTICES:
        rows += lattice_rows(spec)
    print(json.dumps({"key_id": KEY_ID, "materials": rows, "wrapping_keys": wrapped_rows()}, indent=0))


main()
