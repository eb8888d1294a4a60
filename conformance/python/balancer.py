"""A real load balancer, Debian's haproxy, in front of nodes: with deploy/haproxy.cfg, but for what is otherwise on loopback, where
there is no TLS and each node has a port of its own."""

import itertools
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import subject

CONFIGURATION = subject.REPOSITORY / "deploy/haproxy.cfg"
READY_SECONDS = 20
LIBRARIES = ("usr/lib/*-linux-gnu", "lib/*-linux-gnu")


def unpacked():
    """The folder with haproxy and what it needs, and the folders of the libraries in it."""
    made = subprocess.run([subject.REPOSITORY / "scripts/debian-layer", "haproxy", "haproxy"], stdout=subprocess.PIPE, text=True)
    assert made.returncode == 0, "haproxy cannot be had"
    files = Path(made.stdout.strip())
    return files, [path for pattern in LIBRARIES for path in files.glob(pattern)]


def program():
    """The command, with the libraries that this machine may lack."""
    files, libraries = unpacked()
    return ["env", f"LD_LIBRARY_PATH={':'.join(map(str, libraries))}", str(files / "usr/sbin/haproxy")]


def installed():
    """What a copy of this machine needs to have haproxy as well: target to source."""
    files, libraries = unpacked()
    shared = [path for folder in libraries for path in folder.glob("*.so.*")]
    targets = {f"/{path.relative_to(files)}": path for path in shared}
    return {"/usr/local/sbin/haproxy": files / "usr/sbin/haproxy"} | {to: of for to, of in targets.items() if not Path(to).exists()}


def on_loopback(text, port, ports):
    """The configuration, for a port of its own and plain nodes at these ports. Everything else is as operators have it."""
    text, bound = re.subn(r"bind :443$", f"bind 127.0.0.1:{port}", text, flags=re.M)
    text, plain = re.subn(r" check-ssl verify required ca-file \S+ check-sni \S+$", "", text, flags=re.M)
    nodes = itertools.cycle(ports)
    text, served = re.subn(r"^( *server \S+) \S+", lambda line: f"{line[1]} 127.0.0.1:{next(nodes)}", text, flags=re.M)
    assert (bound, plain, served) == (1, 1, 2 * len(ports)), CONFIGURATION
    return text


class Balancer:
    """A context in which it runs, and knows that the nodes are ready."""

    def __init__(self, ports):
        self._directory = tempfile.TemporaryDirectory(prefix="balancer-")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        configuration = Path(self._directory.name) / "haproxy.cfg"
        configuration.write_text(on_loopback(CONFIGURATION.read_text(), self._port, ports))
        self._log = Path(self._directory.name) / "log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [*program(), "-db", "-f", configuration], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._directory.cleanup()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self._port}"

    def log(self):
        return self._log.read_text(errors="replace")

    def _wait(self):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the balancer did not get ready: {self.log()}") from None
                time.sleep(0.02)
