"""Our own commands as an operator types them: accounts, access keys of services, why a request was denied, a seeded server."""

import json
import os
import re
import subprocess
import tomllib

import boto3
import pytest
import subject
from callers import PLAIN, Account, allow, document, exported, new_account, trust
from expect import UUID, refused, refused_by_query
from operations import Key

pytestmark = pytest.mark.own_server
SEED = subject.REPOSITORY / "docs/examples/seed.toml"


@pytest.fixture
def kagiban(endpoint, account):
    """Runs `kagiban ...` with somebody's credentials, as the deployment's operator if nothing else is said."""
    operator = Account(endpoint, "000000000000", "test", "test", account.region)

    def run(words, *values, caller=operator, status=0):
        command = [subject.binary(), *words.split(), *values]
        variables = {**os.environ, **caller.variables}
        result = subprocess.run(command, capture_output=True, text=True, env=variables, timeout=30)
        assert result.returncode == status, (result.stdout, result.stderr)
        return result.stderr if status else result.stdout

    return run


def test_an_account_is_made_used_closed_and_opened_again(kagiban, account):
    number = account.id
    text = kagiban(f"account create storage --account {number}")
    root = Account(account.endpoint, number, *exported(text), account.region)
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", root.access_key)
    key = Key.create(root, root.client())
    assert root.client(service="sts").get_caller_identity()["Arn"] == root.root_arn
    assert number in kagiban(f"account create again --account {number}", status=1)
    listed = json.loads(kagiban("account list --output json"))["Accounts"]
    assert [a["Name"] for a in listed if a["AccountId"] == number] == ["storage"]
    (line,) = (line for line in kagiban("account list").splitlines() if line.startswith(number))
    assert re.search(r"\bstorage$", line)
    kagiban(f"account close {number}")
    refused(root.client().list_keys, "UnrecognizedClientException")
    refused_by_query(root.client(service="sts").get_caller_identity, 403, "InvalidClientTokenId")
    kagiban(f"account reopen {number}")
    assert root.client().decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"


def test_only_the_management_account_makes_accounts(kagiban, account):
    assert "not authorized" in kagiban("account create mine", caller=account, status=1)
    assert "not authorized" in kagiban("account list", caller=account, status=1)
    assert "not authorized" in kagiban("service create-access-key s3.amazonaws.com", caller=account, status=1)


def test_a_service_calls_by_its_own_principal(kagiban, account, kms, key):
    made = json.loads(kagiban("service create-access-key storage.amazonaws.com --output json"))
    service = Account(account.endpoint, account.id, made["AccessKeyId"], made["SecretAccessKey"], account.region)
    refused(service.client().encrypt, "AccessDeniedException", KeyId=key.arn, Plaintext=b"x")
    root = allow("kms:*", Principal={"AWS": account.root_arn})
    let_in = allow("kms:Encrypt", Principal={"Service": "storage.amazonaws.com"})
    kms.put_key_policy(KeyId=key.id, Policy=document(root, let_in))
    service.client().encrypt(KeyId=key.arn, Plaintext=b"x")

    # In a role that trusts it, it acts for the role's account, and policies see that.
    via = {"StringEquals": {"kms:ViaService": f"storage.{account.region}.amazonaws.com"}}
    trusting = [trust({"Service": "storage.amazonaws.com"}), trust({"AWS": account.root_arn})]
    role = account.role("r", trusting, allow("kms:Decrypt", condition=via))
    session = service.assume(role)
    assert session.client().decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"
    refused(session.client().encrypt, "AccessDeniedException", KeyId=key.arn, Plaintext=b"x")
    imitator = account.user("ann", allow("sts:AssumeRole")).assume(role)
    refused(imitator.client().decrypt, "AccessDeniedException", CiphertextBlob=key.blob)
    assert made["AccessKeyId"] in kagiban("service list-access-keys")
    kagiban("service delete-access-key", made["AccessKeyId"])
    refused(service.client().encrypt, "UnrecognizedClientException", KeyId=key.arn, Plaintext=b"x")


def denied_request(call, **parameters):
    """The id of a request that is refused, as boto3 has it."""
    with pytest.raises(boto3.client("kms").exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response["ResponseMetadata"]["RequestId"]


def test_why(kagiban, account, key):
    """An administrator learns from the request id which condition failed with which value; nobody else does."""
    context = {"StringEquals": {"kms:EncryptionContext:app": "shop"}}
    ann = account.user("ann", allow("kms:Encrypt", condition=context, Sid="OnlyForTheShop"))
    request = denied_request(ann.client().encrypt, KeyId=key.id, Plaintext=b"x", EncryptionContext={"app": "bakery"})
    assert UUID.fullmatch(request)
    text = kagiban("explain", request, caller=account)
    for word in ("kms:Encrypt", key.arn, ann.arn, "OnlyForTheShop", "kms:EncryptionContext:app", "shop", "bakery"):
        assert word in text, text
    assert "not authorized" in kagiban("explain", request, caller=ann, status=1)
    helper = account.user("helper", allow("kagiban:ExplainRequest"))
    assert kagiban("explain", request, caller=helper) == text
    kagiban("explain", request, caller=new_account(account.endpoint, account.region), status=1)
    kagiban("explain 11111111-2222-4333-8444-555555555555", caller=account, status=1)
    allowed = ann.client().encrypt(KeyId=key.id, Plaintext=b"x", EncryptionContext={"app": "shop"})
    text = kagiban("explain", allowed["ResponseMetadata"]["RequestId"], caller=account)
    assert "kms:Encrypt was allowed" in text and "inline" in text


def test_why_iam_refused(kagiban, account):
    ann = account.user("ann", allow("iam:List*"))
    request = denied_request(ann.client(service="iam").create_user, UserName="ben")
    text = kagiban("explain", request, caller=account)
    assert "iam:CreateUser" in text and ann.arn in text


def test_why_across_accounts_each_learns_its_own_side(kagiban, account, other_account, key):
    ann = other_account.user("ann", allow("kms:Encrypt", Sid="SecretOfTheCaller"))
    request = denied_request(ann.client().encrypt, KeyId=key.arn, Plaintext=b"x")
    ours = kagiban("explain", request, caller=account)
    theirs = kagiban("explain", request, caller=other_account)
    assert "SecretOfTheCaller" not in ours
    assert "key-default-1" not in theirs and "Enable IAM" not in theirs


def test_nothing_is_asked_without_a_server_or_credentials(kagiban, account):
    nowhere = Account("http://127.0.0.1:1", account.id, "test", "test", account.region)
    kagiban("account list", caller=nowhere, status=3)
    kagiban("account list", caller=Account(account.endpoint, account.id, "", "", account.region), status=2)


@pytest.fixture
def seeded(tmp_path):
    server = subject.Server(tmp_path / "data", "--seed", str(SEED))
    yield server
    if server.is_running():
        server.kill()


def test_a_seeded_server_is_ready_to_use(seeded):
    """What the example describes is there under its fixed ids and credentials, and again after a restart."""
    account = tomllib.loads(SEED.read_text())["accounts"][0]
    keys = {user["name"]: user["access_keys"][0] for user in account["users"]}
    region = account["keys"][0]["region"]

    def client(name, service="kms"):
        settings = {"aws_access_key_id": keys[name]["id"], "aws_secret_access_key": keys[name]["secret"]}
        return boto3.client(service, region, endpoint_url=seeded.endpoint, config=PLAIN, **settings)

    seeded.start()
    shop = client("shop")
    orders = account["keys"][0]["aliases"][0]
    sealed = shop.encrypt(KeyId=orders, Plaintext=b"an order")
    assert sealed["KeyId"] == f"arn:aws:kms:{region}:{account['id']}:key/{account['keys'][0]['id']}"
    invoices = account["keys"][1]["id"]
    sign = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    refused(shop.sign, "AccessDeniedException", KeyId=invoices, **sign)
    assert {k["KeyId"] for k in client("anna").list_keys()["Keys"]} == {key["id"] for key in account["keys"]}
    refused(client("anna").encrypt, "AccessDeniedException", KeyId=orders, Plaintext=b"x")
    role = f"arn:aws:iam::{account['id']}:role/{account['roles'][0]['name']}"
    client("deployer", "sts").assume_role(RoleArn=role, RoleSessionName="deploy")
    refused_by_query(client("shop", "sts").assume_role, 403, "AccessDenied", RoleArn=role, RoleSessionName="deploy")
    assert seeded.stop() == 0
    seeded.start()
    assert client("shop").decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"] == b"an order"


@pytest.mark.parametrize(
    "text, said",
    [
        ("[[accounts]]\nid = '1'\n", "accounts"),
        ("[[accounts]]\nid = '111122223333'\n[[accounts.users]]\nname = 'a'\npolicies = ['nobody']\n", "nobody"),
        ("nonsense = 1\n", "nonsense"),
    ],
    ids=["number", "missing-policy", "unknown-table"],
)
def test_a_seed_file_with_a_fault_stops_the_start(tmp_path, text, said):
    path = tmp_path / "seed.toml"
    path.write_text(text)
    with pytest.raises(RuntimeError, match=said):
        subject.Server(tmp_path / "data", "--seed", str(path)).start()
