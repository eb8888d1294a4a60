//! What the kernel says about a process: CPU time and memory.

use std::collections::HashMap;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// CPU time of all threads of a process, thread by thread, in nanoseconds.
#[derive(Clone, Debug)]
pub struct CpuTime(HashMap<String, u64>);

impl CpuTime {
    /// Reads `/proc/PID/task/*/schedstat`, the scheduler's own account: exact, where `/proc/PID/stat` counts in ticks of
    /// 10 ms. (`/proc/PID/schedstat` would be the main thread alone.)
    ///
    /// # Errors
    /// When there is no such process.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let mut threads = HashMap::new();
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let task = task?;
            // A thread may end between the listing and the reading; it had no time to speak of.
            let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            let ns = text.split(' ').next().unwrap_or_default().parse()?;
            threads.insert(task.file_name().to_string_lossy().into_owned(), ns);
        }
        Ok(Self(threads))
    }

    /// Nanoseconds that the process used since `earlier`.
    pub fn since(&self, earlier: &Self) -> u64 {
        let before = |thread: &String| earlier.0.get(thread).copied().unwrap_or_default();
        self.0.iter().map(|(thread, ns)| ns.saturating_sub(before(thread))).sum()
    }
}

/// Resident memory of a process, in MB (1,000,000 bytes).
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Memory {
    /// Now.
    pub rss_mb: f64,
    /// At most so far.
    pub peak_mb: f64,
}

impl Memory {
    /// Reads `/proc/PID/status`.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn of(pid: u32) -> Result<Self, Failure> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let mb = |name: &str| -> Result<f64, Failure> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory figure")?;
            let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kib * 1024.0 / 1e6)
        };
        Ok(Self { rss_mb: mb("VmRSS:")?, peak_mb: mb("VmHWM:")? })
    }
}

/// The load average of the last minute: how quiet the machine was.
pub fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
