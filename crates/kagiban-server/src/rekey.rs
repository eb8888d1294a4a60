//! `kagiban rekey`: puts another root key in the place of the one there is, or of one that was lost.

use std::io::{self, Write};

use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Clock;
use kagiban_keycore::root_key::{LocalRootKey, RootKey};
use kagiban_recovery::RecoveryIdentity;
use kagiban_service::DeploymentKind;
use kagiban_service::rekey::{Opener, RekeyError, RunningNode, Stage, finish, rekey, running_nodes};
use kagiban_storage::{Store, StoreError};
use tokio::runtime::Builder;

use crate::backup::recovery::{RecoveryKeyError, RecoveryOptions};
use crate::config::store::StorePlace;
use crate::config::{ConfigError, DataOptions};
use crate::data_directory::DataDirectory;
use crate::root_key::{RootKeySource, RootKeySourceError};
use crate::{process, root_passphrase, store};

/// Options of `kagiban rekey`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = REKEY)]
pub struct RekeyOptions {
    /// Where the data is, and the root key that opens it now.
    #[command(flatten)]
    pub data: DataOptions,

    /// Where the root key is to come from then; made where it is a file that is not there
    #[arg(long, value_name = "SOURCE", required_unless_present = "finish")]
    pub new_root_key: Option<RootKeySource>,

    /// Drop what other root keys than --root-key wrapped, once every node was started with it
    #[arg(long, conflicts_with = "new_root_key")]
    pub finish: bool,

    /// With --root-key shares.
    #[command(flatten)]
    pub recovery: RecoveryOptions,
}

const REKEY: &str = "\
Examples, with the server stopped:
  kagiban rekey --data /var/lib/kagiban --new-root-key file:/etc/kagiban/root.key
  kagiban rekey --data /var/lib/kagiban --root-key shares --shares-file shares.txt --new-root-key file:/etc/kagiban/root.key
The first changes the root key, the second replaces one that was lost. Then start with --root-key as given for the new one.
With nodes on etcd, which run on:
  kagiban rekey --data DIRECTORY --store etcd://... --root-key file:OLD --new-root-key file:NEW
Restart each node with --root-key file:NEW. Then, with the new one as the root key:
  kagiban rekey --data DIRECTORY --store etcd://... --root-key file:NEW --finish";

/// The root key was not changed. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RekeyCommandError {
    /// Options are missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Old and new are one.
    #[error("--root-key and --new-root-key name the same root key, {0}; name another place for the new one")]
    SameSource(RootKeySource),
    /// Nothing is to be kept.
    #[error("--finish keeps what --root-key wrapped, and --root-key shares has none")]
    NothingToKeep,
    /// There is no root key.
    #[error(transparent)]
    RootKey(#[from] RootKeySourceError),
    /// There is no recovery key.
    #[error(transparent)]
    RecoveryKey(#[from] RecoveryKeyError),
    /// The store does not open.
    #[error("cannot open the store; stop the server that uses it")]
    Open(#[from] crate::wiring::OpenError),
    /// It was not done.
    #[error(transparent)]
    Rekey(#[from] RekeyError),
    /// The store failed.
    #[error("cannot work with the store")]
    Store(#[from] StoreError),
    /// The system refuses what is needed.
    #[error("cannot work with the store")]
    Runtime(#[source] io::Error),
    /// Nobody can be told.
    #[error("cannot write to standard output; the root key was changed")]
    Output(#[source] io::Error),
}

/// What opens the domain keys now.
enum Old {
    RootKey(LocalRootKey),
    RecoveryKey(RecoveryIdentity),
}

impl Old {
    fn opener(&self) -> Opener<'_> {
        match self {
            Self::RootKey(key) => Opener::RootKey(key),
            Self::RecoveryKey(identity) => Opener::RecoveryKey(identity),
        }
    }
}

/// `kagiban rekey`; what a user should read goes to `output`.
///
/// # Errors
/// [`RekeyCommandError`]
pub fn run(options: &RekeyOptions, output: &mut dyn Write) -> Result<(), RekeyCommandError> {
    process::harden();
    let directory = DataDirectory::new(options.data.directory()?, DeploymentKind::Production);
    let runtime = Builder::new_current_thread().enable_all().build().map_err(RekeyCommandError::Runtime)?;
    let text = match &options.new_root_key {
        Some(new_source) => change(options, new_source, &directory, &runtime)?,
        None => drop_others(options, &directory, &runtime)?,
    };
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(RekeyCommandError::Output)
}

fn change(
    options: &RekeyOptions,
    new_source: &RootKeySource,
    directory: &DataDirectory,
    runtime: &tokio::runtime::Runtime,
) -> Result<String, RekeyCommandError> {
    let source = &options.data.root_key;
    if source == new_source {
        return Err(RekeyCommandError::SameSource(source.clone()));
    }
    let by_shares = match source {
        RootKeySource::Shares => Some(Old::RecoveryKey(options.recovery.identity()?)),
        _ => None,
    };
    runtime.block_on(async {
        let store = store::open(directory, &options.data.store).await?;
        let old = match by_shares {
            Some(old) => old,
            None => Old::RootKey(root_passphrase::open(source, directory, &store).await?.key),
        };
        let new = match new_source {
            RootKeySource::Shares => None,
            source => Some(root_passphrase::make(source, directory, &store).await?),
        };
        if let Some(parameters) = new.as_ref().and_then(|new| new.parameters)
            && matches!(options.data.store.store, StorePlace::Etcd(_))
        {
            // Before it is needed: nodes restart with it, wherever they are.
            kagiban_service::root_passphrase::keep(&store, parameters).await?;
        }
        let new = new.as_ref().map(|new| &new.key as &dyn RootKey);
        let nodes = running_nodes(&store).await?;
        // Without a root key nodes are unsealed by shares, as before.
        let stage = if nodes.is_empty() || new.is_none() { Stage::NewOnly } else { Stage::Both };
        let changed = rekey(&store, old.opener(), new, (stage, SystemClock.now()), &OsRandom).await?;
        close(store).await?;
        Ok(told(changed, new_source, stage, &nodes))
    })
}

fn told(domain_keys: usize, new: &RootKeySource, stage: Stage, nodes: &[RunningNode]) -> String {
    let copies = "Copies of the store from before open with the old root key: keep it as long as you keep them, or destroy both.";
    let count = format!("{domain_keys} domain keys are wrapped by the new root key");
    match stage {
        Stage::NewOnly => format!("The root key is changed: {count}. Start with --root-key {new}.\n{copies}\n"),
        Stage::Both => {
            let names: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
            format!(
                "{count}, and by the old one for as long as nodes need it. Restart each with --root-key {new}: {}. Then \
                 run: kagiban rekey --finish --root-key {new}\n{copies}\n",
                names.join(", ")
            )
        }
    }
}

fn drop_others(
    options: &RekeyOptions,
    directory: &DataDirectory,
    runtime: &tokio::runtime::Runtime,
) -> Result<String, RekeyCommandError> {
    if options.data.root_key == RootKeySource::Shares {
        return Err(RekeyCommandError::NothingToKeep);
    }
    runtime.block_on(async {
        let store = store::open(directory, &options.data.store).await?;
        let key = root_passphrase::open(&options.data.root_key, directory, &store).await?.key;
        let kept = finish(&store, &key).await?;
        close(store).await?;
        Ok(format!("{kept} domain keys open with this root key, and with no other one.\n"))
    })
}

async fn close(store: Store) -> Result<(), RekeyCommandError> {
    Ok(store.engine().close().await.map_err(StoreError::from)?)
}
