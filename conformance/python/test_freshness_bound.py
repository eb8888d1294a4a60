"""The bound of freshness is what the operator says: two nodes with different ones are cut off from etcd at the same moment, and each answers
as long as its own bound lasts, and no longer."""

import subprocess
import threading
import time
import urllib.request

import pytest
import subject
from botocore.config import Config
from botocore.exceptions import ClientError
from callers import Account, exported
from etcd import Cluster
from history.wires import HELD, PASSING, Wires
from test_nodes import FIRST, REGION, is_ready, soon

pytestmark = pytest.mark.own_server
BOUNDS_SECONDS = (1, 5)
# Twice a second a node asks how far the store is; a proof holds from when it was asked for.
PROOFS_SECONDS = 0.5
# A request waits so long for a proof before it is refused.
PATIENCE_SECONDS = 0.75
CHECK_SECONDS = 1
# For a busy machine.
SLACK_SECONDS = 1.25
LONGEST_SECONDS = 15
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)


class Asking:
    """Asks a node without pause, and notes until when it answered and when it first refused."""

    def __init__(self, kms, blob, server):
        self._kms, self._blob, self._server = kms, blob, server
        self.answered = self.refused = self.unready = None
        self._threads = [threading.Thread(target=work) for work in (self._decrypt, self._ask)]
        for thread in self._threads:
            thread.start()

    def join(self):
        for thread in self._threads:
            thread.join()

    def _decrypt(self):
        deadline = time.monotonic() + LONGEST_SECONDS
        while self.refused is None and time.monotonic() < deadline:
            began = time.monotonic()
            try:
                self._kms.decrypt(CiphertextBlob=self._blob)
                # It decided at some moment after this one.
                self.answered = began
            except ClientError as error:
                assert error.response["Error"]["Code"] == "ServiceUnavailableException", error
                self.refused = time.monotonic()

    def _ask(self):
        deadline = time.monotonic() + LONGEST_SECONDS
        while self.unready is None and time.monotonic() < deadline:
            if not is_ready_soon(self._server):
                self.unready = time.monotonic()


def is_ready_soon(server):
    """As a load balancer asks: what has not answered within a second is not ready. While etcd says nothing, nor does `/readyz`."""
    try:
        with urllib.request.urlopen(f"{server.endpoint}/readyz", timeout=CHECK_SECONDS) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_each_node_answers_as_long_as_its_own_bound(tmp_path):
    with Cluster(size=1) as cluster, Wires() as wires:
        (port,) = cluster.client_ports
        made = subprocess.run(
            [subject.binary(), "init", "--data", tmp_path / "n0", "--store", cluster.store, "--account", FIRST],
            capture_output=True, text=True, timeout=60,
        )
        assert made.returncode == 0, made.stderr
        root_key = ("--root-key", f"file:{tmp_path / 'n0/root.key'}")
        wire = wires.wire(port)
        store = ("--store", f"etcd://127.0.0.1:{wire.port}/test")
        servers = [
            subject.Server(tmp_path / f"n{number}", *store, *root_key, "--freshness-bound", f"{seconds}s", dev=False)
            for number, seconds in enumerate(BOUNDS_SECONDS)
        ]
        try:
            clients = [Account(server.start().endpoint, FIRST, *exported(made.stdout), REGION).client(config=ONCE) for server in servers]
            key = clients[0].create_key()["KeyMetadata"]["KeyId"]
            blob = clients[0].encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
            for client in clients:
                soon(lambda: client.decrypt(CiphertextBlob=blob), 10)
            wires.set(wire, HELD)
            cut = time.monotonic()
            asking = [Asking(client, blob, server) for client, server in zip(clients, servers)]
            for one in asking:
                one.join()
            for seconds, one in zip(BOUNDS_SECONDS, asking):
                assert None not in (one.answered, one.refused, one.unready), (seconds, vars(one))
                answered, refused, unready = (moment - cut for moment in (one.answered, one.refused, one.unready))
                print(f"bound {seconds} s: answered until {answered:.2f} s, refused at {refused:.2f} s, not ready at {unready:.2f} s after the cut")
                # The last proof was asked for before the cut, by no more than the pause between two.
                assert seconds - PROOFS_SECONDS - SLACK_SECONDS < answered <= seconds, (seconds, answered)
                assert seconds - PROOFS_SECONDS <= refused < seconds + PATIENCE_SECONDS + SLACK_SECONDS, (seconds, refused)
                assert unready < seconds + max(PATIENCE_SECONDS, CHECK_SECONDS) + SLACK_SECONDS, (seconds, unready)
            wires.set(wire, PASSING)
            for client, server in zip(clients, servers):
                assert soon(lambda: client.decrypt(CiphertextBlob=blob), 30)["Plaintext"] == b"x"
                assert soon(lambda: is_ready(server), 30)
        finally:
            wires.set(wire, PASSING)
            for server in servers:
                if server.is_running():
                    server.kill()


@pytest.mark.parametrize(
    "given, said",
    [
        ("999ms", "--freshness-bound must be at least 1s"),
        ("0s", "--freshness-bound"),
        ("soon", "invalid value 'soon' for '--freshness-bound <TIME>'"),
        ("-2s", "--freshness-bound"),
        ("2", "invalid value '2' for '--freshness-bound <TIME>'"),
    ],
)
def test_what_is_no_bound_is_refused(tmp_path, given, said):
    words = ("serve", "--data", tmp_path / "n", "--store", "etcd://127.0.0.1:1/test", f"--freshness-bound={given}")
    refused = subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60)
    assert refused.returncode in (1, 2) and said in refused.stderr, refused.stderr
