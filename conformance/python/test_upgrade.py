"""Upgrades with a program that was really there before: KAGIBAN_OLDER_BINARY, such as scripts/older-binary builds. What it stored is opened,
both serve one store side by side, and the way back is open until an upgrade is finished (docs/upgrade.md)."""

import json
import os
import subprocess
import time

import pytest
import subject
from callers import Account, exported
from etcd import Cluster
from inventory import PATIENT, Inventory, seen
from test_sealed_nodes import of_before_formats

pytestmark = [
    pytest.mark.own_server,
    pytest.mark.skipif(subject.older_binary() is None, reason="no older version was given: KAGIBAN_OLDER_BINARY"),
]
FIRST = "111122223333"
REGION = "eu-central-1"
SECONDS = 60
# Of a store: what it says without a row about its format.
BEFORE_FORMATS = (1, "SETTLED")


class Deployment:
    """Places for nodes, each of which either version can run in; made by the older one."""

    def __init__(self, directory, *store):
        self._directory, self._store = directory, store
        words = ("init", "--data", directory / "n0", "--account", FIRST, *store)
        made = subprocess.run([subject.older_binary(), *words], capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stderr
        self._credentials = exported(made.stdout)
        self._servers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self._servers.values():
            if server.is_running():
                server.kill()

    def runs(self, executable, number=0):
        """Puts a program in a node's place, stopping what ran there, and waits until it serves. The root of the first account there."""
        if number in self._servers:
            assert self._servers.pop(number).stop() == 0
        data = self._directory / f"n{number}"
        options = (*self._store, "--request-timeout", "300s", "--root-key", f"file:{self._directory / 'n0/root.key'}")
        server = subject.Server(data, *options, dev=False, executable=executable)
        self._servers[number] = server
        return Account(server.start().endpoint, FIRST, *self._credentials, REGION)

    def end(self, number):
        assert self._servers.pop(number).stop() == 0

    def ask(self, account, *words):
        """What a command of today's prints, sent to a node."""
        variables = {**os.environ, **account.variables}
        return subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60, env=variables)

    def upgrade(self, account, word):
        asked = self.ask(account, "upgrade", word, "--output", "json")
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def brought(self, account, word, state):
        """Gives an order, and waits until it was carried out on every row."""
        self.upgrade(account, word)
        until(lambda: self.upgrade(account, "status")["State"] == state)

    def audit(self, number=0):
        words = ("audit", "verify", "--data", self._directory / f"n{number}")
        return subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60)


def patient(account):
    return account.client(config=PATIENT)


def until(question):
    deadline = time.monotonic() + SECONDS
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def same(before, after):
    """All that was there is there, as it was; an answer may have members that the older version does not know."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() <= after.keys() and all(same(value, after[name]) for name, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(before) <= len(after) and all(any(same(one, other) for other in after) for one in before)
    return before == after


def knows(command):
    """Whether the older version has a command. One without `upgrade` is from before there were formats of the store: it is read, but is no
    way back from a store in which every row was written anew. One without `nodes` does not say that it is there."""
    return subprocess.run([subject.older_binary(), command, "--help"], capture_output=True).returncode == 0


def test_a_data_directory_goes_to_todays_version_and_back(tmp_path):
    with Deployment(tmp_path) as deployed:
        older = deployed.runs(subject.older_binary())
        made = Inventory(older)
        before = seen(older)
        assert made.proofs > 35

        todays = deployed.runs(subject.binary())
        assert same(before, seen(todays))
        made.holds(todays)
        key = patient(todays).create_key(Description="later")["KeyMetadata"]["KeyId"]
        ciphertext = patient(todays).encrypt(KeyId=key, Plaintext=b"later")["CiphertextBlob"]

        older = deployed.runs(subject.older_binary())
        made.holds(older)
        assert patient(older).decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"later"
        patient(older).rotate_key_on_demand(KeyId=key)
        before = seen(older)

        todays = deployed.runs(subject.binary())
        assert same(before, seen(todays))
        status = deployed.upgrade(todays, "status")
        if not knows("upgrade"):
            assert (status["Format"], status["State"]) == BEFORE_FORMATS, status
            deployed.brought(todays, "start", "UPGRADED")
            made.holds(todays)
            deployed.brought(todays, "revert", "SETTLED")
            made.holds(todays)
            deployed.brought(todays, "start", "UPGRADED")
            assert deployed.upgrade(todays, "finish")["State"] == "SETTLED"
        todays = deployed.runs(subject.binary())
        made.holds(todays)
        assert patient(todays).decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"later"
        assert same(before, seen(todays))
        deployed.end(0)
        verified = deployed.audit()
        assert verified.returncode == 0, verified.stdout + verified.stderr


def test_nodes_of_both_versions_serve_one_store(tmp_path):
    with Cluster(size=1) as cluster, Deployment(tmp_path, "--store", cluster.store) as deployed:
        if knows("upgrade"):
            of_before_formats(cluster)
        roots = {number: deployed.runs(subject.older_binary(), number) for number in (0, 1)}
        made = Inventory(roots[0])
        before = seen(roots[0])

        roots[1] = deployed.runs(subject.binary(), 1)
        made.holds(roots[1])
        assert same(before, seen(roots[1]))
        each_knows_of_the_other(roots)
        roots[1] = deployed.runs(subject.older_binary(), 1)
        made.holds(roots[1])
        roots[1] = deployed.runs(subject.binary(), 1)

        if knows("upgrade"):
            deployed.brought(roots[1], "start", "UPGRADED")
            each_knows_of_the_other(roots)
            deployed.brought(roots[1], "revert", "SETTLED")
            roots[1] = deployed.runs(subject.older_binary(), 1)
            each_knows_of_the_other(roots)
            made.holds(roots[1])
        elif knows("nodes"):
            started = deployed.ask(roots[1], "upgrade", "start")
            assert started.returncode == 1 and "is not known to all nodes yet" in started.stderr, started

        roots = {number: deployed.runs(subject.binary(), number) for number in (0, 1)}
        deployed.brought(roots[0], "start", "UPGRADED")
        each_knows_of_the_other(roots)
        deployed.brought(roots[1], "revert", "SETTLED")
        deployed.brought(roots[0], "start", "UPGRADED")
        assert deployed.upgrade(roots[1], "finish")["State"] == "SETTLED"
        each_knows_of_the_other(roots)
        for root in roots.values():
            made.holds(root)
            assert same(before, seen(root))
        for number in roots:
            deployed.end(number)
            verified = deployed.audit(number)
            assert verified.returncode == 0, verified.stdout + verified.stderr


def each_knows_of_the_other(roots):
    """What is made, changed and used at one node is so at the other."""
    for here, there in ((0, 1), (1, 0)):
        near, far = patient(roots[here]), patient(roots[there])
        key = near.create_key(Description="by one")["KeyMetadata"]["KeyId"]
        blob = near.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        until(lambda: decrypts(far, blob))
        far.rotate_key_on_demand(KeyId=key)
        newer = far.encrypt(KeyId=key, Plaintext=b"y")["CiphertextBlob"]
        until(lambda: decrypts(near, newer))
        assert near.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        far.disable_key(KeyId=key)
        until(lambda: not decrypts(near, blob))


def decrypts(kms, blob):
    try:
        return bool(kms.decrypt(CiphertextBlob=blob)["Plaintext"])
    except kms.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] in ("DisabledException", "NotFoundException", "InvalidCiphertextException"), error
        return False
