//! All buckets of a service, made when they are first asked and forgotten when nobody asks.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};

use kagiban_base::time::Timestamp;
use kagiban_iam::caller::Caller;
use kagiban_policy::Identity;
use kagiban_storage::follower::ViewMap;

use super::bucket::{Bucket, Refill};
use super::settings::{QuotaMode, QuotaSettings};
use super::shares::SECOND_NS;
use super::table::RateClass;
use crate::records::Place;

/// Buckets at once. Beyond it idle ones are dropped, and when none is idle, who has none is refused.
const BUCKETS_MAX: usize = 65_536;

/// The buckets. Reads take no lock.
#[derive(Debug)]
pub(crate) struct Rates {
    settings: QuotaSettings,
    refill: Refill,
    /// `None` where there is no limit.
    buckets: ViewMap<(Place, RateClass), Option<Bucket>>,
    swept_ns: AtomicI64,
    hasher: RandomState,
}

impl Rates {
    /// Those of the settings; `None` where nothing is limited.
    pub(crate) fn new(settings: &QuotaSettings) -> Option<Self> {
        let refill = match settings.mode() {
            QuotaMode::Off => return None,
            QuotaMode::Real => Refill::Steady,
            QuotaMode::Simulate => Refill::EachSecond,
        };
        let (settings, buckets) = (settings.clone(), ViewMap::default());
        let (swept_ns, hasher) = (AtomicI64::new(i64::MIN), RandomState::new());
        Some(Self { settings, refill, buckets, swept_ns, hasher })
    }

    /// Takes one request of the class. Whether there was one for this caller.
    pub(crate) fn take(&self, place: Place, class: RateClass, caller: u64, now: Timestamp) -> bool {
        let now_ns = now.unix_ms().saturating_mul(SECOND_NS / 1000);
        let buckets = self.buckets.pin();
        let name = (place, class);
        let bucket = match buckets.get(&name) {
            Some(bucket) => bucket,
            None if !self.has_room(now_ns) => return false,
            None => buckets.get_or_insert_with(name, || {
                self.settings.rate(class, place).map(|rate| Bucket::new(rate, self.refill))
            }),
        };
        bucket.as_ref().is_none_or(|bucket| bucket.take(caller, now_ns))
    }

    /// The caller's number among those of its account: never 0. A role is one caller, however many sessions it has.
    pub(crate) fn number_of(&self, caller: &Caller) -> u64 {
        let number = match caller.requester().identity {
            // Nobody calls KMS as a web identity; whoever did would be one caller.
            Identity::Root | Identity::WebIdentity { .. } => 0,
            Identity::RoleSession { role_id: name, .. }
            | Identity::Service { name }
            | Identity::User { unique_id: name } => self.hasher.hash_one(name),
        };
        number.max(1)
    }

    /// Whether one bucket more may be made; looks for idle ones at most once a second.
    fn has_room(&self, now_ns: i64) -> bool {
        let buckets = self.buckets.pin();
        if buckets.len() < BUCKETS_MAX {
            return true;
        }
        let swept_ns = self.swept_ns.load(Ordering::Relaxed);
        let is_due = swept_ns.saturating_add(SECOND_NS) <= now_ns || swept_ns > now_ns;
        let swap = || self.swept_ns.compare_exchange(swept_ns, now_ns, Ordering::Relaxed, Ordering::Relaxed);
        if is_due && swap().is_ok() {
            buckets.retain(|_, bucket| bucket.as_ref().is_some_and(|bucket| !bucket.is_idle(now_ns)));
        }
        buckets.len() < BUCKETS_MAX
    }
}
