//! The declarative file of accounts, identities, keys and aliases: checked completely, then applied.
//!
//! No permission is asked: the file is the word of the operator, who starts the service with it. It is applied as often as
//! the service starts, and changes nothing where everything is as it says. What it does not name stays; nothing is ever
//! deleted, and no key material is touched.
//!
//! A service that is killed while it writes leaves the first part of the changes, as if so many operations had been called;
//! the next start does the rest.

mod file;
mod keys;
mod lockout;

use std::sync::Arc;

use kagiban_base::random::Random;
use kagiban_base::time::Timestamp;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::secrets::Secrets;
use kagiban_iam::seed::draft::Draft;
use kagiban_iam::seed::fault::{Faults, Problem};
use kagiban_iam::seed::{Planner, Site};
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyRing, RingError};
use kagiban_storage::{CommitError, MemoryEngine, StoreError};

use self::keys::KeyPlans;
use crate::error::ServiceError;
use crate::quotas::QuotaSettings;
use crate::view::View;
use crate::{DeploymentKind, Service};

pub use file::SeedFile;
pub use kagiban_iam::seed::{Change, Count, PlanError, ReferenceError, References, Tally, fault};

/// How often a plan is made anew when somebody else has written meanwhile.
const ATTEMPTS_MAX: usize = 8;

/// A file was not applied.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The store did not take all of it. What it took are whole changes; applying the file again does the rest.
    #[error("the store did not take all changes; apply the file again")]
    Commit(#[source] CommitError),
    /// The file does not fit: all that is wrong with it. Nothing was written.
    #[error("{0}")]
    Faults(Faults),
    /// Key material could not be made.
    #[error("key material could not be made")]
    Material,
    /// Everything is written, and no request would see it.
    #[error("the view is not followed any more")]
    NotFollowed,
    /// The changes could not be worked out.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// No keys for a check.
    #[error(transparent)]
    Ring(#[from] RingError),
}

impl From<StoreError> for SeedError {
    fn from(error: StoreError) -> Self {
        Self::Plan(error.into())
    }
}

impl Service {
    /// Applies a file: all of it, or nothing when anything is wrong with it. The follower must be running.
    ///
    /// # Errors
    /// [`SeedError`]
    pub async fn seed(&self, file: &SeedFile, references: &dyn References) -> Result<Tally, SeedError> {
        for _ in 0..ATTEMPTS_MAX {
            match self.try_seed(file, references).await {
                Err(SeedError::Commit(CommitError::Conflict)) => {}
                done => return done,
            }
        }
        Err(SeedError::Commit(CommitError::Conflict))
    }

    async fn try_seed(&self, file: &SeedFile, references: &dyn References) -> Result<Tally, SeedError> {
        let (engine, kind) = (self.store.engine().as_ref(), self.iam.directory.kind());
        let now = self.clock.now();
        let site = Site { kind, secrets: &self.iam.secrets, references, random: self.random.as_ref(), now };
        let draft = Draft::begin(engine, kind).await?;
        // Then the domain keys that wrap what the draft shows are known, and the one that shall wrap what it adds.
        self.applied.wait_for(draft.revision()).await.map_err(|_| SeedError::NotFollowed)?;
        let rules = Rules { view: Some(&self.view), quotas: self.quotas.settings() };
        let (mut planner, keys) = plan(file, draft, site, rules).await?;
        keys.draft(&mut planner, self).await?;
        let Planner { draft, tally, .. } = planner;
        if let Some(revision) = draft.commit(&self.store).await?.map_err(SeedError::Commit)? {
            self.applied.wait_for(revision).await.map_err(|_| SeedError::NotFollowed)?;
        }
        Ok(tally)
    }
}

/// Whether a file could be applied to an empty deployment: what it refers to must be in it.
///
/// # Errors
/// [`SeedError`]
pub async fn check(
    file: &SeedFile,
    kind: DeploymentKind,
    references: &dyn References,
    random: &dyn Random,
    now: Timestamp,
) -> Result<(), SeedError> {
    let domain_key = DomainKey::generate(random).map_err(PlanError::from)?;
    let secrets = Secrets::new(Arc::new(DomainKeys::new(Some(DomainKeyRing::new(domain_key, [])?))));
    let site = Site { kind, secrets: &secrets, references, random, now };
    let rules = Rules { view: None, quotas: &QuotaSettings::default() };
    let draft = Draft::begin(&MemoryEngine::new(), kind).await?;
    plan(file, draft, site, rules).await.map(drop)
}

/// What keys and aliases are held against, besides the store.
#[derive(Clone, Copy)]
struct Rules<'a> {
    /// Absent where no deployment is.
    view: Option<&'a View>,
    quotas: &'a QuotaSettings,
}

/// Everything that the file changes, but for key material, which is made only when nothing is wrong.
async fn plan<'a>(
    file: &SeedFile,
    draft: Draft,
    site: Site<'a>,
    rules: Rules<'_>,
) -> Result<(Planner<'a>, KeyPlans), SeedError> {
    let mut planner = Planner::new(draft, site);
    planner.accounts(&file.accounts).await?;
    let keys = keys::plan(&file.keys, rules, &mut planner).await?;
    if planner.faults.is_empty() { Ok((planner, keys)) } else { Err(SeedError::Faults(planner.faults)) }
}

/// An error of a shared function is the file's fault, unless it is internal.
fn problem(error: &ServiceError) -> Problem {
    let (code, message) = error.answer();
    Problem::Refused { code: code.name(), message: message.unwrap_or_default() }
}
