//! Which archives there are.

use std::fs::{DirEntry, read_dir};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::name;
use crate::recorder::Sequence;

/// How deep archives lie: year, month, day.
const DEPTH: usize = 3;

/// An archive, as its name tells of it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ArchiveFile {
    /// Its first record.
    pub first: Sequence,
    /// Its last record.
    pub last: Sequence,
    /// Where it is.
    pub path: PathBuf,
}

/// The archives of one directory.
#[derive(Debug)]
pub struct Library {
    directory: PathBuf,
    files: RwLock<Arc<[ArchiveFile]>>,
}

/// What lies in an archive directory.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Archives in the order of their records.
    pub(crate) archives: Vec<ArchiveFile>,
    /// Whatever else.
    pub(crate) others: Vec<PathBuf>,
}

impl Library {
    /// The archives that are in the directory now. None when there is no directory.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let files = RwLock::new(list(directory)?.archives.into());
        Ok(Self { directory: directory.to_owned(), files })
    }

    /// Looks again.
    ///
    /// # Errors
    /// The operating system's.
    pub fn refresh(&self) -> io::Result<()> {
        let files = list(&self.directory)?.archives.into();
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
        Ok(())
    }

    /// The archives, in the order of their records.
    pub fn files(&self) -> Arc<[ArchiveFile]> {
        Arc::clone(&self.files.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where they are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The last record that is in an archive; 0 when there is none.
    pub fn last(&self) -> Sequence {
        self.files().last().map_or(Sequence(0), |file| file.last)
    }
}

/// What is in the directory, and in those of years, months and days below it.
pub(crate) fn list(directory: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    list_into(directory, DEPTH, &mut listing)?;
    listing.archives.sort_unstable();
    listing.others.sort_unstable();
    Ok(listing)
}

fn list_into(directory: &Path, depth: usize, listing: &mut Listing) -> io::Result<()> {
    let entries = match read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if depth > 0 && is_dated(&entry)? {
            list_into(&path, depth - 1, listing)?;
        } else if let (0, Some((first, last))) = (depth, name::parse(&path)) {
            listing.archives.push(ArchiveFile { first, last, path });
        } else {
            listing.others.push(path);
        }
    }
    Ok(())
}

/// Whether it is a directory called by a number.
fn is_dated(entry: &DirEntry) -> io::Result<bool> {
    let is_number = entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
    Ok(is_number && entry.file_type()?.is_dir())
}
