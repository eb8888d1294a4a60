//! Who has a managed policy, and which managed policies there are.

use kagiban_api::iam::{
    EntityType, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse, ListPoliciesRequest, ListPoliciesResponse,
    Policy, PolicyGroup, PolicyRole, PolicyScopeType, PolicyUsageType, PolicyUser,
};
use kagiban_identity::unique_id::{UniqueId, UniqueIdKind};
use kagiban_storage::{Prefix, StoreError, Transaction};

use super::entities::{self, Entity, Found};
use super::paging::{Listing, Page};
use super::policies;
use super::policy_arns::{self, PolicyArn};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::managed_policies::{AWS_POLICIES, AwsPolicy};
use crate::records::group::GroupRecord;
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::policy::{AttachmentRecord, AttachmentRowKey};
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;
use crate::records::{EntityKey, PolicyRef};

/// Rows of an index read at a time.
const SCAN_ROWS: usize = 1000;

/// Who has a policy: by unique id.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    pub(crate) attached: Vec<UniqueId>,
    pub(crate) bounded: Vec<UniqueId>,
}

impl Uses {
    /// All in the caller's account; the quotas of entities bound how many.
    pub(crate) async fn read(tx: &Transaction, policy: &PolicyRef, ctx: &Context<'_>) -> Result<Self, IamError> {
        let account = ctx.account();
        let prefix = Prefix::<AttachmentRecord>::of(|key| {
            key.text(account.as_str()).text(&policy.to_string());
        });
        let prefix = prefix.map_err(StoreError::from)?;
        let (mut uses, mut after) = (Self::default(), None::<AttachmentRowKey>);
        loop {
            let page = tx.scan(&prefix, after.as_ref(), SCAN_ROWS).await?;
            for (key, AttachmentRecord {}) in page.rows {
                let list = if key.is_boundary { &mut uses.bounded } else { &mut uses.attached };
                list.push(key.entity);
                after = Some(key);
            }
            if !page.more {
                return Ok(uses);
            }
        }
    }
}

/// One who has a policy.
enum Member {
    Group(PolicyGroup),
    Role(PolicyRole),
    User(PolicyUser),
}

pub(crate) async fn list_entities_for_policy(
    input: &ListEntitiesForPolicyRequest,
    ctx: &Context<'_>,
) -> Result<ListEntitiesForPolicyResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let path_prefix = input.path_prefix.as_deref().unwrap_or("/");
    let kind = input.entity_filter.map_or("", EntityType::as_str);
    let usage = input.policy_usage_filter.map_or("", PolicyUsageType::as_str);
    let filters = [arn.as_str(), path_prefix, kind, usage];
    let listing = Listing { name: "ListEntitiesForPolicy", account: ctx.account(), filters: &filters };
    let window = &listing.window(input.marker.as_deref(), input.max_items)?;
    let body = |tx| async move {
        let action = super::action("ListEntitiesForPolicy");
        let policy = arn.permitted(&tx, action, &Permission::default(), ctx).await?;
        let mut users = Vec::new();
        for id in wanted(input, Uses::read(&tx, &policy.reference(), ctx).await?) {
            users.extend(user(&tx, id, path_prefix, ctx).await?);
        }
        users.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(window.of(users))
    };
    let page = ctx.transact("ListEntitiesForPolicy", body).await?;
    Ok(listed(page))
}

/// The ids of those that the request's filters let through.
fn wanted(input: &ListEntitiesForPolicyRequest, uses: Uses) -> Vec<UniqueId> {
    let (attached, bounded) = match input.policy_usage_filter {
        None => (true, true),
        Some(PolicyUsageType::PermissionsPolicy) => (true, false),
        Some(PolicyUsageType::PermissionsBoundary) => (false, true),
    };
    let kind = match input.entity_filter {
        None => None,
        Some(EntityType::Group) => Some(UniqueIdKind::Group),
        Some(EntityType::Role) => Some(UniqueIdKind::Role),
        Some(EntityType::User) => Some(UniqueIdKind::User),
        Some(EntityType::LocalManagedPolicy | EntityType::AWSManagedPolicy) => return Vec::new(),
    };
    let mut ids = if attached { uses.attached } else { Vec::new() };
    ids.extend(uses.bounded.into_iter().filter(|_| bounded));
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| kind.is_none_or(|kind| id.kind() == kind));
    ids
}

/// One of them with its place in the list, if its path is wanted.
async fn user(
    tx: &Transaction,
    id: UniqueId,
    path_prefix: &str,
    ctx: &Context<'_>,
) -> Result<Option<(String, Member)>, IamError> {
    async fn named<E: Entity>(
        tx: &Transaction,
        key: EntityKey,
        path_prefix: &str,
    ) -> Result<Option<(String, String)>, IamError> {
        let Found { record, .. } = entities::by_id::<E>(tx, key).await?;
        let place = format!("{} {}", E::KIND.as_str(), record.name());
        Ok(record.path().starts_with(path_prefix).then(|| (place, record.name().to_owned())))
    }
    let key = EntityKey { account: ctx.account(), id };
    let text = Some(id.to_string());
    Ok(match id.kind() {
        UniqueIdKind::Group => named::<GroupRecord>(tx, key, path_prefix)
            .await?
            .map(|(at, name)| (at, Member::Group(PolicyGroup { group_name: Some(name), group_id: text }))),
        UniqueIdKind::Role => named::<RoleRecord>(tx, key, path_prefix)
            .await?
            .map(|(at, name)| (at, Member::Role(PolicyRole { role_name: Some(name), role_id: text }))),
        UniqueIdKind::User => named::<UserRecord>(tx, key, path_prefix)
            .await?
            .map(|(at, name)| (at, Member::User(PolicyUser { user_name: Some(name), user_id: text }))),
        UniqueIdKind::AccessKey | UniqueIdKind::Policy | UniqueIdKind::TemporaryAccessKey => None,
    })
}

fn listed(page: Page<Member>) -> ListEntitiesForPolicyResponse {
    let is_truncated = page.is_truncated();
    let (mut groups, mut roles, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for user in page.items {
        match user {
            Member::Group(group) => groups.push(group),
            Member::Role(role) => roles.push(role),
            Member::User(user) => users.push(user),
        }
    }
    ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated,
        marker: page.marker,
    }
}

/// DIFFERS: AWS gives no order; here they come by name, AWS's and the customer's among each other.
pub(crate) async fn list_policies(
    input: &ListPoliciesRequest,
    ctx: &Context<'_>,
) -> Result<ListPoliciesResponse, IamError> {
    let path_prefix = input.path_prefix.as_deref().unwrap_or("/");
    let only_attached = if input.only_attached == Some(true) { "attached" } else { "" };
    let scope = input.scope.map_or("", PolicyScopeType::as_str);
    let usage = input.policy_usage_filter.map_or("", PolicyUsageType::as_str);
    let filters = [path_prefix, only_attached, scope, usage];
    let listing = Listing { name: "ListPolicies", account: ctx.account(), filters: &filters };
    let window = &listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(super::action("ListPolicies"), &Permission::default())?;
    let body = |tx| async move {
        let mut listed = Vec::new();
        for policy in in_scope(&tx, input.scope, ctx).await? {
            // One at a time, as their documents are large and nobody asked for them.
            let Some(policy) = policy_arns::by_reference(&tx, &policy, ctx).await? else { continue };
            if policy.path().starts_with(path_prefix) {
                let shown = policies::shown(&tx, &policy, ctx).await?;
                listed.extend(is_wanted(input, &shown).then(|| (policy.name().to_ascii_lowercase(), shown)));
            }
        }
        listed.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(window.of(listed))
    };
    let page = ctx.transact("ListPolicies", body).await?;
    Ok(ListPoliciesResponse { is_truncated: page.is_truncated(), policies: Some(page.items), marker: page.marker })
}

/// Whether the request's filters of use let the policy through.
fn is_wanted(input: &ListPoliciesRequest, policy: &Policy) -> bool {
    let attached = policy.attachment_count > Some(0);
    let bounded = policy.permissions_boundary_usage_count > Some(0);
    match input.policy_usage_filter {
        None => input.only_attached != Some(true) || attached || bounded,
        Some(PolicyUsageType::PermissionsPolicy) => attached,
        Some(PolicyUsageType::PermissionsBoundary) => bounded,
    }
}

/// The account's policies, at most as many as the quota lets in, and AWS's.
async fn in_scope(
    tx: &Transaction,
    scope: Option<PolicyScopeType>,
    ctx: &Context<'_>,
) -> Result<Vec<PolicyRef>, IamError> {
    let mut policies = Vec::new();
    if scope != Some(PolicyScopeType::Local) {
        policies.extend(AWS_POLICIES.iter().map(AwsPolicy::reference));
    }
    if scope == Some(PolicyScopeType::Aws) {
        return Ok(policies);
    }
    let prefix = NameRowKey::prefix(ctx.account(), NameKind::Policy).map_err(StoreError::from)?;
    let mut after = None::<NameRowKey>;
    loop {
        let page = tx.scan::<NameRecord>(&prefix, after.as_ref(), SCAN_ROWS).await?;
        for (key, NameRecord { id }) in page.rows {
            policies.push(PolicyRef::Customer(id));
            after = Some(key);
        }
        if !page.more {
            return Ok(policies);
        }
    }
}
