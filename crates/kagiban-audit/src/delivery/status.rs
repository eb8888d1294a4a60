//! How the deliveries are doing, for those who ask.

use std::fmt;

use kagiban_base::time::Timestamp;

use super::layout::Trail;
use crate::recorder::Sequence;

/// One target's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetStatus {
    /// The target as it was named in the options.
    pub target: String,
    /// The first record that it does not have.
    pub next: Sequence,
    /// Records that wait.
    pub behind: u64,
    /// The time of the first record that waits.
    pub waiting_since: Option<Timestamp>,
    /// When something was last tried.
    pub attempted: Option<Timestamp>,
    /// When something last came through.
    pub delivered: Option<Timestamp>,
    /// Why the last attempt failed; `None` when it did not.
    pub error: Option<String>,
    /// The end of the latest digests' time.
    pub digested: Option<Timestamp>,
    /// Records that were gone before they could be delivered, since the start.
    pub lost: u64,
}

/// The trail and its first target, as CloudTrail's operations describe them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrailDescription {
    /// Name and home Region.
    pub trail: Trail,
    /// The bucket, or what stands for one; empty when nothing takes log files.
    pub bucket: String,
    /// What stands before `AWSLogs`; may be empty.
    pub prefix: String,
    /// When the deliveries began in this process.
    pub started: Timestamp,
}

/// Tells of the deliveries. Never blocks.
pub trait TrailView: fmt::Debug + Send + Sync {
    /// The trail.
    fn description(&self) -> TrailDescription;

    /// All targets, in the order of the options.
    fn targets(&self) -> Vec<TargetStatus>;
}
