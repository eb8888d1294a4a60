//! The channel to other deployments: a listener of its own, and a client, both TLS 1.3 with a certificate on each side.
//!
//! Certificates are not vouched for by anybody: each deployment makes its own, and knows those of its peers by fingerprint. What
//! is sent is sealed by the service, which also decides who may bring what; here are sockets, bounds and times.

mod certificate;
mod client;
mod door;
#[cfg(test)]
mod tests;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kagiban_service::Service;
use kagiban_service::peers::{ChannelIdentity, IdentityError, PeerAddress, PeerTransport, Peering};

use self::door::PeerDoor;
use crate::health::Health;
use crate::http::{Front, Limits, ListenError};
use crate::shutdown::Stop;
use crate::tls::Tls;

pub use self::client::PeerClient;

/// Bytes of a message on the wire: one of the largest size, sealed, and what stands before it.
const BODY_BYTES: usize = kagiban_keycore::channel::MESSAGE_LEN_MAX + 4096;
/// Connections at once; a peer needs one.
const CONNECTIONS: usize = 64;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 16;

/// The channel cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PeeringError {
    /// Its certificate cannot be had.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The certificate does not make a TLS server.
    #[error("the certificate of the channel does not make a TLS server")]
    Unusable(#[source] rustls::Error),
}

/// A channel that listens and does not answer yet.
pub struct Channel {
    front: Front<PeerDoor>,
}

impl Channel {
    /// Listens on `address` and tells the service that it can speak with peers; they reach it at `announced`, or where it
    /// listens.
    ///
    /// # Errors
    /// [`PeeringError`]. Must be called within a tokio runtime.
    pub async fn open(
        service: &Arc<Service>,
        address: SocketAddr,
        announced: Option<PeerAddress>,
    ) -> Result<Self, PeeringError> {
        let client = Arc::new(PeerClient::default());
        let identity = Arc::new(service.channel_identity(&*client).await?);
        let front = Self::listen(service, address, &identity)?;
        let announced = announced.unwrap_or_else(|| front.address().into());
        tracing::info!(address = %front.address(), %announced, certificate = %identity.fingerprint(), "listening for peers");
        let transport: Arc<dyn PeerTransport> = client;
        service.open_channel(Peering { transport, address: announced, identity });
        Ok(Self { front })
    }

    fn listen(
        service: &Arc<Service>,
        address: SocketAddr,
        identity: &ChannelIdentity,
    ) -> Result<Front<PeerDoor>, PeeringError> {
        let admission = Arc::clone(service);
        let admits = Arc::new(move |fingerprint: &_| admission.admits_certificate(fingerprint));
        let config = tls::server_config(identity, admits).map_err(PeeringError::Unusable)?;
        let tls = Some(Arc::new(Tls::of(config)));
        Ok(Front::bind(address, tls, limits(), Arc::new(Health::default()), PeerDoor::new(Arc::clone(service)))?)
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Answers until told to stop.
    pub async fn run(self, stop: Stop) {
        self.front.run(stop).await;
    }
}

fn limits() -> Limits {
    Limits {
        connections: CONNECTIONS,
        body_bytes: BODY_BYTES,
        all_bodies_bytes: 16 * BODY_BYTES,
        http2_streams: STREAMS,
        drain_time: Duration::from_secs(5),
        ..Limits::default()
    }
}
