"""Members of etcd, nodes of Kagiban, and the wires, clocks and disks of all of them."""

import datetime
import functools
import json
import os
import platform
import re
import signal
import subprocess
import time
import unittest.mock
import urllib.error
import urllib.request
from pathlib import Path

import subject
from botocore import auth
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account, exported
from etcd import Cluster, REPOSITORY
from history.disks import Disks
from history.wires import Wires

FIRST, REGION = "111122223333", "eu-central-1"
MEMBERS = NODES = 3
# Room for the run and for filling it up, which takes some puts.
QUOTA_BYTES = 48 << 20
# How far the clocks of the nodes go wrong all the time: less than signatures tolerate.
SKEWS_SECONDS = (0, 100, -100)
# Within this a node's clock shows what it was set to.
CLOCK_TOLERANCE_SECONDS, CLOCK_WAIT_SECONDS = 3, 10
SESSION_SECONDS = 900
# For what is no part of the history: on a busy machine a node may take seconds to know that it is current.
PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 10})
SETTINGS = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=6, max_pool_connections=20)


class Deployment:
    """Three members, three nodes; a context that ends them."""

    def __init__(self, directory, bound_seconds):
        self.directory, self.bound_seconds = Path(directory).resolve(), bound_seconds
        # What faults saw that should not be; whoever judges takes it from here.
        self.wrong = []
        # How many seconds all clocks are ahead of ours: that of who signs requests, too.
        self.moved = 0
        self._signing = unittest.mock.patch.object(auth, "get_current_datetime", lambda *_, **__: self.now().replace(tzinfo=None))
        self._signing.start()
        self.wires, self.disks = Wires(), Disks()
        self.cluster = Cluster(MEMBERS, [f"--quota-backend-bytes={QUOTA_BYTES}"], self._peer_wire, self.disks)
        self.to_members = [[self.wires.wire(port) for port in self.cluster.client_ports] for _ in range(NODES)]
        self.clocks = Clocks(self.directory)
        for number in range(NODES):
            self.disks.make(self.directory / f"n{number}")
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
        self.disks.__exit__()
        self._signing.stop()

    def now(self):
        """The time that it is in the deployment, which nobody but `move` changes."""
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.moved)

    def move(self, seconds):
        """It becomes so much later, for all nodes and callers; never earlier again."""
        self.moved += seconds
        for number in range(NODES):
            self.set_clock(number, 0)

    def client(self, number, is_grantee=False):
        """A client of a node, as it was started last."""
        return self._client(self.servers[number].endpoint, is_grantee)

    def patient_client(self, number):
        """One that asks again."""
        return self.at(number).client(config=PATIENT)

    def grantee_at(self, number):
        """The same of the grantee."""
        return self.grantee.client(config=PATIENT, endpoint_url=self.servers[number].endpoint)

    @functools.cache
    def _client(self, endpoint, is_grantee):
        who = self.grantee if is_grantee else self.account
        return who.client(config=SETTINGS, endpoint_url=endpoint)

    def at(self, number):
        return Account(self.servers[number].endpoint, FIRST, *self.credentials, REGION)

    def health(self, number, path):
        """The status and the text of a node's `/healthz` or `/readyz`; no status where it does not answer."""
        try:
            with urllib.request.urlopen(self.servers[number].endpoint + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return None, str(error)

    def clock(self, number):
        """How many seconds a node's clock is ahead of the deployment's, as far as it shows that to callers."""
        sts = self.at(number).client(service="sts", config=SETTINGS)
        try:
            ends = sts.get_session_token(DurationSeconds=SESSION_SECONDS)["Credentials"]["Expiration"]
            shown = ends - datetime.timedelta(seconds=SESSION_SECONDS)
        except ClientError as error:
            # Too far off for our signature, it says what time it has.
            found = re.search(r"\((\d{8}T\d{6}Z) [-+] ", error.response["Error"]["Message"])
            if not found:
                raise
            shown = datetime.datetime.strptime(found[1] + "+0000", "%Y%m%dT%H%M%SZ%z")
        return (shown - self.now()).total_seconds()

    def set_clock(self, number, ahead):
        """A node's clock jumps, to as many seconds ahead of where it otherwise goes."""
        self.clocks.set(number, self.moved + SKEWS_SECONDS[number] + ahead)

    def await_clock(self, number, ahead):
        """Until a node that answers shows that its clock has jumped."""
        wanted, shown, deadline = SKEWS_SECONDS[number] + ahead, None, time.monotonic() + CLOCK_WAIT_SECONDS
        while shown is None or abs(shown - wanted) > CLOCK_TOLERANCE_SECONDS:
            if time.monotonic() > deadline:
                return self.wrong.append(f"the clock of node {number} was set {wanted} s ahead and shows {shown}")
            time.sleep(0.05)
            try:
                shown = self.clock(number)
            except (ClientError, BotoCoreError):
                pass  # it is in trouble for a moment

    def recorded(self, number, since):
        """The numbers of all requests in a node's audit since a time, and what verifying it says, None where it is sound."""
        data = ["--data", self.servers[number].data]
        verified = self._kagiban("audit", "verify", *data)
        said = None if verified.returncode == 0 and "\nSound: " in verified.stdout else verified.stdout + verified.stderr
        found = self.records(number, "--from", f"{since:%Y-%m-%dT%H:%M:%SZ}")
        return {record["requestID"] for record in found if "requestID" in record}, said

    def records(self, number, *conditions):
        """What a node's audit has, as `kagiban audit search` finds it."""
        data = ["--data", self.servers[number].data]
        found = self._kagiban("audit", "search", *data, "--limit", "0", "--output", "json", *conditions)
        assert found.returncode == 0, found.stderr
        return json.loads(found.stdout)["Records"]

    def _kagiban(self, *words):
        command = [*self.disks.inside, subject.binary(), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

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
        made = self._kagiban("init", "--data", self.directory / "n0", "--store", self.cluster.store, "--account", FIRST)
        assert made.returncode == 0, made.stderr
        return exported(made.stdout)

    def _server(self, number):
        endpoints = ",".join(f"127.0.0.1:{wire.port}" for wire in self.to_members[number])
        options = ["--store", f"etcd://{endpoints}/test", "--root-key", f"file:{self.directory / 'n0/root.key'}"]
        options += ["--freshness-bound", f"{self.bound_seconds}s"]
        variables = self.clocks.variables(number)
        return subject.Server(
            self.directory / f"n{number}", *options, dev=False, variables=variables, inside=self.disks.inside
        )


class Clocks:
    """Clocks of nodes, that go wrong and jump, by Debian's libfaketime, unpacked and not installed. Without it `missing` tells why,
    and they all go right."""

    def __init__(self, directory):
        self._directory = directory
        path = f"usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketimeMT.so.1"
        found = subprocess.run([REPOSITORY / "scripts/from-debian", "libfaketime", path], capture_output=True, text=True)
        self._library = found.stdout.strip()
        self.missing = None if Path(self._library).is_file() else f"no {path} out of libfaketime {found.stderr.strip()}"
        for number, seconds in enumerate(SKEWS_SECONDS):
            self.set(number, seconds)

    def set(self, number, ahead):
        """A clock jumps, to as many seconds ahead of ours."""
        new = self._file(number).with_suffix(".new")
        new.write_text(f"{ahead:+f}")
        new.rename(self._file(number))

    def variables(self, number):
        if self.missing:
            return {}
        # The file is read each time that a clock is, and the clock that nobody sets stays as it is: setting a machine's clock
        # does not move it either.
        settings = {"TIMESTAMP_FILE": str(self._file(number)), "NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
        return {"LD_PRELOAD": self._library, **{f"FAKETIME_{name}": value for name, value in settings.items()}}

    def _file(self, number):
        return self._directory / f"clock{number}"
