//! Traces for OpenTelemetry: what single requests spent their time on.
//!
//! A request is traced when its caller traces it (header `traceparent`), or by lot. Its trace shows the operation, the keys, the
//! outcome and how long the slow parts took; nothing that a caller sent but the numbers of the trace, and no secret, no identity and
//! no alias. The number of a trace that begins here is that of the request, as answer and audit record have it.

mod exporter;
mod parent;
mod traced;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Uri};
use kagiban_base::id::RequestId;
use kagiban_base::time::Clock;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor};
use tokio::time::Instant;

use self::parent::Parent;
pub(crate) use self::traced::Traced;
use crate::audit::delivery::OriginError;

/// For the last spans to be sent when the service ends.
const FAREWELL: Duration = Duration::from_secs(3);
/// What the lot is drawn from: so many bits of a request's number are random in every place.
const LOT_BITS: u32 = 56;

/// Traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// Not to this address.
    #[error("--otlp-endpoint: {0}")]
    Endpoint(#[from] OriginError),
    /// A setting of OpenTelemetry's own, from the environment, is wrong.
    #[error("the exporter of traces cannot be set up")]
    Exporter(#[from] ExporterBuildError),
}

/// Decides which requests are traced, and sends what was seen of them.
pub(crate) struct Traces {
    processor: BatchSpanProcessor,
    clock: Arc<dyn Clock>,
    /// A lot below this one wins.
    winning_below: u64,
    traced: AtomicU64,
    failures: Arc<AtomicU64>,
}

impl Traces {
    /// Sends to a collector. `ratio` is the part of the requests that are traced without their caller wanting it, from 0 to 1.
    ///
    /// # Errors
    /// [`TracesError`]. Must be called within a tokio runtime.
    pub(crate) fn new(endpoint: &Uri, ratio: f64, clock: Arc<dyn Clock>) -> Result<Self, TracesError> {
        let failures = Arc::default();
        let processor = exporter::processor(endpoint, Arc::clone(&failures))?;
        Ok(Self { processor, clock, winning_below: winning_below(ratio), traced: AtomicU64::new(0), failures })
    }

    /// The request's trace, if it is to have one.
    pub(crate) fn begin(
        self: &Arc<Self>,
        request_id: RequestId,
        headers: &HeaderMap,
        started: Instant,
    ) -> Option<Arc<Traced>> {
        let parent = Parent::of(headers);
        let is_traced = parent.map_or_else(|| lot(request_id) < self.winning_below, |parent| parent.is_sampled);
        if !is_traced {
            return None;
        }
        self.traced.fetch_add(1, Relaxed);
        let since = i64::try_from(started.elapsed().as_millis()).unwrap_or_default();
        let began = self.clock.now().plus_ms(-since);
        Some(Arc::new(Traced { traces: Arc::clone(self), request_id, parent, began, started, seen: Mutex::default() }))
    }

    /// Requests that were traced.
    pub(crate) fn traced(&self) -> u64 {
        self.traced.load(Relaxed)
    }

    /// Exports that failed.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Relaxed)
    }

    /// Sends what is left, for a moment.
    pub(crate) async fn close(self: Arc<Self>) {
        // What a collector does not take now is lost.
        _ = tokio::task::spawn_blocking(move || self.processor.shutdown_with_timeout(FAREWELL)).await;
    }

    fn hand_over(&self, span: SpanData) {
        self.processor.on_end(span);
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}

/// The last seven bytes of a request's number.
fn lot(request_id: RequestId) -> u64 {
    let [.., a, b, c, d, e, f, g] = request_id.bytes();
    u64::from_be_bytes([0, a, b, c, d, e, f, g])
}

fn winning_below(ratio: f64) -> u64 {
    let all = 1_u64 << LOT_BITS;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and 2^56, which a double has exactly"
    )]
    let part = (ratio.clamp(0.0, 1.0) * all as f64) as u64;
    part.min(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lot_is_drawn_among_all_numbers() {
        let id = |last: &str| lot(format!("8a5e1d5c-6a0b-4f0e-9c{last}").parse().unwrap());
        assert_eq!((id("00-000000000000"), id("ff-ffffffffffff")), (0, (1 << 56) - 1));
        for (ratio, expected) in [(0.0, 0), (1.0, 1 << 56), (0.5, 1 << 55), (-1.0, 0), (7.0, 1 << 56), (f64::NAN, 0)] {
            assert_eq!(winning_below(ratio), expected, "{ratio}");
        }
    }
}
