//! GetAccountAuthorizationDetails: everybody in the account and everything that decides about them, page by page.

use kagiban_api::iam::{
    EntityType, GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse, GroupDetail,
    ManagedPolicyDetail, PolicyDetail, PolicyVersion, RoleDetail, UserDetail,
};
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::{Prefix, StoreError, Transaction};

use super::entities::{self, Found};
use super::paging::Listing;
use super::{action, attachments, documents, holders, memberships, quotas, tags};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::managed_policies::{AWS_POLICIES, AwsPolicy};
use crate::principals;
use crate::records::group::GroupRecord;
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::policy::{AttachmentRecord, PolicyRecord};
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;
use crate::records::{Attachments, EntityKey, PolicyRef};

/// What an entry of the listing is.
enum Entry {
    User(UniqueId),
    Group(UniqueId),
    Role(UniqueId),
    Policy(UniqueId),
    /// A policy of AWS that somebody in the account has, and how often it is attached and is a boundary.
    Aws(&'static AwsPolicy, Uses),
}

#[derive(Clone, Copy, Default)]
struct Uses {
    attachments: usize,
    boundaries: usize,
}

/// Users, groups, roles, the account's managed policies, then those of AWS that are in use; or what the filter leaves of it.
pub(crate) async fn get(
    tx: &Transaction,
    input: &GetAccountAuthorizationDetailsRequest,
    ctx: &Context<'_>,
) -> Result<GetAccountAuthorizationDetailsResponse, IamError> {
    let wanted: Vec<EntityType> = input.filter.clone().filter(|f| !f.is_empty()).unwrap_or(EntityType::ALL.to_vec());
    let filters: Vec<&str> = wanted.iter().map(|kind| kind.as_str()).collect();
    let listing = Listing { name: "account-details", account: ctx.account(), filters: &filters };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("GetAccountAuthorizationDetails"), &Permission::default())?;
    let page = window.of(entries(tx, &wanted, ctx).await?);
    let mut answer = GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: page.is_truncated(),
        marker: page.marker,
    };
    for entry in page.items {
        add(tx, entry, &mut answer, ctx).await?;
    }
    Ok(answer)
}

/// All entries in order, by names that sort so.
async fn entries(tx: &Transaction, wanted: &[EntityType], ctx: &Context<'_>) -> Result<Vec<(String, Entry)>, IamError> {
    let mut entries = Vec::new();
    for (order, kind) in [NameKind::User, NameKind::Group, NameKind::Role, NameKind::Policy].into_iter().enumerate() {
        let (entity_type, entry) = of_kind(kind);
        if wanted.contains(&entity_type) {
            let names = names(tx, kind, ctx).await?;
            entries.extend(names.into_iter().map(|(name, id)| (format!("{order}{name}"), entry(id))));
        }
    }
    if wanted.contains(&EntityType::AWSManagedPolicy) {
        for policy in &AWS_POLICIES {
            let uses = uses(tx, &policy.reference(), ctx).await?;
            if uses.attachments + uses.boundaries > 0 {
                entries.push((format!("9{}", policy.name), Entry::Aws(policy, uses)));
            }
        }
    }
    Ok(entries)
}

/// How the filter calls what has names of this kind, and what it is in the listing.
const fn of_kind(kind: NameKind) -> (EntityType, fn(UniqueId) -> Entry) {
    match kind {
        NameKind::User => (EntityType::User, Entry::User),
        NameKind::Group => (EntityType::Group, Entry::Group),
        NameKind::Role => (EntityType::Role, Entry::Role),
        NameKind::Policy => (EntityType::LocalManagedPolicy, Entry::Policy),
    }
}

/// Names in lower case, in order, and what they lead to.
async fn names(tx: &Transaction, kind: NameKind, ctx: &Context<'_>) -> Result<Vec<(String, UniqueId)>, IamError> {
    let prefix: Prefix<NameRecord> = NameRowKey::prefix(ctx.account(), kind).map_err(StoreError::from)?;
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = tx.scan(&prefix, after.as_ref(), quotas::USERS.max).await?;
        names.extend(page.rows.iter().map(|(row, record)| (row.folded().to_owned(), record.id)));
        after = page.rows.into_iter().last().map(|(row, _)| row);
        if !page.more || after.is_none() {
            return Ok(names);
        }
    }
}

/// Who has a policy of AWS.
async fn uses(tx: &Transaction, policy: &PolicyRef, ctx: &Context<'_>) -> Result<Uses, IamError> {
    let prefix: Prefix<AttachmentRecord> = Prefix::of(|key| {
        key.text(ctx.account().as_str()).text(&policy.to_string());
    })
    .map_err(StoreError::from)?;
    let (mut uses, mut after) = (Uses::default(), None);
    loop {
        let page = tx.scan(&prefix, after.as_ref(), quotas::USERS.max).await?;
        let boundaries = page.rows.iter().filter(|(row, _)| row.is_boundary).count();
        uses.boundaries += boundaries;
        uses.attachments += page.rows.len() - boundaries;
        after = page.rows.into_iter().last().map(|(row, _)| row);
        if !page.more || after.is_none() {
            return Ok(uses);
        }
    }
}

async fn add(
    tx: &Transaction,
    entry: Entry,
    answer: &mut GetAccountAuthorizationDetailsResponse,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let key = |id| EntityKey { account: ctx.account(), id };
    match entry {
        Entry::User(id) => {
            let detail = user(tx, entities::by_id(tx, key(id)).await?, ctx).await?;
            answer.user_detail_list.get_or_insert_default().push(detail);
        }
        Entry::Group(id) => {
            let detail = group(tx, entities::by_id(tx, key(id)).await?, ctx).await?;
            answer.group_detail_list.get_or_insert_default().push(detail);
        }
        Entry::Role(id) => {
            let detail = role(tx, entities::by_id(tx, key(id)).await?, ctx).await?;
            answer.role_detail_list.get_or_insert_default().push(detail);
        }
        Entry::Policy(id) => {
            let detail = policy(entities::by_id(tx, key(id)).await?, ctx);
            answer.policies.get_or_insert_default().push(detail);
        }
        Entry::Aws(policy, uses) => answer.policies.get_or_insert_default().push(aws_policy(policy, uses, ctx)),
    }
    Ok(())
}

async fn user(tx: &Transaction, user: Found<UserRecord>, ctx: &Context<'_>) -> Result<UserDetail, IamError> {
    let groups = memberships::of_user(tx, &user).await?;
    Ok(UserDetail {
        arn: Some(user.arn(ctx.caller.partition())),
        user_policy_list: Some(inline(&user.record.policies)),
        group_list: Some(groups.into_iter().map(|group| group.record.name).collect()),
        attached_managed_policies: Some(attachments::shown(tx, &user.record, ctx).await?),
        permissions_boundary: holders::shown_boundary(tx, user.record.boundary.as_ref(), ctx).await?,
        tags: tags::shown(&user.record.tags),
        create_date: Some(user.record.created),
        user_id: Some(user.key.id.to_string()),
        path: Some(user.record.path),
        user_name: Some(user.record.name),
    })
}

async fn group(tx: &Transaction, group: Found<GroupRecord>, ctx: &Context<'_>) -> Result<GroupDetail, IamError> {
    Ok(GroupDetail {
        arn: Some(group.arn(ctx.caller.partition())),
        group_policy_list: Some(inline(&group.record.policies)),
        attached_managed_policies: Some(attachments::shown(tx, &group.record, ctx).await?),
        create_date: Some(group.record.created),
        group_id: Some(group.key.id.to_string()),
        path: Some(group.record.path),
        group_name: Some(group.record.name),
    })
}

async fn role(tx: &Transaction, role: Found<RoleRecord>, ctx: &Context<'_>) -> Result<RoleDetail, IamError> {
    let trust_policy = principals::show(&role.record.trust_policy, &ctx.iam.directory);
    Ok(RoleDetail {
        arn: Some(role.arn(ctx.caller.partition())),
        assume_role_policy_document: Some(documents::shown(&trust_policy)),
        instance_profile_list: Some(Vec::new()),
        role_policy_list: Some(inline(&role.record.policies)),
        attached_managed_policies: Some(attachments::shown(tx, &role.record, ctx).await?),
        permissions_boundary: holders::shown_boundary(tx, role.record.boundary.as_ref(), ctx).await?,
        tags: tags::shown(&role.record.tags),
        role_last_used: None,
        create_date: Some(role.record.created),
        role_id: Some(role.key.id.to_string()),
        path: Some(role.record.path),
        role_name: Some(role.record.name),
    })
}

fn policy(found: Found<PolicyRecord>, ctx: &Context<'_>) -> ManagedPolicyDetail {
    let arn = found.arn(ctx.caller.partition());
    let policy = found.record;
    let version = |(number, version): (&u32, &crate::records::policy::PolicyVersion)| PolicyVersion {
        document: Some(documents::shown(&version.document)),
        version_id: Some(format!("v{number}")),
        is_default_version: Some(*number == policy.default_version),
        create_date: Some(version.created),
    };
    ManagedPolicyDetail {
        policy_version_list: Some(policy.versions.iter().rev().map(version).collect()),
        policy_id: Some(found.key.id.to_string()),
        arn: Some(arn),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: i32::try_from(policy.attachments).ok(),
        permissions_boundary_usage_count: i32::try_from(policy.boundary_uses).ok(),
        is_attachable: Some(true),
        description: Some(policy.description).filter(|text| !text.is_empty()),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        path: Some(policy.path),
        policy_name: Some(policy.name),
    }
}

fn aws_policy(policy: &AwsPolicy, uses: Uses, ctx: &Context<'_>) -> ManagedPolicyDetail {
    let version = PolicyVersion {
        document: Some(documents::shown(policy.document)),
        version_id: Some("v1".to_owned()),
        is_default_version: Some(true),
        create_date: None,
    };
    ManagedPolicyDetail {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id.to_owned()),
        arn: Some(policy.arn(ctx.caller.partition())),
        path: Some(policy.path.to_owned()),
        default_version_id: Some("v1".to_owned()),
        attachment_count: Some(quotas::shown(uses.attachments)),
        permissions_boundary_usage_count: Some(quotas::shown(uses.boundaries)),
        is_attachable: Some(true),
        description: Some(policy.description.to_owned()),
        create_date: None,
        update_date: None,
        policy_version_list: Some(vec![version]),
    }
}

fn inline(policies: &Attachments) -> Vec<PolicyDetail> {
    let shown = |(name, document): (&String, &String)| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(documents::shown(document)),
    };
    policies.inline.iter().map(shown).collect()
}
