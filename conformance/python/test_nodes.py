"""Several nodes on one etcd cluster: what one does, the others know; whoever dies, the others go on; nobody decides from
what may be outdated."""

import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
import subject
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account, exported
from etcd import Cluster
from expect import refused

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"
# How long a change may take to the other nodes; it takes milliseconds.
SPREAD_SECONDS = 2.0
FRESHNESS_SECONDS = 2.0


def run(*words):
    return subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60)


class Nodes:
    """Three nodes that share a store and a root key."""

    def __init__(self, directory, cluster):
        self.cluster, self.directory = cluster, directory
        made = run("init", "--data", directory / "n0", "--store", cluster.store, "--account", FIRST)
        assert made.returncode == 0, made.stderr
        self.credentials = exported(made.stdout)
        self.servers = [self.server(number) for number in range(3)]
        for server in self.servers:
            server.start()

    def server(self, number, *options, root_key=None):
        key = root_key or f"file:{self.directory / 'n0/root.key'}"
        data = self.directory / f"n{number}"
        name = ("--node-name", f"node-{number}")
        return subject.Server(data, "--store", self.cluster.store, "--root-key", key, *name, *options, dev=False)

    def kms(self, number, attempts=4):
        settings = Config(
            retries={"total_max_attempts": attempts, "mode": "standard"}, connect_timeout=10, read_timeout=60
        )
        endpoint = self.servers[number].endpoint
        return Account(endpoint, FIRST, *self.credentials, REGION).client(config=settings)

    def end(self):
        for server in self.servers:
            if server.is_running():
                os.kill(server.pid, signal.SIGCONT)
                server.kill()


@pytest.fixture
def nodes(tmp_path):
    with Cluster() as cluster:
        nodes = Nodes(tmp_path, cluster)
        yield nodes
        nodes.end()


def soon(question, seconds=SPREAD_SECONDS):
    """What `question` gives once it does not fail and gives something; its last failure when that does not happen."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if found := question():
                return found
            failure = AssertionError("it did not come about")
        except (ClientError, BotoCoreError) as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure


def code_of(call, **arguments):
    try:
        call(**arguments)
        return None
    except ClientError as error:
        return error.response["Error"]["Code"]


def test_what_one_node_does_the_others_know(nodes):
    first, second, third = (nodes.kms(number) for number in range(3))
    key = first.create_key(Description="shared")["KeyMetadata"]["KeyId"]
    assert first.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "shared"
    ciphertext = soon(lambda: second.encrypt(KeyId=key, Plaintext=b"x"))["CiphertextBlob"]
    assert soon(lambda: third.decrypt(CiphertextBlob=ciphertext))["Plaintext"] == b"x"

    third.create_alias(AliasName="alias/shared", TargetKeyId=key)
    assert soon(lambda: first.describe_key(KeyId="alias/shared"))["KeyMetadata"]["KeyId"] == key

    second.disable_key(KeyId=key)
    refused(second.decrypt, "DisabledException", CiphertextBlob=ciphertext)
    assert soon(lambda: code_of(first.decrypt, CiphertextBlob=ciphertext)) == "DisabledException"
    first.enable_key(KeyId=key)
    assert soon(lambda: third.decrypt(CiphertextBlob=ciphertext))["Plaintext"] == b"x"

    third.rotate_key_on_demand(KeyId=key)
    rotated = third.encrypt(KeyId=key, Plaintext=b"y")["CiphertextBlob"]
    for node in (first, second):
        assert soon(lambda: node.decrypt(CiphertextBlob=rotated))["Plaintext"] == b"y"
        assert node.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"x"


def test_names_are_given_once_whoever_gives_them(nodes):
    """All nodes at once: of those who want a free alias one gets it, and the others are told."""
    clients = [nodes.kms(number) for number in range(3)]
    key = clients[0].create_key()["KeyMetadata"]["KeyId"]
    for client in clients:
        soon(lambda: client.describe_key(KeyId=key))
    for round_ in range(10):
        outcomes = {}

        def attempt(number):
            outcomes[number] = code_of(
                clients[number].create_alias, AliasName=f"alias/race{round_}", TargetKeyId=key
            )

        threads = [threading.Thread(target=attempt, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, outcomes.values())) == ["AlreadyExistsException"] * 2 + ["None"]


def test_a_node_dies_and_another_joins(nodes):
    first, second = nodes.kms(0), nodes.kms(1)
    key = first.create_key()["KeyMetadata"]["KeyId"]
    ciphertext = first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    nodes.servers[0].kill()
    assert soon(lambda: second.decrypt(CiphertextBlob=ciphertext))["Plaintext"] == b"x"
    other = second.create_key()["KeyMetadata"]["KeyId"]
    # The dead one starts again, and a new one that nobody knew of.
    nodes.servers[0].start()
    nodes.servers.append(nodes.server(3).start())
    for number in (0, 3):
        assert nodes.kms(number).describe_key(KeyId=other)["KeyMetadata"]["KeyId"] == other
        assert nodes.kms(number).decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"x"
    assert nodes.servers[3].stop() == 0


def test_a_member_of_etcd_dies_and_clients_see_retries_at_most(nodes):
    client = nodes.kms(0, attempts=10)
    key = client.create_key()["KeyMetadata"]["KeyId"]
    ciphertext = client.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    leader = nodes.cluster.leader()
    nodes.cluster.kill(leader)
    deadline, longest, made = time.monotonic() + 5, 0, []
    while time.monotonic() < deadline:
        began = time.monotonic()
        assert client.decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"x"
        made.append(client.create_key()["KeyMetadata"]["KeyId"])
        longest = max(longest, time.monotonic() - began)
    print(f"longest wait of a client when etcd's leader was killed: {longest * 1000:.0f} ms")
    nodes.cluster.run(leader)
    nodes.cluster.wait()
    for number in range(3):
        listed = {one["KeyId"] for page in nodes.kms(number, 10).get_paginator("list_keys").paginate() for one in page["Keys"]}
        assert {key, *made} <= listed


def is_ready(server):
    try:
        with urllib.request.urlopen(f"{server.endpoint}/readyz", timeout=30) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


def test_nobody_decides_without_a_majority(nodes):
    client = nodes.kms(0, attempts=1)
    key = client.create_key()["KeyMetadata"]["KeyId"]
    ciphertext = client.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    for number in (1, 2):
        nodes.cluster.pause(number)
    paused = time.monotonic()
    soon(lambda: code_of(client.decrypt, CiphertextBlob=ciphertext) == "ServiceUnavailableException", 10)
    # As long as the view could be proven, and then no longer.
    assert time.monotonic() - paused < FRESHNESS_SECONDS + 1
    assert code_of(client.list_keys) == "ServiceUnavailableException"
    assert not is_ready(nodes.servers[0])
    for number in (1, 2):
        nodes.cluster.resume(number)
    assert soon(lambda: client.decrypt(CiphertextBlob=ciphertext), 30)["Plaintext"] == b"x"
    assert soon(lambda: is_ready(nodes.servers[0]), 30)


def test_a_node_that_stood_still_does_not_answer_from_before(nodes):
    """It wakes up, has requests waiting, and must not answer the first of them from what it knew."""
    first, second = nodes.kms(0), nodes.kms(1)
    key = first.create_key()["KeyMetadata"]["KeyId"]
    ciphertext = first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    soon(lambda: second.describe_key(KeyId=key))
    for _ in range(3):
        os.kill(nodes.servers[0].pid, signal.SIGSTOP)
        second.disable_key(KeyId=key)
        codes = []
        waiting = [
            threading.Thread(target=lambda: codes.append(code_of(nodes.kms(0, attempts=1).decrypt, CiphertextBlob=ciphertext)))
            for _ in range(4)
        ]
        for thread in waiting:
            thread.start()
        # Longer than the bound: there is nothing to wait for but time itself.
        waiting[0].join(FRESHNESS_SECONDS + 1)
        os.kill(nodes.servers[0].pid, signal.SIGCONT)
        for thread in waiting:
            thread.join()
        assert len(codes) == 4 and set(codes) <= {"DisabledException", "ServiceUnavailableException"}, codes
        second.enable_key(KeyId=key)
        soon(lambda: first.decrypt(CiphertextBlob=ciphertext), 10)


def test_a_store_is_made_once_and_joined_with_its_root_key(nodes, tmp_path):
    again = run("init", "--data", tmp_path / "other", "--store", nodes.cluster.store)
    assert again.returncode == 1 and "there is a store at" in again.stderr and "kagiban serve" in again.stderr
    stranger = run("init", "--data", tmp_path / "stranger", "--store", nodes.cluster.store + "2")
    assert stranger.returncode == 0, stranger.stderr
    wrong = run("serve", "--data", tmp_path / "stranger", "--store", nodes.cluster.store, "--listen", "127.0.0.1:0")
    assert wrong.returncode == 1 and "root key" in wrong.stderr
    nowhere = run("serve", "--data", tmp_path / "stranger", "--store", nodes.cluster.store + "3", "--listen", "127.0.0.1:0")
    assert nowhere.returncode == 1 and "kagiban init --store" in nowhere.stderr


# Rounds in which a change that waited is looked for on the other nodes at once.
ROUNDS = 1000


def waiting(client):
    """The client, with every request asking to be answered once all nodes know."""
    client.meta.events.register("before-sign.kms.*", lambda request, **_: request.headers.add_header("x-kagiban-wait", "all-nodes"))
    return client


def test_an_answer_that_waited_is_in_force_on_every_node(nodes):
    changer, others = waiting(nodes.kms(0)), [nodes.kms(number, attempts=1) for number in (1, 2)]
    key = changer.create_key()["KeyMetadata"]["KeyId"]
    took = []
    for round_ in range(ROUNDS):
        change, code = ((changer.disable_key, "DisabledException"), (changer.enable_key, None))[round_ % 2]
        began = time.monotonic()
        change(KeyId=key)
        took.append(time.monotonic() - began)
        for other in others:
            assert code_of(other.encrypt, KeyId=key, Plaintext=b"x") == code, f"round {round_}"
    print(f"a change that waits for three nodes: median {sorted(took)[ROUNDS // 2] * 1000:.1f} ms, longest {max(took) * 1000:.0f} ms")
    # Nobody was waited for in vain.
    assert sorted(took)[ROUNDS * 9 // 10] < FRESHNESS_SECONDS / 2


def test_a_node_that_stands_still_is_waited_for_as_long_as_it_could_decide(nodes):
    changer, paused = waiting(nodes.kms(0)), nodes.kms(1, attempts=1)
    key = changer.create_key()["KeyMetadata"]["KeyId"]
    paused.encrypt(KeyId=key, Plaintext=b"x")
    for _ in range(3):
        os.kill(nodes.servers[1].pid, signal.SIGSTOP)
        began = time.monotonic()
        changer.disable_key(KeyId=key)
        took = time.monotonic() - began
        os.kill(nodes.servers[1].pid, signal.SIGCONT)
        code = code_of(paused.encrypt, KeyId=key, Plaintext=b"x")
        assert code in ("DisabledException", "ServiceUnavailableException")
        assert FRESHNESS_SECONDS <= took < FRESHNESS_SECONDS + 1
        changer.enable_key(KeyId=key)
        soon(lambda: paused.encrypt(KeyId=key, Plaintext=b"x"), 10)


def test_a_server_can_be_set_to_wait(nodes):
    nodes.servers.append(nodes.server(3, "--wait-for-nodes").start())
    changer, user = nodes.kms(3), Account(nodes.servers[0].endpoint, FIRST, *nodes.credentials, REGION).user("left")
    key = changer.create_key()["KeyMetadata"]["KeyId"]
    iam = Account(nodes.servers[3].endpoint, FIRST, *nodes.credentials, REGION).client(service="iam")
    for number in range(3):
        client = nodes.kms(number, attempts=1)
        soon(lambda: client.encrypt(KeyId=key, Plaintext=b"x"))
        changer.disable_key(KeyId=key)
        refused(client.encrypt, "DisabledException", KeyId=key, Plaintext=b"x")
        changer.enable_key(KeyId=key)
    sts = user.client(service="sts", endpoint_url=nodes.servers[2].endpoint)
    soon(sts.get_caller_identity)
    iam.delete_access_key(UserName="left", AccessKeyId=user.access_key)
    assert code_of(sts.get_caller_identity) == "InvalidClientTokenId"
    unknown = nodes.kms(0)
    unknown.meta.events.register("before-sign.kms.*", lambda request, **_: request.headers.add_header("x-kagiban-wait", "soon"))
    assert code_of(unknown.disable_key, KeyId=key) == "ValidationException"


def listed(nodes, number):
    """Name to state of the nodes, as one of them tells."""
    account = Account(nodes.servers[number].endpoint, FIRST, *nodes.credentials, REGION)
    asked = subprocess.run([subject.binary(), "nodes", "--output", "json"], capture_output=True, text=True, timeout=60, env={**os.environ, **account.variables})
    assert asked.returncode == 0, asked.stderr
    return {node["NodeName"]: node["State"] for node in json.loads(asked.stdout)["Nodes"]}


def test_nodes_are_listed(nodes):
    everywhere = {f"node-{number}": "CURRENT" for number in range(3)}
    assert listed(nodes, 0) == listed(nodes, 2) == everywhere
    assert nodes.servers[1].stop() == 0
    assert listed(nodes, 0) == {**everywhere, "node-1": "LEFT"}
    nodes.servers[1].start()
    os.kill(nodes.servers[2].pid, signal.SIGSTOP)
    assert listed(nodes, 1) == {**everywhere, "node-2": "SILENT"}
    os.kill(nodes.servers[2].pid, signal.SIGCONT)
    soon(lambda: listed(nodes, 1) == everywhere, 10)


def test_a_start_that_fails_leaves_the_list(nodes):
    """What broke: a node that had joined and then could not listen was listed, and waited for, until it was taken off."""
    taken = nodes.servers[0].endpoint.removeprefix("http://")
    key = f"file:{nodes.directory / 'n0/root.key'}"
    words = ("--store", nodes.cluster.store, "--root-key", key, "--node-name", "late", "--listen", taken)
    failed = run("serve", "--data", nodes.directory / "late", *words)
    assert failed.returncode == 1 and "listen" in failed.stderr, failed.stderr
    assert listed(nodes, 0)["late"] == "LEFT"


def test_the_domain_key_is_rotated_while_all_nodes_answer(nodes):
    first, second, third = (nodes.kms(number, attempts=1) for number in range(3))
    key = first.create_key()["KeyMetadata"]["KeyId"]
    blob = first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    soon(lambda: [client.decrypt(CiphertextBlob=blob) for client in (second, third)])
    account = Account(nodes.servers[1].endpoint, FIRST, *nodes.credentials, REGION)
    failed, done, over = [], [0] * 3, threading.Event()

    def load(number, client):
        while not over.is_set():
            try:
                assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
                client.create_key()
                done[number] += 1
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=load, args=work) for work in enumerate((first, second, third))]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            rotated = subprocess.run(
                [subject.binary(), "domain-key", "rotate"],
                capture_output=True, text=True, timeout=60, env={**os.environ, **account.variables},
            )
            assert rotated.returncode == 0 and "no stored secret needs the old key" in rotated.stdout, rotated.stderr
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failed and min(done) > 5, (failed[:3], done)
    # Whoever starts now opens what there is.
    assert nodes.servers[2].stop() == 0
    nodes.servers[2].start()
    assert nodes.kms(2).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_the_root_key_is_changed_while_nodes_run(nodes):
    first = nodes.kms(0)
    key = first.create_key()["KeyMetadata"]["KeyId"]
    blob = first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    old, new = (f"file:{nodes.directory / name}" for name in ("n0/root.key", "new.key"))
    rekey = ("rekey", "--data", nodes.directory / "n0", "--store", nodes.cluster.store, "--root-key")

    def rotated():
        account = Account(nodes.servers[1].endpoint, FIRST, *nodes.credentials, REGION)
        return subprocess.run(
            [subject.binary(), "domain-key", "rotate"],
            capture_output=True, text=True, timeout=60, env={**os.environ, **account.variables},
        )

    for _ in range(2):
        changed = run(*rekey, old, "--new-root-key", new)
        assert changed.returncode == 0 and "node-1" in changed.stdout, changed.stderr
    for number in range(3):
        early = run(*rekey, new, "--finish")
        assert early.returncode == 1 and "restart it with the new one" in early.stderr, early.stderr
        assert "root key is being changed" in rotated().stderr
        # One that has the old root key still starts, too.
        for source in (old, new):
            assert nodes.servers[number].stop() == 0
            nodes.servers[number] = nodes.server(number, root_key=source)
            nodes.servers[number].start()
            assert nodes.kms(number).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    finished = run(*rekey, new, "--finish")
    assert finished.returncode == 0 and "with no other one" in finished.stdout, finished.stderr
    assert run(*rekey, new, "--finish").returncode == 0
    assert rotated().returncode == 0
    assert nodes.servers[0].stop() == 0
    refused_start = run(
        "serve", "--data", nodes.directory / "n0", "--store", nodes.cluster.store, "--root-key", old,
        "--listen", "127.0.0.1:0",
    )
    assert refused_start.returncode == 1 and "was wrapped by root key" in refused_start.stderr
    nodes.servers[0].start()
    assert nodes.kms(0).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
