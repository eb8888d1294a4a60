//! The operations of IAM, by what they are about.

mod access_keys;
mod account;
mod account_details;
mod attachments;
mod boundaries;
pub(crate) mod documents;
pub(crate) mod entities;
mod groups;
pub(crate) mod holders;
pub(crate) mod inline_policies;
mod memberships;
mod mfa_assignments;
mod mfa_devices;
pub(crate) mod oidc_providers;
mod owner;
mod paging;
mod policies;
mod policy_arns;
mod policy_uses;
mod policy_versions;
mod qr_code;
pub(crate) mod quotas;
pub(crate) mod refusals;
pub(crate) mod roles;
mod service_roles;
mod simulation;
pub(crate) mod tags;
mod users;

use kagiban_api::iam::Operation;
use kagiban_api::query::Form;

use crate::context::Context;
use crate::decisions::Action;
use crate::error::IamError;
use crate::query::{self, Body};

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, form: &Form, ctx: &Context<'_>) -> Result<Body, IamError> {
    // An operation that does its own reading and writing, and one that is done within one transaction.
    macro_rules! done {
        ($input:ident, $handler:path) => {{
            let input = query::input::<kagiban_api::iam::$input>(form)?;
            ctx.notes.parameters(&input);
            let output = $handler(&input, ctx).await?;
            ctx.notes.response(&output);
            Ok(Body::of::<kagiban_api::iam::$input>(&output, ctx.request))
        }};
    }
    macro_rules! within {
        ($input:ident, $handler:path) => {{
            let input = &query::input::<kagiban_api::iam::$input>(form)?;
            ctx.notes.parameters(input);
            let body = |tx| async move { $handler(&tx, input, ctx).await };
            let output = ctx.transact(operation.name(), body).await?;
            ctx.notes.response(&output);
            Ok(Body::of::<kagiban_api::iam::$input>(&output, ctx.request))
        }};
    }
    match operation {
        Operation::AddClientIDToOpenIDConnectProvider => {
            within!(AddClientIDToOpenIDConnectProviderRequest, oidc_providers::add_client_id)
        }
        Operation::AddUserToGroup => within!(AddUserToGroupRequest, memberships::add),
        Operation::AttachGroupPolicy => done!(AttachGroupPolicyRequest, attachments::attach_group_policy),
        Operation::AttachRolePolicy => done!(AttachRolePolicyRequest, attachments::attach_role_policy),
        Operation::AttachUserPolicy => done!(AttachUserPolicyRequest, attachments::attach_user_policy),
        Operation::CreateAccessKey => within!(CreateAccessKeyRequest, access_keys::create),
        Operation::CreateAccountAlias => within!(CreateAccountAliasRequest, account::create_alias),
        Operation::CreateGroup => within!(CreateGroupRequest, groups::create),
        Operation::CreateOpenIDConnectProvider => within!(CreateOpenIDConnectProviderRequest, oidc_providers::create),
        Operation::CreatePolicy => done!(CreatePolicyRequest, policies::create_policy),
        Operation::CreatePolicyVersion => done!(CreatePolicyVersionRequest, policy_versions::create_policy_version),
        Operation::CreateRole => done!(CreateRoleRequest, roles::create_role),
        Operation::CreateServiceLinkedRole => {
            done!(CreateServiceLinkedRoleRequest, service_roles::create_service_linked_role)
        }
        Operation::CreateUser => within!(CreateUserRequest, users::create),
        Operation::CreateVirtualMFADevice => within!(CreateVirtualMFADeviceRequest, mfa_devices::create),
        Operation::DeactivateMFADevice => within!(DeactivateMFADeviceRequest, mfa_assignments::deactivate),
        Operation::DeleteAccessKey => within!(DeleteAccessKeyRequest, access_keys::delete),
        Operation::DeleteAccountAlias => within!(DeleteAccountAliasRequest, account::delete_alias),
        Operation::DeleteGroup => within!(DeleteGroupRequest, groups::delete),
        Operation::DeleteGroupPolicy => done!(DeleteGroupPolicyRequest, inline_policies::delete_group_policy),
        Operation::DeleteOpenIDConnectProvider => within!(DeleteOpenIDConnectProviderRequest, oidc_providers::delete),
        Operation::DeletePolicy => done!(DeletePolicyRequest, policies::delete_policy),
        Operation::DeletePolicyVersion => done!(DeletePolicyVersionRequest, policy_versions::delete_policy_version),
        Operation::DeleteRole => done!(DeleteRoleRequest, roles::delete_role),
        Operation::DeleteRolePermissionsBoundary => {
            done!(DeleteRolePermissionsBoundaryRequest, boundaries::delete_role_permissions_boundary)
        }
        Operation::DeleteRolePolicy => done!(DeleteRolePolicyRequest, inline_policies::delete_role_policy),
        Operation::DeleteUser => within!(DeleteUserRequest, users::delete),
        Operation::DeleteUserPermissionsBoundary => {
            done!(DeleteUserPermissionsBoundaryRequest, boundaries::delete_user_permissions_boundary)
        }
        Operation::DeleteUserPolicy => done!(DeleteUserPolicyRequest, inline_policies::delete_user_policy),
        Operation::DeleteVirtualMFADevice => within!(DeleteVirtualMFADeviceRequest, mfa_devices::delete),
        Operation::DetachGroupPolicy => done!(DetachGroupPolicyRequest, attachments::detach_group_policy),
        Operation::DetachRolePolicy => done!(DetachRolePolicyRequest, attachments::detach_role_policy),
        Operation::DetachUserPolicy => done!(DetachUserPolicyRequest, attachments::detach_user_policy),
        Operation::EnableMFADevice => within!(EnableMFADeviceRequest, mfa_assignments::enable),
        Operation::GetAccessKeyLastUsed => within!(GetAccessKeyLastUsedRequest, access_keys::last_used),
        Operation::GetAccountAuthorizationDetails => {
            within!(GetAccountAuthorizationDetailsRequest, account_details::get)
        }
        Operation::GetAccountSummary => within!(GetAccountSummaryRequest, account::summary),
        Operation::GetContextKeysForCustomPolicy => {
            done!(GetContextKeysForCustomPolicyRequest, simulation::get_context_keys_for_custom_policy)
        }
        Operation::GetContextKeysForPrincipalPolicy => {
            done!(GetContextKeysForPrincipalPolicyRequest, simulation::get_context_keys_for_principal_policy)
        }
        Operation::GetGroup => within!(GetGroupRequest, groups::get),
        Operation::GetGroupPolicy => done!(GetGroupPolicyRequest, inline_policies::get_group_policy),
        Operation::GetMFADevice => within!(GetMFADeviceRequest, mfa_assignments::get),
        Operation::GetOpenIDConnectProvider => within!(GetOpenIDConnectProviderRequest, oidc_providers::get),
        Operation::GetPolicy => done!(GetPolicyRequest, policies::get_policy),
        Operation::GetPolicyVersion => done!(GetPolicyVersionRequest, policy_versions::get_policy_version),
        Operation::GetRole => done!(GetRoleRequest, roles::get_role),
        Operation::GetRolePolicy => done!(GetRolePolicyRequest, inline_policies::get_role_policy),
        Operation::GetUser => within!(GetUserRequest, users::get),
        Operation::GetUserPolicy => done!(GetUserPolicyRequest, inline_policies::get_user_policy),
        Operation::ListAccessKeys => within!(ListAccessKeysRequest, access_keys::list),
        Operation::ListAccountAliases => within!(ListAccountAliasesRequest, account::list_aliases),
        Operation::ListAttachedGroupPolicies => {
            done!(ListAttachedGroupPoliciesRequest, attachments::list_attached_group_policies)
        }
        Operation::ListAttachedRolePolicies => {
            done!(ListAttachedRolePoliciesRequest, attachments::list_attached_role_policies)
        }
        Operation::ListAttachedUserPolicies => {
            done!(ListAttachedUserPoliciesRequest, attachments::list_attached_user_policies)
        }
        Operation::ListEntitiesForPolicy => done!(ListEntitiesForPolicyRequest, policy_uses::list_entities_for_policy),
        Operation::ListGroupPolicies => done!(ListGroupPoliciesRequest, inline_policies::list_group_policies),
        Operation::ListGroups => done!(ListGroupsRequest, groups::list),
        Operation::ListGroupsForUser => within!(ListGroupsForUserRequest, memberships::list),
        Operation::ListInstanceProfilesForRole => {
            done!(ListInstanceProfilesForRoleRequest, roles::list_instance_profiles_for_role)
        }
        Operation::ListMFADeviceTags => within!(ListMFADeviceTagsRequest, mfa_devices::list_tags),
        Operation::ListMFADevices => within!(ListMFADevicesRequest, mfa_assignments::list),
        Operation::ListOpenIDConnectProviderTags => {
            within!(ListOpenIDConnectProviderTagsRequest, oidc_providers::list_tags)
        }
        Operation::ListOpenIDConnectProviders => within!(ListOpenIDConnectProvidersRequest, oidc_providers::list),
        Operation::ListPolicies => done!(ListPoliciesRequest, policy_uses::list_policies),
        Operation::ListPolicyTags => done!(ListPolicyTagsRequest, policies::list_policy_tags),
        Operation::ListPolicyVersions => done!(ListPolicyVersionsRequest, policy_versions::list_policy_versions),
        Operation::ListRolePolicies => done!(ListRolePoliciesRequest, inline_policies::list_role_policies),
        Operation::ListRoleTags => done!(ListRoleTagsRequest, roles::list_role_tags),
        Operation::ListRoles => done!(ListRolesRequest, roles::list_roles),
        Operation::ListUserPolicies => done!(ListUserPoliciesRequest, inline_policies::list_user_policies),
        Operation::ListUserTags => within!(ListUserTagsRequest, users::list_tags),
        Operation::ListUsers => done!(ListUsersRequest, users::list),
        Operation::ListVirtualMFADevices => within!(ListVirtualMFADevicesRequest, mfa_devices::list),
        Operation::PutGroupPolicy => done!(PutGroupPolicyRequest, inline_policies::put_group_policy),
        Operation::PutRolePermissionsBoundary => {
            done!(PutRolePermissionsBoundaryRequest, boundaries::put_role_permissions_boundary)
        }
        Operation::PutRolePolicy => done!(PutRolePolicyRequest, inline_policies::put_role_policy),
        Operation::PutUserPermissionsBoundary => {
            done!(PutUserPermissionsBoundaryRequest, boundaries::put_user_permissions_boundary)
        }
        Operation::PutUserPolicy => done!(PutUserPolicyRequest, inline_policies::put_user_policy),
        Operation::RemoveClientIDFromOpenIDConnectProvider => {
            within!(RemoveClientIDFromOpenIDConnectProviderRequest, oidc_providers::remove_client_id)
        }
        Operation::RemoveUserFromGroup => within!(RemoveUserFromGroupRequest, memberships::remove),
        Operation::ResyncMFADevice => within!(ResyncMFADeviceRequest, mfa_assignments::resync),
        Operation::SetDefaultPolicyVersion => {
            done!(SetDefaultPolicyVersionRequest, policy_versions::set_default_policy_version)
        }
        Operation::SimulateCustomPolicy => done!(SimulateCustomPolicyRequest, simulation::simulate_custom_policy),
        Operation::SimulatePrincipalPolicy => {
            done!(SimulatePrincipalPolicyRequest, simulation::simulate_principal_policy)
        }
        Operation::TagMFADevice => within!(TagMFADeviceRequest, mfa_devices::tag),
        Operation::TagOpenIDConnectProvider => within!(TagOpenIDConnectProviderRequest, oidc_providers::tag),
        Operation::TagPolicy => done!(TagPolicyRequest, policies::tag_policy),
        Operation::TagRole => done!(TagRoleRequest, roles::tag_role),
        Operation::TagUser => within!(TagUserRequest, users::tag),
        Operation::UntagMFADevice => within!(UntagMFADeviceRequest, mfa_devices::untag),
        Operation::UntagOpenIDConnectProvider => within!(UntagOpenIDConnectProviderRequest, oidc_providers::untag),
        Operation::UntagPolicy => done!(UntagPolicyRequest, policies::untag_policy),
        Operation::UntagRole => done!(UntagRoleRequest, roles::untag_role),
        Operation::UntagUser => within!(UntagUserRequest, users::untag),
        Operation::UpdateAccessKey => within!(UpdateAccessKeyRequest, access_keys::update),
        Operation::UpdateAssumeRolePolicy => done!(UpdateAssumeRolePolicyRequest, roles::update_assume_role_policy),
        Operation::UpdateGroup => within!(UpdateGroupRequest, groups::update),
        Operation::UpdateOpenIDConnectProviderThumbprint => {
            within!(UpdateOpenIDConnectProviderThumbprintRequest, oidc_providers::update_thumbprint)
        }
        Operation::UpdateRole => done!(UpdateRoleRequest, roles::update_role),
        Operation::UpdateRoleDescription => done!(UpdateRoleDescriptionRequest, roles::update_role_description),
        Operation::UpdateUser => within!(UpdateUserRequest, users::update),
    }
}

/// The permission that an operation needs, as a rule called like it.
const fn action(name: &'static str) -> Action {
    Action { service: "iam", name }
}
