//! Any row, by the table that its key names: whether it is one that this program reads, and what is wrapped in it.

use kagiban_iam::rows;
use kagiban_keycore::row_binding::RowBinding;
use kagiban_storage::format::{Format, FormatRecord};
use kagiban_storage::rewriting::RewritingRecord;
use kagiban_storage::{ErasureRecord, Row, RowError, Table, row};

use super::alias::{AliasRecord, KeyAliasRecord};
use super::audit_head::AuditHeadRecord;
use super::audit_key::AuditKeyRecord;
use super::clock::ClockRecord;
use super::compliance::{ComplianceChangeRecord, ComplianceRecord};
use super::deleted::{DeletedKeyRecord, DeletedMaterialRecord};
use super::deployment::DeploymentRecord;
use super::domain_key::DomainKeyRecord;
use super::grant::{GrantCountRecord, GrantNameRecord, GrantRecord, RetirableGrantRecord};
use super::key::KeyBody;
use super::key_policy::KeyPolicyRecord;
use super::key_use::{KeyUseRecord, KeyUseTrackingRecord};
use super::material::MaterialRecord;
use super::node::NodeRecord;
use super::node_formats::NodeFormatsRecord;
use super::peer::{ChannelRecord, InvitationRecord, PeerRecord};
use super::recovery_key::RecoveryKeyRecord;
use super::restoring::RestoringRecord;
use super::root_passphrase::RootPassphraseRecord;
use super::rotation::RotationRecord;
use super::seal_order::SealOrderRecord;
use super::service_event::ServiceEventRecord;
use super::usage::{UsageRecord, UsageWriterRecord};

/// A secret as a row has it, and what it is bound to.
pub(crate) type Wrapped = (Vec<u8>, RowBinding);

/// What a row turned out to be.
#[derive(Debug)]
pub(crate) enum Examined {
    /// It is a row, with a secret of a domain key or without.
    Row(Option<Wrapped>),
    /// Its table is not known here: a newer program wrote it.
    UnknownTable,
}

/// A row type and the secret in a row of it.
trait Holding: Row {
    fn wrapped(self, _key: &Self::Key) -> Option<Wrapped> {
        None
    }
}

macro_rules! tables {
    ($($row:ty $(= $wrapped:expr)?;)*) => {
        $(impl Holding for $row {
            $(fn wrapped(self, key: &Self::Key) -> Option<Wrapped> {
                let wrapped: fn(Self, &Self::Key) -> Wrapped = $wrapped;
                Some(wrapped(self, key))
            })?
        })*

        /// The tables of this crate's rows, and of the store's own.
        #[cfg(test)]
        const TABLES: &[&str] = &[$(<$row as Row>::TABLE.name()),*];

        fn of_this_crate(table: &str, key: &[u8], value: &[u8]) -> Result<Examined, RowError> {
            match table {
                $(t if t == <$row as Row>::TABLE.name() => open::<$row>(key, value).map(Examined::Row),)*
                _ => Ok(Examined::UnknownTable),
            }
        }

        /// What a row of one of these tables is to be in a format; `None` when it is that already, or of no such table.
        ///
        /// # Errors
        /// [`RowError`]
        pub(crate) fn convert(table: &str, stored: &[u8], format: Format) -> Result<Option<Vec<u8>>, RowError> {
            match table {
                $(t if t == <$row as Row>::TABLE.name() => row::convert::<$row>(stored, format),)*
                _ => Ok(None),
            }
        }
    };
}

tables! {
    AliasRecord;
    AuditHeadRecord;
    AuditKeyRecord = |row, key| {
        let binding = key.binding(&row.public_key);
        (row.wrapped_private_key, binding)
    };
    ChannelRecord = |row, key| {
        let binding = key.binding(&row.certificate);
        (row.wrapped_private_key, binding)
    };
    ClockRecord;
    ComplianceChangeRecord;
    ComplianceRecord;
    DeletedKeyRecord;
    DeletedMaterialRecord;
    DeploymentRecord;
    DomainKeyRecord;
    ErasureRecord;
    FormatRecord;
    GrantCountRecord;
    GrantNameRecord;
    GrantRecord;
    InvitationRecord = |row, key| (row.wrapped_secret, key.invitation_binding());
    KeyAliasRecord;
    KeyBody;
    KeyPolicyRecord;
    KeyUseRecord;
    KeyUseTrackingRecord;
    MaterialRecord = |row, key| (row.wrapped, key.binding());
    NodeFormatsRecord;
    NodeRecord;
    PeerRecord = |row, key| (row.wrapped_key, key.binding());
    RecoveryKeyRecord;
    RestoringRecord;
    RetirableGrantRecord;
    RewritingRecord;
    RootPassphraseRecord;
    RotationRecord;
    SealOrderRecord;
    ServiceEventRecord;
    UsageRecord;
    UsageWriterRecord;
}

/// Reads a row as the table of its key has it.
///
/// # Errors
/// [`RowError`] when key or value are not those of such a row.
pub(crate) fn examine(key: &[u8], value: &[u8]) -> Result<Examined, RowError> {
    let table = Table::name_in(key).unwrap_or_default();
    match rows::examine(table, key, value) {
        Some(examined) => examined.map(Examined::Row),
        None => of_this_crate(table, key, value),
    }
}

fn open<R: Holding>(key: &[u8], value: &[u8]) -> Result<Option<Wrapped>, RowError> {
    let key = row::decode_key::<R>(key)?;
    Ok(row::decode::<R>(value)?.wrapped(&key))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every row type of this folder is in the list: each file has as many as it names.
    #[test]
    fn every_table_is_examined() {
        let mut row_types = 3; // erasure, format and its progress, which are the store's
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/records")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let is_row_type = |line: &&str| line.starts_with("json_row!(") || line.starts_with("impl Row for ");
            row_types += text.lines().filter(is_row_type).count();
        }
        assert_eq!(TABLES.len(), row_types);
    }

    #[test]
    fn what_is_not_known_or_not_readable_is_told() {
        assert!(matches!(examine(b"tomorrow\0a", b"\x01{}"), Ok(Examined::UnknownTable)));
        assert!(examine(b"clock\0", b"\x01{}").is_err());
        assert!(examine(b"clock\0x", b"\x01{\"ahead_ms\":1}").is_err());
        assert!(matches!(examine(b"clock\0", b"\x01{\"ahead_ms\":1}"), Ok(Examined::Row(None))));
        assert!(matches!(examine(b"clock\0", b"\x02{\"ahead_ms\":1}"), Err(RowError::NewerVersion { .. })));
    }
}
