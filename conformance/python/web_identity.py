"""An OpenID Connect provider, such as a Kubernetes cluster has one: it signs tokens for service accounts (RFC 7519)."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from subject import PROVIDER

ISSUER = PROVIDER["issuer"]
NAME = ISSUER.removeprefix("https://")
AUDIENCE = "sts.amazonaws.com"
SUBJECT = "system:serviceaccount:shop:web"
GENUINE = ec.derive_private_key(int.from_bytes(base64.urlsafe_b64decode(PROVIDER["key"]["d"] + "=")), ec.SECP256R1())


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(key=GENUINE, header=(), **claims):
    """A token as a cluster mounts it into a pod, or with other claims; `None` leaves one out."""
    now = int(time.time())
    said = {"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "iat": now - 5, "exp": now + 600, **claims}
    head = {"alg": "ES256", "kid": PROVIDER["key"]["kid"], "typ": "JWT", **dict(header)}
    signed = f"{encoded(head)}.{encoded({k: v for k, v in said.items() if v is not None})}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"


def trusting(account, condition=None, url=ISSUER, audiences=(AUDIENCE,)):
    """Registers the provider in an account, and returns the statement of a trust policy for it."""
    iam = account.client(service="iam")
    made = iam.create_open_id_connect_provider(Url=url, ClientIDList=list(audiences))
    return {
        "Effect": "Allow",
        "Principal": {"Federated": made["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition or {"StringEquals": {f"{NAME}:sub": SUBJECT, f"{NAME}:aud": AUDIENCE}},
    }
