//! What the programs of this bench share: requests as an SDK sends them, a small HTTP client, the figures of a process.
//!
//! Programs for developers: they stop with a message when something is not as expected, and nobody depends on them.

pub mod audit_records;
pub mod audit_tail;
pub mod etcd;
pub mod figures;
pub mod http1;
pub mod process;
pub mod request;
pub mod server;
pub mod tls;

/// Why a program of the bench stopped.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
