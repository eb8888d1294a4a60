//! ScheduleKeyDeletion and CancelKeyDeletion: windows, dates, and what the metadata shows in each state.

use kagiban_base::time::DAY_MS;
use kagiban_testkit::Client;
use serde_json::{Value, json};

use crate::support::{Scene, assert_refused, create_key, describe, refusal, violation};

/// Noon of 2026-11-21, when worlds begin, in seconds.
const NOON: i64 = 1_795_262_400;
const DAY: i64 = DAY_MS / 1000;

async fn schedule(client: &Client<'_>, key: &str, window: Value) -> Value {
    client.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": window})).await.unwrap()
}

#[tokio::test]
async fn windows_of_7_to_30_days_are_taken_and_30_is_the_default() {
    let scene = Scene::new().await;
    let client = scene.client();
    for (window, days) in [(json!(7), 7), (json!(8), 8), (json!(29), 29), (json!(30), 30), (Value::Null, 30)] {
        let key = create_key(&client).await;
        let date = NOON + days * DAY;
        let answer = schedule(&client, &key, window.clone()).await;
        let expected =
            json!({"KeyId": key, "DeletionDate": date, "KeyState": "PendingDeletion", "PendingWindowInDays": days});
        assert_eq!(answer, expected, "{window}");
        assert_eq!(describe(&client, &key).await["DeletionDate"], date, "{window}");
    }
}

#[tokio::test]
async fn windows_outside_are_refused_by_the_nearest_bound() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let mut table = Vec::new();
    for (days, bound) in [
        (i32::MIN, "greater than or equal to 1"),
        (-7, "greater than or equal to 1"),
        (0, "greater than or equal to 1"),
        (1, "greater than or equal to 7"),
        (6, "greater than or equal to 7"),
        (31, "less than or equal to 30"),
        (365, "less than or equal to 30"),
        (366, "less than or equal to 365"),
        (i32::MAX, "less than or equal to 365"),
    ] {
        let text = format!(
            "Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value {bound}"
        );
        let input = json!({"KeyId": key, "PendingWindowInDays": days});
        table.push(refusal("ScheduleKeyDeletion", input, "ValidationException", violation(&text)));
    }
    assert_refused(&scene, &client, table).await;
    assert_eq!(describe(&client, &key).await["KeyState"], "Enabled");
}

#[tokio::test]
async fn the_deletion_date_counts_from_the_moment_of_the_request() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    scene.world.clock.move_by_ms(3 * DAY_MS + 250);
    let answer = schedule(&client, &key, json!(7)).await;
    assert_eq!(answer["DeletionDate"], json!(1_796_126_400.25), "ten days and a quarter of a second after noon");
    assert_eq!(NOON + 10 * DAY, 1_796_126_400);
    // The date stays while time passes, up to the day itself.
    scene.world.clock.move_by_ms(6 * DAY_MS);
    assert_eq!(describe(&client, &key).await["DeletionDate"], answer["DeletionDate"]);
    // Taken back and scheduled again, it counts anew.
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let again = schedule(&client, &key, json!(7)).await;
    assert_eq!(again["DeletionDate"], json!(1_796_644_800.25), "sixteen days after noon");
}

#[tokio::test]
async fn metadata_shows_what_belongs_to_its_state_and_nothing_else() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let enabled = describe(&client, &key).await;
    let in_state = |state: &str, is_enabled: bool, deletion_date: Option<i64>| {
        let mut metadata = enabled.clone();
        metadata["KeyState"] = json!(state);
        metadata["Enabled"] = json!(is_enabled);
        if let Some(date) = deletion_date {
            metadata["DeletionDate"] = json!(date);
        }
        metadata
    };
    let pending = in_state("PendingDeletion", false, Some(NOON + 30 * DAY));
    let disabled = in_state("Disabled", false, None);
    let key_id = json!({"KeyId": key});
    let arn_only = json!({"KeyId": key});
    // From either state of use there is one way back, and it ends in Disabled.
    for (operation, answer, expected) in [
        ("EnableKey", json!({}), &enabled),
        ("DisableKey", json!({}), &disabled),
        ("DisableKey", json!({}), &disabled),
        ("EnableKey", json!({}), &enabled),
        ("ScheduleKeyDeletion", Value::Null, &pending),
        ("CancelKeyDeletion", arn_only.clone(), &disabled),
        ("ScheduleKeyDeletion", Value::Null, &pending),
        ("CancelKeyDeletion", arn_only, &disabled),
        ("EnableKey", json!({}), &enabled),
    ] {
        let got = client.call(operation, key_id.clone()).await.unwrap();
        assert!(answer.is_null() || got == answer, "{operation}: {got}");
        assert_eq!(&describe(&client, &key).await, expected, "after {operation}");
    }
}

#[tokio::test]
async fn cancelling_what_is_not_scheduled_changes_nothing() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let text = format!("{key} is not pending deletion.");
    let not_pending =
        || vec![refusal("CancelKeyDeletion", json!({"KeyId": key}), "KMSInvalidStateException", text.clone())];
    assert_refused(&scene, &client, not_pending()).await;
    client.call("DisableKey", json!({"KeyId": key})).await.unwrap();
    assert_refused(&scene, &client, not_pending()).await;
    schedule(&client, &key, json!(7)).await;
    assert!(scene.key_row(&key).await["deletion_date"].is_number());
    client.call("CancelKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert_refused(&scene, &client, not_pending()).await;
    // Nor is a date left for a timer to find.
    assert!(scene.key_row(&key).await["deletion_date"].is_null());
}
