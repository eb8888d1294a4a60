"""Rules over the events of a real server: what happens is told to a webhook, and dangerous use disables the key within
seconds and without a person. The rules are those of docs/examples/rules."""

import hashlib
import hmac
import http.server
import json
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
import subject
from botocore.exceptions import ClientError
from callers import Account
from expect import refused

pytestmark = pytest.mark.own_server
EXAMPLES = Path(__file__).parents[2] / "docs/examples/rules"
ACCOUNT = "111122223333"
REGION = "eu-central-1"
SECRET = "a secret that nobody else knows"
# Records are followed once they are synced, which is every second.
SECONDS_MAX = 10


class Receiver:
    """A webhook: keeps what comes in, after checking the signature."""

    def __init__(self):
        self.messages = queue.Queue()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.put((self.headers, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        headers, body = self.messages.get(timeout=SECONDS_MAX)
        seconds, signature = (part.partition("=")[2] for part in headers["Kagiban-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(signature, expected)
        assert abs(time.time() - int(seconds)) < 60
        return headers["Kagiban-Rule"], json.loads(body)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()


def serving(tmp_path, rules):
    file = tmp_path / "rules.toml"
    file.write_text(rules)
    server = subject.Server(tmp_path / "data", "--rules", file)
    return server.start()


@pytest.fixture
def started(tmp_path):
    servers = []

    def start(rules):
        servers.append(serving(tmp_path, rules))
        return servers[-1]

    yield start
    for server in servers:
        if server.is_running():
            server.kill()


def example(name, *changes):
    text = (EXAMPLES / name).read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text


def root(server):
    return Account(server.endpoint, ACCOUNT, ACCOUNT, "test", REGION)


def until(is_so):
    """How long it takes until it is so."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < SECONDS_MAX, "not within seconds"
        time.sleep(0.05)
    return time.monotonic() - began


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def test_denied_again_and_again_disables_the_key(started):
    server = started(example("disable-on-misuse.toml"))
    account = root(server)
    kms = account.client()
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    mallory = account.user("mallory").client()
    for _ in range(5):
        refused(mallory.encrypt, "AccessDeniedException", KeyId=key, Plaintext=b"x")
    refused(mallory.encrypt, "AccessDeniedException", KeyId=other, Plaintext=b"x")
    took = until(lambda: state(kms, key) == "Disabled")
    print(f"disabled after {took:.2f} s")
    refused(kms.encrypt, "DisabledException", KeyId=key, Plaintext=b"x")
    assert state(kms, other) == "Enabled"
    # A person looks at it and undoes it; the same rule does not fire again by itself.
    kms.enable_key(KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")


def test_use_from_an_unexpected_address_disables_the_key(started):
    server = started(example("unexpected-address.toml"))
    kms = root(server).client()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.encrypt(KeyId=key, Plaintext=b"x")
    assert state(kms, key) == "Enabled"
    kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    until(lambda: state(kms, key) == "Disabled")


def test_a_principal_that_destroys_keys_is_stopped(started):
    server = started(example("stop-principal.toml"))
    account = root(server)
    kms = account.client()
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    # What the two may do with keys, but for ending one, they may by grants alone.
    mallory = account.user("mallory", {"Effect": "Allow", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"})
    bystander = account.user("bystander")
    for who, of in [(mallory, key), (mallory, key), (mallory, other), (bystander, key)]:
        kms.create_grant(KeyId=of, GranteePrincipal=who.arn, Operations=["Encrypt", "DescribeKey"])
    caller = mallory.client()
    for of in (key, other):
        caller.encrypt(KeyId=of, Plaintext=b"a plaintext")
    caller.schedule_key_deletion(KeyId=key)

    def is_stopped():
        try:
            caller.describe_key(KeyId=other)
        except ClientError as error:
            return error.response["Error"]["Code"] == "AccessDeniedException"
        return False

    def grantees(of):
        return [grant["GranteePrincipal"] for grant in kms.list_grants(KeyId=of)["Grants"]]

    until(is_stopped)
    iam = account.client(service="iam")
    policies = iam.list_user_policies(UserName="mallory")["PolicyNames"]
    assert "KagibanResponse-destroys-keys" in policies
    took = until(lambda: grantees(key) == [bystander.arn])
    print(f"revoked after {took:.2f} s")
    # A person undoes it. The grants on the key in question are gone for good: only theirs, and only there.
    iam.delete_user_policy(UserName="mallory", PolicyName="KagibanResponse-destroys-keys")
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    refused(caller.encrypt, "AccessDeniedException", KeyId=key, Plaintext=b"a plaintext")
    bystander.client().encrypt(KeyId=key, Plaintext=b"a plaintext")
    assert grantees(other) == [mallory.arn]
    caller.encrypt(KeyId=other, Plaintext=b"a plaintext")


def alarms(tmp_path, receiver):
    secret = tmp_path / "webhook.secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    return example(
        "alarms.toml",
        ("https://alarms.example.com/kagiban", receiver.url),
        ("/etc/kagiban/webhook.secret", str(secret)),
        ("/var/log/kagiban/events.jsonl", str(tmp_path / "events.jsonl")),
    )


def test_alarms_reach_a_webhook_and_a_file(started, receiver, tmp_path):
    server = started(alarms(tmp_path, receiver))
    account = root(server)
    kms = account.client()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key)
    rule, event = receiver.next()
    assert (rule, event["detail"]["eventName"]) == ("dangerous-change", "ScheduleKeyDeletion")
    assert (event["source"], event["detail-type"]) == ("aws.kms", "AWS API Call via CloudTrail")
    assert (event["account"], event["region"]) == (ACCOUNT, REGION)
    refused(kms.decrypt, "KMSInvalidStateException", CiphertextBlob=blob)
    rule, event = receiver.next()
    assert (rule, event["detail"]["eventName"]) == ("pending-deletion-in-use", "Decrypt")
    # Not again for an hour, while other rules go on.
    refused(kms.decrypt, "KMSInvalidStateException", CiphertextBlob=blob)
    kms.cancel_key_deletion(KeyId=key)
    kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"])
    assert receiver.next()[1]["detail"]["eventName"] == "PutKeyPolicy"
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert {"dangerous-change", "pending-deletion-in-use"} <= {line["rule"] for line in lines}


def test_a_killed_server_goes_on_where_it_was(started, receiver, tmp_path):
    server = started(alarms(tmp_path, receiver))
    kms = root(server).client()
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(20)]
    for key in keys[:10]:
        kms.disable_key(KeyId=key)
    server.kill()
    server.start()
    kms = root(server).client()
    for key in keys[10:]:
        kms.disable_key(KeyId=key)
    told = set()
    while len(told) < 20:
        rule, event = receiver.next()
        assert rule == "dangerous-change"
        told.add(event["detail"]["requestParameters"]["keyId"])
    assert told == set(keys)


def test_rules_are_read_again_on_hangup(started, receiver, tmp_path):
    secret = tmp_path / "s"
    secret.write_text(SECRET)
    secret.chmod(0o600)

    def rules(operation):
        pattern = json.dumps({"detail": {"eventName": [operation]}})
        return (
            f'[[target]]\nname = "hook"\ntype = "webhook"\nurl = "{receiver.url}"\nsecret-file = "{secret}"\n'
            f"[[rule]]\nname = \"r-{operation}\"\npattern = '{pattern}'\ntargets = [\"hook\"]\n"
        )

    server = started(rules("EnableKey"))
    kms = root(server).client()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.enable_key(KeyId=key)
    assert receiver.next()[0] == "r-EnableKey"
    (tmp_path / "rules.toml").write_text(rules("DescribeKey"))
    os.kill(server.pid, signal.SIGHUP)

    def is_told():
        kms.describe_key(KeyId=key)
        return not receiver.messages.empty()

    until(is_told)
    assert receiver.next()[0] == "r-DescribeKey"


def run(*words):
    return subprocess.run([subject.binary(), "rules", *words], capture_output=True, text=True, timeout=30)


def test_the_command_line_checks_and_tries(tmp_path):
    for file in EXAMPLES.glob("*.toml"):
        assert run("check", file).returncode == 0
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"source": "aws.kms", "detail": {"eventName": "DisableKey"}}))
    tried = run("test", EXAMPLES / "alarms.toml", event)
    assert tried.returncode == 0 and "dangerous-change: match\n" in tried.stdout
    event.write_text(json.dumps({"source": "aws.kms", "detail": {"eventName": "EnableKey"}}))
    assert run("test", EXAMPLES / "alarms.toml", event).returncode == 1
    bad = tmp_path / "bad.toml"
    bad.write_text("[[rule]]\nname = 'r'\npattern = '{\"a\": 1}'\ntargets = ['t']\n")
    refused_file = run("check", bad)
    assert refused_file.returncode == 1 and "a: values must be in a list" in refused_file.stderr
    failed = subprocess.run(
        [subject.binary(), "serve", "--dev", "--data", tmp_path / "d", "--rules", bad],
        capture_output=True, text=True, timeout=30,
    )
    assert failed.returncode == 1 and "values must be in a list" in failed.stderr
