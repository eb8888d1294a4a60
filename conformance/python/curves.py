"""Points of short Weierstrass curves in plain Python, for what the libraries leave out. Slow; for tests only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Curve:
    """y^2 = x^3 + ax + b over the integers modulo p. A point is a pair; None is the one at infinity."""

    p: int
    a: int
    b: int
    order: int
    base: tuple

    def add(self, one, other):
        if one is None or other is None:
            return one or other
        if one[0] == other[0] and (one[1] + other[1]) % self.p == 0:
            return None
        if one == other:
            slope = (3 * one[0] ** 2 + self.a) * pow(2 * one[1], -1, self.p)
        else:
            slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, self.p)
        x = (slope**2 - one[0] - other[0]) % self.p
        return x, (slope * (one[0] - x) - one[1]) % self.p

    def times(self, scalar, point):
        result = None
        for bit in bin(scalar)[2:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result

    def point(self, x, odd):
        """The point with this x, and this parity of y; for p = 3 mod 4."""
        y = pow(x**3 + self.a * x + self.b, (self.p + 1) // 4, self.p)
        return x, y if y % 2 == odd else self.p - y


# GM/T 0003.5.
SM2 = Curve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    order=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    base=(
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
)

# SEC 2, section 2.4.1.
SECP256K1 = Curve(
    p=2**256 - 2**32 - 977,
    a=0,
    b=7,
    order=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141,
    base=(
        0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
        0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    ),
)
