//! What scenarios are written with: a clock that is moved, randomness that repeats, and a [`World`] around a service.
//!
//! Imported as a dev-dependency only. Its functions panic when a scenario is broken: that is how a test fails.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "code for tests: a broken scenario must fail loudly, and there is no caller to tell"
)]

mod clock;
mod identities;
mod invariants;
mod journal;
mod operations;
mod random;
mod secrets;
mod snapshot;
mod workers;
mod world;

pub use clock::FakeClock;
pub use identities::{Answer, Parameters, base32_decoded, form, mfa_code};
pub use invariants::{broken_invariants, unsettled_keys};
pub use journal::MemoryJournal;
pub use operations::{DRY_RUNS, USES};
pub use random::SeededRandom;
pub use secrets::{SecretSearch, Secrets};
pub use snapshot::Snapshot;
pub use workers::{BlockingWorkers, HeldWorkers};
pub use world::{AwsError, Client, Setting, World};
