//! Automatic rotation when it is due.
//!
//! A key that is disabled or whose deletion is pending is not due. When it is enabled again after its date, it rotates once,
//! however many dates have passed, and the next period counts from then. Two nodes at once rotate once: the second finds the
//! next date in the key's row.

use kagiban_api::RotationType;
use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use kagiban_storage::Transaction;

use crate::Service;
use crate::error::ServiceError;
use crate::records::key::{KeyBody, KeyRecord};
use crate::rotation::rotate::rotate;

pub(super) fn due_at(key: &KeyBody) -> Option<Timestamp> {
    key.rotation_due()
}

/// Rotates the key if it is due; whether it was.
pub(super) async fn run(key: &KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    let rotated = service.transact_unasked("rotate a key", |tx| rotate_due(tx, *key, service, now)).await?;
    if rotated {
        tracing::info!(%key, "automatic rotation gave the key new material");
    }
    Ok(rotated)
}

async fn rotate_due(tx: Transaction, arn: KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    let Some(body) = tx.read::<KeyBody>(&arn.into()).await? else { return Ok(false) };
    if body.rotation_due().is_none_or(|due| due > now) {
        return Ok(false);
    }
    let mut key = KeyRecord::new(arn, body);
    if let Some(automatic) = &mut key.body.rotation.automatic {
        automatic.next = now.plus_days(i64::from(automatic.period_days));
    }
    rotate(&tx, &mut key, RotationType::Automatic, now, service).await?;
    Ok(true)
}
