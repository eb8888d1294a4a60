//! How long the sync thread lets records gather before it makes them durable, where somebody waits for each of them.
//!
//! A sync costs about the same for one record as for a hundred. Begun as soon as the first record is there, it takes the
//! processor from those who would have come along, and they wait for the next one; begun only when all have come, it finds the
//! processor idle meanwhile, and those who called wait longer. So half as many are awaited as the latest syncs made durable: the
//! others come along while the disk is busy. Nobody waits for longer than the last sync took, counted from its end: a lone caller
//! not at all, and whoever comes after a pause neither.

use std::time::Duration;

/// What the latest syncs were like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gather {
    /// Records that a sync made durable: the most of late.
    at_once: u64,
    /// How long the latest sync took.
    sync_time: Duration,
}

impl Gather {
    /// A sync made so many records durable, and took so long.
    pub(crate) fn note(&mut self, records: u64, time: Duration) {
        if records > 0 {
            let faded = self.at_once.saturating_sub(self.at_once.div_ceil(8));
            *self = Self { at_once: records.max(faded), sync_time: time };
        }
    }

    /// Records that are worth a sync.
    pub(crate) fn records(&self) -> u64 {
        self.at_once.div_ceil(2).max(1)
    }

    /// How long to wait for them at most.
    pub(crate) fn time_max(&self) -> Duration {
        self.sync_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(batches: &[u64]) -> u64 {
        let mut gather = Gather::default();
        batches.iter().for_each(|records| gather.note(*records, Duration::from_micros(200)));
        gather.records()
    }

    #[test]
    fn half_as_many_are_awaited_as_were_synced_at_once_of_late() {
        for (batches, records) in [
            (&[][..], 1),
            (&[1], 1),
            (&[1, 1, 0, 1], 1),
            (&[3], 2),
            (&[4], 2),
            (&[32], 16),
            // Alternating halves count as the greater one.
            (&[20, 12, 20, 12], 9),
            // Callers went away.
            (&[32, 1, 1], 12),
            (&[u64::MAX], 1 << 63),
        ] {
            assert_eq!(after(batches), records, "{batches:?}");
        }
        let lone: Vec<u64> = [32].into_iter().chain([1; 40]).collect();
        assert_eq!(after(&lone), 1);
    }

    #[test]
    fn nobody_waits_longer_than_the_last_sync_took() {
        let mut gather = Gather::default();
        assert_eq!(gather.time_max(), Duration::ZERO);
        gather.note(7, Duration::from_micros(150));
        gather.note(0, Duration::from_secs(1));
        assert_eq!(gather.time_max(), Duration::from_micros(150));
    }
}
