//! What was lost is named, whatever else happened; it is told for ever once it was accepted; and nothing that is still there is
//! taken for lost, or removed, because of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kagiban_audit::archive::{ArchiveError, History, Library};
use kagiban_audit::journal::head::SignedHead;
use kagiban_audit::journal::segment::{HEADER_LEN, SegmentFile};
use kagiban_audit::journal::{Lost, OpenError};
use kagiban_audit::offline::OfflineJournal;
use kagiban_audit::search::{Bounds, Order, Query, Search as _};
use kagiban_audit::verify::Note;
use kagiban_audit::{Follower as _, ReadError, Sequence};

use crate::support::{Place, append, read_all};

/// The losses that a start names.
fn losses(place: &Place) -> Vec<(Lost, u64, u64)> {
    match place.open() {
        Err(OpenError::Lost { losses, .. }) => losses.iter().map(|l| (l.what, l.first.0, l.count)).collect(),
        other => unreachable!("{other:?}"),
    }
}

/// The segments with records.
fn segments(place: &Place) -> Vec<PathBuf> {
    let mut paths = place.files("records");
    paths.retain(|path| SegmentFile::read(path).is_ok_and(|file| !file.is_empty()));
    paths
}

fn flip(path: &Path, at: usize) -> Vec<u8> {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 1;
    std::fs::write(path, &bytes).unwrap();
    bytes
}

/// Where a record of a segment ends.
fn end_of(path: &Path, number: usize) -> usize {
    let file = SegmentFile::read(path).unwrap();
    let mut records = file.records();
    assert_eq!(records.by_ref().take(number).count(), number);
    records.bytes_read()
}

/// The records that notes tell were lost: first and last, none for the head alone.
fn told(place: &Place) -> Vec<Option<(u64, u64)>> {
    let report = place.verify();
    assert_eq!(report.findings, []);
    let lost = report.notes.iter().filter_map(|note| match note {
        Note::LossAccepted { records, .. } => Some(records.map(|records| (records.first.0, records.last.0))),
        _ => None,
    });
    lost.collect()
}

fn aside(path: &Path) -> PathBuf {
    path.with_added_extension("lost")
}

#[test]
fn a_damaged_segment_between_others_is_left_as_it_is() {
    let place = Place::new();
    (0..3).for_each(|_| place.live(10));
    let path = segments(&place).remove(1);
    let damaged = flip(&path, HEADER_LEN + 20);
    place.live(1);
    assert_eq!(std::fs::read(&path).unwrap(), damaged);
    let report = place.verify();
    assert!(report.findings.iter().any(|finding| finding.records.is_some_and(|r| r.first.0 == 11)), "{report:?}");
}

#[test]
fn a_damaged_segment_that_is_named_as_lost_is_put_aside() {
    for (segment, lost) in [(0, (1, 10)), (2, (21, 10))] {
        for at in [3, HEADER_LEN + 20] {
            let mut place = Place::new();
            (0..3).for_each(|_| place.live(10));
            let path = segments(&place).remove(segment);
            let damaged = flip(&path, at);
            assert_eq!(losses(&place), [(Lost::Records, lost.0, lost.1)]);
            assert_eq!(std::fs::read(&path).unwrap(), damaged);
            let journal = place.open_accepting();
            assert_eq!(append(&journal, "after"), Ok(Sequence(31)));
            journal.close();
            assert_eq!(std::fs::read(aside(&path)).unwrap(), damaged, "{segment} {at}");
            drop(journal);
            assert_eq!(told(&place), [Some((lost.0, lost.0 + lost.1 - 1))], "{segment} {at}");
            let archives = place.archive_all();
            assert_eq!(archives.iter().map(|(first, last)| last - first + 1).sum::<u64>(), 21, "{archives:?}");
            assert_eq!(told(&place), [Some((lost.0, lost.0 + lost.1 - 1))], "{segment} {at}");
        }
    }
}

#[test]
fn what_the_system_refuses_to_read_is_not_taken_for_damaged() {
    let place = Place::new();
    (0..3).for_each(|_| place.live(10));
    let path = segments(&place).remove(1);
    std::fs::rename(&path, place.path("elsewhere")).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(matches!(place.open(), Err(OpenError::Io { .. })));
    assert!(path.is_dir());
}

/// A torn segment has pages that no record was ever read from: written over, they might be read as records one day.
#[test]
fn only_a_segment_of_zeros_is_written_to_again() {
    let place = Place::new();
    place.live(3);
    let spare = place.files("records").pop().unwrap();
    let mut bytes = std::fs::read(&spare).unwrap();
    bytes[HEADER_LEN + 5000] = 1;
    std::fs::write(&spare, &bytes).unwrap();
    place.live(1);
    assert_eq!(std::fs::read(aside(&spare)).unwrap(), bytes);
    assert_eq!(told(&place), []);
}

#[test]
fn a_head_without_a_signature_says_nothing() {
    let place = Place::new();
    place.live(10);
    let head = SignedHead::parse(&std::fs::read_to_string(place.path("head")).unwrap()).unwrap();
    let mut forged = SignedHead { signature: None, ..head };
    forged.head.at = kagiban_audit::journal::blocks::ChainPoint::genesis(forged.head.journal);
    forged.head.forgotten = Sequence(1000);
    assert!(forged.check(&[]).is_err());
    std::fs::write(place.path("head"), forged.to_text()).unwrap();
    assert_eq!(losses(&place), [(Lost::Head, 11, 0)]);
    forged.head.forgotten = Sequence(0);
    forged.head.at.blocks = 7;
    assert!(forged.check(&[]).is_err());
}

#[test]
fn a_head_of_an_earlier_state_takes_no_later_proof_with_it() {
    let mut place = Place::new().slow();
    place.live(10);
    let older = std::fs::read(place.path("head")).unwrap();
    (0..2).for_each(|_| place.live(10));
    let paths = segments(&place);
    for path in &paths[..2] {
        std::fs::remove_file(path).unwrap();
        std::fs::remove_file(path.with_extension("blocks")).unwrap();
    }
    std::fs::write(place.path("head"), older).unwrap();
    let blocks = paths[2].with_extension("blocks");
    let (records, proof) = (std::fs::read(&paths[2]).unwrap(), std::fs::read(&blocks).unwrap());
    assert_eq!(losses(&place), [(Lost::Records, 1, 10), (Lost::Head, 11, 0), (Lost::Records, 11, 20)]);
    let journal = place.open_accepting();
    assert_eq!(append(&journal, "after"), Ok(Sequence(31)));
    journal.close();
    assert_eq!((std::fs::read(aside(&paths[2])).unwrap(), std::fs::read(&blocks).unwrap()), (records, proof));
    drop(journal);
    place.live(1);
    assert!(told(&place).contains(&Some((11, 30))));
}

#[test]
fn records_before_a_segment_behind_the_head_are_missed() {
    // A clean stop at 10; the next run is killed before its first head.
    let mut place = Place::new().slow();
    place.live(10);
    assert_eq!(place.live_until_killed(false), Sequence(11));
    let path = segments(&place).remove(0);
    let ninth = end_of(&path, 8);
    let damaged = flip(&path, ninth + 20);
    assert_eq!(losses(&place), [(Lost::Records, 9, 2)]);
    let journal = place.open_accepting();
    assert_eq!(read_all(&journal, 1000).len(), 9);
    journal.close();
    // Record 10 can still be read, by whoever wants to.
    assert_eq!(std::fs::read(aside(&path)).unwrap(), damaged);
    drop(journal);
    assert_eq!(told(&place), [Some((9, 10))]);
}

#[test]
fn an_acceptance_counts_once_it_is_signed() {
    let mut place = Place::new().slow();
    place.live(10);
    let path = segments(&place).remove(0);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..end_of(&path, 8)]).unwrap();
    for record in 11..13 {
        // Accepted, and killed before a head was signed.
        assert_eq!(place.live_until_killed(true), Sequence(record));
        assert_eq!(losses(&place), [(Lost::Records, 9, 2)]);
    }
    let journal = place.open_accepting();
    journal.close();
    drop(journal);
    place.live(1);
    assert_eq!(told(&place), [Some((9, 10))]);
}

#[test]
fn an_acceptance_is_told_although_nothing_was_recorded_since() {
    for (records, blocks) in [(true, false), (false, true), (true, true)] {
        let mut place = Place::new().slow();
        place.live(10);
        let path = segments(&place).remove(0);
        if records {
            std::fs::remove_file(&path).unwrap();
        }
        if blocks {
            std::fs::remove_file(path.with_extension("blocks")).unwrap();
        }
        let named = losses(&place);
        let journal = place.open_accepting();
        journal.close();
        drop(journal);
        for _ in 0..2 {
            // Without another word.
            let journal = place.open().unwrap();
            journal.close();
            drop(journal);
            assert!(told(&place).contains(&Some((1, 10))), "{records} {blocks} {named:?}");
        }
        place.live(2);
        assert_eq!(told(&place).len(), named.len(), "{records} {blocks} {named:?}");
    }
}

#[test]
fn what_an_accepted_loss_has_left_of_a_block_is_archived() {
    let mut place = Place::new().slow();
    place.live(10);
    let path = segments(&place).remove(0);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..end_of(&path, 8)]).unwrap();
    let journal = Arc::new(place.open_accepting());
    append(&journal, "record 11").unwrap();
    journal.close();
    let archives = place.archive(&journal).unwrap();
    drop(journal);
    let archived = |at: u64| archives.iter().any(|(first, last)| (*first..=*last).contains(&at));
    assert_eq!((1..=11).filter(|at| archived(*at)).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 11], "{archives:?}");
    assert_eq!(told(&place), [Some((9, 10))]);
    place.live(1);
    place.archive_all();
    assert_eq!(told(&place), [Some((9, 10))]);
}

#[test]
fn records_that_no_loss_excuses_stop_the_archiver() {
    let place = Place::new().slow();
    place.live(10);
    place.live(1);
    let path = segments(&place).remove(0);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..end_of(&path, 8)]).unwrap();
    let journal = Arc::new(place.open().unwrap());
    let outcome = place.archive(&journal);
    assert!(matches!(outcome, Err(ArchiveError::Read(ReadError::Damaged(Sequence(9))))), "{outcome:?}");
    journal.close();
    assert!(path.exists());
}

#[test]
fn records_whose_proof_was_lost_are_kept() {
    let mut place = Place::new().slow();
    place.live(10);
    place.live(10);
    let path = segments(&place).remove(1);
    let bytes = std::fs::read(&path).unwrap();
    flip(&path.with_extension("blocks"), 96 + 40);
    assert_eq!(losses(&place), [(Lost::Proof, 11, 10)]);
    let journal = Arc::new(place.open_accepting());
    append(&journal, "record 21").unwrap();
    journal.close();
    assert_eq!(told(&place), [Some((11, 20))]);
    drop(journal);
    assert_eq!(place.archive_all(), [(1, 10), (21, 21)]);
    place.live(1);
    place.archive_all();
    assert!(!path.exists());
    assert!(bytes.starts_with(&std::fs::read(aside(&path)).unwrap()[..end_of(&aside(&path), 10)]));
    assert_eq!(told(&place), [Some((11, 20))]);
}

#[test]
fn a_last_segment_that_is_gone_takes_no_other_proof_with_it() {
    for is_proof_gone in [false, true] {
        let mut place = Place::new().slow();
        place.live(10);
        place.live(10);
        let [first, last] = <[PathBuf; 2]>::try_from(segments(&place)).unwrap();
        std::fs::remove_file(&last).unwrap();
        if is_proof_gone {
            std::fs::remove_file(last.with_extension("blocks")).unwrap();
        }
        let journal = place.open_accepting();
        assert!(first.with_extension("blocks").exists());
        assert_eq!(append(&journal, "record 21"), Ok(Sequence(21)));
        journal.close();
        drop(journal);
        assert!(told(&place).contains(&Some((11, 20))));
        place.live(1);
        assert_eq!(place.archive_all().first(), Some(&(1, 10)));
        place.live(1);
        place.archive_all();
        assert!(told(&place).contains(&Some((11, 20))), "{is_proof_gone}");
    }
}

#[test]
fn a_block_file_without_its_archived_segment_is_no_finding_and_goes() {
    let place = Place::new().slow();
    place.live(10);
    let blocks = place.files("blocks").remove(0);
    let bytes = std::fs::read(&blocks).unwrap();
    place.archive_all();
    place.live(1);
    assert!(!blocks.exists());
    // Killed between the two removals.
    std::fs::write(&blocks, &bytes).unwrap();
    assert_eq!(told(&place), []);
    place.live(1);
    assert!(!blocks.exists());
    assert_eq!(told(&place), []);
}

#[test]
fn archives_of_a_journal_that_is_gone_are_a_loss() {
    let mut place = Place::new().slow();
    place.live(10);
    assert_eq!(place.archive_all(), [(1, 10)]);
    std::fs::remove_file(place.path("head")).unwrap();
    std::fs::remove_dir_all(place.path("journal")).unwrap();
    assert_eq!(losses(&place), [(Lost::Head, 11, 0)]);
    // The records go on behind those of the archives.
    let journal = Arc::new(place.open_accepting());
    assert_eq!(append(&journal, "after"), Ok(Sequence(11)));
    journal.close();
    assert_eq!(read_all(&journal, 1000).len(), 1);
    assert_eq!(place.archive(&journal).unwrap(), [(1, 10), (11, 11)]);
    drop(journal);
    assert_eq!(told(&place), [None]);
}

#[test]
fn archives_of_another_journal_are_not_taken_for_this_ones() {
    let other = Place::new().slow();
    other.live(20);
    other.archive_all();
    let mut place = Place::new().slow();
    place.live(10);
    let journal = Arc::new(place.open().unwrap());
    copy(&other.path("archive"), &place.path("archive"));
    // Beside a journal that runs: nothing is archived, nothing goes.
    let outcome = place.archive(&journal);
    assert!(matches!(outcome, Err(ArchiveError::Foreign(_))), "{outcome:?}");
    journal.close();
    assert_eq!(read_all(&journal, 1000).len(), 10);
    drop(journal);
    // At a start: a loss. Accepted, they are put aside.
    assert_eq!(losses(&place), [(Lost::Journal, 1, 0)]);
    let journal = Arc::new(place.open_accepting());
    append(&journal, "record 11").unwrap();
    journal.close();
    assert!(aside(&place.path("archive")).is_dir());
    assert_eq!(place.archive(&journal).unwrap(), [(1, 10), (11, 11)]);
    drop(journal);
    assert_eq!(told(&place), [None]);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => assert!(std::fs::copy(entry.path(), to).unwrap() > 0),
        }
    }
}

/// A search without the server, while the server archives what is being searched.
#[test]
fn a_search_finds_what_moves_into_an_archive_meanwhile() {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let place = Place::new().slow();
        (0..3).for_each(|_| place.live(10));
        let journal = Arc::new(place.open().unwrap());
        let library = Arc::new(Library::open(&place.path("archive")).unwrap());
        let offline = Arc::new(OfflineJournal::open(&place.options.directory).unwrap());
        let history = History::new(library, Arc::clone(&offline) as _);
        place.archive(&journal).unwrap();
        journal.close();
        assert!(segments(&place).is_empty());
        assert!(matches!(offline.read(Sequence(1), 1000), Err(ReadError::Gone(Sequence(1)))));
        let query = Query { order, ..Query::default() };
        assert_eq!(history.page(&query, None, Bounds::records(100)).unwrap().entries.len(), 30);
        assert_eq!(history.read(Sequence(1), 1).unwrap()[0].sequence, Sequence(1));
    }
}

#[test]
fn a_journal_in_place_of_another_says_so() {
    let place = Place::new();
    let journal = place.open().unwrap();
    assert!(journal.is_new());
    append(&journal, "before it was known").unwrap();
    while journal.head().head.at.sequence < Sequence(1) {
        std::thread::yield_now();
    }
    journal.state_loss_of_head();
    journal.close();
    drop(journal);
    assert_eq!(told(&place), [None]);
    place.live(1);
    assert_eq!(told(&place), [None]);
}

#[test]
fn a_head_is_signed_before_there_is_a_record() {
    let place = Place::new().slow();
    let journal = place.open().unwrap();
    assert!(journal.is_new());
    while journal.head().signature.is_none() {
        std::thread::yield_now();
    }
    journal.close();
    drop(journal);
    assert!(!place.open().unwrap().is_new());
}

#[test]
fn a_start_that_came_to_nothing_leaves_a_new_journal() {
    let place = Place::new().slow().unsigned();
    for _ in 0..2 {
        assert!(place.open().unwrap().is_new());
    }
    append(&place.open().unwrap(), "a record").unwrap();
    assert!(!place.open().unwrap().is_new());
}
