//! ListGrants.

use kagiban_api::{GrantListEntry, ListGrantsRequest, ListGrantsResponse};
use kagiban_base::arn::KeyArn;
use kagiban_iam::caller::Principal;
use kagiban_storage::StoreError;

use super::listing::{PAGE, entry};
use super::{grant_id, is_for_aws_resource, principals};
use crate::context::Context;
use crate::error::ServiceError;
use crate::paging::Listing;
use crate::records::Place;
use crate::records::grant::{GrantId, GrantPrincipal, GrantRecord, GrantRowKey, PrincipalIdentity};
use crate::resolve;

/// Grants that one request reads at most when a filter leaves few of them; the page is then short and has a marker.
const SCANNED_MAX: usize = 2_000;

/// Lists a key's grants in the order of their ids: all, that of one id, or those of one grantee.
pub(crate) async fn handle(input: &ListGrantsRequest, ctx: &Context<'_>) -> Result<ListGrantsResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[is_for_aws_resource(ctx)], ctx)?.into_subject();
    let filter = Filter::read(input, ctx)?;
    let place = Place { region: key.arn.region, account: key.arn.account };
    let bound_to = format!("{}/{}", key.arn.key_id, filter.text(input));
    let listing = Listing::new("grants", place, &bound_to);
    let after = listing.read_marker::<GrantId>(input.marker.as_deref())?;
    let found = match filter.id {
        Some(id) => one(&key.arn, id, &filter, ctx).await?,
        None => page(&key.arn, after, &filter, input.limit, ctx).await?,
    };
    Ok(ListGrantsResponse {
        grants: Some(found.grants),
        next_marker: found.last.map(|last| listing.marker(&last.to_string())),
        truncated: Some(found.last.is_some()),
    })
}

/// A page; `last` is what it ends with if more may follow.
struct Found {
    grants: Vec<GrantListEntry>,
    last: Option<GrantId>,
}

async fn one(key: &KeyArn, id: GrantId, filter: &Filter, ctx: &Context<'_>) -> Result<Found, ServiceError> {
    let grant = GrantRowKey::new(key, id);
    let record: Option<GrantRecord> = ctx.service.store.snapshot().await?.read(&grant).await?;
    let record = record.filter(|record| filter.admits(&record.grantee, ctx));
    Ok(Found { grants: record.iter().map(|record| entry(&grant, record, ctx)).collect(), last: None })
}

async fn page(
    key: &KeyArn,
    after: Option<GrantId>,
    filter: &Filter,
    limit: Option<i32>,
    ctx: &Context<'_>,
) -> Result<Found, ServiceError> {
    let limit = PAGE.limit(limit);
    let place = Place { region: key.region, account: key.account };
    let prefix = place.key_prefix::<GrantRecord>(key.key_id).map_err(StoreError::from)?;
    let snapshot = ctx.service.store.snapshot().await?;
    let mut after = after.map(|id| GrantRowKey::new(key, id));
    let mut grants = Vec::new();
    let mut scanned: usize = 0;
    loop {
        let rows = snapshot.scan(&prefix, after.as_ref(), limit.saturating_sub(grants.len())).await?;
        scanned = scanned.saturating_add(rows.rows.len());
        let admitted = rows.rows.iter().filter(|(_, record)| filter.admits(&record.grantee, ctx));
        grants.extend(admitted.map(|(grant, record)| entry(grant, record, ctx)));
        after = rows.rows.last().map(|(grant, _)| *grant).or(after);
        if !rows.more {
            return Ok(Found { grants, last: None });
        }
        if grants.len() >= limit || scanned >= SCANNED_MAX {
            return Ok(Found { grants, last: after.map(|grant| grant.grant_id) });
        }
    }
}

/// Which grants are wanted.
struct Filter {
    id: Option<GrantId>,
    grantee: Option<Grantee>,
}

enum Grantee {
    /// An account, under either of its names.
    Account(PrincipalIdentity),
    /// What is shown as this text.
    Shown(String),
    Service(String),
}

impl Filter {
    fn read(input: &ListGrantsRequest, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        let id = input.grant_id.as_deref().map(grant_id).transpose()?;
        let grantee = match (&input.grantee_principal, &input.grantee_service_principal) {
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(ServiceError::Validation(
                    "Grants can be listed by GranteePrincipal or by GranteeServicePrincipal, but not by both."
                        .to_owned(),
                ));
            }
            (Some(principal), None) => Some(Grantee::read(principal, ctx)?),
            (None, Some(service)) => Some(Grantee::service(service, ctx)?),
        };
        Ok(Self { id, grantee })
    }

    /// What markers are bound to.
    fn text(&self, input: &ListGrantsRequest) -> String {
        let text = |member: &Option<String>| member.clone().unwrap_or_default();
        format!("{}/{}", text(&input.grantee_principal), text(&input.grantee_service_principal))
    }

    fn admits(&self, grantee: &GrantPrincipal, ctx: &Context<'_>) -> bool {
        match &self.grantee {
            None => true,
            Some(Grantee::Account(account)) => grantee.identity == *account,
            Some(Grantee::Shown(text)) => principals::shown(grantee, ctx.directory()) == *text,
            Some(Grantee::Service(name)) => grantee.identity == PrincipalIdentity::Service(name.as_str().into()),
        }
    }
}

impl Grantee {
    /// One who is gone can be asked for, by the unique id that the grant shows or by a name that nobody has.
    fn read(text: &str, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        if let Some((account @ PrincipalIdentity::Account(_), _)) = principals::look_up(text, ctx.directory()) {
            return Ok(Self::Account(account));
        }
        if principals::is_well_formed(text) {
            return Ok(Self::Shown(text.to_owned()));
        }
        Err(ServiceError::InvalidArn(text.to_owned()))
    }

    fn service(name: &str, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        match ctx.caller.principal() {
            Principal::Service(_) => Ok(Self::Service(name.to_owned())),
            _ => Err(super::services_only("GranteeServicePrincipal")),
        }
    }
}
