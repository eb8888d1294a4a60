//! Policies that belong to one user, group or role.

use kagiban_api::iam::{
    DeleteGroupPolicyRequest, DeleteRolePolicyRequest, DeleteUserPolicyRequest, ErrorCode, GetGroupPolicyRequest,
    GetGroupPolicyResponse, GetRolePolicyRequest, GetRolePolicyResponse, GetUserPolicyRequest, GetUserPolicyResponse,
    ListGroupPoliciesRequest, ListGroupPoliciesResponse, ListRolePoliciesRequest, ListRolePoliciesResponse,
    ListUserPoliciesRequest, ListUserPoliciesResponse, PutGroupPolicyRequest, PutRolePolicyRequest,
    PutUserPolicyRequest,
};

use super::holders::{self, Holder};
use super::paging::{Listing, Page};
use super::{documents, entities, refusals};
use crate::context::Context;
use crate::error::IamError;
use crate::records::group::GroupRecord;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;

macro_rules! operations {
    (
        $holder:ty, $name:ident,
        $put:ident($put_input:ty) $put_action:literal,
        $read:ident($read_input:ty) -> $read_output:ident $read_action:literal,
        $delete:ident($delete_input:ty) $delete_action:literal,
        $list:ident($list_input:ty) -> $list_output:ident $list_action:literal
    ) => {
        pub(crate) async fn $put(input: &$put_input, ctx: &Context<'_>) -> Result<(), IamError> {
            put::<$holder>(&input.$name, &input.policy_name, &input.policy_document, $put_action, ctx).await
        }

        pub(crate) async fn $read(input: &$read_input, ctx: &Context<'_>) -> Result<$read_output, IamError> {
            let (name, document) = read::<$holder>(&input.$name, &input.policy_name, $read_action, ctx).await?;
            let policy_document = documents::shown(&document);
            Ok($read_output { $name: name, policy_name: input.policy_name.clone(), policy_document })
        }

        pub(crate) async fn $delete(input: &$delete_input, ctx: &Context<'_>) -> Result<(), IamError> {
            delete::<$holder>(&input.$name, &input.policy_name, $delete_action, ctx).await
        }

        pub(crate) async fn $list(input: &$list_input, ctx: &Context<'_>) -> Result<$list_output, IamError> {
            let marker = input.marker.as_deref();
            let page = list::<$holder>(&input.$name, marker, input.max_items, $list_action, ctx).await?;
            Ok($list_output { is_truncated: page.is_truncated(), policy_names: page.items, marker: page.marker })
        }
    };
}
operations!(
    GroupRecord,
    group_name,
    put_group_policy(PutGroupPolicyRequest) "PutGroupPolicy",
    get_group_policy(GetGroupPolicyRequest) -> GetGroupPolicyResponse "GetGroupPolicy",
    delete_group_policy(DeleteGroupPolicyRequest) "DeleteGroupPolicy",
    list_group_policies(ListGroupPoliciesRequest) -> ListGroupPoliciesResponse "ListGroupPolicies"
);
operations!(
    RoleRecord,
    role_name,
    put_role_policy(PutRolePolicyRequest) "PutRolePolicy",
    get_role_policy(GetRolePolicyRequest) -> GetRolePolicyResponse "GetRolePolicy",
    delete_role_policy(DeleteRolePolicyRequest) "DeleteRolePolicy",
    list_role_policies(ListRolePoliciesRequest) -> ListRolePoliciesResponse "ListRolePolicies"
);
operations!(
    UserRecord,
    user_name,
    put_user_policy(PutUserPolicyRequest) "PutUserPolicy",
    get_user_policy(GetUserPolicyRequest) -> GetUserPolicyResponse "GetUserPolicy",
    delete_user_policy(DeleteUserPolicyRequest) "DeleteUserPolicy",
    list_user_policies(ListUserPoliciesRequest) -> ListUserPoliciesResponse "ListUserPolicies"
);

async fn put<H: Holder>(
    name: &str,
    policy: &str,
    document: &str,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let body = |tx| async move {
        let action = super::action(action);
        let mut holder = holders::changeable::<H>(&tx, name, action, None, ctx).await?;
        documents::check_identity(document)?;
        let inline = &mut holder.record.policies_mut().inline;
        inline.insert(policy.to_owned(), document.to_owned());
        let size: usize = inline.values().map(|document| documents::size(document)).sum();
        if size > H::INLINE_SIZE {
            return Err(too_large::<H>(name));
        }
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}

pub(crate) fn too_large<H: Holder>(name: &str) -> IamError {
    let (max, kind) = (H::INLINE_SIZE, H::KIND.as_str());
    IamError::iam(ErrorCode::LimitExceeded, format!("Maximum policy size of {max} bytes exceeded for {kind} {name}"))
}

/// The holder's name and the document.
async fn read<H: Holder>(
    name: &str,
    policy: &str,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<(String, String), IamError> {
    let body = |tx| async move {
        let holder = entities::permitted::<H>(&tx, name, super::action(action), ctx).await?;
        let document = holder.record.policies().inline.get(policy).ok_or_else(|| missing::<H>(policy))?;
        Ok((holder.record.name().to_owned(), document.clone()))
    };
    ctx.transact(action, body).await
}

async fn delete<H: Holder>(name: &str, policy: &str, action: &'static str, ctx: &Context<'_>) -> Result<(), IamError> {
    let body = |tx| async move {
        let action = super::action(action);
        let mut holder = holders::changeable::<H>(&tx, name, action, None, ctx).await?;
        holder.record.policies_mut().inline.remove(policy).ok_or_else(|| missing::<H>(policy))?;
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}

fn missing<H: Holder>(policy: &str) -> IamError {
    refusals::no_such_entity(format!("The {} policy with name {policy} cannot be found.", H::KIND.as_str()))
}

async fn list<H: Holder>(
    name: &str,
    marker: Option<&str>,
    max_items: Option<i32>,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<Page<String>, IamError> {
    let filters = [name];
    let window = &Listing { name: action, account: ctx.account(), filters: &filters }.window(marker, max_items)?;
    let body = |tx| async move {
        let holder = entities::permitted::<H>(&tx, name, super::action(action), ctx).await?;
        Ok(window.of(holder.record.policies().inline.keys().map(|name| (name.clone(), name.clone()))))
    };
    ctx.transact(action, body).await
}
