//! Versions of managed policies. The default version is what is in force, from the next request on.

use kagiban_api::iam::{
    CreatePolicyVersionRequest, CreatePolicyVersionResponse, DeletePolicyVersionRequest, ErrorCode,
    GetPolicyVersionRequest, GetPolicyVersionResponse, ListPolicyVersionsRequest, ListPolicyVersionsResponse,
    PolicyVersion as ShownVersion, SetDefaultPolicyVersionRequest,
};

use super::paging::Listing;
use super::policy_arns::{ManagedPolicy, PolicyArn};
use super::{action, documents, quotas, refusals};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::managed_policies::AwsPolicy;
use crate::records::policy::{PolicyRecord, PolicyVersion};

pub(crate) async fn create_policy_version(
    input: &CreatePolicyVersionRequest,
    ctx: &Context<'_>,
) -> Result<CreatePolicyVersionResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let mut policy =
            arn.permitted_customer(&tx, action("CreatePolicyVersion"), &Permission::default(), ctx).await?;
        documents::check_managed(&input.policy_document)?;
        let record = &mut policy.record;
        quotas::VERSIONS_PER_POLICY.allow(record.versions.len().saturating_add(1))?;
        let number = record.next_version;
        record.next_version = number.saturating_add(1);
        let version = PolicyVersion { created: ctx.now, document: input.policy_document.clone() };
        record.versions.insert(number, version);
        if input.set_as_default == Some(true) {
            record.default_version = number;
        }
        record.updated = ctx.now;
        policy.save(&tx)?;
        let version = ShownVersion { document: None, ..shown(&policy.record, number)? };
        Ok(CreatePolicyVersionResponse { policy_version: Some(version) })
    };
    ctx.transact("CreatePolicyVersion", body).await
}

pub(crate) async fn get_policy_version(
    input: &GetPolicyVersionRequest,
    ctx: &Context<'_>,
) -> Result<GetPolicyVersionResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let policy = arn.permitted(&tx, action("GetPolicyVersion"), &Permission::default(), ctx).await?;
        let version = match policy {
            ManagedPolicy::Aws(policy) if input.version_id == "v1" => shown_aws(policy),
            ManagedPolicy::Aws(_) => return Err(missing(&arn, &input.version_id)),
            ManagedPolicy::Customer(found) => shown(&found.record, number(&found.record, &arn, &input.version_id)?)?,
        };
        Ok(GetPolicyVersionResponse { policy_version: Some(version) })
    };
    ctx.transact("GetPolicyVersion", body).await
}

pub(crate) async fn list_policy_versions(
    input: &ListPolicyVersionsRequest,
    ctx: &Context<'_>,
) -> Result<ListPolicyVersionsResponse, IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let filters = [arn.as_str()];
    let listing = Listing { name: "ListPolicyVersions", account: ctx.account(), filters: &filters };
    let window = &listing.window(input.marker.as_deref(), input.max_items)?;
    let body = |tx| async move {
        let versions = match arn.permitted(&tx, action("ListPolicyVersions"), &Permission::default(), ctx).await? {
            ManagedPolicy::Aws(policy) => vec![shown_aws(policy)],
            ManagedPolicy::Customer(found) => {
                let numbers = found.record.versions.keys().rev();
                numbers.map(|number| shown(&found.record, *number)).collect::<Result<_, _>>()?
            }
        };
        // Newest first, as IAM lists them; a version has the same place whatever was deleted after the page before.
        let placed = versions.into_iter().map(|version| {
            let number = version.version_id.as_deref().and_then(version_number).unwrap_or_default();
            (format!("{:010}", u32::MAX - number), ShownVersion { document: None, ..version })
        });
        Ok(window.of(placed))
    };
    let page = ctx.transact("ListPolicyVersions", body).await?;
    Ok(ListPolicyVersionsResponse {
        is_truncated: page.is_truncated(),
        versions: Some(page.items),
        marker: page.marker,
    })
}

pub(crate) async fn delete_policy_version(
    input: &DeletePolicyVersionRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let mut policy =
            arn.permitted_customer(&tx, action("DeletePolicyVersion"), &Permission::default(), ctx).await?;
        let number = number(&policy.record, &arn, &input.version_id)?;
        if number == policy.record.default_version {
            let text = "Cannot delete the default version of a policy.";
            return Err(IamError::iam(ErrorCode::DeleteConflict, text));
        }
        policy.record.versions.remove(&number);
        policy.save(&tx)
    };
    ctx.transact("DeletePolicyVersion", body).await
}

pub(crate) async fn set_default_policy_version(
    input: &SetDefaultPolicyVersionRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let arn = PolicyArn::parse(&input.policy_arn)?;
    let body = |tx| async move {
        let action = action("SetDefaultPolicyVersion");
        let mut policy = arn.permitted_customer(&tx, action, &Permission::default(), ctx).await?;
        policy.record.default_version = number(&policy.record, &arn, &input.version_id)?;
        policy.record.updated = ctx.now;
        policy.save(&tx)
    };
    ctx.transact("SetDefaultPolicyVersion", body).await
}

/// The number of a version that is there.
fn number(record: &PolicyRecord, arn: &PolicyArn<'_>, version_id: &str) -> Result<u32, IamError> {
    let number = version_number(version_id).filter(|number| record.versions.contains_key(number));
    number.ok_or_else(|| missing(arn, version_id))
}

/// `v12`
fn version_number(version_id: &str) -> Option<u32> {
    version_id.strip_prefix('v')?.parse().ok()
}

fn missing(arn: &PolicyArn<'_>, version_id: &str) -> IamError {
    let arn = arn.as_str();
    refusals::no_such_entity(format!("Policy {arn} version {version_id} does not exist or is not attachable."))
}

/// A version with its document.
fn shown(record: &PolicyRecord, number: u32) -> Result<ShownVersion, IamError> {
    let version = record.versions.get(&number).ok_or(crate::error::InternalError::RowMissing("policy version"))?;
    Ok(ShownVersion {
        document: Some(documents::shown(&version.document)),
        version_id: Some(format!("v{number}")),
        is_default_version: Some(number == record.default_version),
        create_date: Some(version.created),
    })
}

fn shown_aws(policy: &AwsPolicy) -> ShownVersion {
    ShownVersion {
        document: Some(documents::shown(policy.document)),
        version_id: Some("v1".to_owned()),
        is_default_version: Some(true),
        create_date: Some(policy.created()),
    }
}
