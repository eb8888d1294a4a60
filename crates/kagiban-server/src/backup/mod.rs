//! Backups as files: made by a running server, verified and restored by commands that need none.
//!
//! ```text
//! kagiban-20261122T140501Z.age          a backup: an age file, with the stream of kagiban-backup in it
//! kagiban-20261122T140501Z.age.sha256   its SHA-256, as sha256sum checks it
//! *.new                                 what is being written
//! ```

pub(crate) mod files;
pub(crate) mod maker;
mod progress;
mod reading;
pub mod recovery;
pub mod restore;
pub mod verify;
