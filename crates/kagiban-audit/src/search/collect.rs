//! A page in the making.

use std::ops::ControlFlow;

use crate::recorder::{Entry, Sequence};
use crate::search::{Bounds, Page, Query, Sieve, Token};

/// Takes the records that a query wants until the page is full.
pub(crate) struct Collector<'q> {
    query: &'q Query,
    bounds: Bounds,
    sieve: Sieve<'q>,
    page: Page,
    bytes: u64,
}

impl<'q> Collector<'q> {
    pub(crate) fn new(query: &'q Query, bounds: Bounds) -> Self {
        Self { query, bounds, sieve: Sieve::new(query), page: Page::default(), bytes: 0 }
    }

    /// Looks at the next record, in the query's order. Breaks when there is no room for it: the next page begins there.
    pub(crate) fn offer(&mut self, sequence: Sequence, bytes: &[u8]) -> ControlFlow<()> {
        if self.is_full() {
            return self.stop_before(sequence);
        }
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        if self.sieve.may_want(bytes) && self.sieve.wants(bytes) {
            self.page.entries.push(Entry { sequence, bytes: bytes.into() });
        }
        ControlFlow::Continue(())
    }

    /// What sorts out records before they are offered.
    pub(crate) fn sieve(&self) -> &Sieve<'q> {
        &self.sieve
    }

    /// Counts records that were looked at and are not offered.
    pub(crate) fn count_left_out(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
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
