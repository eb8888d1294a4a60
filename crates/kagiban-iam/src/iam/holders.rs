//! What users, groups and roles have in common: policies, inline and attached, and for two of them a permissions boundary.
//!
//! The index of attachments and the counts in the policies' rows change here only, in the transaction that changes the
//! holder's row: so a policy that is deleted is attached nowhere.

use kagiban_api::iam::{AttachedPermissionsBoundary, ErrorCode, PermissionsBoundaryAttachmentType};
use kagiban_policy::ConditionValue;
use kagiban_storage::Transaction;

use super::entities::{self, Entity, Found, Lookup};
use super::policy_arns::{self, ManagedPolicy, PolicyArn};
use super::quotas::{self, Quota};
use super::refusals;
use crate::context::{Context, Fact, Permission};
use crate::decisions::Action;
use crate::error::IamError;
use crate::records::group::GroupRecord;
use crate::records::policy::{AttachmentRecord, AttachmentRowKey};
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;
use crate::records::{Attachments, EntityKey, PolicyRef};

/// Where roles are that belong to a service.
pub(crate) const SERVICE_ROLE_PATH: &str = "/aws-service-role/";

/// Somebody who has policies.
pub(crate) trait Holder: Entity {
    const ATTACHED: Quota;
    /// Characters of all inline policies together.
    const INLINE_SIZE: usize;

    fn policies(&self) -> &Attachments;
    fn policies_mut(&mut self) -> &mut Attachments;
    /// Groups have none.
    fn boundary(&self) -> Option<&PolicyRef>;
}

/// Somebody who can have a permissions boundary.
pub(crate) trait Bounded: Holder {
    fn boundary_mut(&mut self) -> &mut Option<PolicyRef>;
}

macro_rules! holder {
    ($record:ty, $attached:ident, $size:ident, $boundary:expr) => {
        impl Holder for $record {
            const ATTACHED: Quota = quotas::$attached;
            const INLINE_SIZE: usize = quotas::$size;

            fn policies(&self) -> &Attachments {
                &self.policies
            }

            fn policies_mut(&mut self) -> &mut Attachments {
                &mut self.policies
            }

            fn boundary(&self) -> Option<&PolicyRef> {
                let boundary: fn(&Self) -> Option<&PolicyRef> = $boundary;
                boundary(self)
            }
        }
    };
}
holder!(GroupRecord, ATTACHED_POLICIES_PER_GROUP, INLINE_SIZE_GROUP, |_| None);
holder!(RoleRecord, ATTACHED_POLICIES_PER_ROLE, INLINE_SIZE_ROLE, |role| role.boundary.as_ref());
holder!(UserRecord, ATTACHED_POLICIES_PER_USER, INLINE_SIZE_USER, |user| user.boundary.as_ref());

impl Bounded for RoleRecord {
    fn boundary_mut(&mut self) -> &mut Option<PolicyRef> {
        &mut self.boundary
    }
}

impl Bounded for UserRecord {
    fn boundary_mut(&mut self) -> &mut Option<PolicyRef> {
        &mut self.boundary
    }
}

/// Asks permission for a change to what a holder may do: with the policy that it is about, if there is one, and the boundary
/// that the holder has.
pub(crate) async fn require<H: Holder>(
    tx: &Transaction,
    lookup: &Lookup<'_, H>,
    action: Action,
    policy_arn: Option<&str>,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let boundary = match lookup.record().and_then(H::boundary) {
        Some(policy) => Some(policy_arns::arn_of(tx, policy, ctx).await?),
        None => None,
    };
    let fact = |key, arn: Option<&str>| arn.map(|arn| (key, ConditionValue::One(arn.to_owned().into())));
    let own: Vec<Fact<'_>> = [fact("iam:policyarn", policy_arn), fact("iam:permissionsboundary", boundary.as_deref())]
        .into_iter()
        .flatten()
        .collect();
    lookup.require(action, &Permission { own: &own, ..Permission::default() }, ctx)
}

/// A holder that is about to be changed, after asking permission as [`require`] does.
///
/// # Errors
/// AccessDenied, then NoSuchEntity, then UnmodifiableEntity for the role of a service.
pub(crate) async fn changeable<H: Holder>(
    tx: &Transaction,
    name: &str,
    action: Action,
    policy_arn: Option<&str>,
    ctx: &Context<'_>,
) -> Result<Found<H>, IamError> {
    let lookup = entities::look_up::<H>(tx, ctx.account(), name).await?;
    require(tx, &lookup, action, policy_arn, ctx).await?;
    let found = lookup.existing()?;
    check_modifiable(&found)?;
    Ok(found)
}

/// The roles of services are as their services need them.
///
/// # Errors
/// UnmodifiableEntity
pub(crate) fn check_modifiable<H: Entity>(found: &Found<H>) -> Result<(), IamError> {
    if !is_service_role(&found.record) {
        return Ok(());
    }
    let name = found.record.name();
    let text =
        format!("Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS");
    Err(IamError::iam(ErrorCode::UnmodifiableEntity, text))
}

/// Whether it is a role that belongs to a service.
pub(crate) fn is_service_role<E: Entity>(record: &E) -> bool {
    E::KIND == crate::records::name::NameKind::Role && record.path().starts_with(SERVICE_ROLE_PATH)
}

/// Gives the holder this boundary, in the place of the one it may have. The caller saves it.
///
/// # Errors
/// NoSuchEntity, InvalidInput.
pub(crate) async fn set_boundary<H: Bounded>(
    tx: &Transaction,
    holder: &mut Found<H>,
    policy_arn: &str,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let missing = || refusals::no_such_entity(format!("Scope ARN: {policy_arn} does not exist or is not attachable."));
    let policy = PolicyArn::parse(policy_arn)?.find(tx, ctx).await?.ok_or_else(missing)?.reference();
    if holder.record.boundary() == Some(&policy) {
        return Ok(());
    }
    clear_boundary(tx, holder, ctx).await?;
    link(tx, holder.key, &policy, true, ctx).await?;
    *holder.record.boundary_mut() = Some(policy);
    Ok(())
}

/// Takes the holder's boundary away, if it has one. The caller saves it.
pub(crate) async fn clear_boundary<H: Bounded>(
    tx: &Transaction,
    holder: &mut Found<H>,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    match holder.record.boundary_mut().take() {
        Some(policy) => unlink(tx, holder.key, &policy, true, ctx).await,
        None => Ok(()),
    }
}

/// Writes that `holder` has `policy`: into the index, and into the policy's count.
pub(crate) async fn link(
    tx: &Transaction,
    holder: EntityKey,
    policy: &PolicyRef,
    is_boundary: bool,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    tx.put(&row_key(holder, policy, is_boundary), &AttachmentRecord {})?;
    count(tx, policy, is_boundary, |count| count.saturating_add(1), ctx).await
}

/// Writes that `holder` has `policy` no more.
pub(crate) async fn unlink(
    tx: &Transaction,
    holder: EntityKey,
    policy: &PolicyRef,
    is_boundary: bool,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    tx.delete::<AttachmentRecord>(&row_key(holder, policy, is_boundary))?;
    count(tx, policy, is_boundary, |count| count.saturating_sub(1), ctx).await
}

fn row_key(holder: EntityKey, policy: &PolicyRef, is_boundary: bool) -> AttachmentRowKey {
    AttachmentRowKey { account: holder.account, policy: policy.clone(), entity: holder.id, is_boundary }
}

/// AWS's policies have no row; who has them is counted by the index.
async fn count(
    tx: &Transaction,
    policy: &PolicyRef,
    is_boundary: bool,
    change: fn(u32) -> u32,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let Some(ManagedPolicy::Customer(mut found)) = policy_arns::by_reference(tx, policy, ctx).await? else {
        return Ok(());
    };
    let count = if is_boundary { &mut found.record.boundary_uses } else { &mut found.record.attachments };
    *count = change(*count);
    found.save(tx)
}

/// A boundary as answers show it.
pub(crate) async fn shown_boundary(
    tx: &Transaction,
    boundary: Option<&PolicyRef>,
    ctx: &Context<'_>,
) -> Result<Option<AttachedPermissionsBoundary>, IamError> {
    let Some(policy) = boundary else { return Ok(None) };
    Ok(Some(AttachedPermissionsBoundary {
        permissions_boundary_type: Some(PermissionsBoundaryAttachmentType::PermissionsBoundaryPolicy),
        permissions_boundary_arn: Some(policy_arns::arn_of(tx, policy, ctx).await?),
    }))
}
