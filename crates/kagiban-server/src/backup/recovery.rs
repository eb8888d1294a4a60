//! The recovery key as commands get it: from shares that people type or that are in a file, never from the command line.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write, stderr, stdin};
use std::path::{Path, PathBuf};

use kagiban_base::secret::SecretBytes;
use kagiban_recovery::{CombineError, InvalidIdentity, InvalidLine, RecoveryIdentity, Share, combine, shares_in};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::private_file::is_open_to_others;

/// Longest line that is read; a share has 84 characters.
const LINE_BYTES_MAX: usize = 1024;
/// Longest file of shares.
const FILE_BYTES_MAX: usize = 64 << 10;

/// Where the recovery key comes from.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Recovery key")]
pub struct RecoveryOptions {
    /// File with shares of the recovery key, one in a line; without it they are asked for, or read from standard input
    #[arg(long, value_name = "FILE", conflicts_with = "recovery_key_file")]
    pub shares_file: Option<PathBuf>,

    /// File with the recovery key itself, AGE-SECRET-KEY-1..., for whoever has put it together from its shares
    #[arg(long, value_name = "FILE")]
    pub recovery_key_file: Option<PathBuf>,
}

/// The recovery key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryKeyError {
    /// The file.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than its owner can read a secret.
    #[error("{path} can be read by others than its owner; if nobody has: chmod 600 {path}", path = .0.display())]
    OpenToOthers(PathBuf),
    /// Too long to be what it should be.
    #[error("there is more than a recovery key or its shares can be")]
    TooLong,
    /// Standard input.
    #[error("cannot read shares from standard input")]
    Input(#[source] io::Error),
    /// A line is no share.
    #[error(transparent)]
    Share(#[from] InvalidLine),
    /// No line is a share.
    #[error("there are no shares; give them in a file with --shares-file, or one in a line on standard input")]
    NoShares,
    /// The shares do not make a key.
    #[error(transparent)]
    Combine(#[from] CombineError),
    /// The file holds no recovery key.
    #[error(transparent)]
    Identity(#[from] InvalidIdentity),
    /// It is not text.
    #[error("the recovery key is not text")]
    NotText,
}

impl RecoveryOptions {
    /// The recovery key. Asks on the terminal, if there is one and nothing else was given.
    ///
    /// # Errors
    /// [`RecoveryKeyError`]
    pub fn identity(&self) -> Result<RecoveryIdentity, RecoveryKeyError> {
        if let Some(path) = &self.recovery_key_file {
            let text = read_private(path)?;
            return Ok(str::from_utf8(text.expose()).map_err(|_| RecoveryKeyError::NotText)?.parse()?);
        }
        let shares = match &self.shares_file {
            Some(path) => given(&read_private(path)?)?,
            None if stdin().is_terminal() => ask()?,
            None => given(&read_to_end(&mut stdin().lock()).map_err(RecoveryKeyError::Input)?)?,
        };
        if shares.is_empty() {
            return Err(RecoveryKeyError::NoShares);
        }
        Ok(combine(&shares)?)
    }
}

/// The shares in what was read.
fn given(text: &SecretBytes) -> Result<Vec<Share>, RecoveryKeyError> {
    Ok(shares_in(str::from_utf8(text.expose()).map_err(|_| RecoveryKeyError::NotText)?)?)
}

/// Asks for shares until there are as many as the first one says.
fn ask() -> Result<Vec<Share>, RecoveryKeyError> {
    let _hidden = Hidden::begin();
    let mut shares: Vec<Share> = Vec::new();
    loop {
        let needed = shares.first().map_or(2, |share| usize::from(share.threshold()));
        if shares.len() >= needed {
            return Ok(shares);
        }
        let of = if shares.is_empty() { String::new() } else { format!(" of {needed}") };
        prompt(&format!("Share {}{of} (it is not shown): ", shares.len().saturating_add(1)));
        let line = read_line(&mut stdin().lock()).map_err(RecoveryKeyError::Input)?;
        prompt("\n");
        let text = str::from_utf8(line.expose()).map_err(|_| RecoveryKeyError::NotText)?.trim();
        match text.parse::<Share>() {
            _ if text.is_empty() => return Err(RecoveryKeyError::NoShares),
            Ok(share) if shares.iter().any(|other| other.number() == share.number()) => {
                prompt("This share was given already.\n");
            }
            Ok(share) => shares.push(share),
            Err(error) => prompt(&format!("This is not a share: {error}.\n")),
        }
    }
}

/// Says something where only people read it.
pub(super) fn prompt(text: &str) {
    let mut stderr = stderr().lock();
    // Who does not read it does not answer either.
    _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// While it lives, the terminal shows nothing of what is typed.
struct Hidden(Option<rustix::termios::Termios>);

impl Hidden {
    fn begin() -> Self {
        let before = tcgetattr(stdin()).ok();
        if let Some(mut silent) = before.clone() {
            silent.local_modes.remove(LocalModes::ECHO);
            _ = tcsetattr(stdin(), OptionalActions::Flush, &silent);
        }
        Self(before)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            _ = tcsetattr(stdin(), OptionalActions::Flush, before);
        }
    }
}

/// A line, into memory of full size at once: a growing buffer would leave copies of the secret behind.
fn read_line(input: &mut impl BufRead) -> io::Result<SecretBytes> {
    let (mut line, mut len) = (SecretBytes::zeroed(LINE_BYTES_MAX), 0_usize);
    let mut byte = [0; 1];
    while input.read(&mut byte)? == 1 && byte != *b"\n" {
        let place = line.expose_mut().get_mut(len).ok_or(io::ErrorKind::InvalidData)?;
        [*place] = byte;
        len = len.saturating_add(1);
    }
    line.truncate(len);
    Ok(line)
}

fn read_private(path: &Path) -> Result<SecretBytes, RecoveryKeyError> {
    let failed = |source| RecoveryKeyError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && is_open_to_others(&metadata) {
        return Err(RecoveryKeyError::OpenToOthers(path.to_owned()));
    }
    read_to_end(&mut file).map_err(failed)
}

fn read_to_end(input: &mut impl Read) -> io::Result<SecretBytes> {
    let (mut bytes, mut len) = (SecretBytes::zeroed(FILE_BYTES_MAX), 0_usize);
    while let Some(rest) = bytes.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
        match input.read(rest)? {
            0 => {
                bytes.truncate(len);
                return Ok(bytes);
            }
            more => len = len.saturating_add(more),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"))
}
