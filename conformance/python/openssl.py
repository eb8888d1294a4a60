"""The OpenSSL command, for what the package `cryptography` lacks."""

import subprocess
import tempfile
from pathlib import Path


def openssl(command, may_fail=False, **files):
    """Runs the command and gives what it prints; `$name` in it stands for a file with those bytes."""
    with tempfile.TemporaryDirectory(prefix="kagiban-openssl-") as directory:
        for name, content in files.items():
            (Path(directory) / name).write_bytes(content)
        words = [str(Path(directory) / w[1:]) if w.startswith("$") else w for w in command.split()]
        done = subprocess.run(["openssl", *words], capture_output=True, check=False)
    assert may_fail or done.returncode == 0, done.stderr
    return done.stdout
