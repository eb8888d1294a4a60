//! All rules: the request pipeline, the handlers, authorization and the records they keep.
//!
//! [`Service::call`] is the only door. What is behind it decides; sockets, files, configuration and spawned tasks are the
//! business of `kagiban-server`. Requests are served from an in-memory view; writes go through the store and are in the view
//! before their answer leaves.

mod aliases;
mod audit;
pub mod audit_head;
pub mod audit_key;
mod authorize;
pub mod backup;
pub mod bootstrap;
mod catalog;
mod cloudtrail;
pub mod compliance;
mod condition_keys;
mod context;
mod cryptographic;
mod dispatch;
mod domain_keys;
mod error;
pub mod figures;
mod freshness;
mod grants;
mod held_keys;
mod identity_permission;
mod imports;
mod jobs;
mod key_order;
mod key_uses;
mod keys;
mod managed_keys;
mod material;
mod month;
mod moved_clock;
mod multi_region;
pub mod nodes;
mod operator;
mod paging;
mod parsed_materials;
pub mod peers;
mod pipeline;
mod policies;
pub mod quotas;
mod records;
pub mod rekey;
mod resolve;
pub mod responses;
pub mod root_passphrase;
mod rotation;
mod rsa_stock;
pub mod sealing;
pub mod seed;
mod spec;
mod tags;
mod upgrade;
mod view;
pub mod work;

use std::fmt;
use std::sync::{Arc, OnceLock};

use kagiban_attestation::TrustedRoots;
use kagiban_audit::Recorder;
use kagiban_audit::delivery::TrailView;
use kagiban_audit::search::Search;
use kagiban_base::id::AccountId;
use kagiban_base::random::Random;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_iam::Iam;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::web_identity_keys::WebIdentityKeys;
use kagiban_storage::follower::Applied;
use kagiban_storage::{Store, Transaction};

pub use audit::Refusal;
pub use bootstrap::{OpenError, ViewFollower};
pub use catalog::NOT_OFFERED_YET;
pub use kagiban_iam::deployment::DeploymentKind;
pub use kagiban_iam::parts;
pub use kagiban_iam::request::{ConnectionTls, RawRequest, RawResponse, Summary};
pub use key_uses::{KeyUseWriter, SaveError};

use crate::error::{InternalError, ServiceError};
use crate::moved_clock::MovedClock;
use crate::nodes::OwnNode;
use crate::quotas::{QuotaSettings, Quotas};
use crate::rsa_stock::RsaStock;
use crate::sealing::Sealing;
use crate::view::View;
use crate::work::Workers;

/// The key management service.
pub struct Service {
    store: Store,
    view: Arc<View>,
    applied: Applied,
    domain_keys: Arc<DomainKeys>,
    sealing: Sealing,
    rewrapping: domain_keys::rewrap::Progress,
    iam: Arc<Iam>,
    /// The account whose callers may manage accounts; `None` for a store without accounts.
    management_account: Option<AccountId>,
    /// Since when the last uses of keys are known.
    key_uses_since: Timestamp,
    rsa_stock: Arc<RsaStock>,
    clock: Arc<dyn Clock>,
    /// `clock` itself, in a development deployment.
    moved_clock: Option<Arc<MovedClock>>,
    random: Arc<dyn Random>,
    workers: Arc<dyn Workers>,
    recipients: TrustedRoots,
    quotas: Quotas,
    channels: peers::Channels,
    compliance: compliance::Compliance,
    trail: OnceLock<Arc<dyn TrailView>>,
    /// Unset where this process alone uses its store.
    node: OnceLock<OwnNode>,
    search: OnceLock<Arc<dyn Search>>,
    /// Held by who takes events of the service into the journal.
    recording_events: tokio::sync::Mutex<()>,
    backups: OnceLock<Arc<dyn backup::Backups>>,
}

/// What a service needs of the world, besides its store and its root key.
#[derive(Clone)]
pub struct Environment {
    /// The time of the world; a development deployment can move ahead of it.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Threads for slow cryptography.
    pub workers: Arc<dyn Workers>,
    /// The roots that attestation documents must go back to; without any, no document is accepted.
    pub recipients: TrustedRoots,
    /// Where the keys of OpenID Connect providers come from.
    pub web_identity_keys: Arc<dyn WebIdentityKeys>,
    /// How much accounts may have and ask for.
    pub quotas: QuotaSettings,
    /// Where every request leaves its record, before its answer leaves.
    pub recorder: Arc<dyn Recorder>,
}

impl Service {
    /// Answers one request.
    pub async fn call(&self, request: RawRequest) -> RawResponse {
        let response = pipeline::run(self, &request).await;
        RawResponse { summary: pipeline::named(response.summary, &request), ..response }
    }

    /// Records a request that the front refuses by itself; whether it could. If not, the front must not answer it so.
    pub async fn refuse(&self, request: RawRequest, refusal: Refusal) -> bool {
        match audit::begin_refusal(&request, self) {
            Ok(recording) => recording.finish(refusal.outcome()).await.is_ok(),
            Err(_) => false,
        }
    }

    /// The same for bytes that are no request: without waiting, in the degree `strict` too, since nobody knows what was asked.
    pub fn refuse_bytes(&self, request: &RawRequest, refusal: Refusal) -> bool {
        audit::begin_refusal(request, self).is_ok_and(|recording| recording.finish_now(refusal.outcome()).is_ok())
    }

    /// The identities, for the server's housekeeping.
    pub fn identities(&self) -> Arc<Iam> {
        Arc::clone(&self.iam)
    }

    /// The deployment's time.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Has the operations of CloudTrail tell of this trail from now on. Once.
    pub fn tell_of_trail(&self, trail: Arc<dyn TrailView>) {
        _ = self.trail.set(trail);
    }

    /// Has LookupEvents search here from now on. Once.
    pub fn search_in(&self, search: Arc<dyn Search>) {
        _ = self.search.set(search);
    }

    /// Has backups made here from now on, when they are asked for. Once.
    pub fn back_up_with(&self, backups: Arc<dyn backup::Backups>) {
        _ = self.backups.set(backups);
    }

    /// What writes down when keys were last used.
    pub fn key_use_writer(&self) -> KeyUseWriter {
        KeyUseWriter {
            view: Arc::clone(&self.view),
            store: self.store.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        }
    }

    /// Writes down what is noted of the use of keys, so that it can be read.
    async fn save_key_uses(&self) -> Result<(), ServiceError> {
        match self.key_use_writer().save().await {
            Ok(()) => Ok(()),
            Err(SaveError::Random(error)) => Err(error.into()),
            Err(SaveError::Store(error)) => Err(error.into()),
        }
    }

    /// Whether the store takes writes, and the view is as fresh as it has to be. That the view is followed is for whoever runs the follower to know.
    pub async fn is_ready(&self) -> bool {
        !self.is_sealed() && self.is_fresh() && self.store.engine().health().await.is_ok()
    }

    /// Whether requests can be recorded. When not, none is answered until the process is started anew.
    pub fn is_recording(&self) -> bool {
        !self.iam.audit.recorder().is_stopped()
    }

    /// Runs a transaction of somebody whose permission is decided from the view, in it or before it, and waits until the view
    /// contains it, so that its caller's next request sees it.
    async fn transact<T, B, F>(&self, name: &'static str, mut body: B) -> Result<T, ServiceError>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<T, ServiceError>>,
    {
        self.transact_unasked(name, |tx| self.iam.deciding(tx.clone(), body(tx))).await
    }

    /// Runs a transaction that nobody asked for, which decides from nothing but what it reads, and waits until the view contains
    /// it.
    async fn transact_unasked<T, B, F>(&self, name: &'static str, body: B) -> Result<T, ServiceError>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<T, ServiceError>>,
    {
        let (value, revision) = parts::part("store", self.store.transact(name, body)).await?;
        if let Some(revision) = revision {
            parts::part("view", self.applied.wait_for(revision))
                .await
                .map_err(|_| ServiceError::Internal(InternalError::NotFollowed))?;
        }
        Ok(value)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("view", &self.applied.progress()).finish_non_exhaustive()
    }
}
