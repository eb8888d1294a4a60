//! The line of one target: bounded, so that a target that is slow or gone costs little memory and nobody else's time.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, public_array};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Counters;
use super::dead_letters::DeadLetters;
use super::delivery::{Carrier, Delivery};

/// Deliveries that may wait.
const LINE_MAX: usize = 1000;
/// How long the journal is not followed because a line is full. After that, what comes is not delivered until there is room.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first pause between attempts; each further one is twice as long, of which a random part is taken (full jitter).
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// What all lines share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) dead_letters: Arc<DeadLetters>,
    pub(super) counters: Arc<Counters>,
    /// Told the numbers of deliveries that have come to their end.
    pub(super) finished: UnboundedSender<u64>,
}

/// The line.
pub(super) struct Queue {
    sender: mpsc::Sender<Delivery>,
    is_overflowing: bool,
    shared: Shared,
}

impl Queue {
    /// An empty line, and what works it off, as a task.
    pub(super) fn start(carrier: Arc<dyn Carrier>, attempts_max: u32, shared: Shared, tasks: &mut JoinSet<()>) -> Self {
        let (sender, receiver) = mpsc::channel(LINE_MAX);
        tasks.spawn(work(carrier, attempts_max, receiver, shared.clone()));
        Self { sender, is_overflowing: false, shared }
    }

    /// Puts a delivery into the line. One for which there is no room is written down as not delivered.
    pub(super) async fn put(&mut self, delivery: Delivery) {
        if self.is_overflowing && self.sender.capacity() < LINE_MAX / 2 {
            return self.overflow(&delivery);
        }
        self.is_overflowing = false;
        match timeout(PATIENCE, self.sender.reserve()).await {
            Ok(Ok(room)) => room.send(delivery),
            _ => {
                self.is_overflowing = true;
                self.overflow(&delivery);
            }
        }
    }

    fn overflow(&self, delivery: &Delivery) {
        self.shared.dead_letters.bury(delivery, 0, "too many events wait for the target");
        _ = self.shared.finished.send(delivery.number);
    }
}

/// Works a line off until its sender is gone.
async fn work(carrier: Arc<dyn Carrier>, attempts_max: u32, mut line: mpsc::Receiver<Delivery>, shared: Shared) {
    let mut under_way = JoinSet::new();
    while let Some(delivery) = line.recv().await {
        while under_way.len() >= carrier.at_once() {
            _ = under_way.join_next().await;
        }
        under_way.spawn(bring(Arc::clone(&carrier), delivery, attempts_max, shared.clone()));
    }
    while under_way.join_next().await.is_some() {}
}

/// Brings a delivery to its end.
async fn bring(carrier: Arc<dyn Carrier>, delivery: Delivery, attempts_max: u32, shared: Shared) {
    let mut attempts = 0_u32;
    loop {
        attempts = attempts.saturating_add(1);
        let Err(failure) = carrier.carry(&delivery).await else {
            shared.counters.delivered.fetch_add(1, Relaxed);
            break;
        };
        shared.counters.failed_attempts.fetch_add(1, Relaxed);
        if failure.is_final || attempts >= attempts_max {
            shared.dead_letters.bury(&delivery, attempts, &failure.reason);
            break;
        }
        let origin = &delivery.origin;
        tracing::warn!(
            rule = origin.rule,
            target_name = origin.target,
            attempts,
            reason = failure.reason,
            "a target failed"
        );
        sleep(pause(attempts, &OsRandom)).await;
    }
    _ = shared.finished.send(delivery.number);
}

/// The pause after so many attempts.
fn pause(attempts: u32, random: &dyn Random) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
    let most = doubled.min(PAUSE_MAX);
    // Without randomness the whole pause is as good.
    let Ok([byte]) = public_array::<1>(random) else { return most };
    most.mul_f64((f64::from(byte) + 1.0) / 256.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_somewhere() {
        for (attempts, most_ms) in
            [(1, 500), (2, 1000), (3, 2000), (7, 32_000), (8, 60_000), (40, 60_000), (u32::MAX, 60_000)]
        {
            for _ in 0..20 {
                let pause = pause(attempts, &OsRandom);
                assert!(pause <= Duration::from_millis(most_ms) && !pause.is_zero(), "{attempts} {pause:?}");
            }
        }
    }
}
