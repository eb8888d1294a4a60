//! The store: ordered bytes with revisions, typed rows over them, transactions and a feed of changes.
//!
//! Mechanism only. This crate knows no KMS key, alias or policy: the rows and what they mean belong to
//! `kagiban-service`, which defines them against [`row::Row`]. It stores what it is given and cannot unwrap key
//! material.
//!
//! From below upwards: [`engine`] is the seam that an embedded file or a cluster implements, [`batch`] the only way to
//! write, [`feed`] what a reader follows, [`key`] and [`row`] the typed form of keys and values, [`store`] and
//! [`transaction`] what handlers use, [`follower`] what keeps an in-memory view fresh,
//! [`keeper`] the last look at what is to be committed, [`erasure`] how what was deleted becomes unrecoverable,
//! [`mod@format`] and [`rewriting`] how a store comes from one version's rows to the next one's.

pub mod batch;
pub mod engine;
pub mod erasure;
pub mod feed;
pub mod follower;
pub mod format;
pub mod json;
pub mod keeper;
pub mod key;
pub mod rewriting;
pub mod row;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod suite;
pub mod transaction;

pub use batch::{Batch, BatchError, Write};
pub use engine::embedded::{EmbeddedEngine, OpenError};
pub use engine::memory::MemoryEngine;
pub use engine::{CommitError, Engine, EngineError, Revision};
pub use erasure::{Erased, ErasureRecord, ErasureRowKey};
pub use format::{Format, Formats};
pub use keeper::{Keeper, KeeperError};
pub use key::{KeyError, KeyReader, KeyWriter, RowKey, Table};
pub use row::{Prefix, Row, RowError};
pub use store::{RowPage, Store, StoreError, StoreSnapshot};
pub use transaction::Transaction;
