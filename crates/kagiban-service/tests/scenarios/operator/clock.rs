//! The clock of a development deployment: it moves ahead, takes the jobs with it, and outlives a restart.

use std::sync::Arc;

use kagiban_base::time::DAY_MS;
use kagiban_storage::{Batch, Engine, Store};
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{MANAGEMENT, ask, code};
use crate::support::{ACCOUNT, REGION, Scene, create_key, describe};

/// Noon of 2026-11-21, when worlds begin, in seconds.
const NOON: i64 = 1_795_262_400;
const DAY: i64 = DAY_MS / 1000;
/// The furthest that a clock can be ahead.
const CENTURY: i64 = 36_500 * DAY;

async fn advance(world: &World, seconds: i64) -> Result<Value, kagiban_testkit::AwsError> {
    ask(world, &world.client(MANAGEMENT, REGION), "AdvanceClock", json!({"Seconds": seconds})).await
}

async fn shown(world: &World) -> Value {
    ask(world, &world.client(MANAGEMENT, REGION), "DescribeClock", json!({})).await.unwrap()
}

#[tokio::test]
async fn a_window_of_thirty_days_passes_in_a_moment() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let client = scene.client();
    assert_eq!(shown(world).await, json!({"Now": NOON as f64, "SecondsAhead": 0}));
    let key = create_key(&client).await;
    client.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    let moved = advance(world, 30 * DAY - 1).await.unwrap();
    assert_eq!(moved, json!({"Now": (NOON + 30 * DAY - 1) as f64, "SecondsAhead": 30 * DAY - 1}));
    // Clients go on signing with the time of the world; what is made now is of the moved one.
    assert_eq!(describe(&client, &key).await["KeyState"], "PendingDeletion");
    let later = create_key(&client).await;
    assert_eq!(describe(&client, &later).await["CreationDate"].as_f64(), Some((NOON + 30 * DAY - 1) as f64));

    advance(world, 1).await.unwrap();
    let error = client.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!(error.code, "NotFoundException");
    let again = world.restarted().await;
    assert_eq!(shown(&again).await["SecondsAhead"], 30 * DAY);
    assert_eq!(describe(&again.client(ACCOUNT, REGION), &later).await["KeyState"], "Enabled");
}

#[tokio::test]
async fn a_session_expires_by_the_moved_clock() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let role = root.role("role", ACCOUNT, &super::allowing(&json!("kms:*"))).await;
    let user = root.user("user", &super::allowing(&json!("*"))).await;
    let role = user.assume(&role, "session", &[]).await.unwrap();
    role.call("ListKeys", json!({})).await.unwrap();
    advance(&world, 13 * 3600).await.unwrap();
    let error = role.call("ListKeys", json!({})).await.unwrap_err();
    assert_eq!(error.code, "ExpiredTokenException");
}

#[tokio::test]
async fn it_moves_ahead_only_and_a_century_at_most() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let operator = world.client(MANAGEMENT, REGION);
    let before = scene.revision().await;
    for seconds in [json!(0), json!(-1), json!(1.5), json!("1"), json!(CENTURY + 1), json!(u64::MAX), Value::Null] {
        let answered = ask(world, &operator, "AdvanceClock", json!({"Seconds": seconds})).await;
        assert_eq!(code(&answered), "ValidationException", "{seconds}");
    }
    assert_eq!(scene.revision().await, before);
    advance(world, CENTURY - 10).await.unwrap();
    let refused = advance(world, 11).await;
    assert_eq!(code(&refused), "ValidationException");
    assert!(refused.unwrap_err().message.contains(" 10 seconds"));
    assert_eq!(advance(world, 10).await.unwrap()["SecondsAhead"], CENTURY);
    // Two at once both count.
    let world = World::new().await;
    let (one, other) = tokio::join!(advance(&world, 5), advance(&world, 7));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(shown(&world).await["SecondsAhead"], 12);
}

#[tokio::test]
async fn a_production_store_has_no_such_clock() {
    let engine = super::production::initialised().await;
    let production = super::production::Production::open(&engine).await;
    for (operation, input) in [("AdvanceClock", json!({"Seconds": 1})), ("DescribeClock", json!({}))] {
        assert_eq!(code(&production.ask(operation, input).await), "UnsupportedOperationException", "{operation}");
    }
    let batch = Batch::new().put(b"clock\0".to_vec(), b"\x01{\"ahead_ms\":1}".to_vec());
    engine.commit(batch).await.unwrap();
    let store = Store::new(Arc::new(engine.clone()));
    assert!(super::production::open_error(store).await.contains("clock"));
}
