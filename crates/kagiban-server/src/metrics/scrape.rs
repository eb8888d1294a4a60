//! One page of metrics: what requests were counted, and what store, journal, keys and process say when they are asked.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use kagiban_audit::delivery::TargetStatus;
use kagiban_audit::journal::Journal;
use kagiban_audit::{Follower, Recorder};
use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;
use kagiban_service::Service;
use kagiban_service::figures::{KeyRequests, StoreFigures};
use kagiban_storage::Revision;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;
use tokio::time::Instant;

use super::count;
use super::page::{Labels, Page};
use super::process::Process;
use super::requests::RequestMetrics;
use crate::audit::anchors::{AnchorBoard, AnchorStatus};
use crate::backup::maker::{BackupFigures, Maker};
use crate::events::Counters;
use crate::traces::Traces;

/// What stands for the keys that are not told apart.
const OTHER_KEYS: &str = "other";

/// Where the figures come from.
pub(crate) struct Sources {
    pub(crate) requests: Arc<RequestMetrics>,
    pub(crate) service: Arc<Service>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) traces: Option<Arc<Traces>>,
    pub(crate) store_file: PathBuf,
    /// With rules of events.
    pub(crate) events: Option<Arc<Counters>>,
    pub(crate) anchors: AnchorBoard,
    pub(crate) backups: Maker,
    /// Keys that are told apart, at most.
    pub(crate) keys_max: usize,
    pub(crate) lag: Lag,
}

/// Since when the view has been behind, as far as it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Lag(Mutex<Option<(Revision, Instant)>>);

impl Lag {
    /// Seconds for which the view has lacked a revision that was seen in the store.
    fn seconds(&self, figures: &StoreFigures, now: Instant) -> f64 {
        let mut missing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |(revision, _): &(Revision, Instant)| *revision <= figures.applied;
        if missing.as_ref().is_none_or(is_there) {
            *missing = figures.latest.filter(|latest| *latest > figures.applied).map(|latest| (latest, now));
        }
        missing.map_or(0.0, |(_, since)| now.duration_since(since).as_secs_f64())
    }
}

impl Sources {
    /// The page.
    ///
    /// # Errors
    /// None that could happen: the text is written to memory.
    pub(crate) async fn scrape(&self) -> Result<String, fmt::Error> {
        let store = self.service.store_figures().await;
        let head = self.journal.head();
        let figures = Figures {
            requests: Arc::clone(&self.requests),
            store,
            store_lag_s: self.lag.seconds(&store, Instant::now()),
            store_bytes: std::fs::metadata(&self.store_file).ok().map(|file| file.len()),
            journal: JournalFigures {
                is_stopped: self.journal.is_stopped(),
                written: self.journal.written().0,
                durable: self.journal.latest().0,
                signed: head.head.at.sequence.0,
                signed_at: head.signature.map(|_| head.head.time),
                archived: head.head.forgotten.0,
            },
            backups: self.backups.figures(),
            deliveries: self.service.deliveries(),
            anchors: self.anchors.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            events: self.events.clone(),
            findings: self.service.compliance_findings(),
            throttled: self.service.throttled(),
            now: self.service.clock().now(),
            expirations: self.service.material_expirations(self.keys_max),
            key_requests: self.service.requests_of_keys(),
            traced: self.traces.as_ref().map(|traces| (traces.traced(), traces.failures())),
            process: Process::look(),
        };
        let mut registry = Registry::default();
        registry.register_collector(Box::new(figures));
        let mut page = String::new();
        text::encode(&mut page, &registry)?;
        Ok(page)
    }
}

/// Everything on one page.
#[derive(Debug)]
struct Figures {
    requests: Arc<RequestMetrics>,
    store: StoreFigures,
    store_lag_s: f64,
    store_bytes: Option<u64>,
    journal: JournalFigures,
    backups: BackupFigures,
    deliveries: Vec<TargetStatus>,
    anchors: Vec<AnchorStatus>,
    events: Option<Arc<Counters>>,
    /// Resources that are not as a rule wants them.
    findings: Vec<(&'static str, u64)>,
    /// Requests by the quota that they met.
    throttled: Vec<(&'static str, u64)>,
    now: Timestamp,
    expirations: Vec<(KeyArn, i64)>,
    key_requests: Vec<KeyRequests>,
    /// Requests that were traced, and exports of traces that failed.
    traced: Option<(u64, u64)>,
    process: Process,
}

/// The audit journal.
#[derive(Debug)]
struct JournalFigures {
    is_stopped: bool,
    written: u64,
    durable: u64,
    signed: u64,
    signed_at: Option<Timestamp>,
    archived: u64,
}

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let page = &mut Page::new(encoder);
        self.write_requests(page)?;
        self.write_store(page)?;
        self.journal.write(page, self.now)?;
        self.write_backups(page)?;
        self.write_deliveries(page)?;
        self.write_anchors(page)?;
        super::events::write(page, self.journal.durable, self.events.as_deref())?;
        self.write_keys(page)?;
        page.gauges(
            "kagiban_compliance_findings",
            "Resources that are not as a compliance rule wants them",
            self.findings.iter().map(|(rule, number)| (vec![("rule", (*rule).into())], count(*number))),
        )?;
        self.write_traces(page)?;
        self.process.write(page)?;
        page.info("kagiban_build", "The version of Kagiban", &vec![("version", env!("CARGO_PKG_VERSION").into())])
    }
}

impl Figures {
    fn write_requests(&self, page: &mut Page<'_>) -> fmt::Result {
        let requests = &self.requests;
        let named = |(service, operation): (&'static str, &'static str)| -> Labels {
            vec![("service", service.into()), ("operation", operation.into())]
        };
        let answers = requests.answers().into_iter().map(|(name, code, number)| {
            let labels = named(name).into_iter().chain([("code", code.into())]);
            (labels.collect(), count(number))
        });
        page.counters("kagiban_requests", "Answered requests by service, operation and error code", answers)?;
        let durations = requests.durations().into_iter().map(|(name, shown)| (named(name), shown));
        page.histograms(
            "kagiban_request_duration_seconds",
            "Time from the begin of a request to its answer",
            durations,
        )?;
        page.gauge("kagiban_requests_in_flight", "Requests that are being answered", signed(requests.in_flight()))?;
        let (open, ever) = requests.connections();
        page.gauge("kagiban_connections", "Open connections", signed(open))?;
        page.counter("kagiban_connections_accepted", "Connections that were accepted", count(ever))?;
        let refusals =
            requests.refusals().into_iter().map(|(reason, number)| (vec![("reason", reason.into())], count(number)));
        page.counters(
            "kagiban_front_refusals",
            "What was refused before the service saw it, or not answered",
            refusals,
        )?;
        let throttled = self.throttled.iter().map(|(quota, number)| (vec![("quota", (*quota).into())], count(*number)));
        page.counters("kagiban_throttled_requests", "Requests that met a quota of requests per second", throttled)
    }

    fn write_store(&self, page: &mut Page<'_>) -> fmt::Result {
        let StoreFigures { is_healthy, latest, applied, rescans } = self.store;
        let behind = latest.map(|latest| count(latest.number().saturating_sub(applied.number())));
        page.gauge("kagiban_store_healthy", "Whether the store takes writes", yes(is_healthy))?;
        page.gauge(
            "kagiban_store_revision",
            "The store's latest revision",
            latest.map(|latest| count(latest.number())),
        )?;
        page.gauge(
            "kagiban_store_view_revision",
            "The revision that requests are answered from",
            count(applied.number()),
        )?;
        page.gauge("kagiban_store_view_lag_revisions", "Revisions that requests do not see yet", behind)?;
        page.gauge("kagiban_store_view_lag_seconds", "For how long there have been such", self.store_lag_s)?;
        page.gauge(
            "kagiban_store_view_fresh",
            "Whether requests see all revisions",
            behind.map(|behind| yes(behind == 0.0)),
        )?;
        page.counter("kagiban_store_view_rescans", "Times that the store was read anew", count(rescans))?;
        page.gauge("kagiban_store_size_bytes", "The store's file", self.store_bytes.map(count))
    }

    fn write_backups(&self, page: &mut Page<'_>) -> fmt::Result {
        let BackupFigures { is_under_way, failures, newest } = self.backups;
        page.gauge(
            "kagiban_backup_newest_timestamp_seconds",
            "When the newest backup was taken; Unix time",
            newest.map(|(taken, _)| seconds(taken.unix_ms())),
        )?;
        page.gauge("kagiban_backup_newest_size_bytes", "The newest backup", newest.map(|(_, bytes)| count(bytes)))?;
        page.gauge("kagiban_backup_under_way", "Whether a backup is being made", yes(is_under_way))?;
        page.counter("kagiban_backup_failures", "Backups that were begun and not made", count(failures))
    }

    fn write_deliveries(&self, page: &mut Page<'_>) -> fmt::Result {
        let rows = |value: &dyn Fn(&TargetStatus) -> f64| -> Vec<(Labels, f64)> {
            let row = |status: &TargetStatus| (vec![("target", status.target.clone().into())], value(status));
            self.deliveries.iter().map(row).collect()
        };
        page.gauges(
            "kagiban_audit_delivery_lag_records",
            "Records that a target does not have yet",
            rows(&|status| count(status.behind)),
        )?;
        page.gauges(
            "kagiban_audit_delivery_lag_seconds",
            "Age of the first record that a target does not have yet",
            rows(&|status| status.waiting_since.map_or(0.0, |since| seconds(self.now.ms_since(since).max(0)))),
        )?;
        page.gauges(
            "kagiban_audit_delivery_failing",
            "Whether the last attempt of a delivery failed",
            rows(&|status| yes(status.error.is_some())),
        )?;
        page.counters(
            "kagiban_audit_delivery_lost_records",
            "Records that were gone before they could be delivered",
            rows(&|status| count(status.lost)),
        )
    }

    fn write_anchors(&self, page: &mut Page<'_>) -> fmt::Result {
        let rows = |value: &dyn Fn(&AnchorStatus) -> Option<f64>| -> Vec<(Labels, f64)> {
            let row = |status: &AnchorStatus| Some((vec![("anchor", status.anchor.clone().into())], value(status)?));
            self.anchors.iter().filter_map(row).collect()
        };
        page.gauges(
            "kagiban_audit_anchor_last_success_timestamp_seconds",
            "When an anchor last took a head, Unix time",
            rows(&|status| Some(seconds(status.kept?.0.unix_ms()))),
        )?;
        page.gauges(
            "kagiban_audit_anchor_lag_records",
            "Records that the head of an anchor does not cover yet",
            rows(&|status| Some(count(self.journal.written.saturating_sub(status.kept.map_or(0, |kept| kept.1.0))))),
        )?;
        page.gauges(
            "kagiban_audit_anchor_failing",
            "Whether the last attempt to keep a head failed",
            rows(&|status| Some(yes(status.is_failing))),
        )?;
        page.counters(
            "kagiban_audit_anchor_failures",
            "Attempts to keep a head that failed",
            rows(&|status| Some(count(status.failures))),
        )
    }

    fn write_keys(&self, page: &mut Page<'_>) -> fmt::Result {
        let key_label = |key: &KeyArn| ("key_arn", key.to_string().into());
        let expirations = self.expirations.iter().map(|(key, ms)| (vec![key_label(key)], seconds(*ms)));
        page.gauges(
            "kagiban_seconds_until_key_material_expiration",
            "Time until the first imported material of a key expires",
            expirations,
        )?;
        let row = |of: &KeyRequests| -> (Labels, f64) {
            let key = of.key.as_ref().map_or(("key_arn", OTHER_KEYS.into()), key_label);
            (vec![key, ("operation", of.operation.into())], count(of.count))
        };
        let mut requests: Vec<_> = self.key_requests.iter().map(row).collect();
        requests.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        page.counters(
            "kagiban_key_successful_requests",
            "Successful cryptographic requests by key, a minute ago",
            requests,
        )
    }

    fn write_traces(&self, page: &mut Page<'_>) -> fmt::Result {
        let Some((traced, failures)) = self.traced else { return Ok(()) };
        page.counter("kagiban_traced_requests", "Requests that were traced", count(traced))?;
        page.counter("kagiban_trace_export_failures", "Exports of traces that failed", count(failures))
    }
}

impl JournalFigures {
    fn write(&self, page: &mut Page<'_>, now: Timestamp) -> fmt::Result {
        let Self { is_stopped, written, durable, signed, signed_at, archived } = self;
        let unsigned_s = signed_at.map(|at| seconds(now.ms_since(at).max(0)));
        page.gauge(
            "kagiban_audit_stopped",
            "Whether the journal has stopped, and the service with it",
            yes(*is_stopped),
        )?;
        page.gauge("kagiban_audit_sequence", "The latest record of the journal", count(*written))?;
        page.gauge("kagiban_audit_durable_sequence", "The latest record that survives a power cut", count(*durable))?;
        page.gauge("kagiban_audit_signed_sequence", "The latest record that the signed head covers", count(*signed))?;
        page.gauge("kagiban_audit_head_age_seconds", "Time since the head was signed", unsigned_s)?;
        page.gauge(
            "kagiban_audit_archived_sequence",
            "The latest record that is in the archive alone",
            count(*archived),
        )
    }
}

const fn yes(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

fn seconds(ms: i64) -> f64 {
    signed(ms) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
const fn signed(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lag_is_counted_from_the_first_look_that_found_it() {
        let (lag, begin) = (Lag::default(), Instant::now());
        let steps = [
            // Seconds, the store's revision, the view's, and the lag.
            (0, Some(5), 5, 0.0),
            (10, Some(7), 5, 0.0),
            (25, Some(8), 6, 15.0),
            // The one that was missing has come, another is missing.
            (30, Some(9), 7, 0.0),
            (31, Some(9), 8, 1.0),
            (32, None, 8, 2.0),
            (33, Some(9), 9, 0.0),
        ];
        for (at, latest, applied, expected) in steps {
            let figures = StoreFigures {
                is_healthy: true,
                latest: latest.map(Revision::new),
                applied: Revision::new(applied),
                rescans: 0,
            };
            assert_eq!(lag.seconds(&figures, begin + Duration::from_secs(at)), expected, "{at}");
        }
    }
}
