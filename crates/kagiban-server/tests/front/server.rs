//! A front with a scripted service behind it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use kagiban_server::health::Health;
use kagiban_server::http::{Answer, Drained, Front, Limits, RawRequest, RawResponse, Refusal, TrustedProxies};
use kagiban_server::shutdown::{self, Stopper};
use kagiban_server::tls::Tls;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

/// What the service does, by the first word of the body: `panic`, `late panic`, `wait` (until released), or answer with
/// the body's length, the host, the peer and whether the transport is secure.
pub(crate) struct Script {
    pub(crate) released: Semaphore,
    pub(crate) healthy: std::sync::atomic::AtomicBool,
    pub(crate) calls: AtomicUsize,
    /// The codes of what the front refused by itself.
    pub(crate) refused: Mutex<Vec<&'static str>>,
    /// Whether that can be recorded.
    pub(crate) records: std::sync::atomic::AtomicBool,
    waiting: mpsc::UnboundedSender<()>,
}

/// The front under test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) script: Arc<Script>,
    pub(crate) waiting: mpsc::UnboundedReceiver<()>,
    pub(crate) stopper: Stopper,
    pub(crate) ended: JoinHandle<Drained>,
}

struct Scripted(Arc<Script>);

impl Answer for Scripted {
    async fn answer(&self, request: RawRequest) -> RawResponse {
        let script = &self.0;
        script.calls.fetch_add(1, Ordering::SeqCst);
        match &request.body[..] {
            b"panic" => panic!("as told, with a secret: {:?}", request.head.headers),
            b"late panic" => {
                tokio::task::yield_now().await;
                panic!("as told, later");
            }
            b"wait" => {
                script.waiting.send(()).unwrap();
                script.released.acquire().await.unwrap().forget();
            }
            _ => {}
        }
        RawResponse {
            content_type: "application/x-amz-json-1.1",
            body: Bytes::from(describe(&request)),
            ..RawResponse::default()
        }
    }

    async fn refuse(&self, request: RawRequest, refusal: Refusal) -> bool {
        self.refuse_bytes(request, refusal)
    }

    fn refuse_bytes(&self, _request: RawRequest, refusal: Refusal) -> bool {
        self.0.refused.lock().unwrap().push(refusal.code);
        self.0.records.load(Ordering::SeqCst)
    }

    async fn is_ready(&self) -> bool {
        self.0.healthy.load(Ordering::SeqCst)
    }
}

fn describe(request: &RawRequest) -> String {
    let host = request.head.headers.get("host").map(|host| host.to_str().unwrap().to_owned());
    serde_json::json!({
        "length": request.body.len(),
        "host": host,
        "query": request.head.uri.query(),
        "id": request.request_id.as_str(),
        "peer": request.peer,
        "secure": request.secure_transport,
        "tls": request.tls.as_ref().map(|tls| [&tls.version, &tls.cipher_suite, &tls.key_exchange]),
    })
    .to_string()
}

/// Limits that a test can run into within moments, and large ones where it must not.
pub(crate) fn tight() -> Limits {
    let long = Duration::from_secs(60);
    Limits {
        body_bytes: 64 << 10,
        head_bytes: 8 << 10,
        head_time: long,
        body_time: long,
        answer_time: long,
        write_time: long,
        idle_time: long,
        handshake_time: long,
        linger_time: Duration::from_millis(300),
        drain_time: long,
        ..Limits::default()
    }
}

pub(crate) const MOMENT: Duration = Duration::from_millis(150);

impl Server {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::start_with(limits, None)
    }

    pub(crate) fn start_with(limits: Limits, tls: Option<Arc<Tls>>) -> Self {
        Self::start_behind(limits, tls, TrustedProxies::default())
    }

    pub(crate) fn start_behind(limits: Limits, tls: Option<Arc<Tls>>, proxies: TrustedProxies) -> Self {
        let (waiting_sender, waiting) = mpsc::unbounded_channel();
        let script = Arc::new(Script {
            released: Semaphore::new(0),
            healthy: true.into(),
            calls: AtomicUsize::new(0),
            refused: Mutex::default(),
            records: true.into(),
            waiting: waiting_sender,
        });
        let (stopper, stop) = shutdown::channel();
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let front =
            Front::bind(loopback, tls, limits, Arc::new(Health::default()), Scripted(Arc::clone(&script))).unwrap();
        let front = front.trusting(proxies);
        let address = front.address();
        Self { address, script, waiting, stopper, ended: tokio::spawn(front.run(stop)) }
    }

    pub(crate) fn calls(&self) -> usize {
        self.script.calls.load(Ordering::SeqCst)
    }
}
