//! Inputs, outputs and the structures in them. Generated from `model/iam.json` by `cargo run -p xtask -- codegen`; not to be edited.

use std::collections::BTreeMap;

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use super::enums::*;

/// The structure `AccessKey` of the model.
#[derive(Debug)]
pub struct AccessKey {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub access_key_id: String,
    /// `Status`: one of its names; required.
    pub status: StatusType,
    /// `SecretAccessKey`: string, sensitive; required.
    pub secret_access_key: SecretBytes,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
}

/// The structure `AccessKeyLastUsed` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccessKeyLastUsed {
    /// `LastUsedDate`: timestamp.
    pub last_used_date: Option<Timestamp>,
    /// `ServiceName`: string; required.
    pub service_name: String,
    /// `Region`: string; required.
    pub region: String,
}

/// The structure `AccessKeyMetadata` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccessKeyMetadata {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub access_key_id: Option<String>,
    /// `Status`: one of its names.
    pub status: Option<StatusType>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
}

/// Input of AddClientIDToOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AddClientIDToOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `ClientID`: string, 1 to 255 characters; required.
    pub client_id: String,
}

/// Input of AddUserToGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AddUserToGroupRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
}

/// Input of AttachGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttachGroupPolicyRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of AttachRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttachRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of AttachUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttachUserPolicyRequest {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// The structure `AttachedPermissionsBoundary` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttachedPermissionsBoundary {
    /// `PermissionsBoundaryType`: one of its names.
    pub permissions_boundary_type: Option<PermissionsBoundaryAttachmentType>,
    /// `PermissionsBoundaryArn`: string, 20 to 2048 characters.
    pub permissions_boundary_arn: Option<String>,
}

/// The structure `AttachedPolicy` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AttachedPolicy {
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub policy_name: Option<String>,
    /// `PolicyArn`: string, 20 to 2048 characters.
    pub policy_arn: Option<String>,
}

/// The structure `ContextEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ContextEntry {
    /// `ContextKeyName`: string, 5 to 256 characters.
    pub context_key_name: Option<String>,
    /// `ContextKeyValues`: list of `ContextKeyValueType`.
    pub context_key_values: Option<Vec<String>>,
    /// `ContextKeyType`: one of its names.
    pub context_key_type: Option<ContextKeyTypeEnum>,
}

/// Input of CreateAccessKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateAccessKeyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
}

/// Output of CreateAccessKey.
#[derive(Debug)]
pub struct CreateAccessKeyResponse {
    /// `AccessKey`: structure; required.
    pub access_key: AccessKey,
}

/// Input of CreateAccountAlias.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateAccountAliasRequest {
    /// `AccountAlias`: string, 3 to 63 characters, pattern `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`; required.
    pub account_alias: String,
}

/// Input of CreateGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateGroupRequest {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
}

/// Output of CreateGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateGroupResponse {
    /// `Group`: structure; required.
    pub group: Group,
}

/// Input of CreateOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateOpenIDConnectProviderRequest {
    /// `Url`: string, 1 to 255 characters; required.
    pub url: String,
    /// `ClientIDList`: list of `clientIDType`.
    pub client_id_list: Option<Vec<String>>,
    /// `ThumbprintList`: list of `thumbprintType`.
    pub thumbprint_list: Option<Vec<String>>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Output of CreateOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateOpenIDConnectProviderResponse {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters.
    pub open_id_connect_provider_arn: Option<String>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Input of CreatePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreatePolicyRequest {
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `Path`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path: Option<String>,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
    /// `Description`: string, at most 1000 characters.
    pub description: Option<String>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Output of CreatePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreatePolicyResponse {
    /// `Policy`: structure.
    pub policy: Option<Policy>,
}

/// Input of CreatePolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreatePolicyVersionRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
    /// `SetAsDefault`: boolean.
    pub set_as_default: Option<bool>,
}

/// Output of CreatePolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreatePolicyVersionResponse {
    /// `PolicyVersion`: structure.
    pub policy_version: Option<PolicyVersion>,
}

/// Input of CreateRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateRoleRequest {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `AssumeRolePolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub assume_role_policy_document: String,
    /// `Description`: string, at most 1000 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`.
    pub description: Option<String>,
    /// `MaxSessionDuration`: integer, 3600 to 43200.
    pub max_session_duration: Option<i32>,
    /// `PermissionsBoundary`: string, 20 to 2048 characters.
    pub permissions_boundary: Option<String>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Output of CreateRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateRoleResponse {
    /// `Role`: structure; required.
    pub role: Role,
}

/// Input of CreateServiceLinkedRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateServiceLinkedRoleRequest {
    /// `AWSServiceName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub aws_service_name: String,
    /// `Description`: string, at most 1000 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`.
    pub description: Option<String>,
    /// `CustomSuffix`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub custom_suffix: Option<String>,
}

/// Output of CreateServiceLinkedRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateServiceLinkedRoleResponse {
    /// `Role`: structure.
    pub role: Option<Role>,
}

/// Input of CreateUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateUserRequest {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PermissionsBoundary`: string, 20 to 2048 characters.
    pub permissions_boundary: Option<String>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Output of CreateUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateUserResponse {
    /// `User`: structure.
    pub user: Option<User>,
}

/// Input of CreateVirtualMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CreateVirtualMFADeviceRequest {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `VirtualMFADeviceName`: string, at least 1 characters, pattern `[\w+=,.@-]+`; required.
    pub virtual_mfa_device_name: String,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Output of CreateVirtualMFADevice.
#[derive(Debug, Default)]
pub struct CreateVirtualMFADeviceResponse {
    /// `VirtualMFADevice`: structure; required.
    pub virtual_mfa_device: VirtualMFADevice,
}

/// Input of DeactivateMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeactivateMFADeviceRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
}

/// Input of DeleteAccessKey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteAccessKeyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub access_key_id: String,
}

/// Input of DeleteAccountAlias.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteAccountAliasRequest {
    /// `AccountAlias`: string, 3 to 63 characters, pattern `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`; required.
    pub account_alias: String,
}

/// Input of DeleteGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteGroupPolicyRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Input of DeleteGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteGroupRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
}

/// Input of DeleteOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
}

/// Input of DeletePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeletePolicyRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of DeletePolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeletePolicyVersionRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `VersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`; required.
    pub version_id: String,
}

/// Input of DeleteRolePermissionsBoundary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteRolePermissionsBoundaryRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
}

/// Input of DeleteRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Input of DeleteRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
}

/// Input of DeleteUserPermissionsBoundary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteUserPermissionsBoundaryRequest {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
}

/// Input of DeleteUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteUserPolicyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Input of DeleteUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
}

/// Input of DeleteVirtualMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeleteVirtualMFADeviceRequest {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
}

/// Input of DetachGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DetachGroupPolicyRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of DetachRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DetachRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of DetachUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DetachUserPolicyRequest {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Input of EnableMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnableMFADeviceRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `AuthenticationCode1`: string, 6 to 6 characters, pattern `[\d]+`; required.
    pub authentication_code1: String,
    /// `AuthenticationCode2`: string, 6 to 6 characters, pattern `[\d]+`; required.
    pub authentication_code2: String,
}

/// The structure `EvaluationResult` of the model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EvaluationResult {
    /// `EvalActionName`: string, 3 to 128 characters; required.
    pub eval_action_name: String,
    /// `EvalResourceName`: string, 1 to 2048 characters.
    pub eval_resource_name: Option<String>,
    /// `EvalDecision`: one of its names; required.
    pub eval_decision: PolicyEvaluationDecisionType,
    /// `MatchedStatements`: list of `Statement`.
    pub matched_statements: Option<Vec<Statement>>,
    /// `MissingContextValues`: list of `ContextKeyNameType`.
    pub missing_context_values: Option<Vec<String>>,
    /// `OrganizationsDecisionDetail`: structure.
    pub organizations_decision_detail: Option<OrganizationsDecisionDetail>,
    /// `PermissionsBoundaryDecisionDetail`: structure.
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
    /// `EvalDecisionDetails`: map of `EvalDecisionSourceType` to `PolicyEvaluationDecisionType`.
    pub eval_decision_details: Option<BTreeMap<String, PolicyEvaluationDecisionType>>,
    /// `ResourceSpecificResults`: list of `ResourceSpecificResult`.
    pub resource_specific_results: Option<Vec<ResourceSpecificResult>>,
}

/// Input of GetAccessKeyLastUsed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccessKeyLastUsedRequest {
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub access_key_id: String,
}

/// Output of GetAccessKeyLastUsed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccessKeyLastUsedResponse {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `AccessKeyLastUsed`: structure.
    pub access_key_last_used: Option<AccessKeyLastUsed>,
}

/// Input of GetAccountAuthorizationDetails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccountAuthorizationDetailsRequest {
    /// `Filter`: list of `EntityType`.
    pub filter: Option<Vec<EntityType>>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
}

/// Output of GetAccountAuthorizationDetails.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccountAuthorizationDetailsResponse {
    /// `UserDetailList`: list of `UserDetail`.
    pub user_detail_list: Option<Vec<UserDetail>>,
    /// `GroupDetailList`: list of `GroupDetail`.
    pub group_detail_list: Option<Vec<GroupDetail>>,
    /// `RoleDetailList`: list of `RoleDetail`.
    pub role_detail_list: Option<Vec<RoleDetail>>,
    /// `Policies`: list of `ManagedPolicyDetail`.
    pub policies: Option<Vec<ManagedPolicyDetail>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of GetAccountSummary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccountSummaryRequest {}

/// Output of GetAccountSummary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetAccountSummaryResponse {
    /// `SummaryMap`: map of `summaryKeyType` to `summaryValueType`.
    pub summary_map: Option<BTreeMap<SummaryKeyType, i32>>,
}

/// Input of GetContextKeysForCustomPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetContextKeysForCustomPolicyRequest {
    /// `PolicyInputList`: list of `policyDocumentType`; required.
    pub policy_input_list: Vec<String>,
}

/// Output of GetContextKeysForCustomPolicy and GetContextKeysForPrincipalPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetContextKeysForPolicyResponse {
    /// `ContextKeyNames`: list of `ContextKeyNameType`.
    pub context_key_names: Option<Vec<String>>,
}

/// Input of GetContextKeysForPrincipalPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetContextKeysForPrincipalPolicyRequest {
    /// `PolicySourceArn`: string, 20 to 2048 characters; required.
    pub policy_source_arn: String,
    /// `PolicyInputList`: list of `policyDocumentType`.
    pub policy_input_list: Option<Vec<String>>,
}

/// Input of GetGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetGroupPolicyRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Output of GetGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetGroupPolicyResponse {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of GetGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetGroupRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of GetGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetGroupResponse {
    /// `Group`: structure; required.
    pub group: Group,
    /// `Users`: list of `User`; required.
    pub users: Vec<User>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of GetMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetMFADeviceRequest {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
}

/// Output of GetMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetMFADeviceResponse {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `EnableDate`: timestamp.
    pub enable_date: Option<Timestamp>,
    /// `Certifications`: map of `CertificationKeyType` to `CertificationValueType`.
    pub certifications: Option<BTreeMap<String, String>>,
}

/// Input of GetOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
}

/// Output of GetOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetOpenIDConnectProviderResponse {
    /// `Url`: string, 1 to 255 characters.
    pub url: Option<String>,
    /// `ClientIDList`: list of `clientIDType`.
    pub client_id_list: Option<Vec<String>>,
    /// `ThumbprintList`: list of `thumbprintType`.
    pub thumbprint_list: Option<Vec<String>>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Input of GetPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPolicyRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
}

/// Output of GetPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPolicyResponse {
    /// `Policy`: structure.
    pub policy: Option<Policy>,
}

/// Input of GetPolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPolicyVersionRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `VersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`; required.
    pub version_id: String,
}

/// Output of GetPolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetPolicyVersionResponse {
    /// `PolicyVersion`: structure.
    pub policy_version: Option<PolicyVersion>,
}

/// Input of GetRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Output of GetRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetRolePolicyResponse {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of GetRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
}

/// Output of GetRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetRoleResponse {
    /// `Role`: structure; required.
    pub role: Role,
}

/// Input of GetUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetUserPolicyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
}

/// Output of GetUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetUserPolicyResponse {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of GetUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
}

/// Output of GetUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GetUserResponse {
    /// `User`: structure; required.
    pub user: User,
}

/// The structure `Group` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Group {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`; required.
    pub path: String,
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `GroupId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub group_id: String,
    /// `Arn`: string, 20 to 2048 characters; required.
    pub arn: String,
    /// `CreateDate`: timestamp; required.
    pub create_date: Timestamp,
}

/// The structure `GroupDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct GroupDetail {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub group_name: Option<String>,
    /// `GroupId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub group_id: Option<String>,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `GroupPolicyList`: list of `PolicyDetail`.
    pub group_policy_list: Option<Vec<PolicyDetail>>,
    /// `AttachedManagedPolicies`: list of `AttachedPolicy`.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
}

/// The structure `InstanceProfile` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InstanceProfile {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`; required.
    pub path: String,
    /// `InstanceProfileName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub instance_profile_name: String,
    /// `InstanceProfileId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub instance_profile_id: String,
    /// `Arn`: string, 20 to 2048 characters; required.
    pub arn: String,
    /// `CreateDate`: timestamp; required.
    pub create_date: Timestamp,
    /// `Roles`: list of `Role`; required.
    pub roles: Vec<Role>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// Input of ListAccessKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAccessKeysRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListAccessKeys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAccessKeysResponse {
    /// `AccessKeyMetadata`: list of `AccessKeyMetadata`; required.
    pub access_key_metadata: Vec<AccessKeyMetadata>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListAccountAliases.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAccountAliasesRequest {
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListAccountAliases.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAccountAliasesResponse {
    /// `AccountAliases`: list of `accountAliasType`; required.
    pub account_aliases: Vec<String>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListAttachedGroupPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedGroupPoliciesRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PathPrefix`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListAttachedGroupPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedGroupPoliciesResponse {
    /// `AttachedPolicies`: list of `AttachedPolicy`.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListAttachedRolePolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedRolePoliciesRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PathPrefix`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListAttachedRolePolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedRolePoliciesResponse {
    /// `AttachedPolicies`: list of `AttachedPolicy`.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListAttachedUserPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedUserPoliciesRequest {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PathPrefix`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListAttachedUserPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListAttachedUserPoliciesResponse {
    /// `AttachedPolicies`: list of `AttachedPolicy`.
    pub attached_policies: Option<Vec<AttachedPolicy>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListEntitiesForPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListEntitiesForPolicyRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `EntityFilter`: one of its names.
    pub entity_filter: Option<EntityType>,
    /// `PathPrefix`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path_prefix: Option<String>,
    /// `PolicyUsageFilter`: one of its names.
    pub policy_usage_filter: Option<PolicyUsageType>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListEntitiesForPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListEntitiesForPolicyResponse {
    /// `PolicyGroups`: list of `PolicyGroup`.
    pub policy_groups: Option<Vec<PolicyGroup>>,
    /// `PolicyUsers`: list of `PolicyUser`.
    pub policy_users: Option<Vec<PolicyUser>>,
    /// `PolicyRoles`: list of `PolicyRole`.
    pub policy_roles: Option<Vec<PolicyRole>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListGroupPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupPoliciesRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListGroupPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupPoliciesResponse {
    /// `PolicyNames`: list of `policyNameType`; required.
    pub policy_names: Vec<String>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListGroupsForUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupsForUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListGroupsForUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupsForUserResponse {
    /// `Groups`: list of `Group`; required.
    pub groups: Vec<Group>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListGroups.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupsRequest {
    /// `PathPrefix`: string, 1 to 512 characters, pattern `\u002F[\u0021-\u007F]*`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListGroups.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListGroupsResponse {
    /// `Groups`: list of `Group`; required.
    pub groups: Vec<Group>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListInstanceProfilesForRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListInstanceProfilesForRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListInstanceProfilesForRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListInstanceProfilesForRoleResponse {
    /// `InstanceProfiles`: list of `InstanceProfile`; required.
    pub instance_profiles: Vec<InstanceProfile>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListMFADeviceTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListMFADeviceTagsRequest {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListMFADeviceTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListMFADeviceTagsResponse {
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListMFADevices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListMFADevicesRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListMFADevices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListMFADevicesResponse {
    /// `MFADevices`: list of `MFADevice`; required.
    pub mfa_devices: Vec<MFADevice>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListOpenIDConnectProviderTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListOpenIDConnectProviderTagsRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListOpenIDConnectProviderTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListOpenIDConnectProviderTagsResponse {
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListOpenIDConnectProviders.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListOpenIDConnectProvidersRequest {}

/// Output of ListOpenIDConnectProviders.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListOpenIDConnectProvidersResponse {
    /// `OpenIDConnectProviderList`: list of `OpenIDConnectProviderListEntry`.
    pub open_id_connect_provider_list: Option<Vec<OpenIDConnectProviderListEntry>>,
}

/// Input of ListPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPoliciesRequest {
    /// `Scope`: one of its names.
    pub scope: Option<PolicyScopeType>,
    /// `OnlyAttached`: boolean.
    pub only_attached: Option<bool>,
    /// `PathPrefix`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path_prefix: Option<String>,
    /// `PolicyUsageFilter`: one of its names.
    pub policy_usage_filter: Option<PolicyUsageType>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPoliciesResponse {
    /// `Policies`: list of `Policy`.
    pub policies: Option<Vec<Policy>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListPolicyTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPolicyTagsRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListPolicyTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPolicyTagsResponse {
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListPolicyVersions.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPolicyVersionsRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListPolicyVersions.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListPolicyVersionsResponse {
    /// `Versions`: list of `PolicyVersion`.
    pub versions: Option<Vec<PolicyVersion>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListRolePolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRolePoliciesRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListRolePolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRolePoliciesResponse {
    /// `PolicyNames`: list of `policyNameType`; required.
    pub policy_names: Vec<String>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListRoleTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRoleTagsRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListRoleTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRoleTagsResponse {
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListRoles.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRolesRequest {
    /// `PathPrefix`: string, 1 to 512 characters, pattern `\u002F[\u0021-\u007F]*`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListRoles.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListRolesResponse {
    /// `Roles`: list of `Role`; required.
    pub roles: Vec<Role>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListUserPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUserPoliciesRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListUserPolicies.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUserPoliciesResponse {
    /// `PolicyNames`: list of `policyNameType`; required.
    pub policy_names: Vec<String>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListUserTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUserTagsRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListUserTags.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUserTagsResponse {
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListUsers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUsersRequest {
    /// `PathPrefix`: string, 1 to 512 characters, pattern `\u002F[\u0021-\u007F]*`.
    pub path_prefix: Option<String>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListUsers.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListUsersResponse {
    /// `Users`: list of `User`; required.
    pub users: Vec<User>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of ListVirtualMFADevices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ListVirtualMFADevicesRequest {
    /// `AssignmentStatus`: one of its names.
    pub assignment_status: Option<AssignmentStatusType>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
}

/// Output of ListVirtualMFADevices.
#[derive(Debug, Default)]
pub struct ListVirtualMFADevicesResponse {
    /// `VirtualMFADevices`: list of `VirtualMFADevice`; required.
    pub virtual_mfa_devices: Vec<VirtualMFADevice>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// The structure `MFADevice` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MFADevice {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `EnableDate`: timestamp; required.
    pub enable_date: Timestamp,
}

/// The structure `ManagedPolicyDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ManagedPolicyDetail {
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub policy_name: Option<String>,
    /// `PolicyId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub policy_id: Option<String>,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `Path`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path: Option<String>,
    /// `DefaultVersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`.
    pub default_version_id: Option<String>,
    /// `AttachmentCount`: integer.
    pub attachment_count: Option<i32>,
    /// `PermissionsBoundaryUsageCount`: integer.
    pub permissions_boundary_usage_count: Option<i32>,
    /// `IsAttachable`: boolean.
    pub is_attachable: Option<bool>,
    /// `Description`: string, at most 1000 characters.
    pub description: Option<String>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `UpdateDate`: timestamp.
    pub update_date: Option<Timestamp>,
    /// `PolicyVersionList`: list of `PolicyVersion`.
    pub policy_version_list: Option<Vec<PolicyVersion>>,
}

/// The structure `OpenIDConnectProviderListEntry` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OpenIDConnectProviderListEntry {
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
}

/// The structure `OrganizationsDecisionDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OrganizationsDecisionDetail {
    /// `AllowedByOrganizations`: boolean.
    pub allowed_by_organizations: Option<bool>,
}

/// The structure `PermissionsBoundaryDecisionDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PermissionsBoundaryDecisionDetail {
    /// `AllowedByPermissionsBoundary`: boolean.
    pub allowed_by_permissions_boundary: Option<bool>,
}

/// The structure `Policy` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Policy {
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub policy_name: Option<String>,
    /// `PolicyId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub policy_id: Option<String>,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `Path`: string, 1 to 512 characters, pattern `((/[A-Za-z0-9\.,\+@=_-]+)*)/`.
    pub path: Option<String>,
    /// `DefaultVersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`.
    pub default_version_id: Option<String>,
    /// `AttachmentCount`: integer.
    pub attachment_count: Option<i32>,
    /// `PermissionsBoundaryUsageCount`: integer.
    pub permissions_boundary_usage_count: Option<i32>,
    /// `IsAttachable`: boolean.
    pub is_attachable: Option<bool>,
    /// `Description`: string, at most 1000 characters.
    pub description: Option<String>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `UpdateDate`: timestamp.
    pub update_date: Option<Timestamp>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// The structure `PolicyDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyDetail {
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub policy_name: Option<String>,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub policy_document: Option<String>,
}

/// The structure `PolicyGroup` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyGroup {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub group_name: Option<String>,
    /// `GroupId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub group_id: Option<String>,
}

/// The structure `PolicyRole` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyRole {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub role_name: Option<String>,
    /// `RoleId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub role_id: Option<String>,
}

/// The structure `PolicyUser` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyUser {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `UserId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub user_id: Option<String>,
}

/// The structure `PolicyVersion` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PolicyVersion {
    /// `Document`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub document: Option<String>,
    /// `VersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`.
    pub version_id: Option<String>,
    /// `IsDefaultVersion`: boolean.
    pub is_default_version: Option<bool>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
}

/// The structure `Position` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Position {
    /// `Line`: integer.
    pub line: Option<i32>,
    /// `Column`: integer.
    pub column: Option<i32>,
}

/// Input of PutGroupPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutGroupPolicyRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of PutRolePermissionsBoundary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutRolePermissionsBoundaryRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PermissionsBoundary`: string, 20 to 2048 characters; required.
    pub permissions_boundary: String,
}

/// Input of PutRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of PutUserPermissionsBoundary.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutUserPermissionsBoundaryRequest {
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PermissionsBoundary`: string, 20 to 2048 characters; required.
    pub permissions_boundary: String,
}

/// Input of PutUserPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PutUserPolicyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `PolicyName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub policy_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of RemoveClientIDFromOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RemoveClientIDFromOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `ClientID`: string, 1 to 255 characters; required.
    pub client_id: String,
}

/// Input of RemoveUserFromGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RemoveUserFromGroupRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
}

/// The structure `ResourceSpecificResult` of the model.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResourceSpecificResult {
    /// `EvalResourceName`: string, 1 to 2048 characters; required.
    pub eval_resource_name: String,
    /// `EvalResourceDecision`: one of its names; required.
    pub eval_resource_decision: PolicyEvaluationDecisionType,
    /// `MatchedStatements`: list of `Statement`.
    pub matched_statements: Option<Vec<Statement>>,
    /// `MissingContextValues`: list of `ContextKeyNameType`.
    pub missing_context_values: Option<Vec<String>>,
    /// `EvalDecisionDetails`: map of `EvalDecisionSourceType` to `PolicyEvaluationDecisionType`.
    pub eval_decision_details: Option<BTreeMap<String, PolicyEvaluationDecisionType>>,
    /// `PermissionsBoundaryDecisionDetail`: structure.
    pub permissions_boundary_decision_detail: Option<PermissionsBoundaryDecisionDetail>,
}

/// Input of ResyncMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ResyncMFADeviceRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `AuthenticationCode1`: string, 6 to 6 characters, pattern `[\d]+`; required.
    pub authentication_code1: String,
    /// `AuthenticationCode2`: string, 6 to 6 characters, pattern `[\d]+`; required.
    pub authentication_code2: String,
}

/// The structure `Role` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Role {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`; required.
    pub path: String,
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `RoleId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub role_id: String,
    /// `Arn`: string, 20 to 2048 characters; required.
    pub arn: String,
    /// `CreateDate`: timestamp; required.
    pub create_date: Timestamp,
    /// `AssumeRolePolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub assume_role_policy_document: Option<String>,
    /// `Description`: string, at most 1000 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`.
    pub description: Option<String>,
    /// `MaxSessionDuration`: integer, 3600 to 43200.
    pub max_session_duration: Option<i32>,
    /// `PermissionsBoundary`: structure.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
    /// `RoleLastUsed`: structure.
    pub role_last_used: Option<RoleLastUsed>,
}

/// The structure `RoleDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoleDetail {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub role_name: Option<String>,
    /// `RoleId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub role_id: Option<String>,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `AssumeRolePolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub assume_role_policy_document: Option<String>,
    /// `InstanceProfileList`: list of `InstanceProfile`.
    pub instance_profile_list: Option<Vec<InstanceProfile>>,
    /// `RolePolicyList`: list of `PolicyDetail`.
    pub role_policy_list: Option<Vec<PolicyDetail>>,
    /// `AttachedManagedPolicies`: list of `AttachedPolicy`.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
    /// `PermissionsBoundary`: structure.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
    /// `RoleLastUsed`: structure.
    pub role_last_used: Option<RoleLastUsed>,
}

/// The structure `RoleLastUsed` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoleLastUsed {
    /// `LastUsedDate`: timestamp.
    pub last_used_date: Option<Timestamp>,
    /// `Region`: string.
    pub region: Option<String>,
}

/// Input of SetDefaultPolicyVersion.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SetDefaultPolicyVersionRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `VersionId`: string, pattern `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`; required.
    pub version_id: String,
}

/// Input of SimulateCustomPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SimulateCustomPolicyRequest {
    /// `PolicyInputList`: list of `policyDocumentType`; required.
    pub policy_input_list: Vec<String>,
    /// `PermissionsBoundaryPolicyInputList`: list of `policyDocumentType`.
    pub permissions_boundary_policy_input_list: Option<Vec<String>>,
    /// `ActionNames`: list of `ActionNameType`; required.
    pub action_names: Vec<String>,
    /// `ResourceArns`: list of `ResourceNameType`.
    pub resource_arns: Option<Vec<String>>,
    /// `ResourcePolicy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub resource_policy: Option<String>,
    /// `ResourceOwner`: string, 1 to 2048 characters.
    pub resource_owner: Option<String>,
    /// `CallerArn`: string, 1 to 2048 characters.
    pub caller_arn: Option<String>,
    /// `ContextEntries`: list of `ContextEntry`.
    pub context_entries: Option<Vec<ContextEntry>>,
    /// `ResourceHandlingOption`: string, 1 to 64 characters.
    pub resource_handling_option: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
}

/// Output of SimulateCustomPolicy and SimulatePrincipalPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SimulatePolicyResponse {
    /// `EvaluationResults`: list of `EvaluationResult`.
    pub evaluation_results: Option<Vec<EvaluationResult>>,
    /// `IsTruncated`: boolean.
    pub is_truncated: Option<bool>,
    /// `Marker`: string.
    pub marker: Option<String>,
}

/// Input of SimulatePrincipalPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SimulatePrincipalPolicyRequest {
    /// `PolicySourceArn`: string, 20 to 2048 characters; required.
    pub policy_source_arn: String,
    /// `PolicyInputList`: list of `policyDocumentType`.
    pub policy_input_list: Option<Vec<String>>,
    /// `PermissionsBoundaryPolicyInputList`: list of `policyDocumentType`.
    pub permissions_boundary_policy_input_list: Option<Vec<String>>,
    /// `ActionNames`: list of `ActionNameType`; required.
    pub action_names: Vec<String>,
    /// `ResourceArns`: list of `ResourceNameType`.
    pub resource_arns: Option<Vec<String>>,
    /// `ResourcePolicy`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`.
    pub resource_policy: Option<String>,
    /// `ResourceOwner`: string, 1 to 2048 characters.
    pub resource_owner: Option<String>,
    /// `CallerArn`: string, 1 to 2048 characters.
    pub caller_arn: Option<String>,
    /// `ContextEntries`: list of `ContextEntry`.
    pub context_entries: Option<Vec<ContextEntry>>,
    /// `ResourceHandlingOption`: string, 1 to 64 characters.
    pub resource_handling_option: Option<String>,
    /// `MaxItems`: integer, 1 to 1000.
    pub max_items: Option<i32>,
    /// `Marker`: string, 1 to 320 characters, pattern `[\u0020-\u00FF]+`.
    pub marker: Option<String>,
}

/// The structure `Statement` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Statement {
    /// `SourcePolicyId`: string.
    pub source_policy_id: Option<String>,
    /// `SourcePolicyType`: one of its names.
    pub source_policy_type: Option<PolicySourceType>,
    /// `StartPosition`: structure.
    pub start_position: Option<Position>,
    /// `EndPosition`: structure.
    pub end_position: Option<Position>,
}

/// The structure `Tag` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Tag {
    /// `Key`: string, 1 to 128 characters, pattern `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`; required.
    pub key: String,
    /// `Value`: string, 0 to 256 characters, pattern `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`; required.
    pub value: String,
}

/// Input of TagMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagMFADeviceRequest {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
}

/// Input of TagOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
}

/// Input of TagPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagPolicyRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
}

/// Input of TagRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
}

/// Input of TagUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TagUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `Tags`: list of `Tag`, at most 50 elements; required.
    pub tags: Vec<Tag>,
}

/// Input of UntagMFADevice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagMFADeviceRequest {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `TagKeys`: list of `tagKeyType`, at most 50 elements; required.
    pub tag_keys: Vec<String>,
}

/// Input of UntagOpenIDConnectProvider.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagOpenIDConnectProviderRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `TagKeys`: list of `tagKeyType`, at most 50 elements; required.
    pub tag_keys: Vec<String>,
}

/// Input of UntagPolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagPolicyRequest {
    /// `PolicyArn`: string, 20 to 2048 characters; required.
    pub policy_arn: String,
    /// `TagKeys`: list of `tagKeyType`, at most 50 elements; required.
    pub tag_keys: Vec<String>,
}

/// Input of UntagRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `TagKeys`: list of `tagKeyType`, at most 50 elements; required.
    pub tag_keys: Vec<String>,
}

/// Input of UntagUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UntagUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `TagKeys`: list of `tagKeyType`, at most 50 elements; required.
    pub tag_keys: Vec<String>,
}

/// Input of UpdateAccessKey.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateAccessKeyRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `AccessKeyId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub access_key_id: String,
    /// `Status`: one of its names; required.
    pub status: StatusType,
}

/// Input of UpdateAssumeRolePolicy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateAssumeRolePolicyRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `PolicyDocument`: string, 1 to 131072 characters, pattern `[\u0009\u000A\u000D\u0020-\u00FF]+`; required.
    pub policy_document: String,
}

/// Input of UpdateGroup.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateGroupRequest {
    /// `GroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub group_name: String,
    /// `NewPath`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub new_path: Option<String>,
    /// `NewGroupName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`.
    pub new_group_name: Option<String>,
}

/// Input of UpdateOpenIDConnectProviderThumbprint.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateOpenIDConnectProviderThumbprintRequest {
    /// `OpenIDConnectProviderArn`: string, 20 to 2048 characters; required.
    pub open_id_connect_provider_arn: String,
    /// `ThumbprintList`: list of `thumbprintType`; required.
    pub thumbprint_list: Vec<String>,
}

/// Input of UpdateRoleDescription.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateRoleDescriptionRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Description`: string, at most 1000 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`; required.
    pub description: String,
}

/// Output of UpdateRoleDescription.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateRoleDescriptionResponse {
    /// `Role`: structure.
    pub role: Option<Role>,
}

/// Input of UpdateRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateRoleRequest {
    /// `RoleName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub role_name: String,
    /// `Description`: string, at most 1000 characters, pattern `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`.
    pub description: Option<String>,
    /// `MaxSessionDuration`: integer, 3600 to 43200.
    pub max_session_duration: Option<i32>,
}

/// Output of UpdateRole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateRoleResponse {}

/// Input of UpdateUser.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UpdateUserRequest {
    /// `UserName`: string, 1 to 128 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `NewPath`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub new_path: Option<String>,
    /// `NewUserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub new_user_name: Option<String>,
}

/// The structure `User` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct User {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`; required.
    pub path: String,
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`; required.
    pub user_name: String,
    /// `UserId`: string, 16 to 128 characters, pattern `[\w]+`; required.
    pub user_id: String,
    /// `Arn`: string, 20 to 2048 characters; required.
    pub arn: String,
    /// `CreateDate`: timestamp; required.
    pub create_date: Timestamp,
    /// `PasswordLastUsed`: timestamp.
    pub password_last_used: Option<Timestamp>,
    /// `PermissionsBoundary`: structure.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// The structure `UserDetail` of the model.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UserDetail {
    /// `Path`: string, 1 to 512 characters, pattern `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`.
    pub path: Option<String>,
    /// `UserName`: string, 1 to 64 characters, pattern `[\w+=,.@-]+`.
    pub user_name: Option<String>,
    /// `UserId`: string, 16 to 128 characters, pattern `[\w]+`.
    pub user_id: Option<String>,
    /// `Arn`: string, 20 to 2048 characters.
    pub arn: Option<String>,
    /// `CreateDate`: timestamp.
    pub create_date: Option<Timestamp>,
    /// `UserPolicyList`: list of `PolicyDetail`.
    pub user_policy_list: Option<Vec<PolicyDetail>>,
    /// `GroupList`: list of `groupNameType`.
    pub group_list: Option<Vec<String>>,
    /// `AttachedManagedPolicies`: list of `AttachedPolicy`.
    pub attached_managed_policies: Option<Vec<AttachedPolicy>>,
    /// `PermissionsBoundary`: structure.
    pub permissions_boundary: Option<AttachedPermissionsBoundary>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}

/// The structure `VirtualMFADevice` of the model.
#[derive(Debug, Default)]
pub struct VirtualMFADevice {
    /// `SerialNumber`: string, 9 to 256 characters, pattern `[\w+=/:,.@-]+`; required.
    pub serial_number: String,
    /// `Base32StringSeed`: blob, sensitive.
    pub base32_string_seed: Option<SecretBytes>,
    /// `QRCodePNG`: blob, sensitive.
    pub qr_code_png: Option<SecretBytes>,
    /// `User`: structure.
    pub user: Option<User>,
    /// `EnableDate`: timestamp.
    pub enable_date: Option<Timestamp>,
    /// `Tags`: list of `Tag`, at most 50 elements.
    pub tags: Option<Vec<Tag>>,
}
