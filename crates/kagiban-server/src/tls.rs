//! TLS for the listener: versions 1.2 and 1.3, keys and certificates from PEM files, read again on demand.
//!
//! Key exchange prefers X25519MLKEM768 (RFC 9794 terms: a post-quantum/traditional hybrid), so that recorded traffic
//! stays unreadable; clients without it fall back to the classical groups. Client certificates are asked for on the channel
//! between deployments only.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use kagiban_service::ConnectionTls;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ProtocolVersion, ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Protocols offered, the preferred one first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Bytes that a refused peer may still send before the connection is closed over the rest.
const LINGER_BYTES: usize = 4 << 20;
/// Bytes read away at once.
const SINK_BYTES: usize = 16 << 10;

/// Where the certificate and its key are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsFiles {
    /// PEM file with the certificate and after it those of the intermediate authorities.
    pub certificate: PathBuf,
    /// PEM file with the private key (PKCS#8, PKCS#1 or SEC1).
    pub key: PathBuf,
}

/// TLS cannot be set up from the files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("cannot read {} as PEM", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        source: pem::Error,
    },
    /// The certificate file holds none.
    #[error("there is no certificate in {}", .0.display())]
    NoCertificate(PathBuf),
    /// Certificate and key do not make a TLS server.
    #[error("the certificate and the key do not make a TLS server")]
    Unusable(#[from] rustls::Error),
}

/// A TLS server whose certificate can be replaced while it runs.
pub struct Tls {
    /// `None` for a certificate that comes from elsewhere and stays.
    files: Option<TlsFiles>,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`]
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let config = RwLock::new(Arc::new(load(&files)?));
        Ok(Self { files: Some(files), config })
    }

    /// A server with a configuration of the caller's own.
    pub(crate) fn of(config: ServerConfig) -> Self {
        Self { files: None, config: RwLock::new(Arc::new(config)) }
    }

    /// Reads the files again; open connections keep what they have.
    ///
    /// # Errors
    /// [`TlsError`]; what was loaded before then stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let Some(files) = &self.files else { return Ok(()) };
        let config = Arc::new(load(files)?);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// The handshake on a fresh connection; the caller bounds its time.
    pub(crate) async fn accept(&self, socket: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        match TlsAcceptor::from(config).accept(socket).into_fallible().await {
            Ok(stream) => Ok(stream),
            Err((error, socket)) => {
                // Between deployments a refused certificate is to be known as one.
                if self.files.is_none() {
                    linger(socket).await;
                }
                Err(error)
            }
        }
    }
}

/// What the two sides of a connection agreed on, in the words of audit records.
pub(crate) fn agreed(connection: &ServerConnection) -> ConnectionTls {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "",
    };
    let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
    let group = connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()));
    ConnectionTls {
        version: version.into(),
        // The library tells its own two kinds of suites apart by this prefix; the registry has no such name.
        cipher_suite: suite.replacen("TLS13_", "TLS_", 1).into(),
        key_exchange: group.unwrap_or_default().into(),
    }
}

/// Lets an alert arrive: a client of TLS 1.3 is sending already when its certificate is refused, and closing over unread bytes
/// would make the kernel reset the connection.
async fn linger(mut socket: TcpStream) {
    let mut sink = vec![0; SINK_BYTES];
    let mut left = LINGER_BYTES;
    _ = socket.shutdown().await;
    while let Ok(read @ 1..) = socket.read(&mut sink).await {
        left = left.saturating_sub(read);
        if left == 0 {
            return;
        }
    }
}

fn load(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(pem_error(&files.key))?;
    let certificates: Vec<_> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(pem_error(&files.certificate))?;
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate(files.certificate.clone()));
    }
    // Named, not taken from the process: another library must not be able to change it.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = ALPN.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

fn pem_error(path: &Path) -> impl FnOnce(pem::Error) -> TlsError {
    let path = path.to_owned();
    move |source| TlsError::Pem { path, source }
}
