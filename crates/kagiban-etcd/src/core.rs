//! What an engine, its snapshots and its feeds share.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use kagiban_storage::EngineError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::client::{Client, RANGE, engine_error};
use crate::grpc::CallError;
use crate::layout::Layout;
use crate::messages::{RangeRequest, RangeResponse, revision_of};
use crate::slots::Slots;

pub(crate) struct Core {
    pub(crate) client: Client,
    pub(crate) layout: Layout,
    pub(crate) slots: Slots,
    pub(crate) readers: Readers,
    closed: watch::Sender<bool>,
}

/// The store's head, as a majority of the members vouched for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// The revision of the store's last batch; zero before the first.
    pub(crate) store: i64,
    /// The revision of its first batch; zero before it.
    pub(crate) first: i64,
    /// The cluster's revision, which others move, too.
    pub(crate) cluster: i64,
    /// Before the question was sent: what was committed by then is in it.
    pub(crate) as_of: Instant,
}

impl Core {
    pub(crate) fn new(client: Client, layout: Layout, slots: Slots) -> Self {
        Self { client, layout, slots, readers: Readers::default(), closed: watch::channel(false).0 }
    }

    /// The head as it is now: linearizable.
    pub(crate) async fn head(&self) -> Result<Head, CallError> {
        let as_of = Instant::now();
        let answer: RangeResponse = self.client.call(RANGE, &one(self.layout.head())).await?;
        let (first, store) = answer.kvs.first().map_or((0, 0), |head| (head.create_revision, head.mod_revision));
        Ok(Head { store, first, cluster: revision_of(answer.header.as_ref()), as_of })
    }

    pub(crate) fn check_open(&self) -> Result<(), EngineError> {
        if *self.closed.borrow() { Err(EngineError::Closed) } else { Ok(()) }
    }

    /// From now on everything is refused.
    pub(crate) fn close(&self) {
        self.closed.send_replace(true);
    }

    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Closed, rather than what failed because of that.
    pub(crate) fn error(&self, error: &CallError) -> EngineError {
        self.check_open().err().unwrap_or_else(|| engine_error(error))
    }
}

/// The request for one key, now.
pub(crate) fn one(key: Bytes) -> RangeRequest {
    RangeRequest { key, ..RangeRequest::default() }
}

/// The revisions that living snapshots of this engine show.
#[derive(Default)]
pub(crate) struct Readers {
    at: Mutex<BTreeMap<i64, usize>>,
    left: tokio::sync::Notify,
}

impl Readers {
    pub(crate) fn enter(&self, revision: i64) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let count = at.entry(revision).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn leave(&self, revision: i64) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = at.get_mut(&revision) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                at.remove(&revision);
            }
        }
        drop(at);
        self.left.notify_waiters();
    }

    /// Waits until no snapshot shows an earlier revision.
    pub(crate) async fn none_before(&self, revision: i64) {
        loop {
            let left = self.left.notified();
            let first = self.at.lock().unwrap_or_else(PoisonError::into_inner).keys().next().copied();
            if first.is_none_or(|first| first >= revision) {
                return;
            }
            left.await;
        }
    }
}
