"""A copy of this machine that is thrown away: its files with changes kept in memory, a network of its own that ends at loopback,
processes of its own, and a real systemd that starts services in it.

What a guide tells an operator to do as root, to /etc, /var and systemd, is done there as it is written. It takes Linux, root and
systemd, and `missing` tells why a copy cannot be made.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READY_SECONDS = 60
NEEDED = ("unshare", "nsenter", "ip", "systemctl", "runuser", "useradd", "openssl", "curl")


def missing():
    """Why no copy can be made here; None when one can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root of a Linux can make a copy of the machine"
    if programs := [name for name in NEEDED if shutil.which(name) is None]:
        return f"the machine lacks {programs}"
    if not Path("/lib/systemd/systemd").exists():
        return "the machine has no systemd"
    return "the machine has no cgroups of version 2" if _cgroups() is None else None


def _cgroups():
    """Where cgroups of version 2 are mounted."""
    lines = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return next((Path(words[4]) for words in lines if words[words.index("-") + 1] == "cgroup2"), None)


class Machine:
    """A copy that runs; a context that ends it. `files` are put into it, target to source; `layer` is a folder whose files it has
    in front of the machine's own; commands run in `folder`, and find the programs of this Python's environment."""

    def __init__(self, files, folder, layer=None):
        self._folder = folder
        self._directory = Path(tempfile.mkdtemp(prefix="kagiban-machine-"))
        self._log = self._directory.with_suffix(".log")
        self._group = _cgroups() / self._directory.name
        self._group.mkdir()
        python = Path(sys.prefix).resolve()
        pairs = [f"{Path(source).resolve()}:{target}" for target, source in {**files, str(python): python}.items()]
        spaces = ["--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        command = ["unshare", *spaces, "bash", Path(__file__).with_suffix(".sh"), self._directory, layer or "", *pairs]
        joining = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', self._group, *command]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(joining, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def run(self, script, seconds=60):
        """Runs a script of bash's as root until its first failure, and returns what came of it, both outputs as one."""
        path = f"{Path(sys.prefix).resolve() / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        variables = {"PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8"}
        inside = ["nsenter", "--all", f"--target={self._first()}", f"--wdns={self._folder}"]
        return subprocess.run(
            [*inside, "bash", "-euo", "pipefail", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            env=variables,
        )

    def end(self):
        """Ends every process of the copy and forgets what was changed."""
        self._process.kill()
        self._process.wait()
        deadline = time.monotonic() + READY_SECONDS
        while not _removed(self._group):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self._group} is still in use")
            time.sleep(0.01)
        self._directory.rmdir()
        self._log.unlink()

    def _first(self):
        """The number of the copy's first process."""
        (child,) = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return child

    def _wait(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self.run("systemctl is-active copy.target systemd-journald").returncode == 0:
                    return
            except (ValueError, OSError):
                pass  # the first process is not there yet
            time.sleep(0.05)
        raise RuntimeError(f"the copy of the machine did not start: {self._log.read_text()}")


def _removed(group):
    """Removes a group with all below it, and tells whether that succeeded: processes take a moment to be gone."""
    try:
        for one in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            one.rmdir()
        group.rmdir()
    except OSError:
        return False
    return True
