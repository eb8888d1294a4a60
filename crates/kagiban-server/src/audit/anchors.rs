//! Keeping the journal's signed head elsewhere, every hour and at the end: the proof against a rollback of the whole machine.
//!
//! A file goes forwards only. If it is ahead of the journal when the server starts, the journal was rolled back, and nothing
//! is served. A URL is told and nothing more: what it was told, it has to keep.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Uri};
use kagiban_audit::Sequence;
use kagiban_audit::anchor::{AnchorError, keep};
use kagiban_audit::journal::Journal;
use kagiban_audit::journal::head::SignedHead;
use kagiban_base::time::{Clock, Timestamp};
use tokio::time::{MissedTickBehavior, interval};

use super::delivery::{Client, OriginError, TargetError};

/// How often it is looked whether the hour is over, and what failed is tried again.
const EVERY: Duration = Duration::from_secs(60);
const HOUR_MS: i64 = 3_600_000;

/// Where heads are kept, as options name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AnchorSpec {
    /// `file:PATH`
    File(PathBuf),
    /// `https://HOST/PATH`
    Url(Uri),
}

/// No place to keep heads in.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("not file:PATH or https://HOST/PATH")]
pub struct InvalidAnchor;

impl FromStr for AnchorSpec {
    type Err = InvalidAnchor;

    fn from_str(text: &str) -> Result<Self, InvalidAnchor> {
        if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Ok(Self::File(path.into()));
        }
        let uri: Uri = text.parse().map_err(|_| InvalidAnchor)?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        if is_http { Ok(Self::Url(uri)) } else { Err(InvalidAnchor) }
    }
}

impl fmt::Display for AnchorSpec {
    /// Without a query, which may have a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Url(uri) => write!(f, "{}", uri.host().unwrap_or_default()),
        }
    }
}

/// How a place is doing, for those who ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct AnchorStatus {
    /// The place as it is told: no two have the same name.
    pub(crate) anchor: String,
    /// When it took a head last, and up to which record that goes.
    pub(crate) kept: Option<(Timestamp, Sequence)>,
    /// Attempts that failed since the start.
    pub(crate) failures: u64,
    /// Whether the last one did.
    pub(crate) is_failing: bool,
}

/// How all places are doing, in the order of the options.
pub(crate) type AnchorBoard = Arc<Mutex<Vec<AnchorStatus>>>;

/// A place where heads are kept.
struct Place {
    spec: AnchorSpec,
    /// For a URL.
    client: Option<Client>,
    /// Whether it has yet to be told of this hour.
    is_due: bool,
}

/// Keeps heads.
pub(crate) struct Anchors {
    places: Vec<Place>,
    journal: Arc<Journal>,
    clock: Arc<dyn Clock>,
    hour: i64,
    board: AnchorBoard,
}

/// A head could not be kept.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Anchors {
    /// Keeps the head as it is in all files: if one is ahead of it, the journal was rolled back.
    pub(crate) fn new(
        specs: &[AnchorSpec],
        journal: &Arc<Journal>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AnchorSetupError> {
        let head = journal.head();
        let (mut places, mut board) = (Vec::new(), Vec::new());
        for spec in specs {
            let client = match spec {
                AnchorSpec::File(path) => {
                    keep(&head, path)?;
                    None
                }
                AnchorSpec::Url(uri) => Some(Client::new(uri)?),
            };
            let is_due = client.is_some();
            let kept = (!is_due).then(|| (clock.now(), head.head.at.sequence));
            board.push(AnchorStatus { anchor: label(spec, &board), kept, ..AnchorStatus::default() });
            places.push(Place { spec: spec.clone(), client, is_due });
        }
        let hour = clock.now().unix_ms().div_euclid(HOUR_MS);
        let board = Arc::new(Mutex::new(board));
        Ok(Self { places, journal: Arc::clone(journal), clock, hour, board })
    }

    /// How the places are doing.
    pub(crate) fn board(&self) -> AnchorBoard {
        Arc::clone(&self.board)
    }

    /// Keeps heads for ever, unless it is dropped. May be dropped at any moment.
    pub(crate) async fn run(&mut self) {
        let mut times = interval(EVERY);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            times.tick().await;
            self.look().await;
        }
    }

    /// Keeps the head where it is due: an hour is over, or the last attempt failed.
    async fn look(&mut self) {
        let hour = self.clock.now().unix_ms().div_euclid(HOUR_MS);
        if hour != self.hour {
            self.hour = hour;
            self.places.iter_mut().for_each(|place| place.is_due = true);
        }
        self.keep_due().await;
    }

    /// Keeps the last head, after the journal was closed.
    pub(crate) async fn end(mut self) {
        self.places.iter_mut().for_each(|place| place.is_due = true);
        self.keep_due().await;
    }

    async fn keep_due(&mut self) {
        let head = self.journal.head();
        for (at, place) in self.places.iter_mut().enumerate().filter(|(_, place)| place.is_due) {
            let outcome = place.keep(&head).await;
            place.is_due = outcome.is_err();
            let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(status) = board.get_mut(at) {
                status.take(outcome.is_ok().then(|| (self.clock.now(), head.head.at.sequence)));
            }
            drop(board);
            if let Err(error) = outcome {
                let error = &error as &dyn Error;
                tracing::error!(error, anchor = %place.spec, "the audit's head cannot be kept elsewhere");
            }
        }
    }
}

impl AnchorStatus {
    /// Takes the outcome of an attempt.
    fn take(&mut self, kept: Option<(Timestamp, Sequence)>) {
        self.is_failing = kept.is_none();
        self.failures = self.failures.saturating_add(u64::from(kept.is_none()));
        self.kept = kept.or(self.kept);
    }
}

/// What a place is called on the board: without a query, which may have a secret; numbered where that leaves two alike.
fn label(spec: &AnchorSpec, board: &[AnchorStatus]) -> String {
    let text = match spec {
        AnchorSpec::File(_) => spec.to_string(),
        AnchorSpec::Url(uri) => format!("{}://{spec}{}", uri.scheme_str().unwrap_or_default(), uri.path()),
    };
    let is_free = |text: &String| board.iter().all(|status| status.anchor != *text);
    let numbered = (2..).map(|number: u32| format!("{text} ({number})"));
    std::iter::once(text.clone()).chain(numbered).find(is_free).unwrap_or(text)
}

impl Place {
    async fn keep(&self, head: &SignedHead) -> Result<(), KeepError> {
        match (&self.spec, &self.client) {
            (AnchorSpec::Url(uri), Some(client)) => {
                let path = uri.path_and_query().map_or("/", |path| path.as_str());
                let request = Request::post(path).header(CONTENT_TYPE, "text/plain; charset=utf-8");
                let request = request.body(Bytes::from(head.to_text()));
                let request = request.map_err(|error| TargetError::Request(error.to_string()))?;
                client.send(request).await?;
                Ok(())
            }
            (AnchorSpec::File(path), _) => {
                let (head, path) = (head.clone(), path.clone());
                // It was spawned and not aborted, and does not panic.
                let kept = tokio::task::spawn_blocking(move || keep(&head, &path)).await;
                Ok(kept.unwrap_or(Ok(()))?)
            }
            (AnchorSpec::Url(_), None) => Ok(()),
        }
    }
}

/// Heads cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum AnchorSetupError {
    /// In a file.
    #[error(transparent)]
    File(#[from] AnchorError),
    /// At a URL.
    #[error(transparent)]
    Url(#[from] OriginError),
}

impl fmt::Debug for Anchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.places.iter().map(|place| place.spec.to_string())).finish()
    }
}

#[cfg(test)]
mod tests;
