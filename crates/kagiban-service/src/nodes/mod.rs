//! The nodes that share a store: who they are, and waiting until all of them know a change.
//!
//! A change that one node acknowledged is in force on the others some milliseconds later, and after the bound of freshness on
//! whoever decides at all. Who takes a right away may want to know that it is away: then the answer waits until every
//! member has reported that its view contains the change, or until the bound has passed, after which a node that has not seen
//! it refuses. Nothing is asked of a node but to write its row; nodes do not speak to each other.
//!
//! Whoever waits must know all who could decide. So:
//! - A node decides nothing before its view shows its own row as that of a member. What was changed before the row was written
//!   is in that view, and whoever changes something later sees the row.
//! - One that keeps silent is taken off by another, with a row that says so. It decides nothing once its view shows that, and
//!   if its view does not come so far, no longer than its bound; that long nobody's wait is over
//!   (`NodeDirectory::settled_at`). When it is back, it writes itself in again. One that ends in order takes itself off.
//!
//! A row is written every [`Service::NODE_BEAT`] and when another asks, on no condition but that the store is in the format that it was: an idle deployment
//! writes a row in ten seconds for each node. Cryptography and permissions cost one look at a flag more.

pub(crate) mod directory;
pub(crate) mod wait;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use kagiban_base::time::{DAY_MS, Timestamp};
use kagiban_storage::{Revision, StoreError, Transaction};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

pub use crate::records::node::NodeId;

use self::directory::Known;
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::records::node::{NodeRecord, NodeRowKey, Standing};
use crate::records::node_formats::{NodeFormatsRecord, NodeFormatsRowKey};

/// Between two questions to nodes that do not answer.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// How long the end of a node is remembered.
const REMEMBERED_MS: i64 = 30 * DAY_MS;

/// What this process is among the nodes.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its number.
    pub id: NodeId,
    /// What to call it.
    pub name: String,
    /// The version of the program.
    pub version: &'static str,
    /// From which age of its view on it does not decide.
    pub freshness_bound: Duration,
    /// Whether what takes rights away is answered only once all nodes know it, wherever nothing else is asked for.
    pub waits_for_all: bool,
}

/// This node, since it started.
#[derive(Debug)]
pub(crate) struct OwnNode {
    node: Node,
    started: Timestamp,
    asked: AtomicU64,
}

/// A node could not join the others.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The store failed.
    #[error("this node cannot be written into the store")]
    Store(#[from] StoreError),
    /// The view of the store is not kept up.
    #[error("the store is not followed")]
    NotFollowed,
}

impl Service {
    /// How often a node writes its row when nobody asks. After three of another's beats without it, it is taken off.
    pub const NODE_BEAT: Duration = Duration::from_secs(10);

    /// Takes part as a node of a store that several share. Until this has returned nothing is decided; afterwards
    /// [`Service::report_node`] must be called as it says.
    ///
    /// # Errors
    /// [`JoinError`]
    pub async fn join_nodes(&self, node: Node) -> Result<(), JoinError> {
        self.view.nodes().take_part(node.id, node.freshness_bound);
        let own = OwnNode { node, started: self.clock.now(), asked: AtomicU64::new(0) };
        let own = self.node.get_or_init(|| own);
        self.write_node(own, Standing::Member).await
    }

    /// Whether the view shows a node of this number, whatever has become of it.
    pub fn has_node(&self, id: NodeId) -> bool {
        self.view.nodes().has(id)
    }

    /// Returns when this node's row is wanted before the next beat.
    pub async fn node_report_wanted(&self) {
        self.view.nodes().wanted().await;
    }

    /// Writes this node's row: on each beat, and as soon as [`Service::node_report_wanted`] returns. On a beat it also looks after the others.
    ///
    /// # Errors
    /// [`JoinError`]: it shall be tried again soon.
    pub async fn report_node(&self, is_beat: bool) -> Result<(), JoinError> {
        let Some(own) = self.node.get() else { return Ok(()) };
        self.write_node(own, Standing::Member).await?;
        if is_beat {
            for (id, record) in self.view.nodes().beat() {
                self.take_off(id, record).await?;
            }
            self.forget_ended().await?;
        }
        Ok(())
    }

    /// Takes this node off, as its last act: the others need not wait for it any more.
    ///
    /// # Errors
    /// [`JoinError`]: then they take it off themselves, some time later.
    pub async fn leave_nodes(&self) -> Result<(), JoinError> {
        match self.node.get() {
            Some(own) => self.write_node(own, Standing::Left).await,
            None => Ok(()),
        }
    }

    /// Whether others write to the store, too.
    pub(crate) fn is_one_of_several(&self) -> bool {
        self.node.get().is_some()
    }

    /// Waits until the view is at a revision, no longer than the bound of freshness.
    ///
    /// # Errors
    /// Stale: it does not get there.
    pub(crate) async fn view_reaches(&self, revision: Revision) -> Result<(), ServiceError> {
        let bound = self.node.get().map_or(Duration::ZERO, |own| own.node.freshness_bound);
        match timeout(bound, self.applied.wait_for(revision)).await {
            Ok(reached) => reached.map_err(|_| ServiceError::Internal(InternalError::NotFollowed)),
            Err(_) => Err(ServiceError::Stale),
        }
    }

    /// Waits until every node that decides anything knows what this one knows now.
    pub(crate) async fn all_nodes_know(&self) {
        let revision = self.applied.progress().applied.number();
        self.hear_of_nodes(|known| known.record.applied >= revision).await;
    }

    /// Asks all members to report, and waits until they have, or until those that have not decide nothing.
    pub(crate) async fn hear_from_nodes(&self) {
        let asked_at = Instant::now();
        self.hear_of_nodes(|known| known.seen >= asked_at).await;
    }

    async fn hear_of_nodes(&self, is_so: impl Fn(&Known) -> bool) {
        if self.node.get().is_none() {
            return;
        }
        let nodes = self.view.nodes();
        let deadline = Instant::now() + nodes.widest_bound();
        let (mut changes, mut asks_at) = (nodes.changes(), Instant::now());
        loop {
            if nodes.have(&is_so) {
                break;
            }
            if Instant::now() >= deadline {
                tracing::info!("a node did not report within the bound of freshness; it decides nothing now");
                break;
            }
            if Instant::now() >= asks_at {
                nodes.ask();
                asks_at += ASK_AGAIN;
            }
            // What comes of it is looked at above.
            _ = timeout_at(asks_at.min(deadline), changes.changed()).await;
        }
        sleep_until(nodes.settled_at()).await;
    }

    async fn write_node(&self, own: &OwnNode, standing: Standing) -> Result<(), JoinError> {
        if self.view.nodes().take_question() {
            own.asked.fetch_add(1, Relaxed);
        }
        let (key, record) = (NodeRowKey(own.node.id), &own.record(standing, self));
        let known = NodeFormatsRecord { formats: self.store.formats(), started: own.started };
        let is_told = self.view.nodes().formats_of(own.node.id, own.started) == Some(known.formats);
        let write = |tx: Transaction| async move {
            if !is_told {
                tx.put(&NodeFormatsRowKey(own.node.id), &known)?;
            }
            tx.put(&key, record)
        };
        self.change_nodes("ReportNode", write).await
    }

    /// Takes a node off that has written nothing since.
    async fn take_off(&self, id: NodeId, silent: NodeRecord) -> Result<(), JoinError> {
        let (key, silent) = (NodeRowKey(id), &silent);
        self.change_nodes("TakeNodeOff", |tx| async move {
            let found = tx.read::<NodeRecord>(&key).await?;
            if found.as_ref() == Some(silent) {
                let removed = NodeRecord { standing: Standing::Removed, reported: self.clock.now(), ..silent.clone() };
                tx.put(&key, &removed)?;
                tracing::warn!(node = %id, name = &*silent.name, "a node keeps silent and is taken off");
            }
            Ok(())
        })
        .await
    }

    async fn forget_ended(&self) -> Result<(), JoinError> {
        let before = Timestamp::from_unix_ms(self.clock.now().unix_ms().saturating_sub(REMEMBERED_MS));
        let ended = &self.view.nodes().ended_before(before);
        if ended.is_empty() {
            return Ok(());
        }
        self.change_nodes("ForgetNodes", |tx| async move {
            for id in ended {
                let key = NodeRowKey(*id);
                if tx.read::<NodeRecord>(&key).await?.is_some_and(|found| !found.is_member()) {
                    tx.delete::<NodeRecord>(&key)?;
                    tx.delete::<NodeFormatsRecord>(&key)?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn change_nodes<B, F>(&self, name: &'static str, body: B) -> Result<(), JoinError>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<(), StoreError>>,
    {
        let (_, revision) = self.store.transact(name, body).await?;
        match revision {
            Some(revision) => self.applied.wait_for(revision).await.map_err(|_| JoinError::NotFollowed),
            None => Ok(()),
        }
    }
}

impl OwnNode {
    /// Whether what takes rights away waits, if nothing else is asked for.
    pub(crate) fn waits_for_all(&self) -> bool {
        self.node.waits_for_all
    }

    /// Its number.
    pub(crate) fn id(&self) -> NodeId {
        self.node.id
    }

    fn record(&self, standing: Standing, service: &Service) -> NodeRecord {
        NodeRecord {
            name: self.node.name.as_str().into(),
            version: self.node.version.into(),
            standing,
            started: self.started,
            reported: service.clock.now(),
            applied: service.applied.progress().applied.number(),
            asked: self.asked.load(Relaxed),
            freshness_bound_ms: u64::try_from(self.node.freshness_bound.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
