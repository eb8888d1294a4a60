//! The way along the chain, and what was found on it.

use std::path::{Path, PathBuf};

use kagiban_base::time::Timestamp;

use super::finding::{Extent, Finding, Note, What};
use super::{DeliveredCount, Progress, Report, segments};
use crate::archive::ArchiveFile;
use crate::journal::JournalId;
use crate::journal::blocks::{Block, BlockKind, ChainPoint};
use crate::journal::head::SignedHead;
use crate::recorder::Sequence;
use crate::signing::PublicKey;

/// Findings that are listed; more are counted.
const FINDINGS_MAX: usize = 10_000;

/// A place in the chain that is known from elsewhere.
#[derive(Debug)]
pub(super) struct Mark {
    kind: MarkKind,
    point: ChainPoint,
    is_passed: bool,
}

#[derive(Debug)]
enum MarkKind {
    Anchor(Box<str>),
    /// Where the archives end: the segments must come by there if they begin before.
    Archived,
    Head,
}

impl Mark {
    pub(super) fn head(head: &SignedHead) -> Self {
        Self { kind: MarkKind::Head, point: head.head.at, is_passed: false }
    }

    pub(super) fn anchor(name: &str, point: ChainPoint) -> Self {
        Self { kind: MarkKind::Anchor(name.into()), point, is_passed: false }
    }
}

/// An accepted loss, as a block states it.
#[derive(Debug)]
struct Stated {
    records: Option<Extent>,
    at: Timestamp,
    /// The number of its block; `None` when an archive has it, which is signed.
    number: Option<u64>,
    file: PathBuf,
}

/// A walk along the chain.
pub(super) struct Walk<'p> {
    directory: PathBuf,
    keys: Vec<PublicKey>,
    progress: &'p mut dyn FnMut(Progress),
    now: Progress,
    report: Report,
    journal: JournalId,
    /// Where the walk began.
    start: ChainPoint,
    at: ChainPoint,
    /// The last place on the way that somebody signed.
    signed: Sequence,
    /// Blocks up to there.
    signed_blocks: u64,
    marks: Vec<Mark>,
    /// Records that no block takes in, and where they are.
    unproven: Vec<(Extent, PathBuf)>,
    losses: Vec<Stated>,
    /// Blocks that the head covers, once the way has come by it.
    head_blocks: Option<u64>,
    torn: Vec<PathBuf>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(directory: PathBuf, keys: Vec<PublicKey>, progress: &'p mut dyn FnMut(Progress)) -> Self {
        let nowhere = ChainPoint { sequence: Sequence(0), blocks: 0, chain: [0; 32] };
        Self {
            directory,
            keys,
            progress,
            now: Progress::default(),
            report: Report::default(),
            journal: JournalId([0; 16]),
            start: nowhere,
            at: nowhere,
            signed: Sequence(0),
            signed_blocks: 0,
            marks: Vec::new(),
            unproven: Vec::new(),
            losses: Vec::new(),
            head_blocks: None,
            torn: Vec::new(),
        }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    pub(super) const fn journal(&self) -> JournalId {
        self.journal
    }

    pub(super) const fn at(&self) -> ChainPoint {
        self.at
    }

    /// The record that the head goes up to; 0 without a head.
    fn head(&self) -> Sequence {
        let head = self.marks.iter().find(|mark| matches!(mark.kind, MarkKind::Head));
        head.map_or(self.signed, |mark| mark.point.sequence)
    }

    pub(super) fn begin(&mut self, journal: JournalId, at: ChainPoint) {
        self.journal = journal;
        (self.start, self.at, self.signed, self.signed_blocks) = (at, at, at.sequence, at.blocks);
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
        self.pass();
    }

    pub(super) fn find(&mut self, what: What, records: Option<Extent>, file: Option<&Path>) {
        let file = file.map(|file| file.strip_prefix(&self.directory).unwrap_or(file).to_owned());
        let finding = Finding { what, records, file };
        if self.report.findings.len() >= FINDINGS_MAX {
            self.report.findings_more += 1;
        } else if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }

    pub(super) fn note(&mut self, note: Note) {
        // What is in an archive and still in the journal says it twice.
        if !self.report.notes.contains(&note) {
            self.report.notes.push(note);
        }
    }

    /// Whether what ends with this block was removed when its time was over.
    pub(super) const fn is_removed(&self, blocks: u64) -> bool {
        blocks <= self.start.blocks
    }

    /// Whether an archive has all blocks up to this number.
    pub(super) const fn is_archived(&self, blocks: u64) -> bool {
        blocks <= self.signed_blocks
    }

    /// Counts what there is to be read.
    pub(super) fn count_bytes(&mut self, archives: &[ArchiveFile]) -> std::io::Result<()> {
        for file in archives {
            self.now.bytes_all += file.path.metadata()?.len();
        }
        self.report.archives = archives.len() as u64;
        let (segments, bytes) = segments::count(&self.directory)?;
        self.report.segments = segments;
        self.now.bytes_all += bytes;
        Ok(())
    }

    /// Counts what there is to be read besides.
    pub(super) const fn count_more_bytes(&mut self, bytes: u64) {
        self.now.bytes_all += bytes;
    }

    pub(super) fn count_delivered(&mut self, count: DeliveredCount) {
        self.report.delivered.push(count);
    }

    pub(super) fn count_read(&mut self, bytes: u64) {
        self.now.bytes += bytes;
        (self.progress)(self.now);
    }

    pub(super) fn count_records(&mut self, records: u64) {
        self.now.records += records;
    }

    /// Comes to a file that says it begins at `before`. Whether nothing can be missing before it, `is_next` tells.
    pub(super) fn enter(&mut self, before: ChainPoint, is_next: bool, file: &Path) {
        let is_known = self.at.sequence == self.signed;
        if before.blocks < self.at.blocks && is_known {
            // What is in the archive is still in the journal too: both must be the same.
            self.marks.push(Mark { kind: MarkKind::Archived, point: self.at, is_passed: false });
        } else if before != self.at {
            let missing = Extent::new(self.at.sequence.next(), before.sequence);
            if let Some(missing) = missing {
                self.find(What::RecordsMissing, Some(missing), Some(file));
            }
            if missing.is_none() || is_next && !is_known {
                // Either what comes before was made anew, or what comes here: all since the last place that is sure.
                let since = Extent::new(self.signed.next(), before.sequence);
                self.find(What::ChainBroken, since.or(Some(Extent::one(before.sequence.next()))), Some(file));
            }
        }
        self.at = before;
        self.pass();
    }

    /// Follows a block, of an archive whose signature is right (`is_signed`) or not, or of the journal. Goes on behind it,
    /// whether it follows or not.
    pub(super) fn follow(&mut self, block: &Block, is_signed: bool, file: &Path) {
        if let BlockKind::LossAccepted { at } = &block.kind {
            let records = block.last().and_then(|last| Extent::new(block.first, last));
            let number = (!is_signed).then(|| self.at.blocks.saturating_add(1));
            self.losses.push(Stated { records, at: *at, number, file: file.to_owned() });
        }
        let last = block.last().unwrap_or(self.at.sequence);
        self.at = self.at.after(block).unwrap_or_else(|| {
            self.find(What::ChainBroken, Extent::new(block.first, last), Some(file));
            let sequence = if matches!(block.kind, BlockKind::Records { .. }) { last } else { self.at.sequence };
            ChainPoint { sequence, blocks: self.at.blocks.saturating_add(1), chain: block.chain }
        });
        self.pass();
    }

    /// Goes on at a place that somebody signed.
    pub(super) fn sign(&mut self, at: ChainPoint) {
        self.at = at;
        self.signed = self.signed.max(at.sequence);
        self.signed_blocks = self.signed_blocks.max(at.blocks);
        self.pass();
    }

    /// Compares with what is known of this place.
    fn pass(&mut self) {
        let (at, start) = (self.at, self.signed);
        let mut passed = Vec::new();
        for mark in self.marks.iter_mut().filter(|mark| !mark.is_passed && mark.point.blocks == at.blocks) {
            mark.is_passed = true;
            if mark.point == at && matches!(mark.kind, MarkKind::Head) {
                self.head_blocks = Some(at.blocks);
            }
            if mark.point != at {
                let what = match &mark.kind {
                    MarkKind::Anchor(name) => What::AnchorContradicts(name.clone()),
                    MarkKind::Archived | MarkKind::Head => What::ChainBroken,
                };
                // Somewhere between the last place that is sure and this one.
                passed.push((what, Extent::new(start.next().min(mark.point.sequence), mark.point.sequence)));
            }
        }
        for (what, records) in passed {
            self.find(what, records, None);
        }
    }

    /// Says that a block file does not end with a block. The last one of a server that runs may just be written.
    pub(super) fn torn(&mut self, file: &Path) {
        self.torn.push(file.to_owned());
    }

    /// Records that are there and in no block.
    pub(super) fn unproven(&mut self, records: Extent, file: &Path) {
        self.unproven.push((records, file.to_owned()));
    }

    /// Comes to the end of what there is.
    pub(super) fn end(&mut self, is_running: bool) {
        let head = self.head();
        self.end_marks(head);
        // Only the last can be.
        _ = self.torn.pop_if(|_| is_running);
        for torn in std::mem::take(&mut self.torn) {
            self.find(What::ProofMissing, None, Some(&torn));
        }
        for (records, file) in std::mem::take(&mut self.unproven) {
            self.end_unproven(records, &file, head, is_running);
        }
        // Blocks after the head prove nothing: whoever adds records can add those too.
        if let Some(added) = Extent::new(head.next(), self.at.sequence) {
            let file = self.directory.join("journal");
            self.end_unproven(added, &file, head, is_running);
        }
        let losses = self.accepted_losses(is_running);
        self.report.findings.retain(|finding| {
            let is_loss = matches!(
                finding.what,
                What::RecordsMissing | What::TailMissing | What::ProofMissing | What::RecordsUnreadable
            );
            let Some(records) = finding.records.filter(|_| is_loss) else { return true };
            !losses.iter().any(|loss| loss.covers(&records))
        });
        self.report.proven = Extent::new(self.start.sequence.next(), head.min(self.at.sequence));
    }

    /// The extents of losses that were accepted. Whoever can write here can state one: a head or an archive must cover it.
    fn accepted_losses(&mut self, is_running: bool) -> Vec<Extent> {
        let mut accepted = Vec::new();
        for Stated { records, at, number, file } in std::mem::take(&mut self.losses) {
            if number.is_none_or(|number| self.head_blocks.is_some_and(|blocks| number <= blocks)) {
                accepted.extend(records);
                self.note(Note::LossAccepted { records, at });
            } else if !is_running {
                self.find(What::Added, records, Some(&file));
            }
        }
        joined(accepted)
    }

    fn end_unproven(&mut self, records: Extent, file: &Path, head: Sequence, is_running: bool) {
        if is_running && records.first > head {
            self.note(Note::NotYetProven(records));
        } else if records.first > head {
            self.find(What::Added, Some(records), Some(file));
        } else {
            self.find(What::ProofMissing, Some(records), Some(file));
        }
    }

    fn end_marks(&mut self, head: Sequence) {
        let (start, end) = (self.start, self.at);
        for mark in std::mem::take(&mut self.marks) {
            let (point, beyond) = (mark.point, Extent::new(end.sequence.next(), mark.point.sequence));
            match mark.kind {
                MarkKind::Anchor(name) if !mark.is_passed && point.blocks < start.blocks => {
                    self.note(Note::AnchorTooOld(name));
                }
                MarkKind::Anchor(name) if !mark.is_passed || point.sequence > head => {
                    let beyond = Extent::new(head.min(end.sequence).next(), point.sequence);
                    self.find(What::RolledBack(name), beyond, None);
                }
                MarkKind::Head if !mark.is_passed => match beyond {
                    Some(beyond) => self.find(What::TailMissing, Some(beyond), None),
                    None => self.find(What::ProofMissing, Some(Extent::one(point.sequence)), None),
                },
                MarkKind::Archived if !mark.is_passed => {
                    self.find(What::ChainBroken, Some(Extent::one(point.sequence)), None);
                }
                MarkKind::Anchor(_) | MarkKind::Archived | MarkKind::Head => {}
            }
        }
    }

    pub(super) fn into_report(mut self, head_time: Option<Timestamp>) -> Report {
        self.report.records = self.now.records;
        self.report.head_time = head_time;
        self.report
    }
}

/// The same records in as few extents as can be.
fn joined(mut extents: Vec<Extent>) -> Vec<Extent> {
    extents.sort_unstable();
    let mut joined: Vec<Extent> = Vec::new();
    for extent in extents {
        match joined.last_mut().filter(|last| extent.first <= last.last.next()) {
            Some(last) => last.last = last.last.max(extent.last),
            None => joined.push(extent),
        }
    }
    joined
}
