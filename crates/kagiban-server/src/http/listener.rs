//! The listening socket: takes connections in, up to a number, and sees them off at the end.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use kagiban_keycore::channel::CertificateFingerprint;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body::Room;
use super::connection::{self, Protocol};
use super::connections::Connections;
use super::proxies::TrustedProxies;
use super::pulse::Pulse;
use super::request::{Origin, Shared};
use super::{Answer, ClientCertificate, Limits};
use crate::health::Health;
use crate::observer::Observer;
use crate::shutdown::Stop;
use crate::tls::{self, Tls};

/// Connections that the kernel may hold for us until they are accepted.
const BACKLOG: u32 = 4096;
/// Pause after a failed accept: the usual cause (no file descriptors) does not go away by asking at once again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The front cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Plain HTTP is for loopback addresses only.
    #[error(
        "refusing to serve plain HTTP on {0}: it is not a loopback address, and plaintext keys would cross the network \
         in the clear; give --tls-certificate and --tls-key, or listen on 127.0.0.1"
    )]
    PlainOnPublicAddress(SocketAddr),
    /// The operating system refuses the address.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A front that listens and does not serve yet.
pub struct Front<A> {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    shared: Shared<A>,
}

/// How serving ended.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Drained {
    /// Connections that were cut with a request under way, since the time was up or a second signal came.
    pub cut: usize,
}

impl<A: Answer> Front<A> {
    /// Listens on `address`; port 0 lets the system choose one. Without `tls`, only on loopback addresses.
    ///
    /// # Errors
    /// [`ListenError`]. Must be called within a tokio runtime.
    pub fn bind(
        address: SocketAddr,
        tls: Option<Arc<Tls>>,
        limits: Limits,
        health: Arc<Health>,
        answer: A,
    ) -> Result<Self, ListenError> {
        if tls.is_none() && !address.ip().to_canonical().is_loopback() {
            return Err(ListenError::PlainOnPublicAddress(address));
        }
        let (listener, address) = listen(address).map_err(|source| ListenError::Bind { address, source })?;
        let room = Room::new(limits.all_bodies_bytes);
        let (proxies, observer) = (TrustedProxies::default(), Observer::default());
        Ok(Self { listener, address, tls, shared: Shared { answer, health, limits, proxies, room, observer } })
    }

    /// Takes these proxies' word for where requests come from.
    #[must_use]
    pub fn trusting(mut self, proxies: TrustedProxies) -> Self {
        self.shared.proxies = proxies;
        self
    }

    /// Tells of each request.
    #[must_use]
    pub fn observed_by(mut self, observer: Observer) -> Self {
        self.shared.observer = observer;
        self
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop, then finishes what is under way.
    pub async fn run(self, mut stop: Stop) -> Drained {
        let Self { listener, tls, shared, .. } = self;
        let shared = Arc::new(shared);
        let connections = Arc::new(Connections::default());
        let door = Door {
            slots: Arc::new(Semaphore::new(shared.limits.connections.min(Semaphore::MAX_PERMITS))),
            protocol: Arc::new(connection::protocol(&shared.limits)),
            tls,
            shared: Arc::clone(&shared),
            connections: Arc::clone(&connections),
        };
        tokio::select! {
            () = door.admit_forever(&listener) => {}
            () = stop.asked() => {}
        }
        // From here on the kernel refuses new connections.
        drop(listener);
        shared.health.stop();
        connections.stop();
        tokio::select! {
            () = connections.all_closed() => {}
            () = tokio::time::sleep(shared.limits.drain_time) => {}
            () = stop.demanded() => {}
        }
        Drained { cut: connections.count() }
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restarted service takes its address back although old connections still linger in the kernel.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// What is needed to take a connection in.
struct Door<A> {
    slots: Arc<Semaphore>,
    protocol: Arc<Protocol>,
    tls: Option<Arc<Tls>>,
    shared: Arc<Shared<A>>,
    connections: Arc<Connections>,
}

impl<A: Answer> Door<A> {
    async fn admit_forever(&self, listener: &TcpListener) {
        // The semaphore is never closed.
        while let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await {
            match listener.accept().await {
                Ok((socket, peer)) => self.admit(socket, peer.ip(), slot),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, socket: TcpStream, peer: IpAddr, slot: OwnedSemaphorePermit) {
        // An answer is one write; waiting for more to fill a segment would only delay it.
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let pulse = Arc::new(Pulse::default());
        let registered = self.connections.register(Arc::clone(&pulse));
        let counted = self.shared.observer.connect();
        let protocol = Arc::clone(&self.protocol);
        let tls = self.tls.clone();
        let shared = Arc::clone(&self.shared);
        let origin = Origin { shared, pulse, peer, secure_transport: self.tls.is_some(), certificate: None, tls: None };
        tokio::spawn(async move {
            let _held = (slot, registered, counted);
            converse(socket, tls, &protocol, origin).await;
        });
    }
}

/// Serves a fresh socket, with a handshake first where there is TLS.
async fn converse<A: Answer>(socket: TcpStream, tls: Option<Arc<Tls>>, protocol: &Protocol, mut origin: Origin<A>) {
    let Some(tls) = tls else { return connection::serve(socket, protocol, Arc::new(origin)).await };
    let handshake = tls.accept(socket);
    match tokio::time::timeout(origin.shared.limits.handshake_time, handshake).await {
        Ok(Ok(stream)) => {
            let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
            origin.certificate =
                certificate.map(|certificate| ClientCertificate(CertificateFingerprint::of(certificate)));
            origin.tls = Some(Arc::new(tls::agreed(stream.get_ref().1)));
            connection::serve(stream, protocol, Arc::new(origin)).await;
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            origin.shared.observer.refused("tls_handshake");
        }
        Err(_) => {
            tracing::debug!("a TLS handshake took too long");
            origin.shared.observer.refused("tls_handshake");
        }
    }
}
