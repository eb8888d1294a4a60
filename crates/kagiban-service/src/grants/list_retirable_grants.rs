//! ListRetirableGrants.

use std::fmt;
use std::str::FromStr;

use kagiban_api::{ListGrantsResponse, ListRetirableGrantsRequest};
use kagiban_base::id::{AccountId, InvalidId, KeyId};
use kagiban_iam::caller::Principal;
use kagiban_storage::Prefix;

use super::listing::{PAGE, entry};
use super::{principals, services_only};
use crate::authorize;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::paging::Listing;
use crate::records::grant::{GrantId, GrantRecord, PrincipalIdentity, RetirableGrantRecord, RetirableGrantRowKey};

/// Lists the grants in the Region that a principal of the caller's account may retire, on whosever keys they are.
pub(crate) async fn handle(
    input: &ListRetirableGrantsRequest,
    ctx: &Context<'_>,
) -> Result<ListGrantsResponse, ServiceError> {
    let retiring = permitted(input, ctx)?;
    let region = ctx.caller.region();
    let bound_to = retiring.to_string();
    let listing = Listing::new("retirable-grants", ctx.place(), &bound_to);
    let after = listing.read_marker::<Position>(input.marker.as_deref())?;
    let after = after.map(|Position { account, key_id, grant_id }| RetirableGrantRowKey {
        region,
        retiring: retiring.clone(),
        account,
        key_id,
        grant_id,
    });
    let prefix = Prefix::of(|key| {
        key.text(region.as_str()).text(&bound_to);
    });
    let page = PAGE.read::<RetirableGrantRecord>(input.limit, prefix, after.as_ref(), ctx).await?;
    let mut grants = Vec::with_capacity(page.rows.len());
    for (index, _) in &page.rows {
        // Read from the snapshot of the page, so index and grant agree.
        let record: Option<GrantRecord> = page.snapshot.read(&index.grant()).await?;
        let record = record.ok_or(ServiceError::Internal(InternalError::RowMissing("grant")))?;
        grants.push(entry(&index.grant(), &record, ctx));
    }
    Ok(ListGrantsResponse {
        grants: Some(grants),
        next_marker: page.last_if_truncated().map(|(last, _)| listing.marker(&Position::of(last).to_string())),
        truncated: Some(page.truncated),
    })
}

/// The principal whose grants are asked for, if the caller may see them: one of its own account, or the service itself.
fn permitted(input: &ListRetirableGrantsRequest, ctx: &Context<'_>) -> Result<PrincipalIdentity, ServiceError> {
    let refuse = |text: &str| Err(ServiceError::Validation(text.to_owned()));
    match (&input.retiring_principal, &input.retiring_service_principal) {
        (None, None) => refuse("Grants are listed by RetiringPrincipal or by RetiringServicePrincipal."),
        (Some(_), Some(_)) => {
            refuse("Grants can be listed by RetiringPrincipal or by RetiringServicePrincipal, but not by both.")
        }
        (None, Some(service)) => permitted_service(service, ctx),
        (Some(principal), None) => {
            authorize::without_key(ctx.row.action, principal, &[], ctx)?;
            match principals::look_up(principal, ctx.directory()) {
                Some((identity, account)) if account == ctx.caller.account() => Ok(identity),
                // Who exists in another account is not told.
                _ => Err(ServiceError::InvalidArn(principal.clone())),
            }
        }
    }
}

fn permitted_service(name: &str, ctx: &Context<'_>) -> Result<PrincipalIdentity, ServiceError> {
    match ctx.caller.principal() {
        Principal::Service(own) if **own == *name => Ok(PrincipalIdentity::Service(name.into())),
        Principal::Service(_) => {
            authorize::without_key(ctx.row.action, name, &[], ctx).map(|()| PrincipalIdentity::Service(name.into()))
        }
        _ => Err(services_only("RetiringServicePrincipal")),
    }
}

/// The place of an entry among those of its principal.
struct Position {
    account: AccountId,
    key_id: KeyId,
    grant_id: GrantId,
}

impl Position {
    fn of(key: &RetirableGrantRowKey) -> Self {
        Self { account: key.account, key_id: key.key_id, grant_id: key.grant_id }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.account, self.key_id, self.grant_id)
    }
}

impl FromStr for Position {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut parts = text.splitn(3, '/');
        let mut next = || parts.next().unwrap_or_default();
        Ok(Self { account: next().parse()?, key_id: next().parse()?, grant_id: next().parse()? })
    }
}
