//! A run: some nodes, what goes wrong with them, who asks them meanwhile, and what must be so when all is well again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kagiban_audit::Record;
use kagiban_base::time::Clock as _;
use kagiban_testkit::{MemoryJournal, SeededRandom, Setting, World, broken_invariants, unsettled_keys};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::dice::Dice;
use crate::ledger::{ACCOUNT, Fate, Kind, Ledger};
use crate::moments::{Moments, as_task};
use crate::node::{Life, Node};
use crate::request::{Act, Ask, Asker};
use crate::store::{Flaw, SharedStore};

const NODES: u8 = 3;
/// Keys that are not gone, from which on no more are made.
const KEYS_MAX: usize = 10;
/// Requests under way at one node.
const REQUESTS_MAX: usize = 24;
/// Steps between two looks at all rows.
const LOOK_EVERY: u32 = 20;
/// Steps until all has settled at the end, each of half a second.
const SETTLING: u32 = 140;
/// From here on are the numbers of tasks that ask.
const REQUESTS: u64 = 1 << 40;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) steps: u32,
    pub(crate) flaw: Option<Flaw>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) digest: u64,
    pub(crate) simulated_ms: u64,
    pub(crate) commits: u64,
    pub(crate) crashes: u64,
    pub(crate) cuts: u64,
    pub(crate) clock_jumps: u64,
    pub(crate) automatic_rotations: u64,
    pub(crate) deletions: u64,
    /// Answers by operation and what it said.
    pub(crate) answers: BTreeMap<String, u64>,
}

/// Runs a plan; the same one always in the same way.
pub(crate) fn run(plan: Plan) -> Result<Tally, String> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(async {
        let mut simulation = Simulation::begin(plan).await;
        let outcome = simulation.run().await;
        for node in &mut simulation.nodes {
            node.crash().await;
        }
        let text = |what| format!("seed {}, {what}\nthe last events:\n{}", plan.seed, simulation.store.trace().last());
        outcome.map_err(text)?;
        Ok(simulation.tally())
    })
}

struct Simulation {
    plan: Plan,
    store: Arc<SharedStore>,
    nodes: Vec<Node>,
    ledger: Arc<Mutex<Ledger>>,
    dice: Dice,
    trouble: u32,
    /// Of requests, and of starts.
    number: u32,
    clocked_ms: u64,
    tally: Tally,
}

impl Simulation {
    async fn begin(plan: Plan) -> Self {
        let (moments, mut dice) = (Moments::begin(), Dice::new(plan.seed));
        let store = SharedStore::new(moments, plan.flaw, Dice::new(u64::from(dice.below(u32::MAX))));
        World::begin(&store.memory, &World::clock(), &SeededRandom::new(plan.seed)).await;
        let nodes = (1..=NODES).map(|number| Node::new(number, plan.seed)).collect();
        let (store, ledger, tally) = (Arc::new(store), Arc::default(), Tally::default());
        Self { plan, store, nodes, ledger, dice, trouble: 0, number: 0, clocked_ms: 0, tally }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&mut self) -> Result<(), String> {
        for step in 0..self.plan.steps {
            let at = |what: String| format!("step {step}: {what}");
            self.step().await;
            self.look().map_err(at)?;
            if step % LOOK_EVERY == 0 {
                self.look_at_rows().await.map_err(at)?;
            }
        }
        self.settle().await.map_err(|what| format!("at the end: {what}"))
    }

    fn tally(&mut self) -> Tally {
        let mut tally = std::mem::take(&mut self.tally);
        tally.simulated_ms = self.store.moments.now_ms();
        tally.digest = self.store.trace().digest();
        let (truth, mut ledger) = (self.store.truth(), self.ledger());
        tally.answers = std::mem::take(&mut ledger.answers);
        tally.deletions = ledger.keys.iter().filter(|key| truth.now(&key.row("key")).is_null()).count() as u64;
        tally.commits = truth.commits;
        tally.automatic_rotations =
            truth.all(b"key-rotation\0").filter(|row| row["rotation_type"] == "AUTOMATIC").count() as u64;
        tally
    }

    /// Something goes wrong, or right; some ask; time goes by.
    async fn step(&mut self) {
        let node = self.dice.below(u32::from(NODES)) as usize;
        match self.dice.below(100) {
            0..3 => self.cut(node),
            3..6 => self.crash(node).await,
            6..9 => self.nodes[node].life.iter().for_each(|life| life.link.light_fuse(1 + self.number % 7)),
            9..14 => self.jump(node),
            14..17 => self.all_clocks_jump(),
            17..20 => self.change_trouble(),
            20 => self.store.memory.forget_changes(kagiban_storage::Revision::new(u64::MAX)),
            21..30 => self.heal(node),
            _ => {}
        }
        self.bury_and_start(5).await;
        for _ in 0..self.dice.below(5) {
            self.ask();
        }
        let ms = if self.dice.once_in(15) { self.dice.below(6000) } else { self.dice.below(120) };
        self.pass(u64::from(ms)).await;
    }

    async fn pass(&mut self, ms: u64) {
        let moments = self.store.moments;
        moments.tick(ms).await;
        let passed = moments.now_ms() - self.clocked_ms;
        self.clocked_ms = moments.now_ms();
        let passed = i64::try_from(passed).expect("a short time");
        self.nodes.iter().for_each(|node| node.clock.move_by_ms(passed));
        self.note_clocks();
    }

    fn note_clocks(&self) {
        let mut truth = self.store.truth();
        let latest = self.nodes.iter().map(|node| node.clock.now().unix_ms()).max().unwrap_or_default();
        truth.latest_clock_ms = truth.latest_clock_ms.max(latest);
    }

    fn cut(&mut self, node: usize) {
        if let Some(life) = &self.nodes[node].life {
            self.store.note(&format!("cut {node}"));
            life.link.set_up(false);
            self.tally.cuts += 1;
        }
    }

    fn heal(&self, node: usize) {
        self.nodes[node].life.iter().for_each(|life| life.link.set_up(true));
    }

    async fn crash(&mut self, node: usize) {
        if self.nodes[node].life.is_some() {
            self.store.note(&format!("crash {node}"));
            self.tally.crashes += 1;
            self.nodes[node].crash().await;
        }
    }

    fn jump(&mut self, node: usize) {
        let ms = [1_000, 30_000, 120_000, 3_600_000, DAY_MS, 3 * DAY_MS][self.dice.below(6) as usize];
        let ms = if self.dice.once_in(2) { ms } else { -ms };
        self.store.note(&format!("the clock of {node} jumps by {ms}"));
        self.nodes[node].clock.move_by_ms(ms);
        self.tally.clock_jumps += 1;
        self.note_clocks();
    }

    fn all_clocks_jump(&mut self) {
        let days = if self.dice.once_in(4) { self.dice.below(120) } else { self.dice.below(8) };
        self.store.note(&format!("{days} days go by"));
        self.nodes.iter().for_each(|node| node.clock.move_by_ms(i64::from(days) * DAY_MS));
        self.note_clocks();
    }

    fn change_trouble(&mut self) {
        self.trouble = [0, 10, 60][self.dice.below(3) as usize];
        self.nodes.iter().flat_map(|node| &node.life).for_each(|life| life.link.set_trouble(self.trouble));
    }

    /// Ends what has come to its end, and starts one of so many of those that are down.
    async fn bury_and_start(&mut self, one_of: u32) {
        for node in 0..usize::from(NODES) {
            if self.nodes[node].life.as_ref().is_some_and(|life| life.link.is_dead()) {
                self.crash(node).await;
            } else if self.nodes[node].life.is_none() && self.dice.once_in(one_of) {
                self.number += 1;
                self.nodes[node].start(&self.store, self.number, self.trouble).await;
                self.store.note(&format!("start {node}: {}", self.nodes[node].life.is_some()));
            }
        }
    }

    /// Sends a request, if there is somebody to take it.
    fn ask(&mut self) {
        self.number += 1;
        let node = self.dice.below(u32::from(NODES)) as usize;
        let Some(ask) = self.next_ask() else { return };
        let node = &mut self.nodes[node];
        if node.ready().is_none_or(|life| life.requests.len() >= REQUESTS_MAX) {
            return;
        }
        let Some(life) = &mut node.life else { return };
        let (store, ledger) = (Arc::clone(&self.store), Arc::clone(&self.ledger));
        let (world, floor) = (Arc::clone(&life.world), Arc::clone(&life.floor));
        let asked = Asker { store, ledger, world, floor, node: node.number }.ask(ask);
        life.requests.spawn(as_task(REQUESTS + u64::from(ask.number), self.plan.seed, asked));
    }

    fn next_ask(&mut self) -> Option<Ask> {
        let (truth, dice) = (self.store.truth(), &mut self.dice);
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let living: Vec<usize> =
            (0..ledger.keys.len()).filter(|key| !truth.now(&ledger.keys[*key].row("key")).is_null()).collect();
        let mut ask = Ask { number: self.number, key: 0, act: Act::Describe, waits: dice.once_in(4) };
        if living.is_empty() || (living.len() < KEYS_MAX && dice.once_in(12)) {
            ask.act = Act::CreateKey { is_shared: dice.once_in(3) };
            return Some(ask);
        }
        // Now and then one that is gone.
        ask.key = if dice.once_in(20) { dice.below(ledger.keys.len() as u32) as usize } else { dice.one(&living)? };
        let key = &ledger.keys[ask.key];
        ask.act = match dice.below(100) {
            0..16 => Act::Describe,
            16..26 => Act::Encrypt,
            26..42 if !key.blobs.is_empty() => Act::Decrypt { blob: dice.below(key.blobs.len() as u32) as usize },
            42..48 => Act::Tags,
            48..54 => Act::Disable,
            54..62 => Act::Enable,
            62..64 => Act::Schedule,
            64..66 => Act::Cancel,
            66..70 => Act::Rename,
            70..73 => Act::EnableRotation,
            73..74 => Act::DisableRotation,
            74..77 => Act::Rotate,
            77..80 if key.is_shared => Act::Replicate,
            80..82 if key.is_shared => Act::MovePrimary,
            82..91 => Act::Add([Kind::Alias, Kind::Grant, Kind::Tag][dice.below(3) as usize]),
            91.. => {
                let there = (0..ledger.things.len()).filter(|thing| ledger.things[*thing].fate == Fate::There);
                let thing = dice.one(&there.collect::<Vec<_>>())?;
                ask.key = ledger.things[thing].key;
                Act::TakeAway { thing }
            }
            _ => Act::Describe,
        };
        Some(ask)
    }

    /// What went wrong by now.
    fn look(&mut self) -> Result<(), String> {
        for node in &mut self.nodes {
            let Some(life) = &mut node.life else { continue };
            while let Some(ended) = life.requests.try_join_next() {
                ended.map_err(|error| format!("a request at node {}: {error}", node.number))?;
            }
            if let Some(ended) = life.tasks.try_join_next() {
                return Err(format!("a task of node {} ended: {ended:?}", node.number));
            }
        }
        match self.store.truth().wrong.first() {
            Some(wrong) => Err(wrong.clone()),
            None => Ok(()),
        }
    }

    async fn look_at_rows(&self) -> Result<(), String> {
        let broken = broken_invariants(&self.store.memory).await;
        if broken.is_empty() { Ok(()) } else { Err(format!("rows: {broken:#?}")) }
    }

    /// All is well again, for some time; then nothing may be left undone, lost or different.
    async fn settle(&mut self) -> Result<(), String> {
        self.trouble = 0;
        for node in &self.nodes {
            if let Some(life) = &node.life {
                life.link.set_up(true);
                life.link.set_trouble(0);
                life.link.light_fuse(0);
            }
        }
        self.rest().await?;
        // What a disabled or doomed key holds up may go on now.
        let keys = self.store.truth().keys();
        for (region, id) in keys {
            let client = self.nodes[0].ready().expect("a node").world.client(ACCOUNT, &region);
            for operation in ["CancelKeyDeletion", "EnableKey"] {
                _ = client.call(operation, json!({"KeyId": id})).await;
            }
        }
        self.rest().await?;
        for node in &self.nodes {
            let failed = node.ready().expect("a node").world.service.run_due_jobs().await;
            if failed > 0 {
                return Err(format!("node {}: the jobs of {failed} keys fail", node.number));
            }
        }
        self.pass(5_000).await;
        self.look()?;
        self.look_at_rows().await?;
        let undone = unsettled_keys(&self.store.memory).await;
        let lost = self.ledger().broken(&self.store.truth());
        let unrecorded = self.unrecorded();
        for (what, left) in [("not settled", undone), ("not as acknowledged", lost), ("not recorded", unrecorded)] {
            if !left.is_empty() {
                return Err(format!("{what}: {left:#?}"));
            }
        }
        self.compare().await
    }

    /// Lets all that is under way come to its end.
    async fn rest(&mut self) -> Result<(), String> {
        for _ in 0..SETTLING {
            self.bury_and_start(1).await;
            self.pass(500).await;
            self.look()?;
        }
        let unanswered: usize = self.nodes.iter().flat_map(|node| &node.life).map(|life| life.requests.len()).sum();
        if unanswered > 0 || self.nodes.iter().any(|node| node.ready().is_none()) {
            return Err(format!("{unanswered} requests are never answered, or a node does not come back"));
        }
        Ok(())
    }

    /// What the service did by itself and no journal has.
    fn unrecorded(&self) -> Vec<String> {
        let mut recorded = BTreeSet::new();
        for entry in self.nodes.iter().flat_map(|node| node.journal.entries_after(0)) {
            recorded.insert(Record::decode(&entry.bytes).expect("a record").number.to_string());
        }
        self.store.truth().events.difference(&recorded).cloned().collect()
    }

    /// Every node shows what a new one on the same store shows, and opens every ciphertext.
    async fn compare(&self) -> Result<(), String> {
        let setting = Setting {
            engine: Arc::new(self.store.memory.clone()),
            journal: Arc::new(MemoryJournal::new()),
            ..Setting::default()
        };
        let (clock, random) = (Arc::clone(&self.nodes[0].clock), Arc::new(SeededRandom::new(0)));
        let (fresh, _follower) = World::unfollowed(setting, clock, random).await.expect("a service");
        let keys = self.ledger().keys.clone();
        for key in &keys {
            let state = self.store.truth().now(&key.row("key"))["state"].clone();
            let asked: Vec<(&str, Value)> = SHOWN.iter().map(|name| (*name, json!({"KeyId": key.arn()}))).collect();
            for (operation, input) in asked {
                let expected = fresh.client(ACCOUNT, key.region).call(operation, input.clone()).await;
                for node in &self.nodes {
                    let world = &node.ready().expect("a node").world;
                    let shown = world.client(ACCOUNT, key.region).call(operation, input.clone()).await;
                    if shown != expected {
                        let number = node.number;
                        return Err(format!("node {number} shows {operation} {input}\n  {shown:?}\n  {expected:?}"));
                    }
                }
            }
            for ([blob, plaintext], node) in key.blobs.iter().zip(self.nodes.iter().cycle()) {
                let Life { world, .. } = node.ready().expect("a node");
                let opened = world.client(ACCOUNT, key.region).call("Decrypt", json!({"CiphertextBlob": blob})).await;
                let is_open = opened.as_ref().is_ok_and(|opened| opened["Plaintext"] == plaintext.as_str());
                if is_open != (state == "Enabled") {
                    return Err(format!("node {}: a ciphertext of {} ({state}): {opened:?}", node.number, key.arn()));
                }
            }
        }
        Ok(())
    }
}

/// What is shown of a key.
const SHOWN: [&str; 7] = [
    "DescribeKey",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListAliases",
    "ListGrants",
    "ListKeyRotations",
    "ListResourceTags",
];
