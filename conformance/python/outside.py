"""The second opinion: other people's implementations of everything a KMS key does. OpenSSL by way of the package
`cryptography`; where that lacks something, the pure Python of `kyber-py` (ML-KEM-512), the OpenSSL command (`sm2.py`) and the
text of RFC 8032 (`ed25519ph.py`).

Keys come and go as DER, SubjectPublicKeyInfo and PKCS#8, as the API has them. Messages are given as they are sent: whole, as
a digest, or as ML-DSA's mu; `sent` makes them so.
"""

import hmac
from functools import cached_property

import ed25519ph
import sm2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, utils
from kyber_py.ml_kem import ML_KEM_512
from specs import hash_of

DER, RAW = serialization.Encoding.DER, serialization.Encoding.Raw
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
ML_DSA = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
}
ML_KEM = {"ML_KEM_768": mlkem.MLKEM768PrivateKey, "ML_KEM_1024": mlkem.MLKEM1024PrivateKey}


class Public:
    """A public key. Subclasses have what their family can: `verify`, `encrypt`, `encapsulate`."""

    def __init__(self, spki):
        self.spki = spki

    @cached_property
    def key(self):
        return serialization.load_der_public_key(self.spki)

    def accepts(self, signature, algorithm, message_type, message):
        """Whether the signature over a message in this form holds."""
        try:
            self.verify(signature, algorithm, message_type, message)
        except InvalidSignature:
            return False
        return True


class Private:
    """A private key. Subclasses have what their family can: `sign`, `decrypt`, `derive`, `decapsulate`."""

    public_class = Public

    def __init__(self, pkcs8):
        self.pkcs8 = pkcs8

    @cached_property
    def key(self):
        return serialization.load_der_private_key(self.pkcs8, None)

    @cached_property
    def public(self):
        return self.public_class(
            self.key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )


def pkcs8_of(key):
    return key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _hash(algorithm, message_type):
    whole = getattr(hashes, f"SHA{algorithm.rpartition('_')[2]}")()
    return whole if message_type == "RAW" else utils.Prehashed(whole)


def _oaep(algorithm):
    hash_ = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    return padding.OAEP(padding.MGF1(hash_), hash_, None)


def _rsa_padding(algorithm):
    """PSS with the documented length of salt and no other."""
    if "PKCS1" in algorithm:
        return padding.PKCS1v15()
    size = int(algorithm.rpartition("_")[2])
    return padding.PSS(padding.MGF1(getattr(hashes, f"SHA{size}")()), size // 8)


class RsaPublic(Public):
    def verify(self, signature, algorithm, message_type, message):
        self.key.verify(signature, message, _rsa_padding(algorithm), _hash(algorithm, message_type))

    def encrypt(self, algorithm, plaintext):
        return self.key.encrypt(plaintext, _oaep(algorithm))


class RsaPrivate(Private):
    public_class = RsaPublic

    @staticmethod
    def generate(spec):
        return pkcs8_of(rsa.generate_private_key(65537, int(spec.removeprefix("RSA_"))))

    def sign(self, algorithm, message_type, message):
        return self.key.sign(message, _rsa_padding(algorithm), _hash(algorithm, message_type))

    def decrypt(self, algorithm, ciphertext):
        return self.key.decrypt(ciphertext, _oaep(algorithm))


class EccPublic(Public):
    def verify(self, signature, algorithm, message_type, message):
        self.key.verify(signature, message, ec.ECDSA(_hash(algorithm, message_type)))


class EccPrivate(Private):
    public_class = EccPublic

    @staticmethod
    def generate(spec):
        return pkcs8_of(ec.generate_private_key(CURVES[spec]))

    def sign(self, algorithm, message_type, message):
        return self.key.sign(message, ec.ECDSA(_hash(algorithm, message_type)))

    def derive(self, peer_spki):
        return self.key.exchange(ec.ECDH(), serialization.load_der_public_key(peer_spki))


class Ed25519Public(Public):
    def verify(self, signature, algorithm, message_type, message):
        if algorithm == "ED25519_SHA_512":
            self.key.verify(signature, message)
        elif not ed25519ph.accepts(self.key.public_bytes_raw(), message, signature):
            raise InvalidSignature


class Ed25519Private(Private):
    public_class = Ed25519Public

    @staticmethod
    def generate(_spec):
        return pkcs8_of(ed25519.Ed25519PrivateKey.generate())

    def sign(self, algorithm, message_type, message):
        if algorithm == "ED25519_SHA_512":
            return self.key.sign(message)
        return ed25519ph.sign(self.key.private_bytes_raw(), message)


class MlDsaPublic(Public):
    def verify(self, signature, algorithm, message_type, message):
        if message_type == "RAW":
            self.key.verify(signature, message)
        else:
            self.key.verify_mu(signature, message)

    def mu(self, message):
        hasher = mldsa.MLDSAMuHasher(self.key)
        hasher.update(message)
        return hasher.finalize()


class MlDsaPrivate(Private):
    public_class = MlDsaPublic

    @staticmethod
    def generate(spec):
        return pkcs8_of(ML_DSA[spec].generate())

    def sign(self, algorithm, message_type, message):
        return self.key.sign(message) if message_type == "RAW" else self.key.sign_mu(message)


class MlKemPublic(Public):
    def encapsulate(self):
        secret, ciphertext = self.key.encapsulate()
        return ciphertext, secret


class MlKemPrivate(Private):
    public_class = MlKemPublic

    @staticmethod
    def generate(spec):
        return pkcs8_of(ML_KEM[spec].generate())

    def decapsulate(self, ciphertext):
        return self.key.decapsulate(ciphertext)


class MlKem512Public(Public):
    """What stands before the raw key is the same in all keys of this set (RFC 9935)."""

    head = bytes.fromhex("30820332300b06096086480165030404010382032100")

    @property
    def key(self):
        assert self.spki.startswith(self.head)
        return self.spki[len(self.head) :]

    def encapsulate(self):
        secret, ciphertext = ML_KEM_512.encaps(self.key)
        return ciphertext, secret


class MlKem512Private(Private):
    """The private key is its seed, d and z of FIPS 203."""

    head = bytes.fromhex("3054020100300b060960864801650304040104428040")

    @staticmethod
    def generate(_spec):
        return MlKem512Private.head + ML_KEM_512.random_bytes(64)

    @cached_property
    def key(self):
        assert self.pkcs8.startswith(self.head)
        return ML_KEM_512.key_derive(self.pkcs8[len(self.head) :])

    @cached_property
    def public(self):
        return MlKem512Public(MlKem512Public.head + self.key[0])

    def decapsulate(self, ciphertext):
        return ML_KEM_512.decaps(self.key[1], ciphertext)


class Sm2Public(Public):
    @cached_property
    def key(self):
        return sm2.checked(self.spki)

    def verify(self, signature, algorithm, message_type, message):
        if not sm2.accepts(self.spki, message, signature, raw=message_type == "RAW"):
            raise InvalidSignature

    def encrypt(self, algorithm, plaintext):
        return sm2.encrypt(self.spki, plaintext)


class Sm2Private(Private):
    public_class = Sm2Public

    @staticmethod
    def generate(_spec):
        return sm2.generate()

    @cached_property
    def public(self):
        return Sm2Public(sm2.spki_of(self.pkcs8))

    def sign(self, algorithm, message_type, message):
        return sm2.sign(self.pkcs8, message, raw=message_type == "RAW")

    def decrypt(self, algorithm, ciphertext):
        return sm2.decrypt(self.pkcs8, ciphertext)

    def derive(self, peer_spki):
        return sm2.derive(self.pkcs8, peer_spki)


def family(spec):
    """The class of a spec's private keys."""
    if spec == "ML_KEM_512":
        return MlKem512Private
    if spec == "ECC_NIST_EDWARDS25519":
        return Ed25519Private
    families = {"RSA": RsaPrivate, "ECC": EccPrivate, "ML_DSA": MlDsaPrivate, "ML_KEM": MlKemPrivate, "SM2": Sm2Private}
    return next(class_ for name, class_ in families.items() if spec.startswith(name))


def generate(spec):
    """A fresh key of this spec."""
    return family(spec)(family(spec).generate(spec))


def load_private(spec, pkcs8):
    return family(spec)(pkcs8)


def load_public(spec, spki):
    return family(spec).public_class(spki) if spec != "ML_KEM_512" else MlKem512Public(spki)


def sent(public, algorithm, message_type, message):
    """The message in the form in which it is sent. What Ed25519ph signs is the digest: the service hashes it once more."""
    if message_type == "RAW":
        return message
    if message_type == "EXTERNAL_MU":
        return public.mu(message)
    if algorithm == "SM2DSA":
        return sm2.digest(public.spki, message)
    return hash_of(algorithm)(message).digest()


def mac(algorithm, key, message):
    return hmac.digest(key, message, hash_of(algorithm))
