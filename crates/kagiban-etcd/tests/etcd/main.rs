//! The engine against real etcd clusters on loopback, which the tests start and stop themselves.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod cluster;
mod faults;
mod following;
mod http;
mod leases;
mod proxy;
mod scrubs;
mod suite;
mod users_and_tls;
