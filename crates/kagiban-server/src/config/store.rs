//! Options of the store, one definition each.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use kagiban_etcd::{AddressError, EtcdAddress};

use super::ConfigError;
use super::value::duration;

/// Where the store is.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Store")]
pub struct StoreOptions {
    /// Where keys and identities are: embedded, or etcd://HOST:PORT,HOST:PORT.../PREFIX
    ///
    /// embedded: in the data directory, for one node. etcd: in a cluster that any number of nodes share, under a prefix of its
    /// own ("kagiban"). Each node has a data directory, with its audit journal, and the same root key; a node joins by
    /// starting. docs/etcd.md tells how to set the cluster up.
    #[arg(long, env = "KAGIBAN_STORE", value_name = "embedded|etcd://...", default_value = "embedded")]
    pub store: StorePlace,

    /// Reach etcd with TLS, trusting the authorities that this machine trusts; the next three imply it
    #[arg(long, env = "KAGIBAN_STORE_TLS", value_parser = BoolishValueParser::new())]
    pub store_tls: bool,

    /// PEM file with the authorities that the certificates of etcd's members must go back to
    #[arg(long, env = "KAGIBAN_STORE_TLS_AUTHORITIES", value_name = "FILE")]
    pub store_tls_authorities: Option<PathBuf>,

    /// PEM file with this node's certificate for etcd, and those of intermediate authorities
    #[arg(long, env = "KAGIBAN_STORE_TLS_CERTIFICATE", value_name = "FILE")]
    pub store_tls_certificate: Option<PathBuf>,

    /// PEM file with the private key of that certificate; readable by its owner only
    #[arg(long, env = "KAGIBAN_STORE_TLS_KEY", value_name = "FILE")]
    pub store_tls_key: Option<PathBuf>,

    /// User of etcd, where it asks for one
    #[arg(long, env = "KAGIBAN_STORE_USER", value_name = "NAME")]
    pub store_user: Option<String>,

    /// File with that user's password; readable by its owner only
    #[arg(long, env = "KAGIBAN_STORE_PASSWORD_FILE", value_name = "FILE")]
    pub store_password_file: Option<PathBuf>,
}

/// How fresh a node's view must be.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Store")]
pub struct FreshnessOptions {
    /// With etcd: age of what a node knows, from which on it refuses requests instead of deciding; at least 1s
    ///
    /// A change on one node is in force on the others within milliseconds. A node that is cut off from etcd does not learn of
    /// it: after this time it answers 503 and is not ready, until a majority of etcd's members answers it again.
    #[arg(long, env = "KAGIBAN_FRESHNESS_BOUND", value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub freshness_bound: Duration,
}

/// Which engine keeps the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StorePlace {
    /// A file in the data directory.
    Embedded,
    /// A cluster.
    Etcd(EtcdAddress),
}

impl FromStr for StorePlace {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == "embedded" { Ok(Self::Embedded) } else { text.parse().map(Self::Etcd) }
    }
}

impl StoreOptions {
    /// The cluster, if that is where the store is.
    ///
    /// # Errors
    /// [`ConfigError::StoreIsEmbedded`], [`ConfigError::HalfStoreTls`], [`ConfigError::HalfStoreUser`]
    pub fn etcd(&self) -> Result<Option<&EtcdAddress>, ConfigError> {
        if self.store_tls_certificate.is_some() != self.store_tls_key.is_some() {
            return Err(ConfigError::HalfStoreTls);
        }
        if self.store_user.is_some() != self.store_password_file.is_some() {
            return Err(ConfigError::HalfStoreUser);
        }
        match &self.store {
            StorePlace::Etcd(address) => Ok(Some(address)),
            StorePlace::Embedded if self.has_tls() || self.store_user.is_some() => Err(ConfigError::StoreIsEmbedded),
            StorePlace::Embedded => Ok(None),
        }
    }

    /// Whether etcd is reached with TLS.
    pub fn has_tls(&self) -> bool {
        self.store_tls || self.store_tls_authorities.is_some() || self.store_tls_certificate.is_some()
    }
}

impl FreshnessOptions {
    /// The least bound: proofs come twice a second, and take their way.
    const LEAST: Duration = Duration::from_secs(1);

    /// The bound.
    ///
    /// # Errors
    /// [`ConfigError::FreshnessBoundTooSmall`]
    pub fn bound(&self) -> Result<Duration, ConfigError> {
        if self.freshness_bound < Self::LEAST {
            return Err(ConfigError::FreshnessBoundTooSmall);
        }
        Ok(self.freshness_bound)
    }
}
