//! What audit records show of inputs and outputs. Generated from `model/iam.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::operations::Operation;
use super::structures::*;
use crate::audit::{self, AuditObject, Audited, Members};

impl Operation {
    /// Whether it is to change nothing: `readOnly` of audit records.
    pub const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::GetAccessKeyLastUsed
                | Self::GetAccountAuthorizationDetails
                | Self::GetAccountSummary
                | Self::GetContextKeysForCustomPolicy
                | Self::GetContextKeysForPrincipalPolicy
                | Self::GetGroup
                | Self::GetGroupPolicy
                | Self::GetMFADevice
                | Self::GetOpenIDConnectProvider
                | Self::GetPolicy
                | Self::GetPolicyVersion
                | Self::GetRole
                | Self::GetRolePolicy
                | Self::GetUser
                | Self::GetUserPolicy
                | Self::ListAccessKeys
                | Self::ListAccountAliases
                | Self::ListAttachedGroupPolicies
                | Self::ListAttachedRolePolicies
                | Self::ListAttachedUserPolicies
                | Self::ListEntitiesForPolicy
                | Self::ListGroupPolicies
                | Self::ListGroups
                | Self::ListGroupsForUser
                | Self::ListInstanceProfilesForRole
                | Self::ListMFADeviceTags
                | Self::ListMFADevices
                | Self::ListOpenIDConnectProviderTags
                | Self::ListOpenIDConnectProviders
                | Self::ListPolicies
                | Self::ListPolicyTags
                | Self::ListPolicyVersions
                | Self::ListRolePolicies
                | Self::ListRoleTags
                | Self::ListRoles
                | Self::ListUserPolicies
                | Self::ListUserTags
                | Self::ListUsers
                | Self::ListVirtualMFADevices
                | Self::SimulateCustomPolicy
                | Self::SimulatePrincipalPolicy
        )
    }
}

impl Members for AccessKey {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("accessKeyId", &self.access_key_id);
        object.word("status", self.status.as_str());
        if let Some(value) = self.create_date {
            object.moment("createDate", value);
        }
    }
}

impl Members for AddClientIDToOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        object.text("clientID", &self.client_id);
    }
}

impl Audited for AddClientIDToOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AddUserToGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("userName", &self.user_name);
    }
}

impl Audited for AddUserToGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AttachGroupPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for AttachGroupPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AttachRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for AttachRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AttachUserPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for AttachUserPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for AttachedPermissionsBoundary {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.permissions_boundary_type {
            object.word("permissionsBoundaryType", value.as_str());
        }
        if let Some(value) = &self.permissions_boundary_arn {
            object.text("permissionsBoundaryArn", value);
        }
    }
}

impl Members for CreateAccessKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
    }
}

impl Audited for CreateAccessKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateAccessKeyResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.structure("accessKey", &self.access_key);
    }
}

impl Audited for CreateAccessKeyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateAccountAliasRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("accountAlias", &self.account_alias);
    }
}

impl Audited for CreateAccountAliasRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        object.text("groupName", &self.group_name);
    }
}

impl Audited for CreateGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateGroupResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.structure("group", &self.group);
    }
}

impl Audited for CreateGroupResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("url", &self.url);
        if let Some(value) = &self.client_id_list {
            object.texts("clientIDList", value);
        }
        if let Some(value) = &self.thumbprint_list {
            object.texts("thumbprintList", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreateOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateOpenIDConnectProviderResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.open_id_connect_provider_arn {
            object.text("openIDConnectProviderArn", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreateOpenIDConnectProviderResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreatePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyName", &self.policy_name);
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        object.text("policyDocument", &self.policy_document);
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreatePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreatePolicyResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.policy {
            object.structure("policy", value);
        }
    }
}

impl Audited for CreatePolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreatePolicyVersionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.text("policyDocument", &self.policy_document);
        if let Some(value) = self.set_as_default {
            object.boolean("setAsDefault", value);
        }
    }
}

impl Audited for CreatePolicyVersionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreatePolicyVersionResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.policy_version {
            object.structure("policyVersion", value);
        }
    }
}

impl Audited for CreatePolicyVersionResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        object.text("roleName", &self.role_name);
        object.text("assumeRolePolicyDocument", &self.assume_role_policy_document);
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.max_session_duration {
            object.integer("maxSessionDuration", value);
        }
        if let Some(value) = &self.permissions_boundary {
            object.text("permissionsBoundary", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreateRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateRoleResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.structure("role", &self.role);
    }
}

impl Audited for CreateRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateServiceLinkedRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("aWSServiceName", &self.aws_service_name);
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = &self.custom_suffix {
            object.text("customSuffix", value);
        }
    }
}

impl Audited for CreateServiceLinkedRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateServiceLinkedRoleResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.role {
            object.structure("role", value);
        }
    }
}

impl Audited for CreateServiceLinkedRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        object.text("userName", &self.user_name);
        if let Some(value) = &self.permissions_boundary {
            object.text("permissionsBoundary", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreateUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateUserResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user {
            object.structure("user", value);
        }
    }
}

impl Audited for CreateUserResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateVirtualMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        object.text("virtualMFADeviceName", &self.virtual_mfa_device_name);
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Audited for CreateVirtualMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for CreateVirtualMFADeviceResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.structure("virtualMFADevice", &self.virtual_mfa_device);
    }
}

impl Audited for CreateVirtualMFADeviceResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeactivateMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
        object.text("serialNumber", &self.serial_number);
    }
}

impl Audited for DeactivateMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteAccessKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
        object.text("accessKeyId", &self.access_key_id);
    }
}

impl Audited for DeleteAccessKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteAccountAliasRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("accountAlias", &self.account_alias);
    }
}

impl Audited for DeleteAccountAliasRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteGroupPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for DeleteGroupPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
    }
}

impl Audited for DeleteGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
    }
}

impl Audited for DeleteOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeletePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for DeletePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeletePolicyVersionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.text("versionId", &self.version_id);
    }
}

impl Audited for DeletePolicyVersionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteRolePermissionsBoundaryRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
    }
}

impl Audited for DeleteRolePermissionsBoundaryRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for DeleteRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
    }
}

impl Audited for DeleteRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteUserPermissionsBoundaryRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
    }
}

impl Audited for DeleteUserPermissionsBoundaryRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteUserPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for DeleteUserPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
    }
}

impl Audited for DeleteUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DeleteVirtualMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
    }
}

impl Audited for DeleteVirtualMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DetachGroupPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for DetachGroupPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DetachRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for DetachRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for DetachUserPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for DetachUserPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for EnableMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("serialNumber", &self.serial_number);
    }
}

impl Audited for EnableMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccessKeyLastUsedRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("accessKeyId", &self.access_key_id);
    }
}

impl Audited for GetAccessKeyLastUsedRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccessKeyLastUsedResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetAccessKeyLastUsedResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccountAuthorizationDetailsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.filter {
            object.names("filter", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for GetAccountAuthorizationDetailsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccountAuthorizationDetailsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetAccountAuthorizationDetailsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccountSummaryRequest {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetAccountSummaryRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetAccountSummaryResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetAccountSummaryResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetContextKeysForCustomPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.texts("policyInputList", &self.policy_input_list);
    }
}

impl Audited for GetContextKeysForCustomPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetContextKeysForPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetContextKeysForPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetContextKeysForPrincipalPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policySourceArn", &self.policy_source_arn);
        if let Some(value) = &self.policy_input_list {
            object.texts("policyInputList", value);
        }
    }
}

impl Audited for GetContextKeysForPrincipalPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetGroupPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for GetGroupPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetGroupPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetGroupPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for GetGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetGroupResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetGroupResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
    }
}

impl Audited for GetMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetMFADeviceResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetMFADeviceResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
    }
}

impl Audited for GetOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetOpenIDConnectProviderResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetOpenIDConnectProviderResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
    }
}

impl Audited for GetPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPolicyVersionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.text("versionId", &self.version_id);
    }
}

impl Audited for GetPolicyVersionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetPolicyVersionResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetPolicyVersionResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for GetRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetRolePolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetRolePolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
    }
}

impl Audited for GetRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetRoleResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetUserPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("policyName", &self.policy_name);
    }
}

impl Audited for GetUserPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetUserPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetUserPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
    }
}

impl Audited for GetUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for GetUserResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for GetUserResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for Group {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("path", &self.path);
        object.text("groupName", &self.group_name);
        object.text("groupId", &self.group_id);
        object.text("arn", &self.arn);
        object.moment("createDate", self.create_date);
    }
}

impl Members for ListAccessKeysRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListAccessKeysRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAccessKeysResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAccessKeysResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAccountAliasesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListAccountAliasesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAccountAliasesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAccountAliasesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedGroupPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListAttachedGroupPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedGroupPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAttachedGroupPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedRolePoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListAttachedRolePoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedRolePoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAttachedRolePoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedUserPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListAttachedUserPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListAttachedUserPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListAttachedUserPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListEntitiesForPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        if let Some(value) = self.entity_filter {
            object.word("entityFilter", value.as_str());
        }
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = self.policy_usage_filter {
            object.word("policyUsageFilter", value.as_str());
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListEntitiesForPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListEntitiesForPolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListEntitiesForPolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListGroupPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListGroupPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupsForUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListGroupsForUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupsForUserResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListGroupsForUserResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListGroupsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListGroupsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListGroupsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListInstanceProfilesForRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListInstanceProfilesForRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListInstanceProfilesForRoleResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListInstanceProfilesForRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListMFADeviceTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListMFADeviceTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListMFADeviceTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListMFADeviceTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListMFADevicesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListMFADevicesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListMFADevicesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListMFADevicesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListOpenIDConnectProviderTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListOpenIDConnectProviderTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListOpenIDConnectProviderTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListOpenIDConnectProviderTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListOpenIDConnectProvidersRequest {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListOpenIDConnectProvidersRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListOpenIDConnectProvidersResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListOpenIDConnectProvidersResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.scope {
            object.word("scope", value.as_str());
        }
        if let Some(value) = self.only_attached {
            object.boolean("onlyAttached", value);
        }
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = self.policy_usage_filter {
            object.word("policyUsageFilter", value.as_str());
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPolicyTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListPolicyTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPolicyTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListPolicyTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPolicyVersionsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListPolicyVersionsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListPolicyVersionsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListPolicyVersionsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRolePoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListRolePoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRolePoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListRolePoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRoleTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListRoleTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRoleTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListRoleTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRolesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListRolesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListRolesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListRolesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUserPoliciesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListUserPoliciesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUserPoliciesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListUserPoliciesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUserTagsRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListUserTagsRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUserTagsResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListUserTagsResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUsersRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.path_prefix {
            object.text("pathPrefix", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListUsersRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListUsersResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListUsersResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListVirtualMFADevicesRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.assignment_status {
            object.word("assignmentStatus", value.as_str());
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
    }
}

impl Audited for ListVirtualMFADevicesRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ListVirtualMFADevicesResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for ListVirtualMFADevicesResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for Policy {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.policy_name {
            object.text("policyName", value);
        }
        if let Some(value) = &self.policy_id {
            object.text("policyId", value);
        }
        if let Some(value) = &self.arn {
            object.text("arn", value);
        }
        if let Some(value) = &self.path {
            object.text("path", value);
        }
        if let Some(value) = &self.default_version_id {
            object.text("defaultVersionId", value);
        }
        if let Some(value) = self.attachment_count {
            object.integer("attachmentCount", value);
        }
        if let Some(value) = self.permissions_boundary_usage_count {
            object.integer("permissionsBoundaryUsageCount", value);
        }
        if let Some(value) = self.is_attachable {
            object.boolean("isAttachable", value);
        }
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.create_date {
            object.moment("createDate", value);
        }
        if let Some(value) = self.update_date {
            object.moment("updateDate", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Members for PolicyVersion {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.version_id {
            object.text("versionId", value);
        }
        if let Some(value) = self.is_default_version {
            object.boolean("isDefaultVersion", value);
        }
        if let Some(value) = self.create_date {
            object.moment("createDate", value);
        }
    }
}

impl Members for PutGroupPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("policyName", &self.policy_name);
        object.text("policyDocument", &self.policy_document);
    }
}

impl Audited for PutGroupPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for PutRolePermissionsBoundaryRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("permissionsBoundary", &self.permissions_boundary);
    }
}

impl Audited for PutRolePermissionsBoundaryRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for PutRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyName", &self.policy_name);
        object.text("policyDocument", &self.policy_document);
    }
}

impl Audited for PutRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for PutUserPermissionsBoundaryRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("permissionsBoundary", &self.permissions_boundary);
    }
}

impl Audited for PutUserPermissionsBoundaryRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for PutUserPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("policyName", &self.policy_name);
        object.text("policyDocument", &self.policy_document);
    }
}

impl Audited for PutUserPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RemoveClientIDFromOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        object.text("clientID", &self.client_id);
    }
}

impl Audited for RemoveClientIDFromOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for RemoveUserFromGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        object.text("userName", &self.user_name);
    }
}

impl Audited for RemoveUserFromGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for ResyncMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.text("serialNumber", &self.serial_number);
    }
}

impl Audited for ResyncMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for Role {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("path", &self.path);
        object.text("roleName", &self.role_name);
        object.text("roleId", &self.role_id);
        object.text("arn", &self.arn);
        object.moment("createDate", self.create_date);
        if let Some(value) = &self.assume_role_policy_document {
            object.text("assumeRolePolicyDocument", value);
        }
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.max_session_duration {
            object.integer("maxSessionDuration", value);
        }
        if let Some(value) = &self.permissions_boundary {
            object.structure("permissionsBoundary", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
        if let Some(value) = &self.role_last_used {
            object.structure("roleLastUsed", value);
        }
    }
}

impl Members for RoleLastUsed {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = self.last_used_date {
            object.moment("lastUsedDate", value);
        }
        if let Some(value) = &self.region {
            object.text("region", value);
        }
    }
}

impl Members for SetDefaultPolicyVersionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.text("versionId", &self.version_id);
    }
}

impl Audited for SetDefaultPolicyVersionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for SimulateCustomPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.texts("policyInputList", &self.policy_input_list);
        if let Some(value) = &self.permissions_boundary_policy_input_list {
            object.texts("permissionsBoundaryPolicyInputList", value);
        }
        object.texts("actionNames", &self.action_names);
        if let Some(value) = &self.resource_arns {
            object.texts("resourceArns", value);
        }
        if let Some(value) = &self.resource_policy {
            object.text("resourcePolicy", value);
        }
        if let Some(value) = &self.resource_owner {
            object.text("resourceOwner", value);
        }
        if let Some(value) = &self.caller_arn {
            object.text("callerArn", value);
        }
        if let Some(value) = &self.resource_handling_option {
            object.text("resourceHandlingOption", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for SimulateCustomPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for SimulatePolicyResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for SimulatePolicyResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for SimulatePrincipalPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policySourceArn", &self.policy_source_arn);
        if let Some(value) = &self.policy_input_list {
            object.texts("policyInputList", value);
        }
        if let Some(value) = &self.permissions_boundary_policy_input_list {
            object.texts("permissionsBoundaryPolicyInputList", value);
        }
        object.texts("actionNames", &self.action_names);
        if let Some(value) = &self.resource_arns {
            object.texts("resourceArns", value);
        }
        if let Some(value) = &self.resource_policy {
            object.text("resourcePolicy", value);
        }
        if let Some(value) = &self.resource_owner {
            object.text("resourceOwner", value);
        }
        if let Some(value) = &self.caller_arn {
            object.text("callerArn", value);
        }
        if let Some(value) = &self.resource_handling_option {
            object.text("resourceHandlingOption", value);
        }
        if let Some(value) = self.max_items {
            object.integer("maxItems", value);
        }
        if let Some(value) = &self.marker {
            object.text("marker", value);
        }
    }
}

impl Audited for SimulatePrincipalPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for Tag {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("key", &self.key);
        object.text("value", &self.value);
    }
}

impl Members for TagMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for TagOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for TagPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for TagRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for TagUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.structures("tags", &self.tags);
    }
}

impl Audited for TagUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagMFADeviceRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagMFADeviceRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagOpenIDConnectProviderRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagOpenIDConnectProviderRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagPolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("policyArn", &self.policy_arn);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagPolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UntagUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        object.texts("tagKeys", &self.tag_keys);
    }
}

impl Audited for UntagUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateAccessKeyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.user_name {
            object.text("userName", value);
        }
        object.text("accessKeyId", &self.access_key_id);
        object.word("status", self.status.as_str());
    }
}

impl Audited for UpdateAccessKeyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateAssumeRolePolicyRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("policyDocument", &self.policy_document);
    }
}

impl Audited for UpdateAssumeRolePolicyRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateGroupRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("groupName", &self.group_name);
        if let Some(value) = &self.new_path {
            object.text("newPath", value);
        }
        if let Some(value) = &self.new_group_name {
            object.text("newGroupName", value);
        }
    }
}

impl Audited for UpdateGroupRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateOpenIDConnectProviderThumbprintRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("openIDConnectProviderArn", &self.open_id_connect_provider_arn);
        object.texts("thumbprintList", &self.thumbprint_list);
    }
}

impl Audited for UpdateOpenIDConnectProviderThumbprintRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateRoleDescriptionRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        object.text("description", &self.description);
    }
}

impl Audited for UpdateRoleDescriptionRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateRoleDescriptionResponse {
    fn write(&self, object: &mut AuditObject<'_>) {
        if let Some(value) = &self.role {
            object.structure("role", value);
        }
    }
}

impl Audited for UpdateRoleDescriptionResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateRoleRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("roleName", &self.role_name);
        if let Some(value) = &self.description {
            object.text("description", value);
        }
        if let Some(value) = self.max_session_duration {
            object.integer("maxSessionDuration", value);
        }
    }
}

impl Audited for UpdateRoleRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateRoleResponse {
    fn write(&self, _object: &mut AuditObject<'_>) {
    }
}

impl Audited for UpdateRoleResponse {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for UpdateUserRequest {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("userName", &self.user_name);
        if let Some(value) = &self.new_path {
            object.text("newPath", value);
        }
        if let Some(value) = &self.new_user_name {
            object.text("newUserName", value);
        }
    }
}

impl Audited for UpdateUserRequest {
    fn audit_to(&self, out: &mut String) {
        audit::write(self, out);
    }
}

impl Members for User {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("path", &self.path);
        object.text("userName", &self.user_name);
        object.text("userId", &self.user_id);
        object.text("arn", &self.arn);
        object.moment("createDate", self.create_date);
        if let Some(value) = self.password_last_used {
            object.moment("passwordLastUsed", value);
        }
        if let Some(value) = &self.permissions_boundary {
            object.structure("permissionsBoundary", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}

impl Members for VirtualMFADevice {
    fn write(&self, object: &mut AuditObject<'_>) {
        object.text("serialNumber", &self.serial_number);
        if let Some(value) = &self.user {
            object.structure("user", value);
        }
        if let Some(value) = self.enable_date {
            object.moment("enableDate", value);
        }
        if let Some(value) = &self.tags {
            object.structures("tags", value);
        }
    }
}
