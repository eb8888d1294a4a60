//! The journal as a source of archives.

use super::archiver::Source;
use crate::journal::blocks::{Block, BlockKind, ChainPoint};
use crate::journal::{Journal, JournalId};
use crate::recorder::{ReadError, Sequence};

impl Source for Journal {
    fn journal(&self) -> JournalId {
        self.id()
    }

    fn blocks_after(&self, point: &ChainPoint) -> Result<Option<(ChainPoint, Vec<Block>)>, ReadError> {
        for file in self.block_files(point.sequence.next()) {
            let mut file = file?;
            let mut at = file.header.before;
            for number in 0..file.blocks.len() {
                if at.blocks >= point.blocks {
                    return Ok(Some((at, file.blocks.split_off(number))));
                }
                let block = file.blocks.get(number);
                at = block.and_then(|block| at.after(block)).ok_or(ReadError::Damaged(at.sequence.next()))?;
            }
        }
        Ok(None)
    }

    fn bytes_after(&self, sequence: Sequence) -> u64 {
        self.bytes_from(sequence.next())
    }

    /// A start has seen that the head is on the way; before that, only what the way leads along counts.
    fn losses(&self) -> Result<Vec<Block>, ReadError> {
        let (mut losses, mut at) = (Vec::new(), None);
        for file in self.block_files(Sequence(1)) {
            let file = file?;
            let before = file.header.before;
            let begins_with_loss = file.blocks.first().is_some_and(is_loss);
            if at.is_some_and(|at| at != before) && !begins_with_loss {
                return Err(ReadError::Damaged(before.sequence.next()));
            }
            let mut after = before;
            for block in file.blocks {
                after = after.after(&block).ok_or(ReadError::Damaged(block.first))?;
                losses.extend(Some(block).filter(is_loss));
            }
            at = Some(after);
        }
        Ok(losses)
    }

    fn keep(&self, first: Sequence, last: Sequence) -> Result<(), ReadError> {
        self.keep_copy(first, last)
    }

    fn forget(&self, through: Sequence) -> Result<(), ReadError> {
        Self::forget(self, through);
        Ok(())
    }
}

fn is_loss(block: &Block) -> bool {
    matches!(block.kind, BlockKind::LossAccepted { .. })
}
