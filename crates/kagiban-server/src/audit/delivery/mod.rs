//! Carries the audit's records to where an operator wants them: log files and digest files to directories and buckets, lines
//! to standard output and collectors.
//!
//! Each target has a thread of the lowest priority, a place in the journal of its own, and a file that remembers it. Requests
//! never wait for a target. A target that is down is tried again until it is up, and what it does not have yet can be seen
//! (`kagiban audit status`, GetTrailStatus, the log).

mod client;
mod collector;
mod cursor;
mod directory;
mod lines;
mod objects;
mod retention;
mod retry;
mod s3;
mod standard_output;
mod target;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kagiban_audit::delivery::{TargetStatus, Trail, TrailDescription, TrailView};
use kagiban_audit::journal::JournalId;
use kagiban_audit::signing::Signer;
use kagiban_audit::{Follower, Recorder, Sequence};
use kagiban_base::random::Random;
use kagiban_base::time::{Clock, Timestamp};
use tokio::sync::mpsc;

pub(crate) use self::client::Client;
pub use self::client::OriginError;
use self::cursor::StateFile;
use self::lines::{LineTarget, Lines};
use self::objects::{ObjectTarget, Objects};
pub(crate) use self::s3::BucketOptions;
pub use self::s3::S3Error;
pub(crate) use self::target::TargetError;
pub use self::target::{CollectorForm, InvalidTarget, TargetSpec};
use crate::data_directory::WriteError;
use crate::shutdown::Stop;

/// The nice value of these threads, the lowest priority there is.
const NICE: i32 = 19;
/// How long deliveries may take to end.
const FAREWELL_MAX: Duration = Duration::from_secs(5);

/// What deliveries need of their surroundings.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The journal's number.
    pub(crate) journal: JournalId,
    /// Reads the journal.
    pub(crate) follower: Arc<dyn Follower>,
    /// Says when a record can no longer be lost.
    pub(crate) recorder: Arc<dyn Recorder>,
    /// Signs digests.
    pub(crate) signer: Arc<dyn Signer>,
    /// The deployment's time.
    pub(crate) clock: Arc<dyn Clock>,
    /// For pauses that differ.
    pub(crate) random: Arc<dyn Random>,
}

impl Surroundings {
    /// Where a delivery begins anew that has delivered from another journal, or from a later state of this one, whose end its
    /// `next` record is beyond. `None` where it goes on. Deliveries of older versions did not write down from `which` journal.
    fn beginning_anew(&self, next: Sequence, which: Option<JournalId>, board: &Board) -> Option<Sequence> {
        let latest = self.follower.latest();
        let is_same = which.is_none_or(|which| which == self.journal);
        if is_same && next <= latest.next() {
            return None;
        }
        let first = self.follower.earliest().max(Sequence(1));
        let (target, next, latest) = (board.status().target, next.0, latest.0);
        tracing::error!(
            delivery = target,
            next,
            latest,
            first = first.0,
            "the audit journal is another than was delivered from, or an older state of it; it is delivered from its beginning"
        );
        Some(first)
    }
}

/// What is to be delivered where.
#[derive(Clone, Debug)]
pub(crate) struct DeliverySettings {
    /// The trail.
    pub(crate) trail: Trail,
    /// The targets.
    pub(crate) targets: Vec<TargetSpec>,
    /// How often log files are written, when there are records.
    pub(crate) every: Duration,
    /// Days for which files in directories are kept; for ever without.
    pub(crate) keep_days: Option<u32>,
    /// What is needed to write to buckets.
    pub(crate) buckets: BucketOptions,
    /// A file with what authorizes us to a collector: the value of its Authorization header.
    pub(crate) collector_authorization: Option<PathBuf>,
    /// How records are sent to a collector.
    pub(crate) collector_form: CollectorForm,
}

/// The deliveries cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// A file of the deliveries cannot be made.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A file of the deliveries cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It can, and is none.
    #[error("cannot go on with the delivery of {}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: kagiban_audit::delivery::StateDamaged,
    },
    /// A bucket cannot be used.
    #[error(transparent)]
    Bucket(#[from] S3Error),
    /// A collector cannot be used.
    #[error("cannot deliver to a collector: {0}")]
    Collector(#[from] OriginError),
    /// No thread.
    #[error("cannot start a thread for the audit's deliveries")]
    Thread(#[source] io::Error),
}

/// The deliveries of this process. They end when told to stop.
pub(crate) struct Deliveries {
    description: TrailDescription,
    boards: Vec<Arc<Board>>,
    follower: Arc<dyn Follower>,
}

impl Deliveries {
    /// Starts a thread for each target. `below` is the directory of their files.
    ///
    /// # Errors
    /// [`DeliveryError`]
    pub(crate) fn start(
        settings: &DeliverySettings,
        below: &std::path::Path,
        around: &Surroundings,
        stop: &Stop,
    ) -> Result<(Arc<Self>, Ended), DeliveryError> {
        let mut boards = Vec::new();
        let (working, ended) = mpsc::channel(1);
        for spec in &settings.targets {
            let board = Arc::new(Board::new(spec.to_string()));
            let state = StateFile::new(below, spec)?;
            start_one(spec, settings, state, around, &board, (stop.clone(), working.clone()))?;
            boards.push(board);
        }
        let (bucket, prefix) = settings.targets.iter().find_map(TargetSpec::bucket_and_prefix).unwrap_or_default();
        let description =
            TrailDescription { trail: settings.trail.clone(), bucket, prefix, started: around.clock.now() };
        let deliveries = Self { description, boards, follower: Arc::clone(&around.follower) };
        Ok((Arc::new(deliveries), Ended(ended)))
    }
}

impl TrailView for Deliveries {
    fn description(&self) -> TrailDescription {
        self.description.clone()
    }

    fn targets(&self) -> Vec<TargetStatus> {
        let end = self.follower.latest().0.saturating_add(1);
        let with_lag = |status: TargetStatus| TargetStatus { behind: end.saturating_sub(status.next.0), ..status };
        self.boards.iter().map(|board| with_lag(board.status())).collect()
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").field("targets", &self.targets()).finish_non_exhaustive()
    }
}

/// When all threads of the deliveries have ended.
#[derive(Debug)]
pub(crate) struct Ended(mpsc::Receiver<()>);

impl Ended {
    /// Until they have, but for so long only: where a delivery is cut, the next start goes on.
    pub(crate) async fn wait(mut self) {
        _ = tokio::time::timeout(FAREWELL_MAX, self.0.recv()).await;
    }
}

fn start_one(
    spec: &TargetSpec,
    settings: &DeliverySettings,
    state: StateFile,
    around: &Surroundings,
    board: &Arc<Board>,
    (stop, working): (Stop, mpsc::Sender<()>),
) -> Result<(), DeliveryError> {
    let (around, board) = (around.clone(), Arc::clone(board));
    let objects = |target: Arc<dyn ObjectTarget>| Objects::open(target, settings, state.clone(), &around, &board);
    let lines = |target: Box<dyn LineTarget>| Lines::open(target, state.clone(), &around, &board);
    match spec {
        TargetSpec::Directory(path) => {
            let target = Arc::new(directory::Directory::new(path.clone(), settings.keep_days));
            spawn(objects(target)?.run(stop), working)
        }
        TargetSpec::Bucket { bucket, prefix } => {
            let target = Arc::new(s3::Bucket::new(bucket, prefix, &settings.buckets)?);
            spawn(objects(target)?.run(stop), working)
        }
        TargetSpec::StandardOutput => spawn(lines(Box::new(standard_output::StandardOutput))?.run(stop), working),
        TargetSpec::Collector(uri) => {
            let file = settings.collector_authorization.as_deref();
            let target = collector::Collector::new(uri, file, settings.collector_form)?;
            spawn(lines(Box::new(target))?.run(stop), working)
        }
    }
}

/// Runs the work on a thread of its own, and nothing else there.
fn spawn(work: impl Future<Output = ()> + Send + 'static, working: mpsc::Sender<()>) -> Result<(), DeliveryError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(DeliveryError::Thread)?;
    let work = move || {
        // Without the lower priority it is only less polite.
        let _polite = rustix::process::nice(NICE);
        runtime.block_on(work);
        drop(working);
    };
    let started = std::thread::Builder::new().name("audit-delivery".to_owned()).spawn(work);
    started.map(drop).map_err(DeliveryError::Thread)
}

/// Where a target's state can be seen.
#[derive(Debug)]
pub(super) struct Board(Mutex<TargetStatus>);

impl Board {
    fn new(target: String) -> Self {
        Self(Mutex::new(TargetStatus { target, ..TargetStatus::default() }))
    }

    fn status(&self) -> TargetStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut TargetStatus)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Something came through, or there was nothing to do.
    fn succeeded(&self, at: Timestamp) {
        self.change(|status| {
            (status.attempted, status.delivered, status.error) = (Some(at), Some(at), None);
        });
    }

    fn failed(&self, at: Timestamp, error: &dyn std::error::Error) {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        self.change(|status| (status.attempted, status.error) = (Some(at), Some(text)));
    }
}
