//! A service with everything it needs, in memory, and clients that sign their requests as SDKs do.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use kagiban_attestation::TrustedRoots;
use kagiban_base::id::RequestId;
use kagiban_base::random::Random;
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::{Clock, Timestamp};
use kagiban_iam::web_identity_keys::NoWebIdentityKeys;
use kagiban_identity::sigv4::Signer;
use kagiban_keycore::root_key::{LocalRootKey, RootKey};
use kagiban_service::quotas::{QuotaMode, QuotaSettings};
use kagiban_service::sealing::RootKeySource;
use kagiban_service::work::Workers;
use kagiban_service::{
    DeploymentKind, Environment, OpenError, RawRequest, RawResponse, Service, ViewFollower, bootstrap,
};
use kagiban_storage::format::{FormatRecord, FormatRowKey};
use kagiban_storage::{Batch, Engine, Format, Formats, MemoryEngine, Store, row};
use serde_json::Value;

use crate::{BlockingWorkers, FakeClock, MemoryJournal, Secrets, SeededRandom};

/// The error that a client sees.
#[derive(Clone, Debug, PartialEq)]
pub struct AwsError {
    /// HTTP status.
    pub status: u16,
    /// `__type`
    pub code: String,
    /// `message` or `Message`; empty when there is none.
    pub message: String,
}

/// What a world stands on. The default: a store of its own in memory, workers that are never busy, no trusted root.
#[derive(Clone)]
pub struct Setting {
    /// The store.
    pub engine: Arc<dyn Engine>,
    /// Who does slow cryptography.
    pub workers: Arc<dyn Workers>,
    /// The roots of attestation documents.
    pub recipients: TrustedRoots,
    /// How much accounts may have and ask for.
    pub quotas: QuotaSettings,
    /// Where requests leave their records.
    pub journal: Arc<MemoryJournal>,
    /// The formats of the store that the program knows: others than ours for one of another version.
    pub formats: Formats,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            engine: Arc::new(MemoryEngine::new()),
            workers: Arc::new(BlockingWorkers),
            recipients: TrustedRoots::none(),
            quotas: QuotaSettings::default(),
            journal: Arc::new(MemoryJournal::new()),
            formats: Formats::OURS,
        }
    }
}

impl Setting {
    /// What a service needs in this setting, with a clock and randomness: for tests of a service that is no world's. It believes the keys
    /// of no OpenID Connect provider.
    pub fn environment(&self, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Environment {
        Environment {
            clock,
            random,
            workers: Arc::clone(&self.workers),
            recipients: self.recipients.clone(),
            web_identity_keys: Arc::new(NoWebIdentityKeys),
            quotas: self.quotas.clone(),
            recorder: self.journal.clone(),
        }
    }
}

/// A development service in memory; any 12-digit account is there.
pub struct World {
    /// The service.
    pub service: Arc<Service>,
    /// Its clock.
    pub clock: Arc<FakeClock>,
    /// Its randomness.
    pub random: Arc<SeededRandom>,
    setting: Setting,
}

impl World {
    /// A new world: empty store, clock at 2026-11-21T12:00:00Z, randomness with a fixed seed.
    pub async fn new() -> Self {
        Self::of(Setting::default()).await
    }

    /// A new world on an engine of the test's own, which must be empty.
    pub async fn on(engine: Arc<dyn Engine>) -> Self {
        Self::of(Setting { engine, ..Setting::default() }).await
    }

    /// A new world in a setting of the test's own, whose engine must be empty.
    pub async fn of(setting: Setting) -> Self {
        let (clock, random) = (Arc::new(Self::clock()), Arc::new(SeededRandom::new(1)));
        Self::begin(&*setting.engine, &clock, &random).await;
        if !setting.formats.have(Format::NEWEST) {
            // A program that knows the first format only says nothing of it.
            let key = row::encode_key::<FormatRecord>(&FormatRowKey).expect("a key");
            setting.engine.commit(Batch::new().delete(key)).await.expect("the second commit");
        }
        Self::open(setting, clock, random).await
    }

    /// The clock of a new world.
    pub fn clock() -> FakeClock {
        FakeClock::at(Timestamp::parse_basic_iso("20261121T120000Z").expect("a date"))
    }

    /// Makes an empty store a deployment, for worlds that are opened on it.
    pub async fn begin(engine: &dyn Engine, clock: &FakeClock, random: &SeededRandom) {
        let kind = DeploymentKind::Development;
        let batch = bootstrap::first_batch(kind, None, &root_key(), clock.now(), random).expect("a first batch");
        engine.commit(batch).await.expect("the first commit");
    }

    /// The same world after a restart: a new service on the same engine.
    pub async fn reopen(engine: Arc<dyn Engine>, clock: Arc<FakeClock>, random: Arc<SeededRandom>) -> Self {
        Self::open(Setting { engine, ..Setting::default() }, clock, random).await
    }

    /// This world after a restart: a new service in the same setting, with the same clock.
    pub async fn restarted(&self) -> Self {
        Self::open(self.setting.clone(), Arc::clone(&self.clock), Arc::clone(&self.random)).await
    }

    /// This world after a restart without its root key: sealed.
    pub async fn restarted_sealed(&self) -> Self {
        let (setting, clock, random) = (self.setting.clone(), Arc::clone(&self.clock), Arc::clone(&self.random));
        let environment = setting.environment(clock.clone(), random.clone());
        let store = Store::of_formats(Arc::clone(&setting.engine), setting.formats);
        let opened = Service::open_sealed(store, DeploymentKind::Development, environment).await;
        let (service, mut follower) = opened.expect("a service");
        tokio::spawn(async move { follower.run().await });
        Self { service: Arc::new(service), clock, random, setting }
    }

    /// This world after a restart with one quota that is set.
    ///
    /// # Panics
    /// When it is no quota.
    pub async fn restarted_with(&self, quota: &str) -> Self {
        let quotas = QuotaSettings::new(QuotaMode::Off, vec![quota.parse().expect("a quota")]).expect("quotas");
        let setting = Setting { quotas, ..self.setting.clone() };
        Self::open(setting, Arc::clone(&self.clock), Arc::clone(&self.random)).await
    }

    /// This world after a restart in which requests are limited so.
    ///
    /// # Panics
    /// When it is no setting.
    pub async fn restarted_under(&self, quotas: QuotaSettings) -> Self {
        let setting = Setting { quotas, ..self.setting.clone() };
        Self::open(setting, Arc::clone(&self.clock), Arc::clone(&self.random)).await
    }

    /// The world after a restart, in a setting with its store in it.
    pub async fn open(setting: Setting, clock: Arc<FakeClock>, random: Arc<SeededRandom>) -> Self {
        let (world, mut follower) = Self::unfollowed(setting, clock, random).await.expect("a service");
        tokio::spawn(async move { follower.run().await });
        world
    }

    /// The same, for a test that runs the follower itself, and whose store may fail already here.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn unfollowed(
        setting: Setting,
        clock: Arc<FakeClock>,
        random: Arc<SeededRandom>,
    ) -> Result<(Self, ViewFollower), OpenError> {
        let environment = setting.environment(clock.clone(), random.clone());
        let store = Store::of_formats(Arc::clone(&setting.engine), setting.formats);
        let (service, follower) = Service::open(store, DeploymentKind::Development, &root_key(), environment).await?;
        service.root_key_from(Arc::new(SameRootKey));
        Ok((Self { service: Arc::new(service), clock, random, setting }, follower))
    }

    /// The same where it may be refused, with randomness of its own.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn try_open(setting: Setting, clock: &Arc<FakeClock>) -> Result<Self, OpenError> {
        let random = Arc::new(SeededRandom::new(77));
        let (world, mut follower) = Self::unfollowed(setting, Arc::clone(clock), random).await?;
        tokio::spawn(async move { follower.run().await });
        Ok(world)
    }

    /// The root of an account, calling in a Region.
    pub fn client(&self, account: &str, region: &str) -> Client<'_> {
        let signer = Signer {
            access_key_id: account.parse().expect("an access key id"),
            secret_access_key: SecretBytes::from_slice(b"test"),
            security_token: None,
            region: region.parse().expect("a Region"),
            service: "kms",
        };
        Client { world: self, signer }
    }

    /// Its audit journal.
    pub fn journal(&self) -> &Arc<MemoryJournal> {
        &self.setting.journal
    }

    /// What its clock shows.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends a request as it is. It leaves one record in the journal, and no secret of it or of its answer is there.
    pub async fn send(&self, request: Request<Bytes>) -> RawResponse {
        let (head, body) = request.into_parts();
        let request_id = RequestId::generate(self.random.as_ref()).expect("randomness");
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        if !self.setting.journal.is_kept() {
            return self
                .service
                .call(RawRequest { request_id, head, body, peer, secure_transport: false, tls: None })
                .await;
        }
        let mut secrets = Secrets::default();
        secrets.add_headers(&head.headers);
        secrets.add_body(&body);
        let request = RawRequest { request_id, head, body, peer, secure_transport: false, tls: None };
        let response = self.service.call(request).await;
        secrets.add_body(&response.body);
        self.setting.journal.assert_recorded(request_id, response.status, secrets);
        response
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("service", &self.service).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Gives the root key of every world again.
struct SameRootKey;

impl RootKeySource for SameRootKey {
    fn open(&self) -> Result<Box<dyn RootKey>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Box::new(root_key()))
    }
}

/// The root key of every world.
fn root_key() -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([7; 32])).expect("a root key")
}

/// A caller who signs its requests.
#[derive(Debug)]
pub struct Client<'w> {
    pub(crate) world: &'w World,
    /// What it signs with; change it to sign wrongly.
    pub signer: Signer,
}

impl<'w> Client<'w> {
    pub(crate) fn with(world: &'w World, signer: Signer) -> Self {
        Self { world, signer }
    }

    /// The world that it calls.
    pub fn world(&self) -> &'w World {
        self.world
    }

    /// The same caller, calling in the Region of a key.
    #[must_use]
    pub fn in_region_of(&self, arn: &str) -> Client<'w> {
        self.in_region(arn.split(':').nth(3).expect("an ARN"))
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, AwsError> {
        self.call_bytes(operation, Bytes::from(input.to_string())).await
    }

    /// Calls an operation with a body of the test's own.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn call_bytes(&self, operation: &str, body: Bytes) -> Result<Value, AwsError> {
        self.call_target(&format!("TrentService.{operation}"), body).await
    }

    pub(crate) async fn call_target(&self, target: &str, body: Bytes) -> Result<Value, AwsError> {
        read(&self.world.send(self.signed(target, body)).await)
    }

    /// Calls an operation with more headers, which are signed.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn call_with(
        &self,
        headers: &[(&'static str, &str)],
        operation: &str,
        input: Value,
    ) -> Result<Value, AwsError> {
        let mut request = self.unsigned(&format!("TrentService.{operation}"), Bytes::from(input.to_string()));
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().expect("a header's value"));
        }
        self.signer.sign(&mut request, self.world.clock.now()).expect("a signature");
        read(&self.world.send(request).await)
    }

    /// A signed request with this target and body.
    pub fn signed(&self, target: &str, body: Bytes) -> Request<Bytes> {
        let mut request = self.unsigned(target, body);
        self.signer.sign(&mut request, self.world.clock.now()).expect("a signature");
        request
    }

    fn unsigned(&self, target: &str, body: Bytes) -> Request<Bytes> {
        Request::post("http://kms.test/")
            .header("host", "kms.test")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(body)
            .expect("a request")
    }
}

/// An answer as the client's code sees it; an empty body is `{}`.
fn read(response: &RawResponse) -> Result<Value, AwsError> {
    let body = if response.body.is_empty() { b"{}".as_slice() } else { &response.body };
    let value: Value = serde_json::from_slice(body).expect("answers are JSON");
    if response.status.is_success() {
        return Ok(value);
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(code) = text("__type") else { panic!("an error without __type: {value}") };
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Err(AwsError { status: response.status.as_u16(), code, message })
}
