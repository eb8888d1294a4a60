//! The engine itself: what it promises and to whom it hands each call.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use kagiban_base::random::{Random, RandomError};
use kagiban_storage::batch::{Batch, BatchError, Write};
use kagiban_storage::engine::{Revision, Scrubbed, Snapshot};
use kagiban_storage::feed::ChangeFeed;
use kagiban_storage::{CommitError, Engine, EngineError};
use tokio::runtime::{Handle, TryCurrentError};

use crate::address::EtcdOptions;
use crate::client::{COMPACT, Client, RANGE, STATUS, TXN};
use crate::commit;
use crate::core::{Core, one};
use crate::feed::EtcdFeed;
use crate::grpc::{CallError, Code};
use crate::layout::{FORMAT, Layout};
use crate::members::Members;
use crate::messages::{
    CompactionRequest, Compare, Empty, HeaderOnly, PutRequest, RangeResponse, Request, StatusResponse, TxnRequest,
    TxnResponse,
};
use crate::scrub;
use crate::slots::Slots;
use crate::snapshot::EtcdSnapshot;
use crate::tls::{self, TlsError};

/// A store in a cluster cannot be opened or created.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The cluster has no store under this prefix.
    #[error("there is no store at {0}")]
    NotFound(String),
    /// The cluster has a store there already.
    #[error("there is a store at {0} already")]
    AlreadyExists(String),
    /// A newer program made the store.
    #[error("the store at {address} has the format {found:?}, which this version does not know")]
    UnknownFormat {
        /// Where.
        address: String,
        /// What the cluster holds.
        found: String,
    },
    /// The first batch is out of bounds.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The certificates are of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It was called outside of a runtime, on which connections would live.
    #[error("there is no runtime for connections to etcd")]
    Runtime(#[from] TryCurrentError),
    /// No randomness for this node's name.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The cluster does not answer, or refuses.
    #[error("etcd at {address}: {reason}")]
    Etcd {
        /// Where.
        address: String,
        /// Its answer, or why there is none.
        reason: String,
    },
}

/// A store in an etcd cluster; as many of them as there are nodes.
pub struct EtcdEngine {
    core: Arc<Core>,
    /// Where connections and commits live, whoever asks for them.
    runtime: Handle,
}

impl EtcdEngine {
    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open(options: EtcdOptions, random: &dyn Random) -> Result<Self, OpenError> {
        let address = options.address.to_string();
        let engine = Self::connect(options, random)?;
        match engine.format().await.map_err(|error| etcd(&address, &error))? {
            None => Err(OpenError::NotFound(address)),
            Some(found) if found != FORMAT => {
                Err(OpenError::UnknownFormat { address, found: String::from_utf8_lossy(&found).into_owned() })
            }
            Some(_) => Ok(engine),
        }
    }

    /// Creates a store with the writes of `first` in it, where there is none. Of several that try, one succeeds.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn create_with(options: EtcdOptions, random: &dyn Random, first: Batch) -> Result<Self, OpenError> {
        first.check()?;
        let address = options.address.to_string();
        let engine = Self::connect(options, random)?;
        let (core, mut token) = (&engine.core, [0; 16]);
        random.fill_public(&mut token)?;
        let claim = core.layout.claim();
        let own = [
            (core.layout.head(), Bytes::new()),
            (claim.clone(), token.to_vec().into()),
            (core.layout.format(), FORMAT.into()),
        ];
        let rows =
            first.writes.into_iter().filter_map(|Write { key, value }| Some((core.layout.row(&key), value?.into())));
        let puts = rows.chain(own).map(|(key, value)| Request::Put(PutRequest { key, value, lease: 0 }).into());
        let request = TxnRequest {
            compare: vec![Compare::written_at(core.layout.format(), 0)],
            success: puts.collect(),
            failure: Vec::new(),
        };
        let created: TxnResponse = core.client.call(TXN, &request).await.map_err(|error| etcd(&address, &error))?;
        // Repeated after an answer was lost, it meets what it wrote itself.
        if created.succeeded || core.value(claim).await.is_ok_and(|found| found.as_deref() == Some(&token)) {
            Ok(engine)
        } else {
            Err(OpenError::AlreadyExists(address))
        }
    }

    /// Connects to a cluster, at the first call, without asking for a store there. The connection lives on the runtime that this
    /// is called on.
    ///
    /// # Errors
    /// [`OpenError::Tls`], [`OpenError::Random`], [`OpenError::Runtime`].
    pub fn connect(options: EtcdOptions, random: &dyn Random) -> Result<Self, OpenError> {
        let EtcdOptions { address, tls, user, deadlines } = options;
        let tls = tls.as_ref().map(tls::client_config).transpose()?;
        let runtime = Handle::try_current()?;
        let members = Members::new(address.endpoints, tls, deadlines.connect, runtime.clone());
        let client = Client::new(members, user, deadlines);
        let core = Arc::new(Core::new(client, Layout::new(&address.prefix), Slots::new(random)?));
        Ok(Self { core, runtime })
    }

    /// Compacts the cluster's history up to `through`, so that a feed which is not past it must rescan.
    ///
    /// # Errors
    /// [`EngineError`]
    pub async fn forget_changes(&self, through: Revision) -> Result<(), EngineError> {
        let revision = i64::try_from(through.number()).unwrap_or(i64::MAX);
        let request = CompactionRequest { revision, physical: true };
        match self.core.client.call::<HeaderOnly>(COMPACT, &request).await {
            Err(error) if !error.is(Code::OutOfRange) => Err(self.core.error(&error)),
            _ => Ok(()),
        }
    }

    async fn format(&self) -> Result<Option<Vec<u8>>, CallError> {
        self.core.value(self.core.layout.format()).await
    }
}

impl Core {
    async fn value(&self, key: Bytes) -> Result<Option<Vec<u8>>, CallError> {
        let found: RangeResponse = self.client.call(RANGE, &one(key)).await?;
        Ok(found.kvs.into_iter().next().map(|found| found.value.into()))
    }
}

fn etcd(address: &str, error: &CallError) -> OpenError {
    OpenError::Etcd { address: address.to_owned(), reason: error.to_string() }
}

/// What a member's complaint means for writes: it answers reads as ever. (A complaint that there is no leader is told by reads.)
fn alarming(complaint: &str) -> Option<EngineError> {
    let io = |kind: io::ErrorKind| EngineError::Io(Arc::new(io::Error::new(kind, format!("etcd: {complaint}"))));
    match complaint {
        full if full.contains("NOSPACE") => Some(io(io::ErrorKind::StorageFull)),
        damaged if damaged.contains("CORRUPT") => Some(EngineError::Corrupt { detail: damaged.into() }),
        _ => None,
    }
}

#[async_trait]
impl Engine for EtcdEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.core.check_open()?;
        let head = self.core.head().await.map_err(|error| self.core.error(&error))?;
        Ok(Box::new(EtcdSnapshot::new(Arc::clone(&self.core), head)))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch.check()?;
        self.core.check_open()?;
        // On a task of its own: a caller who goes away leaves no transaction behind whose outcome nobody looks for.
        let core = Arc::clone(&self.core);
        let committing = self.runtime.spawn(async move { commit::commit(&core, &batch).await });
        committing.await.unwrap_or(Err(CommitError::OutcomeUnknown { cause: EngineError::Closed }))
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        self.core.check_open()?;
        Ok(Box::new(EtcdFeed::new(Arc::clone(&self.core), after)))
    }

    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        scrub::scrub(&self.core).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.core.check_open()?;
        let asked = async {
            self.core.head().await?;
            self.core.client.call::<StatusResponse>(STATUS, &Empty {}).await
        };
        let status = asked.await.map_err(|error| self.core.error(&error))?;
        status.errors.iter().find_map(|alarm| alarming(alarm)).map_or(Ok(()), Err)
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.core.close();
        self.core.slots.close().await;
        self.core.slots.clear(&self.core.client).await;
        Ok(())
    }
}
