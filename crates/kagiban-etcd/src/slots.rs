//! Slots: how a writer finds out whether its transaction went through, and sees to it that it does so once.
//!
//! A slot is a key in etcd that one writer owns. Each commit writes a token of its own into a slot, on condition that the
//! slot still is as the writer left it. So the same commit can be sent again and again, over any connection: at most one
//! of its transactions finds the slot unchanged, and the later ones find the token of the first and know that it was
//! theirs. A commit whose conditions do not hold changes the slot, too, so that an earlier copy of it, which may still be
//! on its way, comes to nothing.
//!
//! INVARIANT: a commit expects a slot by the revision of its last write, never by its absence: etcd gives each revision
//! once, but a slot whose lease has run out is absent again.
//!
//! Slots hang on a lease of an hour that is replaced long before: those of a writer that is gone vanish.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use kagiban_base::random::{Random, RandomError, public_array};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use crate::client::{Client, LEASE_GRANT, LEASE_REVOKE};
use crate::grpc::{CallError, framed};
use crate::layout::Layout;
use crate::messages::{HeaderOnly, LeaseGrantRequest, LeaseGrantResponse, LeaseRevokeRequest};

/// Commits under way at once, each with a slot; more wait. etcd's throughput hardly grows beyond.
const SLOTS_MAX: usize = 64;
const WRITER_LEN: usize = 16;
/// How long slots outlive their writer. Far longer than any commit takes.
const LEASE_SECONDS: i64 = 3600;
/// A lease this old is replaced before it is used again.
const LEASE_AGE_MAX: Duration = Duration::from_secs(1200);

/// The slots of one engine.
pub(crate) struct Slots {
    writer: [u8; WRITER_LEN],
    room: Semaphore,
    free: Mutex<Free>,
    lease: tokio::sync::Mutex<Option<Lease>>,
}

#[derive(Default)]
struct Free {
    /// The one used last is lent first, so that a quiet writer has one slot only.
    slots: Vec<Slot>,
    slots_made: u32,
    tokens_made: u64,
}

struct Slot {
    key: Bytes,
    written_at: Option<i64>,
}

#[derive(Clone, Copy)]
struct Lease {
    id: i64,
    since: Instant,
}

/// A slot lent to one commit; it comes back when dropped.
pub(crate) struct LentSlot<'a> {
    slots: &'a Slots,
    slot: Slot,
    /// Of this commit alone.
    token: Vec<u8>,
    _permit: SemaphorePermit<'a>,
}

/// What a slot's value says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    /// The commit with this token went through.
    Committed,
    /// The conditions of the commit with this token did not hold, and no copy of it can go through any more.
    Refused,
    /// The slot was made.
    Made,
}

impl Slots {
    pub(crate) fn new(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self {
            writer: public_array(random)?,
            room: Semaphore::new(SLOTS_MAX),
            free: Mutex::default(),
            lease: tokio::sync::Mutex::new(None),
        })
    }

    /// A slot, once there is one; `None` after [`Slots::close`].
    pub(crate) async fn take(&self, layout: &Layout) -> Option<LentSlot<'_>> {
        let permit = self.room.acquire().await.ok()?;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.tokens_made = free.tokens_made.saturating_add(1);
        let token = [&self.writer[..], &free.tokens_made.to_be_bytes()].concat();
        let slot = free.slots.pop().unwrap_or_else(|| {
            free.slots_made = free.slots_made.saturating_add(1);
            Slot { key: layout.slot(&self.writer, free.slots_made), written_at: None }
        });
        Some(LentSlot { slots: self, slot, token, _permit: permit })
    }

    /// Waits for the commits under way and lends no more slots.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(SLOTS_MAX).unwrap_or(u32::MAX);
        // Fails when it is closed already.
        if let Ok(all) = self.room.acquire_many(all).await {
            self.room.close();
            drop(all);
        }
    }

    /// The lease for slots; a new one when the present one is getting old. All commits wait for whoever asks for one: each for
    /// the time of an attempt.
    pub(crate) async fn lease(&self, client: &Client) -> Result<i64, CallError> {
        let within = client.deadlines.attempt;
        let late = |_| Err(CallError::not_sent(format_args!("no lease within {within:?}")));
        timeout(within, self.leased(client)).await.unwrap_or_else(late)
    }

    async fn leased(&self, client: &Client) -> Result<i64, CallError> {
        let mut lease = self.lease.lock().await;
        if let Some(lease) = lease.filter(|lease| lease.since.elapsed() < LEASE_AGE_MAX) {
            return Ok(lease.id);
        }
        let since = Instant::now();
        let granted: LeaseGrantResponse =
            client.attempt(LEASE_GRANT, framed(&LeaseGrantRequest { ttl: LEASE_SECONDS })).await?;
        *lease = Some(Lease { id: granted.id, since });
        Ok(granted.id)
    }

    /// The cluster does not know this lease.
    pub(crate) async fn lease_is_gone(&self, id: i64) {
        let mut lease = self.lease.lock().await;
        *lease = lease.filter(|lease| lease.id != id);
    }

    /// Takes the slots out of the cluster, as far as it answers.
    pub(crate) async fn clear(&self, client: &Client) {
        let Some(Lease { id, .. }) = self.lease.lock().await.take() else { return };
        let revoked: Result<HeaderOnly, _> = client.attempt(LEASE_REVOKE, framed(&LeaseRevokeRequest { id })).await;
        if let Err(error) = revoked {
            tracing::debug!(error = &error as &dyn std::error::Error, "the lease of this node is left to run out");
        }
    }
}

impl LentSlot<'_> {
    /// Its key in etcd.
    pub(crate) fn key(&self) -> Bytes {
        self.slot.key.clone()
    }

    /// The revision of its last write; `None` when it has to be made first.
    pub(crate) fn written_at(&self) -> Option<i64> {
        self.slot.written_at
    }

    /// Notes the revision of its last write; zero: it is not there.
    pub(crate) fn found_at(&mut self, revision: i64) {
        self.slot.written_at = (revision > 0).then_some(revision);
    }

    /// The value that says so of this commit.
    pub(crate) fn value(&self, mark: Mark) -> Bytes {
        [&[mark.byte()], self.token.as_slice()].concat().into()
    }

    /// What a value of this slot says, if it says it of this commit.
    pub(crate) fn mark_of(&self, value: &[u8]) -> Option<Mark> {
        let (first, token) = value.split_first()?;
        let mark = [Mark::Committed, Mark::Refused, Mark::Made].into_iter().find(|mark| mark.byte() == *first)?;
        (token == self.token).then_some(mark)
    }
}

impl Drop for LentSlot<'_> {
    fn drop(&mut self) {
        let slot = Slot { key: std::mem::take(&mut self.slot.key), written_at: self.slot.written_at };
        self.slots.free.lock().unwrap_or_else(PoisonError::into_inner).slots.push(slot);
    }
}

impl Mark {
    const fn byte(self) -> u8 {
        match self {
            Self::Committed => b'c',
            Self::Refused => b'r',
            Self::Made => b'm',
        }
    }

    /// Whether a value says that its slot was made, whoever's commit made it.
    pub(crate) fn is_made(value: &[u8]) -> bool {
        value.first() == Some(&Self::Made.byte())
    }
}
