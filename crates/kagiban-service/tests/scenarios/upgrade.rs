//! Two versions on one store, from the first node of the newer version to the end of the upgrade, and back.
//!
//! The older version is this one that knows the first format only. Whatever it could not read would be a row of a later version,
//! so that is looked for in the store itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kagiban_service::nodes::{Node, NodeId};
use kagiban_storage::engine::KeyRange;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
use kagiban_storage::{Engine, Format, Formats, MemoryEngine};
use kagiban_testkit::{AwsError, SeededRandom, Setting, World};
use serde_json::{Value, json};

use crate::operator::MANAGEMENT;
use crate::support::{ACCOUNT, HI, REGION, create_key, encrypt, text};

const OLDER: Formats = Formats { oldest: Format::FIRST, newest: Format::FIRST };
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
/// More than two batches of policies.
const KEYS: usize = 220;

/// A store that an older version made, and what its keys are to open and tell, whoever is asked.
struct Store {
    memory: MemoryEngine,
    engine: FaultyEngine,
    known: BTreeMap<String, Known>,
}

struct Known {
    blob: String,
    policy: String,
}

impl Store {
    async fn made_by_older() -> (Self, World) {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        let world = World::of(Setting { formats: OLDER, ..setting(&engine) }).await;
        (Self { memory, engine, known: BTreeMap::new() }, world)
    }

    /// Another process on the store.
    async fn opened(&self, formats: Formats, first: &World, seed: u64) -> World {
        let setting = Setting { formats, ..setting(&self.engine) };
        World::open(setting, Arc::clone(&first.clock), Arc::new(SeededRandom::new(seed))).await
    }

    /// Keys with the default policy and with one that was put.
    async fn fill(&mut self, world: &World, keys: usize) {
        let client = world.client(ACCOUNT, REGION);
        for number in 0..keys {
            let key = create_key(&client).await;
            if number % 5 == 0 {
                client.call("PutKeyPolicy", json!({"KeyId": key, "Policy": POLICY})).await.unwrap();
            }
            let blob = encrypt(&client, &key, HI).await;
            let policy = text(&client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap()["Policy"]);
            self.known.insert(key, Known { blob, policy });
        }
    }

    /// Every key opens what it encrypted and has the policy it had, here.
    async fn assert_known(&self, world: &World) {
        let client = world.client(ACCOUNT, REGION);
        for (key, known) in &self.known {
            let opened = client.call("Decrypt", json!({"CiphertextBlob": known.blob})).await.unwrap();
            assert_eq!(opened["Plaintext"], HI);
            let policy = client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap();
            assert_eq!(policy["Policy"], known.policy.as_str());
        }
    }

    /// How many rows of key policies there are of each version.
    async fn versions(&self) -> BTreeMap<u8, usize> {
        let (mut versions, mut range) = (BTreeMap::new(), KeyRange::prefix(b"key-policy\0"));
        let snapshot = self.memory.snapshot().await.unwrap();
        loop {
            let page = snapshot.scan(&range, 1000).await.unwrap();
            page.entries.iter().for_each(|entry| *versions.entry(entry.value[0]).or_default() += 1);
            let Some(last) = page.entries.last().filter(|_| page.more) else { return versions };
            range = range.after(&last.key);
        }
    }

    fn all_of(&self, version: u8) -> BTreeMap<u8, usize> {
        BTreeMap::from([(version, self.known.len())])
    }
}

fn setting(engine: &FaultyEngine) -> Setting {
    Setting { engine: Arc::new(engine.clone()), ..Setting::default() }
}

/// Joins, without anything that reports later: nobody is waited for longer than the bound.
async fn join(world: &World, number: u8) {
    world.service.refuse_when_older_than(Duration::from_secs(3600));
    let (id, name) = (NodeId([number; 16]), format!("node {number}"));
    let node = Node { id, name, version: "0", freshness_bound: Duration::from_secs(2), waits_for_all: false };
    world.service.join_nodes(node).await.unwrap();
}

async fn operate(world: &World, operation: &str) -> Result<Value, AwsError> {
    world.client(MANAGEMENT, REGION).operator(operation, json!({})).await
}

async fn state(world: &World) -> (Value, Value) {
    let answer = operate(world, "DescribeUpgrade").await.unwrap();
    (answer["Format"].clone(), answer["State"].clone())
}

fn is(format: u16, state: &str) -> (Value, Value) {
    (json!(format), json!(state))
}

#[tokio::test(start_paused = true)]
async fn two_versions_run_side_by_side_and_the_way_back_is_open_until_it_is_finished() {
    let (mut store, older) = Store::made_by_older().await;
    join(&older, 1).await;
    store.fill(&older, KEYS).await;
    // A node of the newer version comes, and what it writes the older one reads.
    let newer = store.opened(Formats::OURS, &older, 2).await;
    join(&newer, 2).await;
    store.fill(&newer, 5).await;
    store.fill(&older, 5).await;
    assert_eq!((store.versions().await, state(&newer).await), (store.all_of(2), is(1, "SETTLED")));
    store.assert_known(&older).await;
    store.assert_known(&newer).await;
    let refused = operate(&newer, "StartUpgrade").await.unwrap_err();
    assert_eq!(refused.code, "KMSInvalidStateException");
    assert!(refused.message.contains("upgrade or stop: node 1 (0)."), "{}", refused.message);

    // The older node is replaced, and the upgrade begun; it is cut off half way.
    older.service.leave_nodes().await.unwrap();
    let third = store.opened(Formats::OURS, &older, 3).await;
    join(&third, 1).await;
    let begun = operate(&third, "StartUpgrade").await.unwrap();
    assert_eq!((&begun["Format"], &begun["State"]), (&json!(2), &json!("UPGRADING")));
    assert_eq!(operate(&newer, "StartUpgrade").await.unwrap_err().code, "KMSInvalidStateException");
    assert_eq!(operate(&newer, "FinishUpgrade").await.unwrap_err().code, "KMSInvalidStateException");
    store.fill(&newer, 2).await;
    store.engine.plan(Call::Commit, 3, Fault::LoseRequest);
    newer.service.rewrite_rows().await;
    let versions = store.versions().await;
    assert!(versions[&2] > 20 && versions[&3] > 20, "{versions:?}");
    store.assert_known(&third).await;
    assert_eq!(state(&third).await, is(2, "UPGRADING"));

    // Back: nothing of the new format is left, and the older version is at work again.
    operate(&newer, "RevertUpgrade").await.unwrap();
    store.fill(&third, 2).await;
    assert_eq!(state(&newer).await, is(1, "REVERTING"));
    third.service.rewrite_rows().await;
    assert_eq!((store.versions().await, state(&newer).await), (store.all_of(2), is(1, "SETTLED")));
    third.service.leave_nodes().await.unwrap();
    let back = store.opened(OLDER, &older, 4).await;
    join(&back, 1).await;
    store.fill(&back, 2).await;
    store.assert_known(&back).await;
    assert_eq!(operate(&newer, "StartUpgrade").await.unwrap_err().code, "KMSInvalidStateException");

    // Once more, to the end, by two nodes at once.
    back.service.leave_nodes().await.unwrap();
    let last = store.opened(Formats::OURS, &older, 5).await;
    join(&last, 1).await;
    operate(&last, "StartUpgrade").await.unwrap();
    let (one, other) = (Arc::clone(&last.service), Arc::clone(&newer.service));
    let both = [
        tokio::spawn(async move { one.rewrite_rows().await }),
        tokio::spawn(async move { other.rewrite_rows().await }),
    ];
    for rewriting in both {
        rewriting.await.unwrap();
    }
    assert_eq!((store.versions().await, state(&newer).await), (store.all_of(3), is(2, "UPGRADED")));
    operate(&newer, "FinishUpgrade").await.unwrap();
    store.fill(&last, 2).await;
    assert_eq!((store.versions().await, state(&last).await), (store.all_of(3), is(2, "SETTLED")));
    assert_eq!(operate(&last, "RevertUpgrade").await.unwrap_err().code, "KMSInvalidStateException");
    store.assert_known(&newer).await;
    store.assert_known(&last).await;
}

/// A node that the announcement has passed by (it was cut off, or began at that moment) writes nothing and knows nothing new.
#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_know_the_format_changes_nothing_and_does_not_start() {
    let (mut store, older) = Store::made_by_older().await;
    store.fill(&older, 3).await;
    let newer = store.opened(Formats::OURS, &older, 2).await;
    join(&newer, 2).await;
    operate(&newer, "StartUpgrade").await.unwrap();
    newer.service.rewrite_rows().await;
    let before = store.memory.snapshot().await.unwrap().revision();
    let refused = older.client(ACCOUNT, REGION).call("CreateKey", json!({})).await.unwrap_err();
    assert_eq!(refused.status, 500, "{refused:?}");
    assert_eq!(store.memory.snapshot().await.unwrap().revision(), before);
    let try_older = || World::try_open(Setting { formats: OLDER, ..setting(&store.engine) }, &older.clock);
    let refused = try_older().await.unwrap_err().to_string();
    assert!(refused.contains("format 2") && refused.contains("formats 1 to 1"), "{refused}");
    assert!(refused.contains("kagiban upgrade revert"), "{refused}");
    operate(&newer, "RevertUpgrade").await.unwrap();
    assert!(try_older().await.is_err(), "rows of the new format are left");
    newer.service.rewrite_rows().await;
    store.assert_known(&try_older().await.unwrap()).await;
    operate(&newer, "StartUpgrade").await.unwrap();
    newer.service.rewrite_rows().await;
    operate(&newer, "FinishUpgrade").await.unwrap();
    assert!(try_older().await.is_err());
}

/// Of a node that says nothing of formats (it is of a version before there were any) the first one is assumed; what it said before it was
/// started anew counts for nothing.
#[tokio::test(start_paused = true)]
async fn nodes_that_say_nothing_know_the_first_format() {
    let (store, older) = Store::made_by_older().await;
    let newer = store.opened(Formats::OURS, &older, 2).await;
    join(&newer, 2).await;
    let other = store.opened(Formats::OURS, &older, 3).await;
    join(&other, 3).await;
    let formats = async || {
        let nodes = operate(&newer, "DescribeUpgrade").await.unwrap()["Nodes"].clone();
        nodes.as_array().unwrap().iter().map(|node| node["NewestFormat"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(formats().await, [2, 2]);
    let row = [b"node-formats\0".as_slice(), &[3; 16]].concat();
    let stored = store.memory.snapshot().await.unwrap().read(&row).await.unwrap().unwrap().value;
    let of_another_start = String::from_utf8(stored.clone()).unwrap().replace("\"started\":1", "\"started\":2");
    for value in [None, Some(of_another_start.into_bytes())] {
        let batch = match value {
            Some(value) => kagiban_storage::Batch::new().put(row.clone(), value),
            None => kagiban_storage::Batch::new().delete(row.clone()),
        };
        store.memory.commit(batch).await.unwrap();
        // What comes later is behind it in the view.
        create_key(&newer.client(ACCOUNT, REGION)).await;
        assert_eq!(formats().await, [2, 1]);
        assert!(operate(&newer, "StartUpgrade").await.unwrap_err().message.contains("node 3"));
    }
}

/// Killed at each commit of an upgrade and of the way back, whether that took effect or not, another process goes on.
#[tokio::test(start_paused = true)]
async fn what_is_cut_off_at_any_commit_goes_on_from_there() {
    let pages = upgrade_to_and_fro(None).await;
    assert!(pages.iter().all(|pages| *pages >= 3), "{pages:?}");
    for nth in 1..=pages.into_iter().min().unwrap() {
        for fault in [Fault::LoseRequest, Fault::LoseAnswer] {
            upgrade_to_and_fro(Some((nth, fault))).await;
        }
    }
}

/// An upgrade, the way back, and an upgrade that is finished; in each the writing anew meets the fault, and somebody else goes on. Tells how
/// many commits each took.
async fn upgrade_to_and_fro(fault: Option<(u64, Fault)>) -> Vec<u64> {
    let (mut store, older) = Store::made_by_older().await;
    store.fill(&older, KEYS).await;
    let first = store.opened(Formats::OURS, &older, 2).await;
    join(&first, 2).await;
    let mut pages = Vec::new();
    for (operation, version, expected) in
        [("StartUpgrade", 3, "UPGRADED"), ("RevertUpgrade", 2, "SETTLED"), ("StartUpgrade", 3, "UPGRADED")]
    {
        operate(&first, operation).await.unwrap();
        let before = store.engine.calls(Call::Commit);
        if let Some((nth, fault)) = &fault {
            store.engine.plan(Call::Commit, *nth, fault.clone());
        }
        first.service.rewrite_rows().await;
        pages.push(store.engine.calls(Call::Commit) - before);
        let second = store.opened(Formats::OURS, &older, 9).await;
        second.service.rewrite_rows().await;
        assert_eq!(store.versions().await, store.all_of(version), "{fault:?} {operation}");
        assert_eq!(state(&second).await.1, expected, "{fault:?} {operation}");
    }
    operate(&first, "FinishUpgrade").await.unwrap();
    store.assert_known(&first).await;
    pages
}
