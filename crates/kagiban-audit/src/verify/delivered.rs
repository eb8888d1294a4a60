//! Log files and digests that were delivered to a directory, compared with each other and with the records.
//!
//! Digests prove the log files that they name, and are chained; what they say nothing of is compared with the records here,
//! and every record that had to be delivered is looked for in a log file. Records stay in the order in which they were
//! delivered, so one walk along them is enough, however many there are.
//!
//! What this cannot tell without the server's word of how far it has come ([`Delivery::state`]): that the newest digests and
//! log files were removed together.

mod compare;
mod digests;
mod listing;
mod log_records;

use std::io;
use std::path::{Path, PathBuf};

use super::finding::Note;
use super::walk::Walk;
use crate::archive::History;
use crate::delivery::TrailState;
use crate::recorder::{Follower, Sequence};
use compare::Compare;
use listing::Listing;

/// A directory with log files and digests.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Where `AWSLogs` is.
    pub directory: PathBuf,
    /// How far the server says that it has come; `None` when that is not known.
    pub state: Option<TrailState>,
}

/// What there was in a directory of a delivery.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeliveredCount {
    /// Which directory.
    pub directory: PathBuf,
    /// Digests.
    pub digests: u64,
    /// Log files.
    pub log_files: u64,
    /// Records that were found in log files and in the journal.
    pub records: u64,
}

/// Verifies a delivery of the audit in `audit`, whose own findings are another walk's.
pub(super) fn verify(audit: &Path, delivery: &Delivery, walk: &mut Walk<'_>) -> io::Result<()> {
    let listing = Listing::of(&delivery.directory, walk)?;
    walk.count_more_bytes(listing.bytes);
    let digested = digests::verify(&listing, delivery, walk)?;
    // Opened after the files were listed: what was delivered is in it.
    let history = History::open(audit)?;
    let mut compare = Compare::new(&listing, &digested, history.earliest());
    compare.load(walk)?;
    compare.follow(&history, walk)?;
    let stated = delivery.state.as_ref().map(|state| Sequence(state.next().0.saturating_sub(1)));
    let (records, last) = compare.end(stated, walk)?;
    let directory = delivery.directory.clone();
    walk.note(Note::Delivered { directory: directory.clone(), last, digests_until: digested.until });
    if stated.is_none() {
        walk.note(Note::DeliveryUnstated(directory.clone()));
    }
    let (digests, log_files) = (listing.digests.len() as u64, listing.logs.len() as u64);
    walk.count_delivered(DeliveredCount { directory, digests, log_files, records });
    Ok(())
}
