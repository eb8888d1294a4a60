//! Append, read, follow, close, open again.

use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kagiban_audit::journal::OpenError;
use kagiban_audit::journal::blocks::{Block, BlockKind, ChainPoint, leaf};
use kagiban_audit::signing::Signer as _;
use kagiban_audit::{Follower as _, JournalStopped, ReadError, Recorder as _, Sequence};

use crate::support::{Place, SIGNER, append, len, read_all, wait};

fn numbered(count: u64) -> Vec<(u64, String)> {
    (1..=count).map(|number| (number, format!("record {number}"))).collect()
}

#[test]
fn records_are_read_in_the_order_in_which_they_were_appended() {
    let place = Place::new();
    let journal = place.open().unwrap();
    assert_eq!((journal.latest(), journal.earliest(), journal.written()), (Sequence(0), Sequence(1), Sequence(0)));
    for (number, text) in numbered(1000) {
        assert_eq!(append(&journal, &text), Ok(Sequence(number)));
    }
    wait(journal.durable(Sequence(1000))).unwrap();
    for bytes_max in [0, 1, 500, 100_000, usize::MAX] {
        assert_eq!(read_all(&journal, bytes_max), numbered(1000), "{bytes_max}");
    }
    for from in [0, 1, 63, 64, 65, 66, 129, 640, 999, 1000] {
        assert_eq!(journal.read(Sequence(from), 0).unwrap()[0].sequence.0, from.max(1));
    }
    assert_eq!(journal.read(Sequence(1001), usize::MAX).unwrap(), []);
}

#[test]
fn a_journal_goes_on_where_it_was_closed_or_dropped() {
    for is_closed in [true, false] {
        let place = Place::new().slow();
        let mut expected = 0;
        for round in 0..5 {
            let journal = place.open().unwrap();
            assert_eq!(read_all(&journal, 10_000), numbered(expected), "{round}");
            for _ in 0..round * 10 {
                expected += 1;
                append(&journal, &format!("record {expected}")).unwrap();
            }
            if is_closed {
                journal.close();
                assert_eq!(append(&journal, "late"), Err(JournalStopped));
                assert_eq!(journal.head().head.at.sequence, Sequence(expected));
            }
        }
        // What a process did not fill is given back.
        let segments = place.files("records");
        assert!(segments.iter().rev().skip(2).all(|path| len(path) < 10_000), "{segments:?}");
    }
}

#[test]
fn readers_see_what_is_durable_and_nothing_else() {
    let place = Place::new().slow();
    let journal = place.open().unwrap();
    append(&journal, "one").unwrap();
    assert_eq!((journal.written(), journal.latest()), (Sequence(1), Sequence(0)));
    assert_eq!(journal.read(Sequence(1), 1000).unwrap(), []);
    wait(journal.durable(Sequence(1))).unwrap();
    wait(journal.reached(Sequence(1)));
    assert_eq!(journal.latest(), Sequence(1));
    assert_eq!(journal.read(Sequence(1), 1000).unwrap().len(), 1);
}

#[test]
fn whoever_waits_hears_of_the_end() {
    let place = Place::new().slow();
    let journal = place.open().unwrap();
    append(&journal, "one").unwrap();
    journal.close();
    wait(journal.reached(Sequence(2)));
    assert_eq!(wait(journal.durable(Sequence(1))), Ok(()));
    assert_eq!(wait(journal.durable(Sequence(2))), Err(JournalStopped));
    assert!(journal.is_stopped() && journal.fault().is_none());
    journal.close();
}

#[test]
fn segments_follow_each_other_and_the_chain_covers_every_record() {
    let mut place = Place::new();
    place.options.segment_bytes = 2 << 20;
    let journal = place.open().unwrap();
    let text = "x".repeat(1000);
    for _ in 0..8000 {
        append(&journal, &text).unwrap();
    }
    journal.close();
    assert!(place.files("records").len() >= 5);
    let mut point = ChainPoint::genesis(journal.id());
    let mut leaves = Vec::new();
    for file in journal.blocks(Sequence(1)).unwrap() {
        assert_eq!(file.header.before, point);
        for block in &file.blocks {
            point = point.after(block).unwrap();
            let entries = journal.read(block.first, usize::MAX).unwrap();
            leaves.clear();
            leaves
                .extend(entries.iter().map(|e| leaf(e.sequence, &e.bytes)).take(usize::try_from(block.count).unwrap()));
            assert!(block.is_of(&leaves));
            let BlockKind::Records { leaves: kept, .. } = &block.kind else { unreachable!() };
            assert!(kept.iter().zip(&leaves).all(|(kept, leaf)| leaf.starts_with(kept)));
        }
    }
    assert_eq!((point.sequence, point), (Sequence(8000), journal.head().head.at));
    assert_eq!(journal.head().check(&[SIGNER.public_key()]), Ok(()));
}

#[test]
fn what_is_archived_is_forgotten_once_the_head_says_so() {
    let mut place = Place::new();
    place.options.segment_bytes = 2 << 20;
    let journal = place.open().unwrap();
    let text = "x".repeat(1000);
    for _ in 0..6000 {
        append(&journal, &text).unwrap();
    }
    journal.forget(Sequence(4000));
    journal.close();
    let earliest = journal.earliest();
    assert!(earliest > Sequence(1) && earliest <= Sequence(4001), "{earliest}");
    assert_eq!(journal.head().head.forgotten, Sequence(4000));
    assert!(matches!(journal.read(Sequence(1), 1), Err(ReadError::Gone(Sequence(1)))));
    assert_eq!(
        place.files("records").len(),
        place.files("blocks").len() + 1,
        "one segment is ready for the next record"
    );
    drop(journal);
    let journal = place.open().unwrap();
    assert_eq!(journal.earliest(), earliest);
    journal.forget(Sequence(6000));
    journal.close();
    assert_eq!(journal.earliest(), Sequence(6001));
    drop(journal);
    let journal = place.open().unwrap();
    assert_eq!(append(&journal, "after"), Ok(Sequence(6001)));
}

#[test]
fn only_its_owner_can_read_it_and_one_process_writes_it() {
    let place = Place::new();
    let journal = place.open().unwrap();
    append(&journal, "one").unwrap();
    assert!(matches!(place.open(), Err(OpenError::Busy(_))));
    journal.close();
    let mode = |path| std::fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(place.path("")), mode(place.path("journal"))), (0o700, 0o700));
    let files = [place.files("records"), place.files("blocks"), vec![place.path("head"), place.path("lock")]].concat();
    for file in files {
        assert_eq!(mode(file.clone()), 0o600, "{}", file.display());
    }
}

/// What broke: `kagiban audit` looks for a moment whether a server has the journal, and a server that started in that moment
/// said that another had it.
#[test]
fn whoever_only_looks_at_the_lock_keeps_no_server_from_starting() {
    let place = Place::new();
    place.open().unwrap().close();
    let looking = File::open(place.path("lock")).unwrap();
    looking.lock_shared().unwrap();
    let (done, opened) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| done.send(place.open().map(|journal| journal.close()).is_ok()).unwrap());
        // It waits for as long as somebody looks, but not without end.
        assert_eq!(opened.recv_timeout(Duration::from_millis(50)), Err(mpsc::RecvTimeoutError::Timeout));
        looking.unlock().unwrap();
        assert_eq!(opened.recv(), Ok(true));
        looking.lock_shared().unwrap();
        assert!(matches!(place.open(), Err(OpenError::Busy(_))));
    });
}

#[test]
fn a_record_that_is_too_long_fails_alone() {
    let place = Place::new();
    let journal = place.open().unwrap();
    let long = "x".repeat(600 << 10);
    let record = kagiban_audit::Record {
        identity: &long,
        ..kagiban_audit::Record::new(
            Default::default(),
            kagiban_base::id::RequestId::generate(&kagiban_base::os::OsRandom).unwrap(),
            "111122223333".parse().unwrap(),
            "",
        )
    };
    assert_eq!(journal.append(&record), Err(JournalStopped));
    assert_eq!(append(&journal, "short"), Ok(Sequence(1)));
    assert!(!journal.is_stopped());
}

#[test]
fn a_block_says_what_it_is_of() {
    let start = ChainPoint::genesis(kagiban_audit::journal::JournalId([7; 16]));
    let leaves = [leaf(Sequence(1), b"one"), leaf(Sequence(2), b"two")];
    let block = Block::of_records(&start, Sequence(1), &leaves);
    assert!(block.is_of(&leaves) && !block.is_of(&[leaves[1], leaves[0]]) && !block.is_of(&leaves[..1]));
    let after = start.after(&block).unwrap();
    assert_eq!((after.sequence, after.blocks), (Sequence(2), 1));
    assert_eq!(after.after(&block), None);
    let loss = Block::of_loss(&after, Sequence(3), 4, Default::default());
    assert_eq!(after.after(&loss).unwrap().sequence, Sequence(2));
    let mut bytes = Vec::new();
    for one in [&block, &loss] {
        one.encode(&mut bytes);
    }
    assert_eq!(bytes.len(), block.encoded_len() + loss.encoded_len());
    let (first, rest) = Block::decode(&bytes).unwrap();
    assert_eq!((&first, Block::decode(rest)), (&block, Some((loss, &[][..]))));
    for length in 0..block.encoded_len() {
        assert_eq!(Block::decode(&bytes[..length]), None);
    }
    for bit in 0..block.encoded_len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(Block::decode(&flipped).is_none_or(|(read, _)| read != block), "{bit}");
    }
}
