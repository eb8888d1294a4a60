//! What is measured, in the form in which the programs hand it on and the figures are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::process::Memory;

/// One run of the load generator against one server.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Run {
    /// Answers with status 200 within the measured time.
    pub answers: u64,
    /// Answers with another status, and connections lost.
    pub errors: u64,
    /// Seconds measured.
    pub seconds: f64,
    /// Answers per second.
    pub per_second: f64,
    /// Microseconds of the server's CPU time per answer.
    pub cpu_us: f64,
    /// The server's CPU time over wall time: 1 means that the server was the bottleneck.
    pub server_busy: f64,
    /// Microseconds from sending to the whole answer: the median.
    pub p50_us: u32,
    /// The 99th of 100.
    pub p99_us: u32,
    /// The longest.
    pub max_us: u32,
}

/// Smallest, middle and largest of several rounds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// Middle.
    pub median: f64,
    /// Largest.
    pub max: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 { at(middle) } else { (at(middle.wrapping_sub(1)) + at(middle)) / 2.0 };
        Self { min: at(0), median, max: at(values.len().wrapping_sub(1)) }
    }
}

/// One server over all rounds.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Server {
    /// Answers per second.
    pub per_second: Spread,
    /// Microseconds of CPU time per answer.
    pub cpu_us: Spread,
    /// Median latency in microseconds.
    pub p50_us: Spread,
    /// 99th percentile in microseconds.
    pub p99_us: Spread,
    /// Share of its core that the server was busy.
    pub busy: Spread,
    /// Answers that were no 200, over all rounds.
    pub errors: u64,
}

impl Server {
    /// Sums up the rounds.
    pub fn of(runs: &[Run]) -> Self {
        let spread = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of));
        Self {
            per_second: spread(|run| run.per_second),
            cpu_us: spread(|run| run.cpu_us),
            p50_us: spread(|run| f64::from(run.p50_us)),
            p99_us: spread(|run| f64::from(run.p99_us)),
            busy: spread(|run| run.server_busy),
            errors: runs.iter().map(|run| run.errors).sum(),
        }
    }
}

/// One operation on both servers.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Bytes of a request as sent.
    pub request_bytes: usize,
    /// Bytes of the request's body.
    pub body_bytes: usize,
    /// Bytes of an answer as sent.
    pub answer_bytes: usize,
    /// Kagiban.
    pub kagiban: Server,
    /// The bare server.
    pub bare: Server,
    /// Least CPU time per answer of the bare server over that of Kagiban: each in its quietest round, since whatever
    /// else runs on the machine can only add. This is the ratio that the target is about.
    pub ratio: f64,
    /// The same, round by round.
    pub ratio_by_cpu: Spread,
    /// Answers per second of Kagiban over those of the bare server, round by round.
    pub ratio_by_rate: Spread,
}

/// Durable commits.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Commits {
    /// Connections.
    pub connections: usize,
    /// The run.
    pub run: Run,
}

/// A store with many keys.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Large {
    /// Keys in the store.
    pub keys: u64,
    /// CreateKey answers per second while it was filled.
    pub filled_per_second: f64,
    /// Size of the data directory in MB.
    pub disk_mb: f64,
    /// Milliseconds from the start of the process to a 200 from `/readyz`, several starts.
    pub ready_ms: Spread,
    /// Memory when ready, without any request.
    pub memory: Memory,
    /// Memory after a run of Encrypt.
    pub memory_after_load: Memory,
}

/// Everything.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figures {
    /// Where, when and how.
    pub circumstances: BTreeMap<String, String>,
    /// The operations beside the bare server.
    pub operations: Vec<Operation>,
    /// CreateKey.
    pub commits: Vec<Commits>,
    /// The large store; absent when it was left out.
    pub large: Option<Large>,
    /// Nanoseconds of CPU time of one call, by name.
    pub primitives: BTreeMap<String, f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        for (values, median) in [(vec![1.0], 1.0), (vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5)] {
            let (min, max) = (1.0, values.iter().copied().fold(0.0, f64::max));
            let spread = Spread::of(values);
            assert_eq!((spread.min, spread.median, spread.max), (min, median, max));
        }
    }
}
