//! Which operations of KMS rest on the view alone, and what is answered while it is not fresh enough (`kagiban_iam::freshness`).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::{Operation, wire};
use kagiban_iam::request::{RawResponse, Summary};

use crate::Service;
use crate::error::ServiceError;

/// How long a request waits for a view that is not proven fresh. With this, the three attempts that clients of AWS make by default take some
/// seconds; much more would keep them from a node that is in order.
const PATIENCE: Duration = Duration::from_millis(750);
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
        let (view, domain_keys) = (Arc::clone(&self.view), Arc::clone(&self.domain_keys));
        let may_decide = move || view.nodes().may_decide() && !domain_keys.is_behind();
        self.iam.refuse_when_older_than(bound, Box::new(may_decide));
    }

    /// Gives a view that is not proven fresh a moment to become so. While etcd elects a leader no node can prove anything, often for
    /// little more than the bound; clients that were refused at once would have used up their attempts by then. What follows
    /// decides or refuses as ever.
    pub async fn await_freshness(&self) {
        if !self.is_sealed() {
            self.iam.await_freshness(PATIENCE).await;
        }
    }

    /// Whether the view may be decided from.
    pub(crate) fn is_fresh(&self) -> bool {
        self.iam.is_fresh()
    }

    /// The same as an error.
    pub(crate) fn require_fresh(&self) -> Result<(), ServiceError> {
        if self.is_fresh() { Ok(()) } else { Err(ServiceError::Stale) }
    }
}

/// Whether the answer to an operation rests on the view alone. So does what ends before there is one.
pub(crate) fn rests_on_the_view(operation: Option<Operation>) -> bool {
    operation.is_none_or(|operation| READING.iter().any(|start| operation.name().starts_with(start)))
}

/// The answer while nothing can be decided, and why; AWS clients try again, and load balancers elsewhere.
pub(crate) fn unavailable(why: &'static str) -> RawResponse {
    let body = Bytes::from(format!(r#"{{"__type":"ServiceUnavailableException","message":"{why}"}}"#));
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
