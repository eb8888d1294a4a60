"""Compliance of a real server, as "kagiban compliance" tells it."""

import datetime
import json
import os
import secrets
import subprocess
import time

import pytest
import subject
from callers import Account
from importing import parameters, wrap

pytestmark = pytest.mark.own_server
ACCOUNT = "111122223333"
SECONDS_MAX = 20


def report(account, *words):
    told = subprocess.run(
        [subject.binary(), "compliance", *words],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **account.variables},
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def found(account, rule):
    return {entry["resource"] for entry in json.loads(report(account, "--rule", rule, "--json"))["resources"]}


def until(is_so):
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < SECONDS_MAX, "not within seconds"
        time.sleep(0.2)


def test_what_is_not_as_it_should_be_is_told_within_seconds(server):
    server.start()
    account = Account(server.endpoint, ACCOUNT, ACCOUNT, "test", "us-east-1")
    kms = account.client()
    key = kms.create_key()["KeyMetadata"]["Arn"]
    account.user("admin", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    rotation, users = "cmk-backing-key-rotation-enabled", "kagiban-iam-user-no-wildcard-administrator"
    until(lambda: found(account, rotation) == {key})
    until(lambda: len(found(account, users)) == 1)
    text = report(account)
    assert rotation in text and "Automatic rotation is off." in text
    kms.enable_key_rotation(KeyId=key)
    until(lambda: found(account, rotation) == set())
    assert key in report(account, "--all", "--rule", rotation)
    assert server.stop() == 0
    server.start()
    account = Account(server.endpoint, ACCOUNT, ACCOUNT, "test", "us-east-1")
    until(lambda: key in report(account, "--all", "--rule", rotation))


def test_the_limits_of_days_are_the_options(tmp_path):
    """Without the options neither would be found: thirty days before its end, ninety days without use."""
    options = ("--compliance-expiry-days", "50", "--compliance-unused-days", "2")
    server = subject.Server(tmp_path / "data", *options).start()
    try:
        account = Account(server.endpoint, ACCOUNT, ACCOUNT, "test", "us-east-1")
        kms = account.client()
        keys = [kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"] for _ in range(2)]
        for key, days in zip(keys, (45, 60)):
            fresh = parameters(kms, key, "RSAES_OAEP_SHA_256")
            material = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], secrets.token_bytes(32))
            ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
            kms.import_key_material(
                KeyId=key, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=material, ValidTo=ends
            )
        until(lambda: found(account, "kagiban-kms-key-material-not-expiring") == {keys[0]})
        assert found(account, "kagiban-kms-key-in-use") == set()
        operator = Account(server.endpoint, "000000000000", "test", "test", "us-east-1")
        clock = [subject.binary(), "clock", "advance", "3d"]
        subprocess.run(clock, check=True, capture_output=True, env={**os.environ, **operator.variables})
        # Something changes, so that it is looked at now.
        kms.create_key()
        until(lambda: found(account, "kagiban-kms-key-in-use") == set(keys))
    finally:
        server.kill()
