"""Private keys written out by hand: in forms that no library makes, and in forms that are wrong."""

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, SEQUENCE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x30
EC_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
P256 = bytes.fromhex("06082a8648ce3d030107")
SECP256K1 = bytes.fromhex("06052b8104000a")
SM2 = bytes.fromhex("06082a811ccf5501822d")
# The ends of the OIDs of ML-DSA and ML-KEM, below 2.16.840.1.101.3.4.
LATTICE = {"ML_DSA_44": "0311", "ML_DSA_65": "0312", "ML_DSA_87": "0313"}
LATTICE |= {"ML_KEM_512": "0401", "ML_KEM_768": "0402", "ML_KEM_1024": "0403"}
SEED = 0x80
ED25519 = bytes.fromhex("300506032b6570")


def der(tag, *parts):
    """One element, its contents joined."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def indefinite(tag, *parts):
    """One element of BER, ended by a mark and not by its length."""
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def integer(number):
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def pkcs8(algorithm, private_key, version=0):
    return der(SEQUENCE, integer(version), algorithm, der(OCTET_STRING, private_key))


def ec_private_key(scalar, point=None, curve=b""):
    """ECPrivateKey (RFC 5915) with what is optional left out or not."""
    parts = [integer(1), der(OCTET_STRING, scalar)]
    parts += [der(0xA0, curve)] if curve else []
    parts += [der(0xA1, der(BIT_STRING, b"\0", point))] if point else []
    return der(SEQUENCE, *parts)


def ec_pkcs8(scalar, point=None, curve=P256):
    return pkcs8(der(SEQUENCE, EC_PUBLIC_KEY, curve), ec_private_key(scalar, point))


def lattice_pkcs8(spec, private_key):
    """ML-DSA (RFC 9881) or ML-KEM (RFC 9935): a seed, an expanded key, or both."""
    return pkcs8(der(SEQUENCE, der(OID, bytes.fromhex("60864801650304" + LATTICE[spec]))), private_key)


def rsa_pkcs8(*numbers, version=0):
    """RSAPrivateKey (RFC 8017): n, e, d, p, q, dp, dq, qi."""
    return pkcs8(RSA_ENCRYPTION, der(SEQUENCE, integer(version), *map(integer, numbers)))
