//! How one record lies in a segment: length, checksum and place before its bytes.
//!
//! The checksum (CRC-32, IEEE) finds what a power cut left half written; it protects against nobody. That is the chain's.

use crate::recorder::Sequence;

/// Bytes before a record: length (4), CRC-32 of the bytes (4), sequence (8), little-endian.
pub(crate) const HEADER_LEN: usize = 16;
/// Bytes of a record at most: the elements that CloudTrail's limits leave, and as much again for the rest.
pub(crate) const RECORD_MAX: usize = 512 << 10;

/// One record as it lies in a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) sequence: Sequence,
    pub(crate) bytes: &'a [u8],
    /// The place and the bytes, as they lie one after the other.
    pub(crate) placed: &'a [u8],
    checksum: u32,
}

/// What begins at a place of a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found<'a> {
    /// A frame (its checksum is not looked at yet), and what comes after it.
    Frame(Frame<'a>, &'a [u8]),
    /// Nothing: the end of what was written.
    End,
    /// Something that is no frame.
    Damaged,
}

impl Frame<'_> {
    /// Whether the bytes are those that were written.
    pub(crate) fn is_whole(&self) -> bool {
        crc32fast::hash(self.bytes) == self.checksum
    }
}

/// Readies `buffer`, whose first [`HEADER_LEN`] bytes are free and followed by the record, for [`place`].
pub(crate) fn seal(buffer: &mut [u8]) {
    let Some((header, bytes)) = buffer.split_first_chunk_mut::<HEADER_LEN>() else { return };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let checksum = crc32fast::hash(bytes).to_le_bytes();
    let [l0, l1, l2, l3] = length;
    let [c0, c1, c2, c3] = checksum;
    *header = [l0, l1, l2, l3, c0, c1, c2, c3, 0, 0, 0, 0, 0, 0, 0, 0];
}

/// Writes the record's place into a sealed frame: the one thing that is known only under the lock.
pub(crate) fn place(buffer: &mut [u8], sequence: Sequence) {
    if let Some((_, place)) = buffer.get_mut(..HEADER_LEN).and_then(|header| header.split_last_chunk_mut::<8>()) {
        *place = sequence.0.to_le_bytes();
    }
}

/// What begins at the beginning of `bytes`.
pub(crate) fn first(bytes: &[u8]) -> Found<'_> {
    let Some(([l0, l1, l2, l3, c0, c1, c2, c3, sequence @ ..], rest)) = bytes.split_first_chunk::<HEADER_LEN>() else {
        return if bytes.iter().all(|byte| *byte == 0) { Found::End } else { Found::Damaged };
    };
    let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
    let checksum = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
    let sequence = Sequence(u64::from_le_bytes(*sequence));
    if length == 0 && checksum == 0 && sequence.0 == 0 {
        return Found::End;
    }
    let placed = bytes.get(HEADER_LEN - size_of::<Sequence>()..HEADER_LEN.saturating_add(length));
    match (rest.split_at_checked(length), placed) {
        (Some((bytes, rest)), Some(placed)) if (1..=RECORD_MAX).contains(&length) => {
            Found::Frame(Frame { sequence, bytes, placed, checksum }, rest)
        }
        _ => Found::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(sequence: u64, record: &[u8]) -> Vec<u8> {
        let mut buffer = [&[0; HEADER_LEN], record].concat();
        seal(&mut buffer);
        place(&mut buffer, Sequence(sequence));
        buffer
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let bytes = [framed(7, b"record"), vec![0; 40]].concat();
        let Found::Frame(frame, rest) = first(&bytes) else { unreachable!() };
        assert_eq!((frame.sequence, frame.bytes, frame.is_whole()), (Sequence(7), &b"record"[..], true));
        assert_eq!(first(rest), Found::End);
        assert_eq!(first(&[]), Found::End);
    }

    #[test]
    fn no_flipped_bit_goes_unseen() {
        let bytes = framed(7, b"record");
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let is_seen = match first(&flipped) {
                Found::Frame(frame, _) => !frame.is_whole() || frame.sequence != Sequence(7),
                Found::End | Found::Damaged => true,
            };
            assert!(is_seen, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Found::Frame(frame, _) = first(&bytes) {
                let _ = frame.is_whole();
            }
        }
    }
}
