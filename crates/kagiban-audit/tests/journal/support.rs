//! A place with a journal in it, records to append, and a key to sign with.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use kagiban_audit::archive::{ArchiveError, ArchiveOptions, Archiver, Library};
use kagiban_audit::journal::disk::{Disk, RealDisk};
use kagiban_audit::journal::{Degree, Journal, Loss, Lost, OpenError, Options};
use kagiban_audit::signing::Signer as _;
use kagiban_audit::testing::TestSigner;
use kagiban_audit::verify::{self, Report};
use kagiban_audit::{Entry, Follower, JournalStopped, Record, Recorder, Sequence};
use kagiban_base::id::RequestId;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Timestamp;

/// A directory that journals are opened in, one after the other.
pub(crate) struct Place {
    _directory: tempfile::TempDir,
    pub(crate) options: Options,
    pub(crate) disk: Arc<dyn Disk>,
    is_signing: bool,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            sync_every: Duration::from_millis(5),
            head_every: Duration::from_millis(5),
            ..Options::new(directory.path().join("audit"))
        };
        Self { _directory: directory, options, disk: Arc::new(RealDisk), is_signing: true }
    }

    pub(crate) fn strict() -> Self {
        let mut place = Self::new();
        place.options.degree = Degree::Strict;
        place
    }

    /// Nothing becomes durable by itself.
    pub(crate) fn slow(mut self) -> Self {
        self.options.sync_every = Duration::from_secs(3600);
        self.options.head_every = Duration::from_secs(3600);
        self
    }

    pub(crate) fn on(mut self, disk: Arc<dyn Disk>) -> Self {
        self.disk = disk;
        self
    }

    pub(crate) fn unsigned(mut self) -> Self {
        self.is_signing = false;
        self
    }

    /// Opens it; a head that was not signed with the test's key is as good as lost.
    pub(crate) fn open(&self) -> Result<Journal, OpenError> {
        let journal = Journal::open_on(self.options.clone(), Arc::new(SystemClock), &OsRandom, Arc::clone(&self.disk))?;
        if self.is_signing {
            journal.sign_with(SIGNER.clone(), &[SIGNER.public_key()]).map_err(|_| {
                let losses = vec![Loss { what: Lost::Head, first: Sequence(0), count: 0 }];
                OpenError::Lost { directory: self.options.directory.clone(), losses }
            })?;
        }
        Ok(journal)
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.options.directory.join(below)
    }

    /// Files of a kind, in their order.
    pub(crate) fn files(&self, extension: &str) -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            std::fs::read_dir(self.path("journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|found| found == extension));
        paths.sort();
        paths
    }
}

impl Place {
    /// Opens it once with whatever is missing accepted.
    pub(crate) fn open_accepting(&mut self) -> Journal {
        self.options.accept_loss = true;
        let journal = self.open();
        self.options.accept_loss = false;
        journal.unwrap()
    }

    /// A session of `count` records.
    pub(crate) fn live(&self, count: u64) {
        let journal = self.open().unwrap();
        for _ in 0..count {
            append(&journal, "a record").unwrap();
        }
        journal.close();
    }

    /// A session of one record that is killed before its first head is signed.
    pub(crate) fn live_until_killed(&self, accept_loss: bool) -> Sequence {
        let options = Options { accept_loss, ..self.options.clone() };
        let journal = Journal::open_on(options, Arc::new(SystemClock), &OsRandom, Arc::clone(&self.disk)).unwrap();
        let sequence = append(&journal, "a record").unwrap();
        drop(journal);
        sequence
    }

    /// Archives all that can be, and lets the journal go of it. Gives the archives' extents.
    pub(crate) fn archive(&self, journal: &Arc<Journal>) -> Result<Vec<(u64, u64)>, ArchiveError> {
        let library = Arc::new(Library::open(&self.path("archive")).unwrap());
        let options = ArchiveOptions { raw_bytes: 1, retention_days: None };
        let source = Arc::clone(journal) as _;
        let archiver = Archiver::new(Arc::clone(&library), source, SIGNER.clone(), Arc::new(SystemClock), options);
        while archiver.run()?.is_some() {}
        Ok(library.files().iter().map(|file| (file.first.0, file.last.0)).collect())
    }

    /// Opens it, archives all, closes it.
    pub(crate) fn archive_all(&self) -> Vec<(u64, u64)> {
        let journal = Arc::new(self.open().unwrap());
        let archives = self.archive(&journal).unwrap();
        journal.close();
        archives
    }

    pub(crate) fn verify(&self) -> Report {
        let options = verify::Options {
            directory: self.options.directory.clone(),
            keys: Some(vec![SIGNER.public_key()]),
            anchors: Vec::new(),
            delivered: Vec::new(),
            is_running: false,
        };
        verify::verify(&options, &mut |_| {}).unwrap()
    }
}

/// One key for all tests: to make one takes a while.
pub(crate) static SIGNER: LazyLock<Arc<TestSigner>> = LazyLock::new(TestSigner::timeless);

/// Appends a record that says `text`.
pub(crate) fn append(journal: &Journal, text: &str) -> Result<Sequence, JournalStopped> {
    let number = RequestId::generate(&OsRandom).unwrap();
    let account = "111122223333".parse().unwrap();
    let record =
        Record { error_message: text, ..Record::new(Timestamp::from_unix_ms(1), number, account, "eu-west-1") };
    journal.append(&record)
}

/// What the record of an entry says.
pub(crate) fn text(entry: &Entry) -> String {
    Record::decode(&entry.bytes).unwrap().error_message.to_owned()
}

/// All that can be read, in order, in pieces of some length.
pub(crate) fn read_all(journal: &Journal, bytes_max: usize) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut next = journal.earliest();
    loop {
        let entries = journal.read(next, bytes_max).unwrap();
        let Some(last) = entries.last() else { return all };
        next = last.sequence.next();
        all.extend(entries.iter().map(|entry| (entry.sequence.0, text(entry))));
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn len(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
