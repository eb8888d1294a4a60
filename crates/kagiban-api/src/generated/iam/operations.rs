//! Operations. Generated from `model/iam.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::errors::ErrorCode;
use crate::query::InputVisitor;

/// The `Version` parameter of requests.
pub const VERSION: &str = "2010-05-08";

/// The XML namespace of answers.
pub const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// An operation; its IAM action has the same name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Operation {
    /// `AddClientIDToOpenIDConnectProvider`
    AddClientIDToOpenIDConnectProvider,
    /// `AddUserToGroup`
    AddUserToGroup,
    /// `AttachGroupPolicy`
    AttachGroupPolicy,
    /// `AttachRolePolicy`
    AttachRolePolicy,
    /// `AttachUserPolicy`
    AttachUserPolicy,
    /// `CreateAccessKey`
    CreateAccessKey,
    /// `CreateAccountAlias`
    CreateAccountAlias,
    /// `CreateGroup`
    CreateGroup,
    /// `CreateOpenIDConnectProvider`
    CreateOpenIDConnectProvider,
    /// `CreatePolicy`
    CreatePolicy,
    /// `CreatePolicyVersion`
    CreatePolicyVersion,
    /// `CreateRole`
    CreateRole,
    /// `CreateServiceLinkedRole`
    CreateServiceLinkedRole,
    /// `CreateUser`
    CreateUser,
    /// `CreateVirtualMFADevice`
    CreateVirtualMFADevice,
    /// `DeactivateMFADevice`
    DeactivateMFADevice,
    /// `DeleteAccessKey`
    DeleteAccessKey,
    /// `DeleteAccountAlias`
    DeleteAccountAlias,
    /// `DeleteGroup`
    DeleteGroup,
    /// `DeleteGroupPolicy`
    DeleteGroupPolicy,
    /// `DeleteOpenIDConnectProvider`
    DeleteOpenIDConnectProvider,
    /// `DeletePolicy`
    DeletePolicy,
    /// `DeletePolicyVersion`
    DeletePolicyVersion,
    /// `DeleteRole`
    DeleteRole,
    /// `DeleteRolePermissionsBoundary`
    DeleteRolePermissionsBoundary,
    /// `DeleteRolePolicy`
    DeleteRolePolicy,
    /// `DeleteUser`
    DeleteUser,
    /// `DeleteUserPermissionsBoundary`
    DeleteUserPermissionsBoundary,
    /// `DeleteUserPolicy`
    DeleteUserPolicy,
    /// `DeleteVirtualMFADevice`
    DeleteVirtualMFADevice,
    /// `DetachGroupPolicy`
    DetachGroupPolicy,
    /// `DetachRolePolicy`
    DetachRolePolicy,
    /// `DetachUserPolicy`
    DetachUserPolicy,
    /// `EnableMFADevice`
    EnableMFADevice,
    /// `GetAccessKeyLastUsed`
    GetAccessKeyLastUsed,
    /// `GetAccountAuthorizationDetails`
    GetAccountAuthorizationDetails,
    /// `GetAccountSummary`
    GetAccountSummary,
    /// `GetContextKeysForCustomPolicy`
    GetContextKeysForCustomPolicy,
    /// `GetContextKeysForPrincipalPolicy`
    GetContextKeysForPrincipalPolicy,
    /// `GetGroup`
    GetGroup,
    /// `GetGroupPolicy`
    GetGroupPolicy,
    /// `GetMFADevice`
    GetMFADevice,
    /// `GetOpenIDConnectProvider`
    GetOpenIDConnectProvider,
    /// `GetPolicy`
    GetPolicy,
    /// `GetPolicyVersion`
    GetPolicyVersion,
    /// `GetRole`
    GetRole,
    /// `GetRolePolicy`
    GetRolePolicy,
    /// `GetUser`
    GetUser,
    /// `GetUserPolicy`
    GetUserPolicy,
    /// `ListAccessKeys`
    ListAccessKeys,
    /// `ListAccountAliases`
    ListAccountAliases,
    /// `ListAttachedGroupPolicies`
    ListAttachedGroupPolicies,
    /// `ListAttachedRolePolicies`
    ListAttachedRolePolicies,
    /// `ListAttachedUserPolicies`
    ListAttachedUserPolicies,
    /// `ListEntitiesForPolicy`
    ListEntitiesForPolicy,
    /// `ListGroupPolicies`
    ListGroupPolicies,
    /// `ListGroups`
    ListGroups,
    /// `ListGroupsForUser`
    ListGroupsForUser,
    /// `ListInstanceProfilesForRole`
    ListInstanceProfilesForRole,
    /// `ListMFADeviceTags`
    ListMFADeviceTags,
    /// `ListMFADevices`
    ListMFADevices,
    /// `ListOpenIDConnectProviderTags`
    ListOpenIDConnectProviderTags,
    /// `ListOpenIDConnectProviders`
    ListOpenIDConnectProviders,
    /// `ListPolicies`
    ListPolicies,
    /// `ListPolicyTags`
    ListPolicyTags,
    /// `ListPolicyVersions`
    ListPolicyVersions,
    /// `ListRolePolicies`
    ListRolePolicies,
    /// `ListRoleTags`
    ListRoleTags,
    /// `ListRoles`
    ListRoles,
    /// `ListUserPolicies`
    ListUserPolicies,
    /// `ListUserTags`
    ListUserTags,
    /// `ListUsers`
    ListUsers,
    /// `ListVirtualMFADevices`
    ListVirtualMFADevices,
    /// `PutGroupPolicy`
    PutGroupPolicy,
    /// `PutRolePermissionsBoundary`
    PutRolePermissionsBoundary,
    /// `PutRolePolicy`
    PutRolePolicy,
    /// `PutUserPermissionsBoundary`
    PutUserPermissionsBoundary,
    /// `PutUserPolicy`
    PutUserPolicy,
    /// `RemoveClientIDFromOpenIDConnectProvider`
    RemoveClientIDFromOpenIDConnectProvider,
    /// `RemoveUserFromGroup`
    RemoveUserFromGroup,
    /// `ResyncMFADevice`
    ResyncMFADevice,
    /// `SetDefaultPolicyVersion`
    SetDefaultPolicyVersion,
    /// `SimulateCustomPolicy`
    SimulateCustomPolicy,
    /// `SimulatePrincipalPolicy`
    SimulatePrincipalPolicy,
    /// `TagMFADevice`
    TagMFADevice,
    /// `TagOpenIDConnectProvider`
    TagOpenIDConnectProvider,
    /// `TagPolicy`
    TagPolicy,
    /// `TagRole`
    TagRole,
    /// `TagUser`
    TagUser,
    /// `UntagMFADevice`
    UntagMFADevice,
    /// `UntagOpenIDConnectProvider`
    UntagOpenIDConnectProvider,
    /// `UntagPolicy`
    UntagPolicy,
    /// `UntagRole`
    UntagRole,
    /// `UntagUser`
    UntagUser,
    /// `UpdateAccessKey`
    UpdateAccessKey,
    /// `UpdateAssumeRolePolicy`
    UpdateAssumeRolePolicy,
    /// `UpdateGroup`
    UpdateGroup,
    /// `UpdateOpenIDConnectProviderThumbprint`
    UpdateOpenIDConnectProviderThumbprint,
    /// `UpdateRole`
    UpdateRole,
    /// `UpdateRoleDescription`
    UpdateRoleDescription,
    /// `UpdateUser`
    UpdateUser,
}

impl Operation {
    /// All operations.
    pub const ALL: [Self; 101] = [
        Self::AddClientIDToOpenIDConnectProvider,
        Self::AddUserToGroup,
        Self::AttachGroupPolicy,
        Self::AttachRolePolicy,
        Self::AttachUserPolicy,
        Self::CreateAccessKey,
        Self::CreateAccountAlias,
        Self::CreateGroup,
        Self::CreateOpenIDConnectProvider,
        Self::CreatePolicy,
        Self::CreatePolicyVersion,
        Self::CreateRole,
        Self::CreateServiceLinkedRole,
        Self::CreateUser,
        Self::CreateVirtualMFADevice,
        Self::DeactivateMFADevice,
        Self::DeleteAccessKey,
        Self::DeleteAccountAlias,
        Self::DeleteGroup,
        Self::DeleteGroupPolicy,
        Self::DeleteOpenIDConnectProvider,
        Self::DeletePolicy,
        Self::DeletePolicyVersion,
        Self::DeleteRole,
        Self::DeleteRolePermissionsBoundary,
        Self::DeleteRolePolicy,
        Self::DeleteUser,
        Self::DeleteUserPermissionsBoundary,
        Self::DeleteUserPolicy,
        Self::DeleteVirtualMFADevice,
        Self::DetachGroupPolicy,
        Self::DetachRolePolicy,
        Self::DetachUserPolicy,
        Self::EnableMFADevice,
        Self::GetAccessKeyLastUsed,
        Self::GetAccountAuthorizationDetails,
        Self::GetAccountSummary,
        Self::GetContextKeysForCustomPolicy,
        Self::GetContextKeysForPrincipalPolicy,
        Self::GetGroup,
        Self::GetGroupPolicy,
        Self::GetMFADevice,
        Self::GetOpenIDConnectProvider,
        Self::GetPolicy,
        Self::GetPolicyVersion,
        Self::GetRole,
        Self::GetRolePolicy,
        Self::GetUser,
        Self::GetUserPolicy,
        Self::ListAccessKeys,
        Self::ListAccountAliases,
        Self::ListAttachedGroupPolicies,
        Self::ListAttachedRolePolicies,
        Self::ListAttachedUserPolicies,
        Self::ListEntitiesForPolicy,
        Self::ListGroupPolicies,
        Self::ListGroups,
        Self::ListGroupsForUser,
        Self::ListInstanceProfilesForRole,
        Self::ListMFADeviceTags,
        Self::ListMFADevices,
        Self::ListOpenIDConnectProviderTags,
        Self::ListOpenIDConnectProviders,
        Self::ListPolicies,
        Self::ListPolicyTags,
        Self::ListPolicyVersions,
        Self::ListRolePolicies,
        Self::ListRoleTags,
        Self::ListRoles,
        Self::ListUserPolicies,
        Self::ListUserTags,
        Self::ListUsers,
        Self::ListVirtualMFADevices,
        Self::PutGroupPolicy,
        Self::PutRolePermissionsBoundary,
        Self::PutRolePolicy,
        Self::PutUserPermissionsBoundary,
        Self::PutUserPolicy,
        Self::RemoveClientIDFromOpenIDConnectProvider,
        Self::RemoveUserFromGroup,
        Self::ResyncMFADevice,
        Self::SetDefaultPolicyVersion,
        Self::SimulateCustomPolicy,
        Self::SimulatePrincipalPolicy,
        Self::TagMFADevice,
        Self::TagOpenIDConnectProvider,
        Self::TagPolicy,
        Self::TagRole,
        Self::TagUser,
        Self::UntagMFADevice,
        Self::UntagOpenIDConnectProvider,
        Self::UntagPolicy,
        Self::UntagRole,
        Self::UntagUser,
        Self::UpdateAccessKey,
        Self::UpdateAssumeRolePolicy,
        Self::UpdateGroup,
        Self::UpdateOpenIDConnectProviderThumbprint,
        Self::UpdateRole,
        Self::UpdateRoleDescription,
        Self::UpdateUser,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddClientIDToOpenIDConnectProvider => "AddClientIDToOpenIDConnectProvider",
            Self::AddUserToGroup => "AddUserToGroup",
            Self::AttachGroupPolicy => "AttachGroupPolicy",
            Self::AttachRolePolicy => "AttachRolePolicy",
            Self::AttachUserPolicy => "AttachUserPolicy",
            Self::CreateAccessKey => "CreateAccessKey",
            Self::CreateAccountAlias => "CreateAccountAlias",
            Self::CreateGroup => "CreateGroup",
            Self::CreateOpenIDConnectProvider => "CreateOpenIDConnectProvider",
            Self::CreatePolicy => "CreatePolicy",
            Self::CreatePolicyVersion => "CreatePolicyVersion",
            Self::CreateRole => "CreateRole",
            Self::CreateServiceLinkedRole => "CreateServiceLinkedRole",
            Self::CreateUser => "CreateUser",
            Self::CreateVirtualMFADevice => "CreateVirtualMFADevice",
            Self::DeactivateMFADevice => "DeactivateMFADevice",
            Self::DeleteAccessKey => "DeleteAccessKey",
            Self::DeleteAccountAlias => "DeleteAccountAlias",
            Self::DeleteGroup => "DeleteGroup",
            Self::DeleteGroupPolicy => "DeleteGroupPolicy",
            Self::DeleteOpenIDConnectProvider => "DeleteOpenIDConnectProvider",
            Self::DeletePolicy => "DeletePolicy",
            Self::DeletePolicyVersion => "DeletePolicyVersion",
            Self::DeleteRole => "DeleteRole",
            Self::DeleteRolePermissionsBoundary => "DeleteRolePermissionsBoundary",
            Self::DeleteRolePolicy => "DeleteRolePolicy",
            Self::DeleteUser => "DeleteUser",
            Self::DeleteUserPermissionsBoundary => "DeleteUserPermissionsBoundary",
            Self::DeleteUserPolicy => "DeleteUserPolicy",
            Self::DeleteVirtualMFADevice => "DeleteVirtualMFADevice",
            Self::DetachGroupPolicy => "DetachGroupPolicy",
            Self::DetachRolePolicy => "DetachRolePolicy",
            Self::DetachUserPolicy => "DetachUserPolicy",
            Self::EnableMFADevice => "EnableMFADevice",
            Self::GetAccessKeyLastUsed => "GetAccessKeyLastUsed",
            Self::GetAccountAuthorizationDetails => "GetAccountAuthorizationDetails",
            Self::GetAccountSummary => "GetAccountSummary",
            Self::GetContextKeysForCustomPolicy => "GetContextKeysForCustomPolicy",
            Self::GetContextKeysForPrincipalPolicy => "GetContextKeysForPrincipalPolicy",
            Self::GetGroup => "GetGroup",
            Self::GetGroupPolicy => "GetGroupPolicy",
            Self::GetMFADevice => "GetMFADevice",
            Self::GetOpenIDConnectProvider => "GetOpenIDConnectProvider",
            Self::GetPolicy => "GetPolicy",
            Self::GetPolicyVersion => "GetPolicyVersion",
            Self::GetRole => "GetRole",
            Self::GetRolePolicy => "GetRolePolicy",
            Self::GetUser => "GetUser",
            Self::GetUserPolicy => "GetUserPolicy",
            Self::ListAccessKeys => "ListAccessKeys",
            Self::ListAccountAliases => "ListAccountAliases",
            Self::ListAttachedGroupPolicies => "ListAttachedGroupPolicies",
            Self::ListAttachedRolePolicies => "ListAttachedRolePolicies",
            Self::ListAttachedUserPolicies => "ListAttachedUserPolicies",
            Self::ListEntitiesForPolicy => "ListEntitiesForPolicy",
            Self::ListGroupPolicies => "ListGroupPolicies",
            Self::ListGroups => "ListGroups",
            Self::ListGroupsForUser => "ListGroupsForUser",
            Self::ListInstanceProfilesForRole => "ListInstanceProfilesForRole",
            Self::ListMFADeviceTags => "ListMFADeviceTags",
            Self::ListMFADevices => "ListMFADevices",
            Self::ListOpenIDConnectProviderTags => "ListOpenIDConnectProviderTags",
            Self::ListOpenIDConnectProviders => "ListOpenIDConnectProviders",
            Self::ListPolicies => "ListPolicies",
            Self::ListPolicyTags => "ListPolicyTags",
            Self::ListPolicyVersions => "ListPolicyVersions",
            Self::ListRolePolicies => "ListRolePolicies",
            Self::ListRoleTags => "ListRoleTags",
            Self::ListRoles => "ListRoles",
            Self::ListUserPolicies => "ListUserPolicies",
            Self::ListUserTags => "ListUserTags",
            Self::ListUsers => "ListUsers",
            Self::ListVirtualMFADevices => "ListVirtualMFADevices",
            Self::PutGroupPolicy => "PutGroupPolicy",
            Self::PutRolePermissionsBoundary => "PutRolePermissionsBoundary",
            Self::PutRolePolicy => "PutRolePolicy",
            Self::PutUserPermissionsBoundary => "PutUserPermissionsBoundary",
            Self::PutUserPolicy => "PutUserPolicy",
            Self::RemoveClientIDFromOpenIDConnectProvider => "RemoveClientIDFromOpenIDConnectProvider",
            Self::RemoveUserFromGroup => "RemoveUserFromGroup",
            Self::ResyncMFADevice => "ResyncMFADevice",
            Self::SetDefaultPolicyVersion => "SetDefaultPolicyVersion",
            Self::SimulateCustomPolicy => "SimulateCustomPolicy",
            Self::SimulatePrincipalPolicy => "SimulatePrincipalPolicy",
            Self::TagMFADevice => "TagMFADevice",
            Self::TagOpenIDConnectProvider => "TagOpenIDConnectProvider",
            Self::TagPolicy => "TagPolicy",
            Self::TagRole => "TagRole",
            Self::TagUser => "TagUser",
            Self::UntagMFADevice => "UntagMFADevice",
            Self::UntagOpenIDConnectProvider => "UntagOpenIDConnectProvider",
            Self::UntagPolicy => "UntagPolicy",
            Self::UntagRole => "UntagRole",
            Self::UntagUser => "UntagUser",
            Self::UpdateAccessKey => "UpdateAccessKey",
            Self::UpdateAssumeRolePolicy => "UpdateAssumeRolePolicy",
            Self::UpdateGroup => "UpdateGroup",
            Self::UpdateOpenIDConnectProviderThumbprint => "UpdateOpenIDConnectProviderThumbprint",
            Self::UpdateRole => "UpdateRole",
            Self::UpdateRoleDescription => "UpdateRoleDescription",
            Self::UpdateUser => "UpdateUser",
        }
    }

    /// The operation with this name; case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "AddClientIDToOpenIDConnectProvider" => Some(Self::AddClientIDToOpenIDConnectProvider),
            "AddUserToGroup" => Some(Self::AddUserToGroup),
            "AttachGroupPolicy" => Some(Self::AttachGroupPolicy),
            "AttachRolePolicy" => Some(Self::AttachRolePolicy),
            "AttachUserPolicy" => Some(Self::AttachUserPolicy),
            "CreateAccessKey" => Some(Self::CreateAccessKey),
            "CreateAccountAlias" => Some(Self::CreateAccountAlias),
            "CreateGroup" => Some(Self::CreateGroup),
            "CreateOpenIDConnectProvider" => Some(Self::CreateOpenIDConnectProvider),
            "CreatePolicy" => Some(Self::CreatePolicy),
            "CreatePolicyVersion" => Some(Self::CreatePolicyVersion),
            "CreateRole" => Some(Self::CreateRole),
            "CreateServiceLinkedRole" => Some(Self::CreateServiceLinkedRole),
            "CreateUser" => Some(Self::CreateUser),
            "CreateVirtualMFADevice" => Some(Self::CreateVirtualMFADevice),
            "DeactivateMFADevice" => Some(Self::DeactivateMFADevice),
            "DeleteAccessKey" => Some(Self::DeleteAccessKey),
            "DeleteAccountAlias" => Some(Self::DeleteAccountAlias),
            "DeleteGroup" => Some(Self::DeleteGroup),
            "DeleteGroupPolicy" => Some(Self::DeleteGroupPolicy),
            "DeleteOpenIDConnectProvider" => Some(Self::DeleteOpenIDConnectProvider),
            "DeletePolicy" => Some(Self::DeletePolicy),
            "DeletePolicyVersion" => Some(Self::DeletePolicyVersion),
            "DeleteRole" => Some(Self::DeleteRole),
            "DeleteRolePermissionsBoundary" => Some(Self::DeleteRolePermissionsBoundary),
            "DeleteRolePolicy" => Some(Self::DeleteRolePolicy),
            "DeleteUser" => Some(Self::DeleteUser),
            "DeleteUserPermissionsBoundary" => Some(Self::DeleteUserPermissionsBoundary),
            "DeleteUserPolicy" => Some(Self::DeleteUserPolicy),
            "DeleteVirtualMFADevice" => Some(Self::DeleteVirtualMFADevice),
            "DetachGroupPolicy" => Some(Self::DetachGroupPolicy),
            "DetachRolePolicy" => Some(Self::DetachRolePolicy),
            "DetachUserPolicy" => Some(Self::DetachUserPolicy),
            "EnableMFADevice" => Some(Self::EnableMFADevice),
            "GetAccessKeyLastUsed" => Some(Self::GetAccessKeyLastUsed),
            "GetAccountAuthorizationDetails" => Some(Self::GetAccountAuthorizationDetails),
            "GetAccountSummary" => Some(Self::GetAccountSummary),
            "GetContextKeysForCustomPolicy" => Some(Self::GetContextKeysForCustomPolicy),
            "GetContextKeysForPrincipalPolicy" => Some(Self::GetContextKeysForPrincipalPolicy),
            "GetGroup" => Some(Self::GetGroup),
            "GetGroupPolicy" => Some(Self::GetGroupPolicy),
            "GetMFADevice" => Some(Self::GetMFADevice),
            "GetOpenIDConnectProvider" => Some(Self::GetOpenIDConnectProvider),
            "GetPolicy" => Some(Self::GetPolicy),
            "GetPolicyVersion" => Some(Self::GetPolicyVersion),
            "GetRole" => Some(Self::GetRole),
            "GetRolePolicy" => Some(Self::GetRolePolicy),
            "GetUser" => Some(Self::GetUser),
            "GetUserPolicy" => Some(Self::GetUserPolicy),
            "ListAccessKeys" => Some(Self::ListAccessKeys),
            "ListAccountAliases" => Some(Self::ListAccountAliases),
            "ListAttachedGroupPolicies" => Some(Self::ListAttachedGroupPolicies),
            "ListAttachedRolePolicies" => Some(Self::ListAttachedRolePolicies),
            "ListAttachedUserPolicies" => Some(Self::ListAttachedUserPolicies),
            "ListEntitiesForPolicy" => Some(Self::ListEntitiesForPolicy),
            "ListGroupPolicies" => Some(Self::ListGroupPolicies),
            "ListGroups" => Some(Self::ListGroups),
            "ListGroupsForUser" => Some(Self::ListGroupsForUser),
            "ListInstanceProfilesForRole" => Some(Self::ListInstanceProfilesForRole),
            "ListMFADeviceTags" => Some(Self::ListMFADeviceTags),
            "ListMFADevices" => Some(Self::ListMFADevices),
            "ListOpenIDConnectProviderTags" => Some(Self::ListOpenIDConnectProviderTags),
            "ListOpenIDConnectProviders" => Some(Self::ListOpenIDConnectProviders),
            "ListPolicies" => Some(Self::ListPolicies),
            "ListPolicyTags" => Some(Self::ListPolicyTags),
            "ListPolicyVersions" => Some(Self::ListPolicyVersions),
            "ListRolePolicies" => Some(Self::ListRolePolicies),
            "ListRoleTags" => Some(Self::ListRoleTags),
            "ListRoles" => Some(Self::ListRoles),
            "ListUserPolicies" => Some(Self::ListUserPolicies),
            "ListUserTags" => Some(Self::ListUserTags),
            "ListUsers" => Some(Self::ListUsers),
            "ListVirtualMFADevices" => Some(Self::ListVirtualMFADevices),
            "PutGroupPolicy" => Some(Self::PutGroupPolicy),
            "PutRolePermissionsBoundary" => Some(Self::PutRolePermissionsBoundary),
            "PutRolePolicy" => Some(Self::PutRolePolicy),
            "PutUserPermissionsBoundary" => Some(Self::PutUserPermissionsBoundary),
            "PutUserPolicy" => Some(Self::PutUserPolicy),
            "RemoveClientIDFromOpenIDConnectProvider" => Some(Self::RemoveClientIDFromOpenIDConnectProvider),
            "RemoveUserFromGroup" => Some(Self::RemoveUserFromGroup),
            "ResyncMFADevice" => Some(Self::ResyncMFADevice),
            "SetDefaultPolicyVersion" => Some(Self::SetDefaultPolicyVersion),
            "SimulateCustomPolicy" => Some(Self::SimulateCustomPolicy),
            "SimulatePrincipalPolicy" => Some(Self::SimulatePrincipalPolicy),
            "TagMFADevice" => Some(Self::TagMFADevice),
            "TagOpenIDConnectProvider" => Some(Self::TagOpenIDConnectProvider),
            "TagPolicy" => Some(Self::TagPolicy),
            "TagRole" => Some(Self::TagRole),
            "TagUser" => Some(Self::TagUser),
            "UntagMFADevice" => Some(Self::UntagMFADevice),
            "UntagOpenIDConnectProvider" => Some(Self::UntagOpenIDConnectProvider),
            "UntagPolicy" => Some(Self::UntagPolicy),
            "UntagRole" => Some(Self::UntagRole),
            "UntagUser" => Some(Self::UntagUser),
            "UpdateAccessKey" => Some(Self::UpdateAccessKey),
            "UpdateAssumeRolePolicy" => Some(Self::UpdateAssumeRolePolicy),
            "UpdateGroup" => Some(Self::UpdateGroup),
            "UpdateOpenIDConnectProviderThumbprint" => Some(Self::UpdateOpenIDConnectProviderThumbprint),
            "UpdateRole" => Some(Self::UpdateRole),
            "UpdateRoleDescription" => Some(Self::UpdateRoleDescription),
            "UpdateUser" => Some(Self::UpdateUser),
            _ => None,
        }
    }

    /// The errors the model declares for it, besides the common ones.
    pub const fn declared_errors(self) -> &'static [ErrorCode] {
        match self {
            Self::AddClientIDToOpenIDConnectProvider => &[
                ErrorCode::ConcurrentModification,
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::AddUserToGroup => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::AttachGroupPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::PolicyNotAttachable,
                ErrorCode::ServiceFailure,
            ],
            Self::AttachRolePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::PolicyNotAttachable,
                ErrorCode::ServiceFailure,
            ],
            Self::AttachUserPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::PolicyNotAttachable,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateAccessKey => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateAccountAlias => &[
                ErrorCode::ConcurrentModification,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateGroup => &[
                ErrorCode::LimitExceeded,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateOpenIDConnectProvider => &[
                ErrorCode::InvalidInput,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::LimitExceeded,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
                ErrorCode::OpenIdIdpCommunicationError,
            ],
            Self::CreatePolicy => &[
                ErrorCode::InvalidInput,
                ErrorCode::LimitExceeded,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::CreatePolicyVersion => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::InvalidInput,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateRole => &[
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateServiceLinkedRole => &[
                ErrorCode::InvalidInput,
                ErrorCode::LimitExceeded,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateUser => &[
                ErrorCode::LimitExceeded,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::CreateVirtualMFADevice => &[
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::DeactivateMFADevice => &[
                ErrorCode::EntityTemporarilyUnmodifiable,
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
                ErrorCode::ConcurrentModification,
            ],
            Self::DeleteAccessKey => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteAccountAlias => &[
                ErrorCode::ConcurrentModification,
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteGroup => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::DeleteConflict,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteGroupPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteOpenIDConnectProvider => &[
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::DeletePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::DeleteConflict,
                ErrorCode::ServiceFailure,
            ],
            Self::DeletePolicyVersion => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::DeleteConflict,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteRole => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::DeleteConflict,
                ErrorCode::LimitExceeded,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteRolePermissionsBoundary => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteRolePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteUser => &[
                ErrorCode::LimitExceeded,
                ErrorCode::NoSuchEntity,
                ErrorCode::DeleteConflict,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteUserPermissionsBoundary => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteUserPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::DeleteVirtualMFADevice => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::DeleteConflict,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
                ErrorCode::ConcurrentModification,
            ],
            Self::DetachGroupPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::DetachRolePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::DetachUserPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::EnableMFADevice => &[
                ErrorCode::EntityAlreadyExists,
                ErrorCode::EntityTemporarilyUnmodifiable,
                ErrorCode::InvalidAuthenticationCode,
                ErrorCode::LimitExceeded,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
                ErrorCode::ConcurrentModification,
            ],
            Self::GetAccessKeyLastUsed => &[],
            Self::GetAccountAuthorizationDetails => &[
                ErrorCode::ServiceFailure,
            ],
            Self::GetAccountSummary => &[
                ErrorCode::ServiceFailure,
            ],
            Self::GetContextKeysForCustomPolicy => &[
                ErrorCode::InvalidInput,
            ],
            Self::GetContextKeysForPrincipalPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
            ],
            Self::GetGroup => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetGroupPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetMFADevice => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetOpenIDConnectProvider => &[
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::GetPolicyVersion => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::GetRole => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetRolePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetUser => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::GetUserPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListAccessKeys => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListAccountAliases => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListAttachedGroupPolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListAttachedRolePolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListAttachedUserPolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListEntitiesForPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListGroupPolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListGroups => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListGroupsForUser => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListInstanceProfilesForRole => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListMFADeviceTags => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListMFADevices => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListOpenIDConnectProviderTags => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
                ErrorCode::InvalidInput,
            ],
            Self::ListOpenIDConnectProviders => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListPolicies => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListPolicyTags => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
                ErrorCode::InvalidInput,
            ],
            Self::ListPolicyVersions => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ServiceFailure,
            ],
            Self::ListRolePolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListRoleTags => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListRoles => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListUserPolicies => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListUserTags => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::ListUsers => &[
                ErrorCode::ServiceFailure,
            ],
            Self::ListVirtualMFADevices => &[],
            Self::PutGroupPolicy => &[
                ErrorCode::LimitExceeded,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::PutRolePermissionsBoundary => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::PolicyNotAttachable,
                ErrorCode::ServiceFailure,
            ],
            Self::PutRolePolicy => &[
                ErrorCode::LimitExceeded,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::NoSuchEntity,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::PutUserPermissionsBoundary => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::PolicyNotAttachable,
                ErrorCode::ServiceFailure,
            ],
            Self::PutUserPolicy => &[
                ErrorCode::LimitExceeded,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::RemoveClientIDFromOpenIDConnectProvider => &[
                ErrorCode::ConcurrentModification,
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::RemoveUserFromGroup => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::ResyncMFADevice => &[
                ErrorCode::InvalidAuthenticationCode,
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
                ErrorCode::ConcurrentModification,
            ],
            Self::SetDefaultPolicyVersion => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::SimulateCustomPolicy => &[
                ErrorCode::InvalidInput,
                ErrorCode::PolicyEvaluation,
            ],
            Self::SimulatePrincipalPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::PolicyEvaluation,
            ],
            Self::TagMFADevice => &[
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::TagOpenIDConnectProvider => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::TagPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::TagRole => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::TagUser => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UntagMFADevice => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UntagOpenIDConnectProvider => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UntagPolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::InvalidInput,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UntagRole => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UntagUser => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateAccessKey => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
                ErrorCode::InvalidInput,
            ],
            Self::UpdateAssumeRolePolicy => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::LimitExceeded,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateGroup => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::LimitExceeded,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateOpenIDConnectProviderThumbprint => &[
                ErrorCode::ConcurrentModification,
                ErrorCode::InvalidInput,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateRole => &[
                ErrorCode::UnmodifiableEntity,
                ErrorCode::NoSuchEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateRoleDescription => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::UnmodifiableEntity,
                ErrorCode::ServiceFailure,
            ],
            Self::UpdateUser => &[
                ErrorCode::NoSuchEntity,
                ErrorCode::LimitExceeded,
                ErrorCode::EntityAlreadyExists,
                ErrorCode::EntityTemporarilyUnmodifiable,
                ErrorCode::ConcurrentModification,
                ErrorCode::ServiceFailure,
            ],
        }
    }

    /// Does something with its input type.
    pub fn visit_input<V: InputVisitor<Self>>(self, visitor: V) -> V::Value {
        match self {
            Self::AddClientIDToOpenIDConnectProvider => visitor.visit::<super::structures::AddClientIDToOpenIDConnectProviderRequest>(),
            Self::AddUserToGroup => visitor.visit::<super::structures::AddUserToGroupRequest>(),
            Self::AttachGroupPolicy => visitor.visit::<super::structures::AttachGroupPolicyRequest>(),
            Self::AttachRolePolicy => visitor.visit::<super::structures::AttachRolePolicyRequest>(),
            Self::AttachUserPolicy => visitor.visit::<super::structures::AttachUserPolicyRequest>(),
            Self::CreateAccessKey => visitor.visit::<super::structures::CreateAccessKeyRequest>(),
            Self::CreateAccountAlias => visitor.visit::<super::structures::CreateAccountAliasRequest>(),
            Self::CreateGroup => visitor.visit::<super::structures::CreateGroupRequest>(),
            Self::CreateOpenIDConnectProvider => visitor.visit::<super::structures::CreateOpenIDConnectProviderRequest>(),
            Self::CreatePolicy => visitor.visit::<super::structures::CreatePolicyRequest>(),
            Self::CreatePolicyVersion => visitor.visit::<super::structures::CreatePolicyVersionRequest>(),
            Self::CreateRole => visitor.visit::<super::structures::CreateRoleRequest>(),
            Self::CreateServiceLinkedRole => visitor.visit::<super::structures::CreateServiceLinkedRoleRequest>(),
            Self::CreateUser => visitor.visit::<super::structures::CreateUserRequest>(),
            Self::CreateVirtualMFADevice => visitor.visit::<super::structures::CreateVirtualMFADeviceRequest>(),
            Self::DeactivateMFADevice => visitor.visit::<super::structures::DeactivateMFADeviceRequest>(),
            Self::DeleteAccessKey => visitor.visit::<super::structures::DeleteAccessKeyRequest>(),
            Self::DeleteAccountAlias => visitor.visit::<super::structures::DeleteAccountAliasRequest>(),
            Self::DeleteGroup => visitor.visit::<super::structures::DeleteGroupRequest>(),
            Self::DeleteGroupPolicy => visitor.visit::<super::structures::DeleteGroupPolicyRequest>(),
            Self::DeleteOpenIDConnectProvider => visitor.visit::<super::structures::DeleteOpenIDConnectProviderRequest>(),
            Self::DeletePolicy => visitor.visit::<super::structures::DeletePolicyRequest>(),
            Self::DeletePolicyVersion => visitor.visit::<super::structures::DeletePolicyVersionRequest>(),
            Self::DeleteRole => visitor.visit::<super::structures::DeleteRoleRequest>(),
            Self::DeleteRolePermissionsBoundary => visitor.visit::<super::structures::DeleteRolePermissionsBoundaryRequest>(),
            Self::DeleteRolePolicy => visitor.visit::<super::structures::DeleteRolePolicyRequest>(),
            Self::DeleteUser => visitor.visit::<super::structures::DeleteUserRequest>(),
            Self::DeleteUserPermissionsBoundary => visitor.visit::<super::structures::DeleteUserPermissionsBoundaryRequest>(),
            Self::DeleteUserPolicy => visitor.visit::<super::structures::DeleteUserPolicyRequest>(),
            Self::DeleteVirtualMFADevice => visitor.visit::<super::structures::DeleteVirtualMFADeviceRequest>(),
            Self::DetachGroupPolicy => visitor.visit::<super::structures::DetachGroupPolicyRequest>(),
            Self::DetachRolePolicy => visitor.visit::<super::structures::DetachRolePolicyRequest>(),
            Self::DetachUserPolicy => visitor.visit::<super::structures::DetachUserPolicyRequest>(),
            Self::EnableMFADevice => visitor.visit::<super::structures::EnableMFADeviceRequest>(),
            Self::GetAccessKeyLastUsed => visitor.visit::<super::structures::GetAccessKeyLastUsedRequest>(),
            Self::GetAccountAuthorizationDetails => visitor.visit::<super::structures::GetAccountAuthorizationDetailsRequest>(),
            Self::GetAccountSummary => visitor.visit::<super::structures::GetAccountSummaryRequest>(),
            Self::GetContextKeysForCustomPolicy => visitor.visit::<super::structures::GetContextKeysForCustomPolicyRequest>(),
            Self::GetContextKeysForPrincipalPolicy => visitor.visit::<super::structures::GetContextKeysForPrincipalPolicyRequest>(),
            Self::GetGroup => visitor.visit::<super::structures::GetGroupRequest>(),
            Self::GetGroupPolicy => visitor.visit::<super::structures::GetGroupPolicyRequest>(),
            Self::GetMFADevice => visitor.visit::<super::structures::GetMFADeviceRequest>(),
            Self::GetOpenIDConnectProvider => visitor.visit::<super::structures::GetOpenIDConnectProviderRequest>(),
            Self::GetPolicy => visitor.visit::<super::structures::GetPolicyRequest>(),
            Self::GetPolicyVersion => visitor.visit::<super::structures::GetPolicyVersionRequest>(),
            Self::GetRole => visitor.visit::<super::structures::GetRoleRequest>(),
            Self::GetRolePolicy => visitor.visit::<super::structures::GetRolePolicyRequest>(),
            Self::GetUser => visitor.visit::<super::structures::GetUserRequest>(),
            Self::GetUserPolicy => visitor.visit::<super::structures::GetUserPolicyRequest>(),
            Self::ListAccessKeys => visitor.visit::<super::structures::ListAccessKeysRequest>(),
            Self::ListAccountAliases => visitor.visit::<super::structures::ListAccountAliasesRequest>(),
            Self::ListAttachedGroupPolicies => visitor.visit::<super::structures::ListAttachedGroupPoliciesRequest>(),
            Self::ListAttachedRolePolicies => visitor.visit::<super::structures::ListAttachedRolePoliciesRequest>(),
            Self::ListAttachedUserPolicies => visitor.visit::<super::structures::ListAttachedUserPoliciesRequest>(),
            Self::ListEntitiesForPolicy => visitor.visit::<super::structures::ListEntitiesForPolicyRequest>(),
            Self::ListGroupPolicies => visitor.visit::<super::structures::ListGroupPoliciesRequest>(),
            Self::ListGroups => visitor.visit::<super::structures::ListGroupsRequest>(),
            Self::ListGroupsForUser => visitor.visit::<super::structures::ListGroupsForUserRequest>(),
            Self::ListInstanceProfilesForRole => visitor.visit::<super::structures::ListInstanceProfilesForRoleRequest>(),
            Self::ListMFADeviceTags => visitor.visit::<super::structures::ListMFADeviceTagsRequest>(),
            Self::ListMFADevices => visitor.visit::<super::structures::ListMFADevicesRequest>(),
            Self::ListOpenIDConnectProviderTags => visitor.visit::<super::structures::ListOpenIDConnectProviderTagsRequest>(),
            Self::ListOpenIDConnectProviders => visitor.visit::<super::structures::ListOpenIDConnectProvidersRequest>(),
            Self::ListPolicies => visitor.visit::<super::structures::ListPoliciesRequest>(),
            Self::ListPolicyTags => visitor.visit::<super::structures::ListPolicyTagsRequest>(),
            Self::ListPolicyVersions => visitor.visit::<super::structures::ListPolicyVersionsRequest>(),
            Self::ListRolePolicies => visitor.visit::<super::structures::ListRolePoliciesRequest>(),
            Self::ListRoleTags => visitor.visit::<super::structures::ListRoleTagsRequest>(),
            Self::ListRoles => visitor.visit::<super::structures::ListRolesRequest>(),
            Self::ListUserPolicies => visitor.visit::<super::structures::ListUserPoliciesRequest>(),
            Self::ListUserTags => visitor.visit::<super::structures::ListUserTagsRequest>(),
            Self::ListUsers => visitor.visit::<super::structures::ListUsersRequest>(),
            Self::ListVirtualMFADevices => visitor.visit::<super::structures::ListVirtualMFADevicesRequest>(),
            Self::PutGroupPolicy => visitor.visit::<super::structures::PutGroupPolicyRequest>(),
            Self::PutRolePermissionsBoundary => visitor.visit::<super::structures::PutRolePermissionsBoundaryRequest>(),
            Self::PutRolePolicy => visitor.visit::<super::structures::PutRolePolicyRequest>(),
            Self::PutUserPermissionsBoundary => visitor.visit::<super::structures::PutUserPermissionsBoundaryRequest>(),
            Self::PutUserPolicy => visitor.visit::<super::structures::PutUserPolicyRequest>(),
            Self::RemoveClientIDFromOpenIDConnectProvider => visitor.visit::<super::structures::RemoveClientIDFromOpenIDConnectProviderRequest>(),
            Self::RemoveUserFromGroup => visitor.visit::<super::structures::RemoveUserFromGroupRequest>(),
            Self::ResyncMFADevice => visitor.visit::<super::structures::ResyncMFADeviceRequest>(),
            Self::SetDefaultPolicyVersion => visitor.visit::<super::structures::SetDefaultPolicyVersionRequest>(),
            Self::SimulateCustomPolicy => visitor.visit::<super::structures::SimulateCustomPolicyRequest>(),
            Self::SimulatePrincipalPolicy => visitor.visit::<super::structures::SimulatePrincipalPolicyRequest>(),
            Self::TagMFADevice => visitor.visit::<super::structures::TagMFADeviceRequest>(),
            Self::TagOpenIDConnectProvider => visitor.visit::<super::structures::TagOpenIDConnectProviderRequest>(),
            Self::TagPolicy => visitor.visit::<super::structures::TagPolicyRequest>(),
            Self::TagRole => visitor.visit::<super::structures::TagRoleRequest>(),
            Self::TagUser => visitor.visit::<super::structures::TagUserRequest>(),
            Self::UntagMFADevice => visitor.visit::<super::structures::UntagMFADeviceRequest>(),
            Self::UntagOpenIDConnectProvider => visitor.visit::<super::structures::UntagOpenIDConnectProviderRequest>(),
            Self::UntagPolicy => visitor.visit::<super::structures::UntagPolicyRequest>(),
            Self::UntagRole => visitor.visit::<super::structures::UntagRoleRequest>(),
            Self::UntagUser => visitor.visit::<super::structures::UntagUserRequest>(),
            Self::UpdateAccessKey => visitor.visit::<super::structures::UpdateAccessKeyRequest>(),
            Self::UpdateAssumeRolePolicy => visitor.visit::<super::structures::UpdateAssumeRolePolicyRequest>(),
            Self::UpdateGroup => visitor.visit::<super::structures::UpdateGroupRequest>(),
            Self::UpdateOpenIDConnectProviderThumbprint => visitor.visit::<super::structures::UpdateOpenIDConnectProviderThumbprintRequest>(),
            Self::UpdateRole => visitor.visit::<super::structures::UpdateRoleRequest>(),
            Self::UpdateRoleDescription => visitor.visit::<super::structures::UpdateRoleDescriptionRequest>(),
            Self::UpdateUser => visitor.visit::<super::structures::UpdateUserRequest>(),
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
