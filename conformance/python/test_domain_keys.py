"""The domain key is replaced while callers use their keys: no request fails, and a restart needs nothing of before."""

import json
import threading
import time

import pytest
import subject
from callers import Account, exported
from test_recovery import FIRST, REGION, SPLIT, deployed, run, shares_in  # noqa: F401

pytestmark = pytest.mark.own_server


class Load:
    """Callers that encrypt, decrypt, sign and make keys without a pause, and count what fails."""

    def __init__(self, root, blob, signing):
        self.done, self.failed, self._over = [0] * 4, [], threading.Event()
        client = root.client()
        works = [
            lambda: client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret",
            lambda: client.generate_data_key(KeyId=signing["symmetric"], KeySpec="AES_256")["Plaintext"],
            lambda: client.sign(KeyId=signing["pair"], Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"],
            lambda: client.create_key()["KeyMetadata"]["KeyId"],
        ]
        self._threads = [threading.Thread(target=self._repeat, args=work) for work in enumerate(works)]

    def _repeat(self, number, work):
        while not self._over.is_set():
            try:
                assert work()
                self.done[number] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failed request
                self.failed.append(error)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()


def status(root):
    asked = run("domain-key", "status", "--output", "json", caller=root)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def test_the_domain_key_is_rotated_under_load(tmp_path):
    data = tmp_path / "data"
    made = run("init", "--data", data, "--account", FIRST)
    server = subject.Server(data, dev=False).start()
    try:
        root = Account(server.endpoint, FIRST, *exported(made.stdout), REGION)
        client = root.client()
        keys = [client.create_key()["KeyMetadata"]["KeyId"] for _ in range(200)]
        blob = client.encrypt(KeyId=keys[0], Plaintext=b"secret")["CiphertextBlob"]
        pair = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        before = status(root)["DomainKeys"]
        assert [key["State"] for key in before] == ["CURRENT"]
        with Load(root, blob, {"symmetric": keys[1], "pair": pair}) as load:
            for _ in range(3):
                rotated = run("domain-key", "rotate", caller=root)
                assert rotated.returncode == 0 and "no stored secret needs the old key" in rotated.stdout, rotated.stderr
        assert not load.failed and min(load.done) > 10, (load.failed[:3], load.done)
        after = status(root)
        assert after["Rotation"]["Phase"] == "KEEPING"
        assert sorted(key["State"] for key in after["DomainKeys"]) == ["CURRENT", "KEPT", "KEPT", "KEPT"]
        shown = run("domain-key", "status", caller=root).stdout
        assert "CURRENT" in shown and "KEPT UNTIL" in shown
        assert server.stop() == 0
        server.start()
        again = Account(server.endpoint, FIRST, *exported(made.stdout), REGION).client()
        assert again.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        for key in keys:
            again.encrypt(KeyId=key, Plaintext=b"x")
    finally:
        server.stop()


def test_a_server_without_a_root_key_rotates_and_opens_by_shares(deployed):  # noqa: F811
    deployment = deployed("--root-key", "shares")
    root = deployment.start()
    assert "not sealed" in deployment.unseal(*deployment.shares[:3]).stdout
    deadline = time.monotonic() + 30
    while deployment.readiness()[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    key = root.client().create_key()["KeyMetadata"]["KeyId"]
    blob = root.client().encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    rotated = run("domain-key", "rotate", "--end-sessions", caller=root)
    assert rotated.returncode == 0, rotated.stderr
    assert run("seal", caller=root).returncode == 0
    assert "not sealed" in deployment.unseal(*deployment.shares[1:4]).stdout
    assert root.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
    assert deployment.server.stop() == 0


def test_who_may_not_rotate_is_told_so(tmp_path):
    server = subject.Server(tmp_path / "data").start()
    try:
        other = Account(server.endpoint, FIRST, FIRST, "test", REGION)
        for words in [("domain-key", "rotate"), ("domain-key", "status")]:
            refused = run(*words, caller=other)
            assert refused.returncode == 1 and "AccessDenied" in refused.stderr, refused.stderr
    finally:
        server.stop()
