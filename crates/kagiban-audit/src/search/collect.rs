//! A page in the making.

use std::ops::ControlFlow;

use memchr::memmem::Finder;

use crate::record::Record;
use crate::recorder::{Entry, Sequence};
use crate::search::{Bounds, Field, Page, Query, Term, Token};

/// Takes the records that a query wants until the page is full.
pub(crate) struct Collector<'q> {
    query: &'q Query,
    bounds: Bounds,
    /// What must be in a record's bytes, whatever it means there.
    needles: Vec<Finder<'q>>,
    page: Page,
    bytes: u64,
}

impl<'q> Collector<'q> {
    pub(crate) fn new(query: &'q Query, bounds: Bounds) -> Self {
        let needles = query.terms.iter().filter(|term| is_verbatim(term));
        let needles = needles.map(|term| Finder::new(term.value.as_bytes())).collect();
        Self { query, bounds, needles, page: Page::default(), bytes: 0 }
    }

    /// Looks at the next record, in the query's order. Breaks when there is no room for it: the next page begins there.
    pub(crate) fn offer(&mut self, sequence: Sequence, bytes: &[u8]) -> ControlFlow<()> {
        if self.is_full() {
            return self.stop_before(sequence);
        }
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.needles.iter().all(|needle| needle.find(bytes).is_some())
            && Record::decode(bytes).is_ok_and(|record| self.query.matches(&record))
        {
            self.page.entries.push(Entry { sequence, bytes: bytes.into() });
        }
        ControlFlow::Continue(())
    }

    /// Whether nothing more should be read.
    pub(crate) fn is_full(&self) -> bool {
        self.page.entries.len() >= self.bounds.records_max || self.bytes >= self.bounds.bytes_max
    }

    /// Ends the page: the next one begins at `sequence`.
    pub(crate) fn stop_before(&mut self, sequence: Sequence) -> ControlFlow<()> {
        self.page.next = Some(Token::new(self.query, sequence));
        ControlFlow::Break(())
    }

    pub(crate) fn finish(self) -> Page {
        self.page
    }
}

/// Whether a record that has the term has the value in its bytes, letter for letter: not if it is made of several parts, or
/// may be written otherwise in JSON.
fn is_verbatim(term: &Term) -> bool {
    let is_text = match term.field {
        Field::AccessKeyId
        | Field::ErrorCode
        | Field::EventSource
        | Field::Key
        | Field::Operation
        | Field::Principal
        | Field::Region
        | Field::SourceAddress
        | Field::UserName => true,
        Field::Account
        | Field::EncryptionContext
        | Field::EventId
        | Field::EventType
        | Field::Outcome
        | Field::ReadOnly
        | Field::RequestId
        | Field::ResourceType => false,
    };
    let is_plain = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    is_text && term.value.bytes().all(is_plain)
}
