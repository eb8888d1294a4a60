"""Imported key material, from parameters to deletion and back: what each step answers, and what it leaves behind.

Parameters and material that have expired are a matter of the service's own tests: no clock can be moved here."""

import datetime
import secrets

import importing
import pytest
from expect import MATERIAL_ID, payload, refused
from importing import (
    assert_works,
    cannot_import,
    described,
    external_key,
    imports,
    parameters,
    request,
    without_key_id,
    wrap,
)
from operations import IMPORTED, Key

UNSUPPORTED = "UnsupportedOperationException"
INCORRECT = "IncorrectKeyMaterialException"


def test_keys_of_another_origin(kms, key):
    text = f"{key.arn} origin is AWS_KMS which is not valid for this operation."
    wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    refused(kms.get_parameters_for_import, UNSUPPORTED, text, KeyId=key.id, **wrapping)
    refused(kms.import_key_material, UNSUPPORTED, text, KeyId=key.id, ImportToken=b"t", EncryptedKeyMaterial=b"m")
    refused(kms.delete_imported_key_material, UNSUPPORTED, text, KeyId=key.id)


def test_the_whole_flow_member_for_member(account, kms):
    metadata = kms.create_key(Origin="EXTERNAL", Description="of our own")["KeyMetadata"]
    key_id, arn = metadata["KeyId"], metadata["Arn"]
    assert {n: metadata[n] for n in ("Origin", "KeyState", "Enabled", "Description", "KeySpec")} == {
        "Origin": "EXTERNAL",
        "KeyState": "PendingImport",
        "Enabled": False,
        "Description": "of our own",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }
    assert not {"CurrentKeyMaterialId", "ExpirationModel", "ValidTo"} & set(metadata)
    assert described(kms, key_id) == metadata

    fresh = payload(parameters(kms, arn, "RSAES_OAEP_SHA_256", "RSA_3072"))
    assert fresh.keys() == {"KeyId", "ImportToken", "PublicKey", "ParametersValidTo"}
    assert (fresh["KeyId"], len(fresh["PublicKey"])) == (arn, 422)
    ahead = fresh["ParametersValidTo"] - now()
    assert datetime.timedelta(hours=23, minutes=59) < ahead <= datetime.timedelta(hours=24, seconds=2)
    assert described(kms, key_id) == metadata

    material, until = secrets.token_bytes(32), in_days(30)
    encrypted = wrap("RSAES_OAEP_SHA_256", fresh["PublicKey"], material)
    call = {"KeyId": key_id, "ImportToken": fresh["ImportToken"], "EncryptedKeyMaterial": encrypted}
    imported = payload(kms.import_key_material(**call, ValidTo=until, KeyMaterialDescription="First one: 1/2_a.b"))
    material_id = imported.pop("KeyMaterialId")
    assert imported == {"KeyId": arn} and MATERIAL_ID.fullmatch(material_id)
    enabled = metadata | {"KeyState": "Enabled", "Enabled": True, "CurrentKeyMaterialId": material_id}
    assert described(kms, key_id) == enabled | {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": until}
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == material_id

    assert payload(kms.delete_imported_key_material(KeyId=arn)) == {"KeyId": arn, "KeyMaterialId": material_id}
    pending = described(kms, key_id)
    assert (pending["KeyState"], pending["Enabled"]) == ("PendingImport", False)
    assert not {"ExpirationModel", "ValidTo"} & set(pending)
    refused(kms.decrypt, "KMSInvalidStateException", f"{arn} is pending import.", CiphertextBlob=blob)
    assert imports(kms, key_id, material) == material_id
    assert described(kms, key_id) == enabled | {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


@pytest.mark.parametrize("spec", ["HMAC_384", "RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519"])
def test_other_keys_show_no_material_id(kms, spec):
    key_id, material = external_key(kms, spec), importing.fresh_material(spec)
    arn = described(kms, key_id)["Arn"]
    for _ in range(2):
        assert payload(kms.import_key_material(**request(kms, key_id, spec, material))) == {"KeyId": arn}
        assert "CurrentKeyMaterialId" not in described(kms, key_id)
        assert described(kms, key_id)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
        assert_works(kms, key_id, spec, material)
        assert payload(kms.delete_imported_key_material(KeyId=key_id)) == {"KeyId": arn}
        assert described(kms, key_id)["KeyState"] == "PendingImport"


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def in_days(days):
    return now() + datetime.timedelta(days=days)


EXPIRES, DOES_NOT = "KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"
# ExpirationModel, days from now, and whether they are taken.
EXPIRIES = [
    (EXPIRES, 0.01, True),
    (EXPIRES, 364.9, True),
    (None, 200, True),
    (DOES_NOT, None, True),
    (EXPIRES, None, False),
    (None, None, False),
    (DOES_NOT, 200, False),
    (EXPIRES, -1, False),
    (EXPIRES, -20000, False),
    (EXPIRES, 366, False),
    (None, 40000, False),
]


@pytest.mark.parametrize("model, days, taken", EXPIRIES)
def test_expiration_models_and_dates(shared_keys, model, days, taken):
    key = shared_keys(IMPORTED)
    members = {"ExpirationModel": model, "ValidTo": None if days is None else in_days(days)}
    call = {n: v for n, v in key.parameters.items() if n != "ExpirationModel"}
    call |= {n: v for n, v in members.items() if v is not None}
    before = described(key.client, key.id)
    if taken:
        key.client.import_key_material(**call)
        shown = described(key.client, key.id)
        assert (shown["ExpirationModel"], shown.get("ValidTo")) == (model or EXPIRES, members["ValidTo"])
        key.client.import_key_material(**key.parameters)
    else:
        refused(key.client.import_key_material, "ValidationException", **call)
    assert described(key.client, key.id) == before


def test_the_same_material_again_changes_its_expiry(kms):
    key_id, material = external_key(kms), secrets.token_bytes(32)
    material_id = imports(kms, key_id, material)
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    for until in (in_days(3), in_days(300), None):
        more = {"ValidTo": until} if until else {}
        assert imports(kms, key_id, material, **more) == material_id
        assert described(kms, key_id).get("ValidTo") == until
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    for more in ({"ImportType": "EXISTING_KEY_MATERIAL"}, {"KeyMaterialId": material_id}):
        assert imports(kms, key_id, material, **more) == material_id


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_256", "RSA_2048", "ECC_NIST_P256"])
@pytest.mark.parametrize("deleted", [False, True], ids=["present", "deleted"])
def test_other_material_again_is_refused(kms, spec, deleted):
    key_id, material = external_key(kms, spec), importing.fresh_material(spec)
    imports(kms, key_id, material, spec)
    if deleted:
        kms.delete_imported_key_material(KeyId=key_id)
    other = request(kms, key_id, spec, importing.fresh_material(spec))
    cannot_import(kms, key_id, INCORRECT, **without_key_id(other))
    imports(kms, key_id, material, spec)
    assert_works(kms, key_id, spec, material)


def test_new_material_waits_for_its_rotation(kms):
    key_id, materials = external_key(kms), [secrets.token_bytes(32) for _ in range(3)]
    new = {"ImportType": "NEW_KEY_MATERIAL"}
    first = imports(kms, key_id, materials[0], **new, KeyMaterialDescription="the first")
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    before = described(kms, key_id)
    assert before["CurrentKeyMaterialId"] == first

    waiting = imports(kms, key_id, materials[1], **new)
    assert waiting != first and described(kms, key_id) == before
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == first
    for material in materials:  # known, known and waiting, a second one to wait
        call = request(kms, key_id, "SYMMETRIC_DEFAULT", material, **new)
        cannot_import(kms, key_id, INCORRECT, **without_key_id(call))

    assert kms.delete_imported_key_material(KeyId=key_id, KeyMaterialId=waiting)["KeyMaterialId"] == waiting
    assert described(kms, key_id) == before
    imports(kms, key_id, materials[2], **new)
    assert kms.delete_imported_key_material(KeyId=key_id)["KeyMaterialId"] == first
    assert described(kms, key_id)["KeyState"] == "PendingImport"
    assert imports(kms, key_id, materials[0], KeyMaterialId=first) == first
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_import_types_and_ids_that_do_not_fit(kms):
    key_id, material = external_key(kms), secrets.token_bytes(32)
    call = without_key_id(request(kms, key_id, "SYMMETRIC_DEFAULT", material))
    cannot_import(kms, key_id, INCORRECT, **call, ImportType="EXISTING_KEY_MATERIAL")
    cannot_import(kms, key_id, INCORRECT, **call, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId="0" * 64)
    cannot_import(kms, key_id, "ValidationException", **call, ImportType="NEW_KEY_MATERIAL", KeyMaterialId="0" * 64)
    material_id = imports(kms, key_id, material)
    cannot_import(kms, key_id, INCORRECT, **call, ImportType="NEW_KEY_MATERIAL")
    cannot_import(kms, key_id, INCORRECT, **call, KeyMaterialId=material_id[::-1])
    cannot_import(kms, key_id, "ValidationException", **call, ImportType="NEW_KEY_MATERIAL", KeyMaterialId=material_id)


@pytest.mark.parametrize("spec", ["HMAC_256", "ECC_NIST_P256"])
def test_members_for_symmetric_keys_only(kms, spec):
    key_id = external_key(kms, spec)
    call = without_key_id(request(kms, key_id, spec, importing.fresh_material(spec)))
    for member in (
        {"ImportType": "NEW_KEY_MATERIAL"},
        {"ImportType": "EXISTING_KEY_MATERIAL"},
        {"KeyMaterialDescription": "words"},
        {"KeyMaterialId": "0" * 64},
    ):
        cannot_import(kms, key_id, "ValidationException", **call, **member)


def test_the_same_material_in_two_keys_is_two_materials(kms):
    """Ciphertexts are bound to their key, and ids do not tell that two keys share their material."""
    material = secrets.token_bytes(32)
    first, second = external_key(kms), external_key(kms)
    assert imports(kms, first, material) != imports(kms, second, material)
    blob = kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
    refused(kms.decrypt, "IncorrectKeyException", CiphertextBlob=blob, KeyId=second)


def test_a_private_key_in_two_keys_is_one(kms):
    """With an asymmetric key the outside world cannot tell."""
    material = importing.fresh_material("ECC_NIST_P384")
    first, second = external_key(kms, "ECC_NIST_P384"), external_key(kms, "ECC_NIST_P384")
    for key_id in (first, second):
        imports(kms, key_id, material, "ECC_NIST_P384")
    said = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_384"}
    kms.verify(KeyId=second, Signature=kms.sign(KeyId=first, **said)["Signature"], **said)


def test_deleting_what_is_not_there(kms):
    key_id = external_key(kms)
    arn = described(kms, key_id)["Arn"]
    assert payload(kms.delete_imported_key_material(KeyId=key_id)) == {"KeyId": arn}
    imports(kms, key_id, secrets.token_bytes(32))
    for _ in range(2):
        assert kms.delete_imported_key_material(KeyId=key_id)["KeyId"] == arn
        assert described(kms, key_id)["KeyState"] == "PendingImport"
    codes = ("NotFoundException", INCORRECT, "ValidationException")  # AWS documents none of its own
    refused(kms.delete_imported_key_material, codes, KeyId=key_id, KeyMaterialId="0" * 64)


def test_a_key_without_material_can_be_managed(account, kms):
    """What is changed shows at once, with the material deleted or before there was any."""
    key = Key.create(account, kms, "PendingImport", IMPORTED)
    for key_id in (key.id, external_key(kms)):
        kms.update_key_description(KeyId=key_id, Description="while it has none")
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "a", "TagValue": "b"}])
        kms.create_alias(AliasName=f"alias/{key_id}", TargetKeyId=key_id)
        shown = described(kms, f"alias/{key_id}")
        assert (shown["Description"], shown["KeyState"]) == ("while it has none", "PendingImport")
        kms.schedule_key_deletion(KeyId=key_id)
        assert described(kms, key_id)["KeyState"] == "PendingDeletion"


def test_a_key_that_lost_its_material_while_pending_deletion(account, kms):
    key = Key.create(account, kms, "PendingDeletion", IMPORTED)
    kms.delete_imported_key_material(KeyId=key.id)
    assert key.state == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key.id)
    assert key.state == "PendingImport"
    kms.import_key_material(**key.parameters)
    assert key.state == "Enabled"
    assert kms.decrypt(CiphertextBlob=key.blob)["Plaintext"] == b"plaintext"


def test_a_disabled_key_that_lost_its_material(account, kms):
    """A successful import enables the key."""
    key = Key.create(account, kms, "Disabled", IMPORTED)
    kms.delete_imported_key_material(KeyId=key.id)
    assert key.state == "PendingImport"
    kms.import_key_material(**key.parameters)
    assert key.state == "Enabled"


def test_a_public_key_is_known_from_the_first_import_on(kms):
    key_id = external_key(kms, "ECC_NIST_P256")
    arn, material = described(kms, key_id)["Arn"], importing.fresh_material("ECC_NIST_P256")
    refused(kms.get_public_key, "KMSInvalidStateException", f"{arn} is pending import.", KeyId=key_id)
    imports(kms, key_id, material, "ECC_NIST_P256")
    shown = payload(kms.get_public_key(KeyId=key_id))
    kms.delete_imported_key_material(KeyId=key_id)
    assert payload(kms.get_public_key(KeyId=key_id)) == shown
    said = {"KeyId": key_id, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    refused(kms.verify, "KMSInvalidStateException", f"{arn} is pending import.", Signature=b"s", **said)
