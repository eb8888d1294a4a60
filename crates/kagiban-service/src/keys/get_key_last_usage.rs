//! GetKeyLastUsage.

use kagiban_api::{GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData};
use kagiban_base::arn::KeyArn;
use kagiban_base::event_id::EventId;
use kagiban_base::time::Timestamp;

use crate::Service;
use crate::context::Context;
use crate::error::ServiceError;
use crate::records::key::KeyRowKey;
use crate::records::key_use::{KeyUseRecord, LastUse};
use crate::resolve;

/// Tells the last successful cryptographic operation with a key, in every state, to the very operation and without delay on the
/// node that did it; other nodes know once it is written down. Of a use that an older version wrote down only the time is
/// known. A key without a known use has an empty KeyLastUsage.
pub(crate) async fn handle(
    input: &GetKeyLastUsageRequest,
    ctx: &Context<'_>,
) -> Result<GetKeyLastUsageResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    let (arn, created) = (key.subject().arn, key.subject().body.created);
    let last = last_use(&arn, created, ctx.service).await?;
    Ok(GetKeyLastUsageResponse {
        key_id: Some(arn.key_id.to_string()),
        key_last_usage: Some(last.map_or_else(KeyLastUsageData::default, |last| data(&arn, &last))),
        tracking_start_date: Some(ctx.service.key_uses_since.max(created)),
        key_creation_date: Some(created),
    })
}

/// The last use of a key since it was made, of what this node noted and what is stored the later one.
///
/// # Errors
/// Those of the store.
pub(crate) async fn last_use(
    key: &KeyArn,
    created: Timestamp,
    service: &Service,
) -> Result<Option<LastUse>, ServiceError> {
    // In this order: what is written meanwhile is in the snapshot.
    let noted = service.view.key_uses().last_unwritten(key);
    let stored = service.store.snapshot().await?.read::<KeyUseRecord>(&KeyRowKey::from(*key)).await?;
    Ok(stored
        .map(|stored| stored.last_use())
        .into_iter()
        .chain(noted)
        .filter(|last| last.at >= created)
        .max_by_key(|last| last.at))
}

fn data(key: &KeyArn, last: &LastUse) -> KeyLastUsageData {
    KeyLastUsageData {
        operation: last.operation,
        timestamp: Some(last.at),
        cloud_trail_event_id: last.request_id.map(|request| EventId::of(request, key.account).to_string()),
        kms_request_id: last.request_id.map(|request| request.to_string()),
    }
}
