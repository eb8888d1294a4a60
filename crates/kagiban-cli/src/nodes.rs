//! `kagiban nodes`: the nodes that share a store.

use std::io::Write;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::answers::seconds;
use crate::commands::list;
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS};
use crate::text::table;

/// Options of `kagiban nodes`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = NEEDS)]
pub struct NodesOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// A node, as the server tells of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    node_id: String,
    node_name: String,
    version: String,
    state: String,
    is_answering: bool,
    #[serde(deserialize_with = "seconds")]
    start_date: Timestamp,
    #[serde(deserialize_with = "seconds")]
    latest_report: Timestamp,
    applied_revision: u64,
    #[serde(default)]
    report_milliseconds: Option<u64>,
}

/// `kagiban nodes`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn nodes(options: &NodesOptions, output: &mut dyn Write) -> Result<(), CliError> {
    list(&options.connection, "ListNodes", "Nodes", json!({}), shown, output)
}

fn shown(nodes: Vec<Node>) -> String {
    if nodes.is_empty() {
        return "The server has its store for itself: it is the only node.\n".to_owned();
    }
    let row = |node: Node| {
        let took = match node.report_milliseconds {
            Some(took) => format!("{took} ms"),
            None if node.is_answering => "(asked)".to_owned(),
            None => "-".to_owned(),
        };
        [
            node.node_id,
            node.node_name,
            node.version,
            node.state,
            took,
            node.applied_revision.to_string(),
            node.latest_report.to_rfc3339(),
            node.start_date.to_rfc3339(),
        ]
    };
    let rows: Vec<_> = nodes.into_iter().map(row).collect();
    table(["NODE", "NAME", "VERSION", "STATE", "ANSWERED IN", "REVISION", "LATEST REPORT", "STARTED"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_shown_one_a_line() {
        let nodes = json!([
            {"NodeId": "01", "NodeName": "berlin", "Version": "0.1.0", "State": "CURRENT", "IsAnswering": true,
             "StartDate": 1_800_000_000, "LatestReport": 1_800_000_000.5, "AppliedRevision": 7, "FreshnessBoundMilliseconds": 2000},
            {"NodeId": "02", "NodeName": "paris", "Version": "0.1.0", "State": "CURRENT", "IsAnswering": false,
             "StartDate": 1_800_000_000, "LatestReport": 1_800_000_000, "AppliedRevision": 7, "ReportMilliseconds": 12,
             "FreshnessBoundMilliseconds": 2000},
        ]);
        let text = shown(serde_json::from_value(nodes).unwrap());
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1][..7], ["01", "berlin", "0.1.0", "CURRENT", "(asked)", "7", "2027-01-15T08:00:00Z"]);
        assert_eq!(lines[2][..7], ["02", "paris", "0.1.0", "CURRENT", "12", "ms", "7"]);
        assert!(shown(Vec::new()).contains("only node"));
    }
}
