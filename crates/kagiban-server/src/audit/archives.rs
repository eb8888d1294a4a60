//! Making archives of the journal, on a thread of the lowest priority: nobody waits for it.
//!
//! It needs no orderly end: whatever it is doing when the process ends is begun anew at the next start.

use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use kagiban_audit::archive::{ArchiveOptions, Archiver, History, Library};
use kagiban_audit::journal::Journal;
use kagiban_audit::signing::Signer;
use kagiban_audit::verify::ARCHIVES;
use kagiban_base::time::Clock;

use super::AuditError;
use crate::config::audit::AuditOptions;
use crate::data_directory::DataDirectory;

/// How often it is looked whether there is something to archive.
const EVERY: Duration = Duration::from_secs(30);
/// The nice value of what may be late by minutes.
const NICE: i32 = 19;

/// Archives are made as long as this is there.
#[derive(Debug)]
pub(crate) struct Archiving {
    _stop: Sender<()>,
}

/// Begins to make archives. All records that there are, in archives and journal, are read through the history.
pub(crate) fn begin(
    directory: &DataDirectory,
    journal: &Arc<Journal>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    options: &AuditOptions,
) -> Result<(History, Archiving), AuditError> {
    let path = directory.audit_directory().join(ARCHIVES);
    let library = Arc::new(Library::open(&path).map_err(|source| AuditError::Archives { path, source })?);
    let wanted = ArchiveOptions { retention_days: options.audit_retention_days, ..ArchiveOptions::default() };
    let archiver = Archiver::new(Arc::clone(&library), Arc::clone(journal) as _, signer, clock, wanted);
    let (stop, stopped) = channel();
    let started = thread::Builder::new().name("audit-archives".to_owned()).spawn(move || archive(&archiver, &stopped));
    started.map_err(AuditError::Thread)?;
    Ok((History::new(library, Arc::clone(journal) as _), Archiving { _stop: stop }))
}

fn archive(archiver: &Archiver, stopped: &Receiver<()>) {
    // Without the lower priority it is only less polite.
    let _polite = rustix::process::nice(NICE);
    loop {
        let pause = match archiver.run() {
            Ok(Some(name)) => {
                tracing::info!(first = name.first.0, last = name.last.0, "audit records are archived");
                // There may be more to do.
                Duration::ZERO
            }
            Ok(None) => EVERY,
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::error!(error, "audit records cannot be archived; they stay in the journal, which grows");
                EVERY
            }
        };
        if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
