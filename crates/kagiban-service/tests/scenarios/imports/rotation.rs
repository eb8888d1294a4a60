//! Rotation to imported material: the one that waits becomes current, the one before stays needed.

use serde_json::{Value, json};

use super::{FIRST, SECOND, THIRD, decrypt, external_key, imported_key, scene};
use crate::support::{HI, assert_refused, describe, encrypt, key_id_of, refusal, text, texts_of, with};

fn new(input: &Value) -> Value {
    with(input, json!({"ImportType": "NEW_KEY_MATERIAL"}))
}

async fn all(client: &kagiban_testkit::Client<'_>, key: &str) -> Value {
    let input = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    client.call("ListKeyRotations", input).await.unwrap()["Rotations"].clone()
}

#[tokio::test]
async fn the_material_that_waits_becomes_current() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, first) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    let text_of_none = format!("{key} has no imported key material that waits for its rotation.");
    let none_waits = || {
        let input = json!({"KeyId": key});
        refusal("RotateKeyOnDemand", input, "KMSInvalidStateException", &*text_of_none)
    };
    assert_refused(&scene, &client, vec![none_waits()]).await;

    let described = with(&new(&parameters.input(&key, &SECOND)), json!({"KeyMaterialDescription": "2"}));
    let second = text(&client.call("ImportKeyMaterial", described).await.unwrap()["KeyMaterialId"]);
    let listed = all(&client, &key).await;
    assert_eq!(texts_of(&listed, "KeyMaterialState"), ["CURRENT", "PENDING_ROTATION"]);
    let waiting = json!({
        "KeyId": key_id_of(&key), "KeyMaterialId": second, "KeyMaterialDescription": "2", "ImportState": "IMPORTED",
        "KeyMaterialState": "PENDING_ROTATION", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    });
    assert_eq!(listed[1], waiting);
    let only = client.call("ListKeyRotations", json!({"KeyId": key})).await.unwrap();
    assert_eq!(only["Rotations"], json!([]), "what waits is no rotation");
    // A page that is full before it has more behind it.
    let input = json!({"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL", "Limit": 1});
    let page = client.call("ListKeyRotations", input.clone()).await.unwrap();
    assert_eq!(
        (&page["Truncated"], texts_of(&page["Rotations"], "KeyMaterialId")),
        (&json!(true), vec![first.clone()])
    );
    let page = client.call("ListKeyRotations", with(&input, json!({"Marker": page["NextMarker"]}))).await.unwrap();
    assert_eq!((&page["Truncated"], &page["Rotations"]), (&json!(false), &json!([waiting])));

    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(describe(&client, &key).await["CurrentKeyMaterialId"], json!(second));
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    let made = client.call("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})).await.unwrap();
    assert_eq!(made["KeyMaterialId"], json!(second));
    let listed = all(&client, &key).await;
    assert_eq!(texts_of(&listed, "KeyMaterialId"), [first, second]);
    assert_eq!(texts_of(&listed, "KeyMaterialState"), ["NON_CURRENT", "CURRENT"]);
    assert_eq!((&listed[1]["RotationType"], &listed[0]["RotationType"]), (&json!("ON_DEMAND"), &Value::Null));
    assert_refused(&scene, &client, vec![none_waits()]).await;
    client.call("ImportKeyMaterial", new(&parameters.input(&key, &THIRD))).await.unwrap();
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    assert_eq!(texts_of(&all(&client, &key).await, "KeyMaterialState"), ["NON_CURRENT", "NON_CURRENT", "CURRENT"]);
}

/// Both materials belong to the key from then on: without either it waits, and both bring it back.
#[tokio::test]
async fn material_of_before_the_rotation_stays_needed() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, first) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    client.call("ImportKeyMaterial", new(&parameters.input(&key, &SECOND))).await.unwrap();
    client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
    for (deletion, material) in
        [(json!({"KeyId": key, "KeyMaterialId": first}), FIRST), (json!({"KeyId": key}), SECOND)]
    {
        client.call("DeleteImportedKeyMaterial", deletion).await.unwrap();
        assert_eq!(describe(&client, &key).await["KeyState"], "PendingImport");
        let missing = all(&client, &key).await;
        assert_eq!(missing.as_array().unwrap().iter().filter(|m| m["ImportState"] == "PENDING_IMPORT").count(), 1);
        let input = json!({"KeyId": key});
        let text = format!("{key} is pending import.");
        let refused = refusal("RotateKeyOnDemand", input, "KMSInvalidStateException", text);
        assert_refused(&scene, &client, vec![refused]).await;
        client.call("ImportKeyMaterial", parameters.input(&key, &material)).await.unwrap();
        assert_eq!(describe(&client, &key).await["KeyState"], "Enabled");
        assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    }
}

#[tokio::test]
async fn two_rotations_at_once_to_one_material_are_one() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    client.call("ImportKeyMaterial", new(&parameters.input(&key, &SECOND))).await.unwrap();
    let rotate = || client.call("RotateKeyOnDemand", json!({"KeyId": key}));
    let (one, two) = tokio::join!(rotate(), rotate());
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(scene.row_count_of("key-rotation").await, 2);
}

/// Automatic rotation needs material that is made here.
#[tokio::test]
async fn imported_material_does_not_rotate_automatically() {
    let scene = scene().await;
    let client = scene.client();
    let (key, ..) = imported_key(&client).await;
    let waiting = external_key(&client, json!({})).await;
    for key in [&key, &waiting] {
        let text = format!("{key} origin is EXTERNAL which is not valid for this operation.");
        let refused = |operation| refusal(operation, json!({"KeyId": key}), "UnsupportedOperationException", &*text);
        let table = vec![refused("EnableKeyRotation"), refused("DisableKeyRotation")];
        assert_refused(&scene, &client, table).await;
        let status = client.call("GetKeyRotationStatus", json!({"KeyId": key})).await.unwrap();
        assert_eq!(status, json!({"KeyId": key_id_of(key), "KeyRotationEnabled": false}));
    }
    assert_eq!(all(&client, &waiting).await, json!([]));
}
