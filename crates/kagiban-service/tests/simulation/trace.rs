//! What happened in a run, in short: its last lines for a report, and all of them as one number, which is the same for the same seed.

use std::collections::VecDeque;

/// Lines that a report shows.
const LINES_MAX: usize = 60;

#[derive(Debug, Default)]
pub(crate) struct Trace {
    last: VecDeque<String>,
    digest: u64,
}

impl Trace {
    pub(crate) fn add(&mut self, line: String) {
        if crate::from_environment::<u8>("KAGIBAN_SIMULATION_TRACE").is_some() {
            println!("{line}");
        }
        // FNV-1a
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.digest = line.bytes().fold(self.digest ^ 0xcbf2_9ce4_8422_2325, hash);
        self.last.push_back(line);
        if self.last.len() > LINES_MAX {
            self.last.pop_front();
        }
    }

    pub(crate) fn digest(&self) -> u64 {
        self.digest
    }

    pub(crate) fn last(&self) -> String {
        self.last.iter().map(|line| format!("  {line}\n")).collect()
    }
}
