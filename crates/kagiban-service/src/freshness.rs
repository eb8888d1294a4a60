//! Whether the view is fresh enough to decide from.
//!
//! Where several nodes share a store, what one of them changed is in force on the others once their views have it. A node
//! that cannot prove that its view is as fresh as the bound says (it is cut off from the store, or was itself paused)
//! decides nothing: a key that was disabled elsewhere must not go on working here.
//!
//! Asked before anything of a request is decided, and again before an answer leaves that nothing but the view vouches for:
//! in between the process may have stood still. A change asks once only: its transaction has read what it relies on from
//! the store itself.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::{Operation, wire};
use kagiban_iam::request::{RawResponse, Summary};

use crate::Service;

/// What a service demands of its view.
#[derive(Debug, Default)]
pub(crate) struct Freshness {
    /// Unset where this process alone writes to its store: then the view is always fresh.
    bound: OnceLock<Duration>,
    /// Whether requests are being refused, so that the log says it once.
    refusing: AtomicBool,
}

/// How the names of operations begin that change nothing of the store.
const READING: [&str; 12] = [
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Describe",
    "Encapsulate",
    "Encrypt",
    "Generate",
    "Get",
    "List",
    "ReEncrypt",
    "Sign",
    "Verify",
];

impl Service {
    /// From now on requests are refused while the view is not proven to be as fresh as this. For stores that several
    /// nodes share; the first bound stays.
    pub fn refuse_when_older_than(&self, bound: Duration) {
        _ = self.freshness.bound.set(bound);
    }

    /// Whether the view may be decided from.
    pub(crate) fn is_fresh(&self) -> bool {
        let Some(bound) = self.freshness.bound.get() else { return true };
        let age = self.applied.progress().age();
        // Looked at behind the age: whoever is taken off knows it from a view that is fresh.
        let is_member = self.view.nodes().may_decide();
        let is_fresh = age <= *bound && is_member;
        // Looked at first: the processors should not pass the line around for what hardly ever changes.
        let refusing = &self.freshness.refusing;
        if refusing.load(Relaxed) == is_fresh && refusing.swap(!is_fresh, Relaxed) == is_fresh {
            if is_fresh {
                tracing::info!("the view of the store is fresh again; requests are answered");
            } else {
                tracing::error!(
                    ?age,
                    ?bound,
                    is_member,
                    "the view of the store is not proven fresh; requests are refused"
                );
            }
        }
        is_fresh
    }
}

/// Whether the answer to an operation rests on the view alone. So does what ends before there is one.
pub(crate) fn rests_on_the_view(operation: Option<Operation>) -> bool {
    operation.is_none_or(|operation| READING.iter().any(|start| operation.name().starts_with(start)))
}

/// What is said then.
pub(crate) const STALE: &str = "This node cannot prove that what it knows is current; try again.";

/// The answer while the view is too old; AWS clients try again, and load balancers elsewhere.
pub(crate) fn stale() -> RawResponse {
    let body = Bytes::from(format!(r#"{{"__type":"ServiceUnavailableException","message":"{STALE}"}}"#));
    let summary = Summary { error: "ServiceUnavailableException", ..Summary::default() };
    RawResponse { status: StatusCode::SERVICE_UNAVAILABLE, body, content_type: wire::CONTENT_TYPE, summary }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_from_what_only_reads() {
        for (operation, rests) in [
            (Some(Operation::Decrypt), true),
            (Some(Operation::GenerateDataKey), true),
            (Some(Operation::DescribeKey), true),
            (Some(Operation::ReEncrypt), true),
            (None, true),
            (Some(Operation::CreateKey), false),
            (Some(Operation::DisableKey), false),
            (Some(Operation::RevokeGrant), false),
            (Some(Operation::ScheduleKeyDeletion), false),
        ] {
            assert_eq!(rests_on_the_view(operation), rests, "{operation:?}");
        }
    }
}
