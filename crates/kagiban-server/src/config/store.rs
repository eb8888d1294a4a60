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

/// How a node is among those that share its store.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Store")]
pub struct NodeOptions {
    /// With etcd: what to call this node in "kagiban nodes"; without it, the machine's name
    #[arg(long, env = "KAGIBAN_NODE_NAME", value_name = "NAME", value_parser = node_name)]
    pub node_name: Option<String>,

    /// With etcd: answer what takes rights away only once every node knows it
    ///
    /// DisableKey, ScheduleKeyDeletion, RevokeGrant, RetireGrant, PutKeyPolicy, CreateAlias, DeleteAlias, UpdateAlias, TagResource, UntagResource,
    /// DeleteImportedKeyMaterial, and what deletes, attaches, detaches, tags or changes identities and policies. The answer comes when all nodes have
    /// reported that they know, after some milliseconds; if one does not report, after the bound of freshness, when that one decides nothing
    /// any more. Without this option, callers ask for it with the header "x-kagiban-wait: all-nodes", on any request that changes something.
    #[arg(long, env = "KAGIBAN_WAIT_FOR_NODES", value_parser = BoolishValueParser::new())]
    pub wait_for_nodes: bool,
}

/// Longest name of a node, in characters.
const NODE_NAME_MAX: usize = 64;

fn node_name(text: &str) -> Result<String, String> {
    let is_printable = text.chars().all(|character| !character.is_control());
    if text.is_empty() || text.chars().count() > NODE_NAME_MAX || !is_printable {
        return Err(format!("must be 1 to {NODE_NAME_MAX} printable characters"));
    }
    Ok(text.to_owned())
}

impl NodeOptions {
    /// What to call the node.
    pub(crate) fn name(&self) -> String {
        let of_the_machine = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        let name = self.node_name.clone().unwrap_or_else(of_the_machine);
        name.chars().filter(|character| !character.is_control()).take(NODE_NAME_MAX).collect()
    }
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
