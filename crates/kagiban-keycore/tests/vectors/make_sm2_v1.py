#!/usr/bin/env python3
"""Makes sm2-v1.json: SM2 keys, and what they signed, encrypted and agreed on, by programs that share no code with ours:
the `openssl` command (3.0 or later) for keys, signatures and ciphertexts, Python's `cryptography` for SM3, and the
arithmetic of the curve written out below for what `openssl` doesn't do (raw ECDH) or would not do (keys that are none).

    python3 make_sm2_v1.py > sm2-v1.json

Keys are fresh at every run; the file is committed, so that the tests need none of this.
"""

import json
import pathlib
import subprocess
import tempfile

from cryptography.hazmat.primitives import hashes

# GB/T 32918.5: the recommended curve.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
ID = b"1234567812345678"
DIRECTORY = pathlib.Path(tempfile.mkdtemp())


def add(one, other):
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == other else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def multiply(number, point):
    result = None
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def octets(number):
    return number.to_bytes(32, "big")


def sm3(*parts):
    hasher = hashes.Hash(hashes.SM3())
    for part in parts:
        hasher.update(part)
    return hasher.finalize()


def digest(public, message):
    """e = SM3(ZA || M), GB/T 32918.2, section 5.5 and 6.1."""
    fields = [octets(number) for number in (A, B, *G, *public)]
    return sm3(sm3((len(ID) * 8).to_bytes(2, "big"), ID, *fields), message)


def element(tag, *contents):
    body = b"".join(contents)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def integer(number):
    return element(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


SM2_OID = bytes.fromhex("06082a811ccf5501822d")
P256_OID = bytes.fromhex("06082a8648ce3d030107")
EC_OID = bytes.fromhex("06072a8648ce3d0201")
ALGORITHM = element(0x30, EC_OID, SM2_OID)


def explicit_parameters():
    """The same curve, described (X9.62 SpecifiedECDomain)."""
    field = element(0x30, bytes.fromhex("06072a8648ce3d0101"), integer(P))
    curve = element(0x30, element(4, octets(A)), element(4, octets(B)))
    return element(0x30, integer(1), field, curve, element(4, uncompressed(G)), integer(N), integer(1))


def uncompressed(point):
    return b"\x04" + octets(point[0]) + octets(point[1])


def compressed(point):
    return bytes([2 + point[1] % 2]) + octets(point[0])


def hybrid(point):
    return bytes([6 + point[1] % 2]) + octets(point[0]) + octets(point[1])


def spki(point, algorithm=ALGORITHM):
    return element(0x30, algorithm, element(3, b"\0", point))


def pkcs8(secret, point=None, algorithm=ALGORITHM, version=0, ec_version=1, inner=b"", tail=b""):
    secret = octets(secret) if isinstance(secret, int) else secret
    public = b"" if point is None else element(0xA1, element(3, b"\0", point))
    key = element(0x30, integer(ec_version), element(4, secret), inner, public)
    return element(0x30, integer(version), algorithm, element(4, key), tail)


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, capture_output=True, check=True).stdout


def file(name, contents):
    path = DIRECTORY / name
    path.write_bytes(contents)
    return str(path)


def private_number(der):
    return int.from_bytes(der[36:68], "big")


def key_row():
    private = file("key.pem", openssl("genpkey", "-algorithm", "SM2"))
    der = openssl("pkcs8", "-topk8", "-nocrypt", "-in", private, "-outform", "DER")
    secret = private_number(der)
    public = multiply(secret, G)
    public_der = openssl("pkey", "-in", private, "-pubout", "-outform", "DER")
    assert public_der == spki(uncompressed(public)) and der == pkcs8(secret, uncompressed(public))
    row = {
        "pkcs8": der.hex(),
        "spki": public_der.hex(),
        "other_pkcs8": {
            "without the public point": pkcs8(secret).hex(),
            "compressed public point": pkcs8(secret, compressed(public)).hex(),
            "curve named once more": pkcs8(secret, uncompressed(public), inner=element(0xA0, SM2_OID)).hex(),
            "attributes": pkcs8(secret, uncompressed(public), tail=element(0xA0, element(0x31))).hex(),
        },
        "other_spki": {"compressed": spki(compressed(public)).hex()},
        "signatures": [],
        "ciphertexts": [],
    }
    for message in (b"", b"a", b"message digest", bytes(range(256)) * 16):
        path = file("message", message)
        signature = openssl(
            "pkeyutl", "-sign", "-inkey", private, "-rawin", "-digest", "sm3", "-in", path, "-pkeyopt",
            f"distid:{ID.decode()}")
        row["signatures"].append({"message_type": "RAW", "message": message.hex(), "signature": signature.hex()})
        hashed = digest(public, message)
        # What signs the message signs its digest, whichever of the two a verifier is given.
        row["signatures"].append({"message_type": "DIGEST", "message": hashed.hex(), "signature": signature.hex()})
        signature = openssl("pkeyutl", "-sign", "-inkey", private, "-in", file("digest", hashed))
        row["signatures"].append({"message_type": "RAW", "message": message.hex(), "signature": signature.hex()})
    for length in (1, 5, 31, 32, 33, 64, 1024):
        plaintext = (b"attack at dawn! " * 64)[:length]
        ciphertext = openssl("pkeyutl", "-encrypt", "-inkey", private, "-in", file("plaintext", plaintext))
        row["ciphertexts"].append({"plaintext": plaintext.hex(), "ciphertext": ciphertext.hex()})
    return row


def agreements(keys):
    rows = []
    for one in keys:
        for other in keys:
            secret = private_number(bytes.fromhex(one["pkcs8"]))
            point = multiply(private_number(bytes.fromhex(other["pkcs8"])), G)
            shared = octets(multiply(secret, point)[0])
            rows.append({"private": one["pkcs8"], "peer": other["spki"], "shared_secret": shared.hex()})
    return rows


def refused_private():
    secret = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF
    public = multiply(secret, G)
    point = uncompressed(public)
    good = pkcs8(secret, point)
    other = uncompressed(multiply(secret + 1, G))
    off_curve = b"\x04" + octets(public[0]) + octets(public[1] ^ 1)
    p256 = element(0x30, EC_OID, P256_OID)
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    return {
        "Malformed": {
            "zero": pkcs8(0),
            "the order": pkcs8(N),
            "one less than the order": pkcs8(N - 1),
            "one more than the order": pkcs8(N + 1),
            "all ones": pkcs8(2**256 - 1),
            "33 bytes": pkcs8(b"\0" + octets(secret)),
            "no bytes": pkcs8(b""),
            "the public point of another key": pkcs8(secret, other),
            "a public point off the curve": pkcs8(secret, off_curve),
            "the point at infinity": pkcs8(secret, b"\0"),
            "half a public point": pkcs8(secret, point[:33]),
            "ECPrivateKey of version 2": pkcs8(secret, point, ec_version=2),
            "version 2": pkcs8(secret, point, version=2),
            "version 1, public key inside and outside": pkcs8(
                secret, point, version=1, tail=element(0x81, b"\0", point)),
            "version 1, a public key that is not its own": pkcs8(
                secret, point, version=1, tail=element(0x81, b"\0", other)),
            "named another curve inside": pkcs8(secret, point, inner=element(0xA0, P256_OID)),
            "described the curve inside": pkcs8(secret, point, inner=element(0xA0, explicit_parameters())),
            "something behind": good + b"\0",
            "one byte short": good[:-1],
            "an ECPrivateKey alone": element(0x30, integer(1), element(4, octets(secret))),
            "a bare number": octets(secret),
            "a public key": spki(point),
            "nothing": b"",
        },
        "OtherSpec": {
            "P-256": pkcs8(secret, algorithm=p256),
            "the curve described": pkcs8(secret, point, algorithm=element(0x30, EC_OID, explicit_parameters())),
            "no curve": pkcs8(secret, point, algorithm=element(0x30, EC_OID)),
            "a curve that is NULL": pkcs8(secret, point, algorithm=element(0x30, EC_OID, b"\5\0")),
            "RSA by name": pkcs8(secret, point, algorithm=rsa),
        },
    }


def refused_public():
    public = multiply(12345, G)
    good = spki(uncompressed(public))
    return {
        "Malformed": {
            "off the curve": spki(b"\x04" + octets(public[0]) + octets(public[1] ^ 1)),
            "x beyond the field": spki(b"\x04" + octets(2**256 - 1) + octets(public[1])),
            "x that no point has": spki(b"\x02" + octets(next(
                x for x in range(1, 99) if pow(x**3 + A * x + B, (P - 1) // 2, P) != 1))),
            "infinity": spki(b"\0"),
            "hybrid": spki(hybrid(public)),
            "no point": spki(b""),
            "half a point": spki(uncompressed(public)[:33]),
            "one byte more": spki(uncompressed(public) + b"\0"),
            "unused bits": element(0x30, ALGORITHM, element(3, b"\1", uncompressed(public))),
            "something behind": good + b"\0",
            "one byte short": good[:-1],
            "a bare point": uncompressed(public),
            "nothing": b"",
        },
        "OtherSpec": {
            "P-256": spki(uncompressed(public), element(0x30, EC_OID, P256_OID)),
            "the curve described": spki(uncompressed(public), element(0x30, EC_OID, explicit_parameters())),
            "no curve": spki(uncompressed(public), element(0x30, EC_OID)),
        },
    }


def encrypt(public, plaintext, number):
    """C1, C2, C3 of GB/T 32918.4, section 6.1."""
    x, y = (octets(coordinate) for coordinate in multiply(number, public))
    stream = b"".join(sm3(x, y, count.to_bytes(4, "big")) for count in range(1, len(plaintext) // 32 + 2))
    return multiply(number, G), bytes(one ^ other for one, other in zip(plaintext, stream)), sm3(x, plaintext, y)


def ciphertexts_by_hand(key):
    """One that opens, and many that must not."""
    public = multiply(private_number(bytes.fromhex(key["pkcs8"])), G)
    (x, y), hidden, check = encrypt(public, b"attack at dawn", 98765)
    form = lambda x, y, check, hidden: element(0x30, x, y, element(4, check), element(4, hidden))
    right = form(integer(x), integer(y), check, hidden)
    refused = {
        "point off the curve": form(integer(x), integer(y ^ 1), check, hidden),
        "point of another sign": form(integer(x), integer(P - y), check, hidden),
        "x and the field": form(integer(x + P), integer(y), check, hidden),
        "x of 33 bytes": form(integer(x + (1 << 256)), integer(y), check, hidden),
        "negative x": form(element(2, b"\xff" + octets(x)), integer(y), check, hidden),
        "x with a zero too many": form(element(2, b"\0\0" + octets(x)), integer(y), check, hidden),
        "the point 0, 0": form(integer(0), integer(0), check, hidden),
        "hash of 31 bytes": form(integer(x), integer(y), check[:-1], hidden),
        "hash of 33 bytes": form(integer(x), integer(y), check + b"\0", hidden),
        "hash of another text": form(integer(x), integer(y), sm3(b""), hidden),
        "one byte of text more": form(integer(x), integer(y), check, hidden + b"\0"),
        "no text": form(integer(x), integer(y), check, b""),
        "no text, and its hash": form(integer(x), integer(y), encrypt(public, b"", 98765)[2], b""),
        "C2 before C3": form(integer(x), integer(y), hidden, check),
        "a fifth field": element(0x30, right[2:], b"\5\0"),
        "something behind": right + b"\0",
        "one byte short": right[:-1],
        "C1 C3 C2, not DER": uncompressed((x, y)) + check + hidden,
        "C1 C2 C3, not DER": uncompressed((x, y)) + hidden + check,
        "nothing": b"",
    }
    return {"pkcs8": key["pkcs8"], "opens": right.hex(), "plaintext": b"attack at dawn".hex(), "refused": hexed(refused)}


def signatures_by_hand(key):
    """One over an empty digest of our choice, and many that must not verify."""
    secret = private_number(bytes.fromhex(key["pkcs8"]))
    e, number = int.from_bytes(sm3(b"chosen"), "big"), 424242
    r = (e + multiply(number, G)[0]) % N
    s = pow(1 + secret, -1, N) * (number - r * secret) % N
    form = lambda r, s: element(0x30, r, s)
    refused = {
        "r is zero": form(integer(0), integer(s)),
        "s is zero": form(integer(r), integer(0)),
        "r is the order": form(integer(N), integer(s)),
        "s is the order": form(integer(r), integer(N)),
        "r and the order": form(integer(r + N), integer(s)),
        "s and the order": form(integer(r), integer(s + N)),
        "r and s make the order": form(integer(r), integer(N - r)),
        "s negated": form(integer(r), integer(N - s)),
        "r and s swapped": form(integer(s), integer(r)),
        "negative r": form(element(2, b"\xff" + octets(r)), integer(s)),
        "r with a zero too many": form(element(2, b"\0\0" + octets(r)), integer(s)),
        "r of 40 bytes": form(element(2, b"\1" + bytes(39)), integer(s)),
        "a third number": element(0x30, integer(r), integer(s), integer(1)),
        "long length": b"\x30\x81" + form(integer(r), integer(s))[1:],
        "something behind": form(integer(r), integer(s)) + b"\0",
        "one byte short": form(integer(r), integer(s))[:-1],
        "bare numbers": octets(r) + octets(s),
        "nothing": b"",
    }
    return {
        "spki": key["spki"],
        "digest": octets(e).hex(),
        "verifies": form(integer(r), integer(s)).hex(),
        "refused": hexed(refused),
    }


def hexed(entries):
    return {name: value.hex() if isinstance(value, bytes) else hexed(value) for name, value in entries.items()}


def main():
    # The key of the standard's examples, so that the arithmetic here is the standard's.
    standard = multiply(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8, G)
    assert standard[0] == 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
    assert digest(standard, b"message digest").hex().startswith("f0b43e94ba45acca")
    keys = [key_row() for _ in range(3)]
    made = {
        "keys": keys,
        "agreements": agreements(keys),
        "refused_private": hexed(refused_private()),
        "refused_public": hexed(refused_public()),
        "ciphertexts": ciphertexts_by_hand(keys[0]),
        "signatures": signatures_by_hand(keys[0]),
    }
    print(json.dumps(made, indent=1))


main()
