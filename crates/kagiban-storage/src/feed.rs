//! The feed of changes: what a follower reads to stay as fresh as the store.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::batch::Write;
use crate::engine::{EngineError, Revision};

/// One committed batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Its revision.
    pub revision: Revision,
    /// What it wrote.
    pub writes: Vec<Write>,
}

/// What a feed tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FeedEvent {
    /// The next committed batch.
    Change(Arc<Change>),
    /// Every change up to a revision has been shown, and the store held nothing more at a moment. Engines that are
    /// reached over a network prove it now and then; the in-process ones have no need to.
    Progress {
        /// The revision.
        through: Revision,
        /// The moment, by the clock that nobody sets.
        as_of: Instant,
    },
}

/// Why a feed ends. A new one must be asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FeedError {
    /// The changes after the wanted revision are no longer kept: scan a snapshot and follow from its revision.
    #[error("the changes after revision {after} are no longer kept")]
    Compacted {
        /// The revision to go on from.
        after: Revision,
    },
    /// The engine failed or was closed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Changes in revision order, without gap or repetition.
#[async_trait]
pub trait ChangeFeed: Send {
    /// Waits for the next event. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`FeedError`]; the feed is then at its end.
    async fn next(&mut self) -> Result<FeedEvent, FeedError>;
}
