//! Makes backups of the store, one at a time, on a thread of the lowest priority.
//!
//! A file appears under its name when it is whole and durable, its hash before it. What is cut off is not called a backup, and is
//! removed before the next one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kagiban_backup::HashingWriter;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_recovery::Encrypting;
use kagiban_service::backup::{
    BackupFailed, BackupUnderWay, Backups, BackupsDescription, BeginError, MakeError, Progress, Subject, take,
};
use kagiban_storage::{EngineError, Store};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use super::files::{BackupDirectory, hash_file, unfinished};
use crate::data_directory::{WriteError, write_private};
use crate::log;
use crate::workers::be_polite;

/// How often a backup begins again because its snapshot was gone.
const RESTARTS_MAX: u64 = 10;
/// Pause before it does.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause after a backup that failed, until the next is tried by itself.
const FAILED_PAUSE_MAX: Duration = Duration::from_secs(10 * 60);
/// Bytes that go to the file at once.
const WRITE_BYTES: usize = 256 << 10;

/// A handle to what makes backups.
#[derive(Clone)]
pub(crate) struct Maker(Arc<Inner>);

struct Inner {
    store: Store,
    store_name: &'static str,
    directory: BackupDirectory,
    /// How many are kept; all, where none are made by themselves.
    keep: Option<usize>,
    clock: Arc<dyn Clock>,
    runtime: Handle,
    state: Mutex<State>,
    /// Since the start.
    failures: AtomicU64,
    stopping: AtomicBool,
    ended: Notify,
}

#[derive(Default)]
struct State {
    under_way: Option<UnderWay>,
    failed: Option<BackupFailed>,
    worker: Option<JoinHandle<()>>,
}

struct UnderWay {
    name: String,
    begun: Timestamp,
    progress: Arc<Watched>,
}

#[derive(Default)]
struct Watched {
    progress: Progress,
    restarts: AtomicU64,
}

/// A backup was not made.
#[derive(Debug, thiserror::Error)]
enum MakeFailed {
    #[error("cannot write {}", path.display())]
    File {
        path: std::path::PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Directory(#[from] WriteError),
    #[error(transparent)]
    Make(#[from] MakeError),
    #[error("the server stops")]
    Stopping,
}

/// What is told of backups to those who watch.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BackupFigures {
    pub(crate) is_under_way: bool,
    pub(crate) failures: u64,
    /// When the newest was taken, and its bytes.
    pub(crate) newest: Option<(Timestamp, u64)>,
}

impl Maker {
    pub(crate) fn new(
        store: Store,
        store_name: &'static str,
        directory: BackupDirectory,
        keep: Option<usize>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            store_name,
            directory,
            keep,
            clock,
            runtime: Handle::current(),
            state: Mutex::default(),
            failures: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            ended: Notify::new(),
        }))
    }

    /// Makes a backup whenever the newest is so old, without end.
    pub(crate) async fn make_every(self, period: Duration) {
        loop {
            let pause = self.pause(period);
            if pause.is_zero() {
                let ended = self.0.ended.notified();
                match self.begin() {
                    // If one is being made already, it serves as well.
                    Ok(_) | Err(BeginError::UnderWay) => ended.await,
                    Err(_) => tokio::time::sleep(FAILED_PAUSE_MAX).await,
                }
            } else {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// How long until the next one is due.
    fn pause(&self, period: Duration) -> Duration {
        let now = self.0.clock.now();
        let since = |then: Timestamp| Duration::from_millis(u64::try_from(now.ms_since(then)).unwrap_or_default());
        let newest = self.0.directory.list().unwrap_or_default().into_iter().next();
        let due = newest.map_or(Duration::ZERO, |newest| period.saturating_sub(since(newest.taken)));
        let failed = self.0.state().failed.as_ref().map(|failed| since(failed.at));
        failed.map_or(due, |ago| due.max(period.min(FAILED_PAUSE_MAX).saturating_sub(ago)))
    }

    /// Gives up what is being made, and waits until it has ended.
    pub(crate) fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        let worker = self.0.state().worker.take();
        if let Some(worker) = worker {
            // It catches its own panics.
            _ = worker.join();
        }
    }

    pub(crate) fn figures(&self) -> BackupFigures {
        let newest = self.0.directory.list().unwrap_or_default().into_iter().next();
        BackupFigures {
            is_under_way: self.0.state().under_way.is_some(),
            failures: self.0.failures.load(Ordering::Relaxed),
            newest: newest.map(|newest| (newest.taken, newest.bytes)),
        }
    }
}

impl Backups for Maker {
    fn begin(&self) -> Result<String, BeginError> {
        let mut state = self.0.state();
        if state.under_way.is_some() {
            return Err(BeginError::UnderWay);
        }
        let begun = self.0.clock.now();
        let name = self.0.directory.free_name(begun);
        let progress = Arc::<Watched>::default();
        let (inner, watched, file) = (Arc::clone(&self.0), Arc::clone(&progress), name.clone());
        let work = move || inner.run(&file, &watched);
        match thread::Builder::new().name("backup".to_owned()).spawn(work) {
            Ok(worker) => {
                state.worker = Some(worker);
                state.under_way = Some(UnderWay { name: name.clone(), begun, progress });
                Ok(name)
            }
            Err(_) => Err(BeginError::NoThread),
        }
    }

    fn describe(&self) -> BackupsDescription {
        let files = self.0.directory.list().unwrap_or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the directory of backups cannot be read");
            Vec::new()
        });
        let state = self.0.state();
        BackupsDescription {
            directory: self.0.directory.path().display().to_string(),
            under_way: state.under_way.as_ref().map(UnderWay::describe),
            failed: state.failed.clone(),
            failures: self.0.failures.load(Ordering::Relaxed),
            files,
        }
    }
}

impl UnderWay {
    fn describe(&self) -> BackupUnderWay {
        let progress = &self.progress.progress;
        BackupUnderWay {
            name: self.name.clone(),
            begun: self.begun,
            rows: progress.rows(),
            rows_total: progress.rows_total(),
            bytes: progress.bytes(),
            restarts: self.progress.restarts.load(Ordering::Relaxed),
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On a thread of its own.
    fn run(&self, name: &str, watched: &Watched) {
        be_polite();
        let made =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.runtime.block_on(self.make(name, watched))));
        let failed = match made {
            Ok(Ok(bytes)) => {
                let rows = watched.progress.rows();
                tracing::info!(file = name, rows, bytes, "a backup is made");
                None
            }
            Ok(Err(error)) => Some(log::in_full(&error)),
            Err(_) => Some("a bug; the log has more".to_owned()),
        };
        if failed.is_some() {
            // What was written of it may be what the disk lacks. If this fails, the next backup does it.
            _ = self.directory.prepare();
        }
        self.conclude(name, failed);
    }

    fn conclude(&self, name: &str, failed: Option<String>) {
        let mut state = self.state();
        state.under_way = None;
        state.failed = failed.map(|error| {
            tracing::error!(file = name, error, "a backup could not be made");
            self.failures.fetch_add(1, Ordering::Relaxed);
            BackupFailed { name: name.to_owned(), at: self.clock.now(), error }
        });
        drop(state);
        self.ended.notify_waiters();
    }

    /// Makes it, again from the beginning when its snapshot is gone; returns the bytes of the file.
    async fn make(&self, name: &str, watched: &Watched) -> Result<u64, MakeFailed> {
        loop {
            let outcome = self.attempt(name, watched).await;
            if self.stopping.load(Ordering::Relaxed) && outcome.is_err() {
                return Err(MakeFailed::Stopping);
            }
            let restarts = watched.restarts.load(Ordering::Relaxed);
            match outcome {
                Err(MakeFailed::Make(MakeError::Engine(EngineError::SnapshotGone | EngineError::Unavailable)))
                    if restarts < RESTARTS_MAX =>
                {
                    tracing::warn!(file = name, "the snapshot of a backup is gone; the backup begins again");
                    watched.restarts.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(RESTART_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(&self, name: &str, watched: &Watched) -> Result<u64, MakeFailed> {
        self.directory.prepare()?;
        watched.progress.reset();
        let (taken, store) = (self.clock.now(), self.store_name);
        let subject = Subject { taken, store, program: env!("CARGO_PKG_VERSION") };
        let taken = take(&**self.store.engine(), subject).await?;
        let path = self.directory.file(name);
        let temporary = unfinished(&path);
        let failed = |source| MakeFailed::File { path: temporary.clone(), source };
        let output = self.encrypting(&temporary, taken.recipient()).map_err(failed)?;
        let (output, _) = taken.write(output, &watched.progress).await?;
        let bytes = finish(output, &path).map_err(failed)?;
        fs::rename(&temporary, &path).and_then(|()| self.directory.sync()).map_err(failed)?;
        if let Some(keep) = self.keep
            && let Err(error) = self.directory.keep(keep)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "old backups could not be removed");
        }
        Ok(bytes)
    }

    fn encrypting<'a>(
        &'a self,
        path: &Path,
        recipient: &kagiban_recovery::RecoveryRecipient,
    ) -> io::Result<Encrypting<HashingWriter<BufWriter<Stoppable<'a>>>>> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let file = Stoppable { file, stopping: &self.stopping };
        recipient.encrypt(HashingWriter::new(BufWriter::with_capacity(WRITE_BYTES, file)))
    }
}

/// Makes the file durable, and its hash known.
fn finish(output: Encrypting<HashingWriter<BufWriter<Stoppable<'_>>>>, path: &Path) -> io::Result<u64> {
    let (buffered, hash) = output.finish()?.finish();
    let Stoppable { file, .. } = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    write_private(&hash_file(path), format!("{hash}  {name}\n").as_bytes(), &mut |_| Ok(()))
        .map_err(io::Error::other)?;
    Ok(file.metadata()?.len())
}

/// A file that takes nothing more once the server stops.
struct Stoppable<'a> {
    file: File,
    stopping: &'a AtomicBool,
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(io::Error::other("the server stops"));
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use kagiban_base::os::{OsRandom, SystemClock};
    use kagiban_recovery::RecoveryIdentity;
    use kagiban_service::DeploymentKind;
    use kagiban_service::bootstrap::{FirstRecoveryKey, Openers, first_batch_opened_by};
    use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine};
    use kagiban_storage::{Engine, MemoryEngine};

    use super::*;

    /// What broke: only a store that could not be reached made a backup begin again, and not one that did not keep the snapshot.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_backup_whose_snapshot_is_gone_begins_again() {
        let recipient = RecoveryIdentity::generate(&OsRandom).unwrap().recipient();
        let recovery_key = FirstRecoveryKey { recipient, threshold: 2, shares: 3 };
        let openers = Openers { root_key: None, recovery_key: Some(&recovery_key) };
        let kind = DeploymentKind::Production;
        let first = first_batch_opened_by(&openers, kind, None, SystemClock.now(), &OsRandom).unwrap();
        let engine = FaultyEngine::new(Arc::new(MemoryEngine::new()));
        engine.commit(first).await.unwrap();
        let place = tempfile::tempdir().unwrap();
        let directory = BackupDirectory::new(place.path().to_owned());
        let store = Store::new(Arc::new(engine.clone()));
        let maker = Maker::new(store, "etcd", directory, None, Arc::new(SystemClock));
        for (fault, is_made) in [
            (EngineError::SnapshotGone, true),
            (EngineError::Unavailable, true),
            (EngineError::Corrupt { detail: "x".into() }, false),
        ] {
            let before = maker.describe();
            // The first scan counts the rows, the second one writes them.
            engine.plan(Call::Scan, 2, Fault::Fail(fault));
            let ended = maker.0.ended.notified();
            tokio::pin!(ended);
            ended.as_mut().enable();
            maker.begin().unwrap();
            ended.await;
            let after = maker.describe();
            assert_eq!(after.files.len() - before.files.len(), usize::from(is_made));
            assert_eq!((after.failed.is_none(), after.failures - before.failures), (is_made, u64::from(!is_made)));
        }
    }
}
