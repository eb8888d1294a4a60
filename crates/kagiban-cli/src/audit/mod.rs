//! `kagiban audit`: what a data directory's audit says, and whether it is whole. No server is asked, but for its deliveries.

mod anchor;
mod export;
mod journals;
mod search;
mod status;
mod uses;
mod verify;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kagiban_audit::archive::History;
use kagiban_audit::verify::ARCHIVES;

use crate::audit_options::AuditCommand;
use crate::error::CliError;

/// `kagiban audit`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn audit(command: &AuditCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        AuditCommand::Anchor(options) => anchor::anchor(options, output),
        AuditCommand::Export(options) => export::export(options, output),
        AuditCommand::Search(options) => search::search(options, output),
        AuditCommand::Status(options) => status::status(options, output),
        AuditCommand::Uses(options) => uses::uses(options, output),
        AuditCommand::Verify(options) => verify::verify(options, output),
    }
}

/// The audit directory of a data directory, or the directory itself when it is one.
fn directory(data: &Path) -> Result<PathBuf, CliError> {
    let below = data.join("audit");
    if below.is_dir() {
        return Ok(below);
    }
    let is_audit = ["head", "journal", ARCHIVES].iter().any(|name| data.join(name).exists());
    if is_audit { Ok(data.to_owned()) } else { Err(CliError::NoAudit { path: data.to_owned() }) }
}

/// All records of an audit directory.
fn history(directory: &Path) -> Result<History, CliError> {
    History::open(directory).map_err(|source| CliError::AuditFile { path: directory.to_owned(), source })
}

/// Whether a server has the journal open.
fn is_running(directory: &Path) -> bool {
    let Ok(lock) = File::open(directory.join("lock")) else { return false };
    lock.try_lock_shared().is_err()
}

fn written(outcome: io::Result<()>) -> Result<(), CliError> {
    outcome.map_err(|error| CliError::Output("nothing was changed", error))
}
