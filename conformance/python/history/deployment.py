"""Members of etcd, nodes of Kagiban, and wires between all of them."""

import functools
import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path

import subject
from botocore.config import Config
from callers import Account, exported
from etcd import Cluster, REPOSITORY
from history.wires import Wires

FIRST, REGION = "111122223333", "eu-central-1"
MEMBERS = NODES = 3
# Room for the run and for filling it up, which takes some puts.
QUOTA_BYTES = 48 << 20
# How far the clocks of the nodes go wrong: less than signatures tolerate.
SKEWS_SECONDS = (0, 100, -100)
SETTINGS = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=6, max_pool_connections=20)


class Deployment:
    """Three members, three nodes; a context that ends them."""

    def __init__(self, directory, bound_seconds):
        self.directory, self.bound_seconds = Path(directory), bound_seconds
        self.wires = Wires()
        self.cluster = Cluster(MEMBERS, [f"--quota-backend-bytes={QUOTA_BYTES}"], self._peer_wire)
        self.to_members = [[self.wires.wire(port) for port in self.cluster.client_ports] for _ in range(NODES)]
        self.skew = Skew()
        self.credentials = self._init()
        self.servers = [self._server(number) for number in range(NODES)]
        for server in self.servers:
            server.start()
        self.account = self.at(0)
        self.grantee = self.account.user("grantee")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.is_running():
                os.kill(server.pid, signal.SIGCONT)
                server.kill()
        self.cluster.__exit__()
        self.wires.__exit__()

    def client(self, number, is_grantee=False):
        """A client of a node, as it was started last."""
        return self._client(self.servers[number].endpoint, is_grantee)

    @functools.cache
    def _client(self, endpoint, is_grantee):
        who = self.grantee if is_grantee else self.account
        return who.client(config=SETTINGS, endpoint_url=endpoint)

    def at(self, number):
        return Account(self.servers[number].endpoint, FIRST, *self.credentials, REGION)

    def peer_sender(self, number):
        """How a member names itself to the others."""
        answer = self.etcd("cluster/member/list", {}, number)
        ids = {one["name"]: int(one["ID"]) for one in answer["members"]}
        return f"{ids[f'm{number}']:x}"

    def etcd(self, path, body, member=0, seconds=10):
        """Asks a member of etcd, by its JSON gateway."""
        url = f"http://127.0.0.1:{self.cluster.client_ports[member]}/v3/{path}"
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return json.loads(answer.read())

    def _peer_wire(self, number, port):
        wire = self.wires.wire(port, names_sender=True)
        self.__dict__.setdefault("peer_wires", {})[number] = wire
        return wire.port

    def _init(self):
        command = [subject.binary(), "init", "--data", self.directory / "n0", "--store", self.cluster.store, "--account", FIRST]
        made = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert made.returncode == 0, made.stderr
        return exported(made.stdout)

    def _server(self, number):
        endpoints = ",".join(f"127.0.0.1:{wire.port}" for wire in self.to_members[number])
        options = ["--store", f"etcd://{endpoints}/test", "--root-key", f"file:{self.directory / 'n0/root.key'}"]
        options += ["--freshness-bound", f"{self.bound_seconds}s"]
        variables = self.skew.variables(SKEWS_SECONDS[number])
        return subject.Server(self.directory / f"n{number}", *options, dev=False, variables=variables)


class Skew:
    """Clocks that go wrong, by Debian's libfaketime, unpacked and not installed; without it they all go right."""

    def __init__(self):
        place = REPOSITORY / "target/conformance/faketime"
        if not list(place.rglob("libfaketime.so.1")):
            self._unpack(place)
        self._library = next(place.rglob("libfaketime.so.1"), None)
        self.is_had = self._library is not None

    def variables(self, seconds):
        if not seconds or not self.is_had:
            return {}
        # The clock that nobody sets stays as it is: setting a machine's clock does not move it either.
        return {"LD_PRELOAD": str(self._library), "FAKETIME": f"{seconds:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    @staticmethod
    def _unpack(place):
        place.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", "--quiet=2", "libfaketime"], cwd=place, check=True, capture_output=True)
            for package in place.glob("libfaketime_*.deb"):
                subprocess.run(["dpkg-deb", "--extract", package, place], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pass
