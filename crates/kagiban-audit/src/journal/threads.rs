//! The journal's own threads.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::time::Instant;

use crate::journal::chain::Chain;
use crate::journal::gather::Gather;
use crate::journal::shared::{Shared, Stage};
use crate::journal::sync::SyncPoint;
use crate::recorder::Sequence;

/// The nice value of what may be late.
const NICE: i32 = 5;

/// Starts them in the order in which they end: sync, chain, spare.
pub(crate) fn start(shared: &Arc<Shared>, synced: SyncPoint, chain: Chain) -> io::Result<Vec<JoinHandle<()>>> {
    let syncing = spawn("audit-sync", shared, move |shared| keep_durable(shared, synced))?;
    // Only here.
    _ = shared.sync_thread.set(syncing.thread().clone());
    let hashing = spawn("audit-chain", shared, move |shared| {
        be_polite();
        keep_hashed(shared, chain);
    })?;
    let preparing = spawn("audit-segments", shared, |shared| {
        be_polite();
        shared.spare.fill(&shared.files, shared.journal, &shared.options, &*shared.disk);
    })?;
    Ok(vec![syncing, hashing, preparing])
}

fn spawn(name: &str, shared: &Arc<Shared>, work: impl FnOnce(&Shared) + Send + 'static) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let guard = StopWhenPanicking(&shared);
        work(&shared);
        drop(guard);
    })
}

/// A thread that is gone must not go unnoticed.
struct StopWhenPanicking<'a>(&'a Shared);

impl Drop for StopWhenPanicking<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop("a thread of the audit journal panicked".to_owned());
        }
    }
}

fn be_polite() {
    // Without the lower priority it is only less polite.
    let _polite = rustix::process::nice(NICE);
}

/// Makes what was appended durable: at every tick, and whenever somebody waits for it.
fn keep_durable(shared: &Shared, mut synced: SyncPoint) {
    let mut gather = Gather::default();
    loop {
        // Before the sync: whatever was appended until then is in it.
        let is_last = shared.is_at(Stage::Syncing);
        if shared.fault.get().is_some() || shared.is_at(Stage::Over) {
            break;
        }
        let (before, began) = (synced.durable, Instant::now());
        if synced.advance(shared).is_err() || is_last {
            break;
        }
        gather.note(synced.durable.0.saturating_sub(before.0), began.elapsed());
        if gather.records() > 1 {
            shared.gather(synced.durable, &gather);
        }
        if !shared.is_wanted(synced.durable.next()) {
            shared.rest(synced.durable);
        }
    }
    shared.end_progress();
}

/// Hashes what is durable and signs the head, once in a while and at the end.
fn keep_hashed(shared: &Shared, mut chain: Chain) {
    loop {
        let is_last = shared.is_at(Stage::Hashing);
        if shared.fault.get().is_some() || shared.is_at(Stage::Over) {
            return;
        }
        if let Err(why) = chain.advance(shared) {
            shared.stop(why);
            return;
        }
        if is_last {
            return;
        }
        thread::park_timeout(shared.options.head_every);
    }
}

impl Shared {
    /// Until somebody waits for more than is durable, or the next tick.
    fn rest(&self, durable: Sequence) {
        self.wake_from(durable.next());
        if !self.is_wanted(durable.next()) && !self.is_at(Stage::Syncing) {
            thread::park_timeout(self.options.sync_every);
        }
    }

    /// Right after a sync: gives those whom it has answered the time to come again.
    fn gather(&self, durable: Sequence, gather: &Gather) {
        let enough = Sequence(durable.0.saturating_add(gather.records()));
        let until = Instant::now() + gather.time_max();
        self.wake_from(enough);
        while !self.is_wanted(enough) && !self.is_at(Stage::Syncing) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::park_timeout(left);
        }
    }

    pub(crate) fn publish_durable(&self, durable: Sequence) {
        self.progress.send_modify(|progress| progress.durable = durable);
    }
}
