//! Reading inputs and writing structures. Generated from `model/iam.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::{limits::*, operations::*, structures::*};
use crate::query::form::{Form, Node};
use crate::query::read::{self, Decode, Fault, Reader};
use crate::query::xml::{self, Encode, XmlWriter};
use crate::query::{Envelope, QueryError, QueryInput, QueryOutput};
use crate::validate::Path;

impl QueryInput for AddClientIDToOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AddClientIDToOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AddClientIDToOpenIDConnectProvider", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for AddUserToGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AddUserToGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AddUserToGroup", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for AttachGroupPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AttachGroupPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AttachGroupPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for AttachRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AttachRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AttachRolePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for AttachUserPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::AttachUserPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("AttachUserPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateAccessKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateAccessKey;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateAccessKey", NAMESPACE);
    type Output = CreateAccessKeyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateAccountAliasRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateAccountAlias;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateAccountAlias", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateGroup", NAMESPACE);
    type Output = CreateGroupResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateOpenIDConnectProvider", NAMESPACE);
    type Output = CreateOpenIDConnectProviderResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreatePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreatePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreatePolicy", NAMESPACE);
    type Output = CreatePolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreatePolicyVersionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreatePolicyVersion;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreatePolicyVersion", NAMESPACE);
    type Output = CreatePolicyVersionResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateRole", NAMESPACE);
    type Output = CreateRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateServiceLinkedRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateServiceLinkedRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateServiceLinkedRole", NAMESPACE);
    type Output = CreateServiceLinkedRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateUser", NAMESPACE);
    type Output = CreateUserResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for CreateVirtualMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::CreateVirtualMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("CreateVirtualMFADevice", NAMESPACE);
    type Output = CreateVirtualMFADeviceResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeactivateMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeactivateMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeactivateMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteAccessKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteAccessKey;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteAccessKey", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteAccountAliasRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteAccountAlias;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteAccountAlias", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteGroup", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteGroupPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteGroupPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteGroupPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteOpenIDConnectProvider", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeletePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeletePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeletePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeletePolicyVersionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeletePolicyVersion;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeletePolicyVersion", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteRole", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteRolePermissionsBoundaryRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteRolePermissionsBoundary;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteRolePermissionsBoundary", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteRolePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteUser", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteUserPermissionsBoundaryRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteUserPermissionsBoundary;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteUserPermissionsBoundary", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteUserPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteUserPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteUserPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DeleteVirtualMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DeleteVirtualMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DeleteVirtualMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DetachGroupPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DetachGroupPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DetachGroupPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DetachRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DetachRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DetachRolePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for DetachUserPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::DetachUserPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("DetachUserPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for EnableMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::EnableMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("EnableMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetAccessKeyLastUsedRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetAccessKeyLastUsed;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetAccessKeyLastUsed", NAMESPACE);
    type Output = GetAccessKeyLastUsedResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetAccountAuthorizationDetailsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetAccountAuthorizationDetails;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetAccountAuthorizationDetails", NAMESPACE);
    type Output = GetAccountAuthorizationDetailsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetAccountSummaryRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetAccountSummary;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetAccountSummary", NAMESPACE);
    type Output = GetAccountSummaryResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetContextKeysForCustomPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetContextKeysForCustomPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetContextKeysForCustomPolicy", NAMESPACE);
    type Output = GetContextKeysForPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetContextKeysForPrincipalPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetContextKeysForPrincipalPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetContextKeysForPrincipalPolicy", NAMESPACE);
    type Output = GetContextKeysForPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetGroup", NAMESPACE);
    type Output = GetGroupResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetGroupPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetGroupPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetGroupPolicy", NAMESPACE);
    type Output = GetGroupPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetMFADevice", NAMESPACE);
    type Output = GetMFADeviceResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetOpenIDConnectProvider", NAMESPACE);
    type Output = GetOpenIDConnectProviderResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetPolicy", NAMESPACE);
    type Output = GetPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetPolicyVersionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetPolicyVersion;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetPolicyVersion", NAMESPACE);
    type Output = GetPolicyVersionResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetRole", NAMESPACE);
    type Output = GetRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetRolePolicy", NAMESPACE);
    type Output = GetRolePolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetUser", NAMESPACE);
    type Output = GetUserResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for GetUserPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::GetUserPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("GetUserPolicy", NAMESPACE);
    type Output = GetUserPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListAccessKeysRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAccessKeys;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListAccessKeys", NAMESPACE);
    type Output = ListAccessKeysResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListAccountAliasesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAccountAliases;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListAccountAliases", NAMESPACE);
    type Output = ListAccountAliasesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListAttachedGroupPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAttachedGroupPolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListAttachedGroupPolicies", NAMESPACE);
    type Output = ListAttachedGroupPoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListAttachedRolePoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAttachedRolePolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListAttachedRolePolicies", NAMESPACE);
    type Output = ListAttachedRolePoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListAttachedUserPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListAttachedUserPolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListAttachedUserPolicies", NAMESPACE);
    type Output = ListAttachedUserPoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListEntitiesForPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListEntitiesForPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListEntitiesForPolicy", NAMESPACE);
    type Output = ListEntitiesForPolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListGroupPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListGroupPolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListGroupPolicies", NAMESPACE);
    type Output = ListGroupPoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListGroupsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListGroups;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListGroups", NAMESPACE);
    type Output = ListGroupsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListGroupsForUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListGroupsForUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListGroupsForUser", NAMESPACE);
    type Output = ListGroupsForUserResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListInstanceProfilesForRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListInstanceProfilesForRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListInstanceProfilesForRole", NAMESPACE);
    type Output = ListInstanceProfilesForRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListMFADeviceTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListMFADeviceTags;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListMFADeviceTags", NAMESPACE);
    type Output = ListMFADeviceTagsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListMFADevicesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListMFADevices;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListMFADevices", NAMESPACE);
    type Output = ListMFADevicesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListOpenIDConnectProviderTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListOpenIDConnectProviderTags;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListOpenIDConnectProviderTags", NAMESPACE);
    type Output = ListOpenIDConnectProviderTagsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListOpenIDConnectProvidersRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListOpenIDConnectProviders;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListOpenIDConnectProviders", NAMESPACE);
    type Output = ListOpenIDConnectProvidersResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListPolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListPolicies", NAMESPACE);
    type Output = ListPoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListPolicyTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListPolicyTags;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListPolicyTags", NAMESPACE);
    type Output = ListPolicyTagsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListPolicyVersionsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListPolicyVersions;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListPolicyVersions", NAMESPACE);
    type Output = ListPolicyVersionsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListRolePoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListRolePolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListRolePolicies", NAMESPACE);
    type Output = ListRolePoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListRoleTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListRoleTags;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListRoleTags", NAMESPACE);
    type Output = ListRoleTagsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListRolesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListRoles;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListRoles", NAMESPACE);
    type Output = ListRolesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListUserPoliciesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListUserPolicies;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListUserPolicies", NAMESPACE);
    type Output = ListUserPoliciesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListUserTagsRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListUserTags;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListUserTags", NAMESPACE);
    type Output = ListUserTagsResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListUsersRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListUsers;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListUsers", NAMESPACE);
    type Output = ListUsersResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ListVirtualMFADevicesRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ListVirtualMFADevices;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ListVirtualMFADevices", NAMESPACE);
    type Output = ListVirtualMFADevicesResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for PutGroupPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutGroupPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("PutGroupPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for PutRolePermissionsBoundaryRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutRolePermissionsBoundary;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("PutRolePermissionsBoundary", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for PutRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("PutRolePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for PutUserPermissionsBoundaryRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutUserPermissionsBoundary;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("PutUserPermissionsBoundary", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for PutUserPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::PutUserPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("PutUserPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for RemoveClientIDFromOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::RemoveClientIDFromOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("RemoveClientIDFromOpenIDConnectProvider", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for RemoveUserFromGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::RemoveUserFromGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("RemoveUserFromGroup", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for ResyncMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::ResyncMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("ResyncMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for SetDefaultPolicyVersionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::SetDefaultPolicyVersion;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("SetDefaultPolicyVersion", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for SimulateCustomPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::SimulateCustomPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("SimulateCustomPolicy", NAMESPACE);
    type Output = SimulatePolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for SimulatePrincipalPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::SimulatePrincipalPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("SimulatePrincipalPolicy", NAMESPACE);
    type Output = SimulatePolicyResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for TagMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("TagMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for TagOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("TagOpenIDConnectProvider", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for TagPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("TagPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for TagRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("TagRole", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for TagUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::TagUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("TagUser", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UntagMFADeviceRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagMFADevice;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UntagMFADevice", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UntagOpenIDConnectProviderRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagOpenIDConnectProvider;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UntagOpenIDConnectProvider", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UntagPolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagPolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UntagPolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UntagRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UntagRole", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UntagUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UntagUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UntagUser", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateAccessKeyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateAccessKey;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateAccessKey", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateAssumeRolePolicyRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateAssumeRolePolicy;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateAssumeRolePolicy", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateGroupRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateGroup;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateGroup", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateOpenIDConnectProviderThumbprintRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateOpenIDConnectProviderThumbprint;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateOpenIDConnectProviderThumbprint", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateRoleRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateRole;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateRole", NAMESPACE);
    type Output = UpdateRoleResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateRoleDescriptionRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateRoleDescription;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateRoleDescription", NAMESPACE);
    type Output = UpdateRoleDescriptionResponse;

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl QueryInput for UpdateUserRequest {
    type Operation = Operation;
    const OPERATION: Operation = Operation::UpdateUser;
    const HOLDS_SECRETS: bool = false;
    const ENVELOPE: Envelope = Envelope::new("UpdateUser", NAMESPACE);
    type Output = ();

    fn decode(form: &Form) -> Result<Self, QueryError> {
        read::decode(form)
    }
}

impl Encode for AccessKey {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("UserName", |xml| xml.text(&self.user_name));
        xml.element("AccessKeyId", |xml| xml.text(&self.access_key_id));
        xml.element("Status", |xml| xml.text(self.status.as_str()));
        xml.element("SecretAccessKey", |xml| xml.secret_text(&self.secret_access_key));
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
    }
}

impl Encode for AccessKeyLastUsed {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.last_used_date {
            xml.element("LastUsedDate", |xml| xml.timestamp(*value));
        }
        xml.element("ServiceName", |xml| xml.text(&self.service_name));
        xml.element("Region", |xml| xml.text(&self.region));
    }
}

impl Encode for AccessKeyMetadata {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_name {
            xml.element("UserName", |xml| xml.text(value));
        }
        if let Some(value) = &self.access_key_id {
            xml.element("AccessKeyId", |xml| xml.text(value));
        }
        if let Some(value) = &self.status {
            xml.element("Status", |xml| xml.text(value.as_str()));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
    }
}

impl Decode for AddClientIDToOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let client_id = reader.required(node, at, "ClientID", |r, node, at| r.text(node, at, &CLIENT_ID_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        let Some(client_id) = client_id else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, client_id }))
    }
}

impl Decode for AddUserToGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { group_name, user_name }))
    }
}

impl Decode for AttachGroupPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { group_name, policy_arn }))
    }
}

impl Decode for AttachRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { role_name, policy_arn }))
    }
}

impl Decode for AttachUserPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { user_name, policy_arn }))
    }
}

impl Encode for AttachedPermissionsBoundary {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.permissions_boundary_type {
            xml.element("PermissionsBoundaryType", |xml| xml.text(value.as_str()));
        }
        if let Some(value) = &self.permissions_boundary_arn {
            xml.element("PermissionsBoundaryArn", |xml| xml.text(value));
        }
    }
}

impl Encode for AttachedPolicy {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_name {
            xml.element("PolicyName", |xml| xml.text(value));
        }
        if let Some(value) = &self.policy_arn {
            xml.element("PolicyArn", |xml| xml.text(value));
        }
    }
}

impl Decode for ContextEntry {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let context_key_name = reader.optional(node, at, "ContextKeyName", |r, node, at| r.text(node, at, &CONTEXT_KEY_NAME_TYPE))?;
        let context_key_values = reader.optional(node, at, "ContextKeyValues", |r, node, at| r.texts(node.list("member"), at, &CONTEXT_KEY_VALUE_LIST_TYPE, &CONTEXT_KEY_VALUE_TYPE))?;
        let context_key_type = reader.optional(node, at, "ContextKeyType", |r, node, at| r.name(node, at))?;
        Ok(Some(Self { context_key_name, context_key_values, context_key_type }))
    }
}

impl Decode for CreateAccessKeyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        Ok(Some(Self { user_name }))
    }
}

impl QueryOutput for CreateAccessKeyResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateAccessKeyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("AccessKey", |xml| self.access_key.encode_to(xml));
    }
}

impl Decode for CreateAccountAliasRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let account_alias = reader.required(node, at, "AccountAlias", |r, node, at| r.text(node, at, &ACCOUNT_ALIAS_TYPE))?;
        let Some(account_alias) = account_alias else { return Ok(None) };
        Ok(Some(Self { account_alias }))
    }
}

impl Decode for CreateGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path = reader.optional(node, at, "Path", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { path, group_name }))
    }
}

impl QueryOutput for CreateGroupResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateGroupResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Group", |xml| self.group.encode_to(xml));
    }
}

impl Decode for CreateOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let url = reader.required(node, at, "Url", |r, node, at| r.text(node, at, &OPEN_ID_CONNECT_PROVIDER_URL_TYPE))?;
        let client_id_list = reader.optional(node, at, "ClientIDList", |r, node, at| r.texts(node.list("member"), at, &CLIENT_ID_LIST_TYPE, &CLIENT_ID_TYPE))?;
        let thumbprint_list = reader.optional(node, at, "ThumbprintList", |r, node, at| r.texts(node.list("member"), at, &THUMBPRINT_LIST_TYPE, &THUMBPRINT_TYPE))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(url) = url else { return Ok(None) };
        Ok(Some(Self { url, client_id_list, thumbprint_list, tags }))
    }
}

impl QueryOutput for CreateOpenIDConnectProviderResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateOpenIDConnectProviderResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.open_id_connect_provider_arn {
            xml.element("OpenIDConnectProviderArn", |xml| xml.text(value));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Decode for CreatePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let path = reader.optional(node, at, "Path", |r, node, at| r.text(node, at, &POLICY_PATH_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let description = reader.optional(node, at, "Description", |r, node, at| r.text(node, at, &POLICY_DESCRIPTION_TYPE))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(policy_name) = policy_name else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { policy_name, path, policy_document, description, tags }))
    }
}

impl QueryOutput for CreatePolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreatePolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy {
            xml.element("Policy", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for CreatePolicyVersionRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let set_as_default = reader.optional(node, at, "SetAsDefault", |r, node, at| r.boolean(node, at))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { policy_arn, policy_document, set_as_default }))
    }
}

impl QueryOutput for CreatePolicyVersionResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreatePolicyVersionResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_version {
            xml.element("PolicyVersion", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for CreateRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path = reader.optional(node, at, "Path", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let assume_role_policy_document = reader.required(node, at, "AssumeRolePolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let description = reader.optional(node, at, "Description", |r, node, at| r.text(node, at, &ROLE_DESCRIPTION_TYPE))?;
        let max_session_duration = reader.optional(node, at, "MaxSessionDuration", |r, node, at| r.integer(node, at, &ROLE_MAX_SESSION_DURATION_TYPE))?;
        let permissions_boundary = reader.optional(node, at, "PermissionsBoundary", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(assume_role_policy_document) = assume_role_policy_document else { return Ok(None) };
        Ok(Some(Self { path, role_name, assume_role_policy_document, description, max_session_duration, permissions_boundary, tags }))
    }
}

impl QueryOutput for CreateRoleResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateRoleResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Role", |xml| self.role.encode_to(xml));
    }
}

impl Decode for CreateServiceLinkedRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let aws_service_name = reader.required(node, at, "AWSServiceName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let description = reader.optional(node, at, "Description", |r, node, at| r.text(node, at, &ROLE_DESCRIPTION_TYPE))?;
        let custom_suffix = reader.optional(node, at, "CustomSuffix", |r, node, at| r.text(node, at, &CUSTOM_SUFFIX_TYPE))?;
        let Some(aws_service_name) = aws_service_name else { return Ok(None) };
        Ok(Some(Self { aws_service_name, description, custom_suffix }))
    }
}

impl QueryOutput for CreateServiceLinkedRoleResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateServiceLinkedRoleResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.role {
            xml.element("Role", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for CreateUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path = reader.optional(node, at, "Path", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let permissions_boundary = reader.optional(node, at, "PermissionsBoundary", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { path, user_name, permissions_boundary, tags }))
    }
}

impl QueryOutput for CreateUserResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateUserResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user {
            xml.element("User", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for CreateVirtualMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path = reader.optional(node, at, "Path", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let virtual_mfa_device_name = reader.required(node, at, "VirtualMFADeviceName", |r, node, at| r.text(node, at, &VIRTUAL_MFA_DEVICE_NAME))?;
        let tags = reader.optional(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(virtual_mfa_device_name) = virtual_mfa_device_name else { return Ok(None) };
        Ok(Some(Self { path, virtual_mfa_device_name, tags }))
    }
}

impl QueryOutput for CreateVirtualMFADeviceResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for CreateVirtualMFADeviceResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("VirtualMFADevice", |xml| self.virtual_mfa_device.encode_to(xml));
    }
}

impl Decode for DeactivateMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        Ok(Some(Self { user_name, serial_number }))
    }
}

impl Decode for DeleteAccessKeyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let access_key_id = reader.required(node, at, "AccessKeyId", |r, node, at| r.text(node, at, &ACCESS_KEY_ID_TYPE))?;
        let Some(access_key_id) = access_key_id else { return Ok(None) };
        Ok(Some(Self { user_name, access_key_id }))
    }
}

impl Decode for DeleteAccountAliasRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let account_alias = reader.required(node, at, "AccountAlias", |r, node, at| r.text(node, at, &ACCOUNT_ALIAS_TYPE))?;
        let Some(account_alias) = account_alias else { return Ok(None) };
        Ok(Some(Self { account_alias }))
    }
}

impl Decode for DeleteGroupPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { group_name, policy_name }))
    }
}

impl Decode for DeleteGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { group_name }))
    }
}

impl Decode for DeleteOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn }))
    }
}

impl Decode for DeletePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { policy_arn }))
    }
}

impl Decode for DeletePolicyVersionRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let version_id = reader.required(node, at, "VersionId", |r, node, at| r.text(node, at, &POLICY_VERSION_ID_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(version_id) = version_id else { return Ok(None) };
        Ok(Some(Self { policy_arn, version_id }))
    }
}

impl Decode for DeleteRolePermissionsBoundaryRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name }))
    }
}

impl Decode for DeleteRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { role_name, policy_name }))
    }
}

impl Decode for DeleteRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name }))
    }
}

impl Decode for DeleteUserPermissionsBoundaryRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name }))
    }
}

impl Decode for DeleteUserPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { user_name, policy_name }))
    }
}

impl Decode for DeleteUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name }))
    }
}

impl Decode for DeleteVirtualMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        Ok(Some(Self { serial_number }))
    }
}

impl Decode for DetachGroupPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { group_name, policy_arn }))
    }
}

impl Decode for DetachRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { role_name, policy_arn }))
    }
}

impl Decode for DetachUserPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { user_name, policy_arn }))
    }
}

impl Decode for EnableMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let authentication_code1 = reader.required(node, at, "AuthenticationCode1", |r, node, at| r.text(node, at, &AUTHENTICATION_CODE_TYPE))?;
        let authentication_code2 = reader.required(node, at, "AuthenticationCode2", |r, node, at| r.text(node, at, &AUTHENTICATION_CODE_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(serial_number) = serial_number else { return Ok(None) };
        let Some(authentication_code1) = authentication_code1 else { return Ok(None) };
        let Some(authentication_code2) = authentication_code2 else { return Ok(None) };
        Ok(Some(Self { user_name, serial_number, authentication_code1, authentication_code2 }))
    }
}

impl Encode for EvaluationResult {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("EvalActionName", |xml| xml.text(&self.eval_action_name));
        if let Some(value) = &self.eval_resource_name {
            xml.element("EvalResourceName", |xml| xml.text(value));
        }
        xml.element("EvalDecision", |xml| xml.text(self.eval_decision.as_str()));
        if let Some(value) = &self.matched_statements {
            xml.element("MatchedStatements", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.missing_context_values {
            xml.element("MissingContextValues", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
        if let Some(value) = &self.organizations_decision_detail {
            xml.element("OrganizationsDecisionDetail", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.permissions_boundary_decision_detail {
            xml.element("PermissionsBoundaryDecisionDetail", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.eval_decision_details {
            xml.element("EvalDecisionDetails", |xml| xml.entries(value, |xml, key| xml.text(key), |xml, value| xml.text(value.as_str())));
        }
        if let Some(value) = &self.resource_specific_results {
            xml.element("ResourceSpecificResults", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Decode for GetAccessKeyLastUsedRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let access_key_id = reader.required(node, at, "AccessKeyId", |r, node, at| r.text(node, at, &ACCESS_KEY_ID_TYPE))?;
        let Some(access_key_id) = access_key_id else { return Ok(None) };
        Ok(Some(Self { access_key_id }))
    }
}

impl QueryOutput for GetAccessKeyLastUsedResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetAccessKeyLastUsedResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_name {
            xml.element("UserName", |xml| xml.text(value));
        }
        if let Some(value) = &self.access_key_last_used {
            xml.element("AccessKeyLastUsed", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for GetAccountAuthorizationDetailsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let filter = reader.optional(node, at, "Filter", |r, node, at| r.names(node.list("member"), at, &ENTITY_LIST_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        Ok(Some(Self { filter, max_items, marker }))
    }
}

impl QueryOutput for GetAccountAuthorizationDetailsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetAccountAuthorizationDetailsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_detail_list {
            xml.element("UserDetailList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.group_detail_list {
            xml.element("GroupDetailList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.role_detail_list {
            xml.element("RoleDetailList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.policies {
            xml.element("Policies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for GetAccountSummaryRequest {
    fn decode(_reader: &mut Reader, _node: Node<'_>, _at: &Path<'_>) -> Result<Option<Self>, Fault> {
        Ok(Some(Self {}))
    }
}

impl QueryOutput for GetAccountSummaryResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetAccountSummaryResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.summary_map {
            xml.element("SummaryMap", |xml| xml.entries(value, |xml, key| xml.text(key.as_str()), |xml, value| xml.integer(*value)));
        }
    }
}

impl Decode for GetContextKeysForCustomPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_input_list = reader.required(node, at, "PolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let Some(policy_input_list) = policy_input_list else { return Ok(None) };
        Ok(Some(Self { policy_input_list }))
    }
}

impl QueryOutput for GetContextKeysForPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetContextKeysForPolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.context_key_names {
            xml.element("ContextKeyNames", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
    }
}

impl Decode for GetContextKeysForPrincipalPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_source_arn = reader.required(node, at, "PolicySourceArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let policy_input_list = reader.optional(node, at, "PolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let Some(policy_source_arn) = policy_source_arn else { return Ok(None) };
        Ok(Some(Self { policy_source_arn, policy_input_list }))
    }
}

impl Decode for GetGroupPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { group_name, policy_name }))
    }
}

impl QueryOutput for GetGroupPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetGroupPolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("GroupName", |xml| xml.text(&self.group_name));
        xml.element("PolicyName", |xml| xml.text(&self.policy_name));
        xml.element("PolicyDocument", |xml| xml.text(&self.policy_document));
    }
}

impl Decode for GetGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { group_name, marker, max_items }))
    }
}

impl QueryOutput for GetGroupResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetGroupResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Group", |xml| self.group.encode_to(xml));
        xml.element("Users", |xml| xml.elements("member", &self.users, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for GetMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        Ok(Some(Self { serial_number, user_name }))
    }
}

impl QueryOutput for GetMFADeviceResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetMFADeviceResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_name {
            xml.element("UserName", |xml| xml.text(value));
        }
        xml.element("SerialNumber", |xml| xml.text(&self.serial_number));
        if let Some(value) = &self.enable_date {
            xml.element("EnableDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.certifications {
            xml.element("Certifications", |xml| xml.entries(value, |xml, key| xml.text(key), |xml, value| xml.text(value)));
        }
    }
}

impl Decode for GetOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn }))
    }
}

impl QueryOutput for GetOpenIDConnectProviderResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetOpenIDConnectProviderResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.url {
            xml.element("Url", |xml| xml.text(value));
        }
        if let Some(value) = &self.client_id_list {
            xml.element("ClientIDList", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
        if let Some(value) = &self.thumbprint_list {
            xml.element("ThumbprintList", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Decode for GetPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { policy_arn }))
    }
}

impl QueryOutput for GetPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetPolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy {
            xml.element("Policy", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for GetPolicyVersionRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let version_id = reader.required(node, at, "VersionId", |r, node, at| r.text(node, at, &POLICY_VERSION_ID_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(version_id) = version_id else { return Ok(None) };
        Ok(Some(Self { policy_arn, version_id }))
    }
}

impl QueryOutput for GetPolicyVersionResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetPolicyVersionResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_version {
            xml.element("PolicyVersion", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for GetRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { role_name, policy_name }))
    }
}

impl QueryOutput for GetRolePolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetRolePolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("RoleName", |xml| xml.text(&self.role_name));
        xml.element("PolicyName", |xml| xml.text(&self.policy_name));
        xml.element("PolicyDocument", |xml| xml.text(&self.policy_document));
    }
}

impl Decode for GetRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name }))
    }
}

impl QueryOutput for GetRoleResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetRoleResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Role", |xml| self.role.encode_to(xml));
    }
}

impl Decode for GetUserPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        Ok(Some(Self { user_name, policy_name }))
    }
}

impl QueryOutput for GetUserPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetUserPolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("UserName", |xml| xml.text(&self.user_name));
        xml.element("PolicyName", |xml| xml.text(&self.policy_name));
        xml.element("PolicyDocument", |xml| xml.text(&self.policy_document));
    }
}

impl Decode for GetUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        Ok(Some(Self { user_name }))
    }
}

impl QueryOutput for GetUserResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for GetUserResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("User", |xml| self.user.encode_to(xml));
    }
}

impl Encode for Group {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Path", |xml| xml.text(&self.path));
        xml.element("GroupName", |xml| xml.text(&self.group_name));
        xml.element("GroupId", |xml| xml.text(&self.group_id));
        xml.element("Arn", |xml| xml.text(&self.arn));
        xml.element("CreateDate", |xml| xml.timestamp(self.create_date));
    }
}

impl Encode for GroupDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.path {
            xml.element("Path", |xml| xml.text(value));
        }
        if let Some(value) = &self.group_name {
            xml.element("GroupName", |xml| xml.text(value));
        }
        if let Some(value) = &self.group_id {
            xml.element("GroupId", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.group_policy_list {
            xml.element("GroupPolicyList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.attached_managed_policies {
            xml.element("AttachedManagedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Encode for InstanceProfile {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Path", |xml| xml.text(&self.path));
        xml.element("InstanceProfileName", |xml| xml.text(&self.instance_profile_name));
        xml.element("InstanceProfileId", |xml| xml.text(&self.instance_profile_id));
        xml.element("Arn", |xml| xml.text(&self.arn));
        xml.element("CreateDate", |xml| xml.timestamp(self.create_date));
        xml.element("Roles", |xml| xml.elements("member", &self.roles, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Decode for ListAccessKeysRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { user_name, marker, max_items }))
    }
}

impl QueryOutput for ListAccessKeysResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListAccessKeysResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("AccessKeyMetadata", |xml| xml.elements("member", &self.access_key_metadata, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListAccountAliasesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { marker, max_items }))
    }
}

impl QueryOutput for ListAccountAliasesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListAccountAliasesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("AccountAliases", |xml| xml.elements("member", &self.account_aliases, |xml, value| xml.text(value)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListAttachedGroupPoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &POLICY_PATH_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { group_name, path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListAttachedGroupPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListAttachedGroupPoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.attached_policies {
            xml.element("AttachedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListAttachedRolePoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &POLICY_PATH_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name, path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListAttachedRolePoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListAttachedRolePoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.attached_policies {
            xml.element("AttachedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListAttachedUserPoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &POLICY_PATH_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name, path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListAttachedUserPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListAttachedUserPoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.attached_policies {
            xml.element("AttachedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListEntitiesForPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let entity_filter = reader.optional(node, at, "EntityFilter", |r, node, at| r.name(node, at))?;
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let policy_usage_filter = reader.optional(node, at, "PolicyUsageFilter", |r, node, at| r.name(node, at))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { policy_arn, entity_filter, path_prefix, policy_usage_filter, marker, max_items }))
    }
}

impl QueryOutput for ListEntitiesForPolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListEntitiesForPolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_groups {
            xml.element("PolicyGroups", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.policy_users {
            xml.element("PolicyUsers", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.policy_roles {
            xml.element("PolicyRoles", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListGroupPoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { group_name, marker, max_items }))
    }
}

impl QueryOutput for ListGroupPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListGroupPoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("PolicyNames", |xml| xml.elements("member", &self.policy_names, |xml, value| xml.text(value)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListGroupsForUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name, marker, max_items }))
    }
}

impl QueryOutput for ListGroupsForUserResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListGroupsForUserResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Groups", |xml| xml.elements("member", &self.groups, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListGroupsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &PATH_PREFIX_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListGroupsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListGroupsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Groups", |xml| xml.elements("member", &self.groups, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListInstanceProfilesForRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name, marker, max_items }))
    }
}

impl QueryOutput for ListInstanceProfilesForRoleResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListInstanceProfilesForRoleResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("InstanceProfiles", |xml| xml.elements("member", &self.instance_profiles, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListMFADeviceTagsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        Ok(Some(Self { serial_number, marker, max_items }))
    }
}

impl QueryOutput for ListMFADeviceTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListMFADeviceTagsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Tags", |xml| xml.elements("member", &self.tags, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListMFADevicesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { user_name, marker, max_items }))
    }
}

impl QueryOutput for ListMFADevicesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListMFADevicesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("MFADevices", |xml| xml.elements("member", &self.mfa_devices, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListOpenIDConnectProviderTagsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, marker, max_items }))
    }
}

impl QueryOutput for ListOpenIDConnectProviderTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListOpenIDConnectProviderTagsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Tags", |xml| xml.elements("member", &self.tags, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListOpenIDConnectProvidersRequest {
    fn decode(_reader: &mut Reader, _node: Node<'_>, _at: &Path<'_>) -> Result<Option<Self>, Fault> {
        Ok(Some(Self {}))
    }
}

impl QueryOutput for ListOpenIDConnectProvidersResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListOpenIDConnectProvidersResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.open_id_connect_provider_list {
            xml.element("OpenIDConnectProviderList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Decode for ListPoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let scope = reader.optional(node, at, "Scope", |r, node, at| r.name(node, at))?;
        let only_attached = reader.optional(node, at, "OnlyAttached", |r, node, at| r.boolean(node, at))?;
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &POLICY_PATH_TYPE))?;
        let policy_usage_filter = reader.optional(node, at, "PolicyUsageFilter", |r, node, at| r.name(node, at))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { scope, only_attached, path_prefix, policy_usage_filter, marker, max_items }))
    }
}

impl QueryOutput for ListPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListPoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policies {
            xml.element("Policies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListPolicyTagsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { policy_arn, marker, max_items }))
    }
}

impl QueryOutput for ListPolicyTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListPolicyTagsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Tags", |xml| xml.elements("member", &self.tags, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListPolicyVersionsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        Ok(Some(Self { policy_arn, marker, max_items }))
    }
}

impl QueryOutput for ListPolicyVersionsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListPolicyVersionsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.versions {
            xml.element("Versions", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListRolePoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name, marker, max_items }))
    }
}

impl QueryOutput for ListRolePoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListRolePoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("PolicyNames", |xml| xml.elements("member", &self.policy_names, |xml, value| xml.text(value)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListRoleTagsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name, marker, max_items }))
    }
}

impl QueryOutput for ListRoleTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListRoleTagsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Tags", |xml| xml.elements("member", &self.tags, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListRolesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &PATH_PREFIX_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListRolesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListRolesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Roles", |xml| xml.elements("member", &self.roles, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListUserPoliciesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name, marker, max_items }))
    }
}

impl QueryOutput for ListUserPoliciesResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListUserPoliciesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("PolicyNames", |xml| xml.elements("member", &self.policy_names, |xml, value| xml.text(value)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListUserTagsRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name, marker, max_items }))
    }
}

impl QueryOutput for ListUserTagsResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListUserTagsResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Tags", |xml| xml.elements("member", &self.tags, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListUsersRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let path_prefix = reader.optional(node, at, "PathPrefix", |r, node, at| r.text(node, at, &PATH_PREFIX_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { path_prefix, marker, max_items }))
    }
}

impl QueryOutput for ListUsersResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListUsersResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Users", |xml| xml.elements("member", &self.users, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for ListVirtualMFADevicesRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let assignment_status = reader.optional(node, at, "AssignmentStatus", |r, node, at| r.name(node, at))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        Ok(Some(Self { assignment_status, marker, max_items }))
    }
}

impl QueryOutput for ListVirtualMFADevicesResponse {
    const HOLDS_SECRETS: bool = true;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for ListVirtualMFADevicesResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("VirtualMFADevices", |xml| xml.elements("member", &self.virtual_mfa_devices, |xml, value| value.encode_to(xml)));
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Encode for MFADevice {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("UserName", |xml| xml.text(&self.user_name));
        xml.element("SerialNumber", |xml| xml.text(&self.serial_number));
        xml.element("EnableDate", |xml| xml.timestamp(self.enable_date));
    }
}

impl Encode for ManagedPolicyDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_name {
            xml.element("PolicyName", |xml| xml.text(value));
        }
        if let Some(value) = &self.policy_id {
            xml.element("PolicyId", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
        if let Some(value) = &self.path {
            xml.element("Path", |xml| xml.text(value));
        }
        if let Some(value) = &self.default_version_id {
            xml.element("DefaultVersionId", |xml| xml.text(value));
        }
        if let Some(value) = &self.attachment_count {
            xml.element("AttachmentCount", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.permissions_boundary_usage_count {
            xml.element("PermissionsBoundaryUsageCount", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.is_attachable {
            xml.element("IsAttachable", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.description {
            xml.element("Description", |xml| xml.text(value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.update_date {
            xml.element("UpdateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.policy_version_list {
            xml.element("PolicyVersionList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Encode for OpenIDConnectProviderListEntry {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
    }
}

impl Encode for OrganizationsDecisionDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.allowed_by_organizations {
            xml.element("AllowedByOrganizations", |xml| xml.boolean(*value));
        }
    }
}

impl Encode for PermissionsBoundaryDecisionDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.allowed_by_permissions_boundary {
            xml.element("AllowedByPermissionsBoundary", |xml| xml.boolean(*value));
        }
    }
}

impl Encode for Policy {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_name {
            xml.element("PolicyName", |xml| xml.text(value));
        }
        if let Some(value) = &self.policy_id {
            xml.element("PolicyId", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
        if let Some(value) = &self.path {
            xml.element("Path", |xml| xml.text(value));
        }
        if let Some(value) = &self.default_version_id {
            xml.element("DefaultVersionId", |xml| xml.text(value));
        }
        if let Some(value) = &self.attachment_count {
            xml.element("AttachmentCount", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.permissions_boundary_usage_count {
            xml.element("PermissionsBoundaryUsageCount", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.is_attachable {
            xml.element("IsAttachable", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.description {
            xml.element("Description", |xml| xml.text(value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.update_date {
            xml.element("UpdateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Encode for PolicyDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.policy_name {
            xml.element("PolicyName", |xml| xml.text(value));
        }
        if let Some(value) = &self.policy_document {
            xml.element("PolicyDocument", |xml| xml.text(value));
        }
    }
}

impl Encode for PolicyGroup {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.group_name {
            xml.element("GroupName", |xml| xml.text(value));
        }
        if let Some(value) = &self.group_id {
            xml.element("GroupId", |xml| xml.text(value));
        }
    }
}

impl Encode for PolicyRole {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.role_name {
            xml.element("RoleName", |xml| xml.text(value));
        }
        if let Some(value) = &self.role_id {
            xml.element("RoleId", |xml| xml.text(value));
        }
    }
}

impl Encode for PolicyUser {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.user_name {
            xml.element("UserName", |xml| xml.text(value));
        }
        if let Some(value) = &self.user_id {
            xml.element("UserId", |xml| xml.text(value));
        }
    }
}

impl Encode for PolicyVersion {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.document {
            xml.element("Document", |xml| xml.text(value));
        }
        if let Some(value) = &self.version_id {
            xml.element("VersionId", |xml| xml.text(value));
        }
        if let Some(value) = &self.is_default_version {
            xml.element("IsDefaultVersion", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
    }
}

impl Encode for Position {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.line {
            xml.element("Line", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.column {
            xml.element("Column", |xml| xml.integer(*value));
        }
    }
}

impl Decode for PutGroupPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { group_name, policy_name, policy_document }))
    }
}

impl Decode for PutRolePermissionsBoundaryRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let permissions_boundary = reader.required(node, at, "PermissionsBoundary", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(permissions_boundary) = permissions_boundary else { return Ok(None) };
        Ok(Some(Self { role_name, permissions_boundary }))
    }
}

impl Decode for PutRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { role_name, policy_name, policy_document }))
    }
}

impl Decode for PutUserPermissionsBoundaryRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let permissions_boundary = reader.required(node, at, "PermissionsBoundary", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(permissions_boundary) = permissions_boundary else { return Ok(None) };
        Ok(Some(Self { user_name, permissions_boundary }))
    }
}

impl Decode for PutUserPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let policy_name = reader.required(node, at, "PolicyName", |r, node, at| r.text(node, at, &POLICY_NAME_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(policy_name) = policy_name else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { user_name, policy_name, policy_document }))
    }
}

impl Decode for RemoveClientIDFromOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let client_id = reader.required(node, at, "ClientID", |r, node, at| r.text(node, at, &CLIENT_ID_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        let Some(client_id) = client_id else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, client_id }))
    }
}

impl Decode for RemoveUserFromGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { group_name, user_name }))
    }
}

impl Encode for ResourceSpecificResult {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("EvalResourceName", |xml| xml.text(&self.eval_resource_name));
        xml.element("EvalResourceDecision", |xml| xml.text(self.eval_resource_decision.as_str()));
        if let Some(value) = &self.matched_statements {
            xml.element("MatchedStatements", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.missing_context_values {
            xml.element("MissingContextValues", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
        if let Some(value) = &self.eval_decision_details {
            xml.element("EvalDecisionDetails", |xml| xml.entries(value, |xml, key| xml.text(key), |xml, value| xml.text(value.as_str())));
        }
        if let Some(value) = &self.permissions_boundary_decision_detail {
            xml.element("PermissionsBoundaryDecisionDetail", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for ResyncMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let authentication_code1 = reader.required(node, at, "AuthenticationCode1", |r, node, at| r.text(node, at, &AUTHENTICATION_CODE_TYPE))?;
        let authentication_code2 = reader.required(node, at, "AuthenticationCode2", |r, node, at| r.text(node, at, &AUTHENTICATION_CODE_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(serial_number) = serial_number else { return Ok(None) };
        let Some(authentication_code1) = authentication_code1 else { return Ok(None) };
        let Some(authentication_code2) = authentication_code2 else { return Ok(None) };
        Ok(Some(Self { user_name, serial_number, authentication_code1, authentication_code2 }))
    }
}

impl Encode for Role {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Path", |xml| xml.text(&self.path));
        xml.element("RoleName", |xml| xml.text(&self.role_name));
        xml.element("RoleId", |xml| xml.text(&self.role_id));
        xml.element("Arn", |xml| xml.text(&self.arn));
        xml.element("CreateDate", |xml| xml.timestamp(self.create_date));
        if let Some(value) = &self.assume_role_policy_document {
            xml.element("AssumeRolePolicyDocument", |xml| xml.text(value));
        }
        if let Some(value) = &self.description {
            xml.element("Description", |xml| xml.text(value));
        }
        if let Some(value) = &self.max_session_duration {
            xml.element("MaxSessionDuration", |xml| xml.integer(*value));
        }
        if let Some(value) = &self.permissions_boundary {
            xml.element("PermissionsBoundary", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.role_last_used {
            xml.element("RoleLastUsed", |xml| value.encode_to(xml));
        }
    }
}

impl Encode for RoleDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.path {
            xml.element("Path", |xml| xml.text(value));
        }
        if let Some(value) = &self.role_name {
            xml.element("RoleName", |xml| xml.text(value));
        }
        if let Some(value) = &self.role_id {
            xml.element("RoleId", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.assume_role_policy_document {
            xml.element("AssumeRolePolicyDocument", |xml| xml.text(value));
        }
        if let Some(value) = &self.instance_profile_list {
            xml.element("InstanceProfileList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.role_policy_list {
            xml.element("RolePolicyList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.attached_managed_policies {
            xml.element("AttachedManagedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.permissions_boundary {
            xml.element("PermissionsBoundary", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.role_last_used {
            xml.element("RoleLastUsed", |xml| value.encode_to(xml));
        }
    }
}

impl Encode for RoleLastUsed {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.last_used_date {
            xml.element("LastUsedDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.region {
            xml.element("Region", |xml| xml.text(value));
        }
    }
}

impl Decode for SetDefaultPolicyVersionRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let version_id = reader.required(node, at, "VersionId", |r, node, at| r.text(node, at, &POLICY_VERSION_ID_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(version_id) = version_id else { return Ok(None) };
        Ok(Some(Self { policy_arn, version_id }))
    }
}

impl Decode for SimulateCustomPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_input_list = reader.required(node, at, "PolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let permissions_boundary_policy_input_list = reader.optional(node, at, "PermissionsBoundaryPolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let action_names = reader.required(node, at, "ActionNames", |r, node, at| r.texts(node.list("member"), at, &ACTION_NAME_LIST_TYPE, &ACTION_NAME_TYPE))?;
        let resource_arns = reader.optional(node, at, "ResourceArns", |r, node, at| r.texts(node.list("member"), at, &RESOURCE_NAME_LIST_TYPE, &RESOURCE_NAME_TYPE))?;
        let resource_policy = reader.optional(node, at, "ResourcePolicy", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let resource_owner = reader.optional(node, at, "ResourceOwner", |r, node, at| r.text(node, at, &RESOURCE_NAME_TYPE))?;
        let caller_arn = reader.optional(node, at, "CallerArn", |r, node, at| r.text(node, at, &RESOURCE_NAME_TYPE))?;
        let context_entries = reader.optional(node, at, "ContextEntries", |r, node, at| r.structures(node.list("member"), at, &CONTEXT_ENTRY_LIST_TYPE))?;
        let resource_handling_option = reader.optional(node, at, "ResourceHandlingOption", |r, node, at| r.text(node, at, &RESOURCE_HANDLING_OPTION_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let Some(policy_input_list) = policy_input_list else { return Ok(None) };
        let Some(action_names) = action_names else { return Ok(None) };
        Ok(Some(Self { policy_input_list, permissions_boundary_policy_input_list, action_names, resource_arns, resource_policy, resource_owner, caller_arn, context_entries, resource_handling_option, max_items, marker }))
    }
}

impl QueryOutput for SimulatePolicyResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for SimulatePolicyResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.evaluation_results {
            xml.element("EvaluationResults", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.is_truncated {
            xml.element("IsTruncated", |xml| xml.boolean(*value));
        }
        if let Some(value) = &self.marker {
            xml.element("Marker", |xml| xml.text(value));
        }
    }
}

impl Decode for SimulatePrincipalPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_source_arn = reader.required(node, at, "PolicySourceArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let policy_input_list = reader.optional(node, at, "PolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let permissions_boundary_policy_input_list = reader.optional(node, at, "PermissionsBoundaryPolicyInputList", |r, node, at| r.texts(node.list("member"), at, &SIMULATION_POLICY_LIST_TYPE, &POLICY_DOCUMENT_TYPE))?;
        let action_names = reader.required(node, at, "ActionNames", |r, node, at| r.texts(node.list("member"), at, &ACTION_NAME_LIST_TYPE, &ACTION_NAME_TYPE))?;
        let resource_arns = reader.optional(node, at, "ResourceArns", |r, node, at| r.texts(node.list("member"), at, &RESOURCE_NAME_LIST_TYPE, &RESOURCE_NAME_TYPE))?;
        let resource_policy = reader.optional(node, at, "ResourcePolicy", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let resource_owner = reader.optional(node, at, "ResourceOwner", |r, node, at| r.text(node, at, &RESOURCE_NAME_TYPE))?;
        let caller_arn = reader.optional(node, at, "CallerArn", |r, node, at| r.text(node, at, &RESOURCE_NAME_TYPE))?;
        let context_entries = reader.optional(node, at, "ContextEntries", |r, node, at| r.structures(node.list("member"), at, &CONTEXT_ENTRY_LIST_TYPE))?;
        let resource_handling_option = reader.optional(node, at, "ResourceHandlingOption", |r, node, at| r.text(node, at, &RESOURCE_HANDLING_OPTION_TYPE))?;
        let max_items = reader.optional(node, at, "MaxItems", |r, node, at| r.integer(node, at, &MAX_ITEMS_TYPE))?;
        let marker = reader.optional(node, at, "Marker", |r, node, at| r.text(node, at, &MARKER_TYPE))?;
        let Some(policy_source_arn) = policy_source_arn else { return Ok(None) };
        let Some(action_names) = action_names else { return Ok(None) };
        Ok(Some(Self { policy_source_arn, policy_input_list, permissions_boundary_policy_input_list, action_names, resource_arns, resource_policy, resource_owner, caller_arn, context_entries, resource_handling_option, max_items, marker }))
    }
}

impl Encode for Statement {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.source_policy_id {
            xml.element("SourcePolicyId", |xml| xml.text(value));
        }
        if let Some(value) = &self.source_policy_type {
            xml.element("SourcePolicyType", |xml| xml.text(value.as_str()));
        }
        if let Some(value) = &self.start_position {
            xml.element("StartPosition", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.end_position {
            xml.element("EndPosition", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for Tag {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let key = reader.required(node, at, "Key", |r, node, at| r.text(node, at, &TAG_KEY_TYPE))?;
        let value = reader.required(node, at, "Value", |r, node, at| r.text(node, at, &TAG_VALUE_TYPE))?;
        let Some(key) = key else { return Ok(None) };
        let Some(value) = value else { return Ok(None) };
        Ok(Some(Self { key, value }))
    }
}

impl Encode for Tag {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Key", |xml| xml.text(&self.key));
        xml.element("Value", |xml| xml.text(&self.value));
    }
}

impl Decode for TagMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let tags = reader.required(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { serial_number, tags }))
    }
}

impl Decode for TagOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tags = reader.required(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, tags }))
    }
}

impl Decode for TagPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tags = reader.required(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { policy_arn, tags }))
    }
}

impl Decode for TagRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let tags = reader.required(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { role_name, tags }))
    }
}

impl Decode for TagUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let tags = reader.required(node, at, "Tags", |r, node, at| r.structures(node.list("member"), at, &TAG_LIST_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(Self { user_name, tags }))
    }
}

impl Decode for UntagMFADeviceRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let serial_number = reader.required(node, at, "SerialNumber", |r, node, at| r.text(node, at, &SERIAL_NUMBER_TYPE))?;
        let tag_keys = reader.required(node, at, "TagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let Some(serial_number) = serial_number else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { serial_number, tag_keys }))
    }
}

impl Decode for UntagOpenIDConnectProviderRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tag_keys = reader.required(node, at, "TagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, tag_keys }))
    }
}

impl Decode for UntagPolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let policy_arn = reader.required(node, at, "PolicyArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let tag_keys = reader.required(node, at, "TagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let Some(policy_arn) = policy_arn else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { policy_arn, tag_keys }))
    }
}

impl Decode for UntagRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let tag_keys = reader.required(node, at, "TagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { role_name, tag_keys }))
    }
}

impl Decode for UntagUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let tag_keys = reader.required(node, at, "TagKeys", |r, node, at| r.texts(node.list("member"), at, &TAG_KEY_LIST_TYPE, &TAG_KEY_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        let Some(tag_keys) = tag_keys else { return Ok(None) };
        Ok(Some(Self { user_name, tag_keys }))
    }
}

impl Decode for UpdateAccessKeyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.optional(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let access_key_id = reader.required(node, at, "AccessKeyId", |r, node, at| r.text(node, at, &ACCESS_KEY_ID_TYPE))?;
        let status = reader.required(node, at, "Status", |r, node, at| r.name(node, at))?;
        let Some(access_key_id) = access_key_id else { return Ok(None) };
        let Some(status) = status else { return Ok(None) };
        Ok(Some(Self { user_name, access_key_id, status }))
    }
}

impl Decode for UpdateAssumeRolePolicyRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let policy_document = reader.required(node, at, "PolicyDocument", |r, node, at| r.text(node, at, &POLICY_DOCUMENT_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(policy_document) = policy_document else { return Ok(None) };
        Ok(Some(Self { role_name, policy_document }))
    }
}

impl Decode for UpdateGroupRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let group_name = reader.required(node, at, "GroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let new_path = reader.optional(node, at, "NewPath", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let new_group_name = reader.optional(node, at, "NewGroupName", |r, node, at| r.text(node, at, &GROUP_NAME_TYPE))?;
        let Some(group_name) = group_name else { return Ok(None) };
        Ok(Some(Self { group_name, new_path, new_group_name }))
    }
}

impl Decode for UpdateOpenIDConnectProviderThumbprintRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let open_id_connect_provider_arn = reader.required(node, at, "OpenIDConnectProviderArn", |r, node, at| r.text(node, at, &ARN_TYPE))?;
        let thumbprint_list = reader.required(node, at, "ThumbprintList", |r, node, at| r.texts(node.list("member"), at, &THUMBPRINT_LIST_TYPE, &THUMBPRINT_TYPE))?;
        let Some(open_id_connect_provider_arn) = open_id_connect_provider_arn else { return Ok(None) };
        let Some(thumbprint_list) = thumbprint_list else { return Ok(None) };
        Ok(Some(Self { open_id_connect_provider_arn, thumbprint_list }))
    }
}

impl Decode for UpdateRoleDescriptionRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let description = reader.required(node, at, "Description", |r, node, at| r.text(node, at, &ROLE_DESCRIPTION_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        let Some(description) = description else { return Ok(None) };
        Ok(Some(Self { role_name, description }))
    }
}

impl QueryOutput for UpdateRoleDescriptionResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for UpdateRoleDescriptionResponse {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.role {
            xml.element("Role", |xml| value.encode_to(xml));
        }
    }
}

impl Decode for UpdateRoleRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let role_name = reader.required(node, at, "RoleName", |r, node, at| r.text(node, at, &ROLE_NAME_TYPE))?;
        let description = reader.optional(node, at, "Description", |r, node, at| r.text(node, at, &ROLE_DESCRIPTION_TYPE))?;
        let max_session_duration = reader.optional(node, at, "MaxSessionDuration", |r, node, at| r.integer(node, at, &ROLE_MAX_SESSION_DURATION_TYPE))?;
        let Some(role_name) = role_name else { return Ok(None) };
        Ok(Some(Self { role_name, description, max_session_duration }))
    }
}

impl QueryOutput for UpdateRoleResponse {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, Some(self), request_id)
    }
}

impl Encode for UpdateRoleResponse {
    fn encode_to(&self, _xml: &mut XmlWriter<'_>) {
    }
}

impl Decode for UpdateUserRequest {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let user_name = reader.required(node, at, "UserName", |r, node, at| r.text(node, at, &EXISTING_USER_NAME_TYPE))?;
        let new_path = reader.optional(node, at, "NewPath", |r, node, at| r.text(node, at, &PATH_TYPE))?;
        let new_user_name = reader.optional(node, at, "NewUserName", |r, node, at| r.text(node, at, &USER_NAME_TYPE))?;
        let Some(user_name) = user_name else { return Ok(None) };
        Ok(Some(Self { user_name, new_path, new_user_name }))
    }
}

impl Encode for User {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("Path", |xml| xml.text(&self.path));
        xml.element("UserName", |xml| xml.text(&self.user_name));
        xml.element("UserId", |xml| xml.text(&self.user_id));
        xml.element("Arn", |xml| xml.text(&self.arn));
        xml.element("CreateDate", |xml| xml.timestamp(self.create_date));
        if let Some(value) = &self.password_last_used {
            xml.element("PasswordLastUsed", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.permissions_boundary {
            xml.element("PermissionsBoundary", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Encode for UserDetail {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        if let Some(value) = &self.path {
            xml.element("Path", |xml| xml.text(value));
        }
        if let Some(value) = &self.user_name {
            xml.element("UserName", |xml| xml.text(value));
        }
        if let Some(value) = &self.user_id {
            xml.element("UserId", |xml| xml.text(value));
        }
        if let Some(value) = &self.arn {
            xml.element("Arn", |xml| xml.text(value));
        }
        if let Some(value) = &self.create_date {
            xml.element("CreateDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.user_policy_list {
            xml.element("UserPolicyList", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.group_list {
            xml.element("GroupList", |xml| xml.elements("member", value, |xml, value| xml.text(value)));
        }
        if let Some(value) = &self.attached_managed_policies {
            xml.element("AttachedManagedPolicies", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
        if let Some(value) = &self.permissions_boundary {
            xml.element("PermissionsBoundary", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}

impl Encode for VirtualMFADevice {
    fn encode_to(&self, xml: &mut XmlWriter<'_>) {
        xml.element("SerialNumber", |xml| xml.text(&self.serial_number));
        if let Some(value) = &self.base32_string_seed {
            xml.element("Base32StringSeed", |xml| xml.blob(value.expose()));
        }
        if let Some(value) = &self.qr_code_png {
            xml.element("QRCodePNG", |xml| xml.blob(value.expose()));
        }
        if let Some(value) = &self.user {
            xml.element("User", |xml| value.encode_to(xml));
        }
        if let Some(value) = &self.enable_date {
            xml.element("EnableDate", |xml| xml.timestamp(*value));
        }
        if let Some(value) = &self.tags {
            xml.element("Tags", |xml| xml.elements("member", value, |xml, value| value.encode_to(xml)));
        }
    }
}
