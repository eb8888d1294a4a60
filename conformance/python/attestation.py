"""Attestation documents as the Nitro hypervisor makes them, under a root of our own: CBOR, COSE_Sign1 and the chain written
out from the Nitro Enclaves documentation ("Verifying the root of trust"), RFC 8949 and RFC 9052."""

import datetime
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

DER, SPKI = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
ES384 = b"\xa1\x01\x38\x22"  # {1: -35}


def cbor(value):
    """The deterministic form of whole numbers, bytes, text, lists and maps; None is null."""
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return _head(0, value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return _head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)


def _head(kind, number):
    if number < 24:
        return bytes([kind << 5 | number])
    size = next(n for n in (1, 2, 4, 8) if number < 1 << 8 * n)
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size, "big")


class Authority:
    """A certificate and its key: a root, or what another one signed."""

    def __init__(self, name, issuer=None, last=False, days=(-1, 1), curve=None):
        self.key = ec.generate_private_key(curve or ec.SECP384R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        from_, to = (now + datetime.timedelta(days=d) for d in days)
        signer, issuer_name = (issuer.key, issuer.certificate.subject) if issuer else (self.key, subject)
        builder = x509.CertificateBuilder(
            issuer_name, subject, self.key.public_key(), x509.random_serial_number(), from_, to
        )
        builder = builder.add_extension(x509.BasicConstraints(not last, None), critical=True)
        builder = builder.add_extension(usage(signs_certificates=not last), critical=True)
        self.certificate = builder.sign(signer, hashes.SHA384())

    @property
    def der(self):
        return self.certificate.public_bytes(DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def usage(signs_certificates):
    others = dict.fromkeys(
        [
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    signs = signs_certificates
    return x509.KeyUsage(digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, **others)


class Hypervisor:
    """A root, an intermediate, and the certificate of one enclave, which signs documents."""

    def __init__(self, **last):
        self.root = Authority("a root")
        self.middle = Authority("in between", self.root)
        self.enclave = Authority("an enclave", self.middle, **{"last": True, **last})

    def payload(self, public_key, **changes):
        """What the document says; a change to None leaves the member out."""
        said = {
            "module_id": "i-0123456789abcdef0-enc0123456789abcdef",
            "digest": "SHA384",
            "timestamp": time.time_ns() // 10**6,
            "pcrs": {number: bytes(48) for number in range(16)},
            "certificate": self.enclave.der,
            "cabundle": [self.root.der, self.middle.der],
            "public_key": public_key,
            "user_data": b"anything",
            "nonce": b"once",
        }
        return {name: value for name, value in (said | changes).items() if value is not None}

    def document(self, public_key, signer=None, protected=ES384, **changes):
        """A document for the holder of this key."""
        payload = cbor(self.payload(public_key, **changes))
        signature = (signer or self.enclave.key).sign(
            cbor(["Signature1", protected, b"", payload]), ec.ECDSA(hashes.SHA384())
        )
        numbers = b"".join(n.to_bytes(48, "big") for n in decode_dss_signature(signature))
        return cbor([protected, {}, payload, numbers])
