//! The rules that have a limit of days: the material that is about to expire, the key that nobody uses.

use std::sync::Arc;

use kagiban_base::time::{Clock as _, DAY_MS};
use kagiban_service::compliance::ComplianceSettings;
use kagiban_storage::MemoryEngine;
use kagiban_testkit::Client;
use serde_json::json;

use super::{found, found_under, resources};
use crate::imports::{self, FIRST, Parameters, SECOND, imported_key, waiting_key};
use crate::support::{ACCOUNT, REGION, create_key, with};

const EXPIRY: &str = "kagiban-kms-key-material-not-expiring";

/// Imports material that expires in so many days.
async fn import(client: &Client<'_>, key: &str, parameters: &Parameters, days: i64) {
    let until = client.world().clock.now().plus_ms(days * DAY_MS).unix_ms();
    let expiring = json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": until / 1000});
    client.call("ImportKeyMaterial", with(&parameters.input(key, &FIRST), expiring)).await.unwrap();
}

#[tokio::test]
async fn material_that_is_about_to_expire() {
    let world = imports::world(Arc::new(MemoryEngine::new())).await;
    let root = world.client(ACCOUNT, REGION);
    create_key(&root).await;
    let (key, parameters) = waiting_key(&root).await;
    // Neither a key without material nor one whose material never expires.
    let (kept, ..) = imported_key(&root).await;
    import(&root, &key, &parameters, 31).await;
    world.clock.move_by_ms(DAY_MS - 1);
    assert!(resources(&world, EXPIRY).await.is_empty());
    world.clock.move_by_ms(1);
    let [(resource, _, why)] = &found(&world, EXPIRY).await[..] else { panic!("one") };
    assert_eq!((resource, why.as_str()), (&key, "Key material expires at 2026-12-22T12:00:00Z."));

    // A key at its end may lose its material.
    root.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 30})).await.unwrap();
    assert!(resources(&world, EXPIRY).await.is_empty());
    root.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert_eq!(resources(&world, EXPIRY).await, std::slice::from_ref(&key));

    // The same material for longer.
    let again = Parameters::of(&root, &key).await;
    import(&root, &key, &again, 31).await;
    assert!(resources(&world, EXPIRY).await.is_empty());
    import(&root, &key, &again, 29).await;
    assert_eq!(resources(&world, EXPIRY).await, std::slice::from_ref(&key));
    // Material that is gone cannot expire.
    root.call("DeleteImportedKeyMaterial", json!({"KeyId": key})).await.unwrap();
    assert!(resources(&world, EXPIRY).await.is_empty());

    // Of several materials the first to expire counts, also one that is not used to encrypt yet.
    let until = world.clock.now().plus_ms(5 * DAY_MS).unix_ms();
    let next =
        json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": until / 1000, "ImportType": "NEW_KEY_MATERIAL"});
    let fresh = Parameters::of(&root, &kept).await;
    root.call("ImportKeyMaterial", with(&fresh.input(&kept, &SECOND), next)).await.unwrap();
    let [(resource, _, why)] = &found(&world, EXPIRY).await[..] else { panic!("one") };
    assert_eq!((resource, why.as_str()), (&kept, "Key material expires at 2026-11-27T12:00:00Z."));
}

/// What is "about to", and what is "unused", is the operator's to say.
#[tokio::test]
async fn the_limits_are_those_of_the_settings() {
    let world = imports::world(Arc::new(MemoryEngine::new())).await;
    let root = world.client(ACCOUNT, REGION);
    let (key, parameters) = waiting_key(&root).await;
    import(&root, &key, &parameters, 20).await;
    world.clock.move_by_ms(10 * DAY_MS);
    let usual = ComplianceSettings::default();
    for (rule, settings, expected) in [
        (EXPIRY, ComplianceSettings { expiry_days: 9, ..usual }, 0),
        (EXPIRY, ComplianceSettings { expiry_days: 10, ..usual }, 1),
        (EXPIRY, ComplianceSettings { expiry_days: 0, ..usual }, 0),
        ("kagiban-kms-key-in-use", ComplianceSettings { unused_days: 11, ..usual }, 0),
        ("kagiban-kms-key-in-use", ComplianceSettings { unused_days: 10, ..usual }, 1),
    ] {
        assert_eq!(found_under(settings, &world, rule).await.len(), expected, "{rule} {settings:?}");
    }
}
