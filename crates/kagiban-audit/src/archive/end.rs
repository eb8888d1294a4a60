//! Where archives end: which journal they are of, how far it went at least, and whether the deployment has said so.

use std::io;
use std::path::{Path, PathBuf};

use super::floor::{self, SignedFloor};
use super::read::Archive;
use super::{ArchiveError, ArchiveFile, list_archives};
use crate::journal::recovery::ArchivedEnd;
use crate::signing::PublicKey;

/// What tells where archives end.
enum Evidence {
    Archive(Box<Archive>),
    Floor(SignedFloor),
}

/// The end of the latest archive of a directory that can be read; without archives, where the floor is. Signatures are for
/// those who have the keys: whoever opens a journal has none yet, and asks [`forged_end`] once he has.
///
/// # Errors
/// The operating system's.
pub(crate) fn end(directory: &Path) -> io::Result<Option<ArchivedEnd>> {
    Ok(latest(directory)?.map(|(end, _)| end))
}

/// The file that tells where the archives of a directory end, if none of `keys` has signed it: one archive, or the floor. Of
/// archives before it that is for those to say who verify.
///
/// # Errors
/// The operating system's.
pub fn forged_end(directory: &Path, keys: &[PublicKey]) -> io::Result<Option<PathBuf>> {
    let evidence = latest(directory)?.map(|(_, evidence)| evidence);
    Ok(evidence.filter(|evidence| !evidence.is_signed_by(keys)).map(|evidence| evidence.path(directory)))
}

impl Evidence {
    fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        match self {
            Self::Archive(archive) => archive.is_signed_by(keys),
            Self::Floor(floor) => floor.is_signed_by(keys),
        }
    }

    fn path(&self, directory: &Path) -> PathBuf {
        match self {
            Self::Archive(archive) => archive.path().to_owned(),
            Self::Floor(_) => floor::path(directory),
        }
    }
}

fn latest(directory: &Path) -> io::Result<Option<(ArchivedEnd, Evidence)>> {
    for file in list_archives(directory)?.archives.iter().rev() {
        if let Some(found) = end_of(file)? {
            return Ok(Some(found));
        }
    }
    match SignedFloor::read(directory) {
        Err(ArchiveError::Io(error)) => Err(error),
        Err(_) | Ok(None) => Ok(None),
        Ok(Some(signed)) => {
            let end = || Some(ArchivedEnd { journal: signed.floor.journal()?, at: signed.floor.before()? });
            Ok(end().map(|end| (end, Evidence::Floor(signed))))
        }
    }
}

fn end_of(file: &ArchiveFile) -> io::Result<Option<(ArchivedEnd, Evidence)>> {
    let archive = match Archive::open(&file.path) {
        Err(ArchiveError::Io(error)) => return Err(error),
        Err(_) => return Ok(None),
        Ok(archive) => archive,
    };
    let footer = archive.footer();
    let is_named_right = (footer.first(), footer.last()) == (file.first, file.last);
    let end = footer.journal().zip(footer.after.point()).filter(|_| is_named_right);
    Ok(end.map(|(journal, at)| (ArchivedEnd { journal, at }, Evidence::Archive(archive.into()))))
}
