"""Compliance of a real server, as "kagiban compliance" tells it."""

import json
import os
import subprocess
import time

import pytest
import subject
from callers import Account

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
