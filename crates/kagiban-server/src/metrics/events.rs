//! What rules of events have done, and the lines of their targets. Without rules there are no rows.

use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use tokio::time::Instant;

use super::count;
use super::page::{Labels, Page};
use crate::events::{Counters, Line};

/// A name, what it means, and where its number is.
type Row = (&'static str, &'static str, fn(&Counters) -> &AtomicU64);

const COUNTERS: [Row; 5] = [
    ("kagiban_events_records", "Records that rules have looked at", |counters| &counters.records),
    ("kagiban_events_firings", "Times that a rule fired", |counters| &counters.firings),
    ("kagiban_events_delivered", "Events that a target took", |counters| &counters.delivered),
    ("kagiban_events_failed_attempts", "Attempts of targets that failed", |counters| &counters.failed_attempts),
    ("kagiban_events_dead_letters", "Events that no attempt brought to their target", |counters| {
        &counters.dead_letters
    }),
];

/// `latest` is the last record that rules could have looked at.
pub(super) fn write(page: &mut Page<'_>, latest: u64, counters: Option<&Counters>) -> fmt::Result {
    let number = |number: &AtomicU64| count(number.load(Relaxed));
    for (name, help, of) in COUNTERS {
        page.counters(name, help, counters.map(|counters| (Labels::new(), number(of(counters)))))?;
    }
    let lag = |counters: &Counters| count(latest.saturating_add(1).saturating_sub(counters.next.load(Relaxed)));
    let lag = counters.map(lag);
    page.gauge("kagiban_events_lag_records", "Records that rules have not looked at yet", lag)?;
    let lines = counters.map(|counters| counters.lines.lock().unwrap_or_else(PoisonError::into_inner).clone());
    let lines = lines.unwrap_or_default();
    let rows = |value: &dyn Fn(&Line) -> f64| -> Vec<(Labels, f64)> {
        lines.iter().map(|line| (vec![("target", line.target.clone().into())], value(line))).collect()
    };
    page.gauges("kagiban_events_target_waiting", "Events on their way to a target", rows(&|line| count(line.waiting)))?;
    let now = Instant::now();
    page.gauges(
        "kagiban_events_target_lag_seconds",
        "For how long the first of them has been",
        rows(&|line| line.since.map_or(0.0, |since| now.duration_since(since).as_secs_f64())),
    )
}
