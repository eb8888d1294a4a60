//! Sends finished spans to a collector: OTLP over HTTP, in batches, from a thread of its own. A queue of bounded length stands
//! between, and what does not find room in it is dropped: no request ever waits for a collector.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use http::{Request, Response, Uri};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanProcessor};
use tokio::runtime::Handle;

use super::TracesError;
use crate::audit::delivery::{Client, TargetError};

/// Where a collector takes traces, below its address.
const PATH: &str = "/v1/traces";

/// What hands spans to the collector.
pub(super) fn processor(endpoint: &Uri, failures: Arc<AtomicU64>) -> Result<BatchSpanProcessor, TracesError> {
    let client = Arc::new(Client::new(endpoint)?);
    let collector = Collector { client, runtime: Handle::current(), failures, is_failing: AtomicBool::new(false) };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(address(endpoint))
        .build()?;
    // How long its queue is and how often it is emptied can be set as for all OpenTelemetry: OTEL_BSP_...
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    processor.set_resource(&Resource::builder().with_service_name("kagiban").with_attribute(version).build());
    Ok(processor)
}

/// The whole URL: a collector is named by its root, or by the place where it takes traces.
fn address(endpoint: &Uri) -> String {
    let text = endpoint.to_string();
    let text = text.trim_end_matches('/');
    if text.ends_with(PATH) { text.to_owned() } else { format!("{text}{PATH}") }
}

/// Our own client in the library's place for one.
struct Collector {
    client: Arc<Client>,
    /// The library waits on a thread without one.
    runtime: Handle,
    failures: Arc<AtomicU64>,
    is_failing: AtomicBool,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Collector").field(&self.client).finish()
    }
}

impl Collector {
    /// Counts, and logs where that changes.
    fn note(&self, failure: Option<&TargetError>) {
        if failure.is_some() {
            self.failures.fetch_add(1, Relaxed);
        }
        match (failure, self.is_failing.swap(failure.is_some(), Relaxed)) {
            (Some(error), false) => {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "the collector of traces does not take them; what it does not take is lost");
            }
            (None, true) => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (mut head, body) = request.into_parts();
        // The client takes the path of the server that it was made for.
        head.uri = Uri::from(head.uri.path_and_query().cloned().ok_or("an address without a path")?);
        let client = Arc::clone(&self.client);
        let sent = self.runtime.spawn(async move { client.send(Request::from_parts(head, body)).await }).await?;
        self.note(sent.as_ref().err());
        match sent {
            Ok(body) => Ok(Response::new(body)),
            // Whether it is worth another attempt is for the library to say.
            Err(TargetError::Status { status, .. }) => Ok(Response::builder().status(status).body(Bytes::new())?),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_are_named_by_their_root_or_by_the_place() {
        for (given, address_) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://127.0.0.1:4318/", "http://127.0.0.1:4318/v1/traces"),
            ("https://collector.example/otlp", "https://collector.example/otlp/v1/traces"),
            ("https://collector.example/otlp/v1/traces", "https://collector.example/otlp/v1/traces"),
        ] {
            assert_eq!(address(&given.parse().unwrap()), address_);
        }
    }
}
