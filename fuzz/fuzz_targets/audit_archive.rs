//! Archives of the audit with bytes changed, put in or cut off: whatever a disk or a person makes of one, reading and searching
//! it ends, without a panic, and finds nothing that was not in it.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use arbitrary::Arbitrary;
use kagiban_audit::archive::{Archive, ArchiveWriter, History, Library};
use kagiban_audit::journal::JournalId;
use kagiban_audit::journal::blocks::{Block, ChainPoint, leaf};
use kagiban_audit::offline::OfflineJournal;
use kagiban_audit::search::{Bounds, Field, Query, Search, Term};
use kagiban_audit::signing::{PublicKey, Signer, SigningFailed};
use kagiban_audit::{Entry, Follower, Record, Sequence};
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use libfuzzer_sys::fuzz_target;

/// Records of the archive.
const RECORDS: u64 = 40;

/// What is done to it.
#[derive(Arbitrary, Debug)]
enum Change {
    Cut(u16),
    Insert(u16, Vec<u8>),
    Set(u16, u8),
}

/// Nobody checks signatures here.
#[derive(Debug)]
struct Nobody;

impl Signer for Nobody {
    fn public_key(&self) -> PublicKey {
        PublicKey::new(b"none", Timestamp::from_unix_ms(0), Timestamp::from_unix_ms(0))
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Ok(vec![0; 256])
    }
}

/// A directory of this process, an archive in it, and the archive's bytes.
static ARCHIVE: LazyLock<(PathBuf, PathBuf, Vec<u8>)> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("kagiban-fuzz-{}", std::process::id()));
    let before = ChainPoint::genesis(JournalId([7; 16]));
    let entries: Vec<Entry> = (1..=RECORDS).map(entry).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| leaf(entry.sequence, &entry.bytes)).collect();
    let block = Block::of_records(&before, Sequence(1), &leaves);
    let mut writer = ArchiveWriter::begin(&directory, JournalId([7; 16]), before).expect("a writable directory");
    writer.add(&block, &entries).expect("the block's records");
    let name = writer.finish(&Nobody, Timestamp::from_unix_ms(0)).expect("an archive");
    let path = directory.join(name.path());
    let bytes = fs::read(&path).expect("the archive");
    (directory, path, bytes)
});

fn entry(at: u64) -> Entry {
    let parameters = format!(r#"{{"keyId":"alias/a","encryptionContext":{{"row":"{at}","tenant":"{}"}}}}"#, at % 5);
    let account = "111122223333".parse().expect("an account");
    let number = RequestId::from_bytes(u128::from(at).to_be_bytes());
    let record = Record {
        event_name: "Decrypt",
        request_parameters: &parameters,
        ..Record::new(Timestamp::from_unix_ms(0), number, account, "eu-central-1")
    };
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    Entry { sequence: Sequence(at), bytes: bytes.into() }
}

fuzz_target!(|changes: Vec<Change>| {
    let (directory, path, whole) = &*ARCHIVE;
    let mut bytes = whole.clone();
    for change in changes.into_iter().take(20) {
        let at = |place: u16| usize::from(place) % (bytes.len() + 1);
        match change {
            Change::Cut(place) => bytes.truncate(at(place)),
            Change::Insert(place, more) => drop(bytes.splice(at(place)..at(place), more)),
            Change::Set(place, value) => {
                let at = at(place);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
        }
    }
    fs::write(path, &bytes).expect("a writable file");
    if let Ok(archive) = Archive::open(path) {
        _ = archive.uses();
    }
    let library = Arc::new(Library::open(directory).expect("a directory"));
    let journal = OfflineJournal::open(directory).expect("a directory");
    let history = History::new(library, Arc::new(journal));
    _ = history.read(Sequence(1), 1 << 20);
    for term in
        [Term::new(Field::Key, "alias/a"), Term::encryption_context("row", "7"), Term::new(Field::Operation, "None")]
    {
        let query = Query { terms: vec![term], ..Query::default() };
        if let Ok(page) = history.page(&query, None, Bounds::records(1000)) {
            let records: Vec<_> =
                page.entries.iter().map(|entry| Record::decode(&entry.bytes).expect("a record")).collect();
            assert!(records.iter().all(|record| query.matches(record)));
        }
    }
});
