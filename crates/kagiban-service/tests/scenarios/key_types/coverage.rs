//! The tables of this folder are complete: nothing that the API can name is missing from them.

use std::collections::BTreeSet;

use kagiban_api::{
    DataKeyPairSpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec, KeySpec,
    KeyUsageType, MacAlgorithmSpec, MessageType, SigningAlgorithmSpec,
};
use kagiban_service::NOT_OFFERED_YET;

use super::ring::kinds;
use super::{agreement, data_key_pairs, encapsulation, encryption, keys, macs, matrix, signing};

fn assert_same(what: &str, table: impl IntoIterator<Item = &'static str>, api: impl IntoIterator<Item = &'static str>) {
    let (table, api): (BTreeSet<_>, BTreeSet<_>) = (table.into_iter().collect(), api.into_iter().collect());
    assert!(!api.is_empty(), "{what}");
    assert_eq!(table, api, "{what}");
}

#[test]
fn every_spec_and_usage_has_keys() {
    assert_same("specs", kinds().map(|(spec, _)| spec), KeySpec::ALL.map(KeySpec::as_str));
    assert_same("usages", kinds().map(|(_, usage)| usage), KeyUsageType::ALL.map(KeyUsageType::as_str));
    let public = KeySpec::ALL.map(KeySpec::as_str).into_iter().filter(|spec| !keys::without_public_half(spec));
    assert_same("public keys", keys::SPKI.into_iter().map(|(spec, ..)| spec), public);
}

#[test]
fn every_algorithm_has_its_row() {
    let all = SigningAlgorithmSpec::ALL.map(SigningAlgorithmSpec::as_str);
    assert_same("signing", signing::ROWS.into_iter().map(|row| row.algorithm), all);
    let forms = signing::ROWS.into_iter().flat_map(|row| row.forms.iter().map(|(form, _)| *form));
    assert_same("message types", forms, MessageType::ALL.map(MessageType::as_str));
    let all = MacAlgorithmSpec::ALL.map(MacAlgorithmSpec::as_str);
    assert_same("macs", macs::ROWS.into_iter().map(|(_, algorithm, _)| algorithm), all);
    let all = KeyAgreementAlgorithmSpec::ALL.map(KeyAgreementAlgorithmSpec::as_str);
    assert_same("agreement", [agreement::ALGORITHM], all);
    let all = EncapsulationAlgorithmSpec::ALL.map(EncapsulationAlgorithmSpec::as_str);
    assert_same("encapsulation", [encapsulation::ALGORITHM], all);
    let all = EncryptionAlgorithmSpec::ALL.map(EncryptionAlgorithmSpec::as_str);
    assert_same("encryption", encryption::ROWS.into_iter().map(|row| row.algorithm), all);
    let all = DataKeyPairSpec::ALL.map(DataKeyPairSpec::as_str);
    assert_same("data key pairs", data_key_pairs::SPECS.into_iter().map(|(spec, ..)| spec), all);
}

/// Each spec of a usage is in that usage's table.
#[test]
fn every_kind_has_its_row() {
    let of = |usage: &'static str| kinds().filter(move |(_, of)| *of == usage).map(|(spec, _)| spec);
    assert_same("signing", signing::ROWS.into_iter().flat_map(|row| row.specs.iter().copied()), of("SIGN_VERIFY"));
    assert_same("macs", macs::ROWS.into_iter().map(|(spec, ..)| spec), of("GENERATE_VERIFY_MAC"));
    assert_same("agreement", agreement::ROWS.into_iter().map(|(spec, ..)| spec), of("KEY_AGREEMENT"));
    let rows = encapsulation::ROWS.into_iter().map(|(spec, ..)| spec);
    assert_same("encapsulation", rows, of("ENCAPSULATE_DECAPSULATE"));
    assert_same("encryption", encryption::ROWS.into_iter().map(|row| row.spec), of("ENCRYPT_DECRYPT"));
}

/// Operations that use key material, and so depend on what a key is for.
#[test]
fn every_cryptographic_operation_is_in_the_matrix() {
    let cryptographic = kagiban_api::Operation::ALL.into_iter().filter(|operation| {
        let name = operation.name();
        let starts = ["De", "En", "Generate", "GetPublicKey", "ReEncrypt", "Sign", "Verify"];
        let others = ["Delete", "Describe", "Enable", "GenerateRandom"];
        !NOT_OFFERED_YET.contains(operation)
            && starts.iter().any(|start| name.starts_with(start))
            && !others.iter().any(|other| name.starts_with(other))
    });
    assert_same("operations", matrix::operations(), cryptographic.map(|operation| operation.name()));
}
