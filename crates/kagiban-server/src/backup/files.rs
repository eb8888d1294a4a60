//! The directory of backups: names, order, and which are too many.

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use kagiban_base::time::Timestamp;
use kagiban_service::backup::BackupFile;

use crate::data_directory::{WriteError, make_directory};

const PREFIX: &str = "kagiban-";
const SUFFIX: &str = ".age";
/// What is added to a backup's name for the file with its hash.
const HASH_SUFFIX: &str = ".sha256";
/// What is added to a name while the file is being written.
const UNFINISHED: &str = ".new";
/// Backups of one second.
const SAME_SECOND_MAX: u32 = 100;

/// A directory that may or may not be there.
#[derive(Clone, Debug)]
pub(crate) struct BackupDirectory(PathBuf);

impl BackupDirectory {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Makes the directory, and removes what was not finished.
    pub(crate) fn prepare(&self) -> Result<(), WriteError> {
        make_directory(&self.0)?;
        let failed = |source| WriteError::Io { action: "clear", path: self.0.clone(), source };
        for name in self.names().map_err(failed)? {
            let backup = name.strip_suffix(UNFINISHED);
            if backup.map(|name| name.strip_suffix(HASH_SUFFIX).unwrap_or(name)).and_then(age_of).is_some() {
                fs::remove_file(self.file(&name)).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// A name for a backup that is taken then, and that no other has.
    pub(crate) fn free_name(&self, taken: Timestamp) -> String {
        let at = taken.to_basic_iso();
        let name = |number: u32| match number {
            1 => format!("{PREFIX}{at}{SUFFIX}"),
            _ => format!("{PREFIX}{at}-{number}{SUFFIX}"),
        };
        let is_free = |name: &String| matches!(self.file(name).try_exists(), Ok(false));
        (1..=SAME_SECOND_MAX).map(name).find(is_free).unwrap_or_else(|| name(SAME_SECOND_MAX))
    }

    /// The backups, the newest first; none where there is no directory.
    pub(crate) fn list(&self) -> io::Result<Vec<BackupFile>> {
        let mut found = Vec::new();
        for name in self.names()? {
            if let Some((taken, number)) = age_of(&name) {
                let bytes = fs::metadata(self.file(&name))?.len();
                found.push((number, BackupFile { name, taken, bytes }));
            }
        }
        found.sort_unstable_by_key(|(number, file)| Reverse((file.taken, *number)));
        Ok(found.into_iter().map(|(_, file)| file).collect())
    }

    /// Removes all but the newest so many.
    pub(crate) fn keep(&self, number: usize) -> io::Result<()> {
        for file in self.list()?.iter().skip(number) {
            fs::remove_file(self.file(&file.name))?;
            remove_if_there(&hash_file(&self.file(&file.name)))?;
            tracing::info!(file = file.name, "an old backup is removed");
        }
        Ok(())
    }

    /// Makes the names in the directory durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            // What is not text is not ours.
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }
}

/// The file with the hash of a backup.
pub(crate) fn hash_file(backup: &Path) -> PathBuf {
    with_suffix(backup, HASH_SUFFIX)
}

/// What a backup is called while it is being written.
pub(crate) fn unfinished(backup: &Path) -> PathBuf {
    with_suffix(backup, UNFINISHED)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(suffix);
    text.into()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// When the backup of this name was taken, and which of that second it is; `None` for other names.
fn age_of(name: &str) -> Option<(Timestamp, u32)> {
    let middle = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let (at, number) = match middle.split_once('-') {
        Some((at, number)) => (at, number.parse().ok().filter(|number| (2..=SAME_SECOND_MAX).contains(number))?),
        None => (middle, 1),
    };
    Some((Timestamp::parse_basic_iso(at)?, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix_s(1_700_000_000 + second)
    }

    #[test]
    fn backups_are_known_by_their_names() {
        let place = tempfile::tempdir().unwrap();
        let directory = BackupDirectory::new(place.path().join("a/b"));
        assert!(directory.list().unwrap().is_empty());
        directory.prepare().unwrap();
        let mut names = Vec::new();
        for second in [5, 0, 5, 9] {
            names.push(directory.free_name(at(second)));
            fs::write(directory.file(names.last().unwrap()), "x").unwrap();
        }
        assert_eq!(names[0], "kagiban-20231114T221325Z.age");
        assert_eq!(names[2], "kagiban-20231114T221325Z-2.age");
        let others =
            ["kagiban-.age", "kagiban-20231114T221325Z-0.age", "notes.age", "kagiban-20231114T221325Z.age.sha256"];
        for other in others {
            fs::write(directory.file(other), "y").unwrap();
        }
        for unfinished in ["kagiban-20231114T221399Z.age.new", "kagiban-20231114T221329Z.age.new", "mine.new"] {
            fs::write(directory.file(unfinished), "z").unwrap();
        }
        let listed = || -> Vec<String> { directory.list().unwrap().into_iter().map(|file| file.name).collect() };
        assert_eq!(listed(), [&*names[3], &*names[2], &*names[0], &*names[1]]);
        directory.prepare().unwrap();
        assert!(directory.file("mine.new").exists(), "what is not ours stays");
        assert!(!directory.file("kagiban-20231114T221329Z.age.new").exists());
        directory.keep(2).unwrap();
        assert_eq!(listed(), [&*names[3], &*names[2]]);
        assert!(!directory.file(others[3]).exists(), "the hash goes with its backup");
        directory.keep(2).unwrap();
        assert!(directory.file(others[2]).exists());
    }
}
