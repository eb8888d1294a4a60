//! ListNodes: the nodes of a deployment whose store several share, each asked for a sign of life.

use std::time::Duration;

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Context, Operation, permission, seconds};
use crate::error::ServiceError;
use crate::nodes::NodeId;
use crate::nodes::directory::Known;
use crate::records::node::Standing;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListNodesRequest {}

/// All nodes that are or were, but for those forgotten; none where the store is embedded.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListNodesResponse {
    nodes: Vec<Listed>,
}

/// A node.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    /// Also the number of its audit journal.
    node_id: String,
    node_name: String,
    version: String,
    state: State,
    /// Whether it is the one that answers.
    is_answering: bool,
    #[serde(serialize_with = "seconds")]
    start_date: Timestamp,
    /// When its row was written, by the clock of who wrote it.
    #[serde(serialize_with = "seconds")]
    latest_report: Timestamp,
    /// The revision of the store that its view had reached then.
    applied_revision: u64,
    /// How long it took to report when it was asked now.
    #[serde(skip_serializing_if = "Option::is_none")]
    report_milliseconds: Option<u64>,
    freshness_bound_milliseconds: u64,
}

/// What a node is now.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    /// It answered just now.
    Current,
    /// It did not within the bound of freshness: it decides nothing now.
    Silent,
    /// It ended in order.
    Left,
    /// It kept silent and was taken off; it writes itself in again when it comes back.
    Removed,
}

/// Asks all nodes, and lists what they say.
pub(super) async fn list(_: &ListNodesRequest, ctx: &Context<'_>) -> Result<ListNodesResponse, ServiceError> {
    let _permitted = permission::require(Operation::ListNodes, ctx)?;
    let service = ctx.service;
    let asked_at = Instant::now();
    service.hear_from_nodes().await;
    let own = service.node.get().map(crate::nodes::OwnNode::id);
    let listed = |(id, known)| Listed::of(id, known, own == Some(id), asked_at);
    Ok(ListNodesResponse { nodes: service.view.nodes().all().into_iter().map(listed).collect() })
}

impl Listed {
    fn of(id: NodeId, Known { record, seen, .. }: Known, is_answering: bool, asked_at: Instant) -> Self {
        let took = seen.checked_duration_since(asked_at).filter(|_| !is_answering);
        let state = match record.standing {
            Standing::Left => State::Left,
            Standing::Removed => State::Removed,
            Standing::Member if is_answering || took.is_some() => State::Current,
            Standing::Member => State::Silent,
        };
        let in_ms = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self {
            node_id: id.to_string(),
            node_name: record.name.into(),
            version: record.version.into(),
            state,
            is_answering,
            start_date: record.started,
            latest_report: record.reported,
            applied_revision: record.applied,
            report_milliseconds: took.filter(|_| record.standing == Standing::Member).map(in_ms),
            freshness_bound_milliseconds: record.freshness_bound_ms,
        }
    }
}
