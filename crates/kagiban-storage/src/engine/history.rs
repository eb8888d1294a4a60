//! The latest changes of an in-process engine, in memory, for its feeds.
//!
//! Bounded: a feed that falls behind the bound is told so and rescans. It never slows a writer down.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::batch::Write;
use crate::engine::{EngineError, Revision};
use crate::feed::{Change, ChangeFeed, FeedError, FeedEvent};

const CHANGES_MAX: usize = 4096;
const BYTES_MAX: usize = 16 << 20;

pub(super) struct History {
    kept: Mutex<Kept>,
    signal: watch::Sender<Signal>,
}

/// INVARIANT: `changes` are all changes after `forgotten`, in order.
struct Kept {
    changes: VecDeque<Arc<Change>>,
    bytes: usize,
    forgotten: Revision,
}

#[derive(Clone, Copy)]
struct Signal {
    latest: Revision,
    closed: bool,
}

impl History {
    /// The history of a store that stands at `revision`; what came before is not known.
    pub(super) fn new(revision: Revision) -> Arc<Self> {
        let kept = Kept { changes: VecDeque::new(), bytes: 0, forgotten: revision };
        let (signal, _) = watch::channel(Signal { latest: revision, closed: false });
        Arc::new(Self { kept: Mutex::new(kept), signal })
    }

    /// Adds a change that is durable, and wakes the feeds. Revisions only grow.
    pub(super) fn publish(&self, change: Change) {
        let latest = change.revision;
        let mut kept = self.kept();
        kept.bytes = kept.bytes.saturating_add(bytes_of(&change));
        kept.changes.push_back(Arc::new(change));
        kept.forget_while(|kept| kept.changes.len() > CHANGES_MAX || kept.bytes > BYTES_MAX);
        drop(kept);
        self.signal.send_modify(|signal| signal.latest = latest);
    }

    /// The last revision published.
    #[cfg(test)]
    pub(super) fn latest(&self) -> Revision {
        self.signal.borrow().latest
    }

    /// Forgets the changes up to `through`, as the bounds would.
    pub(super) fn forget(&self, through: Revision) {
        self.kept().forget_while(|kept| kept.changes.front().is_some_and(|change| change.revision <= through));
    }

    /// Ends all feeds once they have shown what there is.
    pub(super) fn close(&self) {
        self.signal.send_modify(|signal| signal.closed = true);
    }

    pub(super) fn feed(self: &Arc<Self>, after: Revision) -> Box<dyn ChangeFeed> {
        Box::new(HistoryFeed { history: self.clone(), signal: self.signal.subscribe(), after })
    }

    fn next(&self, after: Revision) -> Result<Option<Arc<Change>>, FeedError> {
        let kept = self.kept();
        if after < kept.forgotten {
            return Err(FeedError::Compacted { after });
        }
        let at = kept.changes.partition_point(|change| change.revision <= after);
        Ok(kept.changes.get(at).cloned())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget_while(&mut self, too_much: impl Fn(&Self) -> bool) {
        while too_much(self) {
            let Some(change) = self.changes.pop_front() else { return };
            self.bytes = self.bytes.saturating_sub(bytes_of(&change));
            self.forgotten = change.revision;
        }
    }
}

fn bytes_of(change: &Change) -> usize {
    // The fixed part stands for the allocations of a small change.
    change.writes.iter().map(Write::bytes).fold(128, usize::saturating_add)
}

struct HistoryFeed {
    history: Arc<History>,
    signal: watch::Receiver<Signal>,
    after: Revision,
}

#[async_trait]
impl ChangeFeed for HistoryFeed {
    async fn next(&mut self) -> Result<FeedEvent, FeedError> {
        loop {
            // Marked as seen before looking, so that a change published in between wakes us again.
            let closed = self.signal.borrow_and_update().closed;
            if let Some(change) = self.history.next(self.after)? {
                self.after = change.revision;
                return Ok(FeedEvent::Change(change));
            }
            if closed || self.signal.changed().await.is_err() {
                return Err(EngineError::Closed.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(number: u64, bytes: usize) -> Change {
        let write = Write { key: number.to_be_bytes().to_vec(), value: Some(vec![0; bytes]) };
        Change { revision: Revision::new(number), writes: vec![write] }
    }

    async fn first_after(history: &Arc<History>, after: u64) -> Option<u64> {
        match history.feed(Revision::new(after)).next().await {
            Ok(FeedEvent::Change(change)) => Some(change.revision.number()),
            Err(FeedError::Compacted { .. }) => None,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_number_of_changes_is_bounded() {
        let history = History::new(Revision::ZERO);
        for number in 1..=5000 {
            history.publish(change(number, 1));
        }
        assert_eq!(first_after(&history, 903).await, None);
        assert_eq!(first_after(&history, 904).await, Some(905));
        assert_eq!(first_after(&history, 4999).await, Some(5000));
    }

    #[tokio::test]
    async fn the_bytes_of_changes_are_bounded() {
        let history = History::new(Revision::ZERO);
        for number in 1..=20 {
            history.publish(change(number, 1 << 20));
        }
        assert_eq!(first_after(&history, 4).await, None);
        assert_eq!(first_after(&history, 5).await, Some(6));
        assert!(history.kept().bytes <= BYTES_MAX);
    }

    #[tokio::test]
    async fn a_closed_history_ends_its_feeds_after_the_last_change() {
        let history = History::new(Revision::ZERO);
        let mut feed = history.feed(Revision::ZERO);
        history.publish(change(1, 1));
        history.close();
        assert!(matches!(feed.next().await, Ok(FeedEvent::Change(_))));
        assert!(matches!(feed.next().await, Err(FeedError::Engine(EngineError::Closed))));
    }
}
