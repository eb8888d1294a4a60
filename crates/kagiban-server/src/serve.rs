//! `kagiban serve`: opens everything in order, serves until told to stop, and closes in the reverse order.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kagiban_audit::Follower;
use kagiban_audit::archive::History;
use kagiban_audit::journal::{Journal, JournalId};
use kagiban_base::os::SystemClock;
use kagiban_keycore::passphrase::PassphraseParameters;
use kagiban_service::audit_key::AuditSigner;
use kagiban_service::bootstrap::ViewFollower;
use kagiban_service::peers::PeerAddress;
use kagiban_service::{DeploymentKind, Service};
use kagiban_storage::follower::FollowError;
use kagiban_storage::{EngineError, Store};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use crate::attestation::{AttestationRoot, AttestationSetupError, trusted_roots};
use crate::audit::AuditError;
use crate::audit::anchors::{AnchorBoard, Anchors};
use crate::audit::archives::Archiving;
use crate::audit::delivery::Ended;
use crate::audit::kept_head::KeptHeads;
use crate::backup::files::BackupDirectory;
use crate::backup::maker::Maker;
use crate::config::backup::BackupOptions;
use crate::config::store::StorePlace;
use crate::config::{ConfigError, ServeOptions};
use crate::data_directory::{DataDirectory, WriteError, write_private};
use crate::events::{self, Events, EventsError};
use crate::health::Health;
use crate::http::{Drained, Front, Limits, ListenError};
use crate::init::{InitError, initialise};
use crate::last_uses::Notes;
use crate::observer::Observer;
use crate::peering::{Channel, PeeringError};
use crate::seed::{self, SeedFileError};
use crate::shutdown::{self, Stop, Stopper};
use crate::telemetry::{Telemetry, TelemetryError};
use crate::tls::{Tls, TlsError};
use crate::web_identity::{KeySetFileError, ProviderKeys};
use crate::{audit, compliance, log, nodes, process, store, wiring};

/// Files the process needs open besides its connections.
const FILES_FOR_OURSELVES: u64 = 64;
/// Between two attempts to open the root key again.
const OBEY_AGAIN: Duration = Duration::from_secs(5);
/// Between two attempts to follow a cluster that does not answer.
const FOLLOW_AGAIN: Duration = Duration::from_millis(200);

/// Serving could not begin, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Options contradict each other, or one is missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Development is for this machine only.
    #[error("serve --dev has credentials that everybody knows; it listens on loopback addresses only, and {0} is none")]
    DevelopmentIsLocal(SocketAddr),
    /// The certificate or its key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A root of attestation documents.
    #[error(transparent)]
    AttestationRoot(#[from] AttestationSetupError),
    /// The keys of an OpenID Connect provider.
    #[error(transparent)]
    WebIdentityKeys(#[from] KeySetFileError),
    /// The data directory could not be made.
    #[error(transparent)]
    Directory(#[from] WriteError),
    /// A development directory could not be made.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The data cannot be opened.
    #[error(transparent)]
    Open(#[from] wiring::OpenError),
    /// The address cannot be served.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The channel to peers cannot be opened.
    #[error(transparent)]
    Peering(#[from] PeeringError),
    /// The file of `--rules` does not fit, or events cannot be followed.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// The file of `--seed` does not fit, or could not be applied.
    #[error(transparent)]
    Seed(#[from] SeedFileError),
    /// Metrics or traces cannot begin.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The audit cannot be kept.
    #[error(transparent)]
    Audit(#[from] audit::AuditError),
    /// The other nodes do not learn of this one.
    #[error(transparent)]
    Join(#[from] kagiban_service::nodes::JoinError),
    /// Signals cannot be waited for.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// The ready file could not be written.
    #[error(transparent)]
    ReadyFile(WriteError),
    /// The view of the store went stale for good.
    #[error("the store cannot be followed any more; the log says why")]
    NotFollowed,
}

/// Serves until told to stop by a signal; what a user should read goes to `output`.
///
/// # Errors
/// [`ServeError`]
pub async fn run(options: &ServeOptions, output: &mut (dyn Write + Send)) -> Result<(), ServeError> {
    log::start(options.log, options.log_format);
    process::harden();
    if options.dev && !is_here(options.listen) {
        return Err(ServeError::DevelopmentIsLocal(options.listen));
    }
    let peering = options.peering()?;
    if let Some((address, _)) = peering.as_ref().filter(|(address, _)| options.dev && !is_here(*address)) {
        return Err(ServeError::DevelopmentIsLocal(*address));
    }
    let limits = within_open_files(options.limits.limits()?);
    let tls = options.tls()?.map(Tls::open).transpose()?.map(Arc::new);
    let recipients = trusted_roots(&options.attestation_root)?;
    let web_identity_keys = Arc::new(ProviderKeys::new(&options.web_identity_keys)?);
    let quotas = options.quotas.settings()?;
    // What is wrong with the rules is said before anything is opened.
    options.rules.as_deref().map(events::read_rules).transpose()?;
    if let Some(address) = options.telemetry.metrics_listen.filter(|address| options.dev && !is_here(*address)) {
        return Err(ServeError::DevelopmentIsLocal(address));
    }
    let telemetry = Telemetry::open(&options.telemetry).await?;
    let freshness_bound = options.freshness.bound()?;
    let is_shared = options.data.store.etcd()?.is_some();
    let directory = prepare_directory(options)?;
    let trust = wiring::Trust { recipients, web_identity_keys };
    let store = store::open(&directory, &options.data.store).await?;
    let wiring::Opened { service, follower, store, journal, passphrase_parameters } =
        wiring::open_on(store, &directory, &options.data.root_key, trust, quotas, &options.audit).await?;
    let (stopper, stop) = shutdown::channel();
    if is_shared {
        service.refuse_when_older_than(freshness_bound);
    }
    let following = tokio::spawn(follow(follower, is_shared, stopper.clone()));
    let is_newcomer = is_shared && nodes::is_newcomer(&service, &journal);
    if is_shared && let Err(error) = nodes::join(&service, &journal, &options.nodes, freshness_bound).await {
        conclude(following, &store).await;
        return Err(error.into());
    }
    if is_shared && let Some(parameters) = passphrase_parameters {
        keep_for_newcomers(&store, parameters).await;
    }
    let service = Arc::new(service);
    // A sealed one, too, lest the others wait for it and take it off.
    let reporting = is_shared.then(|| tokio::spawn(nodes::report(Arc::clone(&service))));
    let obeying = tokio::spawn(obey_seal_orders(Arc::clone(&service)));
    let observer = telemetry.observer();
    let door = DoorPlan { options, tls: tls.clone(), limits, observer: observer.clone(), stopper };
    let here =
        Here { options, directory: &directory, journal: &journal, store: &store, service: &service, stop: &stop };
    let begun = match begin(&here, is_newcomer, peering, &door, output).await {
        Ok(Some(begun)) => begun,
        // Told to stop while it was sealed; or it cannot begin, and the other nodes need not wait for it.
        ended => {
            obeying.abort();
            stop_reporting(reporting, &service).await;
            audit::journal::close(journal).await;
            conclude(following, &store).await;
            return ended.map(drop);
        }
    };
    let Begun { work, channel, events, backups, backing_up, serving } = begun;
    let AuditWork { signer, delivered, history: _, archiving, anchor_board, anchoring } = work;
    let notes = Notes { identities: service.identities(), key_uses: service.key_use_writer() };
    service.begin_answering();
    let told = (anchor_board, events.as_ref().map(Events::counters), backups.clone());
    telemetry.begin(&service, &journal, directory.store_file(), told, stop.clone(), output);

    let jobs = tokio::spawn(run_jobs(Arc::clone(&service)));
    let renewing = tokio::spawn(audit::renew_key(signer, directory, Arc::clone(&service)));
    let kept_heads = KeptHeads::new(&journal, &service);
    let keeping = tokio::spawn(kept_heads.clone().run());
    let evaluating =
        options.compliance.settings().map(|settings| tokio::spawn(compliance::run(Arc::clone(&service), settings)));
    let tending = tokio::spawn(tend_domain_keys(Arc::clone(&service)));
    let erasing = tokio::spawn(erase_deleted(Arc::clone(&service)));
    let rewriting = tokio::spawn(rewrite_rows(Arc::clone(&service)));
    let saving = tokio::spawn(notes.clone().keep_saving());
    let hearing = channel.map(|channel| tokio::spawn(channel.run(stop.clone())));
    // It was spawned and not aborted; where it panicked, connections did not.
    let drained = serving.await.unwrap_or_default();
    if let Some(hearing) = hearing {
        // Its own time to end is short, and a message that is cut comes again.
        _ = hearing.await;
    }
    saving.abort();
    // Wherever that cuts one: a job can be cut anywhere.
    jobs.abort();
    tending.abort();
    erasing.abort();
    obeying.abort();
    rewriting.abort();
    renewing.abort();
    keeping.abort();
    if let Some(backing_up) = backing_up {
        backing_up.abort();
    }
    // What is not finished is no backup.
    _ = tokio::task::spawn_blocking(move || backups.stop()).await;
    delivered.wait().await;
    if let Some(evaluating) = evaluating {
        evaluating.abort();
    }
    if let Some(traces) = observer.traces {
        traces.close().await;
    }
    notes.save(true).await;
    drop(archiving);
    if let Some(events) = events {
        // What is under way comes again; while it stops, the store is still followed.
        _ = tokio::task::spawn_blocking(|| events.stop()).await;
    }
    stop_reporting(reporting, &service).await;
    drop(service);
    audit::journal::close(journal).await;
    if let Ok(anchors) = anchoring.await {
        anchors.end().await;
    }
    kept_heads.end().await;
    let followed_to_the_end = !following.is_finished();
    conclude(following, &store).await;
    tracing::info!(requests_cut = drained.cut, "stopped");
    if followed_to_the_end { Ok(()) } else { Err(ServeError::NotFollowed) }
}

/// What a start has at hand once the service is open and followed.
struct Here<'a> {
    options: &'a ServeOptions,
    directory: &'a DataDirectory,
    journal: &'a Arc<Journal>,
    store: &'a Store,
    service: &'a Arc<Service>,
    stop: &'a Stop,
}

/// What runs beside the service, and the front.
struct Begun {
    work: AuditWork,
    channel: Option<Channel>,
    events: Option<Events>,
    backups: Maker,
    backing_up: Option<JoinHandle<()>>,
    serving: JoinHandle<Drained>,
}

/// Waits for shares if the service is sealed, and begins what needs keys. `None`: it was told to stop before.
async fn begin(
    here: &Here<'_>,
    is_newcomer: bool,
    peering: Option<(SocketAddr, Option<PeerAddress>)>,
    door: &DoorPlan<'_>,
    output: &mut (dyn Write + Send),
) -> Result<Option<Begun>, ServeError> {
    let Here { options, directory, journal, store, service, stop } = here;
    let mut opened_sealed = None;
    if service.is_sealed() {
        let door = door.open(service, output)?;
        tracing::warn!(
            "the server is sealed: it refuses everything until it is unsealed by shares of the recovery key"
        );
        let (serving, mut asked) = (tokio::spawn(door.run((*stop).clone())), (*stop).clone());
        tokio::select! {
            () = service.unsealed() => opened_sealed = Some(serving),
            () = asked.asked() => {
                _ = serving.await;
                return Ok(None);
            }
        }
    }
    service.take_over_domain_keys().await;
    seed_before_serving(options, service).await?;
    let work = begin_audit(options, directory, journal, is_newcomer, service, stop).await?;
    let channel = open_channel(options, peering, service).await?;
    let events = start_events(options, directory, (journal.id(), work.history.clone()), service)?;
    let (backups, backing_up) = begin_backups(options, directory, store, service);
    let serving = match opened_sealed {
        Some(serving) => serving,
        None => tokio::spawn(door.open(service, output)?.run((*stop).clone())),
    };
    Ok(Some(Begun { work, channel, events, backups, backing_up, serving }))
}

/// What the front needs, which opens once: before the domain keys are there, or after everything that needs them was begun.
struct DoorPlan<'a> {
    options: &'a ServeOptions,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    observer: Observer,
    stopper: Stopper,
}

impl DoorPlan<'_> {
    /// Listens, tells so, and heeds signals from now on.
    fn open(&self, service: &Arc<Service>, output: &mut (dyn Write + Send)) -> Result<Front<Arc<Service>>, ServeError> {
        let Self { options, tls, limits, .. } = self;
        let health = Arc::new(Health::default());
        let front = Front::bind(options.listen, tls.clone(), limits.clone(), health, Arc::clone(service))?;
        let front = front.trusting(options.trusted_proxies()).observed_by(self.observer.clone());
        tokio::spawn(self.stopper.clone().on_signals().map_err(ServeError::Signals)?);
        reload_on_hangup(tls.clone()).map_err(ServeError::Signals)?;
        announce(options, &Endpoint { is_tls: tls.is_some(), address: front.address() }, output)?;
        Ok(front)
    }
}

/// A node that joins needs the parameters of the root passphrase; stores of earlier versions don't have them.
async fn keep_for_newcomers(store: &Store, parameters: PassphraseParameters) {
    if let Err(error) = kagiban_service::root_passphrase::keep(store, parameters).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the parameters of the root passphrase are not in the store; the next start of a node tries again"
        );
    }
}

fn is_here(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// The channel to peers, if there is to be one; and the Regions that are served here.
async fn open_channel(
    options: &ServeOptions,
    peering: Option<(SocketAddr, Option<PeerAddress>)>,
    service: &Arc<Service>,
) -> Result<Option<Channel>, ServeError> {
    if !options.region.is_empty() {
        service.serve_regions(options.region.iter().copied().collect());
    }
    match peering {
        Some((address, announced)) => Ok(Some(Channel::open(service, address, announced).await?)),
        None => Ok(None),
    }
}

/// What works on the audit while the server runs.
struct AuditWork {
    signer: Arc<AuditSigner>,
    delivered: Ended,
    /// All records that there are, in archives and journal.
    history: History,
    archiving: Archiving,
    anchor_board: AnchorBoard,
    anchoring: JoinHandle<Anchors>,
}

/// Has the journal signed, and begins what is made of it.
async fn begin_audit(
    options: &ServeOptions,
    directory: &DataDirectory,
    journal: &Arc<Journal>,
    is_newcomer: bool,
    service: &Service,
    stop: &Stop,
) -> Result<AuditWork, AuditError> {
    let signer = audit::journal::sign(journal, directory, &options.audit, is_newcomer, service).await?;
    let mut anchors = Anchors::new(&options.audit.audit_anchor, journal, service.clock())?;
    let signs = Arc::clone(&signer) as _;
    let (history, archiving) = audit::archives::begin(directory, journal, signs, service.clock(), &options.audit)?;
    let settings = options.audit_deliveries.settings(&options.region);
    let delivered = audit::deliver(&settings, directory, journal, &history, Arc::clone(&signer), service, stop)?;
    let mut stop = stop.clone();
    let anchor_board = anchors.board();
    let anchoring = tokio::spawn(async move {
        tokio::select! {
            () = anchors.run() => {}
            () = stop.asked() => {}
        }
        anchors
    });
    Ok(AuditWork { signer, delivered, history, archiving, anchor_board, anchoring })
}

/// What makes backups when it is asked, and by itself if there is a period.
fn begin_backups(
    options: &ServeOptions,
    directory: &DataDirectory,
    store: &Store,
    service: &Service,
) -> (Maker, Option<JoinHandle<()>>) {
    let BackupOptions { backup_directory, backup_every, backup_keep } = &options.backups;
    let place = backup_directory.clone().unwrap_or_else(|| directory.path().join("backups"));
    let store_name = if options.data.store.store == StorePlace::Embedded { "embedded" } else { "etcd" };
    let keep = backup_every.map(|_| backup_keep.get());
    let maker = Maker::new(store.clone(), store_name, BackupDirectory::new(place), keep, Arc::new(SystemClock));
    service.back_up_with(Arc::new(maker.clone()));
    let making = backup_every.map(|period| tokio::spawn(maker.clone().make_every(period)));
    (maker, making)
}

/// Follows the audit with the rules of `--rules`, if they are given; they are read again on SIGHUP.
fn start_events(
    options: &ServeOptions,
    directory: &DataDirectory,
    (journal, history): (JournalId, History),
    service: &Arc<Service>,
) -> Result<Option<Events>, ServeError> {
    let Some(rules_file) = options.rules.clone() else { return Ok(None) };
    let (follower, service) = (Arc::new(history) as Arc<dyn Follower>, Arc::clone(service));
    let directory = directory.path().join("events");
    let sources = events::Sources { rules_file, directory, journal, follower, service };
    let events = Events::start(sources)?;
    let (reloader, mut hangup) = (events.reloader(), signal(SignalKind::hangup()).map_err(ServeError::Signals)?);
    tokio::spawn(async move { while hangup.recv().await.is_some() && reloader.send(()).await.is_ok() {} });
    Ok(Some(events))
}

/// What `--seed` wants to be there, if it is given.
async fn seed_before_serving(options: &ServeOptions, service: &Service) -> Result<(), ServeError> {
    match &options.seed {
        Some(path) => Ok(seed::apply(path, service).await?),
        None => Ok(()),
    }
}

/// The data directory; one for development makes itself.
fn prepare_directory(options: &ServeOptions) -> Result<DataDirectory, ServeError> {
    let kind = if options.dev { DeploymentKind::Development } else { DeploymentKind::Production };
    let directory = DataDirectory::new(options.data_directory()?, kind);
    // When the system cannot tell whether there is a store, opening it says why.
    if options.data.store.etcd()?.is_some() {
        if options.dev {
            return Err(ConfigError::DevelopmentIsEmbedded.into());
        }
        directory.make()?;
    }
    if options.dev && !directory.is_initialised().unwrap_or(true) {
        initialise(&directory, &options.data.root_key, None, &mut |_| Ok(()))?;
    }
    Ok(directory)
}

/// Each connection is an open file; what cannot be opened must wait and not fail.
fn within_open_files(limits: Limits) -> Limits {
    let files = process::raise_open_files().saturating_sub(FILES_FOR_OURSELVES).max(1);
    let possible = usize::try_from(files).unwrap_or(usize::MAX);
    if possible < limits.connections {
        tracing::warn!(possible, wanted = limits.connections, "fewer connections than wanted: raise ulimit -n");
    }
    Limits { connections: limits.connections.min(possible), ..limits }
}

/// Keeps the service's view fresh. If that ends while the service runs, the service must end too: what it would answer
/// from then on might no longer be true.
async fn follow(mut follower: ViewFollower, is_shared: bool, stopper: Stopper) {
    let error = loop {
        match follower.run().await {
            // A cluster may come back; until then requests are refused for want of a fresh view.
            Err(FollowError::Engine(EngineError::Unavailable | EngineError::SnapshotGone | EngineError::Io(_)))
                if is_shared =>
            {
                tracing::warn!("the store cannot be followed at present; it is tried again");
                tokio::time::sleep(FOLLOW_AGAIN).await;
            }
            Err(error) => break error,
        }
    };
    tracing::error!(error = &error as &dyn std::error::Error, "the store is not followed any more; stopping");
    stopper.stop();
}

/// Does what comes due by itself: keys are deleted and rotated, imported material expires.
async fn run_jobs(service: Arc<Service>) {
    loop {
        service.unsealed().await;
        service.run_due_jobs().await;
        tokio::select! {
            () = tokio::time::sleep(service.pause_before_jobs()) => {}
            () = service.sooner_due() => {}
        }
    }
}

/// Goes on with the rotation of a domain key, and takes over what other nodes changed.
async fn tend_domain_keys(service: Arc<Service>) {
    loop {
        service.unsealed().await;
        let pause = service.tend_domain_keys().await;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = service.domain_keys_changed() => {}
        }
    }
}

/// Puts beyond recovery what was deleted.
async fn erase_deleted(service: Arc<Service>) {
    loop {
        let pause = service.erase_deleted().await;
        tokio::time::sleep(pause).await;
    }
}

/// Leaves the nodes, if this is one of several.
async fn stop_reporting(reporting: Option<JoinHandle<()>>, service: &Service) {
    if let Some(reporting) = reporting {
        reporting.abort();
        nodes::leave(service).await;
    }
}

/// Seals this node when all are ordered to be sealed, and opens it again when that is over and it has a root key.
async fn obey_seal_orders(service: Arc<Service>) {
    loop {
        match service.obey_seal_order().await {
            true => service.seal_order_changed().await,
            false => tokio::time::sleep(OBEY_AGAIN).await,
        }
    }
}

/// Brings rows to the store's format while that changes.
async fn rewrite_rows(service: Arc<Service>) {
    loop {
        let pause = service.rewrite_rows().await;
        tokio::time::sleep(pause).await;
    }
}

fn reload_on_hangup(tls: Option<Arc<Tls>>) -> io::Result<()> {
    let Some(tls) = tls else { return Ok(()) };
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "the certificate could not be read again; the old one stays in use");
                }
            }
        }
    });
    Ok(())
}

async fn conclude(following: JoinHandle<()>, store: &kagiban_storage::Store) {
    following.abort();
    if let Err(error) = store.engine().close().await {
        tracing::error!(error = &error as &dyn std::error::Error, "closing the store failed");
    }
}

/// Where requests go.
struct Endpoint {
    is_tls: bool,
    address: SocketAddr,
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.is_tls { "https" } else { "http" }, self.address)
    }
}

fn announce(options: &ServeOptions, endpoint: &Endpoint, output: &mut (dyn Write + Send)) -> Result<(), ServeError> {
    tracing::info!(%endpoint, development = options.dev, "serving");
    if options.dev {
        tracing::warn!(
            "development: everybody who reaches this address can use every key; never put real secrets here"
        );
    }
    let is_own = |root: &AttestationRoot| *root != AttestationRoot::Aws;
    if !options.dev && options.attestation_root.iter().any(is_own) {
        tracing::warn!(
            "an attestation root of one's own is trusted: whoever has its private key can attest to anything"
        );
    }
    if let Some(path) = &options.ready_file {
        write_ready_file(path, endpoint).map_err(ServeError::ReadyFile)?;
    }
    let text = if options.dev { development_text(endpoint) } else { format!("Kagiban is serving on {endpoint}\n") };
    // Standard output may be the audit's.
    let output = if options.audit_deliveries.takes_standard_output() { &mut io::stderr() } else { output };
    // Whoever started us may not be reading; that is no reason not to serve.
    _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    Ok(())
}

fn write_ready_file(path: &Path, endpoint: &Endpoint) -> Result<(), WriteError> {
    write_private(path, format!("{endpoint}\n").as_bytes(), &mut |_| Ok(()))
}

fn development_text(endpoint: &Endpoint) -> String {
    format!(
        "Kagiban is serving on {endpoint} for DEVELOPMENT: everybody who reaches it can use every key.\n\
         \n\
         Paste these lines into a shell:\n\
         \n\
         export AWS_ENDPOINT_URL={endpoint}\n\
         export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n\
         export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\n\
         \n\
         And then, for example:\n\
         \n\
         aws kms create-key --description \"my first key\"\n\
         aws iam create-user --user-name my-first-user\n"
    )
}
