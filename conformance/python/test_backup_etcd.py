"""Backup and restore with several nodes' engine: of one moment while two nodes write, what was deleted stays so by the word of a cluster,
and a restore into a cluster that is killed at any moment is begun again."""

import subprocess
import time

import importing
import pytest
import subject
from callers import Account
from etcd import Cluster
from test_backup import FIRST, REGION, Deployment, Writers, done, run, serving, state

pytestmark = pytest.mark.own_server
# How many restores are killed, each some part of a whole one's time later.
KILLS = 16
KEYS = 200
# A server that goes on for so long has started.
START_SECONDS = 5


class OnEtcd(Deployment):
    """A deployment in a cluster, and a second node of it."""

    def __init__(self, directory, cluster):
        self.store = ("--store", cluster.store)
        super().__init__(directory, *self.store)
        key = ("--root-key", f"file:{self.data / 'root.key'}")
        self.other = subject.Server(directory / "n1", *self.store, *key, dev=False)

    def at_other(self):
        return Account(self.other.endpoint, FIRST, *self.credentials, REGION)

    def end(self):
        for server in (self.server, self.other):
            if server.is_running():
                server.kill()


@pytest.fixture
def on_etcd(tmp_path):
    with Cluster(size=1) as cluster:
        deployment = OnEtcd(tmp_path, cluster)
        try:
            deployment.server.start()
            yield deployment, cluster
        finally:
            deployment.end()


@pytest.fixture
def ended():
    servers = []
    yield servers
    for server in servers:
        if server.is_running():
            server.kill()


def test_a_backup_is_of_one_moment_while_two_nodes_write(on_etcd, tmp_path, ended):
    deployment, _ = on_etcd
    deployment.other.start()
    with Writers(deployment.root) as here, Writers(deployment.at_other()) as there:
        before = [*here.made, *there.made]
        backup = deployment.back_up()
    for server in (deployment.server, deployment.other):
        assert server.stop() == 0
    assert "is in order" in done("backup", "verify", backup, "--shares-file", deployment.shares_file())
    made = deployment.restore(backup, tmp_path / "back", "--deletions-from", deployment.store[1])
    assert made.returncode == 0 and "Left out" not in made.stdout, made.stderr + made.stdout
    server, account = serving(tmp_path / "back", deployment.credentials)
    ended.append(server)
    kms = account.client()
    aliases = [one for page in kms.get_paginator("list_aliases").paginate() for one in page["Aliases"]]
    targets = {one["TargetKeyId"] for one in aliases if one["AliasName"].startswith("alias/writer/")}
    assert targets >= set(before), "what was acknowledged before the backup began is in it"
    # Each was made before its alias.
    for key in targets:
        assert state(kms, key) == "Enabled"


def test_what_was_deleted_in_a_cluster_stays_deleted(on_etcd, tmp_path, ended):
    deployment, cluster = on_etcd
    kms = deployment.root.client()
    kept, gone = (importing.external_key(kms, "SYMMETRIC_DEFAULT") for _ in range(2))
    materials = {key: importing.fresh_material("SYMMETRIC_DEFAULT") for key in (kept, gone)}
    for key, material in materials.items():
        importing.imports(kms, key, material)
    blobs = {key: kms.encrypt(KeyId=key, Plaintext=b"p")["CiphertextBlob"] for key in materials}
    backup = deployment.back_up()
    kms.delete_imported_key_material(KeyId=gone)
    deployment.server.stop()
    made = deployment.restore(backup, tmp_path / "back", "--deletions-from", cluster.store)
    assert made.returncode == 0, made.stderr
    assert "Left out: 0 keys and 1 imported materials that were deleted since.\n" in made.stdout, made.stdout
    # A place in the cluster that has no store knows of no deletions, and is no source.
    nowhere = deployment.restore(backup, tmp_path / "nowhere", "--deletions-from", cluster.store + "2")
    assert nowhere.returncode == 1 and not (tmp_path / "nowhere").exists(), nowhere.stderr
    server, account = serving(tmp_path / "back", deployment.credentials)
    ended.append(server)
    kms = account.client()
    assert (state(kms, kept), state(kms, gone)) == ("Enabled", "PendingImport")
    assert kms.decrypt(CiphertextBlob=blobs[kept])["Plaintext"] == b"p"
    importing.imports(kms, gone, materials[gone])
    assert kms.decrypt(CiphertextBlob=blobs[gone])["Plaintext"] == b"p"


def is_claimed(place, key):
    """Whether a start says that a restore has begun there and not ended. Where none has, or one has just ended without saying so, not."""
    words = [subject.binary(), "serve", "--listen", "127.0.0.1:0", *place, *key, "--accept-audit-loss"]
    try:
        started = subprocess.run(words, capture_output=True, text=True, timeout=START_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    assert started.returncode == 1, started.stderr
    return "restore" in started.stderr


def test_a_restore_into_a_cluster_that_is_killed_begins_again(on_etcd, tmp_path, ended):
    deployment, cluster = on_etcd
    kms = deployment.root.client()
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(KEYS)]
    backup = deployment.back_up()
    deployment.server.stop()
    key = ("--root-key", f"file:{deployment.data / 'root.key'}")

    def words(number):
        place = ("--data", tmp_path / f"restored-{number}", "--store", f"{cluster.store}{number}", *key)
        return ["restore", backup, *place, "--shares-file", deployment.shares_file(), "--deletions-from", cluster.store]

    began = time.monotonic()
    done(*words(0))
    whole = time.monotonic() - began
    claimed = 0
    for number in range(1, KILLS + 1):
        restoring = subprocess.Popen([subject.binary(), *words(number)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            restoring.wait(whole * number / KILLS)
        except subprocess.TimeoutExpired:
            restoring.kill()
        out, _ = restoring.communicate()
        claimed += b"Restored: " not in out and is_claimed(words(number)[2:6], key)
        again = run(*words(number))
        # Whole before it was killed, or whole now.
        assert again.returncode == 0 or "empty place only" in again.stderr, again.stderr
    print(f"a restore of {KEYS} keys into a cluster takes {whole:.1f} s; of {KILLS} that were killed {claimed} had begun to write")
    assert claimed > 0
    for number in (0, 1, KILLS // 2, KILLS):
        server = subject.Server(tmp_path / f"restored-{number}", "--store", f"{cluster.store}{number}", *key, "--accept-audit-loss", dev=False)
        ended.append(server)
        there = Account(server.start().endpoint, FIRST, *deployment.credentials, REGION).client()
        listed = {one["KeyId"] for page in there.get_paginator("list_keys").paginate() for one in page["Keys"]}
        assert set(keys) <= listed
        server.kill()
