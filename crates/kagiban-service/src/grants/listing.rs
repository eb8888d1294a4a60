//! What ListGrants and ListRetirableGrants have in common: the entry, and the length of a page.

use kagiban_api::GrantListEntry;

use super::principals;
use crate::context::Context;
use crate::paging::PageSize;
use crate::records::grant::{GrantPrincipal, GrantRecord, GrantRowKey, PrincipalIdentity};

/// Grants on a page: default and maximum.
pub(super) const PAGE: PageSize = PageSize { default: 50, max: 100 };

/// A grant as it is listed.
pub(super) fn entry(grant: &GrantRowKey, record: &GrantRecord, ctx: &Context<'_>) -> GrantListEntry {
    let (grantee_principal, grantee_service_principal) = shown(Some(&record.grantee), ctx);
    let (retiring_principal, retiring_service_principal) = shown(record.retiring.as_ref(), ctx);
    GrantListEntry {
        key_id: Some(grant.key_arn().to_string()),
        grant_id: Some(grant.grant_id.to_string()),
        name: Some(record.name.clone().unwrap_or_default()),
        creation_date: Some(record.created),
        grantee_principal,
        retiring_principal,
        issuing_account: Some(record.issuer.root_arn(ctx.caller.partition())),
        operations: Some(record.operations.clone()),
        constraints: record.constraints.to_api(),
        grantee_service_principal,
        retiring_service_principal,
    }
}

/// A party as a principal or as a service.
fn shown(principal: Option<&GrantPrincipal>, ctx: &Context<'_>) -> (Option<String>, Option<String>) {
    let text = principal.map(|principal| principals::shown(principal, ctx.directory()));
    match principal.map(|principal| &principal.identity) {
        Some(PrincipalIdentity::Service(_)) => (None, text),
        _ => (text, None),
    }
}
