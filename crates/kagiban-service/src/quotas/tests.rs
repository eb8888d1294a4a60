//! Every quota against a list that was written by hand from the guide, and every class at its limit.

use std::collections::BTreeSet;

use kagiban_api::{DataKeyPairSpec, KeySpec, Operation};
use kagiban_base::time::Timestamp;

use super::classes::{Charge, charge_of, class_of_spec};
use super::rates::Rates;
use super::settings::{QuotaMode, QuotaSettings};
use super::table::{QUOTAS, Quota, RateClass, row_of};
use crate::records::Place;

/// Figure per second, and the operations that have it each for itself.
const MANAGEMENT: &[(u32, &[&str])] = &[
    (2000, &["DescribeKey", "GetPublicKey", "ListResourceTags"]),
    (1000, &["GetKeyPolicy", "GetKeyRotationStatus"]),
    (500, &["ListAliases", "ListKeys"]),
    (100, &["ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListRetirableGrants"]),
    (50, &["CreateGrant", "RetireGrant", "RevokeGrant"]),
    (
        15,
        &[
            "DeleteAlias",
            "DeleteImportedKeyMaterial",
            "EnableKeyRotation",
            "ImportKeyMaterial",
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
        ],
    ),
    (10, &["TagResource"]),
    (
        5,
        &[
            "CancelKeyDeletion",
            "ConnectCustomKeyStore",
            "CreateAlias",
            "CreateCustomKeyStore",
            "CreateKey",
            "DeleteCustomKeyStore",
            "DescribeCustomKeyStores",
            "DisableKey",
            "DisableKeyRotation",
            "DisconnectCustomKeyStore",
            "EnableKey",
            "GetKeyLastUsage",
            "ReplicateKey",
            "RotateKeyOnDemand",
            "UntagResource",
            "UpdateAlias",
            "UpdateCustomKeyStore",
            "UpdateKeyDescription",
            "UpdatePrimaryRegion",
        ],
    ),
    (1, &["GetParametersForImport"]),
];

/// Figure per second in us-east-1, name, and the key specs whose cryptographic operations share it.
const FAMILIES: &[(u32, &str, &[&str])] = &[
    (100_000, "cryptographic-symmetric", &["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"]),
    (1000, "cryptographic-rsa", &["RSA_2048", "RSA_3072", "RSA_4096"]),
    (
        1000,
        "cryptographic-ecc",
        &["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "SM2"],
    ),
    (1000, "cryptographic-ml-dsa", &["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"]),
    (1000, "cryptographic-ml-kem", &["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"]),
];

const BY_KEY: &[&str] = &[
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
];

const PAIRS: &[(u32, &[&str])] = &[
    (100, &["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519"]),
    (100, &["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"]),
    (25, &["SM2"]),
    (20, &["RSA_2048"]),
    (4, &["RSA_3072"]),
    (1, &["RSA_4096"]),
];

fn here() -> Place {
    Place { region: "us-east-1".parse().unwrap(), account: "111122223333".parse().unwrap() }
}

/// Name and figure of a class.
fn named(class: RateClass) -> (&'static str, u32) {
    let row = row_of(Quota::Rate(class)).unwrap();
    (row.name, row.aws_default(here().region))
}

#[test]
fn every_operation_counts_where_the_guide_says() {
    let mut listed = BTreeSet::new();
    for operation in Operation::ALL {
        let name = operation.name();
        let figure = MANAGEMENT.iter().find(|(_, names)| names.contains(&name)).map(|(figure, _)| *figure);
        match charge_of(operation) {
            Charge::ByKey => assert!(BY_KEY.contains(&name) && figure.is_none(), "{name}"),
            Charge::ByKeyPair => assert!(name.starts_with("GenerateDataKeyPair"), "{name}"),
            Charge::AtOnce(class) if name == "GenerateRandom" => {
                assert_eq!(named(class).0, "cryptographic-symmetric");
            }
            Charge::AtOnce(class) => assert_eq!(named(class), (name, figure.unwrap()), "{name}"),
        }
        listed.insert(name);
    }
    let expected = MANAGEMENT.iter().flat_map(|(_, names)| names.iter()).chain(BY_KEY);
    let others = ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateRandom"];
    assert_eq!(listed, expected.copied().chain(others).collect(), "the lists are of the model's operations");
}

#[test]
fn every_key_spec_and_every_pair_counts_where_the_guide_says() {
    for spec in KeySpec::ALL {
        let family = FAMILIES.iter().find(|(_, _, specs)| specs.contains(&spec.as_str())).unwrap();
        assert_eq!(named(class_of_spec(spec)), (family.1, family.0), "{spec}");
    }
    for spec in DataKeyPairSpec::ALL {
        let figure = PAIRS.iter().find(|(_, specs)| specs.contains(&spec.as_str())).unwrap().0;
        let name = format!("data-key-pairs-{spec}");
        assert_eq!(named(RateClass::DataKeyPair(spec)), (name.as_str(), figure), "{spec}");
    }
}

fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_800_000_000_000 + ms)
}

fn rates(mode: QuotaMode, quotas: &[&str]) -> Rates {
    let quotas = quotas.iter().map(|text| text.parse().unwrap()).collect();
    Rates::new(&QuotaSettings::new(mode, quotas).unwrap()).unwrap()
}

/// How many of so many requests are let through.
fn passed(rates: &Rates, class: RateClass, caller: u64, ms: i64, count: u32) -> u32 {
    let passed = (0..count).filter(|_| rates.take(here(), class, caller, at_ms(ms))).count();
    u32::try_from(passed).unwrap()
}

/// As many as the quota says, and none more in this second; the next second begins afresh. All classes in turn, none of
/// which minds what others have had.
#[test]
fn every_class_has_its_figure_each_second_and_minds_no_other() {
    let rates = rates(QuotaMode::Simulate, &[]);
    for ms in [10, 1_500, 2_000, 59_999] {
        for row in QUOTAS.iter() {
            let Quota::Rate(class) = row.quota else { continue };
            let figure = row.aws_default(here().region);
            assert_eq!(passed(&rates, class, 1, ms, figure + 3), figure, "{} at {ms}", row.name);
        }
    }
}

#[test]
fn simulated_quotas_come_back_with_the_second_and_real_ones_little_by_little() {
    let class = RateClass::Management(Operation::CreateKey);
    let simulated = rates(QuotaMode::Simulate, &[]);
    assert_eq!(passed(&simulated, class, 1, 900, 9), 5);
    assert_eq!(passed(&simulated, class, 1, 999, 9), 0);
    assert_eq!(passed(&simulated, class, 1, 1_000, 9), 5);
    let real = rates(QuotaMode::Real, &["CreateKey=5"]);
    assert_eq!(passed(&real, class, 1, 900, 9), 5);
    assert_eq!(passed(&real, class, 1, 1_000, 9), 0);
    assert_eq!(passed(&real, class, 1, 1_100, 9), 1);
    assert_eq!(passed(&real, class, 1, 1_500, 9), 2);
    assert_eq!(passed(&real, class, 1, 9_000, 9), 5, "never more than a second's worth");
    assert_eq!(passed(&real, RateClass::Management(Operation::ListKeys), 1, 0, 10_000), 10_000, "not set");
    let lifted = rates(QuotaMode::Simulate, &["CreateKey=none"]);
    assert_eq!(passed(&lifted, class, 1, 0, 10_000), 10_000);
}

#[test]
fn accounts_and_regions_do_not_share() {
    let rates = rates(QuotaMode::Simulate, &["444455556666/CreateKey=2", "eu-west-1/CreateKey=3"]);
    let class = RateClass::Management(Operation::CreateKey);
    for (account, region, figure) in [
        ("111122223333", "us-east-1", 5),
        ("111122223333", "eu-west-1", 3),
        ("444455556666", "us-east-1", 2),
        ("444455556666", "eu-west-1", 2),
    ] {
        let place = Place { region: region.parse().unwrap(), account: account.parse().unwrap() };
        let passed = (0..9).filter(|_| rates.take(place, class, 1, at_ms(0))).count();
        assert_eq!(passed, figure, "{account} {region}");
    }
}

/// A clock that is set back does not lock anybody out, and one that jitters gives nothing away.
#[test]
fn a_clock_that_goes_back_neither_locks_out_nor_gives_more() {
    let class = RateClass::Management(Operation::CreateKey);
    for (mode, quotas) in [(QuotaMode::Simulate, &[][..]), (QuotaMode::Real, &["CreateKey=5"])] {
        let rates = rates(mode, quotas);
        assert_eq!(passed(&rates, class, 1, 10_000, 9), 5, "{mode:?}");
        assert_eq!(passed(&rates, class, 1, 9_999, 9), 0, "late by a millisecond, {mode:?}");
        assert_eq!(passed(&rates, class, 1, 10_000, 9), 0, "{mode:?}");
        assert_eq!(passed(&rates, class, 1, 3_000, 9), 5, "set back, {mode:?}");
        assert_eq!(passed(&rates, class, 1, -86_400_000, 9), 5, "set back by a day, {mode:?}");
        assert_eq!(passed(&rates, class, 1, 86_400_000, 9), 5, "and ahead, {mode:?}");
    }
    // A thread of the second before does not find the new second empty.
    let rates = rates(QuotaMode::Simulate, &[]);
    assert_eq!(passed(&rates, class, 1, 5_000, 2), 2);
    assert_eq!(passed(&rates, class, 1, 4_999, 9), 3);
}

/// Exact, however many threads take at once.
#[test]
fn threads_together_get_what_one_would() {
    for mode in [QuotaMode::Simulate, QuotaMode::Real] {
        let rates = &rates(mode, &["DescribeKey=2000"]);
        let class = RateClass::Management(Operation::DescribeKey);
        let total: u32 = std::thread::scope(|scope| {
            let take = |caller| scope.spawn(move || passed(rates, class, caller, 5, 3_000));
            let threads: Vec<_> = (1..=4).map(take).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(total, 2000, "{mode:?}");
    }
}

/// Requests of several callers, spread evenly over seconds: (caller, requests per second). Gives what each got per second.
fn contest(rates: &Rates, class: RateClass, callers: &[(u64, u32)], seconds: i64) -> Vec<Vec<u32>> {
    let mut got = vec![vec![0; callers.len()]; usize::try_from(seconds).unwrap()];
    for ms in 0..seconds * 1000 {
        for (at, (caller, per_second)) in callers.iter().enumerate() {
            // Fractions of requests add up: those that are due by this millisecond, less those due by the last.
            let due = |ms: i64| ms * i64::from(*per_second) / 1000;
            for _ in due(ms)..due(ms + 1) {
                let second = usize::try_from(ms / 1000).unwrap();
                got[second][at] += u32::from(rates.take(here(), class, *caller, at_ms(ms)));
            }
        }
    }
    got
}

/// One asks for a hundred times as much as another, and for four times the quota: the other gets all that it asks for.
#[test]
fn who_asks_little_is_not_throttled_by_who_asks_much() {
    let class = RateClass::Cryptographic(super::table::Family::Rsa);
    for mode in [QuotaMode::Simulate, QuotaMode::Real] {
        let rates = rates(mode, &["cryptographic-rsa=500"]);
        let seconds = contest(&rates, class, &[(7, 2_000), (8, 20)], 6);
        for (at, second) in seconds.iter().enumerate().skip(1) {
            assert_eq!(second[1], 20, "{mode:?}, second {at}: {seconds:?}");
            // What the small one leaves is lent: nothing is lost by keeping a share for it.
            assert!(second[0] >= 500 - 20 - 2, "{mode:?}, second {at}: {seconds:?}");
            assert!(second[0] + second[1] <= 501, "{mode:?}, second {at}: {seconds:?}");
        }
    }
}

#[test]
fn callers_that_all_ask_too_much_get_the_same() {
    let class = RateClass::Cryptographic(super::table::Family::Rsa);
    for mode in [QuotaMode::Simulate, QuotaMode::Real] {
        let rates = rates(mode, &["cryptographic-rsa=600"]);
        let seconds = contest(&rates, class, &[(1, 4_000), (2, 1_000), (3, 900), (4, 50)], 6);
        for second in seconds.iter().skip(2) {
            assert_eq!(second[3], 50, "{mode:?}: {seconds:?}");
            for (caller, got) in second.iter().enumerate().take(3) {
                assert!((140..=260).contains(got), "{mode:?}, caller {caller}: {seconds:?}");
            }
            let all: u32 = second.iter().sum();
            // Where tokens come back little by little, a second can have some that the one before left.
            assert!((590..=610).contains(&all), "{mode:?}: {seconds:?}");
        }
    }
}

/// The first one to come asks little; then comes one that asks for everything.
#[test]
fn who_came_first_and_asks_little_keeps_its_share() {
    let class = RateClass::Cryptographic(super::table::Family::Rsa);
    for mode in [QuotaMode::Simulate, QuotaMode::Real] {
        let rates = rates(mode, &["cryptographic-rsa=3"]);
        assert_eq!(passed(&rates, class, 1, 500, 1), 1);
        for second in 1..5 {
            assert!(passed(&rates, class, 2, second * 1_000 + 300, 12) <= 2, "{mode:?}, second {second}");
            assert_eq!(passed(&rates, class, 1, second * 1_000 + 400, 1), 1, "{mode:?}, second {second}");
        }
    }
}

/// A newcomer, after one has taken all for long: in the next second at the latest it has its share; where tokens come back
/// little by little, after one refusal at most.
#[test]
fn a_newcomer_has_its_share_soon() {
    let class = RateClass::Cryptographic(super::table::Family::Rsa);
    for mode in [QuotaMode::Simulate, QuotaMode::Real] {
        let rates = rates(mode, &["cryptographic-rsa=100"]);
        contest(&rates, class, &[(1, 1_000)], 5);
        let got = [5_000, 6_000].map(|second: i64| {
            (second..second + 1_000)
                .map(|ms| {
                    (0..2).for_each(|_| _ = rates.take(here(), class, 1, at_ms(ms)));
                    u32::from(ms % 100 == 50 && rates.take(here(), class, 2, at_ms(ms)))
                })
                .sum::<u32>()
        });
        let least = if mode == QuotaMode::Simulate { [0, 10] } else { [9, 10] };
        assert!(got[0] >= least[0] && got[1] >= least[1], "{mode:?}: {got:?} of 10 each");
    }
}

/// More callers than are told apart: the sum stays exact, and nothing grows.
#[test]
fn very_many_callers_share_places_and_not_the_sum() {
    let class = RateClass::Cryptographic(super::table::Family::Rsa);
    let rates = rates(QuotaMode::Simulate, &[]);
    for second in 0..3 {
        let took = (1..=5_000).filter(|caller| rates.take(here(), class, *caller, at_ms(second * 1000))).count();
        assert_eq!(took, 1000, "second {second}");
    }
}

#[test]
fn nothing_is_kept_where_nothing_is_limited() {
    assert!(Rates::new(&QuotaSettings::default()).is_none());
}
