"""Disks of a run: small file systems in memory, in a mount namespace of their own, each of which can be full from one moment to the
next and have room again. It takes Linux and root."""

import os
import subprocess
from pathlib import Path

SIZE = "1g"
FILL_ATTEMPTS = 100


class Disks:
    """A context that ends the namespace, and with it what is on the disks. Where there can be none `missing` tells why, and
    directories are on the machine's own disk."""

    def __init__(self):
        self.missing, self._keeper, self.inside = None, None, []
        if os.geteuid() != 0:
            self.missing = "only root can make file systems"
            return
        command = ["unshare", "--mount", "sh", "-c", "echo made; read -r _"]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        try:
            self._keeper = subprocess.Popen(command, **pipes, text=True)
        except OSError as error:
            self.missing = str(error)
            return
        if self._keeper.stdout.readline() != "made\n":
            self.missing = self._keeper.stderr.read().strip()
            return
        # How a process is started that is to see the disks.
        self.inside = ["nsenter", "--mount", f"--target={self._keeper.pid}", "--"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._keeper:
            self._keeper.communicate()

    def make(self, directory):
        """A disk of its own below a directory, which is made."""
        directory.mkdir(parents=True)
        if self.inside:
            self._mount("-t", "tmpfs", "-o", f"mode=700,size={SIZE}", "disk", directory)

    def fill(self, directory):
        """From now on there is no room: the disk is as large as what is on it."""
        for _ in range(FILL_ATTEMPTS):
            seen = os.statvfs(f"/proc/{self._keeper.pid}/root{Path(directory).resolve()}")
            if not seen.f_bfree:
                return
            # It fails when somebody has written meanwhile.
            self._resize(directory, (seen.f_blocks - seen.f_bfree) * seen.f_frsize, check=False)
        raise RuntimeError(f"{directory} does not get full")

    def make_room(self, directory):
        self._resize(directory, SIZE)

    def _resize(self, directory, size, check=True):
        self._mount("-o", f"remount,mode=700,size={size}", directory, check=check)

    def _mount(self, *words, check=True):
        subprocess.run([*self.inside, "mount", *words], check=check, capture_output=True)
