//! The operations of IAM, by what they are about.

mod attachments;
mod boundaries;
mod documents;
mod entities;
mod holders;
mod inline_policies;
mod paging;
mod policies;
mod policy_arns;
mod policy_uses;
mod policy_versions;
mod quotas;
mod refusals;
mod roles;
mod service_roles;
mod tags;

use kagiban_api::iam::Operation;
use kagiban_api::query::Form;

use crate::context::Context;
use crate::error::IamError;
use crate::query::{self, Body};

/// Answers an operation.
pub(crate) async fn answer(operation: Operation, form: &Form, ctx: &Context<'_>) -> Result<Body, IamError> {
    macro_rules! done {
        ($input:ident, $handler:path) => {{
            let input = query::input::<kagiban_api::iam::$input>(form)?;
            let output = $handler(&input, ctx).await?;
            Ok(Body::of::<kagiban_api::iam::$input>(&output, ctx.request))
        }};
    }
    match operation {
        Operation::AttachGroupPolicy => done!(AttachGroupPolicyRequest, attachments::attach_group_policy),
        Operation::AttachRolePolicy => done!(AttachRolePolicyRequest, attachments::attach_role_policy),
        Operation::AttachUserPolicy => done!(AttachUserPolicyRequest, attachments::attach_user_policy),
        Operation::CreatePolicy => done!(CreatePolicyRequest, policies::create_policy),
        Operation::CreatePolicyVersion => done!(CreatePolicyVersionRequest, policy_versions::create_policy_version),
        Operation::CreateRole => done!(CreateRoleRequest, roles::create_role),
        Operation::CreateServiceLinkedRole => {
            done!(CreateServiceLinkedRoleRequest, service_roles::create_service_linked_role)
        }
        Operation::DeleteGroupPolicy => done!(DeleteGroupPolicyRequest, inline_policies::delete_group_policy),
        Operation::DeletePolicy => done!(DeletePolicyRequest, policies::delete_policy),
        Operation::DeletePolicyVersion => done!(DeletePolicyVersionRequest, policy_versions::delete_policy_version),
        Operation::DeleteRole => done!(DeleteRoleRequest, roles::delete_role),
        Operation::DeleteRolePermissionsBoundary => {
            done!(DeleteRolePermissionsBoundaryRequest, boundaries::delete_role_permissions_boundary)
        }
        Operation::DeleteRolePolicy => done!(DeleteRolePolicyRequest, inline_policies::delete_role_policy),
        Operation::DeleteUserPermissionsBoundary => {
            done!(DeleteUserPermissionsBoundaryRequest, boundaries::delete_user_permissions_boundary)
        }
        Operation::DeleteUserPolicy => done!(DeleteUserPolicyRequest, inline_policies::delete_user_policy),
        Operation::DetachGroupPolicy => done!(DetachGroupPolicyRequest, attachments::detach_group_policy),
        Operation::DetachRolePolicy => done!(DetachRolePolicyRequest, attachments::detach_role_policy),
        Operation::DetachUserPolicy => done!(DetachUserPolicyRequest, attachments::detach_user_policy),
        Operation::GetGroupPolicy => done!(GetGroupPolicyRequest, inline_policies::get_group_policy),
        Operation::GetPolicy => done!(GetPolicyRequest, policies::get_policy),
        Operation::GetPolicyVersion => done!(GetPolicyVersionRequest, policy_versions::get_policy_version),
        Operation::GetRole => done!(GetRoleRequest, roles::get_role),
        Operation::GetRolePolicy => done!(GetRolePolicyRequest, inline_policies::get_role_policy),
        Operation::GetUserPolicy => done!(GetUserPolicyRequest, inline_policies::get_user_policy),
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
        Operation::ListInstanceProfilesForRole => {
            done!(ListInstanceProfilesForRoleRequest, roles::list_instance_profiles_for_role)
        }
        Operation::ListPolicies => done!(ListPoliciesRequest, policy_uses::list_policies),
        Operation::ListPolicyTags => done!(ListPolicyTagsRequest, policies::list_policy_tags),
        Operation::ListPolicyVersions => done!(ListPolicyVersionsRequest, policy_versions::list_policy_versions),
        Operation::ListRolePolicies => done!(ListRolePoliciesRequest, inline_policies::list_role_policies),
        Operation::ListRoleTags => done!(ListRoleTagsRequest, roles::list_role_tags),
        Operation::ListRoles => done!(ListRolesRequest, roles::list_roles),
        Operation::ListUserPolicies => done!(ListUserPoliciesRequest, inline_policies::list_user_policies),
        Operation::PutGroupPolicy => done!(PutGroupPolicyRequest, inline_policies::put_group_policy),
        Operation::PutRolePermissionsBoundary => {
            done!(PutRolePermissionsBoundaryRequest, boundaries::put_role_permissions_boundary)
        }
        Operation::PutRolePolicy => done!(PutRolePolicyRequest, inline_policies::put_role_policy),
        Operation::PutUserPermissionsBoundary => {
            done!(PutUserPermissionsBoundaryRequest, boundaries::put_user_permissions_boundary)
        }
        Operation::PutUserPolicy => done!(PutUserPolicyRequest, inline_policies::put_user_policy),
        Operation::SetDefaultPolicyVersion => {
            done!(SetDefaultPolicyVersionRequest, policy_versions::set_default_policy_version)
        }
        Operation::TagPolicy => done!(TagPolicyRequest, policies::tag_policy),
        Operation::TagRole => done!(TagRoleRequest, roles::tag_role),
        Operation::UntagPolicy => done!(UntagPolicyRequest, policies::untag_policy),
        Operation::UntagRole => done!(UntagRoleRequest, roles::untag_role),
        Operation::UpdateAssumeRolePolicy => done!(UpdateAssumeRolePolicyRequest, roles::update_assume_role_policy),
        Operation::UpdateRole => done!(UpdateRoleRequest, roles::update_role),
        Operation::UpdateRoleDescription => done!(UpdateRoleDescriptionRequest, roles::update_role_description),
        _ => {
            let name = operation.name();
            Err(IamError::iam(kagiban_api::iam::ErrorCode::InvalidAction, format!("{name} is not offered yet.")))
        }
    }
}
