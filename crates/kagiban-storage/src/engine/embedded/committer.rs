//! The one thread that writes: groups what has queued up, commits it, answers.

use std::sync::Arc;

use redb::{Database, WriteTransaction};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::file::FileLock;
use super::scrubber::{self, Scrubber};
use super::{Shared, format};
use crate::batch::Batch;
use crate::engine::{CommitError, EngineError, Revision};
use crate::feed::Change;

/// Most batches in one group.
const GROUP_BATCHES_MAX: usize = 256;
/// A group takes no more batches once it has this many bytes.
const GROUP_BYTES_MAX: usize = 4 << 20;

/// What is asked of the committer.
pub(super) enum Request {
    /// Commit a batch within the bounds.
    Commit {
        batch: Batch,
        reply: oneshot::Sender<Result<Revision, CommitError>>,
        /// The batch's share of the queue, given back when it is answered.
        room: OwnedSemaphorePermit,
    },
    /// Let go of the file and end.
    Close { reply: Option<oneshot::Sender<Result<(), EngineError>>> },
    /// Take what was deleted out of the file.
    Scrub { reply: scrubber::Reply },
    /// Nobody reads any more from a file whose place was taken.
    Vacated,
}

struct Waiting {
    batch: Batch,
    reply: oneshot::Sender<Result<Revision, CommitError>>,
    _room: OwnedSemaphorePermit,
}

/// What became of a batch within its group, if the group is committed.
enum Verdict {
    Conflict,
    /// Nothing to write; the revision at which its conditions held.
    Checked(Revision),
    Written(Revision),
}

/// A group could not be committed.
enum GroupError {
    /// Before the commit began: nothing of it is in the file.
    Before(EngineError),
    /// During the commit: all of it is in the file, or nothing.
    During(EngineError),
}

pub(super) struct Committer {
    shared: Arc<Shared>,
    revision: Revision,
    scrubber: Scrubber,
    lock: Option<FileLock>,
}

impl Committer {
    pub(super) fn new(shared: Arc<Shared>, revision: Revision, scrubber: Scrubber, lock: Option<FileLock>) -> Self {
        Self { shared, revision, scrubber, lock }
    }

    pub(super) fn run(mut self, mut requests: UnboundedReceiver<Request>) {
        let mut closing = None;
        while closing.is_none() {
            let first = match self.scrubber.has_work() {
                true => requests.try_recv(),
                false => requests.blocking_recv().ok_or(TryRecvError::Disconnected),
            };
            match first {
                Ok(first) => closing = self.serve(first, &mut requests),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => break,
            }
            // A piece after each group, so that it comes to an end however many write.
            if closing.is_none() && self.scrubber.has_work() {
                self.scrub();
            }
        }
        self.end(requests, closing);
    }

    fn serve(&mut self, first: Request, requests: &mut UnboundedReceiver<Request>) -> Option<Closing> {
        let Gathered { group, scrubs, closing } = gather(first, requests);
        if !group.is_empty() {
            self.commit_group(group);
        }
        scrubs.into_iter().for_each(|reply| self.scrubber.ask(reply));
        closing
    }

    fn scrub(&mut self) {
        let _watch = PanicWatch(self.shared.clone());
        self.scrubber.step(self.revision);
    }

    fn end(self, mut requests: UnboundedReceiver<Request>, closing: Option<Closing>) {
        // From here on senders are told, and what is still queued is dropped with its reply.
        requests.close();
        while let Ok(request) = requests.try_recv() {
            refuse(request);
        }
        drop(self.scrubber);
        let result = self.shared.close();
        drop(self.lock);
        if let Some(Some(reply)) = closing {
            _ = reply.send(result);
        }
    }

    fn commit_group(&mut self, group: Vec<Waiting>) {
        if let Some(failure) = self.shared.failure.get() {
            return answer_all(group, |_| Err(failure.clone().into()));
        }
        // Dropped before the group, so that whoever loses its reply to a panic finds the reason.
        let _watch = PanicWatch(self.shared.clone());
        let result = self.shared.read(|current| Ok(commit(&current.database, self.revision, &group)));
        let result = result.unwrap_or_else(|closed| Err(GroupError::Before(closed)));
        match result {
            Ok(verdicts) => self.conclude(group, verdicts),
            Err(GroupError::Before(cause)) => {
                self.shared.fail(cause.clone());
                answer_all(group, |_| Err(cause.clone().into()));
            }
            Err(GroupError::During(cause)) => {
                self.shared.fail(cause.clone());
                answer_all(group, |_| Err(CommitError::OutcomeUnknown { cause: cause.clone() }));
            }
        }
    }

    /// The group is durable: tells the feeds, then the writers.
    fn conclude(&mut self, group: Vec<Waiting>, verdicts: Vec<Verdict>) {
        for (Waiting { batch, reply, .. }, verdict) in group.into_iter().zip(verdicts) {
            let answer = match verdict {
                Verdict::Conflict => Err(CommitError::Conflict),
                Verdict::Checked(revision) => Ok(revision),
                Verdict::Written(revision) => {
                    self.revision = revision;
                    self.scrubber.note(&batch.writes, revision);
                    self.shared.history.publish(Change { revision, writes: batch.writes });
                    Ok(revision)
                }
            };
            // A writer that has gone away does not want the answer.
            _ = reply.send(answer);
        }
    }
}

/// Notes a panic as the engine's failure.
struct PanicWatch(Arc<Shared>);

impl Drop for PanicWatch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(EngineError::Corrupt { detail: "the committer panicked".into() });
            self.0.abandon();
        }
    }
}

/// The reply of a request to close, if it wants one.
type Closing = Option<oneshot::Sender<Result<(), EngineError>>>;

#[derive(Default)]
struct Gathered {
    group: Vec<Waiting>,
    scrubs: Vec<scrubber::Reply>,
    closing: Option<Closing>,
}

/// Takes what has queued up behind `first`, up to the bounds of a group or a request to close.
fn gather(first: Request, requests: &mut UnboundedReceiver<Request>) -> Gathered {
    let (mut gathered, mut bytes, mut next) = (Gathered::default(), 0_usize, Some(first));
    while let Some(request) = next {
        match request {
            Request::Close { reply } => {
                gathered.closing = Some(reply);
                return gathered;
            }
            Request::Commit { batch, reply, room } => {
                bytes = bytes.saturating_add(batch.bytes());
                gathered.group.push(Waiting { batch, reply, _room: room });
            }
            Request::Scrub { reply } => gathered.scrubs.push(reply),
            Request::Vacated => {}
        }
        let full = gathered.group.len() >= GROUP_BATCHES_MAX || bytes >= GROUP_BYTES_MAX;
        next = if full { None } else { requests.try_recv().ok() };
    }
    gathered
}

fn commit(database: &Database, revision: Revision, group: &[Waiting]) -> Result<Vec<Verdict>, GroupError> {
    let before = |error: redb::Error| GroupError::Before(format::engine_error(error));
    let mut transaction = database.begin_write().map_err(|error| before(error.into()))?;
    transaction.set_two_phase_commit(true);
    let (verdicts, latest) = apply_group(&transaction, revision, group).map_err(GroupError::Before)?;
    if latest == revision {
        transaction.abort().map_err(|error| before(error.into()))?;
        return Ok(verdicts);
    }
    format::set_revision(&transaction, latest).map_err(before)?;
    match transaction.commit() {
        Ok(()) => Ok(verdicts),
        Err(error @ redb::CommitError::TransactionPoisoned) => Err(before(error.into())),
        Err(error) => Err(GroupError::During(format::engine_error(error))),
    }
}

fn apply_group(
    transaction: &WriteTransaction,
    revision: Revision,
    group: &[Waiting],
) -> Result<(Vec<Verdict>, Revision), EngineError> {
    let mut rows = transaction.open_table(format::ROWS).map_err(format::engine_error)?;
    let (mut verdicts, mut latest) = (Vec::with_capacity(group.len()), revision);
    for Waiting { batch, .. } in group {
        if !batch.conditions_hold(|key| format::revision_of_key(&rows, key))? {
            verdicts.push(Verdict::Conflict);
        } else if batch.writes.is_empty() {
            verdicts.push(Verdict::Checked(latest));
        } else {
            latest = latest.next();
            for write in &batch.writes {
                format::apply(&mut rows, write, latest).map_err(format::engine_error)?;
            }
            verdicts.push(Verdict::Written(latest));
        }
    }
    Ok((verdicts, latest))
}

fn answer_all(group: Vec<Waiting>, answer: impl Fn(&Batch) -> Result<Revision, CommitError>) {
    for Waiting { batch, reply, .. } in group {
        _ = reply.send(answer(&batch));
    }
}

fn refuse(request: Request) {
    match request {
        Request::Commit { reply, .. } => _ = reply.send(Err(EngineError::Closed.into())),
        Request::Close { reply } => {
            if let Some(reply) = reply {
                _ = reply.send(Ok(()));
            }
        }
        Request::Scrub { reply } => _ = reply.send(Err(EngineError::Closed)),
        Request::Vacated => {}
    }
}
