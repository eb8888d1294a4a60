//! Which cluster: `etcd://host:port,host:port/prefix`, and what else is needed to be let in.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use kagiban_base::secret::SecretBytes;

/// Most endpoints in one address.
pub const ENDPOINTS_MAX: usize = 16;
/// Longest prefix in bytes. With the longest key of a row it stays far below what etcd takes.
pub const PREFIX_BYTES_MAX: usize = 64;
const DEFAULT_PREFIX: &str = "kagiban/";
const SCHEME: &str = "etcd://";

/// The members of a cluster, and the prefix of all keys of the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EtcdAddress {
    /// Hosts and ports of members, tried in this order.
    pub endpoints: Vec<Endpoint>,
    /// What each key in etcd starts with; ends with `/`.
    pub prefix: String,
}

/// A member's host and client port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// Name or IP address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// A text is no address of a cluster.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// It does not start with `etcd://`.
    #[error("an etcd store is written etcd://HOST:PORT[,HOST:PORT...][/PREFIX]")]
    Scheme,
    /// Between commas there is no host, or a port that is none.
    #[error("{0:?} is no HOST or HOST:PORT")]
    Endpoint(String),
    /// More than [`ENDPOINTS_MAX`].
    #[error("{count} endpoints are over the limit of {ENDPOINTS_MAX}")]
    TooManyEndpoints {
        /// Their number.
        count: usize,
    },
    /// The prefix is too long or has other characters than letters, digits and `-._/`.
    #[error("the prefix {0:?} must be at most {PREFIX_BYTES_MAX} letters, digits or -._/")]
    Prefix(String),
}

impl FromStr for EtcdAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text.strip_prefix(SCHEME).ok_or(AddressError::Scheme)?;
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let endpoints = hosts.split(',').map(str::parse).collect::<Result<Vec<Endpoint>, _>>()?;
        if endpoints.len() > ENDPOINTS_MAX {
            return Err(AddressError::TooManyEndpoints { count: endpoints.len() });
        }
        Ok(Self { endpoints, prefix: prefix(path)? })
    }
}

fn prefix(path: &str) -> Result<String, AddressError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '/');
    match path.trim_end_matches('/') {
        "" => Ok(DEFAULT_PREFIX.to_owned()),
        path if path.len() < PREFIX_BYTES_MAX && path.chars().all(is_plain) => Ok(format!("{path}/")),
        path => Err(AddressError::Prefix(path.to_owned())),
    }
}

impl FromStr for Endpoint {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError::Endpoint(text.to_owned());
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']').ok_or_else(wrong)?;
                (host, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some("2379")).ok_or_else(wrong)?)
            }
            None => text.split_once(':').unwrap_or((text, "2379")),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_name) {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port: port.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for EtcdAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        for (number, endpoint) in self.endpoints.iter().enumerate() {
            write!(f, "{}{endpoint}", if number > 0 { "," } else { "" })?;
        }
        write!(f, "/{}", self.prefix.trim_end_matches('/'))
    }
}

/// Certificates in PEM for a cluster that is reached with TLS.
#[derive(Default)]
pub struct EtcdTls {
    /// Authorities that the members' certificates must go back to; `None` for those that the machine trusts.
    pub authorities: Option<Vec<u8>>,
    /// The client's own certificate chain and private key.
    pub identity: Option<(Vec<u8>, SecretBytes)>,
}

/// A user of etcd.
pub struct EtcdUser {
    /// Name.
    pub name: String,
    /// Password.
    pub password: SecretBytes,
}

/// How long the engine waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Deadlines {
    /// For a connection to a member, handshakes included; then the next member is tried.
    pub connect: Duration,
    /// For one answer of a member; then the call is made again, to another member.
    pub attempt: Duration,
    /// For a read or a commit with all its attempts: longer than a cluster needs to elect a leader.
    pub call: Duration,
    /// Between two proofs of a feed that it shows everything.
    pub proof: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            attempt: Duration::from_secs(2),
            call: Duration::from_secs(10),
            proof: Duration::from_millis(500),
        }
    }
}

/// Everything needed to connect.
pub struct EtcdOptions {
    /// The cluster and the prefix.
    pub address: EtcdAddress,
    /// With TLS, or in the clear.
    pub tls: Option<EtcdTls>,
    /// For a cluster that asks for a user and a password.
    pub user: Option<EtcdUser>,
    /// How long to wait.
    pub deadlines: Deadlines,
}

impl EtcdOptions {
    /// In the clear, without a user.
    pub fn plain(address: EtcdAddress) -> Self {
        Self { address, tls: None, user: None, deadlines: Deadlines::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written() {
        let cases = [
            ("etcd://a", "etcd://a:2379/kagiban"),
            ("etcd://a:1,b:2,[::1]:3/", "etcd://a:1,b:2,[::1]:3/kagiban"),
            ("etcd://127.0.0.1:2379/eu/kms", "etcd://127.0.0.1:2379/eu/kms"),
            ("etcd://[fe80::1]/x/", "etcd://[fe80::1]:2379/x"),
        ];
        for (text, written) in cases {
            let address: EtcdAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), written);
            assert!(address.prefix.ends_with('/'));
            assert_eq!(written.parse(), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("etcd://a/{}", "p".repeat(PREFIX_BYTES_MAX));
        let many = format!("etcd://{}", vec!["a"; ENDPOINTS_MAX + 1].join(","));
        for bad in [
            "",
            "http://a",
            "etcd://",
            "etcd://a,,b",
            "etcd://a:x",
            "etcd://a:65536",
            "etcd://[::1",
            "etcd://u@h",
            "etcd://a/b c",
            &long,
            &many,
        ] {
            assert!(bad.parse::<EtcdAddress>().is_err(), "{bad}");
        }
    }
}
