//! How many customer managed keys each account has in each Region, and places held for those in the making.
//!
//! A count, not a row: a row for the account would be written by every CreateKey, one after the other. The count follows the
//! rows of keys as the view does, so a restart begins with the right one. Who makes a key holds a place for it first, until
//! the view has the key: on one node the quota is exact, whoever comes at once. Other nodes' keys are counted when
//! their rows arrive here, so that several nodes together can go beyond the quota by what they make within that time.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyId;

use crate::Service;
use crate::error::ServiceError;
use crate::records::Place;
use crate::records::key::KeyBody;

/// Whether a key counts for its account's quota: in every state, until its row is gone; but those that services manage don't.
pub(crate) const fn counts(body: &KeyBody) -> bool {
    body.is_customer_managed()
}

/// Holds a place for a key that is about to be made, in its account and Region. Keep it until the key is in the view, or
/// nothing was made.
///
/// # Errors
/// LimitExceeded when the account has all the keys that it may have there.
pub(crate) fn hold_place<'a>(arn: &KeyArn, service: &'a Service) -> Result<HeldPlace<'a>, ServiceError> {
    let limit = service.quotas.limits(place_of(arn)).keys;
    service.view.key_counts().hold(arn, limit)
}

fn place_of(arn: &KeyArn) -> Place {
    Place { region: arn.region, account: arn.account }
}

/// The counts. Only making and deleting keys takes the lock.
#[derive(Debug, Default)]
pub(crate) struct KeyCounts(Mutex<HashMap<Place, Count>>);

#[derive(Debug, Default)]
struct Count {
    /// Keys in the view, or about to be shown there.
    stored: u32,
    /// Keys in the making.
    held: HashSet<KeyId>,
}

impl Count {
    fn usage(&self) -> u32 {
        self.stored.saturating_add(u32::try_from(self.held.len()).unwrap_or(u32::MAX))
    }
}

impl KeyCounts {
    /// Keys in a place, those in the making included.
    pub(crate) fn usage(&self, place: Place) -> u32 {
        self.lock().get(&place).map_or(0, Count::usage)
    }

    /// Follows a key's row: whether it counted before, and does now.
    pub(crate) fn follow(&self, arn: &KeyArn, before: bool, now: bool) {
        if before == now {
            return;
        }
        let mut counts = self.lock();
        let count = counts.entry(place_of(arn)).or_default();
        if now {
            count.held.remove(&arn.key_id);
            count.stored = count.stored.saturating_add(1);
        } else {
            count.stored = count.stored.saturating_sub(1);
        }
    }

    /// Counts anew, from all keys that count.
    pub(crate) fn recount(&self, keys: impl Iterator<Item = KeyArn>) {
        let mut counts = self.lock();
        for count in counts.values_mut() {
            count.stored = 0;
        }
        for arn in keys {
            let count = counts.entry(place_of(&arn)).or_default();
            count.stored = count.stored.saturating_add(1);
        }
        counts.retain(|_, count| count.usage() > 0);
    }

    fn hold(&self, arn: &KeyArn, limit: Option<u32>) -> Result<HeldPlace<'_>, ServiceError> {
        let mut counts = self.lock();
        let count = counts.entry(place_of(arn)).or_default();
        let usage = count.usage();
        if let Some(limit) = limit.filter(|limit| usage >= *limit) {
            return Err(ServiceError::KeyLimit { limit, usage });
        }
        count.held.insert(arn.key_id);
        Ok(HeldPlace { counts: self, arn: *arn })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place for one key; given back when it is dropped, unless the key has taken it.
#[derive(Debug)]
pub(crate) struct HeldPlace<'a> {
    counts: &'a KeyCounts,
    arn: KeyArn,
}

impl Drop for HeldPlace<'_> {
    fn drop(&mut self) {
        if let Some(count) = self.counts.lock().get_mut(&place_of(&self.arn)) {
            count.held.remove(&self.arn.key_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(account: &str, number: u8) -> KeyArn {
        KeyArn {
            region: "us-east-1".parse().unwrap(),
            account: account.parse().unwrap(),
            key_id: KeyId::from_parts(false, [number; 16]),
        }
    }

    const MINE: &str = "111122223333";

    #[test]
    fn a_place_is_held_until_the_row_comes_or_nothing_comes_of_it() {
        let counts = KeyCounts::default();
        let (one, two, three) = (arn(MINE, 1), arn(MINE, 2), arn(MINE, 3));
        let place = place_of(&one);
        let first = counts.hold(&one, Some(2)).unwrap();
        let second = counts.hold(&two, Some(2)).unwrap();
        assert!(matches!(counts.hold(&three, Some(2)), Err(ServiceError::KeyLimit { limit: 2, usage: 2 })));
        assert!(counts.hold(&three, None).is_ok(), "no limit");
        // The row takes the place over; there is no moment in which the key counts twice, or not at all.
        counts.follow(&one, false, true);
        assert_eq!(counts.usage(place), 2);
        drop(first);
        assert_eq!(counts.usage(place), 2);
        drop(second);
        assert_eq!(counts.usage(place), 1);
        counts.follow(&one, true, false);
        assert_eq!(counts.usage(place), 0);
    }

    #[test]
    fn accounts_count_apart_and_the_same_row_again_counts_once() {
        let counts = KeyCounts::default();
        for (before, now) in [(false, true), (true, true), (true, true)] {
            counts.follow(&arn(MINE, 1), before, now);
        }
        counts.follow(&arn("444455556666", 2), false, true);
        for account in [MINE, "444455556666"] {
            assert_eq!(counts.usage(place_of(&arn(account, 1))), 1);
        }
        let _held = counts.hold(&arn(MINE, 9), None).unwrap();
        counts.recount([arn(MINE, 3), arn(MINE, 4)].into_iter());
        assert_eq!(counts.usage(place_of(&arn(MINE, 1))), 3);
        assert_eq!(counts.usage(place_of(&arn("444455556666", 1))), 0);
    }
}
