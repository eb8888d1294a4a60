//! A clock that stands until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};

use kagiban_base::time::{Clock, Timestamp};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that shows `at`.
    pub const fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.unix_ms()))
    }

    /// Moves the clock by `ms` milliseconds, forwards or back.
    pub fn move_by_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.load(Ordering::SeqCst))
    }
}
