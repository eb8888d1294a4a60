//! Identities from a declarative file, as the operator keeps it in git.
//!
//! Nobody's permission is asked here: the file is the operator's word, and whoever can start the service with it could as
//! well change the store. What it says must fit all the same: names, quotas and documents are held against the rules of the
//! operations that would have made these entities, and all that does not fit is told at once, before anything is written.
//!
//! [`mod@file`] is the form of the file, [`draft`] the changes that it makes, [`Planner`] goes from one to the other, [`fault`]
//! is what may be wrong. This module knows accounts and identities; the service adds keys to the same draft.

mod access_keys;
mod documents;
pub mod draft;
pub mod fault;
pub mod file;
mod holders;
mod planner;
mod policies;
mod providers;
mod roles;
mod tally;
mod users;

use std::error::Error;
use std::fmt;
use std::path::Path;

use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::WrapError;
use kagiban_storage::{BatchError, KeyError, RowError, StoreError};

use crate::deployment::DeploymentKind;
use crate::secrets::{SecretUnreadable, Secrets};

pub use documents::Document;
pub use planner::Planner;
pub use tally::{Change, Count, Tally};

/// Why something that the file refers to cannot be had: no such file, no such variable.
pub type ReferenceError = Box<dyn Error + Send + Sync>;

/// Where the things are that the file only refers to.
pub trait References: Send + Sync {
    /// The text of a policy document; a relative path begins at the file that names it.
    ///
    /// # Errors
    /// [`ReferenceError`]
    fn document(&self, path: &Path) -> Result<String, ReferenceError>;

    /// A secret in a file, without the end of its line.
    ///
    /// # Errors
    /// [`ReferenceError`]
    fn secret_file(&self, path: &Path) -> Result<SecretBytes, ReferenceError>;

    /// A secret in a variable of the environment.
    ///
    /// # Errors
    /// [`ReferenceError`]
    fn secret_variable(&self, name: &str) -> Result<SecretBytes, ReferenceError>;
}

/// What a file is applied to, and with what.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The kind of deployment: a production one takes no secrets that stand in the file.
    pub kind: DeploymentKind,
    /// Wraps the secrets of access keys.
    pub secrets: &'a Secrets,
    /// What the file refers to.
    pub references: &'a dyn References,
    /// Randomness for unique ids.
    pub random: &'a dyn Random,
    /// One moment for everything that is made.
    pub now: Timestamp,
}

impl fmt::Debug for Site<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("kind", &self.kind).field("now", &self.now).finish_non_exhaustive()
    }
}

/// Not the file's fault: the plan could not be made, or not be written.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// One change is larger than a batch may be. Nothing was written.
    #[error("one entity of the file is too large to be written at once")]
    Batch(#[from] BatchError),
    /// A row that another row points to is missing.
    #[error("the store is damaged: a row of kind {0} is missing")]
    RowMissing(&'static str),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A stored secret does not open.
    #[error(transparent)]
    SecretUnreadable(#[from] SecretUnreadable),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
}

impl From<KeyError> for PlanError {
    fn from(error: KeyError) -> Self {
        Self::Store(error.into())
    }
}

impl From<RowError> for PlanError {
    fn from(error: RowError) -> Self {
        Self::Store(error.into())
    }
}
