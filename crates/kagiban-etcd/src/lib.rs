//! The engine that keeps the store in an etcd cluster, which any number of nodes share.
//!
//! A crate of its own, so that the network, TLS and Protocol Buffers that it needs stay out of the store and of all that
//! is built on it. It implements [`kagiban_storage::Engine`] and passes the suite that every engine passes; it knows no
//! row and nothing of KMS.
//!
//! - A batch is one transaction of etcd on the revisions of its keys; a slot in the same transaction (`slots.rs`) makes
//!   sending it again harmless, so that an answer which was lost is found out and never guessed.
//! - A snapshot is a revision of the cluster, vouched for by a majority of its members, and read page by page.
//! - The feed is a watch, opened again where it broke, and proven fresh by reads that a majority answers (`feed.rs`).
//! - Members that do not answer are left for the next; each call has a deadline.
//!
//! What it refuses to do: to answer a read from what one member happens to have, to retry what may have been done in a
//! way that could do it twice, and to hide that history was compacted.
//!
//! Revisions are the cluster's own, so they grow with each batch but not by one: others write, too.

mod address;
mod client;
mod commit;
mod core;
mod engine;
mod feed;
mod grpc;
mod layout;
mod members;
mod messages;
mod scrub;
mod slots;
mod snapshot;
mod tls;

pub use address::{
    AddressError, Deadlines, ENDPOINTS_MAX, Endpoint, EtcdAddress, EtcdOptions, EtcdTls, EtcdUser, PREFIX_BYTES_MAX,
};
pub use engine::{EtcdEngine, OpenError};
pub use tls::TlsError;
