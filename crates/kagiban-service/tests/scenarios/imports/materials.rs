//! Several materials in one key: which one encrypts, which ones decrypt, which one waits, and how each is recognised.

use serde_json::{Value, json};

use super::{FIRST, Parameters, SECOND, THIRD, decrypt, external_key, imported_key, scene, waiting_key};
use crate::support::{HI, Scene, assert_refused, describe, encrypt, refusal, text, with};

const NEW: &str = "NEW_KEY_MATERIAL";
const EXISTING: &str = "EXISTING_KEY_MATERIAL";

fn typed(parameters: &Parameters, key: &str, material: &[u8], import_type: &str) -> Value {
    with(&parameters.input(key, material), json!({"ImportType": import_type}))
}

#[tokio::test]
async fn the_first_import_is_new_unless_it_is_said_otherwise() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let unknown = format!("The key material cannot be imported into {key}: it is not associated with the KMS key.");
    let existing = typed(&parameters, &key, &FIRST, EXISTING);
    let refused = refusal("ImportKeyMaterial", existing, "IncorrectKeyMaterialException", unknown);
    assert_refused(&scene, &client, vec![refused]).await;

    let answer = client.call("ImportKeyMaterial", typed(&parameters, &key, &FIRST, NEW)).await.unwrap();
    let again = client.call("ImportKeyMaterial", typed(&parameters, &key, &FIRST, EXISTING)).await.unwrap();
    let by_default = client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!((&answer, &answer), (&again, &by_default));
    assert_eq!(describe(&client, &key).await["CurrentKeyMaterialId"], answer["KeyMaterialId"]);
}

#[tokio::test]
async fn a_second_material_waits_and_changes_nothing_yet() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, first) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    let before = describe(&client, &key).await;
    let second = client.call("ImportKeyMaterial", typed(&parameters, &key, &SECOND, NEW)).await.unwrap();
    assert_ne!(second["KeyMaterialId"], json!(first));
    assert_eq!(describe(&client, &key).await, before, "what waits is not seen");
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    let made = client.call("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})).await.unwrap();
    assert_eq!(made["KeyMaterialId"], json!(first), "the first one still encrypts");
}

#[tokio::test]
async fn one_material_waits_at_most() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, _) = imported_key(&client).await;
    let second = client.call("ImportKeyMaterial", typed(&parameters, &key, &SECOND, NEW)).await.unwrap();
    let fault = |what: &str| format!("The key material cannot be imported into {key}: {what}.");
    let waiting = fault("another new key material is waiting for its rotation");
    let known = fault("it is already associated with the KMS key; import it as EXISTING_KEY_MATERIAL");
    let refused = |material: &[u8], text: &str| {
        let input = typed(&parameters, &key, material, NEW);
        refusal("ImportKeyMaterial", input, "IncorrectKeyMaterialException", text)
    };
    let table = vec![refused(&THIRD, &waiting), refused(&SECOND, &known), refused(&FIRST, &known)];
    assert_refused(&scene, &client, table).await;

    // What waits is not associated for good: it can be imported again, and it can make room.
    let again = client.call("ImportKeyMaterial", typed(&parameters, &key, &SECOND, EXISTING)).await.unwrap();
    assert_eq!(again, second);
    let deletion = json!({"KeyId": key, "KeyMaterialId": second["KeyMaterialId"]});
    let deleted = client.call("DeleteImportedKeyMaterial", deletion).await.unwrap();
    assert_eq!(deleted, json!({"KeyId": key, "KeyMaterialId": second["KeyMaterialId"]}));
    assert_eq!(describe(&client, &key).await["KeyState"], "Enabled", "the key can do without what waited");
    let gone = fault("it is not associated with the KMS key");
    let input = typed(&parameters, &key, &SECOND, EXISTING);
    let refused = refusal("ImportKeyMaterial", input, "IncorrectKeyMaterialException", gone);
    assert_refused(&scene, &client, vec![refused]).await;
    client.call("ImportKeyMaterial", typed(&parameters, &key, &THIRD, NEW)).await.unwrap();
}

#[tokio::test]
async fn the_named_material_is_the_one_that_is_imported() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, first) = imported_key(&client).await;
    let second = client.call("ImportKeyMaterial", typed(&parameters, &key, &SECOND, NEW)).await.unwrap();
    let second = text(&second["KeyMaterialId"]);
    let named = |material: &[u8], id: &str| with(&parameters.input(&key, material), json!({"KeyMaterialId": id}));
    for (material, id) in [(&FIRST, &first), (&SECOND, &second)] {
        let answer = client.call("ImportKeyMaterial", named(material, id)).await.unwrap();
        assert_eq!(answer, json!({"KeyId": key, "KeyMaterialId": id}));
    }
    let text =
        format!("The key material cannot be imported into {key}: its KeyMaterialId is not the one in the request.");
    let refused = |material: &[u8], id: &str| {
        refusal("ImportKeyMaterial", named(material, id), "IncorrectKeyMaterialException", &*text)
    };
    let table = vec![refused(&FIRST, &second), refused(&SECOND, &first), refused(&THIRD, &first)];
    assert_refused(&scene, &client, table).await;
}

/// The id is computed from key and material: the same again after deletion, another in another key.
#[tokio::test]
async fn deleted_material_comes_back_with_its_id_and_opens_what_it_sealed() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, id) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    let before = describe(&client, &key).await;
    let deleted = client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    assert_eq!(deleted, json!({"KeyId": key, "KeyMaterialId": id}));
    let error = decrypt(&client, &blob).await.unwrap_err();
    assert_eq!((error.code.as_str(), error.message), ("KMSInvalidStateException", format!("{key} is pending import.")));

    let other = format!("The key material cannot be imported into {key}: it is not associated with the KMS key.");
    let refused = refusal("ImportKeyMaterial", parameters.input(&key, &SECOND), "IncorrectKeyMaterialException", other);
    assert_refused(&scene, &client, vec![refused]).await;

    let answer = client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!(answer, json!({"KeyId": key, "KeyMaterialId": id}));
    assert_eq!(describe(&client, &key).await, before);
    assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);

    let (_, _, of_another_key) = imported_key(&client).await;
    assert_ne!(of_another_key, id);
}

/// Keys of the other kinds have one material for good.
#[tokio::test]
async fn other_specs_take_their_first_material_only() {
    let scene = scene().await;
    let client = scene.client();
    let key = external_key(&client, json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
    let parameters = Parameters::of(&client, &key).await;
    let mac_input = json!({"KeyId": key, "Message": HI, "MacAlgorithm": "HMAC_SHA_256"});
    assert_eq!(
        client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap(),
        json!({"KeyId": key}),
        "no id is shown"
    );
    let mac = client.call("GenerateMac", mac_input.clone()).await.unwrap();
    for is_deleted in [false, true] {
        if is_deleted {
            let answer = client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
            assert_eq!(answer, json!({"KeyId": key}));
        }
        let text = format!("The key material cannot be imported into {key}: it is not associated with the KMS key.");
        let input = parameters.input(&key, &SECOND);
        let refused = refusal("ImportKeyMaterial", input, "IncorrectKeyMaterialException", text);
        assert_refused(&scene, &client, vec![refused]).await;
    }
    client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!(client.call("GenerateMac", mac_input).await.unwrap(), mac);
}

/// What is stored about the key's materials; ListKeyRotations shows the descriptions.
async fn stored_imports(scene: &Scene, key: &str) -> Value {
    let row = scene.key_row(key).await;
    row["imports"].clone()
}

#[tokio::test]
async fn descriptions_stay_until_another_is_given() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let longest = "d".repeat(256);
    for (given, expected) in [
        (Value::Null, Value::Null),
        (json!("first"), json!("first")),
        (Value::Null, json!("first")),
        (json!("an other: a/b_c.d-e"), json!("an other: a/b_c.d-e")),
        (json!(longest), json!(longest)),
    ] {
        let input = with(&parameters.input(&key, &FIRST), json!({"KeyMaterialDescription": given}));
        client.call("ImportKeyMaterial", input).await.unwrap();
        assert_eq!(stored_imports(&scene, &key).await[0]["description"], expected, "{given}");
    }
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    assert_eq!(stored_imports(&scene, &key).await[0]["description"], longest, "deletion is of the material only");
}

#[tokio::test]
async fn deleting_what_is_not_there_changes_nothing() {
    let scene = scene().await;
    let client = scene.client();
    let never = external_key(&client, json!({})).await;
    let (key, _, id) = imported_key(&client).await;
    client.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    let before = [describe(&client, &never).await, describe(&client, &key).await];
    assert_eq!(
        client.call("DeleteImportedKeyMaterial", json!({"KeyId": never})).await.unwrap(),
        json!({"KeyId": never})
    );
    for input in [json!({"KeyId": key}), json!({"KeyId": key, "KeyMaterialId": id})] {
        let answer = client.call("DeleteImportedKeyMaterial", input).await.unwrap();
        assert_eq!(answer, json!({"KeyId": key, "KeyMaterialId": id}));
    }
    assert_eq!([describe(&client, &never).await, describe(&client, &key).await], before);
    let unknown = |key: &str| {
        refusal(
            "DeleteImportedKeyMaterial",
            json!({"KeyId": key, "KeyMaterialId": "0".repeat(64)}),
            "NotFoundException",
            format!("Key material '{}' of {key} does not exist", "0".repeat(64)),
        )
    };
    assert_refused(&scene, &client, vec![unknown(&key), unknown(&never)]).await;
}
