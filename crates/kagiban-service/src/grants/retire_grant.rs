//! RetireGrant.

use kagiban_api::{GrantOperation, RetireGrantRequest};
use kagiban_policy::GrantedTo;

use super::{grant_id, principals, removal, tokens};
use crate::authorize;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::cryptographic::refuse_dry_run;
use crate::error::ServiceError;
use crate::records::grant::{GrantRecord, GrantRowKey, PrincipalIdentity};
use crate::records::key::{KeyBody, KeyRecord};
use crate::resolve;

/// Deletes a grant, by right of a party to it. It is without force from the next request on.
pub(crate) async fn handle(input: &RetireGrantRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let grant = &named(input, ctx)?;
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let arn = grant.key_arn();
            let body: Option<KeyBody> = tx.read(&arn.into()).await?;
            let record: Option<GrantRecord> = tx.read(grant).await?;
            let (Some(body), Some(record)) = (&body, &record) else {
                return Err(missing(grant, body.is_some(), input, ctx));
            };
            let key = KeyRecord::new(arn, body.clone());
            let constraints = record.constraints.to_api();
            let facts = [Fact::GrantConstraints(constraints.as_ref())];
            authorize::retirement(&key, right(record, ctx), &facts, ctx)?;
            refuse_dry_run(input.dry_run)?;
            Ok::<_, ServiceError>(removal::remove(&tx, grant, record).await?)
        })
        .await?;
    ctx.notes.additional_id("grantId", grant.grant_id);
    Ok(())
}

/// The grant that the request names: by a token alone, or by key and id.
fn named(input: &RetireGrantRequest, ctx: &Context<'_>) -> Result<GrantRowKey, ServiceError> {
    let refuse = |text: &str| Err(ServiceError::Validation(text.to_owned()));
    match (&input.grant_token, &input.key_id, &input.grant_id) {
        (Some(token), None, None) => tokens::open(token, ctx),
        (None, Some(key), Some(id)) => {
            let named = resolve::named(key, ctx.row.action, ctx)?;
            Ok(GrantRowKey::new(&named.arn, grant_id(id)?))
        }
        (None, None, Some(_)) => refuse(
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
        ),
        _ => refuse("A grant is retired by its GrantToken alone, or by KeyId and GrantId."),
    }
}

/// The refusal for a grant that is not there. Of another account's key nothing is said, not even that it exists.
fn missing(grant: &GrantRowKey, key_exists: bool, input: &RetireGrantRequest, ctx: &Context<'_>) -> ServiceError {
    match (&input.grant_token, grant.place.account == ctx.caller.account()) {
        (Some(_), _) => ServiceError::GrantTokenInvalid,
        (None, false) => authorize::foreign(ctx.row.action, ctx),
        (None, true) if key_exists => ServiceError::GrantNotFound(grant.grant_id.to_string()),
        (None, true) => ServiceError::KeyNotFound(grant.key_arn()),
    }
}

/// By which right the caller may retire the grant: as the retiring principal, as the grantee if it may retire, else by what
/// its account allows it, if that is one of these or the one that made the grant.
fn right(record: &GrantRecord, ctx: &Context<'_>) -> Option<GrantedTo> {
    let is_retiring =
        |identity: &PrincipalIdentity| record.retiring.as_ref().is_some_and(|retiring| retiring.identity == *identity);
    let is_grantee = |identity: &PrincipalIdentity| {
        record.operations.contains(&GrantOperation::RetireGrant) && record.grantee.identity == *identity
    };
    let is_issuer = |identity: &PrincipalIdentity| *identity == PrincipalIdentity::Account(record.issuer);
    principals::forms(&ctx.caller.requester())
        .find(|(identity, _)| is_retiring(identity) || is_grantee(identity) || is_issuer(identity))
        .map(|(_, form)| form)
}
