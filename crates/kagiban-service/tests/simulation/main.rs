//! Several nodes on one store, everything around them failing, from a seed.
//!
//! Each run is a deployment in one thread and in simulated time: nodes that ask and answer, run their jobs, report, follow the
//! store, each with its own clock. Links to the store delay, cut, refuse and lose; batches arrive that nobody waits for any
//! more; clocks jump by up to days, forwards and back; processes end between any two commits and start again. What is checked
//! stands in `request.rs` (answers), `truth.rs` (steps of keys), `ledger.rs` and `run.rs` (the end).
//!
//! The daily run has eight seeds that are always the same, and one that is drawn anew. A run that fails prints its seed; the same seed always runs in the same way. `KAGIBAN_SIMULATION_SEED` (one, or several
//! with commas between) and `KAGIBAN_SIMULATION_STEPS` make other runs than the daily ones; `KAGIBAN_SIMULATION_SECONDS` goes on
//! with one seed after the other for that long, and `KAGIBAN_SIMULATION_TRACE` prints whatever happens.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, reason = "tests")]

#[path = "../model/dice.rs"]
mod dice;
mod ledger;
mod link;
mod moments;
mod node;
mod request;
mod run;
mod store;
mod trace;
mod truth;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use crate::run::{Plan, Tally, run};
use crate::store::Flaw;

/// Steps of one run.
const STEPS: u32 = 250;
/// Seeds of the daily runs.
const SEEDS: std::ops::Range<u64> = 1..9;
/// What must happen in these runs together, else they show nothing: commits, crashes, cuts, jumps of a clock, automatic rotations, keys
/// deleted, answers. They are the same each time; this is half of what they come to.
const LEAST: [u64; 7] = [1_600, 45, 33, 43, 3, 10, 1_600];
/// Seeds among which a flaw of the store must be found.
const SEEDS_TO_FIND: std::ops::Range<u64> = 1..21;

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<Vec<T>> {
    #[expect(clippy::disallowed_methods, reason = "a switch for long runs by hand")]
    let text = std::env::var(name).ok()?;
    Some(text.split(',').map(|part| part.parse().ok().expect("a number")).collect())
}

fn steps() -> u32 {
    from_environment("KAGIBAN_SIMULATION_STEPS").map_or(STEPS, |steps| steps[0])
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long a run by hand has lasted")]
    Instant::now()
}

/// Runs all together.
#[derive(Default)]
struct Sum {
    runs: u64,
    steps: u64,
    all: Tally,
}

impl Sum {
    fn add(&mut self, steps: u32, one: Tally) {
        self.runs += 1;
        self.steps += u64::from(steps);
        let all = &mut self.all;
        all.simulated_ms += one.simulated_ms;
        all.commits += one.commits;
        all.crashes += one.crashes;
        all.cuts += one.cuts;
        all.clock_jumps += one.clock_jumps;
        all.automatic_rotations += one.automatic_rotations;
        all.deletions += one.deletions;
        one.answers.into_iter().for_each(|(answer, count)| *all.answers.entry(answer).or_default() += count);
    }

    fn summary(&self) -> String {
        let Tally {
            simulated_ms, commits, crashes, cuts, clock_jumps, automatic_rotations, deletions, answers, ..
        } = &self.all;
        let (runs, steps, minutes) = (self.runs, self.steps, simulated_ms / 60_000);
        let count: u64 = answers.values().sum();
        format!(
            "{runs} runs, {steps} steps, {minutes} simulated minutes: {count} answers, {commits} commits, {crashes} crashes, \
             {cuts} cuts, {clock_jumps} clock jumps, {automatic_rotations} automatic rotations, {deletions} keys deleted"
        )
    }

    /// Of the daily runs: that what they are for has happened.
    fn assert_eventful(&self) {
        let Tally { commits, crashes, cuts, clock_jumps, automatic_rotations, deletions, answers, .. } = &self.all;
        let answers = answers.values().sum();
        let happened = [*commits, *crashes, *cuts, *clock_jumps, *automatic_rotations, *deletions, answers];
        assert!(happened.iter().zip(LEAST).all(|(happened, least)| *happened >= least), "{happened:?} of {LEAST:?}");
    }
}

fn run_seed(seed: u64, sum: &mut Sum) {
    let steps = steps();
    match run(Plan { seed, steps, flaw: None }) {
        Ok(tally) => {
            println!("seed {seed}: digest {:016x}", tally.digest);
            sum.add(steps, tally);
        }
        Err(what) => {
            println!("{}", sum.summary());
            panic!("{what}\nKAGIBAN_SIMULATION_SEED={seed} KAGIBAN_SIMULATION_STEPS={steps} runs it again");
        }
    }
}

#[test]
fn nodes_keep_their_promises_whatever_fails_around_them() {
    let mut sum = Sum::default();
    let seeds = from_environment("KAGIBAN_SIMULATION_SEED");
    if let Some(seconds) = from_environment("KAGIBAN_SIMULATION_SECONDS") {
        let (began, lasts) = (now(), Duration::from_secs(seconds[0]));
        for seed in seeds.map_or(1, |seeds| seeds[0]).. {
            if now().duration_since(began) >= lasts {
                break;
            }
            run_seed(seed, &mut sum);
        }
    } else {
        let is_daily = seeds.is_none() && steps() == STEPS;
        seeds.unwrap_or_else(|| SEEDS.collect()).into_iter().for_each(|seed| run_seed(seed, &mut sum));
        if is_daily {
            sum.assert_eventful();
            // One that nobody has run before, so that each day may find something.
            run_seed(RandomState::new().hash_one(0_u8), &mut sum);
        }
    }
    let counts: BTreeMap<_, _> = sum.all.answers.iter().collect();
    println!("{counts:#?}\n{}", sum.summary());
}

/// Else a seed would be of no use to whoever wants to see a failure again.
#[test]
fn the_same_seed_runs_in_the_same_way() {
    let digest = |seed| run(Plan { seed, steps: STEPS, flaw: None }).expect("a run").digest;
    let first = digest(3);
    assert_eq!(first, digest(3));
    assert_ne!(first, digest(4));
}

/// A check that finds nothing in a store that is wrong would find nothing in a service either.
#[test]
fn every_flaw_of_a_store_is_found() {
    for flaw in [Flaw::IgnoresConditions, Flaw::LosesBatches, Flaw::ProvesTooMuch, Flaw::SkipsChanges] {
        let mut found = SEEDS_TO_FIND.filter_map(|seed| run(Plan { seed, steps: STEPS, flaw: Some(flaw) }).err());
        let what = found.next().unwrap_or_else(|| panic!("{flaw:?} is not found"));
        println!("{flaw:?}: {}", what.lines().next().unwrap_or_default());
    }
}
