//! What the view does with the rows of domain keys: a node has each of them before any row that it wraps, since the feed comes in
//! the order of the commits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kagiban_iam::domain_keys::DomainKeys;
use kagiban_keycore::hierarchy::DomainKeyId;
use kagiban_storage::{RowError, row};
use tokio::sync::Notify;

use crate::records::deployment::DeploymentRecord;
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::sealing::stored;

/// The domain keys as the view has seen them.
#[derive(Debug)]
pub(crate) struct SeenDomainKeys {
    domain_keys: Arc<DomainKeys>,
    seen: Mutex<BTreeSet<DomainKeyId>>,
    changed: Notify,
}

impl SeenDomainKeys {
    pub(crate) fn new(domain_keys: Arc<DomainKeys>) -> Self {
        Self { domain_keys, seen: Mutex::default(), changed: Notify::new() }
    }

    /// Whether the view contains the row of this key, and so whoever has seen as much.
    pub(crate) fn has_seen(&self, id: DomainKeyId) -> bool {
        self.seen().contains(&id)
    }

    /// Returns when a row has changed; at once if one did since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Has them looked at.
    pub(crate) fn look_again(&self) {
        self.changed.notify_one();
    }

    pub(crate) fn apply_deployment(&self, value: Option<&[u8]>) -> Result<(), RowError> {
        if let Some(deployment) = value.map(row::decode::<DeploymentRecord>).transpose()? {
            self.domain_keys.lead(deployment.current_domain_key);
        }
        self.changed.notify_one();
        Ok(())
    }

    pub(crate) fn apply(&self, row: DomainKeyRowKey, value: Option<&[u8]>) -> Result<(), RowError> {
        let record = value.map(row::decode::<DomainKeyRecord>).transpose()?;
        match record {
            Some(record) => {
                self.seen().insert(row.0);
                self.take_over(row, &record);
            }
            None => {
                self.seen().remove(&row.0);
                self.domain_keys.keep_only(|id| id != row.0);
            }
        }
        self.changed.notify_one();
        Ok(())
    }

    /// What cannot be opened here is left for [`crate::Service::tend_domain_keys`].
    fn take_over(&self, row: DomainKeyRowKey, record: &DomainKeyRecord) {
        if self.domain_keys.contains(row.0) {
            return;
        }
        if let Some(key) = stored::open_handed_over(&row, record, &self.domain_keys)
            && let Err(error) = self.domain_keys.add(key)
        {
            tracing::error!(domain_key = %row.0, ?error, "a domain key cannot be used");
        }
    }

    pub(crate) fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        let is_stored = |id| row::encode_key::<DomainKeyRecord>(&DomainKeyRowKey(id)).is_ok_and(|key| is_stored(&key));
        self.seen().retain(|id| is_stored(*id));
        self.domain_keys.keep_only(is_stored);
        self.changed.notify_one();
    }

    fn seen(&self) -> MutexGuard<'_, BTreeSet<DomainKeyId>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
