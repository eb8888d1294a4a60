"""`kagiban serve --dev` as a new user meets it."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import subject
from callers import Account

pytestmark = pytest.mark.own_server


def printed(server):
    """All lines up to the first `aws kms` command."""
    while not any("aws kms " in line for line in server.lines):
        assert server.read_line() is not None, server.lines
    return server.lines


def run(*arguments):
    command = [subject.binary(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


def test_the_printed_lines_can_be_pasted(server, tmp_path):
    """Into a shell that has nothing of AWS but the command line."""
    server.start()
    lines = printed(server)
    exports = [line for line in lines if line.startswith("export ")]
    names = {part.partition("=")[0] for line in exports for part in shlex.split(line)[1:]}
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= names
    assert {"AWS_REGION", "AWS_DEFAULT_REGION"} & names
    first = next(line for line in lines if "aws kms " in line)
    script = "\n".join(
        ["set -eu", *exports, first[first.index("aws kms ") :], "aws kms list-keys --query 'length(Keys)'"]
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env={"PATH": path, "HOME": str(tmp_path)}
    )
    assert result.returncode == 0, result.stderr


def test_the_warning(server):
    server.start()
    printed(server)
    said = server.log() + "\n".join(server.lines)
    assert "development" in said.lower() or "dev mode" in said.lower()


def test_the_data_is_for_the_owner_only(server):
    server.start()
    assert server.stop() == 0
    assert stat.S_IMODE(server.data.stat().st_mode) & 0o077 == 0
    for file in (f for f in server.data.rglob("*") if f.is_file()):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def test_nothing_of_the_user_is_in_the_log(server):
    server.start()
    account = Account(server.endpoint, "000000000000", "test", "test", "us-east-1")
    kms = account.client()
    key_id = kms.create_key(Description="needle-description")["KeyMetadata"]["KeyId"]
    context = {"needle-name": "needle-value"}
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"needle-plaintext", EncryptionContext=context)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    account.post("Decrypt", '{"CiphertextBlob": "needle-no-base64"}')
    account.post("CreateAlias", {"AliasName": "needle alias", "TargetKeyId": "needle-target"})
    assert server.stop() == 0
    assert "needle" not in server.log() + "\n".join(server.lines)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_only_loopback(tmp_path, address):
    result = run("serve", "--dev", "--listen", address, "--data", tmp_path / "data")
    assert result.returncode not in (0, 101), result.stderr
    assert "loopback" in result.stderr.lower()
    assert "AWS_ENDPOINT_URL" not in result.stdout


def test_a_production_directory_is_refused(tmp_path):
    data = tmp_path / "production"
    made = run("init", "--data", data)
    assert made.returncode == 0, made.stderr
    result = run("serve", "--dev", "--listen", "127.0.0.1:0", "--data", data)
    assert result.returncode not in (0, 101), result.stderr
    assert str(data) in result.stderr
    again = run("init", "--data", data)
    assert again.returncode not in (0, 101), "a second init must not touch the first one's data"


def test_an_address_in_use_is_a_clear_refusal(server, tmp_path):
    server.start()
    result = run("serve", "--dev", "--listen", f"127.0.0.1:{server.port}", "--data", tmp_path / "second")
    assert result.returncode not in (0, 101), result.stderr
    assert str(server.port) in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["init", "--help"], ["--version"]])
def test_help(arguments):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert "kagiban" in result.stdout.lower()


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["serve", "--nonsense"], ["serve", "--dev", "--listen", "nonsense"]]
)
def test_wrong_arguments(arguments):
    result = run(*arguments)
    assert result.returncode not in (0, 101)
    assert result.stderr


def test_the_clock_as_its_page_says(server):
    """docs/clock.md, run as it stands there: the moved time is kept over a kill, and goes neither back nor further than it may."""
    page = (subject.REPOSITORY / "docs/clock.md").read_text()
    command_line, requests = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    server.start()

    def paste(text):
        operator = Account(server.endpoint, "000000000000", "test", "test", "us-east-1")
        variables = {**os.environ, **operator.variables, "PATH": f"{program.parent}:{os.environ['PATH']}"}
        return subprocess.run(["bash", "-c", "set -e\n" + text], capture_output=True, text=True, env=variables, timeout=60)

    program = server.data.parent / "bin" / "kagiban"
    program.parent.mkdir()
    program.symlink_to(subject.binary())
    ran = paste(requests)
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    advanced, described = (json.loads(line) for line in ran.stdout.splitlines())
    assert advanced["SecondsAhead"] == described["SecondsAhead"] == 400 * 86400
    assert abs(described["Now"] - time.time() - 400 * 86400) < 60
    assert set(advanced) == set(json.loads(re.search(r"Both answer `(.*?)`", page)[1]))
    server.kill()
    server.start()
    definition = requests[: requests.index("\nclock ")]
    assert json.loads(paste(f"{definition}\nclock DescribeClock '{{}}'").stdout)["SecondsAhead"] == 400 * 86400
    for seconds in ("-1", "0", str(36_500 * 86400)):
        refusal = paste(f"{definition}\nclock AdvanceClock '{{\"Seconds\": {seconds}}}'")
        assert refusal.returncode == 22 and json.loads(refusal.stdout)["__type"] == "ValidationException", refusal
    ran = paste(command_line)
    assert ran.returncode == 0 and ran.stdout.count("(69120000 seconds ahead") == 2, (ran.stdout, ran.stderr)
