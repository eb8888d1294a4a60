//! The journal through its public face: on real files, on disks that fail, and after everything that can happen to them.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod basics;
mod support;
