//! One request to the server and its answer: signed, within a deadline, of bounded size, never repeated.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Body as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::endpoint::Endpoint;
use crate::environment::{self, Lookup};
use crate::error::{CliError, Refusal};
use crate::options::ConnectionOptions;

/// Where a server is that nobody said anything about.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:4599";
/// The Region that is signed for if nobody says which; the operations are the same in all.
const DEFAULT_REGION: &str = "us-east-1";
/// The signing name of the operator's operations.
const SIGNING_NAME: &str = "kagiban";
/// For reaching the server, TLS included.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// For the answer; more than the server gives itself.
const ANSWER_TIME: Duration = Duration::from_secs(40);
/// Bytes of an answer at most; a page of a list is far smaller.
const ANSWER_BYTES: usize = 4 << 20;
/// Bytes of an answer's head at most.
const HEAD_BYTES: usize = 64 << 10;
/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;

/// A server, and who asks it.
pub(crate) struct Client {
    endpoint: Endpoint,
    tls: Option<TlsConnector>,
    /// Absent where it must not matter who asks.
    signer: Option<Signer>,
    clock: Arc<dyn Clock>,
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Client {
    /// The server and the caller that options and environment name.
    pub(crate) fn new(
        options: &ConnectionOptions,
        variables: Lookup<'_>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CliError> {
        let signer = signer(options, variables)?;
        Ok(Self { signer: Some(signer), ..Self::anonymous(options, variables, clock)? })
    }

    /// The server that options and environment name, for what anybody may ask.
    pub(crate) fn anonymous(
        options: &ConnectionOptions,
        variables: Lookup<'_>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, CliError> {
        let named = match &options.endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => environment::text(&["AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL"], variables)?.map(|(_, url)| url),
        };
        let text = named.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let endpoint: Endpoint = text.parse().map_err(|source| CliError::Endpoint { text, source })?;
        let tls = endpoint.is_tls.then(|| connector(options, variables)).transpose()?;
        Ok(Self { endpoint, tls, signer: None, clock })
    }

    /// Who is asked, for messages.
    pub(crate) fn endpoint(&self) -> String {
        self.endpoint.to_string()
    }

    /// Calls an operation; gives the body of its answer, which may hold a secret.
    pub(crate) async fn call(&self, operation: &str, input: &Value) -> Result<SecretBytes, CliError> {
        self.call_bytes(operation, Bytes::from(input.to_string())).await
    }

    /// The same with a body of the caller's own.
    pub(crate) async fn call_bytes(&self, operation: &str, body: Bytes) -> Result<SecretBytes, CliError> {
        let endpoint = self.endpoint();
        let request = self.request(operation, body)?;
        let stream = match timeout(CONNECT_TIME, self.connect()).await {
            Ok(connected) => connected?,
            Err(_) => return Err(CliError::Unreachable { endpoint, source: io::ErrorKind::TimedOut.into() }),
        };
        let exchanged = timeout(ANSWER_TIME, self.exchange(stream, request)).await;
        let (status, head, body) = exchanged.map_err(|_| CliError::Late { endpoint })??;
        if status == StatusCode::OK { Ok(body) } else { Err(self.refusal(status, &head, body.expose())) }
    }

    fn request(&self, operation: &str, body: Bytes) -> Result<Request<Bytes>, CliError> {
        let request = Request::post("/")
            .header(HOST, self.endpoint.authority.as_str())
            .header(CONTENT_TYPE, "application/x-amz-json-1.1")
            .header(USER_AGENT, concat!("kagiban/", env!("CARGO_PKG_VERSION")))
            .header("x-amz-target", format!("Kagiban.{operation}"))
            .body(body);
        let invalid = |_| kagiban_identity::sigv4::SignError::InvalidHeader;
        let mut request = request.map_err(invalid)?;
        if let Some(signer) = &self.signer {
            signer.sign(&mut request, self.clock.now())?;
        }
        Ok(request)
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, CliError> {
        let unreachable = |source| CliError::Unreachable { endpoint: self.endpoint(), source };
        let Endpoint { host, port, .. } = &self.endpoint;
        let found = tokio::net::lookup_host((host.as_str(), *port)).await.map_err(unreachable)?;
        let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        let is_here = addresses.iter().all(|address| address.ip().to_canonical().is_loopback());
        if self.tls.is_none() && !is_here {
            return Err(CliError::PlainHttp { endpoint: self.endpoint() });
        }
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let refused = |source| CliError::Handshake { endpoint: self.endpoint(), source };
        let name = ServerName::try_from(host.clone()).map_err(|error| refused(io::Error::other(error)))?;
        Ok(Box::new(tls.connect(name, stream).await.map_err(refused)?))
    }

    async fn exchange(
        &self,
        stream: Box<dyn Stream>,
        request: Request<Bytes>,
    ) -> Result<(StatusCode, HeaderMap, SecretBytes), CliError> {
        let interrupted = |source| CliError::Interrupted { endpoint: self.endpoint(), source };
        let mut http = http1::Builder::new();
        http.max_buf_size(HEAD_BYTES);
        let (mut sender, connection) = http.handshake(TokioIo::new(stream)).await.map_err(interrupted)?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request.map(Full::new)).await.map_err(interrupted)?;
        let (head, body) = answer.into_parts();
        if body.size_hint().lower() > ANSWER_BYTES as u64 {
            return Err(CliError::AnswerTooLong { endpoint: self.endpoint() });
        }
        let body = Limited::new(body, ANSWER_BYTES).collect().await;
        driver.abort();
        let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(source) => interrupted(*source),
            Err(_) => CliError::AnswerTooLong { endpoint: self.endpoint() },
        })?;
        Ok((head.status, head.headers, SecretBytes::new(body.to_bytes().into())))
    }

    /// The error that an answer tells of.
    fn refusal(&self, status: StatusCode, head: &HeaderMap, body: &[u8]) -> CliError {
        let value: Option<Value> = serde_json::from_slice(body).ok();
        let text = |name: &str| value.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let Some(code) = text("__type") else {
            return CliError::NotKagiban { endpoint: self.endpoint(), status: status.as_u16() };
        };
        let message = text("message").or_else(|| text("Message")).unwrap_or_default();
        let request_id = head.get("x-amzn-requestid").and_then(|id| id.to_str().ok()).map(str::to_owned);
        CliError::Refused(Box::new(Refusal { code, message, request_id }))
    }

    /// Reads an answer of the server.
    pub(crate) fn read<'a, T: serde::Deserialize<'a>>(&self, body: &'a SecretBytes) -> Result<T, CliError> {
        let not_kagiban = |_| CliError::NotKagiban { endpoint: self.endpoint(), status: StatusCode::OK.as_u16() };
        serde_json::from_slice(body.expose()).map_err(not_kagiban)
    }
}

/// Who asks.
fn signer(options: &ConnectionOptions, variables: Lookup<'_>) -> Result<Signer, CliError> {
    let id = environment::text(&["AWS_ACCESS_KEY_ID"], variables)?;
    let secret = environment::secret("AWS_SECRET_ACCESS_KEY", variables);
    let (Some((name, id)), Some(secret_access_key)) = (id, secret) else { return Err(CliError::NoCredentials) };
    let invalid = |name: &str| CliError::Variable { name: name.to_owned() };
    let region = match options.region {
        Some(region) => region,
        None => match environment::text(&["AWS_REGION", "AWS_DEFAULT_REGION"], variables)? {
            Some((name, region)) => region.parse().map_err(|_| invalid(name))?,
            None => DEFAULT_REGION.parse().map_err(|_| invalid("AWS_REGION"))?,
        },
    };
    Ok(Signer {
        access_key_id: id.parse().map_err(|_| invalid(name))?,
        secret_access_key,
        security_token: environment::secret("AWS_SESSION_TOKEN", variables),
        region,
        service: SIGNING_NAME,
    })
}

fn connector(options: &ConnectionOptions, variables: Lookup<'_>) -> Result<TlsConnector, CliError> {
    let bundle = variables("AWS_CA_BUNDLE").map(Into::into);
    let roots = match options.ca_certificate.clone().or(bundle) {
        Some(path) => authorities_in(&path)?,
        None => authorities_of_this_machine()?,
    };
    // Named, not taken from the process: another library must not be able to change it.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The authorities of a file, all of which must be readable.
fn authorities_in(path: &Path) -> Result<RootCertStore, CliError> {
    use rustls::pki_types::pem::Error;
    let failed = |source| CliError::Authorities { path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut roots = RootCertStore::empty();
    for certificate in certificates.map_err(failed)? {
        roots.add(certificate)?;
    }
    if roots.is_empty() { Err(failed(Error::NoItemsFound)) } else { Ok(roots) }
}

fn authorities_of_this_machine() -> Result<RootCertStore, CliError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(CliError::NoAuthorities) } else { Ok(roots) }
}
