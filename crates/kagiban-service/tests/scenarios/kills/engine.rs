//! An engine that ends its own process with SIGKILL, at a step that it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use kagiban_storage::engine::{Scrubbed, Snapshot};
use kagiban_storage::feed::ChangeFeed;
use kagiban_storage::{Batch, CommitError, Engine, EngineError, Revision};
use rustix::process::{Signal, getpid, kill_process};

/// Where in a step the process ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instant {
    Before,
    /// So many microseconds after the step has begun, or when it has ended.
    Within(u64),
    /// After the step has ended, and before anybody knows.
    After,
}

/// The step that is the last one, counted from 1: each commit and each scrub is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) step: u64,
    pub(super) at: Instant,
}

pub(super) struct KillingEngine {
    inner: Arc<dyn Engine>,
    steps: AtomicU64,
    /// Steps do not count before this is set.
    cut: std::sync::OnceLock<Cut>,
}

impl KillingEngine {
    pub(super) fn new(inner: Arc<dyn Engine>) -> Self {
        Self { inner, steps: AtomicU64::new(0), cut: std::sync::OnceLock::new() }
    }

    /// Counts from now on.
    pub(super) fn arm(&self, cut: Cut) {
        self.cut.set(cut).unwrap();
    }

    async fn step<T>(&self, step: impl Future<Output = T>) -> T {
        let Some(cut) = self.cut.get() else { return step.await };
        if self.steps.fetch_add(1, Ordering::SeqCst) + 1 != cut.step {
            return step.await;
        }
        match cut.at {
            Instant::Before => die(),
            Instant::Within(microseconds) => {
                std::thread::spawn(move || {
                    std::thread::park_timeout(Duration::from_micros(microseconds));
                    die()
                });
                step.await;
                std::future::pending().await
            }
            Instant::After => {
                step.await;
                die()
            }
        }
    }
}

fn die() -> ! {
    kill_process(getpid(), Signal::KILL).unwrap();
    loop {
        std::thread::park();
    }
}

#[async_trait]
impl Engine for KillingEngine {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, EngineError> {
        self.inner.snapshot().await
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        self.step(self.inner.commit(batch)).await
    }

    async fn changes(&self, after: Revision) -> Result<Box<dyn ChangeFeed>, EngineError> {
        self.inner.changes(after).await
    }

    async fn scrub(&self) -> Result<Scrubbed, EngineError> {
        self.step(self.inner.scrub()).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.inner.health().await
    }

    async fn close(&self) -> Result<(), EngineError> {
        self.inner.close().await
    }
}
