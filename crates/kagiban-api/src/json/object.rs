//! Reading an object member by member: which names occurred, which had a value, which are missing.

use super::Fault;
use super::read::{Reader, duplicate};
use super::scan::Text;
use crate::validate::{Limit, Path, Shown};

/// An object that is being read. Members are known by their number in the model's structure, below 64.
pub(crate) struct Object<'r, 'a, 'p> {
    reader: &'r mut Reader<'a>,
    at: &'p Path<'p>,
    first: bool,
    /// Bit set of the members whose name occurred.
    named: u64,
    /// Bit set of the members with a value other than null.
    given: u64,
}

impl<'r, 'a, 'p> Object<'r, 'a, 'p> {
    /// Takes the opening brace.
    pub(crate) fn open(reader: &'r mut Reader<'a>, at: &'p Path<'p>) -> Result<Self, Fault> {
        if !reader.take(b'{') {
            return Err(reader.mismatch(at, "a Structure"));
        }
        reader.enter(at)?;
        Ok(Self { reader, at, first: true, named: 0, given: 0 })
    }

    /// The next member's name; `None` after the closing brace.
    pub(crate) fn next_name(&mut self) -> Result<Option<Text<'a>>, Fault> {
        let first = std::mem::take(&mut self.first);
        if !self.reader.has_next(self.at, b'}', first)? {
            return Ok(None);
        }
        self.reader.member_name(self.at).map(Some)
    }

    /// The value of the member that was just named; `None` for null.
    pub(crate) fn member<T>(
        &mut self,
        number: u32,
        name: &'static str,
        read: impl FnOnce(&mut Reader<'a>, &Path<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        let (here, bit) = (self.at.member(name), 1 << number);
        if self.named & bit != 0 {
            return Err(duplicate(&here));
        }
        self.named |= bit;
        if self.reader.take_null() {
            return Ok(None);
        }
        self.given |= bit;
        read(self.reader, &here)
    }

    /// Passes over the value of a member that the model does not know.
    pub(crate) fn skip(&mut self) -> Result<(), Fault> {
        self.reader.skip(self.at)
    }

    /// Notes a violation if this member had no value.
    pub(crate) fn require(&mut self, number: u32, name: &'static str) {
        if self.given & (1 << number) == 0 {
            self.reader.violations.record(&self.at.member(name), Shown::Null, Limit::NotNull);
        }
    }
}
