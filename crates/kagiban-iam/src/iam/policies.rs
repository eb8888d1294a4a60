//! Managed policies of customers, and AWS's for reading.

use kagiban_api::iam::{
    CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, ErrorCode, GetPolicyRequest, GetPolicyResponse,
    ListPolicyTagsRequest, ListPolicyTagsResponse, Policy, TagPolicyRequest, UntagPolicyRequest,
};
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::paging::Listing;
use super::policy_arns::{ManagedPolicy, PolicyArn};
use super::policy_uses::Uses;
use super::{action, documents, quotas, tags};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::policy::{PolicyRecord, PolicyVersion};

pub(crate) async fn create_policy(
    input: &CreatePolicyRequest,
    ctx: &Context<'_>,
) -> Result<CreatePolicyResponse, IamError> {
    let tags = &tags::checked(input.tags.as_deref())?;
    let path = input.path.as_deref().unwrap_or("/");
    let arn = entities::arn::<PolicyRecord>(ctx.caller.partition(), ctx.account(), path, &input.policy_name);
    let request_tags = documents::given(tags);
    let asked = Permission { resource: &arn, request_tags, ..Permission::default() };
    ctx.require(action("CreatePolicy"), &asked)?;
    if !tags.is_empty() {
        ctx.require(action("TagPolicy"), &asked)?;
    }
    documents::check_managed(&input.policy_document)?;
    let body = |tx| async move {
        let version = PolicyVersion { created: ctx.now, document: input.policy_document.clone() };
        let record = PolicyRecord {
            name: input.policy_name.clone(),
            path: path.to_owned(),
            created: ctx.now,
            updated: ctx.now,
            description: input.description.clone().unwrap_or_default(),
            default_version: 1,
            next_version: 2,
            versions: [(1, version)].into(),
            tags: tags.clone(),
            attachments: 0,
            boundary_uses: 0,
        };
        entities::create(&tx, record, ctx).await
    };
    let found = ctx.transact("CreatePolicy", body).await?;
    let policy = Policy { tags: tags::shown(&found.record.tags), ..customer(&found, ctx) };
    Ok(CreatePolicyResponse { policy: Some(policy) })
}

pub(crate) async fn get_policy(input: &GetPolicyRequest, ctx: &Context<'_>) -> Result<GetPolicyResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let policy = arn.permitted(&tx, action("GetPolicy"), &Permission::default(), ctx).await?;
        let mut shown = shown(&tx, &policy, ctx).await?;
        match &policy {
            ManagedPolicy::Aws(policy) => shown.description = Some(policy.description.to_owned()),
            ManagedPolicy::Customer(Found { record, .. }) => {
                shown.description = (!record.description.is_empty()).then(|| record.description.clone());
                shown.tags = tags::shown(&record.tags);
            }
        }
        Ok(GetPolicyResponse { policy: Some(shown) })
    };
    ctx.transact("GetPolicy", body).await
}

pub(crate) async fn delete_policy(input: &DeletePolicyRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let policy = arn.permitted_customer(&tx, action("DeletePolicy"), &Permission::default(), ctx).await?;
        let conflict = |text: &str| Err(IamError::iam(ErrorCode::DeleteConflict, text));
        if policy.record.attachments > 0 || policy.record.boundary_uses > 0 {
            return conflict("Cannot delete a policy attached to entities.");
        }
        if policy.record.versions.len() > 1 {
            return conflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                 versions. The default version is deleted with the policy.",
            );
        }
        entities::remove(&tx, &policy).await
    };
    ctx.transact("DeletePolicy", body).await
}

pub(crate) async fn tag_policy(input: &TagPolicyRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let new = &tags::checked(Some(&input.tags))?;
    let body = |tx| async move {
        let asked = Permission { request_tags: Some(new), ..Permission::default() };
        let mut policy = arn.permitted_customer(&tx, action("TagPolicy"), &asked, ctx).await?;
        tags::add(&mut policy.record.tags, new)?;
        policy.save(&tx)
    };
    ctx.transact("TagPolicy", body).await
}

pub(crate) async fn untag_policy(input: &UntagPolicyRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let asked = Permission { own: &[tags::keys_fact(&input.tag_keys)], ..Permission::default() };
        let mut policy = arn.permitted_customer(&tx, action("UntagPolicy"), &asked, ctx).await?;
        tags::remove(&mut policy.record.tags, &input.tag_keys);
        policy.save(&tx)
    };
    ctx.transact("UntagPolicy", body).await
}

pub(crate) async fn list_policy_tags(
    input: &ListPolicyTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListPolicyTagsResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let filters = [arn.as_str()];
    let listing = Listing { name: "ListPolicyTags", account: ctx.account(), filters: &filters };
    let window = &listing.window(input.marker.as_deref(), input.max_items)?;
    let body = |tx| async move {
        match arn.permitted(&tx, action("ListPolicyTags"), &Permission::default(), ctx).await? {
            ManagedPolicy::Aws(_) => Ok(window.of([])),
            ManagedPolicy::Customer(found) => Ok(tags::page(&found.record.tags, window)),
        }
    };
    let page = ctx.transact("ListPolicyTags", body).await?;
    Ok(ListPolicyTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}

/// A policy as lists show it: without description and tags.
pub(crate) async fn shown(tx: &Transaction, policy: &ManagedPolicy, ctx: &Context<'_>) -> Result<Policy, IamError> {
    match policy {
        ManagedPolicy::Customer(found) => Ok(customer(found, ctx)),
        ManagedPolicy::Aws(policy) => {
            let uses = Uses::read(tx, &policy.reference(), ctx).await?;
            Ok(Policy {
                policy_name: Some(policy.name.to_owned()),
                policy_id: Some(policy.id.to_owned()),
                arn: Some(policy.arn(ctx.caller.partition())),
                path: Some(policy.path.to_owned()),
                default_version_id: Some("v1".to_owned()),
                attachment_count: Some(quotas::shown(uses.attached.len())),
                permissions_boundary_usage_count: Some(quotas::shown(uses.bounded.len())),
                is_attachable: Some(true),
                description: None,
                create_date: Some(policy.created()),
                update_date: Some(policy.created()),
                tags: None,
            })
        }
    }
}

fn customer(found: &Found<PolicyRecord>, ctx: &Context<'_>) -> Policy {
    let record = &found.record;
    let count = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    Policy {
        policy_name: Some(record.name.clone()),
        policy_id: Some(found.key.id.to_string()),
        arn: Some(found.arn(ctx.caller.partition())),
        path: Some(record.path.clone()),
        default_version_id: Some(format!("v{}", record.default_version)),
        attachment_count: Some(count(record.attachments)),
        permissions_boundary_usage_count: Some(count(record.boundary_uses)),
        is_attachable: Some(true),
        description: None,
        create_date: Some(record.created),
        update_date: Some(record.updated),
        tags: None,
    }
}
