//! What records of one caller have in common is in a segment once, and readers don't notice.

use kagiban_audit::journal::segment::{HEADER_LEN, SegmentFile};
use kagiban_audit::{Follower as _, Record, Recorder as _, Sequence};
use kagiban_base::id::RequestId;
use kagiban_base::os::OsRandom;
use kagiban_base::time::Timestamp;

use crate::support::{Place, append, read_all};

/// The first byte of a record that refers to another one.
const BY_REFERENCE: u8 = 2;
const CALLERS: [&str; 3] = ["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/bob", ""];

/// Appends a record of one of the callers; gives what it says of him.
fn call(journal: &kagiban_audit::journal::Journal, number: usize) -> (String, String) {
    let principal = CALLERS[number % CALLERS.len()];
    let (identity, message) = (format!(r#"{{"arn":"{principal}"}}"#), format!("record {number}"));
    let id = RequestId::generate(&OsRandom).unwrap();
    let record = Record::new(Timestamp::from_unix_ms(1), id, "111122223333".parse().unwrap(), "eu-west-1");
    let record = Record { principal, identity: &identity, error_message: &message, ..record };
    journal.append(&record).unwrap();
    (identity, message)
}

/// What all records say of their callers and themselves.
fn read(journal: &kagiban_audit::journal::Journal) -> Vec<(String, String)> {
    let entries = journal.read(Sequence(1), usize::MAX).unwrap();
    let records = entries.iter().map(|entry| Record::decode(&entry.bytes).unwrap());
    records.map(|record| (record.identity.to_owned(), record.error_message.to_owned())).collect()
}

/// The first bytes of all records, segment by segment.
fn forms(place: &Place) -> Vec<Vec<u8>> {
    let segments = place.files("records").into_iter().map(|path| SegmentFile::read(&path).unwrap());
    segments.map(|segment| segment.records().map(|(_, bytes)| bytes[0]).collect::<Vec<_>>()).collect()
}

#[test]
fn every_segment_says_of_each_caller_once_who_he_is() {
    let mut place = Place::new();
    // The second and third process read what the first has written, and a version that must not write so does, too.
    let mut expected = Vec::new();
    for callers_once in [true, true, false] {
        place.options.callers_once = callers_once;
        let journal = place.open().unwrap();
        expected.extend((0..100).map(|number| call(&journal, number)));
        journal.close();
        assert_eq!(read(&journal), expected);
    }
    let segments: Vec<_> = forms(&place).into_iter().filter(|forms| !forms.is_empty()).collect();
    let references: Vec<_> =
        segments.iter().map(|forms| forms.iter().filter(|form| **form == BY_REFERENCE).count()).collect();
    // Whoever comes for the first time is not remembered yet.
    assert_eq!(references, [100 - 2 * CALLERS.len(), 100 - CALLERS.len(), 0]);
    let report = place.verify();
    assert!(report.is_sound(), "{:?}", report.findings);
}

#[test]
fn a_caller_is_said_again_in_the_next_segment() {
    let mut place = Place::new();
    place.options.segment_bytes = 2 << 20;
    let journal = place.open().unwrap();
    let text = "x".repeat(1000);
    for _ in 0..8000 {
        append(&journal, &text).unwrap();
    }
    journal.close();
    assert_eq!(read_all(&journal, 100_000).len(), 8000);
    let segments: Vec<_> = forms(&place).into_iter().filter(|forms| !forms.is_empty()).collect();
    assert!(segments.len() >= 4);
    for forms in &segments {
        let references = forms.iter().filter(|form| **form == BY_REFERENCE).count();
        assert!(forms[0] != BY_REFERENCE && references >= forms.len() - 2 && references > 0);
    }
    drop(journal);
    place.archive_all();
    let report = place.verify();
    assert!(report.is_sound(), "{:?}", report.findings);
    assert!(report.archives > 0);
}

#[test]
fn a_record_whose_caller_is_gone_is_found() {
    let place = Place::new();
    let journal = place.open().unwrap();
    (0..10).for_each(|number| drop(call(&journal, number)));
    journal.close();
    drop(journal);
    let path = place.files("records").into_iter().find(|path| {
        let records = SegmentFile::read(path).unwrap();
        records.records().any(|(_, bytes)| bytes[0] == BY_REFERENCE)
    });
    let path = path.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(5).rposition(|window| window == b"alice").unwrap();
    bytes[at..at + 5].copy_from_slice(b"carol");
    seal_again(&mut bytes, at);
    std::fs::write(&path, &bytes).unwrap();
    let records = SegmentFile::read(&path).unwrap();
    let principals =
        records.entries().filter_map(|entry| Some(Record::decode(&entry.bytes).ok()?.principal.to_owned()));
    let principals: Vec<String> = principals.collect();
    // The record itself is as it was made now; nobody else is told to be somebody else.
    assert_eq!(principals.iter().filter(|principal| principal.contains("carol")).count(), 1, "{principals:?}");
    let unreadable = records.records().count() - principals.len();
    assert!(unreadable > 0);
    let report = place.verify();
    let found = report.findings.iter().filter(|finding| finding.records.is_some()).count();
    assert_eq!(found, unreadable + 1, "{:?}", report.findings);
}

/// Makes the checksum right of the record that has the byte at `at`.
fn seal_again(segment: &mut [u8], at: usize) {
    let mut begin = HEADER_LEN;
    loop {
        let length = u32::from_le_bytes(segment[begin..begin + 4].try_into().unwrap()) as usize;
        let record = begin + 16..begin + 16 + length;
        if record.contains(&at) {
            let checksum = crc32fast::hash(&segment[record]);
            segment[begin + 4..begin + 8].copy_from_slice(&checksum.to_le_bytes());
            return;
        }
        begin = record.end;
    }
}
