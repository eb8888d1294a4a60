#!/usr/bin/env python3
"""Starts the server that a conformance suite talks to, and nothing else. Standard library only.

Run as a program it starts the subject, runs a command with the AWS variables pointing at it, and stops it:

    python3 conformance/subject.py COMMAND [ARGUMENT...]

With KAGIBAN_SUBJECT_ENDPOINT set no server is started and the command runs against that endpoint.
The Python suite imports `Server` to start, stop and kill servers of its own.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
READY_SECONDS = 30
STOP_SECONDS = 20
DEFAULT_REGION = "us-east-1"
PROVIDER = json.loads((Path(__file__).parent / "provider.json").read_text())


def binary():
    """The executable under test: KAGIBAN_BINARY, else the release build."""
    return Path(os.environ.get("KAGIBAN_BINARY") or REPOSITORY / "target/release/kagiban").resolve()


def older_binary():
    """An executable of an earlier version, for upgrades: KAGIBAN_OLDER_BINARY, such as scripts/older-binary builds; None without
    it, or where it is none."""
    given = os.environ.get("KAGIBAN_OLDER_BINARY", "none")
    return None if given in ("", "none") else Path(given).resolve()


def aws_variables(endpoint):
    """What an AWS client reads from its environment. Settings the caller made win; files of the user are not read."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    return {
        "KAGIBAN_SUBJECT_ENDPOINT": endpoint,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID", "test"),
        "AWS_SECRET_ACCESS_KEY": os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def trusting_the_provider(directory):
    """The options with which a server knows the key of the suites' OpenID Connect provider, from a file it finds there."""
    path = Path(directory) / "provider-keys.json"
    path.write_text(json.dumps({"keys": [{name: v for name, v in PROVIDER["key"].items() if name != "d"}]}))
    return "--web-identity-keys", f"{PROVIDER['issuer'].removeprefix('https://')}={path}"


class Server:
    """One `kagiban serve` on a loopback port of the system's choice, for development unless the data directory was made
    with `kagiban init`, and with more options and variables of the environment, or another executable, if they are given. `inside`
    is a command that becomes the one that follows it, somewhere else."""

    # Told of every server that ended.
    on_end = []

    def __init__(self, data, *options, dev=True, variables=None, inside=(), executable=None):
        self.data, self._executable = Path(data), executable or binary()
        self._variables, self._inside = variables or {}, inside
        self._options = ["--dev", *options] if dev else options
        self._ready = "export AWS_ENDPOINT_URL=" if dev else "Kagiban is serving on "
        self.endpoint = None
        # Where the next start is to listen.
        self.listen = "127.0.0.1:0"
        self.lines = []
        self._printed = queue.Queue()
        self._process = None
        self.log_path = self.data.parent / f"{self.data.name}.log"

    def start(self):
        """Starts the server and returns once it says where it listens."""
        command = [*self._inside, self._executable, "serve", "--listen", self.listen, "--data", self.data, *self._options]
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **self._variables})
        self._printed = queue.Queue()
        threading.Thread(target=_forward, args=(self._process.stdout, self._printed), daemon=True).start()
        self.lines = []
        while not self.lines or not self.lines[-1].startswith(self._ready):
            if self.read_line() is None:
                self.kill()
                raise RuntimeError(f"{self._executable} did not get ready: {self.lines}; its log: {self.log()}")
        self.endpoint = self.lines[-1].removeprefix(self._ready).strip("'\"")
        return self

    def read_line(self, seconds=READY_SECONDS):
        """The next line of the server's standard output, also kept in `lines`; None at its end or when none comes."""
        try:
            line = self._printed.get(timeout=seconds)
        except queue.Empty:
            return None
        if line is not None:
            self.lines.append(line)
        return line

    @property
    def port(self):
        return int(self.endpoint.rpartition(":")[2])

    @property
    def pid(self):
        return self._process.pid

    def log(self):
        """What the server wrote to its standard error so far."""
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """Asks the server to end, as an init system does, and returns its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self):
        """Ends the server as a power cut does."""
        return self._end(signal.SIGKILL)

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def _end(self, number):
        if self.is_running():
            self._process.send_signal(number)
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise RuntimeError(f"the server ignored signal {number} for {STOP_SECONDS} s") from None
        for told in self.on_end:
            told(self)
        return status


def _forward(stream, printed):
    for line in stream:
        printed.put(line.rstrip("\n"))
    printed.put(None)


def main(command):
    if not command:
        sys.exit(__doc__)
    endpoint = os.environ.get("KAGIBAN_SUBJECT_ENDPOINT")
    if endpoint:
        return subprocess.call(command, env={**os.environ, **aws_variables(endpoint)})
    if not binary().exists():
        sys.exit(f"{binary()} is missing: cargo build --release, or set KAGIBAN_BINARY or KAGIBAN_SUBJECT_ENDPOINT")
    with tempfile.TemporaryDirectory(prefix="kagiban-conformance-") as directory:
        server = Server(Path(directory) / "data", *trusting_the_provider(directory)).start()
        variables = {**aws_variables(server.endpoint), "KAGIBAN_SUBJECT_ISSUER": PROVIDER["issuer"]}
        try:
            return subprocess.call(command, env={**os.environ, **variables})
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
