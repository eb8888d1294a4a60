//! Groups: made, shown with their members, renamed, deleted.

use kagiban_api::iam::{
    CreateGroupRequest, CreateGroupResponse, DeleteGroupRequest, GetGroupRequest, GetGroupResponse, Group,
    ListGroupsRequest, ListGroupsResponse, UpdateGroupRequest,
};
use kagiban_base::id::Partition;
use kagiban_storage::{Prefix, StoreError, Transaction};

use super::entities::{self, Found};
use super::paging::{Listing, Page, Window};
use super::{action, refusals, users};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::group::{GroupMemberRecord, GroupMemberRowKey, GroupRecord};
use crate::records::user::UserRecord;
use crate::records::{Attachments, EntityKey};

/// CreateGroup
pub(crate) async fn create(
    tx: &Transaction,
    input: &CreateGroupRequest,
    ctx: &Context<'_>,
) -> Result<CreateGroupResponse, IamError> {
    let path = input.path.as_deref().unwrap_or("/");
    let resource = entities::arn::<GroupRecord>(ctx.caller.partition(), ctx.account(), path, &input.group_name);
    ctx.require(action("CreateGroup"), &Permission { resource: &resource, ..Permission::default() })?;
    let record = GroupRecord {
        name: input.group_name.clone(),
        path: path.to_owned(),
        created: ctx.now,
        policies: Attachments::default(),
        members: 0,
    };
    let group = entities::create(tx, record, ctx).await?;
    Ok(CreateGroupResponse { group: shown(&group, ctx.caller.partition()) })
}

/// GetGroup: the group, and a page of its members.
pub(crate) async fn get(
    tx: &Transaction,
    input: &GetGroupRequest,
    ctx: &Context<'_>,
) -> Result<GetGroupResponse, IamError> {
    let listing = Listing { name: "group-members", account: ctx.account(), filters: &[&input.group_name] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let group = entities::permitted(tx, &input.group_name, action("GetGroup"), ctx).await?;
    let page = members(tx, &group, &window).await?.map(|user| users::shown(&user, ctx.caller.partition()));
    Ok(GetGroupResponse {
        group: shown(&group, ctx.caller.partition()),
        is_truncated: page.is_truncated(),
        users: page.items,
        marker: page.marker,
    })
}

/// A page of a group's members, by their unique ids.
async fn members(
    tx: &Transaction,
    group: &Found<GroupRecord>,
    window: &Window<'_>,
) -> Result<Page<Found<UserRecord>>, IamError> {
    let (account, id) = (group.key.account, group.key.id);
    let after = window.after_name().map(|user| user.parse().map_err(|_| refusals::invalid_marker())).transpose()?;
    let after = after.map(|user| GroupMemberRowKey { account, group: id, user });
    let prefix: Prefix<GroupMemberRecord> = Prefix::of(|key| {
        key.text(account.as_str()).text(id.as_str());
    })
    .map_err(StoreError::from)?;
    let page = tx.scan(&prefix, after.as_ref(), window.limit()).await?;
    let mut users = Vec::new();
    for (GroupMemberRowKey { user, .. }, _) in &page.rows {
        users.push(entities::by_id(tx, EntityKey { account, id: *user }).await?);
    }
    let last = page.rows.last().filter(|_| page.more).map(|(row, _)| row.user.as_str());
    Ok(window.page(users, last))
}

/// UpdateGroup: another name, another path, or both. The permission is needed for the group as it is and as it will be.
pub(crate) async fn update(tx: &Transaction, input: &UpdateGroupRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let mut group: Found<GroupRecord> = entities::permitted(tx, &input.group_name, action("UpdateGroup"), ctx).await?;
    let path = input.new_path.as_ref().unwrap_or(&group.record.path).clone();
    let name = input.new_group_name.as_ref().unwrap_or(&group.record.name).clone();
    let resource = entities::arn::<GroupRecord>(ctx.caller.partition(), ctx.account(), &path, &name);
    ctx.require(action("UpdateGroup"), &Permission { resource: &resource, ..Permission::default() })?;
    entities::rename(tx, &mut group, &name).await?;
    group.record.path = path;
    group.save(tx)
}

/// DeleteGroup: of one that has no members and no policies any more.
pub(crate) async fn delete(tx: &Transaction, input: &DeleteGroupRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let group: Found<GroupRecord> = entities::permitted(tx, &input.group_name, action("DeleteGroup"), ctx).await?;
    let GroupRecord { policies, members, .. } = &group.record;
    for (is_empty, first) in [
        (*members == 0, "remove users from group"),
        (policies.managed.is_empty(), "detach all policies"),
        (policies.inline.is_empty(), "delete policies"),
    ] {
        if !is_empty {
            return Err(refusals::delete_conflict(first));
        }
    }
    entities::remove(tx, &group).await
}

/// ListGroups
pub(crate) async fn list(input: &ListGroupsRequest, ctx: &Context<'_>) -> Result<ListGroupsResponse, IamError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let listing = Listing { name: "groups", account: ctx.account(), filters: &[prefix] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("ListGroups"), &Permission::default())?;
    let snapshot = ctx.iam.store.snapshot().await?;
    let is_below = |group: &GroupRecord| group.path.starts_with(prefix);
    let page = entities::page(&snapshot, ctx.account(), &window, is_below).await?;
    let page = page.map(|group| shown(&group, ctx.caller.partition()));
    Ok(ListGroupsResponse { is_truncated: page.is_truncated(), groups: page.items, marker: page.marker })
}

/// A group as answers show it.
pub(crate) fn shown(group: &Found<GroupRecord>, partition: Partition) -> Group {
    Group {
        path: group.record.path.clone(),
        group_name: group.record.name.clone(),
        group_id: group.key.id.to_string(),
        arn: group.arn(partition),
        create_date: group.record.created,
    }
}
