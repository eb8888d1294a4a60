//! CreateKey, ReplicateKey and what a replica is.

use serde_json::json;

use super::{Regions, SECOND, THIRD, code, create, in_region, replicate, roles, synchronise};
use crate::support::{ACCOUNT, HI, REGION, Scene, assert_refused, describe, encrypt, key_id_of, refusal, text};

#[tokio::test]
async fn what_one_region_encrypts_the_other_decrypts() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({"Description": "first"})).await;
    assert!(key_id_of(&key).starts_with("mrk-"));
    let made = describe(&regions.first, &key).await;
    assert_eq!((&made["MultiRegion"], &made["KeyState"]), (&json!(true), &json!("Enabled")));
    assert_eq!(roles(&made), ("PRIMARY".to_owned(), REGION.to_owned(), vec![]));
    let old = encrypt(&regions.first, &key, HI).await;

    let tags = json!([{"TagKey": "a", "TagValue": "b"}]);
    let input = json!({"KeyId": key, "ReplicaRegion": SECOND, "Description": "second", "Tags": tags});
    let answer = regions.first.call("ReplicateKey", input).await.unwrap();
    let replica = &answer["ReplicaKeyMetadata"];
    assert_eq!(replica["Arn"], in_region(&key, SECOND));
    assert_eq!((&replica["KeyState"], &replica["Enabled"]), (&json!("Creating"), &json!(false)));
    assert_eq!((&replica["Description"], &answer["ReplicaTags"]), (&json!("second"), &tags));
    assert!(text(&answer["ReplicaPolicy"]).contains("Enable IAM User Permissions"));
    assert_eq!(roles(replica), ("REPLICA".to_owned(), REGION.to_owned(), vec![SECOND.to_owned()]));
    let use_it = json!({"KeyId": key_id_of(&key), "CiphertextBlob": old});
    assert_eq!(code(regions.second.call("Decrypt", use_it.clone()).await), "KMSInvalidStateException");

    synchronise(&scene.world).await;
    let opened = regions.second.call("Decrypt", use_it).await.unwrap();
    assert_eq!((&opened["Plaintext"], &opened["KeyId"]), (&json!(HI), &json!(in_region(&key, SECOND))));
    let back = encrypt(&regions.second, key_id_of(&key), HI).await;
    assert_eq!(regions.first.call("Decrypt", json!({"CiphertextBlob": back})).await.unwrap()["Plaintext"], HI);
    let (first, second) = (describe(&regions.first, &key).await, describe(&regions.second, key_id_of(&key)).await);
    for shared in ["KeyId", "CurrentKeyMaterialId", "KeySpec", "KeyUsage", "Origin", "MultiRegion", "KeyState"] {
        assert_eq!(first[shared], second[shared], "{shared}");
    }
    assert_eq!(roles(&first), ("PRIMARY".to_owned(), REGION.to_owned(), vec![SECOND.to_owned()]));
    assert_eq!(roles(&second), ("REPLICA".to_owned(), REGION.to_owned(), vec![SECOND.to_owned()]));
    assert_eq!((&first["Description"], &second["Description"]), (&json!("first"), &json!("second")));
    let restarted = scene.world.restarted().await;
    let again = restarted.client(ACCOUNT, SECOND).call("Decrypt", json!({"CiphertextBlob": old})).await.unwrap();
    assert_eq!(again["Plaintext"], HI);
}

#[tokio::test]
async fn the_whole_history_of_materials_is_copied() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    let mut blobs = vec![encrypt(&regions.first, &key, HI).await];
    // More than one step takes.
    for _ in 0..25 {
        regions.first.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        blobs.push(encrypt(&regions.first, &key, HI).await);
    }
    replicate(&regions.first, &key, SECOND).await;
    synchronise(&scene.world).await;
    let id = key_id_of(&key);
    let list = json!({"KeyId": id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let materials = regions.first.call("ListKeyRotations", list.clone()).await.unwrap();
    assert_eq!(materials["Rotations"].as_array().unwrap().len(), 26);
    assert_eq!(regions.second.call("ListKeyRotations", list).await.unwrap(), materials);
    for blob in blobs {
        let opened = regions.second.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!(opened["Plaintext"], HI);
    }
}

#[tokio::test]
async fn replicas_know_each_other() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    for region in [SECOND, THIRD] {
        replicate(&regions.first, &key, region).await;
        synchronise(&scene.world).await;
    }
    for client in [&regions.first, &regions.second, &regions.third] {
        let (_, primary, replicas) = roles(&describe(client, key_id_of(&key)).await);
        assert_eq!((primary.as_str(), replicas), (REGION, vec![THIRD.to_owned(), SECOND.to_owned()]));
    }
}

#[tokio::test]
async fn what_cannot_be_replicated_is_refused() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({})).await;
    let single = crate::support::create_key(&regions.first).await;
    let replica = replicate(&regions.first, &key, SECOND).await;
    let to = |key: &str, region: &str| json!({"KeyId": key, "ReplicaRegion": region});
    let exists = |region: &str| format!("A related multi-Region key already exists: {}", in_region(&key, region));
    let unsupported = "UnsupportedOperationException";
    let partition = "Related multi-Region keys are in one partition, and cn-north-1 is in another.";
    let is_single = format!("{single} is a single-Region key which is not valid for this operation.");
    let table = vec![
        refusal("ReplicateKey", to(&key, SECOND), "AlreadyExistsException", exists(SECOND)),
        refusal("ReplicateKey", to(&key, REGION), "AlreadyExistsException", exists(REGION)),
        refusal("ReplicateKey", to(&key, "cn-north-1"), unsupported, partition),
        refusal("ReplicateKey", to(&single, SECOND), unsupported, is_single),
    ];
    assert_refused(&scene, &regions.first, table).await;
    let creating = format!("{replica} is creating.");
    let table = vec![refusal("ReplicateKey", to(&replica, THIRD), "KMSInvalidStateException", creating)];
    assert_refused(&scene, &regions.second, table).await;
    synchronise(&scene.world).await;
    let text = format!("{replica} is a multi-Region replica key; call this operation on the primary key, in {REGION}.");
    let operations = ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"];
    let mut table: Vec<_> =
        operations.map(|operation| refusal(operation, json!({"KeyId": replica}), unsupported, text.clone())).into();
    table.push(refusal("ReplicateKey", to(&replica, THIRD), unsupported, text));
    assert_refused(&scene, &regions.second, table).await;
}

#[tokio::test]
async fn policies_tags_aliases_and_state_are_each_keys_own() {
    let scene = Scene::new().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({"Tags": [{"TagKey": "of", "TagValue": "first"}]})).await;
    regions.first.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    let replica = replicate(&regions.first, &key, SECOND).await;
    synchronise(&scene.world).await;
    let tags = regions.second.call("ListResourceTags", json!({"KeyId": replica})).await.unwrap();
    assert_eq!(tags["Tags"], json!([]));
    assert_eq!(code(regions.second.call("DescribeKey", json!({"KeyId": "alias/it"})).await), "NotFoundException");
    regions.first.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    regions.first.call("UpdateKeyDescription", json!({"KeyId": key, "Description": "new"})).await.unwrap();
    synchronise(&scene.world).await;
    let other = describe(&regions.second, &replica).await;
    assert_eq!((&other["KeyState"], &other["Description"]), (&json!("Enabled"), &json!("")));
    encrypt(&regions.second, &replica, HI).await;
}
