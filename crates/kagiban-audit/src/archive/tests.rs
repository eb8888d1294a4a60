//! Archives as a whole: made from a journal, read, searched, stopped in the middle of things.

mod keeping;
mod uses;

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use kagiban_base::time::{Clock, DAY_MS, Timestamp};

use super::*;
use crate::journal::JournalId;
use crate::journal::blocks::{Block, ChainPoint, leaf};
use crate::record::{Record, sample};
use crate::recorder::{Entry, Follower};
use crate::search::{Bounds, Field, Order, Query, Scan, Search, Term};
use crate::signing::{PublicKey, Signer};
use crate::testing::TestSigner;

const HOUR_MS: i64 = 3_600_000;
const START: Timestamp = Timestamp::from_unix_ms(1_787_299_200_000);

/// Made once: a key costs a second here.
static SIGNER: LazyLock<Arc<TestSigner>> = LazyLock::new(signer);

fn signer() -> Arc<TestSigner> {
    TestSigner::valid(START.plus_days(-1), START.plus_days(1000))
}

struct TestClock(Mutex<Timestamp>);

impl TestClock {
    fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A journal in memory, with its chain.
#[derive(Debug)]
struct TestJournal {
    entries: Vec<Entry>,
    blocks: Vec<Block>,
    points: Vec<ChainPoint>,
    id: JournalId,
    forgotten: Mutex<Sequence>,
}

const JOURNAL: JournalId = JournalId([7; 16]);

impl TestJournal {
    /// `count` records, one each `every_ms`, in blocks of some seven.
    fn new(count: u64, every_ms: i64) -> Arc<Self> {
        let entries: Vec<Entry> = (1..=count).map(|at| entry(at, every_ms)).collect();
        let (mut blocks, mut points) = (Vec::new(), vec![ChainPoint::genesis(JOURNAL)]);
        for some in entries.chunks(7) {
            let leaves: Vec<_> = some.iter().map(|entry| leaf(entry.sequence, &entry.bytes)).collect();
            let before = points.last().unwrap();
            let block = Block::of_records(before, some[0].sequence, &leaves);
            points.push(before.after(&block).unwrap());
            blocks.push(block);
        }
        Arc::new(Self { entries, blocks, points, id: JOURNAL, forgotten: Mutex::default() })
    }

    fn forgotten(&self) -> u64 {
        self.forgotten.lock().unwrap().0
    }
}

const ROLE: &str = "arn:aws:iam::111122223333:role/ops/Pay";
const USER: &str = "arn:aws:iam::111122223333:user/alice";
/// Who calls in turn: ARN, access key and userIdentity.
const CALLERS: [(&str, &str, &str); 4] = [
    (USER, "AKIAALICEALICEALICE0", r#"{"type":"IAMUser","userName":"alice"}"#),
    (
        "arn:aws:sts::111122223333:assumed-role/Pay/one",
        "ASIAONEONEONEONEONE0",
        r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/ops/Pay","userName":"Pay"}}}"#,
    ),
    (
        "arn:aws:sts::111122223333:assumed-role/Pay/two",
        "ASIATWOTWOTWOTWOTWO0",
        r#"{"type":"AssumedRole","sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/ops/Pay","userName":"Pay"}}}"#,
    ),
    ("", "", r#"{"type":"Unknown"}"#),
];

fn entry(at: u64, every_ms: i64) -> Entry {
    let name = ["Decrypt", "Encrypt", "GenerateDataKey"][(at % 3) as usize];
    let key = format!("arn:aws:kms:eu-central-1:111122223333:key/{:08}-12ab-34cd-56ef-1234567890ab", at % 50);
    let context = format!(r#"{{"keyId":"{key}","encryptionContext":{{"row":"{at}","tenant":"t{}"}}}}"#, at % 9);
    let number =
        kagiban_base::id::RequestId::from_bytes(crate::sha256::hash(&[&at.to_be_bytes()])[..16].try_into().unwrap());
    let (principal, access_key_id, identity) = CALLERS[(at % 4) as usize];
    let address = format!("192.0.2.{}", at % 5);
    // Some are about no key.
    let is_of_iam = at.is_multiple_of(13);
    let record = Record {
        time: START.plus_ms(i64::try_from(at).unwrap() * every_ms),
        number,
        event_source: if is_of_iam { "iam.amazonaws.com" } else { "kms.amazonaws.com" },
        event_name: if is_of_iam { "GetRole" } else { name },
        identity,
        principal,
        access_key_id,
        source_address: &address,
        resources: if is_of_iam { ROLE } else { &key },
        request_parameters: &context,
        error_code: if at.is_multiple_of(11) { "AccessDenied" } else { "" },
        ..sample()
    };
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    Entry { sequence: Sequence(at), bytes: bytes.into() }
}

#[async_trait::async_trait]
impl Follower for TestJournal {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let (mut bytes, from) = (0, usize::try_from(from.0 - 1).unwrap());
        let some = self.entries.iter().skip(from).take_while(|entry| {
            let is_first = bytes == 0;
            bytes += entry.bytes.len();
            is_first || bytes <= bytes_max
        });
        Ok(some.cloned().collect())
    }

    async fn reached(&self, _: Sequence) {}

    fn latest(&self) -> Sequence {
        Sequence(self.entries.len() as u64)
    }

    fn earliest(&self) -> Sequence {
        self.forgotten.lock().unwrap().next()
    }
}

impl Source for TestJournal {
    fn journal(&self) -> JournalId {
        self.id
    }

    fn blocks_after(&self, point: &ChainPoint) -> Result<Option<(ChainPoint, Vec<Block>)>, ReadError> {
        let at = usize::try_from(point.blocks).unwrap();
        let blocks: Vec<Block> = self.blocks.iter().skip(at).take(10).cloned().collect();
        Ok((!blocks.is_empty()).then(|| (self.points[at], blocks)))
    }

    fn bytes_after(&self, sequence: Sequence) -> u64 {
        let some = self.entries.iter().filter(|entry| entry.sequence > sequence);
        some.map(|entry| entry.bytes.len() as u64).sum()
    }

    fn losses(&self) -> Result<Vec<Block>, ReadError> {
        Ok(Vec::new())
    }

    fn keep(&self, first: Sequence, last: Sequence) -> Result<(), ReadError> {
        unreachable!("{first} to {last} are archived")
    }

    fn forget(&self, through: Sequence) -> Result<(), ReadError> {
        let mut forgotten = self.forgotten.lock().unwrap();
        *forgotten = through.max(*forgotten);
        Ok(())
    }
}

struct Office {
    directory: tempfile::TempDir,
    journal: Arc<TestJournal>,
    signer: Arc<TestSigner>,
    clock: Arc<TestClock>,
    library: Arc<Library>,
    options: ArchiveOptions,
}

impl Office {
    fn new(journal: Arc<TestJournal>, raw_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let library = Arc::new(Library::open(directory.path()).unwrap());
        let options = ArchiveOptions { raw_bytes, retention_days: None };
        let clock = Arc::new(TestClock(Mutex::new(START)));
        Self { directory, journal, signer: Arc::clone(&SIGNER), clock, library, options }
    }

    fn archiver(&self) -> Archiver {
        let (library, journal) = (Arc::clone(&self.library), Arc::clone(&self.journal) as _);
        Archiver::new(library, journal, Arc::clone(&self.signer) as _, Arc::clone(&self.clock) as _, self.options)
    }

    fn run_all(&self) -> usize {
        let archiver = self.archiver();
        std::iter::from_fn(|| archiver.run().unwrap()).count()
    }

    fn history(&self) -> History {
        History::new(Arc::clone(&self.library), Arc::clone(&self.journal) as _)
    }

    fn keys(&self) -> [PublicKey; 1] {
        [self.signer.public_key()]
    }
}

/// All records that a search finds, over all pages.
fn found(search: &dyn Search, query: &Query, bounds: Bounds) -> Vec<u64> {
    let (mut found, mut token) = (Vec::new(), None);
    for _ in 0..10_000 {
        let page = search.page(query, token.as_ref(), bounds).unwrap();
        found.extend(page.entries.iter().map(|entry| entry.sequence.0));
        let Some(next) = page.next else { return found };
        token = Some(next);
    }
    panic!("pages without end");
}

#[test]
fn each_hour_becomes_an_archive_when_it_is_over() {
    let office = Office::new(TestJournal::new(1000, 10_000), u64::MAX);
    assert_eq!(office.run_all(), 0);
    office.clock.set(START.plus_ms(HOUR_MS + 1));
    assert_eq!(office.run_all(), 1);
    office.clock.set(START.plus_ms(5 * HOUR_MS));
    assert_eq!(office.run_all(), 2);
    let files = office.library.files();
    let mut next = 1;
    for file in files.iter() {
        assert_eq!(file.first.0, next);
        next = file.last.0 + 1;
        let archive = Archive::open(&file.path).unwrap();
        assert!(archive.is_signed_by(&office.keys()));
        assert!(!archive.is_signed_by(&[signer().public_key()]));
        assert_eq!((archive.footer().first(), archive.footer().last()), (file.first, file.last));
    }
    assert_eq!((next, office.journal.forgotten()), (1001, 1000));
    // 360 records an hour, in blocks of seven: the block that reaches over the hour's end belongs to the hour.
    assert_eq!(files.iter().map(|file| file.last.0).collect::<Vec<_>>(), [364, 721, 1000]);
}

#[test]
fn a_search_by_index_finds_what_a_scan_finds() {
    let office = Office::new(TestJournal::new(3000, 10_000), 300_000);
    office.clock.set(START.plus_ms(6 * HOUR_MS));
    let scan = Scan::new(Arc::clone(&office.journal) as _);
    let arn = "arn:aws:kms:eu-central-1:111122223333:key/00000007-12ab-34cd-56ef-1234567890ab";
    let record = office.journal.entries[1233].clone();
    let record = Record::decode(&record.bytes).unwrap();
    let queries = [
        vec![],
        vec![Term::new(Field::Key, arn)],
        vec![Term::new(Field::Key, "00000007-12ab-34cd-56ef-1234567890ab"), Term::new(Field::Operation, "Encrypt")],
        vec![Term::new(Field::Outcome, "failure")],
        vec![Term::new(Field::ErrorCode, "AccessDenied"), Term::encryption_context("tenant", "t3")],
        vec![Term::encryption_context("row", "77")],
        vec![Term::encryption_context("row", "nothing")],
        vec![Term::new(Field::Key, "nothing")],
        vec![Term::new(Field::Principal, USER)],
        vec![Term::new(Field::Principal, "alice"), Term::new(Field::Outcome, "failure")],
        vec![Term::new(Field::Principal, ROLE)],
        vec![Term::new(Field::Principal, "Pay"), Term::new(Field::Operation, "Decrypt")],
        vec![Term::new(Field::Principal, "arn:aws:sts::111122223333:assumed-role/Pay/two")],
        vec![Term::new(Field::UserName, "alice")],
        vec![Term::new(Field::UserName, "one"), Term::new(Field::SourceAddress, "192.0.2.3")],
        vec![Term::new(Field::AccessKeyId, "ASIATWOTWOTWOTWOTWO0")],
        vec![Term::new(Field::AccessKeyId, "nothing")],
        vec![Term::new(Field::SourceAddress, "192.0.2.4")],
        vec![Term::new(Field::EventSource, "iam.amazonaws.com")],
        vec![Term::new(Field::ResourceType, "nothing"), Term::new(Field::Principal, "alice")],
        vec![Term::new(Field::ResourceType, "AWS::KMS::Key"), Term::new(Field::Region, "eu-central-1")],
        vec![Term::new(Field::Account, "444455556666"), Term::new(Field::ErrorCode, "AccessDenied")],
        vec![Term::new(Field::Account, "nothing")],
        vec![Term::new(Field::ReadOnly, "true"), Term::new(Field::EventType, "AwsApiCall")],
        vec![Term::new(Field::RequestId, record.number.as_str())],
        vec![Term::new(Field::EventId, record.event_id(record.account).as_str())],
        vec![Term::new(Field::EventId, record.shared_event_id().as_str())],
    ];
    let mut expected = Vec::new();
    let times = [(None, None), (Some(START.plus_ms(9_000_000)), Some(START.plus_ms(12_000_000)))];
    for terms in queries {
        for (account, order) in [(None, Order::NewestFirst), (Some(record.account), Order::OldestFirst)] {
            for (from, until) in times {
                let query = Query { account, terms: terms.clone(), from, until, order };
                expected.push((found(&scan, &query, Bounds::records(5000)), query));
            }
        }
    }
    for (found, query) in expected.iter().filter(|(_, query)| query.from.is_none()) {
        let is_nowhere = query.terms.iter().any(|term| term.value.contains("nothing"));
        assert_eq!(found.is_empty(), is_nowhere, "{query:?}");
    }
    let archiver = office.archiver();
    // Half of it archived, all that is due archived.
    for archives in [4, 100] {
        let made = (0..archives).map_while(|_| archiver.run().unwrap()).count();
        assert!(made >= 3, "{made}");
        let history = office.history();
        for (expected, query) in &expected {
            for bounds in [Bounds::records(5000), Bounds { records_max: 7, bytes_max: 100_000 }] {
                assert_eq!(&found(&history, query, bounds), expected, "{query:?} {bounds:?}");
            }
        }
    }
}

#[test]
fn the_history_is_read_over_the_border_without_a_seam() {
    let office = Office::new(TestJournal::new(2000, 10_000), 200_000);
    office.clock.set(START.plus_ms(3 * HOUR_MS));
    assert!(office.run_all() > 2 && office.journal.forgotten() < 2000);
    let history = office.history();
    assert_eq!((history.earliest(), history.latest()), (Sequence(1), Sequence(2000)));
    for bytes_max in [1, 10_000, 10_000_000] {
        let (mut next, mut at) = (1, Sequence(1));
        loop {
            let entries = history.read(at, bytes_max).unwrap();
            let Some(last) = entries.last() else { break };
            at = last.sequence.next();
            for entry in entries {
                assert_eq!(entry, office.journal.entries[next - 1]);
                next += 1;
            }
        }
        assert_eq!(next, 2001);
    }
}

/// Every state that a kill can leave: a file in the making of any length, an archive that the journal still has.
#[test]
fn stopped_at_any_moment_nothing_is_lost_or_doubled() {
    let office = Office::new(TestJournal::new(400, 10_000), u64::MAX);
    office.clock.set(START.plus_ms(9 * HOUR_MS));
    let archiver = office.archiver();
    let name = archiver.run().unwrap().unwrap();
    let path = office.directory.path().join(name.path());
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(997).chain([whole.len() - 1, whole.len()]) {
        // Killed while making: the journal has everything.
        *office.journal.forgotten.lock().unwrap() = Sequence(0);
        fs::remove_file(&path).unwrap();
        fs::write(office.directory.path().join("making"), &whole[..length]).unwrap();
        assert_eq!(archiver.run().unwrap(), Some(name));
        assert_eq!(fs::read(&path).unwrap().len(), whole.len());
        assert_eq!(office.journal.forgotten(), name.last.0);
        assert!(!office.directory.path().join("making").exists());
    }
    // Killed between the archive's birth and the journal's forgetting.
    *office.journal.forgotten.lock().unwrap() = Sequence(0);
    let next = archiver.run().unwrap().unwrap();
    assert_eq!((next.first, office.journal.forgotten()), (name.last.next(), 400));
    assert_eq!(found(&office.history(), &Query::default(), Bounds::records(1000)).len(), 400);
}

#[test]
fn what_the_disk_changed_is_not_archived() {
    let journal = TestJournal::new(20, 1000);
    let mut changed = TestJournal { entries: journal.entries.clone(), ..Arc::into_inner(journal).unwrap() };
    changed.entries[9].bytes[40] ^= 1;
    let office = Office::new(Arc::new(changed), u64::MAX);
    office.clock.set(START.plus_ms(2 * HOUR_MS));
    let outcome = office.archiver().run();
    assert!(matches!(outcome, Err(ArchiveError::NotTheRecords(Sequence(8)))), "{outcome:?}");
    assert_eq!((office.journal.forgotten(), office.library.files().len()), (0, 0));
}

#[test]
fn old_archives_are_removed_behind_a_signed_floor() {
    let mut office = Office::new(TestJournal::new(1000, DAY_MS / 5), 1 << 30);
    office.options.retention_days = Some(1);
    office.clock.set(START.plus_days(190));
    // Each block begins in another hour; 950 records have come, in blocks of seven.
    assert_eq!(office.run_all(), 136);
    assert_eq!(office.archiver().run().unwrap(), None);
    let files = office.library.files();
    let floor = floor::SignedFloor::read(office.directory.path()).unwrap().unwrap();
    assert!(floor.is_signed_by(&office.keys()));
    assert_eq!(floor.floor.before().unwrap().sequence.next(), files[0].first);
    // Ninety days are kept although one was asked for.
    let oldest = Archive::open(&files[0].path).unwrap().footer().newest();
    assert!(oldest >= START.plus_days(100) && oldest < START.plus_days(102), "{oldest}");
    assert_eq!(office.history().earliest(), files[0].first);
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let office = Office::new(TestJournal::new(300, 1000), u64::MAX);
    office.clock.set(START.plus_ms(2 * HOUR_MS));
    let name = office.archiver().run().unwrap().unwrap();
    let path = office.directory.path().join(name.path());
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(61) {
        let mut bytes = whole.clone();
        bytes[at] = bytes[at].wrapping_add(at as u8 | 1);
        look_at_everything(&path, &bytes);
        look_at_everything(&path, &bytes[..at]);
    }
}

fn look_at_everything(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let Ok(archive) = Archive::open(path) else { return };
    _ = (archive.uses(), archive.chain(), archive.read(Sequence(1), 1 << 30));
    for term in [Term::new(Field::Operation, "Decrypt"), Term::encryption_context("row", "7")] {
        _ = archive.blocks_with(term.hash());
    }
}
