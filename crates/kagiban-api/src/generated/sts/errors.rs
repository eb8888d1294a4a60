//! Error codes. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

/// An AWS error code: the errors of the model, and the common ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorCode {
    /// `AccessDenied`, HTTP status 403
    AccessDenied,
    /// `ExpiredToken`, HTTP status 403
    ExpiredToken,
    /// `ExpiredTokenException`, HTTP status 400
    ExpiredTokenException,
    /// `IDPCommunicationError`, HTTP status 400
    IDPCommunicationError,
    /// `IDPRejectedClaim`, HTTP status 403
    IDPRejectedClaim,
    /// `IncompleteSignature`, HTTP status 400
    IncompleteSignature,
    /// `InternalFailure`, HTTP status 500
    InternalFailure,
    /// `InvalidAction`, HTTP status 400
    InvalidAction,
    /// `InvalidClientTokenId`, HTTP status 403
    InvalidClientTokenId,
    /// `InvalidIdentityToken`, HTTP status 400
    InvalidIdentityToken,
    /// `InvalidParameterValue`, HTTP status 400
    InvalidParameterValue,
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
    /// `OptInRequired`, HTTP status 403
    OptInRequired,
    /// `PackedPolicyTooLarge`, HTTP status 400
    PackedPolicyTooLarge,
    /// `RegionDisabledException`, HTTP status 403
    RegionDisabledException,
    /// `RequestExpired`, HTTP status 400
    RequestExpired,
    /// `ServiceUnavailable`, HTTP status 503
    ServiceUnavailable,
    /// `SignatureDoesNotMatch`, HTTP status 403
    SignatureDoesNotMatch,
    /// `Throttling`, HTTP status 400
    Throttling,
    /// `ValidationError`, HTTP status 400
    ValidationError,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 25] = [
        Self::AccessDenied,
        Self::ExpiredToken,
        Self::ExpiredTokenException,
        Self::IDPCommunicationError,
        Self::IDPRejectedClaim,
        Self::IncompleteSignature,
        Self::InternalFailure,
        Self::InvalidAction,
        Self::InvalidClientTokenId,
        Self::InvalidIdentityToken,
        Self::InvalidParameterValue,
        Self::MalformedInput,
        Self::MalformedPolicyDocument,
        Self::MalformedQueryString,
        Self::MissingAction,
        Self::MissingAuthenticationToken,
        Self::MissingParameter,
        Self::OptInRequired,
        Self::PackedPolicyTooLarge,
        Self::RegionDisabledException,
        Self::RequestExpired,
        Self::ServiceUnavailable,
        Self::SignatureDoesNotMatch,
        Self::Throttling,
        Self::ValidationError,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDenied",
            Self::ExpiredToken => "ExpiredToken",
            Self::ExpiredTokenException => "ExpiredTokenException",
            Self::IDPCommunicationError => "IDPCommunicationError",
            Self::IDPRejectedClaim => "IDPRejectedClaim",
            Self::IncompleteSignature => "IncompleteSignature",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAction => "InvalidAction",
            Self::InvalidClientTokenId => "InvalidClientTokenId",
            Self::InvalidIdentityToken => "InvalidIdentityToken",
            Self::InvalidParameterValue => "InvalidParameterValue",
            Self::MalformedInput => "MalformedInput",
            Self::MalformedPolicyDocument => "MalformedPolicyDocument",
            Self::MalformedQueryString => "MalformedQueryString",
            Self::MissingAction => "MissingAction",
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::MissingParameter => "MissingParameter",
            Self::OptInRequired => "OptInRequired",
            Self::PackedPolicyTooLarge => "PackedPolicyTooLarge",
            Self::RegionDisabledException => "RegionDisabledException",
            Self::RequestExpired => "RequestExpired",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::SignatureDoesNotMatch => "SignatureDoesNotMatch",
            Self::Throttling => "Throttling",
            Self::ValidationError => "ValidationError",
        }
    }

    /// The HTTP status it is sent with.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::ExpiredTokenException
            | Self::IDPCommunicationError
            | Self::IncompleteSignature
            | Self::InvalidAction
            | Self::InvalidIdentityToken
            | Self::InvalidParameterValue
            | Self::MalformedInput
            | Self::MalformedPolicyDocument
            | Self::MalformedQueryString
            | Self::MissingAction
            | Self::MissingParameter
            | Self::PackedPolicyTooLarge
            | Self::RequestExpired
            | Self::Throttling
            | Self::ValidationError => 400,
            Self::AccessDenied
            | Self::ExpiredToken
            | Self::IDPRejectedClaim
            | Self::InvalidClientTokenId
            | Self::MissingAuthenticationToken
            | Self::OptInRequired
            | Self::RegionDisabledException
            | Self::SignatureDoesNotMatch => 403,
            Self::InternalFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
