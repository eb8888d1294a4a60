"""The search for secrets in what servers write can find one: it is planted where it is shown on purpose."""

import secrets

import leaks
import pytest
from callers import Account, new_account
from importing import NEVER, parameters, wrap

pytestmark = pytest.mark.own_server


def in_its_plaintext(kms, key_id, secret):
    kms.encrypt(KeyId=key_id, Plaintext=secret.encode())


def in_its_message(kms, key_id, secret):
    leaks.note(secret)


def in_an_answer(kms, key_id, secret):
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")
    blob["Plaintext"] = secret
    leaks.note_members(blob)


def in_imported_material(kms, _key_id, secret):
    key_id = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    fresh = parameters(kms, key_id, "RSAES_OAEP_SHA_256")
    material = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], secret.encode())
    kms.import_key_material(KeyId=key_id, ImportToken=fresh["ImportToken"], EncryptedKeyMaterial=material, **NEVER)


@pytest.mark.parametrize("held", [in_its_plaintext, in_its_message, in_an_answer, in_imported_material])
def test_what_a_server_shows_is_found(server, region, held):
    account = new_account(server.start().endpoint, region)
    kms = account.client()
    secret = secrets.token_hex(16)
    key_id = kms.create_key(Description=f"so: {secret}")["KeyMetadata"]["KeyId"]
    # What is not secret is not found.
    server.kill()
    assert leaks.found_in(server) is None
    server.start()
    account = Account(server.endpoint, account.id, account.access_key, account.secret, account.region)
    held(account.client(), key_id, secret)
    assert server.stop() == 0
    name, found = leaks.found_in(server)
    assert (name, found) == ("0000000001.records", secret.encode())
    with pytest.raises(AssertionError, match="has a secret in it"):
        leaks.search()
