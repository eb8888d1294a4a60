//! A segment: a file of raw records in their order, and how it is read, beside a running server or without one.

use std::path::Path;

use crate::journal::JournalId;
use crate::journal::callers::Callers;
use crate::journal::frame::{self, Found, Frame};
use crate::journal::header::{self, Common, Kind};
use crate::recorder::{Entry, Sequence};

/// What tells a segment from other files.
const KIND: Kind = Kind { magic: *b"KAGIJRNL", version: 1 };
/// The same where records may refer to others for their caller.
const KIND_CALLERS_ONCE: Kind = Kind { version: 2, ..KIND };
/// Bytes before the first frame.
pub const HEADER_LEN: usize = 64;

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SegmentHeader {
    /// The journal that it belongs to.
    pub journal: JournalId,
    /// Its number: 1, 2, 3 and so on in the order of their records. Its file is named by it.
    pub index: u64,
    /// Whether records in it may refer to others for their caller.
    pub callers_once: bool,
}

/// A file is no segment of a version that is known here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a segment of an audit journal, or one of a later version")]
pub struct NotASegment;

/// Why reading a segment stops.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// Nothing more was written.
    End,
    /// What comes after this record is damaged, torn, or no record at all.
    DamagedAfter(Sequence),
}

impl SegmentHeader {
    /// 64 bytes: magic (8), version (4), zero (4), journal (16), index (8), zero (20), CRC-32 of all before (4); little-endian.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let kind = if self.callers_once { KIND_CALLERS_ONCE } else { KIND };
        kind.encode(Common { journal: self.journal, index: self.index }, &[])
    }

    /// Reads the beginning of a segment.
    ///
    /// # Errors
    /// [`NotASegment`]
    pub fn decode(bytes: &[u8]) -> Result<Self, NotASegment> {
        let (header, Common { journal, index }, _) = header::split::<HEADER_LEN>(bytes)?;
        // There is one form of each header.
        let forms = [false, true].map(|callers_once| Self { journal, index, callers_once });
        forms.into_iter().find(|form| form.encode() == *header).ok_or(NotASegment)
    }
}

/// A whole segment file in memory, for readers without a server (and for those that start one).
#[derive(Debug)]
pub struct SegmentFile {
    /// What stands at its beginning.
    pub header: SegmentHeader,
    bytes: Vec<u8>,
}

/// A segment cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The operating system's word.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// See there.
    #[error(transparent)]
    NotASegment(#[from] NotASegment),
}

impl SegmentFile {
    /// Reads a segment; one that is being written to gives what is there now.
    ///
    /// # Errors
    /// [`SegmentError`]
    pub fn read(path: &Path) -> Result<Self, SegmentError> {
        Ok(Self::parse(std::fs::read(path)?)?)
    }

    /// A segment's bytes.
    ///
    /// # Errors
    /// [`NotASegment`]
    pub fn parse(bytes: Vec<u8>) -> Result<Self, NotASegment> {
        Ok(Self { header: SegmentHeader::decode(&bytes)?, bytes })
    }

    /// The place of the first record; `None` when there is none.
    pub fn first(&self) -> Option<Sequence> {
        Frames::of(&self.bytes).first_record()
    }

    /// The records as readers need them, up to the end or to the first that is not whole.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        let mut callers = Callers::of(&self.bytes);
        self.records().map(move |(sequence, bytes)| Entry { sequence, bytes: callers.whole(bytes).into() })
    }

    /// The records in their order as they were written, up to the end or to the first that is not whole.
    pub fn records(&self) -> Records<'_> {
        Frames::of(&self.bytes).records()
    }

    /// Bytes of the file.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds no record.
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }
}

/// Whether all bytes are zero: nothing was ever written there. Of many, and mostly they are.
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<256>();
    chunks.iter().all(|chunk| *chunk == [0; 256]) && rest.iter().all(|byte| *byte == 0)
}

/// Frames one after the other, whatever is in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frames<'a> {
    segment_len: usize,
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Those of a whole segment.
    pub(crate) fn of(segment: &'a [u8]) -> Self {
        Self::at(segment, HEADER_LEN)
    }

    /// Those from a place on, where a frame begins.
    pub(crate) fn at(segment: &'a [u8], offset: usize) -> Self {
        Self { segment_len: segment.len(), rest: segment.get(offset..).unwrap_or_default() }
    }

    /// Where the next frame begins.
    pub(crate) fn offset(&self) -> usize {
        self.segment_len.saturating_sub(self.rest.len())
    }

    /// The first record's place, if one begins here and is whole.
    pub(crate) fn first_record(mut self) -> Option<Sequence> {
        match self.next_frame() {
            Found::Frame(frame, _) if frame.is_whole() => Some(frame.sequence),
            _ => None,
        }
    }

    /// The frames as records.
    pub(crate) fn records(self) -> Records<'a> {
        Records { frames: self, last: None, stop: None }
    }

    /// The next frame; goes past it.
    pub(crate) fn next_frame(&mut self) -> Found<'a> {
        let found = frame::first(self.rest);
        if let Found::Frame(_, rest) = found {
            self.rest = rest;
        }
        found
    }
}

/// The records of a segment: `Frames` that are whole and have no gap between them.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    frames: Frames<'a>,
    last: Option<Sequence>,
    stop: Option<Stop>,
}

impl<'a> Records<'a> {
    /// Why there is no next one; `None` while there may be.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Bytes of the segment up to the end of the latest record given.
    pub fn bytes_read(&self) -> usize {
        self.frames.offset()
    }

    fn take(&mut self, found: Found<'a>) -> Option<Frame<'a>> {
        match found {
            Found::Frame(frame, _)
                if frame.is_whole() && self.last.is_none_or(|last| frame.sequence == last.next()) =>
            {
                self.last = Some(frame.sequence);
                return Some(frame);
            }
            Found::End => self.stop = Some(Stop::End),
            Found::Frame(..) | Found::Damaged => self.stop = Some(Stop::DamagedAfter(self.last.unwrap_or_default())),
        }
        None
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = (Sequence, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.stop.is_some() {
            return None;
        }
        let mut ahead = self.frames;
        let found = ahead.next_frame();
        let frame = self.take(found)?;
        self.frames = ahead;
        Some((frame.sequence, frame.bytes))
    }
}
