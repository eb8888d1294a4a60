//! The engine against the oracle (`tests/oracle`), a second evaluator, over random policies and requests.
//!
//! A case is a request under a set of policies; both come from a seed, which a failure prints together with the case
//! made small. The daily run takes a fixed number of cases, enough that every operator, qualifier, principal and outcome
//! is met many times, which is asserted. The long run takes as many as the environment says, from the same seeds on:
//!
//!     KAGIBAN_DIFFERENTIAL_CASES=2000000 cargo test --release -p kagiban-policy --test differential
//!
//! `KAGIBAN_DIFFERENTIAL_SEED=N` begins with another seed.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![expect(unreachable_pub, reason = "modules of a test program")]

mod alphabet;
mod coverage;
mod generator;
#[path = "../oracle/mod.rs"]
mod oracle;
mod random;
mod shrink;

use coverage::Coverage;
use generator::{REQUESTS_PER_SET, Set};
use oracle::case::{Engine, agree, outcome};
use oracle::{Facts, Rules};

/// Cases of a daily run.
const CASES: u64 = 20_000;

#[test]
fn engine_and_oracle_agree() {
    let first = number_from_environment("KAGIBAN_DIFFERENTIAL_SEED").unwrap_or(0);
    let cases = number_from_environment("KAGIBAN_DIFFERENTIAL_CASES").unwrap_or(CASES).max(CASES);
    let mut coverage = Coverage::default();
    for seed in first..first + cases / REQUESTS_PER_SET {
        run_set(seed, &generator::set(seed), &mut coverage);
    }
    coverage.assert_complete();
}

#[expect(clippy::disallowed_methods, reason = "how long to run is the runner's choice")]
fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// A set that the parser refuses is counted, and not run.
fn run_set(seed: u64, set: &Set, coverage: &mut Coverage) {
    let Ok(rules) = set.texts.parse(None) else { return coverage.refused() };
    let engine = Engine::compile(&rules, &set.requests[0].0);
    coverage.conditions(&rules, &set.requests[0].0);
    for (facts, grant) in &set.requests {
        let rules = Rules { grant: *grant, ..rules.clone() };
        let answer = oracle::decide(facts, &rules);
        let (decision, asked) = engine.decide(facts, *grant);
        coverage.outcome(facts, outcome(&decision));
        if !agree(&answer, &decision, asked) {
            panic!("seed {seed}\n{}\n{}", set.texts, shrink::report(facts, &rules));
        }
    }
}

/// What both say, in full and whether they agree.
fn both(facts: &Facts, rules: &Rules) -> (String, bool) {
    let answer = oracle::decide(facts, rules);
    let (decision, asked) = Engine::compile(rules, facts).decide(facts, rules.grant);
    let text = format!("oracle: {answer:?}\nengine: {decision:?}, asked for a grant {asked} times");
    (text, agree(&answer, &decision, asked))
}
