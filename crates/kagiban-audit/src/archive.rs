//! Archives: what becomes of the journal's records once there are enough of them. Compressed, indexed, signed, and kept.
//!
//! An archive holds whole blocks of the journal's chain, so that it proves the same as the journal did, and an index that
//! says which of its own blocks have records of a key, a principal and so on. `docs/audit-format.md` describes the file.
//! Archives are made once, whole, and never changed; [`Archiver`] alone removes them, when their time is over.

mod archiver;
mod block;
mod end;
mod floor;
mod format;
mod history;
mod index;
mod library;
mod name;
mod pairs;
mod rare;
mod read;
mod source;
mod terms;
#[cfg(test)]
mod tests;
mod use_rows;
mod use_search;
mod varint;
mod write;

use std::path::PathBuf;

pub use archiver::{ArchiveOptions, Archiver, RAW_BYTES, RETENTION_DAYS_MIN, Source};
pub(crate) use end::end;
pub use end::forged_end;
pub use floor::Floor;
pub(crate) use floor::SignedFloor;
pub(crate) use format::Place;
pub use format::{Footer, FooterPoint, Section, Sections};
pub use history::History;
pub(crate) use library::list as list_archives;
pub use library::{ArchiveFile, Library};
pub use name::{ArchiveName, file_name};
pub use read::Archive;
pub use use_search::{Period, UseQuery};
pub use write::ArchiveWriter;

use crate::recorder::{ReadError, Sequence};
use crate::signing::SigningFailed;

/// Something is wrong with an archive, or with what is to become one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is none, or not as it was made.
    #[error("the archive {} is damaged ({what})", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which part.
        what: &'static str,
    },
    /// The latest archive is of another journal, or not what its name says: what is archived cannot be told by it.
    #[error(
        "the archive {} is of another journal, or not the one that its name says: nothing is archived, and nothing leaves \
         the journal, until it is out of the way",
        .0.display()
    )]
    Foreign(PathBuf),
    /// There is nothing to be archived.
    #[error("there are no records to archive")]
    Empty,
    /// The operating system's word.
    #[error("archives of the audit cannot be read or written")]
    Io(#[from] std::io::Error),
    /// What the journal gave is not what its chain says.
    #[error("the audit journal's records from {0} on are not those of its chain; see kagiban audit verify")]
    NotTheRecords(Sequence),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The footer could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}
