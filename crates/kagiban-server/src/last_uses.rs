//! When what is noted in memory is written down: when access keys and keys were last used, by whom, and how often.

use std::sync::Arc;
use std::time::Duration;

use kagiban_iam::Iam;
use kagiban_service::KeyUseWriter;
use tokio::time::{Instant, sleep};

/// How often the last uses of keys and access keys are looked through; the row of an access key is written when it is a quarter
/// of an hour behind.
const EVERY: Duration = Duration::from_secs(60);
/// Writing takes one part of so many of the time at most. With very many keys in use it is done less often, since a store that
/// keeps versions would be filled with them, and everybody else's changes wait in between.
const SHARE: u32 = 5;

/// What is noted in memory and written down now and then.
#[derive(Clone)]
pub(crate) struct Notes {
    pub(crate) identities: Arc<Iam>,
    pub(crate) key_uses: KeyUseWriter,
}

impl Notes {
    /// Writes down what has been noted until now; of access keys, `everything` or what is far behind.
    pub(crate) async fn save(&self, everything: bool) {
        if let Err(error) = self.identities.save_last_uses(everything).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "when access keys were last used could not be written down");
        }
        if let Err(error) = self.key_uses.save().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "how keys were used could not be written down; it will be tried again");
        }
    }

    /// Writes down for ever.
    pub(crate) async fn keep_saving(self) {
        loop {
            let began = Instant::now();
            self.save(false).await;
            sleep(pause_after(began.elapsed())).await;
        }
    }
}

fn pause_after(writing: Duration) -> Duration {
    EVERY.max(writing.saturating_mul(SHARE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_takes_a_fifth_of_the_time_at_most() {
        for (writing_s, pause_s) in [(0, 60), (1, 60), (15, 60), (16, 64), (150, 600)] {
            assert_eq!(pause_after(Duration::from_secs(writing_s)), Duration::from_secs(pause_s));
        }
    }
}
