//! Opening a journal: a new one, or the one that is there.

use std::io;
use std::sync::{Arc, Mutex};

use kagiban_base::random::{Random, public_array};
use kagiban_base::time::Clock;
use kagiban_mapped_file::Writer;

use crate::archive;
use crate::journal::blocks::ChainPoint;
use crate::journal::chain::Chain;
use crate::journal::disk::{Disk, RealDisk};
use crate::journal::files::Files;
use crate::journal::head::{Head, SignedHead};
use crate::journal::live::Segment;
use crate::journal::recovery::{self, Lost, Recovered};
use crate::journal::segment::{HEADER_LEN, SegmentHeader};
use crate::journal::shared::{Parts, Shared};
use crate::journal::spare::{self, Spare, SpareSlot};
use crate::journal::sync::SyncPoint;
use crate::journal::tail::{Tail, stamp};
use crate::journal::{Journal, JournalId, OpenError, Options, Origin, io_error, threads};
use crate::recorder::Sequence;

impl Journal {
    /// Opens the journal in a directory, or makes it. Blocks on the disk; reads the records since the last head.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(options: Options, clock: Arc<dyn Clock>, random: &dyn Random) -> Result<Self, OpenError> {
        Self::open_on(options, clock, random, Arc::new(RealDisk))
    }

    /// The same on a disk of one's own.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open_on(
        options: Options,
        clock: Arc<dyn Clock>,
        random: &dyn Random,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, OpenError> {
        let files = Files::new(&options.directory);
        let lock = files.lock().map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::Busy(options.directory.clone()),
            _ => io_error("lock", &options.directory)(error),
        })?;
        let archived = archive::end(&files.archives()).map_err(io_error("list", &files.archives()))?;
        let found = recovery::look(&files, archived, &options.kept)?;
        let is_new = found.as_ref().is_none_or(Recovered::is_of_nothing);
        let recovered = match found {
            Some(recovered) => accept(recovered, &options, &files, &*disk)?,
            None => Recovered::new_journal(create(&*clock, random, &files, &*disk)?),
        };
        let is_loss_stated = recovered.losses.iter().any(|loss| matches!(loss.what, Lost::Head | Lost::Journal));
        let origin = Origin { is_new, is_loss_stated };
        let begun = begin(recovered, options, Begin { files, disk, clock })?;
        let Begun { parts, synced, chain } = begun;
        let shared = Arc::new(Shared::new(parts));
        let threads =
            threads::start(&shared, synced, chain).map_err(io_error("start threads of", &shared.options.directory))?;
        Ok(Self { shared, threads: Mutex::new(threads), origin, _lock: lock })
    }
}

/// What the journal is put on.
struct Begin {
    files: Files,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
}

/// All that runs.
struct Begun {
    parts: Parts,
    synced: SyncPoint,
    chain: Chain,
}

fn create(clock: &dyn Clock, random: &dyn Random, files: &Files, disk: &dyn Disk) -> Result<SignedHead, OpenError> {
    let journal = JournalId(public_array(random)?);
    let head = unsigned(journal, clock);
    // Before any record: a journal without a head is one that somebody took the head of.
    let path = files.head();
    disk.replace(&path, head.to_text().as_bytes()).map_err(io_error("write", &path))?;
    Ok(head)
}

fn unsigned(journal: JournalId, clock: &dyn Clock) -> SignedHead {
    let at = ChainPoint::genesis(journal);
    SignedHead { head: Head { journal, at, forgotten: Sequence(0), time: clock.now() }, signature: None }
}

/// Refuses a journal with losses, unless they are accepted.
fn accept(mut found: Recovered, options: &Options, files: &Files, disk: &dyn Disk) -> Result<Recovered, OpenError> {
    if !found.losses.is_empty() && !options.accept_loss {
        return Err(OpenError::Lost { directory: options.directory.clone(), losses: found.losses });
    }
    for loss in &found.losses {
        tracing::error!(%loss, "the audit journal goes on with a loss that the operator has accepted");
    }
    found.repair(files, disk)?;
    Ok(found)
}

fn begin(mut found: Recovered, options: Options, on: Begin) -> Result<Begun, OpenError> {
    // In place of one that is missing: as unsigned as that of a new journal.
    let head = found.head.take().unwrap_or_else(|| unsigned(found.journal, &*on.clock));
    let last = found.tail.max(head.head.at.sequence).max(found.chain.sequence);
    let next = last.next();
    let latest_len = found.segments.last().map_or(0, |segment| segment.file.len());
    let Spare { index, writer, callers_once } = first_segment(&found, latest_len, &options, &on)?;
    let mut segments = found.segments;
    // What an accepted loss took from the beginning is not to be looked for again.
    let is_lossy = !found.losses.is_empty();
    let earliest = segments.first().map_or(next, |segment| segment.first);
    let forget = if is_lossy { Sequence(earliest.0.saturating_sub(1)) } else { head.head.forgotten };
    segments.push(Arc::new(Segment::new(index, next, writer.file().clone())));
    let chain = Chain::new(found.chain, found.file, found.losses);
    // What was found is read from the disk, and what of it is not durable yet was synced when its end was cut off.
    let synced = SyncPoint { durable: last, index, len: HEADER_LEN };
    let spare = SpareSlot::new(index.saturating_add(1), writer.file().capacity());
    let parts = Parts {
        files: on.files,
        disk: on.disk,
        clock: on.clock,
        options,
        segments,
        tail: Tail { writer, next, stamp: stamp(callers_once) },
        forget: forget.max(head.head.forgotten),
        head,
        spare,
    };
    Ok(Begun { parts, synced, chain })
}

fn first_segment(found: &Recovered, latest_len: usize, options: &Options, on: &Begin) -> Result<Spare, OpenError> {
    if let Some(index) = found.spare {
        let path = on.files.segment(index);
        let writer = Writer::open(&path, HEADER_LEN).map_err(io_error("map", &path))?;
        // What it was made for counts: its header may be durable already.
        let callers_once = SegmentHeader::decode(writer.file().bytes()).is_ok_and(|header| header.callers_once);
        return Ok(Spare { index, writer, callers_once: callers_once && options.callers_once });
    }
    let index = found.last_index.saturating_add(1);
    let len = spare::next_len(latest_len, options);
    let made = spare::make(index, len, options, &on.files, found.journal, &*on.disk);
    let made = made.map(|writer| Spare { index, writer, callers_once: options.callers_once });
    made.map_err(io_error("make", &on.files.segment(index)))
}
