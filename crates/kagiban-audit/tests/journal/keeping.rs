//! Whatever became of the files, and whatever the operator accepts: no record that can still be read is removed. It is in the
//! journal, in an archive, or in a file that was put aside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kagiban_audit::Sequence;
use kagiban_audit::archive::{ArchiveError, History, Library};
use kagiban_audit::journal::blocks::leaf;
use kagiban_audit::offline::OfflineJournal;
use kagiban_audit::search::{Bounds, Query, Search as _};
use proptest::prelude::*;

use crate::support::{Place, append};

/// Bytes before a frame's record.
const FRAME_HEADER: usize = 16;

/// A record by its place and its hash, which is the same whether its caller is with it or in another record.
type Hashed = (u64, [u8; 32]);

/// Every whole frame in some bytes, wherever it begins.
fn frames(bytes: &[u8]) -> Vec<Hashed> {
    let field = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut found = Vec::new();
    for at in 0..bytes.len().saturating_sub(FRAME_HEADER) {
        let length = field(at) as usize;
        let Some(record) = bytes.get(at + FRAME_HEADER..).and_then(|rest| rest.get(..length)) else { continue };
        if length > 0 && crc32fast::hash(record) == field(at + 4) {
            let sequence = u64::from_le_bytes(bytes[at + 8..at + 16].try_into().unwrap());
            found.push((sequence, leaf(Sequence(sequence), record)));
        }
    }
    found
}

/// The records of all files with one of these endings.
fn in_files(place: &Place, extensions: &[&str]) -> BTreeSet<Hashed> {
    let paths = extensions.iter().flat_map(|extension| place.files(extension));
    let segments = paths.filter(|path| path.to_str().unwrap().contains(".records"));
    // What was never written need not be gone through.
    let written = |path: PathBuf| {
        let mut bytes = std::fs::read(path).unwrap();
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 2));
        bytes
    };
    segments.flat_map(|path| frames(&written(path))).collect()
}

fn archived(place: &Place) -> BTreeSet<Hashed> {
    let library = Library::open(&place.path("archive")).unwrap().into();
    let nothing = OfflineJournal::open(Path::new("/nonexistent")).unwrap();
    let page = History::new(library, std::sync::Arc::new(nothing)).page(&Query::default(), None, Bounds::records(1000));
    page.unwrap().entries.into_iter().map(|entry| (entry.sequence.0, leaf(entry.sequence, &entry.bytes))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_record_that_can_be_read_is_removed(
        sessions in 2..5u64,
        changes in proptest::collection::vec((0..4usize, any::<proptest::sample::Index>(), any::<u8>(), 0..6u8), 1..6),
        archives_first in any::<bool>(),
    ) {
        let mut place = Place::new().slow();
        place.live(8);
        if archives_first {
            place.archive_all();
        }
        (0..sessions).for_each(|_| place.live(8));
        for (kind, at, byte, how) in changes {
            let kinds = [place.files("records"), place.files("records"), place.files("blocks"), vec![place.path("head")]];
            let Some(path) = kinds[kind].get(usize::from(byte) % kinds[kind].len().max(1)) else { continue };
            let Ok(mut bytes) = std::fs::read(path) else { continue };
            let place = at.index(bytes.len().clamp(1, 4_000));
            match how {
                0 => bytes.truncate(place),
                1 => bytes.iter_mut().skip(place).take(200).for_each(|byte| *byte = 0),
                2 => { std::fs::remove_file(path).unwrap(); continue }
                _ => bytes.iter_mut().skip(place).take(1).for_each(|b| *b ^= byte),
            }
            std::fs::write(path, bytes).unwrap();
        }
        let before: BTreeSet<_> = in_files(&place, &["records"]).into_iter().chain(archived(&place)).collect();
        let last = before.iter().map(|(sequence, _)| *sequence).max().unwrap_or_default();
        place.options.accept_loss = true;
        if place.open().is_err() {
            // Somebody else's head is not accepted; none is.
            std::fs::remove_file(place.path("head")).unwrap();
        }
        for _ in 0..2 {
            let journal = std::sync::Arc::new(place.open().unwrap());
            place.options.accept_loss = false;
            append(&journal, "after").unwrap();
            journal.close();
            // It may find that what is behind the head is damaged.
            let made = place.archive(&journal);
            let is_named = matches!(made, Ok(_) | Err(ArchiveError::Read(_) | ArchiveError::NotTheRecords(_)));
            prop_assert!(is_named, "{:?}", made);
            drop(journal);
            let after: BTreeSet<_> = in_files(&place, &["records", "lost"]).into_iter().chain(archived(&place)).collect();
            let gone: Vec<u64> = before.difference(&after).map(|(sequence, _)| *sequence).collect();
            prop_assert!(gone.is_empty(), "of {} to {} {:?} are gone", 1, last, gone);
            // No place is given twice.
            let places: BTreeSet<u64> = after.iter().map(|(sequence, _)| *sequence).collect();
            let archived: BTreeSet<_> = archived(&place).into_iter().chain(in_files(&place, &["records"])).collect();
            prop_assert!(archived.iter().map(|(sequence, _)| *sequence).collect::<BTreeSet<_>>().len() == archived.len());
            prop_assert!(places.contains(&Sequence(last).0) || last == 0);
        }
    }
}
