//! `kagiban upgrade`: the store's way from one version's format to the next one's.

use std::fmt::Write as _;
use std::io::Write;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::answers::seconds;
use crate::commands::{ask, show};
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS};
use crate::text::{printable, table};

/// Commands of `kagiban upgrade`.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum UpgradeCommand {
    /// Tell the store's format, what each node knows, how far an upgrade is, and what it brings
    ///
    /// SETTLED: nothing is on the way. UPGRADING: rows are written anew in the new format; it can be reverted. UPGRADED: all rows
    /// are; it waits for being finished, or reverted. REVERTING: rows are written anew in the format of before. Needs the permission
    /// kagiban:DescribeUpgrade in the management account.
    #[command(after_help = NEEDS)]
    Status(UpgradeOptions),
    /// Announce the next format, and have all rows written anew in it while the nodes serve
    ///
    /// Only once all nodes are of a version that knows it: which ones are not is said, and nothing is changed. From then on older
    /// versions do not start on the store, until the upgrade is reverted. Needs the permission kagiban:StartUpgrade in the management
    /// account.
    #[command(after_help = NEEDS)]
    Start(UpgradeOptions),
    /// Take an upgrade back that is not finished
    ///
    /// Rows are written anew in the format of before, while the nodes serve; when all are, the older version can be started again. Needs
    /// the permission kagiban:RevertUpgrade in the management account.
    #[command(after_help = NEEDS)]
    Revert(UpgradeOptions),
    /// Make an upgrade final, once all rows are of the new format
    ///
    /// There is no way back from here, but for a backup made before. Needs the permission kagiban:FinishUpgrade in the management
    /// account.
    #[command(after_help = NEEDS)]
    Finish(UpgradeOptions),
}

/// Options of each.
#[derive(clap::Args, Clone, Debug)]
pub struct UpgradeOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Where the store stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upgrade {
    format: u16,
    state: String,
    #[serde(deserialize_with = "seconds")]
    since: Timestamp,
    #[serde(default)]
    next_format: Option<u16>,
    changes: Vec<String>,
    rows_seen: u64,
    rows_written: u64,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    node_id: String,
    node_name: String,
    version: String,
    oldest_format: u16,
    newest_format: u16,
}

/// `kagiban upgrade`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn upgrade(command: &UpgradeCommand, output: &mut dyn Write) -> Result<(), CliError> {
    let (operation, options, otherwise) = match command {
        UpgradeCommand::Status(options) => ("DescribeUpgrade", options, "nothing was changed"),
        UpgradeCommand::Start(options) => ("StartUpgrade", options, "it was begun all the same"),
        UpgradeCommand::Revert(options) => ("RevertUpgrade", options, "it was begun all the same"),
        UpgradeCommand::Finish(options) => ("FinishUpgrade", options, "it was done all the same"),
    };
    let (client, body) = ask(&options.connection, operation, &json!({}))?;
    let upgrade: Upgrade = client.read(&body)?;
    show(options.connection.output, body.expose(), told(&upgrade).as_bytes(), otherwise, output)
}

fn told(upgrade: &Upgrade) -> String {
    let Upgrade { format, state, since, next_format, changes, rows_seen, rows_written, nodes } = upgrade;
    let (since, seen) = (since.to_rfc3339(), format!("{rows_seen} rows looked at, {rows_written} written anew"));
    let mut text = match (state.as_str(), next_format) {
        ("UPGRADING", _) => format!("The store is on the way to format {format}, since {since}: {seen}.\n"),
        ("UPGRADED", _) => format!(
            "All rows are of format {format}: {seen}.\nMake it final with: kagiban upgrade finish. Or go back with: kagiban upgrade revert.\n"
        ),
        ("REVERTING", _) => format!("The store is on the way back to format {format}, since {since}: {seen}.\n"),
        (_, Some(next)) => format!("The store is in format {format}. Format {next} is next: kagiban upgrade start.\n"),
        (_, None) => format!("The store is in format {format}, the newest that this version knows.\n"),
    };
    for change in changes {
        _ = writeln!(text, "  - {}", printable(change));
    }
    if !nodes.is_empty() {
        let row = |node: &Node| {
            let formats = format!("{} to {}", node.oldest_format, node.newest_format);
            [node.node_id.clone(), node.node_name.clone(), node.version.clone(), formats]
        };
        text.push_str(&table(["NODE", "NAME", "VERSION", "FORMATS"], &nodes.iter().map(row).collect::<Vec<_>>()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_says_what_can_be_done() {
        for (state, next, expected) in [
            ("SETTLED", Some(3), "format 2. Format 3 is next: kagiban upgrade start."),
            ("SETTLED", None, "format 2, the newest that this version knows."),
            (
                "UPGRADING",
                None,
                "on the way to format 2, since 2027-01-15T08:00:00Z: 7 rows looked at, 5 written anew.",
            ),
            ("UPGRADED", None, "kagiban upgrade finish"),
            ("REVERTING", Some(3), "on the way back to format 2"),
        ] {
            let mut answer = json!({
                "Format": 2, "State": state, "Since": 1_800_000_000, "Changes": ["it is smaller"], "RowsSeen": 7,
                "RowsWritten": 5,
                "Nodes": [{"NodeId": "01", "NodeName": "berlin", "Version": "0.1.0", "OldestFormat": 1, "NewestFormat": 2}],
            });
            if let Some(next) = next {
                answer["NextFormat"] = json!(next);
            }
            let text = told(&serde_json::from_value(answer).unwrap());
            assert!(text.contains(expected), "{text}");
            assert!(text.contains("  - it is smaller\n") && text.contains("berlin"), "{text}");
            let last: Vec<_> = text.lines().last().unwrap().split_whitespace().collect();
            assert_eq!(last, ["01", "berlin", "0.1.0", "1", "to", "2"]);
        }
    }
}
