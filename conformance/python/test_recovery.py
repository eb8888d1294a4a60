"""The recovery key in people's hands: a server is sealed, refuses everything, and is opened by enough shares; without a root
key it starts so."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import subject
from botocore.exceptions import ClientError
from callers import Account, exported

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"
SPLIT = ("--recovery-shares", "5", "--recovery-threshold", "3")


def run(*words, caller=None, given=None, endpoint=None):
    variables = {**os.environ, **(caller.variables if caller else {})}
    if endpoint:
        variables["AWS_ENDPOINT_URL"] = endpoint
    return subprocess.run(
        [subject.binary(), *words], capture_output=True, text=True, env=variables, timeout=30, input=given or ""
    )


def shares_in(text):
    return [line.split()[-1] for line in text.splitlines() if "kagiban-share1" in line]


class Deployment:
    """A production deployment with a recovery key, and the first account's root."""

    def __init__(self, tmp_path, *options):
        data = tmp_path / "data"
        made = run("init", "--data", data, "--account", FIRST, *SPLIT, *options)
        assert made.returncode == 0, made.stderr
        self.shares, self._credentials = shares_in(made.stdout), exported(made.stdout)
        assert len(set(self.shares)) == 5
        self.server = subject.Server(data, *options, dev=False)

    def start(self):
        self.server.start()
        return Account(self.server.endpoint, FIRST, *self._credentials, REGION)

    def unseal(self, *shares):
        """Gives shares one by one, as somebody would who types them."""
        return run("unseal", endpoint=self.server.endpoint, given="".join(f"{share}\n" for share in shares))

    def status(self):
        asked = run("unseal", "--status", "--output", "json", endpoint=self.server.endpoint)
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def readiness(self):
        try:
            with urllib.request.urlopen(f"{self.server.endpoint}/readyz", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@pytest.fixture
def deployed(tmp_path):
    """A function that makes a deployment."""
    made = []

    def make(*options):
        made.append(Deployment(tmp_path, *options))
        return made[-1]

    yield make
    for deployment in made:
        if deployment.server.is_running():
            deployment.server.kill()


def refuses(deployment, root, blob):
    for call, request in [(root.client().decrypt, {"CiphertextBlob": blob}), (root.client().create_key, {})]:
        with pytest.raises(ClientError) as refused:
            call(**request)
        answer = refused.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert answer["Error"]["Code"] == "ServiceUnavailableException"
        assert "sealed" in answer["Error"]["Message"]
    assert deployment.readiness() == (503, {"ready": False, "reason": "the service is sealed"})


def test_a_server_is_sealed_and_opened_by_three_of_five(deployed):
    deployment = deployed()
    root = deployment.start()
    key = root.client().create_key()["KeyMetadata"]["KeyId"]
    blob = root.client().encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    shown = run("recovery", "status", caller=root)
    assert "3 of its 5 shares" in shown.stdout, shown.stderr
    assert run("seal", caller=root).returncode == 0
    refuses(deployment, root, blob)

    foreign = deployed_elsewhere_share(deployment)
    for wrong, why in [
        (deployment.shares[0][:-1] + ("q" if deployment.shares[0][-1] != "q" else "p"), "checksum"),
        (foreign, "is of the recovery key"),
        ("word", "begins with kagiban-share1"),
    ]:
        given = deployment.unseal(wrong)
        assert given.returncode == 1 and why in given.stderr, given.stderr
    assert "has 2 of 3 shares" in deployment.unseal(deployment.shares[4], deployment.shares[1]).stdout
    refuses(deployment, root, blob)
    assert (deployment.status()["SharesGiven"], deployment.status()["SharesNeeded"]) == (2, 3)
    # Somebody else, from another machine.
    assert "not sealed" in deployment.unseal(deployment.shares[2]).stdout
    assert root.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    assert deployment.readiness()[0] == 200
    assert deployment.server.stop() == 0


def deployed_elsewhere_share(deployment):
    """A share of another recovery key."""
    data = deployment.server.data.parent / "elsewhere"
    made = run("init", "--data", data, *SPLIT)
    assert made.returncode == 0, made.stderr
    return shares_in(made.stdout)[0]


def test_without_a_root_key_each_start_is_sealed(deployed, tmp_path):
    deployment = deployed("--root-key", "shares")
    assert not (tmp_path / "data" / "root.key").exists()
    shares = tmp_path / "shares.txt"
    shares.write_text("".join(f"{share}\n" for share in deployment.shares[1:4]))
    blob = None
    for _ in range(2):
        root = deployment.start()
        refuses(deployment, root, blob or b"x")
        assert deployment.status()["Sealed"]
        shares.chmod(0o640)
        exposed = run("unseal", "--shares-file", shares, endpoint=deployment.server.endpoint)
        assert exposed.returncode == 2 and "chmod 600" in exposed.stderr and deployment.status()["Sealed"]
        shares.chmod(0o600)
        given = run("unseal", "--shares-file", shares, endpoint=deployment.server.endpoint)
        assert given.returncode == 0 and "not sealed" in given.stdout, given.stderr
        answers_soon(deployment)
        if blob:
            assert root.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        key = root.client().create_key()["KeyMetadata"]["KeyId"]
        blob = root.client().encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        assert deployment.server.stop() == 0
    # Stopped while it is sealed, it ends as it should.
    deployment.start()
    assert deployment.server.stop() == 0
    refused_start = run("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert refused_start.returncode == 1 and "no root key" in refused_start.stderr


def answers_soon(deployment):
    """What needs keys is begun between unsealing and the first answer; waits for that."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if deployment.readiness()[0] == 200:
            return
        time.sleep(0.01)
    raise AssertionError(deployment.readiness())


def test_shares_make_an_identity_of_age(deployed, tmp_path):
    deployment = deployed()
    combined = run("recovery", "combine", given="\n".join(deployment.shares[:3]))
    assert combined.returncode == 0 and combined.stdout.startswith("AGE-SECRET-KEY-1"), combined.stderr
    too_few = run("recovery", "combine", given="\n".join(deployment.shares[:2]))
    assert too_few.returncode == 1 and "3 different shares are needed; there are 2" in too_few.stderr


def test_a_running_deployment_gets_a_recovery_key(tmp_path):
    made = run("init", "--data", tmp_path / "data", "--account", FIRST)
    server = subject.Server(tmp_path / "data", dev=False).start()
    try:
        root = Account(server.endpoint, FIRST, *exported(made.stdout), REGION)
        sealed = run("seal", caller=root)
        assert sealed.returncode == 1 and "kagiban recovery create" in sealed.stderr
        blob = root.client().encrypt(KeyId=root.client().create_key()["KeyMetadata"]["KeyId"], Plaintext=b"secret")
        created = run("recovery", "create", "--shares", "3", "--threshold", "2", caller=root)
        assert created.returncode == 0, created.stderr
        again = run("recovery", "create", "--shares", "3", "--threshold", "2", caller=root)
        assert again.returncode == 1 and "AlreadyExists" in again.stderr
        assert run("seal", caller=root).returncode == 0
        given = run("unseal", endpoint=server.endpoint, given="\n".join(shares_in(created.stdout)[1:]) + "\n")
        assert "not sealed" in given.stdout, given.stderr
        assert root.client().decrypt(CiphertextBlob=blob["CiphertextBlob"])["Plaintext"] == b"secret"
    finally:
        server.stop()


def test_the_root_key_is_changed_and_a_lost_one_replaced(deployed, tmp_path):
    deployment = deployed()
    root = deployment.start()
    key = root.client().create_key()["KeyMetadata"]["KeyId"]
    blob = root.client().encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    data, new, newer = tmp_path / "data", tmp_path / "new.key", tmp_path / "newer.key"
    locked = run("rekey", "--data", data, "--new-root-key", f"file:{new}")
    assert locked.returncode == 1 and "stop the server" in locked.stderr, locked.stderr
    assert deployment.server.stop() == 0

    def works_with(source):
        deployment.server = subject.Server(data, "--root-key", source, dev=False)
        opened = deployment.start().client().decrypt(CiphertextBlob=blob)["Plaintext"]
        assert deployment.server.stop() == 0
        return opened == b"secret"

    same = run("rekey", "--data", data, "--new-root-key", "file")
    assert same.returncode == 1 and "the same root key" in same.stderr
    changed = run("rekey", "--data", data, "--new-root-key", f"file:{new}")
    assert changed.returncode == 0 and "1 domain keys" in changed.stdout, changed.stderr
    assert works_with(f"file:{new}")
    # The old one opens nothing any more.
    for words in [("serve", "--listen", "127.0.0.1:0"), ("rekey", "--new-root-key", f"file:{newer}")]:
        old = run(*words, "--data", data)
        assert old.returncode == 1 and "was wrapped by root key" in old.stderr, old.stderr
    newer.unlink()

    new.unlink()
    (data / "root.key").unlink()
    shares = tmp_path / "shares.txt"
    lost = ("rekey", "--data", data, "--root-key", "shares", "--shares-file", shares, "--new-root-key", f"file:{newer}")
    for given, why in [(2, "3 different shares are needed"), (3, None)]:
        shares.write_text("\n".join(deployment.shares[:given]))
        shares.chmod(0o600)
        replaced = run(*lost)
        assert replaced.returncode == (1 if why else 0) and (why or "") in replaced.stderr, replaced.stderr
    assert works_with(f"file:{newer}")

    # None at all: from then on people open it.
    assert run("rekey", "--data", data, "--root-key", f"file:{newer}", "--new-root-key", "shares").returncode == 0
    deployment.server = subject.Server(data, "--root-key", "shares", dev=False)
    root = deployment.start()
    refuses(deployment, root, blob)
    deployment.unseal(*deployment.shares[:3])
    answers_soon(deployment)
    assert root.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


def test_a_root_key_is_not_given_up_without_a_recovery_key(tmp_path):
    data = tmp_path / "data"
    assert run("init", "--data", data).returncode == 0
    refused_so = run("rekey", "--data", data, "--new-root-key", "shares")
    assert refused_so.returncode == 1 and "kagiban recovery create" in refused_so.stderr


def test_init_refuses_what_nobody_could_open(tmp_path):
    for options, why in [
        (("--root-key", "shares"), "--recovery-shares 5"),
        (("--recovery-shares", "2", "--recovery-threshold", "3"), "3 shares cannot be needed"),
        (("--recovery-shares", "3"), "--recovery-threshold"),
        (("--recovery-shares", "1", "--recovery-threshold", "1"), "1 is not in 2..=255"),
    ]:
        made = run("init", "--data", tmp_path / "data", *options)
        assert made.returncode in (1, 2) and why in made.stderr, made.stderr
        assert not (tmp_path / "data" / "store.redb").exists()


def test_the_recovery_key_is_replaced_by_who_holds_its_shares(deployed, tmp_path):
    deployment = deployed()
    root = deployment.start()
    key = root.client().create_key()["KeyMetadata"]["KeyId"]
    blob = root.client().encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    rekey = ("recovery", "rekey", "--shares", "4", "--threshold", "2")
    too_few = run(*rekey, caller=root, given="\n".join(deployment.shares[:2]) + "\n")
    assert too_few.returncode == 1 and "3 different shares are needed" in too_few.stderr, too_few.stderr
    foreign = deployed_elsewhere_share(deployment)
    mixed = run(*rekey, caller=root, given="\n".join([foreign, *deployment.shares[:2]]) + "\n")
    assert mixed.returncode == 1 and not shares_in(mixed.stdout), mixed.stderr
    nobody = Account(deployment.server.endpoint, FIRST, "AKIANOBODYNOBODYNOBO", "x" * 40, REGION)
    assert run(*rekey, caller=nobody, given="\n".join(deployment.shares[:3]) + "\n").returncode == 1

    replaced = run(*rekey, caller=root, given="\n".join(deployment.shares[:3]) + "\n")
    assert replaced.returncode == 0 and "is replaced" in replaced.stdout, replaced.stderr
    new = shares_in(replaced.stdout)
    assert len(set(new)) == 4
    assert "2 of its 4 shares" in run("recovery", "status", caller=root).stdout
    assert run("seal", caller=root).returncode == 0
    assert deployment.unseal(*deployment.shares[:3]).returncode == 1
    assert "not sealed" in deployment.unseal(*new[2:]).stdout
    assert root.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"

    # From a file, too.
    (tmp_path / "shares.txt").touch(0o600)
    (tmp_path / "shares.txt").write_text("\n".join(new[:2]))
    again = run(*rekey, "--present-shares-file", tmp_path / "shares.txt", caller=root)
    assert again.returncode == 0 and len(shares_in(again.stdout)) == 4, again.stderr
