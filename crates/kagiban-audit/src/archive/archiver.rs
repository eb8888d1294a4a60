//! Moves records from the journal into archives, and removes archives whose time is over.
//!
//! What it does follows from what is there: it may be stopped at any moment and begun again. A record leaves the journal only
//! when an archive that has it is on the disk, whole.

use std::fmt;
use std::fs::remove_file;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kagiban_base::time::{Clock, DAY_MS, Timestamp};

use super::ArchiveError;
use super::floor::{Floor, SignedFloor};
use super::library::Library;
use super::name::ArchiveName;
use super::read::Archive;
use super::write::{ArchiveWriter, sync_directories};
use crate::journal::JournalId;
use crate::journal::blocks::{Block, BlockKind, ChainPoint};
use crate::record::Record;
use crate::recorder::{Entry, Follower, ReadError, Sequence};
use crate::signing::Signer;

/// Bytes of records in an archive, unless its hour ends before: a million records or more.
pub const RAW_BYTES: u64 = 1 << 30;
/// Days for which archives are kept at least.
pub const RETENTION_DAYS_MIN: u32 = 90;
/// Bytes that are asked of the journal at a time.
const READ_BYTES: usize = 1 << 20;
const HOUR_MS: i64 = 3_600_000;

/// What an archiver needs of a journal.
pub trait Source: Follower {
    /// The journal's id.
    fn journal(&self) -> JournalId;

    /// The next blocks of the chain after `point` (counted by their number), as many as are at hand, and where the chain is
    /// before the first of them: at `point`, unless an accepted loss lies between. `None` when there are none yet.
    ///
    /// # Errors
    /// [`ReadError`]
    fn blocks_after(&self, point: &ChainPoint) -> Result<Option<(ChainPoint, Vec<Block>)>, ReadError>;

    /// About how many bytes of records come after `sequence`.
    fn bytes_after(&self, sequence: Sequence) -> u64;

    /// The blocks that state accepted losses, of what is not archived.
    ///
    /// # Errors
    /// [`ReadError`]
    fn losses(&self) -> Result<Vec<Block>, ReadError>;

    /// Keeps a copy, out of the way, of the files that have records from `first` to `last`: no archive has them.
    ///
    /// # Errors
    /// [`ReadError`]
    fn keep(&self, first: Sequence, last: Sequence) -> Result<(), ReadError>;

    /// Lets go of the records up to this one.
    ///
    /// # Errors
    /// [`ReadError`]
    fn forget(&self, through: Sequence) -> Result<(), ReadError>;
}

/// When archives are made, and how long they are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArchiveOptions {
    /// Bytes of records after which an archive is made, even within an hour.
    pub raw_bytes: u64,
    /// Days for which archives are kept, at least [`RETENTION_DAYS_MIN`]; `None` for ever.
    pub retention_days: Option<u32>,
}

impl Default for ArchiveOptions {
    fn default() -> Self {
        Self { raw_bytes: RAW_BYTES, retention_days: None }
    }
}

/// Makes archives.
pub struct Archiver {
    library: Arc<Library>,
    source: Arc<dyn Source>,
    signer: Arc<dyn Signer>,
    clock: Arc<dyn Clock>,
    options: ArchiveOptions,
    /// Whether the names of the archives that were found are durable.
    is_synced: AtomicBool,
}

impl Archiver {
    /// An archiver of one journal. There must be one only.
    pub fn new(
        library: Arc<Library>,
        source: Arc<dyn Source>,
        signer: Arc<dyn Signer>,
        clock: Arc<dyn Clock>,
        options: ArchiveOptions,
    ) -> Self {
        Self { library, source, signer, clock, options, is_synced: AtomicBool::new(false) }
    }

    /// Does what is due: makes an archive, or none. To be called again at once after `Some`, and else after a while. Takes seconds.
    ///
    /// # Errors
    /// [`ArchiveError`]; everything is as before, and the next call tries again.
    pub fn run(&self) -> Result<Option<ArchiveName>, ArchiveError> {
        self.library.refresh()?;
        let point = self.archived()?;
        // The last run may have ended before it came to this.
        self.forget()?;
        let made = self.make_due(&point)?;
        if made.is_some() {
            self.library.refresh()?;
            self.forget()?;
        }
        // Last: an old archive that cannot be read keeps nothing from being archived, and is told when nothing else is.
        let removed = self.remove_old();
        if made.is_none() {
            removed?;
        }
        Ok(made)
    }

    /// Lets the journal go of what is archived. What cannot be archived, as its proof was lost, is put aside before.
    fn forget(&self) -> Result<(), ArchiveError> {
        let (files, mut next) = (self.library.files(), self.source.earliest());
        let Some(last) = files.last().filter(|file| file.last >= next) else { return Ok(()) };
        if !self.is_synced.load(Ordering::Acquire) {
            sync_directories(self.library.directory(), &last.path)?;
            self.is_synced.store(true, Ordering::Release);
        }
        for file in files.iter().filter(|file| file.last >= self.source.earliest()) {
            if file.first > next {
                self.keep(next, Sequence(file.first.0.saturating_sub(1)))?;
            }
            next = file.last.next();
        }
        Ok(self.source.forget(last.last)?)
    }

    fn keep(&self, first: Sequence, last: Sequence) -> Result<(), ArchiveError> {
        let is_there = match self.source.read(first, 1) {
            Ok(entries) => entries.first().is_some_and(|entry| entry.sequence <= last),
            // What cannot be read may yet say something to somebody.
            Err(ReadError::Damaged(_)) => true,
            Err(error) => return Err(error.into()),
        };
        if is_there { Ok(self.source.keep(first, last)?) } else { Ok(()) }
    }

    fn make_due(&self, point: &ChainPoint) -> Result<Option<ArchiveName>, ArchiveError> {
        let archived = self.library.last();
        // After an accepted loss the next record has a later place.
        let next = self.source.read(archived.next().max(self.source.earliest()), 1)?;
        let Some(began) = next.first().map(hour_of) else { return Ok(None) };
        let is_over = began < hour(self.clock.now());
        if !is_over && self.source.bytes_after(archived) < self.options.raw_bytes {
            return Ok(None);
        }
        self.make(point, began)
    }

    /// Where the chain is after what is archived. Only what is archived of this journal may leave it.
    fn archived(&self) -> Result<ChainPoint, ArchiveError> {
        let (directory, journal) = (self.library.directory(), self.source.journal());
        let Some(file) = self.library.files().last().cloned() else {
            let Some(signed) = SignedFloor::read(directory)? else { return Ok(ChainPoint::genesis(journal)) };
            let before = signed.floor.before().filter(|_| signed.floor.journal() == Some(journal));
            return before.ok_or_else(|| ArchiveError::Foreign(directory.to_owned()));
        };
        let archive = Archive::open(&file.path)?;
        let footer = archive.footer();
        if footer.journal() != Some(journal) || footer.last() != file.last {
            return Err(ArchiveError::Foreign(file.path));
        }
        footer.after.point().ok_or_else(|| archive.damaged("footer"))
    }

    /// Makes the archive of what comes after `point` and began in this hour.
    fn make(&self, point: &ChainPoint, began: i64) -> Result<Option<ArchiveName>, ArchiveError> {
        let Some((before, blocks)) = self.source.blocks_after(point)? else { return Ok(None) };
        let mut writer = ArchiveWriter::begin(self.library.directory(), self.source.journal(), before)?;
        let mut next = Some((before, blocks));
        while let Some((_, blocks)) = next.take_if(|(before, _)| *before == writer.after()) {
            if self.add_blocks(&mut writer, &blocks, began)?.is_break() {
                break;
            }
            next = self.source.blocks_after(&writer.after())?;
        }
        match writer.finish(&*self.signer, self.clock.now()) {
            Err(ArchiveError::Empty) => Ok(None),
            made => made.map(Some),
        }
    }

    /// Adds blocks as long as they belong into the archive.
    fn add_blocks(
        &self,
        writer: &mut ArchiveWriter,
        blocks: &[Block],
        began: i64,
    ) -> Result<ControlFlow<()>, ArchiveError> {
        for block in blocks {
            let entries = self.records_of(block)?;
            let is_of_hour = entries.first().is_none_or(|entry| hour_of(entry) <= began);
            let is_enough = writer.raw_bytes() >= self.options.raw_bytes || writer.is_full();
            if writer.raw_bytes() > 0 && (!is_of_hour || is_enough) {
                return Ok(ControlFlow::Break(()));
            }
            match entries.len() as u64 == block.count || matches!(block.kind, BlockKind::LossAccepted { .. }) {
                true => writer.add(block, &entries)?,
                false => {
                    self.check_lost(block, &entries)?;
                    writer.add_rest(block, &entries)?;
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn records_of(&self, block: &Block) -> Result<Vec<Entry>, ArchiveError> {
        let mut entries: Vec<Entry> = Vec::new();
        if matches!(block.kind, BlockKind::LossAccepted { .. }) {
            return Ok(entries);
        }
        let last = block.last().unwrap_or_default();
        let mut at = block.first;
        while at <= last {
            let mut more = self.source.read(at, READ_BYTES)?;
            more.retain(|entry| entry.sequence <= last);
            let Some(newest) = more.last() else { break };
            at = newest.sequence.next();
            entries.append(&mut more);
        }
        Ok(entries)
    }

    /// That what `entries` lack of a block is what an accepted loss took.
    fn check_lost(&self, block: &Block, entries: &[Entry]) -> Result<(), ArchiveError> {
        let losses = self.source.losses()?;
        let is_lost = |at: &Sequence| losses.iter().any(|loss| loss.first <= *at && loss.last() >= Some(*at));
        let is_there = |at: &Sequence| entries.binary_search_by_key(at, |entry| entry.sequence).is_ok();
        let places = block.first.0..=block.last().unwrap_or_default().0;
        let missing = places.map(Sequence).find(|at| !is_there(at) && !is_lost(at));
        missing.map_or(Ok(()), |at| Err(ReadError::Damaged(at).into()))
    }

    /// Removes the archives whose records are all older than they must be kept, after saying so.
    fn remove_old(&self) -> Result<(), ArchiveError> {
        let Some(days) = self.options.retention_days else { return Ok(()) };
        let days = i64::from(days.max(RETENTION_DAYS_MIN));
        let now = self.clock.now();
        let kept_from = now.plus_ms(-days.saturating_mul(DAY_MS));
        let (files, mut old, mut floor) = (self.library.files(), Vec::new(), None);
        for file in files.iter() {
            let archive = Archive::open(&file.path)?;
            if archive.footer().newest() >= kept_from {
                break;
            }
            floor = archive.footer().after.point();
            old.push(file);
        }
        if let Some(floor) = floor {
            Floor::write(self.library.directory(), self.source.journal(), floor, &*self.signer, now)?;
            for file in old {
                remove_file(&file.path)?;
            }
            self.library.refresh()?;
        }
        Ok(())
    }
}

impl fmt::Debug for Archiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archiver").field("options", &self.options).finish_non_exhaustive()
    }
}

fn hour_of(entry: &Entry) -> i64 {
    // What cannot be read belongs to any hour: to the first.
    Record::decode(&entry.bytes).map_or(i64::MIN, |record| hour(record.time))
}

fn hour(time: Timestamp) -> i64 {
    time.unix_ms().div_euclid(HOUR_MS)
}
