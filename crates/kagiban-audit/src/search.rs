//! Finding records: by key, principal, operation, outcome, time and more, newest or oldest first, page by page.
//!
//! A page is bounded twice, in what it shows and in what it reads, so it may have fewer records than asked for, even none,
//! and still not be the last. Records are ordered by their place in the journal: the order in which requests ended.

mod collect;
mod field;
mod scan;
mod sieve;
mod token;

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

pub(crate) use collect::Collector;
pub use field::{Field, Term, pair, user_name};
pub(crate) use field::{each_value, role_of};
pub use scan::Scan;
pub(crate) use scan::{beyond, scan};
pub use sieve::Sieve;
pub use token::{InvalidToken, Token};

use crate::archive::ArchiveError;
use crate::record::Record;
use crate::recorder::{Entry, ReadError, Sequence};

/// Which records are wanted: those for which everything here holds. The default is all, newest first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Query {
    /// Only records that this account gets, and what it may know of them; `None` for an operator of the deployment.
    pub account: Option<AccountId>,
    /// All of these.
    pub terms: Vec<Term>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub until: Option<Timestamp>,
    /// Which end comes first.
    pub order: Order,
}

/// Which records come first.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// The latest.
    #[default]
    NewestFirst,
    /// The earliest.
    OldestFirst,
}

impl Query {
    /// Whether the record is wanted.
    pub fn matches(&self, record: &Record<'_>) -> bool {
        self.is_in_bounds(record) && self.terms.iter().all(|term| term.matches(record, self.account))
    }

    /// Whether account and time are right.
    pub(crate) fn is_in_bounds(&self, record: &Record<'_>) -> bool {
        self.account.is_none_or(|account| record.recipients().any(|recipient| recipient == account))
            && self.from.is_none_or(|from| record.time >= from)
            && self.until.is_none_or(|until| record.time <= until)
    }

    /// Where the page of the token begins, or the first one, when `latest` is the latest record.
    pub(crate) fn place(&self, token: Option<&Token>, latest: Sequence) -> Result<Sequence, InvalidToken> {
        match (token, self.order) {
            (Some(token), _) => token.place(self),
            (None, Order::OldestFirst) => Ok(Sequence(1)),
            (None, Order::NewestFirst) => Ok(latest),
        }
    }
}

/// What one page may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bounds {
    /// Records that are shown, at most.
    pub records_max: usize,
    /// Bytes of records that are looked at, at most (a little more is read at the end).
    pub bytes_max: u64,
}

impl Bounds {
    /// So many records, and reading for about a second.
    pub const fn records(records_max: usize) -> Self {
        Self { records_max, bytes_max: 512 << 20 }
    }
}

/// Some of the records that a query wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In the query's order. [`Record::decode`] reads them; they are whole.
    pub entries: Vec<Entry>,
    /// Where the next page begins; `None` when there is nothing more.
    pub next: Option<Token>,
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// An archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The records cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The token is not one of this query's.
    #[error(transparent)]
    Token(#[from] InvalidToken),
}

/// Finds records. Blocks on the disk, up to seconds: not for threads that answer requests.
pub trait Search: Send + Sync {
    /// The page of `query` that begins at `token`, or the first one. Records that came after the first page was made are in no later
    /// page of the newest first; of the oldest first, they are the last ones.
    ///
    /// # Errors
    /// [`SearchError`]
    fn page(&self, query: &Query, token: Option<&Token>, bounds: Bounds) -> Result<Page, SearchError>;
}
