//! The journal's files as they are on the disk, without the server: for searches and for whoever verifies.
//!
//! Beside a running server it sees what the operating system has; what was just being written is not there yet.

use std::fs::{File, read_dir};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::journal::files::Files;
use crate::journal::segment::{SegmentError, SegmentFile};
use crate::recorder::{Entry, Follower, ReadError, Sequence};

/// Bytes of a segment that hold its first record, however long that is.
const FIRST_BYTES: u64 = 1 << 20;

/// A segment that is there.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Extent {
    first: Sequence,
    index: u64,
}

/// The journal of a directory, for reading.
#[derive(Debug)]
pub struct OfflineJournal {
    files: Files,
    extents: Vec<Extent>,
    latest: Sequence,
    /// The segment that was read last.
    loaded: Mutex<Option<Arc<Loaded>>>,
}

/// A segment in memory.
#[derive(Debug)]
struct Loaded {
    index: u64,
    entries: Vec<Entry>,
}

impl OfflineJournal {
    /// The journal under an audit directory, as it is now; empty when there is none.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let files = Files::new(directory);
        let mut journal = Self { files, extents: Vec::new(), latest: Sequence(0), loaded: Mutex::default() };
        for index in indices(&directory.join(Files::SEGMENTS), "records")? {
            // What cannot be read is for those who verify.
            journal.extents.extend(first_of(&journal.files.segment(index))?.map(|first| Extent { first, index }));
        }
        journal.extents.sort_unstable();
        if let Some(last) = journal.extents.last() {
            // One that is gone since is archived.
            let latest = journal.load(last.index)?.and_then(|loaded| loaded.entries.last().map(|entry| entry.sequence));
            journal.latest = latest.unwrap_or_default();
        }
        Ok(journal)
    }

    /// A segment's records; `None` when it is gone: a server has archived it meanwhile.
    fn load(&self, index: u64) -> io::Result<Option<Arc<Loaded>>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = loaded.as_ref().filter(|there| there.index == index) {
            return Ok(Some(Arc::clone(there)));
        }
        let entries = match SegmentFile::read(&self.files.segment(index)) {
            Ok(file) => file.entries().collect(),
            Err(SegmentError::NotASegment(_)) => Vec::new(),
            Err(SegmentError::Io(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(SegmentError::Io(error)) => return Err(error),
        };
        let read = Arc::new(Loaded { index, entries });
        *loaded = Some(Arc::clone(&read));
        Ok(Some(read))
    }
}

#[async_trait]
impl Follower for OfflineJournal {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        // The last that begins at or before it; after a gap, the next one.
        let at = self.extents.partition_point(|extent| extent.first <= from).saturating_sub(1);
        let mut bytes = 0usize;
        for extent in self.extents.iter().skip(at) {
            let loaded = self.load(extent.index)?.ok_or(ReadError::Gone(from.max(extent.first)))?;
            let skip = loaded.entries.partition_point(|entry| entry.sequence < from);
            let some = loaded.entries.iter().skip(skip).take_while(|entry| {
                let is_first = bytes == 0;
                bytes = bytes.saturating_add(entry.bytes.len());
                is_first || bytes <= bytes_max
            });
            let some: Vec<Entry> = some.cloned().collect();
            if !some.is_empty() {
                return Ok(some);
            }
        }
        Ok(Vec::new())
    }

    /// Nothing more comes.
    async fn reached(&self, _sequence: Sequence) {}

    fn latest(&self) -> Sequence {
        self.latest
    }

    fn earliest(&self) -> Sequence {
        self.extents.first().map_or(Sequence(1), |extent| extent.first)
    }
}

/// The place of a segment's first record; `None` when it has none, or is gone.
fn first_of(path: &Path) -> io::Result<Option<Sequence>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut beginning = Vec::new();
    file.take(FIRST_BYTES).read_to_end(&mut beginning)?;
    Ok(SegmentFile::parse(beginning).ok().and_then(|segment| segment.first()))
}

/// The numbers of the files with this extension, in their order; none when there is no directory.
pub(crate) fn indices(directory: &Path, extension: &str) -> io::Result<Vec<u64>> {
    let paths = list(directory)?;
    let numbered = paths.iter().filter_map(|path| index_of(path, extension));
    let mut indices: Vec<u64> = numbered.collect();
    indices.sort_unstable();
    Ok(indices)
}

/// What is in a directory; nothing when there is none.
pub(crate) fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    match read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// The number that a file is called by.
pub(crate) fn index_of(path: &Path, extension: &str) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let number = name.strip_suffix(extension)?.strip_suffix('.')?.parse().ok()?;
    (name == format!("{number:010}.{extension}")).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_numbered_files() {
        for (name, index) in [
            ("0000000001.records", Some(1)),
            ("12345678901.records", Some(12_345_678_901)),
            ("1.records", None),
            ("0000000001.records.new", None),
            ("0000000001.blocks", None),
            ("+000000001.records", None),
        ] {
            assert_eq!(index_of(Path::new(name), "records"), index, "{name}");
        }
    }
}
