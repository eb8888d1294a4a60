//! Reading the open journal: durable records only.

use std::fs;
use std::io::ErrorKind;
use std::sync::PoisonError;

use async_trait::async_trait;

use crate::journal::Journal;
use crate::journal::blocks::BlockFile;
use crate::journal::callers::Callers;
use crate::journal::frame::Found;
use crate::journal::live::Segment;
use crate::journal::sift::Sifter;
use crate::recorder::{Entry, Follower, ReadError, Sequence, Sifted};
use crate::search::Sieve;

/// Records read so far, within a limit.
struct Reading {
    entries: Vec<Entry>,
    bytes_left: usize,
    durable: Sequence,
    /// Where the segment was read to.
    end: usize,
}

impl Reading {
    /// Whether there is room for more after these.
    fn take(&mut self, segment: &Segment, from: Sequence) -> Result<bool, ReadError> {
        let mut next = from.max(segment.first);
        let mut place = segment.find(next).ok_or(ReadError::Damaged(next))?;
        let mut callers = Callers::of(segment.file.bytes());
        while next <= self.durable {
            self.end = place.offset();
            match place.next_record() {
                Found::Frame(frame, _) => {
                    let bytes = callers.whole(frame.bytes);
                    if !self.entries.is_empty() && bytes.len() > self.bytes_left {
                        return Ok(false);
                    }
                    self.bytes_left = self.bytes_left.saturating_sub(bytes.len());
                    self.entries.push(Entry { sequence: frame.sequence, bytes: bytes.into() });
                    next = next.next();
                }
                Found::End => return Ok(true),
                Found::Damaged if self.entries.is_empty() => return Err(ReadError::Damaged(next)),
                // What is whole goes first.
                Found::Damaged => return Ok(false),
            }
        }
        Ok(false)
    }
}

/// Looks through the records of a segment up to `last`; `None` when there is no room for what was found.
fn sift(
    segment: &Segment,
    from: Sequence,
    last: Sequence,
    sieve: &Sieve<'_>,
    bytes_max: usize,
) -> Result<Option<(Sifted, End)>, ReadError> {
    let mut next = from.max(segment.first);
    let mut place = segment.find(next).ok_or(ReadError::Damaged(next))?;
    let mut sifter = Sifter::new(segment.file.bytes(), sieve, bytes_max);
    while next <= last {
        match place.next_record() {
            Found::Frame(frame, _) if !sifter.take(frame.sequence, frame.bytes) => return Ok(None),
            Found::Frame(..) => next = next.next(),
            Found::End => return Ok(Some((sifter.end(), End::Segment))),
            Found::Damaged => return Err(ReadError::Damaged(next)),
        }
    }
    Ok(Some((sifter.end(), End::At(place.offset()))))
}

/// Where a segment was read to.
enum End {
    /// To its end.
    Segment,
    /// To this byte.
    At(usize),
}

impl Journal {
    /// Bytes of the segments from the one on that holds `from`, or would hold it.
    pub(crate) fn bytes_from(&self, from: Sequence) -> u64 {
        self.shared.segments_from(from).iter().map(|segment| segment.file.len() as u64).sum()
    }

    /// The blocks of the chain in the block files from the one on that covers `from`, as they are on the disk now; a file that
    /// is being removed is left out.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn blocks(&self, from: Sequence) -> Result<Vec<BlockFile>, ReadError> {
        self.block_files(from).collect()
    }

    /// The same, each when it is asked for.
    pub(crate) fn block_files(&self, from: Sequence) -> impl Iterator<Item = Result<BlockFile, ReadError>> {
        self.shared.segments_from(from).into_iter().filter_map(|segment| {
            match fs::read(self.shared.files.blocks(segment.index)) {
                Ok(bytes) => Some(BlockFile::parse(&bytes).map_err(|_| ReadError::Damaged(segment.first))),
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => Some(Err(error.into())),
            }
        })
    }

    /// Keeps a copy, put aside, of each segment that has some of these records, unless there is one.
    pub(crate) fn keep_copy(&self, first: Sequence, last: Sequence) -> Result<(), ReadError> {
        for segment in self.shared.segments_from(first).iter().take_while(|segment| segment.first <= last) {
            let path = self.shared.files.segment(segment.index);
            let copy = path.with_added_extension("lost");
            if !copy.exists() {
                self.shared.disk.replace(&copy, segment.file.bytes())?;
                tracing::warn!(file = %copy.display(), "kept: records that no archive can have, as their proof was lost");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Follower for Journal {
    fn read(&self, from: Sequence, bytes_max: usize) -> Result<Vec<Entry>, ReadError> {
        let durable = self.shared.latest_durable();
        let from = from.max(Sequence(1));
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let mut reading = Reading { entries: Vec::new(), bytes_left: bytes_max, durable, end: 0 };
        for segment in self.shared.segments_from(from) {
            if !reading.take(&segment, from)? {
                // Readers go on: what they have is not asked for again.
                segment.file.unmap(reading.end);
                break;
            }
            self.shared.release(&segment);
        }
        Ok(reading.entries)
    }

    fn sift(
        &self,
        from: Sequence,
        last: Sequence,
        sieve: &Sieve<'_>,
        bytes_max: usize,
    ) -> Result<Option<Sifted>, ReadError> {
        let last = last.min(self.shared.latest_durable());
        let from = from.max(Sequence(1));
        if from < self.earliest() {
            return Err(ReadError::Gone(from));
        }
        let (mut all, mut bytes_left) = (Sifted::default(), bytes_max);
        for segment in self.shared.segments_from(from).iter().take_while(|segment| segment.first <= last) {
            let Some((some, end)) = sift(segment, from, last, sieve, bytes_left)? else { return Ok(None) };
            match end {
                End::Segment => self.shared.release(segment),
                End::At(end) => segment.file.unmap(end),
            }
            bytes_left = bytes_left.saturating_sub(some.bytes());
            all.append(some);
        }
        Ok(Some(all))
    }

    async fn reached(&self, sequence: Sequence) {
        let mut progress = self.shared.progress.subscribe();
        // The sender lives as long as the journal.
        _ = progress.wait_for(|now| now.durable >= sequence || now.is_stopped).await;
    }

    fn latest(&self) -> Sequence {
        self.shared.latest_durable()
    }

    fn earliest(&self) -> Sequence {
        let segments = self.shared.segments.read().unwrap_or_else(PoisonError::into_inner);
        segments.first().map_or(Sequence(1), |segment| segment.first)
    }
}
