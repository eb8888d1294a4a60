"""Nodes on one etcd cluster that are sealed: new ones without a root key, all of them by one order; and the upgrade of
their store while they serve."""

import base64
import json
import os
import re
import subprocess
import time
import urllib.request

import pytest
import subject
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account, exported
from etcd import Cluster

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"
SPLIT = ("--recovery-shares", "3", "--recovery-threshold", "2")


class Deployment:
    """Nodes that share a store, and the people who have shares."""

    def __init__(self, directory, cluster, root_key):
        self.cluster, self.directory = cluster, directory
        self.root_key = f"file:{directory / 'n0/root.key'}" if root_key == "file" else root_key
        # The root key's file is made beside the data.
        made_with = () if root_key == "file" else ("--root-key", root_key)
        made = self.run("init", "--data", directory / "n0", "--store", cluster.store, "--account", FIRST, *SPLIT, *made_with)
        assert made.returncode == 0, made.stderr
        self.credentials = exported(made.stdout)
        shares = [line.split()[-1] for line in made.stdout.splitlines() if "kagiban-share1" in line]
        self.shares_file = directory / "shares.txt"
        self.shares_file.touch(mode=0o600)
        self.shares_file.write_text("".join(f"{share}\n" for share in shares[:2]))
        self.servers = {}

    def node(self, number):
        data = self.directory / f"n{number}"
        options = ("--store", self.cluster.store, "--root-key", self.root_key, "--node-name", f"node-{number}")
        self.servers[number] = subject.Server(data, *options, dev=False).start()
        return self.servers[number]

    def run(self, *words, number=None):
        variables = dict(os.environ)
        if number is not None:
            endpoint = self.servers[number].endpoint
            variables.update(Account(endpoint, FIRST, *self.credentials, REGION).variables, AWS_ENDPOINT_URL=endpoint)
        return subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60, env=variables)

    def unseal(self, number, *options):
        return self.run("unseal", "--shares-file", self.shares_file, *options, number=number)

    def kms(self, number):
        return Account(self.servers[number].endpoint, FIRST, *self.credentials, REGION).client()

    def end(self):
        for server in self.servers.values():
            if server.is_running():
                server.kill()


@pytest.fixture
def deployed(tmp_path):
    made = []
    with Cluster(size=1) as cluster:

        def make(root_key):
            made.append(Deployment(tmp_path, cluster, root_key))
            return made[-1]

        yield make
        for deployment in made:
            deployment.end()


def soon(question, seconds=30):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := question():
                return found
        except (ClientError, BotoCoreError):
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline


def is_sealed(deployment, number):
    try:
        deployment.kms(number).list_keys()
        return False
    except ClientError as refused:
        return "is sealed" in refused.response["Error"]["Message"]


def test_a_new_node_without_a_root_key_may_be_stopped_before_it_is_unsealed(deployed):
    deployment = deployed("shares")
    deployment.node(0)
    assert deployment.unseal(0).returncode == 0
    key = soon(lambda: deployment.kms(0).create_key())["KeyMetadata"]["KeyId"]
    blob = deployment.kms(0).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    deployment.node(1)
    # What it refuses is in a journal that nobody has signed yet, when it ends: in order, and not.
    assert is_sealed(deployment, 1)
    assert deployment.servers[1].stop() == 0
    deployment.node(1)
    assert is_sealed(deployment, 1)
    deployment.servers[1].kill()
    deployment.node(1)
    given = deployment.unseal(1)
    assert given.returncode == 0, given.stderr
    assert soon(lambda: deployment.kms(1).decrypt(CiphertextBlob=blob))["Plaintext"] == b"x"
    assert deployment.servers[1].stop() == 0
    verified = deployment.run("audit", "verify", "--data", deployment.directory / "n1")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_journal_that_no_node_began_is_refused(deployed, tmp_path):
    """Somebody puts another journal in the place of a new node's: its number is not in the store."""
    deployment = deployed("shares")
    deployment.node(0)
    assert deployment.unseal(0).returncode == 0
    soon(lambda: deployment.kms(0).create_key())
    elsewhere = tmp_path / "elsewhere"
    made = deployment.run("init", "--data", elsewhere, "--root-key", "shares", *SPLIT)
    assert made.returncode == 0, made.stderr
    stranger = subject.Server(elsewhere, "--root-key", "shares", dev=False).start()
    with pytest.raises(ClientError):
        Account(stranger.endpoint, FIRST, *deployment.credentials, REGION).client().list_keys()
    stranger.kill()
    (deployment.directory / "n1").mkdir()
    (elsewhere / "audit").rename(deployment.directory / "n1/audit")
    deployment.node(1)
    deployment.unseal(1)
    assert soon(lambda: not deployment.servers[1].is_running())


def test_one_order_seals_all_nodes_until_shares_lift_it(deployed):
    deployment = deployed("file")
    for number in (0, 1):
        deployment.node(number)
    key = deployment.kms(0).create_key()["KeyMetadata"]["KeyId"]
    blob = soon(lambda: deployment.kms(1).encrypt(KeyId=key, Plaintext=b"x"))["CiphertextBlob"]
    ordered = deployment.run("seal", "--all-nodes", number=0)
    assert ordered.returncode == 0 and re.search(r"node-1 \(\w+\) is sealed", ordered.stdout), ordered.stdout + ordered.stderr
    assert is_sealed(deployment, 0) and is_sealed(deployment, 1)
    # Its root key does not open it when it starts again.
    assert deployment.servers[1].stop() == 0
    deployment.node(1)
    assert is_sealed(deployment, 1)
    opened = deployment.unseal(1)
    assert "The order to all nodes stands" in opened.stdout, opened.stderr
    assert soon(lambda: deployment.kms(1).decrypt(CiphertextBlob=blob))["Plaintext"] == b"x"
    assert is_sealed(deployment, 0)
    lifted = deployment.unseal(0, "--all-nodes")
    assert lifted.stdout == "The server is not sealed.\n", lifted.stderr
    for number in (0, 1):
        assert soon(lambda: deployment.kms(number).decrypt(CiphertextBlob=blob))["Plaintext"] == b"x"


def test_the_others_open_by_themselves_when_the_order_is_lifted(deployed):
    deployment = deployed("file")
    for number in (0, 1):
        deployment.node(number)
    assert deployment.run("seal", "--all-nodes", number=1).returncode == 0
    assert deployment.unseal(1, "--all-nodes").returncode == 0
    for number in (0, 1):
        soon(lambda: deployment.kms(number).create_key())


def of_before_formats(cluster):
    """Makes the store one of a version that knew of no formats."""
    gateway = f"http://127.0.0.1:{cluster.client_ports[0]}/v3/kv/"

    def ask(what, body):
        request = urllib.request.Request(gateway + what, json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    everything = ask("range", {"key": "AA==", "range_end": "AA==", "keys_only": True})["kvs"]
    keys = [one["key"] for one in everything if base64.b64decode(one["key"]).endswith(b"format\0")]
    assert len(keys) == 1
    ask("deleterange", {"key": keys[0]})


def test_the_store_is_upgraded_taken_back_and_upgraded_while_nodes_serve(deployed):
    deployment = deployed("file")
    of_before_formats(deployment.cluster)
    for number in (0, 1):
        deployment.node(number)
    keys = [deployment.kms(0).create_key()["KeyMetadata"]["KeyId"] for _ in range(120)]
    policy = deployment.kms(0).get_key_policy(KeyId=keys[0])["Policy"]

    def upgrade(word, number=0):
        asked = deployment.run("upgrade", word, "--output", "json", number=number)
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    status = upgrade("status")
    assert (status["Format"], status["State"], status["NextFormat"]) == (1, "SETTLED", 2)
    assert [(node["OldestFormat"], node["NewestFormat"]) for node in status["Nodes"]] == [(1, 2)] * 2
    assert "Format 2 is next: kagiban upgrade start." in deployment.run("upgrade", "status", number=1).stdout
    refused = deployment.run("upgrade", "finish", number=0)
    assert refused.returncode == 1 and "No upgrade is under way" in refused.stderr

    def serves():
        for number in (0, 1):
            client = deployment.kms(number)
            assert client.get_key_policy(KeyId=keys[number])["Policy"] == policy
            keys.append(client.create_key()["KeyMetadata"]["KeyId"])
        return True

    for word, state in [("start", "UPGRADED"), ("revert", "SETTLED"), ("start", "UPGRADED")]:
        upgrade(word)
        deadline = time.monotonic() + 60
        while (status := upgrade("status", 1))["State"] != state:
            assert serves() and time.monotonic() < deadline, status
        assert status["RowsWritten"] >= 120 and status["RowsSeen"] > 3 * 120
    assert upgrade("finish")["State"] == "SETTLED"
    assert serves()
    assert "Format 2" not in deployment.run("upgrade", "status", number=1).stdout
