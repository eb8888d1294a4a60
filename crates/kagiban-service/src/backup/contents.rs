//! What is in a backup: read through once for what it is made of, and once more, with its domain keys, for every row in it.
//!
//! Domain keys stand behind rows that need them, and rows have no bound; so it takes two readings rather than memory.

use std::io::Read;

use kagiban_backup::{BackupReader, End, Header, ReadError};
use kagiban_base::time::Timestamp;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyRing, WrappedSecret};
use kagiban_recovery::RecoveryIdentity;
use kagiban_storage::format::{FormatRecord, Formats};
use kagiban_storage::{Row, RowError, Table, row};

use super::make::Progress;
use crate::records::deployment::DeploymentRecord;
use crate::records::domain_key::DomainKeyRecord;
use crate::records::examine::{Examined, Wrapped, examine};
use crate::sealing::DomainKeysError;
use crate::sealing::stored::{self, DOMAIN_KEYS_MAX, StoredDomainKeys};

/// A backup is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    /// The stream.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row is none of its table.
    #[error("row {number}, of table {table}, cannot be read")]
    Row {
        /// Which, from 1.
        number: u64,
        /// Its table.
        table: String,
        /// Why.
        #[source]
        source: RowError,
    },
    /// A row of a table that a newer program has.
    #[error("row {number} is of table {table}, which this version does not know: use the version that made the backup")]
    UnknownTable {
        /// Which, from 1.
        number: u64,
        /// Its table.
        table: String,
    },
    /// The deployment's row is missing, or says something else than the beginning of the backup.
    #[error("the backup has no deployment in it that fits its beginning")]
    NoDeployment,
    /// More domain keys than can be.
    #[error("the backup has more than {DOMAIN_KEYS_MAX} domain keys")]
    TooManyDomainKeys,
    /// The domain keys do not open.
    #[error(transparent)]
    DomainKeys(#[from] DomainKeysError),
    /// A secret does not open.
    #[error("the secret in row {number}, of table {table}, does not open")]
    Secret {
        /// Which, from 1.
        number: u64,
        /// Its table.
        table: String,
    },
}

/// What a backup is made of.
#[derive(Debug)]
pub struct Contents {
    /// Its beginning.
    pub header: Header,
    /// Its end.
    pub end: End,
    /// The kind of its deployment.
    pub kind: DeploymentKind,
    domain_keys: StoredDomainKeys,
}

/// The domain keys of a backup, open. Wiped when dropped.
#[derive(Debug)]
pub struct OpenedKeys {
    pub(super) keys: Vec<DomainKey>,
    ring: DomainKeyRing,
}

/// What was found in order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Checked {
    /// Rows that could be read.
    pub rows: u64,
    /// Secrets that could be opened.
    pub secrets: u64,
    /// Domain keys that could be opened.
    pub domain_keys: usize,
}

/// Reads a backup to its end and remembers what it is made of. After it the bytes are known to be those that were written.
///
/// # Errors
/// [`ContentsError`]
pub fn survey<R: Read>(mut reader: BackupReader<R>, progress: &Progress) -> Result<Contents, ContentsError> {
    progress.begin(reader.header().rows);
    let (mut deployment, mut domain_keys) = (None, Vec::new());
    while let Some(found) = reader.next_row()? {
        progress.reach(reader.counted());
        let place = Place { number: reader.counted().0, key: &found.key };
        match Table::name_in(&found.key).unwrap_or_default() {
            t if t == DeploymentRecord::TABLE.name() => {
                deployment = Some(row::decode::<DeploymentRecord>(&found.value).map_err(|error| place.row(error))?);
            }
            t if t == DomainKeyRecord::TABLE.name() => {
                let read = || Ok((row::decode_key::<DomainKeyRecord>(&found.key)?, row::decode(&found.value)?));
                domain_keys.push(read().map_err(|error| place.row(error))?);
                if domain_keys.len() > DOMAIN_KEYS_MAX {
                    return Err(ContentsError::TooManyDomainKeys);
                }
            }
            t if t == FormatRecord::TABLE.name() => {
                let format = row::decode::<FormatRecord>(&found.value).map_err(|error| place.row(error))?;
                Formats::OURS.check(&format).map_err(|error| place.row(error.into()))?;
            }
            _ => {}
        }
    }
    let header = reader.header().clone();
    let (deployment, end) = deployment.zip(reader.end().cloned()).ok_or(ContentsError::NoDeployment)?;
    if deployment.created != header.deployment_created {
        return Err(ContentsError::NoDeployment);
    }
    let domain_keys = StoredDomainKeys { current: deployment.current_domain_key, rows: domain_keys };
    Ok(Contents { header, end, kind: deployment.kind, domain_keys })
}

impl Contents {
    /// When the snapshot was taken.
    pub fn taken(&self) -> Timestamp {
        self.header.taken
    }

    /// Opens all domain keys.
    ///
    /// # Errors
    /// [`ContentsError`]
    pub fn open(&self, identity: &RecoveryIdentity) -> Result<OpenedKeys, ContentsError> {
        let open = |(key, record): &(_, _)| stored::open_sealed(key, record, identity);
        // A ring takes keys over and forgets their bytes; for wrapping them anew they are opened once more.
        let keys = self.domain_keys.rows.iter().map(open).collect::<Result<_, _>>()?;
        Ok(OpenedKeys { ring: self.domain_keys.open_by_recovery_key(identity)?, keys })
    }
}

/// Reads every row of a backup as a row of its table, and opens every secret in it.
///
/// # Errors
/// [`ContentsError`]
pub fn check<R: Read>(
    mut reader: BackupReader<R>,
    keys: &OpenedKeys,
    progress: &Progress,
) -> Result<Checked, ContentsError> {
    progress.begin(reader.header().rows);
    let mut checked = Checked { domain_keys: keys.keys.len(), ..Checked::default() };
    while let Some(found) = reader.next_row()? {
        progress.reach(reader.counted());
        let place = Place { number: reader.counted().0, key: &found.key };
        match examine(&found.key, &found.value).map_err(|error| place.row(error))? {
            Examined::UnknownTable => return Err(place.unknown_table()),
            Examined::Row(None) => {}
            Examined::Row(Some(wrapped)) => {
                checked.secrets = checked.secrets.saturating_add(1);
                keys.open(&wrapped).ok_or_else(|| place.secret())?;
            }
        }
    }
    Ok(Checked { rows: reader.counted().0, ..checked })
}

impl OpenedKeys {
    fn open(&self, (wrapped, binding): &Wrapped) -> Option<()> {
        let wrapped = WrappedSecret::decode(wrapped).ok()?;
        self.ring.unwrap_key(&wrapped, binding).ok().map(drop)
    }
}

/// Where in a backup something is wrong.
struct Place<'a> {
    number: u64,
    key: &'a [u8],
}

impl Place<'_> {
    fn table(&self) -> String {
        Table::name_in(self.key).unwrap_or_default().to_owned()
    }

    fn row(&self, source: RowError) -> ContentsError {
        ContentsError::Row { number: self.number, table: self.table(), source }
    }

    fn secret(&self) -> ContentsError {
        ContentsError::Secret { number: self.number, table: self.table() }
    }

    fn unknown_table(&self) -> ContentsError {
        ContentsError::UnknownTable { number: self.number, table: self.table() }
    }
}
