"""Nobody notices: three members of etcd, three nodes, a real load balancer before them, and clients of AWS that know its address only, with
the retries that they have by default. Nodes are killed, stand still and are restarted one after the other, etcd's leader is killed; no
call may fail but a change whose answer was lost and whose retry tells that it is made already."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

import pytest
import subject
from balancer import Balancer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account
from cli import command_line
from etcd import Cluster
from test_backup import shares_in
from test_nodes import FIRST, REGION, Nodes, is_ready, soon

pytestmark = pytest.mark.own_server
# The SDKs' recommended mode as it is: three attempts.
STANDARD = Config(retries={"mode": "standard"})
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10})
READY_SECONDS = 30
PROGRESS_SECONDS = 60
# Calls of each worker before, while and after something is broken; of the command line, which takes a second to start, one.
CALLS = 25
# A key may have 50.
ALIASES = 40


@dataclass
class Work:
    """What one worker's calls came to."""

    calls: int = 0
    retried: int = 0
    # Answers to retries of changes whose first answer was lost: they are made.
    made_before: int = 0
    longest: float = 0
    failed: list = field(default_factory=list)


class Load:
    """Workers that call one operation each, over and over, by the balancer; a context that ends them."""

    def __init__(self, account, folder):
        self.account = account
        kms = account.client(config=STANDARD)
        self.key, *self._named = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
        self.blob = kms.encrypt(KeyId=self.key, Plaintext=b"x")["CiphertextBlob"]
        self.aliases = []
        self._aws = command_line(account, folder)
        self._stop = threading.Event()
        cryptography = (self.encrypt, self.decrypt, self.generate, self.describe)
        changes = (self.create_alias, self.update_description, self.tag, self.grant)
        self.kinds = {"cryptography": cryptography, "changes": changes, "command line": (self.by_command_line,)}
        self.works = {call: Work() for calls in self.kinds.values() for call in calls}
        self._threads = [threading.Thread(target=self._work, args=(call,)) for call in self.works]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def encrypt(self, kms, _):
        return kms.encrypt(KeyId=self.key, Plaintext=b"y")

    def decrypt(self, kms, _):
        answer = kms.decrypt(CiphertextBlob=self.blob)
        assert answer["Plaintext"] == b"x"
        return answer

    def generate(self, kms, _):
        return kms.generate_data_key(KeyId=self.key, KeySpec="AES_256")

    def describe(self, kms, _):
        answer = kms.describe_key(KeyId=self.key)
        assert answer["KeyMetadata"]["Enabled"]
        return answer

    def create_alias(self, kms, number):
        """On a key that was made some calls ago, so that every node knows it."""
        if number % ALIASES == 0:
            self._named.append(kms.create_key()["KeyMetadata"]["KeyId"])
        answer = kms.create_alias(AliasName=alias(number), TargetKeyId=self._named[number // ALIASES])
        self.aliases.append(alias(number))
        return answer

    def update_description(self, kms, number):
        return kms.update_key_description(KeyId=self.key, Description=f"number {number}")

    def tag(self, kms, number):
        return kms.tag_resource(KeyId=self.key, Tags=[{"TagKey": "number", "TagValue": str(number)}])

    def grant(self, kms, number):
        return kms.create_grant(KeyId=self.key, GranteePrincipal=self.account.root_arn, Operations=["Decrypt"], Name=f"grant-{number % 100}")

    def by_command_line(self, _, number):
        self._aws(f"kms encrypt --key-id {self.key} --plaintext eA==")
        return {}

    def _work(self, call):
        work, kms = self.works[call], self.account.client(config=STANDARD)
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                answer = call(kms, work.calls)
                work.retried += answer.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
            except ClientError as error:
                is_retry = error.response["ResponseMetadata"].get("RetryAttempts", 0) > 0
                if is_retry and error.response["Error"]["Code"] == "AlreadyExistsException":
                    work.made_before += 1
                    self.aliases.append(alias(work.calls))
                else:
                    work.failed.append(f"{error} after {time.monotonic() - began:.1f} s")
            except (BotoCoreError, AssertionError) as error:
                work.failed.append(f"{error!r} after {time.monotonic() - began:.1f} s")
            work.longest = max(work.longest, time.monotonic() - began)
            work.calls += 1

    def goes_on(self, calls=CALLS):
        """Until each worker has made so many calls more."""
        wanted = {call: work.calls + (1 if call == self.by_command_line else calls) for call, work in self.works.items()}
        deadline = time.monotonic() + PROGRESS_SECONDS
        while behind := [call.__name__ for call, count in wanted.items() if self.works[call].calls < count]:
            assert time.monotonic() < deadline, f"{behind} stand still"
            time.sleep(0.02)

    def tell(self, what):
        """Prints what there was to notice of one thing that broke."""
        for kind, calls in self.kinds.items():
            works = [self.works[call] for call in calls]
            sums = {name: sum(getattr(work, name) for work in works) for name in ("calls", "retried", "made_before")}
            print(f"{what}, {kind}: {sums}, longest {max(work.longest for work in works) * 1000:.0f} ms")
            for work in works:
                work.longest = 0

    def failed(self):
        return {call.__name__: work.failed for call, work in self.works.items() if work.failed}


def alias(number):
    return f"alias/by-balancer-{number}"


@pytest.fixture
def balanced(tmp_path):
    with Cluster() as cluster:
        nodes = Nodes(tmp_path, cluster)
        try:
            for server in nodes.servers:
                server.listen = server.endpoint.removeprefix("http://")
            with Balancer([server.port for server in nodes.servers]) as balancer:
                account = Account(balancer.endpoint, FIRST, *nodes.credentials, REGION)
                soon(lambda: account.client(config=PATIENT).list_keys(), READY_SECONDS)
                yield nodes, account
        finally:
            nodes.end()


def is_back(nodes, number):
    soon(lambda: is_ready(nodes.servers[number]), READY_SECONDS)


def a_node_is_killed(nodes, load):
    nodes.servers[0].kill()
    load.goes_on()
    nodes.servers[0].start()
    is_back(nodes, 0)


def a_node_stands_still(nodes, load):
    os.kill(nodes.servers[1].pid, signal.SIGSTOP)
    load.goes_on()
    os.kill(nodes.servers[1].pid, signal.SIGCONT)
    is_back(nodes, 1)


def nodes_are_restarted_one_after_the_other(nodes, load):
    """As docs/operating.md says: the next once the one before is ready."""
    for number in range(3):
        assert nodes.servers[number].stop() == 0
        load.goes_on()
        nodes.servers[number].start()
        is_back(nodes, number)
        load.goes_on()


def the_leader_of_etcd_is_killed(nodes, load):
    leader = nodes.cluster.leader()
    nodes.cluster.kill(leader)
    load.goes_on()
    nodes.cluster.run(leader)
    nodes.cluster.wait()


FAULTS = [nodes_are_restarted_one_after_the_other, a_node_is_killed, a_node_stands_still, the_leader_of_etcd_is_killed]


def test_clients_of_a_load_balancer_see_retries_at_most(balanced, tmp_path):
    nodes, account = balanced
    with Load(account, tmp_path) as load:
        load.goes_on()
        for fault in FAULTS:
            fault(nodes, load)
            load.goes_on()
            load.tell(fault.__name__)
            assert not load.failed(), (fault.__name__, load.failed())
    # Something did break.
    assert sum(work.retried for work in load.works.values()) > 0
    # What was answered is there, on each node.
    for number in range(3):
        pages = nodes.kms(number).get_paginator("list_aliases").paginate()
        assert set(load.aliases) <= {one["AliasName"] for page in pages for one in page["Aliases"]}


def test_root_key_and_recovery_key_are_changed_unnoticed(balanced, tmp_path):
    """The recovery key by its shares, and the root key with a restart of each node, while clients call."""
    nodes, account = balanced
    variables = {**os.environ, **account.variables}

    def kagiban(*words, given=""):
        ran = subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60, env=variables, input=given)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    old, new = (f"file:{tmp_path / name}" for name in ("n0/root.key", "new.key"))
    rekey = ("rekey", "--data", tmp_path / "n0", "--store", nodes.cluster.store, "--root-key")
    with Load(account, tmp_path) as load:
        load.goes_on()
        shares = shares_in(kagiban("recovery", "create", "--shares", "3", "--threshold", "2"))
        load.goes_on()
        replaced = kagiban("recovery", "rekey", "--shares", "3", "--threshold", "2", given="\n".join(shares[:2]) + "\n")
        assert len(set(shares_in(replaced)) - set(shares)) == 3
        load.goes_on()
        assert "node-1" in kagiban(*rekey, old, "--new-root-key", new)
        for number in range(3):
            assert nodes.servers[number].stop() == 0
            listen = nodes.servers[number].listen
            nodes.servers[number] = nodes.server(number, root_key=new)
            nodes.servers[number].listen = listen
            nodes.servers[number].start()
            is_back(nodes, number)
            load.goes_on()
        assert "with no other one" in kagiban(*rekey, new, "--finish")
        load.goes_on()
        load.tell("recovery key and root key are changed")
        assert not load.failed(), load.failed()
