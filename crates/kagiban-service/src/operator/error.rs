//! What can go wrong in an operator's call beside what can in every call.

use kagiban_api::ErrorCode;
use kagiban_base::id::{AccessKeyId, AccountId};

use crate::peers::PeerError;

/// Why an operator's request is refused.
#[derive(Debug)]
pub(crate) enum OperatorError {
    AccountExists(AccountId),
    AccountNotFound(AccountId),
    /// The clock is that of the world.
    ClockStands,
    /// The clock would be too far ahead.
    ClockTooFar {
        left_s: i64,
    },
    /// No compliance rule has this name.
    ComplianceRule,
    /// The body is no JSON, or not what the operation takes.
    Body(serde_json::Error),
    /// A value of a filter of FindKeys is none.
    Filter {
        name: &'static str,
        must_be: &'static str,
    },
    /// A filter of FindKeys has no values, or too many.
    FilterValues {
        name: &'static str,
        max: usize,
    },
    /// The management account cannot be closed.
    ManagementAccountStays(AccountId),
    /// Unknown, too old, or not the caller's to see: one answer for all.
    NoDecision,
    NotAnObject,
    Peer(PeerError),
    ServiceAccessKeyNotFound(Box<AccessKeyId>),
    /// The service has as many access keys as it may.
    ServiceAccessKeys {
        limit: usize,
    },
}

/// Longest excerpt of a body's fault, in characters: it can quote what was sent.
const FAULT_CHARS: usize = 300;

impl OperatorError {
    /// Code and text. Called by the one place that turns errors into answers.
    pub(crate) fn answer(&self) -> (ErrorCode, String) {
        match self {
            Self::AccountExists(account) => {
                (ErrorCode::AlreadyExistsException, format!("Account {account} already exists."))
            }
            Self::AccountNotFound(account) => {
                (ErrorCode::NotFoundException, format!("Account {account} does not exist."))
            }
            Self::ClockStands => (
                ErrorCode::UnsupportedOperationException,
                "The clock can be moved in a development deployment only.".to_owned(),
            ),
            Self::ClockTooFar { left_s } => (
                ErrorCode::ValidationException,
                format!("The clock can be 100 years ahead at most; it can be moved by {left_s} seconds more."),
            ),
            Self::ComplianceRule => (
                ErrorCode::ValidationException,
                "The RuleName must be the name of a compliance rule; without it, all are told.".to_owned(),
            ),
            Self::Body(error) => (body_code(error), body_text(error)),
            Self::Filter { name, must_be } => {
                (ErrorCode::ValidationException, format!("The filter {name} must be {must_be}."))
            }
            Self::FilterValues { name, max } => {
                (ErrorCode::ValidationException, format!("The filter {name} must have 1 to {max} values."))
            }
            Self::ManagementAccountStays(account) => (
                ErrorCode::ValidationException,
                format!("Account {account} is the management account of this deployment; it cannot be closed."),
            ),
            Self::NoDecision => (
                ErrorCode::NotFoundException,
                "No decision of such a request is known: it may be too old, another node's, or not your account's."
                    .to_owned(),
            ),
            Self::NotAnObject => (ErrorCode::SerializationException, "The body is no JSON object.".to_owned()),
            Self::Peer(error) => error.answer(),
            Self::ServiceAccessKeyNotFound(id) => {
                (ErrorCode::NotFoundException, format!("There is no access key {id} of a service principal."))
            }
            Self::ServiceAccessKeys { limit } => (
                ErrorCode::LimitExceededException,
                format!("A service principal can have {limit} access keys; delete one that is not used any more."),
            ),
        }
    }
}

/// What is wrong with a body; where, only if it is no JSON at all: else the text names the field.
fn body_text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let named = if error.is_data() { text.rsplit_once(" at line ").map(|(what, _)| what) } else { None };
    named.unwrap_or(&text).chars().take(FAULT_CHARS).collect()
}

fn body_code(error: &serde_json::Error) -> ErrorCode {
    match error.classify() {
        serde_json::error::Category::Data => ErrorCode::ValidationException,
        _ => ErrorCode::SerializationException,
    }
}
