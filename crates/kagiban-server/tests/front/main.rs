//! The front against real sockets: limits, slow and hostile peers, both HTTP versions, TLS, stopping.
//!
//! Everything is on loopback with port 0; limits are set small, and a test waits for an event, not for a time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "tests: a failure here is a failed test"
)]

mod hostile;
mod plain;
mod proxies;
mod server;
mod stopping;
mod tls;
mod version2;
mod wire;
