//! What a thread that appends knows of the callers whose texts are in the segment at work.
//!
//! Most records come from callers that came before: they refer to an earlier record of the same segment instead of saying
//! again who calls, with what and from where. That is half of a record, which need not be hashed, copied and written.

use std::hash::BuildHasher;
use std::num::NonZeroU64;

use crate::record::{CALLER_MAX, Caller, Reference};

/// Callers that a thread remembers at most. Two that share a place drive each other out, and are written whole.
const SLOTS: usize = 1024;

/// A segment at work, among all that this process ever writes. `None` for one that older programs are to read.
pub(crate) type Stamp = Option<NonZeroU64>;

/// Callers by their hash.
#[derive(Debug, Default)]
pub(crate) struct CallerTable {
    /// Empty until the first caller comes.
    slots: Vec<Slot>,
    hasher: foldhash::fast::FixedState,
}

#[derive(Clone, Debug, Default)]
struct Slot {
    hash: u64,
    /// From the second time on: who comes once only is not worth the copy.
    known: Option<Box<Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    stamp: Stamp,
    reference: Reference,
    texts: Box<[u8]>,
}

/// A caller's place in the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    slot: usize,
    /// Whether it was the same caller's before, by his hash.
    is_taken: bool,
}

impl CallerTable {
    /// The caller's seat.
    pub(crate) fn seat(&mut self, caller: &Caller<'_>) -> Seat {
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Slot::default);
        }
        let hash = self.hasher.hash_one(caller.key());
        let slot = usize::try_from(hash).unwrap_or_default() % SLOTS;
        let Some(found) = self.slots.get_mut(slot) else { return Seat { slot, is_taken: false } };
        let is_taken = found.hash == hash;
        if !is_taken {
            *found = Slot { hash, known: None };
        }
        Seat { slot, is_taken }
    }

    /// Where in the segment a record of the same caller is.
    pub(crate) fn find(&self, seat: Seat, caller: &Caller<'_>, stamp: Stamp) -> Option<Reference> {
        let known = self.slots.get(seat.slot)?.known.as_deref()?;
        (stamp.is_some() && known.stamp == stamp && caller.is_encoded_as(&known.texts)).then_some(known.reference)
    }

    /// A whole record of the caller's begins at this offset of the segment.
    pub(crate) fn remember(&mut self, seat: Seat, caller: &Caller<'_>, stamp: Stamp, offset: usize) {
        let (Ok(offset), true, true) = (u32::try_from(offset), stamp.is_some(), seat.is_taken) else { return };
        let Some(slot) = self.slots.get_mut(seat.slot) else { return };
        if let Some(known) = slot.known.as_deref_mut().filter(|known| caller.is_encoded_as(&known.texts)) {
            (known.stamp, known.reference.offset) = (stamp, offset);
            return;
        }
        let mut texts = Vec::new();
        caller.encode(&mut texts);
        slot.known = (texts.len() <= CALLER_MAX).then(|| {
            let reference = Reference { offset, digest: Caller::digest(&texts) };
            Box::new(Known { stamp, reference, texts: texts.into() })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_caller_is_referred_to_from_the_third_time_on_and_in_the_same_segment_only() {
        let mut table = CallerTable::default();
        let record = sample();
        let caller = Caller::of(&record);
        let [first, second] = [1, 2].map(NonZeroU64::new);
        for (stamp, offset, expected) in [
            (first, 64, None),
            (first, 164, None),
            (first, 264, Some(164)),
            (first, 364, Some(164)),
            (second, 64, None),
            (second, 164, Some(64)),
            (None, 64, None),
            (None, 164, None),
        ] {
            let seat = table.seat(&caller);
            let found = table.find(seat, &caller, stamp);
            assert_eq!(found.map(|found| found.offset), expected, "{stamp:?} {offset}");
            if found.is_none() {
                table.remember(seat, &caller, stamp, offset);
            }
        }
    }

    #[test]
    fn a_caller_who_differs_in_anything_is_another_one() {
        let record = sample();
        let other = crate::Record { identity: "{}", ..sample() };
        let (stamp, mut table) = (NonZeroU64::new(1), CallerTable::default());
        for _ in 0..2 {
            let seat = table.seat(&Caller::of(&record));
            table.remember(seat, &Caller::of(&record), stamp, 64);
        }
        // Their hashes are the same, as identities are not in them.
        let seat = table.seat(&Caller::of(&other));
        assert!(seat.is_taken);
        assert_eq!(table.find(seat, &Caller::of(&other), stamp), None);
        assert!(table.find(seat, &Caller::of(&record), stamp).is_some());
    }

    #[test]
    fn what_is_too_long_to_be_referred_to_is_not_remembered() {
        let identity = "x".repeat(CALLER_MAX);
        let record = crate::Record { identity: &identity, ..sample() };
        let (stamp, mut table) = (NonZeroU64::new(1), CallerTable::default());
        for _ in 0..3 {
            let seat = table.seat(&Caller::of(&record));
            assert_eq!(table.find(seat, &Caller::of(&record), stamp), None);
            table.remember(seat, &Caller::of(&record), stamp, 64);
        }
    }
}
