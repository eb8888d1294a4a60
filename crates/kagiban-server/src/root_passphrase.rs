//! The root key of a store that may know its passphrase's parameters.
//!
//! A data directory keeps the parameters in a file. A store on etcd has them too, so that a node joins with its passphrase and
//! nothing else. Where both are and differ, those count with which the passphrase opens the store.

use kagiban_base::os::OsRandom;
use kagiban_keycore::passphrase::PassphraseParameters;
use kagiban_keycore::root_key::{LocalRootKey, RootKey};
use kagiban_service::root_passphrase;
use kagiban_storage::Store;

use crate::data_directory::DataDirectory;
use crate::root_key::{RootKeySource, RootKeySourceError, parameters_in};

/// A root key, and how to have it again.
pub(crate) struct Opened {
    pub(crate) key: LocalRootKey,
    /// Of a passphrase: what it was stretched with.
    pub(crate) parameters: Option<PassphraseParameters>,
}

/// The root key of this source for this store. May take some tenths of a second.
pub(crate) async fn open(
    source: &RootKeySource,
    directory: &DataDirectory,
    store: &Store,
) -> Result<Opened, RootKeySourceError> {
    if !source.is_passphrase() {
        return Ok(Opened { key: source.open(directory)?, parameters: None });
    }
    let of_file = parameters_in(directory);
    let Some(stored) = root_passphrase::parameters(store).await? else {
        return stretched(source, of_file?);
    };
    let opened = stretched(source, stored)?;
    match of_file {
        Ok(other) if other != stored && !root_passphrase::opens(store, &opened.key).await? => stretched(source, other),
        _ => Ok(opened),
    }
}

fn stretched(source: &RootKeySource, parameters: PassphraseParameters) -> Result<Opened, RootKeySourceError> {
    Ok(Opened { key: source.stretched(&parameters)?, parameters: Some(parameters) })
}

/// A root key that this store is to have from now on: made where it is a file that is not there. A passphrase is stretched as one
/// before it was, if the store knows how.
pub(crate) async fn make(
    source: &RootKeySource,
    directory: &DataDirectory,
    store: &Store,
) -> Result<Opened, RootKeySourceError> {
    if source.is_passphrase()
        && let Some(stored) = root_passphrase::parameters(store).await?
    {
        return stretched(source, stored);
    }
    source.prepare(directory, &OsRandom, &mut |_| Ok(()))?;
    match source.is_passphrase() {
        true => stretched(source, parameters_in(directory)?),
        false => Ok(Opened { key: source.open(directory)?, parameters: None }),
    }
}

/// Opens the root key again, when the service needs it while it runs.
#[derive(Debug)]
pub(crate) struct RootKeyAgain {
    pub(crate) source: RootKeySource,
    pub(crate) directory: DataDirectory,
    pub(crate) parameters: Option<PassphraseParameters>,
}

impl kagiban_service::sealing::RootKeySource for RootKeyAgain {
    fn open(&self) -> Result<Box<dyn RootKey>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Box::new(match &self.parameters {
            Some(parameters) => self.source.stretched(parameters)?,
            None => self.source.open(&self.directory)?,
        }))
    }
}
