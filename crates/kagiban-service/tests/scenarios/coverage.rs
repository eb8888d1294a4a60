//! Coverage lists: every operation stands in the tables, or in a list of exceptions with its reason.

use std::collections::BTreeSet;

use kagiban_api::Operation;
use kagiban_service::NOT_OFFERED_YET;

use crate::{identifiers, states};

/// Operations that no key state concerns.
const WITHOUT_STATE: [(&str, &str); 4] = [
    ("CreateKey", "its key has no state before it"),
    ("GenerateRandom", "there is no key"),
    ("ListKeys", "lists keys in every state"),
    ("ListRetirableGrants", "lists grants on keys in every state"),
];

/// Operations that name no key.
const WITHOUT_IDENTIFIER: [(&str, &str); 5] = [
    ("CreateKey", "the service chooses the id"),
    ("DeleteAlias", "names an alias only; its names are in aliases.rs"),
    ("GenerateRandom", "there is no key"),
    ("ListKeys", "all of the account's"),
    ("ListRetirableGrants", "names a principal"),
];

fn offered() -> BTreeSet<&'static str> {
    Operation::ALL.into_iter().filter(|operation| !NOT_OFFERED_YET.contains(operation)).map(Operation::name).collect()
}

/// Table and exceptions together are the offered operations, and no operation is in both.
fn assert_covered(table: BTreeSet<&'static str>, exceptions: &[(&'static str, &'static str)]) {
    let exceptions: BTreeSet<_> = exceptions.iter().map(|(operation, _)| *operation).collect();
    assert!(table.is_disjoint(&exceptions), "{:?}", table.intersection(&exceptions));
    let covered: BTreeSet<_> = table.union(&exceptions).copied().collect();
    assert_eq!(covered, offered());
}

#[test]
fn every_operation_is_in_the_state_table() {
    assert_covered(states::operations().collect(), &WITHOUT_STATE);
}

#[test]
fn every_operation_is_in_the_identifier_table() {
    assert_covered(identifiers::operations().collect(), &WITHOUT_IDENTIFIER);
}
