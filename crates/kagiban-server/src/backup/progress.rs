//! Tells on standard error how far something is that takes long.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kagiban_service::backup::Progress;

use super::recovery::prompt;

/// Between two lines where they are read later.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Between two on a terminal.
const TERMINAL_EVERY: Duration = Duration::from_secs(1);

/// Tells while it lives.
pub(super) struct Telling {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Telling {
    /// Begins to tell how far `what` is.
    pub(super) fn begin(what: &'static str, progress: &Arc<Progress>) -> Self {
        let (end, ended) = channel();
        let progress = Arc::clone(progress);
        let is_terminal = stderr().is_terminal();
        let every = if is_terminal { TERMINAL_EVERY } else { LINE_EVERY };
        let tell = move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let line = line(what, &progress);
                prompt(&if is_terminal { format!("\r{line}\x1b[K") } else { format!("{line}\n") });
            }
            if is_terminal {
                prompt("\r\x1b[K");
            }
        };
        // Without a thread nothing is told.
        Self { end: Some(end), thread: thread::Builder::new().name("progress".to_owned()).spawn(tell).ok() }
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}

fn line(what: &str, progress: &Progress) -> String {
    let (rows, total) = (progress.rows(), progress.rows_total());
    let share = rows.saturating_mul(100).checked_div(total).unwrap_or_default();
    format!("{what}: {rows} of {total} rows, {share} %, {} MiB", progress.bytes() >> 20)
}
