//! What the front tells of each request to whoever wants to know: metrics and traces. When nobody does, it costs a look.

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use kagiban_base::id::RequestId;
use kagiban_service::Summary;
use tokio::time::Instant;

use crate::metrics::{Held, HeldConnection, RequestMetrics};
use crate::traces::{Traced, Traces};

/// Those who want to know.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    pub(crate) metrics: Option<Arc<RequestMetrics>>,
    pub(crate) traces: Option<Arc<Traces>>,
}

impl Observer {
    /// Whether anybody wants to know how long requests take.
    pub(crate) fn wants_time(&self) -> bool {
        self.metrics.is_some() || self.traces.is_some()
    }

    /// A connection was accepted; it lasts as long as what is returned.
    pub(crate) fn connect(&self) -> Option<HeldConnection> {
        self.metrics.as_ref().map(RequestMetrics::connect)
    }

    /// A request is handed to the service; it is at work as long as what is returned.
    pub(crate) fn begin(&self) -> Option<Held<'_>> {
        self.metrics.as_ref().map(|metrics| metrics.begin())
    }

    /// The request's trace, if it is to have one.
    pub(crate) fn trace(&self, id: RequestId, headers: &HeaderMap, started: Option<Instant>) -> Option<Arc<Traced>> {
        self.traces.as_ref()?.begin(id, headers, started?)
    }

    /// The service has answered.
    pub(crate) fn answered(
        &self,
        summary: &Summary,
        status: StatusCode,
        started: Option<Instant>,
        trace: Option<&Traced>,
    ) {
        if let (Some(metrics), Some(started)) = (&self.metrics, started) {
            metrics.answered(summary, started.elapsed());
        }
        if let Some(trace) = trace {
            trace.answered(summary, status);
        }
    }

    /// The front has refused something.
    pub(crate) fn refused(&self, reason: &'static str) {
        if let Some(metrics) = &self.metrics {
            metrics.refused(reason);
        }
    }
}
