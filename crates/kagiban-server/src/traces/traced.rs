//! One request that is traced: what it does is taken down while it runs, and made spans of at its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_service::Summary;
use kagiban_service::parts::Watch;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tokio::time::Instant;

use super::Traces;
use super::parent::Parent;

/// Parts of one request that are shown, and keys.
const PARTS_MAX: usize = 32;
const KEYS_MAX: usize = 2;

/// A request under way.
pub(crate) struct Traced {
    pub(super) traces: Arc<Traces>,
    pub(super) request_id: RequestId,
    pub(super) parent: Option<Parent>,
    /// When it began, by the clock of the wall and by one that does not jump.
    pub(super) began: Timestamp,
    pub(super) started: Instant,
    pub(super) seen: Mutex<Seen>,
}

/// What was taken down.
#[derive(Debug, Default)]
pub(super) struct Seen {
    parts: Vec<Part>,
    keys: Vec<KeyArn>,
}

/// A part of a request, in time since its begin.
#[derive(Clone, Copy, Debug)]
struct Part {
    name: &'static str,
    begin: Duration,
    /// `None` for one that was cut.
    end: Option<Duration>,
}

impl Watch for Traced {
    fn begin(&self, part: &'static str) -> usize {
        let begin = self.started.elapsed();
        let mut seen = self.seen();
        if seen.parts.len() < PARTS_MAX {
            seen.parts.push(Part { name: part, begin, end: None });
            return seen.parts.len() - 1;
        }
        usize::MAX
    }

    fn end(&self, part: usize) {
        let end = self.started.elapsed();
        if let Some(part) = self.seen().parts.get_mut(part) {
            part.end = Some(end);
        }
    }

    fn about(&self, key: &KeyArn) {
        let mut seen = self.seen();
        if seen.keys.len() < KEYS_MAX && !seen.keys.contains(key) {
            seen.keys.push(*key);
        }
    }
}

impl Traced {
    /// The request was answered.
    pub(crate) fn answered(&self, summary: &Summary, status: StatusCode) {
        let name = match (summary.service, summary.operation) {
            ("", _) => "unknown".to_owned(),
            (service, "") => service.to_owned(),
            (service, operation) => format!("{service}/{operation}"),
        };
        let mut attributes = vec![
            KeyValue::new("rpc.system", "aws-api"),
            KeyValue::new("rpc.service", summary.service),
            KeyValue::new("rpc.method", summary.operation),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ];
        if !summary.error.is_empty() {
            attributes.push(KeyValue::new("error.type", summary.error));
        }
        self.finish(name, attributes, status.is_server_error());
    }

    /// The front refused it.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.finish("refused".to_owned(), vec![KeyValue::new("error.type", reason)], true);
    }

    fn finish(&self, name: String, mut attributes: Vec<KeyValue>, is_our_fault: bool) {
        let end = self.started.elapsed();
        attributes.push(KeyValue::new("aws.request_id", self.request_id.as_str().to_owned()));
        let seen = std::mem::take(&mut *self.seen());
        attributes.extend(seen.keys.iter().map(|key| KeyValue::new("aws.kms.key_arn", key.to_string())).take(1));
        attributes.extend(seen.keys.iter().map(|key| KeyValue::new("aws.kms.second_key_arn", key.to_string())).nth(1));
        let (own, parent) = (self.span_id(0), self.parent.map(|parent| parent.span_id));
        let mut span = self.span(name.into(), own, (Duration::ZERO, end));
        span.parent_span_id = parent.map_or(SpanId::INVALID, SpanId::from_bytes);
        span.parent_span_is_remote = parent.is_some();
        span.span_kind = SpanKind::Server;
        span.attributes = attributes;
        span.status = if is_our_fault { Status::error("") } else { Status::Unset };
        for (number, part) in (1..).zip(&seen.parts) {
            let mut child = self.span(part.name.into(), self.span_id(number), (part.begin, part.end.unwrap_or(end)));
            child.parent_span_id = own;
            self.traces.hand_over(child);
        }
        self.traces.hand_over(span);
    }

    /// A span within the trace, `0` for the request's own. They come from the request's random number.
    fn span_id(&self, number: u64) -> SpanId {
        let [.., a, b, c, d, e, f, g, h] = self.request_id.bytes();
        let id = u64::from_be_bytes([a, b, c, d, e, f, g, h]).wrapping_add(number);
        SpanId::from_bytes(id.max(1).to_be_bytes())
    }

    fn span(&self, name: std::borrow::Cow<'static, str>, id: SpanId, (begin, end): (Duration, Duration)) -> SpanData {
        let trace_id = self.parent.map_or_else(|| self.request_id.bytes(), |parent| parent.trace_id);
        let trace_id = TraceId::from_bytes(trace_id);
        SpanData {
            span_context: SpanContext::new(trace_id, id, TraceFlags::SAMPLED, false, TraceState::default()),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name,
            start_time: self.at(begin),
            end_time: self.at(end),
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("kagiban").build(),
        }
    }

    fn at(&self, since_begin: Duration) -> SystemTime {
        let began = Duration::from_millis(u64::try_from(self.began.unix_ms()).unwrap_or_default());
        UNIX_EPOCH + began + since_begin
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
