//! Error codes. Generated from `model/kms.json` by `cargo run -p xtask -- codegen`; not to be edited.

/// An AWS error code: the errors of the model, and the common ones.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ErrorCode {
    /// `AccessDeniedException`, HTTP status 400
    AccessDeniedException,
    /// `AlreadyExistsException`, HTTP status 400
    AlreadyExistsException,
    /// `CloudHsmClusterInUseException`, HTTP status 400
    CloudHsmClusterInUseException,
    /// `CloudHsmClusterInvalidConfigurationException`, HTTP status 400
    CloudHsmClusterInvalidConfigurationException,
    /// `CloudHsmClusterNotActiveException`, HTTP status 400
    CloudHsmClusterNotActiveException,
    /// `CloudHsmClusterNotFoundException`, HTTP status 400
    CloudHsmClusterNotFoundException,
    /// `CloudHsmClusterNotRelatedException`, HTTP status 400
    CloudHsmClusterNotRelatedException,
    /// `ConflictException`, HTTP status 400
    ConflictException,
    /// `CustomKeyStoreHasCMKsException`, HTTP status 400
    CustomKeyStoreHasCMKsException,
    /// `CustomKeyStoreInvalidStateException`, HTTP status 400
    CustomKeyStoreInvalidStateException,
    /// `CustomKeyStoreNameInUseException`, HTTP status 400
    CustomKeyStoreNameInUseException,
    /// `CustomKeyStoreNotFoundException`, HTTP status 400
    CustomKeyStoreNotFoundException,
    /// `DependencyTimeoutException`, HTTP status 500
    DependencyTimeoutException,
    /// `DisabledException`, HTTP status 400
    DisabledException,
    /// `DryRunOperationException`, HTTP status 400
    DryRunOperationException,
    /// `ExpiredImportTokenException`, HTTP status 400
    ExpiredImportTokenException,
    /// `ExpiredTokenException`, HTTP status 400
    ExpiredTokenException,
    /// `IncompleteSignatureException`, HTTP status 400
    IncompleteSignatureException,
    /// `IncorrectKeyException`, HTTP status 400
    IncorrectKeyException,
    /// `IncorrectKeyMaterialException`, HTTP status 400
    IncorrectKeyMaterialException,
    /// `IncorrectTrustAnchorException`, HTTP status 400
    IncorrectTrustAnchorException,
    /// `InternalFailure`, HTTP status 500
    InternalFailure,
    /// `InvalidAliasNameException`, HTTP status 400
    InvalidAliasNameException,
    /// `InvalidArnException`, HTTP status 400
    InvalidArnException,
    /// `InvalidCiphertextException`, HTTP status 400
    InvalidCiphertextException,
    /// `InvalidGrantIdException`, HTTP status 400
    InvalidGrantIdException,
    /// `InvalidGrantTokenException`, HTTP status 400
    InvalidGrantTokenException,
    /// `InvalidImportTokenException`, HTTP status 400
    InvalidImportTokenException,
    /// `InvalidKeyUsageException`, HTTP status 400
    InvalidKeyUsageException,
    /// `InvalidMarkerException`, HTTP status 400
    InvalidMarkerException,
    /// `InvalidSignatureException`, HTTP status 400
    InvalidSignatureException,
    /// `KMSInternalException`, HTTP status 500
    KMSInternalException,
    /// `KMSInvalidMacException`, HTTP status 400
    KMSInvalidMacException,
    /// `KMSInvalidSignatureException`, HTTP status 400
    KMSInvalidSignatureException,
    /// `KMSInvalidStateException`, HTTP status 400
    KMSInvalidStateException,
    /// `KeyUnavailableException`, HTTP status 500
    KeyUnavailableException,
    /// `LimitExceededException`, HTTP status 400
    LimitExceededException,
    /// `MalformedHttpRequestException`, HTTP status 400
    MalformedHttpRequestException,
    /// `MalformedPolicyDocumentException`, HTTP status 400
    MalformedPolicyDocumentException,
    /// `MissingAuthenticationTokenException`, HTTP status 400
    MissingAuthenticationTokenException,
    /// `NotFoundException`, HTTP status 400
    NotFoundException,
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
    /// `TagException`, HTTP status 400
    TagException,
    /// `ThrottlingException`, HTTP status 400
    ThrottlingException,
    /// `UnknownOperationException`, HTTP status 400
    UnknownOperationException,
    /// `UnrecognizedClientException`, HTTP status 400
    UnrecognizedClientException,
    /// `UnsupportedOperationException`, HTTP status 400
    UnsupportedOperationException,
    /// `ValidationException`, HTTP status 400
    ValidationException,
    /// `XksKeyAlreadyInUseException`, HTTP status 400
    XksKeyAlreadyInUseException,
    /// `XksKeyInvalidConfigurationException`, HTTP status 400
    XksKeyInvalidConfigurationException,
    /// `XksKeyNotFoundException`, HTTP status 400
    XksKeyNotFoundException,
    /// `XksProxyIncorrectAuthenticationCredentialException`, HTTP status 400
    XksProxyIncorrectAuthenticationCredentialException,
    /// `XksProxyInvalidConfigurationException`, HTTP status 400
    XksProxyInvalidConfigurationException,
    /// `XksProxyInvalidResponseException`, HTTP status 400
    XksProxyInvalidResponseException,
    /// `XksProxyUriEndpointInUseException`, HTTP status 400
    XksProxyUriEndpointInUseException,
    /// `XksProxyUriInUseException`, HTTP status 400
    XksProxyUriInUseException,
    /// `XksProxyUriUnreachableException`, HTTP status 400
    XksProxyUriUnreachableException,
    /// `XksProxyVpcEndpointServiceInUseException`, HTTP status 400
    XksProxyVpcEndpointServiceInUseException,
    /// `XksProxyVpcEndpointServiceInvalidConfigurationException`, HTTP status 400
    XksProxyVpcEndpointServiceInvalidConfigurationException,
    /// `XksProxyVpcEndpointServiceNotFoundException`, HTTP status 400
    XksProxyVpcEndpointServiceNotFoundException,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [Self; 65] = [
        Self::AccessDeniedException,
        Self::AlreadyExistsException,
        Self::CloudHsmClusterInUseException,
        Self::CloudHsmClusterInvalidConfigurationException,
        Self::CloudHsmClusterNotActiveException,
        Self::CloudHsmClusterNotFoundException,
        Self::CloudHsmClusterNotRelatedException,
        Self::ConflictException,
        Self::CustomKeyStoreHasCMKsException,
        Self::CustomKeyStoreInvalidStateException,
        Self::CustomKeyStoreNameInUseException,
        Self::CustomKeyStoreNotFoundException,
        Self::DependencyTimeoutException,
        Self::DisabledException,
        Self::DryRunOperationException,
        Self::ExpiredImportTokenException,
        Self::ExpiredTokenException,
        Self::IncompleteSignatureException,
        Self::IncorrectKeyException,
        Self::IncorrectKeyMaterialException,
        Self::IncorrectTrustAnchorException,
        Self::InternalFailure,
        Self::InvalidAliasNameException,
        Self::InvalidArnException,
        Self::InvalidCiphertextException,
        Self::InvalidGrantIdException,
        Self::InvalidGrantTokenException,
        Self::InvalidImportTokenException,
        Self::InvalidKeyUsageException,
        Self::InvalidMarkerException,
        Self::InvalidSignatureException,
        Self::KMSInternalException,
        Self::KMSInvalidMacException,
        Self::KMSInvalidSignatureException,
        Self::KMSInvalidStateException,
        Self::KeyUnavailableException,
        Self::LimitExceededException,
        Self::MalformedHttpRequestException,
        Self::MalformedPolicyDocumentException,
        Self::MissingAuthenticationTokenException,
        Self::NotFoundException,
        Self::OptInRequired,
        Self::RequestAbortedException,
        Self::RequestEntityTooLargeException,
        Self::RequestTimeoutException,
        Self::SerializationException,
        Self::ServiceUnavailable,
        Self::TagException,
        Self::ThrottlingException,
        Self::UnknownOperationException,
        Self::UnrecognizedClientException,
        Self::UnsupportedOperationException,
        Self::ValidationException,
        Self::XksKeyAlreadyInUseException,
        Self::XksKeyInvalidConfigurationException,
        Self::XksKeyNotFoundException,
        Self::XksProxyIncorrectAuthenticationCredentialException,
        Self::XksProxyInvalidConfigurationException,
        Self::XksProxyInvalidResponseException,
        Self::XksProxyUriEndpointInUseException,
        Self::XksProxyUriInUseException,
        Self::XksProxyUriUnreachableException,
        Self::XksProxyVpcEndpointServiceInUseException,
        Self::XksProxyVpcEndpointServiceInvalidConfigurationException,
        Self::XksProxyVpcEndpointServiceNotFoundException,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessDeniedException => "AccessDeniedException",
            Self::AlreadyExistsException => "AlreadyExistsException",
            Self::CloudHsmClusterInUseException => "CloudHsmClusterInUseException",
            Self::CloudHsmClusterInvalidConfigurationException => "CloudHsmClusterInvalidConfigurationException",
            Self::CloudHsmClusterNotActiveException => "CloudHsmClusterNotActiveException",
            Self::CloudHsmClusterNotFoundException => "CloudHsmClusterNotFoundException",
            Self::CloudHsmClusterNotRelatedException => "CloudHsmClusterNotRelatedException",
            Self::ConflictException => "ConflictException",
            Self::CustomKeyStoreHasCMKsException => "CustomKeyStoreHasCMKsException",
            Self::CustomKeyStoreInvalidStateException => "CustomKeyStoreInvalidStateException",
            Self::CustomKeyStoreNameInUseException => "CustomKeyStoreNameInUseException",
            Self::CustomKeyStoreNotFoundException => "CustomKeyStoreNotFoundException",
            Self::DependencyTimeoutException => "DependencyTimeoutException",
            Self::DisabledException => "DisabledException",
            Self::DryRunOperationException => "DryRunOperationException",
            Self::ExpiredImportTokenException => "ExpiredImportTokenException",
            Self::ExpiredTokenException => "ExpiredTokenException",
            Self::IncompleteSignatureException => "IncompleteSignatureException",
            Self::IncorrectKeyException => "IncorrectKeyException",
            Self::IncorrectKeyMaterialException => "IncorrectKeyMaterialException",
            Self::IncorrectTrustAnchorException => "IncorrectTrustAnchorException",
            Self::InternalFailure => "InternalFailure",
            Self::InvalidAliasNameException => "InvalidAliasNameException",
            Self::InvalidArnException => "InvalidArnException",
            Self::InvalidCiphertextException => "InvalidCiphertextException",
            Self::InvalidGrantIdException => "InvalidGrantIdException",
            Self::InvalidGrantTokenException => "InvalidGrantTokenException",
            Self::InvalidImportTokenException => "InvalidImportTokenException",
            Self::InvalidKeyUsageException => "InvalidKeyUsageException",
            Self::InvalidMarkerException => "InvalidMarkerException",
            Self::InvalidSignatureException => "InvalidSignatureException",
            Self::KMSInternalException => "KMSInternalException",
            Self::KMSInvalidMacException => "KMSInvalidMacException",
            Self::KMSInvalidSignatureException => "KMSInvalidSignatureException",
            Self::KMSInvalidStateException => "KMSInvalidStateException",
            Self::KeyUnavailableException => "KeyUnavailableException",
            Self::LimitExceededException => "LimitExceededException",
            Self::MalformedHttpRequestException => "MalformedHttpRequestException",
            Self::MalformedPolicyDocumentException => "MalformedPolicyDocumentException",
            Self::MissingAuthenticationTokenException => "MissingAuthenticationTokenException",
            Self::NotFoundException => "NotFoundException",
            Self::OptInRequired => "OptInRequired",
            Self::RequestAbortedException => "RequestAbortedException",
            Self::RequestEntityTooLargeException => "RequestEntityTooLargeException",
            Self::RequestTimeoutException => "RequestTimeoutException",
            Self::SerializationException => "SerializationException",
            Self::ServiceUnavailable => "ServiceUnavailable",
            Self::TagException => "TagException",
            Self::ThrottlingException => "ThrottlingException",
            Self::UnknownOperationException => "UnknownOperationException",
            Self::UnrecognizedClientException => "UnrecognizedClientException",
            Self::UnsupportedOperationException => "UnsupportedOperationException",
            Self::ValidationException => "ValidationException",
            Self::XksKeyAlreadyInUseException => "XksKeyAlreadyInUseException",
            Self::XksKeyInvalidConfigurationException => "XksKeyInvalidConfigurationException",
            Self::XksKeyNotFoundException => "XksKeyNotFoundException",
            Self::XksProxyIncorrectAuthenticationCredentialException => "XksProxyIncorrectAuthenticationCredentialException",
            Self::XksProxyInvalidConfigurationException => "XksProxyInvalidConfigurationException",
            Self::XksProxyInvalidResponseException => "XksProxyInvalidResponseException",
            Self::XksProxyUriEndpointInUseException => "XksProxyUriEndpointInUseException",
            Self::XksProxyUriInUseException => "XksProxyUriInUseException",
            Self::XksProxyUriUnreachableException => "XksProxyUriUnreachableException",
            Self::XksProxyVpcEndpointServiceInUseException => "XksProxyVpcEndpointServiceInUseException",
            Self::XksProxyVpcEndpointServiceInvalidConfigurationException => "XksProxyVpcEndpointServiceInvalidConfigurationException",
            Self::XksProxyVpcEndpointServiceNotFoundException => "XksProxyVpcEndpointServiceNotFoundException",
        }
    }

    /// The HTTP status it is sent with.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::AccessDeniedException
            | Self::AlreadyExistsException
            | Self::CloudHsmClusterInUseException
            | Self::CloudHsmClusterInvalidConfigurationException
            | Self::CloudHsmClusterNotActiveException
            | Self::CloudHsmClusterNotFoundException
            | Self::CloudHsmClusterNotRelatedException
            | Self::ConflictException
            | Self::CustomKeyStoreHasCMKsException
            | Self::CustomKeyStoreInvalidStateException
            | Self::CustomKeyStoreNameInUseException
            | Self::CustomKeyStoreNotFoundException
            | Self::DisabledException
            | Self::DryRunOperationException
            | Self::ExpiredImportTokenException
            | Self::ExpiredTokenException
            | Self::IncompleteSignatureException
            | Self::IncorrectKeyException
            | Self::IncorrectKeyMaterialException
            | Self::IncorrectTrustAnchorException
            | Self::InvalidAliasNameException
            | Self::InvalidArnException
            | Self::InvalidCiphertextException
            | Self::InvalidGrantIdException
            | Self::InvalidGrantTokenException
            | Self::InvalidImportTokenException
            | Self::InvalidKeyUsageException
            | Self::InvalidMarkerException
            | Self::InvalidSignatureException
            | Self::KMSInvalidMacException
            | Self::KMSInvalidSignatureException
            | Self::KMSInvalidStateException
            | Self::LimitExceededException
            | Self::MalformedHttpRequestException
            | Self::MalformedPolicyDocumentException
            | Self::MissingAuthenticationTokenException
            | Self::NotFoundException
            | Self::RequestAbortedException
            | Self::SerializationException
            | Self::TagException
            | Self::ThrottlingException
            | Self::UnknownOperationException
            | Self::UnrecognizedClientException
            | Self::UnsupportedOperationException
            | Self::ValidationException
            | Self::XksKeyAlreadyInUseException
            | Self::XksKeyInvalidConfigurationException
            | Self::XksKeyNotFoundException
            | Self::XksProxyIncorrectAuthenticationCredentialException
            | Self::XksProxyInvalidConfigurationException
            | Self::XksProxyInvalidResponseException
            | Self::XksProxyUriEndpointInUseException
            | Self::XksProxyUriInUseException
            | Self::XksProxyUriUnreachableException
            | Self::XksProxyVpcEndpointServiceInUseException
            | Self::XksProxyVpcEndpointServiceInvalidConfigurationException
            | Self::XksProxyVpcEndpointServiceNotFoundException => 400,
            Self::OptInRequired => 403,
            Self::RequestTimeoutException => 408,
            Self::RequestEntityTooLargeException => 413,
            Self::DependencyTimeoutException
            | Self::InternalFailure
            | Self::KMSInternalException
            | Self::KeyUnavailableException => 500,
            Self::ServiceUnavailable => 503,
        }
    }
}
