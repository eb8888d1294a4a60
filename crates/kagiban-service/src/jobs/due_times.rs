//! When keys are due for a job. A key that no time changes is not in here, so a hundred thousand of them cost nothing.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, Region};
use kagiban_base::time::Timestamp;
use tokio::sync::Notify;

type KeyName = (Region, KeyId);
/// A place in the order of due times.
pub(crate) type DuePosition = (Timestamp, Region, KeyId);

/// The due times of keys. Written by the view's follower, read by the jobs; no request touches it.
#[derive(Debug, Default)]
pub(crate) struct DueTimes {
    entries: Mutex<Entries>,
    sooner: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    by_time: BTreeMap<DuePosition, KeyArn>,
    by_key: HashMap<KeyName, Timestamp>,
}

impl DueTimes {
    /// Sets or removes the due time of a key.
    pub(crate) fn set(&self, key: KeyArn, due: Option<Timestamp>) {
        let name = (key.region, key.key_id);
        let mut entries = self.entries();
        let before = match due {
            Some(due) => entries.by_key.insert(name, due),
            None => entries.by_key.remove(&name),
        };
        if before == due {
            return;
        }
        if let Some(before) = before {
            entries.by_time.remove(&(before, name.0, name.1));
        }
        if let Some(due) = due {
            entries.by_time.insert((due, name.0, name.1), key);
            if entries.first() == Some((due, name.0, name.1)) {
                self.sooner.notify_one();
            }
        }
    }

    /// Removes the keys that are not to be kept.
    pub(crate) fn keep_only(&self, keep: impl Fn(&KeyArn) -> bool) {
        let entries = &mut *self.entries();
        entries.by_time.retain(|_, key| keep(key));
        let by_time = &entries.by_time;
        entries.by_key.retain(|(region, key_id), due| by_time.contains_key(&(*due, *region, *key_id)));
    }

    /// The first due time.
    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.entries().first().map(|(due, ..)| due)
    }

    /// The first keys that are due at `now` and stand behind `after`, at most `limit`, in the order of their due times.
    pub(crate) fn due(&self, now: Timestamp, after: Option<DuePosition>, limit: usize) -> Vec<(DuePosition, KeyArn)> {
        let entries = self.entries();
        let behind = entries.by_time.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded));
        let due = behind.take_while(|((due, ..), _)| *due <= now).take(limit);
        due.map(|(position, key)| (*position, *key)).collect()
    }

    /// Waits for [`DueTimes::nudge`], or a due time before all others.
    pub(crate) async fn sooner(&self) {
        self.sooner.notified().await;
    }

    /// Ends a wait.
    pub(crate) fn nudge(&self) {
        self.sooner.notify_one();
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn first(&self) -> Option<DuePosition> {
        self.by_time.first_key_value().map(|(position, _)| *position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(last: u32) -> KeyArn {
        format!("arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-5555{last:08}").parse().unwrap()
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[test]
    fn a_key_is_due_once_and_at_its_last_time() {
        let times = DueTimes::default();
        for (last, due) in [(1, Some(5)), (2, Some(3)), (1, Some(1)), (3, Some(9)), (2, None), (4, None), (1, Some(1))]
        {
            times.set(key(last), due.map(at));
        }
        let due = |now| times.due(at(now), None, 10).into_iter().map(|(_, key)| key).collect::<Vec<_>>();
        assert_eq!((due(0), due(1), due(9)), (vec![], vec![key(1)], vec![key(1), key(3)]));
        assert_eq!(times.first(), Some(at(1)));
        times.keep_only(|kept| *kept == key(3));
        assert_eq!((due(9), times.entries().by_key.len()), (vec![key(3)], 1));
    }

    #[test]
    fn pages_come_one_after_the_other() {
        let times = DueTimes::default();
        (0..25).for_each(|last| times.set(key(last), Some(at(i64::from(last / 10)))));
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = times.due(at(1), after, 7);
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            seen.extend(page.into_iter().map(|(_, key)| key));
        }
        assert_eq!(seen, (0..20).map(key).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn waits_end_for_what_is_due_before_all_others() {
        let times = DueTimes::default();
        let is_over = async || {
            tokio::select! { biased; () = times.sooner() => true, () = std::future::ready(()) => false }
        };
        assert!(!is_over().await);
        for (last, due, expected) in [(1, 5, true), (2, 6, false), (2, 4, true), (2, 4, false), (3, 4, false)] {
            times.set(key(last), Some(at(due)));
            assert_eq!(is_over().await, expected, "{last} {due}");
        }
        times.nudge();
        assert!(is_over().await && !is_over().await);
    }
}
