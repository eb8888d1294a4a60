//! What happens by itself when its time has come: a clock is moved, and the jobs are run.

mod deletion;
pub(crate) mod erasure;
