//! Log files and digests for one target: planned, put there, remembered; in this order, so that it can be cut anywhere.
//!
//! What was planned is carried out before anything else, then digests that are due are made, then the next batch is planned.
//! Each step ends with the state's file being replaced. A step that is done a second time puts the same objects in the same
//! places.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kagiban_audit::delivery::{
    BATCH_RECORDS_MAX, Delivered, Digest, DigestError, DigestObject, LogFile, Place, Plan, SIGNATURE_ALGORITHM, Trail,
    TrailState, Window, copies, log_object,
};
use kagiban_audit::{Entry, JournalStopped, ReadError, RecordDamaged, Sequence};
use kagiban_base::time::Timestamp;
use tokio::time::{Instant, sleep};

use super::cursor::StateFile;
use super::retry::Retry;
use super::target::TargetError;
use super::{Board, DeliveryError, DeliverySettings, Surroundings};
use crate::data_directory::WriteError;
use crate::shutdown::Stop;

/// Records of one batch at most; when so many wait, the next batch is planned at once.
const RECORDS_MAX: u64 = BATCH_RECORDS_MAX;
/// Bytes of records of one batch at most, as they are in the journal.
const BYTES_MAX: usize = 32 << 20;
/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);
/// How often progress is told while much waits.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);
/// Batches that wait before progress is told.
const PROGRESS_BATCHES: u64 = 4;

/// Follows the name of a digest: the object that has its signature, for copies of a bucket, which have no metadata.
const BESIDE: &str = ".metadata.json";

/// Takes objects.
#[async_trait]
pub(super) trait ObjectTarget: fmt::Debug + Send + Sync {
    /// The bucket, or what stands for one.
    fn bucket(&self) -> &str;

    /// What stands before `AWSLogs`; may be empty.
    fn prefix(&self) -> &str;

    /// Puts an object there, durably; in the place of one that is there already. What has no metadata leaves it out.
    async fn put(&self, object: &str, bytes: &[u8], metadata: &[(&str, &str)]) -> Result<(), TargetError>;

    /// Removes what is to be kept no longer.
    async fn tidy(&self, _now: Timestamp) -> Result<(), TargetError> {
        Ok(())
    }
}

/// A step that could not be done. It will be done again.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("record {0} of the audit journal cannot be read")]
    Record(Sequence, #[source] RecordDamaged),
    #[error(transparent)]
    Journal(#[from] JournalStopped),
    #[error(transparent)]
    Digest(#[from] DigestError),
    #[error("a log file cannot be made")]
    Pack(#[source] std::io::Error),
    #[error("the state of a delivery cannot be written")]
    State(#[source] kagiban_audit::delivery::StateDamaged),
    #[error(transparent)]
    Save(#[from] WriteError),
}

/// What a step came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// Something was done; there may be more.
    Done,
    /// Nothing is due.
    Idle,
}

/// The delivery of log files to one target.
pub(super) struct Objects {
    target: Arc<dyn ObjectTarget>,
    trail: Trail,
    every: Duration,
    file: StateFile,
    state: TrailState,
    around: Surroundings,
    board: Arc<Board>,
    retry: Retry,
    told: Option<Instant>,
}

impl Objects {
    /// Goes on where the file says; without one, from the earliest record that is kept.
    pub(super) fn open(
        target: Arc<dyn ObjectTarget>,
        settings: &DeliverySettings,
        file: StateFile,
        around: &Surroundings,
        board: &Arc<Board>,
    ) -> Result<Self, DeliveryError> {
        let mut state = match file.load()? {
            Some(bytes) => TrailState::parse(&bytes)
                .map_err(|source| DeliveryError::State { path: file.path().to_owned(), source })?,
            None => {
                // Written down at once: that nothing was due before a restart must not put anything off.
                let mut state = TrailState::new(around.follower.earliest().max(Sequence(1)), around.clock.now());
                state.belongs_to(around.journal);
                let damaged = |source| DeliveryError::State { path: file.path().to_owned(), source };
                file.save(&state.to_bytes().map_err(damaged)?)?;
                state
            }
        };
        if let Some(first) = around.beginning_anew(state.next(), state.journal(), board) {
            state.begin_anew(first);
        }
        state.belongs_to(around.journal);
        board.change(|status| status.next = state.next());
        let (around, board, retry) = (around.clone(), Arc::clone(board), Retry::default());
        let (trail, every) = (settings.trail.clone(), settings.every);
        Ok(Self { target, trail, every, file, state, around, board, retry, told: None })
    }

    /// Delivers until told to stop. Where that cuts, the next start goes on.
    pub(super) async fn run(mut self, mut stop: Stop) {
        loop {
            let pause = tokio::select! {
                () = stop.asked() => return,
                pause = self.next_pause() => pause,
            };
            if pause.is_zero() {
                continue;
            }
            tokio::select! {
                () = stop.asked() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Does a step; returns for how long to pause after it.
    async fn next_pause(&mut self) -> Duration {
        let done = self.step().await;
        let now = self.around.clock.now();
        match done {
            Ok(step) => {
                self.retry.succeeded();
                self.show_progress();
                if step == Step::Done { Duration::ZERO } else { TICK }
            }
            Err(error) => {
                let error = &error as &(dyn std::error::Error + 'static);
                let pause = self.retry.failed(&*self.around.random);
                let (target, failures) = (self.board.status().target, self.retry.failures());
                let waiting = self.waiting();
                tracing::warn!(
                    delivery = target,
                    error,
                    failures,
                    waiting,
                    ?pause,
                    "records are not delivered; trying again"
                );
                self.board.failed(now, error);
                self.show_waiting();
                pause
            }
        }
    }

    /// One step, if one is due.
    pub(super) async fn step(&mut self) -> Result<Step, StepError> {
        if let Some(plan) = self.state.plan() {
            self.carry_out(plan).await?;
            return Ok(Step::Done);
        }
        let now = self.around.clock.now();
        if let Some(window) = self.state.due_window(now) {
            self.digest(window).await?;
            return Ok(Step::Done);
        }
        let waiting = self.waiting();
        let every_ms = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX);
        if waiting >= RECORDS_MAX || (waiting > 0 && now.ms_since(self.state.latest()) >= every_ms) {
            return self.plan(now).await;
        }
        self.target.tidy(now).await?;
        Ok(Step::Idle)
    }

    /// Records that wait to be delivered.
    fn waiting(&self) -> u64 {
        (self.around.follower.latest().0.saturating_add(1)).saturating_sub(self.state.next().0)
    }

    /// Decides on the next batch, and writes the decision down. Records that a loss of power could still take back are
    /// waited for: others would be in their places then.
    async fn plan(&mut self, now: Timestamp) -> Result<Step, StepError> {
        let first = self.state.next();
        let entries = match self.read(first, Sequence(first.0.saturating_add(RECORDS_MAX - 1))) {
            Err(ReadError::Gone(_)) => return self.skip_what_is_gone(),
            entries => entries?,
        };
        let Some(last) = entries.last().map(|entry| entry.sequence) else { return Ok(Step::Idle) };
        self.around.recorder.durable(last).await?;
        self.state.begin(last, now);
        self.save()?;
        Ok(Step::Done)
    }

    /// Goes on after what the journal has let go, loudly.
    fn skip_what_is_gone(&mut self) -> Result<Step, StepError> {
        let (next, earliest) = (self.state.next(), self.around.follower.earliest());
        let (target, lost) = (self.board.status().target, earliest.0.saturating_sub(next.0));
        tracing::error!(delivery = target, lost, from = next.0, "records were gone before they were delivered");
        self.state.skip_to(earliest);
        self.board.change(|status| status.lost = status.lost.saturating_add(lost));
        self.save()?;
        Ok(Step::Done)
    }

    /// The records from `first` to `last`, as many as fit into a batch.
    fn read(&self, first: Sequence, last: Sequence) -> Result<Vec<Entry>, ReadError> {
        let (mut entries, mut bytes, mut at) = (Vec::new(), 0usize, first);
        while at <= last && bytes < BYTES_MAX {
            let mut more = self.around.follower.read(at, BYTES_MAX - bytes)?;
            let Some(newest) = more.last() else { break };
            at = newest.sequence.next();
            more.retain(|entry| entry.sequence <= last);
            bytes = more.iter().fold(bytes, |sum, entry| sum.saturating_add(entry.bytes.len()));
            entries.append(&mut more);
        }
        Ok(entries)
    }

    /// Delivers the log files of a batch, and then remembers them.
    async fn carry_out(&mut self, plan: Plan) -> Result<(), StepError> {
        let entries = match self.read(plan.first(), plan.last()) {
            Err(ReadError::Gone(_)) => return self.skip_what_is_gone().map(drop),
            entries => entries?,
        };
        if entries.last().map(|entry| entry.sequence) != Some(plan.last()) {
            return Err(ReadError::Damaged(plan.last()).into());
        }
        let home = self.trail.home_region;
        let sorted = copies(&entries, &self.state, home).map_err(|(at, error)| StepError::Record(at, error))?;
        let mut files = Vec::new();
        for (place, records) in sorted {
            let file = LogFile::of(place.account, records).map_err(StepError::Pack)?;
            let object = log_object(self.target.prefix(), place, plan.first(), plan.last(), plan.time());
            self.target.put(&object, &file.bytes, &[]).await?;
            files.push((place, Delivered::new(object, &file)));
        }
        self.state.done(files);
        self.board.succeeded(self.around.clock.now());
        self.save()
    }

    /// Delivers the digests of a window, and then remembers them.
    async fn digest(&mut self, window: Window) -> Result<(), StepError> {
        let mut digests: Vec<(Place, DigestObject)> = Vec::new();
        let (bucket, prefix) = (self.target.bucket(), self.target.prefix());
        for (place, chain) in self.state.chains() {
            let digest = Digest { trail: &self.trail, bucket, prefix, place, window, chain };
            let made = digest.make(&*self.around.signer)?;
            let metadata = [("signature", &*made.signature), ("signature-algorithm", SIGNATURE_ALGORITHM)];
            // First: whoever sees the digest finds its signature.
            self.target.put(&format!("{}{BESIDE}", made.object), beside(&metadata).as_bytes(), &[]).await?;
            self.target.put(&made.object, &made.bytes, &metadata).await?;
            digests.push((place, DigestObject { bytes: Vec::new(), ..made }));
        }
        if !digests.is_empty() {
            self.board.succeeded(self.around.clock.now());
            self.board.change(|status| status.digested = Some(window.end));
        }
        self.state.digested(window, digests);
        self.save()
    }

    fn save(&mut self) -> Result<(), StepError> {
        self.file.save(&self.state.to_bytes().map_err(StepError::State)?)?;
        self.board.change(|status| {
            if status.next != self.state.next() {
                (status.next, status.waiting_since) = (self.state.next(), None);
            }
        });
        Ok(())
    }

    /// Tells of progress where much waits.
    fn show_progress(&mut self) {
        self.show_waiting();
        let waiting = self.waiting();
        if waiting < RECORDS_MAX * PROGRESS_BATCHES {
            self.told = None;
        } else if self.told.is_none_or(|told| told.elapsed() >= PROGRESS_EVERY) {
            self.told = Some(Instant::now());
            let (target, delivered) = (self.board.status().target, self.state.next().0.saturating_sub(1));
            tracing::info!(delivery = target, delivered, waiting, "many records wait to be delivered; going on");
        }
    }

    /// Shows since when the first record waits that is not delivered.
    fn show_waiting(&self) {
        if self.waiting() == 0 || self.board.status().waiting_since.is_some() {
            return;
        }
        let first = self.around.follower.read(self.state.next(), 1).ok();
        let since = first.and_then(|entries| {
            let record = kagiban_audit::Record::decode(&entries.first()?.bytes).ok()?;
            Some(record.time)
        });
        self.board.change(|status| status.waiting_since = since);
    }
}

/// Metadata as a text of its own.
fn beside(metadata: &[(&str, &str)]) -> String {
    let members = metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
    serde_json::Value::Object(members.collect()).to_string() + "\n"
}
