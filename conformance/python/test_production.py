"""A deployment that is no development: it knows the accounts and credentials that were made, and no others."""

import os
import subprocess

import pytest
import subject
from callers import Account, allow, document, exported, trust
from expect import refused, refused_by_query
from operations import Key

pytestmark = pytest.mark.own_server
FIRST = "111122223333"
REGION = "eu-central-1"


def run(*words, caller=None):
    variables = {**os.environ, **(caller.variables if caller else {})}
    return subprocess.run([subject.binary(), *words], capture_output=True, text=True, env=variables, timeout=30)


@pytest.fixture
def production(tmp_path):
    """A new deployment's server, not yet started, and the access key of its first root."""
    made = run("init", "--data", tmp_path / "data", "--account", FIRST)
    assert made.returncode == 0, made.stderr
    server = subject.Server(tmp_path / "data", dev=False)
    yield server, exported(made.stdout)
    if server.is_running():
        server.kill()


@pytest.fixture
def operator(production):
    """The root of the management account."""
    server, credentials = production
    return Account(server.start().endpoint, FIRST, *credentials, REGION)


def new_account(operator, name):
    made = run("account", "create", name, caller=operator)
    assert made.returncode == 0, made.stderr
    number = made.stdout.partition("The account is ")[2][:12]
    return Account(operator.endpoint, number, *exported(made.stdout), REGION)


@pytest.mark.parametrize("access_key", ["test", "000000000000", FIRST, "999999999999"])
def test_the_credentials_of_development_are_unknown(operator, access_key):
    settings = {"aws_access_key_id": access_key, "aws_secret_access_key": "test"}
    refused(operator.client(**settings).list_keys, "UnrecognizedClientException")
    refused_by_query(operator.client(service="sts", **settings).get_caller_identity, 403, "InvalidClientTokenId")
    operator.client().list_keys()


def test_accounts_users_and_sessions_from_nothing(production, operator):
    shop, bank = new_account(operator, "shop"), new_account(operator, "bank")
    assert len({shop.id, bank.id, FIRST}) == 3
    assert shop.client(service="sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{shop.id}:root"
    key = Key.create(shop, shop.client())
    refused(bank.client().describe_key, "AccessDeniedException", KeyId=key.arn)
    refused(operator.client().describe_key, "AccessDeniedException", KeyId=key.arn)
    ann = bank.user("ann", allow("kms:Encrypt", key.arn))
    role = shop.role("r", trust({"AWS": bank.root_arn}), allow("kms:Decrypt"))
    ben = bank.user("ben", allow("sts:AssumeRole", role))
    session = ben.assume(role)
    root = allow("kms:*", Principal={"AWS": shop.id})
    key.client.put_key_policy(KeyId=key.id, Policy=document(root, allow("kms:Encrypt", Principal={"AWS": ann.arn})))
    blob = ann.client().encrypt(KeyId=key.arn, Plaintext=b"x")["CiphertextBlob"]
    assert session.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

    # Whoever an account closes shuts out is out everywhere at once, and stays so over a restart.
    assert run("account", "close", shop.id, caller=operator).returncode == 0
    for gone in (shop, session):
        refused(gone.client().list_keys, "UnrecognizedClientException")
    bank.client().list_keys()
    server, credentials = production
    assert server.stop() == 0
    server.start()
    again = Account(server.endpoint, FIRST, *credentials, REGION)
    gone = Account(server.endpoint, shop.id, shop.access_key, shop.secret, REGION)
    refused(gone.client().list_keys, "UnrecognizedClientException")
    assert run("account", "reopen", shop.id, caller=again).returncode == 0
    assert gone.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_principal_must_exist(operator):
    """An account that nobody made is no principal; in development every number is one."""
    root = allow("kms:*", Principal={"AWS": FIRST})
    policy = document(root, allow("kms:Encrypt", Principal={"AWS": "999999999999"}))
    refused(operator.client().create_key, "MalformedPolicyDocumentException", Policy=policy)


def test_a_seed_file_has_no_secrets(production, tmp_path):
    server, credentials = production
    key = "{ id = 'AKIASHOPEXAMPLE00001', secret_env = 'SECRET_OF_ANN' }"
    text = f"[[accounts]]\nid = '{FIRST}'\n[[accounts.users]]\nname = 'ann'\naccess_keys = [{key}]\n"
    path, secret = tmp_path / "seed.toml", "a-secret-that-everybody-may-know-0000001"
    path.write_text(text.replace("secret_env = 'SECRET_OF_ANN'", f"secret = '{secret}'"))
    seeded = subject.Server(server.data, "--seed", str(path), dev=False)
    with pytest.raises(RuntimeError, match="secret"):
        seeded.start()
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_ANN", secret)
        seeded.start()
    try:
        ann = Account(seeded.endpoint, FIRST, "AKIASHOPEXAMPLE00001", secret, REGION)
        assert ann.client(service="sts").get_caller_identity()["Arn"].endswith(":user/ann")
        refused(ann.client().list_keys, "AccessDeniedException")
    finally:
        seeded.stop()
