//! What happens to keys when its time has come, and nobody asks for it.
//!
//! Each job is a step over the store and the clock that can be run twice, on two nodes at once, or be cut off anywhere: its
//! transactions read the key's row again and act on that, never on what the view had. The view only tells which keys to
//! look at. Nothing here waits or sleeps; whoever runs the service calls [`Service::run_due_jobs`] when
//! [`Service::pause_before_jobs`] is over or [`Service::sooner_due`] returns.

mod deletion;
mod driver;
pub(crate) mod due_times;
pub(crate) mod erasure;
mod material_expiry;
mod rotation;
mod synchronise;

use std::time::Duration;

use kagiban_base::time::Timestamp;

use crate::Service;
use crate::audit::service_events;
use crate::records::key::KeyBody;

/// Longest pause between two runs, whatever is due: a clock may have been set.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// Pause after a run that left something due: what failed is tried again, but not at once.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// When each kind of job has something to do with a key.
const DUE: [fn(&KeyBody) -> Option<Timestamp>; 4] =
    [deletion::due_at, material_expiry::due_at, rotation::due_at, synchronise::due_at];

/// When the first of a key's jobs is due; `None` for a key that no time changes.
pub(crate) fn due_at(key: &KeyBody) -> Option<Timestamp> {
    DUE.iter().filter_map(|due| due(key)).min()
}

/// When the first of a key's imported materials expires.
pub(crate) fn material_expires_at(key: &KeyBody) -> Option<Timestamp> {
    material_expiry::due_at(key)
}

impl Service {
    /// Runs every job whose time has come, once more for those that come due by it. Returns for how many keys it failed; these
    /// are in the log, and stay due.
    pub async fn run_due_jobs(&self) -> usize {
        if self.is_sealed() {
            // Most of them make or open material; they stay due.
            return 0;
        }
        let failed = driver::run_due(self, self.clock.now()).await;
        // Last: what the jobs did is recorded with it.
        match service_events::record_all(self).await {
            Ok(()) => failed,
            Err(error) => {
                tracing::error!(?error, "what the service did by itself could not be recorded; it will be tried again");
                failed.saturating_add(1)
            }
        }
    }

    /// When the next job is due; in the past for one that is due now.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.view.due_times().first()
    }

    /// How long to wait after [`Service::run_due_jobs`] before it is called again, if [`Service::sooner_due`] does not return
    /// first.
    pub fn pause_before_jobs(&self) -> Duration {
        pause(self.clock.now(), self.next_due())
    }

    /// Returns when a job has come up that is due before all others, or the clock was moved; at once if that was so since the
    /// last call.
    pub async fn sooner_due(&self) {
        self.view.due_times().sooner().await;
    }
}

fn pause(now: Timestamp, next_due: Option<Timestamp>) -> Duration {
    let Some(due) = next_due else { return PAUSE_MAX };
    match u64::try_from(due.ms_since(now)) {
        Err(_) | Ok(0) => PAUSE_AFTER_FAILURE,
        Ok(ms) => Duration::from_millis(ms).min(PAUSE_MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_follow_the_next_due_time_and_come_at_least_every_half_minute() {
        let at = Timestamp::from_unix_ms;
        for (now, due, ms) in [
            (0, None, 30_000),
            (0, Some(1), 1),
            (5_000, Some(34_999), 29_999),
            (5_000, Some(35_001), 30_000),
            (0, Some(i64::MAX), 30_000),
            // What is still due has failed.
            (7, Some(7), 5_000),
            (7, Some(6), 5_000),
            (i64::MAX, Some(i64::MIN), 5_000),
        ] {
            assert_eq!(pause(at(now), due.map(at)), Duration::from_millis(ms), "{now} {due:?}");
        }
    }
}
