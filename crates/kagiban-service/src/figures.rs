//! Figures about the service that its operator watches. None of them is looked up by a request.

use std::sync::Arc;
use std::time::Duration;

use kagiban_audit::delivery::TargetStatus;
use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use kagiban_storage::Revision;
use tokio::time::timeout;

use crate::Service;
use crate::compliance::ComplianceRule;
pub use crate::key_uses::KeyRequests;

/// A store that does not say how it is within this time is not well, and the other figures do not wait for it.
const STORE_ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// How the view stands to the store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreFigures {
    /// Whether the store takes writes.
    pub is_healthy: bool,
    /// The store's latest revision; `None` when it does not tell.
    pub latest: Option<Revision>,
    /// The view contains every change up to this revision.
    pub applied: Revision,
    /// How often the view was read anew because it could not follow.
    pub rescans: u64,
}

impl Service {
    /// How the view stands to the store. Asks the store for its revision, for a second at most.
    pub async fn store_figures(&self) -> StoreFigures {
        let is_healthy = timeout(STORE_ANSWERS_WITHIN, self.is_ready()).await.unwrap_or(false);
        let latest = timeout(STORE_ANSWERS_WITHIN, self.store.snapshot()).await;
        let latest = latest.ok().and_then(Result::ok).map(|snapshot| snapshot.revision());
        // After the store was asked: what came since then is no lag.
        let progress = self.applied.progress();
        StoreFigures { is_healthy, latest, applied: progress.applied, rescans: progress.rescans }
    }

    /// The first keys whose imported material expires, at most `limit`, and the milliseconds until then; of each its earliest
    /// material.
    pub fn material_expirations(&self, limit: usize) -> Vec<(KeyArn, i64)> {
        let (now, end_of_time) = (self.clock.now(), Timestamp::from_unix_ms(i64::MAX));
        let expirations = self.view.expirations().due(end_of_time, None, limit);
        expirations.into_iter().map(|((at, ..), key)| (key, at.ms_since(now))).collect()
    }

    /// Counts from now on how many requests used each key, and tells so many keys apart.
    pub fn count_requests_of_keys(&self, keys_max: usize) {
        self.view.key_uses().totals.want(keys_max);
    }

    /// How many requests used each key since [`Service::count_requests_of_keys`], as far as that was written down, which is done
    /// once a minute.
    pub fn requests_of_keys(&self) -> Vec<KeyRequests> {
        self.view.key_uses().totals.all()
    }

    /// How many requests were throttled since the start, by the name of the quota they met; only those of which some were.
    pub fn throttled(&self) -> Vec<(&'static str, u64)> {
        self.quotas.throttled()
    }

    /// How many resources of all accounts were not as each compliance rule wants them when they were last looked at; none before that.
    pub fn compliance_findings(&self) -> Vec<(&'static str, u64)> {
        let state = self.compliance.state();
        if state.evaluated_at.is_none() {
            return Vec::new();
        }
        let of_rule = |rule| state.tallies.iter().filter(move |((of, _), _)| *of == rule);
        let count = |rule| of_rule(rule).map(|(_, tally)| tally.non_compliant).sum();
        ComplianceRule::ALL.into_iter().map(|rule| (rule.name(), count(rule))).collect()
    }

    /// How the audit's deliveries are doing.
    pub fn deliveries(&self) -> Vec<TargetStatus> {
        self.trail.get().map(Arc::as_ref).map(|trail| trail.targets()).unwrap_or_default()
    }
}
