//! Where a peer's channel is: `HOST:PORT`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Longest name of a host, in bytes (RFC 1035, section 2.3.4).
const HOST_LEN_MAX: usize = 253;

/// The host and port that a channel is reached at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerAddress {
    text: String,
    /// Where the port's colon is.
    colon: usize,
    port: u16,
}

/// A text is no address of a channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a host and a port, such as kms.example.com:4600 or [::1]:4600")]
pub struct InvalidPeerAddress;

impl PeerAddress {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let host = self.text.get(..self.colon).unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        let text = match address.ip() {
            IpAddr::V4(ip) => format!("{ip}:{}", address.port()),
            IpAddr::V6(ip) => format!("[{ip}]:{}", address.port()),
        };
        let colon = text.rfind(':').unwrap_or_default();
        Self { text, colon, port: address.port() }
    }
}

impl FromStr for PeerAddress {
    type Err = InvalidPeerAddress;

    fn from_str(text: &str) -> Result<Self, InvalidPeerAddress> {
        let (host, digits) = text.rsplit_once(':').ok_or(InvalidPeerAddress)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = digits.parse().ok().filter(|port| *port > 0 && is_number).ok_or(InvalidPeerAddress)?;
        if !is_host(host) {
            return Err(InvalidPeerAddress);
        }
        Ok(Self { text: text.to_owned(), colon: host.len(), port })
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    let fits = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let is_name = host.len() <= HOST_LEN_MAX && host.split('.').all(fits);
    // What looks like a number must be a whole IPv4 address: "10.1" means other things to other programs.
    let is_numeric = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    is_name && (!is_numeric || host.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, port) in [
            ("127.0.0.1:4600", "127.0.0.1", 4600),
            ("kms.example.com:443", "kms.example.com", 443),
            ("localhost:1", "localhost", 1),
            ("[::1]:65535", "::1", 65535),
        ] {
            let address: PeerAddress = text.parse().unwrap();
            assert_eq!((address.as_str(), address.host(), address.port()), (text, host, port));
        }
        for bad in [
            "",
            ":1",
            "host",
            "host:",
            "host:0",
            "host:65536",
            "host:+1",
            "::1:80",
            "[::1]",
            "[host]:1",
            "ho st:1",
            "a..b:1",
            "10.1:1",
            "1.2.3.4.5:1",
            "host\n:1",
            "https://host:1",
            "host:1/",
        ] {
            assert_eq!(bad.parse::<PeerAddress>(), Err(InvalidPeerAddress), "{bad}");
        }
        let long = format!("{}:1", "a".repeat(254));
        assert!(long.parse::<PeerAddress>().is_err());
    }

    #[test]
    fn sockets_are_addresses() {
        for text in ["127.0.0.1:4600", "[::1]:4600"] {
            let socket: SocketAddr = text.parse().unwrap();
            assert_eq!(PeerAddress::from(socket), text.parse().unwrap());
        }
    }
}
