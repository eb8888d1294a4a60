//! Whether a journal is there of every node that a deployment has or had: a directory that is missing as a whole has nothing in it that
//! could tell.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use kagiban_audit::journal::head::SignedHead;
use serde::{Deserialize, Serialize};

use super::directory;
use super::verify::read;
use crate::error::CliError;

/// A node without a journal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MissingJournal {
    /// The node's number is its journal's.
    #[serde(rename(deserialize = "NodeId", serialize = "JournalId"))]
    journal: String,
    node_name: String,
    state: String,
}

impl fmt::Display for MissingJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { journal, node_name, state } = self;
        write!(f, "journal {journal} of node {node_name} ({state}): missing, in none of the directories")
    }
}

/// What `kagiban nodes --output json` printed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nodes {
    nodes: Vec<MissingJournal>,
}

/// The nodes of a list whose journals are in none of these directories.
pub(super) fn missing(list: &Path, audits: &[PathBuf]) -> Result<Vec<MissingJournal>, CliError> {
    let heads = audits.iter().map(|audit| read(&audit.join("head"))).collect::<Result<Vec<_>, _>>()?;
    missing_of(&read(list)?, &heads).map_err(|error| {
        let source = io::Error::new(io::ErrorKind::InvalidData, error);
        CliError::AuditFile { path: list.to_owned(), source }
    })
}

fn missing_of(list: &str, heads: &[String]) -> Result<Vec<MissingJournal>, serde_json::Error> {
    let Nodes { nodes } = serde_json::from_str(list)?;
    let there: Vec<_> = heads.iter().filter_map(|head| journal_of(head)).collect();
    Ok(nodes.into_iter().filter(|node| !there.contains(&node.journal)).collect())
}

/// The number of the journal whose head this is; `None` for a text that is no head.
pub(super) fn journal_of(head: &str) -> Option<String> {
    SignedHead::parse(head).ok().map(|signed| signed.head.journal.to_string())
}

/// The audit directories of these.
pub(super) fn directories(data: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    data.iter().map(|data| directory(data)).collect()
}

#[cfg(test)]
mod tests {
    use kagiban_audit::Sequence;
    use kagiban_audit::journal::JournalId;
    use kagiban_audit::journal::blocks::ChainPoint;
    use kagiban_audit::journal::head::Head;
    use kagiban_base::time::Timestamp;

    use super::*;

    #[test]
    fn nodes_without_a_journal_are_named() {
        let head = |number: u8| {
            let journal = JournalId([number; 16]);
            let head =
                Head { journal, at: ChainPoint::genesis(journal), forgotten: Sequence(0), time: Timestamp::default() };
            SignedHead { head, signature: None }.to_text()
        };
        // What only speaks of a journal is no head of it.
        let heads = [head(1), head(2), format!("x\njournal {}\n", "03".repeat(16))];
        let node = |number: &str| {
            format!(r#"{{"NodeId":"{}","NodeName":"n{number}","State":"LEFT","Version":"1"}}"#, number.repeat(16))
        };
        for (numbers, expected) in [
            (vec![], vec![]),
            (vec!["01", "02"], vec![]),
            (vec!["03", "01"], vec!["n03"]),
            (vec!["04", "03"], vec!["n04", "n03"]),
        ] {
            let nodes: Vec<_> = numbers.into_iter().map(node).collect();
            let missing = missing_of(&format!(r#"{{"Nodes":[{}]}}"#, nodes.join(",")), &heads).unwrap();
            assert_eq!(missing.iter().map(|node| node.node_name.as_str()).collect::<Vec<_>>(), expected);
            assert!(missing.iter().all(|node| node.to_string().contains("(LEFT): missing")));
        }
        for wrong in ["", "{}", "[]"] {
            assert!(missing_of(wrong, &heads).is_err());
        }
    }
}
