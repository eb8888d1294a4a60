//! One token bucket: a second's worth of requests of one class, for one account in one Region.
//!
//! It is one number, the moment at which all that was taken will have come back, so that taking is one compare-and-swap and
//! the whole is exact however many threads take at once. Which of several callers may take the last ones is the
//! business of [`Shares`], which exist once a second caller has come.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::shares::{Level, SECOND_NS, Shares};

/// How what was taken comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refill {
    /// All of it when the next second of the clock begins, as AWS has it.
    EachSecond,
    /// Little by little: there is never more than a second's worth, and nobody waits for a second to end.
    Steady,
}

/// Without a caller for so long, a bucket is full and nobody has a claim on it.
pub(super) const IDLE_NS: i64 = 8 * SECOND_NS;

#[derive(Debug)]
pub(super) struct Bucket {
    /// Requests per second.
    rate: u32,
    /// Time in which one comes back. Whole nanoseconds: exact up to 30,000 per second and for all figures of AWS's, within a
    /// thousandth beyond.
    step_ns: i64,
    refill: Refill,
    /// When all that was taken will have come back.
    level: Level,
    /// The first caller, 0 before there is one.
    first: AtomicU64,
    /// When it was last asked.
    asked_ns: AtomicI64,
    shares: OnceLock<Box<Shares>>,
}

impl Bucket {
    pub(super) fn new(rate: u32, refill: Refill) -> Self {
        let rate = rate.max(1);
        Self {
            rate,
            step_ns: SECOND_NS / i64::from(rate),
            refill,
            level: Level::default(),
            first: AtomicU64::new(0),
            asked_ns: AtomicI64::new(i64::MIN),
            shares: OnceLock::new(),
        }
    }

    /// Takes one for this caller, whose number is not 0. Whether there was one for it.
    pub(super) fn take(&self, caller: u64, now_ns: i64) -> bool {
        let start = self.start(now_ns);
        if self.asked_ns.load(Ordering::Relaxed).saturating_add(SECOND_NS / 2) < now_ns {
            self.asked_ns.store(now_ns, Ordering::Relaxed);
        }
        let Some(shares) = self.shares(caller, start) else {
            return self.level.take(start, self.step_ns, |_| true);
        };
        let claim = shares.claim(caller, self.rate, start, self.refill == Refill::Steady);
        let taken = self.level.take(start, self.step_ns, |left| claim.admits(left));
        if taken {
            claim.note_taken();
        }
        taken
    }

    /// The moment from which a second's worth is counted.
    fn start(&self, now_ns: i64) -> i64 {
        let earliest = self.level.earliest(now_ns);
        match self.refill {
            Refill::EachSecond => whole_second(now_ns).max(whole_second(earliest.saturating_add(SECOND_NS - 1))),
            Refill::Steady => now_ns.max(earliest),
        }
    }

    /// The shares, once there is more than one caller.
    fn shares(&self, caller: u64, start: i64) -> Option<&Shares> {
        if let Some(shares) = self.shares.get() {
            return Some(shares);
        }
        let mut first = self.first.load(Ordering::Relaxed);
        if first == 0 {
            let claimed = self.first.compare_exchange(0, caller, Ordering::Relaxed, Ordering::Relaxed);
            first = claimed.err().unwrap_or(caller);
        }
        (first != caller).then(|| &**self.shares.get_or_init(|| Shares::after(first, &self.level, start)))
    }

    /// Whether it can be forgotten: full, and nobody was here lately.
    pub(super) fn is_idle(&self, now_ns: i64) -> bool {
        self.asked_ns.load(Ordering::Relaxed).saturating_add(IDLE_NS) < now_ns
    }
}

/// The beginning of the moment's second.
fn whole_second(ns: i64) -> i64 {
    ns.saturating_sub(ns.rem_euclid(SECOND_NS))
}
