"""What was answered stays: over an orderly restart, over kill -9 at any moment, and against a second server."""

import json
import os
import random
import subprocess
import threading
from dataclasses import replace

import pytest
import subject
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account, allow, trust
from expect import payload, refused
from operations import IMPORTED, ROWS, SIGNING, Key

pytestmark = pytest.mark.own_server
REGION = "eu-west-1"


def account_on(server, number="000000000000"):
    access_key = "test" if number == "000000000000" else number
    return Account(server.endpoint, number, access_key, "test", REGION)


def everything(kms):
    """All that an account can read about its keys and aliases."""
    keys = {}
    for id_ in (k["KeyId"] for page in kms.get_paginator("list_keys").paginate() for k in page["Keys"]):
        keys[id_] = {
            "metadata": kms.describe_key(KeyId=id_)["KeyMetadata"],
            "policy": kms.get_key_policy(KeyId=id_)["Policy"],
            "tags": sorted(kms.list_resource_tags(KeyId=id_)["Tags"], key=str),
        }
    aliases = [a for page in kms.get_paginator("list_aliases").paginate() for a in page["Aliases"]]
    return keys, aliases


def fill(account):
    """Keys in each state, with aliases, tags, a policy of their own, and ciphertexts."""
    kms = account.client()
    enabled, disabled, pending = (Key.create(account, kms, s) for s in ("Enabled", "Disabled", "PendingDeletion"))
    kms.tag_resource(KeyId=enabled.id, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=enabled.id, TagKeys=["b"])
    kms.update_key_description(KeyId=disabled.id, Description="Schlüssel \u2603")
    kms.put_key_policy(KeyId=enabled.id, Policy=enabled.policy.replace("}", "} "))
    kms.update_alias(AliasName=pending.alias, TargetKeyId=enabled.id)
    kms.delete_alias(AliasName=disabled.alias)
    return enabled, disabled, pending


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_everything_is_there_after_a_restart(server, end):
    server.start()
    accounts = [account_on(server), account_on(server, "111122223333")]
    filled = [fill(account) for account in accounts]
    before = [everything(account.client()) for account in accounts]
    context = {"still": "there"}
    keys = [enabled for enabled, _, _ in filled]
    blobs = [k.client.generate_data_key(KeyId=k.id, KeySpec="AES_256", EncryptionContext=context) for k in keys]

    status = getattr(server, end)()
    assert (end, status) in (("stop", 0), ("kill", -9))
    server.start()

    accounts = [account_on(server), account_on(server, "111122223333")]
    assert [everything(account.client()) for account in accounts] == before
    for account, (enabled, disabled, pending), data_key in zip(accounts, filled, blobs):
        kms = account.client()
        assert kms.decrypt(CiphertextBlob=enabled.blob)["Plaintext"] == b"plaintext"
        opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=context)
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (data_key["Plaintext"], data_key["KeyMaterialId"])
        refused(kms.decrypt, "DisabledException", CiphertextBlob=disabled.blob)
        kms.cancel_key_deletion(KeyId=pending.id)
        kms.enable_key(KeyId=pending.id)
        assert kms.decrypt(CiphertextBlob=pending.blob)["Plaintext"] == b"plaintext"
        assert payload(kms.describe_key(KeyId=pending.alias))["KeyMetadata"]["KeyId"] == enabled.id


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_who_may_what_is_there_after_a_restart(server, end):
    """Users, roles, policies, grants; sessions that were given before go on, and what was taken away stays away."""
    server.start()
    account = account_on(server)
    key = Key.create(account, account.client())
    ann = account.user("ann", allow(["kms:Encrypt", "sts:AssumeRole"]))
    role = account.role("r", trust({"AWS": ann.arn}), allow("kms:Decrypt"))
    ben, cat = account.user("ben"), account.user("cat", allow("*"))
    session, own = ann.assume(role), account.session(ann.client(service="sts").get_session_token())
    request = {"KeyId": key.id, "GranteePrincipal": ben.arn}
    token = key.client.create_grant(**request, Operations=["Encrypt"])["GrantToken"]
    gone = key.client.create_grant(**request, Operations=["Decrypt"])
    key.client.revoke_grant(KeyId=key.id, GrantId=gone["GrantId"])
    account.client(service="iam").delete_access_key(UserName="cat", AccessKeyId=cat.access_key)

    getattr(server, end)()
    server.start()
    there = lambda caller: replace(caller, endpoint=server.endpoint).client()
    for caller in (ann, own):
        there(caller).encrypt(KeyId=key.id, Plaintext=b"x")
    assert there(session).decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"
    there(ben).encrypt(KeyId=key.id, Plaintext=b"x", GrantTokens=[token])
    for caller in (ann, ben, own):
        refused(there(caller).decrypt, "AccessDeniedException", CiphertextBlob=key.blob)
    refused(there(cat).list_keys, "UnrecognizedClientException")
    replace(ann, endpoint=server.endpoint).assume(role)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_keys_of_every_kind_go_on_after_a_restart(server, end):
    """Requests made before are answered after: with signatures, codes, ciphertexts and an import token of before, too."""
    server.start()
    account = account_on(server)
    kms = account.client()
    keys = {kind: Key.create(account, kms, kind=kind) for kind in {row.kind for row in ROWS}}
    emptied = Key.create(account, kms, "PendingImport", IMPORTED)
    used = [row for row in ROWS if row.alias_allowed or row.operation == "ImportKeyMaterial"]
    requests = [(row.method, row.request(keys[row.kind])) for row in used]
    public_key = kms.get_public_key(KeyId=keys[SIGNING].id)
    getattr(server, end)()
    server.start()

    kms = account_on(server).client()
    for method, request in requests:
        getattr(kms, method)(**request)
    assert payload(kms.get_public_key(KeyId=keys[SIGNING].id)) == payload(public_key)
    refused(kms.decrypt, "KMSInvalidStateException", CiphertextBlob=emptied.blob)
    kms.import_key_material(**emptied.parameters)
    assert kms.decrypt(CiphertextBlob=emptied.blob)["Plaintext"] == b"plaintext"


def told_of_uses(server, keys):
    """What `kagiban usage` tells of each operation with each key, and GetKeyLastUsage, which is a request itself, of each key."""
    account = account_on(server)
    command = [subject.binary(), "usage", "--by", "key", "--output", "json"]
    variables = {**os.environ, **account.variables}
    usage = subprocess.run(command, check=True, capture_output=True, text=True, env=variables, timeout=30).stdout
    lines = {line["Of"].rsplit("/")[-1]: line for line in json.loads(usage)["Lines"]}
    counts = [(lines[key]["Requests"], lines[key]["Failed"]) for key in keys]
    return counts, [payload(account.client().get_key_last_usage(KeyId=key)) for key in keys]


def test_how_keys_were_used_is_there_after_a_stop(server):
    """What was noted in memory a moment ago is written down when the server is stopped, and again at the next stop."""
    server.start()
    kms = account_on(server).client()
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    blob = kms.encrypt(KeyId=keys[0], Plaintext=b"x")["CiphertextBlob"]
    kms.generate_data_key(KeyId=keys[1], KeySpec="AES_256")
    kms.decrypt(CiphertextBlob=blob)
    kms.disable_key(KeyId=keys[1])
    refused(kms.encrypt, "DisabledException", KeyId=keys[1], Plaintext=b"x")
    # Encrypt and Decrypt; GenerateDataKey and DisableKey, and what was refused.
    counts, last_uses = told_of_uses(server, keys)
    assert counts == [(2, 0), (2, 1)]
    assert [use["KeyLastUsage"]["Operation"] for use in last_uses] == ["Decrypt", "GenerateDataKey"]
    for round_ in (1, 2):
        assert server.stop() == 0
        server.start()
        # Each GetKeyLastUsage is one more.
        expected = [(succeeded + round_, failed) for succeeded, failed in counts]
        assert told_of_uses(server, keys) == (expected, last_uses)


class Writer:
    """Changes keys one after another and remembers what was acknowledged, until the server is gone."""

    def __init__(self, account, number, acknowledged):
        config = Config(retries={"total_max_attempts": 1}, read_timeout=10)
        self._kms, self._number, self._acknowledged = account.client(config=config), number, acknowledged
        self.blobs, self.aliases, self.gone, self.tags = {}, {}, set(), {}

    def run(self):
        try:
            for round_ in range(10_000):
                self._round(round_)
        except (BotoCoreError, ClientError) as error:
            self.end = error

    def _round(self, round_):
        kms, name = self._kms, f"alias/w{self._number}-{random.randrange(10**9)}-{round_}"
        id_ = kms.create_key()["KeyMetadata"]["KeyId"]
        self.blobs[kms.encrypt(KeyId=id_, Plaintext=id_.encode())["CiphertextBlob"]] = id_
        self._acknowledged.release()
        kms.create_alias(AliasName=name, TargetKeyId=id_)
        self.aliases[name] = id_
        self._acknowledged.release()
        kms.tag_resource(KeyId=id_, Tags=[{"TagKey": name, "TagValue": id_}])
        self.tags[id_] = [{"TagKey": name, "TagValue": id_}]
        self._acknowledged.release()
        if round_ % 3 == 0:
            del self.aliases[name]  # between request and answer either is right
            kms.delete_alias(AliasName=name)
            self.gone.add(name)
            self._acknowledged.release()

    def check(self, kms):
        for blob, id_ in self.blobs.items():
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == id_.encode()
        for name, id_ in self.aliases.items():
            assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == id_
        for name in self.gone:
            refused(kms.describe_key, "NotFoundException", KeyId=name)
        for id_, tags in self.tags.items():
            assert kms.list_resource_tags(KeyId=id_)["Tags"] == tags


def test_acknowledged_writes_survive_kill_9_under_load(server):
    """Ten times on the same data; after each the writes of all rounds are looked for."""
    writers = []
    for _ in range(10):
        server.start()
        account = account_on(server)
        for writer in writers:
            writer.check(account.client())
        acknowledged = threading.Semaphore(0)
        load = [Writer(account, number, acknowledged) for number in range(4)]
        threads = [threading.Thread(target=writer.run) for writer in load]
        for thread in threads:
            thread.start()
        for _ in range(random.randrange(1, 40)):
            assert acknowledged.acquire(timeout=30)
        server.kill()
        for thread in threads:
            thread.join()
        writers += load
    server.start()
    for writer in writers:
        writer.check(account_on(server).client())
    assert sum(len(writer.blobs) for writer in writers) >= 10


def test_a_stop_finishes_what_is_under_way(server):
    """Requests are either answered or refused at the door; what was answered is there."""
    server.start()
    account, acknowledged = account_on(server), threading.Semaphore(0)
    load = [Writer(account, number, acknowledged) for number in range(4)]
    threads = [threading.Thread(target=writer.run) for writer in load]
    for thread in threads:
        thread.start()
    for _ in range(30):
        assert acknowledged.acquire(timeout=30)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    server.start()
    for writer in load:
        writer.check(account_on(server).client())


def test_a_data_directory_has_one_process(server, tmp_path):
    server.start()
    command = [subject.binary(), "serve", "--dev", "--listen", "127.0.0.1:0", "--data", server.data]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert second.returncode not in (0, -6, 101), second.stderr
    assert "AWS_ENDPOINT_URL" not in second.stdout
    assert str(server.data) in second.stderr
    assert account_on(server).client().list_keys()["Keys"] == []


def test_a_torn_root_key_is_a_clear_refusal_and_no_loss(server):
    """Whatever file holds it: with any file of the directory cut short the server says so or serves what was there."""
    server.start()
    key = Key.create(account_on(server), account_on(server).client())
    assert server.stop() == 0
    files = sorted(f for f in server.data.rglob("*") if f.is_file() and f.stat().st_size > 0)
    assert files
    for file in files:
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        try:
            server.start()
        except RuntimeError:
            assert server.log().strip()
        else:
            kms = account_on(server).client()
            assert kms.decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext", file
            server.stop()
        file.write_bytes(whole)
    server.start()
    assert account_on(server).client().decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"
