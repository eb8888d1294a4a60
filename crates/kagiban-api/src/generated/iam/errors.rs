//! Error codes. Generated from `model/iam.json` by `cargo run -p xtask -- codegen`; not to be edited.

/// An AWS error code: the errors of the model, and the common ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorCode {
    /// `AccessDenied`, HTTP status 403
    AccessDenied,
    /// `ConcurrentModification`, HTTP status 409
    ConcurrentModification,
    /// `DeleteConflict`, HTTP status 409
    DeleteConflict,
    /// `EntityAlreadyExists`, HTTP status 409
    EntityAlreadyExists,
    /// `EntityTemporarilyUnmodifiable`, HTTP status 409
    EntityTemporarilyUnmodifiable,
    /// `ExpiredToken`, HTTP status 403
    ExpiredToken,
    /// `IncompleteSignature`, HTTP status 400
    IncompleteSignature,
    /// `InternalFailure`, HTTP status 500
    InternalFailure,
    /// `InvalidAction`, HTTP status 400
    InvalidAction,
    /// `InvalidAuthenticationCode`, HTTP status 403
    InvalidAuthenticationCode,
    /// `InvalidClientTokenId`, HTTP status 403
    InvalidClientTokenId,
    /// `InvalidInput`, HTTP status 400
    InvalidInput,
    /// `InvalidParameterValue`, HTTP status 400
    InvalidParameterValue,
    /// `LimitExceeded`, HTTP status 409
    LimitExceeded,
    /// `MalformedInput`, HTTP status 400
    MalformedInput,
    /// `MalformedPolicyDocument`, HTTP status 400
    MalformedPolicyDocument,
    /// `MalformedQueryString`, HTTP status 400
    MalformedQueryString,
    /// `MissingAction`, HTTP status 400
    MissingAction,
    /// `MissingAuthenticationToken`, HTTP status 403
    MissingAuthenticationToken,
    /// `MissingParameter`, HTTP status 400
    MissingParameter,
    /// `NoSuchEntity`, HTTP status 404
    NoSuchEntity,
    /// `OpenIdIdpCommunicationError`, HTTP status 400
    OpenIdIdpCommunicationError,
    /// `OptInRequired`, HTTP status 403
    OptInRequired,
    /// `PolicyEvaluation`, HTTP status 500
    PolicyEvaluation,
    /// `PolicyNotAttachable`, HTTP status 400
    PolicyNotAttachable,
    /// `RequestExpired`, HTTP status 400
    RequestExpired,
    /// `ServiceFailure`, HTTP status 500
    ServiceFailure,
    /// `ServiceUnavailable`, HTTP status 503
    ServiceUnavailable,
    /// `SignatureDoesNotMatch`, HTTP status 403
    SignatureDoesNotMatch,
    /// `Throttling`, HTTP status 400
    Throttling,
    /// `UnmodifiableEntity`, HTTP status 400
    UnmodifiableEntity,
    /// `ValidationError`, HTTP status 400
    ValidationError,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 32] = [
        Self::AccessDenied,
        Self::ConcurrentModification,
        Self::DeleteConflict,
        Self::EntityAlreadyExists,
        Self::EntityTemporarilyUnmodifiable,
        Self::ExpiredToken,
        Self::IncompleteSignature,
        Self::InternalFailure,
        Self::InvalidAction,
        Self::InvalidAuthenticationCode,
        Self::InvalidClientTokenId,
        Self::InvalidInput,
        Self::InvalidParameterValue,
        Self::LimitExceeded,
        Self::MalformedInput,
        Self::MalformedPolicyDocument,
        Self::MalformedQueryString,
        Self::MissingAction,
        Self::MissingAuthenticationToken,
        Self::MissingParameter,
        Self::NoSuchEntity,
        Self::OpenIdIdpCommunicationError,
        Self::OptInRequired,
        Self::PolicyEvaluation,
        Self::PolicyNotAttachable,
        Self::RequestExpired,
        Self::ServiceFailure,
        Self::ServiceUnavailable,
        Self::SignatureDoesNotMatch,
        Self::Throttling,
        Self::UnmodifiableEntity,
        Self::ValidationError,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::ConcurrentModification => "ConcurrentModification",
            Self::DeleteConflict => "DeleteConflict",
            Self::EntityAlreadyExists => "EntityAlreadyExists",
            Self::EntityTemporarilyUnmodifiable => "EntityTemporarilyUnmodifiable",
            Self::ExpiredToken => "ExpiredToken",
            Self::IncompleteSignature => "IncompleteSignature",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAction => "InvalidAction",
            Self::InvalidAuthenticationCode => "InvalidAuthenticationCode",
            Self::InvalidClientTokenId => "InvalidClientTokenId",
            Self::InvalidInput => "InvalidInput",
            Self::InvalidParameterValue => "InvalidParameterValue",
            Self::LimitExceeded => "LimitExceeded",
            Self::MalformedInput => "MalformedInput",
            Self::MalformedPolicyDocument => "MalformedPolicyDocument",
            Self::MalformedQueryString => "MalformedQueryString",
            Self::MissingAction => "MissingAction",
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::MissingParameter => "MissingParameter",
            Self::NoSuchEntity => "NoSuchEntity",
            Self::OpenIdIdpCommunicationError => "OpenIdIdpCommunicationError",
            Self::OptInRequired => "OptInRequired",
            Self::PolicyEvaluation => "PolicyEvaluation",
            Self::PolicyNotAttachable => "PolicyNotAttachable",
            Self::RequestExpired => "RequestExpired",
            Self::ServiceFailure => "ServiceFailure",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::SignatureDoesNotMatch => "SignatureDoesNotMatch",
            Self::Throttling => "Throttling",
            Self::UnmodifiableEntity => "UnmodifiableEntity",
            Self::ValidationError => "ValidationError",
        }
    }

    /// The HTTP status it is sent with.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::IncompleteSignature
            | Self::InvalidAction
            | Self::InvalidInput
            | Self::InvalidParameterValue
            | Self::MalformedInput
            | Self::MalformedPolicyDocument
            | Self::MalformedQueryString
            | Self::MissingAction
            | Self::MissingParameter
            | Self::OpenIdIdpCommunicationError
            | Self::PolicyNotAttachable
            | Self::RequestExpired
            | Self::Throttling
            | Self::UnmodifiableEntity
            | Self::ValidationError => 400,
            Self::AccessDenied
            | Self::ExpiredToken
            | Self::InvalidAuthenticationCode
            | Self::InvalidClientTokenId
            | Self::MissingAuthenticationToken
            | Self::OptInRequired
            | Self::SignatureDoesNotMatch => 403,
            Self::NoSuchEntity => 404,
            Self::ConcurrentModification
            | Self::DeleteConflict
            | Self::EntityAlreadyExists
            | Self::EntityTemporarilyUnmodifiable
            | Self::LimitExceeded => 409,
            Self::InternalFailure
            | Self::PolicyEvaluation
            | Self::ServiceFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
