//! One GET over HTTPS: no redirects, no cookies, no proxy, a small answer or none.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kagiban_identity::web_identity::KEY_SET_LEN_MAX;
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::trust;

/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;
/// Bytes of an answer's head at most.
const HEAD_LEN_MAX: usize = 64 * 1024;
const PORT: u16 = 443;

/// An answer cannot be had, or is not used. For the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpsError {
    #[error("an address is not https://HOST...")]
    Address,
    #[error("cannot connect to {host}")]
    Connect {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("the exchange with {host} failed")]
    Exchange {
        host: String,
        #[source]
        source: hyper::Error,
    },
    #[error("the provider did not answer in time")]
    Late,
    #[error("the provider's configuration names another issuer")]
    OtherIssuer,
    #[error("{host} is inside this network, and the provider is outside")]
    Private { host: String },
    #[error("{host} answered with status {status}")]
    Status { host: String, status: StatusCode },
    #[error("the answer of {host} is too long or was cut off")]
    Body { host: String },
    #[error("the provider's configuration cannot be read")]
    UnreadableConfiguration(#[source] serde_json::Error),
}

/// Where a connection may go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    Anywhere,
    /// Not to addresses that only mean something inside a network or machine.
    PublicOnly,
}

/// An answer.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    /// Whether it came from an address inside a network or machine.
    pub(super) is_private: bool,
}

/// Makes requests.
#[derive(Default)]
pub(super) struct Https {
    /// The authorities that this machine trusts, read when they are first needed.
    roots: OnceCell<Arc<RootCertStore>>,
}

impl Https {
    #[cfg(test)]
    pub(super) fn with_roots(roots: RootCertStore) -> Self {
        Self { roots: OnceCell::new_with(Some(Arc::new(roots))) }
    }

    /// The answer to GET, if its status is 200.
    pub(super) async fn get(&self, uri: &Uri, thumbprints: &[String], reach: Reach) -> Result<Answer, HttpsError> {
        let host = uri.host().ok_or(HttpsError::Address)?;
        let (stream, address) = connect(uri, host, reach).await?;
        let stream = self.encrypt(stream, host, thumbprints).await?;
        let body = exchange(stream, uri, host).await?;
        Ok(Answer { body, is_private: is_private(address.ip()) })
    }

    async fn encrypt(
        &self,
        stream: TcpStream,
        host: &str,
        thumbprints: &[String],
    ) -> Result<TlsStream<TcpStream>, HttpsError> {
        let failed = |source| HttpsError::Connect { host: host.to_owned(), source };
        let roots = self.roots.get_or_init(trust::roots_of_this_machine).await;
        let config =
            trust::client_config(Arc::clone(roots), thumbprints).map_err(|error| failed(io::Error::other(error)))?;
        let name = ServerName::try_from(without_brackets(host).to_owned()).map_err(|_| HttpsError::Address)?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(failed)
    }
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Connects to the first address that takes us.
async fn connect(uri: &Uri, host: &str, reach: Reach) -> Result<(TcpStream, SocketAddr), HttpsError> {
    let failed = |source| HttpsError::Connect { host: host.to_owned(), source };
    let port = uri.port_u16().unwrap_or(PORT);
    let addresses = tokio::net::lookup_host((without_brackets(host), port)).await.map_err(failed)?;
    let mut last = None;
    for address in addresses.take(ADDRESSES_MAX) {
        if reach == Reach::PublicOnly && is_private(address.ip()) {
            return Err(HttpsError::Private { host: host.to_owned() });
        }
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok((stream, address)),
            Err(error) => last = Some(error),
        }
    }
    Err(failed(last.unwrap_or_else(|| io::Error::from(io::ErrorKind::NotFound))))
}

async fn exchange(stream: TlsStream<TcpStream>, uri: &Uri, host: &str) -> Result<Vec<u8>, HttpsError> {
    let failed = |source| HttpsError::Exchange { host: host.to_owned(), source };
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_LEN_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Ends with this function, whatever becomes of it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let answer = sender.send_request(request(uri)?).await.map_err(failed)?;
    if answer.status() != StatusCode::OK {
        return Err(HttpsError::Status { host: host.to_owned(), status: answer.status() });
    }
    let body = Limited::new(answer.into_body(), KEY_SET_LEN_MAX).collect().await;
    body.map(|body| body.to_bytes().to_vec()).map_err(|_| HttpsError::Body { host: host.to_owned() })
}

fn request(uri: &Uri) -> Result<Request<Empty<Bytes>>, HttpsError> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().ok_or(HttpsError::Address)?;
    let request = Request::get(path)
        .header(HOST, authority.as_str())
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, "kagiban")
        .body(Empty::new());
    request.map_err(|_| HttpsError::Address)
}

/// Whether an address means something inside a network or machine only (IANA's special-purpose registries).
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || first == 0
        || first >= 240
        // Shared address space (RFC 6598), and tests of networks (RFC 2544).
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, _, _, _, _, seventh, eighth] = address.segments();
    // What is behind translation (RFC 6052) counts.
    let translated = (first, second) == (0x64, 0xff9b);
    let [a, b] = seventh.to_be_bytes();
    let [c, d] = eighth.to_be_bytes();
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || (translated && is_private_v4(Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::10.0.0.1",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.167.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }
}
