"""SM2 as the OpenSSL command does it; and raw ECDH on its curve, which the command leaves out."""

import secrets

from cryptography.hazmat.primitives import hashes
from curves import SM2
from openssl import openssl

# The signer's name when it has none of its own (GM/T 0009, section 10).
NAME = b"1234567812345678"

# The DER around a point, and around a scalar and its point: the same for all keys.
SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
PKCS8_HEAD = bytes.fromhex("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420")
PKCS8_MIDDLE = bytes.fromhex("a144034200")


def generate():
    """A fresh private key, PKCS#8 DER."""
    scalar = secrets.randbelow(SM2.order - 2) + 1
    return PKCS8_HEAD + scalar.to_bytes(32, "big") + PKCS8_MIDDLE + _encode(SM2.times(scalar, SM2.base))


def spki_of(pkcs8):
    return openssl("pkey -inform DER -in $key -pubout -outform DER", key=pkcs8)


def checked(spki):
    """The public key, which must be one."""
    return openssl("pkey -pubin -inform DER -in $key -pubcheck -pubout -outform DER", key=spki)


def sign(pkcs8, message, raw):
    """Signs a message, or its digest as it stands."""
    return openssl(f"pkeyutl -sign -keyform DER -inkey $key -in $message {_form(raw)}", key=pkcs8, message=message)


def accepts(spki, message, signature, raw):
    files = {"key": spki, "message": message, "signature": signature}
    command = f"pkeyutl -verify -pubin -keyform DER -inkey $key -in $message -sigfile $signature {_form(raw)}"
    return b"Verified Successfully" in openssl(command, may_fail=True, **files)


def encrypt(spki, plaintext):
    return openssl("pkeyutl -encrypt -pubin -keyform DER -inkey $key -in $plaintext", key=spki, plaintext=plaintext)


def decrypt(pkcs8, ciphertext):
    return openssl("pkeyutl -decrypt -keyform DER -inkey $key -in $ciphertext", key=pkcs8, ciphertext=ciphertext)


def derive(pkcs8, peer_spki):
    """The x coordinate of the shared point."""
    scalar, peer = pkcs8.removeprefix(PKCS8_HEAD)[:32], peer_spki.removeprefix(SPKI_HEAD)
    assert len(pkcs8) == 138 and len(peer) == 65 and peer[0] == 4
    point = int.from_bytes(peer[1:33], "big"), int.from_bytes(peer[33:], "big")
    return _encode(SM2.times(int.from_bytes(scalar, "big"), point))[1:33]


def digest(spki, message):
    """What is signed: the message behind a hash of signer and curve (GM/T 0003.2, section 5.5)."""
    point = spki.removeprefix(SPKI_HEAD)[1:]
    numbers = b"".join(n.to_bytes(32, "big") for n in (SM2.a, SM2.b, *SM2.base))
    return _sm3(_sm3((8 * len(NAME)).to_bytes(2, "big") + NAME + numbers + point) + message)


def _sm3(data):
    hash_ = hashes.Hash(hashes.SM3())
    hash_.update(data)
    return hash_.finalize()


def _form(raw):
    return f"-rawin -digest sm3 -pkeyopt distid:{NAME.decode()}" if raw else ""


def _encode(point):
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
