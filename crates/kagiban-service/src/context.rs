//! What a handler gets besides its input.

use kagiban_api::Operation;
use kagiban_base::time::Timestamp;

use kagiban_iam::audit::Notes;
use kagiban_iam::caller::Caller;
use kagiban_iam::directory::Directory;
use kagiban_iam::request::RawRequest;

use crate::Service;
use crate::catalog::Row;
use crate::key_uses::KeysAsked;
use crate::quotas::ResourceLimits;
use crate::records::Place;

/// The surroundings of one request. Made by the pipeline, once the caller is known.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) service: &'a Service,
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a RawRequest,
    /// The operation's row in the catalog.
    pub(crate) row: &'a Row,
    /// The keys that it gets permission for.
    pub(crate) keys: &'a KeysAsked,
    /// What its record will say.
    pub(crate) notes: &'a Notes,
    /// When the request was taken up; one moment for all that it decides and writes.
    pub(crate) now: Timestamp,
}

impl Context<'_> {
    pub(crate) fn operation(&self) -> Operation {
        self.row.operation
    }

    /// The identities.
    pub(crate) fn directory(&self) -> &Directory {
        &self.service.iam.directory
    }

    /// What the caller's own resources must keep within.
    pub(crate) fn limits(&self) -> ResourceLimits {
        self.service.quotas.limits(self.place())
    }

    /// Where the caller's own rows are.
    pub(crate) fn place(&self) -> Place {
        Place { region: self.caller.region(), account: self.caller.account() }
    }
}
