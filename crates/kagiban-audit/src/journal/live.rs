//! Segments of the open journal: the one that is written, and how a record is found in any of them.

use std::sync::{Mutex, PoisonError};

use kagiban_mapped_file::MappedFile;

use crate::journal::frame::{Found, Frame};
use crate::journal::segment::{Frames, HEADER_LEN};
use crate::recorder::Sequence;

/// Every so many records, where one begins is remembered.
const MARK_EVERY: u64 = 64;

/// A segment with records, or the one that will have the next.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) index: u64,
    /// The place of its first record.
    pub(crate) first: Sequence,
    pub(crate) file: MappedFile,
    /// Where every [`MARK_EVERY`]th record begins, as far as readers came. A segment is shorter than 4 GiB.
    marks: Mutex<Vec<u32>>,
}

/// Where a reader is in a segment.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    segment: &'a Segment,
    frames: Frames<'a>,
    next: Sequence,
}

impl Segment {
    pub(crate) fn new(index: u64, first: Sequence, file: MappedFile) -> Self {
        Self { index, first, file, marks: Mutex::default() }
    }

    /// The place of the record at `sequence`, or the end of what is written if that is before it. `None` when the way there
    /// is damaged.
    pub(crate) fn find(&self, sequence: Sequence) -> Option<Place<'_>> {
        let mut place = self.nearest_mark(sequence);
        while place.next < sequence {
            match place.step() {
                Found::Frame(..) => {}
                Found::End => break,
                Found::Damaged => return None,
            }
        }
        Some(place)
    }

    fn nearest_mark(&self, sequence: Sequence) -> Place<'_> {
        let wanted = sequence.0.saturating_sub(self.first.0) / MARK_EVERY;
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        // The first is the segment's beginning and not kept.
        let known = wanted.min(marks.len() as u64);
        let at = usize::try_from(known).ok().and_then(|known| marks.get(known.checked_sub(1)?));
        let (known, offset) = at.map_or((0, HEADER_LEN), |offset| (known, *offset as usize));
        drop(marks);
        Place {
            segment: self,
            frames: Frames::at(self.file.bytes(), offset),
            next: Sequence(self.first.0.saturating_add(known.saturating_mul(MARK_EVERY))),
        }
    }

    fn remember(&self, sequence: Sequence, offset: usize) {
        let number = sequence.0.saturating_sub(self.first.0);
        if number == 0 || !number.is_multiple_of(MARK_EVERY) {
            return;
        }
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.len() as u64 + 1 == number / MARK_EVERY {
            marks.extend(u32::try_from(offset));
        }
    }
}

impl<'a> Place<'a> {
    /// The next record that is written; [`Found::Damaged`] also when it is not the next one or not whole.
    pub(crate) fn next_record(&mut self) -> Found<'a> {
        match self.step() {
            Found::Frame(frame, rest) if frame.is_whole() => Found::Frame(frame, rest),
            Found::End => Found::End,
            Found::Frame(..) | Found::Damaged => Found::Damaged,
        }
    }

    /// Where in the segment the next record begins.
    pub(crate) fn offset(&self) -> usize {
        self.frames.offset()
    }

    /// The next record, whatever its bytes.
    fn step(&mut self) -> Found<'a> {
        match self.frames.next_frame() {
            Found::Frame(Frame { sequence, .. }, _) if sequence != self.next => Found::Damaged,
            found @ Found::Frame(..) => {
                self.next = self.next.next();
                self.segment.remember(self.next, self.frames.offset());
                found
            }
            other => other,
        }
    }
}
