//! A block of an archive: records, compressed together.

use super::varint;
use crate::recorder::{Entry, Sequence};

/// Bytes of records in a block; one more record may begin below that, so that the block is longer by it.
pub(super) const RAW_BYTES: usize = 128 << 10;
/// Bytes of records that a reader takes in at most: a full block and a record of the greatest length, with room to grow.
const RAW_BYTES_MAX: usize = 4 << 20;
/// zstd's level: its default. Higher ones cost twice the time for a few per cent.
const LEVEL: i32 = 3;

/// Records that are to become a block.
#[derive(Debug, Default)]
pub(super) struct BlockBuilder {
    raw: Vec<u8>,
    count: u32,
}

impl BlockBuilder {
    pub(super) fn add(&mut self, record: &[u8]) {
        varint::put(record.len() as u64, &mut self.raw);
        self.raw.extend_from_slice(record);
        self.count += 1;
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    pub(super) const fn is_full(&self) -> bool {
        self.raw.len() >= RAW_BYTES
    }

    /// The block's bytes, leaving the builder empty.
    pub(super) fn finish(&mut self, compressor: &mut Compressor) -> std::io::Result<Vec<u8>> {
        let block = compressor.0.compress(&self.raw)?;
        self.raw.clear();
        self.count = 0;
        Ok(block)
    }
}

/// zstd with its working memory, which is dear to make.
pub(super) struct Compressor(zstd::bulk::Compressor<'static>);

impl Compressor {
    pub(super) fn new() -> std::io::Result<Self> {
        let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
        // So that a search, which checks no signatures, shows nothing that a bad disk made up.
        compressor.include_checksum(true)?;
        Ok(Self(compressor))
    }
}

/// A block as it was read, decompressed.
#[derive(Debug)]
pub(crate) struct Records {
    first: Sequence,
    raw: Vec<u8>,
}

impl Records {
    /// Reads a block of `count` records from `first` on; `None` when it is damaged.
    pub(super) fn parse(bytes: &[u8], first: Sequence, count: u32) -> Option<Self> {
        let raw = zstd::bulk::decompress(bytes, RAW_BYTES_MAX).ok()?;
        let block = Self { first, raw };
        let mut rest = &block.raw[..];
        for _ in 0..count {
            take_record(&mut rest)?;
        }
        rest.is_empty().then_some(block)
    }

    /// The records with their places, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Sequence, &[u8])> {
        let mut rest = &self.raw[..];
        (self.first.0..).map_while(move |place| Some((Sequence(place), take_record(&mut rest)?)))
    }

    /// The records as entries.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.iter().map(|(sequence, bytes)| Entry { sequence, bytes: bytes.into() })
    }
}

fn take_record<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = varint::take(rest)?;
    varint::take_bytes(rest, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Vec<u8> {
        let mut builder = BlockBuilder::default();
        for at in 0..50u8 {
            builder.add(&vec![at; usize::from(at) * 10]);
        }
        assert_eq!((builder.count(), builder.is_full()), (50, false));
        let bytes = builder.finish(&mut Compressor::new().unwrap()).unwrap();
        assert_eq!(builder.count(), 0);
        bytes
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let block = Records::parse(&block(), Sequence(100), 50).unwrap();
        assert_eq!((block.iter().count(), block.entries().count()), (50, 50));
        for (at, (place, record)) in block.iter().enumerate() {
            assert_eq!((place, record), (Sequence(100 + at as u64), &vec![at as u8; at * 10][..]));
        }
    }

    #[test]
    fn another_count_or_length_is_no_block() {
        let bytes = block();
        for count in [0, 49, 51, u32::MAX] {
            assert!(Records::parse(&bytes, Sequence(1), count).is_none(), "{count}");
        }
        for length in 0..bytes.len() {
            assert!(Records::parse(&bytes[..length], Sequence(1), 50).is_none(), "{length}");
        }
    }
}
