//! Replacing the domain key in daily use while requests are answered.
//!
//! In steps, each of which leaves a store that works, and each of which is taken by whoever comes by: what a node that was killed
//! had begun goes on with its next start, or on another node.
//!
//! 1. RotateDomainKey writes the row of a new domain key. It is **prepared**: every node puts it into its ring and nobody
//!    writes with it yet. Its row has it under the domain key of before as well, so each node has it before any row that it
//!    wraps, without asking for the root key ([`taking_over`]).
//! 2. Once all nodes know it, it becomes current, and the one before is **replaced**. From this commit on no transaction can
//!    write under the old one, however long ago and wherever it began ([`keeper`]).
//! 3. Row by row, what the old one wrapped is wrapped by the new one ([`rewrap`]), until none is left; since no more can come,
//!    that is so for ever, and written down: the old key is **needless**. One whose rows do not open is kept for them, and the
//!    next rotation does not wait for it.
//! 4. When nothing is valid any more that the old one sealed and that is no row (sessions, import tokens, tokens of grants),
//!    its row is deleted, with a note to erase what is left of it in the store's file.

pub(crate) mod keeper;
pub(crate) mod rewrap;
pub(crate) mod taking_over;

use std::collections::BTreeSet;
use std::time::Duration;

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyId};
use kagiban_keycore::root_key::{RootKey, RootKeyError};
use kagiban_storage::{Prefix, Transaction};

use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::operator::OperatorError;
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};
use crate::sealing::DomainKeysError;
use crate::sealing::stored::{self, DOMAIN_KEYS_MAX, StoredDomainKeys};

/// Domain keys at once: while one is kept for its sessions, others may be made.
const KEYS_AT_ONCE: usize = 16;
/// How long an old domain key is kept after it was replaced: the longest session has 36 hours, an import token 24.
const KEPT_AFTER_MS: i64 = 37 * 3_600_000;
/// The same where sessions of before need not go on: what was under way is through by then.
const KEPT_AFTER_AT_LEAST_MS: i64 = 60_000;
/// Pause where nothing is under way; a change of the rows ends it.
const PAUSE: Duration = Duration::from_secs(3600);
/// Longest pause where something is to be done at a certain time: a clock may be set.
const PAUSE_UNTIL: Duration = Duration::from_secs(60);
/// Pause where rows are left that do not open.
const PAUSE_BEFORE_LEFTOVERS: Duration = Duration::from_secs(600);
/// Pause where it is known soon.
const PAUSE_SOON: Duration = Duration::from_millis(100);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// A wish to rotate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    pub(crate) now: Timestamp,
    /// Whether sessions and import tokens of before end with it, so that the old key need not be kept for them.
    pub(crate) ends_sessions: bool,
}

impl Service {
    /// Writes the row of a new domain key, the first step of a rotation.
    pub(crate) async fn prepare_domain_key(&self, rotation: Rotation) -> Result<DomainKeyId, ServiceError> {
        let older = self.view.nodes().of_older_programs();
        if !older.is_empty() {
            return Err(OperatorError::OlderNodes { nodes: older.join(", ") }.into());
        }
        let stored = self.stored_domain_keys().await?;
        let root_key = self.root_key_of(&stored).await?;
        let domain_key = DomainKey::generate(&*self.random)?;
        let (id, row) = (domain_key.id(), DomainKeyRowKey(domain_key.id()));
        let wrap = |root_key: &dyn RootKey| root_key.wrap(domain_key.secret(), &row.binding(), &*self.random);
        let wrapped = root_key.as_deref().map(wrap).transpose().map_err(cryptography)?;
        let wrapped_now = stored.current_row().and_then(|(_, record)| record.wrapped.clone());
        let (domain_key, wrapped, wrapped_now, row) = (&domain_key, &wrapped, &wrapped_now, &row);
        let prepare = |tx: Transaction| async move {
            let deployment = deployment(&tx).await?;
            // That it is wrapped as it was when the root key was opened is a condition, too.
            let current = DomainKeyRowKey(deployment.current_domain_key);
            let present = tx.read::<DomainKeyRecord>(&current).await?;
            if present.is_none_or(|present| present.also_wrapped.is_some() || present.wrapped != *wrapped_now) {
                return Err(OperatorError::RootKeyChanges.into());
            }
            let page = tx.scan::<DomainKeyRecord>(&Prefix::all(), None, KEYS_AT_ONCE).await?;
            let stored = StoredDomainKeys { current: deployment.current_domain_key, rows: page.rows };
            if stored.prepared().is_some() || stored.is_being_rewrapped() {
                return Err(OperatorError::RotationUnderWay.into());
            }
            if stored.rows.len() >= KEYS_AT_ONCE {
                return Err(OperatorError::DomainKeys { limit: KEYS_AT_ONCE }.into());
            }
            let recovery_key = tx.read::<RecoveryKeyRecord>(&RecoveryKeyRowKey).await?;
            let sealed = recovery_key.map(|key| stored::seal(domain_key, &key.recipient)).transpose()?;
            let secret = domain_key.secret().expose();
            let by = deployment.current_domain_key;
            let handed_over = self.domain_keys.wrap_by(by, secret, &row.handover_binding(), &*self.random);
            let handed_over = Some(handed_over.map_err(cryptography)?.encode());
            let record = DomainKeyRecord::new(rotation.now, wrapped.clone(), sealed);
            let record = DomainKeyRecord { ends_sessions: rotation.ends_sessions, handed_over, ..record };
            tx.insert(row, &record).await?;
            // Whoever changes domain keys writes this row, so that no two do it at once.
            Ok::<_, ServiceError>(tx.put(&DeploymentRowKey, &deployment)?)
        };
        self.transact("PrepareDomainKey", prepare).await?;
        Ok(id)
    }

    /// The root key that wraps the domain keys, if one does. Another one, which the operator has taken away from them, is refused:
    /// what it wraps would open for nobody.
    async fn root_key_of(&self, stored: &StoredDomainKeys) -> Result<Option<Box<dyn RootKey>>, ServiceError> {
        let Some((row, record)) = stored.current_row().filter(|(_, record)| record.wrapped.is_some()) else {
            return Ok(None);
        };
        let root_key = self.root_key_again().await?;
        match stored::unwrap(row, record, &*root_key) {
            Ok(_) if record.also_wrapped.is_none() => Ok(Some(root_key)),
            Ok(_) | Err(DomainKeysError::RootKey(RootKeyError::WrongRootKey { .. })) => {
                Err(OperatorError::RootKeyChanges.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Does what the domain keys need next: takes over what others changed, goes on with a rotation. Returns how long to wait
    /// until it is called again, if [`Self::domain_keys_changed`] does not return first. Can be cut off anywhere.
    pub async fn tend_domain_keys(&self) -> Duration {
        if self.domain_keys.is_sealed() {
            return PAUSE_UNTIL;
        }
        match self.tend().await {
            Ok(pause) => pause,
            Err(_) if self.domain_keys.is_sealed() => PAUSE_UNTIL,
            Err(error) => {
                tracing::error!(?error, "the domain keys could not be looked after; it will be tried again");
                PAUSE_AFTER_FAILURE
            }
        }
    }

    /// Returns when a domain key was added, replaced or deleted; at once if that was so since the last call.
    pub async fn domain_keys_changed(&self) {
        self.view.domain_keys().changed().await;
    }

    /// Puts into the ring what was made between its filling and the loading of the view, before anything asks for it.
    pub async fn take_over_domain_keys(&self) {
        let taken_over = async { self.take_over(&self.stored_domain_keys().await?).await };
        if let Err(error) = taken_over.await {
            tracing::error!(?error, "new domain keys could not be taken over; it will be tried again");
        }
    }

    async fn tend(&self) -> Result<Duration, ServiceError> {
        let stored = self.stored_domain_keys().await?;
        self.take_over(&stored).await?;
        if let Some((row, _)) = stored.prepared() {
            if !self.view.domain_keys().has_seen(row.0) {
                return Ok(PAUSE_SOON);
            }
            // Whoever decides has it in its ring then, and can open what is sealed with it.
            self.all_nodes_know().await;
            let older = self.view.nodes().of_older_programs();
            if !older.is_empty() {
                // It came since, and would write on under the old key.
                tracing::warn!(
                    nodes = older.join(", "),
                    "a new domain key waits for nodes of an older version to be upgraded or stopped"
                );
                return Ok(PAUSE_UNTIL);
            }
            // Behind the waiting: what the old key opens is counted from the moment at which it was replaced.
            self.lead(*row, self.clock.now()).await?;
            return Ok(Duration::ZERO);
        }
        if !stored.rows.iter().all(|(row, _)| self.domain_keys.contains(row.0)) {
            // Which rows do not open is for those to say who have all keys.
            return Ok(PAUSE_BEFORE_LEFTOVERS);
        }
        let now = self.clock.now();
        let has_leftovers = stored.is_to_be_rewrapped();
        if has_leftovers {
            let left = self.rewrap(stored.current).await?;
            if self.end_rewrapping(stored.current, &left.domain_keys, now).await? {
                return Ok(Duration::ZERO);
            }
        }
        let needless = stored.replaced().filter(|(_, record)| record.needless.is_some());
        match needless.filter_map(|(_, record)| record.kept_until).min() {
            Some(kept_until) if kept_until <= now => self.delete_needless(stored.current, now).await,
            _ if has_leftovers => Ok(PAUSE_BEFORE_LEFTOVERS),
            Some(kept_until) => Ok(until(kept_until, now)),
            None => Ok(PAUSE),
        }
    }

    pub(crate) async fn stored_domain_keys(&self) -> Result<StoredDomainKeys, ServiceError> {
        let stored = StoredDomainKeys::read(&self.store.snapshot().await?).await?;
        stored.ok_or(ServiceError::Internal(InternalError::RowMissing("deployment")))
    }

    /// Makes the ring what is stored: to a node that was unsealed just now, or that has lost the feed for long, not everything
    /// came by the feed.
    async fn take_over(&self, stored: &StoredDomainKeys) -> Result<(), ServiceError> {
        self.add_missing(stored).await?;
        let is_stored = |id| stored.rows.iter().any(|(row, _)| row.0 == id);
        self.domain_keys.keep_only(|id| is_stored(id) || self.view.domain_keys().has_seen(id));
        Ok(())
    }

    async fn add_missing(&self, stored: &StoredDomainKeys) -> Result<(), ServiceError> {
        let mut missing = Vec::new();
        for (row, record) in &stored.rows {
            if self.domain_keys.contains(row.0) {
                continue;
            }
            match stored::open_handed_over(row, record, &self.domain_keys) {
                Some(key) => self.domain_keys.add(key).map_err(cryptography)?,
                None => missing.push((row, record)),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let root_key = match self.root_key_again().await {
            Ok(root_key) => root_key,
            Err(ServiceError::Operator(OperatorError::NoRootKey)) => {
                // The store may be ahead of the feed, which brings the way from the old key, whether or not it is there still.
                let revision = self.store.snapshot().await?.revision();
                self.applied
                    .wait_for(revision)
                    .await
                    .map_err(|_| ServiceError::Internal(InternalError::NotFollowed))?;
                if !self.domain_keys.contains(stored.current) {
                    tracing::error!("there is a new domain key, and nothing here that opens it: sealing");
                    self.seal();
                }
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (row, record) in missing {
            self.domain_keys.add(stored::unwrap(row, record, &*root_key)?).map_err(cryptography)?;
        }
        Ok(())
    }

    /// Makes a prepared domain key the current one.
    async fn lead(&self, row: DomainKeyRowKey, now: Timestamp) -> Result<(), ServiceError> {
        let lead = |tx: Transaction| async move {
            let deployment = deployment(&tx).await?;
            let Some(new) = tx.read::<DomainKeyRecord>(&row).await? else { return Ok(()) };
            if deployment.current_domain_key == row.0 || new.replaced.is_some() {
                // Another node was faster.
                return Ok(());
            }
            let kept_ms = if new.ends_sessions { self.kept_at_least_ms() } else { KEPT_AFTER_MS };
            let kept_until = now.plus_ms(kept_ms);
            for (other, _) in tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?.rows {
                let Some(old) = tx.read::<DomainKeyRecord>(&other).await?.filter(|_| other != row) else { continue };
                let kept_until = old.kept_until.map_or(kept_until, |before| before.min(kept_until));
                let replaced = Some(old.replaced.unwrap_or(now));
                tx.put(&other, &DomainKeyRecord { replaced, kept_until: Some(kept_until), ..old })?;
            }
            tx.put(&row, &DomainKeyRecord { ends_sessions: false, ..new })?;
            let deployment = DeploymentRecord { current_domain_key: row.0, ..deployment };
            Ok::<_, ServiceError>(tx.put(&DeploymentRowKey, &deployment)?)
        };
        self.transact_unasked("LeadDomainKey", lead).await?;
        tracing::info!(domain_key = %row.0, "a new domain key is current");
        Ok(())
    }

    fn kept_at_least_ms(&self) -> i64 {
        let bound = i64::try_from(self.view.nodes().widest_bound().as_millis()).unwrap_or(i64::MAX);
        KEPT_AFTER_AT_LEAST_MS.max(bound)
    }

    /// Writes down which replaced domain keys no row needs any more, where `needed` are those that rows name. Whether something
    /// has changed by it, or `current` is not the current one any more.
    async fn end_rewrapping(
        &self,
        current: DomainKeyId,
        needed: &BTreeSet<DomainKeyId>,
        now: Timestamp,
    ) -> Result<bool, ServiceError> {
        let end = |tx: Transaction| async move {
            let deployment = deployment(&tx).await?;
            let mut has_changed = deployment.current_domain_key != current;
            let rows = tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?.rows;
            for (row, _) in rows.into_iter().filter(|_| deployment.current_domain_key == current) {
                let Some(record) = tx.read::<DomainKeyRecord>(&row).await? else { continue };
                let needless = record.needless.or(Some(now)).filter(|_| !needed.contains(&row.0));
                let after = match record.replaced {
                    Some(_) => DomainKeyRecord { needless, handed_over: None, ..record.clone() },
                    // The way from an old key to the new one ends here.
                    None if row.0 == current => DomainKeyRecord { handed_over: None, ..record.clone() },
                    None => continue,
                };
                if after != record {
                    tx.put(&row, &after)?;
                    has_changed = true;
                }
            }
            Ok::<_, ServiceError>(has_changed)
        };
        self.transact_unasked("EndRewrapping", end).await
    }

    /// Deletes the rows of domain keys that nothing needs any more. Returns how long to wait then.
    async fn delete_needless(&self, current: DomainKeyId, now: Timestamp) -> Result<Duration, ServiceError> {
        // Looked at once more: what is deleted here comes back never.
        let due = self.count_due(current).await?;
        if self.end_rewrapping(current, &due.domain_keys, now).await? {
            tracing::warn!(
                "whether rows need a domain key is not as it was written down; they are wrapped again first"
            );
            return Ok(Duration::ZERO);
        }
        let delete = |tx: Transaction| async move {
            let deployment = deployment(&tx).await?;
            for (row, _) in tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?.rows {
                let Some(record) = tx.read::<DomainKeyRecord>(&row).await? else { continue };
                let is_over = record.needless.is_some() && record.kept_until.is_some_and(|until| until <= now);
                if is_over && row.0 != deployment.current_domain_key {
                    tx.delete::<DomainKeyRecord>(&row)?;
                    tx.erase_later(format!("domain key {}", row.0), now)?;
                }
            }
            Ok::<_, ServiceError>(tx.put(&DeploymentRowKey, &deployment)?)
        };
        self.transact_unasked("DeleteDomainKeys", delete).await?;
        Ok(Duration::ZERO)
    }
}

async fn deployment(tx: &Transaction) -> Result<DeploymentRecord, ServiceError> {
    let deployment = tx.read::<DeploymentRecord>(&DeploymentRowKey).await?;
    deployment.ok_or(ServiceError::Internal(InternalError::RowMissing("deployment")))
}

fn until(due: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::from_millis(u64::try_from(due.ms_since(now)).unwrap_or_default());
    wait.clamp(Duration::from_millis(1), PAUSE_UNTIL)
}

fn cryptography(error: impl std::error::Error + Send + Sync + 'static) -> ServiceError {
    ServiceError::Internal(InternalError::Cryptography(Box::new(error)))
}

impl StoredDomainKeys {
    /// The current one.
    pub(crate) fn current_row(&self) -> Option<&(DomainKeyRowKey, DomainKeyRecord)> {
        self.rows.iter().find(|(row, _)| row.0 == self.current)
    }

    /// The one that is to become current, if there is one.
    pub(crate) fn prepared(&self) -> Option<&(DomainKeyRowKey, DomainKeyRecord)> {
        self.rows.iter().find(|(row, record)| row.0 != self.current && record.replaced.is_none())
    }

    /// Those that were current before, while they are kept.
    pub(crate) fn replaced(&self) -> impl Iterator<Item = &(DomainKeyRowKey, DomainKeyRecord)> {
        self.rows.iter().filter(|(row, record)| row.0 != self.current && record.replaced.is_some())
    }

    /// Whether rows are on their way from the one before to the current one. Those that do not open do not count.
    pub(crate) fn is_being_rewrapped(&self) -> bool {
        self.rows.iter().any(|(row, record)| row.0 == self.current && record.handed_over.is_some())
    }

    /// Whether rows may need another one than the current.
    pub(crate) fn is_to_be_rewrapped(&self) -> bool {
        self.replaced().any(|(_, record)| record.needless.is_none())
    }
}
