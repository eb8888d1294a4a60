//! Workers for tests: willing ones, and ones that stand still until they are told to work.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_service::work::{Busy, Job, Lane, Workers};

/// The runtime's own threads for blocking work; never busy.
#[derive(Clone, Copy, Debug)]
pub struct BlockingWorkers;

impl Workers for BlockingWorkers {
    fn submit(&self, _lane: Lane, job: Job) -> Result<(), Busy> {
        drop(tokio::task::spawn_blocking(job));
        Ok(())
    }
}

/// Workers of which one lane does nothing: its jobs wait in a line until the test lets them go. The other lane works.
pub struct HeldWorkers {
    held: Lane,
    line_max: usize,
    line: Mutex<VecDeque<Job>>,
}

impl HeldWorkers {
    /// Workers whose lane `held` stands still, with room for `line_max` jobs in its line.
    pub fn new(held: Lane, line_max: usize) -> Self {
        Self { held, line_max, line: Mutex::default() }
    }

    /// Jobs in the line.
    pub fn waiting(&self) -> usize {
        self.line().len()
    }

    /// Does the first job in the line, here and now. `false` when there is none.
    pub fn work(&self) -> bool {
        // The lock is let go first: the job may submit another.
        let job = self.line().pop_front();
        job.map(|job| job()).is_some()
    }

    /// Throws away what is in the line, as a process that ends does.
    pub fn drop_line(&self) {
        let dropped = std::mem::take(&mut *self.line());
        drop(dropped);
    }

    fn line(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workers for HeldWorkers {
    fn submit(&self, lane: Lane, job: Job) -> Result<(), Busy> {
        if lane != self.held {
            return BlockingWorkers.submit(lane, job);
        }
        let mut line = self.line();
        if line.len() >= self.line_max {
            return Err(Busy);
        }
        line.push_back(job);
        Ok(())
    }
}
