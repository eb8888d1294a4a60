//! Disks that fail: the journal stops for good, says so to everybody, and what was durable is there afterwards.

use std::io::ErrorKind;
use std::sync::Arc;

use kagiban_audit::journal::disk::RealDisk;
use kagiban_audit::{Follower as _, JournalStopped, Recorder as _, Sequence};

use crate::disks::{Call, FailingDisk};
use crate::support::{Place, append, read_all, wait};

/// More than any journal has.
const NEVER: Sequence = Sequence(u64::MAX);

#[test]
fn a_failing_disk_stops_the_journal_for_good() {
    for call in [Call::Sync, Call::Append, Call::Replace, Call::Create] {
        for (first, error) in
            [(0, ErrorKind::StorageFull), (1, ErrorKind::Other), (2, ErrorKind::StorageFull), (4, ErrorKind::Other)]
        {
            let mut place = Place::new().on(Arc::new(FailingDisk::new(call, first, usize::MAX, error)));
            place.options.segment_bytes = 2 << 20;
            let durable = until_it_stops(&place, call, first);
            place = place.on(Arc::new(RealDisk));
            let journal = place.open().unwrap();
            let kept = read_all(&journal, 100_000).len() as u64;
            assert!(kept >= durable.0, "{call:?} {first}: {kept} of {durable}");
            append(&journal, "after").unwrap();
        }
    }
}

/// The last record that was durable.
fn until_it_stops(place: &Place, call: Call, first: usize) -> Sequence {
    // A new journal replaces its head and creates a segment.
    let Ok(journal) = place.open() else { return Sequence(0) };
    let text = "x".repeat(1000);
    let last = (0..20_000).find_map(|_| match append(&journal, &text) {
        Err(JournalStopped) => Some(Sequence(0)),
        Ok(sequence) => wait(journal.durable(sequence)).is_err().then_some(sequence),
    });
    assert!(last.is_some() || matches!(call, Call::Append | Call::Replace), "{call:?} {first}");
    wait(journal.reached(NEVER));
    assert!(journal.is_stopped() && journal.fault().is_some(), "{call:?} {first}");
    assert_eq!(append(&journal, "late"), Err(JournalStopped));
    assert_eq!(wait(journal.durable(NEVER)), Err(JournalStopped));
    let durable = journal.latest();
    journal.close();
    durable
}

#[test]
fn one_failure_to_make_a_segment_ahead_is_made_good() {
    let mut place = Place::new().on(Arc::new(FailingDisk::new(Call::Create, 1, 1, ErrorKind::StorageFull)));
    place.options.segment_bytes = 2 << 20;
    let journal = place.open().unwrap();
    let text = "x".repeat(1000);
    for _ in 0..5000 {
        append(&journal, &text).unwrap();
    }
    journal.close();
    assert_eq!(journal.fault(), None);
    assert_eq!(read_all(&journal, 1_000_000).len(), 5000);
}
