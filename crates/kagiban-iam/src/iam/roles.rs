//! Roles: made, changed, removed, listed, tagged.

use kagiban_api::iam::{
    CreateRoleRequest, CreateRoleResponse, DeleteRoleRequest, GetRoleRequest, GetRoleResponse,
    ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse, ListRoleTagsRequest, ListRoleTagsResponse,
    ListRolesRequest, ListRolesResponse, Role, RoleLastUsed, TagRoleRequest, UntagRoleRequest,
    UpdateAssumeRolePolicyRequest, UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse, UpdateRoleRequest,
    UpdateRoleResponse,
};
use kagiban_policy::ConditionValue;
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::holders;
use super::paging::Listing;
use super::{action, documents, refusals, tags};
use crate::context::{Context, Fact, Permission};
use crate::decisions::Action;
use crate::error::IamError;
use crate::principals;
use crate::records::Attachments;
use crate::records::role::RoleRecord;

/// Longest session of a role that does not say, in seconds.
pub(crate) const MAX_SESSION_DURATION_DEFAULT_S: u32 = 3600;

pub(crate) async fn create_role(input: &CreateRoleRequest, ctx: &Context<'_>) -> Result<CreateRoleResponse, IamError> {
    let tags = &tags::checked(input.tags.as_deref())?;
    let path = input.path.as_deref().unwrap_or("/");
    if path.starts_with(holders::SERVICE_ROLE_PATH) {
        return Err(refusals::validation("The path /aws-service-role/ is for the roles of services."));
    }
    let arn = entities::arn::<RoleRecord>(ctx.caller.partition(), ctx.account(), path, &input.role_name);
    let boundary = input.permissions_boundary.as_deref();
    let own: Vec<Fact<'_>> =
        boundary.map(|arn| ("iam:permissionsboundary", ConditionValue::One(arn.into()))).into_iter().collect();
    let asked = Permission { resource: &arn, own: &own, request_tags: documents::given(tags), ..Permission::default() };
    ctx.require(action("CreateRole"), &asked)?;
    if !tags.is_empty() {
        ctx.require(action("TagRole"), &asked)?;
    }
    let trust_policy = &documents::trust_policy(&input.assume_role_policy_document, &ctx.iam.directory)?;
    let body = |tx| async move {
        let record = RoleRecord {
            name: input.role_name.clone(),
            path: path.to_owned(),
            created: ctx.now,
            description: input.description.clone().unwrap_or_default(),
            trust_policy: trust_policy.clone(),
            max_session_duration_s: session_duration(input.max_session_duration)
                .unwrap_or(MAX_SESSION_DURATION_DEFAULT_S),
            tags: tags.clone(),
            policies: Attachments::default(),
            boundary: None,
        };
        let mut role = entities::create(&tx, record, ctx).await?;
        if let Some(boundary) = boundary {
            holders::set_boundary(&tx, &mut role, boundary, ctx).await?;
            role.save(&tx)?;
        }
        Ok(CreateRoleResponse { role: shown(&tx, &role, ctx).await? })
    };
    ctx.transact("CreateRole", body).await
}

/// Within the model's limits already.
fn session_duration(seconds: Option<i32>) -> Option<u32> {
    seconds.and_then(|seconds| u32::try_from(seconds).ok())
}

pub(crate) async fn get_role(input: &GetRoleRequest, ctx: &Context<'_>) -> Result<GetRoleResponse, IamError> {
    let body = |tx| async move {
        let role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action("GetRole"), ctx).await?;
        Ok(GetRoleResponse { role: shown(&tx, &role, ctx).await? })
    };
    ctx.transact("GetRole", body).await
}

pub(crate) async fn update_role(input: &UpdateRoleRequest, ctx: &Context<'_>) -> Result<UpdateRoleResponse, IamError> {
    let body = |tx| async move {
        let mut role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action("UpdateRole"), ctx).await?;
        if let Some(description) = &input.description {
            role.record.description.clone_from(description);
        }
        if let Some(seconds) = session_duration(input.max_session_duration) {
            role.record.max_session_duration_s = seconds;
        }
        role.save(&tx)?;
        Ok(UpdateRoleResponse {})
    };
    ctx.transact("UpdateRole", body).await
}

pub(crate) async fn update_role_description(
    input: &UpdateRoleDescriptionRequest,
    ctx: &Context<'_>,
) -> Result<UpdateRoleDescriptionResponse, IamError> {
    let body = |tx| async move {
        let action = action("UpdateRoleDescription");
        let mut role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action, ctx).await?;
        role.record.description.clone_from(&input.description);
        role.save(&tx)?;
        Ok(UpdateRoleDescriptionResponse { role: Some(shown(&tx, &role, ctx).await?) })
    };
    ctx.transact("UpdateRoleDescription", body).await
}

pub(crate) async fn update_assume_role_policy(
    input: &UpdateAssumeRolePolicyRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let body = |tx| async move {
        let action = action("UpdateAssumeRolePolicy");
        let mut role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action, ctx).await?;
        holders::check_modifiable(&role)?;
        role.record.trust_policy = documents::trust_policy(&input.policy_document, &ctx.iam.directory)?;
        role.save(&tx)
    };
    ctx.transact("UpdateAssumeRolePolicy", body).await
}

/// DIFFERS: the role of a service can be deleted like any other, as DeleteServiceLinkedRole is not offered.
pub(crate) async fn delete_role(input: &DeleteRoleRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let body = |tx| async move {
        let mut role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action("DeleteRole"), ctx).await?;
        if !role.record.policies.managed.is_empty() {
            return Err(refusals::delete_conflict("detach all policies"));
        }
        if !role.record.policies.inline.is_empty() {
            return Err(refusals::delete_conflict("delete policies"));
        }
        holders::clear_boundary(&tx, &mut role, ctx).await?;
        entities::remove(&tx, &role).await
    };
    ctx.transact("DeleteRole", body).await
}

pub(crate) async fn list_roles(input: &ListRolesRequest, ctx: &Context<'_>) -> Result<ListRolesResponse, IamError> {
    let path_prefix = input.path_prefix.as_deref().unwrap_or("/");
    let filters = [path_prefix];
    let listing = Listing { name: "ListRoles", account: ctx.account(), filters: &filters };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("ListRoles"), &Permission::default())?;
    let snapshot = ctx.iam.store.snapshot().await?;
    let is_wanted = |role: &RoleRecord| role.path.starts_with(path_prefix);
    let page = entities::page(&snapshot, ctx.account(), &window, is_wanted).await?.map(|role| brief(&role, ctx));
    Ok(ListRolesResponse { is_truncated: page.is_truncated(), roles: page.items, marker: page.marker })
}

pub(crate) async fn tag_role(input: &TagRoleRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let new = &tags::checked(Some(&input.tags))?;
    let body = |tx| async move {
        let asked = Permission { request_tags: Some(new), ..Permission::default() };
        let mut role = tagged(&tx, &input.role_name, action("TagRole"), &asked, ctx).await?;
        tags::add(&mut role.record.tags, new)?;
        role.save(&tx)
    };
    ctx.transact("TagRole", body).await
}

pub(crate) async fn untag_role(input: &UntagRoleRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let body = |tx| async move {
        let asked = Permission { own: &[tags::keys_fact(&input.tag_keys)], ..Permission::default() };
        let mut role = tagged(&tx, &input.role_name, action("UntagRole"), &asked, ctx).await?;
        tags::remove(&mut role.record.tags, &input.tag_keys);
        role.save(&tx)
    };
    ctx.transact("UntagRole", body).await
}

/// A role whose tags are about to be changed.
async fn tagged(
    tx: &Transaction,
    name: &str,
    action: Action,
    asked: &Permission<'_>,
    ctx: &Context<'_>,
) -> Result<Found<RoleRecord>, IamError> {
    let lookup = entities::look_up::<RoleRecord>(tx, ctx.account(), name).await?;
    lookup.require(action, asked, ctx)?;
    lookup.existing()
}

pub(crate) async fn list_role_tags(
    input: &ListRoleTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListRoleTagsResponse, IamError> {
    let filters = [input.role_name.as_str()];
    let listing = Listing { name: "ListRoleTags", account: ctx.account(), filters: &filters };
    let window = &listing.window(input.marker.as_deref(), input.max_items)?;
    let body = |tx| async move {
        let role = entities::permitted::<RoleRecord>(&tx, &input.role_name, action("ListRoleTags"), ctx).await?;
        Ok(tags::page(&role.record.tags, window))
    };
    let page = ctx.transact("ListRoleTags", body).await?;
    Ok(ListRoleTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}

/// Always none: there are no instances here. Tools ask before they delete a role.
pub(crate) async fn list_instance_profiles_for_role(
    input: &ListInstanceProfilesForRoleRequest,
    ctx: &Context<'_>,
) -> Result<ListInstanceProfilesForRoleResponse, IamError> {
    let body = |tx| async move {
        let action = action("ListInstanceProfilesForRole");
        entities::permitted::<RoleRecord>(&tx, &input.role_name, action, ctx).await
    };
    ctx.transact("ListInstanceProfilesForRole", body).await?;
    let is_truncated = Some(false);
    Ok(ListInstanceProfilesForRoleResponse { instance_profiles: Vec::new(), is_truncated, marker: None })
}

/// A role as GetRole shows it. When it was last used is not kept.
pub(crate) async fn shown(tx: &Transaction, role: &Found<RoleRecord>, ctx: &Context<'_>) -> Result<Role, IamError> {
    Ok(Role {
        permissions_boundary: holders::shown_boundary(tx, role.record.boundary.as_ref(), ctx).await?,
        tags: tags::shown(&role.record.tags),
        role_last_used: Some(RoleLastUsed::default()),
        ..brief(role, ctx)
    })
}

/// A role as ListRoles shows it: without tags and boundary.
fn brief(role: &Found<RoleRecord>, ctx: &Context<'_>) -> Role {
    let record = &role.record;
    Role {
        path: record.path.clone(),
        role_name: record.name.clone(),
        role_id: role.key.id.to_string(),
        arn: role.arn(ctx.caller.partition()),
        create_date: record.created,
        assume_role_policy_document: Some(trust(record, ctx)),
        description: (!record.description.is_empty()).then(|| record.description.clone()),
        max_session_duration: i32::try_from(record.max_session_duration_s).ok(),
        permissions_boundary: None,
        tags: None,
        role_last_used: None,
    }
}

/// The trust policy as answers show it.
pub(crate) fn trust(role: &RoleRecord, ctx: &Context<'_>) -> String {
    documents::shown(&principals::show(&role.trust_policy, &ctx.iam.directory))
}
