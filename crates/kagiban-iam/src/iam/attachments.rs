//! Managed policies on users, groups and roles.

use kagiban_api::iam::{
    AttachGroupPolicyRequest, AttachRolePolicyRequest, AttachUserPolicyRequest, AttachedPolicy,
    DetachGroupPolicyRequest, DetachRolePolicyRequest, DetachUserPolicyRequest, ListAttachedGroupPoliciesRequest,
    ListAttachedGroupPoliciesResponse, ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse,
    ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse,
};

use super::holders::{self, Holder};
use super::paging::{Listing, Page};
use super::policy_arns::{self, PolicyArn};
use super::{entities, refusals};
use crate::context::Context;
use crate::error::IamError;
use crate::records::group::GroupRecord;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;

macro_rules! operations {
    ($holder:ty, $name:ident: $($handler:ident($input:ty) $action:literal = $work:ident;)*) => { $(
        pub(crate) async fn $handler(input: &$input, ctx: &Context<'_>) -> Result<(), IamError> {
            $work::<$holder>(&input.$name, &input.policy_arn, $action, ctx).await
        }
    )* };
}
operations! { GroupRecord, group_name:
    attach_group_policy(AttachGroupPolicyRequest) "AttachGroupPolicy" = attach;
    detach_group_policy(DetachGroupPolicyRequest) "DetachGroupPolicy" = detach;
}
operations! { RoleRecord, role_name:
    attach_role_policy(AttachRolePolicyRequest) "AttachRolePolicy" = attach;
    detach_role_policy(DetachRolePolicyRequest) "DetachRolePolicy" = detach;
}
operations! { UserRecord, user_name:
    attach_user_policy(AttachUserPolicyRequest) "AttachUserPolicy" = attach;
    detach_user_policy(DetachUserPolicyRequest) "DetachUserPolicy" = detach;
}

/// Attaching what is attached changes nothing and succeeds.
async fn attach<H: Holder>(
    name: &str,
    policy_arn: &str,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let arn = PolicyArn::parse(policy_arn)?;
    let body = |tx| async move {
        let action = super::action(action);
        let mut holder = holders::changeable::<H>(&tx, name, action, Some(policy_arn), ctx).await?;
        let policy = arn.find(&tx, ctx).await?.ok_or_else(|| not_attachable(policy_arn))?.reference();
        let attached = &mut holder.record.policies_mut().managed;
        if attached.contains(&policy) {
            return Ok(());
        }
        attached.push(policy.clone());
        H::ATTACHED.allow(attached.len())?;
        holders::link(&tx, holder.key, &policy, false, ctx).await?;
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}

fn not_attachable(policy_arn: &str) -> IamError {
    refusals::no_such_entity(format!("Policy {policy_arn} does not exist or is not attachable."))
}

async fn detach<H: Holder>(
    name: &str,
    policy_arn: &str,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let arn = PolicyArn::parse(policy_arn)?;
    let body = |tx| async move {
        let action = super::action(action);
        let mut holder = holders::changeable::<H>(&tx, name, action, Some(policy_arn), ctx).await?;
        let policy = arn.find(&tx, ctx).await?.map(|policy| policy.reference());
        let attached = &mut holder.record.policies_mut().managed;
        let Some(policy) = policy.filter(|policy| attached.contains(policy)) else { return Err(arn.not_found()) };
        attached.retain(|other| *other != policy);
        holders::unlink(&tx, holder.key, &policy, false, ctx).await?;
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}

macro_rules! listing {
    ($handler:ident, $holder:ty, $name:ident, $input:ty, $output:ident, $action:literal) => {
        pub(crate) async fn $handler(input: &$input, ctx: &Context<'_>) -> Result<$output, IamError> {
            let wanted = Wanted {
                name: &input.$name,
                path_prefix: input.path_prefix.as_deref().unwrap_or("/"),
                marker: input.marker.as_deref(),
                max_items: input.max_items,
            };
            let page = list::<$holder>(&wanted, $action, ctx).await?;
            Ok($output { is_truncated: page.is_truncated(), attached_policies: Some(page.items), marker: page.marker })
        }
    };
}
listing!(
    list_attached_group_policies,
    GroupRecord,
    group_name,
    ListAttachedGroupPoliciesRequest,
    ListAttachedGroupPoliciesResponse,
    "ListAttachedGroupPolicies"
);
listing!(
    list_attached_role_policies,
    RoleRecord,
    role_name,
    ListAttachedRolePoliciesRequest,
    ListAttachedRolePoliciesResponse,
    "ListAttachedRolePolicies"
);
listing!(
    list_attached_user_policies,
    UserRecord,
    user_name,
    ListAttachedUserPoliciesRequest,
    ListAttachedUserPoliciesResponse,
    "ListAttachedUserPolicies"
);

/// What a request wants of the policies of a holder.
struct Wanted<'a> {
    name: &'a str,
    path_prefix: &'a str,
    marker: Option<&'a str>,
    max_items: Option<i32>,
}

async fn list<H: Holder>(
    wanted: &Wanted<'_>,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<Page<AttachedPolicy>, IamError> {
    let filters = [wanted.name, wanted.path_prefix];
    let listing = Listing { name: action, account: ctx.account(), filters: &filters };
    let window = &listing.window(wanted.marker, wanted.max_items)?;
    let body = |tx| async move {
        let holder = entities::permitted::<H>(&tx, wanted.name, super::action(action), ctx).await?;
        let mut attached = Vec::new();
        for policy in &holder.record.policies().managed {
            let found = policy_arns::by_reference(&tx, policy, ctx).await?;
            attached.extend(found.filter(|policy| policy.path().starts_with(wanted.path_prefix)).map(|policy| {
                let (name, arn) = (policy.name().to_owned(), policy.arn(ctx.caller.partition()));
                (name.clone(), AttachedPolicy { policy_name: Some(name), policy_arn: Some(arn) })
            }));
        }
        attached.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(window.of(attached))
    };
    ctx.transact(action, body).await
}

/// The managed policies that a holder has, for answers that show everything.
pub(crate) async fn shown<H: Holder>(
    tx: &kagiban_storage::Transaction,
    holder: &H,
    ctx: &Context<'_>,
) -> Result<Vec<AttachedPolicy>, IamError> {
    let mut attached = Vec::new();
    for policy in &holder.policies().managed {
        if let Some(policy) = policy_arns::by_reference(tx, policy, ctx).await? {
            let (name, arn) = (policy.name().to_owned(), policy.arn(ctx.caller.partition()));
            attached.push(AttachedPolicy { policy_name: Some(name), policy_arn: Some(arn) });
        }
    }
    Ok(attached)
}
