//! The channel over real sockets: who shakes hands, who is heard, and what bounds there are.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use kagiban_keycore::channel::CertificateFingerprint;
use kagiban_service::peers::{ChannelIdentity, PeerCall, PeerTransport, TransportError};
use kagiban_testkit::World;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{BODY_BYTES, Channel, PeerClient, certificate, tls};
use crate::shutdown::{self, Stopper};

const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A deployment with its channel open.
struct Deployment {
    world: World,
    address: SocketAddr,
    fingerprint: CertificateFingerprint,
    stopper: Stopper,
    running: tokio::task::JoinHandle<()>,
}

impl Deployment {
    async fn start(region: &str) -> Self {
        Self::on(World::new().await, region, HERE).await
    }

    async fn on(world: World, region: &str, address: SocketAddr) -> Self {
        world.service.serve_regions(BTreeSet::from([region.parse().unwrap()]));
        let channel = Channel::open(&world.service, address, None).await.unwrap();
        let fingerprint = world.service.channel_identity(&PeerClient::default()).await.unwrap().fingerprint();
        let (stopper, stop) = shutdown::channel();
        let address = channel.address();
        let running = tokio::spawn(channel.run(stop));
        Self { world, address, fingerprint, stopper, running }
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, String> {
        let mut operator = self.world.client("000000000000", "us-east-1");
        operator.signer.service = "kagiban";
        let request = operator.signed(&format!("Kagiban.{operation}"), Bytes::from(input.to_string()));
        let answer = self.world.send(request).await;
        let text = std::str::from_utf8(&answer.body).unwrap();
        if answer.status == 200 { Ok(serde_json::from_str(text).unwrap()) } else { Err(text.to_owned()) }
    }

    async fn invite(&self, name: &str) -> Value {
        self.ask("CreatePeerInvitation", json!({"PeerName": name})).await.unwrap()["Invitation"].clone()
    }

    async fn accept(&self, name: &str, invitation: &Value) -> Result<Value, String> {
        self.ask("AcceptPeerInvitation", json!({"PeerName": name, "Invitation": invitation})).await
    }

    async fn check(&self, name: &str) -> Result<Value, String> {
        self.ask("CheckPeer", json!({"PeerName": name})).await
    }
}

/// Sends bytes as the owner of a certificate.
async fn send(
    client: &PeerClient,
    identity: &Arc<ChannelIdentity>,
    (address, fingerprint): (SocketAddr, CertificateFingerprint),
    message: Vec<u8>,
) -> Result<Vec<u8>, TransportError> {
    client.exchange(PeerCall { address: &address.into(), fingerprint, identity, message }).await
}

#[tokio::test]
async fn paired_over_the_network() {
    let (a, b) = (Deployment::start("us-east-1").await, Deployment::start("eu-central-1").await);
    b.accept("a", &a.invite("b").await).await.unwrap();
    for _ in 0..3 {
        a.check("b").await.unwrap();
        b.check("a").await.unwrap();
    }
    a.ask("DeletePeer", json!({"PeerName": "b"})).await.unwrap();
    // The kept connection is no way in either.
    assert!(b.check("a").await.unwrap_err().contains("does not know this deployment"));
    assert!(b.check("a").await.unwrap_err().contains("does not know this deployment"));
}

/// A kept connection that died with the peer's process is replaced, and the message is sent again.
#[tokio::test]
async fn a_peer_that_restarts_is_reached_again() {
    let (a, b) = (Deployment::start("us-east-1").await, Deployment::start("eu-central-1").await);
    b.accept("a", &a.invite("b").await).await.unwrap();
    b.check("a").await.unwrap();
    let address = a.address;
    a.stopper.stop();
    a.stopper.stop();
    a.running.await.unwrap();
    assert!(b.check("a").await.unwrap_err().contains("cannot be reached"));
    let a = Deployment::on(a.world.restarted().await, "us-east-1", address).await;
    b.check("a").await.unwrap();
    assert_eq!(a.address, address);
}

#[tokio::test]
async fn strangers_do_not_get_in() {
    let a = Deployment::start("us-east-1").await;
    let (client, stranger) = (PeerClient::default(), Arc::new(certificate::make().unwrap()));
    let to_a = (a.address, a.fingerprint);
    let refused = send(&client, &stranger, to_a, vec![2; 64]).await;
    assert_eq!(refused, Err(TransportError::NotKnown));
    // While an invitation waits they shake hands, and are told nothing.
    a.invite("b").await;
    for (message, expected) in [
        (vec![1; 64], TransportError::NotKnown),
        ([&[2; 17][..], &[0, 0, 0], &[7; 64]].concat(), TransportError::NotKnown),
        (vec![3; 64], TransportError::Status(400)),
        (Vec::new(), TransportError::Status(400)),
        (vec![1; BODY_BYTES + 1], TransportError::Status(413)),
    ] {
        let first = message.first().copied();
        assert_eq!(send(&client, &stranger, to_a, message).await, Err(expected), "{first:?}");
    }
    let other = certificate::make().unwrap().fingerprint();
    assert_eq!(send(&client, &stranger, (a.address, other), vec![1; 64]).await, Err(TransportError::OtherCertificate));
}

#[tokio::test]
async fn nobody_there() {
    let (client, identity) = (PeerClient::default(), Arc::new(certificate::make().unwrap()));
    let listener = TcpListener::bind(HERE).await.unwrap();
    let address = listener.local_addr().unwrap();
    let hangs_up = tokio::spawn(async move { drop(listener.accept().await.unwrap()) });
    let cut = send(&client, &identity, (address, identity.fingerprint()), vec![1]).await;
    assert!(matches!(cut, Err(TransportError::Interrupted(_))), "{cut:?}");
    hangs_up.await.unwrap();
    let gone = send(&client, &identity, (address, identity.fingerprint()), vec![1]).await;
    assert!(matches!(gone, Err(TransportError::Unreachable(_))), "{gone:?}");
}

async fn shake(address: SocketAddr, config: rustls::ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(certificate::NAME).unwrap();
    let stream = TcpStream::connect(address).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    // In TLS 1.3 the client hears only afterwards what the server thinks of it.
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if answer.starts_with(b"HTTP/1.1 200") { Ok(stream) } else { Err(io::ErrorKind::ConnectionAborted.into()) }
}

/// Without a certificate, or with an older version of TLS, nothing is answered although an invitation waits.
#[tokio::test]
async fn both_certificates_and_tls_1_3() {
    let a = Deployment::start("us-east-1").await;
    a.invite("b").await;
    let identity = certificate::make().unwrap();
    let config = || tls::client_config(&identity, a.fingerprint).unwrap();
    let stream = shake(a.address, config()).await.unwrap();
    let (_, session) = stream.get_ref();
    assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!(session.negotiated_key_exchange_group().map(|g| g.name()), Some(rustls::NamedGroup::X25519MLKEM768));

    let mut nameless = config();
    nameless.client_auth_cert_resolver = Arc::new(NoCertificate);
    assert!(shake(a.address, nameless).await.is_err());

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let older = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    assert!(shake(a.address, older).await.is_err());
}

#[derive(Debug)]
struct NoCertificate;

impl rustls::client::ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }
    fn has_certs(&self) -> bool {
        false
    }
}

#[test]
fn no_two_certificates_are_alike() {
    let (one, other) = (certificate::make().unwrap(), certificate::make().unwrap());
    assert_ne!(one.fingerprint(), other.fingerprint());
    assert_ne!(one.private_key.expose(), other.private_key.expose());
    assert!(!format!("{one:?}").contains("private"));
}
