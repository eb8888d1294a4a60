//! How many requests there were, by operation and outcome, since that was last taken.
//!
//! What most requests are has its counters at hand; the others come with the first request that needs one of them, so that a
//! million keys in use cost little.

use std::array;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use kagiban_api::Operation;

use crate::records::usage::Requests;

/// What is counted under a name of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Counted {
    /// A request for an operation.
    Operation(Operation),
    /// A GenerateDataKeyPair of an RSA pair, which AWS charges for otherwise.
    RsaDataKeyPair,
    /// The same without plaintext.
    RsaDataKeyPairWithoutPlaintext,
    /// The part of a destination in a ReEncrypt between two keys. The request itself is counted with the source.
    ReEncryptTo,
}

const OPERATIONS: usize = Operation::ALL.len();
/// What has a counter from the beginning: what uses key material, and what is asked most besides.
const FREQUENT: [Counted; 16] = [
    Counted::Operation(Operation::Decapsulate),
    Counted::Operation(Operation::Decrypt),
    Counted::Operation(Operation::DeriveSharedSecret),
    Counted::Operation(Operation::DescribeKey),
    Counted::Operation(Operation::Encapsulate),
    Counted::Operation(Operation::Encrypt),
    Counted::Operation(Operation::GenerateDataKey),
    Counted::Operation(Operation::GenerateDataKeyWithoutPlaintext),
    Counted::Operation(Operation::GenerateMac),
    Counted::Operation(Operation::GetPublicKey),
    Counted::Operation(Operation::ReEncrypt),
    Counted::ReEncryptTo,
    Counted::Operation(Operation::Sign),
    Counted::Operation(Operation::Verify),
    Counted::Operation(Operation::VerifyMac),
    Counted::Operation(Operation::GenerateRandom),
];

/// Counters of one subject.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Counts {
    frequent: [AtomicU32; FREQUENT.len()],
    rest: OnceLock<Box<Rest>>,
}

#[derive(Debug)]
struct Rest {
    succeeded: [AtomicU32; OPERATIONS],
    failed: [AtomicU32; OPERATIONS],
    rsa_pairs: [AtomicU32; 2],
}

impl Counted {
    /// The operation's name, or one that says more.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.name(),
            Self::RsaDataKeyPair => "GenerateDataKeyPair/RSA",
            Self::RsaDataKeyPairWithoutPlaintext => "GenerateDataKeyPairWithoutPlaintext/RSA",
            Self::ReEncryptTo => "ReEncryptTo",
        }
    }
}

impl Counts {
    pub(super) fn new() -> Self {
        Self { frequent: zeros(), rest: OnceLock::new() }
    }

    /// Counts a success.
    pub(super) fn success(&self, of: Counted) {
        if let Some(at) = FREQUENT.iter().position(|frequent| *frequent == of) {
            add(self.frequent.get(at));
            return;
        }
        let rest = self.rest();
        match of {
            Counted::Operation(operation) => add(rest.succeeded.get(operation as usize)),
            Counted::RsaDataKeyPair => add(rest.rsa_pairs.first()),
            Counted::RsaDataKeyPairWithoutPlaintext => add(rest.rsa_pairs.last()),
            // Among the frequent ones.
            Counted::ReEncryptTo => {}
        }
    }

    /// Counts a request that was refused or failed.
    pub(super) fn failure(&self, of: Operation) {
        add(self.rest().failed.get(of as usize));
    }

    /// Takes everything that was counted; `None` if that is nothing.
    pub(super) fn take(&self) -> Option<Requests> {
        let mut requests = Requests::default();
        for (of, counter) in FREQUENT.iter().zip(&self.frequent) {
            requests.succeed(of.name(), take(counter));
        }
        if let Some(rest) = self.rest.get() {
            for (operation, (succeeded, failed)) in Operation::ALL.iter().zip(rest.succeeded.iter().zip(&rest.failed)) {
                requests.succeed(operation.name(), take(succeeded));
                requests.fail(operation.name(), take(failed));
            }
            let pairs = [Counted::RsaDataKeyPair, Counted::RsaDataKeyPairWithoutPlaintext];
            for (of, counter) in pairs.iter().zip(&rest.rsa_pairs) {
                requests.succeed(of.name(), take(counter));
            }
        }
        (!requests.is_empty()).then_some(requests)
    }

    /// Whether anything is counted that has not been taken.
    pub(super) fn is_empty(&self) -> bool {
        let is_zero = |counter: &AtomicU32| counter.load(Ordering::Relaxed) == 0;
        let are_zero = |rest: &Rest| rest.succeeded.iter().chain(&rest.failed).chain(&rest.rsa_pairs).all(is_zero);
        self.frequent.iter().all(is_zero) && self.rest.get().is_none_or(|rest| are_zero(rest))
    }

    fn rest(&self) -> &Rest {
        self.rest.get_or_init(|| Box::new(Rest { succeeded: zeros(), failed: zeros(), rsa_pairs: zeros() }))
    }
}

/// INVARIANT: counters are there for every operation, so that there always is one.
fn add(counter: Option<&AtomicU32>) {
    if let Some(counter) = counter {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

fn take(counter: &AtomicU32) -> u64 {
    // Most are zero; reading leaves them in other processors' caches.
    if counter.load(Ordering::Relaxed) == 0 { 0 } else { u64::from(counter.swap(0, Ordering::Relaxed)) }
}

fn zeros<const N: usize>() -> [AtomicU32; N] {
    array::from_fn(|_| AtomicU32::new(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_counter_and_is_taken_once() {
        let all = Operation::ALL.into_iter().map(Counted::Operation);
        let more = [Counted::RsaDataKeyPair, Counted::RsaDataKeyPairWithoutPlaintext, Counted::ReEncryptTo];
        for of in all.chain(more) {
            let counts = Counts::new();
            assert!(counts.is_empty());
            counts.success(of);
            counts.success(of);
            assert!(!counts.is_empty(), "{of:?}");
            let taken = counts.take().unwrap();
            assert_eq!((taken.succeeded.get(of.name()), taken.succeeded.len()), (Some(&2), 1), "{of:?}");
            assert_eq!((taken.failed.len(), counts.take()), (0, None));
        }
        for operation in Operation::ALL {
            let counts = Counts::new();
            counts.failure(operation);
            assert_eq!(counts.take().unwrap().failed.get(operation.name()), Some(&1));
        }
    }
}
