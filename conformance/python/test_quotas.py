"""Quotas as clients meet them: throttled calls that boto3 retries, limits of resources, and settings that are refused."""

import subprocess
import time

import pytest
import subject
from botocore.config import Config
from botocore.exceptions import ClientError
from callers import PLAIN, Account, allow
from expect import refused

pytestmark = pytest.mark.own_server
REGION = "eu-west-1"
TOO_MANY_KEYS = "KMS keys quota for this account in this region is 1, current usage is 1."
TEXT = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


@pytest.fixture
def simulated(tmp_path):
    """A server with AWS's figures, but for ListKeys and random numbers, of which there are few, and keys."""
    quotas = "ListKeys=2", "cryptographic-symmetric=3", f"111122223333/{REGION}/keys=1"
    options = [part for quota in quotas for part in ("--quota", quota)]
    server = subject.Server(tmp_path / "data", "--quotas", "simulate", *options).start()
    yield server
    server.stop()


def account_on(server, number="000000000000"):
    return Account(server.endpoint, number, "test" if number == "000000000000" else number, "test", REGION)


def until_throttled(call):
    """How often the call succeeds within one second of the clock before it is throttled, and the error."""
    time.sleep(1.02 - time.time() % 1)
    for count in range(20):
        try:
            call()
        except ClientError as error:
            return count, error
    pytest.fail("never throttled")


def test_the_error_is_the_one_that_clients_know(simulated):
    kms = account_on(simulated).client()
    count, error = until_throttled(kms.list_keys)
    assert count == 2
    assert error.response["Error"] == {"Code": "ThrottlingException", "Message": TEXT}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    kms.list_aliases()  # another quota
    count, _ = until_throttled(lambda: kms.generate_random(NumberOfBytes=8))
    assert count == 3


@pytest.mark.parametrize("mode", [None, "standard", "adaptive"])
def test_boto3_retries_until_it_succeeds(simulated, mode):
    """With its default number of attempts, in each of its modes. Close to the end of a second,
    so that a retry comes into the next one."""
    config = Config(retries={"mode": mode} if mode else None, parameter_validation=False)
    kms = account_on(simulated).client(config=config)
    for _ in range(20):
        time.sleep((1.93 - time.time() % 1) % 1)
        attempts = [kms.list_keys()["ResponseMetadata"]["RetryAttempts"] for _ in range(4)]
        if any(attempts):
            return
    pytest.fail("nothing had to be retried")


def test_one_caller_does_not_starve_another(simulated):
    root = account_on(simulated)
    user = root.user("quiet", allow("kms:*")).client()
    loud = root.client()
    user.generate_random(NumberOfBytes=1)
    throttled = 0
    for _ in range(4):
        time.sleep(1.02 - time.time() % 1)
        for _ in range(12):
            try:
                loud.generate_random(NumberOfBytes=1)
            except ClientError:
                throttled += 1
        user.generate_random(NumberOfBytes=1)
    assert throttled >= 4 * 9


def test_the_number_of_keys(simulated):
    kms = account_on(simulated, "111122223333").client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    refused(kms.create_key, "LimitExceededException", TOO_MANY_KEYS)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused(kms.create_key, "LimitExceededException", TOO_MANY_KEYS)
    account_on(simulated).client().create_key()
    account_on(simulated, "111122223333").client(region="us-east-1").create_key()


def test_nobody_is_throttled_by_default(server):
    server.start()
    kms = account_on(server).client()
    for _ in range(700):
        kms.list_keys()


@pytest.mark.parametrize(
    "options, told",
    [
        (["--quotas", "on"], "off, real and simulate"),
        (["--quotas", "real", "--quota", "createkey=5"], "CreateKey"),
        (["--quotas", "real", "--quota", "CreateKey=0"], "from 1 to 1000000, or none"),
        (["--quotas", "real", "--quota", "CreateKey"], "NAME=VALUE"),
        (["--quotas", "real", "--quota", "11/CreateKey=5"], "ACCOUNT/NAME=VALUE"),
        (["--quota", "CreateKey=5"], "--quotas simulate"),
        (["--quota", "keys=5", "--quota", "keys=6"], "twice"),
    ],
)
def test_a_wrong_setting_is_refused_at_start(tmp_path, options, told):
    command = [subject.binary(), "serve", "--dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data", *options]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert run.returncode != 0
    assert "--quota" in run.stderr and told in run.stderr, run.stderr


def test_the_list_of_quotas_and_the_configuration_file(tmp_path):
    listed = subprocess.run([subject.binary(), "quotas", "--region", REGION], capture_output=True, text=True, check=True)
    figures = dict(line.split()[:2] for line in listed.stdout.splitlines() if len(line.split()) > 2)
    assert (figures["CreateKey"], figures["cryptographic-symmetric"], figures["keys"]) == ("5", "100000", "100000")
    config = tmp_path / "kagiban.toml"
    config.write_text('quotas = "real"\nquota = ["ListKeys=1", "us-east-1/ListKeys=none"]\n')
    server = subject.Server(tmp_path / "data", "--config", config).start()
    try:
        kms = account_on(server).client(config=PLAIN)
        codes = []
        for _ in range(3):
            try:
                kms.list_keys()
                codes.append("ok")
            except ClientError as error:
                codes.append(error.response["Error"]["Code"])
        assert codes[0] == "ok" and "ThrottlingException" in codes
        elsewhere = account_on(server).client(region="us-east-1")
        for _ in range(20):
            elsewhere.list_keys()
    finally:
        server.stop()
