//! How long requests take: a histogram without a lock, since all processors write to that of the most frequent operation.

use std::array;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper ends of the buckets, in seconds: from what an operation takes that is answered from memory to the longest that the front
/// waits for an answer.
const BOUNDS: [f64; 18] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
    10.0, 30.0,
];
/// The same in nanoseconds.
const BOUNDS_NS: [u64; BOUNDS.len()] = [
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
    30_000_000_000,
];

/// Durations, counted by size.
#[derive(Debug)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    longer: AtomicU64,
    sum_ns: AtomicU64,
}

/// A histogram as it is shown.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    /// Upper end in seconds, and how many are in this bucket and in no lower one.
    pub(super) buckets: Vec<(f64, u64)>,
    pub(super) count: u64,
    pub(super) sum_s: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        let buckets = array::from_fn(|_| AtomicU64::new(0));
        Self { buckets, longer: AtomicU64::new(0), sum_ns: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Counts a duration: two atomic additions.
    pub(super) fn observe(&self, duration: Duration) {
        let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        // Most are in the first buckets.
        let bucket = BOUNDS_NS.iter().position(|bound| ns <= *bound).and_then(|at| self.buckets.get(at));
        bucket.unwrap_or(&self.longer).fetch_add(1, Relaxed);
        self.sum_ns.fetch_add(ns, Relaxed);
    }

    /// What was counted. The count is that of the buckets, so that they agree.
    pub(super) fn shown(&self) -> Shown {
        let bounds = BOUNDS.into_iter().chain([f64::INFINITY]);
        let counts = self.buckets.iter().chain([&self.longer]).map(|bucket| bucket.load(Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.sum_ns.load(Relaxed));
        Shown { buckets, count, sum_s: sum.as_secs_f64() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_of_bounds_are_the_same_and_grow() {
        for (seconds, ns) in BOUNDS.into_iter().zip(BOUNDS_NS) {
            assert_eq!(u64::try_from(Duration::from_secs_f64(seconds).as_nanos()).unwrap(), ns);
        }
        assert!(BOUNDS_NS.is_sorted());
    }

    #[test]
    fn durations_are_counted_in_the_first_bucket_that_takes_them() {
        let histogram = Histogram::default();
        for ns in [0, 50_000, 50_001, 30_000_000_000, 30_000_000_001, 90_000_000_000] {
            histogram.observe(Duration::from_nanos(ns));
        }
        let shown = histogram.shown();
        let filled: Vec<_> = shown.buckets.iter().filter(|(_, count)| *count > 0).copied().collect();
        assert_eq!(filled, [(0.000_05, 2), (0.000_1, 1), (30.0, 1), (f64::INFINITY, 2)]);
        assert_eq!((shown.count, shown.sum_s), (6, 150.000_100_002));
    }
}
