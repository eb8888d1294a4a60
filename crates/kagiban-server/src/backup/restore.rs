//! `kagiban restore`: a backup becomes a store again, in an empty place of either engine.
//!
//! It is verified whole before anything is written. A place that was restored into in part does not start, and a further restore
//! begins again. Which keys must not come back is to be said: by naming what knows of deletions, or by typing that they may.

use std::io::{self, BufRead, IsTerminal, Write, stdin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Clock;
use kagiban_etcd::{EtcdAddress, EtcdEngine};
use kagiban_keycore::root_key::{LocalRootKey, RootKey};
use kagiban_recovery::RecoveryIdentity;
use kagiban_service::backup::{
    ClaimError, Deletions, DeletionsError, Plan, Progress, RestoreError, Restored, claim, first_claim, is_unfinished,
    restore,
};
use kagiban_service::root_passphrase;
use kagiban_storage::{Batch, EmbeddedEngine, Engine, Store};

use super::progress::Telling;
use super::reading::{self, FileError};
use super::recovery::{RecoveryKeyError, RecoveryOptions, prompt};
use super::verify::{Verified, VerifyError, verify};
use crate::config::store::{StoreOptions, StorePlace};
use crate::config::{ConfigError, DataOptions};
use crate::data_directory::{DataDirectory, WriteError};
use crate::process;
use crate::root_key::{RootKeySource, RootKeySourceError, parameters_in};
use crate::store::{self, StoreSetupError};

/// What has to be typed to have deleted keys back.
pub const CONSENT: &str = "I WANT DELETED KEYS BACK";
/// How the address of a cluster begins.
const ETCD: &str = "etcd://";
/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 200;

/// Options of `kagiban restore`.
#[derive(clap::Args, Clone, Debug)]
pub struct RestoreOptions {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The new place, and the root key that it will have.
    #[command(flatten)]
    pub data: DataOptions,

    /// What knows which keys were deleted since: a data directory, etcd://..., or a newer backup; repeatable
    ///
    /// The data directory or the cluster from before, if they still read (no server may be running on the directory), know of every
    /// deletion; a newer backup of those until it was taken. Keys and imported material that were deleted stay so.
    #[arg(long, value_name = "DIRECTORY|etcd://...|FILE")]
    pub deletions_from: Vec<String>,

    /// Restore keys although they may have been deleted since the backup was taken: "I WANT DELETED KEYS BACK"
    ///
    /// Needed where nothing is left that knows of deletions; and the way to have a key back that should not have been deleted.
    #[arg(long, value_name = "WORDS", conflicts_with = "deletions_from")]
    pub restore_deleted_keys: Option<String>,

    /// The recovery key.
    #[command(flatten)]
    pub recovery: RecoveryOptions,
}

/// A backup was not restored.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The backup.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The recovery key.
    #[error(transparent)]
    RecoveryKey(#[from] RecoveryKeyError),
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Options do not go together, or one is missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// There is no root key, and none could be made.
    #[error(transparent)]
    RootKey(#[from] RootKeySourceError),
    /// What is needed to reach the cluster cannot be had.
    #[error(transparent)]
    StoreSetup(#[from] StoreSetupError),
    /// The store's file.
    #[error(transparent)]
    Embedded(#[from] kagiban_storage::OpenError),
    /// The cluster.
    #[error(transparent)]
    Etcd(#[from] kagiban_etcd::OpenError),
    /// The directory is that of the other kind of deployment.
    #[error("{} was begun as the data directory of another kind of deployment; use another one", .0.display())]
    OtherKind(PathBuf),
    /// There is a store.
    #[error("there is a store at {place} already; a backup is restored into an empty place only")]
    NotEmpty {
        /// Where.
        place: String,
    },
    /// The place cannot be claimed.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Restoring failed.
    #[error("the backup was not restored; what was written of it does not start, and the same command begins again")]
    Restore(#[from] RestoreError),
    /// A source of deletions is of no use.
    #[error("{source_name} does not tell of deletions")]
    Deletions {
        /// Which.
        source_name: String,
        /// Why not.
        #[source]
        source: DeletionsError,
    },
    /// The address of a source is none.
    #[error("{0:?} is no address of an etcd store")]
    Address(String),
    /// Nothing says what was deleted.
    #[error(
        "nothing says which keys were deleted after {taken}, when the backup was taken; they would come back. Name the old data \
         directory, etcd://... or a newer backup with --deletions-from; if there is none, or if they shall come back, say \
         --restore-deleted-keys \"{CONSENT}\""
    )]
    NoDeletions {
        /// When.
        taken: String,
    },
    /// Something else was typed.
    #[error("to have deleted keys back, the words are \"{CONSENT}\"")]
    OtherWords,
    /// The system refuses what is needed.
    #[error("cannot start")]
    Runtime(#[source] io::Error),
    /// The result could not be shown.
    #[error("the backup is restored, but standard output cannot be written to")]
    Output(#[source] io::Error),
}

impl RestoreOptions {
    /// Where to restore to. The other options for a cluster may be there for one that is a source only.
    fn place(&self) -> StoreOptions {
        let is_for_source = self.deletions_from.iter().any(|source| source.starts_with(ETCD));
        match self.data.store.store {
            StorePlace::Embedded if is_for_source => StoreOptions {
                store: StorePlace::Embedded,
                store_tls: false,
                store_tls_authorities: None,
                store_tls_certificate: None,
                store_tls_key: None,
                store_user: None,
                store_password_file: None,
            },
            _ => self.data.store.clone(),
        }
    }
}

/// `kagiban restore`; what a user should read goes to `output`.
///
/// # Errors
/// [`CommandError`]
pub fn run(options: &RestoreOptions, output: &mut dyn Write) -> Result<(), CommandError> {
    process::harden();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(CommandError::Runtime)?;
    let path = options.data.directory()?;
    if options.restore_deleted_keys.as_deref().is_some_and(|words| words != CONSENT) {
        return Err(CommandError::OtherWords);
    }
    let identity = options.recovery.identity()?;
    let verified = verify(&options.file, &identity)?;
    let directory = DataDirectory::new(path, verified.contents.kind);
    let restored = runtime.block_on(restore_into(&directory, options, &identity, &verified))?;
    let text = conclusion(&directory, options, &verified, restored);
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(CommandError::Output)
}

async fn restore_into(
    directory: &DataDirectory,
    options: &RestoreOptions,
    identity: &RecoveryIdentity,
    verified: &Verified,
) -> Result<Restored, CommandError> {
    let deletions = deletions(options, identity, verified).await?;
    directory.make()?;
    let _lock = directory.lock()?;
    if directory.belongs_to_other_kind().unwrap_or(true) {
        return Err(CommandError::OtherKind(directory.path().to_owned()));
    }
    let engine = open_place(directory, &options.place()).await?;
    let root_key = root_key(&options.data.root_key, directory)?;
    let mut restored = write(&engine, &options.file, identity, verified, &deletions, root_key.as_ref()).await;
    if restored.is_ok() && options.data.root_key.is_passphrase() {
        let kept = keep_parameters(&engine, directory, &options.data.store).await;
        restored = kept.and(restored);
    }
    // It has nothing under way any more.
    _ = engine.close().await;
    restored
}

async fn write(
    engine: &Arc<dyn Engine>,
    file: &Path,
    identity: &RecoveryIdentity,
    verified: &Verified,
    deletions: &Deletions,
    root_key: Option<&LocalRootKey>,
) -> Result<Restored, CommandError> {
    let now = SystemClock.now();
    let claimed = claim(Arc::clone(engine), now).await?;
    let progress = Arc::new(Progress::default());
    let _telling = Telling::begin("restoring", &progress);
    let root_key = root_key.map(|key| key as &dyn RootKey);
    let plan = Plan { end: &verified.contents.end, keys: &verified.keys, root_key, deletions, now, random: &OsRandom };
    Ok(restore(&claimed, reading::open(file, identity)?, plan, &progress).await?)
}

/// Further nodes need the parameters of the passphrase.
async fn keep_parameters(
    engine: &Arc<dyn Engine>,
    directory: &DataDirectory,
    options: &StoreOptions,
) -> Result<(), CommandError> {
    if matches!(options.store, StorePlace::Embedded) {
        return Ok(());
    }
    let parameters = parameters_in(directory)?;
    let kept = root_passphrase::keep(&Store::new(Arc::clone(engine)), parameters).await;
    Ok(kept.map_err(RootKeySourceError::from)?)
}

/// Makes a root key, if there is none and there is to be one.
fn root_key(source: &RootKeySource, directory: &DataDirectory) -> Result<Option<LocalRootKey>, CommandError> {
    if *source == RootKeySource::Shares {
        return Ok(None);
    }
    source.prepare(directory, &OsRandom, &mut |_| Ok(()))?;
    Ok(Some(source.open(directory)?))
}

/// The place for the store: one that is not there is made; one that is there must be what an earlier restore left.
async fn open_place(directory: &DataDirectory, options: &StoreOptions) -> Result<Arc<dyn Engine>, CommandError> {
    let (engine, place): (Arc<dyn Engine>, _) = match store::etcd_options(options)? {
        None => {
            let path = directory.store_file();
            match EmbeddedEngine::open(&path) {
                Err(kagiban_storage::OpenError::NotFound { .. }) => {
                    return create_file(&path);
                }
                engine => (Arc::new(engine?), directory.path().display().to_string()),
            }
        }
        Some(cluster) => {
            let address = cluster.address.to_string();
            match EtcdEngine::open(cluster, &OsRandom).await {
                Err(kagiban_etcd::OpenError::NotFound(_)) => return create_in_cluster(options).await,
                engine => (Arc::new(engine?), address),
            }
        }
    };
    let is_unfinished = is_unfinished(&Store::new(Arc::clone(&engine))).await;
    if is_unfinished.is_ok_and(|is| is) { Ok(engine) } else { Err(CommandError::NotEmpty { place }) }
}

fn create_file(path: &Path) -> Result<Arc<dyn Engine>, CommandError> {
    Ok(Arc::new(EmbeddedEngine::create_with(path, first_batch()?)?))
}

fn first_batch() -> Result<Batch, CommandError> {
    Ok(first_claim(SystemClock.now()).map_err(ClaimError::from)?)
}

async fn create_in_cluster(options: &StoreOptions) -> Result<Arc<dyn Engine>, CommandError> {
    match store::etcd_options(options)? {
        Some(cluster) => Ok(Arc::new(EtcdEngine::create_with(cluster, &OsRandom, first_batch()?).await?)),
        None => Err(ConfigError::StoreIsEmbedded.into()),
    }
}

/// What must not come back.
async fn deletions(
    options: &RestoreOptions,
    identity: &RecoveryIdentity,
    verified: &Verified,
) -> Result<Deletions, CommandError> {
    let mut deletions = Deletions::default();
    if options.deletions_from.is_empty() {
        if options.restore_deleted_keys.is_none() {
            ask_for_consent(verified)?;
        }
        return Ok(deletions);
    }
    for source in &options.deletions_from {
        let found = deletions_of(source, options, identity, verified).await?;
        prompt(&format!("{source}: {} deleted keys, {} deleted materials\n", found.keys(), found.materials()));
        deletions.extend(found);
    }
    Ok(deletions)
}

fn ask_for_consent(verified: &Verified) -> Result<(), CommandError> {
    let taken = verified.contents.taken().to_rfc3339();
    if !stdin().is_terminal() {
        return Err(CommandError::NoDeletions { taken });
    }
    prompt(&format!(
        "Nothing says which keys were deleted after {taken}, when the backup was taken (--deletions-from): they will come back.\n\
         Type \"{CONSENT}\" to go on: "
    ));
    let mut answer = String::new();
    let read = io::Read::take(stdin().lock(), ANSWER_BYTES_MAX).read_line(&mut answer);
    match read {
        Ok(_) if answer.trim() == CONSENT => Ok(()),
        _ => Err(CommandError::OtherWords),
    }
}

async fn deletions_of(
    source: &str,
    options: &RestoreOptions,
    identity: &RecoveryIdentity,
    verified: &Verified,
) -> Result<Deletions, CommandError> {
    let (created, taken) = (verified.contents.header.deployment_created, verified.contents.taken());
    let of_store = async |engine: Arc<dyn Engine>| {
        let found = Deletions::of_store(&Store::new(Arc::clone(&engine)), created).await;
        _ = engine.close().await;
        found
    };
    let found = if source.starts_with(ETCD) {
        let address: EtcdAddress = source.parse().map_err(|_| CommandError::Address(source.to_owned()))?;
        let from = StoreOptions { store: StorePlace::Etcd(address), ..options.data.store.clone() };
        let cluster = store::etcd_options(&from)?.ok_or(ConfigError::StoreIsEmbedded)?;
        of_store(Arc::new(EtcdEngine::open(cluster, &OsRandom).await?)).await
    } else if Path::new(source).is_dir() {
        let directory = DataDirectory::new(source.into(), verified.contents.kind);
        of_store(Arc::new(EmbeddedEngine::open(&directory.store_file())?)).await
    } else {
        Deletions::of_backup(reading::open(Path::new(source), identity)?, created, taken)
    };
    found.map_err(|error| CommandError::Deletions { source_name: source.to_owned(), source: error })
}

fn conclusion(directory: &DataDirectory, options: &RestoreOptions, verified: &Verified, restored: Restored) -> String {
    let Restored { rows, deleted_keys, deleted_materials } = restored;
    let data = directory.path().display();
    let root_key = match &options.data.root_key {
        RootKeySource::DataDirectory => String::new(),
        source => format!(" --root-key {source}"),
    };
    let (store, audit) = match &options.data.store.store {
        StorePlace::Embedded => (String::new(), " --accept-audit-loss"),
        StorePlace::Etcd(address) => (format!(" --store {address}"), ""),
    };
    let mut text = format!(
        "Restored: {rows} rows, all as they were on {taken}.\n",
        taken = verified.contents.taken().to_rfc3339()
    );
    if deleted_keys > 0 || deleted_materials > 0 {
        text.push_str(&format!(
            "Left out: {deleted_keys} keys and {deleted_materials} imported materials that were deleted since.\n"
        ));
    }
    text.push_str(&format!(
        "Its root key is the one of --root-key: keep a copy of it apart from the data.\n\
         The audit is not in a backup; if you have the old one, copy it to {audit_directory} before the first start.\n\
         Start it with: kagiban serve --data {data}{root_key}{store}{audit}\n",
        audit_directory = directory.audit_directory().display(),
    ));
    if !audit.is_empty() {
        text.push_str("--accept-audit-loss is for the first start, where the old audit is not there.\n");
    }
    text
}
