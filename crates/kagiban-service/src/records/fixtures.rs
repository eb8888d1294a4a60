//! Rows as the programs of their time wrote them: each is read, and each of the newest version is written again to the
//! same bytes.
//!
//! A changed field changes these bytes; it then needs a new version, a reader for the old one and a fixture. That the rows
//! still work together as a deployment is tested from outside (`tests/scenarios/stored_rows.rs`).

use std::fmt::Debug;

use kagiban_storage::ErasureRecord;
use kagiban_storage::format::FormatRecord;
use kagiban_storage::rewriting::RewritingRecord;
use kagiban_storage::row;
use kagiban_storage::{Row, RowError};

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

/// The fixture of one table in one version: a row in each line, its key in hex and its body as text.
macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../tests/fixtures/", $name, ".rows"))
    };
}

/// The fixtures of a row type must be one for each version, oldest first.
fn assert_opens<R: Row + PartialEq + Debug>(versions: &[&str]) {
    let table = R::TABLE.name();
    assert_eq!(versions.len(), usize::from(R::VERSION), "a fixture for each version of {table}");
    for (version, fixture) in (1..).zip(versions) {
        assert!(!fixture.is_empty(), "{table} {version}");
        for line in fixture.lines() {
            let (key, body) = line.split_once(' ').unwrap();
            assert_row_opens::<R>(&unhex(key), version, body.as_bytes());
        }
    }
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
    for damaged in [&body[..body.len() - 1], b"", b"{\"x\":1}", b"null"] {
        let damaged = row::decode::<R>(&[&[version], damaged].concat());
        assert!(matches!(damaged, Err(RowError::Malformed(_))), "{table} {version}");
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn rows_of_every_version_open() {
    assert_opens::<AliasRecord>(&[fixture!("alias-v1")]);
    assert_opens::<AuditHeadRecord>(&[fixture!("audit-head-v1")]);
    assert_opens::<AuditKeyRecord>(&[fixture!("audit-key-v1")]);
    assert_opens::<ClockRecord>(&[fixture!("clock-v1")]);
    assert_opens::<ComplianceChangeRecord>(&[fixture!("compliance-change-v1")]);
    assert_opens::<ComplianceRecord>(&[fixture!("compliance-v1")]);
    assert_opens::<DeletedKeyRecord>(&[fixture!("deleted-key-v1")]);
    assert_opens::<DeletedMaterialRecord>(&[fixture!("deleted-material-v1")]);
    assert_opens::<DeploymentRecord>(&[fixture!("deployment-v1"), fixture!("deployment-v2")]);
    assert_opens::<DomainKeyRecord>(&[
        fixture!("domain-key-v1"),
        fixture!("domain-key-v2"),
        fixture!("domain-key-v3"),
        fixture!("domain-key-v4"),
    ]);
    assert_opens::<ErasureRecord>(&[fixture!("erasure-v1")]);
    assert_opens::<FormatRecord>(&[fixture!("format-v1")]);
    assert_opens::<RewritingRecord>(&[fixture!("format-progress-v1")]);
    assert_opens::<GrantCountRecord>(&[fixture!("grant-count-v1")]);
    assert_opens::<GrantNameRecord>(&[fixture!("grant-name-v1")]);
    assert_opens::<GrantRecord>(&[fixture!("grant-v1")]);
    assert_opens::<RetirableGrantRecord>(&[fixture!("retirable-grant-v1")]);
    assert_opens::<KeyAliasRecord>(&[fixture!("key-alias-v1")]);
    assert_opens::<KeyBody>(&[fixture!("key-v1"), fixture!("key-v2"), fixture!("key-v3"), fixture!("key-v4")]);
    assert_opens::<KeyPolicyRecord>(&[fixture!("key-policy-v1"), fixture!("key-policy-v2"), fixture!("key-policy-v3")]);
    assert_opens::<KeyUseRecord>(&[fixture!("key-use-v1"), fixture!("key-use-v2")]);
    assert_opens::<KeyUseTrackingRecord>(&[fixture!("key-use-tracking-v1")]);
    assert_opens::<MaterialRecord>(&[fixture!("material-v1")]);
    assert_opens::<NodeFormatsRecord>(&[fixture!("node-formats-v1")]);
    assert_opens::<NodeRecord>(&[fixture!("node-v1")]);
    assert_opens::<ChannelRecord>(&[fixture!("channel-v1")]);
    assert_opens::<InvitationRecord>(&[fixture!("peer-invitation-v1")]);
    assert_opens::<PeerRecord>(&[fixture!("peer-v1")]);
    assert_opens::<RecoveryKeyRecord>(&[fixture!("recovery-key-v1")]);
    assert_opens::<RestoringRecord>(&[fixture!("restoring-v1")]);
    assert_opens::<RootPassphraseRecord>(&[fixture!("root-passphrase-v1")]);
    assert_opens::<RotationRecord>(&[fixture!("key-rotation-v1")]);
    assert_opens::<SealOrderRecord>(&[fixture!("seal-order-v1")]);
    assert_opens::<ServiceEventRecord>(&[fixture!("service-event-v1"), fixture!("service-event-v2")]);
    assert_opens::<UsageRecord>(&[fixture!("usage-v1")]);
    assert_opens::<UsageWriterRecord>(&[fixture!("usage-writer-v1")]);
}

/// Fields that a version does not know are refused, not dropped: a newer program may have given them a meaning.
#[test]
fn unknown_fields_are_refused() {
    for fixture in [fixture!("key-v1"), fixture!("key-v2"), fixture!("key-v3"), fixture!("key-v4")] {
        for line in fixture.lines() {
            let body = line.split_once(' ').unwrap().1.replace("{\"created\"", "{\"unknown\":1,\"created\"");
            assert!(matches!(
                row::decode::<KeyBody>(&[b"\x04", body.as_bytes()].concat()),
                Err(RowError::Malformed(_))
            ));
        }
    }
}

/// The hash in the keys of names is never computed otherwise, or grants of before would be made twice.
#[test]
fn grants_are_found_by_name_where_they_were_put() {
    let (mut names, mut stored) = (Vec::new(), fixture!("grant-name-v1").lines());
    for line in fixture!("grant-v1").lines() {
        let (key, body) = line.split_once(' ').unwrap();
        let grant = row::decode_key::<GrantRecord>(&unhex(key)).unwrap();
        let record: GrantRecord = row::decode(&[b"\x01", body.as_bytes()].concat()).unwrap();
        names.extend(record.name_key(&grant.key_arn()));
    }
    for name in &names {
        let (key, _) = stored.next().unwrap().split_once(' ').unwrap();
        assert_eq!(row::encode_key::<GrantNameRecord>(name).unwrap(), unhex(key));
    }
    assert!(!names.is_empty() && stored.next().is_none());
}

#[test]
fn keys_of_other_tables_are_refused() {
    let alias_key = unhex(fixture!("alias-v1").split_once(' ').unwrap().0);
    assert!(row::decode_key::<KeyBody>(&alias_key).is_err());
    assert!(row::decode_key::<KeyAliasRecord>(&alias_key).is_err());
}
