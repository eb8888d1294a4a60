"""How far a backup is, its verification and its restore, is told while they last."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
import subject
from test_backup import Deployment, Writers, done

pytestmark = pytest.mark.own_server
KEYS = 2000
# Backups that are made until one is caught at work.
ATTEMPTS = 30
# On a terminal a line comes every second.
LINE_SECONDS = 1.1


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A deployment with so much in it that it takes a moment to read."""
    deployment = Deployment(tmp_path_factory.mktemp("large"))
    deployment.server.start()
    try:
        with Writers(deployment.root, count=4) as writers:
            while len(writers.made) < KEYS:
                time.sleep(0.05)
        yield deployment
    finally:
        if deployment.server.is_running():
            deployment.server.kill()


def under_way(deployment):
    return json.loads(done("backup", "status", "--output", "json", caller=deployment.root)).get("UnderWay")


def test_a_backup_tells_how_far_it_is(large):
    seen = []
    for _ in range(ATTEMPTS):
        done("backup", "create", "--no-wait", caller=large.root)
        while told := under_way(large):
            seen.append(told)
        if any(told.get("RowsTotal") for told in seen):
            break
    counted = [told for told in seen if told.get("RowsTotal")]
    assert counted, f"no backup was caught at work, in {ATTEMPTS}; {seen}"
    for told in counted:
        assert 0 <= told["Rows"] <= told["RowsTotal"] and told["RowsTotal"] > KEYS and told["Restarts"] == 0, told
    # Of one backup, the numbers grow.
    last = [(told["Rows"], told["Bytes"]) for told in counted if told["FileName"] == counted[-1]["FileName"]]
    assert last == sorted(last)
    assert "No backup is being made" in done("backup", "status", caller=large.root)


def on_a_terminal(*words):
    """What a command says on a terminal that it thinks it has, made to last longer than a second each time that it begins to tell."""
    ours, its = os.openpty()
    process = subprocess.Popen([subject.binary(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    said = []

    def read():
        try:
            while chunk := os.read(ours, 4096):
                said.append(chunk)
        except OSError:
            pass  # the other end is closed

    reader = threading.Thread(target=read)
    reader.start()
    held = set()
    while process.poll() is None:
        for task in Path(f"/proc/{process.pid}/task").glob("*/comm"):
            try:
                if task.read_text() == "progress\n" and task not in held:
                    held.add(task)
                    process.send_signal(signal.SIGSTOP)
                    time.sleep(LINE_SECONDS)
                    process.send_signal(signal.SIGCONT)
            except OSError:
                pass  # the thread is gone
    reader.join()
    os.close(ours)
    text = b"".join(said).decode()
    assert process.returncode == 0, text
    return text


def test_verification_and_restore_tell_how_far_they_are(large, tmp_path):
    backup = large.back_up()
    shares = ("--shares-file", large.shares_file())
    line = r"{}: (\d+) of (\d+) rows, \d+ %, \d+ MiB"
    verified = on_a_terminal("backup", "verify", backup, *shares)
    large.server.stop()
    restored = on_a_terminal("restore", backup, "--data", tmp_path / "new", *shares, "--deletions-from", large.data)
    large.server.start()
    for text, what in ((verified, "verifying"), (restored, "restoring")):
        found = re.search(line.format(what), text)
        assert found, text
        assert 0 <= int(found[1]) <= int(found[2]) and int(found[2]) > KEYS, text
