//! Reading values: each method reads one kind of the model's shapes, checks its limits, and notes violations.
//!
//! Two outcomes besides a value: a [`Fault`] ends the reading (broken JSON, wrong type), `None` lets it go on, so that
//! all violations of a request are reported together.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::scan::{self, Text};
use super::{Decode, Fault};
use crate::string_enum::StringEnum;
use crate::time;
use crate::validate::{Limit, Path, Range, Shortened, Shown, TextLimits, Violations, enum_text};

/// Deepest nesting that is read; no input of the model needs more than five.
const DEPTH_MAX: u8 = 32;

/// A list is reported with this many bytes of its text at most, before it is cut like any other value.
const SHOWN_LIST_BYTES_MAX: usize = 4096;

/// A position in a body, and what was found wrong so far.
pub(crate) struct Reader<'a> {
    body_len: usize,
    rest: &'a str,
    depth: u8,
    pub(super) violations: Violations,
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self { body_len: body.len(), rest: body, depth: 0, violations: Violations::default() }
    }

    // Tokens.

    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let space = self.rest.bytes().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.advance(space);
        self.rest.as_bytes().first().copied()
    }

    /// Takes this byte, after white space, if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.advance(1);
        }
        found
    }

    /// Moves on by `len` bytes, which are ASCII and known to be there.
    fn advance(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes `null` if it comes next.
    pub(super) fn take_null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.take_word("null")
    }

    /// Enters an object or list whose opening bracket was taken.
    pub(super) fn enter(&mut self, at: &Path<'_>) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX { Err(fault(at, "Nesting is too deep")) } else { Ok(()) }
    }

    /// Leaves it.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        if self.peek().is_none() { Ok(()) } else { Err(self.unexpected(&Path::TOP)) }
    }

    // Faults.

    /// The bytes here are no JSON.
    #[cold]
    pub(super) fn unexpected(&self, at: &Path<'_>) -> Fault {
        let offset = self.body_len - self.rest.len();
        let what = if self.rest.is_empty() { "Unexpected end of input" } else { "Unexpected token" };
        fault(at, format_args!("{what} at offset {offset}"))
    }

    /// The value here has another type than the model's.
    #[cold]
    pub(super) fn mismatch(&mut self, at: &Path<'_>, expected: &str) -> Fault {
        let token = match self.peek() {
            Some(b'"') => "STRING_VALUE",
            Some(b'-' | b'0'..=b'9') => "NUMBER_VALUE",
            Some(b't') => "TRUE_VALUE",
            Some(b'f') => "FALSE_VALUE",
            Some(b'n') => "NULL_VALUE",
            Some(b'{') => return fault(at, "Start of structure or map found where not expected"),
            Some(b'[') => return fault(at, "Start of list found where not expected"),
            _ => return self.unexpected(at),
        };
        fault(at, format_args!("{token} can not be converted to {expected}"))
    }

    // Scalars.

    /// A string that is the member's value or name.
    pub(super) fn string(&mut self, at: &Path<'_>, expected: &str) -> Result<Text<'a>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.mismatch(at, expected));
        }
        let (text, rest) = self.rest.get(1..).and_then(scan::string).ok_or_else(|| self.unexpected(at))?;
        self.rest = rest;
        Ok(text)
    }

    fn number(&mut self, at: &Path<'_>, expected: &str) -> Result<&'a str, Fault> {
        if !matches!(self.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.mismatch(at, expected));
        }
        let split = scan::number_len(self.rest).and_then(|len| self.rest.split_at_checked(len));
        let (number, rest) = split.ok_or_else(|| self.unexpected(at))?;
        self.rest = rest;
        Ok(number)
    }

    /// A string with limits.
    pub(crate) fn text(&mut self, at: &Path<'_>, limits: &TextLimits) -> Result<Option<String>, Fault> {
        let text = self.string(at, "a String")?;
        self.violations.check_text(at, limits, &text, Shown::Text(&text));
        Ok(Some((*text).to_owned()))
    }

    /// A sensitive string with limits, as its UTF-8 bytes.
    pub(crate) fn secret_text(&mut self, at: &Path<'_>, limits: &TextLimits) -> Result<Option<SecretBytes>, Fault> {
        let text = self.string(at, "a String")?;
        self.violations.check_text(at, limits, &text, Shown::Hidden);
        Ok(Some(SecretBytes::from_slice(text.as_bytes())))
    }

    /// A string of a closed set.
    pub(crate) fn name<T: StringEnum>(&mut self, at: &Path<'_>) -> Result<Option<T>, Fault> {
        let text = self.string(at, "a String")?;
        let value = T::parse_name(&text);
        if value.is_none() {
            self.violations.record(at, Shown::Text(&text), enum_text::<T>());
        }
        Ok(value)
    }

    /// Bytes in base64 (RFC 4648, section 4: standard alphabet, padded, unused bits zero).
    pub(crate) fn blob(&mut self, at: &Path<'_>, length: &Range) -> Result<Option<Vec<u8>>, Fault> {
        let text = self.string(at, "a Blob")?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| fault(at, "Invalid base64"))?;
        self.violations.check_length(at, length, signed(bytes.len()), Shown::Hidden);
        Ok(Some(bytes))
    }

    /// Sensitive bytes in base64, decoded into memory that is wiped whatever happens.
    pub(crate) fn secret_blob(&mut self, at: &Path<'_>, length: &Range) -> Result<Option<SecretBytes>, Fault> {
        let text = self.string(at, "a Blob")?;
        let mut bytes = SecretBytes::zeroed(base64::decoded_len_estimate(text.len()));
        let len =
            STANDARD.decode_slice(text.as_bytes(), bytes.expose_mut()).map_err(|_| fault(at, "Invalid base64"))?;
        bytes.truncate(len);
        self.violations.check_length(at, length, signed(len), Shown::Hidden);
        Ok(Some(bytes))
    }

    /// A whole number of 32 bits; a fraction or exponent is refused even where the value is whole.
    pub(crate) fn integer(&mut self, at: &Path<'_>, range: &Range) -> Result<Option<i32>, Fault> {
        let number = self.number(at, "an Integer")?;
        let value = number.parse().map_err(|_| fault(at, "NUMBER_VALUE can not be converted to an Integer"))?;
        self.violations.check_number(at, range, value);
        Ok(Some(value))
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, at: &Path<'_>) -> Result<Option<bool>, Fault> {
        match self.peek() {
            Some(b't') if self.take_word("true") => Ok(Some(true)),
            Some(b'f') if self.take_word("false") => Ok(Some(false)),
            Some(b't' | b'f') => Err(self.unexpected(at)),
            _ => Err(self.mismatch(at, "a Boolean")),
        }
    }

    /// Epoch seconds with an optional fraction, or ISO 8601 text; rounded to milliseconds.
    pub(crate) fn timestamp(&mut self, at: &Path<'_>) -> Result<Option<Timestamp>, Fault> {
        let (token, value) = match self.peek() {
            Some(b'"') => ("STRING_VALUE", time::from_iso8601(&self.string(at, "a Timestamp")?)),
            _ => ("NUMBER_VALUE", time::from_epoch_seconds(self.number(at, "a Timestamp")?)),
        };
        let refusal = || fault(at, format_args!("{token} can not be converted to a Timestamp"));
        value.map(Some).ok_or_else(refusal)
    }

    // Collections.

    /// A structure of the model.
    pub(crate) fn structure<T: Decode>(&mut self, at: &Path<'_>) -> Result<Option<T>, Fault> {
        T::decode(self, at)
    }

    /// A list of structures.
    pub(crate) fn structures<T: Decode>(&mut self, at: &Path<'_>, size: &Range) -> Result<Option<Vec<T>>, Fault> {
        let mut items = Vec::new();
        let count = self.elements(at, |reader, at| {
            items.extend(T::decode(reader, at)?);
            Ok(())
        })?;
        self.violations.check_length(at, size, count, Shown::Hidden);
        Ok(Some(items))
    }

    /// A list of strings; what its elements violate is one violation of the list.
    pub(crate) fn texts(
        &mut self,
        at: &Path<'_>,
        size: &Range,
        element: &TextLimits,
    ) -> Result<Option<Vec<String>>, Fault> {
        self.strings(at, size, |text| element.fit(text).then(|| text.to_owned()), || element.texts())
    }

    /// A list of strings of a closed set.
    pub(crate) fn names<T: StringEnum>(&mut self, at: &Path<'_>, size: &Range) -> Result<Option<Vec<T>>, Fault> {
        self.strings(at, size, T::parse_name, || vec![enum_text::<T>()])
    }

    fn strings<T>(
        &mut self,
        at: &Path<'_>,
        size: &Range,
        parse: impl Fn(&str) -> Option<T>,
        limit_texts: impl Fn() -> Vec<String>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let (start, mut items, mut all_fit) = (self.rest, Vec::new(), true);
        let count = self.elements(at, |reader, at| {
            let item = parse(&reader.string(at, "a String")?);
            all_fit &= item.is_some();
            items.extend(item);
            Ok(())
        })?;
        if !all_fit || size.excludes(count) {
            let shown = list_text(start);
            self.violations.check_length(at, size, count, Shown::Text(&shown));
            if !all_fit {
                self.violations.record(at, Shown::Text(&shown), Limit::Elements(&limit_texts()));
            }
        }
        Ok(Some(items))
    }

    /// Reads a list element by element; gives their number. A null element is a violation.
    fn elements(
        &mut self,
        at: &Path<'_>,
        mut read: impl FnMut(&mut Self, &Path<'_>) -> Result<(), Fault>,
    ) -> Result<i64, Fault> {
        if !self.take(b'[') {
            return Err(self.mismatch(at, "a List"));
        }
        self.enter(at)?;
        let mut count = 0;
        while self.has_next(at, b']', count == 0)? {
            count += 1;
            let here = at.element(count);
            if self.take_null() {
                self.violations.record(&here, Shown::Null, Limit::NotNull);
            } else {
                read(self, &here)?;
            }
        }
        Ok(signed(count))
    }

    /// Whether another element follows, or `close`, which is then taken and left.
    pub(super) fn has_next(&mut self, at: &Path<'_>, close: u8, first: bool) -> Result<bool, Fault> {
        if self.take(close) {
            self.leave();
            return Ok(false);
        }
        if first || self.take(b',') { Ok(true) } else { Err(self.unexpected(at)) }
    }

    /// A map of strings to strings. A null value is a violation.
    pub(crate) fn text_map(&mut self, at: &Path<'_>) -> Result<Option<BTreeMap<String, String>>, Fault> {
        if !self.take(b'{') {
            return Err(self.mismatch(at, "a Map"));
        }
        self.enter(at)?;
        let (mut map, mut first) = (BTreeMap::new(), true);
        while self.has_next(at, b'}', first)? {
            first = false;
            let key = self.member_name(at)?;
            let here = at.key(&key);
            let value = if self.take_null() { None } else { Some(self.string(&here, "a String")?) };
            if value.is_none() {
                self.violations.record(&here, Shown::Null, Limit::NotNull);
            }
            if map.insert((*key).to_owned(), value.as_deref().unwrap_or_default().to_owned()).is_some() {
                return Err(duplicate(&here));
            }
        }
        Ok(Some(map))
    }

    /// A name and the colon after it.
    pub(super) fn member_name(&mut self, at: &Path<'_>) -> Result<Text<'a>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected(at));
        }
        let name = self.string(at, "a String")?;
        if self.take(b':') { Ok(name) } else { Err(self.unexpected(at)) }
    }

    /// Reads any value and forgets it. Its recursion ends at the greatest depth.
    pub(super) fn skip(&mut self, at: &Path<'_>) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => self.string(at, "a String").map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(at, "an Integer").map(drop),
            Some(open @ (b'{' | b'[')) => self.skip_all(at, open),
            _ if ["true", "false", "null"].into_iter().any(|word| self.take_word(word)) => Ok(()),
            _ => Err(self.unexpected(at)),
        }
    }

    fn skip_all(&mut self, at: &Path<'_>, open: u8) -> Result<(), Fault> {
        let close = if open == b'{' { b'}' } else { b']' };
        self.advance(1);
        self.enter(at)?;
        let mut first = true;
        while self.has_next(at, close, first)? {
            first = false;
            if open == b'{' {
                self.member_name(at)?;
            }
            self.skip(at)?;
        }
        Ok(())
    }
}

/// The text of a fault, with the member's path where there is one.
#[cold]
pub(super) fn fault(at: &Path<'_>, what: impl std::fmt::Display) -> Fault {
    Fault(if at.is_top() { what.to_string() } else { format!("{what} at '{at}'") })
}

/// DIFFERS: AWS takes the last of two members with one name. A proxy, an audit tool and this service could then see
/// different requests in the same bytes, so such a body is refused.
#[cold]
pub(super) fn duplicate(at: &Path<'_>) -> Fault {
    fault(at, "Duplicate member")
}

/// A list of strings, which was already read once, in the form `[a, b]`.
#[cold]
fn list_text(start: &str) -> String {
    let mut shown = String::from("[");
    let mut reader = Reader::new(start);
    let complete = reader.elements(&Path::TOP, |reader, at| {
        let text = reader.string(at, "a String")?;
        if shown.len() > 1 {
            shown.push_str(", ");
        }
        shown.push_str(&Shortened(&text).to_string());
        if shown.len() > SHOWN_LIST_BYTES_MAX { Err(fault(at, "")) } else { Ok(()) }
    });
    if complete.is_ok() {
        shown.push(']');
    }
    shown
}

/// A length as a signed number; bodies are far smaller than its range.
fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
