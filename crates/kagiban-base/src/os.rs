//! The real clock and the operating system's randomness: the only place that touches either.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::random::{Random, RandomError};
use crate::time::{Clock, Timestamp};

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one home of the real clock")]
        let now = SystemTime::now();
        let ms = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        };
        Timestamp::from_unix_ms(ms)
    }
}

/// The operating system's random number generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(out).map_err(|_| RandomError)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        RESERVE.with_borrow_mut(|reserve| reserve.fill(out))
    }
}

/// Bytes of [`Reserve`]: some twenty requests' worth.
const RESERVE_LEN: usize = 1024;

/// Public random bytes taken ahead, as a system call for each request id and message nonce was a twentieth of a request's
/// time (profiled). Only for bytes that will be public anyway; secret ones never lie in a buffer. Each is given out once.
struct Reserve {
    bytes: [u8; RESERVE_LEN],
    /// How many of `bytes`, from the front, have not been given out.
    left: usize,
}

thread_local! {
    static RESERVE: RefCell<Reserve> = const { RefCell::new(Reserve { bytes: [0; RESERVE_LEN], left: 0 }) };
}

impl Reserve {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        if out.len() > RESERVE_LEN {
            return getrandom::fill(out).map_err(|_| RandomError);
        }
        if out.len() > self.left {
            // Nothing is left if this fails, so that no byte can be given out twice.
            self.left = 0;
            getrandom::fill(&mut self.bytes).map_err(|_| RandomError)?;
            self.left = RESERVE_LEN;
        }
        let start = self.left.saturating_sub(out.len());
        let taken = self.bytes.get_mut(start..self.left).ok_or(RandomError)?;
        out.copy_from_slice(taken);
        taken.fill(0);
        self.left = start;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn public_bytes_never_repeat() {
        let mut seen = BTreeSet::new();
        for round in 0..1000 {
            // Lengths that cross the end of the reserve in every way.
            let mut bytes = vec![0; 16 + round % 48];
            OsRandom.fill_public(&mut bytes).unwrap();
            assert!(seen.insert(bytes.get(..16).unwrap().to_vec()), "round {round}");
        }
        for threads in 0..4 {
            let bytes = std::thread::spawn(|| {
                let mut bytes = [0; 16];
                OsRandom.fill_public(&mut bytes).map(|()| bytes.to_vec())
            });
            assert!(seen.insert(bytes.join().unwrap().unwrap()), "thread {threads}");
        }
    }

    #[test]
    fn every_length_is_filled() {
        for len in [0, 1, RESERVE_LEN - 1, RESERVE_LEN, RESERVE_LEN + 1, 3 * RESERVE_LEN] {
            let mut bytes = vec![0; len];
            OsRandom.fill_public(&mut bytes).unwrap();
            let zeros = bytes.iter().filter(|byte| **byte == 0).count();
            assert!(zeros <= len / 64 + 4, "{zeros} of {len} bytes are zero");
        }
    }
}
