//! CreateRecoveryKey, DescribeRecoveryKey, Seal.
//!
//! Of a recovery key only the public half comes here: its private half is made and split by whoever asks, and no operation gives
//! or takes it. A recovery key is made once: replacing it silently would take everything out of the hands of those who hold its
//! shares.

use kagiban_base::time::Timestamp;
use kagiban_recovery::RecoveryRecipient;
use kagiban_storage::{Prefix, Transaction};
use serde::{Deserialize, Serialize};

use super::fields::{RecipientField, ShareNumber};
use super::permission;
use super::{Context, Done, Operation, OperatorError, seconds};
use crate::error::ServiceError;
use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::DomainKeyRecord;
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};
use crate::sealing::stored::{self, DOMAIN_KEYS_MAX};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreateRecoveryKeyRequest {
    recipient: RecipientField,
    shares_needed: ShareNumber,
    shares: ShareNumber,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoInput {}

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
    let CreateRecoveryKeyRequest { recipient, shares_needed: ShareNumber(threshold), shares: ShareNumber(shares) } =
        input;
    if threshold > shares {
        return Err(OperatorError::SharesNeeded { needed: *threshold, shares: *shares }.into());
    }
    let record =
        RecoveryKeyRecord { created: ctx.now, recipient: recipient.0.clone(), threshold: *threshold, shares: *shares };
    let root_key = ctx.service.root_key_again().await?;
    let (root_key, record) = (&*root_key, &record);
    let make = |tx: Transaction| async move {
        if tx.read::<RecoveryKeyRecord>(&RecoveryKeyRowKey).await?.is_some() {
            return Err(OperatorError::RecoveryKeyExists.into());
        }
        // Whoever adds a domain key writes this row; and each is read by its key, so that all this rests on it.
        tx.read::<DeploymentRecord>(&DeploymentRowKey).await?;
        let page = tx.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?;
        for (row, _) in page.rows {
            let Some(domain_key) = tx.read::<DomainKeyRecord>(&row).await? else { continue };
            let opened = stored::unwrap(&row, &domain_key, root_key)?;
            tx.put(&row, &DomainKeyRecord { sealed: Some(stored::seal(&opened, &record.recipient)?), ..domain_key })?;
        }
        tx.insert(&RecoveryKeyRowKey, record).await?;
        Ok::<_, ServiceError>(Done {})
    };
    ctx.service.transact("CreateRecoveryKey", make).await
}

/// The recovery key, as far as it is known here.
pub(super) async fn describe(_: &NoInput, ctx: &Context<'_>) -> Result<DescribeRecoveryKeyResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeRecoveryKey, ctx)?;
    let record = ctx.service.recovery_key().await?.ok_or(OperatorError::NoRecoveryKey)?;
    let RecoveryKeyRecord { created, recipient, threshold, shares } = record;
    Ok(DescribeRecoveryKeyResponse { recipient, shares_needed: threshold, shares, creation_date: created })
}

/// Seals this server. Where no shares could unseal it, it would be stopping it, and that is done otherwise.
pub(super) async fn seal(_: &NoInput, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let _permitted = permission::require(Operation::Seal, ctx)?;
    ctx.service.recovery_key().await?.ok_or(OperatorError::NoRecoveryKey)?;
    ctx.service.seal();
    Ok(Done {})
}
