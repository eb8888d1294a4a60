//! The members of the cluster and the one connection that is open to one of them.
//!
//! All calls of an engine share it. A call that meets trouble leaves the member, and the next call connects to the next
//! one; there is no balancing, as what a node asks of etcd is little.
//!
//! Connections live on the runtime that the engine was made on, whoever is the first to need one: a thread that is busy, slow
//! or of low priority must not drive what the requests of all others go through.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::address::Endpoint;
use crate::grpc::{CallError, Channel};

/// etcd closes connections that ping more often than every five seconds.
const PING_EVERY: Duration = Duration::from_secs(6);
const PING_ANSWER: Duration = Duration::from_secs(3);
/// What a member may send ahead on one call, and on all: a feed that nobody reads must not hold up the others.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// How to reach the members.
pub(crate) struct Members {
    endpoints: Vec<Endpoint>,
    tls: Option<Arc<ClientConfig>>,
    connect_within: Duration,
    /// Where connections live.
    runtime: Handle,
    current: Mutex<Current>,
}

struct Current {
    /// Which endpoint is, or is to be, connected to.
    at: usize,
    line: Option<Line>,
    /// Of the last connection made.
    number: u64,
}

/// A connection, and which one it is.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) channel: Channel,
    number: u64,
}

impl Members {
    pub(crate) fn new(
        endpoints: Vec<Endpoint>,
        tls: Option<Arc<ClientConfig>>,
        connect_within: Duration,
        runtime: Handle,
    ) -> Self {
        let current = Mutex::new(Current { at: 0, line: None, number: 0 });
        Self { endpoints, tls, connect_within, runtime, current }
    }

    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The open connection, or a new one to the first member that takes it. Can be given up at any moment: whoever comes next
    /// goes on with the next member.
    pub(crate) async fn line(&self) -> Result<Line, CallError> {
        let mut current = self.current.lock().await;
        if let Some(line) = current.line.as_ref().filter(|line| !line.channel.sender.is_closed()) {
            return Ok(line.clone());
        }
        current.line = None;
        let mut failure = CallError::not_sent("there is no member to connect to");
        for _ in 0..self.endpoints.len() {
            let at = current.at;
            let Some(endpoint) = self.endpoints.get(at) else { break };
            current.at = self.after(at);
            match self.connect(endpoint).await {
                Ok(channel) => {
                    current.at = at;
                    current.number = current.number.saturating_add(1);
                    let line = Line { channel, number: current.number };
                    current.line = Some(line.clone());
                    return Ok(line);
                }
                Err(error) => {
                    tracing::debug!(member = %endpoint, error = &error as &dyn std::error::Error, "no connection");
                    failure = CallError::not_sent(format_args!("cannot connect to {endpoint}: {error}"));
                }
            }
        }
        Err(failure)
    }

    /// Gives up a connection, unless another one has already taken its place.
    pub(crate) async fn leave(&self, line: &Line, why: &(dyn fmt::Display + Sync)) {
        let mut current = self.current.lock().await;
        if current.line.as_ref().is_some_and(|now| now.number == line.number) {
            let member = self.endpoints.get(current.at).map(ToString::to_string).unwrap_or_default();
            tracing::debug!(member, reason = %why, "leaving an etcd member for the next one");
            current.line = None;
            current.at = self.after(current.at);
        }
    }

    /// A connection to this member.
    pub(crate) async fn connect(&self, endpoint: &Endpoint) -> io::Result<Channel> {
        let (endpoint, tls, within) = (endpoint.clone(), self.tls.clone(), self.connect_within);
        let connecting = self.runtime.spawn(async move {
            let connected = timeout(within, connect(&endpoint, tls.as_ref())).await;
            connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        });
        // It ends early with its runtime only.
        connecting.await.unwrap_or_else(|ended| Err(io::Error::other(ended)))
    }

    fn after(&self, at: usize) -> usize {
        at.saturating_add(1).checked_rem(self.endpoints.len()).unwrap_or(0)
    }
}

async fn connect(endpoint: &Endpoint, tls: Option<&Arc<ClientConfig>>) -> io::Result<Channel> {
    let socket = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    socket.set_nodelay(true)?;
    let Some(config) = tls else { return handshake(socket, &format!("http://{endpoint}")).await };
    let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(Arc::clone(config)).connect(name, socket).await?;
    handshake(stream, &format!("https://{endpoint}")).await
}

async fn handshake<S>(socket: S, origin: &str) -> io::Result<Channel>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_ANSWER)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .handshake(TokioIo::new(socket))
        .await
        .map_err(io::Error::other)?;
    // It ends with the last handle to the channel, or with the connection.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = &error as &dyn std::error::Error, "the connection to an etcd member ended");
        }
    });
    Ok(Channel { sender, origin: origin.into() })
}
