//! `kagiban backup verify`: whether a backup could be restored, without restoring it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kagiban_recovery::RecoveryIdentity;
use kagiban_service::backup::{Checked, Contents, ContentsError, OpenedKeys, Progress, check, survey};

use super::progress::Telling;
use super::reading::{self, FileError};
use super::recovery::{RecoveryKeyError, RecoveryOptions};
use crate::process;

/// Options of `kagiban backup verify`.
#[derive(clap::Args, Clone, Debug)]
pub struct VerifyOptions {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Only compare the file with the hash beside it; nothing is decrypted, and nothing is known of what is in it
    #[arg(long, conflicts_with_all = ["shares_file", "recovery_key_file"])]
    pub without_shares: bool,

    /// The recovery key.
    #[command(flatten)]
    pub recovery: RecoveryOptions,
}

/// The backup cannot be restored, or that cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is in it.
    #[error("{} is not in order", path.display())]
    Contents {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ContentsError,
    },
    /// The recovery key.
    #[error(transparent)]
    RecoveryKey(#[from] RecoveryKeyError),
    /// The result could not be shown.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
}

/// `kagiban backup verify`; what was found goes to `output`.
///
/// # Errors
/// [`VerifyError`]
pub fn run(options: &VerifyOptions, output: &mut dyn Write) -> Result<(), VerifyError> {
    process::harden();
    let text = if options.without_shares {
        let bytes = reading::check_hash(&options.file)?;
        let path = options.file.display();
        format!(
            "{path} has {bytes} bytes and the hash that was written when it was made.\n\
             It was not decrypted: give shares to know whether it can be restored.\n"
        )
    } else {
        let identity = options.recovery.identity()?;
        let verified = verify(&options.file, &identity)?;
        text(&options.file, &verified)
    };
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(VerifyError::Output)
}

/// A backup that can be restored.
pub(super) struct Verified {
    pub(super) contents: Contents,
    pub(super) keys: OpenedKeys,
    pub(super) checked: Checked,
}

/// Reads all of it, twice: what it is made of, then every row.
pub(super) fn verify(path: &Path, identity: &RecoveryIdentity) -> Result<Verified, VerifyError> {
    let wrong = |source| VerifyError::Contents { path: path.to_owned(), source };
    let progress = Arc::new(Progress::default());
    let contents = {
        let _telling = Telling::begin("reading", &progress);
        survey(reading::open(path, identity)?, &progress).map_err(wrong)?
    };
    let keys = contents.open(identity).map_err(wrong)?;
    let _telling = Telling::begin("verifying", &progress);
    let checked = check(reading::open(path, identity)?, &keys, &progress).map_err(wrong)?;
    Ok(Verified { contents, keys, checked })
}

fn text(path: &Path, Verified { contents, checked, .. }: &Verified) -> String {
    let (header, end) = (&contents.header, &contents.end);
    let Checked { rows, secrets, domain_keys } = checked;
    let mut text = format!(
        "{path} is in order: a backup of the {kind} deployment of {created}\n\
         taken      {taken}, revision {revision} of the {store} store, by Kagiban {program}\n\
         encrypted  to {recipient}\n\
         rows       {rows}, {bytes} bytes, each readable\n\
         secrets    {secrets} under {domain_keys} domain keys, each opens\n",
        path = path.display(),
        kind = header.deployment_kind,
        created = header.deployment_created.to_rfc3339(),
        taken = header.taken.to_rfc3339(),
        revision = header.revision,
        store = header.store,
        program = header.program,
        recipient = header.recipient,
        bytes = end.bytes,
    );
    for (table, rows) in &end.tables {
        text.push_str(&format!("  {table:<20} {rows}\n"));
    }
    text
}
