//! Hashing durable records into the chain, and signing its head.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::journal::blocks::{Block, BlockFileHeader, ChainPoint, RECORDS_MAX, leaf_of};
use crate::journal::frame::Found;
use crate::journal::head::Head;
use crate::journal::live::Segment;
use crate::journal::recovery::Loss;
use crate::journal::shared::Shared;
use crate::recorder::Sequence;

/// How far the chain is.
#[derive(Debug)]
pub(crate) struct Chain {
    point: ChainPoint,
    /// To be stated.
    losses: Vec<Loss>,
    /// The segment whose block file is there and ends at `point`.
    file: Option<u64>,
}

impl Chain {
    /// Goes on from `point`, where the block file of segment `file` ends.
    pub(crate) fn new(point: ChainPoint, file: Option<u64>, losses: Vec<Loss>) -> Self {
        Self { point, losses, file }
    }

    /// Hashes what is durable, writes the blocks down and signs the head.
    ///
    /// # Errors
    /// Why the journal has to stop.
    pub(crate) fn advance(&mut self, shared: &Shared) -> Result<(), String> {
        let durable = shared.latest_durable();
        if self.point.sequence < durable {
            let segments = shared.segments_from(self.point.sequence.next());
            for segment in &segments {
                self.hash_segment(segment, durable, shared)?;
            }
            segments.iter().for_each(|segment| shared.release(segment));
        }
        self.state_losses(shared)?;
        self.sign(shared)
    }

    /// States losses where the next record's block will be, before a head is signed that covers what is missing.
    fn state_losses(&mut self, shared: &Shared) -> Result<(), String> {
        self.losses.append(&mut shared.losses.lock().unwrap_or_else(PoisonError::into_inner));
        let next = shared.segments_from(self.point.sequence.next()).into_iter().next();
        let Some(segment) = next.filter(|_| !self.losses.is_empty()) else { return Ok(()) };
        if self.file != Some(segment.index) {
            return self.begin_file(&segment, shared);
        }
        let mut out = Vec::new();
        let point = self.losses_after(self.point, &mut out, shared)?;
        let written = shared.disk.append(&shared.files.blocks(segment.index), &out);
        written.map_err(|error| format!("blocks of the audit journal cannot be written: {error}"))?;
        self.losses.clear();
        self.point = point;
        Ok(())
    }

    fn hash_segment(&mut self, segment: &Segment, durable: Sequence, shared: &Shared) -> Result<(), String> {
        let mut next = self.point.sequence.next().max(segment.first);
        let mut out = Vec::new();
        let mut point = self.point;
        let mut hashed = 0;
        loop {
            let (leaves, end) = leaves(segment, next, durable)?;
            if leaves.is_empty() {
                break;
            }
            hashed = end;
            if out.is_empty() && self.file != Some(segment.index) {
                self.begin_file(segment, shared)?;
                point = self.point;
            }
            let block = Block::of_records(&point, next, &leaves);
            block.encode(&mut out);
            point = point.after(&block).ok_or("the chain of the audit journal does not go on")?;
            next = point.sequence.next();
        }
        if !out.is_empty() {
            let written = shared.disk.append(&shared.files.blocks(segment.index), &out);
            written.map_err(|error| format!("blocks of the audit journal cannot be written: {error}"))?;
            self.point = point;
            segment.file.unmap(hashed);
        }
        Ok(())
    }

    fn begin_file(&mut self, segment: &Segment, shared: &Shared) -> Result<(), String> {
        let header = BlockFileHeader { journal: shared.journal, index: segment.index, before: self.point };
        let mut out = header.encode().to_vec();
        let point = self.losses_after(self.point, &mut out, shared)?;
        let written = shared.disk.replace(&shared.files.blocks(segment.index), &out);
        written.map_err(|error| format!("blocks of the audit journal cannot be written: {error}"))?;
        self.losses.clear();
        self.point = point;
        self.file = Some(segment.index);
        Ok(())
    }

    /// The statements of the losses, and where the chain is behind them.
    fn losses_after(&self, mut point: ChainPoint, out: &mut Vec<u8>, shared: &Shared) -> Result<ChainPoint, String> {
        for loss in &self.losses {
            let block = Block::of_loss(&point, loss.first, loss.count, shared.clock.now());
            block.encode(out);
            point = point.after(&block).ok_or("the chain of the audit journal does not go on")?;
        }
        Ok(point)
    }

    /// When there is something new to sign, and somebody who signs.
    fn sign(&self, shared: &Shared) -> Result<(), String> {
        let Some(signer) = shared.signer.get() else { return Ok(()) };
        let found = shared.head.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (before, is_signed) = (found.head, found.signature.is_some());
        let forgotten = Sequence(shared.forget.load(Ordering::Acquire)).min(self.point.sequence);
        if is_signed && before.at == self.point && before.forgotten >= forgotten {
            return Ok(());
        }
        let head = Head { journal: shared.journal, at: self.point, forgotten, time: shared.clock.now() };
        // A second time: the key may have been replaced between its name and its signature.
        let signed = head.sign(&**signer).or_else(|_| head.sign(&**signer)).map_err(|error| error.to_string())?;
        let written = shared.disk.replace(&shared.files.head(), signed.to_text().as_bytes());
        written.map_err(|error| format!("the head of the audit journal cannot be written: {error}"))?;
        *shared.head.lock().unwrap_or_else(PoisonError::into_inner) = signed;
        remove_forgotten(forgotten, shared);
        Ok(())
    }
}

/// The leaves of the records from `next` on that are durable, as many as a block takes; and where in the segment they end.
fn leaves(segment: &Segment, next: Sequence, durable: Sequence) -> Result<(Vec<[u8; 32]>, usize), String> {
    let damaged = || format!("the audit journal is damaged after record {}", next.0.saturating_sub(1));
    let mut leaves = Vec::new();
    let mut place = segment.find(next).ok_or_else(damaged)?;
    let mut end = place.offset();
    while leaves.len() < RECORDS_MAX {
        match place.next_record() {
            Found::Frame(frame, _) if frame.sequence <= durable => {
                leaves.push(leaf_of(&frame));
                end = place.offset();
            }
            Found::Frame(..) | Found::End => break,
            Found::Damaged => return Err(damaged()),
        }
    }
    Ok((leaves, end))
}

/// Removes segments whose records are all in the archive. One that cannot be removed only takes space, until the next start.
fn remove_forgotten(forgotten: Sequence, shared: &Shared) {
    let mut segments = shared.segments.write().unwrap_or_else(PoisonError::into_inner);
    let ends = segments.windows(2).take_while(|pair| {
        // Its last record is before the next one's first.
        matches!(pair, [_, next] if next.first.0 <= forgotten.0.saturating_add(1))
    });
    let count = ends.count();
    let removed: Vec<_> = segments.drain(..count).collect();
    drop(segments);
    for segment in removed {
        for path in [shared.files.segment(segment.index), shared.files.blocks(segment.index)] {
            if let Err(error) = shared.disk.remove(&path) {
                tracing::warn!(%error, file = %path.display(), "an archived part of the audit journal cannot be removed");
            }
        }
    }
}
