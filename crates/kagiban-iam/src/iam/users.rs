//! Users: made, shown, renamed, tagged, deleted.

use kagiban_api::iam::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, GetUserRequest, GetUserResponse, ListUserTagsRequest,
    ListUserTagsResponse, ListUsersRequest, ListUsersResponse, TagUserRequest, UntagUserRequest, UpdateUserRequest,
    User,
};
use kagiban_base::id::Partition;
use kagiban_policy::ConditionValue;
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::owner::Owner;
use super::paging::Listing;
use super::{action, documents, holders, refusals, tags};
use crate::context::{Context, Fact, Permission};
use crate::error::IamError;
use crate::records::Attachments;
use crate::records::user::UserRecord;

/// CreateUser. Tags in it need the permission of TagUser, too.
pub(crate) async fn create(
    tx: &Transaction,
    input: &CreateUserRequest,
    ctx: &Context<'_>,
) -> Result<CreateUserResponse, IamError> {
    let tags = tags::checked(input.tags.as_deref())?;
    let path = input.path.as_deref().unwrap_or("/");
    let resource = entities::arn::<UserRecord>(ctx.caller.partition(), ctx.account(), path, &input.user_name);
    let own: Vec<Fact<'_>> = input
        .permissions_boundary
        .iter()
        .map(|arn| ("iam:permissionsboundary", ConditionValue::One(arn.as_str().into())))
        .collect();
    let asked =
        Permission { resource: &resource, own: &own, request_tags: documents::given(&tags), ..Permission::default() };
    ctx.require(action("CreateUser"), &asked)?;
    if !tags.is_empty() {
        ctx.require(action("TagUser"), &asked)?;
    }
    let record = UserRecord {
        name: input.user_name.clone(),
        path: path.to_owned(),
        created: ctx.now,
        tags,
        policies: Attachments::default(),
        boundary: None,
        groups: Default::default(),
        access_keys: Vec::new(),
        mfa_devices: Default::default(),
    };
    let mut user = entities::create(tx, record, ctx).await?;
    if let Some(arn) = &input.permissions_boundary {
        holders::set_boundary(tx, &mut user, arn, ctx).await?;
        user.save(tx)?;
    }
    Ok(CreateUserResponse { user: Some(detailed(tx, &user, ctx).await?) })
}

/// GetUser: of the caller, if no name is given.
pub(crate) async fn get(
    tx: &Transaction,
    input: &GetUserRequest,
    ctx: &Context<'_>,
) -> Result<GetUserResponse, IamError> {
    let user = match Owner::permitted(tx, input.user_name.as_deref(), "GetUser", ctx).await? {
        Owner::Root(_) => root(ctx),
        Owner::User(user) => detailed(tx, &user, ctx).await?,
    };
    Ok(GetUserResponse { user })
}

/// UpdateUser: another name, another path, or both. The permission is needed for the user as it is and as it will be.
pub(crate) async fn update(tx: &Transaction, input: &UpdateUserRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let mut user: Found<UserRecord> = entities::permitted(tx, &input.user_name, action("UpdateUser"), ctx).await?;
    let path = input.new_path.as_ref().unwrap_or(&user.record.path).clone();
    let name = input.new_user_name.as_ref().unwrap_or(&user.record.name).clone();
    let resource = entities::arn::<UserRecord>(ctx.caller.partition(), ctx.account(), &path, &name);
    let resource_tags = Some(&user.record.tags);
    ctx.require(action("UpdateUser"), &Permission { resource: &resource, resource_tags, ..Permission::default() })?;
    entities::rename(tx, &mut user, &name).await?;
    user.record.path = path;
    user.save(tx)
}

/// DeleteUser: of one that has nothing and is in nothing any more. A permissions boundary goes with it.
pub(crate) async fn delete(tx: &Transaction, input: &DeleteUserRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let mut user: Found<UserRecord> = entities::permitted(tx, &input.user_name, action("DeleteUser"), ctx).await?;
    let UserRecord { policies, groups, access_keys, mfa_devices, .. } = &user.record;
    for (is_empty, first) in [
        (access_keys.is_empty(), "delete access keys"),
        (mfa_devices.is_empty(), "delete MFA device"),
        (policies.managed.is_empty(), "detach all policies"),
        (policies.inline.is_empty(), "delete policies"),
        (groups.is_empty(), "remove users from group"),
    ] {
        if !is_empty {
            return Err(refusals::delete_conflict(first));
        }
    }
    holders::clear_boundary(tx, &mut user, ctx).await?;
    entities::remove(tx, &user).await
}

/// ListUsers
pub(crate) async fn list(input: &ListUsersRequest, ctx: &Context<'_>) -> Result<ListUsersResponse, IamError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let listing = Listing { name: "users", account: ctx.account(), filters: &[prefix] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("ListUsers"), &Permission::default())?;
    let snapshot = ctx.iam.store.snapshot().await?;
    let is_below = |user: &UserRecord| user.path.starts_with(prefix);
    let page = entities::page(&snapshot, ctx.account(), &window, is_below).await?;
    let page = page.map(|user| shown(&user, ctx.caller.partition()));
    Ok(ListUsersResponse { is_truncated: page.is_truncated(), users: page.items, marker: page.marker })
}

/// TagUser
pub(crate) async fn tag(tx: &Transaction, input: &TagUserRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let new = tags::checked(Some(&input.tags))?;
    let lookup = entities::look_up::<UserRecord>(tx, ctx.account(), &input.user_name).await?;
    let asked = Permission { request_tags: documents::given(&new), ..Permission::default() };
    lookup.require(action("TagUser"), &asked, ctx)?;
    let mut user = lookup.existing()?;
    tags::add(&mut user.record.tags, &new)?;
    user.save(tx)
}

/// UntagUser
pub(crate) async fn untag(tx: &Transaction, input: &UntagUserRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let lookup = entities::look_up::<UserRecord>(tx, ctx.account(), &input.user_name).await?;
    let own = [tags::keys_fact(&input.tag_keys)];
    lookup.require(action("UntagUser"), &Permission { own: &own, ..Permission::default() }, ctx)?;
    let mut user = lookup.existing()?;
    tags::remove(&mut user.record.tags, &input.tag_keys);
    user.save(tx)
}

/// ListUserTags
pub(crate) async fn list_tags(
    tx: &Transaction,
    input: &ListUserTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListUserTagsResponse, IamError> {
    let listing = Listing { name: "user-tags", account: ctx.account(), filters: &[&input.user_name] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let user: Found<UserRecord> = entities::permitted(tx, &input.user_name, action("ListUserTags"), ctx).await?;
    let page = tags::page(&user.record.tags, &window);
    Ok(ListUserTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}

/// A user as lists show it.
pub(crate) fn shown(user: &Found<UserRecord>, partition: Partition) -> User {
    User {
        path: user.record.path.clone(),
        user_name: user.record.name.clone(),
        user_id: user.key.id.to_string(),
        arn: user.arn(partition),
        create_date: user.record.created,
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

/// A user with its tags and its permissions boundary.
async fn detailed(tx: &Transaction, user: &Found<UserRecord>, ctx: &Context<'_>) -> Result<User, IamError> {
    Ok(User {
        permissions_boundary: holders::shown_boundary(tx, user.record.boundary.as_ref(), ctx).await?,
        tags: tags::shown(&user.record.tags),
        ..shown(user, ctx.caller.partition())
    })
}

/// The account's root as a user: its id is the account's number, and its name the account's alias, if there is one.
pub(crate) fn root(ctx: &Context<'_>) -> User {
    let account = ctx.iam.directory.account(ctx.account());
    let alias = account.as_ref().and_then(|account| account.alias.clone());
    User {
        path: "/".to_owned(),
        user_name: alias.unwrap_or_else(|| "root".to_owned()),
        user_id: ctx.account().to_string(),
        arn: ctx.account().root_arn(ctx.caller.partition()),
        create_date: account.map_or(ctx.now, |account| account.created),
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}
