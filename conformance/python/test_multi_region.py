"""Multi-Region keys: two Regions of one server, as boto3 and the AWS command line meet them."""

import base64

import importing
import pytest
from callers import allow
from cli import command_line
from expect import payload, refused
from operations import MULTI_REGION, Key, settled


@pytest.fixture
def there(account, primary):
    """A client in the other Region."""
    return account.client(primary.other_region)


@pytest.fixture
def primary(account, kms):
    return Key.create(account, kms, kind=MULTI_REGION)


@pytest.fixture
def replica(kms, there, primary):
    """The id of a primary that has a replica."""
    kms.replicate_key(KeyId=primary.id, ReplicaRegion=primary.other_region)
    assert settled(there, primary.id) == "Enabled"
    return primary


def related(client, id_):
    """This key's role, the primary's Region, and the replicas' Regions."""
    found = client.describe_key(KeyId=id_)["KeyMetadata"]["MultiRegionConfiguration"]
    return (
        found["MultiRegionKeyType"],
        found["PrimaryKey"]["Region"],
        sorted(key["Region"] for key in found["ReplicaKeys"]),
    )


def test_a_multi_region_key_is_told_by_its_id(kms, primary):
    assert primary.id.startswith("mrk-") and len(primary.id) == 36
    metadata = kms.describe_key(KeyId=primary.id)["KeyMetadata"]
    assert (metadata["MultiRegion"], metadata["KeyState"]) == (True, "Enabled")
    assert related(kms, primary.id) == ("PRIMARY", primary.account.region, [])


def test_a_replica_decrypts_what_its_primary_encrypted(account, kms, there, primary):
    tags = [{"TagKey": "of", "TagValue": "the replica"}]
    region = primary.other_region
    answer = payload(kms.replicate_key(KeyId=primary.id, ReplicaRegion=region, Description="d", Tags=tags))
    metadata = answer["ReplicaKeyMetadata"]
    assert metadata["Arn"] == primary.arn.replace(account.region, region)
    assert (metadata["KeyState"], metadata["Enabled"], metadata["Description"]) == ("Creating", False, "d")
    assert answer["ReplicaTags"] == tags
    assert answer["ReplicaPolicy"] == there.get_key_policy(KeyId=primary.id)["Policy"]
    assert settled(there, primary.id) == "Enabled"
    opened = there.decrypt(CiphertextBlob=primary.blob)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"plaintext", metadata["Arn"])
    back = there.encrypt(KeyId=primary.id, Plaintext=b"from there")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=back)["Plaintext"] == b"from there"
    assert related(kms, primary.id) == ("PRIMARY", account.region, [region])
    assert related(there, primary.id) == ("REPLICA", account.region, [region])
    refused(kms.replicate_key, "AlreadyExistsException", KeyId=primary.id, ReplicaRegion=region)
    refused(there.replicate_key, "UnsupportedOperationException", KeyId=primary.id, ReplicaRegion="us-west-2")


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ML_DSA_65"])
def test_what_one_region_signs_the_other_verifies(account, kms, spec):
    algorithm = kms.create_key(MultiRegion=True, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    request = {
        "KeyId": algorithm["KeyId"],
        "Message": b"m",
        "SigningAlgorithm": algorithm["SigningAlgorithms"][0],
    }
    region = "eu-west-1" if account.region != "eu-west-1" else "us-east-1"
    kms.replicate_key(KeyId=algorithm["KeyId"], ReplicaRegion=region)
    there = account.client(region)
    assert settled(there, algorithm["KeyId"]) == "Enabled"
    assert there.verify(**request, Signature=kms.sign(**request)["Signature"])["SignatureValid"]
    assert kms.verify(**request, Signature=there.sign(**request)["Signature"])["SignatureValid"]


def test_rotation_reaches_the_replica(kms, there, replica):
    old = kms.describe_key(KeyId=replica.id)["KeyMetadata"]["CurrentKeyMaterialId"]
    kms.enable_key_rotation(KeyId=replica.id, RotationPeriodInDays=90)
    kms.rotate_key_on_demand(KeyId=replica.id)
    refused(there.rotate_key_on_demand, "UnsupportedOperationException", KeyId=replica.id)
    for _ in range(10_000):
        made = there.generate_data_key(KeyId=replica.id, KeySpec="AES_256")
        if made["KeyMaterialId"] != old:
            break
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    assert kms.describe_key(KeyId=replica.id)["KeyMetadata"]["CurrentKeyMaterialId"] == made["KeyMaterialId"]
    assert there.decrypt(CiphertextBlob=replica.blob)["KeyMaterialId"] == old
    status = there.get_key_rotation_status(KeyId=replica.id)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert len(there.list_key_rotations(KeyId=replica.id)["Rotations"]) == 1


def test_imported_material_is_imported_in_each_region(account, kms):
    id_ = kms.create_key(MultiRegion=True, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    material = importing.fresh_material("SYMMETRIC_DEFAULT")
    kms.import_key_material(**importing.request(kms, id_, "SYMMETRIC_DEFAULT", material))
    blob = kms.encrypt(KeyId=id_, Plaintext=b"p")["CiphertextBlob"]
    region = "eu-west-1" if account.region != "eu-west-1" else "us-east-1"
    there = account.client(region)
    kms.replicate_key(KeyId=id_, ReplicaRegion=region)
    assert settled(there, id_) == "PendingImport"
    other = importing.request(there, id_, "SYMMETRIC_DEFAULT", importing.fresh_material("SYMMETRIC_DEFAULT"))
    refused(there.import_key_material, "IncorrectKeyMaterialException", **other)
    there.import_key_material(**importing.request(there, id_, "SYMMETRIC_DEFAULT", material))
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p"


def test_the_primary_role_moves(account, kms, there, replica):
    region = replica.other_region
    assert payload(kms.update_primary_region(KeyId=replica.id, PrimaryRegion=region)) == {}
    assert {settled(client, replica.id) for client in (kms, there)} == {"Enabled"}
    assert related(there, replica.id) == ("PRIMARY", region, [account.region])
    assert related(kms, replica.id) == ("REPLICA", region, [account.region])
    refused(kms.enable_key_rotation, "UnsupportedOperationException", KeyId=replica.id)
    there.enable_key_rotation(KeyId=replica.id)
    refused(kms.update_primary_region, "UnsupportedOperationException", KeyId=replica.id, PrimaryRegion=region)


def test_a_primary_waits_for_its_replicas(kms, there, replica):
    answer = payload(kms.schedule_key_deletion(KeyId=replica.id, PendingWindowInDays=7))
    assert answer == {"KeyId": replica.arn, "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 7}
    metadata = kms.describe_key(KeyId=replica.id)["KeyMetadata"]
    assert metadata["PendingDeletionWindowInDays"] == 7 and "DeletionDate" not in metadata
    text = f"{replica.arn} is pending replica deletion."
    refused(kms.encrypt, "KMSInvalidStateException", text, KeyId=replica.id, Plaintext=b"p")
    there.encrypt(KeyId=replica.id, Plaintext=b"p")
    kms.cancel_key_deletion(KeyId=replica.id)
    assert replica.state == "Disabled"


def test_a_replica_needs_permission_in_its_own_region(account, kms, primary):
    here = {"StringEquals": {"aws:RequestedRegion": account.region}}
    user = account.user(
        "ann",
        allow("kms:ReplicateKey", primary.arn),
        allow("kms:CreateKey", "*", Condition=here),
    )
    request = {"KeyId": primary.id, "ReplicaRegion": primary.other_region}
    refused(user.client().replicate_key, "AccessDeniedException", **request)
    only = {"StringEquals": {"kms:ReplicaRegion": primary.other_region}}
    user = account.user(
        "ben",
        allow("kms:ReplicateKey", primary.arn, Condition=only),
        allow("kms:CreateKey", "*"),
    )
    elsewhere = {**request, "ReplicaRegion": "us-west-2"}
    refused(user.client().replicate_key, "AccessDeniedException", **elsewhere)
    user.client().replicate_key(**request)


def test_by_the_command_line(account, tmp_path):
    aws = command_line(account, tmp_path)
    region = "eu-west-1" if account.region != "eu-west-1" else "us-east-1"
    id_ = aws("kms create-key --multi-region --query KeyMetadata.KeyId --output text")
    made = aws(f"kms replicate-key --replica-region {region} --key-id", id_)
    assert made["ReplicaKeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert settled(account.client(region), id_) == "Enabled"
    (tmp_path / "secret").write_bytes(b"secret")
    encrypting = "kms encrypt --plaintext fileb://secret --query CiphertextBlob --output text --key-id"
    (tmp_path / "blob").write_bytes(base64.b64decode(aws(encrypting, id_)))
    opened = aws(f"kms decrypt --ciphertext-blob fileb://blob --region {region} --query Plaintext --output text")
    assert base64.b64decode(opened) == b"secret"
    aws(f"kms update-primary-region --primary-region {region} --key-id", id_)
    assert settled(account.client(region), id_) == "Enabled"
    shown = aws(f"kms describe-key --region {region} --key-id", id_)["KeyMetadata"]
    assert shown["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == region
