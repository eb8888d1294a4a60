//! Changing the root key: every domain key is opened by the old one and wrapped by the new one, in one transaction.
//!
//! What the domain keys wrap is not touched, so this takes milliseconds whatever the store holds. While nodes run that open with
//! the old root key at their next start, both wrap ([`Stage::Both`]); once all have been started with the new one, the old
//! wrapping is dropped. Copies of the store from before still open with the old root key; docs/key-hierarchy.md tells how to put
//! them out of reach.

use kagiban_base::random::Random;
use kagiban_base::time::Timestamp;
use kagiban_keycore::root_key::{RootKey, RootKeyError};
use kagiban_recovery::RecoveryIdentity;
use kagiban_storage::{Prefix, Store, StoreError, Transaction};

use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::records::node::{NodeRecord, Standing};
use crate::records::node_formats::NodeFormatsRecord;
use crate::sealing::DomainKeysError;
use crate::sealing::stored::{self, DOMAIN_KEYS_MAX};

/// Nodes that one store can have.
const NODES_MAX: usize = 1000;

/// What opens the domain keys as they are.
#[derive(Clone, Copy)]
pub enum Opener<'a> {
    /// A root key that wraps them.
    RootKey(&'a dyn RootKey),
    /// The recovery key that they are sealed to.
    RecoveryKey(&'a RecoveryIdentity),
}

/// How far a change of the root key goes at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The new one wraps beside the old one.
    Both,
    /// Only the new one wraps.
    NewOnly,
}

/// A node that may need the root key again as it was given it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunningNode {
    /// What it is called.
    pub name: String,
    /// When it was started.
    pub started: Timestamp,
    /// Whether its program is of a version from before formats, which may not read what a change of the root key writes.
    pub is_older: bool,
}

/// The root key could not be changed; nothing was.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// There is no deployment in the store.
    #[error("the store has no deployment in it")]
    NoDeployment,
    /// A domain key does not open.
    #[error(transparent)]
    DomainKeys(#[from] DomainKeysError),
    /// The new root key does not wrap.
    #[error("the new root key does not work")]
    RootKey(#[from] RootKeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing would open the store any more.
    #[error("a deployment without a root key needs a recovery key, and this one has none: kagiban recovery create")]
    NothingOpens,
    /// A rotation of the domain key is at its beginning.
    #[error("a rotation of the domain key is under way; wait until kagiban domain-key status shows no prepared one")]
    RotationUnderWay,
    /// Another change was begun, and nodes may need what it wraps.
    #[error(
        "a change of the root key is under way: restart the nodes with the one that is to stay, and finish with kagiban rekey --finish"
    )]
    ChangeUnderWay,
    /// Nodes run that were started before the change was begun.
    #[error("the node {} was started before the root key was changed; restart it with the new one first", .0.name)]
    NodeOfBefore(RunningNode),
    /// A program that may not read what would be written shares the store.
    #[error(
        "the node {} is of an older version, which may not read the domain keys then; upgrade or stop it first. One that is gone is \
         taken off by any other node within a minute",
        .0.name
    )]
    OlderNode(RunningNode),
}

/// The nodes that take part now, or did until lately.
///
/// # Errors
/// [`StoreError`]
pub async fn running_nodes(store: &Store) -> Result<Vec<RunningNode>, StoreError> {
    let snapshot = store.snapshot().await?;
    let page = snapshot.scan::<NodeRecord>(&Prefix::all(), None, NODES_MAX).await?;
    let said = snapshot.scan::<NodeFormatsRecord>(&Prefix::all(), None, NODES_MAX).await?.rows;
    let members = page.rows.into_iter().filter(|(_, node)| node.standing == Standing::Member);
    let running = members.map(|(row, node)| RunningNode {
        is_older: !said.iter().any(|(of, formats)| of.0 == row.0 && formats.started == node.started),
        name: node.name.to_string(),
        started: node.started,
    });
    Ok(running.collect())
}

/// Wraps all domain keys by another root key, or by none. Returns how many there are. Done twice it does nothing more.
///
/// # Errors
/// [`RekeyError`]
pub async fn rekey(
    store: &Store,
    old: Opener<'_>,
    new: Option<&dyn RootKey>,
    (stage, now): (Stage, Timestamp),
    random: &dyn Random,
) -> Result<usize, RekeyError> {
    if let Some(older) = running_nodes(store).await?.into_iter().find(|node| node.is_older) {
        return Err(RekeyError::OlderNode(older));
    }
    let change = |tx: Transaction| async move {
        let rows = domain_keys(&tx).await?;
        for (row, record) in &rows {
            if let Some(changed) = changed(row, record, old, new, (stage, now), random)? {
                tx.put(row, &changed)?;
            }
        }
        Ok::<_, RekeyError>(rows.len())
    };
    Ok(store.transact("ChangeRootKey", change).await?.0)
}

/// Drops all other wrappings than those of this root key, once no node needs them. Returns how many domain keys there are.
///
/// # Errors
/// [`RekeyError`]
pub async fn finish(store: &Store, new: &dyn RootKey) -> Result<usize, RekeyError> {
    let nodes = &running_nodes(store).await?;
    let change = |tx: Transaction| async move {
        let rows = domain_keys(&tx).await?;
        for (row, record) in &rows {
            stored::unwrap(row, record, new)?;
            let Some(since) = record.rekeyed else { continue };
            if let Some(node) = nodes.iter().find(|node| node.started <= since) {
                return Err(RekeyError::NodeOfBefore(node.clone()));
            }
            let mut wrapped = [&record.wrapped, &record.also_wrapped].into_iter().flatten();
            let wrapped = wrapped.find(|wrapped| new.unwrap_key(wrapped, &row.binding()).is_ok()).cloned();
            tx.put(row, &DomainKeyRecord { wrapped, also_wrapped: None, rekeyed: None, ..record.clone() })?;
        }
        Ok::<_, RekeyError>(rows.len())
    };
    Ok(store.transact("FinishChangeOfRootKey", change).await?.0)
}

/// The domain keys, all conditions of the commit.
async fn domain_keys(tx: &Transaction) -> Result<Vec<(DomainKeyRowKey, DomainKeyRecord)>, RekeyError> {
    let deployment = tx.read::<DeploymentRecord>(&DeploymentRowKey).await?.ok_or(RekeyError::NoDeployment)?;
    let mut rows = Vec::new();
    for (row, _) in tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?.rows {
        let Some(record) = tx.read::<DomainKeyRecord>(&row).await? else { continue };
        if record.replaced.is_none() && row.0 != deployment.current_domain_key {
            return Err(RekeyError::RotationUnderWay);
        }
        rows.push((row, record));
    }
    // Whoever adds a domain key has read this row.
    tx.put(&DeploymentRowKey, &deployment)?;
    Ok(rows)
}

/// The row as it shall be; `None` where it is so.
fn changed(
    row: &DomainKeyRowKey,
    record: &DomainKeyRecord,
    old: Opener<'_>,
    new: Option<&dyn RootKey>,
    (stage, now): (Stage, Timestamp),
    random: &dyn Random,
) -> Result<Option<DomainKeyRecord>, RekeyError> {
    let domain_key = match old {
        Opener::RootKey(root_key) => stored::unwrap(row, record, root_key)?,
        Opener::RecoveryKey(identity) => stored::open_sealed(row, record, identity)?,
    };
    if new.is_none() && record.sealed.is_none() {
        return Err(RekeyError::NothingOpens);
    }
    let is_wrapped = new.is_some_and(|new| stored::unwrap(row, record, new).is_ok());
    if stage == Stage::Both && is_wrapped {
        return Ok(None);
    }
    if stage == Stage::Both && record.also_wrapped.is_some() && matches!(old, Opener::RootKey(_)) {
        return Err(RekeyError::ChangeUnderWay);
    }
    let wrap = |root_key: &dyn RootKey| root_key.wrap(domain_key.secret(), &row.binding(), random);
    let wrapped = new.map(wrap).transpose()?;
    let record = record.clone();
    Ok(Some(match stage {
        Stage::Both if record.wrapped.is_some() => {
            DomainKeyRecord { also_wrapped: wrapped, rekeyed: Some(now), ..record }
        }
        Stage::Both | Stage::NewOnly => DomainKeyRecord { wrapped, also_wrapped: None, rekeyed: None, ..record },
    }))
}
