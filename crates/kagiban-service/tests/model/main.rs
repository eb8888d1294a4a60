//! The life of keys against a reference model: long random sequences of all operations, clock moves, jobs, jobs that are
//! cut off, changes whose commit fails or whose outcome nobody learns, and restarts.
//!
//! Every answer is compared with the model's, whole; every cell of the key-state table is visited and counted. A run that
//! fails prints its seed, the step, and a short sequence that fails in the same way.
//!
//! `KAGIBAN_MODEL_STEPS` and `KAGIBAN_MODEL_SEED` make other runs than the daily one: more steps, another seed (or several,
//! with commas between).

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, reason = "tests")]

mod aims;
mod asked;
mod coverage;
mod dice;
mod generate;
mod key;
mod model;
mod multi_region;
mod operations;
mod run;
mod shrink;
mod states;
mod step;
mod thrifty;
mod wrapping;

use std::collections::BTreeSet;
use std::sync::Arc;

use kagiban_api::Operation;
use kagiban_storage::engine::embedded::EmbeddedEngine;
use kagiban_storage::{Engine, MemoryEngine};

use crate::coverage::Coverage;
use crate::generate::Generator;
use crate::run::{Failure, Steps, Store, run};
use crate::step::Step;

/// Steps of the daily run.
const STEPS: u32 = 15_000;
/// Steps from which on a run, of all seeds together, has to visit every cell.
const STEPS_COVERING: u64 = 100_000;
/// Cells and refusals that the daily run may miss, of some four hundred.
const MISSED_MAX: usize = 40;
/// Steps of the run on the embedded store.
const STEPS_EMBEDDED: u32 = 1_500;
/// Visits that each cell gets at least, in such a run.
const VISITS_MIN: u64 = 1;

fn from_environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a switch for long runs by hand")]
    std::env::var(name).ok()
}

/// A store in memory, which outlives the services on it.
fn in_memory() -> Store {
    let engine = MemoryEngine::new();
    Box::new(move || -> Arc<dyn Engine> { Arc::new(engine.clone()) })
}

/// A store in a file, which each restart opens again.
fn embedded(directory: &std::path::Path) -> Store {
    let path = directory.join("store");
    Box::new(move || -> Arc<dyn Engine> {
        let engine = if path.exists() { EmbeddedEngine::open(&path) } else { EmbeddedEngine::create(&path) };
        Arc::new(engine.expect("a store"))
    })
}

/// Runs with this seed; panics with a short sequence when it fails.
fn run_seed(store: &Store, seed: u64, steps: u32) -> Coverage {
    let ran = run(store, Steps::Fresh(Box::new(Generator::new(seed)), steps));
    let Some(failure) = ran.failure else { return ran.coverage };
    println!("seed {seed}, step {}: {}", failure.step.number, failure.what);
    println!("{}", failure.known);
    let of_key: Vec<&Step> = ran.steps.iter().filter(|step| step.concerns(failure.key)).collect();
    println!("the last steps that concern the key, and those of its neighbours at the end:");
    of_key.iter().rev().take(40).rev().for_each(|step| println!("  {step:?}"));
    ran.steps.iter().rev().take(10).rev().for_each(|step| println!("  {step:?}"));
    if from_environment("KAGIBAN_MODEL_NO_SHRINK").is_some() {
        panic!("{}", report(seed, &[], &failure));
    }
    let (steps, failure) = shrink::shrink(&in_memory, ran.steps, failure);
    panic!("{}", report(seed, &steps, &failure));
}

fn report(seed: u64, steps: &[Step], failure: &Failure) -> String {
    let steps: Vec<String> = steps.iter().map(|step| format!("  {step:?}")).collect();
    format!("seed {seed}: {}\nthe shortest sequence:\n{}", failure.what, steps.join("\n"))
}

#[test]
fn keys_live_as_the_model_says() {
    let steps = from_environment("KAGIBAN_MODEL_STEPS").map_or(STEPS, |text| text.parse().expect("a number of steps"));
    let seeds = from_environment("KAGIBAN_MODEL_SEED").unwrap_or_else(|| "1".to_owned());
    let mut all = Coverage::default();
    for seed in seeds.split(',') {
        let coverage = run_seed(&in_memory(), seed.parse().expect("a seed"), steps);
        println!("seed {seed}: {}", coverage.summary());
        all.add(coverage);
    }
    println!("{}\n{}", all.table(), all.summary());
    assert_eq!(all.strays(), Vec::<String>::new(), "cells that the table says cannot occur");
    assert!(all.failed_commits >= all.steps / 400, "{}", all.summary());
    let most = match all.steps {
        steps if steps >= STEPS_COVERING => 0,
        steps if steps >= STEPS.into() => MISSED_MAX,
        _ => usize::MAX,
    };
    let missing = all.missing(VISITS_MIN);
    assert!(missing.len() <= most, "{} cells that were visited seldom: {missing:#?}", missing.len());
}

#[test]
fn keys_live_as_the_model_says_in_the_embedded_store() {
    let directory = tempfile::tempdir().expect("a directory");
    let coverage = run_seed(&embedded(directory.path()), 2, STEPS_EMBEDDED);
    println!("{}", coverage.summary());
    assert!(coverage.restarts > 0, "{}", coverage.summary());
}

/// Every operation that is offered is one of the model's.
#[test]
fn the_model_knows_every_operation() {
    let missing = kagiban_service::NOT_OFFERED_YET;
    let offered: BTreeSet<&str> =
        Operation::ALL.into_iter().filter(|operation| !missing.contains(operation)).map(Operation::name).collect();
    let known: BTreeSet<&str> = operations::OPERATIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(known, offered);
    let rows: BTreeSet<&str> = states::TABLE.iter().map(|(name, _)| *name).chain(states::WITHOUT_STATE).collect();
    assert_eq!(rows, offered);
}
