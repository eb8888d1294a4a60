//! The store of a node: in its data directory, or in an etcd cluster that several nodes share.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_etcd::{Deadlines, EtcdEngine, EtcdOptions, EtcdTls, EtcdUser};
use kagiban_storage::{Batch, EmbeddedEngine, Store};

use crate::config::ConfigError;
use crate::config::store::StoreOptions;
use crate::data_directory::DataDirectory;
use crate::private_file::is_open_to_others;
use crate::wiring::OpenError;

/// Bytes of a file with certificates, a key or a password.
const FILE_BYTES: usize = 256 << 10;

/// What is needed to reach etcd cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreSetupError {
    /// Options do not go together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than its owner can read a secret.
    #[error("{path} can be read by others than its owner; if nobody has: chmod 600 {path}", path = .0.display())]
    OpenToOthers(PathBuf),
}

/// Opens the store.
pub(crate) async fn open(directory: &DataDirectory, options: &StoreOptions) -> Result<Store, OpenError> {
    match etcd_options(options)? {
        None => open_embedded(directory),
        Some(cluster) => Ok(Store::new(Arc::new(EtcdEngine::open(cluster, &OsRandom).await?))),
    }
}

/// Opens the store in the data directory.
pub(crate) fn open_embedded(directory: &DataDirectory) -> Result<Store, OpenError> {
    match EmbeddedEngine::open(&directory.store_file()) {
        Ok(engine) => Ok(Store::new(Arc::new(engine))),
        Err(kagiban_storage::OpenError::NotFound { .. }) => {
            Err(OpenError::NotInitialised { path: directory.path().display().to_string() })
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes a store in the cluster, which has none there.
pub(crate) async fn create(cluster: EtcdOptions, first: Batch) -> Result<(), kagiban_etcd::OpenError> {
    let engine = EtcdEngine::create_with(cluster, &OsRandom, first).await?;
    close(engine).await;
    Ok(())
}

/// Whether the cluster has a store there.
pub(crate) async fn exists(cluster: EtcdOptions) -> Result<bool, kagiban_etcd::OpenError> {
    match EtcdEngine::open(cluster, &OsRandom).await {
        Ok(engine) => {
            close(engine).await;
            Ok(true)
        }
        Err(kagiban_etcd::OpenError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn close(engine: EtcdEngine) {
    // It has nothing under way.
    _ = kagiban_storage::Engine::close(&engine).await;
}

/// What the options say of a cluster, with the files they name.
pub(crate) fn etcd_options(options: &StoreOptions) -> Result<Option<EtcdOptions>, StoreSetupError> {
    let Some(address) = options.etcd()?.cloned() else { return Ok(None) };
    let tls = options.has_tls().then(|| tls(options)).transpose()?;
    let user = match (&options.store_user, &options.store_password_file) {
        (Some(name), Some(path)) => {
            let mut password = read_private(path)?;
            let len = password.expose().trim_ascii_end().len();
            password.truncate(len);
            Some(EtcdUser { name: name.clone(), password })
        }
        _ => None,
    };
    Ok(Some(EtcdOptions { address, tls, user, deadlines: Deadlines::default() }))
}

fn tls(options: &StoreOptions) -> Result<EtcdTls, StoreSetupError> {
    let authorities = options.store_tls_authorities.as_deref().map(read_public).transpose()?;
    let identity = match (&options.store_tls_certificate, &options.store_tls_key) {
        (Some(certificate), Some(key)) => Some((read_public(certificate)?, read_private(key)?)),
        _ => None,
    };
    Ok(EtcdTls { authorities, identity })
}

fn read_public(path: &Path) -> Result<Vec<u8>, StoreSetupError> {
    fs::read(path).map_err(read_error(path))
}

/// Reads into memory of full size at once: a growing buffer would leave copies of the secret behind.
fn read_private(path: &Path) -> Result<SecretBytes, StoreSetupError> {
    let mut file = File::open(path).map_err(read_error(path))?;
    if is_open_to_others(&file.metadata().map_err(read_error(path))?) {
        return Err(StoreSetupError::OpenToOthers(path.to_owned()));
    }
    let (mut bytes, mut len) = (SecretBytes::zeroed(FILE_BYTES), 0_usize);
    while let Some(rest) = bytes.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(read_error(path))? {
            0 => break,
            more => len = len.saturating_add(more),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

fn read_error(path: &Path) -> impl FnOnce(io::Error) -> StoreSetupError {
    let path = path.to_owned();
    move |source| StoreSetupError::Read { path, source }
}
