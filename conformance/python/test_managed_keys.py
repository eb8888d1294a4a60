"""AWS managed keys, and keys that services own: made by their first use, seen by their account, changed by nobody. What
docs/managed-keys.md shows is run as it stands there."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import subject
from callers import Account, allow, exported, new_account, trust
from cli import AWS, command_line
from expect import refused

pytestmark = pytest.mark.own_server
PAGE = subject.REPOSITORY / "docs/managed-keys.md"
CONTEXT = {"aws:s3:arn": "arn:aws:s3:::bucket/object"}


@pytest.fixture
def endpoint(server):
    """Services that have access keys show in every account, so these are of a server of the test's own."""
    return server.start().endpoint


@pytest.fixture
def services(endpoint, region):
    """Makes services of the deployment, each with an access key."""
    operator = Account(endpoint, "000000000000", "test", "test", region)

    def made(name):
        command = [subject.binary(), "service", "create-access-key", f"{name}.amazonaws.com"]
        variables = {**os.environ, **operator.variables}
        text = subprocess.run(command, check=True, capture_output=True, text=True, env=variables, timeout=30).stdout
        return Account(endpoint, operator.id, *exported(text), region)

    return made


def on_behalf(service, name, account, *statements):
    """The service in a role of the account."""
    role = account.role(f"for-{name}", trust({"Service": f"{name}.amazonaws.com"}), *statements)
    return service.assume(role).client()


def aliases(kms):
    return {entry["AliasName"]: entry.get("TargetKeyId") for entry in kms.list_aliases()["Aliases"]}


def test_the_first_use_by_the_service_makes_the_key(services, account):
    kms, session = account.client(), on_behalf(services("s3"), "s3", account)
    assert aliases(kms) == {"alias/aws/s3": None}
    made = session.generate_data_key(KeyId="alias/aws/s3", KeySpec="AES_256", EncryptionContext=CONTEXT)
    blob = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": CONTEXT}
    assert session.decrypt(**blob)["Plaintext"] == made["Plaintext"]
    metadata = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (metadata["Arn"], metadata["KeyManager"], metadata["KeyState"]) == (made["KeyId"], "AWS", "Enabled")
    assert metadata["Description"] == "Default key that protects my S3 objects when no other key is defined"
    assert aliases(kms) == {"alias/aws/s3": metadata["KeyId"]}
    status = kms.get_key_rotation_status(KeyId=metadata["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    refused(kms.decrypt, "AccessDeniedException", **blob)


def test_managed_keys_are_told_from_customers_keys(account, key):
    kms = account.client()
    managed = kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["KeyId"]
    keys = [entry["KeyId"] for page in kms.get_paginator("list_keys").paginate() for entry in page["Keys"]]
    managers = {key_id: kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyManager"] for key_id in keys}
    assert managers == {managed: "AWS", key.id: "CUSTOMER"}


CHANGES = {
    "create_alias": {"AliasName": "alias/mine"},
    "create_grant": {"GranteePrincipal": "111122223333", "Operations": ["Decrypt"]},
    "disable_key": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "enable_key_rotation": {},
    "put_key_policy": {"Policy": "{}", "BypassPolicyLockoutSafetyCheck": True},
    "rotate_key_on_demand": {},
    "schedule_key_deletion": {},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "update_alias": {"AliasName": "alias/mine"},
    "update_key_description": {"Description": "mine"},
}


def test_nobody_changes_it(services, account, key):
    kms, session = account.client(), on_behalf(services("s3"), "s3", account, allow("kms:*"))
    before = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key.id)
    for operation, request in CHANGES.items():
        name = "TargetKeyId" if operation.endswith("alias") else "KeyId"
        for client in (kms, session):
            refused(getattr(client, operation), "AccessDeniedException", **{name: before["KeyId"]}, **request)
    refused(kms.delete_alias, "AccessDeniedException", AliasName="alias/aws/s3")
    assert kms.describe_key(KeyId=before["KeyId"])["KeyMetadata"] == before


def test_a_service_makes_grants_on_it(services, account):
    kms, session = account.client(), on_behalf(services("ec2"), "ec2", account)
    context = {"aws:ebs:id": "vol-1"}
    made = session.generate_data_key_without_plaintext(KeyId="alias/aws/ebs", NumberOfBytes=64, EncryptionContext=context)
    host = account.user("host")
    grant = {"GranteePrincipal": host.arn, "Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": context}}
    granted = session.create_grant(KeyId=made["KeyId"], **grant)
    blob = {"CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": context}
    assert len(host.client().decrypt(**blob)["Plaintext"]) == 64
    kms.revoke_grant(KeyId=made["KeyId"], GrantId=granted["GrantId"])
    refused(host.client().decrypt, "AccessDeniedException", **blob)


def test_a_service_owns_a_key(services, account):
    archive = services("archive").client()
    made = archive.generate_data_key(KeyId="alias/aws/owned/archive", KeySpec="AES_256")
    assert archive.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    kms = account.client()
    assert kms.list_keys()["Keys"] == []
    refused(kms.describe_key, "AccessDeniedException", KeyId=made["KeyId"])
    refused(kms.decrypt, "AccessDeniedException", CiphertextBlob=made["CiphertextBlob"])
    refused(archive.disable_key, "AccessDeniedException", KeyId=made["KeyId"])


def test_from_the_command_line(services, account, tmp_path):
    services("sqs")
    aws = command_line(account, tmp_path)
    listed = aws("kms list-aliases --query Aliases[].AliasName")
    assert listed == ["alias/aws/sqs"]
    key = aws("kms describe-key --key-id alias/aws/sqs --query KeyMetadata.KeyId")
    assert aws("kms list-aliases --key-id", key, "--query", "Aliases[].AliasName") == listed
    policy = json.loads(aws("kms get-key-policy --query Policy --key-id", key))
    through = policy["Statement"][0]["Condition"]["StringEquals"]
    assert through == {"kms:CallerAccount": account.id, "kms:ViaService": f"sqs.{account.region}.amazonaws.com"}
    aws("kms schedule-key-deletion --key-id", key, fails="AccessDeniedException")


def test_the_page_tells_the_truth(endpoint, region, tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.M | re.S)
    assert len(blocks) == 3
    caller = Account(endpoint, "111122223333", "111122223333", "test", region)
    folders = f"{Path(subject.binary()).parent}{os.pathsep}{AWS.parent}"
    variables = {**os.environ, **caller.variables, "PATH": f"{folders}{os.pathsep}{os.environ['PATH']}"}
    script = "set -e\n" + "".join(blocks)
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, env=variables, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "alias/aws/archive\t" in ran.stdout and "\nAWS\n" in ran.stdout
    assert ran.stdout.endswith("not past the service\n") and "AccessDeniedException" in ran.stderr
    key = caller.client().describe_key(KeyId="alias/aws/archive")["KeyMetadata"]["KeyId"]
    assert f"alias/aws/archive\t{key}" in ran.stdout
    assert new_account(endpoint, region).client().list_keys()["Keys"] == []
