//! Two nodes on one store: who waits for whom, for how long, and who decides nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_service::Service;
use kagiban_service::nodes::{Node, NodeId};
use kagiban_storage::MemoryEngine;
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_testkit::{AwsError, SeededRandom, World};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::operator::MANAGEMENT;
use crate::states;
use crate::subjects::Subject;
use crate::support::{ACCOUNT, HI, REGION, base64, create_key, encrypt, fresh_accounts, text, texts_of};

const BOUND: Duration = Duration::from_secs(2);
const WAIT: [(&str, &str); 1] = [("x-kagiban-wait", "all-nodes")];

/// Two nodes; the second one's feed can be held up, and its reports stopped.
pub(crate) struct Nodes {
    pub(crate) first: World,
    pub(crate) second: World,
    pub(crate) memory: MemoryEngine,
    pub(crate) feed: FaultyEngine,
    reporting: Vec<JoinHandle<()>>,
}

impl Nodes {
    pub(crate) async fn new(waits_for_all: bool) -> Self {
        let memory = MemoryEngine::new();
        let feed = FaultyEngine::new(Arc::new(memory.clone()));
        let first = World::on(Arc::new(memory.clone())).await;
        let random = Arc::new(SeededRandom::new(2));
        let second = World::reopen(Arc::new(feed.clone()), Arc::clone(&first.clock), random).await;
        let mut nodes = Self { first, second, memory, feed, reporting: Vec::new() };
        for (number, world) in [(1, &nodes.first), (2, &nodes.second)] {
            // The engine in memory proves nothing, so that the view grows old; that is tested elsewhere.
            world.service.refuse_when_older_than(Duration::from_secs(3600));
            world.service.join_nodes(node(number, waits_for_all)).await.unwrap();
        }
        nodes.reporting = [&nodes.first, &nodes.second].map(|world| report(Arc::clone(&world.service))).into();
        // What was taken off before a start is not known for as long as the bound.
        tokio::time::sleep(BOUND).await;
        nodes
    }

    /// Holds up the second node's feed, from the next change on.
    pub(crate) fn hold(&self) -> Gate {
        let gate = Gate::new();
        // The feed stands in its next call already, for which it is too late.
        self.feed.plan(Call::Next, 1, Fault::Gate(gate.clone()));
        gate
    }

    async fn encrypt_on_second(&self, key: &str) -> Result<Value, AwsError> {
        let client = self.second.client(ACCOUNT, REGION);
        client.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        self.reporting.iter().for_each(JoinHandle::abort);
    }
}

fn node(number: u8, waits_for_all: bool) -> Node {
    let name = format!("node {number}");
    Node { id: NodeId([number; 16]), name, version: "0", freshness_bound: BOUND, waits_for_all }
}

/// Answers those who ask; no beats.
fn report(service: Arc<Service>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            service.node_report_wanted().await;
            service.report_node(false).await.unwrap();
        }
    })
}

/// Timers go by milliseconds.
fn is_the_bound(took: Duration) -> bool {
    (BOUND..BOUND + Duration::from_millis(50)).contains(&took)
}

/// Disables a key through the first node with these headers, and tells how long that took.
async fn disable(nodes: &Nodes, key: &str, headers: &[(&'static str, &str)]) -> Duration {
    let (client, began) = (nodes.first.client(ACCOUNT, REGION), Instant::now());
    client.call_with(headers, "DisableKey", json!({"KeyId": key})).await.unwrap();
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_waits_comes_when_all_nodes_know() {
    let nodes = Nodes::new(false).await;
    let key = create_key(&nodes.first.client(ACCOUNT, REGION)).await;
    for _ in 0..20 {
        assert!(disable(&nodes, &key, &WAIT).await < BOUND);
        assert_eq!(nodes.encrypt_on_second(&key).await.unwrap_err().code, "DisabledException");
        let client = nodes.first.client(ACCOUNT, REGION);
        client.call_with(&WAIT, "EnableKey", json!({"KeyId": key})).await.unwrap();
        nodes.encrypt_on_second(&key).await.unwrap();
    }
}

/// What broke, and the simulation found: in the moment between a rotation at one node and its arrival at another, the other called
/// ciphertexts under the new material invalid.
#[tokio::test(start_paused = true)]
async fn a_ciphertext_under_material_that_has_not_arrived_is_waited_for() {
    let nodes = Nodes::new(false).await;
    let client = nodes.first.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    for (opens_after, expected) in [(700, Ok(HI)), (60_000, Err("503 ServiceUnavailableException"))] {
        let gate = nodes.hold();
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
        client.call("RotateKeyOnDemand", json!({"KeyId": key})).await.unwrap();
        let blob = encrypt(&client, &key, HI).await;
        let opening = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(opens_after)).await;
            gate.open();
        });
        let mut forged = STANDARD.decode(&blob).unwrap();
        // In the material's id, which comes behind the key's.
        forged[40] ^= 1;
        let second = nodes.second.client(ACCOUNT, REGION);
        let (forged, began) = (json!({"CiphertextBlob": base64(&forged)}), Instant::now());
        assert_eq!(second.call("Decrypt", forged).await.unwrap_err().code, "InvalidCiphertextException");
        assert_eq!(began.elapsed(), Duration::ZERO, "nobody made such material");
        let opened = second.call("Decrypt", json!({"CiphertextBlob": blob})).await;
        let told = opened.map(|opened| text(&opened["Plaintext"]));
        let told = told.map_err(|error| format!("{} {}", error.status, error.code));
        assert_eq!(told.as_deref().map_err(String::as_str), expected);
        opening.await.unwrap();
        tokio::time::sleep(BOUND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_a_node_that_lags_and_no_longer_than_the_bound() {
    let nodes = Nodes::new(false).await;
    let key = create_key(&nodes.first.client(ACCOUNT, REGION)).await;
    for (opens_after, least, most) in [(700, 700, 1500), (60_000, 2000, 2050)] {
        // One change passes, in the call that the feed stands in.
        let gate = nodes.hold();
        let client = nodes.first.client(ACCOUNT, REGION);
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
        let opening = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(opens_after)).await;
            gate.open();
        });
        let took = disable(&nodes, &key, &WAIT).await;
        assert!((least..=most).contains(&took.as_millis()), "{took:?}");
        let is_known = opens_after < 2000;
        assert_eq!(nodes.encrypt_on_second(&key).await.is_err(), is_known, "{opens_after}");
        opening.await.unwrap();
        tokio::time::sleep(BOUND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_ask_does_not_wait_unless_the_server_says_so() {
    for waits_for_all in [false, true] {
        let nodes = Nodes::new(waits_for_all).await;
        let client = nodes.first.client(ACCOUNT, REGION);
        let key = create_key(&client).await;
        nodes.reporting[1].abort();
        let took = disable(&nodes, &key, &[]).await;
        assert!(if waits_for_all { is_the_bound(took) } else { took.is_zero() }, "{took:?}");
        let began = Instant::now();
        client.call("EnableKey", json!({"KeyId": key})).await.unwrap();
        client.call_with(&WAIT, "DescribeKey", json!({"KeyId": key})).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO, "this gives rights, or reads");
    }
}

/// What waits where the server is set so: what takes a right away, or may, as aliases and tags do that policies ask for. All others
/// don't: they give only, they read, or they answer from the view.
const WAITING: [&str; 11] = [
    "CreateAlias",
    "DeleteAlias",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
];

#[tokio::test(start_paused = true)]
async fn of_all_operations_those_wait_that_may_take_a_right_away() {
    let nodes = Nodes::new(true).await;
    nodes.reporting[1].abort();
    let others = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];
    let mut waited = BTreeSet::new();
    for (operation, account) in states::operations().chain(others).zip(fresh_accounts()) {
        let client = nodes.first.client(&account, REGION);
        let input = match operation {
            "CreateKey" | "ListKeys" => json!({}),
            "GenerateRandom" => json!({"NumberOfBytes": 8}),
            "ListRetirableGrants" => json!({"RetiringPrincipal": format!("arn:aws:iam::{account}:root")}),
            _ => states::input(operation, &Subject::of(operation, &client).await),
        };
        if operation == "CancelKeyDeletion" {
            client.call("ScheduleKeyDeletion", json!({"KeyId": input["KeyId"]})).await.unwrap();
        }
        // From here on it has to be waited for.
        nodes.second.service.report_node(false).await.unwrap();
        let began = Instant::now();
        client.call(operation, input).await.unwrap();
        let took = began.elapsed();
        assert!(took < Duration::from_millis(50) || is_the_bound(took), "{operation}: {took:?}");
        if is_the_bound(took) {
            waited.insert(operation);
        }
    }
    assert_eq!(waited, BTreeSet::from(WAITING));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_to_be_waited_for_is_refused_and_not_done() {
    let nodes = Nodes::new(false).await;
    let client = nodes.first.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    for headers in [vec![("x-kagiban-wait", "some-nodes")], vec![WAIT[0], ("x-kagiban-wait", "")]] {
        let refused = client.call_with(&headers, "DisableKey", json!({"KeyId": key})).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (400, "ValidationException"));
        assert!(refused.message.contains("x-kagiban-wait"), "{refused:?}");
        client.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_node_is_taken_off_decides_nothing_and_comes_back() {
    let nodes = Nodes::new(false).await;
    let key = create_key(&nodes.first.client(ACCOUNT, REGION)).await;
    nodes.reporting[1].abort();
    for _ in 0..4 {
        nodes.encrypt_on_second(&key).await.unwrap();
        nodes.first.service.report_node(true).await.unwrap();
    }
    // It may not know yet, so this waits as long as it may decide.
    assert!(is_the_bound(disable(&nodes, &key, &WAIT).await));
    let refused = nodes.encrypt_on_second(&key).await.unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (503, "ServiceUnavailableException"));
    // From then on nobody waits for it.
    assert_eq!(disable(&nodes, &key, &WAIT).await, Duration::ZERO);
    nodes.second.service.report_node(false).await.unwrap();
    assert_eq!(nodes.encrypt_on_second(&key).await.unwrap_err().code, "DisabledException");
    assert!(is_the_bound(disable(&nodes, &key, &WAIT).await), "it is waited for again");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_leaves_is_not_waited_for() {
    let nodes = Nodes::new(false).await;
    let key = create_key(&nodes.first.client(ACCOUNT, REGION)).await;
    nodes.reporting[1].abort();
    nodes.second.service.leave_nodes().await.unwrap();
    tokio::time::sleep(BOUND).await;
    assert_eq!(disable(&nodes, &key, &WAIT).await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn nodes_are_listed_with_what_they_are() {
    let nodes = Nodes::new(false).await;
    let states = async || {
        let operator = nodes.first.client(MANAGEMENT, REGION);
        let listed = operator.operator("ListNodes", json!({})).await.unwrap()["Nodes"].clone();
        assert_eq!(texts_of(&listed, "NodeName"), ["node 1", "node 2"]);
        assert_eq!(listed[0]["IsAnswering"], true);
        assert_eq!(listed[1]["NodeId"], "02".repeat(16));
        texts_of(&listed, "State")
    };
    assert_eq!(states().await, ["CURRENT", "CURRENT"]);
    nodes.reporting[1].abort();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(states().await, ["CURRENT", "SILENT"]);
    for _ in 0..4 {
        nodes.first.service.report_node(true).await.unwrap();
    }
    assert_eq!(states().await, ["CURRENT", "REMOVED"]);
    nodes.second.service.report_node(false).await.unwrap();
    nodes.second.service.leave_nodes().await.unwrap();
    assert_eq!(states().await, ["CURRENT", "LEFT"]);
    nodes.first.clock.move_by_ms(31 * 24 * 3600 * 1000);
    nodes.first.service.report_node(true).await.unwrap();
    let operator = nodes.first.client(MANAGEMENT, REGION);
    let listed = operator.operator("ListNodes", json!({})).await.unwrap()["Nodes"].clone();
    assert_eq!(texts_of(&listed, "NodeName"), ["node 1"], "ended nodes are forgotten");
}

#[tokio::test]
async fn an_embedded_store_has_no_nodes_and_nothing_to_wait_for() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    client.call_with(&WAIT, "DisableKey", json!({"KeyId": key})).await.unwrap();
    let listed = world.client(MANAGEMENT, REGION).operator("ListNodes", json!({})).await.unwrap();
    assert_eq!(listed, json!({"Nodes": []}));
}
