//! Segments, block files and heads that were cut, flipped, swapped or taken away: a start keeps what is whole, says what is
//! missing, never panics, and goes on only where nothing is missing or the loss is accepted.

use std::path::{Path, PathBuf};

use kagiban_audit::journal::blocks::BlockKind;
use kagiban_audit::journal::segment::{HEADER_LEN, SegmentFile, Stop};
use kagiban_audit::journal::{Lost, OpenError};
use kagiban_audit::signing::Signer as _;
use kagiban_audit::{Follower as _, Sequence, verify};
use proptest::prelude::*;

use crate::support::{Place, SIGNER, append, read_all, text};

/// A closed journal of `count` records in one segment.
fn closed(place: &Place, count: usize) {
    let journal = place.open().unwrap();
    for number in 1..=count {
        append(&journal, &format!("record {number}")).unwrap();
    }
    journal.close();
}

/// The losses that a start names.
fn losses(place: &Place) -> Vec<(Lost, u64, u64)> {
    match place.open() {
        Err(OpenError::Lost { losses, .. }) => losses.iter().map(|l| (l.what, l.first.0, l.count)).collect(),
        other => unreachable!("{other:?}"),
    }
}

fn segment(place: &Place) -> PathBuf {
    let files = place.files("records");
    files.into_iter().find(|path| SegmentFile::read(path).is_ok_and(|file| !file.is_empty())).unwrap()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_segment_cut_anywhere_beyond_the_head_keeps_all_whole_records() {
    // Never signed, so nothing is beyond doubt: as after kill -9 and a power cut within the first second.
    let place = Place::new().unsigned().slow();
    let journal = place.open().unwrap();
    let mut ends = vec![HEADER_LEN];
    for number in 1..=20 {
        append(&journal, &format!("record {number}")).unwrap();
    }
    drop(journal);
    let path = segment(&place);
    let whole = std::fs::read(&path).unwrap();
    let file = SegmentFile::parse(whole.clone()).unwrap();
    let mut records = file.records();
    while records.next().is_some() {
        ends.push(records.bytes_read());
    }
    assert_eq!((ends.len(), records.stop()), (21, Some(Stop::End)));
    let end = *ends.last().unwrap();
    for length in (0..=end + 20).chain([whole.len() - 1]) {
        for filler in [0, 0xff] {
            let mut torn = whole.clone();
            torn[length..].fill(filler);
            torn.truncate(whole.len());
            let Ok(file) = SegmentFile::parse(torn) else { continue };
            // Some records end as the filler does.
            let is_kept = |end: &usize| whole.get(length..*end).unwrap_or_default().iter().all(|b| *b == filler);
            let kept = ends.iter().rposition(is_kept).unwrap_or(0);
            assert_eq!(file.records().count(), kept, "{length} {filler}");
        }
    }
    for length in [0, 10, HEADER_LEN, ends[1], ends[1] + 7, ends[7] - 1, ends[7], ends[19] + 3, end] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let journal = place.open().unwrap();
        let kept = ends.iter().rposition(|end| *end <= length).map_or(0, |kept| kept.min(20));
        assert_eq!(read_all(&journal, usize::MAX).len(), kept, "{length}");
        assert_eq!(append(&journal, "next"), Ok(Sequence(kept as u64 + 1)));
        drop(journal);
        place.files("records").iter().chain(&place.files("lost")).for_each(|path| std::fs::remove_file(path).unwrap());
    }
}

#[test]
fn pages_that_never_reached_the_disk_end_the_journal_before_them() {
    let place = Place::new().unsigned().slow();
    let journal = place.open().unwrap();
    for number in 0..400 {
        append(&journal, &format!("{number} {}", "x".repeat(300))).unwrap();
    }
    drop(journal);
    let path = segment(&place);
    let whole = std::fs::read(&path).unwrap();
    let file = SegmentFile::parse(whole.clone()).unwrap();
    let mut records = file.records();
    assert_eq!(records.by_ref().count(), 400);
    for page in 0..records.bytes_read() / 4096 {
        let mut torn = whole.clone();
        torn[page * 4096..][..4096].fill(0);
        let Ok(file) = SegmentFile::parse(torn) else {
            assert_eq!(page, 0);
            continue;
        };
        let mut records = file.records();
        let count = records.by_ref().count();
        assert!(records.bytes_read() <= (page + 1) * 4096 && count < 400, "page {page}");
        assert!(file.records().zip(1..).all(|((sequence, _), number)| sequence.0 == number));
    }
}

/// Pages that were not synced reach the disk in any order: those of a later segment before those of an earlier one.
#[test]
fn a_segment_whose_predecessor_never_reached_the_disk_is_put_aside() {
    let place = Place::new().unsigned().slow();
    let journal = place.open().unwrap();
    let mut last = 0;
    while place.files("records").iter().filter(|path| SegmentFile::read(path).is_ok_and(|f| !f.is_empty())).count() < 3
    {
        last = append(&journal, &"x".repeat(100_000)).unwrap().0;
    }
    drop(journal);
    let whole: Vec<_> = place.files("records").into_iter().map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    let head = std::fs::read(place.path("head")).unwrap();
    for (segment, page) in [(0, 0), (0, 60), (1, 0), (1, 60)] {
        for (bytes, path) in &whole {
            std::fs::write(path, bytes).unwrap();
        }
        std::fs::write(place.path("head"), &head).unwrap();
        place.files("blocks").iter().chain(&place.files("lost")).for_each(|path| std::fs::remove_file(path).unwrap());
        let (bytes, path) = &whole[segment];
        let before = match segment {
            0 => 0,
            _ => SegmentFile::parse(bytes.clone()).unwrap().first().unwrap().0 - 1,
        };
        change(path, |bytes| bytes[(page * 4096).max(HEADER_LEN)..].fill(0));
        let kept = SegmentFile::read(path).unwrap().records().count() as u64;
        assert_eq!(kept == 0, page == 0);
        let journal = place.open().unwrap();
        assert_eq!(read_all(&journal, usize::MAX).len() as u64, before + kept, "{segment} {page}");
        assert_eq!(append(&journal, "next"), Ok(Sequence(before + kept + 1)));
        assert!(before + kept < last && !place.files("lost").is_empty(), "{segment} {page}");
        drop(journal);
    }
}

#[test]
fn no_flipped_bit_up_to_the_head_goes_unseen() {
    let place = Place::new();
    closed(&place, 3);
    let path = segment(&place);
    let whole = std::fs::read(&path).unwrap();
    let len = SegmentFile::parse(whole.clone()).map(|file| {
        let mut records = file.records();
        while records.next().is_some() {}
        records.bytes_read()
    });
    for bit in (0..len.unwrap() * 8).step_by(5) {
        change(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        assert!(losses(&place).iter().any(|(what, ..)| *what == Lost::Records), "{bit}");
        std::fs::write(&path, &whole).unwrap();
    }
    place.open().unwrap();
}

#[test]
fn what_is_missing_is_named_and_nothing_is_touched() {
    let blocks = |place: &Place| place.files("blocks").remove(0);
    type TakeAway = fn(&Place, &Path, &Path);
    let cases: [(&str, TakeAway, Lost); 7] = [
        ("the last records", |_, segment, _| change(segment, |bytes| bytes.truncate(200)), Lost::Records),
        ("a segment", |_, segment, _| std::fs::remove_file(segment).unwrap(), Lost::Records),
        ("the head", |place, _, _| std::fs::remove_file(place.path("head")).unwrap(), Lost::Head),
        ("the head's text", |place, _, _| change(&place.path("head"), |b| b[3] ^= 1), Lost::Head),
        ("the blocks", |_, _, blocks| std::fs::remove_file(blocks).unwrap(), Lost::Proof),
        ("the last block", |_, _, blocks| change(blocks, |b| b.truncate(b.len() - 1)), Lost::Proof),
        ("a block's hash", |_, _, blocks| change(blocks, |b| b[96 + 40] ^= 1), Lost::Proof),
    ];
    for (what, take_away, expected) in cases {
        let mut place = Place::new().slow();
        closed(&place, 10);
        take_away(&place, &segment(&place), &blocks(&place));
        let before = snapshot(&place);
        let found = losses(&place);
        assert_eq!(found.first().map(|loss| loss.0), Some(expected), "{what}: {found:?}");
        let end = found.iter().map(|(_, first, count)| first + count - 1).max().unwrap();
        assert_eq!(end, 10, "{what}: {found:?}");
        assert_eq!(snapshot(&place), before, "{what}");
        // Accepted once, it goes on, without a place given twice, and the chain says so.
        place.options.accept_loss = true;
        let journal = place.open().unwrap();
        assert_eq!(append(&journal, "after"), Ok(Sequence(11)), "{what}");
        journal.close();
        let stated = journal.blocks(Sequence(1)).unwrap().into_iter().flat_map(|file| file.blocks);
        let stated = stated.filter(|block| matches!(block.kind, BlockKind::LossAccepted { .. }));
        assert_eq!(
            stated.map(|b| (b.first.0, b.count)).collect::<Vec<_>>(),
            found.iter().map(|l| (l.1, l.2)).collect::<Vec<_>>(),
            "{what}"
        );
        drop(journal);
        place.options.accept_loss = false;
        let journal = place.open().unwrap();
        assert_eq!(journal.latest(), Sequence(11), "{what}");
        assert_eq!(read_all(&journal, 100).last(), Some(&(11, "after".to_owned())), "{what}");
    }
}

/// An older state of all files is perfect in itself; a head that was kept elsewhere tells.
#[test]
fn a_journal_that_was_put_back_is_told_by_a_head_that_was_kept() {
    let copy = |from: &Path, to: &Path| {
        _ = std::fs::remove_dir_all(to);
        std::fs::create_dir_all(to.join("journal")).unwrap();
        for file in ["head"]
            .iter()
            .map(|name| from.join(name))
            .chain(std::fs::read_dir(from.join("journal")).unwrap().map(|entry| entry.unwrap().path()))
        {
            std::fs::copy(&file, to.join(file.strip_prefix(from).unwrap())).unwrap();
        }
    };
    let (mut place, aside) = (Place::new(), tempfile::tempdir().unwrap());
    closed(&place, 10);
    let older = aside.path().join("older");
    copy(&place.options.directory, &older);
    closed(&place, 5);
    let kept = place.open().unwrap().head();
    place.options.kept = vec![kept.clone()];
    // As it is, and ahead of what was kept.
    closed(&place, 1);
    assert_eq!(place.open().unwrap().latest(), Sequence(16));
    copy(&older, &place.options.directory);
    let found = losses(&place);
    assert_eq!(found, [(Lost::RolledBack, 15, 0), (Lost::Records, 11, 5), (Lost::Proof, 11, 5)]);
    let told = place.open().unwrap_err().to_string();
    assert!(told.contains("head of record 15") && told.contains("--accept-audit-loss"), "{told}");
    place.options.accept_loss = true;
    let journal = place.open().unwrap();
    // No place is given twice, and whoever kept the head still finds it on the way.
    assert_eq!(append(&journal, "after"), Ok(Sequence(16)));
    journal.close();
    drop(journal);
    place.options.accept_loss = false;
    assert_eq!(place.open().unwrap().latest(), Sequence(16));
    let options = verify::Options {
        directory: place.options.directory.clone(),
        keys: Some(vec![SIGNER.public_key()]),
        anchors: vec![verify::Anchor { name: "kept".into(), text: kept.to_text() }],
        delivered: Vec::new(),
        is_running: false,
    };
    let report = verify::verify(&options, &mut |_| {}).unwrap();
    assert_eq!(report.findings, [], "{:?}", report.notes);
}

/// Only the head is older: nothing is missing, and the later one counts.
#[test]
fn a_head_that_was_put_back_alone_costs_nothing() {
    let mut place = Place::new();
    closed(&place, 3);
    let older = std::fs::read(place.path("head")).unwrap();
    closed(&place, 3);
    place.options.kept = vec![place.open().unwrap().head()];
    std::fs::write(place.path("head"), older).unwrap();
    let journal = place.open().unwrap();
    assert_eq!((journal.latest(), journal.head().head.at.sequence), (Sequence(6), Sequence(6)));
    // A head of another journal says nothing.
    let other = Place::new();
    closed(&other, 20);
    place.options.kept = vec![other.open().unwrap().head()];
    drop(journal);
    assert_eq!(place.open().unwrap().latest(), Sequence(6));
}

fn snapshot(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let files = [place.files("records"), place.files("blocks"), place.files("lost")].concat();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn whatever_becomes_of_the_files_a_start_ends_well(
        changes in proptest::collection::vec((0..3usize, any::<proptest::sample::Index>(), any::<u8>(), 0..5u8), 1..5),
    ) {
        let mut place = Place::new();
        closed(&place, 50);
        closed(&place, 50);
        for (kind, at, byte, how) in changes {
            let files = [place.files("records"), place.files("blocks"), vec![place.path("head")]].into_iter().nth(kind).unwrap();
            let Some(path) = files.get(usize::from(byte) % files.len().max(1)) else { continue };
            change(path, |bytes| {
                let place = at.index(bytes.len().clamp(1, 20_000));
                match how {
                    0 => bytes.truncate(place),
                    1 => bytes.extend_from_slice(&[byte; 100]),
                    2 => bytes.splice(place.min(bytes.len()).., []).for_each(drop),
                    _ => bytes.iter_mut().skip(place).take(1).for_each(|b| *b ^= byte),
                }
            });
        }
        match place.open() {
            // What is read is right; what is not, is said.
            Ok(journal) => {
                let mut next = journal.earliest();
                while let Ok(entries) = journal.read(next, 1000) && !entries.is_empty() {
                    for entry in entries {
                        prop_assert_eq!((entry.sequence, text(&entry)), (next, format!("record {}", (next.0 - 1) % 50 + 1)));
                        next = next.next();
                    }
                }
            }
            Err(OpenError::Lost { losses, .. }) => prop_assert!(!losses.is_empty()),
            Err(other) => prop_assert!(false, "{}", other),
        }
        place.options.accept_loss = true;
        if place.open().is_err() {
            // Somebody else's head is not accepted; none is.
            std::fs::remove_file(place.path("head")).unwrap();
        }
        let journal = place.open().unwrap();
        let next = append(&journal, "after").unwrap();
        prop_assert!(next.0 >= 1);
        journal.close();
    }
}
