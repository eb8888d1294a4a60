//! Randomness that repeats: the same seed gives the same bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::random::{Random, RandomError};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Secrets remembered at most.
const SECRETS_MAX: usize = 16;

/// A generator with a seed. Not secret, not for anything but tests.
#[derive(Debug)]
pub struct SeededRandom(Mutex<State>);

#[derive(Debug)]
struct State {
    generator: StdRng,
    secrets: VecDeque<Vec<u8>>,
}

impl SeededRandom {
    /// The generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(State { generator: StdRng::seed_from_u64(seed), secrets: VecDeque::new() }))
    }

    /// The last secret bytes that were handed out, some of them key material that no answer shows: so that a test can
    /// compute by itself what the service computes.
    pub fn last_secrets(&self) -> Vec<Vec<u8>> {
        self.state().secrets.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Random for SeededRandom {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        let mut state = self.state();
        state.generator.fill_bytes(out);
        state.secrets.truncate(SECRETS_MAX - 1);
        state.secrets.push_front(out.to_vec());
        Ok(())
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.state().generator.fill_bytes(out);
        Ok(())
    }
}
