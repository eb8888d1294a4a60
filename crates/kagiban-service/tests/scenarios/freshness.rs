//! Several nodes on one store: whoever cannot prove that its view is current decides nothing, through no door, and changes
//! nothing because of what it knew before.
//!
//! What broke: IAM, STS, CloudTrail and the operator's reads were asked once only, before they began; and a change that had
//! waited for the store was permitted from whatever the view then held.

use std::sync::Arc;
use std::time::Duration;

use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::{Batch, Engine, MemoryEngine};
use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::operator::MANAGEMENT;
use crate::support::{REGION, create_key};

const BOUND: Duration = Duration::from_secs(2);
const BEYOND: Duration = Duration::from_millis(2001);

/// A node of several, with a key.
struct Node {
    world: World,
    engine: FaultyEngine,
    memory: MemoryEngine,
    key: String,
}

impl Node {
    async fn new() -> Self {
        let memory = MemoryEngine::new();
        let engine = FaultyEngine::new(Arc::new(memory.clone()));
        let world = World::on(Arc::new(engine.clone())).await;
        let key = create_key(&world.client(MANAGEMENT, REGION)).await;
        world.service.refuse_when_older_than(BOUND);
        let node = Self { world, engine, memory, key };
        node.catch_up().await;
        node
    }

    fn client(&self) -> Client<'_> {
        self.world.client(MANAGEMENT, REGION)
    }

    /// The view is proven as of now: the feed breaks, and the store is scanned.
    async fn catch_up(&self) {
        let scans = self.engine.calls(Call::Scan);
        self.engine.plan(Call::Next, 1, Fault::Conflict);
        // Something for the feed to tell.
        self.memory.commit(Batch::new().put(b"zz", b"")).await.unwrap();
        while self.engine.calls(Call::Scan) <= scans {
            tokio::task::yield_now().await;
        }
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }

    /// Calls `service Operation`; gives its error's code, or nothing.
    async fn ask(&self, called: &str) -> String {
        let (service, operation) = called.split_once(' ').unwrap();
        let (client, key) = (self.client(), self.key.as_str());
        let grantee = format!("arn:aws:iam::{MANAGEMENT}:root");
        let answered: Result<(), AwsError> = match service {
            "kms" => {
                let input = match operation {
                    "CreateGrant" => json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"]}),
                    "CreateKey" | "ListKeys" => json!({}),
                    _ => json!({"KeyId": key}),
                };
                client.call(operation, input).await.map(drop)
            }
            "iam" => client.iam(operation, &[("UserName", "ann")]).await.map(drop),
            "sts" => client.sts(operation, &[]).await.map(drop),
            "cloudtrail" => client.cloudtrail(operation, json!({})).await.map(drop),
            _ => {
                let input = if operation == "CreateAccount" {
                    json!({"Name": "new", "AccountId": "999988887777"})
                } else {
                    json!({})
                };
                client.operator(operation, input).await.map(drop)
            }
        };
        answered.err().map_or_else(String::new, |error| format!("{} {}", error.status, error.code))
    }

    /// The same, while the store keeps the `nth` call of a kind waiting for longer than the bound. The view may catch up meanwhile.
    async fn ask_slowly(&self, called: &str, (call, nth): (Call, u64), catches_up: bool) -> String {
        let gate = Gate::new();
        self.engine.plan(call, nth, Fault::Gate(gate.clone()));
        let mut asked = std::pin::pin!(self.ask(called));
        tokio::select! {
            answer = &mut asked => panic!("{called} does not come to its {nth}. {call:?}: {answer}"),
            () = gate.reached(1) => {}
        }
        advance(BEYOND).await;
        if catches_up {
            self.catch_up().await;
        }
        gate.open();
        asked.await
    }

    /// Source and name of the last record.
    fn last_record(&self) -> (Value, Value) {
        let record = self.world.journal().rendered_after(0).pop().unwrap();
        (record["eventSource"].clone(), record["eventName"].clone())
    }
}

const REFUSED: &str = "503 ServiceUnavailableException";
/// In XML there is no `Exception`.
const REFUSED_IN_XML: &str = "503 ServiceUnavailable";

/// Every door, with what it answers and what its records name.
const DOORS: [(&str, &str, &str); 10] = [
    ("kms DescribeKey", REFUSED, "kms.amazonaws.com"),
    ("kms CreateKey", REFUSED, "kms.amazonaws.com"),
    ("iam ListUsers", REFUSED_IN_XML, "iam.amazonaws.com"),
    ("iam CreateUser", REFUSED_IN_XML, "iam.amazonaws.com"),
    ("sts GetCallerIdentity", REFUSED_IN_XML, "sts.amazonaws.com"),
    ("sts GetSessionToken", REFUSED_IN_XML, "sts.amazonaws.com"),
    ("cloudtrail ListPublicKeys", REFUSED, "cloudtrail.amazonaws.com"),
    ("cloudtrail DescribeTrails", REFUSED, "cloudtrail.amazonaws.com"),
    ("kagiban ListAccounts", REFUSED, "kagiban.amazonaws.com"),
    ("kagiban CreateAccount", REFUSED, "kagiban.amazonaws.com"),
];

#[tokio::test(start_paused = true)]
async fn every_door_is_closed_while_the_view_is_old() {
    let node = Node::new().await;
    advance(BEYOND).await;
    for (called, refused, source) in DOORS {
        assert_eq!(node.ask(called).await, refused, "{called}");
        let name = called.split_once(' ').unwrap().1;
        assert_eq!(node.last_record(), (source.into(), name.into()));
    }
    node.catch_up().await;
    assert_eq!(node.ask("kms DescribeKey").await, "");
    assert_eq!(node.ask("iam ListUsers").await, "");
}

#[tokio::test(start_paused = true)]
async fn what_became_old_while_it_was_read_is_not_answered() {
    for (called, refused, source) in DOORS {
        let (_, operation) = called.split_once(' ').unwrap();
        // The others of these ask the store for nothing.
        if !["ListUsers", "ListPublicKeys", "ListAccounts"].contains(&operation) {
            continue;
        }
        let node = Node::new().await;
        assert_eq!(node.ask_slowly(called, (Call::Snapshot, 1), false).await, refused, "{called}");
        assert_eq!(node.last_record().0, source);
    }
}

/// What broke: while etcd elected a leader, clients of AWS used up their attempts within a tenth of a second.
#[tokio::test(start_paused = true)]
async fn a_view_that_is_old_is_given_a_moment() {
    let node = Node::new().await;
    let waited = async || {
        let began = Instant::now();
        node.world.service.await_freshness().await;
        began.elapsed()
    };
    assert_eq!(waited().await, Duration::ZERO, "it is fresh");
    advance(BEYOND).await;
    let moment = waited().await;
    assert!(moment > Duration::from_millis(500) && moment < BOUND / 2, "{moment:?}");
    assert_eq!(node.ask("kms DescribeKey").await, REFUSED);
    let (waiting, ()) = tokio::join!(waited(), node.catch_up());
    assert!(waiting < moment, "{waiting:?}");
    assert_eq!(node.ask("kms DescribeKey").await, "");
}

/// What was decided from a view that is too old by the time of the commit is not committed, also when the view has caught up
/// in between.
#[tokio::test(start_paused = true)]
async fn a_change_is_not_committed_on_a_permission_of_long_ago() {
    for (called, refused) in [
        ("kms CreateGrant", REFUSED),
        ("kms CreateKey", REFUSED),
        ("kms DisableKey", REFUSED),
        ("iam CreateUser", REFUSED_IN_XML),
        ("kagiban CreateAccount", REFUSED),
    ] {
        for (step, catches_up) in [(Call::Snapshot, false), (Call::Read, false), (Call::Read, true)] {
            let node = Node::new().await;
            let commits = node.engine.calls(Call::Commit);
            assert_eq!(node.ask_slowly(called, (step, 1), catches_up).await, refused, "{called} at {step:?}");
            assert_eq!(node.engine.calls(Call::Commit), commits, "{called} at {step:?}");
        }
    }
    let node = Node::new().await;
    let created = node.ask_slowly("kms CreateGrant", (Call::Snapshot, 1), true).await;
    assert_eq!(created, "", "decided behind the wait, from a view that was current");
}

/// What broke: the page of metrics waited for a store that did not answer, and told nothing at all.
#[tokio::test(start_paused = true)]
async fn figures_do_not_wait_for_a_store_that_says_nothing() {
    let node = Node::new().await;
    node.engine.plan(Call::Snapshot, 1, Fault::Gate(Gate::new()));
    let figures = node.world.service.store_figures().await;
    assert_eq!((figures.latest, figures.is_healthy), (None, true));
    assert!(figures.applied > kagiban_storage::Revision::ZERO);
    assert_eq!(node.world.service.store_figures().await.latest, Some(figures.applied));
}
