//! UpdatePrimaryRegion: the role moves, and everything goes on meanwhile.

use serde_json::{Value, json};

use super::{Regions, SECOND, THIRD, code, create, in_region, replicate, roles, synchronise};
use crate::support::{HI, REGION, Scene, assert_refused, create_key, describe, encrypt, key_id_of, refusal};

#[tokio::test]
async fn the_role_moves_and_the_others_learn_of_it() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    let id = key_id_of(&key);
    for region in [SECOND, THIRD] {
        replicate(&regions.first, &key, region).await;
    }
    synchronise(&scene.world).await;
    let to_second = json!({"KeyId": key, "PrimaryRegion": SECOND});
    assert_eq!(regions.first.call("UpdatePrimaryRegion", to_second.clone()).await.unwrap(), json!({}));
    for client in [&regions.first, &regions.second] {
        let metadata = describe(client, id).await;
        assert_eq!((&metadata["KeyState"], &metadata["Enabled"]), (&json!("Updating"), &json!(false)));
        encrypt(client, id, HI).await;
        assert_eq!(code(client.call("DisableKey", json!({"KeyId": id})).await), "KMSInvalidStateException");
    }
    // The same again is no error; another is.
    regions.first.call("UpdatePrimaryRegion", to_second).await.unwrap();
    let to_third = json!({"KeyId": key, "PrimaryRegion": THIRD});
    assert_eq!(code(regions.first.call("UpdatePrimaryRegion", to_third).await), "KMSInvalidStateException");
    // Until then the old one is the primary, and what it changes is handed over.
    regions.first.call("EnableKeyRotation", json!({"KeyId": id})).await.unwrap();
    regions.first.call("RotateKeyOnDemand", json!({"KeyId": id})).await.unwrap();

    synchronise(&scene.world).await;
    let new = describe(&regions.second, id).await;
    let expected = |role: &str| (role.to_owned(), SECOND.to_owned(), vec![THIRD.to_owned(), REGION.to_owned()]);
    assert_eq!((roles(&new), &new["KeyState"]), (expected("PRIMARY"), &json!("Enabled")));
    for client in [&regions.first, &regions.third] {
        let metadata = describe(client, id).await;
        assert_eq!((roles(&metadata), &metadata["KeyState"]), (expected("REPLICA"), &json!("Enabled")));
        assert_eq!(metadata["CurrentKeyMaterialId"], new["CurrentKeyMaterialId"]);
    }
    let status = regions.second.call("GetKeyRotationStatus", json!({"KeyId": id})).await.unwrap();
    assert_eq!(status["KeyRotationEnabled"], true);
    assert_eq!(
        code(regions.first.call("RotateKeyOnDemand", json!({"KeyId": id})).await),
        "UnsupportedOperationException"
    );
    regions.second.call("RotateKeyOnDemand", json!({"KeyId": id})).await.unwrap();
    synchronise(&scene.world).await;
    let blob = encrypt(&regions.second, id, HI).await;
    assert_eq!(regions.first.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    // And back, with a key that the new primary has replicated.
    let fourth = scene.world.client(crate::support::ACCOUNT, "us-west-2");
    regions.second.call("ReplicateKey", json!({"KeyId": id, "ReplicaRegion": "us-west-2"})).await.unwrap();
    synchronise(&scene.world).await;
    regions.second.call("UpdatePrimaryRegion", json!({"KeyId": id, "PrimaryRegion": REGION})).await.unwrap();
    synchronise(&scene.world).await;
    for client in [&regions.first, &regions.second, &regions.third, &fourth] {
        let metadata = describe(client, id).await;
        let (_, primary, replicas) = roles(&metadata);
        assert_eq!((primary.as_str(), replicas.len(), &metadata["KeyState"]), (REGION, 3, &json!("Enabled")));
        assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
    }
}

#[tokio::test]
async fn a_role_that_cannot_move_stays() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    let single = create_key(&regions.first).await;
    let replica = replicate(&regions.first, &key, SECOND).await;
    let input = |key: &str, region: &str| json!({"KeyId": key, "PrimaryRegion": region});
    let update = |input: Value, code, text: String| refusal("UpdatePrimaryRegion", input, code, text);
    let (unsupported, invalid) = ("UnsupportedOperationException", "KMSInvalidStateException");
    let none = format!("Key '{}' does not exist", in_region(&key, THIRD));
    let itself = format!("{key} cannot take the primary role over from itself.");
    let is_single = format!("{single} is a single-Region key which is not valid for this operation.");
    let table = vec![
        update(input(&key, THIRD), "NotFoundException", none),
        update(input(&key, REGION), unsupported, itself),
        update(input(&single, SECOND), unsupported, is_single),
        update(input(&key, SECOND), invalid, format!("{replica} is creating.")),
    ];
    assert_refused(&scene, &regions.first, table).await;
    synchronise(&scene.world).await;
    let text = format!("{replica} is a multi-Region replica key; call this operation on the primary key, in {REGION}.");
    assert_refused(&scene, &regions.second, vec![update(input(&replica, REGION), unsupported, text)]).await;
    regions.second.call("DisableKey", json!({"KeyId": replica})).await.unwrap();
    let table = vec![update(input(&key, SECOND), "DisabledException", format!("{replica} is disabled."))];
    assert_refused(&scene, &regions.first, table).await;
    regions.second.call("EnableKey", json!({"KeyId": replica})).await.unwrap();
    regions.first.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    let table = vec![update(input(&key, SECOND), "DisabledException", format!("{key} is disabled."))];
    assert_refused(&scene, &regions.first, table).await;
}
