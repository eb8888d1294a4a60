//! Many threads append; each record is read once, in its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use kagiban_audit::{Follower as _, Recorder as _, Sequence};

use crate::support::{Place, append, text, wait};

const THREADS: u64 = 8;
const EACH: u64 = 2000;

#[test]
fn followers_see_each_record_of_all_threads_once_and_in_order() {
    for mut place in [Place::new(), Place::strict()] {
        place.options.segment_bytes = 2 << 20;
        let journal = Arc::new(place.open().unwrap());
        let (appended, followed) = std::thread::scope(|scope| {
            let followers: Vec<_> = [700, 1 << 20]
                .map(|bytes_max| {
                    scope.spawn({
                        let journal = Arc::clone(&journal);
                        move || follow(&journal, bytes_max)
                    })
                })
                .into_iter()
                .collect();
            let writers: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let journal = Arc::clone(&journal);
                    scope.spawn(move || write(&journal, thread))
                })
                .collect();
            let appended: BTreeMap<u64, String> = writers.into_iter().flat_map(|w| w.join().unwrap()).collect();
            (appended, followers.into_iter().map(|f| f.join().unwrap()).collect::<Vec<_>>())
        });
        assert!(appended.keys().copied().eq(1..=THREADS * EACH));
        for seen in followed {
            assert!(seen.iter().map(|(sequence, text)| (sequence, text)).eq(appended.iter()), "{}", seen.len());
        }
        journal.close();
        assert_eq!(journal.head().head.at.sequence, Sequence(THREADS * EACH));
    }
}

fn write(journal: &kagiban_audit::journal::Journal, thread: u64) -> Vec<(u64, String)> {
    let mut appended: Vec<(u64, String)> = Vec::new();
    for number in 0..EACH {
        let text = format!("{thread} {number} {}", "x".repeat((number % 7 * 100) as usize));
        let sequence = append(journal, &text).unwrap();
        if journal.is_strict() && number % 50 == 0 {
            wait(journal.durable(sequence)).unwrap();
            assert!(journal.latest() >= sequence);
        }
        // One thread's own records are in the order of its calls.
        assert!(appended.last().is_none_or(|(last, _)| *last < sequence.0));
        appended.push((sequence.0, text));
    }
    appended
}

fn follow(journal: &kagiban_audit::journal::Journal, bytes_max: usize) -> Vec<(u64, String)> {
    let mut seen: Vec<(u64, String)> = Vec::new();
    while (seen.len() as u64) < THREADS * EACH {
        let next = Sequence(seen.len() as u64 + 1);
        wait(journal.reached(next));
        let entries = journal.read(next, bytes_max).unwrap();
        assert!(!entries.is_empty());
        seen.extend(entries.iter().map(|entry| (entry.sequence.0, text(entry))));
    }
    seen
}
