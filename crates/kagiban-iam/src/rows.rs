//! Any row of this crate, by the name of its table: whether it can be read, and what is wrapped in it. For whoever checks a whole
//! store or a copy of one.

use kagiban_keycore::row_binding::RowBinding;
use kagiban_storage::{Format, Row, RowError, row};

use crate::records::access_key::AccessKeyRecord;
use crate::records::access_key_use::AccessKeyUseRecord;
use crate::records::account::{AccountAliasRecord, AccountRecord};
use crate::records::group::{GroupMemberRecord, GroupRecord};
use crate::records::mfa_device::MfaDeviceRecord;
use crate::records::name::NameRecord;
use crate::records::oidc_provider::OidcProviderRecord;
use crate::records::policy::{AttachmentRecord, PolicyRecord};
use crate::records::role::RoleRecord;
use crate::records::service::ServiceRecord;
use crate::records::usage::UsageRecord;
use crate::records::user::UserRecord;

/// A secret as a row has it, wrapped by a domain key, and the row that it is bound to.
pub type Wrapped = (Vec<u8>, RowBinding);

/// The tables of this crate.
pub const TABLES: [&str; 15] = [
    AccessKeyRecord::TABLE.name(),
    AccessKeyUseRecord::TABLE.name(),
    AccountAliasRecord::TABLE.name(),
    AccountRecord::TABLE.name(),
    AttachmentRecord::TABLE.name(),
    GroupMemberRecord::TABLE.name(),
    GroupRecord::TABLE.name(),
    MfaDeviceRecord::TABLE.name(),
    NameRecord::TABLE.name(),
    OidcProviderRecord::TABLE.name(),
    PolicyRecord::TABLE.name(),
    RoleRecord::TABLE.name(),
    ServiceRecord::TABLE.name(),
    UsageRecord::TABLE.name(),
    UserRecord::TABLE.name(),
];

/// Reads a row of one of these tables, and gives the secret in it; `None` for a row of another table.
///
/// # Errors
/// [`RowError`] when key or value are not those of such a row.
pub fn examine(table: &str, key: &[u8], value: &[u8]) -> Option<Result<Option<Wrapped>, RowError>> {
    let found = match table {
        t if t == AccessKeyRecord::TABLE.name() => {
            open::<AccessKeyRecord>(key, value).map(|(key, row)| Some((row.wrapped_secret, key.binding())))
        }
        t if t == MfaDeviceRecord::TABLE.name() => {
            open::<MfaDeviceRecord>(key, value).map(|(key, row)| Some((row.wrapped_seed, key.binding())))
        }
        t if t == AccessKeyUseRecord::TABLE.name() => plain::<AccessKeyUseRecord>(key, value),
        t if t == AccountAliasRecord::TABLE.name() => plain::<AccountAliasRecord>(key, value),
        t if t == AccountRecord::TABLE.name() => plain::<AccountRecord>(key, value),
        t if t == AttachmentRecord::TABLE.name() => plain::<AttachmentRecord>(key, value),
        t if t == GroupMemberRecord::TABLE.name() => plain::<GroupMemberRecord>(key, value),
        t if t == GroupRecord::TABLE.name() => plain::<GroupRecord>(key, value),
        t if t == NameRecord::TABLE.name() => plain::<NameRecord>(key, value),
        t if t == OidcProviderRecord::TABLE.name() => plain::<OidcProviderRecord>(key, value),
        t if t == PolicyRecord::TABLE.name() => plain::<PolicyRecord>(key, value),
        t if t == RoleRecord::TABLE.name() => plain::<RoleRecord>(key, value),
        t if t == ServiceRecord::TABLE.name() => plain::<ServiceRecord>(key, value),
        t if t == UsageRecord::TABLE.name() => plain::<UsageRecord>(key, value),
        t if t == UserRecord::TABLE.name() => plain::<UserRecord>(key, value),
        _ => return None,
    };
    Some(found)
}

/// What a row of one of these tables is to be in a format of the store, `None` inside when it is that already; `None` for a row
/// of another table.
pub fn convert(table: &str, stored: &[u8], format: Format) -> Option<Result<Option<Vec<u8>>, RowError>> {
    let converted = match table {
        t if t == AccessKeyRecord::TABLE.name() => row::convert::<AccessKeyRecord>(stored, format),
        t if t == AccessKeyUseRecord::TABLE.name() => row::convert::<AccessKeyUseRecord>(stored, format),
        t if t == AccountAliasRecord::TABLE.name() => row::convert::<AccountAliasRecord>(stored, format),
        t if t == AccountRecord::TABLE.name() => row::convert::<AccountRecord>(stored, format),
        t if t == AttachmentRecord::TABLE.name() => row::convert::<AttachmentRecord>(stored, format),
        t if t == GroupMemberRecord::TABLE.name() => row::convert::<GroupMemberRecord>(stored, format),
        t if t == GroupRecord::TABLE.name() => row::convert::<GroupRecord>(stored, format),
        t if t == MfaDeviceRecord::TABLE.name() => row::convert::<MfaDeviceRecord>(stored, format),
        t if t == NameRecord::TABLE.name() => row::convert::<NameRecord>(stored, format),
        t if t == OidcProviderRecord::TABLE.name() => row::convert::<OidcProviderRecord>(stored, format),
        t if t == PolicyRecord::TABLE.name() => row::convert::<PolicyRecord>(stored, format),
        t if t == RoleRecord::TABLE.name() => row::convert::<RoleRecord>(stored, format),
        t if t == ServiceRecord::TABLE.name() => row::convert::<ServiceRecord>(stored, format),
        t if t == UsageRecord::TABLE.name() => row::convert::<UsageRecord>(stored, format),
        t if t == UserRecord::TABLE.name() => row::convert::<UserRecord>(stored, format),
        _ => return None,
    };
    Some(converted)
}

fn plain<R: Row>(key: &[u8], value: &[u8]) -> Result<Option<Wrapped>, RowError> {
    open::<R>(key, value).map(|_| None)
}

fn open<R: Row>(key: &[u8], value: &[u8]) -> Result<(R::Key, R), RowError> {
    Ok((row::decode_key::<R>(key)?, row::decode::<R>(value)?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every row type of the crate is in the list, and what is in the list is read.
    #[test]
    fn every_table_is_examined() {
        let mut row_types = 0;
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/records")).unwrap() {
            let path = file.unwrap().path();
            if path.file_name().unwrap() != "fixtures.rs" {
                let text = std::fs::read_to_string(path).unwrap();
                row_types += text.lines().filter(|line| line.starts_with("json_row!(")).count();
            }
        }
        assert_eq!(TABLES.len(), row_types);
        for table in TABLES {
            assert!(matches!(examine(table, format!("{table}\0").as_bytes(), b"\x01"), Some(Err(_))), "{table}");
            assert!(convert(table, b"", Format::FIRST).is_some(), "{table}");
        }
        assert!(examine("key", b"key\0", b"\x01{}").is_none());
    }
}
