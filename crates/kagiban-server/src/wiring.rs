//! The service put together: store, root key, clock and randomness, and the front in front of it.

use std::path::Path;
use std::sync::Arc;

use kagiban_attestation::TrustedRoots;
use kagiban_audit::Recorder;
use kagiban_audit::journal::Journal;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_iam::web_identity_keys::WebIdentityKeys;
use kagiban_keycore::passphrase::PassphraseParameters;
use kagiban_service::audit_head::{are_callers_written_once, kept_heads};
use kagiban_service::bootstrap::{self, ViewFollower};
use kagiban_service::quotas::QuotaSettings;
use kagiban_service::{DeploymentKind, Environment, Service};
use kagiban_storage::{Store, StoreError};

use crate::audit::journal::{self, InStore};
use crate::audit::not_recorded::NotRecorded;
use crate::config::audit::AuditOptions;
use crate::data_directory::DataDirectory;
use crate::http::{Answer, RawRequest, RawResponse, Refusal};
use crate::root_key::{RootKeySource, RootKeySourceError};
use crate::root_passphrase::{self, RootKeyAgain};
use crate::store::StoreSetupError;
use crate::workers::WorkerThreads;

/// A data directory cannot be served. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no store.
    #[error("{path} is no data directory, or its initialisation was not finished; run: kagiban init --data {path}")]
    NotInitialised {
        /// The directory.
        path: String,
    },
    /// `serve --dev` on production data.
    #[error(
        "{0} is a production data directory; serve --dev does not open it. Use another directory, or leave out --dev"
    )]
    IsProduction(String),
    /// `serve` on development data.
    #[error("{0} is a development data directory, whose credentials everybody knows; it opens with serve --dev only")]
    IsDevelopment(String),
    /// The store does not open.
    #[error("cannot open the store")]
    Storage(#[from] kagiban_storage::OpenError),
    /// What is needed to reach the cluster cannot be had.
    #[error(transparent)]
    StoreSetup(#[from] StoreSetupError),
    /// The store in the cluster does not open.
    #[error("cannot open the store; a new one is made by: kagiban init --store ...")]
    Etcd(#[from] kagiban_etcd::OpenError),
    /// The store opens and cannot be read.
    #[error("cannot read the store")]
    Store(#[from] StoreError),
    /// There is no usable root key.
    #[error(transparent)]
    RootKey(#[from] RootKeySourceError),
    /// The audit journal does not open.
    #[error(transparent)]
    Audit(#[from] kagiban_audit::journal::OpenError),
    /// No threads.
    #[error("cannot start threads for slow cryptography")]
    Workers(#[source] std::io::Error),
    /// The service does not start on what is in the store.
    #[error("cannot start on the data in {path} with the root key given by --root-key {source_of_key}")]
    Service {
        /// The directory.
        path: String,
        /// Where the root key came from.
        source_of_key: RootKeySource,
        /// Why not.
        source: bootstrap::OpenError,
    },
}

/// Whom the service believes, besides those it has given credentials.
pub(crate) struct Trust {
    /// What attestation documents must go back to.
    pub(crate) recipients: TrustedRoots,
    /// The keys of OpenID Connect providers.
    pub(crate) web_identity_keys: Arc<dyn WebIdentityKeys>,
}

impl Trust {
    /// Nobody.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        let web_identity_keys = Arc::new(kagiban_iam::web_identity_keys::NoWebIdentityKeys);
        Self { recipients: TrustedRoots::none(), web_identity_keys }
    }
}

/// The service on a data directory, what keeps its view fresh, and what has to be closed at the end.
pub(crate) struct Opened {
    pub(crate) service: Service,
    pub(crate) follower: ViewFollower,
    pub(crate) store: Store,
    pub(crate) journal: Arc<Journal>,
    /// Of the root passphrase, where it has opened the store.
    pub(crate) passphrase_parameters: Option<PassphraseParameters>,
}

/// Opens a data directory with the store in it.
#[cfg(test)]
pub(crate) async fn open(
    directory: &DataDirectory,
    root_key: &RootKeySource,
    trust: Trust,
    quotas: QuotaSettings,
    audit: &AuditOptions,
) -> Result<Opened, OpenError> {
    open_on(crate::store::open_embedded(directory)?, directory, root_key, trust, quotas, audit).await
}

/// Opens a data directory, and the service on a store.
pub(crate) async fn open_on(
    store: Store,
    directory: &DataDirectory,
    root_key: &RootKeySource,
    trust: Trust,
    quotas: QuotaSettings,
    audit: &AuditOptions,
) -> Result<Opened, OpenError> {
    // Before the root key: whoever mixed up two directories should be told that, and not to look for a key.
    check_kind(directory, &store).await?;
    let key = match root_key {
        RootKeySource::Shares => None,
        source => Some(root_passphrase::open(source, directory, &store).await?),
    };
    let in_store = InStore { kept: kept_heads(&store).await?, callers_once: are_callers_written_once(&store).await? };
    let journal = journal::open(directory, audit, in_store)?;
    let recorder: Arc<dyn Recorder> = match audit.measure_without_audit {
        true => Arc::new(NotRecorded),
        false => Arc::clone(&journal) as _,
    };
    let environment = environment(trust, quotas, recorder)?;
    let opened = match &key {
        Some(root) => Service::open(store.clone(), directory.kind(), &root.key, environment).await,
        None => Service::open_sealed(store.clone(), directory.kind(), environment).await,
    };
    let (service, follower) = opened.map_err(|source| OpenError::Service {
        path: text(directory.path()),
        source_of_key: root_key.clone(),
        source,
    })?;
    let parameters = key.as_ref().and_then(|root| root.parameters);
    if key.is_some() {
        let (source, directory) = (root_key.clone(), directory.clone());
        service.root_key_from(Arc::new(RootKeyAgain { source, directory, parameters }));
    }
    let passphrase_parameters = parameters.filter(|_| !service.is_sealed());
    Ok(Opened { service, follower, store, journal, passphrase_parameters })
}

fn environment(trust: Trust, quotas: QuotaSettings, recorder: Arc<dyn Recorder>) -> Result<Environment, OpenError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Environment {
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom),
        workers: Arc::new(WorkerThreads::start(cores).map_err(OpenError::Workers)?),
        recipients: trust.recipients,
        web_identity_keys: trust.web_identity_keys,
        quotas,
        recorder,
    })
}

async fn check_kind(directory: &DataDirectory, store: &Store) -> Result<(), OpenError> {
    match bootstrap::deployment_kind(store).await? {
        Some(found) if found != directory.kind() => Err(match found {
            DeploymentKind::Production => OpenError::IsProduction(text(directory.path())),
            DeploymentKind::Development => OpenError::IsDevelopment(text(directory.path())),
        }),
        // A store without a deployment is the service's to refuse.
        _ => Ok(()),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

impl Answer for Service {
    async fn answer(&self, request: RawRequest) -> RawResponse {
        self.await_freshness().await;
        self.call(request).await
    }

    fn refuse(&self, request: RawRequest, refusal: Refusal) -> impl Future<Output = bool> + Send {
        Service::refuse(self, request, refusal)
    }

    fn refuse_bytes(&self, request: RawRequest, refusal: Refusal) -> bool {
        Service::refuse_bytes(self, &request, refusal)
    }

    async fn is_ready(&self) -> bool {
        self.await_freshness().await;
        Service::is_ready(self).await
    }

    fn is_recording(&self) -> bool {
        Service::is_recording(self)
    }

    fn is_sealed(&self) -> bool {
        Service::is_sealed(self)
    }
}
