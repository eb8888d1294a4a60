//! Power cuts: in the degree strict no answered record is lost, in the degree journal none that was synced, read or signed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kagiban_audit::journal::{Degree, Journal, Options};
use kagiban_audit::{Follower as _, Recorder as _, Sequence};

use crate::disks::ForgetfulDisk;
use crate::support::{Place, append, read_all, wait};

/// Appends from several threads until the power fails. Gives what was promised to be durable.
fn work_until_cut(journal: &Arc<Journal>, disk: &ForgetfulDisk, first: u64, seed: u64) -> Vec<(u64, String)> {
    let promised = Mutex::new(Vec::new());
    let (count, enough) = (AtomicU64::new(0), 200 + seed % 7 * 400);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (promised, count) = (&promised, &count);
            scope.spawn(move || {
                for number in 0..u64::MAX {
                    let text = format!("{first} {thread} {number} {}", "x".repeat((number % 9 * 90) as usize));
                    let Ok(sequence) = append(journal, &text) else { return };
                    if journal.is_strict() && wait(journal.durable(sequence)).is_err() {
                        return;
                    }
                    if journal.is_strict() || journal.latest() >= sequence {
                        promised.lock().unwrap().push((sequence.0, text));
                    }
                    if count.fetch_add(1, Ordering::AcqRel) == enough {
                        disk.cut(seed);
                    }
                }
            });
        }
    });
    promised.into_inner().unwrap()
}

#[test]
fn what_was_promised_survives_power_cuts() {
    for (degree, seed) in [Degree::Strict, Degree::Journal].into_iter().flat_map(|d| (0..6).map(move |s| (d, s))) {
        let above = tempfile::tempdir().unwrap();
        let directory = |round: u64| -> PathBuf { above.path().join(round.to_string()) };
        let mut expected: Vec<(u64, String)> = Vec::new();
        for round in 0..4 {
            let disk = Arc::new(ForgetfulDisk::new(&directory(round), &directory(round + 1)));
            copy(&directory(round), &directory(round + 1));
            let mut place = Place::new().on(disk.clone());
            place.options.directory = directory(round);
            place.options.degree = degree;
            place.options.segment_bytes = 2 << 20;
            let journal = Arc::new(place.open().unwrap());
            let kept = read_all(&journal, 50_000);
            assert!(kept.iter().map(|(sequence, _)| *sequence).eq(1..=kept.len() as u64), "a gap, {degree:?} {seed}");
            for record in &expected {
                assert_eq!(kept.get(record.0 as usize - 1), Some(record), "{degree:?} {seed} {round}");
            }
            expected = kept.clone();
            expected.extend(work_until_cut(&journal, &disk, kept.len() as u64 + 1, seed * 10 + round));
            expected.extend(read_all(&journal, 50_000));
            let signed = journal.head().head.at.sequence;
            assert!(signed <= journal.latest() && signed >= Sequence(0));
            assert!(journal.is_stopped() && journal.fault().is_some());
        }
    }
}

/// What is there before the first change is durable.
fn copy(from: &Path, to: &Path) {
    for below in ["", "journal"] {
        let Ok(entries) = std::fs::read_dir(from.join(below)) else { continue };
        for entry in entries.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().unwrap().is_file()) {
            std::fs::copy(entry.path(), to.join(below).join(entry.file_name())).unwrap();
        }
    }
}

/// Whether a record that says `text` would be there after a power cut.
fn is_durable(disk: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(disk.join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let mut segments = files.filter(|path| path.extension().is_some_and(|found| found == "records"));
    segments.any(|path| std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes()))
}

/// How long a lone record takes to the disk when nobody waits for it, by the options of a server that was told nothing.
#[expect(clippy::disallowed_methods, reason = "real threads, and the real time that is promised")]
fn time_to_disk() -> Duration {
    let above = tempfile::tempdir().unwrap();
    let [real, durable] = ["real", "durable"].map(|name| above.path().join(name));
    let mut place = Place::new().on(Arc::new(ForgetfulDisk::new(&real, &durable)));
    place.options = Options::new(real);
    let journal = place.open().unwrap();
    let begun = Instant::now();
    let sequence = append(&journal, "a lone record").unwrap();
    // Looks on, and asks for nothing.
    wait(journal.reached(sequence));
    let took = begun.elapsed();
    assert!(is_durable(&durable, "a lone record") && !is_durable(&durable, "another record"));
    took
}

#[test]
fn by_the_usual_options_a_record_is_on_the_disk_within_a_second() {
    let usual = Options::new(PathBuf::new());
    assert_eq!(usual.degree, Degree::Journal);
    assert!(usual.sync_every < Duration::from_secs(1), "{:?}", usual.sync_every);
    // Where the machine is busy with other things a thread may be late once; it is not always.
    let quickest = (0..3).map(|_| time_to_disk()).min().unwrap();
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[test]
fn what_was_not_synced_is_not_on_the_disk() {
    let above = tempfile::tempdir().unwrap();
    let [real, durable] = ["real", "durable"].map(|name| above.path().join(name));
    let mut place = Place::new().slow().on(Arc::new(ForgetfulDisk::new(&real, &durable)));
    place.options.directory = real;
    let journal = place.open().unwrap();
    append(&journal, "a lone record").unwrap();
    assert!(!is_durable(&durable, "a lone record"));
}
