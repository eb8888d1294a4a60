//! Providers on this machine that answer as they should, and as they should not.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kagiban_identity::web_identity::{KEY_SET_LEN_MAX, thumbprint};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const KEYS: &str = r#"{"keys":[]}"#;

/// Status, and body; a path that is not there is answered with 404.
type Answers = BTreeMap<&'static str, (u16, String)>;

/// A provider on this machine, with a certificate for `localhost` under an authority of its own.
struct Provider {
    port: u16,
    authority: CertificateDer<'static>,
    leaf: CertificateDer<'static>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    /// Answers made when the port is known.
    async fn start(answers: impl FnOnce(u16) -> Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (authority, leaf, key) = certificates("localhost");
        let config =
            rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![leaf.clone(), authority.clone()], key)
                .unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), answers(port), Arc::clone(&asked)));
        Self { port, authority, leaf, asked }
    }

    /// A provider that does what it should.
    async fn well_behaved() -> Self {
        Self::start(|port| configured(&format!("https://localhost:{port}"), &format!("https://localhost:{port}/keys")))
            .await
    }

    fn address(&self, thumbprints: &[String]) -> ProviderAddress {
        let host_and_path = format!("localhost:{}", self.port);
        ProviderAddress { host_and_path, thumbprints: thumbprints.to_vec() }
    }

    /// A machine that trusts the provider's authority.
    fn trusted(&self) -> ProviderKeys {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        ProviderKeys::over(&[], Https::with_roots(roots)).unwrap()
    }

    async fn fetch(&self) -> Result<Vec<u8>, String> {
        self.trusted().fetch(&self.address(&[]), Freshness::Recent).await.map_err(|error| error.to_string())
    }
}

fn configured(issuer: &str, keys_at: &str) -> Answers {
    let configuration = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys_at}","scopes_supported":["openid"]}}"#);
    Answers::from([("/.well-known/openid-configuration", (200, configuration)), ("/keys", (200, KEYS.to_owned()))])
}

fn certificates(name: &str) -> (CertificateDer<'static>, CertificateDer<'static>, PrivateKeyDer<'static>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (authority.der().clone(), leaf.der().clone(), key)
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, answers: Answers, asked: Arc<AtomicUsize>) {
    let answers = Arc::new(answers);
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, answers, asked) = (acceptor.clone(), Arc::clone(&answers), Arc::clone(&asked));
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = |request: Request<Incoming>| {
                asked.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answers.get(request.uri().path()).cloned().unwrap_or((404, String::new()));
                let response = Response::builder().status(status).header("location", "/keys");
                let response = response.body(Full::new(Bytes::from(body))).unwrap();
                async move { Ok::<_, Infallible>(response) }
            };
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

#[tokio::test]
async fn keys_are_where_the_configuration_says() {
    let provider = Provider::well_behaved().await;
    assert_eq!(provider.fetch().await.unwrap(), KEYS.as_bytes());
    let with_path = Provider::start(|port| {
        let issuer = format!("https://localhost:{port}/realms/x/");
        let mut answers = configured(&issuer, &format!("https://localhost:{port}/keys"));
        let configuration = answers.remove("/.well-known/openid-configuration").unwrap();
        answers.insert("/realms/x/.well-known/openid-configuration", configuration);
        answers
    })
    .await;
    let address =
        ProviderAddress { host_and_path: format!("localhost:{}/realms/x/", with_path.port), thumbprints: Vec::new() };
    let keys = with_path.trusted().fetch(&address, Freshness::Recent).await.unwrap();
    assert_eq!(keys, KEYS.as_bytes());
}

#[tokio::test]
async fn what_providers_must_not_answer() {
    type Change = fn(&mut Answers, u16);
    const CONFIGURATION: &str = "/.well-known/openid-configuration";
    let changes: [(Change, &str); 10] = [
        (|answers, _| answers.clear(), "status 404"),
        (|answers, _| drop(answers.insert("/keys", (302, String::new()))), "status 302"),
        (|answers, _| drop(answers.insert(CONFIGURATION, (301, String::new()))), "status 301"),
        (|answers, _| drop(answers.insert(CONFIGURATION, (200, "{}".to_owned()))), "configuration cannot be read"),
        (|answers, _| drop(answers.insert(CONFIGURATION, (200, "[]]".to_owned()))), "configuration cannot be read"),
        (|answers, port| *answers = configured("https://other.example", &here(port)), "another issuer"),
        (|answers, port| *answers = configured(&format!("http://localhost:{port}"), &here(port)), "another issuer"),
        (|answers, port| *answers = configured(&format!("https://localhost:{port}/"), &here(port)), "another issuer"),
        (
            |answers, port| {
                *answers = configured(&here(port).replace("/keys", ""), &here(port).replace("https", "http"))
            },
            "is not https://",
        ),
        (|answers, _| drop(answers.insert("/keys", (200, " ".repeat(KEY_SET_LEN_MAX + 1)))), "too long or was cut off"),
    ];
    for (change, expected) in changes {
        let provider = Provider::start(|port| {
            let mut answers = configured(&format!("https://localhost:{port}"), &here(port));
            change(&mut answers, port);
            answers
        })
        .await;
        let error = provider.fetch().await.unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

fn here(port: u16) -> String {
    format!("https://localhost:{port}/keys")
}

/// What a key set may be long, it may be.
#[tokio::test]
async fn the_longest_key_set() {
    let longest = format!("{KEYS}{}", " ".repeat(KEY_SET_LEN_MAX - KEYS.len()));
    let provider = Provider::start(|port| {
        let mut answers = configured(&format!("https://localhost:{port}"), &here(port));
        answers.insert("/keys", (200, longest.clone()));
        answers
    })
    .await;
    assert_eq!(provider.fetch().await.unwrap(), longest.as_bytes());
}

#[tokio::test]
async fn certificates_are_known_by_authority_or_by_thumbprint() {
    let provider = Provider::well_behaved().await;
    let (stranger, _, _) = certificates("localhost");
    let roots = |certificates: &[&CertificateDer<'static>]| {
        let mut roots = RootCertStore::empty();
        certificates.iter().for_each(|certificate| roots.add((*certificate).clone()).unwrap());
        roots
    };
    let (own, leaf, other) = (thumbprint(&provider.authority), thumbprint(&provider.leaf), thumbprint(&stranger));
    for (authorities, thumbprints, is_known) in [
        (roots(&[&provider.authority]), vec![], true),
        (roots(&[&provider.authority]), vec![other.clone()], true),
        (roots(&[&stranger]), vec![], false),
        (roots(&[]), vec![], false),
        (roots(&[]), vec![other.clone()], false),
        (roots(&[&stranger]), vec![other.clone(), own.clone()], true),
        (roots(&[]), vec![own.to_uppercase()], true),
        // Not signed by its own key, so it cannot take an authority's place.
        (roots(&[]), vec![leaf], false),
    ] {
        let keys = ProviderKeys::over(&[], Https::with_roots(authorities)).unwrap();
        let fetched = keys.fetch(&provider.address(&thumbprints), Freshness::Recent).await;
        assert_eq!(fetched.is_ok(), is_known, "{thumbprints:?} {fetched:?}");
    }
}

/// A thumbprint says whose certificate it is, not which name it is for.
#[tokio::test]
async fn the_name_counts_with_a_thumbprint_too() {
    let provider = Provider::well_behaved().await;
    let address = ProviderAddress {
        host_and_path: format!("127.0.0.1:{}", provider.port),
        thumbprints: vec![thumbprint(&provider.authority)],
    };
    for keys in [provider.trusted(), ProviderKeys::over(&[], Https::with_roots(RootCertStore::empty())).unwrap()] {
        let error = keys.fetch(&address, Freshness::Recent).await.unwrap_err().to_string();
        assert!(error.contains("not valid for name"), "{error}");
    }
}

#[tokio::test]
async fn a_provider_is_asked_once() {
    let provider = Provider::well_behaved().await;
    let (keys, address) = (provider.trusted(), provider.address(&[]));
    let (one, two, three) = tokio::join!(
        keys.fetch(&address, Freshness::Recent),
        keys.fetch(&address, Freshness::Newest),
        keys.fetch(&address, Freshness::Recent),
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(provider.asked.load(Ordering::SeqCst), 2, "configuration and keys");
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_not_asked_again_at_once() {
    let provider = Provider::start(|_| Answers::new()).await;
    let (keys, address) = (provider.trusted(), provider.address(&[]));
    for freshness in [Freshness::Recent, Freshness::Newest, Freshness::Recent] {
        assert!(keys.fetch(&address, freshness).await.is_err());
    }
    assert_eq!(provider.asked.load(Ordering::SeqCst), 1);
}

/// The deadline ends what a provider would draw out. The clock is the runtime's, which goes on when all wait.
#[tokio::test(start_paused = true)]
async fn a_silent_provider() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let keys = ProviderKeys::over(&[], Https::with_roots(RootCertStore::empty())).unwrap();
    let address = ProviderAddress { host_and_path: format!("127.0.0.1:{port}"), thumbprints: Vec::new() };
    let before = Instant::now();
    let error = keys.fetch(&address, Freshness::Recent).await.unwrap_err().to_string();
    assert!(error.contains("did not answer in time"), "{error}");
    assert!(before.elapsed() < DEADLINE * 2, "{:?}", before.elapsed());
}

#[tokio::test]
async fn keys_in_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keys.json");
    let file = || KeySetFile { issuer: "id.example/x".to_owned(), path: path.clone() };
    let p256 = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let open = || ProviderKeys::new(&[file()]).map_err(|error| error.to_string());
    assert!(open().unwrap_err().contains("cannot read the key set of id.example/x"));
    for (content, expected) in [("{", "is no key set of id.example/x"), (KEYS, "has no RSA key")] {
        std::fs::write(&path, content).unwrap();
        assert!(open().unwrap_err().contains(expected), "{content}");
    }
    let set = format!(r#"{{"keys":[{p256}]}}"#);
    std::fs::write(&path, &set).unwrap();
    let keys = open().unwrap();
    let address =
        |host_and_path: &str| ProviderAddress { host_and_path: host_and_path.to_owned(), thumbprints: Vec::new() };
    assert_eq!(keys.fetch(&address("id.example/x"), Freshness::Recent).await.unwrap(), set.as_bytes());
    std::fs::remove_file(&path).unwrap();
    assert!(keys.fetch(&address("id.example/x"), Freshness::Newest).await.is_ok(), "kept");
    assert!(open().is_err());
}
