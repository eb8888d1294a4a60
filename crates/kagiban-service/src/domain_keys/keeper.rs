//! Nothing is committed under a domain key that was replaced.
//!
//! Secrets are wrapped before their transaction, or in it, with the key that the process takes for the current one. It may be
//! behind, by a moment or because it was paused for an hour. So every transaction that writes a row with a secret has the
//! condition that the deployment's row, which names the current domain key, is as it was read; and what is under another key
//! then is wrapped again here.

use std::sync::Arc;

use kagiban_base::random::Random;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::secret_rows::Rewrapping;
use kagiban_storage::{Keeper, KeeperError, KeyError, row};

use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::secret_tables;

/// Keeps all secrets under the current domain key.
pub(crate) struct CurrentKeyOnly {
    deployment: Vec<u8>,
    domain_keys: Arc<DomainKeys>,
    random: Arc<dyn Random>,
}

/// The row that says which domain key is current is not there.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the store has no deployment in it")]
struct NoDeployment;

impl CurrentKeyOnly {
    pub(crate) fn new(domain_keys: Arc<DomainKeys>, random: Arc<dyn Random>) -> Result<Self, KeyError> {
        Ok(Self { deployment: row::encode_key::<DeploymentRecord>(&DeploymentRowKey)?, domain_keys, random })
    }
}

impl Keeper for CurrentKeyOnly {
    fn concerns(&self, key: &[u8]) -> bool {
        secret_tables::of_key(key).is_some()
    }

    fn goes_by(&self) -> &[u8] {
        &self.deployment
    }

    fn instead(&self, key: &[u8], value: &[u8], rule: Option<&[u8]>) -> Result<Option<Vec<u8>>, KeeperError> {
        let Some(table) = secret_tables::of_key(key) else { return Ok(None) };
        let deployment = rule.map(row::decode::<DeploymentRecord>).transpose().map_err(told)?;
        let by = deployment.ok_or(NoDeployment).map_err(told)?.current_domain_key;
        let rewrapping = Rewrapping { domain_keys: &self.domain_keys, by, random: &*self.random };
        table.rewrapped(key, value, &rewrapping).map_err(told)
    }

    /// A secret that nothing opens is no reason to keep its access key from being disabled.
    fn may_stay(&self, key: &[u8], before: &[u8], value: &[u8]) -> bool {
        secret_tables::of_key(key).is_some_and(|table| table.has_same_secret(before, value))
    }
}

fn told(error: impl std::error::Error + Send + Sync + 'static) -> KeeperError {
    Arc::new(error)
}
