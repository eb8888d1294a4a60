//! The import rules of ARCHITECTURE.md, read from `cargo metadata`: who may import whom, and which libraries live where.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Each crate and ours that it may import. A crate that is not here fails the test: give it a floor first.
const MAY_IMPORT: [(&str, &[&str]); 20] = [
    ("kagiban-base", &[]),
    ("kagiban-api", &["kagiban-base"]),
    ("kagiban-audit", &["kagiban-base", "kagiban-mapped-file"]),
    ("kagiban-aws-lc", &["kagiban-base"]),
    ("kagiban-attestation", &["kagiban-base"]),
    ("kagiban-backup", &["kagiban-base"]),
    ("kagiban-identity", &["kagiban-base"]),
    ("kagiban-keycore", &["kagiban-aws-lc", "kagiban-base"]),
    ("kagiban-mapped-file", &[]),
    ("kagiban-policy", &["kagiban-base"]),
    ("kagiban-recovery", &["kagiban-base"]),
    ("kagiban-storage", &["kagiban-base"]),
    ("kagiban-etcd", &["kagiban-base", "kagiban-storage"]),
    ("kagiban-events", &["kagiban-audit", "kagiban-base"]),
    (
        "kagiban-iam",
        &[
            "kagiban-api",
            "kagiban-audit",
            "kagiban-base",
            "kagiban-identity",
            "kagiban-keycore",
            "kagiban-policy",
            "kagiban-storage",
        ],
    ),
    (
        "kagiban-service",
        &[
            "kagiban-api",
            "kagiban-attestation",
            "kagiban-audit",
            "kagiban-backup",
            "kagiban-base",
            "kagiban-events",
            "kagiban-iam",
            "kagiban-identity",
            "kagiban-keycore",
            "kagiban-policy",
            "kagiban-recovery",
            "kagiban-storage",
        ],
    ),
    (
        "kagiban-server",
        &[
            "kagiban-attestation",
            "kagiban-audit",
            "kagiban-backup",
            "kagiban-base",
            "kagiban-etcd",
            "kagiban-events",
            "kagiban-iam",
            "kagiban-identity",
            "kagiban-keycore",
            "kagiban-recovery",
            "kagiban-service",
            "kagiban-storage",
        ],
    ),
    ("kagiban-cli", &["kagiban-audit", "kagiban-base", "kagiban-identity", "kagiban-policy", "kagiban-recovery"]),
    ("kagiban", &["kagiban-cli", "kagiban-server"]),
    ("xtask", &[]),
];

/// Libraries that have one home, or few, and the crates that may name them.
const HOMES: [(&str, &[&str]); 28] = [
    ("aes-gcm", &["kagiban-keycore"]),
    ("age", &["kagiban-recovery"]),
    ("argon2", &["kagiban-keycore"]),
    ("aws-lc-rs", &["kagiban-attestation", "kagiban-audit", "kagiban-backup", "kagiban-identity", "kagiban-keycore"]),
    ("bech32", &["kagiban-recovery"]),
    ("blahaj", &["kagiban-recovery"]),
    ("crc32fast", &["kagiban-audit", "kagiban-backup"]),
    ("der", &["kagiban-attestation"]),
    ("aws-lc-sys", &["kagiban-aws-lc"]),
    ("elliptic-curve", &["kagiban-keycore"]),
    ("getrandom", &["kagiban-base"]),
    ("hyper", &["kagiban-cli", "kagiban-etcd", "kagiban-server"]),
    ("hyper-util", &["kagiban-cli", "kagiban-etcd", "kagiban-server"]),
    ("jiff", &["kagiban-base"]),
    ("k256", &["kagiban-keycore"]),
    ("memmap2", &["kagiban-mapped-file"]),
    ("mimalloc", &["kagiban"]),
    ("prost", &["kagiban-etcd"]),
    ("rcgen", &["kagiban-server"]),
    ("redb", &["kagiban-storage"]),
    ("rustls", &["kagiban-cli", "kagiban-etcd", "kagiban-server"]),
    ("sm2", &["kagiban-keycore"]),
    ("sm3", &["kagiban-keycore"]),
    ("sm4", &["kagiban-keycore"]),
    ("tokio-rustls", &["kagiban-cli", "kagiban-etcd", "kagiban-server"]),
    ("toml", &["kagiban-cli", "kagiban-events", "kagiban-server"]),
    ("tracing-subscriber", &["kagiban-server"]),
    ("x509-cert", &["kagiban-attestation"]),
];

/// Pure crates know no clock, disk, network, log or async; these libraries would bring one in.
const NOT_IN_PURE: [&str; 6] = ["async-trait", "getrandom", "rustix", "tokio", "tracing", "uuid"];
const PURE: [&str; 8] = [
    "kagiban-api",
    "kagiban-attestation",
    "kagiban-backup",
    "kagiban-events",
    "kagiban-identity",
    "kagiban-keycore",
    "kagiban-policy",
    "kagiban-recovery",
];

#[test]
fn imports_go_strictly_downward() {
    let allowed = BTreeMap::from(MAY_IMPORT);
    for package in ours() {
        if package.name.as_str() == "kagiban-testkit" {
            continue; // may import anything; that it is a dev-dependency only is checked below
        }
        let may = allowed.get(package.name.as_str()).copied();
        let may = may.unwrap_or_else(|| unreachable!("{} has no floor in this table", package.name));
        for name in normal_dependencies(&package).iter().filter(|name| is_ours(name)) {
            assert!(may.contains(&name.as_str()), "{} must not import {name}", package.name);
        }
    }
}

#[test]
fn libraries_stay_in_their_homes() {
    for package in ours().iter().filter(|package| package.name.as_str() != "kagiban-testkit") {
        let dependencies = normal_dependencies(package);
        for (library, homes) in HOMES {
            let is_home = homes.contains(&package.name.as_str());
            assert!(is_home || !dependencies.contains(library), "{library} does not belong in {}", package.name);
        }
        if PURE.contains(&package.name.as_str()) {
            for library in NOT_IN_PURE {
                assert!(
                    !dependencies.contains(library),
                    "{library} does not belong in {}, which is pure",
                    package.name
                );
            }
        }
    }
}

#[test]
fn the_testkit_reaches_no_product() {
    for package in ours() {
        assert!(!normal_dependencies(&package).contains("kagiban-testkit"), "{} ships the testkit", package.name);
    }
}

/// The crates with unsafe code, which Cargo lets have their own tables of lints only as a whole.
const UNSAFE: [&str; 2] = ["kagiban-aws-lc", "kagiban-mapped-file"];

/// The lints that every crate takes from the workspace. A manifest without them would escape all of them.
#[test]
fn every_crate_takes_the_workspaces_lints() {
    for package in ours().iter().filter(|package| !UNSAFE.contains(&package.name.as_str())) {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package.name);
    }
}

/// Their own tables differ from the workspace's in that unsafe code can be expected, and in lints that watch over it.
#[test]
fn the_crates_with_unsafe_code_have_the_other_lints() {
    let root = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).unwrap();
    let packages: Vec<_> = ours().into_iter().filter(|package| UNSAFE.contains(&package.name.as_str())).collect();
    assert_eq!(packages.len(), UNSAFE.len());
    let tables = |package| ["rust", "clippy"].map(|table| (package, table));
    for (package, table) in packages.iter().flat_map(tables) {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        let theirs = lints(&manifest, &format!("[lints.{table}]"));
        for lint in lints(&root, &format!("[workspace.lints.{table}]")) {
            let expected = if lint == "unsafe_code = \"forbid\"" { "unsafe_code = \"deny\"" } else { lint };
            assert!(theirs.contains(&expected), "{expected}");
        }
    }
}

/// The lines of a table.
fn lints<'a>(manifest: &'a str, head: &str) -> Vec<&'a str> {
    let mut lines = manifest.lines().skip_while(|line| *line != head);
    assert_eq!(lines.next(), Some(head));
    lines.take_while(|line| !line.is_empty()).collect()
}

fn ours() -> Vec<Package> {
    let metadata = MetadataCommand::new().no_deps().other_options(["--offline".to_owned()]).exec().unwrap();
    metadata.packages
}

fn is_ours(name: &str) -> bool {
    name == "xtask" || name.starts_with("kagiban")
}

fn normal_dependencies(package: &Package) -> BTreeSet<String> {
    let normal = package.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
    normal.map(|dependency| dependency.name.clone()).collect()
}
