"""Ed25519ph from the text of RFC 8032, section 5.1: no package that the suite has knows it. Slow and plain; for tests only."""

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
# dom2(1, ""): the prehashed variant without a context.
DOMAIN = b"SigEd25519 no Ed25519 collisions\x01\x00"


def sign(seed, message):
    """Signs a message, which is hashed first, with an empty context."""
    hashed = _sha512(seed)
    scalar = int.from_bytes(hashed[:32], "little") & ~7 & (2**254 - 1) | 2**254
    public, prehash = _encode(_times(scalar, BASE)), _sha512(message)
    nonce = _number(DOMAIN, hashed[32:], prehash)
    commitment = _encode(_times(nonce, BASE))
    response = (nonce + _number(DOMAIN, commitment, public, prehash) * scalar) % ORDER
    return commitment + response.to_bytes(32, "little")


def accepts(public, message, signature):
    """Whether a signature of Ed25519ph holds."""
    point, commitment = _decode(public), _decode(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or commitment is None or response >= ORDER:
        return False
    challenge = _number(DOMAIN, signature[:32], public, _sha512(message))
    return _encode(_times(response, BASE)) == _encode(_add(commitment, _times(challenge, point)))


def _sha512(data):
    return hashlib.sha512(data).digest()


def _number(*parts):
    return int.from_bytes(_sha512(b"".join(parts)), "little") % ORDER


def _add(a, b):
    """In extended coordinates (section 5.1.4)."""
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    result = (0, 1, 1, 0)
    for bit in bin(scalar)[2:]:
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def _encode(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data):
    """The point, or None when there is none (section 5.1.3)."""
    number = int.from_bytes(data, "little")
    y, sign_bit = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign_bit):
        return None
    x = P - x if x & 1 != sign_bit else x
    return x, y, 1, x * y % P


BASE = _decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
