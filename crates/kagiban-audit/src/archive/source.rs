//! The journal as a source of archives.

use super::archiver::Source;
use crate::journal::blocks::{Block, ChainPoint};
use crate::journal::{Journal, JournalId};
use crate::recorder::{ReadError, Sequence};

impl Source for Journal {
    fn journal(&self) -> JournalId {
        self.id()
    }

    fn blocks_after(&self, point: &ChainPoint) -> Result<Option<(ChainPoint, Vec<Block>)>, ReadError> {
        for mut file in self.blocks(point.sequence.next())? {
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

    fn forget(&self, through: Sequence) -> Result<(), ReadError> {
        Self::forget(self, through);
        Ok(())
    }
}
