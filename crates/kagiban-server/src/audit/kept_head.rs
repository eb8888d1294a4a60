//! The journal's head in the store, once a minute and at the end: where only the journal's files are put back to an older state,
//! the next start says so. No request waits for it.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use kagiban_audit::journal::Journal;
use kagiban_audit::journal::blocks::ChainPoint;
use kagiban_service::Service;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is looked whether there is a later head.
const EVERY: Duration = Duration::from_secs(60);

/// Keeps heads.
#[derive(Clone)]
pub(crate) struct KeptHeads {
    journal: Arc<Journal>,
    service: Arc<Service>,
}

impl KeptHeads {
    pub(crate) fn new(journal: &Arc<Journal>, service: &Arc<Service>) -> Self {
        Self { journal: Arc::clone(journal), service: Arc::clone(service) }
    }

    /// Keeps heads for ever, unless it is dropped. May be dropped at any moment.
    pub(crate) async fn run(self) {
        let mut times = interval_at(Instant::now() + EVERY, EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut kept = None;
        loop {
            times.tick().await;
            self.keep(&mut kept).await;
        }
    }

    /// Keeps the last head, after the journal was closed.
    pub(crate) async fn end(self) {
        self.keep(&mut None).await;
    }

    /// Keeps the head, if it is not the one that was `kept` and anybody has signed it.
    async fn keep(&self, kept: &mut Option<ChainPoint>) {
        let head = self.journal.head();
        if head.signature.is_none() || *kept == Some(head.head.at) {
            return;
        }
        match self.service.keep_audit_head(&head).await {
            Ok(()) => *kept = Some(head.head.at),
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::error!(error, "the audit's head cannot be kept in the store");
            }
        }
    }
}
