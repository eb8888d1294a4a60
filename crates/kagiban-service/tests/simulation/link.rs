//! A node's way to the store that all share: it delays, cuts, refuses and loses, as its dice say.
//!
//! Batches, reads and the feed take their time each; a batch that is under way arrives even when its node is gone, and may
//! arrive long after its sender was told that nobody knows. What the feed proves, it proves as an engine behind a network does.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use kagiban_storage::batch::Batch;
use kagiban_storage::engine::{CommitError, KeyRange, Page, Scrubbed, Snapshot, Stored};
use kagiban_storage::feed::{ChangeFeed, FeedError, FeedEvent};
use kagiban_storage::{Engine, EngineError, Revision};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::dice::Dice;
use crate::moments::{as_task, task, throw};
use crate::store::SharedStore;

/// A call gives up when it does not get through for so long.
const GIVES_UP: Duration = Duration::from_secs(1);
/// A feed gives up later.
const FEED_GIVES_UP: Duration = Duration::from_secs(4);
/// How often a feed that has nothing to tell proves that.
const PROVES_EVERY: Duration = Duration::from_millis(400);

/// Part of the numbers of tasks that bring late batches.
const LATE: u64 = 1 << 62;

/// One node's link, as long as its process lives.
pub(crate) struct Link {
    store: Arc<SharedStore>,
    up: watch::Sender<bool>,
    /// The scheduler's, while it starts the node.
    dice: Mutex<Dice>,
    /// Of a thousand calls, so many go wrong.
    trouble: AtomicU32,
    /// While the view is loaded, nothing waits: that is done by a thread, which time does not wait for.
    is_loading: AtomicBool,
    /// After so many commits the process dies; never when negative.
    fuse: AtomicI64,
    is_dead: AtomicBool,
}

/// What becomes of a batch.
enum Fate {
    Arrives,
    Conflicts,
    Late,
    LosesAnswer,
    LosesRequest,
    Refused,
}

impl Link {
    pub(crate) fn new(store: Arc<SharedStore>, dice: Dice) -> Arc<Self> {
        Arc::new(Self {
            store,
            up: watch::Sender::new(true),
            dice: Mutex::new(dice),
            trouble: AtomicU32::new(0),
            is_loading: AtomicBool::new(true),
            fuse: AtomicI64::new(-1),
            is_dead: AtomicBool::new(false),
        })
    }

    pub(crate) fn loaded(&self) {
        self.is_loading.store(false, Relaxed);
    }

    pub(crate) fn set_up(&self, up: bool) {
        self.up.send_replace(up);
    }

    pub(crate) fn is_up(&self) -> bool {
        *self.up.borrow()
    }

    pub(crate) fn set_trouble(&self, per_mille: u32) {
        self.trouble.store(per_mille, Relaxed);
    }

    /// Has the process die behind the `nth` commit from now on, or in the middle of it.
    pub(crate) fn light_fuse(&self, nth: u32) {
        self.fuse.store(i64::from(nth), Relaxed);
    }

    /// Whether the process has come to its end.
    pub(crate) fn is_dead(&self) -> bool {
        self.is_dead.load(Relaxed)
    }

    fn below(&self, end: u32) -> u32 {
        throw(end, &self.dice)
    }

    fn is_in_trouble(&self) -> bool {
        let trouble = self.trouble.load(Relaxed);
        trouble > 0 && self.below(1000) < trouble
    }

    /// Mostly short, sometimes longer than the bound of freshness.
    fn delay_ms(&self) -> u64 {
        let is_in_trouble = self.is_in_trouble();
        u64::from(match (self.below(100), is_in_trouble) {
            (0, true) => 1500 + self.below(2500),
            (0..20, true) | (0, false) => 50 + self.below(500),
            _ => self.below(12),
        })
    }

    async fn rest_if_dead(&self) {
        if self.is_dead() {
            std::future::pending::<()>().await;
        }
    }

    async fn is_up_within(&self, time: Duration) -> bool {
        if !self.is_up() {
            let mut up = self.up.subscribe();
            _ = timeout(time, up.wait_for(|up| *up)).await;
            self.store.pause(0).await;
        }
        self.is_up()
    }

    /// One way to the store or back.
    async fn travel(&self) -> Result<(), EngineError> {
        self.rest_if_dead().await;
        if self.is_loading.load(Relaxed) {
            return if self.is_in_trouble() { Err(EngineError::Unavailable) } else { Ok(()) };
        }
        if !self.is_up_within(GIVES_UP).await {
            return Err(EngineError::Unavailable);
        }
        self.store.pause(self.delay_ms()).await;
        self.rest_if_dead().await;
        if self.is_in_trouble() { Err(EngineError::Unavailable) } else { Ok(()) }
    }

    /// What a feed saw at the store comes to the node.
    async fn bring(&self) -> Result<(), FeedError> {
        self.store.pause(self.delay_ms()).await;
        self.rest_if_dead().await;
        if self.is_up_within(FEED_GIVES_UP).await { Ok(()) } else { Err(EngineError::Unavailable.into()) }
    }

    /// Whether the feed says that it is up to date although it cannot know: a flaw.
    fn lies_cut_off(&self) -> bool {
        self.store.proves_too_much() && !self.is_up()
    }

    fn fate(&self) -> Fate {
        if !self.is_in_trouble() {
            return Fate::Arrives;
        }
        match self.below(5) {
            0 => Fate::Conflicts,
            1 => Fate::Late,
            2 => Fate::LosesAnswer,
            3 => Fate::LosesRequest,
            _ => Fate::Refused,
        }
    }

    /// Whether the process dies with this commit.
    fn burns_down(&self) -> bool {
        let dies = self.fuse.fetch_sub(1, Relaxed) == 1;
        if dies {
            self.is_dead.store(true, Relaxed);
        }
        dies
    }

    /// Has the batch arrive some time from now on, whatever becomes of the sender.
    fn send_late(&self, batch: Batch) {
        let (store, ms) = (Arc::clone(&self.store), u64::from(self.below(4000)));
        let late = async move {
            store.pause(ms).await;
            _ = store.apply(batch).await;
        };
        tokio::spawn(as_task(task() | LATE, 0, late));
    }
}

const UNKNOWN: CommitError = CommitError::OutcomeUnknown { cause: EngineError::Unavailable };

/// The engine at a node's end of its link.
pub(crate) struct LinkEngine(pub(crate) Arc<Link>);

#[async_trait]
impl Engine for LinkEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.0.travel().await?;
        let inner = self.0.store.memory.snapshot().await?;
        Ok(Box::new(LinkSnapshot { inner, link: Arc::clone(&self.0) }))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        let link = &self.0;
        link.travel().await?;
        let fate = link.fate();
        let dies = link.burns_down();
        if dies && link.below(3) == 0 {
            link.rest_if_dead().await;
        }
        let done = match fate {
            Fate::Arrives => link.store.apply(batch).await,
            Fate::Conflicts => Err(CommitError::Conflict),
            Fate::Refused => Err(EngineError::Unavailable.into()),
            Fate::LosesRequest => Err(UNKNOWN),
            Fate::LosesAnswer => {
                _ = link.store.apply(batch).await;
                Err(UNKNOWN)
            }
            Fate::Late => {
                link.send_late(batch);
                Err(UNKNOWN)
            }
        };
        link.rest_if_dead().await;
        if !link.is_loading.load(Relaxed) {
            link.store.pause(link.delay_ms()).await;
            if !link.is_up_within(GIVES_UP).await {
                return Err(UNKNOWN);
            }
        }
        link.rest_if_dead().await;
        done
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        if !self.0.lies_cut_off() {
            self.0.travel().await?;
        }
        let inner = self.0.store.memory.changes(after).await?;
        Ok(Box::new(LinkFeed { inner, link: Arc::clone(&self.0), after }))
    }

    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        self.0.travel().await?;
        self.0.store.memory.scrub().await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.0.store.memory.health().await
    }

    async fn close(&self) -> Result<(), EngineError> {
        Ok(())
    }
}

struct LinkSnapshot {
    inner: Box<dyn Snapshot>,
    link: Arc<Link>,
}

impl LinkSnapshot {
    async fn travel(&self) -> Result<(), EngineError> {
        self.link.travel().await?;
        // What a scrub of another has taken away.
        let is_gone = self.link.is_in_trouble() && self.link.below(4) == 0;
        if is_gone { Err(EngineError::SnapshotGone) } else { Ok(()) }
    }
}

#[async_trait]
impl Snapshot for LinkSnapshot {
    fn revision(&self) -> Revision {
        self.inner.revision()
    }

    async fn read(&self, key: &[u8]) -> Result<Option<Stored>, EngineError> {
        self.travel().await?;
        self.inner.read(key).await
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<Page, EngineError> {
        self.travel().await?;
        self.inner.scan(range, limit).await
    }
}

struct LinkFeed {
    inner: Box<dyn ChangeFeed>,
    link: Arc<Link>,
    after: Revision,
}

#[async_trait]
impl ChangeFeed for LinkFeed {
    async fn next(&mut self) -> Result<FeedEvent, FeedError> {
        let link = Arc::clone(&self.link);
        loop {
            if link.lies_cut_off() {
                link.store.pause(200).await;
                return Ok(FeedEvent::Progress { through: self.after, as_of: Instant::now() });
            }
            if link.is_in_trouble() {
                let is_compacted = link.below(2) == 0;
                let unavailable = EngineError::Unavailable.into();
                return Err(if is_compacted { FeedError::Compacted { after: self.after } } else { unavailable });
            }
            match timeout(PROVES_EVERY, self.inner.next()).await {
                Ok(Ok(FeedEvent::Change(change))) => {
                    link.store.pause(0).await;
                    link.bring().await?;
                    self.after = change.revision;
                    if !link.store.skips_change() {
                        return Ok(FeedEvent::Change(change));
                    }
                }
                Ok(other) => return other,
                Err(_) => {
                    let (as_of, through) = (Instant::now(), self.after);
                    link.store.pause(0).await;
                    link.bring().await?;
                    return Ok(FeedEvent::Progress { through, as_of });
                }
            }
        }
    }
}
