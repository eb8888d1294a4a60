//! A scrub: compaction of the history and defragmentation of each member's database.
//!
//! etcd keeps replaced and deleted values until it is compacted, and the pages they were in until it is defragmented. So
//! for one member after the other: a compaction that this member has finished, then its defragmentation, during which it
//! answers nobody (some seconds for a gigabyte). Both concern the whole cluster, whoever else uses it. So one node of all
//! scrubs at a time ([`Turn`]): two of them could take two members out at once, and the cluster with them.
//!
//! What this cannot reach: the write-ahead log and the raft snapshots of the members, in which etcd keeps the latest
//! batches (some ten thousand, in some 64 MiB files) until newer ones take their place; members that are not among the
//! endpoints; and backups.

use std::time::Duration;

use kagiban_storage::EngineError;
use kagiban_storage::engine::Scrubbed;
use prost::bytes::Bytes;
use tokio::time::{Instant, sleep};

use crate::address::Endpoint;
use crate::client::{COMPACT, DEFRAGMENT, LEASE_GRANT, LEASE_REVOKE, MEMBER_LIST, RANGE, STATUS, TXN};
use crate::commit::found;
use crate::core::{Core, one};
use crate::grpc::{CallError, Code};
use crate::messages::{
    CompactionRequest, Compare, Empty, HeaderOnly, LeaseGrantRequest, LeaseGrantResponse, LeaseRevokeRequest,
    MemberListResponse, PutRequest, RangeResponse, Request, StatusResponse, TxnRequest, TxnResponse, revision_of,
};

/// For the compaction or the defragmentation of one member.
const STEP_WITHIN: Duration = Duration::from_secs(600);
/// For a member to be itself again after its defragmentation.
const RECOVERY_WITHIN: Duration = Duration::from_secs(60);
/// How long a turn outlives a node that ends in the middle of it: longer than all steps at one member.
const TURN_SECONDS: i64 = 1320;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Scrubs, if no other node does so now.
///
/// # Errors
/// [`EngineError::Unavailable`] if one does; what it scrubs may not be what was deleted last.
pub(crate) async fn scrub(core: &Core) -> Result<Scrubbed, EngineError> {
    core.check_open()?;
    let Some(mut turn) = Turn::take(core).await.map_err(|error| core.error(&error))? else {
        tracing::debug!("another node scrubs the store");
        return Err(EngineError::Unavailable);
    };
    let scrubbed = scrub_members(core, &mut turn).await;
    turn.end().await;
    scrubbed
}

async fn scrub_members(core: &Core, turn: &mut Turn<'_>) -> Result<Scrubbed, EngineError> {
    let revisions = fresh_revisions(core).await.map_err(|error| core.error(&error))?;
    let Some(last) = revisions.last().copied() else { return Ok(Scrubbed::default()) };
    core.readers.none_before(last).await;
    let mut scrubbed = Scrubbed::default();
    for (endpoint, revision) in core.client.endpoints().iter().zip(revisions) {
        core.check_open()?;
        turn.prolong().await.map_err(|error| core.error(&error))?;
        let written = scrub_member(core, endpoint, revision).await.map_err(|error| core.error(&error))?;
        scrubbed.written_bytes = scrubbed.written_bytes.saturating_add(written);
    }
    warn_of_others(core).await;
    Ok(scrubbed)
}

/// The right to scrub: a key that one node of all has. It vanishes with its lease if nobody ends it.
struct Turn<'a> {
    core: &'a Core,
    lease: i64,
    /// Of the key's last write.
    written_at: i64,
}

impl<'a> Turn<'a> {
    /// `None` while another node has it.
    async fn take(core: &'a Core) -> Result<Option<Self>, CallError> {
        let lease = grant(core).await?;
        match hold(core, lease, 0).await? {
            Some(written_at) => Ok(Some(Self { core, lease, written_at })),
            None => {
                revoke(core, lease).await;
                Ok(None)
            }
        }
    }

    /// Time for one more member.
    async fn prolong(&mut self) -> Result<(), CallError> {
        let lease = grant(self.core).await?;
        let Some(written_at) = hold(self.core, lease, self.written_at).await? else {
            revoke(self.core, lease).await;
            return Err(CallError::not_sent("the turn to scrub has passed to another node"));
        };
        let before = std::mem::replace(&mut self.lease, lease);
        self.written_at = written_at;
        revoke(self.core, before).await;
        Ok(())
    }

    async fn end(self) {
        revoke(self.core, self.lease).await;
    }
}

async fn grant(core: &Core) -> Result<i64, CallError> {
    let request = LeaseGrantRequest { ttl: TURN_SECONDS };
    core.client.call::<LeaseGrantResponse>(LEASE_GRANT, &request).await.map(|granted| granted.id)
}

/// Puts the key on a lease, if it is as it was left at this revision; zero: not there. Returns the revision of that.
async fn hold(core: &Core, lease: i64, left_at: i64) -> Result<Option<i64>, CallError> {
    let (key, value) = (core.layout.scrubber(), Bytes::from(lease.to_string()));
    let request = TxnRequest {
        compare: vec![Compare::written_at(key.clone(), left_at)],
        success: vec![Request::Put(PutRequest { key: key.clone(), value: value.clone(), lease }).into()],
        failure: vec![Request::Range(one(key)).into()],
    };
    let answer: TxnResponse = core.client.call(TXN, &request).await?;
    if answer.succeeded {
        return Ok(Some(revision_of(answer.header.as_ref())));
    }
    // Made again after its answer was lost, it meets what it wrote itself.
    Ok(found(answer).filter(|found| found.value == value).map(|found| found.mod_revision))
}

/// As far as the cluster answers; else the lease runs out.
async fn revoke(core: &Core, id: i64) {
    if let Err(error) = core.client.call::<HeaderOnly>(LEASE_REVOKE, &LeaseRevokeRequest { id }).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "the turn to scrub is left to run out");
    }
}

/// A revision for each endpoint, all later than what is to go: a member that is asked to compact where it has done so
/// already answers at once, so that only a new revision tells when it is done.
async fn fresh_revisions(core: &Core) -> Result<Vec<i64>, CallError> {
    let mut revisions = Vec::new();
    for _ in core.client.endpoints() {
        let step = Request::Put(PutRequest { key: core.layout.scrub(), ..PutRequest::default() });
        let request = TxnRequest { success: vec![step.into()], ..TxnRequest::default() };
        let answer: TxnResponse = core.client.call(TXN, &request).await?;
        revisions.push(revision_of(answer.header.as_ref()));
    }
    Ok(revisions)
}

/// Bytes of the member's database afterwards.
async fn scrub_member(core: &Core, endpoint: &Endpoint, revision: i64) -> Result<u64, CallError> {
    let compaction = CompactionRequest { revision, physical: true };
    match core.client.call_at::<HeaderOnly>(endpoint, COMPACT, &compaction, STEP_WITHIN).await {
        // Somebody else has compacted further.
        Err(error) if !error.is(Code::OutOfRange) => return Err(error),
        _ => {}
    }
    let _: HeaderOnly = core.client.call_at(endpoint, DEFRAGMENT, &Empty {}, STEP_WITHIN).await?;
    recover(core, endpoint).await?;
    let status: StatusResponse =
        core.client.call_at(endpoint, STATUS, &Empty {}, core.client.deadlines.attempt).await?;
    Ok(u64::try_from(status.db_size).unwrap_or(0))
}

/// Waits until a member answers for the cluster again, before the next one is taken out.
async fn recover(core: &Core, endpoint: &Endpoint) -> Result<(), CallError> {
    let deadline = Instant::now() + RECOVERY_WITHIN;
    loop {
        let question = one(core.layout.head());
        let answer = core.client.call_at::<RangeResponse>(endpoint, RANGE, &question, core.client.deadlines.attempt);
        match answer.await {
            Err(error) if error.is_transient() && Instant::now() < deadline => sleep(LOOK_AGAIN).await,
            outcome => return outcome.map(drop),
        }
    }
}

async fn warn_of_others(core: &Core) {
    let members: Result<MemberListResponse, _> = core.client.call(MEMBER_LIST, &Empty {}).await;
    let (members, endpoints) = (members.map_or(0, |list| list.members.len()), core.client.endpoints().len());
    if members > endpoints {
        tracing::warn!(members, endpoints, "members of etcd that are not among the endpoints are not scrubbed");
    }
}
