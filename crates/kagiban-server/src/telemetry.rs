//! Metrics and traces as `serve` starts and ends them.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use kagiban_audit::journal::Journal;
use kagiban_base::os::SystemClock;
use kagiban_service::Service;

use crate::audit::anchors::AnchorBoard;
use crate::backup::maker::Maker;
use crate::config::telemetry::TelemetryOptions;
use crate::events::Counters;
use crate::http::ListenError;
use crate::metrics::{MetricsListener, RequestMetrics, Sources};
use crate::observer::Observer;
use crate::shutdown::Stop;
use crate::traces::{Traces, TracesError};

/// Metrics and traces cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The address of the metrics cannot be served.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Traces cannot be sent.
    #[error(transparent)]
    Traces(#[from] TracesError),
}

/// What was asked for, ready to begin.
pub(crate) struct Telemetry {
    listener: Option<MetricsListener>,
    observer: Observer,
    keys_max: usize,
}

impl Telemetry {
    /// Listens for metrics and prepares to send traces, where the options say so.
    ///
    /// # Errors
    /// [`TelemetryError`]. Must be called within a tokio runtime.
    pub(crate) async fn open(options: &TelemetryOptions) -> Result<Self, TelemetryError> {
        let listener = match options.metrics_listen {
            Some(address) => Some(MetricsListener::bind(address).await?),
            None => None,
        };
        let traces = match &options.otlp_endpoint {
            Some(endpoint) => Some(Arc::new(Traces::new(endpoint, options.trace_sampling, Arc::new(SystemClock))?)),
            None => None,
        };
        let metrics = listener.is_some().then(|| Arc::new(RequestMetrics::default()));
        Ok(Self { listener, observer: Observer { metrics, traces }, keys_max: options.metrics_keys.into() })
    }

    /// What the front tells of its requests to.
    pub(crate) fn observer(&self) -> Observer {
        self.observer.clone()
    }

    /// Where metrics are served.
    fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().map(MetricsListener::address)
    }

    /// Says where metrics are, and serves them until told to stop. `told` is how anchors and events are doing.
    pub(crate) fn begin(
        self,
        service: &Arc<Service>,
        journal: &Arc<Journal>,
        store_file: PathBuf,
        told: (AnchorBoard, Option<Arc<Counters>>, Maker),
        stop: Stop,
        output: &mut (dyn Write + Send),
    ) {
        if let Some(address) = self.address() {
            // Whoever started us may not be reading.
            _ = writeln!(output, "Metrics are at http://{address}/metrics").and_then(|()| output.flush());
        }
        let Self { listener: Some(listener), observer: Observer { metrics: Some(requests), traces }, keys_max } = self
        else {
            return;
        };
        service.count_requests_of_keys(keys_max);
        let (service, journal) = (Arc::clone(service), Arc::clone(journal));
        let ((anchors, events, backups), lag) = (told, Default::default());
        let sources =
            Sources { requests, service, journal, traces, store_file, backups, anchors, events, keys_max, lag };
        tokio::spawn(listener.run(Arc::new(sources), stop));
    }
}
