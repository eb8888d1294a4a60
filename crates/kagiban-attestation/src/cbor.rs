//! Just enough CBOR (RFC 8949) to walk a document whose shape is known: forward, borrowed, without recursion; and to
//! write one.
//!
//! The reader refuses what the documents never have: reserved heads, floats, strings in pieces. A length is believed only once
//! that many bytes are there, so nothing is ever reserved for a claim.

use crate::error::CborFault;

/// What went wrong, and at which byte.
pub(crate) type Fault = (CborFault, usize);

/// Major type of a number that is not negative.
pub(crate) const UNSIGNED: u8 = 0;
/// Major type of a byte string.
pub(crate) const BYTES: u8 = 2;
/// Major type of a text.
pub(crate) const TEXT: u8 = 3;
/// Major type of an array.
pub(crate) const ARRAY: u8 = 4;
/// Major type of a map.
pub(crate) const MAP: u8 = 5;
const TAG: u8 = 6;
const NULL: u8 = 0xf6;
const BREAK: u8 = 0xff;
const INDEFINITE: u8 = 31;

/// How many entries a map has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Entries {
    /// So many.
    Exactly(u64),
    /// As many as come before a break.
    UntilBreak,
}

/// A place in the bytes; each method takes the item that has to be there.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Bytes read so far.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, Fault> {
        self.definite(UNSIGNED)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let len = self.definite(BYTES)?;
        self.take(len)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        let len = self.definite(TEXT)?;
        let at = self.at;
        std::str::from_utf8(self.take(len)?).map_err(|_| (CborFault::Utf8, at))
    }

    /// The number of items of an array that follows.
    pub(crate) fn array(&mut self) -> Result<u64, Fault> {
        self.definite(ARRAY)
    }

    /// The number of entries of a map that follows; [`Reader::more`] tells when an open one ends.
    pub(crate) fn map(&mut self) -> Result<Entries, Fault> {
        Ok(self.head(MAP)?.map_or(Entries::UntilBreak, Entries::Exactly))
    }

    /// Takes `tag` if it is there.
    pub(crate) fn skip_tag(&mut self, tag: u64) -> Result<(), Fault> {
        if self.peek().is_some_and(|byte| byte >> 5 == TAG) {
            let at = self.at;
            if self.definite(TAG)? != tag {
                return Err((CborFault::Kind, at));
            }
        }
        Ok(())
    }

    /// Takes a null if it is there.
    pub(crate) fn skip_null(&mut self) -> bool {
        let is_null = self.peek() == Some(NULL);
        self.at += usize::from(is_null);
        is_null
    }

    /// Whether another entry of a map follows, `read` of which have been read; takes the break that ends an open one.
    pub(crate) fn more(&mut self, entries: Entries, read: u64) -> bool {
        match entries {
            Entries::Exactly(count) => read < count,
            Entries::UntilBreak => {
                let ended = self.peek() == Some(BREAK);
                self.at += usize::from(ended);
                !ended
            }
        }
    }

    /// Refuses bytes that are left over.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        if self.at == self.input.len() { Ok(()) } else { Err((CborFault::LeftOver, self.at)) }
    }

    fn definite(&mut self, kind: u8) -> Result<u64, Fault> {
        let at = self.at;
        self.head(kind)?.ok_or((CborFault::Encoding, at))
    }

    /// The argument of a head of this major type; `None` is an indefinite length.
    fn head(&mut self, kind: u8) -> Result<Option<u64>, Fault> {
        let at = self.at;
        let first = self.peek().ok_or((CborFault::Truncated, at))?;
        if first >> 5 != kind {
            return Err((CborFault::Kind, at));
        }
        self.at += 1;
        match first & 31 {
            small @ 0..=23 => Ok(Some(u64::from(small))),
            wide @ 24..=27 => self.argument(1 << (wide - 24)).map(Some),
            INDEFINITE => Ok(None),
            _ => Err((CborFault::Encoding, at)),
        }
    }

    /// The big-endian number in the next `width` bytes, at most eight.
    fn argument(&mut self, width: u64) -> Result<u64, Fault> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Fault> {
        let truncated = (CborFault::Truncated, self.at);
        let len = usize::try_from(len).map_err(|_| truncated)?;
        let end = self.at.checked_add(len).ok_or(truncated)?;
        let taken = self.input.get(self.at..end).ok_or(truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }
}

/// Appends a head in its shortest form.
pub(crate) fn push_head(out: &mut Vec<u8>, kind: u8, argument: u64) {
    let kind = kind << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => out.push(kind | bytes[7]),
        24..=0xff => out.extend([kind | 24, bytes[7]]),
        0x100..=0xffff => out.extend([kind | 25, bytes[6], bytes[7]]),
        0x1_0000..=0xffff_ffff => out.extend([kind | 26, bytes[4], bytes[5], bytes[6], bytes[7]]),
        _ => {
            out.push(kind | 27);
            out.extend(bytes);
        }
    }
}

/// Appends a byte string.
pub(crate) fn push_bytes(out: &mut Vec<u8>, value: &[u8]) {
    push_head(out, BYTES, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends a text.
pub(crate) fn push_text(out: &mut Vec<u8>, value: &str) {
    push_head(out, TEXT, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}
