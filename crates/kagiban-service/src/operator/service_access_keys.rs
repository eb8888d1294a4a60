//! CreateServiceAccessKey, ListServiceAccessKeys, DeleteServiceAccessKey.
//!
//! A service of the deployment (a storage service that encrypts with its users' keys) calls under its principal,
//! `s3.amazonaws.com`, with access keys that the operator makes. They belong to the management account, whose policies
//! do not bear on them: what a service may do, key policies, trust policies and grants say.

use kagiban_base::id::AccessKeyId;
use kagiban_base::time::Timestamp;
use kagiban_iam::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey, AccessKeyUseRecord, ServiceRecord, ServiceRowKey};
use kagiban_identity::access_key::{generate_access_key_id, generate_secret_access_key};
use kagiban_storage::{Prefix, StoreSnapshot, Transaction};
use serde::{Deserialize, Serialize};

use super::fields::{AccessKeyIdField, Marker, ServicePrincipal};
use super::permission::{self, Permitted};
use super::{Context, Done, Operation, OperatorError, ShownOnce, seconds};
use crate::error::{InternalError, ServiceError};
use crate::paging::Listing;

/// Access keys that one service can have: several instances, and room to replace the keys of each.
const ACCESS_KEYS_MAX: usize = 10;
/// Services on a page, so at most ten times as many access keys.
const PAGE_SERVICES: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreateRequest {
    service_principal: ServicePrincipal,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateResponse {
    service_principal: String,
    #[serde(with = "kagiban_storage::json::text")]
    access_key_id: AccessKeyId,
    secret_access_key: ShownOnce,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DeleteRequest {
    access_key_id: AccessKeyIdField,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ListRequest {
    #[serde(default)]
    service_principal: Option<ServicePrincipal>,
    #[serde(default)]
    marker: Option<Marker>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListResponse {
    service_access_keys: Vec<ServiceAccessKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceAccessKey {
    #[serde(with = "kagiban_storage::json::text")]
    access_key_id: AccessKeyId,
    service_principal: String,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
}

/// Makes an access key of a service principal, which is shown now and never again.
pub(super) async fn create(input: &CreateRequest, ctx: &Context<'_>) -> Result<CreateResponse, ServiceError> {
    let permitted = permission::require(Operation::CreateServiceAccessKey, ctx)?;
    let random = &*ctx.service.random;
    let access_key_id = generate_access_key_id(false, random)?;
    let secret = generate_secret_access_key(random)?;
    let row = AccessKeyRowKey(access_key_id);
    let wrapped = ctx.service.iam.secrets.wrap(secret.expose(), &row.binding(), random);
    let wrapped_secret =
        wrapped.map_err(|error| ServiceError::Internal(InternalError::Cryptography(Box::new(error))))?;
    let service_principal = input.service_principal.0.clone();
    let record = AccessKeyRecord {
        owner: AccessKeyOwner::Service(service_principal.clone()),
        ..AccessKeyRecord::of_root(ctx.caller.account(), ctx.now, wrapped_secret)
    };
    write(&service_principal, row, &record, &permitted, ctx).await?;
    Ok(CreateResponse { service_principal, access_key_id, secret_access_key: ShownOnce(secret) })
}

async fn write(
    principal: &str,
    row: AccessKeyRowKey,
    record: &AccessKeyRecord,
    _permitted: &Permitted,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    let make = |tx: Transaction| async move {
        let service_row = ServiceRowKey(principal.to_owned());
        let mut service = tx.read::<ServiceRecord>(&service_row).await?.unwrap_or_default();
        if service.access_keys.len() >= ACCESS_KEYS_MAX {
            return Err(OperatorError::ServiceAccessKeys { limit: ACCESS_KEYS_MAX }.into());
        }
        service.access_keys.push(row.0);
        tx.put(&service_row, &service)?;
        Ok(tx.insert(&row, record).await?)
    };
    ctx.service.transact("CreateServiceAccessKey", make).await
}

/// Lists the access keys of all service principals, or of one, by principal and then by age.
pub(super) async fn list(input: &ListRequest, ctx: &Context<'_>) -> Result<ListResponse, ServiceError> {
    let _permitted = permission::require(Operation::ListServiceAccessKeys, ctx)?;
    let only = input.service_principal.as_ref().map(|principal| principal.0.as_str());
    let listing = Listing::new("operator-service-access-keys", ctx.place(), only.unwrap_or_default());
    let after = listing.read_marker(input.marker.as_ref().map(|marker| marker.0.as_str()))?.map(ServiceRowKey);
    let snapshot = ctx.service.store.snapshot().await?;
    let prefix = only.map_or_else(|| Ok(Prefix::all()), ServiceRowKey::prefix);
    let prefix = prefix.map_err(kagiban_storage::StoreError::from)?;
    let page = snapshot.scan::<ServiceRecord>(&prefix, after.as_ref(), PAGE_SERVICES).await?;
    let mut service_access_keys = Vec::new();
    for (ServiceRowKey(principal), service) in &page.rows {
        for id in &service.access_keys {
            service_access_keys.push(shown(principal, *id, &snapshot).await?);
        }
    }
    let last = page.rows.last().filter(|_| page.more);
    let next_marker = last.map(|(ServiceRowKey(principal), _)| listing.marker(principal));
    Ok(ListResponse { service_access_keys, next_marker, truncated: page.more })
}

async fn shown(
    principal: &str,
    access_key_id: AccessKeyId,
    snapshot: &StoreSnapshot,
) -> Result<ServiceAccessKey, ServiceError> {
    let record: Option<AccessKeyRecord> = snapshot.read(&AccessKeyRowKey(access_key_id)).await?;
    let record = record.ok_or(ServiceError::Internal(InternalError::RowMissing("access-key")))?;
    Ok(ServiceAccessKey { access_key_id, service_principal: principal.to_owned(), creation_date: record.created })
}

/// Deletes an access key of a service principal. Those of users and roots are not this operation's.
pub(super) async fn delete(input: &DeleteRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let _permitted = permission::require(Operation::DeleteServiceAccessKey, ctx)?;
    let id = input.access_key_id.0;
    let remove = |tx: Transaction| async move {
        let row = AccessKeyRowKey(id);
        let record: Option<AccessKeyRecord> = tx.read(&row).await?;
        let Some(AccessKeyOwner::Service(principal)) = record.map(|record| record.owner) else {
            return Err(OperatorError::ServiceAccessKeyNotFound(Box::new(id)).into());
        };
        let service_row = ServiceRowKey(principal);
        let mut service = tx.read::<ServiceRecord>(&service_row).await?.unwrap_or_default();
        service.access_keys.retain(|key| *key != id);
        if service.access_keys.is_empty() {
            tx.delete::<ServiceRecord>(&service_row)?
        } else {
            tx.put(&service_row, &service)?
        }
        tx.delete::<AccessKeyRecord>(&row)?;
        tx.delete::<AccessKeyUseRecord>(&row)?;
        tx.erase_later(id.to_string(), ctx.now)?;
        Ok::<_, ServiceError>(Done {})
    };
    ctx.service.transact("DeleteServiceAccessKey", remove).await
}
