//! Keeps an in-memory view as fresh as the feed allows, and tells how fresh that is.
//!
//! A view is loaded from a full scan and then takes every change. When the feed cannot go on (the follower fell behind,
//! the engine compacted) it is scanned again under the view's feet: rows are overwritten in place and what is gone is
//! dropped at the end, so that a reader of the view never meets an empty one.
//!
//! The rows of one batch are applied one after the other, not at once: a view that needs two rows to agree must check
//! that itself. Nothing sleeps here, and nothing is spawned but one thread while a store is loaded; the caller drives
//! [`Follower::run`] and decides when to call it again after an engine failed.

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use kagiban_base::time::{Clock, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task;
use tokio::time::Instant;

use crate::engine::{Engine, EngineError, KeyRange, Page, Revision, SCAN_ENTRIES_MAX, Snapshot};
use crate::feed::{Change, FeedError, FeedEvent};

/// A map of a view: read without a lock. Hashed by foldhash, with a seed of each process: a third of the time of the
/// standard hasher, which half a dozen look-ups of each request would pay. Who chooses keys (names of aliases, of users) does not
/// learn the seed, and quotas bound how many.
pub type ViewMap<K, V> = papaya::HashMap<K, V, foldhash::quality::RandomState>;

/// How a key of a [`ViewMap`] is looked up by something else that has the same hash.
pub use papaya::Equivalent;

/// A view that takes rows as they change.
pub trait Apply: Send + Sync {
    /// Why the view cannot take a row.
    type Error: Error + Send + Sync + 'static;

    /// Takes a row's present value, or its end. Called again with the same value now and then.
    ///
    /// # Errors
    /// When the row makes no sense to the view. The follower stops there, since a view without it would be wrong.
    fn apply(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), Self::Error>;

    /// Drops every row for which `is_stored` is false.
    fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool);
}

/// Pages that may wait for the view while further ones are read.
const PAGES_AHEAD: usize = 4;

/// How far a view has got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The view contains every change up to this revision.
    pub applied: Revision,
    /// When the follower last heard from the engine that the view is up to date.
    pub heard_at: Timestamp,
    /// The view held everything that the store held at this moment, by the clock that nobody sets. It moves on when the
    /// view is loaded or scanned, and when the engine proves its feed, which only those behind a network do.
    pub proven_as_of: Instant,
    /// How often the view was scanned again because the feed could not go on.
    pub rescans: u64,
}

impl Progress {
    /// How long ago the view was proven to hold everything.
    pub fn age(&self) -> Duration {
        self.proven_as_of.elapsed()
    }
}

/// The follower is gone, the view will not get fresher.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the view is not followed any more")]
pub struct NotFollowed;

/// Why a follower stopped.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FollowError<E: Error + 'static> {
    /// The view did not take a row. Going on is of no use.
    #[error("the view does not take a stored row")]
    Apply(#[source] E),
    /// The engine failed or was closed. After [`EngineError::Unavailable`] call [`Follower::run`] again.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Where a view stands; cheap to clone.
#[derive(Clone, Debug)]
pub struct Applied(watch::Receiver<Progress>);

impl Applied {
    /// How far the view is now.
    pub fn progress(&self) -> Progress {
        *self.0.borrow()
    }

    /// Waits until the view contains the changes up to `revision`: a writer reads its own writes after this. While the
    /// follower exists and is not running, that is without end: put a deadline around it.
    ///
    /// # Errors
    /// [`NotFollowed`] when that will not happen.
    pub async fn wait_for(&self, revision: Revision) -> Result<(), NotFollowed> {
        if self.progress().applied >= revision {
            return Ok(());
        }
        let reached = |progress: &Progress| progress.applied >= revision;
        self.0.clone().wait_for(reached).await.map(drop).map_err(|_| NotFollowed)
    }

    /// Waits until `is_so`, which is asked now and whenever the view has moved on or was proven again; maybe without end, so put
    /// a deadline around it.
    ///
    /// # Errors
    /// [`NotFollowed`] when nothing will move any more.
    pub async fn wait_until(&self, is_so: impl Fn() -> bool) -> Result<(), NotFollowed> {
        let mut progress = self.0.clone();
        loop {
            // Before it is asked, so that what happens meanwhile counts as a change.
            progress.mark_unchanged();
            if is_so() {
                return Ok(());
            }
            progress.changed().await.map_err(|_| NotFollowed)?;
        }
    }
}

/// Drives one view.
pub struct Follower<A> {
    engine: Arc<dyn Engine>,
    view: Arc<A>,
    clock: Arc<dyn Clock>,
    progress: watch::Sender<Progress>,
}

impl<A: Apply + 'static> Follower<A> {
    /// Loads the whole store into `view`, which is complete when this returns. Reading and decoding are about as much work
    /// each, so that a second thread does the one beside the other.
    ///
    /// # Errors
    /// [`FollowError`].
    pub async fn load(
        engine: Arc<dyn Engine>,
        view: Arc<A>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Applied), FollowError<A::Error>> {
        let (heard_at, proven_as_of) = (clock.now(), Instant::now());
        let applied = load_into(&*engine, Arc::clone(&view)).await?;
        let (progress, receiver) = watch::channel(Progress { applied, heard_at, proven_as_of, rescans: 0 });
        Ok((Self { engine, view, clock, progress }, Applied(receiver)))
    }

    /// Follows the changes until that fails; it goes on from there when called again.
    ///
    /// # Errors
    /// Always: [`FollowError`] says why it ended.
    pub async fn run(&mut self) -> Result<std::convert::Infallible, FollowError<A::Error>> {
        loop {
            let mut feed = self.engine.changes(self.applied()).await?;
            let ended = loop {
                match feed.next().await {
                    Ok(FeedEvent::Change(change)) => self.apply(&change)?,
                    Ok(FeedEvent::Progress { through, as_of }) => self.prove(through, as_of),
                    Err(ended) => break ended,
                }
            };
            match ended {
                FeedError::Compacted { .. } => self.rescan().await?,
                FeedError::Engine(error) => return Err(error.into()),
            }
        }
    }

    fn applied(&self) -> Revision {
        self.progress.borrow().applied
    }

    fn apply(&self, change: &Change) -> Result<(), FollowError<A::Error>> {
        for write in &change.writes {
            self.view.apply(&write.key, write.value.as_deref()).map_err(FollowError::Apply)?;
        }
        self.reach(change.revision);
        Ok(())
    }

    fn reach(&self, revision: Revision) {
        let heard_at = self.clock.now();
        self.progress.send_modify(|progress| {
            progress.applied = progress.applied.max(revision);
            progress.heard_at = heard_at;
        });
    }

    fn prove(&self, through: Revision, as_of: Instant) {
        self.reach(through);
        self.progress.send_modify(|progress| progress.proven_as_of = progress.proven_as_of.max(as_of));
    }

    async fn rescan(&self) -> Result<(), FollowError<A::Error>> {
        // Taken before the scan: the view is as fresh as the scan's beginning.
        let (heard_at, proven_as_of) = (self.clock.now(), Instant::now());
        let mut stored = HashSet::new();
        let applied = scan_into(&*self.engine, &*self.view, |key| _ = stored.insert(key)).await?;
        self.view.keep_only(&|key| stored.contains(key));
        self.progress.send_modify(|progress| {
            let rescans = progress.rescans.saturating_add(1);
            *progress = Progress { applied, heard_at, proven_as_of, rescans };
        });
        Ok(())
    }
}

/// Reads here, and applies on a thread of its own.
async fn load_into<A: Apply + 'static>(engine: &dyn Engine, view: Arc<A>) -> Result<Revision, FollowError<A::Error>> {
    let mut pages = Pages::of(engine).await?;
    let (read, mut waiting) = mpsc::channel::<Page>(PAGES_AHEAD);
    let applying = task::spawn_blocking(move || {
        while let Some(page) = waiting.blocking_recv() {
            page.entries.iter().try_for_each(|entry| view.apply(&entry.key, Some(&entry.value)))?;
        }
        Ok(())
    });
    while let Some(page) = pages.next().await? {
        if read.send(page).await.is_err() {
            // The view refused a row.
            break;
        }
    }
    drop(read);
    match applying.await {
        Ok(applied) => applied.map(|()| pages.snapshot.revision()).map_err(FollowError::Apply),
        Err(stopped) => match stopped.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is being shut down.
            Err(_) => Err(EngineError::Closed.into()),
        },
    }
}

/// Applies row by row, and tells which keys there are.
async fn scan_into<A: Apply>(
    engine: &dyn Engine,
    view: &A,
    mut seen: impl FnMut(Vec<u8>) + Send,
) -> Result<Revision, FollowError<A::Error>> {
    let mut pages = Pages::of(engine).await?;
    while let Some(page) = pages.next().await? {
        for entry in page.entries {
            view.apply(&entry.key, Some(&entry.value)).map_err(FollowError::Apply)?;
            seen(entry.key);
        }
    }
    Ok(pages.snapshot.revision())
}

/// The whole store, page by page.
struct Pages {
    snapshot: Box<dyn Snapshot>,
    /// What is still to be read; `None` at the end.
    rest: Option<KeyRange>,
}

impl Pages {
    async fn of(engine: &dyn Engine) -> Result<Self, EngineError> {
        Ok(Self { snapshot: engine.snapshot().await?, rest: Some(KeyRange::all()) })
    }

    async fn next(&mut self) -> Result<Option<Page>, EngineError> {
        let Some(range) = self.rest.take() else { return Ok(None) };
        let page = self.snapshot.scan(&range, SCAN_ENTRIES_MAX).await?;
        self.rest = page.entries.last().filter(|_| page.more).map(|last| range.after(&last.key));
        Ok(Some(page))
    }
}
