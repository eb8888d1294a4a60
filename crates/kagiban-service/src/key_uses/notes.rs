//! What this node noted of one key, or of an account without one, since that was last taken to be written down.
//!
//! What the first user did stands in the notes themselves. Two slots hold the details of what others did, and of what is noted
//! while that place is held; a note goes into the first that is free. Whoever reads takes one slot after the other and is alone in
//! reading, so a note finds none only while another note is being made in the same instant: then either may be called the last.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use kagiban_api::KeyLastUsageTrackingOperation;
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_iam::caller::CallerNames;

use super::counts::Counts;
use crate::context::Context;
use crate::month::Month;
use crate::records::key_use::{LastUse, PRINCIPALS_MAX, PrincipalUse};
use crate::records::usage::{Requests, Subject};

/// The notes of one month. In this order, since what most requests touch shall be together: one line of the cache for a
/// request that is counted, three for a use.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Notes {
    pub(super) month: Month,
    pub(super) counts: Counts,
    /// The latest use.
    last_ms: AtomicI64,
    /// How many uses there were, which tells apart those of one millisecond.
    uses: AtomicU64,
    /// What the first user did: of most keys the only one, who finds it here without a further block of memory.
    first: Mutex<Option<Use>>,
    /// Of most keys there are none.
    slots: OnceLock<Box<Slots>>,
    pub(super) subject: Subject,
}

/// What others did.
type Slots = [Mutex<Vec<Use>>; 2];

/// The last use by one principal, and how many it made.
#[derive(Clone, Debug)]
struct Use {
    at: Timestamp,
    /// Among the uses of the key.
    order: u64,
    operation: KeyLastUsageTrackingOperation,
    request_id: RequestId,
    caller: Arc<CallerNames>,
    count: u64,
}

/// What was taken out of notes.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) subject: Subject,
    pub(super) month: Month,
    pub(super) requests: Option<Requests>,
    uses: Vec<Use>,
}

impl Notes {
    pub(super) fn new(subject: Subject, month: Month) -> Self {
        let (last_ms, uses) = (AtomicI64::new(i64::MIN), AtomicU64::new(0));
        let (first, slots) = (Mutex::default(), OnceLock::new());
        Self { month, counts: Counts::new(), last_ms, uses, first, slots, subject }
    }

    /// Notes a use by the request's caller.
    pub(super) fn note(&self, operation: KeyLastUsageTrackingOperation, ctx: &Context<'_>) {
        let at = ctx.now;
        self.last_ms.fetch_max(at.unix_ms(), Ordering::Relaxed);
        let order = self.uses.fetch_add(1, Ordering::Relaxed);
        let (request_id, caller) = (ctx.request.request_id, ctx.caller.names());
        let new = || Use { at, order, operation, request_id, caller: Arc::clone(caller), count: 1 };
        if let Some(mut first) = free(&self.first)
            && first.as_ref().is_none_or(|first| Arc::ptr_eq(&first.caller, caller))
        {
            match &mut *first {
                Some(known) => known.renew(at, order, operation, request_id),
                none => *none = Some(new()),
            }
            return;
        }
        let Some(mut slot) = self.slots.get_or_init(Box::default).iter().find_map(free) else { return };
        match slot.iter_mut().find(|known| Arc::ptr_eq(&known.caller, caller)) {
            Some(known) => known.renew(at, order, operation, request_id),
            None => add(&mut slot, new()),
        }
    }

    /// When the key was last used.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        let last_ms = self.last_ms.load(Ordering::Relaxed);
        (last_ms != i64::MIN).then_some(Timestamp::from_unix_ms(last_ms))
    }

    /// The last use, unless its details were taken. Called by one thread at a time.
    pub(super) fn last_use(&self) -> Option<LastUse> {
        let of_slots = self.slots().filter_map(|slot| latest(&lock(slot)).cloned());
        Some(of_slots.chain(lock(&self.first).clone()).max_by_key(Use::moment)?.told())
    }

    /// Takes everything out; `None` when there is nothing. Called by one thread at a time.
    pub(super) fn take(&self) -> Option<Taken> {
        let first = lock(&self.first).take();
        let uses: Vec<Use> =
            first.into_iter().chain(self.slots().flat_map(|slot| std::mem::take(&mut *lock(slot)))).collect();
        let requests = self.counts.take();
        let is_something = requests.is_some() || !uses.is_empty();
        is_something.then_some(Taken { subject: self.subject, month: self.month, requests, uses })
    }

    /// Whether nothing was noted since everything was taken. Called by one thread at a time.
    pub(super) fn is_empty(&self) -> bool {
        self.counts.is_empty() && lock(&self.first).is_none() && self.slots().all(|slot| lock(slot).is_empty())
    }

    fn slots(&self) -> impl Iterator<Item = &Mutex<Vec<Use>>> {
        self.slots.get().into_iter().flat_map(|slots| slots.iter())
    }
}

impl Taken {
    pub(super) fn last_use(&self) -> Option<LastUse> {
        latest(&self.uses).map(Use::told)
    }

    pub(super) fn last_at(&self) -> Option<Timestamp> {
        latest(&self.uses).map(|last| last.at)
    }

    /// What the principals did.
    pub(super) fn principals(&self) -> impl Iterator<Item = PrincipalUse> {
        self.uses.iter().map(|of| PrincipalUse { arn: of.caller.principal_arn.clone(), at: of.at, count: of.count })
    }
}

impl Use {
    /// What uses are ordered by.
    const fn moment(&self) -> (Timestamp, u64) {
        (self.at, self.order)
    }

    /// Takes another use by the same caller. One that began earlier and ended later is not the last.
    fn renew(&mut self, at: Timestamp, order: u64, operation: KeyLastUsageTrackingOperation, request_id: RequestId) {
        self.count = self.count.saturating_add(1);
        if (at, order) >= self.moment() {
            (self.at, self.order, self.operation, self.request_id) = (at, order, operation, request_id);
        }
    }

    fn told(&self) -> LastUse {
        LastUse {
            at: self.at,
            operation: Some(self.operation),
            request_id: Some(self.request_id),
            caller: Some(self.caller.arn.clone()),
        }
    }
}

/// Adds the use of a caller that is not in the slot: in the place of another session of the same principal, or of the one
/// that has not been seen for longest if the slot is full.
fn add(slot: &mut Vec<Use>, new: Use) {
    if let Some(known) = slot.iter_mut().find(|known| known.caller.principal_arn == new.caller.principal_arn) {
        let count = known.count.saturating_add(1);
        let later = if new.moment() >= known.moment() { new } else { known.clone() };
        *known = Use { count, ..later };
    } else if slot.len() < PRINCIPALS_MAX {
        // Most keys have one user.
        slot.reserve_exact(if slot.is_empty() { 1 } else { PRINCIPALS_MAX - slot.len() });
        slot.push(new);
    } else if let Some(oldest) = slot.iter_mut().min_by_key(|known| known.moment()) {
        *oldest = new;
    }
}

fn latest(uses: &[Use]) -> Option<&Use> {
    uses.iter().max_by_key(|of| of.moment())
}

/// The slot, unless somebody holds it.
pub(super) fn free<T>(slot: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match slot.try_lock() {
        Ok(slot) => Some(slot),
        Err(TryLockError::Poisoned(slot)) => Some(slot.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
