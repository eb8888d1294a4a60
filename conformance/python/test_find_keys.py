"""`kagiban key find`: keys found by what boto3 made of them, in one command."""

import json
import os
import subprocess

import pytest
import subject
from callers import Account, allow

pytestmark = pytest.mark.own_server


@pytest.fixture
def find(account):
    """Runs `kagiban key find ...` with somebody's credentials; gives what was found, or the text of a refusal."""

    def run(*options, caller=account, status=0, form="json"):
        command = [subject.binary(), "key", "find", *options, "--output", form]
        variables = {**os.environ, **caller.variables}
        result = subprocess.run(command, capture_output=True, text=True, env=variables, timeout=60)
        assert result.returncode == status, (result.stdout, result.stderr)
        if status:
            return result.stderr
        return json.loads(result.stdout)["Keys"] if form == "json" else result.stdout

    return run


def ids(keys):
    return {key["KeyMetadata"]["KeyId"] for key in keys}


def make(kms, **more):
    return kms.create_key(**more)["KeyMetadata"]["KeyId"]


def tagged(**tags):
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def test_keys_are_found_by_what_they_are(find, account, kms):
    orders = make(kms, Description="Orders of the shop", Tags=tagged(team="red", stage="live"))
    signing = make(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Tags=tagged(team="blue"))
    disabled, external = make(kms), make(kms, Origin="EXTERNAL")
    kms.create_alias(AliasName="alias/shop/orders", TargetKeyId=orders)
    kms.create_alias(AliasName="alias/shop/signing", TargetKeyId=signing)
    kms.enable_key_rotation(KeyId=orders)
    kms.disable_key(KeyId=disabled)
    kms.encrypt(KeyId=orders, Plaintext=b"x")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
    everything = {orders, signing, disabled, external, managed}
    for options, expected in [
        ([], everything),
        (["--state", "Disabled,PendingImport"], {disabled, external}),
        (["--alias", "alias/shop/*"], {orders, signing}),
        (["--alias", "alias/shop/orders", "--alias", "alias/aws/s3"], {orders, managed}),
        (["--tag", "team=red", "--tag", "team=blue"], {orders, signing}),
        (["--tag", "team", "--tag", "stage=live"], {orders}),
        (["--manager", "CUSTOMER", "--spec", "SYMMETRIC_DEFAULT", "--rotation", "off"], {disabled, external}),
        (["--manager", "AWS"], {managed}),
        (["--usage", "SIGN_VERIFY"], {signing}),
        (["--origin", "EXTERNAL"], {external}),
        (["--multi-region", "PRIMARY,REPLICA"], set()),
        (["--description", "the SHOP"], {orders}),
        (["--never-used"], everything - {orders}),
        (["--unused-for", "1d"], set()),
        (["--created-before", "2020-01-01"], set()),
        (["--created-after", "2020-01-01T00:00:00Z", "--rotation", "on"], {orders, managed}),
        (["--key", account.key_arn(orders), "--key", signing], {orders, signing}),
        (["--region", "eu-west-3"], set()),
    ]:
        assert ids(find(*options)) == expected, options


def test_what_is_found_is_what_the_operations_tell(find, kms, key):
    kms.tag_resource(KeyId=key.id, Tags=tagged(a="1"))
    kms.enable_key_rotation(KeyId=key.id, RotationPeriodInDays=90)
    kms.rotate_key_on_demand(KeyId=key.id)
    (entry,) = find("--key", key.id)
    described = kms.describe_key(KeyId=key.id)["KeyMetadata"]
    assert {name for name in entry["KeyMetadata"]} == set(described)
    for name in ("Arn", "KeyState", "KeyManager", "CurrentKeyMaterialId", "EncryptionAlgorithms"):
        assert entry["KeyMetadata"][name] == described[name]
    assert entry["Aliases"] == [key.alias]
    assert entry["Tags"] == kms.list_resource_tags(KeyId=key.id)["Tags"]
    rotation = entry["Rotation"]
    assert (rotation["RotationPeriodInDays"], rotation["Rotations"], rotation["LastRotationType"]) == (90, 1, "ON_DEMAND")


def test_a_table_for_people(find, kms, key):
    heads, line = find("--key", key.id, form="text").splitlines()
    assert heads.split()[:4] == ["KEY", "STATE", "SPEC", "MANAGER"]
    assert line.split()[:4] == [key.id, "Enabled", "SYMMETRIC_DEFAULT", "CUSTOMER"] and key.alias in line


def test_more_keys_than_a_page_holds(find, kms):
    made = {make(kms) for _ in range(12)}
    assert ids(find()) == made
    operator_sees = find("--state", "Enabled")
    assert [key["KeyMetadata"]["KeyId"] for key in operator_sees] == sorted(made)


def test_who_may_ask(find, account, other_account, key):
    operator = Account(account.endpoint, "000000000000", "test", "test", account.region)
    finder, other = account.user("finder", allow("kagiban:FindKeys")), account.user("other", allow("kms:*"))
    assert ids(find(caller=finder)) == {key.id}
    assert "kagiban:FindKeys" in find(caller=other, status=1)
    assert ids(find("--account", account.id, caller=operator)) == {key.id}
    assert "management account" in find("--account", account.id, caller=other_account, status=1)
    assert "KeyStates must be" in find("--state", "Sleeping", status=1)
    for wrong in (["--rotation", "late"], ["--unused-for", "soon"], ["--created-after", "31.1.2026"], ["--tag", "=x"]):
        find(*wrong, status=2)
