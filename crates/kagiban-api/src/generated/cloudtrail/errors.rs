//! Error codes. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

/// An AWS error code: the errors of the model, and the common ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorCode {
    /// `AccessDeniedException`, HTTP status 400
    AccessDeniedException,
    /// `CloudTrailARNInvalidException`, HTTP status 400
    CloudTrailARNInvalidException,
    /// `ExpiredTokenException`, HTTP status 400
    ExpiredTokenException,
    /// `IncompleteSignatureException`, HTTP status 400
    IncompleteSignatureException,
    /// `InternalFailure`, HTTP status 500
    InternalFailure,
    /// `InvalidEventCategoryException`, HTTP status 400
    InvalidEventCategoryException,
    /// `InvalidLookupAttributesException`, HTTP status 400
    InvalidLookupAttributesException,
    /// `InvalidMaxResultsException`, HTTP status 400
    InvalidMaxResultsException,
    /// `InvalidNextTokenException`, HTTP status 400
    InvalidNextTokenException,
    /// `InvalidSignatureException`, HTTP status 400
    InvalidSignatureException,
    /// `InvalidTimeRangeException`, HTTP status 400
    InvalidTimeRangeException,
    /// `InvalidTokenException`, HTTP status 400
    InvalidTokenException,
    /// `InvalidTrailNameException`, HTTP status 400
    InvalidTrailNameException,
    /// `MalformedHttpRequestException`, HTTP status 400
    MalformedHttpRequestException,
    /// `MissingAuthenticationTokenException`, HTTP status 400
    MissingAuthenticationTokenException,
    /// `NoManagementAccountSLRExistsException`, HTTP status 400
    NoManagementAccountSLRExistsException,
    /// `OperationNotPermittedException`, HTTP status 400
    OperationNotPermittedException,
    /// `OptInRequired`, HTTP status 403
    OptInRequired,
    /// `RequestAbortedException`, HTTP status 400
    RequestAbortedException,
    /// `RequestEntityTooLargeException`, HTTP status 413
    RequestEntityTooLargeException,
    /// `RequestTimeoutException`, HTTP status 408
    RequestTimeoutException,
    /// `SerializationException`, HTTP status 400
    SerializationException,
    /// `ServiceUnavailable`, HTTP status 503
    ServiceUnavailable,
    /// `ThrottlingException`, HTTP status 400
    ThrottlingException,
    /// `TrailNotFoundException`, HTTP status 400
    TrailNotFoundException,
    /// `UnknownOperationException`, HTTP status 400
    UnknownOperationException,
    /// `UnrecognizedClientException`, HTTP status 400
    UnrecognizedClientException,
    /// `UnsupportedOperationException`, HTTP status 400
    UnsupportedOperationException,
    /// `ValidationException`, HTTP status 400
    ValidationException,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 29] = [
        Self::AccessDeniedException,
        Self::CloudTrailARNInvalidException,
        Self::ExpiredTokenException,
        Self::IncompleteSignatureException,
        Self::InternalFailure,
        Self::InvalidEventCategoryException,
        Self::InvalidLookupAttributesException,
        Self::InvalidMaxResultsException,
        Self::InvalidNextTokenException,
        Self::InvalidSignatureException,
        Self::InvalidTimeRangeException,
        Self::InvalidTokenException,
        Self::InvalidTrailNameException,
        Self::MalformedHttpRequestException,
        Self::MissingAuthenticationTokenException,
        Self::NoManagementAccountSLRExistsException,
        Self::OperationNotPermittedException,
        Self::OptInRequired,
        Self::RequestAbortedException,
        Self::RequestEntityTooLargeException,
        Self::RequestTimeoutException,
        Self::SerializationException,
        Self::ServiceUnavailable,
        Self::ThrottlingException,
        Self::TrailNotFoundException,
        Self::UnknownOperationException,
        Self::UnrecognizedClientException,
        Self::UnsupportedOperationException,
        Self::ValidationException,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDeniedException => "AccessDeniedException",
            Self::CloudTrailARNInvalidException => "CloudTrailARNInvalidException",
            Self::ExpiredTokenException => "ExpiredTokenException",
            Self::IncompleteSignatureException => "IncompleteSignatureException",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidEventCategoryException => "InvalidEventCategoryException",
            Self::InvalidLookupAttributesException => "InvalidLookupAttributesException",
            Self::InvalidMaxResultsException => "InvalidMaxResultsException",
            Self::InvalidNextTokenException => "InvalidNextTokenException",
            Self::InvalidSignatureException => "InvalidSignatureException",
            Self::InvalidTimeRangeException => "InvalidTimeRangeException",
            Self::InvalidTokenException => "InvalidTokenException",
            Self::InvalidTrailNameException => "InvalidTrailNameException",
            Self::MalformedHttpRequestException => "MalformedHttpRequestException",
            Self::MissingAuthenticationTokenException => "MissingAuthenticationTokenException",
            Self::NoManagementAccountSLRExistsException => "NoManagementAccountSLRExistsException",
            Self::OperationNotPermittedException => "OperationNotPermittedException",
            Self::OptInRequired => "OptInRequired",
            Self::RequestAbortedException => "RequestAbortedException",
            Self::RequestEntityTooLargeException => "RequestEntityTooLargeException",
            Self::RequestTimeoutException => "RequestTimeoutException",
            Self::SerializationException => "SerializationException",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::ThrottlingException => "ThrottlingException",
            Self::TrailNotFoundException => "TrailNotFoundException",
            Self::UnknownOperationException => "UnknownOperationException",
            Self::UnrecognizedClientException => "UnrecognizedClientException",
            Self::UnsupportedOperationException => "UnsupportedOperationException",
            Self::ValidationException => "ValidationException",
        }
    }

    /// The HTTP status it is sent with.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::AccessDeniedException
            | Self::CloudTrailARNInvalidException
            | Self::ExpiredTokenException
            | Self::IncompleteSignatureException
            | Self::InvalidEventCategoryException
            | Self::InvalidLookupAttributesException
            | Self::InvalidMaxResultsException
            | Self::InvalidNextTokenException
            | Self::InvalidSignatureException
            | Self::InvalidTimeRangeException
            | Self::InvalidTokenException
            | Self::InvalidTrailNameException
            | Self::MalformedHttpRequestException
            | Self::MissingAuthenticationTokenException
            | Self::NoManagementAccountSLRExistsException
            | Self::OperationNotPermittedException
            | Self::RequestAbortedException
            | Self::SerializationException
            | Self::ThrottlingException
            | Self::TrailNotFoundException
            | Self::UnknownOperationException
            | Self::UnrecognizedClientException
            | Self::UnsupportedOperationException
            | Self::ValidationException => 400,
            Self::OptInRequired => 403,
            Self::RequestTimeoutException => 408,
            Self::RequestEntityTooLargeException => 413,
            Self::InternalFailure => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
