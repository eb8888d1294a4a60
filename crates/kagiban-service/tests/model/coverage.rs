//! Which cells of the key-state table a run has visited, and what its requests were answered.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::states::{COLUMNS, State, TABLE, codes, reachable};

/// Refusals that a run must come to, besides those of the table.
pub(crate) const REFUSALS: [(&str, &str); 32] = [
    ("CancelKeyDeletion", "NotFoundException"),
    ("CreateAlias", "AlreadyExistsException"),
    ("CreateAlias", "LimitExceededException"),
    ("CreateGrant", "ValidationException"),
    ("CreateKey", "TagException"),
    ("CreateKey", "ValidationException"),
    ("Decrypt", "AccessDeniedException"),
    ("Decrypt", "DryRunOperationException"),
    ("Decrypt", "IncorrectKeyException"),
    ("Decrypt", "InvalidCiphertextException"),
    ("Decrypt", "InvalidKeyUsageException"),
    ("DeleteAlias", "NotFoundException"),
    ("DeleteImportedKeyMaterial", "NotFoundException"),
    ("DescribeKey", "NotFoundException"),
    ("EnableKeyRotation", "ValidationException"),
    ("Encrypt", "AccessDeniedException"),
    ("Encrypt", "InvalidKeyUsageException"),
    ("ImportKeyMaterial", "ExpiredImportTokenException"),
    ("ImportKeyMaterial", "IncorrectKeyMaterialException"),
    ("ImportKeyMaterial", "InvalidCiphertextException"),
    ("ImportKeyMaterial", "InvalidImportTokenException"),
    ("ImportKeyMaterial", "ValidationException"),
    ("PutKeyPolicy", "MalformedPolicyDocumentException"),
    ("RetireGrant", "InvalidGrantTokenException"),
    ("RevokeGrant", "NotFoundException"),
    ("RotateKeyOnDemand", "ConflictException"),
    ("RotateKeyOnDemand", "LimitExceededException"),
    ("ScheduleKeyDeletion", "ValidationException"),
    ("TagResource", "LimitExceededException"),
    ("UpdateAlias", "ValidationException"),
    ("Verify", "KMSInvalidSignatureException"),
    ("VerifyMac", "KMSInvalidMacException"),
];

/// Counts of one run, or of several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    cells: BTreeMap<(&'static str, State, &'static str), u64>,
    /// Operation and error code, or `ok`.
    pub(crate) answers: BTreeMap<(&'static str, String), u64>,
    pub(crate) steps: u64,
    pub(crate) restarts: u64,
    /// Changes whose commit failed.
    pub(crate) failed_commits: u64,
    pub(crate) keys: u64,
}

impl Coverage {
    pub(crate) fn visit(&mut self, operation: &'static str, state: State, code: &'static str) {
        *self.cells.entry((operation, state, code)).or_default() += 1;
    }

    pub(crate) fn answered(&mut self, operation: &'static str, code: &str) {
        *self.answers.entry((operation, code.to_owned())).or_default() += 1;
    }

    pub(crate) fn count(&self, cell: (&'static str, State, &'static str)) -> u64 {
        self.cells.get(&cell).copied().unwrap_or_default()
    }

    /// The reachable cells that were visited fewer times, and the refusals that nothing came to.
    pub(crate) fn missing(&self, least: u64) -> Vec<String> {
        let seldom = reachable().filter(|cell| self.count(*cell) < least);
        let cells = seldom.map(|cell| format!("{} in {} ({}): {}", cell.0, cell.1.name(), cell.2, self.count(cell)));
        let is_new =
            |(operation, code): &&(&'static str, &str)| !self.answers.contains_key(&(*operation, (*code).to_owned()));
        let refusals = REFUSALS.iter().filter(is_new).map(|(operation, code)| format!("{operation}: {code}"));
        cells.chain(refusals).collect()
    }

    /// Visits to cells that are not in the table: the model and the table disagree.
    pub(crate) fn strays(&self) -> Vec<String> {
        let known = |(operation, state, code): &(&'static str, State, &'static str)| {
            codes(operation, *state).any(|known| known == *code)
        };
        self.cells.keys().filter(|cell| !known(cell)).map(|cell| format!("{cell:?}")).collect()
    }

    /// Adds the counts of another run.
    pub(crate) fn add(&mut self, other: Self) {
        for (cell, count) in other.cells {
            *self.cells.entry(cell).or_default() += count;
        }
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.steps += other.steps;
        self.restarts += other.restarts;
        self.failed_commits += other.failed_commits;
        self.keys += other.keys;
    }

    /// The table with the visits to each cell: one number for each of its codes.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("| {:35} |", "Operation");
        COLUMNS.iter().for_each(|state| write!(text, " {} |", state.name()).expect("a String takes everything"));
        for (operation, _) in TABLE {
            write!(text, "\n| {operation:35} |").expect("a String takes everything");
            for state in COLUMNS {
                let counts: Vec<String> = codes(operation, state)
                    .map(|code| (code, self.count((operation, state, code))))
                    .map(|(code, count)| format!("{code} {count}"))
                    .collect();
                write!(text, " {} |", counts.join(", ")).expect("a String takes everything");
            }
        }
        text
    }

    /// How many reachable cells there are, how often all of them were visited, and the one that was visited least.
    pub(crate) fn summary(&self) -> String {
        let counts: Vec<u64> = reachable().map(|cell| self.count(cell)).collect();
        let answered: u64 = self.answers.values().sum();
        let refused: u64 = self.answers.iter().filter(|((_, code), _)| code != "ok").map(|(_, count)| count).sum();
        format!(
            "{} steps, {} requests ({refused} refused, {} kinds of refusals), {} keys, {} restarts, {} failed commits; {} cells visited {} times, \
             each at least {} times",
            self.steps,
            answered,
            self.answers.keys().filter(|(_, code)| code != "ok").count(),
            self.keys,
            self.restarts,
            self.failed_commits,
            counts.len(),
            counts.iter().sum::<u64>(),
            counts.iter().min().copied().unwrap_or_default(),
        )
    }
}
