//! What a key is called while it waits for material, has it, has lost it, and whatever else happens to it meanwhile.

use kagiban_base::time::DAY_MS;
use serde_json::{Value, json};

use super::{FIRST, Parameters, SECOND, decrypt, external_key, imported_key, scene, waiting_key};
use crate::support::{HI, assert_refused, describe, encrypt, refusal, with};

/// The members of DescribeKey that imported material is responsible for.
fn told(metadata: &Value) -> Value {
    let members = ["Enabled", "KeyState", "Origin", "ExpirationModel", "ValidTo", "CurrentKeyMaterialId"];
    members.iter().map(|name| metadata[name].clone()).collect()
}

#[tokio::test]
async fn the_metadata_tells_what_became_of_the_material() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let waiting = describe(&client, &key).await;
    assert_eq!(told(&waiting), json!([false, "PendingImport", "EXTERNAL", null, null, null]));
    let answer = client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    let id = &answer["KeyMaterialId"];
    let never = "KEY_MATERIAL_DOES_NOT_EXPIRE";
    assert_eq!(told(&describe(&client, &key).await), json!([true, "Enabled", "EXTERNAL", never, null, id]));

    let valid_to = 1_795_262_400.5;
    let more = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to});
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), more)).await.unwrap();
    let expires = "KEY_MATERIAL_EXPIRES";
    assert_eq!(told(&describe(&client, &key).await), json!([true, "Enabled", "EXTERNAL", expires, valid_to, id]));
    // A material that waits for its rotation has no say in it.
    let sooner = json!({"ImportType": "NEW_KEY_MATERIAL", "ExpirationModel": null, "ValidTo": 1_795_262_400.25});
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &SECOND), sooner)).await.unwrap();
    assert_eq!(told(&describe(&client, &key).await), json!([true, "Enabled", "EXTERNAL", expires, valid_to, id]));

    client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!(told(&describe(&client, &key).await), json!([true, "Enabled", "EXTERNAL", never, null, id]));
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    assert_eq!(told(&describe(&client, &key).await), json!([false, "PendingImport", "EXTERNAL", null, null, id]));
}

/// The row of a key changes while its material is gone, and each change is seen at once.
#[tokio::test]
async fn a_key_without_its_material_can_be_changed_in_every_other_way() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    client.call("UpdateKeyDescription", json!({"KeyId": key, "Description": "bereft"})).await.unwrap();
    assert_eq!(describe(&client, &key).await["Description"], "bereft");
    let tags = json!([{"TagKey": "a", "TagValue": "b"}]);
    client.call("TagResource", json!({"KeyId": key, "Tags": tags})).await.unwrap();
    assert_eq!(client.call("ListResourceTags", json!({"KeyId": key})).await.unwrap()["Tags"], tags);
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert_eq!(describe(&client, &key).await["KeyState"], "PendingDeletion");
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let metadata = describe(&client, &key).await;
    assert_eq!((&metadata["KeyState"], &metadata["Description"]), (&json!("PendingImport"), &json!("bereft")));
    client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    let metadata = describe(&client, &key).await;
    assert_eq!((&metadata["KeyState"], &metadata["Description"]), (&json!("Enabled"), &json!("bereft")));
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
}

/// How a key gets into a state, the state after its material was deleted, and after CancelKeyDeletion if that is possible.
#[tokio::test]
async fn material_is_deleted_in_every_state() {
    let scene = scene().await;
    let client = scene.client();
    for (ways, after, cancelled) in [
        (&["EnableKey"][..], "PendingImport", None),
        (&["DisableKey"], "PendingImport", None),
        (&["DeleteImportedKeyMaterial"], "PendingImport", None),
        (&["ScheduleKeyDeletion"], "PendingDeletion", Some("PendingImport")),
        (&["DisableKey", "ScheduleKeyDeletion"], "PendingDeletion", Some("PendingImport")),
        (&["DeleteImportedKeyMaterial", "ScheduleKeyDeletion"], "PendingDeletion", Some("PendingImport")),
    ] {
        let (key, parameters, id) = imported_key(&client).await;
        let blob = encrypt(&client, &key, HI).await;
        for way in ways {
            client.call(way, json!({"KeyId": key})).await.unwrap();
        }
        let answer = client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
        assert_eq!(answer, json!({"KeyId": key, "KeyMaterialId": id}), "{ways:?}");
        assert_eq!(describe(&client, &key).await["KeyState"], after, "{ways:?}");
        if let Some(cancelled) = cancelled {
            client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
            assert_eq!(describe(&client, &key).await["KeyState"], cancelled, "{ways:?}");
        }
        assert_eq!(scene.row_count_of("material").await, 0, "{ways:?}");
        // Wherever it was, material makes it work again.
        client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
        assert_eq!(describe(&client, &key).await["KeyState"], "Enabled", "{ways:?}");
        assert_eq!(decrypt(&client, &blob).await.unwrap(), HI, "{ways:?}");
        client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    }
}

#[tokio::test]
async fn an_import_does_not_switch_a_disabled_key_on() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    client.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!(describe(&client, &key).await["KeyState"], "Disabled");
}

#[tokio::test]
async fn a_cancelled_deletion_leaves_material_alone() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let text = format!("{key} is pending deletion.");
    let refused = |operation, input| refusal(operation, input, "KMSInvalidStateException", text.clone());
    let table = vec![
        refused("ImportKeyMaterial", parameters.input(&key, &FIRST)),
        refused("GetParametersForImport", super::parameters_input(&key, "RSA_2048", "RSAES_OAEP_SHA_256")),
    ];
    assert_refused(&scene, &client, table).await;
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let metadata = describe(&client, &key).await;
    assert_eq!(
        (&metadata["KeyState"], &metadata["ExpirationModel"]),
        (&json!("Disabled"), &json!("KEY_MATERIAL_DOES_NOT_EXPIRE"))
    );
}

/// Before the first import there is no public key; afterwards it is known, and stays so.
#[tokio::test]
async fn the_public_key_is_there_from_the_first_import_on() {
    let scene = scene().await;
    let client = scene.client();
    let key = external_key(&client, super::flow::kind(kagiban_keycore::spec::KeySpec::EccNistP256)).await;
    let public_key = async || client.call("GetPublicKey", json!({"KeyId": key})).await;
    let error = public_key().await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message), ("KMSInvalidStateException", format!("{key} is pending import.")));
    let parameters = Parameters::of(&client, &key).await;
    let material = super::flow::material(kagiban_keycore::spec::KeySpec::EccNistP256, crate::support::REGION);
    client.call("ImportKeyMaterial", parameters.input(&key, super::flow::encoded(material).expose())).await.unwrap();
    let shown = public_key().await.unwrap();
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    assert_eq!(public_key().await.unwrap(), shown);
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert_eq!(public_key().await.unwrap_err().code, "KMSInvalidStateException");
}

/// The date is told as it was given, however late it is meanwhile; `expiry.rs` has what becomes of the material then.
#[tokio::test]
async fn the_date_of_expiry_is_kept_whatever_the_clock_says() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let more = json!({"ExpirationModel": null, "ValidTo": "2026-11-22T12:00:00Z"});
    client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), more)).await.unwrap();
    scene.world.clock.move_by_ms(DAY_MS / 2);
    assert_eq!(describe(&client, &key).await["ValidTo"], json!(1_795_348_800));
}
