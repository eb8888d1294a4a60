//! How many requests used which key since the start, for metrics: off until somebody wants them, and for so many keys only. They
//! grow when notes are written down, once a minute, so that no request pays for them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_api::Operation;
use kagiban_base::arn::KeyArn;

use super::notes::Taken;
use super::tracked;

/// The requests of one kind that used a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyRequests {
    /// The key; `None` for all keys beyond the number that is told apart.
    pub key: Option<KeyArn>,
    /// A cryptographic operation, or `ReEncryptTo` for the destination of a ReEncrypt.
    pub operation: &'static str,
    /// How many succeeded.
    pub count: u64,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Totals(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// Keys that are told apart, at most.
    keys_max: usize,
    by_key: HashMap<KeyArn, HashMap<&'static str, u64>>,
    others: HashMap<&'static str, u64>,
}

impl Totals {
    /// Counts from now on, and tells so many keys apart: the first ones that are used.
    pub(crate) fn want(&self, keys_max: usize) {
        self.lock().keys_max = keys_max;
    }

    /// What was counted, in no order.
    pub(crate) fn all(&self) -> Vec<KeyRequests> {
        let counted = self.lock();
        let of = |key, counts: &HashMap<&'static str, u64>| -> Vec<_> {
            counts.iter().map(|(operation, count)| KeyRequests { key, operation, count: *count }).collect()
        };
        let by_key = counted.by_key.iter().flat_map(|(key, counts)| of(Some(*key), counts));
        by_key.chain(of(None, &counted.others)).collect()
    }

    /// Adds what was taken to be written down.
    pub(super) fn add(&self, taken: &Taken) {
        let (Some(key), Some(requests)) = (taken.subject.key(), &taken.requests) else { return };
        let mut counted = self.lock();
        if counted.keys_max == 0 {
            return;
        }
        for (name, count) in &requests.succeeded {
            if let Some(operation) = cryptographic(name) {
                let total = counted.of(key).entry(operation).or_default();
                *total = total.saturating_add(*count);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    fn of(&mut self, key: &KeyArn) -> &mut HashMap<&'static str, u64> {
        if self.by_key.len() < self.keys_max || self.by_key.contains_key(key) {
            self.by_key.entry(*key).or_default()
        } else {
            &mut self.others
        }
    }
}

/// The name of an operation that uses key material, without what is only told apart for its price.
fn cryptographic(name: &str) -> Option<&'static str> {
    if name == "ReEncryptTo" {
        return Some("ReEncryptTo");
    }
    let name = name.split('/').next().unwrap_or(name);
    let operation = Operation::ALL.into_iter().find(|operation| operation.name() == name)?;
    tracked(operation).map(|_| operation.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uses_of_material_are_counted() {
        for (name, expected) in [
            ("Decrypt", Some("Decrypt")),
            ("GenerateDataKeyPair/RSA", Some("GenerateDataKeyPair")),
            ("ReEncryptTo", Some("ReEncryptTo")),
            ("DescribeKey", None),
            ("", None),
        ] {
            assert_eq!(cryptographic(name), expected, "{name}");
        }
    }

    #[test]
    fn keys_beyond_the_number_are_counted_together() {
        let key = |last: u32| -> KeyArn {
            format!("arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-5555{last:08}").parse().unwrap()
        };
        let mut counted = Counted { keys_max: 2, ..Counted::default() };
        for last in [1, 2, 3, 1, 4] {
            *counted.of(&key(last)).entry("Decrypt").or_default() += 1;
        }
        let totals = Totals(Mutex::new(counted));
        let all = totals.all();
        let of = |key| all.iter().filter(|of| of.key == key).map(|of| of.count).sum::<u64>();
        assert_eq!((of(None), of(Some(key(1))), of(Some(key(2))), all.len()), (2, 2, 1, 3));
    }
}
