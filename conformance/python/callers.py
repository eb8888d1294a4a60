"""Who calls: accounts, their unmodified boto3 clients, and requests signed by botocore but written by hand."""

import datetime
import http.client
import json
import os
import secrets
import unittest.mock
import urllib.parse
from dataclasses import dataclass

import boto3
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

# The limits under test are the server's, so the client's own checks are off; and an answer is looked at once, not retried.
PLAIN = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=30, connect_timeout=5)
ONE_ACCOUNT = os.environ.get("KAGIBAN_SUBJECT_ACCOUNT_ID")
_SESSION = boto3.Session()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it came over the wire."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["__type"]

    @property
    def message(self):
        document = self.json
        return document.get("message", document.get("Message"))


@dataclass(frozen=True)
class Account:
    """The root of one account, at one endpoint and in one Region."""

    endpoint: str
    id: str
    access_key: str
    secret: str
    region: str

    def client(self, region=None, config=PLAIN, **changes):
        settings = dict(
            region_name=region or self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret,
        )
        return _SESSION.client("kms", config=config, **{**settings, **changes})

    def key_arn(self, key_id, region=None):
        return f"arn:aws:kms:{region or self.region}:{self.id}:key/{key_id}"

    def alias_arn(self, name, region=None):
        return f"arn:aws:kms:{region or self.region}:{self.id}:{name}"

    @property
    def root_arn(self):
        return f"arn:aws:iam::{self.id}:root"

    def request(self, operation, body, headers=()):
        """An unsigned request. A body that is no text is sent as JSON."""
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        named = {"Content-Type": "application/x-amz-json-1.1", **dict(headers)}
        if operation is not None:
            named["X-Amz-Target"] = f"TrentService.{operation}"
        return AWSRequest("POST", f"{self.endpoint}/", headers=named, data=body)

    def sign(self, request, *, access_key=None, secret=None, token=None, region=None, service="kms", now=None):
        """Signs a request as botocore does, with any part of the signature made different on demand."""
        credentials = Credentials(access_key or self.access_key, secret or self.secret, token)
        signer = auth.SigV4Auth(credentials, service, region or self.region)
        now = now or datetime.datetime.now(datetime.timezone.utc)
        with unittest.mock.patch.object(auth, "get_current_datetime", lambda *_, **__: now):
            signer.add_auth(request)
        return request

    def post(self, operation, body, headers=(), **signature):
        """Sends a hand-written body under a good signature, or under one made different on demand."""
        return send(self.sign(self.request(operation, body, headers), **signature))


def new_account(endpoint, region):
    """An account nobody used before (in dev mode any 12 digits with the secret `test` are an account's root), unless the
    subject has but one."""
    if ONE_ACCOUNT:
        access_key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        return Account(endpoint, ONE_ACCOUNT, access_key, secret, region)
    number = f"{secrets.randbelow(8 * 10**11) + 10**11:012}"
    return Account(endpoint, number, number, os.environ["AWS_SECRET_ACCESS_KEY"], region)


def send(request, method="POST"):
    """Sends a request as it stands, without any client's help."""
    url = urllib.parse.urlsplit(request.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
    try:
        body = request.body if request.body is not None else b""
        target = url.path + (f"?{url.query}" if url.query else "")
        connection.request(method, target, body, dict(request.headers.items()))
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()
