//! The address at which metrics are read: GET /metrics, and nothing else. Each connection is for one request and a few seconds, and
//! there are few at once; what it may cost is known.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::scrape::Sources;
use crate::http::ListenError;
use crate::shutdown::Stop;

/// Connections at once.
const CONNECTIONS: usize = 16;
/// Bytes of a request's head.
const HEAD_BYTES: usize = 8 << 10;
/// For a request to come.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// For a whole connection.
const CONNECTION_TIME: Duration = Duration::from_secs(20);
/// After a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// A listener that does not answer yet.
pub(crate) struct MetricsListener {
    listener: TcpListener,
    address: SocketAddr,
}

impl MetricsListener {
    /// Listens; port 0 lets the system choose one.
    ///
    /// # Errors
    /// [`ListenError::Bind`]
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        let failed = |source| ListenError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!(%address, "metrics are at /metrics");
        if !address.ip().to_canonical().is_loopback() {
            tracing::warn!(%address, "metrics name keys and are served to whoever reaches this address");
        }
        Ok(Self { listener, address })
    }

    /// Where it listens, with the real port.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until told to stop.
    pub(crate) async fn run(self, sources: Arc<Sources>, mut stop: Stop) {
        tokio::select! {
            () = self.serve(sources) => {}
            () = stop.asked() => {}
        }
        tracing::debug!(address = %self.address, "metrics are no longer served");
    }

    async fn serve(&self, sources: Arc<Sources>) {
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        // The semaphore is never closed.
        while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
            let Ok((socket, _)) = self.listener.accept().await else {
                sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let sources = Arc::clone(&sources);
            tokio::spawn(async move {
                // How it ended is the peer's affair.
                _ = timeout(CONNECTION_TIME, converse(socket, sources)).await;
                drop(slot);
            });
        }
    }
}

async fn converse(socket: TcpStream, sources: Arc<Sources>) -> Result<(), io::Error> {
    let answer = |request: Request<Incoming>| {
        let sources = Arc::clone(&sources);
        async move { Ok::<_, Infallible>(reply(&request, &sources).await) }
    };
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).keep_alive(false).max_buf_size(HEAD_BYTES);
    protocol.serve_connection(TokioIo::new(socket), service_fn(answer)).await.map_err(io::Error::other)
}

async fn reply(request: &Request<Incoming>, sources: &Sources) -> Response<Full<Bytes>> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match (request.uri().path(), is_read) {
        ("/metrics", true) => match sources.scrape().await {
            Ok(page) => response(StatusCode::OK, OPEN_METRICS, page),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n"),
        },
        ("/metrics", false) => {
            let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "metrics are read with GET\n");
            refusal.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            refusal
        }
        _ => plain(StatusCode::NOT_FOUND, "metrics are at /metrics\n"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    response(status, HeaderValue::from_static("text/plain"), text)
}

fn response(status: StatusCode, kind: HeaderValue, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
