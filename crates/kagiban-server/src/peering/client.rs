//! Messages to peers: one connection to each, kept while it is used, within bounds of size and time.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_service::peers::{ChannelIdentity, Exchanged, PeerAddress, PeerCall, PeerTransport, TransportError};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::{BODY_BYTES, certificate, tls};

/// For reaching a peer, TLS included.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// For the answer.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;
/// Bytes of an answer's head at most.
const HEAD_BYTES: usize = 16 << 10;
/// Connections kept; a deployment has fewer peers.
const KEPT_MAX: usize = 64;

/// Speaks with peers.
#[derive(Default)]
pub struct PeerClient {
    kept: Mutex<HashMap<Destination, Connection>>,
}

/// Whom a connection leads to, and where.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Destination {
    fingerprint: CertificateFingerprint,
    address: String,
}

/// An open connection; it ends when this is dropped.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Ends with what broke the connection.
    driver: JoinSet<Option<TransportError>>,
}

impl Connection {
    /// What broke it: the driver knows better than who was to send over it.
    async fn cause(&mut self, error: &hyper::Error) -> TransportError {
        if (error.is_canceled() || error.is_closed())
            && let Some(Ok(Some(cause))) = self.driver.join_next().await
        {
            return cause;
        }
        broken(error)
    }
}

/// What came of a request.
enum Sent {
    /// The connection was dead, and the peer has heard nothing that it answered.
    Dead(TransportError),
    Answered(StatusCode, Vec<u8>),
}

impl PeerTransport for PeerClient {
    fn new_identity(&self) -> Result<ChannelIdentity, TransportError> {
        certificate::make()
    }

    fn exchange<'a>(&'a self, call: PeerCall<'a>) -> Exchanged<'a> {
        Box::pin(async move {
            match self.converse(&call).await? {
                (StatusCode::OK, body) => Ok(body),
                (StatusCode::FORBIDDEN, _) => Err(TransportError::NotKnown),
                (status, _) => Err(TransportError::Status(status.as_u16())),
            }
        })
    }
}

impl PeerClient {
    async fn converse(&self, call: &PeerCall<'_>) -> Result<(StatusCode, Vec<u8>), TransportError> {
        let destination = Destination { fingerprint: call.fingerprint, address: call.address.as_str().to_owned() };
        let message = Bytes::from(call.message.clone());
        if let Some(kept) = self.take(&destination) {
            // It may have ended while nobody looked; then a new one is made.
            if let Sent::Answered(status, body) = self.send(kept, &destination, message.clone()).await? {
                return Ok((status, body));
            }
        }
        let fresh = timeout(CONNECT_TIME, connect(call)).await.map_err(|_| TransportError::Late)??;
        match self.send(fresh, &destination, message).await? {
            Sent::Answered(status, body) => Ok((status, body)),
            Sent::Dead(error) => Err(error),
        }
    }

    async fn send(
        &self,
        mut connection: Connection,
        destination: &Destination,
        message: Bytes,
    ) -> Result<Sent, TransportError> {
        let exchanged = timeout(ANSWER_TIME, exchange(&mut connection, destination, message)).await;
        let sent = exchanged.map_err(|_| TransportError::Late)??;
        if let Sent::Answered(..) = &sent {
            self.keep(destination.clone(), connection);
        }
        Ok(sent)
    }

    fn take(&self, destination: &Destination) -> Option<Connection> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(destination);
        kept.filter(|connection| !connection.sender.is_closed())
    }

    fn keep(&self, destination: Destination, connection: Connection) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, connection| !connection.sender.is_closed());
        if kept.len() < KEPT_MAX {
            kept.insert(destination, connection);
        }
    }
}

async fn connect(call: &PeerCall<'_>) -> Result<Connection, TransportError> {
    let unreachable = |error: io::Error| TransportError::Unreachable(error.to_string());
    let stream = reach(call.address).await.map_err(unreachable)?;
    let config = tls::client_config(call.identity, call.fingerprint);
    let config = config.map_err(|error| TransportError::Certificate(error.to_string()))?;
    let name =
        ServerName::try_from(certificate::NAME).map_err(|error| TransportError::Certificate(error.to_string()))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(refused)?;
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_BYTES);
    let interrupted = |error: hyper::Error| TransportError::Interrupted(error.to_string());
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(interrupted)?;
    let mut driver = JoinSet::new();
    driver.spawn(async move { connection.await.err().map(|error| broken(&error)) });
    Ok(Connection { sender, driver })
}

/// Connects to the first address that takes us.
async fn reach(address: &PeerAddress) -> io::Result<TcpStream> {
    let found = tokio::net::lookup_host((address.host(), address.port())).await?;
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in found.take(ADDRESSES_MAX) {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// What a failed handshake means.
fn refused(error: io::Error) -> TransportError {
    let cause = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => TransportError::OtherCertificate,
        _ => TransportError::Interrupted(error.to_string()),
    }
}

async fn exchange(
    connection: &mut Connection,
    destination: &Destination,
    message: Bytes,
) -> Result<Sent, TransportError> {
    if let Err(error) = connection.sender.ready().await {
        return Ok(Sent::Dead(connection.cause(&error).await));
    }
    let request = Request::post("/")
        .header(HOST, destination.address.as_str())
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(USER_AGENT, "kagiban")
        .body(Full::new(message))
        .map_err(|error| TransportError::Unreachable(error.to_string()))?;
    let answer = match connection.sender.send_request(request).await {
        Ok(answer) => answer,
        Err(error) => return Ok(Sent::Dead(connection.cause(&error).await)),
    };
    let status = answer.status();
    let body = Limited::new(answer.into_body(), BODY_BYTES).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => broken(&error),
        Err(_) => TransportError::TooLong,
    })?;
    Ok(Sent::Answered(status, body.to_bytes().into()))
}

/// What ended a connection. In TLS 1.3 a client has shaken hands before it hears that its certificate is not wanted.
fn broken(error: &hyper::Error) -> TransportError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(rustls::Error::AlertReceived(_)) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return TransportError::NotKnown;
        }
        cause = error.source();
    }
    TransportError::Interrupted(error.to_string())
}
