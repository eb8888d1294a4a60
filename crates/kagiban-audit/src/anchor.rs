//! Heads that are kept elsewhere: what a whole directory that was rolled back cannot know of.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::journal::head::{HeadForged, NotAHead, SignedHead};
use crate::recorder::Sequence;
use crate::signing::PublicKey;

/// A head could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// What is in the directory is no head.
    #[error(transparent)]
    NotAHead(#[from] NotAHead),
    /// Nobody signed it whom the directory names.
    #[error(transparent)]
    Forged(#[from] HeadForged),
    /// What is kept is later, or another journal's.
    #[error(
        "{} has a head of record {kept}, and the journal's is of record {now}: the journal was rolled back, or the anchor is \
         another journal's; see kagiban audit verify --anchor",
        path.display()
    )]
    Backwards {
        /// The file.
        path: PathBuf,
        /// The record of the kept one.
        kept: Sequence,
        /// The record of the journal's.
        now: Sequence,
    },
    /// The operating system's word.
    #[error("the anchor {} cannot be written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// The head of this text, signed by one of the keys.
///
/// # Errors
/// [`AnchorError::NotAHead`], [`AnchorError::Forged`]
pub fn read_head(text: &str, keys: &[PublicKey]) -> Result<SignedHead, AnchorError> {
    let head = SignedHead::parse(text)?;
    head.check(keys)?;
    Ok(head)
}

/// Writes the head to a file, whole or not at all, unless a later one is there: an anchor goes forwards only.
///
/// # Errors
/// [`AnchorError::Backwards`], [`AnchorError::Io`]. What is there and no head is replaced.
pub fn keep(head: &SignedHead, path: &Path) -> Result<(), AnchorError> {
    let failed = |source| AnchorError::Io { path: path.to_owned(), source };
    let kept = match fs::read_to_string(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => None,
        text => SignedHead::parse(&text.map_err(failed)?).ok(),
    };
    if let Some(kept) = kept.filter(|kept| !head.follows(kept)) {
        let (kept, now) = (kept.head.at.sequence, head.head.at.sequence);
        return Err(AnchorError::Backwards { path: path.to_owned(), kept, now });
    }
    replace(path, head.to_text().as_bytes()).map_err(failed)
}

/// Puts a file in the place of the one that is there, whole or not at all; for its owner only.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let making = path.with_added_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&making)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&making, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}
