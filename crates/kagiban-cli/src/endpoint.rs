//! Where a server is: `http://HOST:PORT` on this machine, `https://HOST:PORT` anywhere.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// An address to send requests to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint {
    pub(crate) is_tls: bool,
    /// Host and port as written, for the Host field.
    pub(crate) authority: String,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// A text is no endpoint.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an endpoint, such as http://127.0.0.1:4599 or https://kms.example.com")]
pub struct InvalidEndpoint;

impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let uri: Uri = text.parse().map_err(|_| InvalidEndpoint)?;
        let (is_tls, port) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            _ => return Err(InvalidEndpoint),
        };
        let authority = uri.authority().ok_or(InvalidEndpoint)?;
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let has_more = uri.path() != "/" || uri.query().is_some() || authority.as_str().contains('@');
        // What follows the host and is no number would be dropped without a word.
        let has_odd_port = authority.port_u16().is_none() && authority.as_str().len() != authority.host().len();
        if has_more || has_odd_port || host.is_empty() {
            return Err(InvalidEndpoint);
        }
        let port = authority.port_u16().unwrap_or(port);
        Ok(Self { is_tls, authority: authority.as_str().to_owned(), host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.is_tls { "https" } else { "http" }, self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (text, is_tls, host, port, shown) in [
            ("http://127.0.0.1:4599", false, "127.0.0.1", 4599, "http://127.0.0.1:4599"),
            ("http://localhost:4599/", false, "localhost", 4599, "http://localhost:4599"),
            ("https://kms.example.com", true, "kms.example.com", 443, "https://kms.example.com"),
            ("https://[::1]:8443", true, "::1", 8443, "https://[::1]:8443"),
            ("http://[::1]", false, "::1", 80, "http://[::1]"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!((endpoint.is_tls, endpoint.host.as_str(), endpoint.port), (is_tls, host, port), "{text}");
            assert_eq!(endpoint.to_string(), shown);
        }
        for text in [
            "",
            "localhost:4599",
            "127.0.0.1",
            "ftp://h",
            "http://",
            "http:///x",
            "http://h/path",
            "http://h?a=b",
            "http://user@h",
            "http://user:word@h:1",
            "http://h:99999",
            "http://h:",
            "http://h:x",
            "https://h h",
        ] {
            assert_eq!(text.parse::<Endpoint>(), Err(InvalidEndpoint), "{text}");
        }
    }
}
