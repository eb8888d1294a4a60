//! The journal through its public face: on real files, on disks that fail, and after everything that can happen to them.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod basics;
mod callers;
mod concurrency;
mod disks;
mod faults;
mod keeping;
mod losses;
mod power;
mod searching;
mod support;
mod torn;
