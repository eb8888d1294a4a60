//! What can go wrong in a CloudTrail call, and its form on the wire.

use bytes::Bytes;
use http::StatusCode;
use kagiban_api::cloudtrail::ErrorCode;
use kagiban_api::wire;
use kagiban_iam::audit::Outcome;
use kagiban_iam::freshness::STALE;
use kagiban_iam::request::{RawResponse, Summary};

use crate::audit_key::AuditKeyError;
use crate::error::ServiceError;

/// Why a request is refused, or what failed inside.
#[derive(Debug)]
pub(super) enum CloudTrailError {
    /// An error of CloudTrail's model, and its text.
    Refused(ErrorCode, String),
    /// One that all services of this deployment have.
    Common(Box<ServiceError>),
    /// The records cannot be read.
    Search(kagiban_audit::search::SearchError),
    /// The public keys cannot be read.
    Keys(AuditKeyError),
}

/// An error as it is answered and recorded.
pub(super) struct Answer {
    code: &'static str,
    http_status: u16,
    message: String,
}

impl CloudTrailError {
    /// An error of CloudTrail's model.
    pub(super) fn refused(code: ErrorCode, text: impl Into<String>) -> Self {
        Self::Refused(code, text.into())
    }

    /// What failed inside, for the log.
    pub(super) fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(..) => None,
            Self::Common(error) => match &**error {
                ServiceError::Internal(error) => Some(error),
                _ => None,
            },
            Self::Search(error) => Some(error),
            Self::Keys(error) => Some(error),
        }
    }

    /// The one place that turns errors into AWS's codes and texts.
    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Refused(code, text) => {
                Answer { code: code.name(), http_status: code.http_status(), message: text.clone() }
            }
            // With the code that the whole deployment answers so.
            Self::Common(error) if matches!(**error, ServiceError::Stale) => {
                Answer { code: "ServiceUnavailableException", http_status: 503, message: STALE.to_owned() }
            }
            Self::Common(error) => {
                let (code, message) = error.answer();
                // CloudTrail has no error that is called after KMS.
                if code.http_status() >= 500 {
                    return internal();
                }
                Answer { code: code.name(), http_status: code.http_status(), message: message.unwrap_or_default() }
            }
            Self::Search(_) | Self::Keys(_) => internal(),
        }
    }
}

fn internal() -> Answer {
    let message = "The request was not completed because of an internal error. You can retry it.".to_owned();
    Answer { code: ErrorCode::InternalFailure.name(), http_status: 500, message }
}

impl Answer {
    pub(super) fn response(&self) -> RawResponse {
        let body = wire::encode_named_error(self.code, &self.message);
        let status = StatusCode::from_u16(self.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let summary = Summary { error: self.code, ..Summary::default() };
        RawResponse { status, body: Bytes::from(body), content_type: wire::CONTENT_TYPE, summary }
    }

    pub(super) fn outcome(&self) -> Outcome<'_> {
        // A denial has another name in records than on the wire.
        let error_code = if self.code == "AccessDeniedException" { "AccessDenied" } else { self.code };
        Outcome { error_code, error_message: &self.message }
    }
}

impl From<ServiceError> for CloudTrailError {
    fn from(error: ServiceError) -> Self {
        Self::Common(Box::new(error))
    }
}

impl From<AuditKeyError> for CloudTrailError {
    fn from(error: AuditKeyError) -> Self {
        Self::Keys(error)
    }
}
