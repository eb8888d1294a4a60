//! TLS: versions, key exchange, protocols, replacing the certificate, and peers that do not shake hands.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use kagiban_server::http::Limits;
use kagiban_server::tls::{Tls, TlsError, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, NamedGroup, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::server::{MOMENT, Server, tight};
use crate::version2;
use crate::wire::Wire;

/// Writes a fresh certificate for `kms.test` and its key.
fn certify(directory: &Path) -> (TlsFiles, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["kms.test".to_owned()]).unwrap();
    let files = TlsFiles { certificate: directory.join("tls.pem"), key: directory.join("tls.key") };
    std::fs::write(&files.certificate, cert.pem()).unwrap();
    std::fs::write(&files.key, signing_key.serialize_pem()).unwrap();
    (files, cert.der().clone())
}

async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
    protocol: &str,
    groups: Option<Vec<&'static dyn rustls::crypto::SupportedKxGroup>>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut provider = default_provider();
    provider.kx_groups = groups.unwrap_or(provider.kx_groups);
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let socket = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("kms.test").unwrap(), socket).await
}

#[tokio::test]
async fn versions_groups_and_protocols() {
    let directory = tempfile::tempdir().unwrap();
    let (files, certificate) = certify(directory.path());
    let server = Server::start_with(tight(), Some(Arc::new(Tls::open(files).unwrap())));
    let (v12, v13) = (&rustls::version::TLS12, &rustls::version::TLS13);
    for (version, protocol, groups, negotiated, group) in [
        (v13, "http/1.1", None, ProtocolVersion::TLSv1_3, NamedGroup::X25519MLKEM768),
        (v13, "h2", None, ProtocolVersion::TLSv1_3, NamedGroup::X25519MLKEM768),
        (v13, "http/1.1", Some(vec![kx_group::X25519]), ProtocolVersion::TLSv1_3, NamedGroup::X25519),
        (v12, "http/1.1", None, ProtocolVersion::TLSv1_2, NamedGroup::X25519),
    ] {
        let stream = connect(server.address, &certificate, version, protocol, groups).await.unwrap();
        let (_, session) = stream.get_ref();
        assert_eq!(session.protocol_version(), Some(negotiated));
        assert_eq!(session.negotiated_key_exchange_group().map(|group| group.name()), Some(group));
        assert_eq!(session.alpn_protocol(), Some(protocol.as_bytes()));
        if protocol == "h2" {
            assert_eq!(version2::over(stream).await.post("x").await.status(), 200);
        } else {
            let reply = Wire::over(stream).ask("x").await;
            reply.check(200);
            assert_eq!(reply.json()["secure"], true);
            let told = &reply.json()["tls"];
            let is_13 = negotiated == ProtocolVersion::TLSv1_3;
            assert_eq!(told[0], if is_13 { "TLSv1.3" } else { "TLSv1.2" });
            let suite = told[1].as_str().unwrap();
            assert!(suite.starts_with("TLS_AES_") == is_13 && suite.starts_with("TLS_ECDHE_") != is_13, "{suite}");
            assert_eq!(told[2], format!("{group:?}"));
        }
    }
}

#[tokio::test]
async fn certificates_are_replaced_while_serving() {
    let directory = tempfile::tempdir().unwrap();
    let (files, old) = certify(directory.path());
    let tls = Arc::new(Tls::open(files).unwrap());
    let server = Server::start_with(tight(), Some(Arc::clone(&tls)));
    let kept = connect(server.address, &old, &rustls::version::TLS13, "http/1.1", None).await.unwrap();
    let mut kept = Wire::over(kept);
    let (_, new) = certify(directory.path());
    tls.reload().unwrap();
    assert!(connect(server.address, &old, &rustls::version::TLS13, "http/1.1", None).await.is_err());
    let fresh = connect(server.address, &new, &rustls::version::TLS13, "http/1.1", None).await.unwrap();
    assert_eq!(Wire::over(fresh).ask("x").await.status, 200);
    assert_eq!(kept.ask("x").await.status, 200, "open connections stay");

    std::fs::write(directory.path().join("tls.pem"), "torn").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::NoCertificate(_))));
    connect(server.address, &new, &rustls::version::TLS13, "http/1.1", None)
        .await
        .expect("the loaded one stays in use");
}

#[test]
fn unusable_files_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let (files, _) = certify(directory.path());
    let other = directory.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let (foreign, _) = certify(&other);
    let open = |certificate: &Path, key: &Path| {
        Tls::open(TlsFiles { certificate: certificate.to_owned(), key: key.to_owned() }).map(drop)
    };
    let absent = Path::new("/nonexistent/tls.pem");
    assert!(matches!(open(absent, &files.key), Err(TlsError::Pem { path, .. }) if path == absent));
    assert!(matches!(open(&files.certificate, &files.certificate), Err(TlsError::Pem { .. })));
    assert!(matches!(open(&files.key, &files.key), Err(TlsError::NoCertificate(_))));
    assert!(matches!(open(&files.certificate, &foreign.key), Err(TlsError::Unusable(_))));
}

#[tokio::test]
async fn those_who_do_not_shake_hands_are_closed() {
    let directory = tempfile::tempdir().unwrap();
    let (files, certificate) = certify(directory.path());
    let limits = Limits { handshake_time: MOMENT, ..tight() };
    let server = Server::start_with(limits, Some(Arc::new(Tls::open(files).unwrap())));
    assert!(Wire::connect(server.address).await.closed().await.is_empty(), "silence");
    let mut plain = Wire::connect(server.address).await;
    plain.post("x").await;
    let alert = plain.closed().await;
    assert!(!alert.starts_with(b"HTTP"), "plain HTTP on a TLS port gets no HTTP answer");
    let stream = connect(server.address, &certificate, &rustls::version::TLS13, "http/1.1", None).await.unwrap();
    assert_eq!(Wire::over(stream).ask("unharmed").await.status, 200);
}
