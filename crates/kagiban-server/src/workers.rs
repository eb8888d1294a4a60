//! Threads for slow cryptography and searches: lanes, each with its own threads and a bounded line.
//!
//! Key generation has one thread, at the lowest priority: a burst of RSA 4096 keys takes what the machine has left, and never
//! the time of a request that is being answered.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use kagiban_service::work::{Busy, Job, Lane, Workers};

/// Jobs that may wait for key generation: at worst a minute's work.
const KEY_GENERATION_LINE_MAX: usize = 64;
/// Jobs that may wait for a private key: at worst some seconds' work.
const PRIVATE_KEY_LINE_MAX: usize = 1024;
/// Searches that may wait: at worst some seconds' work.
const SEARCH_LINE_MAX: usize = 16;
/// The nice value of what can wait, the lowest priority there is.
const LOWEST: i32 = 19;

/// The threads. They end when this is dropped and their lines are empty.
#[derive(Debug)]
pub struct WorkerThreads {
    key_generation: SyncSender<Job>,
    private_key: SyncSender<Job>,
    search: SyncSender<Job>,
}

impl WorkerThreads {
    /// Starts one thread for key generation, one for searches and `private_key_threads` (at least one) for the rest.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn start(private_key_threads: usize) -> io::Result<Self> {
        let (key_generation, jobs) = sync_channel(KEY_GENERATION_LINE_MAX);
        start_thread("key-generation", jobs_of(jobs), be_polite)?;
        let (search, jobs) = sync_channel(SEARCH_LINE_MAX);
        start_thread("search", jobs_of(jobs), be_polite)?;
        let (private_key, jobs) = sync_channel(PRIVATE_KEY_LINE_MAX);
        let jobs = jobs_of(jobs);
        for _ in 0..private_key_threads.max(1) {
            start_thread("private-key", Arc::clone(&jobs), || {})?;
        }
        Ok(Self { key_generation, private_key, search })
    }
}

pub(crate) fn be_polite() {
    // Without the lower priority it is only less polite.
    let _polite = rustix::process::nice(LOWEST);
}

impl Workers for WorkerThreads {
    fn submit(&self, lane: Lane, job: Job) -> Result<(), Busy> {
        let line = match lane {
            Lane::KeyGeneration => &self.key_generation,
            Lane::PrivateKey => &self.private_key,
            Lane::Search => &self.search,
        };
        line.try_send(job).map_err(|_| Busy)
    }
}

type Jobs = Arc<Mutex<Receiver<Job>>>;

fn jobs_of(receiver: Receiver<Job>) -> Jobs {
    Arc::new(Mutex::new(receiver))
}

fn start_thread(name: &str, jobs: Jobs, prepare: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let work = move || {
        prepare();
        while let Some(job) = next(&jobs) {
            // A bug in one job costs its request, which sees the result missing, and not the thread.
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
                tracing::error!("a job of slow cryptography panicked");
            }
        }
    };
    thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

/// The next job; `None` when there will be no more.
fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_run_and_full_lines_say_busy() {
        let workers = WorkerThreads::start(1).unwrap();
        let (held, hold) = sync_channel::<()>(0);
        let (started, start) = sync_channel(1);
        let blocking: Job = Box::new(move || {
            started.send(()).unwrap();
            let _released = hold.recv();
        });
        workers.submit(Lane::KeyGeneration, blocking).unwrap();
        start.recv().unwrap();
        for _ in 0..KEY_GENERATION_LINE_MAX {
            workers.submit(Lane::KeyGeneration, Box::new(|| {})).unwrap();
        }
        assert_eq!(workers.submit(Lane::KeyGeneration, Box::new(|| {})), Err(Busy));
        let (done, finished) = sync_channel(1);
        workers.submit(Lane::PrivateKey, Box::new(move || done.send(7).unwrap())).unwrap();
        assert_eq!(finished.recv(), Ok(7));
        drop(held);
    }

    #[test]
    fn a_panic_costs_one_job() {
        let workers = WorkerThreads::start(1).unwrap();
        workers.submit(Lane::PrivateKey, Box::new(|| panic!("a bug"))).unwrap();
        let (done, finished) = sync_channel(1);
        workers.submit(Lane::PrivateKey, Box::new(move || done.send(7).unwrap())).unwrap();
        assert_eq!(finished.recv(), Ok(7));
    }
}
