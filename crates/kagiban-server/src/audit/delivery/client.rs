//! Requests to a target over HTTP: one connection, kept while it is used; no redirects, no proxy; bounded in time and in
//! what is read of an answer.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::target::TargetError;

/// For reaching the target, TLS included.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// For one request and its answer.
const EXCHANGE_TIME: Duration = Duration::from_secs(60);
/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 << 10;
/// Characters of a reason that are shown.
const REASON_CHARS: usize = 200;

/// A URL cannot be a target's.
#[derive(Debug, thiserror::Error)]
pub enum OriginError {
    /// No scheme or host, or another scheme.
    #[error("{0} is not https://HOST or http://HOST")]
    Address(String),
    /// The library refuses.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The file with the authorization.
    #[error("cannot read the value of an Authorization header from {}", path.display())]
    Authorization {
        /// The file.
        path: PathBuf,
        /// Why not; `None` when what is in it is no header value.
        source: Option<io::Error>,
    },
}

/// Speaks with one server.
pub(crate) struct Client {
    host: String,
    port: u16,
    authority: HeaderValue,
    tls: Option<Arc<ClientConfig>>,
    kept: Mutex<Option<Connection>>,
}

/// An open connection; it ends when this is dropped.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    _driver: JoinSet<Result<(), hyper::Error>>,
}

impl Client {
    /// For the server of this URL.
    pub(crate) fn new(uri: &Uri) -> Result<Self, OriginError> {
        let address = || OriginError::Address(format!("{:?}", uri.host().unwrap_or_default()));
        let host = uri.host().ok_or_else(address)?.to_owned();
        let tls = match uri.scheme_str() {
            Some("https") => Some(Arc::new(tls_of_this_machine()?)),
            Some("http") => None,
            _ => return Err(address()),
        };
        let default = if tls.is_some() { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default);
        let authority = if port == default { host.clone() } else { format!("{host}:{port}") };
        let authority = HeaderValue::from_str(&authority).map_err(|_| address())?;
        Ok(Self { host, port, authority, tls, kept: Mutex::new(None) })
    }

    /// The value of the Host header.
    pub(super) fn authority(&self) -> &HeaderValue {
        &self.authority
    }

    /// Sends a request whose URI is a path. Its answer's body, if the status is 200 to 299.
    pub(crate) async fn send(&self, mut request: Request<Bytes>) -> Result<Bytes, TargetError> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.authority.clone());
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("kagiban"));
        let mut kept = self.kept.lock().await;
        let late = || TargetError::Late { host: self.host.clone() };
        let mut connection = match kept.take().filter(|connection| connection.sender.is_ready()) {
            Some(connection) => connection,
            None => timeout(CONNECT_TIME, self.connect()).await.map_err(|_| late())??,
        };
        let body = timeout(EXCHANGE_TIME, self.exchange(&mut connection, request)).await.map_err(|_| late())??;
        *kept = Some(connection);
        Ok(body)
    }

    async fn exchange(&self, connection: &mut Connection, request: Request<Bytes>) -> Result<Bytes, TargetError> {
        let failed = |source| TargetError::Exchange { host: self.host.clone(), source };
        let answer = connection.sender.send_request(request.map(Full::new)).await.map_err(failed)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        Err(TargetError::Status { host: self.host.clone(), status, reason: reason(&body) })
    }

    async fn connect(&self) -> Result<Connection, TargetError> {
        let failed = |source| TargetError::Connect { host: self.host.clone(), source };
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, self.port)).await.map_err(failed)?;
        let Some(tls) = &self.tls else { return self.shake_hands(stream).await };
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| failed(io::Error::other(error)))?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(failed)?;
        self.shake_hands(stream).await
    }

    async fn shake_hands<S>(&self, stream: S) -> Result<Connection, TargetError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shaken = http1::Builder::new().handshake(TokioIo::new(stream)).await;
        let (sender, connection) =
            shaken.map_err(|source| TargetError::Exchange { host: self.host.clone(), source })?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Ok(Connection { sender, _driver: driver })
    }
}

/// The text of an XML answer's Code and Message, as S3 gives them; `None` for other answers, which are not shown.
fn reason(body: &[u8]) -> Option<String> {
    let text = str::from_utf8(body).ok()?;
    let part = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(part, _)| part)
    };
    let (code, message) = (part("Code")?, part("Message").unwrap_or_default());
    Some(format!("{code}: {message}").chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect())
}

/// Whom this machine trusts (the system's store, or the file that SSL_CERT_FILE names).
fn tls_of_this_machine() -> Result<ClientConfig, OriginError> {
    let loaded = rustls_native_certs::load_native_certs();
    for error in &loaded.errors {
        tracing::warn!(%error, "authorities of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(loaded.certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_taken_from_s3s_answers_only() {
        let xml = b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No.\n</Message></Error>";
        assert_eq!(reason(xml).as_deref(), Some("AccessDenied: No."));
        assert_eq!(reason(b"<html>no</html>"), None);
        assert_eq!(reason(b"\xff"), None);
    }
}
