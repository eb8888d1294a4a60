//! Rows as the programs of their time wrote them: each is read, and each of the newest version is written again to the
//! same bytes.
//!
//! A changed field changes these bytes; it then needs a new version, a reader for the old one and a fixture. Made by hand,
//! but for the access key of `access-key-v1`, whose secret opens (the service's scenarios sign with it).

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;

use kagiban_storage::row;
use kagiban_storage::{Row, RowError};

use super::access_key::{AccessKeyOwner, AccessKeyRecord};
use super::access_key_use::AccessKeyUseRecord;
use super::account::{AccountAliasRecord, AccountRecord};
use super::group::{GroupMemberRecord, GroupRecord};
use super::mfa_device::MfaDeviceRecord;
use super::name::NameRecord;
use super::oidc_provider::OidcProviderRecord;
use super::policy::{AttachmentRecord, PolicyRecord};
use super::role::RoleRecord;
use super::service::ServiceRecord;
use super::usage::UsageRecord;
use super::user::UserRecord;

/// Where the fixtures are: one file for each table and version, a row in each line, its key in hex and its body as text.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// The rows of the fixture of a version.
fn fixture<R: Row>(version: u8) -> Vec<(Vec<u8>, String)> {
    let name = format!("{}-v{version}.rows", R::TABLE.name());
    let text = std::fs::read_to_string(Path::new(FIXTURES).join(&name)).unwrap_or_else(|_| panic!("no fixture {name}"));
    let split = |line: &str| line.split_once(' ').map(|(key, body)| (unhex(key), body.to_owned())).unwrap();
    let rows: Vec<_> = text.lines().map(split).collect();
    assert!(!rows.is_empty(), "{name}");
    rows
}

/// There is a fixture of each version of a row type, and it opens. Gives the names of the files.
fn assert_opens<R: Row + PartialEq + Debug>() -> Vec<String> {
    for version in 1..=R::VERSION {
        for (key, body) in fixture::<R>(version) {
            assert_row_opens::<R>(&key, version, body.as_bytes());
        }
    }
    (1..=R::VERSION).map(|version| format!("{}-v{version}.rows", R::TABLE.name())).collect()
}

fn assert_row_opens<R: Row + PartialEq + Debug>(key: &[u8], version: u8, body: &[u8]) {
    let table = R::TABLE.name();
    let parts = row::decode_key::<R>(key).unwrap();
    assert_eq!(row::encode_key::<R>(&parts).unwrap(), key, "{table} {version}");
    let with_version = |version: u8| [&[version], body].concat();
    let record: R = row::decode(&with_version(version)).unwrap();
    // Written today, the row is of the newest version, and is read as the same.
    let written = row::encode(&record).unwrap();
    assert_eq!(row::decode::<R>(&written).unwrap(), record, "{table} {version}");
    if version == R::VERSION {
        assert_eq!(written, with_version(version), "{table} {version}: {}", written.escape_ascii());
    }
    let newer = row::decode::<R>(&with_version(R::VERSION + 1));
    assert!(matches!(newer, Err(RowError::NewerVersion { .. })), "{table}");
    // Fields that are not known are refused, not dropped: a newer program may have given them a meaning.
    let unknown = [&body[..body.len() - 1], if body == b"{}" { b"\"x\":1}" } else { b",\"x\":1}" }].concat();
    for damaged in [&body[..body.len() - 1], b"", b"{\"x\":1}", b"null", &unknown] {
        let damaged = row::decode::<R>(&[&[version], damaged].concat());
        assert!(matches!(damaged, Err(RowError::Malformed(_))), "{table} {version}");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn rows_of_every_version_open() {
    let opened = [
        assert_opens::<AccessKeyRecord>(),
        assert_opens::<AccessKeyUseRecord>(),
        assert_opens::<AccountAliasRecord>(),
        assert_opens::<AccountRecord>(),
        assert_opens::<AttachmentRecord>(),
        assert_opens::<GroupMemberRecord>(),
        assert_opens::<GroupRecord>(),
        assert_opens::<MfaDeviceRecord>(),
        assert_opens::<NameRecord>(),
        assert_opens::<OidcProviderRecord>(),
        assert_opens::<PolicyRecord>(),
        assert_opens::<RoleRecord>(),
        assert_opens::<ServiceRecord>(),
        assert_opens::<UsageRecord>(),
        assert_opens::<UserRecord>(),
    ];
    let files = std::fs::read_dir(FIXTURES).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), opened.concat().into_iter().collect(), "files and row types");
}

/// Every row type of this folder is in the test above: each file has as many as it names.
#[test]
fn every_row_type_is_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/records");
    let mut row_types = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap() != "fixtures.rs" {
            let text = std::fs::read_to_string(path).unwrap();
            row_types += text.lines().filter(|line| line.starts_with("json_row!(")).count();
        }
    }
    let is_test = |line: &&str| line.starts_with("        assert_opens::<");
    let tested = include_str!("fixtures.rs").lines().filter(is_test).count();
    assert_eq!(row_types, tested);
}

/// What the first version did not say yet: keys were those of roots, accounts were open and had no names.
#[test]
fn older_rows_mean_what_they_meant() {
    for (_, body) in fixture::<AccessKeyRecord>(1) {
        let key: AccessKeyRecord = row::decode(&[b"\x01", body.as_bytes()].concat()).unwrap();
        assert_eq!((key.owner, key.inactive), (AccessKeyOwner::Root, false));
    }
    for (_, body) in fixture::<AccountRecord>(1) {
        let account: AccountRecord = row::decode(&[b"\x01", body.as_bytes()].concat()).unwrap();
        assert_eq!((account.name.as_str(), account.alias, account.closed), ("", None, None));
    }
}

#[test]
fn keys_of_other_tables_are_refused() {
    let (user, _) = &fixture::<UserRecord>(1)[0];
    assert!(row::decode_key::<RoleRecord>(user).is_err());
    assert!(row::decode_key::<GroupRecord>(user).is_err());
}
