//! What the operating system says of this process, under the names that Prometheus's own libraries use.

use std::fmt;
use std::fs;

use rustix::process::{Resource, getrlimit};

use super::count;
use super::page::Page;

/// Where Linux tells; elsewhere there is nothing, and these metrics have no rows.
const STAT: &str = "/proc/self/stat";
const SYSTEM_STAT: &str = "/proc/stat";
const OPEN_FILES: &str = "/proc/self/fd";
/// Fields of `stat` that are before the one at which the parts begin here: those up to the name, in parentheses.
const FIELDS_BEFORE: usize = 2;

/// The process, as far as the system tells of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Process {
    cpu_seconds: Option<f64>,
    resident_bytes: Option<f64>,
    virtual_bytes: Option<f64>,
    threads: Option<f64>,
    started: Option<f64>,
    open_files: Option<f64>,
}

/// What the numbers of the system are in.
#[derive(Clone, Copy)]
struct Units {
    ticks_per_second: f64,
    page_bytes: f64,
}

impl Process {
    /// Asks the system. Blocks for a moment, on no disk.
    pub(super) fn look() -> Self {
        let units = Units {
            ticks_per_second: count(rustix::param::clock_ticks_per_second()),
            page_bytes: count(u64::try_from(rustix::param::page_size()).unwrap_or_default()),
        };
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let open_files = fs::read_dir(OPEN_FILES).ok().map(Iterator::count);
        // The directory itself is open while it is read.
        let open_files = open_files.map(|files| count(u64::try_from(files.saturating_sub(1)).unwrap_or_default()));
        Self { open_files, ..Self::parse(&read(STAT), &read(SYSTEM_STAT), units).unwrap_or_default() }
    }

    /// See proc(5): utime and stime are the fields 14 and 15, `num_threads` 20, starttime 22, vsize 23, rss 24.
    fn parse(stat: &str, system: &str, units: Units) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field = |number: usize| fields.get(number - FIELDS_BEFORE - 1)?.parse::<u64>().ok().map(count);
        let seconds = |ticks: f64| ticks / units.ticks_per_second;
        let booted = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse::<u64>().ok();
        Some(Self {
            cpu_seconds: field(14).zip(field(15)).map(|(user, system)| seconds(user + system)),
            resident_bytes: field(24).map(|pages| pages * units.page_bytes),
            virtual_bytes: field(23),
            threads: field(20),
            started: booted.zip(field(22)).map(|(booted, ticks)| count(booted) + seconds(ticks)),
            open_files: None,
        })
    }

    pub(super) fn write(&self, page: &mut Page<'_>) -> fmt::Result {
        let Self { cpu_seconds, resident_bytes, virtual_bytes, threads, started, open_files } = self;
        let files_max = getrlimit(Resource::Nofile).current.map(count);
        page.counters(
            "process_cpu_seconds",
            "Processor time used, user and system",
            cpu_seconds.map(|seconds| (vec![], seconds)),
        )?;
        page.gauge("process_resident_memory_bytes", "Memory in use", *resident_bytes)?;
        page.gauge("process_virtual_memory_bytes", "Address space in use", *virtual_bytes)?;
        page.gauge("process_threads", "Threads", *threads)?;
        page.gauge("process_open_fds", "Open files, connections included", *open_files)?;
        page.gauge("process_max_fds", "Files that may be open", files_max)?;
        page.gauge("process_start_time_seconds", "When the process started, Unix time", *started)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: Units = Units { ticks_per_second: 100.0, page_bytes: 4096.0 };

    #[test]
    fn fields_are_found_behind_whatever_name() {
        let stat =
            "42 (a ) b) S 1 42 42 0 -1 4194560 900 0 0 0 250 150 0 0 20 0 7 0 12345 1000000 300 18446744073709551615 1";
        let expected = Process {
            cpu_seconds: Some(4.0),
            resident_bytes: Some(1_228_800.0),
            virtual_bytes: Some(1_000_000.0),
            threads: Some(7.0),
            started: Some(1_000_123.45),
            open_files: None,
        };
        assert_eq!(Process::parse(stat, "cpu 1\nbtime 1000000\n", UNITS), Some(expected));
        assert_eq!(Process::parse("", "btime 1\n", UNITS), None);
        assert_eq!(Process::parse("1 (x) S 1", "btime 1\n", UNITS).unwrap().cpu_seconds, None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found() {
        let process = Process::look();
        assert!(process.resident_bytes.unwrap() > 1e6 && process.open_files.unwrap() >= 3.0);
        assert!(process.started.unwrap() > 1.6e9 && process.cpu_seconds.is_some() && process.threads.unwrap() >= 1.0);
    }
}
