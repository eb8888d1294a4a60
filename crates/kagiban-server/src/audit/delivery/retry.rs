//! Pauses between attempts: longer each time, and never the same for two who began together.

use std::time::Duration;

use kagiban_base::random::{Random, public_array};

/// The first pause, at most.
const FIRST_MS: u64 = 1_000;
/// The longest pause.
const LONGEST_MS: u64 = 60_000;

/// Failures in a row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Retry {
    failures: u32,
}

impl Retry {
    /// It went well.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// It failed once more: how long to wait. Between half and all of a time that doubles up to a minute.
    pub(super) fn failed(&mut self, random: &dyn Random) -> Duration {
        let longest = FIRST_MS.saturating_mul(1 << self.failures.min(16)).min(LONGEST_MS);
        self.failures = self.failures.saturating_add(1);
        let half = longest / 2;
        // Without randomness all wait as long: still a pause.
        let part = public_array(random).map_or(half, |bytes| u64::from_le_bytes(bytes) % (half + 1));
        Duration::from_millis(half + part)
    }

    /// Failures in a row.
    pub(super) fn failures(self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use kagiban_base::os::OsRandom;

    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_differ() {
        let mut retry = Retry::default();
        for longest in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let pause = retry.failed(&OsRandom).as_millis();
            assert!((longest * 500..=longest * 1000).contains(&pause), "{longest} s: {pause} ms");
        }
        retry.succeeded();
        assert!(retry.failed(&OsRandom) <= Duration::from_secs(1));
        let pauses: std::collections::BTreeSet<_> =
            (0..10).map(|_| Retry { failures: 9 }.failed(&OsRandom).as_millis()).collect();
        assert!(pauses.len() > 5);
    }
}
