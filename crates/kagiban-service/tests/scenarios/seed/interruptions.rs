//! Wherever it is cut off, the store is as if the first few operations had been called, and the next start does the rest.

use std::sync::Arc;

use kagiban_service::seed::{Count, SeedError};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{EngineError, MemoryEngine};
use kagiban_testkit::{SeededRandom, World};
use serde_json::json;

use super::{account, caller, seed};
use crate::support::{ACCOUNT, HI};

/// Enough for several batches: users with everything, keys with aliases.
fn large() -> String {
    let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let mut tables = format!(
        "name = \"n\"\nalias = \"an-alias\"\n\
         policies = [{{ name = \"p\", document = '{allow}' }}, {{ name = \"q\", document = '{allow}' }}]\n\
         groups = [{{ name = \"g\", policies = [\"q\"] }}]\n"
    );
    for at in 0..40 {
        tables += &format!(
            "[[accounts.users]]\nname = \"u{at}\"\ngroups = [\"g\"]\npolicies = [\"p\"]\npermissions_boundary = \"q\"\n\
             access_keys = [{{ id = \"AKIAEXAMPLE0000000{at:02}\", secret = \"s{at}\" }}]\n"
        );
    }
    for at in 0..30 {
        let trusted = format!("arn:aws:iam::{ACCOUNT}:role/r{}", (at + 1) % 30);
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{trusted}"}},"Action":"sts:AssumeRole"}}}}"#
        );
        tables += &format!(
            "[[accounts.roles]]\nname = \"r{at}\"\ntrust_policy = '{trust}'\n\
             [[accounts.keys]]\nregion = \"eu-central-1\"\nid = \"11111111-2222-4333-8444-5555555555{at:02}\"\n\
             aliases = [\"alias/a{at}\", \"alias/b{at}\"]\n"
        );
    }
    account(&tables)
}

const ENTITIES: usize = 1 + 2 + 1 + 2 * 40 + 30 + 30 + 60;

#[tokio::test]
async fn cut_off_at_any_commit_it_is_finished_by_the_next_start() {
    let file = large();
    let memory = MemoryEngine::new();
    let engine = FaultyEngine::new(Arc::new(memory));
    let world = World::on(Arc::new(engine.clone())).await;
    let before = engine.calls(Call::Commit);
    assert_eq!(seed(&world, &file).await.unwrap().total().created, ENTITIES);
    let commits = engine.calls(Call::Commit) - before;
    assert!((5..=8).contains(&commits), "as few batches as there can be: {commits}");
    for nth in 1..=commits {
        for fault in [Fault::Fail(EngineError::Unavailable), Fault::LoseAnswer, Fault::LoseRequest] {
            let last_is_done = nth == commits && matches!(fault, Fault::LoseAnswer);
            cut_off(&file, nth, fault, last_is_done).await;
        }
    }
}

/// A start whose `nth` commit meets the fault, and the one after it.
async fn cut_off(file: &str, nth: u64, fault: Fault, is_done: bool) {
    let memory = MemoryEngine::new();
    let engine = FaultyEngine::new(Arc::new(memory.clone()));
    let world = World::on(Arc::new(engine.clone())).await;
    engine.plan(Call::Commit, nth, fault);
    let error = seed(&world, file).await.unwrap_err();
    assert!(matches!(error, SeedError::Commit(_)), "{nth}: {error}");
    drop(world);

    let clock = Arc::new(kagiban_testkit::FakeClock::at(kagiban_base::time::Timestamp::from_unix_s(1_800_000_000)));
    let world = World::reopen(Arc::new(memory), clock, Arc::new(SeededRandom::new(nth + 100))).await;
    let Count { created, updated, unchanged } = seed(&world, file).await.unwrap().total();
    assert_eq!(created + updated + unchanged, ENTITIES, "{nth}");
    assert_eq!(created == 0, is_done, "{nth}");
    let again = seed(&world, file).await.unwrap();
    assert_eq!(again.total(), Count { created: 0, updated: 0, unchanged: ENTITIES }, "{nth}: {again}");
    assert_whole(&world).await;
}

/// Counts, indexes and keys agree: the rows were never half of an operation.
async fn assert_whole(world: &World) {
    let root = world.client(ACCOUNT, "eu-central-1");
    let summary = root.iam("GetAccountSummary", &[]).await.unwrap();
    let counts: Vec<_> = summary.texts("key").into_iter().zip(summary.texts("value")).collect();
    for (name, count) in [("Users", "40"), ("Groups", "1"), ("Roles", "30"), ("Policies", "2")] {
        assert!(counts.contains(&(name.to_owned(), count.to_owned())), "{name}: {counts:?}");
    }
    let members = root.iam("GetGroup", &[("GroupName", "g")]).await.unwrap().texts("UserName");
    assert_eq!(members.len(), 40);
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/q");
    let policy = root.iam("GetPolicy", &[("PolicyArn", &arn)]).await.unwrap();
    assert_eq!(
        (policy.text("AttachmentCount"), policy.text("PermissionsBoundaryUsageCount")),
        ("1".into(), "40".into())
    );
    for at in [0, 39] {
        let user = caller(world, (&format!("AKIAEXAMPLE0000000{at:02}"), &format!("s{at}")));
        let key = format!("alias/b{}", at.min(29));
        let sealed = user.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap();
        user.call("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).await.unwrap();
    }
}

#[tokio::test]
async fn who_writes_meanwhile_is_not_overwritten() {
    let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
    let world = World::on(Arc::new(engine.clone())).await;
    for nth in 1..=2 {
        engine.plan(Call::Commit, nth, Fault::Conflict);
    }
    let file = account("users = [{ name = \"u\" }]");
    assert_eq!(seed(&world, &file).await.unwrap().total().created, 1);
    // Somebody always is faster.
    for nth in 1..=64 {
        engine.plan(Call::Commit, nth, Fault::Conflict);
    }
    let other = account("users = [{ name = \"v\" }]");
    assert!(matches!(seed(&world, &other).await, Err(SeedError::Commit(_))));
}
