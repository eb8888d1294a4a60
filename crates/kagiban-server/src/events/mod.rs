//! Events: follows the audit journal, finds the rules that fire, and brings what they ask for to its end.
//!
//! One thread with a lower priority than those that answer requests does all of it (`engine`). How far it has come, what was
//! counted and what is under way is written down each second (`state`): a server that was killed goes on where it was, and
//! tells twice what it told in its last second, rather than not at all. A target that fails is tried again (`queue`); what it
//! never takes goes to a file (`dead_letters`). No target can hold up another one.

mod command;
pub mod commands;
mod dead_letters;
mod delivery;
mod engine;
mod queue;
mod response;
mod rotated_file;
mod state;
#[cfg(test)]
mod tests;
mod webhook;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use kagiban_audit::Follower;
use kagiban_audit::journal::JournalId;
use kagiban_events::Rules;
use kagiban_service::Service;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

pub use self::commands::{RulesCommand, RulesCommandError};
use self::engine::Engine;
use self::webhook::WebhookError;
use crate::data_directory::{WriteError, make_directory};

/// The nice value of the thread. Not the lowest: on a machine that has no time to spare, a key is still to be disabled within
/// seconds.
const NICE: i32 = 5;

/// Events cannot be followed as the operator wants it.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    /// The file of rules cannot be read.
    #[error("cannot read the rules in {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It says something that cannot be taken.
    #[error("the rules in {}: {source}", path.display())]
    Rules {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: kagiban_events::RulesError,
    },
    /// A webhook cannot be prepared.
    #[error("target `{target}`")]
    Webhook {
        /// Its name.
        target: String,
        /// Why not.
        source: WebhookError,
    },
    /// The directory for what is to be kept.
    #[error(transparent)]
    Directory(#[from] WriteError),
    /// What was written down cannot be read.
    #[error("cannot read {}; without it, events begin anew from now on: move it away", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The thread cannot be started.
    #[error("cannot start the thread for events")]
    Thread(#[source] io::Error),
}

/// What has happened since the start, for metrics.
#[derive(Debug, Default)]
pub struct Counters {
    /// Records looked at.
    pub records: AtomicU64,
    /// Rules fired.
    pub firings: AtomicU64,
    /// Deliveries that came to their end well.
    pub delivered: AtomicU64,
    /// Attempts that failed.
    pub failed_attempts: AtomicU64,
    /// Deliveries that went to the file of what was not delivered.
    pub dead_letters: AtomicU64,
    /// The first record that was not looked at yet.
    pub next: AtomicU64,
    /// The lines of the targets, as they were a second ago at most.
    pub lines: Mutex<Vec<Line>>,
}

/// The line of one target.
#[derive(Clone, Debug)]
pub struct Line {
    /// The target's name.
    pub target: String,
    /// Deliveries that have not come to their end.
    pub waiting: u64,
    /// Since when the first of them has waited.
    pub since: Option<Instant>,
}

/// Where events come from and what they may act upon.
pub struct Sources {
    /// The file of rules.
    pub rules_file: PathBuf,
    /// Where to keep what must survive a restart.
    pub directory: PathBuf,
    /// The number of the audit journal.
    pub journal: JournalId,
    /// The audit journal.
    pub follower: Arc<dyn Follower>,
    /// What responses act upon.
    pub service: Arc<Service>,
}

/// Following events, in a thread of its own.
pub struct Events {
    stop: watch::Sender<bool>,
    reload: mpsc::Sender<()>,
    thread: JoinHandle<()>,
    counters: Arc<Counters>,
}

impl Events {
    /// Reads the rules and what was written down, and begins.
    ///
    /// # Errors
    /// [`EventsError`]: nothing is followed then.
    pub fn start(sources: Sources) -> Result<Self, EventsError> {
        make_directory(&sources.directory)?;
        let (stop, stopped) = watch::channel(false);
        // One that waits says all that there is to say.
        let (reload, reloads) = mpsc::channel(1);
        let counters = Arc::new(Counters::default());
        let engine = Engine::prepare(sources, Arc::clone(&counters))?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(EventsError::Thread)?;
        let body = move || {
            // Without the lower priority it is only less polite.
            let _polite = rustix::process::nice(NICE);
            runtime.block_on(engine.run(stopped, reloads));
        };
        let thread = std::thread::Builder::new().name("events".to_owned()).spawn(body).map_err(EventsError::Thread)?;
        Ok(Self { stop, reload, thread, counters })
    }

    /// Asks for the rules to be read again.
    pub fn reloader(&self) -> mpsc::Sender<()> {
        self.reload.clone()
    }

    /// What has happened since the start.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Ends, and writes down how far it came. Blocks for as long as that takes: not for deliveries, which come again.
    pub fn stop(self) {
        _ = self.stop.send(true);
        if self.thread.join().is_err() {
            tracing::error!("the thread for events panicked");
        }
    }
}

/// Reads a file of rules.
///
/// # Errors
/// [`EventsError::Read`], [`EventsError::Rules`]
pub fn read_rules(path: &Path) -> Result<Rules, EventsError> {
    let read_error = |source| EventsError::Read { path: path.to_owned(), source };
    let text = crate::events::commands::read_text(path, kagiban_events::rules::FILE_LEN_MAX).map_err(read_error)?;
    Rules::parse(&text).map_err(|source| EventsError::Rules { path: path.to_owned(), source })
}
