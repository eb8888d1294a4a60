//! The proof: the block files that lead to the signed head, and how far they go behind it.

use std::fs;
use std::io::ErrorKind;

use super::{Loss, Lost, Recovered, Repair};
use crate::journal::blocks::{BlockFile, BlockKind, ChainPoint, HEADER_LEN};
use crate::journal::files::Files;
use crate::journal::{OpenError, io_error};
use crate::recorder::Sequence;

/// A block file that was followed.
struct Followed {
    index: u64,
    before: ChainPoint,
    after: ChainPoint,
    /// Bytes that were followed.
    len: usize,
    is_whole: bool,
}

impl Recovered {
    /// Follows the block files from the one on that the signed head lies in: the head must be on their way.
    pub(super) fn take_chain(&mut self, files: &Files) -> Result<(), OpenError> {
        let stated = self.stated();
        let indices = files.block_indices().map_err(io_error("list", &files.blocks(0)))?;
        self.last_index = self.last_index.max(indices.last().copied().unwrap_or_default());
        // Numbers only go up.
        self.spare = self.spare.filter(|spare| indices.last() <= Some(spare));
        let start = self.start(&indices, files)?;
        let (before, ahead) = indices.split_at(start.unwrap_or_default());
        let (way, passes_head) = self.walk(ahead, files)?;
        let is_head_older = self.head.is_some() && way.first().is_some_and(|file| file.before.blocks > stated.blocks);
        let is_to_be_proven = self.segments.first().is_some_and(|segment| segment.first <= stated.sequence);
        let is_known = self.head.is_some() || self.archived.is_some();
        if is_head_older {
            self.losses.push(Loss { what: Lost::Head, first: self.tail.max(self.missed).next(), count: 0 });
        }
        if is_known && !passes_head && !is_to_be_proven && !is_head_older {
            // All is archived: what is left of the proof is as old.
            self.chain = stated;
            self.remove_forgotten(&indices, files)?;
        } else {
            let kept = match is_known && !passes_head && !is_head_older {
                true => self.miss_proof(&way),
                // Also behind a head of an earlier state: places that the later blocks prove are not given again.
                false => self.go_on_behind(&way, files),
            };
            // What does not follow proves nothing, and its name is needed.
            let rest = ahead.iter().skip(kept).map(|index| Repair::PutAside(files.blocks(*index)));
            self.repairs.extend(rest);
            self.remove_forgotten(before, files)?;
        }
        self.miss_records_up_to(self.chain.sequence);
        Ok(())
    }

    /// The last block file that begins at or before the head, if there is one.
    fn start(&self, indices: &[u64], files: &Files) -> Result<Option<usize>, OpenError> {
        let stated = self.stated();
        for (at, index) in indices.iter().enumerate().rev() {
            let file = self.read(*index, files)?;
            if file.is_some_and(|file| file.header.before.blocks <= stated.blocks) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The way along block files, and whether the head lies on it.
    fn walk(&self, indices: &[u64], files: &Files) -> Result<(Vec<Followed>, bool), OpenError> {
        let stated = self.stated();
        let (mut way, mut passes_head) = (Vec::<Followed>::new(), false);
        for index in indices {
            let Some(file) = self.read(*index, files)? else { break };
            let before = file.header.before;
            let (is_next, is_whole) = way.last().map_or((true, true), |last| (last.after == before, last.is_whole));
            if !is_next || !is_whole {
                break;
            }
            passes_head |= before == stated;
            way.push(self.follow_blocks(*index, &file, &mut passes_head));
        }
        Ok((way, passes_head))
    }

    fn follow_blocks(&self, index: u64, file: &BlockFile, passes_head: &mut bool) -> Followed {
        let stated = self.stated();
        let (mut after, mut len) = (file.header.before, HEADER_LEN);
        for block in &file.blocks {
            // Whoever can write here can state a loss. Only one that the head covers was accepted.
            let is_forged = matches!(block.kind, BlockKind::LossAccepted { .. }) && *passes_head && self.head.is_some();
            let Some(next) = after.after(block).filter(|_| !is_forged) else { break };
            after = next;
            *passes_head |= after == stated;
            len += block.encoded_len();
        }
        Followed { index, before: file.header.before, after, len, is_whole: len == file.len }
    }

    /// The chain goes on where the block files end. Gives how many they are.
    fn go_on_behind(&mut self, way: &[Followed], files: &Files) -> usize {
        for file in way {
            self.repairs.push(Repair::Trim { path: files.blocks(file.index), len: file.len });
        }
        let last = way.last();
        self.chain = last.map_or_else(|| self.stated(), |last| last.after);
        self.file = last.map(|last| last.index);
        way.len()
    }

    /// What leads to the head is not there. Its hash is signed, so the chain goes on from it; files that prove all of their
    /// records stay. Gives how many.
    fn miss_proof(&mut self, way: &[Followed]) -> usize {
        let stated = self.stated();
        let is_another = way.last().is_some_and(|last| last.after.blocks >= stated.blocks);
        let proves_all = |file: &&Followed| file.is_whole && file.after.sequence >= self.last_of(file.index);
        let kept = if is_another { 0 } else { way.iter().take_while(proves_all).count() };
        let proven = way.get(kept).map(|cut| cut.before).or_else(|| way.last().map(|last| last.after));
        let first = self.segments.iter().rfind(|segment| segment.first <= stated.sequence).map(|segment| segment.first);
        let before = first.unwrap_or(stated.sequence).0.saturating_sub(1);
        let proven = proven.map_or(before, |point| point.sequence.0);
        let proven = proven.max(self.forgotten().0);
        let count = stated.sequence.0.saturating_sub(proven).max(1);
        let first = Sequence(stated.sequence.0.saturating_sub(count) + 1);
        self.losses.push(Loss { what: Lost::Proof, first, count });
        (self.chain, self.file) = (stated, None);
        kept
    }

    /// The last record of a segment.
    fn last_of(&self, index: u64) -> Sequence {
        match self.segments.iter().find(|segment| segment.index > index) {
            Some(next) => Sequence(next.first.0.saturating_sub(1)),
            None if self.segments.iter().any(|segment| segment.index == index) => self.tail,
            None => Sequence(0),
        }
    }

    /// Removes block files whose segments are gone and forgotten: the end came between the two removals.
    fn remove_forgotten(&mut self, indices: &[u64], files: &Files) -> Result<(), OpenError> {
        for index in indices.iter().filter(|index| !files.segment(**index).exists()) {
            let file = self.read(*index, files)?;
            let last = |file: &BlockFile| file.blocks.iter().rev().find_map(|block| block.last());
            if file.is_some_and(|file| last(&file).unwrap_or(file.header.before.sequence) <= self.forgotten()) {
                self.repairs.push(Repair::Remove(files.blocks(*index)));
            }
        }
        Ok(())
    }

    /// A block file of this journal; `None` when it is none.
    fn read(&self, index: u64, files: &Files) -> Result<Option<BlockFile>, OpenError> {
        let path = files.blocks(index);
        let file = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(io_error("read", &path)(error)),
            Ok(bytes) => BlockFile::parse(&bytes).ok(),
        };
        Ok(file.filter(|file| file.header.journal == self.journal && file.header.index == index))
    }
}
