//! Commands that ask a running server, as an operator's tools: accounts, access keys of services, keys by what is known of
//! them, how keys are used and what that would cost elsewhere, backups, upgrades, why a request was decided as it was, other deployments, and the
//! clock of a development server.
//!
//! A client like any other: it signs with credentials from the environment and does what they may. It keeps nothing, and
//! tries nothing twice, since what it asks for may have been done although no answer came. Only `kagiban audit` asks no
//! server: it reads the audit of a data directory, and changes nothing in it.

mod answers;
mod audit;
pub mod audit_options;
pub mod backup;
mod client;
mod commands;
mod compliance;
pub mod domain_key;
mod endpoint;
mod environment;
mod error;
pub mod key_options;
pub mod key_policy;
mod key_usage;
mod keys;
pub mod nodes;
pub mod options;
pub mod peer;
mod prices;
pub mod recovery;
mod shares;
mod text;
pub mod upgrade;
mod usage;

pub use audit::audit;
pub use backup::{backup_status, create_backup, list_backups};
pub use commands::{account, clock, explain, service};
pub use compliance::compliance;
pub use domain_key::domain_key;
pub use error::{CliError, Refusal};
pub use key_policy::key_policy;
pub use keys::key;
pub use nodes::nodes;
pub use peer::peer;
pub use recovery::{recovery, seal, unseal};
pub use upgrade::upgrade;
pub use usage::usage;
