//! What is delivered to the outside: log files and digest files in CloudTrail's form, and what a delivery has to remember so
//! that it can be cut off anywhere.
//!
//! Pure but for the clock that callers bring: bytes and plans are made here; the targets they go to are in `kagiban-server`.
//! Log files are named after the range of records they hold and the moment for which they were planned. A plan is written down
//! before it is carried out, so a repeat after a crash writes the same objects under the same names. Nothing is delivered
//! twice under two names, and nothing is left out.

mod batch;
mod digest;
mod layout;
mod log_file;
mod state;
mod status;
#[cfg(test)]
mod tests;

pub use batch::{Copies, copies};
pub(crate) use digest::signed_text;
pub use digest::{Digest, DigestError, DigestObject, SIGNATURE_ALGORITHM};
pub use layout::{InvalidTrailName, Place, Trail, TrailName, log_object};
pub use log_file::{LogFile, packed};
pub use state::{Chain, Delivered, Plan, Previous, StateDamaged, TrailState, Window, state_name};
pub use status::{TargetStatus, TrailDescription, TrailView};

/// Records of one batch of log files at most.
pub const BATCH_RECORDS_MAX: u64 = 50_000;
