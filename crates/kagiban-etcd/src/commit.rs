//! One commit: a transaction of etcd, sent until its outcome is known.

use bytes::Bytes;
use kagiban_storage::batch::{Batch, Condition, Expect, Write};
use kagiban_storage::{CommitError, EngineError, Revision};
use tokio::time::Instant;

use crate::client::{TXN, engine_error};
use crate::core::Core;
use crate::grpc::{CallError, Code, framed};
use crate::layout::Layout;
use crate::messages::{
    Compare, DeleteRangeRequest, KeyValue, PutRequest, RangeRequest, Request, RequestOp, Response, TxnRequest,
    TxnResponse, revision_of,
};
use crate::slots::{LentSlot, Mark};

/// What an answer says of a commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    /// It went through, at this revision: now, or with a copy sent earlier.
    Committed(i64),
    /// Its conditions did not hold, and no copy of it can go through any more. The slot was written at this revision.
    Refused(i64),
    /// The slot is not as expected, but as somebody else's commit left it at this revision: no copy of this commit went
    /// through, nor can.
    Passed(i64),
    /// The slot was lost and perhaps made again (at this revision, or not: zero), and with it what it said.
    Forgotten(i64),
}

/// Writes the batch, which is within the bounds.
pub(crate) async fn commit(core: &Core, batch: &Batch) -> Result<Revision, CommitError> {
    if batch.conditions.iter().any(|condition| !can_hold(condition.expect)) {
        return Err(CommitError::Conflict);
    }
    if batch.writes.is_empty() {
        return check(core, batch).await;
    }
    let mut slot = core.slots.take(&core.layout).await.ok_or(EngineError::Closed)?;
    let deadline = Instant::now() + core.client.deadlines.call;
    // Whether a transaction may be on its way whose outcome nobody knows.
    let mut in_doubt = false;
    loop {
        let attempt = attempt(core, batch, &mut slot, &mut in_doubt).await;
        let error = match attempt {
            Ok(Verdict::Committed(at)) => {
                slot.found_at(at);
                return Ok(revision(at));
            }
            Ok(Verdict::Refused(at)) => {
                slot.found_at(at);
                return Err(CommitError::Conflict);
            }
            Ok(Verdict::Forgotten(_)) if in_doubt => return Err(unknown(EngineError::Unavailable)),
            Ok(Verdict::Passed(at) | Verdict::Forgotten(at)) => {
                slot.found_at(at);
                in_doubt = false;
                continue;
            }
            Err(error) => error,
        };
        if !error.is_transient() || !core.client.pause(deadline).await {
            let cause = engine_error(&error);
            return Err(if in_doubt { unknown(cause) } else { cause.into() });
        }
    }
}

/// Sends the transaction once, with what it needs beforehand.
async fn attempt(
    core: &Core,
    batch: &Batch,
    slot: &mut LentSlot<'_>,
    in_doubt: &mut bool,
) -> Result<Verdict, CallError> {
    let lease = core.slots.lease(&core.client).await?;
    let Some(expected) = slot.written_at() else { return make(core, slot, lease).await };
    let request = transaction(&core.layout, batch, slot, expected, lease);
    match core.client.attempt::<TxnResponse>(TXN, framed(&request)).await {
        Ok(answer) => Ok(verdict(&answer, slot)),
        Err(error) if error.is(Code::NotFound) => lease_is_gone(core, lease, &error).await,
        Err(error) => {
            *in_doubt |= error.may_have_happened();
            Err(error)
        }
    }
}

/// Makes the slot, or finds it made.
async fn make(core: &Core, slot: &LentSlot<'_>, lease: i64) -> Result<Verdict, CallError> {
    let request = TxnRequest {
        compare: vec![Compare::written_at(slot.key(), 0)],
        success: vec![put(slot.key(), slot.value(Mark::Made), lease)],
        failure: vec![read(slot.key())],
    };
    match core.client.attempt::<TxnResponse>(TXN, framed(&request)).await {
        Ok(answer) if answer.succeeded => Ok(Verdict::Forgotten(revision_of(answer.header.as_ref()))),
        Ok(answer) => Ok(Verdict::Forgotten(found(answer).map_or(0, |slot| slot.mod_revision))),
        Err(error) if error.is(Code::NotFound) => lease_is_gone(core, lease, &error).await,
        Err(error) => Err(error),
    }
}

/// The lease ran out or was revoked; nothing was written, and the next attempt takes another.
async fn lease_is_gone(core: &Core, lease: i64, error: &CallError) -> Result<Verdict, CallError> {
    core.slots.lease_is_gone(lease).await;
    Err(CallError::not_sent(error))
}

fn transaction(layout: &Layout, batch: &Batch, slot: &LentSlot<'_>, expected: i64, lease: i64) -> TxnRequest {
    let as_left = Compare::written_at(slot.key(), expected);
    let conditions = batch.conditions.iter().map(|condition| compare(layout, condition));
    let writes = batch.writes.iter().map(|write| step(layout, write));
    let own = [put(layout.head(), Bytes::new(), 0), put(slot.key(), slot.value(Mark::Committed), lease)];
    let refusal = TxnRequest {
        compare: vec![as_left.clone()],
        success: vec![put(slot.key(), slot.value(Mark::Refused), lease)],
        failure: vec![read(slot.key())],
    };
    TxnRequest {
        compare: conditions.chain([as_left]).collect(),
        success: writes.chain(own).collect(),
        failure: vec![Request::Txn(refusal).into()],
    }
}

fn verdict(answer: &TxnResponse, slot: &LentSlot<'_>) -> Verdict {
    let now = revision_of(answer.header.as_ref());
    if answer.succeeded {
        return Verdict::Committed(now);
    }
    let Some(Response::Txn(refusal)) = answer.responses.first().and_then(|step| step.response.clone()) else {
        return Verdict::Forgotten(0);
    };
    if refusal.succeeded {
        return Verdict::Refused(now);
    }
    let Some(found) = found(refusal) else { return Verdict::Forgotten(0) };
    match slot.mark_of(&found.value) {
        Some(Mark::Committed) => Verdict::Committed(found.mod_revision),
        Some(Mark::Refused) => Verdict::Refused(found.mod_revision),
        _ if Mark::is_made(&found.value) => Verdict::Forgotten(found.mod_revision),
        _ => Verdict::Passed(found.mod_revision),
    }
}

/// Whether the conditions hold, and the store's revision then.
async fn check(core: &Core, batch: &Batch) -> Result<Revision, CommitError> {
    let request = TxnRequest {
        compare: batch.conditions.iter().map(|condition| compare(&core.layout, condition)).collect(),
        success: vec![read(core.layout.head())],
        failure: Vec::new(),
    };
    let answer: TxnResponse = core.client.call(TXN, &request).await.map_err(|error| engine_error(&error))?;
    if !answer.succeeded {
        return Err(CommitError::Conflict);
    }
    Ok(revision(found(answer).map_or(0, |head| head.mod_revision)))
}

/// What the first step of a transaction read.
pub(crate) fn found(answer: TxnResponse) -> Option<KeyValue> {
    match answer.responses.into_iter().next()?.response? {
        Response::Range(range) => range.kvs.into_iter().next(),
        Response::Txn(_) => None,
    }
}

/// Whether a key can ever be as expected: none was written at revision zero, nor beyond etcd's counter.
fn can_hold(expect: Expect) -> bool {
    match expect {
        Expect::Absent | Expect::Present => true,
        Expect::WrittenAt(revision) => i64::try_from(revision.number()).is_ok_and(|number| number > 0),
    }
}

fn compare(layout: &Layout, Condition { key, expect }: &Condition) -> Compare {
    let key = layout.row(key);
    match expect {
        Expect::Absent => Compare::written_at(key, 0),
        Expect::Present => Compare::present(key),
        Expect::WrittenAt(revision) => Compare::written_at(key, i64::try_from(revision.number()).unwrap_or(i64::MAX)),
    }
}

fn step(layout: &Layout, Write { key, value }: &Write) -> RequestOp {
    match value {
        Some(value) => put(layout.row(key), Bytes::copy_from_slice(value), 0),
        None => Request::DeleteRange(DeleteRangeRequest { key: layout.row(key) }).into(),
    }
}

fn put(key: Bytes, value: Bytes, lease: i64) -> RequestOp {
    Request::Put(PutRequest { key, value, lease }).into()
}

fn read(key: Bytes) -> RequestOp {
    Request::Range(RangeRequest { key, ..RangeRequest::default() }).into()
}

pub(crate) fn revision(number: i64) -> Revision {
    Revision::new(u64::try_from(number).unwrap_or(0))
}

fn unknown(cause: EngineError) -> CommitError {
    CommitError::OutcomeUnknown { cause }
}
