//! Options of metrics and traces.

use std::net::SocketAddr;

use http::Uri;

use super::value::{address, ratio};

/// What is told of the service to those who watch it.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Metrics and traces")]
pub struct TelemetryOptions {
    /// Address and port to serve metrics on, for Prometheus: GET /metrics; without it, none are kept
    ///
    /// Plain HTTP without credentials, and the metrics name keys: listen on a loopback address, or where only Prometheus
    /// gets in. docs/metrics.md explains each metric.
    #[arg(long, env = "KAGIBAN_METRICS_LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub metrics_listen: Option<SocketAddr>,

    /// Keys that metrics tell apart: the first ones used, and those whose imported material expires first
    #[arg(long, env = "KAGIBAN_METRICS_KEYS", value_name = "NUMBER", default_value = "100")]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=10_000))]
    pub metrics_keys: u16,

    /// OpenTelemetry collector to send traces to by OTLP over HTTP, such as http://127.0.0.1:4318; without it, none are made
    ///
    /// Requests whose caller traces them (header traceparent) are traced, and some others. A collector that fails or is slow
    /// holds up nothing; its traces are lost. OTEL_EXPORTER_OTLP_HEADERS has headers for it, such as an authorization.
    #[arg(long, env = "KAGIBAN_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Uri>,

    /// Part of the requests to trace whose caller says nothing of traces, from 0 to 1
    #[arg(long, env = "KAGIBAN_TRACE_SAMPLING", value_name = "RATIO", default_value = "0.01", value_parser = ratio)]
    pub trace_sampling: f64,
}
