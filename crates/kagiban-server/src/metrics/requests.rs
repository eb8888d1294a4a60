//! What requests came to: counted while they are answered, with nothing but atomic additions.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use kagiban_service::Summary;
use kagiban_storage::follower::ViewMap;

use super::histogram::Histogram;

/// What an operation without a name is counted as: no target, or one that is unknown.
const UNKNOWN: &str = "Unknown";
/// The code of what went well.
const OK: &str = "OK";

/// Service and operation. There are no more than the program has names.
type Name = (&'static str, &'static str);

/// The counters of requests and connections.
#[derive(Debug, Default)]
pub struct RequestMetrics {
    operations: ViewMap<Name, Arc<Operation>>,
    refused: ViewMap<&'static str, AtomicU64>,
    in_flight: AtomicI64,
    connections: AtomicI64,
    connections_ever: AtomicU64,
}

/// The requests for one operation.
#[derive(Debug, Default)]
struct Operation {
    succeeded: AtomicU64,
    failed: ViewMap<&'static str, AtomicU64>,
    duration: Histogram,
}

/// One unit of a gauge; given back when dropped.
pub(crate) struct Held<'a>(&'a AtomicI64);

/// An open connection; counted until it is dropped.
pub(crate) struct HeldConnection(Arc<RequestMetrics>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Relaxed);
    }
}

impl RequestMetrics {
    /// A request is being answered from now on.
    pub(crate) fn begin(&self) -> Held<'_> {
        self.in_flight.fetch_add(1, Relaxed);
        Held(&self.in_flight)
    }

    /// A connection was accepted.
    pub(crate) fn connect(self: &Arc<Self>) -> HeldConnection {
        self.connections.fetch_add(1, Relaxed);
        self.connections_ever.fetch_add(1, Relaxed);
        HeldConnection(Arc::clone(self))
    }

    /// Counts a request that the service has answered.
    pub fn answered(&self, summary: &Summary, duration: Duration) {
        let operations = self.operations.pin();
        let operation = operations.get_or_insert_with((summary.service, summary.operation), Arc::default);
        operation.duration.observe(duration);
        match summary.error {
            "" => _ = operation.succeeded.fetch_add(1, Relaxed),
            code => count(&operation.failed, code),
        }
    }

    /// All that counting costs a request, for those who measure it.
    pub fn measured(&self, summary: &Summary, elapsed: impl FnOnce() -> Duration) {
        let _at_work = self.begin();
        self.answered(summary, elapsed());
    }

    /// Counts what the front did not hand to the service, or could not answer for it.
    pub(crate) fn refused(&self, reason: &'static str) {
        count(&self.refused, reason);
    }

    /// Requests that are being answered.
    pub(super) fn in_flight(&self) -> i64 {
        self.in_flight.load(Relaxed)
    }

    /// Connections: open ones, and all there ever were.
    pub(super) fn connections(&self) -> (i64, u64) {
        (self.connections.load(Relaxed), self.connections_ever.load(Relaxed))
    }

    /// Reasons and numbers of refusals, in order.
    pub(super) fn refusals(&self) -> Vec<(&'static str, u64)> {
        all(&self.refused)
    }

    /// Names, codes and numbers of answers, in order.
    pub(super) fn answers(&self) -> Vec<(Name, &'static str, u64)> {
        let mut answers = Vec::new();
        for (name, operation) in &self.operations.pin() {
            let succeeded = operation.succeeded.load(Relaxed);
            let codes = all(&operation.failed).into_iter().chain((succeeded > 0).then_some((OK, succeeded)));
            answers.extend(codes.map(|(code, count)| (shown(*name), code, count)));
        }
        answers.sort_unstable();
        answers
    }

    /// Names and durations, in order.
    pub(super) fn durations(&self) -> Vec<(Name, super::histogram::Shown)> {
        let operations = self.operations.pin();
        let mut durations: Vec<_> =
            operations.iter().map(|(name, operation)| (shown(*name), operation.duration.shown())).collect();
        durations.sort_unstable_by_key(|(name, _)| *name);
        durations
    }
}

fn count(counters: &ViewMap<&'static str, AtomicU64>, name: &'static str) {
    counters.pin().get_or_insert_with(name, AtomicU64::default).fetch_add(1, Relaxed);
}

fn all(counters: &ViewMap<&'static str, AtomicU64>) -> Vec<(&'static str, u64)> {
    let mut all: Vec<_> = counters.pin().iter().map(|(name, count)| (*name, count.load(Relaxed))).collect();
    all.sort_unstable();
    all
}

fn shown((service, operation): Name) -> Name {
    let or_unknown = |name: &'static str| if name.is_empty() { UNKNOWN } else { name };
    (or_unknown(service), or_unknown(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_name_and_code() {
        let metrics = RequestMetrics::default();
        let summary = |operation, error| Summary { service: "kms", operation, error };
        for (operation, error) in
            [("Decrypt", ""), ("Decrypt", ""), ("Decrypt", "ThrottlingException"), ("", "UnknownOperationException")]
        {
            metrics.answered(&summary(operation, error), Duration::from_micros(60));
        }
        let expected = [
            (("kms", "Decrypt"), "OK", 2),
            (("kms", "Decrypt"), "ThrottlingException", 1),
            (("kms", "Unknown"), "UnknownOperationException", 1),
        ];
        assert_eq!(metrics.answers(), expected);
        let counts: Vec<_> = metrics.durations().into_iter().map(|(name, shown)| (name.1, shown.count)).collect();
        assert_eq!(counts, [("Decrypt", 3), ("Unknown", 1)]);
    }

    #[test]
    fn what_is_held_is_given_back() {
        let metrics = Arc::new(RequestMetrics::default());
        let (request, connection) = (metrics.begin(), metrics.connect());
        assert_eq!((metrics.in_flight(), metrics.connections()), (1, (1, 1)));
        drop((request, connection));
        assert_eq!((metrics.in_flight(), metrics.connections()), (0, (0, 1)));
    }
}
