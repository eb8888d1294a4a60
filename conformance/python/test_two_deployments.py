"""Multi-Region keys of two deployments that are paired: two processes, two stores, and kill -9 of either."""

import json
import os
import random
import socket
import subprocess
import threading
import time

import importing
import pytest
import subject
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from callers import Account
from expect import refused

pytestmark = pytest.mark.own_server
PARIS, BERLIN = "eu-west-3", "eu-central-1"
NUMBER = "111122223333"
ROUNDS = 100


class Deployment:
    """A development server that serves one Region and listens for peers at an address of its own."""

    def __init__(self, directory, name, region):
        self.name, self.region = name, region
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.channel = f"127.0.0.1:{free.getsockname()[1]}"
        self.server = subject.Server(directory / name, "--region", region, "--peer-listen", self.channel).start()

    @property
    def kms(self):
        settings = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=60)
        return Account(self.server.endpoint, NUMBER, NUMBER, "test", self.region).client(config=settings)

    def run(self, *arguments):
        operator = Account(self.server.endpoint, "000000000000", "test", "test", self.region)
        command = [subject.binary(), *arguments]
        variables = {**os.environ, **operator.variables}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=variables, timeout=60).stdout

    def work(self):
        """What is due is done before this returns; a peer that did not answer is tried again after two seconds."""
        self.run("clock", "advance", "3s")

    def kill(self):
        self.server.kill()

    def restart(self):
        self.kill()
        self.server.start()

    def peers(self):
        return json.loads(self.run("peer", "list", "--output", "json"))["Peers"]

    def state(self, key):
        return self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]

    def materials(self, key):
        listed = self.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        return [rotation["KeyMaterialId"] for rotation in listed]

    def primary(self, key):
        metadata = self.kms.describe_key(KeyId=key)["KeyMetadata"]
        configuration = metadata["MultiRegionConfiguration"]
        return configuration["PrimaryKey"]["Region"], metadata["KeyState"]


@pytest.fixture
def both(tmp_path):
    paris, berlin = Deployment(tmp_path, "paris", PARIS), Deployment(tmp_path, "berlin", BERLIN)
    invitation = json.loads(paris.run("peer", "invite", "--name", "berlin", "--output", "json"))["Invitation"]
    berlin.run("peer", "accept", "--name", "paris", invitation)
    yield paris, berlin
    paris.kill()
    berlin.kill()


def until(both, holds, what):
    """Lets both do what is due until something holds."""
    for _ in range(ROUNDS):
        if holds():
            return
        for deployment in both:
            deployment.work()
    pytest.fail(f"not so after {ROUNDS} rounds: {what}; logs: {[d.server.log()[-2000:] for d in both]}")


def replicated(both, **options):
    """A key of Paris with a replica in Berlin."""
    paris, berlin = both
    key = paris.kms.create_key(MultiRegion=True, **options)["KeyMetadata"]["KeyId"]
    answer = paris.kms.replicate_key(KeyId=key, ReplicaRegion=BERLIN)
    assert answer["ReplicaKeyMetadata"]["Arn"] == f"arn:aws:kms:{BERLIN}:{NUMBER}:key/{key}"
    until(both, lambda: berlin.state(key) == "Enabled", "the replica is enabled")
    return key


def agree(both, key):
    """Both know the same materials, and each opens what the other encrypts."""
    paris, berlin = both
    until(both, lambda: paris.materials(key) == berlin.materials(key), "the same materials")
    for one, other in (both, both[::-1]):
        secret = f"a secret of {one.name}".encode()
        sealed = one.kms.encrypt(KeyId=key, Plaintext=secret, EncryptionContext={"from": one.name})
        opened = other.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"from": one.name})
        assert opened["Plaintext"] == secret
        assert opened["KeyId"] == f"arn:aws:kms:{other.region}:{NUMBER}:key/{key}"


def test_the_life_of_a_key_in_two_deployments(both):
    paris, berlin = both
    key = replicated(both, Description="of Paris")
    agree(both, key)
    old = berlin.kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    assert [peer["RelatedKeys"] for peer in paris.peers() + berlin.peers()] == [1, 1]

    paris.kms.rotate_key_on_demand(KeyId=key)
    until(both, lambda: len(paris.materials(key)) == 2, "rotated")
    agree(both, key)
    assert paris.kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    refused(berlin.kms.rotate_key_on_demand, "UnsupportedOperationException", KeyId=key)

    paris.kms.update_primary_region(KeyId=key, PrimaryRegion=BERLIN)
    moved = [(BERLIN, "Enabled")] * 2
    until(both, lambda: [d.primary(key) for d in both] == moved, "Berlin is the primary")
    refused(paris.kms.rotate_key_on_demand, "UnsupportedOperationException", KeyId=key)
    berlin.kms.rotate_key_on_demand(KeyId=key)
    until(both, lambda: len(berlin.materials(key)) == 3, "rotated in Berlin")
    agree(both, key)
    assert paris.kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"

    assert berlin.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"] == "PendingReplicaDeletion"
    paris.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    paris.run("clock", "advance", "8d")
    until(both, lambda: berlin.state(key) == "PendingDeletion", "the last replica is gone")
    refused(paris.kms.describe_key, "NotFoundException", KeyId=key)
    berlin.run("clock", "advance", "8d")
    refused(berlin.kms.describe_key, "NotFoundException", KeyId=key)
    for deployment, peer in ((paris, "berlin"), (berlin, "paris")):
        deployment.run("peer", "remove", peer)


@pytest.mark.parametrize("spec,usage", [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC")])
def test_keys_of_other_types_are_replicated(both, spec, usage):
    paris, berlin = both
    key = replicated(both, KeySpec=spec, KeyUsage=usage)
    if usage == "SIGN_VERIFY":
        call = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
        assert paris.kms.verify(**call, Signature=berlin.kms.sign(**call)["Signature"])["SignatureValid"]
    else:
        call = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
        assert paris.kms.generate_mac(**call)["Mac"] == berlin.kms.generate_mac(**call)["Mac"]


def test_a_peer_that_is_away(both):
    """ReplicateKey says so and leaves nothing; what was replicated goes on as soon as the peer is back."""
    paris, berlin = both
    key = replicated(both)
    other = paris.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    berlin.kill()
    with pytest.raises(ClientError) as failed:
        paris.kms.replicate_key(KeyId=other, ReplicaRegion=BERLIN)
    error = failed.value.response["Error"]
    assert error["Code"] == "DependencyTimeoutException" and "berlin" in error["Message"]
    assert paris.kms.describe_key(KeyId=other)["KeyMetadata"]["MultiRegionConfiguration"]["ReplicaKeys"] == []
    before = paris.materials(key)
    paris.kms.rotate_key_on_demand(KeyId=key)
    paris.work()
    # A rotation takes effect once every replica has the material, so that none meets a ciphertext that it cannot open.
    sealed = paris.kms.encrypt(KeyId=key, Plaintext=b"meanwhile")["CiphertextBlob"]
    assert paris.kms.decrypt(CiphertextBlob=sealed)["KeyMaterialId"] == before[-1]
    assert paris.peers()[0]["WaitingKeys"] == 1
    berlin.restart()
    assert berlin.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"meanwhile"
    until(both, lambda: len(paris.materials(key)) == 2, "rotated")
    agree(both, key)
    assert paris.peers()[0]["WaitingKeys"] == 0
    paris.kms.replicate_key(KeyId=other, ReplicaRegion=BERLIN)
    until(both, lambda: berlin.state(other) == "Enabled", "the other replica is enabled")


def test_the_pairing_cannot_be_dropped_by_mistake(both):
    paris, berlin = both
    key = replicated(both)
    for deployment, peer in ((paris, "berlin"), (berlin, "paris")):
        with pytest.raises(subprocess.CalledProcessError) as failed:
            deployment.run("peer", "remove", peer)
        assert "1 keys here are related" in failed.value.stderr
    paris.run("peer", "remove", "berlin", "--force")
    paris.kms.rotate_key_on_demand(KeyId=key)
    for deployment in both:
        deployment.work()
    # What is there stays and works; what would need the other waits.
    for deployment in both:
        sealed = deployment.kms.encrypt(KeyId=key, Plaintext=b"on its own")["CiphertextBlob"]
        assert deployment.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"on its own"
    assert len(berlin.materials(key)) == 1


@pytest.mark.parametrize("victim", [0, 1], ids=["paris", "berlin"])
def test_killed_between_the_steps(both, victim):
    paris, berlin = both
    both[victim].restart()
    key = replicated(both)
    both[victim].restart()
    agree(both, key)
    paris.kms.rotate_key_on_demand(KeyId=key)
    both[victim].restart()
    until(both, lambda: len(paris.materials(key)) == 2, "rotated")
    both[victim].restart()
    agree(both, key)
    paris.kms.update_primary_region(KeyId=key, PrimaryRegion=BERLIN)
    both[victim].restart()
    until(both, lambda: [d.primary(key) for d in both] == [(BERLIN, "Enabled")] * 2, "Berlin is the primary")
    both[victim].restart()
    agree(both, key)
    paris.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    berlin.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    both[victim].restart()
    paris.run("clock", "advance", "8d")
    both[victim].restart()
    until(both, lambda: berlin.state(key) == "PendingDeletion", "the last replica is gone")


FIRST, SECOND = (bytes([number]) * 32 for number in (1, 2))
WAITS = "PENDING_ROTATION"
NEW = {"ImportType": "NEW_KEY_MATERIAL"}


def imported(deployment, key, material, **more):
    return importing.imports(deployment.kms, key, material, **more)


def states(deployment, key):
    """The state of each material of a key, and whether it is there."""
    listed = deployment.kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [(material["KeyMaterialState"], material["ImportState"] == "IMPORTED") for material in listed]


def external(both):
    """A key of Paris whose replica in Berlin has imported the same material, after it had none."""
    paris, berlin = both
    key = paris.kms.create_key(MultiRegion=True, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    refused(paris.kms.replicate_key, "KMSInvalidStateException", KeyId=key, ReplicaRegion=BERLIN)
    imported(paris, key, FIRST)
    sealed = paris.kms.encrypt(KeyId=key, Plaintext=b"first")["CiphertextBlob"]
    paris.kms.replicate_key(KeyId=key, ReplicaRegion=BERLIN)
    until(both, lambda: berlin.state(key) == "PendingImport", "the replica waits for its material")
    assert states(berlin, key) == [("CURRENT", False)]
    refused(berlin.kms.decrypt, "KMSInvalidStateException", KeyId=key, CiphertextBlob=sealed)
    other = importing.request(berlin.kms, key, "SYMMETRIC_DEFAULT", SECOND)
    refused(berlin.kms.import_key_material, "IncorrectKeyMaterialException", **other)
    return key, sealed


def test_material_that_waits_expires_in_both_deployments(both):
    """With its date on the primary; what has a date on the replica goes from there alone."""
    paris, berlin = both
    key, sealed = external(both)
    imported(berlin, key, FIRST, ValidTo=time.time() + 100 * 86400)
    imported(paris, key, SECOND, ValidTo=time.time() + 10 * 86400, **NEW)
    until(both, lambda: len(states(berlin, key)) == 2, "the replica knows of new material")
    imported(berlin, key, SECOND)
    until(both, lambda: states(paris, key)[-1] == (WAITS, True), "both have the new material")
    paris.run("clock", "advance", "10d")
    until(both, lambda: len(states(berlin, key)) == 1, "the new material has expired in both")
    assert states(paris, key) == states(berlin, key) == [("CURRENT", True)]
    refused(paris.kms.rotate_key_on_demand, "KMSInvalidStateException", KeyId=key)
    agree(both, key)
    berlin.run("clock", "advance", "100d")
    for deployment in both:
        deployment.work()
    assert (paris.state(key), berlin.state(key)) == ("Enabled", "PendingImport")
    assert paris.kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"first"


@pytest.mark.parametrize("victim", [0, 1], ids=["paris", "berlin"])
def test_automatic_rotation_in_two_deployments(both, victim):
    """It is the primary's clock that tells when; the replica follows, and keeps away from settings and schedule."""
    paris, berlin = both
    key = replicated(both)
    old = [d.kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"] for d in both]
    paris.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    told = lambda d: {
        name: value for name, value in d.kms.get_key_rotation_status(KeyId=key).items() if name != "ResponseMetadata"
    }
    until(both, lambda: told(berlin) == told(paris), "the replica has the same schedule")
    assert told(berlin)["RotationPeriodInDays"] == 90
    refused(berlin.kms.disable_key_rotation, "UnsupportedOperationException", KeyId=key)
    berlin.run("clock", "advance", "91d")
    assert len(berlin.materials(key)) == 1
    for count in (2, 3):
        paris.run("clock", "advance", "90d")
        both[victim].restart()
        until(both, lambda count=count: len(paris.materials(key)) == count, "rotated")
        agree(both, key)
        until(both, lambda: told(berlin) == told(paris), "the replica has the same schedule again")
    types = [rotation["RotationType"] for rotation in berlin.kms.list_key_rotations(KeyId=key)["Rotations"]]
    assert types == ["AUTOMATIC"] * 2
    for blob in old:
        assert [d.kms.decrypt(CiphertextBlob=blob)["Plaintext"] for d in both] == [b"old"] * 2
    # A year without rotation, once it is switched off.
    paris.kms.disable_key_rotation(KeyId=key)
    until(both, lambda: not told(berlin)["KeyRotationEnabled"], "the replica knows that it is off")
    paris.run("clock", "advance", "365d")
    for deployment in both:
        deployment.work()
    assert len(paris.materials(key)) == len(berlin.materials(key)) == 3


@pytest.mark.parametrize("victim", [0, 1], ids=["paris", "berlin"])
def test_killed_during_the_steps(both, victim):
    """One of them is killed at some moment while both are busy with a key; whatever was begun is finished or was never."""
    paris, berlin = both
    chance = random.Random(victim)
    key = replicated(both)
    blobs = []
    for round_ in range(6):
        primary = next(d for d in both if d.region == paris.primary(key)[0])
        successor = next(d for d in both if d is not primary)
        blobs.append(primary.kms.encrypt(KeyId=key, Plaintext=str(round_).encode())["CiphertextBlob"])
        new = primary.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]

        def busy(primary=primary, successor=successor, new=new):
            for call in (
                lambda: primary.kms.rotate_key_on_demand(KeyId=key),
                lambda: primary.kms.replicate_key(KeyId=new, ReplicaRegion=successor.region),
                lambda: primary.kms.update_primary_region(KeyId=key, PrimaryRegion=successor.region),
            ):
                try:
                    call()
                except (BotoCoreError, ClientError):
                    pass

        worker = threading.Thread(target=busy)
        worker.start()
        time.sleep(chance.uniform(0, 0.15))  # the moment of the kill is what varies
        both[victim].kill()
        worker.join()
        both[victim].server.start()
        until(both, lambda: settled(both, key), f"round {round_} settles")
        agree(both, key)
        for number, blob in enumerate(blobs):
            assert all(d.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == str(number).encode() for d in both)
        finish_replica(both, primary, successor, new)


def settled(both, key):
    """Both agree who is the primary, and nothing is under way."""
    known = [d.primary(key) for d in both]
    waiting = sum(peer["WaitingKeys"] for d in both for peer in d.peers())
    return known[0] == known[1] and known[0][1] == "Enabled" and waiting == 0


def finish_replica(both, primary, successor, key):
    """A ReplicateKey whose answer was lost can be repeated: there is one replica afterwards, and it works."""
    until(both, lambda: has_replica(primary, successor, key), "the new replica is begun")
    until(both, lambda: successor.state(key) == "Enabled", "the new replica is enabled")
    agree(both, key)


def has_replica(primary, successor, key):
    configuration = primary.kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    if configuration["ReplicaKeys"]:
        return True
    try:
        primary.kms.replicate_key(KeyId=key, ReplicaRegion=successor.region)
    except ClientError as error:
        # A peer that did not answer a moment ago is not tried again at once.
        assert error.response["Error"]["Code"] == "DependencyTimeoutException", error
        return False
    return True
