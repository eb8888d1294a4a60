//! What was not delivered: a file of JSON lines, so that nothing is lost without a trace.

use std::path::PathBuf;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use serde_json::json;

use super::Counters;
use super::delivery::Delivery;
use super::rotated_file::RotatedFile;

const SIZE_MAX: u64 = 64 << 20;
const KEEP: u32 = 3;

/// The file.
#[derive(Debug)]
pub(super) struct DeadLetters {
    file: Mutex<RotatedFile>,
    counters: Arc<Counters>,
}

impl DeadLetters {
    pub(super) fn new(path: PathBuf, counters: Arc<Counters>) -> Self {
        Self { file: Mutex::new(RotatedFile::new(path, SIZE_MAX, KEEP)), counters }
    }

    /// Writes down what was not delivered, and says so in the log.
    pub(super) fn bury(&self, delivery: &Delivery, attempts: u32, reason: &str) {
        let origin = &delivery.origin;
        tracing::error!(
            rule = origin.rule,
            target_name = origin.target,
            attempts,
            reason,
            "an event was not delivered; it is in dead-letters.jsonl"
        );
        self.counters.dead_letters.fetch_add(1, Relaxed);
        let head = json!({
            "time": SystemClock.now().to_rfc3339(),
            "rule": origin.rule,
            "target": origin.target,
            "count": origin.count,
            "attempts": attempts,
            "reason": reason,
        });
        // The event is JSON already, and is put in as it is.
        let line = format!("{},\"event\":{}}}", head.to_string().trim_end_matches('}'), delivery.event);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.append(&line) {
            tracing::error!(%error, "the file of what was not delivered cannot be written");
        }
    }
}
