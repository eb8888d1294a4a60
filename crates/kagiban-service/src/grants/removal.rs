//! The end of grants: of one, and of all that a key has.

use kagiban_base::arn::KeyArn;
use kagiban_storage::{Revision, Store, StoreError, Transaction};

use crate::records::Place;
use crate::records::grant::{
    GrantCountRecord, GrantNameRecord, GrantRecord, GrantRowKey, RetirableGrantRecord, RetirableGrantRowKey,
};

/// Grants deleted in one transaction: each has up to three rows, a batch takes a hundred.
const BATCH_LEN: usize = 30;

/// Deletes a grant that this transaction has read.
pub(crate) async fn remove(tx: &Transaction, grant: &GrantRowKey, record: &GrantRecord) -> Result<(), StoreError> {
    let key = grant.key_arn();
    let count: GrantCountRecord = tx.read(&key.into()).await?.unwrap_or_default();
    set_count(tx, &key, count.count.saturating_sub(1))?;
    delete_rows(tx, grant, record).await
}

async fn delete_rows(tx: &Transaction, grant: &GrantRowKey, record: &GrantRecord) -> Result<(), StoreError> {
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

/// Deletes every grant on a key, in as many transactions as it takes; for the end of the key, when no more can be made. It
/// can be called again when it was interrupted. Returns the revision of the last one, if there was any.
///
/// # Errors
/// Those of the store.
pub(crate) async fn remove_all(key: &KeyArn, store: &Store) -> Result<Option<Revision>, StoreError> {
    let mut last = None;
    loop {
        let (more, revision) = store.transact("remove grants", |tx| remove_batch(key, tx)).await?;
        last = revision.or(last);
        if !more {
            return Ok(last);
        }
    }
}

/// Deletes the first grants of a key; whether there may be more.
async fn remove_batch(key: &KeyArn, tx: Transaction) -> Result<bool, StoreError> {
    let count: GrantCountRecord = tx.read(&(*key).into()).await?.unwrap_or_default();
    let place = Place { region: key.region, account: key.account };
    let page = tx.scan(&place.key_prefix::<GrantRecord>(key.key_id)?, None, BATCH_LEN).await?;
    for (grant, record) in &page.rows {
        delete_rows(&tx, grant, record).await?;
    }
    let removed = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
    if removed > 0 {
        set_count(&tx, key, if page.more { count.count.saturating_sub(removed) } else { 0 })?;
    }
    Ok(page.more)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kagiban_storage::engine::KeyRange;
    use kagiban_storage::{Engine, MemoryEngine, Prefix};

    use super::*;
    use crate::records::grant::GrantId;

    const GRANT: &str = r#"{"created":1,"issuer":"111122223333","grantee":{"given":"x","identity":"111122223333"},"retiring":{"given":"y","identity":"s3.amazonaws.com"},"operations":["Decrypt"]}"#;

    fn key(last: char) -> KeyArn {
        format!("arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-55555555555{last}").parse().unwrap()
    }

    /// Makes grants with names of their own.
    async fn make(key: KeyArn, grants: u8, store: &Store) {
        for number in 0..grants {
            let made = store.transact("make", |tx| async move {
                let record: GrantRecord = serde_json::from_str(GRANT).unwrap();
                let record = GrantRecord { name: Some(number.to_string()), ..record };
                let grant = GrantRowKey::new(&key, GrantId::from_bytes([number; 32]));
                tx.put(&grant, &record)?;
                tx.put(
                    &RetirableGrantRowKey::new(&grant, &record.retiring.as_ref().unwrap().identity),
                    &RetirableGrantRecord {},
                )?;
                tx.put(&record.name_key(&key).unwrap(), &GrantNameRecord { grant_id: grant.grant_id })?;
                tx.put(&key.into(), &GrantCountRecord { count: u32::from(number) + 1 })?;
                Ok::<_, StoreError>(())
            });
            made.await.unwrap();
        }
    }

    #[tokio::test]
    async fn all_grants_of_a_key_go_and_no_others() {
        for grants in [0, 1, 30, 95] {
            let engine = MemoryEngine::new();
            let store = Store::new(Arc::new(engine.clone()));
            make(key('1'), grants, &store).await;
            make(key('2'), 2, &store).await;
            let removed = remove_all(&key('1'), &store).await.unwrap();
            assert_eq!(removed.is_some(), grants > 0, "{grants}");
            let left = store.snapshot().await.unwrap().scan::<GrantRecord>(&Prefix::all(), None, 100).await.unwrap();
            assert!(left.rows.len() == 2 && left.rows.iter().all(|(grant, _)| grant.key_arn() == key('2')));
            // Three rows for each grant, and the count.
            let rows = engine.snapshot().await.unwrap().scan(&KeyRange::prefix(b""), 100).await.unwrap();
            assert_eq!(rows.entries.len(), 7, "{grants}");
            assert!(remove_all(&key('2'), &store).await.unwrap().is_some());
            assert!(
                engine.snapshot().await.unwrap().scan(&KeyRange::prefix(b""), 100).await.unwrap().entries.is_empty()
            );
        }
    }
}
