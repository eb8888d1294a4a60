//! The server: HTTP, TLS, configuration, health, the data directory, the wiring of them to the service, and the commands
//! that prepare what it needs.
//!
//! No rule about keys or access is here. What comes in is bounded and handed to the service; what the service needs
//! (store, root key, clock, randomness) is opened and handed to it.

pub mod attestation;
pub mod audit;
pub mod backup;
mod compliance;
pub mod config;
pub mod data_directory;
pub mod events;
pub mod health;
pub mod http;
pub mod init;
mod last_uses;
pub mod log;
pub mod metrics;
mod nodes;
pub mod observer;
pub mod peering;
mod private_file;
pub mod process;
pub mod quotas;
pub mod rekey;
pub mod root_key;
mod root_passphrase;
pub mod seed;
pub mod serve;
pub mod shutdown;
mod store;
pub mod telemetry;
pub mod tls;
pub mod traces;
pub mod web_identity;
mod wiring;
pub mod workers;

pub use wiring::OpenError;
