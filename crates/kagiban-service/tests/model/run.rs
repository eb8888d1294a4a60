//! Runs steps against a service and the model side by side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kagiban_base::time::Clock as _;
use kagiban_storage::engine::faulty::{Call as EngineCall, Fault, FaultyEngine};
use kagiban_storage::{Engine, EngineError};
use kagiban_testkit::{AwsError, Client, FakeClock, SeededRandom, Setting, World, broken_invariants};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::asked::{Asked, Outcome, text};
use crate::coverage::Coverage;
use crate::generate::Generator;
use crate::model::{ACCOUNT, Model, REGIONS};
use crate::operations::{OPERATIONS, ask};
use crate::step::{Act, By, Call, Form, Loss, Step};
use crate::thrifty::Thrifty;

/// Pages of one listing.
const PAGES_MAX: usize = 1000;

/// Turns of the one thread in which the view takes a change.
const SETTLING: usize = 100;

/// Where a run's store is, and how it comes back after a restart.
pub(crate) type Store = Box<dyn Fn() -> Arc<dyn Engine>>;

/// Where the steps come from.
pub(crate) enum Steps {
    /// Made as the run goes on; so many.
    Fresh(Box<Generator>, u32),
    /// These.
    Given(Vec<Step>),
}

/// What went wrong, and in which step.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) what: String,
    /// The key that the last request was about.
    pub(crate) key: u32,
    /// What the model knows of it.
    pub(crate) known: String,
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) coverage: Coverage,
    pub(crate) steps: Vec<Step>,
    pub(crate) failure: Option<Failure>,
}

/// Runs the steps until they end or one fails.
pub(crate) fn run(store: &Store, steps: Steps) -> Ran {
    let mut run = Run::new(store);
    let (mut done, mut given) = (Vec::new(), 0);
    let mut steps = steps;
    loop {
        let next = match &mut steps {
            Steps::Fresh(generator, count) => {
                (done.len() < *count as usize).then(|| generator.next(&run.model, &run.coverage))
            }
            Steps::Given(all) => all.get(given).copied(),
        };
        given += 1;
        let Some(step) = next else { return Ran { coverage: run.coverage, steps: done, failure: None } };
        done.push(step);
        run.coverage.steps += 1;
        let failed = match catch_unwind(AssertUnwindSafe(|| run.perform(&step))) {
            Ok(Ok(())) => continue,
            Ok(Err(what)) => what,
            Err(_) => "a panic".to_owned(),
        };
        let known = format!("now {}, {:?}", run.model.now, run.model.keys.get(&run.key));
        let failure = Some(Failure { step, what: failed, key: run.key, known });
        return Ran { coverage: run.coverage, steps: done, failure };
    }
}

/// One process of the service: its tasks end with its runtime.
struct Life {
    world: World,
    engine: FaultyEngine,
    runtime: Runtime,
}

struct Run<'a> {
    store: &'a Store,
    life: Option<Life>,
    workers: Arc<Thrifty>,
    clock: Arc<FakeClock>,
    random: Arc<SeededRandom>,
    /// Access key and secret of the grantee.
    grantee: (String, String),
    model: Model,
    coverage: Coverage,
    /// The key that the last request was about.
    key: u32,
}

impl<'a> Run<'a> {
    fn new(store: &'a Store) -> Self {
        let runtime = runtime();
        let engine = FaultyEngine::new(store());
        let workers = Arc::new(Thrifty::default());
        let setting = setting(&engine, &workers);
        let (world, grantee) = runtime.block_on(async {
            let world = World::of(setting).await;
            let user = world.client(ACCOUNT, REGIONS[0]).user("grantee", &Value::Null).await;
            let secret = String::from_utf8(user.signer.secret_access_key.expose().to_vec()).expect("a secret is text");
            let grantee = (user.signer.access_key_id.to_string(), secret);
            (world, grantee)
        });
        let (clock, random) = (Arc::clone(&world.clock), Arc::clone(&world.random));
        let model = Model::new(clock.now().unix_ms());
        let life = Some(Life { world, engine, runtime });
        Self { store, life, workers, clock, random, grantee, model, coverage: Coverage::default(), key: 0 }
    }

    fn life(&self) -> &Life {
        self.life.as_ref().expect("a process")
    }

    fn perform(&mut self, step: &Step) -> Result<(), String> {
        match step.act {
            Act::Call(call) => self.request(step.number, &call),
            Act::Fails(call, loss) => self.failing(step.number, &call, loss),
            Act::Pass(ms) => {
                self.clock.move_by_ms(ms);
                self.model.now += ms;
                // Nobody uses material from its date on, which the model knows of keys without it: their job comes at once.
                if self.model.keys.values().all(|key| !key.has_expired(self.model.now)) {
                    return Ok(());
                }
                self.run_jobs()?;
                self.learn_materials(step.number)
            }
            Act::Jobs => {
                self.run_jobs()?;
                self.learn_materials(step.number)
            }
            Act::CutJobs(nth) => {
                let faults = [Fault::Fail(EngineError::Unavailable), Fault::LoseRequest, Fault::LoseAnswer];
                let fault = faults[step.number as usize % 3].clone();
                let life = self.life();
                life.engine.plan(EngineCall::Commit, u64::from(nth), fault);
                life.runtime.block_on(life.world.service.run_due_jobs());
                self.restart();
                self.look_at_rows()?;
                self.run_jobs()?;
                self.learn_materials(step.number)?;
                self.look_at_rows()?;
                self.compare_all(step.number)
            }
            Act::SaveUses => {
                let life = self.life();
                let saved = life.runtime.block_on(life.world.service.key_use_writer().save());
                self.model.keys.values_mut().for_each(|key| key.last_use_saved = key.last_use);
                saved.map_err(|error| error.to_string())
            }
            Act::Restart => {
                self.restart();
                self.look_at_rows()?;
                self.compare_all(step.number)?;
                self.open_all(step.number)
            }
            Act::Compare(None) => self.compare_all(step.number),
            Act::Compare(Some(key)) => self.compare(step.number, key),
        }
    }

    fn run_jobs(&mut self) -> Result<(), String> {
        let life = self.life();
        let failed = life.runtime.block_on(life.world.service.run_due_jobs());
        self.model.run_jobs();
        if failed == 0 { Ok(()) } else { Err(format!("the jobs of {failed} keys failed")) }
    }

    /// What must hold of the stored rows, whatever was cut off.
    fn look_at_rows(&self) -> Result<(), String> {
        let life = self.life();
        let broken = life.runtime.block_on(broken_invariants(&life.engine));
        if broken.is_empty() { Ok(()) } else { Err(format!("rows: {broken:?}")) }
    }

    /// As after a kill: nothing is waited for, nothing is saved.
    fn restart(&mut self) {
        let old = self.life.take();
        drop(old);
        let runtime = runtime();
        let engine = FaultyEngine::new((self.store)());
        let setting = setting(&engine, &self.workers);
        let opened = World::open(setting, Arc::clone(&self.clock), Arc::clone(&self.random));
        let world = runtime.block_on(opened);
        self.life = Some(Life { world, engine, runtime });
        self.model.keys.values_mut().for_each(|key| key.last_use = key.last_use_saved);
        self.coverage.restarts += 1;
    }

    /// Makes a request and compares its answer with the model's.
    fn request(&mut self, number: u32, call: &Call) -> Result<(), String> {
        self.model.visits.clear();
        self.model.looked_at.clear();
        self.key = call.key;
        let Some(asked) = ask(&mut self.model, number, call) else { return Ok(()) };
        let answer = self.send(call, &asked)?;
        let is_ok = asked.outcome.is_ok();
        self.coverage.answered(call.operation, answer.as_ref().map_or_else(|error| error.code.as_str(), |_| "ok"));
        let shown = asked.input.to_string();
        self.compare_answer(asked.outcome, answer).map_err(|what| format!("{} {shown}\n  {what}", call.operation))?;
        for (state, code) in std::mem::take(&mut self.model.visits) {
            // What else was wrong with the request came after the state.
            if code != "ok" || is_ok {
                self.coverage.visit(call.operation, state, code);
            }
        }
        if is_ok {
            self.model.note_uses(call.operation);
        }
        self.coverage.keys += u64::from(call.operation == "CreateKey" && is_ok);
        self.learn_materials(number)
    }

    /// Makes a change whose commit fails: the caller is told that it failed inside, and afterwards all is as if it had never been
    /// asked for, or as if it had been answered.
    fn failing(&mut self, number: u32, call: &Call, loss: Loss) -> Result<(), String> {
        let before = self.model.clone();
        let Some(asked) = ask(&mut self.model, number, call) else { return Ok(()) };
        let is_single = self.model.keys.get(&call.key).is_none_or(|key| key.set.is_none());
        let foretold = asked.outcome.as_ref().is_ok_and(|expected| expected.learn.is_none()) && is_single;
        if asked.outcome.is_err() || (loss == Loss::Answer && !foretold) {
            self.model = before;
            return self.request(number, call);
        }
        self.key = call.key;
        let fault = match loss {
            Loss::Refused => Fault::Fail(EngineError::Unavailable),
            Loss::Request => Fault::LoseRequest,
            Loss::Answer => Fault::LoseAnswer,
        };
        let commits = self.life().engine.calls(EngineCall::Commit);
        self.life().engine.plan(EngineCall::Commit, 1, fault);
        let answer = self.send(call, &asked)?;
        if self.life().engine.calls(EngineCall::Commit) == commits {
            // It had nothing to write; what is planned must not meet another.
            self.compare_answer(asked.outcome, answer)?;
            self.restart();
            return self.compare_all(number);
        }
        if !matches!(&answer, Err(error) if error.code == "KMSInternalException") {
            return Err(format!(
                "{} {}\n  the commit failed, the service: {}",
                call.operation,
                asked.input,
                shown(&answer)
            ));
        }
        if loss != Loss::Answer {
            self.model = before;
        }
        self.coverage.failed_commits += 1;
        self.settle();
        self.learn_materials(number)?;
        self.look_at_rows()?;
        self.compare(number, call.key)
    }

    /// Lets the view take what was written although nobody was told.
    fn settle(&self) {
        self.life().runtime.block_on(async {
            for _ in 0..SETTLING {
                tokio::task::yield_now().await;
            }
        });
    }

    /// The answer; of a listing all its pages.
    fn send(&self, call: &Call, asked: &Asked) -> Result<Result<Value, AwsError>, String> {
        let life = self.life();
        let client = match call.by {
            By::Root => life.world.client(ACCOUNT, asked.region),
            By::Grantee => life.world.caller((&self.grantee.0, &self.grantee.1, None), asked.region),
        };
        self.workers.allow_a_pair();
        let Some(member) = asked.list else {
            return Ok(life.runtime.block_on(client.call(call.operation, asked.input.clone())));
        };
        life.runtime.block_on(all_pages(&client, call.operation, asked, member))
    }

    fn compare_answer(&mut self, expected: Outcome, answer: Result<Value, AwsError>) -> Result<(), String> {
        let expected = match (expected, &answer) {
            (Err(refusal), Err(error)) if refusal.code == error.code && refusal.text.admits(&error.message) => {
                return Ok(());
            }
            (Err(refusal), _) => return Err(format!("the model: {refusal:?}\n  the service: {}", shown(&answer))),
            (Ok(expected), Err(_)) => {
                return Err(format!("the model: {}\n  the service: {}", expected.exact, shown(&answer)));
            }
            (Ok(expected), Ok(_)) => expected,
        };
        let mut rest = answer.clone().unwrap_or_default();
        for member in expected.free {
            let taken = rest.as_object_mut().and_then(|members| members.remove(*member));
            if taken.is_none_or(|value| value.is_null()) {
                return Err(format!("{member} is missing in {}", shown(&answer)));
            }
        }
        if rest != expected.exact {
            return Err(format!("the model: {}\n  the service: {rest}", expected.exact));
        }
        let answer = answer.unwrap_or_default();
        match expected.learn {
            Some(learn) => learn(&mut self.model, &answer).map_err(|what| format!("{what}: {answer}")),
            None => Ok(()),
        }
    }

    /// The service has chosen ids for new material; they must be new, and ListKeyRotations tells them.
    fn learn_materials(&mut self, number: u32) -> Result<(), String> {
        let keys: Vec<u32> = self.model.keys.keys().copied().collect();
        for key in keys {
            let Some(known) = self.model.keys.get(&key).filter(|key| key.has_unknown_material()) else { continue };
            self.key = key;
            let (region, key_id) = (known.region, known.id.clone());
            let input = json!({"KeyId": known.arn, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"});
            let outcome = crate::asked::Expected::nothing();
            let asked = Asked { region, input, outcome, list: Some("Rotations") };
            let answer = self.send(&plain("ListKeyRotations", key), &asked)?.map_err(|error| format!("{error:?}"))?;
            let listed = answer["Rotations"].as_array().cloned().unwrap_or_default();
            let ids: Vec<String> = listed.iter().map(|entry| text(entry, "KeyMaterialId")).collect();
            self.model.learn_materials(&key_id, &ids).map_err(|what| format!("rotation of key {key}: {what}"))?;
            self.request(number, &plain("DescribeKey", key))?;
        }
        Ok(())
    }

    /// All that can be seen of a key.
    fn compare(&mut self, number: u32, key: u32) -> Result<(), String> {
        for operation in [
            "DescribeKey",
            "GetKeyLastUsage",
            "GetKeyPolicy",
            "GetKeyRotationStatus",
            "ListAliases",
            "ListGrants",
            "ListKeyRotations",
            "ListResourceTags",
        ] {
            self.request(number, &plain(operation, key))?;
        }
        Ok(())
    }

    /// All that can be seen of all keys.
    fn compare_all(&mut self, number: u32) -> Result<(), String> {
        let keys: Vec<u32> = self.model.names.keys().copied().collect();
        for key in &keys {
            if self.model.keys.contains_key(key) {
                self.compare(number, *key)?
            } else {
                self.request(number, &plain("DescribeKey", *key))?
            }
        }
        if let Some(key) = keys.first() {
            for operation in ["ListKeys", "ListRetirableGrants"] {
                self.request(number, &plain(operation, *key))?;
            }
            self.request(number, &Call { b: 4, ..plain("ListAliases", *key) })?;
        }
        Ok(())
    }

    /// Every ciphertext that is kept.
    fn open_all(&mut self, number: u32) -> Result<(), String> {
        let things: Vec<u32> = self.model.things.iter().map(|(made, ..)| *made).collect();
        for thing in things {
            self.request(number, &Call { thing, ..plain("Decrypt", 0) })?;
        }
        Ok(())
    }
}

/// A request with nothing special: everything of the key, on as few pages as it takes.
fn plain(operation: &'static str, key: u32) -> Call {
    debug_assert!(OPERATIONS.iter().any(|(name, _)| *name == operation));
    Call { operation, key, other: 0, thing: 0, form: Form::Arn, by: By::Root, dry: false, fault: 0, a: 1, b: 2 }
}

/// The entries of all pages, as one answer.
async fn all_pages(
    client: &Client<'_>,
    operation: &str,
    asked: &Asked,
    member: &str,
) -> Result<Result<Value, AwsError>, String> {
    let (mut entries, mut input) = (Vec::new(), asked.input.clone());
    for _ in 0..PAGES_MAX {
        let page = match client.call(operation, input.clone()).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        let listed = page[member].as_array().ok_or_else(|| format!("no {member}: {page}"))?;
        let limit = asked.input["Limit"].as_u64().unwrap_or(1000);
        let is_short = u64::try_from(listed.len()).unwrap_or(u64::MAX) <= limit;
        if page["Truncated"].as_bool() != Some(page["NextMarker"].is_string()) || !is_short {
            return Err(format!("no proper page: {page}"));
        }
        entries.extend(listed.iter().cloned());
        if page["Truncated"] == false {
            return Ok(Ok(json!({member: entries})));
        }
        input["Marker"] = page["NextMarker"].clone();
    }
    Err(format!("{operation}: there is no end of pages"))
}

fn shown(answer: &Result<Value, AwsError>) -> String {
    match answer {
        Ok(answer) => answer.to_string(),
        Err(error) => format!("{error:?}"),
    }
}

fn setting(engine: &FaultyEngine, workers: &Arc<Thrifty>) -> Setting {
    Setting { engine: Arc::new(engine.clone()), workers: workers.clone(), ..Setting::default() }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
