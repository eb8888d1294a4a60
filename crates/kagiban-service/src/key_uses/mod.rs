//! What is known of the use of keys: how many requests there were by month, account, key and operation, and when each key was
//! last used, for what, by whom, in which request.
//!
//! Every answered request is noted in memory, in the same breath in which its answer leaves, with the notes that the key's
//! record has at hand (`at_hand.rs`): a few atomic operations, and for a use its details behind a lock that is tried and never
//! waited for (`notes.rs`). The notes are written down in batches ([`KeyUseWriter`]), once a minute and when the service ends
//! in order; a kill loses what is between. Of several nodes the latest use counts, and their numbers add up. Keys that nobody
//! uses any more cost nothing here but the time of their last use.

mod at_hand;
mod counts;
mod notes;
mod totals;
mod writer;

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kagiban_api::{KeyLastUsageTrackingOperation, Operation};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::follower::{Equivalent, ViewMap};
use kagiban_storage::{Store, StoreError, Transaction};

pub(crate) use self::at_hand::NotesAtHand;
use self::counts::Counted;
use self::notes::{Notes, Taken};
pub use self::totals::KeyRequests;
use self::totals::Totals;
pub(crate) use self::writer::MONTHS_KEPT;
use self::writer::Turn;
pub use self::writer::{KeyUseWriter, SaveError};
use crate::context::Context;
use crate::month::Month;
use crate::records::key::{KeyRecord, KeyRowKey};
use crate::records::key_use::{KeyUseRecord, KeyUseTrackingRecord, KeyUseTrackingRowKey, LastUse};
use crate::records::usage::Subject;

/// The uses of all keys.
#[derive(Debug, Default)]
pub(crate) struct KeyUses {
    /// What this node noted of the keys in use.
    notes: ViewMap<OfSubject, Arc<Notes>>,
    /// The last uses that rows tell, of whatever node.
    stored: ViewMap<(Region, KeyId), Timestamp>,
    unwritten: Mutex<Unwritten>,
    /// Since the start, for those who want to see them.
    pub(crate) totals: Totals,
    /// Held by the one who writes.
    turn: tokio::sync::Mutex<Turn>,
}

/// Notes in the map, under the subject that they say themselves.
#[derive(Debug)]
struct OfSubject(Arc<Notes>);

/// A subject that is looked for among [`OfSubject`].
#[derive(Hash)]
struct About<'a>(&'a Subject);

impl Hash for OfSubject {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.subject.hash(hasher);
    }
}

impl PartialEq for OfSubject {
    fn eq(&self, other: &Self) -> bool {
        self.0.subject == other.0.subject
    }
}

impl Eq for OfSubject {}

impl Equivalent<OfSubject> for About<'_> {
    fn equivalent(&self, key: &OfSubject) -> bool {
        *self.0 == key.0.subject
    }
}

/// What was taken from the map of notes and may not be in the store yet.
#[derive(Debug, Default)]
struct Unwritten {
    /// No longer in the map; a request that had just found one there may still note something in it.
    retired: Vec<Arc<Notes>>,
    /// What is being written.
    batch: Arc<Vec<Taken>>,
}

/// The keys that a request got permission for: the one it is about, and the other one of ReEncrypt.
#[derive(Debug, Default)]
pub(crate) struct KeysAsked {
    first: OnceLock<Asked>,
    second: OnceLock<Asked>,
    makes_rsa_pair: AtomicBool,
}

/// A key that a request got permission for.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// As the view holds it, with what is noted of its use.
    Held(Arc<KeyRecord>),
    /// As it was read from the store.
    Read(KeyArn),
}

impl Asked {
    fn arn(&self) -> &KeyArn {
        match self {
            Self::Held(record) => &record.arn,
            Self::Read(arn) => arn,
        }
    }

    /// What is counted with it.
    fn subject(&self) -> Subject {
        Subject::Key(*self.arn())
    }

    fn notes(&self) -> Option<&NotesAtHand> {
        match self {
            Self::Held(record) => Some(&record.notes),
            Self::Read(_) => None,
        }
    }
}

impl KeysAsked {
    /// Adds a key; the third and later ones count for nothing. A request can come to the same key again.
    pub(crate) fn add(&self, key: Asked) {
        kagiban_iam::parts::about(key.arn());
        match self.first.get() {
            None => _ = self.first.set(key),
            Some(first) if first.arn() == key.arn() => {}
            Some(_) => _ = self.second.set(key),
        }
    }

    /// The key that the request is about.
    pub(crate) fn first(&self) -> Option<&KeyArn> {
        self.first.get().map(Asked::arn)
    }

    /// Says that the request is for a data key pair of RSA, which is counted under a name of its own.
    pub(crate) fn make_rsa_pair(&self) {
        self.makes_rsa_pair.store(true, Ordering::Relaxed);
    }
}

impl KeyUses {
    /// Notes a request that is being answered. One that used key material used that of every key that it got permission for.
    ///
    /// It is counted once: with the first key that it got permission for, else with its caller's account. The account of a
    /// request for a key is the key's, whoever asked.
    pub(crate) fn note(&self, succeeded: bool, ctx: &Context<'_>) {
        let (operation, first, second) = (ctx.operation(), ctx.keys.first.get(), ctx.keys.second.get());
        if !succeeded {
            self.with(first, ctx, |notes| notes.counts.failure(operation));
            return;
        }
        let tracked = first.and_then(|_| tracked(operation));
        self.with(first, ctx, |notes| {
            notes.counts.success(counted(operation, ctx.keys));
            if let Some(tracked) = tracked {
                notes.note(tracked, ctx);
            }
        });
        let other = second.filter(|_| operation == Operation::ReEncrypt);
        if let (Some(other), Some(tracked)) = (other, tracked) {
            self.with(Some(other), ctx, |notes| {
                notes.counts.success(Counted::ReEncryptTo);
                notes.note(tracked, ctx);
            });
        }
    }

    /// Notes something of this month, of a key or of the caller's account.
    fn with(&self, key: Option<&Asked>, ctx: &Context<'_>, note: impl Fn(&Notes)) {
        let month = Month::of(ctx.now);
        let at_hand = key.and_then(Asked::notes);
        if at_hand.is_some_and(|at_hand| at_hand.note(month, &note)) {
            return;
        }
        let subject = key.map_or_else(|| Subject::Account(ctx.caller.account()), Asked::subject);
        let all = self.notes.pin();
        let found = || match all.get(&About(&subject)) {
            Some(notes) => notes,
            None => {
                let new = Arc::new(Notes::new(subject, month));
                all.get_or_insert(OfSubject(Arc::clone(&new)), new)
            }
        };
        let mut notes = found();
        if notes.month < month {
            self.turn_month(subject, month);
            notes = found();
        }
        // A request from before the turn of the month that ends after it belongs to the new one.
        note(notes);
        if let Some(at_hand) = at_hand {
            at_hand.keep(notes);
            // Looked at after it was put there: whoever takes the notes out of the map either is seen here, or sees this.
            if all.get(&About(&subject)).is_none_or(|current| !Arc::ptr_eq(current, notes)) {
                at_hand.forget(notes);
            }
        }
    }

    /// Begins new notes, unless another request has done so.
    fn turn_month(&self, subject: Subject, month: Month) {
        let mut unwritten = self.unwritten();
        let all = self.notes.pin();
        if let Some(old) = all.get(&About(&subject)).filter(|notes| notes.month < month) {
            unwritten.retired.push(Arc::clone(old));
            let new = Arc::new(Notes::new(subject, month));
            all.insert(OfSubject(Arc::clone(&new)), new);
        }
    }

    /// When a key was last used since it was made, as far as this node knows. What was before is of another key: a replica
    /// that was deleted, whose name this one has.
    pub(crate) fn last(&self, key: &KeyArn, created: Timestamp) -> Option<Timestamp> {
        let noted = self.notes.pin().get(&About(&Subject::Key(*key))).and_then(|notes| notes.last_at());
        let stored = self.stored.pin().get(&(key.region, key.key_id)).copied();
        noted.max(stored).filter(|last| *last >= created)
    }

    /// The last use of a key that this node noted and has not written down, or only just. What is written is in the store by
    /// the time this returns.
    pub(crate) fn last_unwritten(&self, key: &KeyArn) -> Option<LastUse> {
        let unwritten = self.unwritten();
        let notes = self.notes.pin();
        let subject = Subject::Key(*key);
        let being_written = unwritten.batch.iter().filter(|taken| taken.subject == subject).filter_map(Taken::last_use);
        let retired = unwritten.retired.iter().filter(|notes| notes.subject == subject);
        let noted = retired.chain(notes.get(&About(&subject))).filter_map(|notes| notes.last_use());
        // The oldest first: of two in the same instant the last of the list is taken.
        being_written.chain(noted).max_by_key(|last| last.at)
    }

    /// Takes a stored row, perhaps of another node.
    pub(crate) fn apply(&self, key: &KeyRowKey, row: Option<KeyUseRecord>) {
        let name = (key.place.region, key.key_id);
        let stored = self.stored.pin();
        match row {
            Some(row) => stored.insert(name, row.at),
            None => stored.remove(&name),
        };
    }

    /// Forgets what rows told of keys that are no more.
    pub(crate) fn keep_only(&self, is_key: impl Fn(Region, KeyId) -> bool) {
        self.stored.pin().retain(|(region, key_id), _| is_key(*region, *key_id));
    }

    /// Keeps what was written, before the row comes round.
    fn keep_written(&self, written: &[Taken], is_key: impl Fn(&KeyArn) -> bool) {
        let stored = self.stored.pin();
        for taken in written {
            if let (Some(key), Some(at)) = (taken.subject.key().filter(|key| is_key(key)), taken.last_at()) {
                stored.update_or_insert((key.region, key.key_id), |before| at.max(*before), at);
            }
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Unwritten> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a successful request is counted as.
fn counted(operation: Operation, keys: &KeysAsked) -> Counted {
    match (operation, keys.makes_rsa_pair.load(Ordering::Relaxed)) {
        (Operation::GenerateDataKeyPair, true) => Counted::RsaDataKeyPair,
        (Operation::GenerateDataKeyPairWithoutPlaintext, true) => Counted::RsaDataKeyPairWithoutPlaintext,
        (operation, _) => Counted::Operation(operation),
    }
}

/// The operation as GetKeyLastUsage has it; `None` for those that use no key material.
pub(crate) const fn tracked(operation: Operation) -> Option<KeyLastUsageTrackingOperation> {
    use KeyLastUsageTrackingOperation as Tracked;
    Some(match operation {
        Operation::Decapsulate => Tracked::Decapsulate,
        Operation::Decrypt => Tracked::Decrypt,
        Operation::DeriveSharedSecret => Tracked::DeriveSharedSecret,
        Operation::Encapsulate => Tracked::Encapsulate,
        Operation::Encrypt => Tracked::Encrypt,
        Operation::GenerateDataKey => Tracked::GenerateDataKey,
        Operation::GenerateDataKeyPair => Tracked::GenerateDataKeyPair,
        Operation::GenerateDataKeyPairWithoutPlaintext => Tracked::GenerateDataKeyPairWithoutPlaintext,
        Operation::GenerateDataKeyWithoutPlaintext => Tracked::GenerateDataKeyWithoutPlaintext,
        Operation::GenerateMac => Tracked::GenerateMac,
        Operation::ReEncrypt => Tracked::ReEncrypt,
        Operation::Sign => Tracked::Sign,
        Operation::Verify => Tracked::Verify,
        Operation::VerifyMac => Tracked::VerifyMac,
        _ => return None,
    })
}

/// Since when uses are known in this store; from now on if nothing is said.
pub(crate) async fn tracking_since(store: &Store, now: Timestamp) -> Result<Timestamp, StoreError> {
    let begin = |tx: Transaction| async move {
        if let Some(tracking) = tx.read::<KeyUseTrackingRecord>(&KeyUseTrackingRowKey).await? {
            return Ok(tracking.since);
        }
        tx.insert(&KeyUseTrackingRowKey, &KeyUseTrackingRecord { since: now }).await?;
        Ok::<_, StoreError>(now)
    };
    Ok(store.transact("BeginKeyUseTracking", begin).await?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million keys may be in use: this is what each costs while it is, beside sixteen bytes and a place in the table.
    #[test]
    fn notes_are_small() {
        let counters = 16;
        assert!(size_of::<Notes>() + counters <= 320, "{}", size_of::<Notes>());
    }

    /// A new operation that uses material is one of the model's list, and has to be in the match.
    #[test]
    fn the_tracked_operations_are_those_of_the_model() {
        let mut tracked: Vec<_> = Operation::ALL.into_iter().filter_map(super::tracked).collect();
        tracked.sort_unstable();
        assert_eq!(tracked, KeyLastUsageTrackingOperation::ALL);
        for operation in Operation::ALL {
            assert!(super::tracked(operation).is_none_or(|tracked| tracked.as_str() == operation.name()));
        }
    }
}
