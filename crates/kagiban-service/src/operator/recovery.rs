//! CreateRecoveryKey, ReplaceRecoveryKey, DescribeRecoveryKey, Seal.
//!
//! Of a new recovery key only the public half comes here: its private half is made and split by whoever asks, and no operation gives
//! it. One that there is can be replaced by those who hold its shares only, whoever else may call operations: enough of them have to be
//! given, as for unsealing, and what they open is what is sealed to the new one.

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::DomainKey;
use kagiban_recovery::{RecoveryRecipient, combine};
use kagiban_storage::{Prefix, Transaction};
use serde::{Deserialize, Serialize};

use super::fields::{NoInput, RecipientField, ShareNumber};
use super::permission;
use super::{Context, Done, Operation, OperatorError, seconds};
use crate::error::ServiceError;
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};
use crate::sealing::DomainKeysError;
use crate::sealing::give_shares::{self, ShareTexts};
use crate::sealing::stored::{self, DOMAIN_KEYS_MAX};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreateRecoveryKeyRequest {
    recipient: RecipientField,
    shares_needed: ShareNumber,
    shares: ShareNumber,
}

impl CreateRecoveryKeyRequest {
    fn record(&self, now: Timestamp) -> Result<RecoveryKeyRecord, OperatorError> {
        let Self { recipient, shares_needed: ShareNumber(threshold), shares: ShareNumber(shares) } = self;
        if threshold > shares {
            return Err(OperatorError::SharesNeeded { needed: *threshold, shares: *shares });
        }
        Ok(RecoveryKeyRecord { created: now, recipient: recipient.0.clone(), threshold: *threshold, shares: *shares })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ReplaceRecoveryKeyRequest {
    recipient: RecipientField,
    shares_needed: ShareNumber,
    shares: ShareNumber,
    /// Enough of the recovery key that is to go.
    present_shares: ShareTexts,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeRecoveryKeyResponse {
    #[serde(with = "kagiban_storage::json::text")]
    recipient: RecoveryRecipient,
    shares_needed: u8,
    shares: u8,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
}

/// Seals every domain key to a recovery key, which must be the first.
pub(super) async fn create(input: &CreateRecoveryKeyRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let _permitted = permission::require(Operation::CreateRecoveryKey, ctx)?;
    let record = input.record(ctx.now)?;
    let root_key = ctx.service.root_key_again().await?;
    let (root_key, record) = (&*root_key, &record);
    let make = |tx: Transaction| async move {
        if tx.read::<RecoveryKeyRecord>(&RecoveryKeyRowKey).await?.is_some() {
            return Err(OperatorError::RecoveryKeyExists.into());
        }
        seal_all(&tx, &record.recipient, |row, domain_key| stored::unwrap(row, domain_key, root_key)).await?;
        tx.insert(&RecoveryKeyRowKey, record).await?;
        Ok::<_, ServiceError>(Done {})
    };
    ctx.service.transact("CreateRecoveryKey", make).await
}

/// Seals every domain key to another recovery key, and to the present one no more.
pub(super) async fn replace(input: &ReplaceRecoveryKeyRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let _permitted = permission::require(Operation::ReplaceRecoveryKey, ctx)?;
    let ReplaceRecoveryKeyRequest { recipient, shares_needed, shares, present_shares } = input;
    let new = CreateRecoveryKeyRequest { recipient: recipient.clone(), shares_needed: *shares_needed, shares: *shares };
    let record = new.record(ctx.now)?;
    let present = ctx.service.recovery_key().await?.ok_or(OperatorError::NoRecoveryKey)?;
    if record.recipient == present.recipient {
        return Err(OperatorError::SameRecoveryKey.into());
    }
    let shares = give_shares::read(present_shares)?;
    give_shares::require_of(&shares, &present.recipient)?;
    let identity = combine(&shares).map_err(OperatorError::Shares)?;
    give_shares::require_is(&identity, &present.recipient)?;
    let (record, present, identity) = (&record, &present, &identity);
    let replace = |tx: Transaction| async move {
        if tx.read::<RecoveryKeyRecord>(&RecoveryKeyRowKey).await?.as_ref() != Some(present) {
            return Err(OperatorError::NoRecoveryKey.into());
        }
        seal_all(&tx, &record.recipient, |row, domain_key| stored::open_sealed(row, domain_key, identity)).await?;
        tx.put(&RecoveryKeyRowKey, record)?;
        tx.erase_later(format!("what was sealed to the recovery key {}", present.recipient.fingerprint()), ctx.now)?;
        Ok::<_, ServiceError>(Done {})
    };
    ctx.service.transact("ReplaceRecoveryKey", replace).await
}

/// Seals all domain keys to a recovery key.
async fn seal_all(
    tx: &Transaction,
    recipient: &RecoveryRecipient,
    open: impl Fn(&DomainKeyRowKey, &DomainKeyRecord) -> Result<DomainKey, DomainKeysError>,
) -> Result<(), ServiceError> {
    // Whoever adds a domain key writes this row; and each is read by its key, so that all this rests on it.
    tx.read::<DeploymentRecord>(&DeploymentRowKey).await?;
    let page = tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?;
    for (row, _) in page.rows {
        let Some(domain_key) = tx.read::<DomainKeyRecord>(&row).await? else { continue };
        let sealed = Some(stored::seal(&open(&row, &domain_key)?, recipient)?);
        tx.put(&row, &DomainKeyRecord { sealed, ..domain_key })?;
    }
    Ok(())
}

/// The recovery key, as far as it is known here.
pub(super) async fn describe(_: &NoInput, ctx: &Context<'_>) -> Result<DescribeRecoveryKeyResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeRecoveryKey, ctx)?;
    let record = ctx.service.recovery_key().await?.ok_or(OperatorError::NoRecoveryKey)?;
    let RecoveryKeyRecord { created, recipient, threshold, shares } = record;
    Ok(DescribeRecoveryKeyResponse { recipient, shares_needed: threshold, shares, creation_date: created })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct SealRequest {
    /// Whether all nodes are to be sealed, and every process that starts on the store from now on.
    #[serde(default)]
    all_nodes: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SealResponse {
    /// The others, if all were to be sealed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<Ordered>,
}

/// Another node, and whether it is sealed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ordered {
    node_id: String,
    node_name: Box<str>,
    state: OrderedState,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OrderedState {
    /// It knows of the order, and refuses everything.
    Sealed,
    /// It did not answer within the bound of freshness: it decides nothing, and seals itself as soon as it hears of the order.
    Silent,
    /// It is of a version that knows no such orders, and goes on: it has to be sealed or stopped by itself.
    Unaware,
}

/// Seals this server, or all nodes. Where no shares could unseal it, it would be stopping it, and that is done otherwise.
pub(super) async fn seal(input: &SealRequest, ctx: &Context<'_>) -> Result<SealResponse, ServiceError> {
    let _permitted = permission::require(Operation::Seal, ctx)?;
    let service = ctx.service;
    service.recovery_key().await?.ok_or(OperatorError::NoRecoveryKey)?;
    if !input.all_nodes {
        service.seal();
        return Ok(SealResponse { nodes: Vec::new() });
    }
    service.order_seal(ctx.request.request_id, ctx.now).await?;
    let revision = service.applied.progress().applied.number();
    service.all_nodes_know().await;
    let own = service.node.get().map(crate::nodes::OwnNode::id);
    let nodes = service.view.nodes();
    let others = nodes.all().into_iter().filter(|(id, known)| own != Some(*id) && known.record.is_member());
    let ordered = others.map(|(id, known)| Ordered {
        node_id: id.to_string(),
        state: match nodes.formats_of(id, known.record.started) {
            None => OrderedState::Unaware,
            Some(_) if known.record.applied >= revision => OrderedState::Sealed,
            Some(_) => OrderedState::Silent,
        },
        node_name: known.record.name,
    });
    Ok(SealResponse { nodes: ordered.collect() })
}
