//! Imported material in several Regions: each key's own to have, one set's to rotate.

use kagiban_base::time::{Clock as _, DAY_MS};
use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::{Regions, SECOND, THIRD, code, create, in_region, replicate, synchronise};
use crate::imports::{Parameters, scene};
use crate::support::{HI, describe, encrypt, key_id_of, texts_of, with};

const FIRST_MATERIAL: [u8; 32] = [1; 32];
const SECOND_MATERIAL: [u8; 32] = [2; 32];

async fn import(
    client: &Client<'_>,
    key: &str,
    material: &[u8],
    more: Value,
) -> Result<Value, kagiban_testkit::AwsError> {
    let parameters = Parameters::of(client, key).await;
    client.call("ImportKeyMaterial", with(&parameters.input(key, material), more)).await
}

/// The states of all materials, and whether each is there.
async fn materials(client: &Client<'_>, key: &str) -> Vec<(String, String)> {
    let input = json!({"KeyId": key_id_of(key), "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
    let list = client.call("ListKeyRotations", input).await.unwrap()["Rotations"].clone();
    texts_of(&list, "KeyMaterialState").into_iter().zip(texts_of(&list, "ImportState")).collect()
}

fn states(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(state, import)| ((*state).to_owned(), (*import).to_owned())).collect()
}

const WAITS: &str = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
const IN: &str = "IMPORTED";
const OUT: &str = "PENDING_IMPORT";

#[tokio::test]
async fn new_material_rotates_once_every_region_has_it() {
    let scene = scene().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({"Origin": "EXTERNAL"})).await;
    import(&regions.first, &key, &FIRST_MATERIAL, json!({})).await.unwrap();
    let blob = encrypt(&regions.first, &key, HI).await;
    let replicas = [replicate(&regions.first, &key, SECOND).await, replicate(&regions.first, &key, THIRD).await];
    synchronise(&scene.world).await;
    let there = [&regions.second, &regions.third];
    let both = || there.into_iter().zip(&replicas);
    for (client, replica) in both() {
        assert_eq!(describe(client, replica).await["KeyState"], "PendingImport");
        let other = import(client, replica, &SECOND_MATERIAL, json!({})).await;
        assert_eq!(code(other), "IncorrectKeyMaterialException");
        import(client, replica, &FIRST_MATERIAL, json!({})).await.unwrap();
        assert_eq!(describe(client, replica).await["KeyState"], "Enabled");
        assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
        let new = import(client, replica, &SECOND_MATERIAL, json!({"ImportType": "NEW_KEY_MATERIAL"})).await;
        assert_eq!(code(new), "UnsupportedOperationException");
    }

    let new = json!({"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialDescription": "second"});
    let id = import(&regions.first, &key, &SECOND_MATERIAL, new).await.unwrap()["KeyMaterialId"].clone();
    assert_eq!(materials(&regions.first, &key).await, states(&[("CURRENT", IN), (WAITS, IN)]));
    let rotate = json!({"KeyId": key});
    assert_eq!(code(regions.first.call("RotateKeyOnDemand", rotate.clone()).await), "KMSInvalidStateException");
    synchronise(&scene.world).await;
    for (client, replica) in both() {
        assert_eq!(materials(client, replica).await, states(&[("CURRENT", IN), (WAITS, OUT)]));
        let described = import(client, replica, &SECOND_MATERIAL, json!({"KeyMaterialDescription": "other"})).await;
        assert_eq!(code(described), "UnsupportedOperationException");
        let existing = json!({"ImportType": "EXISTING_KEY_MATERIAL"});
        assert_eq!(import(client, replica, &SECOND_MATERIAL, existing).await.unwrap()["KeyMaterialId"], id);
        assert_eq!(materials(client, replica).await, states(&[("CURRENT", IN), (WAITS, IN)]));
        synchronise(&scene.world).await;
    }
    for client in [&regions.first, &regions.second, &regions.third] {
        assert_eq!(materials(client, &key).await, states(&[("CURRENT", IN), ("PENDING_ROTATION", IN)]));
    }
    regions.first.call("RotateKeyOnDemand", rotate).await.unwrap();
    synchronise(&scene.world).await;
    for client in [&regions.first, &regions.second, &regions.third] {
        assert_eq!(materials(client, &key).await, states(&[("NON_CURRENT", IN), ("CURRENT", IN)]));
        let metadata = describe(client, key_id_of(&key)).await;
        assert_eq!((&metadata["CurrentKeyMaterialId"], &metadata["KeyState"]), (&id, &json!("Enabled")));
        assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
        let input = json!({"KeyId": key_id_of(&key)});
        let rotations = client.call("ListKeyRotations", input).await.unwrap()["Rotations"].clone();
        assert_eq!(rotations[0]["KeyMaterialDescription"], "second");
    }
}

#[tokio::test]
async fn material_that_waits_goes_everywhere_and_other_material_in_one_region() {
    let scene = scene().await;
    let regions = Regions::of(&scene.world);
    let key = create(&regions.first, json!({"Origin": "EXTERNAL"})).await;
    import(&regions.first, &key, &FIRST_MATERIAL, json!({})).await.unwrap();
    let replica = replicate(&regions.first, &key, SECOND).await;
    synchronise(&scene.world).await;
    import(&regions.second, &replica, &FIRST_MATERIAL, json!({})).await.unwrap();
    let rows = scene.row_count_of("material").await;
    let new = import(&regions.first, &key, &SECOND_MATERIAL, json!({"ImportType": "NEW_KEY_MATERIAL"})).await.unwrap();
    synchronise(&scene.world).await;
    import(&regions.second, &replica, &SECOND_MATERIAL, json!({})).await.unwrap();
    synchronise(&scene.world).await;
    assert_eq!(materials(&regions.first, &key).await[1].0, "PENDING_ROTATION");

    // On the replica: the primary waits for it again.
    let waiting = |key: &str| json!({"KeyId": key, "KeyMaterialId": new["KeyMaterialId"]});
    regions.second.call("DeleteImportedKeyMaterial", waiting(&replica)).await.unwrap();
    assert_eq!(describe(&regions.second, &replica).await["KeyState"], "Enabled");
    synchronise(&scene.world).await;
    assert_eq!(materials(&regions.first, &key).await, states(&[("CURRENT", IN), (WAITS, IN)]));
    import(&regions.second, &replica, &SECOND_MATERIAL, json!({})).await.unwrap();
    // A replica that joins has to have it, too; one that leaves need not.
    let third = replicate(&regions.first, &key, THIRD).await;
    synchronise(&scene.world).await;
    assert_eq!(materials(&regions.first, &key).await[1].0, WAITS);
    assert_eq!(materials(&regions.third, &third).await, states(&[("CURRENT", OUT), (WAITS, OUT)]));
    regions.third.call("ScheduleKeyDeletion", json!({"KeyId": third, "PendingWindowInDays": 7})).await.unwrap();
    scene.world.clock.move_by_ms(7 * DAY_MS);
    synchronise(&scene.world).await;
    assert_eq!(materials(&regions.first, &key).await[1].0, "PENDING_ROTATION");

    // On the primary: it goes everywhere.
    regions.first.call("DeleteImportedKeyMaterial", waiting(&key)).await.unwrap();
    synchronise(&scene.world).await;
    for client in [&regions.first, &regions.second] {
        assert_eq!(materials(client, &key).await, states(&[("CURRENT", IN)]));
    }
    assert_eq!(scene.row_count_of("material").await, rows);
    // The current one is each Region's own.
    regions.first.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    synchronise(&scene.world).await;
    assert_eq!(describe(&regions.first, &key).await["KeyState"], "PendingImport");
    assert_eq!(describe(&regions.second, &replica).await["KeyState"], "Enabled");
    encrypt(&regions.second, &in_region(&key, SECOND), HI).await;
}

/// Material that waits is at its end everywhere when it expires on the primary; on a replica it is that one's own to expire.
#[tokio::test]
async fn material_that_waits_expires_everywhere_with_the_primary() {
    for (expiring, is_everywhere, after) in [
        (&[0][..], false, &[("CURRENT", IN)][..]),
        (&[0], true, &[("CURRENT", IN)]),
        (&[0, 1, 2], true, &[("CURRENT", IN)]),
        (&[1], true, &[("CURRENT", IN), (WAITS, IN)]),
    ] {
        let case = format!("{expiring:?} {is_everywhere}");
        let scene = scene().await;
        let regions = Regions::of(&scene.world);
        let key = create(&regions.first, json!({"Origin": "EXTERNAL"})).await;
        import(&regions.first, &key, &FIRST_MATERIAL, json!({})).await.unwrap();
        let blob = encrypt(&regions.first, &key, HI).await;
        let keys =
            [key.clone(), replicate(&regions.first, &key, SECOND).await, replicate(&regions.first, &key, THIRD).await];
        let clients = [&regions.first, &regions.second, &regions.third];
        synchronise(&scene.world).await;
        for at in [1, 2] {
            import(clients[at], &keys[at], &FIRST_MATERIAL, json!({})).await.unwrap();
        }
        let rows = scene.row_count_of("material").await;
        let valid_to = scene.world.clock.now().unix_ms() / 1000 + 10 * DAY_MS / 1000;
        let expiry = |at: usize| match expiring.contains(&at) {
            true => json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}),
            false => json!({}),
        };
        let new = with(&expiry(0), json!({"ImportType": "NEW_KEY_MATERIAL"}));
        import(clients[0], &keys[0], &SECOND_MATERIAL, new).await.unwrap();
        synchronise(&scene.world).await;
        for at in if is_everywhere { 1..3 } else { 1..2 } {
            import(clients[at], &keys[at], &SECOND_MATERIAL, expiry(at)).await.unwrap();
        }
        synchronise(&scene.world).await;
        let waits = if is_everywhere { "PENDING_ROTATION" } else { WAITS };
        assert_eq!(materials(clients[0], &key).await, states(&[("CURRENT", IN), (waits, IN)]), "{case}");

        scene.world.clock.move_by_ms(10 * DAY_MS - 1);
        let before = scene.revision().await;
        synchronise(&scene.world).await;
        assert_eq!(scene.revision().await, before, "{case}: too soon");
        scene.world.clock.move_by_ms(1000);
        synchronise(&scene.world).await;
        assert_eq!(materials(clients[0], &key).await, states(after), "{case}");
        let is_gone = after.len() == 1;
        let left = if is_gone { rows } else { rows + 2 };
        assert_eq!(scene.row_count_of("material").await, left, "{case}");
        let rotated = clients[0].call("RotateKeyOnDemand", json!({"KeyId": key})).await;
        assert_eq!(code(rotated), "KMSInvalidStateException", "{case}");
        for (client, key) in clients.into_iter().zip(&keys) {
            if is_gone {
                assert_eq!(materials(client, key).await, states(after), "{case}");
            }
            assert_eq!(describe(client, key).await["KeyState"], "Enabled", "{case}");
            assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
        }
        // There is room for other material, or for the same again.
        if is_gone {
            let again = json!({"ImportType": "NEW_KEY_MATERIAL"});
            import(clients[0], &key, &SECOND_MATERIAL, again).await.unwrap();
        } else {
            import(clients[1], &keys[1], &SECOND_MATERIAL, json!({})).await.unwrap();
            synchronise(&scene.world).await;
            clients[0].call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        }
    }
}
