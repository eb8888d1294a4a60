//! The audit journal: what is recorded of every request before its answer leaves, in which order, and what is made of it.
//!
//! [`Record`] is what happened, in the terms of CloudTrail. A [`Recorder`] takes records and says when they are as safe as
//! the deployment wants them; a [`Follower`] reads them again in their order, from any place on: deliveries, events, the index.
//! [`cloudtrail`] writes a record as the tools of CloudTrail read it. Who may be told what a record holds is not decided here,
//! nor which fields of a request may be in it: records are made in `kagiban-service` and `kagiban-iam`.

pub mod anchor;
pub mod archive;
pub mod cloudtrail;
pub mod delivery;
pub mod export;
pub mod journal;
pub mod offline;
pub mod record;
pub mod recorder;
pub mod search;
pub mod sha256;
pub mod signing;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod uses;
pub mod verify;

pub use record::{Record, RecordDamaged, RecordKind, TlsDetails};
pub use recorder::{Entry, Follower, JournalStopped, ReadError, Recorder, Sequence, Sifted};
