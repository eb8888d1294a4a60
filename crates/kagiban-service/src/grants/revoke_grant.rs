//! RevokeGrant.

use kagiban_api::RevokeGrantRequest;

use super::{grant_id, is_for_aws_resource, removal};
use crate::context::Context;
use crate::cryptographic::refuse_dry_run;
use crate::error::ServiceError;
use crate::keys::change::load;
use crate::records::grant::{GrantRecord, GrantRowKey};
use crate::resolve;

/// Deletes a grant, by right over its key. It is without force from the next request on.
pub(crate) async fn handle(input: &RevokeGrantRequest, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let facts = [is_for_aws_resource(ctx)];
    let (named, facts) = (&named, &facts);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let key = load(&tx, named, facts, ctx).await?.into_subject();
            let grant = GrantRowKey::new(&key.arn, grant_id(&input.grant_id)?);
            let record: Option<GrantRecord> = tx.read(&grant).await?;
            let record = record.ok_or(ServiceError::GrantNotFound(grant.grant_id.to_string()))?;
            refuse_dry_run(input.dry_run)?;
            Ok(removal::remove(&tx, &grant, &record).await?)
        })
        .await
}
