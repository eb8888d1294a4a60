"""A node joins with its configuration and an empty data directory, whatever its root key comes from; and how the parameters of a root
passphrase come to be in the store, which that takes."""

import base64
import json
import os
import re
import subprocess
import time
import urllib.request

import pytest
import subject
from callers import Account, exported
from etcd import Cluster

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"
READY_SECONDS = 20
SPLIT = ("--recovery-shares", "3", "--recovery-threshold", "2")
PASSPHRASE = "correct horse battery staple"
KEY = base64.b64encode(bytes(range(32))).decode()
# The row of the store.
ROW = b"root-passphrase\0"


def run(*words, variables=None):
    words = [subject.binary(), *words]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, **(variables or {})})


def is_ready(server):
    try:
        with urllib.request.urlopen(f"{server.endpoint}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def secret(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def cluster():
    with Cluster(size=1) as cluster:
        yield cluster


class Deployment:
    """Nodes on a store of their own in a cluster; each is configured with --root-key and what that names, and has an empty directory."""

    def __init__(self, directory, store, source, variables=None):
        self.directory, self.store, self.servers = directory, store, []
        made = self.command("init", directory / "first", source, "--account", FIRST, *SPLIT, variables=variables)
        assert made.returncode == 0, made.stderr
        self.said, self.credentials = made.stdout, exported(made.stdout)
        shares = [line.split()[-1] for line in made.stdout.splitlines() if "kagiban-share1" in line]
        self.shares = secret(directory / "shares", "".join(f"{share}\n" for share in shares))

    def command(self, name, data, source, *options, variables=None):
        given = ("--data", data, "--store", self.store, "--root-key", source)
        return run(name, *given, *options, variables=variables)

    def node(self, name, source, variables=None):
        options = ("--store", self.store, "--root-key", source, "--node-name", name)
        server = subject.Server(self.directory / name, *options, dev=False, variables=variables).start()
        self.servers.append(server)
        return server

    def refused(self, name, source, variables=None):
        refused = self.command("serve", self.directory / name, source, "--listen", "127.0.0.1:0", variables=variables)
        assert refused.returncode == 1, refused.stdout
        return refused.stderr

    def kms(self, server):
        return Account(server.endpoint, FIRST, *self.credentials, REGION).client()

    def unseal(self, server):
        variables = Account(server.endpoint, FIRST, *self.credentials, REGION).variables
        given = run("unseal", "--shares-file", self.shares, variables=variables | {"AWS_ENDPOINT_URL": server.endpoint})
        assert given.returncode == 0, given.stderr
        # It begins what needs keys before it answers.
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready(server):
            assert time.monotonic() < deadline, server.log()

    def end(self):
        for server in self.servers:
            server.kill()


@pytest.fixture
def deployed(tmp_path, cluster):
    made = []

    def make(source, variables=None):
        made.append(Deployment(tmp_path, f"{cluster.store}-{tmp_path.name}", source, variables))
        return made[-1]

    yield make
    for deployment in made:
        deployment.end()


def assert_serves(deployment, one, other):
    """What one node encrypts another decrypts."""
    first, second = deployment.kms(one), deployment.kms(other)
    key = first.create_key()["KeyMetadata"]["KeyId"]
    blob = first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert second.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


# By the form of --root-key: what a node's configuration is, in this directory: the option, and variables of the environment.
SOURCES = {
    "file:PATH": lambda directory: (f"file:{secret(directory / 'root.key', KEY)}", None),
    "env": lambda directory: ("env", {"KAGIBAN_ROOT_KEY": KEY}),
    "passphrase": lambda directory: ("passphrase", {"KAGIBAN_ROOT_PASSPHRASE": PASSPHRASE}),
    "passphrase-file:PATH": lambda directory: (f"passphrase-file:{secret(directory / 'words', PASSPHRASE)}", None),
    "shares": lambda directory: ("shares", None),
}
# Those whose place is in the data directory itself.
IN_THE_DIRECTORY = {"file"}


def test_all_sources_are_tried(tmp_path):
    refused = run("serve", "--data", tmp_path, "--root-key", "unknown")
    (listed,) = re.findall(r"not one of (.*)", refused.stderr)
    assert set(listed.split(", ")) == SOURCES.keys() | IN_THE_DIRECTORY


@pytest.mark.parametrize("source", SOURCES)
def test_a_node_joins_with_its_configuration(deployed, tmp_path, source):
    deployment = deployed(*SOURCES[source](tmp_path / "of-first"))
    assert "root.passphrase" not in deployment.said
    # Nobody has the directory of init any more.
    servers = [deployment.node(name, *SOURCES[source](tmp_path / f"of-{name}")) for name in ("second", "third")]
    if source == "shares":
        for server in servers:
            deployment.unseal(server)
    assert_serves(deployment, *servers)
    assert not (tmp_path / "second/root.passphrase").exists()


def test_a_root_key_in_the_data_directory_is_put_there(deployed, tmp_path):
    deployment = deployed("file")
    assert "--root-key" in deployment.refused("second", "file")
    secret(tmp_path / "third/root.key", (tmp_path / "first/root.key").read_text())
    assert_serves(deployment, deployment.node("first", "file"), deployment.node("third", "file"))


def test_another_passphrase_does_not_join(deployed, tmp_path):
    deployment = deployed(*SOURCES["passphrase"](tmp_path))
    assert "root key" in deployment.refused("second", "passphrase", {"KAGIBAN_ROOT_PASSPHRASE": PASSPHRASE + "r"})


def row(cluster, store, call, more=None):
    """A call of etcd about the row with the parameters, over JSON."""
    prefix = store.rpartition("/")[2].encode()
    port = cluster.client_ports[0]

    def asked(path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v3/kv/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    encoded = lambda text: base64.b64encode(text).decode()
    everything = {"key": encoded(prefix + b"/"), "range_end": encoded(prefix + b"0"), "keys_only": True}
    keys = [kv["key"] for kv in asked("range", everything)["kvs"] if base64.b64decode(kv["key"]).endswith(ROW)]
    return [asked(call, {"key": key, **(more or {})}) for key in keys]


def test_a_store_of_before_gets_them_from_a_node_that_has_them(deployed, tmp_path, cluster):
    source, variables = SOURCES["passphrase"](tmp_path)
    deployment = deployed(source, variables)
    assert len(row(cluster, deployment.store, "deleterange")) == 1
    assert "parameters of the root passphrase" in deployment.refused("second", source, variables)
    first = deployment.node("first", source, variables)
    assert_serves(deployment, first, deployment.node("second", source, variables))


def test_parameters_of_a_file_count_where_those_of_the_store_do_not_open(deployed, tmp_path, cluster):
    source, variables = SOURCES["passphrase"](tmp_path)
    deployment = deployed(source, variables)
    (found,) = row(cluster, deployment.store, "range")
    value = base64.b64decode(found["kvs"][0]["value"])
    # As a program that does not know of the row leaves it when it changes the root key.
    head, _, _ = value.rpartition(b"$")
    other = base64.b64encode(head + b"$" + base64.b64encode(bytes(16)).rstrip(b"=") + b'"}').decode()
    row(cluster, deployment.store, "put", {"value": other})
    deployment.node("first", source, variables).stop()
    assert "root key" in deployment.refused("second", source, variables)


@pytest.mark.parametrize("to", ["passphrase", "passphrase-file:PATH"])
def test_a_new_passphrase_is_all_that_a_node_needs_after_a_change_of_the_root_key(deployed, tmp_path, to):
    old = SOURCES["file:PATH"](tmp_path / "old")
    deployment = deployed(*old)
    first = deployment.node("first", *old)
    source, variables = SOURCES[to](tmp_path / "new")
    # From a machine that is no node.
    rekey = deployment.command("rekey", tmp_path / "first", old[0], "--new-root-key", source, variables=variables)
    assert rekey.returncode == 0 and "Restart each" in rekey.stdout, rekey.stderr
    assert_serves(deployment, first, deployment.node("second", source, variables))
    first.stop()
    deployment.node("first", source, variables)
    finished = deployment.command("rekey", tmp_path / "elsewhere", source, "--finish", variables=variables)
    assert finished.returncode == 0, finished.stderr
    assert_serves(deployment, deployment.node("third", source, variables), deployment.node("fourth", source, variables))


def test_a_restored_store_has_those_of_its_own_passphrase(deployed, tmp_path, cluster):
    deployment = deployed(*SOURCES["passphrase"](tmp_path / "old"))
    server = deployment.node("first", *SOURCES["passphrase"](tmp_path / "old"))
    made = run("backup", "create", "--output", "json", variables=Account(server.endpoint, FIRST, *deployment.credentials, REGION).variables | {"AWS_ENDPOINT_URL": server.endpoint})
    backup = tmp_path / "first/backups" / json.loads(made.stdout)["FileName"]
    new = {"KAGIBAN_ROOT_PASSPHRASE": "another passphrase than before"}
    old_store, deployment.store = deployment.store, f"{deployment.store}-restored"
    words = ("restore", backup, "--data", tmp_path / "restored", "--store", deployment.store, "--root-key", "passphrase")
    restored = run(*words, "--shares-file", deployment.shares, "--deletions-from", old_store, variables=new)
    assert restored.returncode == 0, restored.stderr
    assert_serves(deployment, deployment.node("restored", "passphrase", new), deployment.node("second", "passphrase", new))
