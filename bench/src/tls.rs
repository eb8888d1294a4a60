//! A connection of the load generator, in the clear or over TLS 1.3; and the certificate of a server for it.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use mio::net::TcpStream;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Failure;

/// The name in the certificate.
const NAME: &str = "localhost";

/// Writes a certificate for this machine and its key.
///
/// # Errors
/// When they cannot be made or written.
pub fn write_certificate(certificate: &Path, key: &Path) -> Result<(), Failure> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()])?;
    fs::write(certificate, cert.pem())?;
    fs::write(key, "")?;
    fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(fs::write(key, signing_key.serialize_pem())?)
}

/// How to speak to the server with this certificate.
///
/// # Errors
/// When it is none.
pub fn settings(certificate: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate)?)?;
    let versions = ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13]);
    Ok(Arc::new(versions.with_root_certificates(roots).with_no_client_auth()))
}

/// A connection that does not block.
#[derive(Debug)]
pub enum Wire {
    /// In the clear.
    Plain(TcpStream),
    /// Over TLS.
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Wire {
    /// Over this connection, after a handshake where there is to be one.
    ///
    /// # Errors
    /// When that fails.
    pub fn new(mut stream: std::net::TcpStream, tls: Option<&Arc<ClientConfig>>) -> Result<Self, Failure> {
        let mut connection = None;
        if let Some(tls) = tls {
            let mut shaking = ClientConnection::new(Arc::clone(tls), ServerName::try_from(NAME)?)?;
            while shaking.is_handshaking() {
                shaking.complete_io(&mut stream)?;
            }
            connection = Some(shaking);
        }
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(match connection {
            Some(connection) => Self::Tls(Box::new(StreamOwned::new(connection, stream))),
            None => Self::Plain(stream),
        })
    }

    /// What is waited for.
    pub fn socket(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &mut stream.sock,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    /// What TLS took and could not send goes with the next reading or writing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
