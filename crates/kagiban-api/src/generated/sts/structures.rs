//! Inputs, outputs and the structures in them. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

/// Input of AssumeRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AssumeRoleRequest {
    /// `RoleArn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`; required.
    pub role_arn: String,
    /// `RoleSessionName`: string, 2 to 64 characters, pattern `[\w+=,.@-]*`; required.
    pub role_session_name: String,
    /// `PolicyArns`: list of `PolicyDescriptorType`.
    pub policy_arns: Option<Vec<PolicyDescriptorType>>,
    /// `Policy`: string, at least 1 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy: Option<String>,
    /// `DurationSeconds`: integer, 900 to 43200.
    pub duration_seconds: Option<i32>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
    /// `TransitiveTagKeys`: list of `tagKeyType`, at most 50 elements.
    pub transitive_tag_keys: Option<Vec<String>>,
    /// `ExternalId`: string, 2 to 1224 characters, pattern `[\w+=,.@:\/-]*`.
    pub external_id: Option<String>,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]*`.
    pub serial_number: Option<String>,
    /// `TokenCode`: string, 6 to 6 characters, pattern `[\d]*`.
    pub token_code: Option<String>,
    /// `SourceIdentity`: string, 2 to 64 characters, pattern `[\w+=,.@-]*`.
    pub source_identity: Option<String>,
    /// `ProvidedContexts`: list of `ProvidedContext`, 1 to 5 elements.
    pub provided_contexts: Option<Vec<ProvidedContext>>,
}

/// Output of AssumeRole.
#[derive(Debug, Default)]
pub struct AssumeRoleResponse {
    /// `Credentials`: structure.
    pub credentials: Option<Credentials>,
    /// `AssumedRoleUser`: structure.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`: integer, at least 0.
    pub packed_policy_size: Option<i32>,
    /// `SourceIdentity`: string, 2 to 64 characters, pattern `[\w+=,.@-]*`.
    pub source_identity: Option<String>,
}

/// Input of AssumeRoleWithWebIdentity.
#[derive(Debug, Default)]
pub struct AssumeRoleWithWebIdentityRequest {
    /// `RoleArn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`; required.
    pub role_arn: String,
    /// `RoleSessionName`: string, 2 to 64 characters, pattern `[\w+=,.@-]*`; required.
    pub role_session_name: String,
    /// `WebIdentityToken`: string, 4 to 20000 characters, sensitive; required.
    pub web_identity_token: SecretBytes,
    /// `ProviderId`: string, 4 to 2048 characters.
    pub provider_id: Option<String>,
    /// `PolicyArns`: list of `PolicyDescriptorType`.
    pub policy_arns: Option<Vec<PolicyDescriptorType>>,
    /// `Policy`: string, 1 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy: Option<String>,
    /// `DurationSeconds`: integer, 900 to 43200.
    pub duration_seconds: Option<i32>,
}

/// Output of AssumeRoleWithWebIdentity.
#[derive(Debug, Default)]
pub struct AssumeRoleWithWebIdentityResponse {
    /// `Credentials`: structure.
    pub credentials: Option<Credentials>,
    /// `SubjectFromWebIdentityToken`: string, 6 to 255 characters.
    pub subject_from_web_identity_token: Option<String>,
    /// `AssumedRoleUser`: structure.
    pub assumed_role_user: Option<AssumedRoleUser>,
    /// `PackedPolicySize`: integer, at least 0.
    pub packed_policy_size: Option<i32>,
    /// `Provider`: string.
    pub provider: Option<String>,
    /// `Audience`: string.
    pub audience: Option<String>,
    /// `SourceIdentity`: string, 2 to 64 characters, pattern `[\w+=,.@-]*`.
    pub source_identity: Option<String>,
}

/// The structure `AssumedRoleUser` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AssumedRoleUser {
    /// `AssumedRoleId`: string, 2 to 193 characters, pattern `[\w+=,.@:-]*`; required.
    pub assumed_role_id: String,
    /// `Arn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`; required.
    pub arn: String,
}

/// The structure `Credentials` of the model.
#[derive(Debug, Default)]
pub struct Credentials {
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]*`; required.
    pub access_key_id: String,
    /// `SecretAccessKey`: string, sensitive; required.
    pub secret_access_key: SecretBytes,
    /// `SessionToken`: string; required.
    pub session_token: String,
    /// `Expiration`: timestamp; required.
    pub expiration: Timestamp,
}

/// Input of GetAccessKeyInfo.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccessKeyInfoRequest {
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]*`; required.
    pub access_key_id: String,
}

/// Output of GetAccessKeyInfo.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccessKeyInfoResponse {
    /// `Account`: string.
    pub account: Option<String>,
}

/// Input of GetCallerIdentity.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetCallerIdentityRequest {}

/// Output of GetCallerIdentity.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetCallerIdentityResponse {
    /// `UserId`: string.
    pub user_id: Option<String>,
    /// `Account`: string.
    pub account: Option<String>,
    /// `Arn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`.
    pub arn: Option<String>,
}

/// Input of GetSessionToken.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetSessionTokenRequest {
    /// `DurationSeconds`: integer, 900 to 129600.
    pub duration_seconds: Option<i32>,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]*`.
    pub serial_number: Option<String>,
    /// `TokenCode`: string, 6 to 6 characters, pattern `[\d]*`.
    pub token_code: Option<String>,
}

/// Output of GetSessionToken.
#[derive(Debug, Default)]
pub struct GetSessionTokenResponse {
    /// `Credentials`: structure.
    pub credentials: Option<Credentials>,
}

/// The structure `PolicyDescriptorType` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyDescriptorType {
    /// `arn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`.
    pub arn: Option<String>,
}

/// The structure `ProvidedContext` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProvidedContext {
    /// `ProviderArn`: string, 20 to 2048 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`.
    pub provider_arn: Option<String>,
    /// `ContextAssertion`: string, 4 to 2048 characters.
    pub context_assertion: Option<String>,
}

/// The structure `Tag` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tag {
    /// `Key`: string, 1 to 128 characters, pattern `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`; required.
    pub key: String,
    /// `Value`: string, 0 to 256 characters, pattern `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`; required.
    pub value: String,
}
