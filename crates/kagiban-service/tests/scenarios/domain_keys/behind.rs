//! Nodes that do not have the key that the others write with: they refuse until they have it, and wait before they give up.

use std::sync::Arc;
use std::time::Duration;

use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::{Batch, Engine, MemoryEngine};
use kagiban_testkit::{SeededRandom, World};
use serde_json::{Value, json};

use super::{HOUR_MS, MINUTE_MS, assert_decrypts, domain_keys, only, rotate, tend};
use crate::jobs::erasure::rows_of;
use crate::nodes::Nodes;
use crate::sealing::{People, unseal};
use crate::support::{ACCOUNT, HI, REGION, create_key, encrypt};

/// For what follows from the store's feed.
const A_MOMENT: Duration = Duration::from_millis(10);

/// The feed may bring a key that the store has already, and the way to it from the old key.
#[tokio::test(start_paused = true)]
async fn a_node_without_a_root_key_waits_for_its_feed_before_it_seals_itself() {
    let memory = MemoryEngine::new();
    let feed = FaultyEngine::new(Arc::new(memory.clone()));
    let (one, people) = (World::on(Arc::new(memory)).await, People::new());
    people.take_over(&one).await;
    let random = Arc::new(SeededRandom::new(2));
    let opened = World::reopen(Arc::new(feed.clone()), Arc::clone(&one.clock), random).await;
    let other = opened.restarted_sealed().await;
    other.service.begin_answering();
    unseal(&other, &[1, 2, 3].map(|at| people.share(at))).await.unwrap();
    let gate = Gate::new();
    for nth in 1..=2 {
        feed.plan(Call::Next, nth, Fault::Gate(gate.clone()));
    }
    // This change passes the feeds, and the next one does not.
    let client = one.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    tokio::time::sleep(A_MOMENT).await;
    rotate(&one, true).await;
    tend(&one.service).await;
    let blob = json!(encrypt(&client, &key, HI).await);
    let tending = tokio::spawn({
        let service = Arc::clone(&other.service);
        async move { service.tend_domain_keys().await }
    });
    tokio::time::sleep(A_MOMENT).await;
    assert!(!other.service.is_sealed());
    gate.open();
    tending.await.unwrap();
    assert!(!other.service.is_sealed());
    assert_decrypts(&other.client(ACCOUNT, REGION), &blob).await;
    create_key(&other.client(ACCOUNT, REGION)).await;
}

/// However long the nodes were waited for before it was replaced.
#[tokio::test(start_paused = true)]
async fn an_old_key_is_kept_from_its_replacement_on() {
    let nodes = Nodes::new(false).await;
    let one = &nodes.first;
    let gate = nodes.hold();
    // This change passes the feed, and the next one does not.
    create_key(&one.client(ACCOUNT, REGION)).await;
    let new = rotate(one, true).await;
    let tending = tokio::spawn({
        let service = Arc::clone(&one.service);
        async move { tend(&service).await }
    });
    tokio::time::sleep(Duration::from_millis(1500)).await;
    one.clock.move_by_ms(HOUR_MS);
    gate.open();
    tending.await.unwrap();
    assert_eq!(domain_keys(one).await.len(), 2);
    one.clock.move_by_ms(MINUTE_MS);
    tend(&one.service).await;
    assert_eq!(domain_keys(one).await, only(&new));
}

/// It is not ready, and answers that another node shall be asked.
#[tokio::test(start_paused = true)]
async fn a_node_without_the_current_key_decides_nothing() {
    let nodes = Nodes::new(false).await;
    let client = nodes.second.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let row = rows_of("deployment", &nodes.memory).await.remove(0);
    let mut body: Value = serde_json::from_slice(&row.value[1..]).unwrap();
    body["current_domain_key"] = json!("09".repeat(16));
    let unknown = [&row.value[..1], body.to_string().as_bytes()].concat();
    for (value, is_ready) in [(unknown, false), (row.value.clone(), true)] {
        nodes.memory.commit(Batch::new().put(row.key.clone(), value)).await.unwrap();
        tokio::time::sleep(A_MOMENT).await;
        assert_eq!(nodes.second.service.is_ready().await, is_ready);
        for (operation, input) in [("CreateKey", json!({})), ("DescribeKey", json!({"KeyId": key}))] {
            let refused = client.call(operation, input).await.err().map(|error| error.code);
            assert_eq!(refused.as_deref(), (!is_ready).then_some("ServiceUnavailableException"), "{operation}");
        }
    }
}
