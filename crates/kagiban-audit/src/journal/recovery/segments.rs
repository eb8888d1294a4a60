//! The records: which segments there are, which of them belong to the journal, and how far they go.

use std::fs;
use std::sync::Arc;

use kagiban_mapped_file::MappedFile;

use super::{Loss, Lost, Recovered, Repair};
use crate::journal::files::Files;
use crate::journal::live::Segment;
use crate::journal::segment::{Frames, HEADER_LEN, SegmentHeader, is_blank};
use crate::journal::{JournalId, OpenError, io_error};
use crate::recorder::Sequence;

/// A segment file as it was found.
pub(super) struct Found {
    pub(super) index: u64,
    /// `None` when its beginning is damaged.
    pub(super) journal: Option<JournalId>,
    content: Content,
}

enum Content {
    /// It begins with this record.
    Records(Sequence, MappedFile),
    /// Nothing was written.
    Blank,
    /// Something was, and does not begin with a whole record.
    Damaged,
}

impl Found {
    fn first(&self) -> Option<Sequence> {
        match self.content {
            Content::Records(first, _) => Some(first),
            Content::Blank | Content::Damaged => None,
        }
    }
}

/// The segments in the order of their numbers.
pub(super) fn find(files: &Files) -> Result<Vec<Found>, OpenError> {
    let indices = files.indices().map_err(io_error("list", &files.segment(0)))?;
    indices.into_iter().map(|index| open(index, files)).collect()
}

/// Only what the file says makes it damaged: what the operating system refuses may be whole.
fn open(index: u64, files: &Files) -> Result<Found, OpenError> {
    let path = files.segment(index);
    let damaged = Found { index, journal: None, content: Content::Damaged };
    if fs::metadata(&path).map_err(io_error("read", &path))?.len() < HEADER_LEN as u64 {
        return Ok(damaged);
    }
    let file = MappedFile::open(&path).map_err(io_error("map", &path))?;
    let header = SegmentHeader::decode(file.bytes()).ok().filter(|header| header.index == index);
    let Some(header) = header else { return Ok(damaged) };
    let content = match Frames::of(file.bytes()).first_record() {
        Some(first) => Content::Records(first, file),
        None if is_blank(file.bytes().get(HEADER_LEN..).unwrap_or_default()) => Content::Blank,
        None => Content::Damaged,
    };
    Ok(Found { index, journal: Some(header.journal), content })
}

impl Recovered {
    /// Follows the records from the segment that holds the head's last one.
    pub(super) fn take_segments(&mut self, mut found: Vec<Found>, files: &Files) {
        self.last_index = found.last().map_or(0, |segment| segment.index);
        let journal = self.journal;
        found.retain(|segment| segment.journal.is_none_or(|id| id == journal));
        let stated = self.stated().sequence;
        let is_begun = |segment: &Found| segment.first().is_some_and(|first| first <= stated);
        let of_head = found.iter().rfind(|segment| is_begun(segment)).map(|segment| segment.index);
        self.tail = self.forgotten();
        let mut blank = Vec::new();
        let mut is_whole = true;
        for Found { index, content, .. } in found {
            match content {
                Content::Records(first, file) => {
                    is_whole &= self.take_segment(Segment::new(index, first, file), is_whole, of_head, files);
                }
                Content::Blank => blank.push(index),
                // Between others and before the head it is not looked for at a start, and left as it is.
                Content::Damaged if !self.segments.is_empty() && of_head > Some(index) => {}
                Content::Damaged => self.repairs.push(Repair::PutAside(files.segment(index))),
            }
        }
        self.take_spare(&blank, files);
        self.miss_records_up_to(stated);
        if self.is_head_lost {
            self.losses.push(Loss { what: Lost::Head, first: self.tail.max(self.missed).next(), count: 0 });
        }
    }

    /// Whether it belongs to the journal; else it is put aside.
    fn take_segment(&mut self, segment: Segment, is_whole: bool, of_head: Option<u64>, files: &Files) -> bool {
        let (index, first) = (segment.index, segment.first);
        let is_first = self.segments.is_empty();
        // Without a head nothing says where the records begin; and after an accepted loss they go on behind the head.
        let is_expected =
            is_first && self.head.is_none() || first == self.tail.next() || first == self.stated().sequence.next();
        if !(is_whole && (of_head >= Some(index) || is_expected)) {
            // Never durable: pages of it reached the disk by themselves, those of the segment before it did not.
            self.repairs.push(Repair::PutAside(files.segment(index)));
            return false;
        }
        if is_first || of_head < Some(index) {
            self.miss_records_up_to(Sequence(first.0.saturating_sub(1)));
        }
        if of_head <= Some(index) {
            self.follow(&segment, files);
        }
        self.segments.push(Arc::new(segment));
        true
    }

    /// Goes through a segment's records to the end, and cuts off what is behind it.
    fn follow(&mut self, segment: &Segment, files: &Files) {
        let mut records = Frames::of(segment.file.bytes()).records();
        for (sequence, _) in records.by_ref() {
            self.tail = sequence;
        }
        let path = files.segment(segment.index);
        let end = segment.file.bytes().get(records.bytes_read()..).unwrap_or_default();
        if !is_blank(end) {
            // What was recorded once is kept, readable or not.
            self.repairs.push(Repair::Keep(path.clone()));
        }
        // Also what is whole: trimming makes it durable, which it need not be yet.
        self.repairs.push(Repair::Trim { path, len: records.bytes_read() });
    }

    /// The first one that is behind all others goes on as the next segment: its block file may already say something.
    fn take_spare(&mut self, blank: &[u64], files: &Files) {
        let behind = |index: &u64| self.segments.last().is_none_or(|segment| segment.index < *index);
        let is_last = |index: &u64| (*index..=self.last_index).all(|later| blank.contains(&later));
        self.spare = blank.iter().copied().find(|index| behind(index) && is_last(index));
        let others = blank.iter().filter(|index| Some(**index) != self.spare);
        self.repairs.extend(others.map(|index| Repair::Remove(files.segment(*index))));
    }
}
