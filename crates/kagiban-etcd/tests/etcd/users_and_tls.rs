//! Being let in: user and password, client certificates.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_etcd::{Deadlines, EtcdEngine, EtcdOptions, EtcdTls, EtcdUser, OpenError};
use kagiban_storage::batch::{Batch, Expect};
use kagiban_storage::feed::FeedEvent;
use kagiban_storage::{Engine, EngineError};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::cluster::{Cluster, ServerTls};
use crate::http;

fn with_user(cluster: &Cluster, name: &str, password: &str) -> EtcdEngine {
    let user = EtcdUser { name: name.to_owned(), password: SecretBytes::from_slice(password.as_bytes()) };
    let options = EtcdOptions { user: Some(user), ..EtcdOptions::plain(cluster.address(0, "rows").parse().unwrap()) };
    EtcdEngine::connect(options, &OsRandom).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_a_password_is_let_in() {
    let cluster = Cluster::start(1).await;
    let steps = [
        ("user/add", r#"{"name":"root","password":"correct"}"#),
        ("role/add", r#"{"name":"root"}"#),
        ("user/grant", r#"{"user":"root","role":"root"}"#),
        ("user/add", r#"{"name":"node","password":"other"}"#),
        ("role/add", r#"{"name":"rows"}"#),
        // From rows/ up to rows0.
        ("role/grant", r#"{"name":"rows","perm":{"permType":"READWRITE","key":"cm93cy8=","range_end":"cm93czA="}}"#),
        ("user/grant", r#"{"user":"node","role":"rows"}"#),
        ("enable", "{}"),
    ];
    for (step, body) in steps {
        let answer = http::request(cluster.port(0), "POST", &format!("/v3/auth/{step}"), body).await.unwrap();
        assert!(answer.contains("header"), "{step}: {answer}");
    }
    let engine = with_user(&cluster, "root", "correct");
    engine.commit(Batch::new().put("k", "v")).await.unwrap();
    // All but erasing can be done with the prefix alone.
    let node = with_user(&cluster, "node", "other");
    let before = node.snapshot().await.unwrap().revision();
    node.commit(Batch::new().expect("k", Expect::Present).put("k", "w")).await.unwrap();
    assert!(matches!(node.changes(before).await.unwrap().next().await, Ok(FeedEvent::Change(_))));
    let refused = node.scrub().await;
    assert!(matches!(&refused, Err(EngineError::Io(e)) if e.kind() == ErrorKind::PermissionDenied), "{refused:?}");
    node.close().await.unwrap();
    engine.scrub().await.unwrap();
    for stranger in [with_user(&cluster, "root", "wrong"), cluster.engine("rows")] {
        let refused = stranger.snapshot().await.err();
        assert!(matches!(refused, Some(EngineError::Io(_))), "{refused:?}");
    }
    // A member forgets the tokens it gave when it restarts.
    cluster.kill(0);
    cluster.run(0);
    engine.commit(Batch::new().put("k", "w")).await.unwrap();
}

/// An authority, and what it signs.
struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// Certificate and key, in PEM.
    fn sign(&self) -> (String, String) {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

fn server_tls(authority: &Authority, directory: &Path) -> ServerTls {
    let (certificate, key) = authority.sign();
    let write = |name: &str, text: &str| {
        std::fs::write(directory.join(name), text).unwrap();
        directory.join(name)
    };
    ServerTls {
        authority: write("ca.pem", &authority.certificate),
        certificate: write("server.pem", &certificate),
        key: write("server.key", &key),
    }
}

async fn open(cluster: &Cluster, authority: &Authority, identity: Option<&Authority>) -> Result<EtcdEngine, OpenError> {
    let identity = identity.map(Authority::sign);
    let tls = EtcdTls {
        authorities: Some(authority.certificate.clone().into_bytes()),
        identity: identity.map(|(chain, key)| (chain.into_bytes(), SecretBytes::from_slice(key.as_bytes()))),
    };
    let options = EtcdOptions { tls: Some(tls), ..EtcdOptions::plain(cluster.address(0, "rows").parse().unwrap()) };
    EtcdEngine::create_with(options, &OsRandom, Batch::new().put("k", "v")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_checked_both_ways() {
    let (directory, authority, other) = (tempfile::tempdir().unwrap(), Authority::new(), Authority::new());
    let cluster = Cluster::spawn(3, Some(&server_tls(&authority, directory.path())));
    let engine = open(&cluster, &authority, Some(&authority)).await.unwrap();
    assert!(engine.snapshot().await.unwrap().read(b"k").await.unwrap().is_some());
    // A member whose authority is unknown; a client without a certificate; one with somebody else's.
    for (trusted, identity) in [(&other, Some(&authority)), (&authority, None), (&authority, Some(&other))] {
        let refused = open(&cluster, trusted, identity).await.err();
        assert!(matches!(refused, Some(OpenError::Etcd { .. })), "{refused:?}");
    }
    let again = open(&cluster, &authority, Some(&authority)).await.err();
    assert!(matches!(again, Some(OpenError::AlreadyExists(_))), "{again:?}");
}

/// What broke: while no member took a connection, calls waited for each other, each for a whole round of attempts, outside of
/// every deadline.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_without_a_connection_end_in_time() {
    // They take connections and say nothing, so that no TLS comes about.
    let silent = [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
    let hosts = silent.iter().map(|listener| listener.local_addr().unwrap().to_string()).collect::<Vec<_>>();
    let address = format!("etcd://{}/rows", hosts.join(","));
    let ms = Duration::from_millis;
    let deadlines = Deadlines { connect: ms(50), attempt: ms(100), call: ms(200), ..Deadlines::default() };
    let tls = EtcdTls { authorities: Some(Authority::new().certificate.into_bytes()), identity: None };
    let options = EtcdOptions { tls: Some(tls), deadlines, ..EtcdOptions::plain(address.parse().unwrap()) };
    let engine = Arc::new(EtcdEngine::connect(options, &OsRandom).unwrap());
    let began = Instant::now();
    let calls = (0..100).map(|number| {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            match number % 2 {
                0 => engine.snapshot().await.is_err(),
                _ => engine.commit(Batch::new().put("k", "v")).await.is_err(),
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert!(call.await.unwrap());
    }
    // One after the other they would take ten seconds and more.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
