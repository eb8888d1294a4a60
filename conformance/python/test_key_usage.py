"""The last use of a key, its numbers, and the report of a month, with boto3, the AWS CLI and our own commands."""

import csv
import io
import json
import os
import re
import subprocess
from functools import partial

import pytest
import subject
from callers import Account, new_account
from cli import command_line
from expect import UUID, refused
from operations import Key

pytestmark = pytest.mark.own_server


@pytest.fixture
def kagiban(account):
    """Runs `kagiban ...` with the account's credentials."""

    def run(words, *values, caller=account, status=0):
        command = [subject.binary(), *words.split(), *values]
        variables = {**os.environ, **caller.variables}
        result = subprocess.run(command, capture_output=True, text=True, env=variables, timeout=30)
        assert result.returncode == status, (result.stdout, result.stderr)
        return result.stderr if status else result.stdout

    return run


def test_the_last_use_is_told_with_its_request(account, kms):
    key = kms.create_key()["KeyMetadata"]
    unused = kms.get_key_last_usage(KeyId=key["Arn"])
    assert (unused["KeyId"], unused["KeyLastUsage"]) == (key["KeyId"], {})
    assert unused["KeyCreationDate"] == unused["TrackingStartDate"] == key["CreationDate"]
    for use in (
        lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x"),
        lambda: kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256"),
    ):
        answer = use()
        last = kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]
        assert last["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
        assert re.fullmatch(UUID, last["CloudTrailEventId"])
    assert last["Operation"] == "GenerateDataKey"
    refused(lambda: kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", DryRun=True), "DryRunOperationException")
    assert kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"] == last


def test_the_aws_command_line_knows_it(account, kms, tmp_path):
    key = Key.create(account, kms)
    aws = command_line(account, tmp_path)
    last = aws(f"kms get-key-last-usage --key-id {key.id}")["KeyLastUsage"]
    assert last["Operation"] in ("Encrypt", "Decrypt")


def test_the_preflight_ends_with_a_verdict(account, kms, kagiban):
    key = Key.create(account, kms)
    kms.decrypt(CiphertextBlob=key.blob)
    text = kagiban(f"key usage {key.id}")
    assert re.search(r"\nUsed \d+ seconds ago by arn:aws:iam::\d{12}:root: do not delete\.\n$", text), text
    told = json.loads(kagiban(f"key usage {key.id} --output json"))
    assert told["LastUse"]["Operation"] == "Decrypt"
    unused = kms.create_key()["KeyMetadata"]["KeyId"]
    assert "Not used since it was created" in kagiban(f"key usage {unused}")
    assert "does not exist" in kagiban("key usage 11111111-2222-4333-8444-555555555555", status=1)


@pytest.fixture
def account_elsewhere(tmp_path, region):
    """An account on a server of the test's own, whose clock it may move."""
    server = subject.Server(tmp_path / "data").start()
    yield new_account(server.endpoint, region)
    server.stop()


def test_a_month_by_keys_and_operations(account_elsewhere, kagiban):
    """Each month has what happened in it: the clock goes on by forty days, and then tells of the month before, too."""
    account = account_elsewhere
    kms, kagiban = account.client(), partial(kagiban, caller=account)
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    for _ in range(3):
        kms.encrypt(KeyId=keys[0], Plaintext=b"x")
    kms.generate_data_key(KeyId=keys[1], KeySpec="AES_256")
    by_both = lambda *more: json.loads(kagiban("usage --by key,operation --output json", *more))
    report = by_both()
    assert report["By"] == "key,operation"

    def requests(report):
        lines = [line for line in report["Lines"] if line["Requests"]]
        return {(line["Key"].rsplit("/")[-1], line["Operation"]): line["Requests"] for line in lines}

    counted = {(keys[0], "Encrypt"): 3, (keys[1], "GenerateDataKey"): 1, ("(no key)", "CreateKey"): 2}
    found = requests(report)
    assert {name: found.get(name) for name in counted} == counted
    sums = {operation: 0 for _, operation in counted}
    for (_, operation), count in found.items():
        sums[operation] = sums.get(operation, 0) + count
    by_operation = json.loads(kagiban("usage --by operation --output json"))
    assert {line["Of"]: line["Requests"] for line in by_operation["Lines"] if line["Requests"]} == sums
    rows = list(csv.DictReader(io.StringIO(kagiban("usage --by operation,key --csv"))))
    (row,) = (row for row in rows if (row["operation"], row["key"].rsplit("/")[-1]) == ("Encrypt", keys[0]))
    assert (row["month"], row["requests"]) == (report["Month"], "3")
    assert re.search(rf"^{account.id} +\S+/{keys[0]} +Encrypt ", kagiban("usage --by key,operation"), re.MULTILINE)
    assert "possible values: account, key, operation" in kagiban("usage --by key,grant", status=2)

    operator = Account(account.endpoint, "000000000000", "test", "test", account.region)
    kagiban("clock advance 40d", caller=operator)
    kms = account.client()  # signs by the clock of its own; a development server takes that
    kms.encrypt(KeyId=keys[0], Plaintext=b"x")
    now = by_both()
    assert now["Month"] > report["Month"] and requests(now) == {(keys[0], "Encrypt"): 1}
    assert requests(by_both("--month", report["Month"])) == found
    assert requests(by_both("--month", now["Month"])) == requests(now)
    assert requests(by_both("--month", "2000-01")) == {}
    assert "month" in kagiban("usage --month 2026-13", status=1).lower()


def test_the_month_is_reported_with_its_costs(account, kms, kagiban, tmp_path):
    key = Key.create(account, kms)
    for _ in range(10):
        kms.decrypt(CiphertextBlob=key.blob)
    report = json.loads(kagiban("usage --by operation --output json"))
    (line,) = (line for line in report["Lines"] if line["Of"] == "Decrypt")
    assert (line["AccountId"], line["Requests"]) == (account.id, 10)
    assert re.search(r"^TOTAL ", kagiban("usage"), re.MULTILINE)
    rows = list(csv.DictReader(io.StringIO(kagiban("usage --by key --csv"))))
    (row,) = (row for row in rows if row["what"].endswith(key.id.rsplit("/")[-1]))
    assert float(row["key_cost"]) > 0 and row["currency"] == "USD"
    (tmp_path / "prices.toml").write_text('currency = "EUR"')
    assert "is no price table" in kagiban("usage --prices", str(tmp_path / "prices.toml"), status=2)
    assert "not authorized" in kagiban("usage --account 999999999999", status=1)
    operator = Account(account.endpoint, "000000000000", "test", "test", account.region)
    assert account.id in kagiban("usage --by account", caller=operator)
