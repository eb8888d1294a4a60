//! How far an export has come: a small file in its directory.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ExportError, Form, Options, Progress};
use crate::recorder::Sequence;
use crate::search::{Query, Token};

/// The file's name.
pub(super) const NAME: &str = "kagiban-export.json";
/// The version of its form.
const VERSION: u32 = 1;

/// A text does not say how far an export has come.
#[derive(Debug, thiserror::Error)]
pub enum NotAState {
    /// It was changed.
    #[error("it was changed")]
    Malformed(#[from] serde_json::Error),
    /// Of a later program.
    #[error("it was written by a later version of Kagiban ({0})")]
    Newer(u32),
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] std::io::Error),
}

/// What the file says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    conditions: String,
    form: String,
    from_ms: Option<i64>,
    until_ms: Option<i64>,
    /// The next record to be looked at.
    next: u64,
    records: u64,
    files: u64,
    is_done: bool,
}

/// Reads it; `None` at the beginning.
pub(super) fn read(path: &Path) -> Result<Option<State>, ExportError> {
    let failed = |source| ExportError::State { path: path.to_owned(), source };
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|error| failed(error.into()))?,
    };
    let state: State = serde_json::from_slice(&bytes).map_err(|error| failed(error.into()))?;
    if state.version == VERSION { Ok(Some(state)) } else { Err(failed(NotAState::Newer(state.version))) }
}

impl State {
    /// One that begins now.
    pub(super) fn new(options: &Options, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            conditions: options.conditions.clone(),
            form: name(options.form).to_owned(),
            from_ms: options.query.from.map(Timestamp::unix_ms),
            until_ms: Some(options.query.until.unwrap_or(now).unix_ms()),
            next: 1,
            records: 0,
            files: 0,
            is_done: false,
        }
    }

    pub(super) fn is_of(&self, options: &Options) -> bool {
        self.conditions == options.conditions && self.form == name(options.form)
    }

    pub(super) fn from(&self) -> Option<Timestamp> {
        self.from_ms.map(Timestamp::from_unix_ms)
    }

    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until_ms.map(Timestamp::from_unix_ms)
    }

    pub(super) const fn next(&self) -> Sequence {
        Sequence(self.next)
    }

    pub(super) fn token(&self, query: &Query) -> Token {
        Token::new(query, self.next())
    }

    /// Takes a step as done.
    pub(super) fn advance(&mut self, records: u64, files: u64, next: Option<Token>) {
        self.records = self.records.saturating_add(records);
        self.files = self.files.saturating_add(files);
        self.is_done = next.is_none();
        self.next = next.map_or(self.next, |token| token.place.0);
    }

    pub(super) fn progress(&self, percent: u8) -> Progress {
        let percent = if self.is_done { 100 } else { percent };
        Progress { records: self.records, files: self.files, percent, is_done: self.is_done }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // It has nothing that JSON has not.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

const fn name(form: Form) -> &'static str {
    match form {
        Form::LogFiles => "log-files",
        Form::Lines => "lines",
    }
}
