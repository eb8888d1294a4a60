//! What a handler gets besides its input.

use kagiban_api::Operation;
use kagiban_base::time::Timestamp;

use crate::Service;
use crate::caller::Caller;
use crate::catalog::Row;
use crate::records::Place;

/// The surroundings of one request. Made by the pipeline, once the caller is known.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) service: &'a Service,
    pub(crate) caller: &'a Caller,
    /// The operation's row in the catalog.
    pub(crate) row: &'a Row,
    /// When the request was taken up; one moment for all that it decides and writes.
    pub(crate) now: Timestamp,
}

impl Context<'_> {
    pub(crate) fn operation(&self) -> Operation {
        self.row.operation
    }

    /// Where the caller's own rows are.
    pub(crate) fn place(&self) -> Place {
        Place { region: self.caller.region, account: self.caller.account }
    }
}
