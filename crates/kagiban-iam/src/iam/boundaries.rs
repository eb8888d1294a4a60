//! Permissions boundaries of users and roles.

use kagiban_api::iam::{
    DeleteRolePermissionsBoundaryRequest, DeleteUserPermissionsBoundaryRequest, PutRolePermissionsBoundaryRequest,
    PutUserPermissionsBoundaryRequest,
};
use kagiban_policy::ConditionValue;

use super::holders::{self, Bounded};
use super::policy_arns::PolicyArn;
use super::{entities, refusals};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;

pub(crate) async fn put_role_permissions_boundary(
    input: &PutRolePermissionsBoundaryRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    put::<RoleRecord>(&input.role_name, &input.permissions_boundary, "PutRolePermissionsBoundary", ctx).await
}

pub(crate) async fn put_user_permissions_boundary(
    input: &PutUserPermissionsBoundaryRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    put::<UserRecord>(&input.user_name, &input.permissions_boundary, "PutUserPermissionsBoundary", ctx).await
}

pub(crate) async fn delete_role_permissions_boundary(
    input: &DeleteRolePermissionsBoundaryRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    delete::<RoleRecord>(&input.role_name, "DeleteRolePermissionsBoundary", ctx).await
}

pub(crate) async fn delete_user_permissions_boundary(
    input: &DeleteUserPermissionsBoundaryRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    delete::<UserRecord>(&input.user_name, "DeleteUserPermissionsBoundary", ctx).await
}

/// `iam:PermissionsBoundary` is here the boundary that the request gives, not the one that is there.
async fn put<H: Bounded>(
    name: &str,
    policy_arn: &str,
    action: &'static str,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    PolicyArn::parse(policy_arn)?;
    let body = |tx| async move {
        let lookup = entities::look_up::<H>(&tx, ctx.account(), name).await?;
        let own = [("iam:permissionsboundary", ConditionValue::One(policy_arn.into()))];
        let asked = Permission { own: &own, ..Permission::default() };
        lookup.require(super::action(action), &asked, ctx)?;
        let mut holder = lookup.existing()?;
        holders::check_modifiable(&holder)?;
        holders::set_boundary(&tx, &mut holder, policy_arn, ctx).await?;
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}

async fn delete<H: Bounded>(name: &str, action: &'static str, ctx: &Context<'_>) -> Result<(), IamError> {
    let body = |tx| async move {
        let action = super::action(action);
        let mut holder = holders::changeable::<H>(&tx, name, action, None, ctx).await?;
        if holder.record.boundary().is_none() {
            let kind = H::KIND.as_str();
            let text = format!("The {kind} with name {name} has no permissions boundary.");
            return Err(refusals::no_such_entity(text));
        }
        holders::clear_boundary(&tx, &mut holder, ctx).await?;
        holder.save(&tx)
    };
    ctx.transact(action, body).await
}
