//! Logs: structured, on standard error, and without a word of what users send.
//!
//! What may be logged: request ids, statuses, times, our own states and errors. What may not: bodies, header values, key
//! ids and aliases, encryption contexts, secrets, panic messages. So that no dependency breaks this, libraries may speak
//! up to "warn" only, whatever level is set: an HTTP library that traces frames would write everything down.

use std::io::{IsTerminal, stderr};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// An error and what caused it, in one line.
pub fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Transparent errors say what their cause says.
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// Least severe messages that are logged.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// Faults of ours.
    Error,
    /// What an operator should look at.
    Warn,
    /// Starts, stops and other rare events.
    Info,
    /// One line for each request.
    Debug,
    /// Everything.
    Trace,
}

/// How a message is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogLevel {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Off => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Starts logging for the whole process, and logs panics from now on. A second call changes nothing.
pub fn start(level: LogLevel, format: Option<LogFormat>) {
    let format = format.unwrap_or(if stderr().is_terminal() { LogFormat::Text } else { LogFormat::Json });
    let layer = match format {
        LogFormat::Text => fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(stderr).boxed(),
    };
    if tracing_subscriber::registry().with(layer.with_filter(targets(level))).try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

fn targets(level: LogLevel) -> Targets {
    let level = level.filter();
    Targets::new().with_target("kagiban", level).with_default(level.min(LevelFilter::WARN))
}

/// The place only: the message may quote what was being worked on.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "a panic; this is a fault in Kagiban");
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_are_kept_quiet() {
        let all = targets(LogLevel::Trace);
        assert!(all.would_enable("kagiban_server::http", &Level::TRACE));
        assert!(!all.would_enable("h2::codec", &Level::INFO));
        assert!(all.would_enable("h2::codec", &Level::WARN));
        let few = targets(LogLevel::Error);
        assert!(!few.would_enable("kagiban_server::http", &Level::WARN));
        assert!(!few.would_enable("h2::codec", &Level::WARN));
    }
}
