//! Terms and the blocks that have them, by the million, on their way into an index.
//!
//! Ten bytes each, in chunks of one size, which the allocator can use again. They are put in order a sixty-fourth at a time, so that
//! no second copy of all of them is ever needed.

use std::mem::take;

use super::terms::TermHash;

/// The parts, by the first bits of a term.
const PARTS: usize = 64;
/// Pairs in a chunk: 64 KiB.
const CHUNK: usize = (64 << 10) / size_of::<Packed>();

/// A term and a block, so that bytes are ordered as they are.
type Packed = [u8; 10];

/// Terms and the blocks that have them.
#[derive(Debug)]
pub(super) struct Pairs {
    parts: [Part; PARTS],
    len: usize,
}

/// Those of the terms that begin with the same bits.
#[derive(Debug, Default)]
struct Part(Vec<Vec<Packed>>);

impl Default for Pairs {
    fn default() -> Self {
        Self { parts: std::array::from_fn(|_| Part::default()), len: 0 }
    }
}

impl Pairs {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn push(&mut self, hash: TermHash, block: u16) {
        // INVARIANT: six bits name one of the parts.
        if let Some(part) = self.parts.get_mut((hash >> 58) as usize) {
            part.push(pack(hash, block));
            self.len += 1;
        }
    }

    /// Takes the pairs out, part by part in the order of their terms, each in order.
    pub(super) fn take_sorted(&mut self) -> impl Iterator<Item = Vec<(TermHash, u16)>> {
        self.len = 0;
        self.parts.iter_mut().map(|part| {
            let mut pairs: Vec<(TermHash, u16)> = part.iter().collect();
            part.0.clear();
            pairs.sort_unstable();
            pairs
        })
    }

    /// Puts all in order, where they are.
    pub(super) fn sort(&mut self) {
        self.parts.iter_mut().for_each(Part::sort);
    }

    /// All, as they are.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TermHash, u16)> + Clone {
        self.parts.iter().flat_map(Part::iter)
    }
}

impl Part {
    fn push(&mut self, pair: Packed) {
        match self.0.last_mut().filter(|last| last.len() < CHUNK) {
            Some(last) => last.push(pair),
            None => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(pair);
                self.0.push(chunk);
            }
        }
    }

    fn sort(&mut self) {
        let mut all = take(&mut self.0).concat();
        all.sort_unstable();
        self.0.push(all);
    }

    fn iter(&self) -> impl Iterator<Item = (TermHash, u16)> + Clone {
        self.0.iter().flatten().map(|pair| unpack(*pair))
    }
}

fn pack(hash: TermHash, block: u16) -> Packed {
    let [a, b, c, d, e, f, g, h] = hash.to_be_bytes();
    let [high, low] = block.to_be_bytes();
    [a, b, c, d, e, f, g, h, high, low]
}

fn unpack([hash @ .., high, low]: Packed) -> (TermHash, u16) {
    (TermHash::from_be_bytes(hash), u16::from_be_bytes([high, low]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(given: &[(TermHash, u16)]) -> Pairs {
        let mut pairs = Pairs::default();
        given.iter().for_each(|(hash, block)| pairs.push(*hash, *block));
        pairs
    }

    proptest! {
        #[test]
        fn pairs_come_back_in_order(given in proptest::collection::vec(any::<(u64, u16)>(), 0..300)) {
            let mut expected = given.clone();
            expected.sort_unstable();
            let mut pairs = of(&given);
            prop_assert_eq!(pairs.len(), given.len());
            pairs.sort();
            prop_assert_eq!(pairs.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(pairs.take_sorted().flatten().collect::<Vec<_>>(), expected);
            prop_assert_eq!((pairs.len(), pairs.iter().count()), (0, 0));
        }
    }

    #[test]
    fn a_part_of_many_chunks_is_ordered_as_a_whole() {
        let count = CHUNK as u64 * 2 + 10;
        let mut pairs = of(&(0..count).map(|at| (count - at, 7)).collect::<Vec<_>>());
        assert_eq!(pairs.parts.iter().map(|part| part.0.len()).sum::<usize>(), 3);
        pairs.sort();
        assert!(pairs.iter().map(|(hash, _)| hash).eq(1..=count));
    }
}
