//! Metrics for Prometheus, in the OpenMetrics text format, at an address of their own.
//!
//! They name keys, operations and errors and nothing else of what callers sent: no identities, no aliases, no addresses. What
//! requests pay for is in `requests.rs`; all else is looked up when somebody asks (`scrape.rs`). Without `--metrics-listen` nothing
//! is counted.

mod events;
mod histogram;
mod listener;
mod page;
mod process;
mod requests;
mod scrape;

pub(crate) use self::listener::MetricsListener;
pub use self::requests::RequestMetrics;
pub(crate) use self::requests::{Held, HeldConnection};
pub(crate) use self::scrape::Sources;

/// A number as metrics have them. Exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
const fn count(number: u64) -> f64 {
    number as f64
}
