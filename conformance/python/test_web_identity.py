"""AssumeRoleWithWebIdentity: a pod's token becomes a session, with the credential providers that pods use."""

import base64
import json
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from callers import allow, document
from cli import command_line
from cryptography.hazmat.primitives.asymmetric import ec
from expect import payload, refused, refused_by_query
from web_identity import AUDIENCE, NAME, SUBJECT, encoded, token, trusting

pytestmark = [pytest.mark.web_identity, pytest.mark.many_accounts]


@pytest.fixture
def role(account):
    """A role for one service account of the cluster."""
    return account.role("web", trusting(account), allow("kms:ListKeys"), MaxSessionDuration=7200)


@pytest.fixture
def unsigned(account):
    """STS for somebody without any credentials."""
    config = Config(signature_version=UNSIGNED, parameter_validation=False, retries={"total_max_attempts": 1})
    return account.client(service="sts", config=config)


@pytest.fixture
def pod(account, role, tmp_path, monkeypatch):
    """The environment that a cluster gives a pod: no keys, a role and a file with a token."""
    (tmp_path / "token").write_text(token())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_DEFAULT_REGION": account.region,
        "AWS_ROLE_ARN": role,
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_ROLE_SESSION_NAME": "pod-1",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def assumes(sts, role, said, **more):
    return sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod-1", WebIdentityToken=said, **more)


def test_a_token_becomes_a_session(account, role, unsigned):
    answer = assumes(unsigned, role, token())
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == (SUBJECT, AUDIENCE)
    assert answer["Provider"] == f"arn:aws:iam::{account.id}:oidc-provider/{NAME}"
    arn = f"arn:aws:sts::{account.id}:assumed-role/web/pod-1"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    session = account.session(answer)
    session.client().list_keys()
    refused(session.client().list_aliases, "AccessDeniedException")
    assert payload(session.client(service="sts").get_caller_identity())["Arn"] == arn
    narrow = account.session(assumes(unsigned, role, token(), Policy=document(allow("kms:Encrypt"))))
    refused(narrow.client().list_keys, "AccessDeniedException")


def test_boto3_in_a_pod(account, role, pod):
    session = boto3.Session()
    assert session.get_credentials().method == "assume-role-with-web-identity"
    session.client("kms").list_keys()
    assert session.client("sts").get_caller_identity()["Arn"].endswith(":assumed-role/web/pod-1")


def test_the_command_line_in_a_pod(account, pod):
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    aws = command_line(account, pod)
    assert aws("sts get-caller-identity --query Arn --output text", **nothing).endswith(":assumed-role/web/pod-1")


def test_boto3_with_a_profile(account, role, pod, monkeypatch):
    config = (
        f"[profile web]\nrole_arn = {role}\nweb_identity_token_file = {pod / 'token'}\nrole_session_name = by-profile\n"
    )
    (pod / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(pod / "config"))
    session = boto3.Session(profile_name="web")
    assert session.client("sts").get_caller_identity()["Arn"].endswith("/by-profile")


OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


def without_signature():
    head, claims, _ = token().split(".")
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def with_another_subject():
    head, claims, signature = token().split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return f"{head}.{encoded({**said, 'sub': 'somebody else'})}.{signature}"


BAD = {
    "another-key": (lambda: token(OTHER_KEY), "InvalidIdentityToken"),
    "an-unknown-kid": (lambda: token(header={"kid": "other"}), "InvalidIdentityToken"),
    "no-signature": (without_signature, "InvalidIdentityToken"),
    "changed": (with_another_subject, "InvalidIdentityToken"),
    "hmac": (lambda: token(header={"alg": "HS256"}), "InvalidIdentityToken"),
    "expired": (lambda: token(iat=int(time.time()) - 7200, exp=int(time.time()) - 3600), "ExpiredTokenException"),
    "not-yet": (lambda: token(nbf=int(time.time()) + 3600), "InvalidIdentityToken"),
    "no-end": (lambda: token(exp=None), "InvalidIdentityToken"),
    "no-subject": (lambda: token(sub=None), "InvalidIdentityToken"),
    "another-audience": (lambda: token(aud="another"), "InvalidIdentityToken"),
    "another-issuer": (lambda: token(iss="https://other.example"), "InvalidIdentityToken"),
    "nonsense": (lambda: "a.b.c", "InvalidIdentityToken"),
    "another-subject": (lambda: token(sub=f"{SUBJECT}2"), "AccessDenied"),
}


@pytest.mark.parametrize("made, code", BAD.values(), ids=BAD)
def test_tokens_that_do_not_count(role, unsigned, made, code):
    status = 403 if code == "AccessDenied" else 400
    named = {"RoleArn": role, "RoleSessionName": "pod-1"}
    message = refused_by_query(unsigned.assume_role_with_web_identity, status, code, **named, WebIdentityToken=made())
    assert "somebody else" not in message


def test_each_account_trusts_for_itself(account, other_account, role, unsigned):
    """A provider that one account trusts is nothing to another, and a wildcard in a value of a token is one letter."""
    named = {"RoleSessionName": "pod-1", "WebIdentityToken": token()}
    theirs = f"arn:aws:iam::{other_account.id}:role/web"
    call = unsigned.assume_role_with_web_identity
    refused_by_query(call, 400, ("InvalidIdentityToken", "AccessDenied"), RoleArn=theirs, **named)
    condition = {"StringLike": {f"{NAME}:sub": "system:serviceaccount:shop:*"}}
    open_ = other_account.role("web", trusting(other_account, condition))
    assumes(unsigned, open_, token(sub="system:serviceaccount:shop:any"))
    refused_by_query(call, 403, "AccessDenied", RoleArn=open_, **named | {"WebIdentityToken": token(sub="*")})
    refused_by_query(call, 403, "AccessDenied", RoleArn=f"arn:aws:iam::{account.id}:role/nobody", **named)
