//! A file of lines that does not grow without end: when it is full it becomes FILE.1, that FILE.2, and so on.
//!
//! A line is in the hands of the operating system when it is written; nothing is synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file.
#[derive(Debug)]
pub(super) struct RotatedFile {
    path: PathBuf,
    size_max: u64,
    keep: u32,
    open: Option<(File, u64)>,
}

impl RotatedFile {
    /// Touches nothing yet.
    pub(super) fn new(path: PathBuf, size_max: u64, keep: u32) -> Self {
        Self { path, size_max, keep, open: None }
    }

    /// Adds a line.
    pub(super) fn append(&mut self, line: &str) -> io::Result<()> {
        let bytes = [line.as_bytes(), b"\n"].concat();
        let added = self.append_bytes(&bytes);
        if added.is_err() {
            // Opened anew next time: somebody may have moved it, or made room.
            self.open = None;
        }
        added
    }

    fn append_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let len = bytes.len().try_into().unwrap_or(u64::MAX);
        let (mut file, mut size) = match self.open.take() {
            Some(open) if is_still_there(&open.0, &self.path) => open,
            _ => open(&self.path)?,
        };
        if size > 0 && size.saturating_add(len) > self.size_max {
            drop(file);
            self.put_aside()?;
            (file, size) = open(&self.path)?;
        }
        file.write_all(bytes)?;
        self.open = Some((file, size.saturating_add(len)));
        Ok(())
    }

    fn put_aside(&self) -> io::Result<()> {
        for number in (1..self.keep).rev() {
            rename(&self.numbered(number), &self.numbered(number.saturating_add(1)))?;
        }
        rename(&self.path, &self.numbered(1))
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        name.into()
    }
}

/// Opened for adding, and its size. A line that a cut left half is ended, so that it spoils no other.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let size = file.metadata()?.len();
    let Some(last) = size.checked_sub(1) else { return Ok((file, size)) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    if byte == *b"\n" {
        return Ok((file, size));
    }
    file.write_all(b"\n")?;
    Ok((file, size.saturating_add(1)))
}

/// Log rotation by others moves files away under us.
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(theirs)) => identity(ours) == identity(theirs),
        _ => false,
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_files_are_put_aside_and_the_oldest_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events");
        let mut file = RotatedFile::new(path.clone(), 8, 2);
        for line in ["one", "two", "three", "4", "5", "sixteen bytes...", "7"] {
            file.append(line).unwrap();
        }
        let read = |suffix: &str| fs::read_to_string(format!("{}{suffix}", path.display())).ok();
        assert_eq!(read("").as_deref(), Some("7\n"));
        assert_eq!(read(".1").as_deref(), Some("sixteen bytes...\n"));
        assert_eq!(read(".2").as_deref(), Some("5\n"));
        assert_eq!(read(".3"), None);
    }

    /// What broke: a line that a full disk or a cut left half took the next one with it.
    #[test]
    fn half_a_line_spoils_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events");
        for (before, after) in
            [("", "new\n"), ("old\n", "old\nnew\n"), ("old\nha", "old\nha\nnew\n"), ("h", "h\nnew\n")]
        {
            fs::write(&path, before).unwrap();
            RotatedFile::new(path.clone(), 1000, 2).append("new").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), after, "{before:?}");
        }
    }

    #[test]
    fn a_file_that_was_moved_away_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events");
        let mut file = RotatedFile::new(path.clone(), 1000, 2);
        file.append("one").unwrap();
        fs::rename(&path, directory.path().join("elsewhere")).unwrap();
        file.append("two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        RotatedFile::new(path.clone(), 1000, 2).append("three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\nthree\n");
    }
}
