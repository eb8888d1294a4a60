//! What is there when the journal is opened: after a clean stop, after `kill -9`, after a power cut, after somebody's hands.
//!
//! Only the end can be torn by accident, and only beyond the head, which is signed after what it speaks of is durable. So
//! whatever is missing or damaged up to the head is a loss: it is named, and nothing is touched unless the operator accepts it.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use kagiban_mapped_file::MappedFile;

use crate::journal::blocks::{BlockFile, ChainPoint};
use crate::journal::disk::Disk;
use crate::journal::files::{Files, aside};
use crate::journal::head::{HEAD_TEXT_MAX, SignedHead};
use crate::journal::live::Segment;
use crate::journal::segment::{Frames, SegmentHeader};
use crate::journal::{JournalId, OpenError, io_error};
use crate::recorder::Sequence;

/// Records that ought to be there and are not, or their proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Loss {
    /// What is missing.
    pub what: Lost,
    /// The first record that is missing or not proven.
    pub first: Sequence,
    /// How many; 0 when only the head itself is missing.
    pub count: u64,
}

/// What is missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lost {
    /// Records.
    Records,
    /// Blocks of the chain that lead to the signed head.
    Proof,
    /// The head.
    Head,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.first.0.saturating_add(self.count).saturating_sub(1);
        match self.what {
            Lost::Records => write!(f, "records {} to {last} are missing or damaged", self.first),
            Lost::Proof => write!(f, "the proof of records {} to {last} is missing or damaged", self.first),
            Lost::Head => write!(f, "the signed head is missing or damaged"),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) journal: JournalId,
    /// The head on the disk; `None` when there is none.
    pub(crate) head: Option<SignedHead>,
    /// Segments with records, oldest first.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// A segment that is ready and has no records.
    pub(crate) spare: Option<u64>,
    /// The highest number of a segment.
    pub(crate) last_index: u64,
    /// The last record.
    pub(crate) tail: Sequence,
    /// How far the chain goes.
    pub(crate) chain: ChainPoint,
    pub(crate) losses: Vec<Loss>,
    repairs: Vec<Repair>,
}

/// What is to be done to the files before they are used.
#[derive(Debug)]
enum Repair {
    Trim { path: std::path::PathBuf, len: usize },
    PutAside(std::path::PathBuf),
    Remove(std::path::PathBuf),
}

/// Looks at everything that is needed and changes nothing. `None` when there is no journal.
pub(crate) fn look(files: &Files) -> Result<Option<Recovered>, OpenError> {
    let head = read_head(files)?;
    let (found, unreadable) = find_segments(files)?;
    let journal = match (&head, found.first()) {
        (Some(head), _) => head.head.journal,
        (None, Some(segment)) => segment.journal,
        (None, None) => return Ok(None),
    };
    let mut recovered = Recovered {
        journal,
        head,
        segments: Vec::new(),
        spare: None,
        last_index: 0,
        tail: Sequence(0),
        chain: ChainPoint::genesis(journal),
        losses: Vec::new(),
        repairs: Vec::new(),
    };
    recovered.last_index = unreadable.last().copied().unwrap_or_default();
    unreadable.into_iter().for_each(|index| recovered.put_aside(index, files));
    recovered.take_segments(found, files);
    recovered.take_chain(files)?;
    Ok(Some(recovered))
}

/// A segment file as it was found.
struct Found {
    journal: JournalId,
    index: u64,
    file: MappedFile,
    /// `None` when it has no records.
    first: Option<Sequence>,
}

fn read_head(files: &Files) -> Result<Option<SignedHead>, OpenError> {
    let path = files.head();
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", &path)(error)),
        Ok(bytes) => {
            let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= HEAD_TEXT_MAX);
            // A head that cannot be read is none: it comes out as a loss.
            Ok(text.and_then(|text| SignedHead::parse(&text).ok()))
        }
    }
}

/// The segments in their order, and the numbers of those whose beginning is damaged.
fn find_segments(files: &Files) -> Result<(Vec<Found>, Vec<u64>), OpenError> {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for index in files.indices().map_err(io_error("list", &files.segment(0)))? {
        match open_segment(index, files) {
            Some(segment) => found.push(segment),
            None => unreadable.push(index),
        }
    }
    Ok((found, unreadable))
}

fn open_segment(index: u64, files: &Files) -> Option<Found> {
    let file = MappedFile::open(&files.segment(index)).ok()?;
    let header = SegmentHeader::decode(file.bytes()).ok().filter(|header| header.index == index)?;
    let first = Frames::of(file.bytes()).first_record();
    Some(Found { journal: header.journal, index, file, first })
}

impl Recovered {
    /// One that was just made.
    pub(crate) fn new_journal(head: SignedHead) -> Self {
        let journal = head.head.journal;
        Self {
            journal,
            head: Some(head),
            segments: Vec::new(),
            spare: None,
            last_index: 0,
            tail: Sequence(0),
            chain: ChainPoint::genesis(journal),
            losses: Vec::new(),
            repairs: Vec::new(),
        }
    }

    /// How far the head says that the journal goes.
    fn stated(&self) -> ChainPoint {
        self.head.as_ref().map_or_else(|| ChainPoint::genesis(self.journal), |head| head.head.at)
    }

    fn forgotten(&self) -> Sequence {
        self.head.as_ref().map_or(Sequence(0), |head| head.head.forgotten)
    }

    /// Follows the records from the segment that holds the head's last one.
    fn take_segments(&mut self, found: Vec<Found>, files: &Files) {
        let journal = self.journal;
        self.last_index = self.last_index.max(found.last().map_or(0, |segment| segment.index));
        let (started, empty): (Vec<_>, Vec<_>) =
            found.into_iter().filter(|segment| segment.journal == journal).partition(|segment| segment.first.is_some());
        let stated = self.stated().sequence;
        let from = started.iter().rposition(|segment| segment.first <= Some(stated));
        self.tail = self.forgotten();
        let mut is_whole = true;
        for (at, segment) in started.into_iter().enumerate() {
            let first = segment.first.unwrap_or_default();
            let is_before_head = from.is_some_and(|from| at <= from);
            // Without a head nothing says where the records begin.
            let is_free = at == 0 && self.head.is_none();
            // After an accepted loss the records go on behind the head.
            is_whole &= is_before_head || is_free || first == self.tail.next() || first == stated.next();
            if !is_whole {
                // Never durable: pages of it reached the disk by themselves, those of the segment before it did not.
                self.put_aside(segment.index, files);
                continue;
            }
            if at == 0 {
                self.miss_records_up_to(Sequence(first.0.saturating_sub(1)));
            }
            if !is_before_head || Some(at) == from {
                self.follow(&segment, files);
            }
            self.segments.push(Arc::new(Segment::new(segment.index, first, segment.file)));
        }
        self.spare = empty.iter().map(|segment| segment.index).find(|index| *index == self.last_index);
        let others = empty.iter().filter(|segment| Some(segment.index) != self.spare);
        self.repairs.extend(others.map(|segment| Repair::Remove(files.segment(segment.index))));
        self.miss_records_up_to(stated);
        if self.head.is_none() {
            self.losses.push(Loss { what: Lost::Head, first: self.tail.next(), count: 0 });
        }
    }

    /// Goes through a segment's records to the end, and cuts off what is behind it.
    fn follow(&mut self, segment: &Found, files: &Files) {
        let mut records = Frames::of(segment.file.bytes()).records();
        for (sequence, _) in records.by_ref() {
            self.tail = sequence;
        }
        // Also what is whole: trimming makes it durable, which it need not be yet.
        self.repairs.push(Repair::Trim { path: files.segment(segment.index), len: records.bytes_read() });
    }

    fn put_aside(&mut self, index: u64, files: &Files) {
        self.repairs.push(Repair::PutAside(files.segment(index)));
        self.repairs.push(Repair::PutAside(files.blocks(index)));
    }

    fn miss_records_up_to(&mut self, stated: Sequence) {
        if let Some(count) = stated.0.checked_sub(self.tail.0).filter(|count| *count > 0) {
            self.losses.push(Loss { what: Lost::Records, first: self.tail.next(), count });
        }
    }

    /// Follows the blocks beside the segments: the signed head must be on their way.
    fn take_chain(&mut self, files: &Files) -> Result<(), OpenError> {
        let stated = self.stated();
        let from = self.segments.iter().rposition(|segment| segment.first <= stated.sequence).unwrap_or(0);
        let segments: Vec<_> = self.segments.iter().skip(from).map(|s| (s.index, s.first)).collect();
        self.chain = stated;
        let mut passes_head = segments.first().is_none_or(|(_, first)| stated.sequence < *first);
        for (at, (index, _)) in segments.iter().copied().enumerate() {
            let path = files.blocks(index);
            let Some(file) = read_blocks(&path)?.filter(|file| file.header.journal == self.journal) else { break };
            if at == 0 {
                self.chain = file.header.before;
                passes_head = self.chain == stated;
            } else if self.chain != file.header.before {
                break;
            }
            let is_whole = self.follow_blocks(&file, &path, &mut passes_head);
            if !is_whole {
                break;
            }
        }
        if !passes_head && self.head.is_some() {
            // What leads to the head is not there. Its hash is signed, so the chain goes on from it.
            let proven = self.chain.sequence.min(stated.sequence);
            let count = (stated.sequence.0 - proven.0).max(1);
            let first = Sequence(stated.sequence.0.saturating_sub(count) + 1);
            self.losses.push(Loss { what: Lost::Proof, first, count });
            self.chain = stated;
            let paths = segments.iter().map(|(index, _)| files.blocks(*index));
            self.repairs.extend(paths.map(Repair::PutAside));
        }
        self.miss_records_up_to(self.chain.sequence);
        Ok(())
    }

    /// Whether the file was whole to its end.
    fn follow_blocks(&mut self, file: &BlockFile, path: &Path, passes_head: &mut bool) -> bool {
        let stated = self.stated();
        let mut whole_len = crate::journal::blocks::HEADER_LEN;
        for block in &file.blocks {
            let Some(after) = self.chain.after(block) else { break };
            self.chain = after;
            *passes_head |= after == stated;
            whole_len += block.encoded_len();
        }
        self.repairs.push(Repair::Trim { path: path.to_owned(), len: whole_len });
        whole_len == file.len
    }

    /// Makes the files what was found: cuts off torn ends, puts aside what is beyond the end.
    pub(crate) fn repair(&mut self, files: &Files, disk: &dyn Disk) -> Result<(), OpenError> {
        for repair in self.repairs.drain(..) {
            match repair {
                Repair::Trim { path, len } => disk.trim(&path, len).map_err(io_error("trim", &path))?,
                Repair::Remove(path) => disk.remove(&path).map_err(io_error("remove", &path))?,
                Repair::PutAside(path) => match disk.rename(&path, &aside(&path)) {
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    renamed => {
                        tracing::warn!(file = %path.display(), "put aside: it is beyond the end of the audit journal");
                        renamed.map_err(io_error("rename", &path))?;
                    }
                },
            }
        }
        // A mapping from before the cut must not be read beyond it.
        for segment in &mut self.segments {
            let path = files.segment(segment.index);
            let file = MappedFile::open(&path).map_err(io_error("map", &path))?;
            *segment = Arc::new(Segment::new(segment.index, segment.first, file));
        }
        Ok(())
    }
}

fn read_blocks(path: &Path) -> Result<Option<BlockFile>, OpenError> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", path)(error)),
        Ok(bytes) => Ok(BlockFile::parse(&bytes).ok()),
    }
}
