//! Where archives end: which journal they are of, and how far it went at least.

use std::io;
use std::path::Path;

use super::floor::SignedFloor;
use super::read::Archive;
use super::{ArchiveError, ArchiveFile, list_archives};
use crate::journal::recovery::ArchivedEnd;

/// The end of the latest archive of a directory that can be read; without archives, where the floor is. Signatures are for
/// those who have the keys: a start has none.
///
/// # Errors
/// The operating system's.
pub(crate) fn end(directory: &Path) -> io::Result<Option<ArchivedEnd>> {
    for file in list_archives(directory)?.archives.iter().rev() {
        if let Some(end) = end_of(file)? {
            return Ok(Some(end));
        }
    }
    match SignedFloor::read(directory) {
        Err(ArchiveError::Io(error)) => Err(error),
        Err(_) => Ok(None),
        Ok(signed) => {
            let floor = signed.map(|signed| signed.floor);
            let end = floor.and_then(|floor| Some(ArchivedEnd { journal: floor.journal()?, at: floor.before()? }));
            Ok(end)
        }
    }
}

fn end_of(file: &ArchiveFile) -> io::Result<Option<ArchivedEnd>> {
    let archive = match Archive::open(&file.path) {
        Err(ArchiveError::Io(error)) => return Err(error),
        Err(_) => return Ok(None),
        Ok(archive) => archive,
    };
    let footer = archive.footer();
    let is_named_right = (footer.first(), footer.last()) == (file.first, file.last);
    let end = footer.journal().zip(footer.after.point()).filter(|_| is_named_right);
    Ok(end.map(|(journal, at)| ArchivedEnd { journal, at }))
}
