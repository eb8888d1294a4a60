"""Who calls: accounts and who is in them, their unmodified boto3 clients, and requests signed by botocore but written by
hand."""

import datetime
import http.client
import json
import os
import re
import secrets
import unittest.mock
import urllib.parse
from dataclasses import dataclass, replace

import boto3
import leaks
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

# The limits under test are the server's, so the client's own checks are off; and an answer is looked at once, not retried.
PLAIN = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=30, connect_timeout=5)
ONE_ACCOUNT = os.environ.get("KAGIBAN_SUBJECT_ACCOUNT_ID")
_SESSION = boto3.Session()
leaks.watch(_SESSION)


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
    """Whose credentials these are: the root of an account, or (with a token perhaps) one of its users or sessions; at one
    endpoint and in one Region."""

    endpoint: str
    id: str
    access_key: str
    secret: str
    region: str
    token: str | None = None
    arn: str | None = None  # who it is, if not the root

    def client(self, region=None, config=PLAIN, service="kms", **changes):
        settings = dict(
            region_name=region or self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
        )
        return _SESSION.client(service, config=config, **{**settings, **changes})

    def user(self, name, *statements, path="/", **more):
        """A new user of the account with an access key, and with these statements in a policy of its own."""
        iam = self.client(service="iam")
        arn = iam.create_user(UserName=name, Path=path, **more)["User"]["Arn"]
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return replace(self, access_key=key["AccessKeyId"], secret=key["SecretAccessKey"], token=None, arn=arn)

    def role(self, name, trust, *statements, **more):
        """The ARN of a new role of the account that trusts so, with these statements in a policy of its own."""
        iam = self.client(service="iam")
        trust = document(*(trust if isinstance(trust, list) else [trust]))
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
        return arn

    def session(self, answer):
        """Who has the credentials of an answer of STS, in the account that they are for."""
        found = answer["Credentials"]
        arn = answer.get("AssumedRoleUser", {}).get("Arn", self.arn)
        return replace(
            self,
            id=arn.split(":")[4] if arn else self.id,
            access_key=found["AccessKeyId"],
            secret=found["SecretAccessKey"],
            token=found["SessionToken"],
            arn=arn,
        )

    def assume(self, role_arn, name="session", **more):
        """The session that assuming a role gives."""
        sts = self.client(service="sts")
        return self.session(sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **more))

    @property
    def variables(self):
        """What an AWS client finds in its environment."""
        token = {"AWS_SESSION_TOKEN": self.token} if self.token else {}
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_MAX_ATTEMPTS": "1",
            **token,
        }

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
        credentials = Credentials(access_key or self.access_key, secret or self.secret, token or self.token)
        signer = auth.SigV4Auth(credentials, service, region or self.region)
        now = now or datetime.datetime.now(datetime.timezone.utc)
        with unittest.mock.patch.object(auth, "get_current_datetime", lambda *_, **__: now):
            signer.add_auth(request)
        return request

    def post(self, operation, body, headers=(), **signature):
        """Sends a hand-written body under a good signature, or under one made different on demand."""
        return send(self.sign(self.request(operation, body, headers), **signature))


def exported(text):
    """Access key id and secret, as our commands print them for a shell."""
    found = dict(re.findall(r"^export (\w+)=(.*)$", text, re.M))
    return found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]


def allow(action, resource="*", condition=None, **more):
    """A statement that allows, unless `more` says otherwise."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return statement | ({"Condition": condition} if condition else {})


def deny(action, resource="*", condition=None, **more):
    return allow(action, resource, condition, **more, Effect="Deny")


def trust(principal, condition=None, action="sts:AssumeRole", **more):
    """A statement of a trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return statement | ({"Condition": condition} if condition else {})


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


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
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        note_bodies(body, answer)
        return answer
    finally:
        connection.close()


def note_bodies(*bodies):
    """Notes the secrets of a request and its answer; an error has none."""
    for body in bodies:
        try:
            found = json.loads(body.body if isinstance(body, Answer) else body)
            if isinstance(found, dict) and "__type" not in found:
                leaks.note_members(found)
        except (ValueError, RecursionError):
            # No JSON, or of a depth that only tests of the depth have.
            continue
