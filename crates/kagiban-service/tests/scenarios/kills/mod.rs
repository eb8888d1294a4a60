//! `kill -9` at every step of every job: after a restart the job completes or was undone, never half.
//!
//! A scenario is prepared once, in a store in a file. Then for each step, each time on a fresh copy, a child process (this
//! program again) opens the store, does what the scenario is about, and kills itself: before a commit, within it at some moment,
//! or right after it, until a child comes to the end. After each kill this process opens the store and checks the rows as
//! they are ([`broken_invariants`]), what callers see, and then the same at the end of the jobs.

mod engine;
mod noticing;
mod scenarios;
mod shared;
mod shared_imports;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use kagiban_base::time::{Clock, Timestamp};
use kagiban_storage::{EmbeddedEngine, Engine};
use kagiban_testkit::{FakeClock, SeededRandom, World, broken_invariants};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::engine::{Cut, Instant, KillingEngine};
use self::scenarios::Scenario;
use crate::imports;

/// How a child is told what to do.
const PLAN: &str = "KAGIBAN_KILL_PLAN";
/// A job with more steps than this does not end.
const STEPS_MAX: u64 = 100;
/// A child that takes longer does not come to an end.
const CHILD_MAX: Duration = Duration::from_secs(120);
const STUCK: i32 = 70;
/// Moments within a commit, in microseconds: it takes some hundred on a fast disk, some thousand on a slow one.
const WITHIN: [u64; 3] = [60, 400, 1500];

#[expect(clippy::disallowed_methods, reason = "how a test tells its child what to do")]
fn plan() -> Option<Value> {
    std::env::var(PLAN).ok().map(|plan| serde_json::from_str(&plan).unwrap())
}

/// A store in a file, and what a scenario wants to remember of it.
struct Prepared {
    directory: TempDir,
    facts: Value,
    now: Timestamp,
}

/// An open store.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) engine: Arc<EmbeddedEngine>,
    pub(super) facts: Value,
    directory: PathBuf,
}

fn store_in(directory: &Path) -> PathBuf {
    directory.join("store")
}

async fn prepare(scenario: Scenario) -> Prepared {
    let directory = tempfile::tempdir().unwrap();
    let engine = Arc::new(EmbeddedEngine::create(&store_in(directory.path())).unwrap());
    let world = imports::world(engine.clone()).await;
    let facts = scenario.prepare(&world, &*engine).await;
    let now = world.clock.now();
    engine.close().await.unwrap();
    Prepared { directory, facts, now }
}

/// A world on what is in a directory; `seed` is for what it makes.
async fn open(directory: &Path, engine: Arc<dyn Engine>, now: Timestamp, seed: u64) -> World {
    assert!(directory.exists());
    World::reopen(engine, Arc::new(FakeClock::at(now)), Arc::new(SeededRandom::new(seed))).await
}

/// Not a test of its own: what the children run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(plan) = plan() else { return };
    std::thread::spawn(|| {
        std::thread::park_timeout(CHILD_MAX);
        std::process::exit(STUCK)
    });
    let number = |name: &str| plan[name].as_u64().unwrap();
    let at = match plan["at"].as_str().unwrap() {
        "before" => Instant::Before,
        "after" => Instant::After,
        microseconds => Instant::Within(microseconds.parse().unwrap()),
    };
    let directory = PathBuf::from(plan["directory"].as_str().unwrap());
    let embedded = Arc::new(EmbeddedEngine::open(&store_in(&directory)).unwrap());
    let engine = Arc::new(KillingEngine::new(embedded));
    let now = Timestamp::from_unix_ms(plan["now"].as_i64().unwrap());
    let world = open(&directory, engine.clone(), now, 1000 + number("seed")).await;
    engine.arm(Cut { step: number("step"), at });
    Scenario::named(plan["scenario"].as_str().unwrap()).act(&world, &plan["facts"]).await;
    engine.close().await.unwrap();
}

fn run_child(scenario: Scenario, prepared: &Prepared, directory: &Path, cut: Cut, seed: u64) -> ExitStatus {
    let at = match cut.at {
        Instant::Before => "before".to_owned(),
        Instant::Within(microseconds) => microseconds.to_string(),
        Instant::After => "after".to_owned(),
    };
    let plan = json!({
        "scenario": scenario.name(), "directory": directory, "facts": prepared.facts, "now": prepared.now.unix_ms(),
        "step": cut.step, "at": at, "seed": seed,
    });
    // Not by its path, where a build that runs meanwhile may put another.
    let output = Command::new("/proc/self/exe")
        .args(["--exact", "kills::child", "--nocapture", "--test-threads", "1"])
        .env(PLAN, plan.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || output.status.signal() == Some(9), "{scenario:?} {cut:?}: {text}");
    output.status
}

impl Stage {
    async fn open(prepared: &Prepared, directory: &Path) -> Self {
        let engine = Arc::new(EmbeddedEngine::open(&store_in(directory)).unwrap());
        let world = open(directory, engine.clone(), prepared.now, 7).await;
        Self { world, engine, facts: prepared.facts.clone(), directory: directory.to_owned() }
    }

    async fn assert_sound(&self, when: &str) {
        let broken = broken_invariants(&*self.engine).await;
        assert!(broken.is_empty(), "{when}: {broken:#?}");
    }

    /// The names of the files that hold any of the facts' needles.
    pub(super) fn marked_files(&self) -> Vec<String> {
        marked_files(&self.facts, &self.directory)
    }
}

/// The names of the files in a directory that hold the end of any of the facts' `needles`, which are in hex. The end of a
/// material is random; its beginning is that of others, too.
fn marked_files(facts: &Value, directory: &Path) -> Vec<String> {
    let ends = facts["needles"].as_array().unwrap().iter().map(|needle| {
        let needle = needle.as_str().unwrap();
        let end = &needle[needle.len().saturating_sub(80)..];
        (0..end.len()).step_by(2).map(|at| format!("\\x{}", &end[at..at + 2])).collect::<String>()
    });
    let any = ends.collect::<Vec<_>>().join("|");
    if any.is_empty() {
        return Vec::new();
    }
    let any = regex::bytes::Regex::new(&format!("(?-u:{any})")).unwrap();
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let marked = entries.filter(|entry| any.is_match(&fs::read(entry.path()).unwrap()));
    marked.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Cuts the scenario once and checks what is left; whether it was cut.
async fn cut_once(scenario: Scenario, prepared: &Prepared, cut: Cut, seed: u64) -> bool {
    let directory = tempfile::tempdir().unwrap();
    fs::copy(store_in(prepared.directory.path()), store_in(directory.path())).unwrap();
    let status = run_child(scenario, prepared, directory.path(), cut, seed);
    let is_cut = !status.success();
    let stage = Stage::open(prepared, directory.path()).await;
    let when = format!("{scenario:?} {cut:?}, cut: {is_cut}");
    stage.assert_sound(&when).await;
    scenario.check_halfway(&stage, &when).await;
    assert_eq!(stage.world.service.run_due_jobs().await, 0, "{when}");
    stage.world.service.erase_deleted().await;
    stage.assert_sound(&when).await;
    scenario.check_end(&stage, &when).await;
    stage.engine.close().await.unwrap();
    is_cut
}

/// Walks through all steps of a scenario, and through all steps in which it can be cut. Returns how many kills there were.
async fn walk(scenario: Scenario) -> u64 {
    let prepared = prepare(scenario).await;
    let marked = marked_files(&prepared.facts, prepared.directory.path());
    assert_eq!(marked.is_empty(), prepared.facts["needles"] == json!([]), "else this shows nothing");
    let mut instants = vec![Instant::Before, Instant::After];
    instants.extend(WITHIN.iter().chain(scenario.more_moments()).map(|moment| Instant::Within(*moment)));
    let (mut kills, mut seed) = (0, 0);
    for at in instants {
        for step in 1.. {
            assert!(step < STEPS_MAX, "{scenario:?} does not end");
            seed += 1;
            if !cut_once(scenario, &prepared, Cut { step, at }, seed).await {
                assert!(step > scenario.steps_min(), "{scenario:?}: {step} steps are fewer than there must be");
                break;
            }
            kills += 1;
        }
    }
    kills
}

macro_rules! walks {
    ($($test:ident: $scenario:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if plan().is_none() {
                    println!("{:?}: {} kills", Scenario::$scenario, walk(Scenario::$scenario).await);
                }
            }
        )*
    };
}

walks! {
    an_automatic_rotation_is_whole_or_not_begun: AutomaticRotation,
    a_rotation_on_demand_is_whole_or_not_begun: OnDemandRotation,
    a_deletion_and_its_erasure_go_on: Deletion,
    an_expiry_and_its_erasure_go_on: Expiry,
    a_deletion_of_imported_material_and_its_erasure_go_on: MaterialDeletion,
    a_rotation_of_the_domain_key_goes_on: DomainKeyRotation,
    a_replication_is_whole_or_goes_on: Replication,
    a_rotation_with_replicas_is_whole_or_goes_on: SharedRotation,
    a_change_of_primary_is_whole_or_goes_on: PrimaryChange,
    a_deletion_of_a_replica_goes_on: ReplicaDeletion,
    a_deletion_of_a_primary_and_its_replica_goes_on: PrimaryDeletion,
    an_import_into_a_replica_and_its_rotation_go_on: SharedImport,
    a_deletion_of_material_that_waits_goes_on_everywhere: WaitingDeletion,
    an_expiry_of_material_that_waits_goes_on_everywhere: WaitingExpiry,
}
