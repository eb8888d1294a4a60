//! Records as lines, for targets that take them as they come: standard output and collectors.
//!
//! At least once: the place in the journal is written down after a batch has come through, and not after each. What a crash
//! makes come twice has the same `eventID`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kagiban_audit::journal::JournalId;
use kagiban_audit::{ReadError, Record, Sequence, cloudtrail};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::cursor::StateFile;
use super::objects::{Step, StepError};
use super::retry::Retry;
use super::target::TargetError;
use super::{Board, DeliveryError, Surroundings};
use crate::shutdown::Stop;

/// Bytes of records that are read at a time, as they are in the journal.
const READ_BYTES: usize = 256 << 10;
/// Records of one batch at most.
const RECORDS_MAX: usize = 1_000;
/// How often the place in the journal is written down.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How long the last records may take when the service stops.
const FAREWELL: Duration = Duration::from_secs(3);

/// Records in their order, each as one line of JSON for each account that gets a copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    pub(super) first: Sequence,
    pub(super) last: Sequence,
    pub(super) lines: Vec<String>,
}

/// Takes lines.
#[async_trait]
pub(super) trait LineTarget: fmt::Debug + Send + Sync {
    /// Sends a batch; all of it, or it is sent again.
    async fn send(&self, batch: &Batch) -> Result<(), TargetError>;
}

/// The delivery of lines to one target.
pub(super) struct Lines {
    target: Box<dyn LineTarget>,
    file: StateFile,
    next: Sequence,
    saved: Option<Sequence>,
    saved_at: Option<Instant>,
    around: Surroundings,
    board: Arc<Board>,
    retry: Retry,
}

impl Lines {
    /// Goes on where the file says; without one, from the earliest record that is kept.
    pub(super) fn open(
        target: Box<dyn LineTarget>,
        file: StateFile,
        around: &Surroundings,
        board: &Arc<Board>,
    ) -> Result<Self, DeliveryError> {
        let (next, journal) = match file.load()? {
            Some(bytes) => parse(&bytes).ok_or_else(|| DeliveryError::Read {
                path: file.path().to_owned(),
                source: std::io::Error::other("not the state of a delivery"),
            })?,
            None => (around.follower.earliest().max(Sequence(1)), None),
        };
        let next = around.beginning_anew(next, journal, board).unwrap_or(next);
        board.change(|status| status.next = next);
        let (around, board, retry) = (around.clone(), Arc::clone(board), Retry::default());
        Ok(Self { target, file, next, saved: None, saved_at: None, around, board, retry })
    }

    /// Delivers until told to stop, and then what is there.
    pub(super) async fn run(mut self, mut stop: Stop) {
        loop {
            let pause = tokio::select! {
                () = stop.asked() => break,
                pause = self.next_pause() => pause,
            };
            tokio::select! {
                () = stop.asked() => break,
                () = sleep(pause), if !pause.is_zero() => {}
                () = std::future::ready(()), if pause.is_zero() => {}
            }
        }
        let rest = async { while let Ok(Step::Done) = self.step().await {} };
        _ = tokio::time::timeout(FAREWELL, rest).await;
        _ = self.save();
    }

    async fn next_pause(&mut self) -> Duration {
        let done = self.step().await;
        let now = self.around.clock.now();
        match done {
            Ok(Step::Done) => {
                self.retry.succeeded();
                self.board.succeeded(now);
            }
            Ok(Step::Idle) => self.wait_for_records().await,
            Err(error) => {
                let error = &error as &(dyn std::error::Error + 'static);
                let pause = self.retry.failed(&*self.around.random);
                let (target, failures) = (self.board.status().target, self.retry.failures());
                tracing::warn!(
                    delivery = target,
                    error,
                    failures,
                    next = self.next.0,
                    ?pause,
                    "records are not delivered; trying again"
                );
                self.board.failed(now, error);
                return pause;
            }
        }
        Duration::ZERO
    }

    /// Until there is a record; its place is written down while nothing comes.
    async fn wait_for_records(&mut self) {
        tokio::select! {
            () = self.around.follower.reached(self.next) => {}
            () = sleep(SAVE_EVERY) => {}
        }
        if self.around.follower.latest() < self.next {
            if let Err(error) = self.save() {
                tracing::warn!(error = &error as &dyn std::error::Error, "the place of a delivery is not written down");
            }
            // A journal that has stopped says "reached" at once, for ever.
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sends the next batch, if there is one.
    pub(super) async fn step(&mut self) -> Result<Step, StepError> {
        let entries = match self.around.follower.read(self.next, READ_BYTES) {
            Err(ReadError::Gone(_)) => return Ok(self.skip_what_is_gone()),
            entries => entries?,
        };
        let entries = entries.get(..entries.len().min(RECORDS_MAX)).unwrap_or_default();
        let Some(last) = entries.last().map(|entry| entry.sequence) else { return Ok(Step::Idle) };
        self.around.recorder.durable(last).await?;
        let mut batch = Batch { first: self.next, last, lines: Vec::with_capacity(entries.len()) };
        let mut since = None;
        for entry in entries {
            let record = Record::decode(&entry.bytes).map_err(|error| StepError::Record(entry.sequence, error))?;
            since = since.or(Some(record.time));
            batch.lines.extend(record.recipients().map(|account| cloudtrail::render(&record, account)));
        }
        self.board.change(|status| status.waiting_since = since);
        self.target.send(&batch).await?;
        self.next = last.next();
        self.board.change(|status| (status.next, status.waiting_since) = (self.next, None));
        if self.saved_at.is_none_or(|at| at.elapsed() >= SAVE_EVERY) {
            self.save()?;
        }
        Ok(Step::Done)
    }

    fn skip_what_is_gone(&mut self) -> Step {
        let earliest = self.around.follower.earliest();
        let (target, lost) = (self.board.status().target, earliest.0.saturating_sub(self.next.0));
        tracing::error!(delivery = target, lost, from = self.next.0, "records were gone before they were delivered");
        self.next = self.next.max(earliest);
        self.board.change(|status| {
            (status.next, status.lost) = (self.next, status.lost.saturating_add(lost));
            status.waiting_since = None;
        });
        Step::Done
    }

    /// Writes the place down, if it has changed.
    fn save(&mut self) -> Result<(), StepError> {
        self.saved_at = Some(Instant::now());
        if self.saved != Some(self.next) {
            let (next, journal) = (self.next, self.around.journal);
            self.file.save(format!("{{\"version\":2,\"next\":{next},\"journal\":\"{journal}\"}}\n").as_bytes())?;
            self.saved = Some(next);
        }
        Ok(())
    }
}

/// The place in the journal and the journal's number, which version 1 did not have.
fn parse(bytes: &[u8]) -> Option<(Sequence, Option<JournalId>)> {
    #[derive(Deserialize)]
    struct Place {
        version: u32,
        next: u64,
        journal: Option<JournalId>,
    }
    let place: Place = serde_json::from_slice(bytes).ok()?;
    matches!(place.version, 1 | 2).then_some((Sequence(place.next), place.journal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_every_version_are_read() {
        let journal = JournalId([0x5a; 16]);
        for (text, expected) in [
            (r#"{"version":1,"next":7}"#.to_owned(), Some((Sequence(7), None))),
            (format!(r#"{{"version":2,"next":8,"journal":"{journal}"}}"#), Some((Sequence(8), Some(journal)))),
            (r#"{"version":3,"next":8}"#.to_owned(), None),
            (r#"{"version":2,"next":8,"journal":"5a"}"#.to_owned(), None),
            (r#"{"version":1}"#.to_owned(), None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }
}
