//! The ids of the keys of each account and Region in their order, for listing them.
//!
//! Listing from the store reads and decodes whole rows for the sake of their names, and costs more the more keys there are.
//! This follows the rows of keys as the view does, so a list shows what the next request finds.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyId;

use crate::records::Place;

/// The ids. Only what makes, deletes or lists keys takes the lock.
#[derive(Debug, Default)]
pub(crate) struct KeyOrder(RwLock<HashMap<Place, BTreeSet<KeyId>>>);

impl KeyOrder {
    /// Takes a key up.
    pub(crate) fn insert(&self, key: &KeyArn) {
        self.write().entry(place_of(key)).or_default().insert(key.key_id);
    }

    /// Drops a key.
    pub(crate) fn remove(&self, key: &KeyArn) {
        let (mut all, place) = (self.write(), place_of(key));
        let Some(ids) = all.get_mut(&place) else { return };
        ids.remove(&key.key_id);
        if ids.is_empty() {
            all.remove(&place);
        }
    }

    /// Drops the keys that are not to be kept.
    pub(crate) fn keep_only(&self, keep: impl Fn(&KeyArn) -> bool) {
        self.write().retain(|place, ids| {
            let Place { region, account } = *place;
            ids.retain(|key_id| keep(&KeyArn { region, account, key_id: *key_id }));
            !ids.is_empty()
        });
    }

    /// The first ids of a place that come after `after`, at most `limit`, and whether there are more.
    pub(crate) fn page(&self, place: Place, after: Option<KeyId>, limit: usize) -> (Vec<KeyId>, bool) {
        let all = self.read();
        let Some(ids) = all.get(&place) else { return (Vec::new(), false) };
        let mut behind = ids.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let page = behind.by_ref().take(limit).copied().collect();
        (page, behind.next().is_some())
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Place, BTreeSet<KeyId>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Place, BTreeSet<KeyId>>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn place_of(key: &KeyArn) -> Place {
    Place { region: key.region, account: key.account }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(account: u64, last: u64) -> KeyArn {
        format!("arn:aws:kms:us-east-1:{account:012}:key/11111111-2222-4333-8444-{last:012}").parse().unwrap()
    }

    #[test]
    fn pages_are_in_order_and_end_with_their_place() {
        let order = KeyOrder::default();
        for last in [5, 3, 9, 1, 7, 3] {
            order.insert(&key(1, last));
        }
        order.insert(&key(2, 4));
        let page = |account, after: Option<u64>, limit| {
            let (ids, more) = order.page(place_of(&key(account, 0)), after.map(|last| key(1, last).key_id), limit);
            (ids.iter().map(|id| id.as_str()[24..].parse().unwrap()).collect::<Vec<u64>>(), more)
        };
        for (account, after, limit, expected) in [
            (1, None, 10, (vec![1, 3, 5, 7, 9], false)),
            (1, None, 5, (vec![1, 3, 5, 7, 9], false)),
            (1, None, 2, (vec![1, 3], true)),
            // What the marker names may be gone by now.
            (1, Some(4), 2, (vec![5, 7], true)),
            (1, Some(9), 2, (vec![], false)),
            (2, None, 2, (vec![4], false)),
            (3, None, 2, (vec![], false)),
        ] {
            assert_eq!(page(account, after, limit), expected, "{account} {after:?} {limit}");
        }
        order.remove(&key(1, 3));
        order.remove(&key(3, 3));
        assert_eq!(page(1, None, 2), (vec![1, 5], true));
        order.keep_only(|kept| *kept == key(1, 7));
        assert_eq!((page(1, None, 9), order.read().len()), ((vec![7], false), 1));
        order.remove(&key(1, 7));
        assert!(order.read().is_empty());
    }
}
