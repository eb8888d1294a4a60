//! How long the sync thread lets records gather before it makes them durable, where somebody waits for each of them.
//!
//! A sync costs about the same for one record as for a hundred. Begun as soon as the first record is there, it takes the
//! processor from those who would have come along, and they wait for the next one. So as many are awaited as lately were under
//! way at once, as long as they come in quick succession: a lone caller does not wait for others at all, and nobody longer
//! than a few syncs take.

use std::time::Duration;

/// A sync begins when no record came for this part of the time that a sync takes.
const QUIET: u32 = 2;
/// Nobody waits for others longer than so many syncs take.
const SYNCS_MAX: u32 = 4;

/// What the latest syncs were like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gather {
    /// Records under way at once: the most of late.
    under_way: u64,
    /// How long the latest sync took.
    sync_time: Duration,
}

impl Gather {
    /// A sync made `synced` records durable, took so long, and `meanwhile` came that now wait for the next.
    pub(crate) fn note(&mut self, synced: u64, meanwhile: u64, time: Duration) {
        if synced > 0 {
            let faded = self.under_way.saturating_sub(self.under_way.div_ceil(8));
            *self = Self { under_way: synced.saturating_add(meanwhile).max(faded), sync_time: time };
        }
    }

    /// Records that are worth a sync at once.
    pub(crate) fn records(&self) -> u64 {
        self.under_way.max(1)
    }

    /// When none came for so long, there is nobody to wait for.
    pub(crate) fn quiet(&self) -> Duration {
        self.sync_time / QUIET
    }

    /// How long to wait for them at most.
    pub(crate) fn time_max(&self) -> Duration {
        self.sync_time.saturating_mul(SYNCS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(batches: &[(u64, u64)]) -> u64 {
        let mut gather = Gather::default();
        batches.iter().for_each(|(synced, meanwhile)| gather.note(*synced, *meanwhile, Duration::from_micros(200)));
        gather.records()
    }

    #[test]
    fn as_many_are_awaited_as_were_under_way_of_late() {
        for (batches, records) in [
            (&[][..], 1),
            (&[(1, 0)], 1),
            (&[(1, 0), (1, 0), (0, 0), (1, 0)], 1),
            (&[(3, 0)], 3),
            (&[(20, 12), (12, 20)], 32),
            // More callers came.
            (&[(32, 0), (32, 32)], 64),
            // Callers went away.
            (&[(32, 0), (1, 0), (1, 0)], 24),
            (&[(u64::MAX, 1)], u64::MAX),
        ] {
            assert_eq!(after(batches), records, "{batches:?}");
        }
        let lone: Vec<_> = [(16, 16)].into_iter().chain([(1, 0); 40]).collect();
        assert_eq!(after(&lone), 1);
    }

    #[test]
    fn waiting_is_bounded_by_what_a_sync_takes() {
        let mut gather = Gather::default();
        assert_eq!((gather.quiet(), gather.time_max()), (Duration::ZERO, Duration::ZERO));
        gather.note(7, 0, Duration::from_micros(150));
        gather.note(0, 3, Duration::from_secs(1));
        assert_eq!((gather.quiet(), gather.time_max()), (Duration::from_micros(75), Duration::from_micros(600)));
    }
}
