//! Shares as people give them: lines of a file, or typed one by one where nobody looks over the shoulder.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write, stderr, stdin};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use kagiban_recovery::{Share, shares_in};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::error::CliError;

/// Bytes that are read at most: more than 255 shares take.
const LEN_MAX: u64 = 64 * 1024;

/// The shares in a file, which only its owner may be able to read; `-` is standard input. A sheet's lines can be used as they are.
pub(crate) fn in_file(path: &Path) -> Result<Vec<Share>, CliError> {
    let failed = |source| CliError::ShareFile { path: path.to_owned(), source };
    let reader: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(stdin()),
        false => Box::new(open_private(path)?),
    };
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LEN_MAX).unwrap_or_default()));
    BufReader::new(reader).take(LEN_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(shares_in(&text)?)
}

fn open_private(path: &Path) -> Result<File, CliError> {
    let failed = |source| CliError::ShareFile { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.mode() & 0o077 != 0 {
        return Err(CliError::ShareFileOpenToOthers(path.to_owned()));
    }
    Ok(file)
}

/// Shares asked for one by one.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    count: usize,
}

impl Asked {
    /// The next one; `None` at the end of what is typed. Where somebody types, a slip is told and asked for again.
    pub(crate) fn next(&mut self) -> Result<Option<Share>, CliError> {
        let silence = Silence::begin();
        loop {
            if silence.is_some() {
                _ = write!(stderr(), "Share (it is not shown; end with an empty line): ");
            }
            let mut line = Zeroizing::new(String::with_capacity(1024));
            let read = stdin().lock().take(1024).read_line(&mut line).map_err(CliError::Input)?;
            if silence.is_some() {
                _ = writeln!(stderr());
            }
            let Some(word) = line.split_whitespace().last().filter(|_| read > 0) else { return Ok(None) };
            self.count += 1;
            match word.parse() {
                Ok(share) => return Ok(Some(share)),
                Err(source) if silence.is_none() => return Err(CliError::Share { line: self.count, source }),
                Err(error) => _ = writeln!(stderr(), "{error}"),
            }
        }
    }
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    /// `None` where standard input is no terminal.
    fn begin() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Flush, &silent).ok()?;
        Some(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let restored: io::Result<()> = tcsetattr(stdin(), OptionalActions::Flush, &self.0).map_err(Into::into);
        _ = restored;
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_of_shares_that_others_can_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("shares");
        fs::write(&path, "# no share\n").unwrap();
        for (mode, is_private) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            match in_file(&path) {
                Ok(shares) => assert!(is_private && shares.is_empty(), "{mode:o}"),
                Err(CliError::ShareFileOpenToOthers(refused)) => assert!(!is_private && refused == path, "{mode:o}"),
                Err(other) => panic!("{mode:o}: {other}"),
            }
        }
    }
}
