//! What is there when the journal is opened: after a clean stop, after `kill -9`, after a power cut, after somebody's hands.
//!
//! Only the end can be torn by accident, and only beyond the head, which is signed after what it speaks of is durable. So
//! whatever is missing or damaged up to the head is a loss: it is named, and nothing is touched unless the operator accepts it.
//! Nothing that may hold a record is removed here at all: it is put aside.

mod chain;
mod segments;

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

use kagiban_mapped_file::MappedFile;

use crate::journal::blocks::ChainPoint;
use crate::journal::disk::Disk;
use crate::journal::files::{Files, aside};
use crate::journal::head::{HEAD_TEXT_MAX, SignedHead};
use crate::journal::live::Segment;
use crate::journal::{JournalId, OpenError, io_error};
use crate::recorder::Sequence;

/// Records that ought to be there and are not, or their proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Loss {
    /// What is missing.
    pub what: Lost,
    /// The first record that is missing or not proven.
    pub first: Sequence,
    /// How many; 0 when only the head itself is missing. Of a state that was put back, `first` is the record that the later head goes
    /// up to, and what is missing is named besides.
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
    /// The journal that the archives were made of: the one that is there is another.
    Journal,
    /// What a head that was kept elsewhere has, and the one that is there does not.
    RolledBack,
}

/// Where the journal was when its last archive was made: how far it went at least.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ArchivedEnd {
    /// Which journal.
    pub(crate) journal: JournalId,
    /// Where its chain was.
    pub(crate) at: ChainPoint,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.first.0.saturating_add(self.count).saturating_sub(1);
        match self.what {
            Lost::Records => write!(f, "records {} to {last} are missing or damaged", self.first),
            Lost::Proof => write!(f, "the proof of records {} to {last} is missing or damaged", self.first),
            Lost::Head => write!(f, "the signed head is missing or damaged"),
            Lost::RolledBack => write!(
                f,
                "it is in an older state than the head of record {} that was kept elsewhere: it was put back, or cut",
                self.first
            ),
            Lost::Journal => write!(f, "the archives are of another journal, which is gone"),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) journal: JournalId,
    /// The head on the disk, or a later one that was kept elsewhere; `None` when there is neither.
    pub(crate) head: Option<SignedHead>,
    is_head_lost: bool,
    /// Whether it is one that was kept elsewhere.
    is_put_back: bool,
    /// Where its archives end.
    archived: Option<ChainPoint>,
    /// Segments with records, oldest first.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// A segment that is ready and has no records.
    pub(crate) spare: Option<u64>,
    /// The highest number of a file.
    pub(crate) last_index: u64,
    /// The last record.
    pub(crate) tail: Sequence,
    /// Up to where losses are named.
    missed: Sequence,
    /// How far the chain goes.
    pub(crate) chain: ChainPoint,
    /// The segment whose block file ends there.
    pub(crate) file: Option<u64>,
    pub(crate) losses: Vec<Loss>,
    repairs: Vec<Repair>,
}

/// What is to be done to the files before they are used.
#[derive(Debug)]
enum Repair {
    /// Keeps a copy beside it.
    Keep(PathBuf),
    Trim {
        path: PathBuf,
        len: usize,
    },
    PutAside(PathBuf),
    Remove(PathBuf),
}

/// Looks at everything that is needed and changes nothing. `None` when there is no journal.
/// `kept` are heads that were kept elsewhere, of this journal or others.
pub(crate) fn look(
    files: &Files,
    archived: Option<ArchivedEnd>,
    kept: &[SignedHead],
) -> Result<Option<Recovered>, OpenError> {
    let head = read_head(files)?;
    let found = segments::find(files)?;
    let journal = head.as_ref().map(|head| head.head.journal);
    let journal = journal.or_else(|| found.iter().find_map(|segment| segment.journal));
    let Some(journal) = journal.or(archived.map(|end| end.journal)) else { return Ok(None) };
    let is_head_lost = head.is_none();
    let later = kept.iter().find(|kept| kept.head.journal == journal);
    let later = later.filter(|kept| head.as_ref().is_none_or(|head| !head.follows(kept)));
    let mut recovered = Recovered::of(journal, later.cloned().or(head));
    (recovered.is_head_lost, recovered.is_put_back) = (is_head_lost, later.is_some());
    match archived {
        Some(end) if end.journal == journal => recovered.archived = Some(end.at),
        Some(_) => recovered.miss_journal(files),
        None => {}
    }
    recovered.take_segments(found, files);
    recovered.take_chain(files)?;
    recovered.tell_of_rollback();
    Ok(Some(recovered))
}

fn read_head(files: &Files) -> Result<Option<SignedHead>, OpenError> {
    let path = files.head();
    match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read", &path)(error)),
        Ok(bytes) => {
            let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= HEAD_TEXT_MAX);
            let head = text.and_then(|text| SignedHead::parse(&text).ok());
            // A head that cannot be read, or says more than an unsigned one may, is none: it comes out as a loss.
            Ok(head.filter(|head| head.signature.is_some() || head.is_of_nothing()))
        }
    }
}

impl Recovered {
    /// One that was just made.
    pub(crate) fn new_journal(head: SignedHead) -> Self {
        Self::of(head.head.journal, Some(head))
    }

    fn of(journal: JournalId, head: Option<SignedHead>) -> Self {
        Self {
            journal,
            head,
            is_head_lost: false,
            is_put_back: false,
            archived: None,
            segments: Vec::new(),
            spare: None,
            last_index: 0,
            tail: Sequence(0),
            missed: Sequence(0),
            chain: ChainPoint::genesis(journal),
            file: None,
            losses: Vec::new(),
            repairs: Vec::new(),
        }
    }

    /// Whether nothing was ever recorded, as far as can be seen.
    pub(crate) fn is_of_nothing(&self) -> bool {
        let is_unsigned = self.head.as_ref().is_some_and(|head| head.signature.is_none());
        let is_empty = (self.tail, self.chain) == (Sequence(0), ChainPoint::genesis(self.journal));
        is_unsigned && is_empty && self.segments.is_empty() && self.losses.is_empty()
    }

    /// How far the journal goes by the word of the head, or of an archive that was made later.
    fn stated(&self) -> ChainPoint {
        let head = self.head.as_ref().map(|head| head.head.at);
        let known = head.into_iter().chain(self.archived).max_by_key(|point| point.blocks);
        known.unwrap_or_else(|| ChainPoint::genesis(self.journal))
    }

    /// Records up to here need not be there.
    fn forgotten(&self) -> Sequence {
        let archived = self.archived.map_or(Sequence(0), |end| end.sequence);
        self.head.as_ref().map_or(archived, |head| head.head.forgotten)
    }

    fn miss_records_up_to(&mut self, stated: Sequence) {
        let there = self.tail.max(self.missed);
        if let Some(count) = stated.0.checked_sub(there.0).filter(|count| *count > 0) {
            self.losses.push(Loss { what: Lost::Records, first: there.next(), count });
            self.missed = stated;
        }
    }

    /// What the archives are of is gone: they are not this journal's, and must not be taken for its beginning.
    fn miss_journal(&mut self, files: &Files) {
        self.losses.push(Loss { what: Lost::Journal, first: Sequence(1), count: 0 });
        self.repairs.push(Repair::PutAside(files.archives()));
    }

    /// Says why records are missing. When none are, only the head was put back, and the later one takes its place.
    fn tell_of_rollback(&mut self) {
        let head = self.head.as_ref().filter(|_| self.is_put_back && !self.is_head_lost);
        if let Some(first) = head.map(|head| head.head.at.sequence).filter(|_| !self.losses.is_empty()) {
            self.losses.insert(0, Loss { what: Lost::RolledBack, first, count: 0 });
        }
    }

    /// Makes the files what was found: cuts off torn ends, puts aside what is beyond the end.
    pub(crate) fn repair(&mut self, files: &Files, disk: &dyn Disk) -> Result<(), OpenError> {
        for repair in self.repairs.drain(..) {
            carry_out(repair, disk)?;
        }
        if let Some(head) = self.head.as_ref().filter(|_| self.is_put_back) {
            let path = files.head();
            disk.replace(&path, head.to_text().as_bytes()).map_err(io_error("write", &path))?;
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

fn carry_out(repair: Repair, disk: &dyn Disk) -> Result<(), OpenError> {
    match repair {
        Repair::Trim { path, len } => disk.trim(&path, len).map_err(io_error("trim", &path)),
        Repair::Remove(path) => disk.remove(&path).map_err(io_error("remove", &path)),
        Repair::Keep(path) => {
            let bytes = fs::read(&path).map_err(io_error("read", &path))?;
            disk.replace(&aside(&path), &bytes).map_err(io_error("copy", &path))
        }
        Repair::PutAside(path) => match disk.rename(&path, &aside(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            renamed => {
                tracing::warn!(file = %path.display(), "put aside: it is damaged, or beyond the end of the audit journal");
                renamed.map_err(io_error("rename", &path))
            }
        },
    }
}
