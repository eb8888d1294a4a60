//! A node: a process of the service on its link to the store, with its clock, and what a server runs in it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kagiban_service::nodes::{Node as NodeOptions, NodeId};
use kagiban_service::work::{Busy, Job, Lane, Workers};
use kagiban_service::{Service, ViewFollower};
use kagiban_storage::Revision;
use kagiban_testkit::{FakeClock, MemoryJournal, SeededRandom, Setting, World};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::dice::Dice;
use crate::link::{Link, LinkEngine};
use crate::moments::{Moments, as_task};
use crate::store::SharedStore;

/// The bound of freshness.
pub(crate) const BOUND: Duration = Duration::from_secs(2);
/// Between two attempts to do what the store did not let happen.
const AGAIN_MS: u64 = 500;

/// A machine: what stays of a node when its process ends.
pub(crate) struct Node {
    pub(crate) number: u8,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) journal: Arc<MemoryJournal>,
    pub(crate) life: Option<Life>,
    random: Arc<SeededRandom>,
    seed: u64,
}

/// A process.
pub(crate) struct Life {
    pub(crate) world: Arc<World>,
    pub(crate) link: Arc<Link>,
    /// Requests under way.
    pub(crate) requests: JoinSet<()>,
    /// Up to where whoever asks this process again must be answered from.
    pub(crate) floor: Arc<Floor>,
    pub(crate) tasks: JoinSet<()>,
    takes_part: Arc<AtomicBool>,
}

/// A revision that only grows.
#[derive(Debug, Default)]
pub(crate) struct Floor(Mutex<Revision>);

impl Floor {
    pub(crate) fn now(&self) -> Revision {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn raise(&self, revision: Revision) {
        let mut floor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *floor = floor.max(revision);
    }
}

/// Does at once what is asked for, and nothing in stock.
struct Here;

impl Workers for Here {
    fn submit(&self, lane: Lane, job: Job) -> Result<(), Busy> {
        if lane == Lane::KeyGeneration {
            return Err(Busy);
        }
        job();
        Ok(())
    }
}

impl Node {
    pub(crate) fn new(number: u8, seed: u64) -> Self {
        let random = Arc::new(SeededRandom::new(seed.wrapping_mul(251).wrapping_add(u64::from(number))));
        let (clock, journal) = (Arc::new(World::clock()), Arc::new(MemoryJournal::new()));
        Self { number, clock, journal, life: None, random, seed }
    }

    /// Starts a process, unless the store fails it; `start` is a number of its own.
    pub(crate) async fn start(&mut self, store: &Arc<SharedStore>, start: u32, trouble: u32) {
        let link = Link::new(Arc::clone(store), Dice::new(self.seed ^ u64::from(start) << 32));
        link.set_trouble(trouble);
        let setting = Setting {
            engine: Arc::new(LinkEngine(Arc::clone(&link))),
            workers: Arc::new(Here),
            journal: Arc::clone(&self.journal),
            ..Setting::default()
        };
        let opened = World::unfollowed(setting, Arc::clone(&self.clock), Arc::clone(&self.random)).await;
        let Ok((world, follower)) = opened else { return };
        link.loaded();
        let (world, takes_part) = (Arc::new(world), Arc::new(AtomicBool::new(false)));
        world.service.refuse_when_older_than(BOUND);
        let (service, moments, mut tasks) = (&world.service, store.moments, JoinSet::new());
        let (first, seed) = (u64::from(start) * 8, self.seed);
        tasks.spawn(as_task(first, seed, follow(follower, moments)));
        let taking_part = take_part(Arc::clone(service), self.number, Arc::clone(&takes_part), moments);
        tasks.spawn(as_task(first + 1, seed, taking_part));
        tasks.spawn(as_task(first + 2, seed, run_jobs(Arc::clone(service), Arc::clone(&takes_part), moments)));
        tasks.spawn(as_task(first + 3, seed, erase(Arc::clone(service), moments)));
        let (requests, floor) = (JoinSet::new(), Arc::default());
        self.life = Some(Life { world, link, requests, floor, tasks, takes_part });
    }

    /// Ends the process without notice.
    pub(crate) async fn crash(&mut self) {
        if let Some(mut life) = self.life.take() {
            life.requests.shutdown().await;
            life.tasks.shutdown().await;
        }
    }

    /// The process, once it takes requests.
    pub(crate) fn ready(&self) -> Option<&Life> {
        self.life.as_ref().filter(|life| life.takes_part.load(Relaxed))
    }
}

async fn follow(mut follower: ViewFollower, moments: Moments) {
    moments.pause(0).await;
    while follower.run().await.is_err() {
        moments.pause(AGAIN_MS).await;
    }
}

async fn take_part(service: Arc<Service>, number: u8, takes_part: Arc<AtomicBool>, moments: Moments) {
    moments.pause(0).await;
    let node = NodeOptions {
        id: NodeId([number; 16]),
        name: format!("node {number}"),
        version: "0",
        freshness_bound: BOUND,
        waits_for_all: false,
    };
    while service.join_nodes(node.clone()).await.is_err() {
        moments.pause(AGAIN_MS).await;
    }
    takes_part.store(true, Relaxed);
    let mut beats_at = Instant::now();
    loop {
        let is_beat = tokio::select! {
            biased;
            () = service.node_report_wanted() => false,
            () = sleep_until(beats_at) => true,
        };
        moments.pause(0).await;
        if is_beat {
            beats_at = Instant::now() + Service::NODE_BEAT;
        }
        while service.report_node(is_beat).await.is_err() {
            moments.pause(AGAIN_MS).await;
        }
    }
}

async fn run_jobs(service: Arc<Service>, takes_part: Arc<AtomicBool>, moments: Moments) {
    loop {
        // Never twice in the same moment, whatever comes up.
        moments.pause(2).await;
        if takes_part.load(Relaxed) {
            service.run_due_jobs().await;
        }
        let pause_ms = u64::try_from(service.pause_before_jobs().as_millis()).unwrap_or(u64::MAX);
        tokio::select! {
            biased;
            () = service.sooner_due() => {}
            () = moments.pause(pause_ms.max(20)) => {}
        }
    }
}

async fn erase(service: Arc<Service>, moments: Moments) {
    loop {
        moments.pause(2).await;
        let pause = service.erase_deleted().await;
        moments.pause(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX).min(60_000)).await;
    }
}
