//! What can go wrong in an IAM or STS call, and its form on the wire.

use kagiban_api::{iam, sts};
use kagiban_base::random::RandomError;
use kagiban_storage::StoreError;

use crate::caller::AuthenticationError;
use crate::freshness::{STALE, Stale};

/// A refusal, or a failure inside.
#[derive(Debug)]
pub(crate) enum IamError {
    /// Refused: an error of the service, and its text.
    Refused(Refusal),
    /// What is known here is not proven current.
    Stale,
    /// Not the caller's fault: goes to the log, the caller learns that it was internal.
    Internal(InternalError),
}

/// An error that the caller is told of.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) http_status: u16,
    pub(crate) message: String,
}

/// Our fault, or the world's. Never shown to a caller: the texts are for the log, and hold no user data.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InternalError {
    #[error("a QR code could not be drawn")]
    QrCode,
    #[error("a session token could not be sealed")]
    Sealing,
    #[error("a wrapped secret does not open")]
    SecretUnreadable,
    #[error("a secret could not be wrapped")]
    Wrapping,
    /// The write stands, but no request would see it.
    #[error("the view is not followed any more")]
    NotFollowed,
    /// A row that another row points to is missing.
    #[error("a row of kind {0} is missing")]
    RowMissing(&'static str),
    #[error(transparent)]
    Random(#[from] RandomError),
    #[error("the store failed: {0}")]
    Store(StoreError),
}

impl IamError {
    /// An error of IAM.
    pub(crate) fn iam(code: iam::ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { code: code.name(), http_status: code.http_status(), message: message.into() })
    }

    /// An error of STS.
    pub(crate) fn sts(code: sts::ErrorCode, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { code: code.name(), http_status: code.http_status(), message: message.into() })
    }

    /// A refusal of permission. AWS's text, with the kind of policy that was missing or denied.
    pub(crate) fn denied(message: String) -> Self {
        Self::Refused(Refusal { code: "AccessDenied", http_status: 403, message })
    }

    /// As it is answered.
    pub(crate) fn answer(&self) -> Refusal {
        match self {
            Self::Refused(Refusal { code, http_status, message }) => {
                Refusal { code, http_status: *http_status, message: message.clone() }
            }
            Self::Stale => Refusal { code: "ServiceUnavailable", http_status: 503, message: STALE.to_owned() },
            Self::Internal(InternalError::Store(StoreError::Contention { .. })) => {
                Refusal { code: "Throttling", http_status: 400, message: "Rate exceeded".to_owned() }
            }
            Self::Internal(_) => Refusal {
                code: "ServiceFailure",
                http_status: 500,
                message: "The request was not completed because of an internal error. You can retry it.".to_owned(),
            },
        }
    }
}

impl From<Stale> for IamError {
    fn from(_: Stale) -> Self {
        Self::Stale
    }
}

impl From<StoreError> for IamError {
    fn from(error: StoreError) -> Self {
        Self::Internal(InternalError::Store(error))
    }
}

impl From<InternalError> for IamError {
    fn from(error: InternalError) -> Self {
        Self::Internal(error)
    }
}

impl From<RandomError> for IamError {
    fn from(error: RandomError) -> Self {
        Self::Internal(InternalError::Random(error))
    }
}

impl From<AuthenticationError> for IamError {
    fn from(error: AuthenticationError) -> Self {
        use kagiban_identity::sigv4::SigV4ErrorKind;
        let refused = |code, http_status, message: String| Self::Refused(Refusal { code, http_status, message });
        match error {
            AuthenticationError::ExpiredToken => {
                refused("ExpiredToken", 403, "The security token included in the request is expired".to_owned())
            }
            AuthenticationError::SecretUnreadable => Self::Internal(InternalError::SecretUnreadable),
            AuthenticationError::UnknownAccessKey => refused(
                "InvalidClientTokenId",
                403,
                "The security token included in the request is invalid.".to_owned(),
            ),
            AuthenticationError::SigV4(error) => {
                let (code, status) = match error.kind() {
                    SigV4ErrorKind::IncompleteSignature => ("IncompleteSignature", 400),
                    SigV4ErrorKind::InvalidSignature => ("SignatureDoesNotMatch", 403),
                    SigV4ErrorKind::MissingAuthenticationToken => ("MissingAuthenticationToken", 403),
                };
                refused(code, status, error.message())
            }
        }
    }
}
