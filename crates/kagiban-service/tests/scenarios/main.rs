//! Scenarios through the service's only door: requests signed as SDKs sign them, answers read as SDKs read them.
//!
//! One program and not one per file, so that the coverage lists (`coverage.rs`) see the other files' tables.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod aliases;
mod audit;
mod audit_heads;
mod audit_keys;
mod authorization;
mod backup;
mod ciphertexts;
mod cloudtrail;
mod compliance;
mod coverage;
mod create_key;
mod deletion;
mod domain_keys;
mod dry_run;
mod encryption;
mod examples;
mod faults;
mod freshness;
mod grants;
mod identifiers;
mod imports;
mod jobs;
mod key_types;
mod key_usage;
mod kills;
mod listing;
mod managed_keys;
mod multi_region;
mod nodes;
mod operator;
mod order;
mod peers;
mod policies;
mod quotas;
mod read_your_writes;
mod responses;
mod rotation;
mod sealing;
mod secrets;
mod seed;
mod signatures;
mod states;
mod stored_rows;
mod subjects;
mod support;
mod tags;
mod upgrade;
mod wire;
