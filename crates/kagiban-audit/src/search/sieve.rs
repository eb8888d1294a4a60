//! What can be told of a record before it is put together and read: most records are not wanted, and that is seen in their bytes.
//!
//! Whatever a query wants passes; what passes need not be wanted.

use memchr::memmem::Finder;

use crate::record::{BY_REFERENCE, Record};
use crate::search::{Field, Query, Term};

/// Sorts out what a query does not want.
#[derive(Debug)]
pub struct Sieve<'q> {
    query: &'q Query,
    /// Terms that are answered by what every form of a record begins with.
    head: Vec<&'q Term>,
    /// What must be in a record's own bytes, whatever it means there.
    own: Vec<Finder<'q>>,
    /// What must be in its caller's texts.
    caller: Vec<Finder<'q>>,
}

/// What bytes a term leaves in a record that has it.
enum Trace {
    Head,
    Own,
    Caller,
    None,
}

impl<'q> Sieve<'q> {
    /// One for this query.
    pub fn new(query: &'q Query) -> Self {
        let mut sieve = Self { query, head: Vec::new(), own: Vec::new(), caller: Vec::new() };
        for term in &query.terms {
            let needles = needles(term).filter(|needle| is_plain(needle)).map(|needle| Finder::new(needle.as_bytes()));
            match trace(term.field) {
                Trace::Head => sieve.head.push(term),
                Trace::Own => sieve.own.extend(needles),
                Trace::Caller => sieve.caller.extend(needles),
                Trace::None => {}
            }
        }
        sieve
    }

    /// Whether a record may be wanted, in whatever form it is; of one by reference, its caller apart.
    pub(crate) fn may_want(&self, bytes: &[u8]) -> bool {
        let Ok(record) = Record::decode_head(bytes) else { return false };
        self.query.is_in_bounds(&record)
            && self.head.iter().all(|term| term.matches(&record, self.query.account))
            && are_in(&self.own, bytes)
            && (bytes.first() == Some(&BY_REFERENCE) || self.may_want_caller(bytes))
    }

    /// Whether it matters who called.
    pub(crate) fn asks_of_callers(&self) -> bool {
        !self.caller.is_empty()
    }

    /// Whether records of the caller with these texts may be wanted.
    pub(crate) fn may_want_caller(&self, texts: &[u8]) -> bool {
        are_in(&self.caller, texts)
    }

    /// Whether a whole record is wanted.
    pub(crate) fn wants(&self, whole: &[u8]) -> bool {
        Record::decode(whole).is_ok_and(|record| self.query.matches(&record))
    }
}

fn are_in(needles: &[Finder<'_>], bytes: &[u8]) -> bool {
    needles.iter().all(|needle| needle.find(bytes).is_some())
}

/// Where a record that has the term shows it; nowhere if that is made of several parts.
fn trace(field: Field) -> Trace {
    match field {
        Field::Account | Field::EventId | Field::EventType | Field::ReadOnly | Field::RequestId => Trace::Head,
        Field::EncryptionContext | Field::ErrorCode | Field::Key | Field::Operation => Trace::Own,
        Field::AccessKeyId
        | Field::EventSource
        | Field::Principal
        | Field::Region
        | Field::SourceAddress
        | Field::UserName => Trace::Caller,
        Field::Outcome | Field::ResourceType => Trace::None,
    }
}

/// What a record that has the term has in its bytes: the value, of a pair both parts.
fn needles(term: &Term) -> impl Iterator<Item = &str> {
    let pair = match term.field {
        Field::EncryptionContext => split_pair(&term.value),
        _ => Some((&*term.value, "")),
    };
    let (one, other) = pair.unwrap_or_default();
    [one, other].into_iter().filter(|needle| !needle.is_empty())
}

fn split_pair(value: &str) -> Option<(&str, &str)> {
    let (length, rest) = value.split_once(':')?;
    rest.split_at_checked(length.parse().ok()?)
}

/// Whether there is one way to write it in JSON.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}
