"""Backups: made while others write, verified, restored into another place, engine and root key; what was deleted stays so, unless
somebody types otherwise; and a ciphertext opens with nothing but a backup, shares and the program in docs/disaster.md."""

import json
import os
import re
import secrets
import subprocess
import sys
import threading
import time

import importing
import pytest
import subject
from callers import Account, allow, exported
from etcd import Cluster
from expect import refused

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"
CONSENT = "I WANT DELETED KEYS BACK"
CONTEXT = {"tenant": "4711", "purpose": "invoice"}
DOCUMENT = subject.REPOSITORY / "docs/disaster.md"


def run(*words, caller=None, text=None):
    variables = {**os.environ, **(caller.variables if caller else {})}
    return subprocess.run(
        [subject.binary(), *words], capture_output=True, text=True, env=variables, timeout=120, input=text or ""
    )


def done(*words, **more):
    made = run(*words, **more)
    assert made.returncode == 0, made.stderr
    return made.stdout


def shares_in(text):
    return re.findall(r"kagiban-share1\w+", text)


class Deployment:
    """A production deployment with a recovery key of three shares, any two of which open."""

    def __init__(self, directory, *options, root_key=()):
        self.directory, self.data = directory, directory / "data"
        place = ["--data", self.data, *options, *root_key]
        made = done("init", *place, "--account", FIRST, "--recovery-shares", "3", "--recovery-threshold", "2")
        self.credentials, self.shares = exported(made), shares_in(made)
        assert len(self.shares) == 3
        self.server = subject.Server(self.data, *options, *root_key, dev=False)

    @property
    def root(self):
        return Account(self.server.endpoint, FIRST, *self.credentials, REGION)

    def shares_file(self, count=2):
        path = self.directory / f"shares-{count}"
        path.write_text("\n".join(self.shares[-count:]))
        path.chmod(0o600)
        return path

    def back_up(self):
        """Makes a backup and returns its file."""
        made = json.loads(done("backup", "create", "--output", "json", caller=self.root))
        return self.data / "backups" / made["FileName"]

    def restore(self, backup, place, *options):
        return run("restore", backup, "--data", place, "--shares-file", self.shares_file(), *options)


def serving(place, credentials, *options):
    server = subject.Server(place, "--accept-audit-loss", *options, dev=False)
    return server, Account(server.start().endpoint, FIRST, *credentials, REGION)


@pytest.fixture
def ended():
    """Servers that are ended with the case."""
    servers = []
    yield servers
    for server in servers:
        if server.is_running():
            server.kill()


@pytest.fixture
def deployment(tmp_path, ended):
    deployment = Deployment(tmp_path)
    ended.append(deployment.server)
    deployment.server.start()
    return deployment


SPECS = {
    "SYMMETRIC_DEFAULT": "ENCRYPT_DECRYPT",
    "RSA_2048": "SIGN_VERIFY",
    "ECC_NIST_P256": "SIGN_VERIFY",
    "HMAC_256": "GENERATE_VERIFY_MAC",
    "ML_DSA_44": "SIGN_VERIFY",
}


class Contents:
    """Keys of several specs with all that belongs to them, and what they made."""

    def __init__(self, account):
        kms = account.client()
        self.keys = {
            spec: kms.create_key(KeySpec=spec, KeyUsage=usage, Description=spec, Tags=[{"TagKey": "a", "TagValue": spec}])[
                "KeyMetadata"
            ]["KeyId"]
            for spec, usage in SPECS.items()
        }
        self.main = self.keys["SYMMETRIC_DEFAULT"]
        self.imported = importing.external_key(kms, "SYMMETRIC_DEFAULT")
        self.material = importing.fresh_material("SYMMETRIC_DEFAULT", REGION)
        importing.imports(kms, self.imported, self.material)
        kms.create_alias(AliasName="alias/main", TargetKeyId=self.main)
        kms.put_key_policy(KeyId=self.main, Policy=policy(account))
        self.grant = kms.create_grant(
            KeyId=self.main, GranteePrincipal=f"arn:aws:iam::{FIRST}:root", Operations=["Decrypt"], Name="a-grant"
        )["GrantId"]
        self.user = account.user("clerk", allow("kms:Decrypt"))
        kms.rotate_key_on_demand(KeyId=self.main)
        self.blobs = {
            key: kms.encrypt(KeyId=key, Plaintext=key.encode(), EncryptionContext=CONTEXT)["CiphertextBlob"]
            for key in (self.main, self.imported)
        }
        self.signature = kms.sign(KeyId=self.keys["ECC_NIST_P256"], Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        self.mac = kms.generate_mac(KeyId=self.keys["HMAC_256"], Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
        self.seen = self.look(kms)

    def look(self, kms):
        keys = [*self.keys.values(), self.imported]
        return {
            "metadata": [kms.describe_key(KeyId=key)["KeyMetadata"] for key in keys],
            "policies": [kms.get_key_policy(KeyId=key)["Policy"] for key in keys],
            "tags": [kms.list_resource_tags(KeyId=key)["Tags"] for key in keys],
            "rotations": [kms.list_key_rotations(KeyId=self.main)["Rotations"]],
            "aliases": [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/main"],
            "grants": kms.list_grants(KeyId=self.main)["Grants"],
        }

    def assert_there(self, account):
        kms = account.client()
        assert self.look(kms) == self.seen
        for key, blob in self.blobs.items():
            opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
            assert opened["Plaintext"] == key.encode()
        kms.verify(
            KeyId=self.keys["ECC_NIST_P256"], Message=b"m", Signature=self.signature, SigningAlgorithm="ECDSA_SHA_256"
        )
        kms.verify_mac(KeyId=self.keys["HMAC_256"], Message=b"m", Mac=self.mac, MacAlgorithm="HMAC_SHA_256")
        for key in self.keys.values():
            kms.tag_resource(KeyId=key, Tags=[{"TagKey": "b", "TagValue": "c"}])
            kms.untag_resource(KeyId=key, TagKeys=["b"])
        clerk = Account(account.endpoint, FIRST, self.user.access_key, self.user.secret, REGION).client()
        opened = clerk.decrypt(CiphertextBlob=self.blobs[self.main], EncryptionContext=CONTEXT)
        assert opened["Plaintext"] == self.main.encode()
        refused(clerk.list_keys, "AccessDeniedException")


def policy(account):
    statement = {"Sid": "all", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}, "Action": "kms:*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})


class Writers:
    """Others who write meanwhile: each makes a key and then an alias for it, so that there is no alias without its key."""

    def __init__(self, account, count=2):
        self._stop = threading.Event()
        self.made = []
        self._threads = [threading.Thread(target=self._write, args=(account.client(),)) for _ in range(count)]

    def _write(self, kms):
        while not self._stop.is_set():
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=f"alias/writer/{key}", TargetKeyId=key)
            self.made.append(key)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        while not self.made:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_everything_is_back_in_another_place_with_another_root_key(deployment, tmp_path, ended):
    contents = Contents(deployment.root)
    with Writers(deployment.root) as writers:
        before = list(writers.made)
        backup = deployment.back_up()
    verified = done("backup", "verify", backup, "--shares-file", deployment.shares_file())
    assert "is in order" in verified and re.search(r"material +\d+", verified), verified
    deployment.server.stop()
    place = tmp_path / "new"
    made = deployment.restore(backup, place, "--deletions-from", deployment.data)
    assert made.returncode == 0 and "Restored: " in made.stdout, made.stderr
    assert (place / "root.key").read_text() != (deployment.data / "root.key").read_text()
    refused_start = run("serve", "--listen", "127.0.0.1:0", "--data", place)
    assert refused_start.returncode == 1 and "--accept-audit-loss" in refused_start.stderr, refused_start.stderr
    server, account = serving(place, deployment.credentials)
    ended.append(server)
    contents.assert_there(account)
    kms = account.client()
    pages = kms.get_paginator("list_aliases").paginate()
    targets = {a["TargetKeyId"] for page in pages for a in page["Aliases"] if a["AliasName"].startswith("alias/writer/")}
    assert targets >= set(before), "what was acknowledged before the backup began is in it"
    for key in targets:
        kms.describe_key(KeyId=key)
    # It is a deployment like any other: it makes backups of its own.
    assert json.loads(done("backup", "create", "--output", "json", caller=account))["Size"] > 1000


def test_verification_tells_what_is_wrong(deployment, tmp_path):
    deployment.root.client().create_key()
    backup = deployment.back_up()
    other = Deployment(tmp_path / "other")
    assert done("backup", "verify", backup, "--without-shares").count("not decrypted") == 1
    assert done("backup", "verify", backup, text="\n".join(deployment.shares[:2])).startswith(str(backup))

    def wrong(path, *options, says):
        found = run("backup", "verify", path, *options)
        assert found.returncode == 1 and says in found.stderr, (found.stdout, found.stderr)
        assert "in order" not in found.stdout

    shares = ("--shares-file", deployment.shares_file())
    wrong(backup, "--shares-file", deployment.shares_file(1), says="2 different shares")
    wrong(backup, "--shares-file", other.shares_file(), says="another recovery key")
    whole, damaged = backup.read_bytes(), tmp_path / "damaged.age"
    for cut in (len(whole) - 1, len(whole) // 2, 300, 10, 0):
        damaged.write_bytes(whole[:cut])
        wrong(damaged, *shares, says="")
    for at in range(0, len(whole), max(1, len(whole) // 8)):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        wrong(damaged, *shares, says="")
    backup.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    wrong(backup, "--without-shares", says="was changed")
    assert run("backup", "verify").returncode == 2


def test_without_a_recovery_key_there_is_no_backup_but_advice(server):
    server.start()
    account = Account(server.endpoint, "000000000000", "test", "test", "us-east-1")
    made = run("backup", "create", caller=account)
    assert made.returncode == 1 and "kagiban recovery create" in made.stderr, made.stderr
    assert "There is no backup yet" in done("backup", "status", caller=account)


def test_who_may_ask(deployment):
    clerk = deployment.root.user("clerk", allow("kagiban:DescribeBackups"))
    denied = run("backup", "create", caller=clerk)
    assert denied.returncode == 1 and "kagiban:CreateBackup" in denied.stderr, denied.stderr
    name = deployment.back_up().name
    assert name in done("backup", "list", caller=clerk)
    found = done("audit", "search", "--data", deployment.data, "--operation", "CreateBackup", "--output", "json")
    assert name in found and "AccessDenied" in found


def test_a_place_that_is_not_empty_stays_as_it_is(deployment, tmp_path, ended):
    key = deployment.root.client().create_key()["KeyMetadata"]["KeyId"]
    backup = deployment.back_up()
    later = deployment.root.client().create_key()["KeyMetadata"]["KeyId"]
    words = ("--restore-deleted-keys", CONSENT)
    deployment.server.stop()
    made = deployment.restore(backup, deployment.data, *words)
    assert made.returncode == 1 and "empty place only" in made.stderr, made.stderr
    deployment.server.start()
    for there in (key, later):
        deployment.root.client().describe_key(KeyId=there)
    deployment.server.stop()
    # Nobody said which keys were deleted since.
    made = deployment.restore(backup, tmp_path / "new")
    assert made.returncode == 1 and CONSENT in made.stderr and not (tmp_path / "new").exists(), made.stderr
    made = deployment.restore(backup, tmp_path / "new", "--restore-deleted-keys", CONSENT.lower())
    assert made.returncode == 1 and not (tmp_path / "new").exists(), made.stderr


class Development:
    """A development server, whose clock can be moved: keys are deleted at once."""

    def __init__(self, directory):
        self.directory, self.data = directory, directory / "data"
        self.server = subject.Server(self.data)
        self.server.start()
        made = done("recovery", "create", "--shares", "3", "--threshold", "2", caller=self.root)
        self.shares = directory / "shares"
        self.shares.write_text("\n".join(shares_in(made)))
        self.shares.chmod(0o600)

    @property
    def root(self):
        return Account(self.server.endpoint, "000000000000", "test", "test", "us-east-1")

    def back_up(self):
        made = json.loads(done("backup", "create", "--output", "json", caller=self.root))
        return self.data / "backups" / made["FileName"]

    def restored(self, backup, name, *options):
        place = self.directory / name
        made = run("restore", backup, "--data", place, "--shares-file", self.shares, *options)
        assert made.returncode == 0, made.stderr
        server = subject.Server(place, "--accept-audit-loss")
        server.start()
        return server, Account(server.endpoint, "000000000000", "test", "test", "us-east-1").client(), made.stdout


def state(kms, key):
    """The key's state, or None when it is gone."""
    try:
        return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    except kms.exceptions.NotFoundException:
        return None


def test_what_was_deleted_stays_deleted_until_somebody_types_otherwise(tmp_path, ended):
    development = Development(tmp_path)
    ended.append(development.server)
    kms = development.root.client()
    kept, deleted = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    imported, again = (importing.external_key(kms, "SYMMETRIC_DEFAULT") for _ in range(2))
    materials = {key: importing.fresh_material("SYMMETRIC_DEFAULT") for key in (imported, again)}
    for key, material in materials.items():
        importing.imports(kms, key, material)
    kms.create_alias(AliasName="alias/deleted", TargetKeyId=deleted)
    blobs = {
        key: kms.encrypt(KeyId=key, Plaintext=b"p", EncryptionContext={})["CiphertextBlob"]
        for key in (kept, deleted, imported, again)
    }
    backup = development.back_up()
    kms.schedule_key_deletion(KeyId=deleted, PendingWindowInDays=7)
    kms.delete_imported_key_material(KeyId=imported)
    kms.delete_imported_key_material(KeyId=again)
    importing.imports(kms, again, materials[again])
    done("clock", "advance", "8d", caller=development.root)
    assert state(kms, deleted) is None
    newer = development.back_up()
    development.server.stop()

    def check(name, *options, are_back):
        server, kms, said = development.restored(backup, name, *options)
        ended.append(server)
        assert kms.decrypt(CiphertextBlob=blobs[kept])["Plaintext"] == b"p"
        assert kms.decrypt(CiphertextBlob=blobs[again])["Plaintext"] == b"p", "it was imported again"
        if are_back:
            assert "Left out" not in said
            for key in (deleted, imported):
                assert kms.decrypt(CiphertextBlob=blobs[key])["Plaintext"] == b"p"
            assert kms.describe_key(KeyId="alias/deleted")["KeyMetadata"]["KeyId"] == deleted
        else:
            assert "Left out: 1 keys and 1 imported materials" in said, said
            deadline = time.monotonic() + 20
            while state(kms, deleted) is not None and time.monotonic() < deadline:
                time.sleep(0.05)
            refused(kms.describe_key, "NotFoundException", KeyId=deleted)
            refused(kms.describe_key, "NotFoundException", KeyId="alias/deleted")
            assert state(kms, imported) == "PendingImport"
            importing.imports(kms, imported, materials[imported])
            assert kms.decrypt(CiphertextBlob=blobs[imported])["Plaintext"] == b"p"
        server.stop()

    check("by-directory", "--deletions-from", development.data, are_back=False)
    check("by-backup", "--deletions-from", newer, are_back=False)
    check("typed", "--restore-deleted-keys", CONSENT, are_back=True)


def test_a_restore_that_is_killed_leaves_no_deployment_and_begins_again(deployment, tmp_path, ended):
    with Writers(deployment.root) as writers:
        while len(writers.made) < 100:
            time.sleep(0.05)
    backup = deployment.back_up()
    deployment.server.stop()
    place, killed = tmp_path / "new", 0
    words = ["restore", backup, "--data", place, "--shares-file", deployment.shares_file()]
    words += ["--deletions-from", deployment.data]
    for _ in range(40):
        restoring = subprocess.Popen([subject.binary(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (place / "store.redb").exists() and restoring.poll() is None:
            time.sleep(0.001)
        time.sleep(secrets.randbelow(30) / 1000)
        restoring.kill()
        out, _ = restoring.communicate()
        if b"Restored: " in out:
            break
        started = run("serve", "--listen", "127.0.0.1:0", "--data", place, "--accept-audit-loss")
        if "restore" not in started.stderr:
            # It was killed after its last write: then all is there.
            assert started.returncode != 1, started.stderr
            break
        assert started.returncode == 1, started.stderr
        killed += 1
        if killed == 3:
            done(*words)
            break
    server, account = serving(place, deployment.credentials)
    ended.append(server)
    for key in writers.made:
        account.client().describe_key(KeyId=key)


def test_from_the_file_to_etcd_and_back(deployment, tmp_path, ended):
    contents = Contents(deployment.root)
    backup = deployment.back_up()
    deployment.server.stop()
    root_key = ("--root-key", f"file:{deployment.data / 'root.key'}")
    with Cluster(size=1) as cluster:
        place, store = tmp_path / "node", ("--store", cluster.store)
        made = deployment.restore(backup, place, *store, *root_key, "--deletions-from", deployment.data)
        assert made.returncode == 0, made.stderr
        server = subject.Server(place, *store, *root_key, dev=False)
        ended.append(server)
        account = Account(server.start().endpoint, FIRST, *deployment.credentials, REGION)
        contents.assert_there(account)
        made = deployment.restore(backup, tmp_path / "other", *store, "--deletions-from", deployment.data)
        assert made.returncode == 1 and "empty place only" in made.stderr, made.stderr
        name = json.loads(done("backup", "create", "--output", "json", caller=account))["FileName"]
        server.stop()
        back = deployment.restore(place / "backups" / name, tmp_path / "back", "--deletions-from", cluster.store)
        assert back.returncode == 0, back.stderr
    server, account = serving(tmp_path / "back", deployment.credentials)
    ended.append(server)
    contents.assert_there(account)


def test_backups_by_themselves_and_what_is_told_of_them(tmp_path, ended):
    metrics = ("--metrics-listen", "127.0.0.1:0")
    deployment = Deployment(tmp_path)
    directory = tmp_path / "elsewhere"
    options = ("--backup-directory", directory, "--backup-every", "1d", "--backup-keep", "2")
    server = subject.Server(deployment.data, *options, *metrics, dev=False)
    ended.append(server)
    deployment.server = server
    server.start()
    deadline = time.monotonic() + 20
    while not list(directory.glob("*.age")) and time.monotonic() < deadline:
        time.sleep(0.05)
    first = [file.name for file in directory.glob("*.age")]
    assert len(first) == 1, server.log()
    for _ in range(2):
        done("backup", "create", caller=deployment.root)
    names = sorted(file.name for file in directory.iterdir())
    assert len(names) == 4 and first[0] not in names, names
    for name in names:
        assert (directory / name).stat().st_mode & 0o777 == 0o600
    subprocess.run(["sha256sum", "-c", *[n for n in names if n.endswith(".sha256")]], cwd=directory, check=True)
    status = done("backup", "status", caller=deployment.root)
    assert "No backup is being made" in status and "2 backups" in status, status


def test_the_disaster_exit(deployment, tmp_path):
    """Nothing of Kagiban is used but the text of the document."""
    kms = deployment.root.client()
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    single = kms.create_key()["KeyMetadata"]["KeyId"]
    blobs = [
        (kms.encrypt(KeyId=single, Plaintext=b"attack at dawn", EncryptionContext=CONTEXT)["CiphertextBlob"], CONTEXT),
        (kms.encrypt(KeyId=key, Plaintext=b"attack at dawn")["CiphertextBlob"], {}),
    ]
    kms.rotate_key_on_demand(KeyId=single)
    backup = deployment.back_up()
    deployment.server.stop()
    (program,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    (tmp_path / "disaster.py").write_text(program)

    def opened(blob, context, shares):
        (tmp_path / "blob").write_bytes(blob)
        words = ["disaster.py", backup, shares, "blob", json.dumps(context)]
        return subprocess.run([sys.executable, *words], cwd=tmp_path, capture_output=True, timeout=60)

    for blob, context in blobs:
        found = opened(blob, context, deployment.shares_file())
        assert found.stdout == b"attack at dawn", found.stderr
    blob, context = blobs[0]
    assert opened(blob, {**context, "tenant": "4712"}, deployment.shares_file()).returncode != 0
    assert b"2 different shares" in opened(blob, context, deployment.shares_file(1)).stderr
