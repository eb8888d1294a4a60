"""Members of etcd on loopback: started, killed, paused and ended by their process ids."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
# Runs a member until it is told to end it, or until nobody is left to tell.
KEEPER = 'log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!; read -r word; kill -KILL $! 2>/dev/null; wait $! 2>/dev/null'


class Cluster:
    """Some members that know each other; a context that ends them. With more options, if they are given; `peer_wire`, given a
    member's number and port, is the port at which the others shall speak to it; `disks` (see history) gives each a disk of its own;
    with `tls`, an SSLContext of a client's, clients come by TLS, for which the options have the certificate."""

    def __init__(self, size=3, options=(), peer_wire=lambda _, port: port, disks=None, tls=None):
        self._directory = tempfile.TemporaryDirectory(prefix="etcd-")
        self._binary = subprocess.run([REPOSITORY / "scripts/etcd"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self._ports = _free_ports(2 * size)
        self._keepers, self._ids = {}, {}
        self.size, self._options, self._tls = size, options, tls
        self._scheme = "https" if tls else "http"
        self._inside = disks.inside if disks else []
        for number in range(size) if disks else ():
            disks.make(self.directory(number))
        self._peers = [peer_wire(number, self._ports[2 * number + 1]) for number in range(size)]
        for number in range(size):
            self.run(number)
        self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in list(self._keepers):
            self.kill(number)
        self._directory.cleanup()

    @property
    def store(self):
        """The address for --store."""
        return "etcd://" + ",".join(f"127.0.0.1:{port}" for port in self.client_ports) + "/test"

    @property
    def client_ports(self):
        """Where each member answers."""
        return [self._client(number) for number in range(self.size)]

    def directory(self, number):
        """Where a member keeps what it has."""
        return Path(self._directory.name) / f"m{number}"

    def log(self, number):
        """What a member wrote to its standard error so far."""
        return self._log(number).read_text(errors="replace")

    def run(self, number):
        client, peer = f"{self._scheme}://127.0.0.1:{self._client(number)}", f"http://127.0.0.1:{self._ports[2 * number + 1]}"
        peers = [f"http://127.0.0.1:{port}" for port in self._peers]
        command = [
            *self._inside,
            self._binary,
            f"--name=m{number}",
            f"--data-dir={self.directory(number)}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peers[number]}",
            f"--initial-cluster={','.join(f'm{n}={url}' for n, url in enumerate(peers))}",
            "--logger=zap",
            *self._options,
        ]
        keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, "sh", self._log(number), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._keepers[number], self._ids[number] = keeper, int(keeper.stdout.readline())

    def kill(self, number):
        keeper = self._keepers.pop(number)
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()

    def pause(self, number):
        os.kill(self._ids[number], signal.SIGSTOP)

    def resume(self, number):
        os.kill(self._ids[number], signal.SIGCONT)

    def is_running(self, number):
        """Whether a member has not ended by itself."""
        try:
            return Path(f"/proc/{self._ids[number]}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def leader(self):
        """The number of the member that leads."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for number in self._keepers:
                if "etcd_server_is_leader 1\n" in self._ask(number, "metrics"):
                    return number
        raise RuntimeError("the cluster has no leader")

    def wait(self):
        """Until every running member is healthy."""
        deadline = time.monotonic() + READY_SECONDS
        while not all('"true"' in self._ask(number, "health") for number in self._keepers):
            if time.monotonic() > deadline:
                raise RuntimeError("the cluster did not get ready")

    def _ask(self, number, path):
        try:
            url = f"{self._scheme}://127.0.0.1:{self._client(number)}/{path}"
            with urllib.request.urlopen(url, timeout=2, context=self._tls) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def _log(self, number):
        return self.directory(number).with_suffix(".log")

    def _client(self, number):
        return self._ports[2 * number]


def _free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
