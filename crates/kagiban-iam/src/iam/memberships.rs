//! Who is in which group. A membership stands in the user's row, where deciding needs it, in a row of its own, by which a
//! group's members are listed, and in the group's count, which deleting the group depends on.

use kagiban_api::iam::{
    AddUserToGroupRequest, ListGroupsForUserRequest, ListGroupsForUserResponse, RemoveUserFromGroupRequest,
};
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::paging::Listing;
use super::quotas;
use super::{action, groups};
use crate::context::Context;
use crate::error::IamError;
use crate::records::EntityKey;
use crate::records::group::{GroupMemberRecord, GroupMemberRowKey, GroupRecord};
use crate::records::user::UserRecord;

/// AddUserToGroup. Who is in it stays in it.
pub(crate) async fn add(tx: &Transaction, input: &AddUserToGroupRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let (mut group, mut user) = both(tx, &input.group_name, &input.user_name, "AddUserToGroup", ctx).await?;
    if !user.record.groups.insert(group.key.id) {
        return Ok(());
    }
    quotas::GROUPS_PER_USER.allow(user.record.groups.len())?;
    group.record.members = group.record.members.saturating_add(1);
    tx.put(&row(&group, &user), &GroupMemberRecord {})?;
    group.save(tx)?;
    user.save(tx)
}

/// RemoveUserFromGroup. Who is not in it stays out.
pub(crate) async fn remove(
    tx: &Transaction,
    input: &RemoveUserFromGroupRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let (mut group, mut user) = both(tx, &input.group_name, &input.user_name, "RemoveUserFromGroup", ctx).await?;
    if !user.record.groups.remove(&group.key.id) {
        return Ok(());
    }
    group.record.members = group.record.members.saturating_sub(1);
    tx.delete::<GroupMemberRecord>(&row(&group, &user))?;
    group.save(tx)?;
    user.save(tx)
}

/// The permission is on the group; so who lacks it doesn't learn of users either.
async fn both(
    tx: &Transaction,
    group: &str,
    user: &str,
    name: &'static str,
    ctx: &Context<'_>,
) -> Result<(Found<GroupRecord>, Found<UserRecord>), IamError> {
    let group = entities::permitted(tx, group, action(name), ctx).await?;
    let user = entities::look_up(tx, ctx.account(), user).await?.existing()?;
    Ok((group, user))
}

fn row(group: &Found<GroupRecord>, user: &Found<UserRecord>) -> GroupMemberRowKey {
    GroupMemberRowKey { account: group.key.account, group: group.key.id, user: user.key.id }
}

/// ListGroupsForUser, by name.
pub(crate) async fn list(
    tx: &Transaction,
    input: &ListGroupsForUserRequest,
    ctx: &Context<'_>,
) -> Result<ListGroupsForUserResponse, IamError> {
    let listing = Listing { name: "groups-of-user", account: ctx.account(), filters: &[&input.user_name] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let user: Found<UserRecord> = entities::permitted(tx, &input.user_name, action("ListGroupsForUser"), ctx).await?;
    let page = window.of(of_user(tx, &user).await?.into_iter().map(|group| (group.record.name.clone(), group)));
    let page = page.map(|group| groups::shown(&group, ctx.caller.partition()));
    Ok(ListGroupsForUserResponse { is_truncated: page.is_truncated(), groups: page.items, marker: page.marker })
}

/// The groups that a user is in, by name.
pub(crate) async fn of_user(tx: &Transaction, user: &Found<UserRecord>) -> Result<Vec<Found<GroupRecord>>, IamError> {
    let mut groups = Vec::new();
    for id in &user.record.groups {
        let group: Found<GroupRecord> = entities::by_id(tx, EntityKey { account: user.key.account, id: *id }).await?;
        groups.push(group);
    }
    groups.sort_by(|one, other| one.record.name.cmp(&other.record.name));
    Ok(groups)
}
