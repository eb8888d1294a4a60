//! Events over HTTP: one POST each, signed, without redirects, cookies or proxies.
//!
//! The body is the event; headers tell the rule, the number of the event (the same at each attempt) and the signature.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::message_signature::{SIGNATURE_HEADER, sign_message};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use super::delivery::{Carrier, Delivery, Failure};
use crate::private_file::is_open_to_others;

/// Messages of one target under way at once.
const AT_ONCE: usize = 8;
/// Bytes of a secret.
const SECRET_LEN_MIN: usize = 16;
const SECRET_LEN_MAX: usize = 4096;
/// Bytes of an answer's head at most; its body is not read.
const HEAD_LEN_MAX: usize = 64 * 1024;

/// A webhook cannot be prepared. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others may know the secret.
    #[error("{} can be read by others than its owner; make a new secret, and: chmod 600 {}", .0.display(), .0.display())]
    OpenToOthers(PathBuf),
    /// The secret is too short to be one, or no secret at all.
    #[error("{} must hold {SECRET_LEN_MIN} to {SECRET_LEN_MAX} bytes", .0.display())]
    SecretLength(PathBuf),
    /// The authorities.
    #[error("cannot read certificates from {}", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: pem::Error,
    },
    /// There are none.
    #[error("there is no certificate of an authority in {}", .0.display())]
    NoAuthority(PathBuf),
    /// The address, or TLS.
    #[error("cannot be reached as it is written")]
    Address,
}

/// Sends events to one address.
pub(super) struct WebhookCarrier {
    uri: Uri,
    secret: SecretBytes,
    tls: Option<Arc<ClientConfig>>,
    timeout: Duration,
}

impl WebhookCarrier {
    /// Reads the secret and the authorities.
    pub(super) fn prepare(
        url: &str,
        secret_file: &Path,
        ca_file: Option<&Path>,
        timeout: Duration,
    ) -> Result<Self, WebhookError> {
        let uri: Uri = url.parse().map_err(|_| WebhookError::Address)?;
        let is_tls = uri.scheme_str() == Some("https");
        let tls = if is_tls { Some(Arc::new(client_config(ca_file)?)) } else { None };
        Ok(Self { uri, secret: read_secret(secret_file)?, tls, timeout })
    }

    async fn send(&self, delivery: &Delivery) -> Result<(), Failure> {
        let host = self.uri.host().unwrap_or_default();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = self.uri.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let socket = TcpStream::connect((bare, port)).await.map_err(Failure::passing)?;
        let request = self.request(delivery)?;
        match &self.tls {
            None => exchange(socket, request).await,
            Some(config) => {
                let name = ServerName::try_from(bare.to_owned()).map_err(Failure::last)?;
                let stream = TlsConnector::from(Arc::clone(config)).connect(name, socket).await;
                exchange(stream.map_err(Failure::passing)?, request).await
            }
        }
    }

    fn request(&self, delivery: &Delivery) -> Result<Request<Full<Bytes>>, Failure> {
        let body = Bytes::copy_from_slice(delivery.event.as_bytes());
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(HOST, self.uri.authority().map_or("", |authority| authority.as_str()))
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "kagiban")
            .header("Kagiban-Rule", &delivery.origin.rule)
            .header("Kagiban-Event-Id", &delivery.event_id)
            .header("Kagiban-Count", delivery.origin.count)
            .header(SIGNATURE_HEADER, sign_message(&self.secret, SystemClock.now(), &body))
            .body(Full::new(body));
        request.map_err(Failure::last)
    }
}

#[async_trait]
impl Carrier for WebhookCarrier {
    async fn carry(&self, delivery: &Delivery) -> Result<(), Failure> {
        let sent = tokio::time::timeout(self.timeout, self.send(delivery)).await;
        sent.unwrap_or_else(|_| Err(Failure::passing("no answer in time")))
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_LEN_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(Failure::passing)?;
    // Ends with this function, whatever becomes of it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let status = sender.send_request(request).await.map_err(Failure::passing)?.status();
    if status.is_success() { Ok(()) } else { Err(Failure::passing(format_args!("the answer was {status}"))) }
}

fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, WebhookError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|_| WebhookError::Address)?;
    let mut config = builder.with_root_certificates(roots(ca_file)?).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, WebhookError> {
    let mut roots = RootCertStore::empty();
    match ca_file {
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(path) => {
            let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
            let certificates: Vec<CertificateDer<'static>> =
                read.map_err(|source| WebhookError::Authorities { path: path.to_owned(), source })?;
            let (added, _) = roots.add_parsable_certificates(certificates);
            if added == 0 {
                return Err(WebhookError::NoAuthority(path.to_owned()));
            }
        }
    }
    Ok(roots)
}

/// The secret, without the line feed that editors end files with.
fn read_secret(path: &Path) -> Result<SecretBytes, WebhookError> {
    let read_error = |source| WebhookError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(read_error)?;
    if is_open_to_others(&file.metadata().map_err(read_error)?) {
        return Err(WebhookError::OpenToOthers(path.to_owned()));
    }
    // Of full size at once: a growing buffer would leave copies behind.
    let mut bytes = SecretBytes::zeroed(SECRET_LEN_MAX + 2);
    let mut len = 0_usize;
    while let Some(rest) = bytes.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(read_error)? {
            0 => break,
            read => len = len.saturating_add(read),
        }
    }
    bytes.truncate(len);
    let text = bytes.expose();
    let trimmed = text.strip_suffix(b"\n").map_or(text.len(), |line| line.strip_suffix(b"\r").unwrap_or(line).len());
    bytes.truncate(trimmed);
    if (SECRET_LEN_MIN..=SECRET_LEN_MAX).contains(&trimmed) {
        Ok(bytes)
    } else {
        Err(WebhookError::SecretLength(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_long_enough_and_their_owners_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        for (contents, mode, expected) in [
            ("0123456789abcdef", 0o600, Some("0123456789abcdef")),
            ("0123456789abcdef\r\n", 0o400, Some("0123456789abcdef")),
            ("0123456789abcdef\n\n", 0o600, Some("0123456789abcdef\n")),
            ("0123456789abcde\n", 0o600, None),
            ("", 0o600, None),
            ("0123456789abcdef", 0o640, None),
            ("0123456789abcdef", 0o604, None),
        ] {
            _ = std::fs::remove_file(&path);
            write(&path, contents).unwrap();
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let read = read_secret(&path).ok();
            assert_eq!(read.as_ref().map(SecretBytes::expose), expected.map(str::as_bytes), "{contents:?} {mode:o}");
        }
        write(&path, "x".repeat(SECRET_LEN_MAX + 10)).unwrap();
        assert!(read_secret(&path).is_err());
        assert!(matches!(read_secret(&directory.path().join("none")), Err(WebhookError::Read { .. })));
    }
}
