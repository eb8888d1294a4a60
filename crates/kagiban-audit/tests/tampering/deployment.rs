//! A deployment's audit directory, made by the real journal and the real archiver, and what it was at earlier times.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::yield_now;
use std::time::Duration;

use kagiban_audit::archive::{ArchiveOptions, Archiver, Library};
use kagiban_audit::journal::{Journal, Options};
use kagiban_audit::signing::{PublicKey, Signer};
use kagiban_audit::testing::TestSigner;
use kagiban_audit::{Record, Recorder, Sequence};
use kagiban_base::id::RequestId;
use kagiban_base::os::OsRandom;
use kagiban_base::time::{Clock, Timestamp};

use crate::layout::frames;

/// Files below the audit directory.
pub(crate) type Files = BTreeMap<PathBuf, Vec<u8>>;

/// How often the server was started and stopped.
const SESSIONS: u64 = 6;
/// Blocks that each wrote at least.
const BURSTS: u64 = 4;
/// Records in each.
const BURST: u64 = 12;
/// After these sessions, archives are made.
const ARCHIVING: [u64; 2] = [1, 3];
pub(crate) const START: Timestamp = Timestamp::from_unix_ms(1_787_299_200_000);
const HOUR_MS: i64 = 3_600_000;

pub(crate) fn signer() -> Arc<TestSigner> {
    TestSigner::valid(START.plus_days(-1), START.plus_days(1000))
}

#[derive(Debug)]
pub(crate) struct TestClock(Mutex<Timestamp>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What an attacker finds, and what was kept elsewhere.
pub(crate) struct Deployment {
    /// The latest state.
    pub(crate) files: Files,
    /// The state after each session but the last.
    pub(crate) earlier: Vec<Files>,
    /// The states in the middle of sessions: then files were shorter.
    pub(crate) midway: Vec<Files>,
    /// The head's text after each session.
    pub(crate) heads: Vec<String>,
    pub(crate) signer: Arc<TestSigner>,
    /// Records there are.
    pub(crate) records: u64,
}

impl Deployment {
    /// Lives through all sessions.
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let signer = signer();
        let clock = Arc::new(TestClock(Mutex::new(START)));
        let (mut states, mut midway, mut heads) = (Vec::new(), Vec::new(), Vec::new());
        for session in 0..SESSIONS {
            midway.push(live(session, directory.path(), &signer, &clock));
            states.push(read_all(directory.path()));
            heads.push(fs::read_to_string(directory.path().join("head")).unwrap());
        }
        let files = states.pop().unwrap();
        Self { files, earlier: states, midway, heads, signer, records: SESSIONS * BURSTS * BURST }
    }

    /// A session more on these files, begun with whatever is missing accepted.
    pub(crate) fn live_on(&self, files: &Files) -> Files {
        let directory = written(files);
        let clock = Arc::new(TestClock(Mutex::new(START.plus_days(1))));
        let options = Options { accept_loss: true, ..options(directory.path()) };
        let journal = Journal::open(options, Arc::clone(&clock) as _, &OsRandom).unwrap();
        journal.sign_with(Arc::clone(&self.signer) as _, &self.keys()).unwrap();
        let first = journal.written().next().0;
        (first..first + BURST).for_each(|at| append(at, &journal, &clock));
        journal.close();
        read_all(directory.path())
    }

    /// The files after the archives' time is over.
    pub(crate) fn retire(&self) -> Files {
        let directory = written(&self.files);
        let clock = Arc::new(TestClock(Mutex::new(START.plus_days(200))));
        let journal = Arc::new(Journal::open(options(directory.path()), Arc::clone(&clock) as _, &OsRandom).unwrap());
        journal.sign_with(Arc::clone(&self.signer) as _, &self.keys()).unwrap();
        let library = Arc::new(Library::open(&directory.path().join("archive")).unwrap());
        let options = ArchiveOptions { retention_days: Some(90), ..ArchiveOptions::default() };
        Archiver::new(library, Arc::clone(&journal) as _, Arc::clone(&self.signer) as _, clock, options).run().unwrap();
        journal.close();
        read_all(directory.path())
    }

    pub(crate) fn keys(&self) -> Vec<PublicKey> {
        vec![self.signer.public_key()]
    }

    /// The paths that end so.
    pub(crate) fn named(files: &Files, end: &str) -> Vec<PathBuf> {
        files.keys().filter(|path| path.to_string_lossy().ends_with(end)).cloned().collect()
    }
}

/// One session; the state in the middle of it.
fn live(session: u64, directory: &Path, signer: &Arc<TestSigner>, clock: &Arc<TestClock>) -> Files {
    let journal = Arc::new(Journal::open(options(directory), Arc::clone(clock) as _, &OsRandom).unwrap());
    journal.sign_with(Arc::clone(signer) as _, &[signer.public_key()]).unwrap();
    let mut midway = Files::new();
    for burst in 0..BURSTS {
        let begun = (session * BURSTS + burst) * BURST;
        (begun + 1..=begun + BURST).for_each(|at| append(at, &journal, clock));
        while journal.head().head.at.sequence < Sequence(begun + BURST) {
            yield_now();
        }
        if burst == BURSTS / 2 {
            midway = read_all(directory);
        }
    }
    *clock.0.lock().unwrap() = START.plus_ms((session as i64 + 1) * HOUR_MS);
    if ARCHIVING.contains(&session) {
        archive(&journal, directory, signer, clock);
    }
    journal.close();
    midway
}

pub(crate) fn written(files: &Files) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    directory
}

fn options(directory: &Path) -> Options {
    let tick = Duration::from_millis(1);
    Options { sync_every: tick, head_every: tick, ..Options::new(directory.to_owned()) }
}

fn append(at: u64, journal: &Journal, clock: &TestClock) {
    let number =
        RequestId::from_bytes(u128::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes());
    let parameters = format!(r#"{{"encryptionContext":{{"row":"{at}"}}}}"#);
    let account = "111122223333".parse().unwrap();
    let record = Record {
        other_account: at.is_multiple_of(5).then(|| "444455556666".parse().unwrap()),
        event_source: "kms.amazonaws.com",
        event_name: ["Decrypt", "Encrypt", "Sign"][at as usize % 3],
        principal: "arn:aws:iam::111122223333:user/alice",
        request_parameters: &parameters,
        ..Record::new(clock.now(), number, account, "eu-central-1")
    };
    assert_eq!(journal.append(&record), Ok(Sequence(at)));
}

fn archive(journal: &Arc<Journal>, directory: &Path, signer: &Arc<TestSigner>, clock: &Arc<TestClock>) {
    let library = Arc::new(Library::open(&directory.join("archive")).unwrap());
    let options = ArchiveOptions { raw_bytes: 1 << 20, retention_days: None };
    let parts = (Arc::clone(journal) as _, Arc::clone(signer) as _, Arc::clone(clock) as _);
    let archiver = Archiver::new(library, parts.0, parts.1, parts.2, options);
    while let Some(name) = archiver.run().unwrap() {
        while journal.head().head.forgotten < name.last {
            yield_now();
        }
    }
}

/// All files, without the empty ends of segments that were to be written, which only make the test slow.
fn read_all(directory: &Path) -> Files {
    let mut files = Files::new();
    read_into(directory, directory, &mut files);
    files.remove(Path::new("lock"));
    files.retain(|path, _| path.extension().is_none_or(|extension| extension != "new"));
    for path in Deployment::named(&files, ".records") {
        match frames(&files[&path]).last().map(|frame| frame.range.end) {
            None => drop(files.remove(&path)),
            Some(end) => files.get_mut(&path).unwrap().truncate(end),
        }
    }
    files
}

pub(crate) fn read_into(directory: &Path, base: &Path, files: &mut Files) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_into(&path, base, files);
        } else if let Ok(bytes) = fs::read(&path) {
            // One that is gone had a name for a moment only: the next segment, in the making.
            files.insert(path.strip_prefix(base).unwrap().to_owned(), bytes);
        }
    }
}
