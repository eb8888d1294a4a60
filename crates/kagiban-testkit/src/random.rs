//! Randomness that repeats: the same seed gives the same bytes.

use std::sync::{Mutex, PoisonError};

use kagiban_base::random::{Random, RandomError};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A generator with a seed. Not secret, not for anything but tests.
#[derive(Debug)]
pub struct SeededRandom(Mutex<StdRng>);

impl SeededRandom {
    /// The generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

impl Random for SeededRandom {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.fill(out);
        Ok(())
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.fill(out);
        Ok(())
    }
}
