//! All tables whose rows have a secret in them that a domain key wraps.

use kagiban_iam::secret_row;
use kagiban_iam::secret_rows::{self, SecretTable};
use kagiban_storage::Table;

use super::audit_key::AuditKeyRecord;
use super::material::MaterialRecord;
use super::peer::{ChannelRecord, InvitationRecord, PeerRecord};

secret_row!(AuditKeyRecord, wrapped_private_key, |key, row| key.binding(&row.public_key));
secret_row!(ChannelRecord, wrapped_private_key, |key, row| key.binding(&row.certificate));
secret_row!(InvitationRecord, wrapped_secret, |key, _row| key.invitation_binding());
secret_row!(MaterialRecord, wrapped, |key, _row| key.binding());
secret_row!(PeerRecord, wrapped_key, |key, _row| key.binding());

const OF_THIS_CRATE: [SecretTable; 5] = [
    SecretTable::of::<AuditKeyRecord>(),
    SecretTable::of::<ChannelRecord>(),
    SecretTable::of::<InvitationRecord>(),
    SecretTable::of::<MaterialRecord>(),
    SecretTable::of::<PeerRecord>(),
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static SecretTable> {
    OF_THIS_CRATE.iter().chain(&secret_rows::SECRET_TABLES)
}

/// The one of a stored key.
pub(crate) fn of_key(key: &[u8]) -> Option<&'static SecretTable> {
    let name = Table::name_in(key)?;
    all().find(|table| table.name() == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::super::examine::{Examined, examine};
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// Whoever adds a row with a wrapped secret has to list it here, or it stays under a domain key that goes.
    #[test]
    fn every_row_with_a_secret_is_of_one_of_them() {
        let mut found = BTreeSet::new();
        for folder in ["tests/fixtures", "../kagiban-iam/tests/fixtures"] {
            for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                let Some(version) = name.rsplit_once("-v").and_then(|(_, version)| version.parse().ok()) else {
                    continue;
                };
                for line in fs::read_to_string(&path).unwrap().lines() {
                    let (key, body) = line.split_once(' ').unwrap();
                    let (key, value) = (unhex(key), [&[version], body.as_bytes()].concat());
                    let Ok(Examined::Row(secret)) = examine(&key, &value) else { panic!("{name}") };
                    let table = of_key(&key);
                    assert_eq!(table.is_some(), secret.is_some(), "{name}");
                    if let Some((wrapped, _)) = secret {
                        let id = table.unwrap().domain_key(&value).unwrap();
                        assert_eq!(id.as_bytes(), &wrapped[1..17], "{name}");
                        found.insert(table.unwrap().name());
                    }
                }
            }
        }
        assert_eq!(found, all().map(SecretTable::name).collect(), "a fixture with a secret for each");
        assert!(of_key(b"clock\0").is_none() && of_key(b"").is_none());
    }
}
