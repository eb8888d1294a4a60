//! Whether what is known in memory is fresh enough to decide from.
//!
//! Where several nodes share a store, what one of them changed is in force on the others once their views have it. A node
//! that cannot prove that its view is as fresh as the bound says (it is cut off from the store, or was itself paused)
//! decides nothing: a key that was disabled elsewhere, a policy that was narrowed, must not go on working here.
//!
//! Asked before anything of a request is decided, and again
//! - before an answer leaves that nothing but the view vouches for: in between the process may have stood still;
//! - before a change is committed. Its transaction has read rows from the store itself, but who calls and what policies and
//!   grants allow is decided from the view, and the store may have kept the transaction waiting.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use kagiban_storage::Transaction;
use tokio::time::timeout;

use crate::Iam;

/// What is said to whom is refused for it.
pub const STALE: &str = "This node cannot prove that what it knows is current; try again.";

/// What a deployment demands of its view.
#[derive(Default)]
pub struct Freshness {
    /// Unset where this process alone writes to its store: then the view is always fresh.
    demand: OnceLock<Demand>,
    /// Whether requests are being refused, so that the log says it once.
    refusing: AtomicBool,
}

struct Demand {
    bound: Duration,
    may_decide: MayDecide,
}

/// Whether this process may decide at all, by what it has in memory: it is a member of its deployment, and has the domain key
/// that others write with.
pub type MayDecide = Box<dyn Fn() -> bool + Send + Sync>;

impl fmt::Debug for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Freshness({:?})", self.demand.get().map(|demand| demand.bound))
    }
}

/// The view is older than it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stale;

impl Iam {
    /// From now on requests are refused while the view is not proven to be as fresh as this. For stores that several
    /// nodes share; the first bound stays. Nor does a process decide anything that may not.
    pub fn refuse_when_older_than(&self, bound: Duration, may_decide: MayDecide) {
        _ = self.freshness.demand.set(Demand { bound, may_decide });
    }

    /// Whether the view may be decided from.
    pub fn is_fresh(&self) -> bool {
        let Some(Demand { bound, may_decide }) = self.freshness.demand.get() else { return true };
        let age = self.applied.progress().age();
        // Looked at behind the age: whoever is taken off knows it from a view that is fresh.
        let may_decide = may_decide();
        let is_fresh = age <= *bound && may_decide;
        // Looked at first: the processors should not pass the line around for what hardly ever changes.
        let refusing = &self.freshness.refusing;
        if refusing.load(Relaxed) == is_fresh && refusing.swap(!is_fresh, Relaxed) == is_fresh {
            if is_fresh {
                tracing::info!("the view of the store is fresh again; requests are answered");
            } else {
                tracing::error!(
                    ?age,
                    ?bound,
                    may_decide,
                    "the view of the store is not proven fresh; requests are refused"
                );
            }
        }
        is_fresh
    }

    /// Until the view may be decided from, or this time is over.
    pub async fn await_freshness(&self, patience: Duration) {
        if !self.is_fresh() {
            // In vain or not: whoever decides looks again.
            _ = timeout(patience, self.applied.wait_until(|| self.is_fresh())).await;
        }
    }

    /// Runs the body of a transaction that decides from the view. Unless it writes nothing, what it decided from must be
    /// within the bound when it has ended.
    ///
    /// # Errors
    /// [`Stale`]: nothing of the transaction may be committed. Those of the body.
    pub async fn deciding<T, E: From<Stale>>(
        &self,
        tx: Transaction,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        // As of now: that the view catches up while the body runs does not help what was decided before.
        let began = self.applied.progress();
        let value = body.await?;
        let is_over = |demand: &Demand| began.age() > demand.bound || !(demand.may_decide)();
        let is_over = self.freshness.demand.get().is_some_and(is_over);
        if is_over && tx.has_writes() { Err(Stale.into()) } else { Ok(value) }
    }
}
