//! DescribeUpgrade, StartUpgrade, RevertUpgrade, FinishUpgrade: the store's way from one format to the next.

use kagiban_base::time::Timestamp;
use kagiban_storage::format::{Format, FormatRecord, Formats, Phase};
use kagiban_storage::rewriting::{self, RewritingRecord, StepError};
use kagiban_storage::{StoreError, Transaction};
use serde::Serialize;

use super::fields::NoInput;
use super::permission::Permitted;
use super::{Context, Operation, OperatorError, permission, seconds};
use crate::error::ServiceError;
use crate::nodes::NodeId;
use crate::nodes::directory::Known;
use crate::upgrade::changes;

/// Where the store stands.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpgradeResponse {
    /// In which rows are written.
    format: Format,
    state: State,
    #[serde(serialize_with = "seconds")]
    since: Timestamp,
    /// That StartUpgrade would announce; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_format: Option<Format>,
    /// What the next format brings; or that which is on the way.
    changes: &'static [&'static str],
    /// Rows that were looked at and written anew in what is on the way.
    rows_seen: u64,
    rows_written: u64,
    nodes: Vec<NodeFormats>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum State {
    /// Nothing is on the way.
    Settled,
    /// Rows are written anew; it can be reverted.
    Upgrading,
    /// All rows are of the new format; it can be finished or reverted.
    Upgraded,
    /// Rows are written anew in the format of before.
    Reverting,
}

/// A node that takes part, and the formats it knows; those of a version without formats are the first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NodeFormats {
    node_id: String,
    node_name: Box<str>,
    version: Box<str>,
    oldest_format: Format,
    newest_format: Format,
}

/// Tells where the store stands.
pub(super) async fn describe(_: &NoInput, ctx: &Context<'_>) -> Result<UpgradeResponse, ServiceError> {
    let permitted = permission::require(Operation::DescribeUpgrade, ctx)?;
    told(&permitted, ctx).await
}

/// Announces the next format, once all nodes know it.
pub(super) async fn start(_: &NoInput, ctx: &Context<'_>) -> Result<UpgradeResponse, ServiceError> {
    let permitted = permission::require(Operation::StartUpgrade, ctx)?;
    let service = ctx.service;
    let formats = service.store.formats();
    let found = service.transact("ReadFormat", |tx| async move { Ok(rewriting::state(&tx).await?.0) }).await?;
    let next = rewriting::upgrade_of(&found, formats).map_err(OperatorError::Upgrade)?;
    service.hear_from_nodes().await;
    let unable = members(ctx).into_iter().filter(|node| !node.formats().have(next));
    let unable: Vec<_> = unable.map(|node| format!("{} ({})", node.node_name, node.version)).collect();
    if !unable.is_empty() {
        return Err(OperatorError::NodesLackFormat { format: next, nodes: unable.join(", ") }.into());
    }
    step("StartUpgrade", ctx, |tx| async move { rewriting::start(&tx, formats, ctx.now).await }).await?;
    tracing::warn!(format = %next, "the store's next format is announced: rows are written in it from now on");
    told(&permitted, ctx).await
}

/// Takes an upgrade back that is not finished.
pub(super) async fn revert(_: &NoInput, ctx: &Context<'_>) -> Result<UpgradeResponse, ServiceError> {
    let permitted = permission::require(Operation::RevertUpgrade, ctx)?;
    step("RevertUpgrade", ctx, |tx| async move { rewriting::revert(&tx, ctx.now).await }).await?;
    tracing::warn!("the upgrade of the store is taken back: rows are written in the format of before from now on");
    told(&permitted, ctx).await
}

/// Makes an upgrade final.
pub(super) async fn finish(_: &NoInput, ctx: &Context<'_>) -> Result<UpgradeResponse, ServiceError> {
    let permitted = permission::require(Operation::FinishUpgrade, ctx)?;
    step("FinishUpgrade", ctx, |tx| async move { rewriting::finish(&tx, ctx.now).await }).await?;
    tracing::warn!("the upgrade of the store is finished");
    told(&permitted, ctx).await
}

async fn step<B, F>(name: &'static str, ctx: &Context<'_>, body: B) -> Result<(), ServiceError>
where
    B: Fn(Transaction) -> F,
    F: Future<Output = Result<Result<(), StepError>, StoreError>>,
{
    let run = |tx: Transaction| {
        let stepped = body(tx);
        async move { stepped.await?.map_err(|error| OperatorError::Upgrade(error).into()) }
    };
    ctx.service.transact(name, run).await
}

async fn told(_: &Permitted, ctx: &Context<'_>) -> Result<UpgradeResponse, ServiceError> {
    let state = ctx.service.transact("DescribeUpgrade", |tx| async move { Ok(rewriting::state(&tx).await?) }).await?;
    let (FormatRecord { number, phase, since, .. }, RewritingRecord { seen, written, is_done, .. }) = state;
    let next = rewriting::upgrade_of(&state.0, ctx.service.store.formats()).ok();
    let state = match phase {
        Phase::Settled => State::Settled,
        Phase::Upgrading if is_done => State::Upgraded,
        Phase::Upgrading => State::Upgrading,
        Phase::Reverting => State::Reverting,
    };
    let of_change = if phase == Phase::Upgrading { Some(number) } else { next };
    Ok(UpgradeResponse {
        format: number,
        state,
        since,
        next_format: next,
        changes: of_change.map(changes).unwrap_or_default(),
        rows_seen: seen,
        rows_written: written,
        nodes: members(ctx),
    })
}

/// The nodes that take part.
fn members(ctx: &Context<'_>) -> Vec<NodeFormats> {
    let nodes = ctx.service.view.nodes();
    let of = |(id, known): (NodeId, Known)| {
        let Formats { oldest, newest } = nodes.formats_of(id, known.record.started).unwrap_or(WITHOUT_FORMATS);
        NodeFormats {
            node_id: id.to_string(),
            node_name: known.record.name,
            version: known.record.version,
            oldest_format: oldest,
            newest_format: newest,
        }
    };
    nodes.all().into_iter().filter(|(_, known)| known.record.is_member()).map(of).collect()
}

/// What a program knows that knows of no formats.
const WITHOUT_FORMATS: Formats = Formats { oldest: Format::FIRST, newest: Format::FIRST };

impl NodeFormats {
    fn formats(&self) -> Formats {
        Formats { oldest: self.oldest_format, newest: self.newest_format }
    }
}
