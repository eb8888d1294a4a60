"""`aws iam`, `aws sts` and `aws kms` in the hands of users, and profiles that assume roles."""

import boto3
import pytest
from authenticator import Authenticator
from callers import allow, document, trust
from cli import command_line

pytestmark = pytest.mark.many_accounts


@pytest.fixture
def aws(account, tmp_path):
    """Runs `aws ...` as the account's root."""
    return command_line(account, tmp_path)


def written(tmp_path, name, *statements):
    (tmp_path / name).write_text(document(*statements))
    return f"file://{name}"


def test_a_user_from_nothing_to_a_ciphertext(aws, account, tmp_path):
    key = aws("kms create-key")["KeyMetadata"]
    aws("iam create-group --group-name writers")
    policy = written(tmp_path, "policy.json", allow(["kms:Encrypt", "kms:Decrypt"], key["Arn"]))
    arn = aws("iam create-policy --policy-name use --query Policy.Arn --output text --policy-document", policy)
    aws("iam attach-group-policy --group-name writers --policy-arn", arn)
    user = aws("iam create-user --user-name ann --tags Key=team,Value=blue")["User"]
    assert user["Tags"] == [{"Key": "team", "Value": "blue"}]
    aws("iam add-user-to-group --group-name writers --user-name ann")
    made = aws("iam create-access-key --user-name ann")["AccessKey"]
    ann = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    assert aws("sts get-caller-identity", **ann) == {
        "UserId": user["UserId"],
        "Account": account.id,
        "Arn": f"arn:aws:iam::{account.id}:user/ann",
    }
    (tmp_path / "secret").write_bytes(b"secret")
    encrypt = f"kms encrypt --key-id {key['KeyId']} --plaintext fileb://secret --query CiphertextBlob --output text"
    assert aws(encrypt, **ann)
    text = aws(f"kms disable-key --key-id {key['KeyId']}", fails="AccessDeniedException", **ann)
    assert "because no identity-based policy allows the kms:DisableKey action" in text
    aws("iam create-user --user-name ben", fails="AccessDenied", **ann)
    aws(f"iam detach-group-policy --group-name writers --policy-arn {arn}")
    aws(encrypt, fails="AccessDeniedException", **ann)
    assert aws("iam get-account-summary --query SummaryMap.Users") == 1
    simulated = aws(
        f"iam simulate-principal-policy --policy-source-arn {user['Arn']} --action-names kms:Encrypt --resource-arns {key['Arn']}"
        " --query EvaluationResults[].EvalDecision --output text"
    )
    assert simulated == "implicitDeny"
    aws("iam wait user-exists --user-name ann")
    assert aws("iam list-users --page-size 1 --query Users[].UserName --output text") == "ann"


def test_a_role_by_hand_and_by_profile(aws, account, tmp_path, monkeypatch):
    """`role_arn` and `source_profile`, one behind the other, for the command line and for boto3."""
    user = account.user("ann", allow("sts:AssumeRole"))
    policy = written(tmp_path, "trust.json", trust({"AWS": user.arn}, {"StringEquals": {"sts:ExternalId": "42"}}))
    first = aws(
        "iam create-role --role-name first --query Role.Arn --output text --assume-role-policy-document", policy
    )
    may = written(tmp_path, "may.json", allow("sts:AssumeRole"))
    aws("iam put-role-policy --role-name first --policy-name may --policy-document", may)
    second = account.role("second", trust({"AWS": first}), allow("kms:ListKeys"))
    as_user = {"AWS_ACCESS_KEY_ID": user.access_key, "AWS_SECRET_ACCESS_KEY": user.secret}
    assume = f"sts assume-role --role-arn {first} --role-session-name by-hand"
    aws(assume, fails="AccessDenied", **as_user)
    made = aws(f"{assume} --external-id 42", **as_user)["Credentials"]
    session = {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
        "AWS_SESSION_TOKEN": made["SessionToken"],
    }
    who = "sts get-caller-identity --query Arn --output text"
    assert aws(who, **session) == f"arn:aws:sts::{account.id}:assumed-role/first/by-hand"

    (tmp_path / "config").write_text(
        f"[profile user]\naws_access_key_id = {user.access_key}\naws_secret_access_key = {user.secret}\n"
        f"[profile first]\nrole_arn = {first}\nsource_profile = user\nexternal_id = 42\nrole_session_name = one\n"
        f"[profile second]\nrole_arn = {second}\nsource_profile = first\nrole_session_name = two\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.endpoint)
    two = f"arn:aws:sts::{account.id}:assumed-role/second/two"
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    assert aws(f"{who} --profile second", **nothing) == two
    boto = boto3.Session(profile_name="second", region_name=account.region)
    assert boto.get_credentials().method == "assume-role"
    assert boto.client("sts").get_caller_identity()["Arn"] == two
    boto.client("kms").list_keys()


def test_mfa_by_hand(aws, account, iam, tmp_path):
    account.user("ben")
    made = aws(
        "iam create-virtual-mfa-device --virtual-mfa-device-name phone --outfile seed --bootstrap-method Base32StringSeed"
    )["VirtualMFADevice"]
    seed = (tmp_path / "seed").read_text()
    device = Authenticator({"SerialNumber": made["SerialNumber"], "Base32StringSeed": seed})
    first, second = device.pair
    aws(
        f"iam enable-mfa-device --user-name ben --serial-number {device.serial}"
        f" --authentication-code1 {first} --authentication-code2 {second}"
    )
    key = aws("iam create-access-key --user-name ben")["AccessKey"]
    ben = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    made = aws(f"sts get-session-token --serial-number {device.serial} --token-code {device.code}", **ben)
    assert made["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert aws("iam list-mfa-devices --user-name ben --query MFADevices[].UserName --output text") == "ben"


def test_grants(aws, account, tmp_path):
    key_id = aws("kms create-key --query KeyMetadata.KeyId --output text")
    ann = account.user("ann")
    as_ann = {"AWS_ACCESS_KEY_ID": ann.access_key, "AWS_SECRET_ACCESS_KEY": ann.secret}
    made = aws(
        f"kms create-grant --key-id {key_id} --grantee-principal {ann.arn} --retiring-principal {ann.arn}"
        " --operations GenerateDataKey Decrypt --constraints EncryptionContextSubset={app=shop}"
    )
    generate = f"kms generate-data-key --key-id {key_id} --key-spec AES_256 --grant-tokens {made['GrantToken']}"
    assert aws(f"{generate} --encryption-context app=shop", **as_ann)["Plaintext"]
    aws(generate, fails="AccessDeniedException", **as_ann)
    (listed,) = aws(f"kms list-grants --key-id {key_id}")["Grants"]
    assert listed["Constraints"] == {"EncryptionContextSubset": {"app": "shop"}}
    retirable = aws(f"kms list-retirable-grants --retiring-principal {ann.arn}")["Grants"]
    assert [g["GrantId"] for g in retirable] == [made["GrantId"]]
    aws(f"kms retire-grant --grant-token {made['GrantToken']}", **as_ann)
    again = aws(f"kms create-grant --key-id {key_id} --grantee-principal {ann.arn} --operations Decrypt")
    aws(f"kms revoke-grant --key-id {key_id} --grant-id {again['GrantId']}")
    assert aws(f"kms list-grants --key-id {key_id}")["Grants"] == []


def test_the_key_policy_shows_who_is_gone(aws, account, tmp_path):
    ann = account.user("ann")
    root = allow("kms:*", Principal={"AWS": account.root_arn})
    policy = written(tmp_path, "policy.json", root, allow("kms:Decrypt", Principal={"AWS": ann.arn}))
    key_id = aws("kms create-key --query KeyMetadata.KeyId --output text --policy", policy)
    show = f"kms get-key-policy --key-id {key_id} --query Policy --output text"
    principal = lambda: aws(show)["Statement"][1]["Principal"]["AWS"]
    assert principal() == ann.arn
    user_id = aws("iam get-user --user-name ann --query User.UserId --output text")
    aws(f"iam delete-access-key --user-name ann --access-key-id {ann.access_key}")
    aws("iam delete-user --user-name ann")
    assert principal() == user_id and user_id.startswith("AIDA")
    locking = written(tmp_path, "locking.json", {**root, "Action": "kms:Decrypt"})
    text = aws(f"kms put-key-policy --key-id {key_id} --policy", locking, fails="MalformedPolicyDocumentException")
    assert "will not allow you to update the key policy in the future" in text
