//! The end of grants: of one, and of all that a key has.

use kagiban_base::arn::KeyArn;
use kagiban_storage::{StoreError, Transaction};

use crate::Service;
use crate::error::ServiceError;
use crate::records::Place;
use crate::records::grant::{
    GrantCountRecord, GrantNameRecord, GrantRecord, GrantRowKey, RetirableGrantRecord, RetirableGrantRowKey,
};

/// Grants deleted in one transaction: each has up to three rows, a batch takes a hundred.
const BATCH_LEN: usize = 30;

/// Deletes a grant that this transaction has read.
pub(super) async fn remove(tx: &Transaction, grant: &GrantRowKey, record: &GrantRecord) -> Result<(), ServiceError> {
    let key = grant.key_arn();
    let count: GrantCountRecord = tx.read(&key.into()).await?.unwrap_or_default();
    set_count(tx, &key, count.count.saturating_sub(1))?;
    delete_rows(tx, grant, record).await
}

async fn delete_rows(tx: &Transaction, grant: &GrantRowKey, record: &GrantRecord) -> Result<(), ServiceError> {
    tx.delete::<GrantRecord>(grant)?;
    if let Some(retiring) = &record.retiring {
        tx.delete::<RetirableGrantRecord>(&RetirableGrantRowKey::new(grant, &retiring.identity))?;
    }
    // The entry by name may be another grant's, whose parameters have the same hash.
    if let Some(name) = record.name_key(&grant.key_arn())
        && tx.read::<GrantNameRecord>(&name).await?.is_some_and(|named| named.grant_id == grant.grant_id)
    {
        tx.delete::<GrantNameRecord>(&name)?;
    }
    Ok(())
}

fn set_count(tx: &Transaction, key: &KeyArn, count: u32) -> Result<(), StoreError> {
    match count {
        0 => tx.delete::<GrantCountRecord>(&(*key).into()),
        count => tx.put(&(*key).into(), &GrantCountRecord { count }),
    }
}

/// Deletes every grant on a key, in as many transactions as it takes; for the end of the key. It can be called again when
/// it was interrupted.
#[expect(dead_code, reason = "called when keys are deleted at the end of their waiting period, which comes next")]
pub(crate) async fn remove_all(key: &KeyArn, service: &Service) -> Result<(), ServiceError> {
    let place = Place { region: key.region, account: key.account };
    loop {
        let more = service
            .transact("remove grants", |tx| async move {
                let count: GrantCountRecord = tx.read(&(*key).into()).await?.unwrap_or_default();
                let prefix = place.key_prefix::<GrantRecord>(key.key_id).map_err(StoreError::from)?;
                let page = tx.scan(&prefix, None, BATCH_LEN).await?;
                for (grant, record) in &page.rows {
                    delete_rows(&tx, grant, record).await?;
                }
                let removed = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
                if removed > 0 {
                    set_count(&tx, key, if page.more { count.count.saturating_sub(removed) } else { 0 })?;
                }
                Ok::<_, ServiceError>(page.more)
            })
            .await?;
        if !more {
            return Ok(());
        }
    }
}
