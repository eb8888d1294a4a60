//! Configuration: each option is defined once, here, with its help.
//!
//! An option may stand on the command line, in the environment as `KAGIBAN_...`, or in the TOML file that `--config`
//! names, under its long name. The first of these that has it counts; else the default does. What is not an option is an
//! error in each of the three places but the environment, which belongs to everybody.

pub mod attestation;
pub mod audit;
pub mod backup;
pub mod delivery;
pub mod file;
pub mod store;
pub mod telemetry;
mod value;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use kagiban_base::id::{AccountId, Region};
use kagiban_service::compliance::ComplianceSettings;
use kagiban_service::peers::PeerAddress;
use kagiban_service::quotas::{InvalidQuota, QuotaMode, QuotaSetting, QuotaSettings};

use self::store::{FreshnessOptions, NodeOptions, StoreOptions};
use self::value::{address, bytes, duration};
use crate::attestation::AttestationRoot;
use crate::http::{Limits, Network, TrustedProxies};
use crate::log::{LogFormat, LogLevel};
use crate::root_key::RootKeySource;
use crate::tls::TlsFiles;
use crate::web_identity::KeySetFile;

/// Options of `kagiban serve`.
#[derive(clap::Args, Clone, Debug)]
pub struct ServeOptions {
    /// Serve for development: well-known credentials, on this machine only
    ///
    /// Account 000000000000 with access key "test" and secret "test"; any 12 digits as access key with secret "test" are
    /// the root of that account. Refuses addresses that are not loopback and data directories made for production.
    #[arg(long, env = "KAGIBAN_DEV", value_parser = BoolishValueParser::new())]
    pub dev: bool,

    /// Address and port to listen on; port 0 takes a free one
    ///
    /// Plain HTTP is served on loopback addresses only; any other needs --tls-certificate and --tls-key.
    #[arg(long, env = "KAGIBAN_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4599")]
    #[arg(value_parser = address)]
    pub listen: SocketAddr,

    /// TOML file with options under their long names, such as: listen = "0.0.0.0:4599"
    #[arg(long, env = "KAGIBAN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the data and its root key are.
    #[command(flatten)]
    pub data: DataOptions,

    /// TOML file with accounts, identities, keys and aliases that are to be there before anything is served
    ///
    /// It is checked completely before anything changes, and applied again at each start: what it names is made or brought
    /// to what it says, what it does not name is left alone, and nothing is deleted. "kagiban seed check FILE" checks one.
    #[arg(long, env = "KAGIBAN_SEED", value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// TOML file with rules: which events matter, and what follows from them; read again on SIGHUP
    ///
    /// Events are those of EventBridge, made of the audit journal; a rule's target is a webhook, a file, a program, or a response
    /// of the service itself: disable a key, stop a principal, revoke grants. How far they have come is kept in "events" in the data
    /// directory. "kagiban rules check FILE" checks one, "kagiban rules test FILE EVENT.json" tries it.
    #[arg(long, env = "KAGIBAN_RULES", value_name = "FILE")]
    pub rules: Option<PathBuf>,

    /// PEM file with the certificate, followed by those of intermediate authorities; read again on SIGHUP
    #[arg(long, env = "KAGIBAN_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,

    /// PEM file with the certificate's private key; read again on SIGHUP
    #[arg(long, env = "KAGIBAN_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Region that this deployment serves; repeatable; without it, all that no peer serves
    ///
    /// A Region is served by one deployment. To share multi-Region keys with another deployment, say which Regions are served
    /// here, and pair the two with "kagiban peer invite".
    #[arg(long, env = "KAGIBAN_REGION", value_name = "REGION", value_delimiter = ',')]
    pub region: Vec<Region>,

    /// Address and port to listen on for peers, other deployments that serve other Regions; port 0 takes a free one
    ///
    /// Its own TLS, with a certificate that this deployment makes for itself; only peers get in. "kagiban peer --help" explains.
    #[arg(long, env = "KAGIBAN_PEER_LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub peer_listen: Option<SocketAddr>,

    /// Host and port where peers reach this deployment, if not at the address of --peer-listen
    #[arg(long, env = "KAGIBAN_PEER_ADDRESS", value_name = "HOST:PORT")]
    pub peer_address: Option<PeerAddress>,

    /// Address or network of reverse proxies to believe, such as 10.1.0.0/16; repeatable
    ///
    /// Policies see where a request comes from (aws:SourceIp) and whether it came by TLS (aws:SecureTransport). For requests
    /// from these addresses both are what X-Forwarded-For and X-Forwarded-Proto say: the rightmost address that is no such
    /// proxy's, and https in every value. The proxies must set both; a request whose fields are not well-formed is refused.
    /// From anybody else the fields are not read.
    #[arg(long, env = "KAGIBAN_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,

    /// Root that attestation documents of enclaves must go back to: aws, or a PEM file; repeatable
    ///
    /// A request with Recipient carries a document that says which code runs in the enclave. It is believed when its chain of
    /// certificates begins with one of these roots. aws is the published root of the Nitro Enclaves of the commercial
    /// partitions; naming a file alone trusts AWS's no longer. Make a root of your own with "kagiban attestation make-root".
    #[arg(
        long,
        env = "KAGIBAN_ATTESTATION_ROOT",
        value_name = "aws|FILE",
        default_value = "aws",
        value_delimiter = ','
    )]
    pub attestation_root: Vec<AttestationRoot>,

    /// File with the keys of an OpenID Connect provider, instead of asking the provider; repeatable
    ///
    /// For providers that cannot be reached, such as a Kubernetes cluster's: "kubectl get --raw /openid/v1/jwks" prints them.
    /// ISSUER is the provider's URL without https://, as it is in IAM. The file is a JSON Web Key Set; it is read again when
    /// it is five minutes old, or sooner when a token names a key that it did not have.
    #[arg(long, env = "KAGIBAN_WEB_IDENTITY_KEYS", value_name = "ISSUER=FILE", value_delimiter = ',')]
    pub web_identity_keys: Vec<KeySetFile>,

    /// Least severe messages to log; requests are logged at "debug"
    #[arg(long, env = "KAGIBAN_LOG", value_name = "LEVEL", default_value = "info")]
    pub log: LogLevel,

    /// Form of the log; without it, text on a terminal and JSON elsewhere
    #[arg(long, env = "KAGIBAN_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,

    /// File to write the endpoint to once requests are served, for scripts that wait for it
    #[arg(long, env = "KAGIBAN_READY_FILE", value_name = "FILE")]
    pub ready_file: Option<PathBuf>,

    /// Threads that serve requests; without it, one for each processor
    #[arg(long, env = "KAGIBAN_WORKER_THREADS", value_name = "NUMBER")]
    pub worker_threads: Option<NonZeroUsize>,

    /// What compliance is held against.
    #[command(flatten)]
    pub compliance: ComplianceOptions,

    /// How the audit is kept.
    #[command(flatten)]
    pub audit: audit::AuditOptions,

    /// Where what happened is delivered to.
    #[command(flatten)]
    pub audit_deliveries: delivery::AuditDeliveryOptions,

    /// Where backups go.
    #[command(flatten)]
    pub backups: backup::BackupOptions,

    /// Metrics and traces.
    #[command(flatten)]
    pub telemetry: telemetry::TelemetryOptions,

    /// How fresh a node's view must be.
    #[command(flatten)]
    pub freshness: FreshnessOptions,

    /// What the node is among others.
    #[command(flatten)]
    pub nodes: NodeOptions,

    /// How much accounts may have and ask for.
    #[command(flatten)]
    pub quotas: QuotaOptions,

    /// What a peer may cost.
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `kagiban init`.
#[derive(clap::Args, Clone, Debug)]
pub struct InitOptions {
    /// Where the data and its root key are.
    #[command(flatten)]
    pub data: DataOptions,

    /// Number of the first account; without it, a random one
    #[arg(long, env = "KAGIBAN_ACCOUNT", value_name = "12 DIGITS")]
    pub account: Option<AccountId>,

    /// Make a recovery key too, and split it into so many shares (shown once): 2 to 255
    ///
    /// Enough of its shares open everything although the root key is lost, unseal a server, and restore a backup.
    #[arg(long, env = "KAGIBAN_RECOVERY_SHARES", value_name = "NUMBER", requires = "recovery_threshold", value_parser = clap::value_parser!(u8).range(2..))]
    pub recovery_shares: Option<u8>,

    /// How many shares of the recovery key are needed: 2 or more
    #[arg(long, env = "KAGIBAN_RECOVERY_THRESHOLD", value_name = "NUMBER", requires = "recovery_shares", value_parser = clap::value_parser!(u8).range(2..))]
    pub recovery_threshold: Option<u8>,
}

/// Where the data and its root key are.
#[derive(clap::Args, Clone, Debug)]
pub struct DataOptions {
    /// Data directory; "serve --dev" has a default of its own, below $XDG_DATA_HOME or ~/.local/share
    #[arg(long, env = "KAGIBAN_DATA", value_name = "DIRECTORY")]
    pub data: Option<PathBuf>,

    /// Where the root key comes from: file, file:PATH, env, passphrase, passphrase-file:PATH, or shares
    ///
    /// file: "root.key" in the data directory. file:PATH: another file of the same form, 32 bytes in base64. env: the
    /// same text in KAGIBAN_ROOT_KEY. passphrase: in KAGIBAN_ROOT_PASSPHRASE. passphrase-file:PATH: the passphrase is in
    /// that file. Files must be readable by their owner only. shares: there is none; the server starts sealed, and refuses
    /// everything until enough people have given it their shares of the recovery key (kagiban unseal).
    #[arg(long, env = "KAGIBAN_ROOT_KEY_SOURCE", value_name = "SOURCE", default_value = "file")]
    pub root_key: RootKeySource,

    /// Where the store is.
    #[command(flatten)]
    pub store: StoreOptions,
}

/// What compliance is held against.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Compliance")]
pub struct ComplianceOptions {
    /// Whether keys, policies and users are evaluated against the compliance rules: true or false
    ///
    /// "kagiban compliance" tells what was found; docs/compliance.md tells what each rule wants.
    #[arg(long, env = "KAGIBAN_COMPLIANCE", value_name = "BOOL", default_value = "true", action = clap::ArgAction::Set)]
    #[arg(value_parser = BoolishValueParser::new())]
    pub compliance: bool,

    /// Days without use after which an enabled key is unused
    #[arg(long, env = "KAGIBAN_COMPLIANCE_UNUSED_DAYS", value_name = "DAYS", default_value = "90")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub compliance_unused_days: u32,

    /// Days before its end from which on imported key material is about to expire
    #[arg(long, env = "KAGIBAN_COMPLIANCE_EXPIRY_DAYS", value_name = "DAYS", default_value = "30")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub compliance_expiry_days: u32,
}

impl ComplianceOptions {
    /// What keys are held against; `None` when nothing is evaluated.
    pub fn settings(&self) -> Option<ComplianceSettings> {
        let (unused_days, expiry_days) = (self.compliance_unused_days, self.compliance_expiry_days);
        self.compliance.then_some(ComplianceSettings { unused_days, expiry_days })
    }
}

/// How much accounts may have and ask for.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Quotas")]
pub struct QuotaOptions {
    /// Requests per second: off, real, or simulate
    ///
    /// off: nobody is throttled. real: what --quota sets is limited, and nothing else. simulate: everything has AWS's
    /// figure for its Region, where --quota sets no other; the number of keys, too. Who asks for more gets
    /// ThrottlingException, which AWS clients retry.
    #[arg(long, env = "KAGIBAN_QUOTAS", value_name = "off|real|simulate", default_value = "off")]
    pub quotas: QuotaMode,

    /// One quota: NAME=VALUE, or for some ACCOUNT/NAME=VALUE, REGION/NAME=VALUE, ACCOUNT/REGION/NAME=VALUE; repeatable
    ///
    /// "kagiban quotas" lists the names and AWS's figures. Each is for one account in one Region; requests are counted per
    /// second. What is not set is AWS's for resources, but for the number of keys, which "simulate" alone limits.
    #[arg(long, env = "KAGIBAN_QUOTA", value_name = "NAME=VALUE", value_delimiter = ',')]
    pub quota: Vec<QuotaSetting>,
}

/// What a peer may cost. Sizes are bytes, or take KiB, MiB, GiB; times take ms, s, m.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitOptions {
    /// Connections at once; more wait until one closes
    #[arg(long, env = "KAGIBAN_MAX_CONNECTIONS", value_name = "NUMBER", default_value = "10000")]
    pub max_connections: NonZeroUsize,

    /// Size of one request's body
    #[arg(long, env = "KAGIBAN_MAX_BODY_SIZE", value_name = "SIZE", default_value = "1MiB", value_parser = bytes)]
    pub max_body_size: usize,

    /// Size of all bodies that are arriving in pieces, together
    #[arg(long, env = "KAGIBAN_MAX_BODIES_SIZE", value_name = "SIZE", default_value = "256MiB", value_parser = bytes)]
    pub max_bodies_size: usize,

    /// Size of one request's line and header fields together; at least 8KiB
    #[arg(long, env = "KAGIBAN_MAX_HEADER_SIZE", value_name = "SIZE", default_value = "32KiB", value_parser = bytes)]
    pub max_header_size: usize,

    /// Requests at once on one HTTP/2 connection
    #[arg(long, env = "KAGIBAN_MAX_HTTP2_STREAMS", value_name = "NUMBER", default_value = "128")]
    pub max_http2_streams: u32,

    /// Time for the header fields of a request to arrive
    #[arg(long, env = "KAGIBAN_HEADER_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub header_timeout: Duration,

    /// Time for the body of a request to arrive
    #[arg(long, env = "KAGIBAN_BODY_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub body_timeout: Duration,

    /// Time to answer a request that has arrived
    #[arg(long, env = "KAGIBAN_REQUEST_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub request_timeout: Duration,

    /// Time for a client to take an answer
    #[arg(long, env = "KAGIBAN_WRITE_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub write_timeout: Duration,

    /// Time that a connection may be kept without a request
    #[arg(long, env = "KAGIBAN_IDLE_TIMEOUT", value_name = "TIME", default_value = "75s", value_parser = duration)]
    pub idle_timeout: Duration,

    /// Time for a TLS handshake
    #[arg(long, env = "KAGIBAN_TLS_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub tls_timeout: Duration,

    /// Time for requests under way to finish when the service is told to stop
    #[arg(long, env = "KAGIBAN_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "25s", value_parser = duration)]
    pub shutdown_timeout: Duration,
}

/// Options contradict each other, or one is missing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// Certificate without key or key without certificate.
    #[error("--tls-certificate and --tls-key are needed together")]
    HalfTls,
    /// The least head that can be asked for.
    #[error("--max-header-size must be at least {} bytes", Limits::LEAST_HEAD_BYTES)]
    HeaderSizeTooSmall,
    /// Peers would be told an address at which nobody listens.
    #[error("--peer-address needs --peer-listen")]
    PeerAddressAlone,
    /// Peers must be told an address that leads here.
    #[error(
        "--peer-listen {0} is every address of this machine: say with --peer-address HOST:PORT where peers reach it"
    )]
    PeerAddressMissing(SocketAddr),
    /// Where to put the data was not said.
    #[error("say where the data is: --data DIRECTORY (or use serve --dev to try things out)")]
    NoDataDirectory,
    /// Development is for this machine only.
    #[error("serve --dev keeps its data in its data directory; leave out --store")]
    DevelopmentIsEmbedded,
    /// A bound within which no proof can come.
    #[error("--freshness-bound must be at least 1s")]
    FreshnessBoundTooSmall,
    /// Certificate without key or key without certificate.
    #[error("--store-tls-certificate and --store-tls-key are needed together")]
    HalfStoreTls,
    /// User without password or password without user.
    #[error("--store-user and --store-password-file are needed together")]
    HalfStoreUser,
    /// Options for a cluster, without one.
    #[error("--store-tls... and --store-user are for --store etcd://...")]
    StoreIsEmbedded,
    /// The default directory of development has no place.
    #[error("neither XDG_DATA_HOME nor HOME is set: say where to put the data with --data DIRECTORY")]
    NoHome,
    /// The quotas do not go together.
    #[error("--quota: {0}")]
    Quota(#[from] InvalidQuota),
}

impl ServeOptions {
    /// Files for TLS, if it is to be served.
    ///
    /// # Errors
    /// [`ConfigError::HalfTls`]
    pub fn tls(&self) -> Result<Option<TlsFiles>, ConfigError> {
        match (&self.tls_certificate, &self.tls_key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate: certificate.clone(), key: key.clone() })),
            _ => Err(ConfigError::HalfTls),
        }
    }

    /// Where to listen for peers, and what to tell them if that is another address.
    ///
    /// # Errors
    /// [`ConfigError::PeerAddressAlone`], [`ConfigError::PeerAddressMissing`]
    pub fn peering(&self) -> Result<Option<(SocketAddr, Option<PeerAddress>)>, ConfigError> {
        match (self.peer_listen, &self.peer_address) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(ConfigError::PeerAddressAlone),
            (Some(address), None) if address.ip().is_unspecified() => Err(ConfigError::PeerAddressMissing(address)),
            (Some(address), announced) => Ok(Some((address, announced.clone()))),
        }
    }

    /// The proxies to believe.
    pub fn trusted_proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxy.clone())
    }

    /// The data directory to serve.
    ///
    /// # Errors
    /// [`ConfigError::NoDataDirectory`], [`ConfigError::NoHome`]
    pub fn data_directory(&self) -> Result<PathBuf, ConfigError> {
        match &self.data.data {
            None if self.dev => {
                let below = environment("XDG_DATA_HOME").map(PathBuf::from);
                let home = || environment("HOME").map(|home| PathBuf::from(home).join(".local/share"));
                Ok(below.or_else(home).ok_or(ConfigError::NoHome)?.join("kagiban/dev"))
            }
            _ => self.data.directory(),
        }
    }
}

impl DataOptions {
    /// The data directory that was named.
    ///
    /// # Errors
    /// [`ConfigError::NoDataDirectory`]
    pub fn directory(&self) -> Result<PathBuf, ConfigError> {
        self.data.clone().ok_or(ConfigError::NoDataDirectory)
    }
}

impl QuotaOptions {
    /// As the service takes them.
    ///
    /// # Errors
    /// [`ConfigError::Quota`]
    pub fn settings(&self) -> Result<QuotaSettings, ConfigError> {
        Ok(QuotaSettings::new(self.quotas, self.quota.clone())?)
    }
}

impl LimitOptions {
    /// As the front takes them.
    ///
    /// # Errors
    /// [`ConfigError::HeaderSizeTooSmall`]
    pub fn limits(&self) -> Result<Limits, ConfigError> {
        if self.max_header_size < Limits::LEAST_HEAD_BYTES {
            return Err(ConfigError::HeaderSizeTooSmall);
        }
        Ok(Limits {
            connections: self.max_connections.get(),
            body_bytes: self.max_body_size,
            all_bodies_bytes: self.max_bodies_size,
            head_bytes: self.max_header_size,
            http2_streams: self.max_http2_streams,
            head_time: self.header_timeout,
            body_time: self.body_timeout,
            answer_time: self.request_timeout,
            write_time: self.write_timeout,
            idle_time: self.idle_timeout,
            handshake_time: self.tls_timeout,
            drain_time: self.shutdown_timeout,
            ..Limits::default()
        })
    }
}

/// A variable of the environment, unless it is empty.
fn environment(name: &str) -> Option<std::ffi::OsString> {
    #[expect(clippy::disallowed_methods, reason = "the configuration is where the environment is read")]
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// A secret from the environment, wiped when dropped. The environment itself keeps it for as long as the process lives,
/// readable by whoever may trace the process.
pub(crate) fn environment_secret(name: &str) -> Option<kagiban_base::secret::SecretBytes> {
    use std::os::unix::ffi::OsStringExt;
    environment(name).map(|value| kagiban_base::secret::SecretBytes::new(value.into_vec()))
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn parse(arguments: &[&str]) -> Result<ServeOptions, clap::Error> {
        let command = ServeOptions::augment_args(Command::new("serve").no_binary_name(true));
        ServeOptions::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }

    #[test]
    fn defaults_are_those_of_the_front() {
        let options = parse(&[]).unwrap();
        assert_eq!(options.limits.limits().unwrap(), Limits::default());
        assert_eq!(options.listen, SocketAddr::from(([127, 0, 0, 1], 4599)));
        assert_eq!(options.tls().unwrap(), None);
        assert!(!options.dev);
    }

    #[test]
    fn contradictions_are_refused() {
        assert_eq!(parse(&["--tls-key", "k"]).unwrap().tls(), Err(ConfigError::HalfTls));
        assert_eq!(parse(&["--tls-certificate", "c"]).unwrap().tls(), Err(ConfigError::HalfTls));
        assert_eq!(parse(&[]).unwrap().data_directory(), Err(ConfigError::NoDataDirectory));
        let request_quota = parse(&["--quota", "CreateKey=1"]).unwrap().quotas.settings();
        assert_eq!(request_quota.unwrap_err(), ConfigError::Quota(InvalidQuota::Unlimited("CreateKey")));
        let small = parse(&["--max-header-size", "8191"]).unwrap();
        assert_eq!(small.limits.limits(), Err(ConfigError::HeaderSizeTooSmall));
        assert_eq!(parse(&["--peer-address", "a:1"]).unwrap().peering(), Err(ConfigError::PeerAddressAlone));
        let everywhere = parse(&["--peer-listen", "0.0.0.0:4600"]).unwrap().peering();
        assert!(matches!(everywhere, Err(ConfigError::PeerAddressMissing(_))));
        let announced = parse(&["--peer-listen", "0.0.0.0:4600", "--peer-address", "a:1"]).unwrap().peering();
        assert_eq!(announced.unwrap().unwrap().1.unwrap().as_str(), "a:1");
    }

    #[test]
    fn every_option_has_help_and_its_variable() {
        let command = ServeOptions::augment_args(InitOptions::augment_args(Command::new("all")));
        for argument in command.get_arguments() {
            let long = argument.get_long().expect("every option has a long name");
            assert!(argument.get_help().is_some(), "{long}");
            let variable = argument.get_env().and_then(|name| name.to_str());
            let expected = match long {
                // Consent to one start: nothing that stays where it is set.
                "accept-audit-loss" | "measure-without-audit" => None,
                "root-key" => Some("KAGIBAN_ROOT_KEY_SOURCE".to_owned()),
                _ => Some(format!("KAGIBAN_{}", long.to_uppercase().replace('-', "_"))),
            };
            assert_eq!(variable, expected.as_deref(), "{long}");
        }
    }
}
