//! The journal's files as they are on the disk, without the server: for searches and for whoever verifies.
//!
//! Beside a running server it sees what the operating system has; what was just being written is not there yet.

use std::collections::VecDeque;
use std::fs::{self, File, read_dir};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use async_trait::async_trait;

use crate::journal::callers::Callers;
use crate::journal::files::Files;
use crate::journal::frame::Found;
use crate::journal::segment::{Frames, SegmentFile, SegmentHeader};
use crate::journal::sift::Sifter;
use crate::recorder::{Entry, Follower, ReadError, Sequence, Sifted};
use crate::search::Sieve;

/// Bytes of a segment that hold its first record, however long that is.
const FIRST_BYTES: u64 = 1 << 20;
/// Segments that are kept in memory: those at both ends of what a search looks through.
const LOADED_MAX: usize = 2;
/// Segments that are looked through at once: while one waits for the disk, another has the processor.
const THREADS: usize = 4;

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
    /// Segments that were read last.
    loaded: Mutex<VecDeque<Arc<Loaded>>>,
}

/// A segment in memory.
#[derive(Debug)]
struct Loaded {
    index: u64,
    bytes: Vec<u8>,
    first: Sequence,
    /// Where in the segment the records begin that are whole.
    offsets: Vec<u32>,
}

impl Loaded {
    fn new(index: u64, bytes: Vec<u8>) -> Self {
        let (mut records, mut first, mut offsets) = (Frames::of(&bytes).records(), None, Vec::new());
        let mut offset = records.bytes_read();
        while let (Some((sequence, _)), Ok(begin)) = (records.next(), u32::try_from(offset)) {
            first = first.or(Some(sequence));
            offsets.push(begin);
            offset = records.bytes_read();
        }
        Self { index, bytes, first: first.unwrap_or_default(), offsets }
    }

    fn latest(&self) -> Option<Sequence> {
        Some(Sequence(self.first.0.saturating_add(self.offsets.len().checked_sub(1)? as u64)))
    }

    /// The records from this one on, as they were written.
    fn records(&self, from: Sequence) -> impl Iterator<Item = (Sequence, &[u8])> {
        let skip = usize::try_from(from.0.saturating_sub(self.first.0)).unwrap_or(usize::MAX);
        let rest = self.offsets.get(skip..).unwrap_or_default();
        let mut frames = Frames::at(&self.bytes, rest.first().map_or(usize::MAX, |offset| *offset as usize));
        // That they are whole was seen before.
        rest.iter().map_while(move |_| match frames.next_frame() {
            Found::Frame(frame, _) => Some((frame.sequence, frame.bytes)),
            Found::End | Found::Damaged => None,
        })
    }

    fn sift(&self, from: Sequence, last: Sequence, sieve: &Sieve<'_>, bytes_max: usize) -> Option<Sifted> {
        let mut sifter = Sifter::new(&self.bytes, sieve, bytes_max);
        let mut records = self.records(from).take_while(|(sequence, _)| *sequence <= last);
        records.all(|(sequence, bytes)| sifter.take(sequence, bytes)).then(|| sifter.end())
    }
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
            let latest = journal.load(last.index)?.and_then(|loaded| loaded.latest());
            journal.latest = latest.unwrap_or_default();
        }
        Ok(journal)
    }

    /// A segment's records; `None` when it is gone: a server has archived it meanwhile. Kept for the next who asks.
    fn load(&self, index: u64) -> io::Result<Option<Arc<Loaded>>> {
        let found = self.find(index)?;
        if let Some(found) = &found {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            if loaded.iter().all(|there| there.index != index) {
                loaded.truncate(LOADED_MAX - 1);
                loaded.push_front(Arc::clone(found));
            }
        }
        Ok(found)
    }

    fn find(&self, index: u64) -> io::Result<Option<Arc<Loaded>>> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = loaded.iter().find(|there| there.index == index) {
            return Ok(Some(Arc::clone(there)));
        }
        drop(loaded);
        let bytes = match fs::read(self.files.segment(index)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        // What is no segment has no records.
        let bytes = if SegmentHeader::decode(&bytes).is_ok() { bytes } else { Vec::new() };
        Ok(Some(Arc::new(Loaded::new(index, bytes))))
    }

    /// The segments that have the records from `from` on. After a gap, the next one is the first.
    fn extents_from(&self, from: Sequence) -> impl Iterator<Item = &Extent> {
        let at = self.extents.partition_point(|extent| extent.first <= from).saturating_sub(1);
        self.extents.iter().skip(at)
    }
}

/// A part of a search.
#[derive(Clone, Copy)]
struct Share<'a> {
    journal: &'a OfflineJournal,
    from: Sequence,
    last: Sequence,
    sieve: &'a Sieve<'a>,
    bytes_max: usize,
}

impl Share<'_> {
    /// Looks through a segment; `is_kept` for one that is likely to be asked for again.
    fn sift(&self, extent: &Extent, is_kept: bool) -> Result<Option<Sifted>, ReadError> {
        let loaded = if is_kept { self.journal.load(extent.index) } else { self.journal.find(extent.index) };
        let loaded = loaded?.ok_or(ReadError::Gone(self.from.max(extent.first)))?;
        Ok(loaded.sift(self.from, self.last, self.sieve, self.bytes_max))
    }

    /// Looks through several segments at once, of which the first and the last may reach beyond what is asked for.
    fn sift_all(self, extents: &[&Extent]) -> Result<Option<Sifted>, ReadError> {
        let mut all = Sifted::default();
        let ends = [extents.first(), extents.last()].map(|end| end.map(|extent| extent.index));
        let sift = move |extent: &Extent| self.sift(extent, ends.contains(&Some(extent.index)));
        for some in extents.chunks(THREADS) {
            let outcomes: Vec<_> = match some {
                [one] => vec![sift(one)],
                _ => thread::scope(|scope| {
                    let threads: Vec<_> = some.iter().map(|extent| scope.spawn(move || sift(extent))).collect();
                    // A panic would be a bug; it is done here then, where it is seen.
                    threads
                        .into_iter()
                        .zip(some)
                        .map(|(thread, it)| thread.join().unwrap_or_else(|_| sift(it)))
                        .collect()
                }),
            };
            for outcome in outcomes {
                let Some(some) = outcome? else { return Ok(None) };
                all.append(some);
            }
            if all.bytes() > self.bytes_max {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }
}

#[async_trait]
impl Follower for OfflineJournal {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let (mut bytes, mut entries) = (0usize, Vec::new());
        for extent in self.extents_from(from) {
            let loaded = self.load(extent.index)?.ok_or(ReadError::Gone(from.max(extent.first)))?;
            let mut callers = Callers::of(&loaded.bytes);
            for (sequence, record) in loaded.records(from) {
                let whole = callers.whole(record);
                bytes = bytes.saturating_add(whole.len());
                if bytes > bytes_max && !entries.is_empty() {
                    break;
                }
                entries.push(Entry { sequence, bytes: whole.into() });
            }
            if !entries.is_empty() {
                break;
            }
        }
        Ok(entries)
    }

    fn sift(
        &self,
        from: Sequence,
        last: Sequence,
        sieve: &Sieve<'_>,
        bytes_max: usize,
    ) -> Result<Option<Sifted>, ReadError> {
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let extents: Vec<&Extent> = self.extents_from(from).take_while(|extent| extent.first <= last).collect();
        Share { journal: self, from, last, sieve, bytes_max }.sift_all(&extents)
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
