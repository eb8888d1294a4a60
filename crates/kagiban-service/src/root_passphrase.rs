//! The parameters of a root passphrase, in a store that several nodes share: with them a node joins by its passphrase alone.
//!
//! They are written once and then stay: another passphrase is stretched with the same salt, or nodes that still open with the one of
//! before could not start. An older program passes the row over, and goes on with the file of its data directory. So the row may
//! be of no use where such a program changed the root key; whoever has a file as well asks [`opens`] before it believes the row.

use kagiban_keycore::passphrase::PassphraseParameters;
use kagiban_keycore::root_key::RootKey;
use kagiban_storage::row;
use kagiban_storage::{Batch, RowError, Store, StoreError, Transaction};

use crate::records::root_passphrase::{RootPassphraseRecord, RootPassphraseRowKey};
use crate::sealing::stored::{self, StoredDomainKeys};

/// The parameters in the store, if there are any.
///
/// # Errors
/// [`StoreError`]
pub async fn parameters(store: &Store) -> Result<Option<PassphraseParameters>, StoreError> {
    let record: Option<RootPassphraseRecord> = store.snapshot().await?.read(&RootPassphraseRowKey).await?;
    Ok(record.map(|record| record.parameters))
}

/// Keeps parameters in a store that has none.
///
/// # Errors
/// [`StoreError`]
pub async fn keep(store: &Store, parameters: PassphraseParameters) -> Result<(), StoreError> {
    let keep = |tx: Transaction| async move {
        if tx.read::<RootPassphraseRecord>(&RootPassphraseRowKey).await?.is_none() {
            tx.put(&RootPassphraseRowKey, &RootPassphraseRecord { parameters })?;
        }
        Ok::<_, StoreError>(())
    };
    store.transact("KeepRootPassphraseParameters", keep).await?;
    Ok(())
}

/// The first batch of a store, with parameters in it.
///
/// # Errors
/// [`RowError`]
pub fn with_parameters(batch: Batch, parameters: PassphraseParameters) -> Result<Batch, RowError> {
    let key = row::encode_key::<RootPassphraseRecord>(&RootPassphraseRowKey)?;
    Ok(batch.put(key, row::encode(&RootPassphraseRecord { parameters })?))
}

/// Whether a root key opens the domain keys of a store.
///
/// # Errors
/// [`StoreError`]
pub async fn opens(store: &Store, root_key: &dyn RootKey) -> Result<bool, StoreError> {
    let stored = StoredDomainKeys::read(&store.snapshot().await?).await?;
    Ok(stored
        .is_some_and(|stored| stored.rows.iter().all(|(row, record)| stored::unwrap(row, record, root_key).is_ok())))
}
