//! Beside a program of a version that does not know rotation.

use std::sync::Arc;
use std::time::Duration;

use kagiban_base::os::OsRandom;
use kagiban_base::time::Clock;
use kagiban_service::rekey::{Opener, RekeyError, Stage, rekey};
use kagiban_storage::{Batch, Engine, MemoryEngine, Store};
use serde_json::json;

use super::root_key::root;
use super::{phase, rotate, tend};
use crate::jobs::erasure::rows_of;
use crate::nodes::Nodes;
use crate::operator::{MANAGEMENT, ask};
use crate::support::REGION;

/// For what follows from the store's feed.
const A_MOMENT: Duration = Duration::from_millis(10);

/// A node that has not said which formats it knows, or is there no more.
async fn older_node(memory: &MemoryEngine, is_there: bool) {
    let row = rows_of("node", memory).await.remove(0);
    let (key, text) = ([&b"node\0"[..], &[9; 16]].concat(), String::from_utf8(row.value).unwrap());
    let batch = match is_there {
        true => Batch::new().put(key, text.replace("node 1", "elder").into_bytes()),
        false => Batch::new().delete(key),
    };
    memory.commit(batch).await.unwrap();
    tokio::time::sleep(A_MOMENT).await;
}

#[tokio::test(start_paused = true)]
async fn neither_a_rotation_nor_a_change_of_the_root_key_begins_beside_an_older_program() {
    let nodes = Nodes::new(false).await;
    let (one, store) = (&nodes.first, Store::new(Arc::new(nodes.memory.clone())));
    let change = async || {
        let (old, new, stage) = (root(7), root(8), (Stage::Both, one.clock.now()));
        rekey(&store, Opener::RootKey(&old), Some(&new), stage, &OsRandom).await
    };
    older_node(&nodes.memory, true).await;
    let refused = ask(one, &one.client(MANAGEMENT, REGION), "RotateDomainKey", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "KMSInvalidStateException");
    assert!(refused.message.contains("elder (0)") && !refused.message.contains("node 2"), "{}", refused.message);
    let refused = change().await;
    assert!(matches!(&refused, Err(RekeyError::OlderNode(node)) if node.name == "elder"), "{refused:?}");
    older_node(&nodes.memory, false).await;
    rotate(one, false).await;
    tend(&one.service).await;
    assert_eq!(phase(one).await, "KEEPING");
    change().await.unwrap();
}

/// It would write on under the old key.
#[tokio::test(start_paused = true)]
async fn a_rotation_that_was_begun_waits_until_an_older_program_is_gone() {
    let nodes = Nodes::new(false).await;
    let one = &nodes.first;
    rotate(one, false).await;
    older_node(&nodes.memory, true).await;
    for _ in 0..3 {
        assert!(one.service.tend_domain_keys().await > Duration::ZERO);
        assert_eq!(phase(one).await, "PREPARED");
    }
    older_node(&nodes.memory, false).await;
    tend(&one.service).await;
    assert_eq!(phase(one).await, "KEEPING");
}
