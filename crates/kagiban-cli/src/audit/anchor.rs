//! `kagiban audit anchor`

use std::fs;
use std::io::Write;

use kagiban_audit::anchor::{keep, read_head};
use kagiban_audit::verify::published_keys;

use super::{directory, written};
use crate::audit_options::AnchorOptions;
use crate::error::CliError;

pub(super) fn anchor(options: &AnchorOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let directory = directory(&options.data)?;
    let failed = |source| CliError::AuditFile { path: directory.clone(), source };
    let keys = published_keys(&directory).map_err(failed)?;
    let path = directory.join("head");
    let text = fs::read_to_string(&path).map_err(|source| CliError::AuditFile { path, source })?;
    let head = read_head(&text, &keys)?;
    match &options.write {
        None => written(output.write_all(text.as_bytes()).and_then(|()| output.flush())),
        Some(path) => {
            keep(&head, path)?;
            written(writeln!(output, "The head at record {} is in {}.", head.head.at.sequence, path.display()))
        }
    }
}
