//! Looking through a segment for what a search may want: records are put together only when their bytes say that they may be it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::journal::callers::Callers;
use crate::record::{Reference, reference};
use crate::recorder::{Entry, Sequence, Sifted};
use crate::search::Sieve;

/// Looks through one segment.
pub(crate) struct Sifter<'a> {
    callers: Callers<'a>,
    /// Whether records may be wanted that refer to this place for their caller.
    verdicts: HashMap<u32, bool, RandomState>,
    sieve: &'a Sieve<'a>,
    sifted: Sifted,
    bytes_left: usize,
}

impl<'a> Sifter<'a> {
    /// Looks through this segment, for so many bytes of records at most.
    pub(crate) fn new(segment: &'a [u8], sieve: &'a Sieve<'a>, bytes_max: usize) -> Self {
        let callers = Callers::of(segment);
        Self { callers, verdicts: HashMap::default(), sieve, sifted: Sifted::default(), bytes_left: bytes_max }
    }

    /// Looks at a record as the segment has it; whether there was room for it.
    pub(crate) fn take(&mut self, sequence: Sequence, record: &[u8]) -> bool {
        let whole = match self.may_want(record) {
            true => Some(self.callers.whole(record)).filter(|whole| self.sieve.wants(whole)),
            false => None,
        };
        let Some(whole) = whole else {
            self.sifted.bytes_left_out = self.sifted.bytes_left_out.saturating_add(record.len() as u64);
            return true;
        };
        if whole.len() > self.bytes_left {
            return false;
        }
        self.bytes_left -= whole.len();
        self.sifted.entries.push(Entry { sequence, bytes: whole.into() });
        true
    }

    fn may_want(&mut self, record: &[u8]) -> bool {
        self.sieve.may_want(record) && reference(record).is_none_or(|to| self.may_want_caller(&to))
    }

    fn may_want_caller(&mut self, to: &Reference) -> bool {
        if !self.sieve.asks_of_callers() {
            return true;
        }
        if let Some(verdict) = self.verdicts.get(&to.offset) {
            return *verdict;
        }
        // Whoever refers to a caller that is not there cannot be read.
        let Some(verdict) = self.callers.texts(to).map(|texts| self.sieve.may_want_caller(texts)) else { return false };
        self.verdicts.insert(to.offset, verdict);
        verdict
    }

    /// What was found.
    pub(crate) fn end(self) -> Sifted {
        self.sifted
    }
}
