//! Slow cryptography and searches, off the threads that answer requests.
//!
//! The service spawns nothing: whoever opens it lends it [`Workers`], which are bounded. An RSA signature takes a third of a
//! millisecond and more, an RSA key pair up to seconds; neither may hold up a request that takes microseconds.

use tokio::sync::oneshot;

use crate::error::{InternalError, ServiceError};

/// A piece of work.
pub type Job = Box<dyn FnOnce() + Send>;

/// Which line a job stands in. They don't wait for each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lane {
    /// Making key pairs: up to seconds, and nobody else's request should feel it.
    KeyGeneration,
    /// Using RSA private keys: up to milliseconds.
    PrivateKey,
    /// Searching the audit: up to seconds, mostly of the disk's.
    Search,
}

/// All workers of a lane are busy and its line is full.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("too much slow cryptography is waiting")]
pub struct Busy;

/// Threads for slow cryptography, bounded in number and in the length of their lines.
pub trait Workers: Send + Sync {
    /// Puts a job into a line; it runs some time later.
    ///
    /// # Errors
    /// [`Busy`]; the job is dropped then.
    fn submit(&self, lane: Lane, job: Job) -> Result<(), Busy>;
}

/// Runs `work` on a worker and waits for what it gives.
///
/// # Errors
/// Busy; internal when the work panicked.
pub(crate) async fn run<T: Send + 'static>(
    workers: &dyn Workers,
    lane: Lane,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    start(workers, lane, work)?.await
}

/// Puts `work` into a line now; what it gives can be waited for later.
///
/// # Errors
/// Busy; from the future: internal when the work panicked.
pub(crate) fn start<T: Send + 'static>(
    workers: &dyn Workers,
    lane: Lane,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<impl Future<Output = Result<T, ServiceError>>, ServiceError> {
    let (sender, receiver) = oneshot::channel();
    // A caller that has gone away does not want the result.
    workers.submit(lane, Box::new(move || drop(sender.send(work())))).map_err(|Busy| ServiceError::Busy)?;
    Ok(async { receiver.await.map_err(|_| ServiceError::Internal(InternalError::WorkerDied)) })
}
