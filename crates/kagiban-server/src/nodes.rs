//! This process as one of the nodes that share a store: joins them, reports as long as it serves, and leaves them.
//!
//! A report that fails is tried again; what a node must not do while it cannot be heard of is for the service to know.

use std::sync::Arc;
use std::time::Duration;

use kagiban_audit::journal::Journal;
use kagiban_service::Service;
use kagiban_service::nodes::{JoinError, Node, NodeId};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::config::store::NodeOptions;

/// Between two attempts to report to a store that does not take it.
const REPORT_AGAIN: Duration = Duration::from_millis(500);
/// The end does not wait longer for the store.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Whether this is a node whose journal may have no signed head although the deployment is older: it was made just now; or by an
/// earlier start, which wrote its number into the store and ended before it had keys to sign with, as one can that starts sealed. The number of
/// a journal that somebody else put there is not in the store. Asked before the node joins.
pub(crate) fn is_newcomer(service: &Service, journal: &Journal) -> bool {
    journal.is_new() || service.has_node(NodeId(journal.id().0))
}

/// Joins the nodes, under the number of the audit journal.
pub(crate) async fn join(
    service: &Service,
    journal: &Journal,
    options: &NodeOptions,
    freshness_bound: Duration,
) -> Result<(), JoinError> {
    let node = Node {
        id: NodeId(journal.id().0),
        name: options.name(),
        version: env!("CARGO_PKG_VERSION"),
        freshness_bound,
        waits_for_all: options.wait_for_nodes,
    };
    tracing::info!(node = %node.id, name = node.name, "joining the nodes that share the store");
    service.join_nodes(node).await
}

/// Reports until it is dropped.
pub(crate) async fn report(service: Arc<Service>) {
    let mut beats = interval(Service::NODE_BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_beat = tokio::select! {
            _ = beats.tick() => true,
            () = service.node_report_wanted() => false,
        };
        while let Err(error) = service.report_node(is_beat).await {
            tracing::debug!(error = &error as &dyn std::error::Error, "this node could not report; it tries again");
            sleep(REPORT_AGAIN).await;
        }
    }
}

/// Leaves the nodes.
pub(crate) async fn leave(service: &Service) {
    if !matches!(timeout(LEAVE_WITHIN, service.leave_nodes()).await, Ok(Ok(()))) {
        tracing::warn!("this node could not take itself off; the others will, and wait for it until then");
    }
}
