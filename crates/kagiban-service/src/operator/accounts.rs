//! CreateAccount, ListAccounts, CloseAccount, ReopenAccount.
//!
//! In a development deployment every account exists; there, a row is only for what was said about one.

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::time::Timestamp;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_iam::{AccessKeyRecord, AccessKeyRowKey, AccountRecord, AccountRowKey};
use kagiban_identity::access_key::{generate_access_key_id, generate_secret_access_key};
use kagiban_storage::{Prefix, Transaction};
use serde::{Deserialize, Serialize};

use super::fields::{AccountIdField, AccountName, Limit, Marker};
use super::permission::{self, Permitted};
use super::{Context, Done, Operation, OperatorError, ShownOnce, seconds};
use crate::bootstrap::random_account;
use crate::error::{InternalError, ServiceError};
use crate::paging::Listing;

/// Random numbers of accounts that are tried before it must be the randomness that fails.
const NUMBERS_TRIED: usize = 16;
/// Accounts on a page, if the request does not say.
const PAGE_DEFAULT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreateAccountRequest {
    name: AccountName,
    #[serde(default)]
    account_id: Option<AccountIdField>,
}

/// The new account, and the only access key there is to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateAccountResponse {
    #[serde(with = "kagiban_storage::json::text")]
    account_id: AccountId,
    #[serde(with = "kagiban_storage::json::text")]
    access_key_id: AccessKeyId,
    secret_access_key: ShownOnce,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct AccountRequest {
    account_id: AccountIdField,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct ListAccountsRequest {
    #[serde(default)]
    limit: Option<Limit>,
    #[serde(default)]
    marker: Option<Marker>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAccountsResponse {
    accounts: Vec<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    #[serde(with = "kagiban_storage::json::text")]
    account_id: AccountId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
    state: &'static str,
}

/// Makes an account, and an access key of its root that is shown now and never again.
pub(super) async fn create(
    input: &CreateAccountRequest,
    ctx: &Context<'_>,
) -> Result<CreateAccountResponse, ServiceError> {
    let permitted = permission::require(Operation::CreateAccount, ctx)?;
    let random = &*ctx.service.random;
    let access_key_id = generate_access_key_id(false, random)?;
    let secret = generate_secret_access_key(random)?;
    let row = AccessKeyRowKey(access_key_id);
    let wrapped = ctx.service.iam.secrets.wrap(secret.expose(), &row.binding(), random);
    let wrapped = wrapped.map_err(|error| ServiceError::Internal(InternalError::Cryptography(Box::new(error))))?;
    let account_id = match input.account_id {
        Some(AccountIdField(account)) => account,
        None => free_number(ctx).await?,
    };
    let new = NewAccount { account_id, name: &input.name.0, access_key: row, wrapped_secret: &wrapped };
    new.write(&permitted, ctx).await?;
    Ok(CreateAccountResponse { account_id, access_key_id, secret_access_key: ShownOnce(secret) })
}

/// A random number that no account has. That it is still so is checked when it is taken.
async fn free_number(ctx: &Context<'_>) -> Result<AccountId, ServiceError> {
    let snapshot = ctx.service.store.snapshot().await?;
    for _ in 0..NUMBERS_TRIED {
        let account = random_account(&*ctx.service.random)?;
        if snapshot.read::<AccountRecord>(&AccountRowKey(account)).await?.is_none() {
            return Ok(account);
        }
    }
    Err(kagiban_base::random::RandomError.into())
}

struct NewAccount<'a> {
    account_id: AccountId,
    name: &'a str,
    access_key: AccessKeyRowKey,
    wrapped_secret: &'a [u8],
}

impl NewAccount<'_> {
    async fn write(&self, _permitted: &Permitted, ctx: &Context<'_>) -> Result<(), ServiceError> {
        let make = |tx: Transaction| async move {
            let row = AccountRowKey(self.account_id);
            if tx.read::<AccountRecord>(&row).await?.is_some() {
                return Err(OperatorError::AccountExists(self.account_id).into());
            }
            tx.put(&row, &AccountRecord { name: self.name.to_owned(), ..AccountRecord::new(ctx.now) })?;
            let access_key = AccessKeyRecord::of_root(self.account_id, ctx.now, self.wrapped_secret.to_vec());
            Ok(tx.insert(&self.access_key, &access_key).await?)
        };
        ctx.service.transact("CreateAccount", make).await
    }
}

/// Lists accounts, by number.
pub(super) async fn list(input: &ListAccountsRequest, ctx: &Context<'_>) -> Result<ListAccountsResponse, ServiceError> {
    let _permitted = permission::require(Operation::ListAccounts, ctx)?;
    let listing = Listing::new("operator-accounts", ctx.place(), "");
    let after = listing.read_marker(input.marker.as_ref().map(|marker| marker.0.as_str()))?.map(AccountRowKey);
    let limit = input.limit.map_or(PAGE_DEFAULT, |limit| limit.0);
    let snapshot = ctx.service.store.snapshot().await?;
    let page = snapshot.scan::<AccountRecord>(&Prefix::all(), after.as_ref(), limit).await?;
    let last = page.rows.last().filter(|_| page.more);
    let next_marker = last.map(|(AccountRowKey(account), _)| listing.marker(account.as_str()));
    let accounts = page.rows.into_iter().map(|(key, record)| shown(key, record)).collect();
    Ok(ListAccountsResponse { accounts, next_marker, truncated: page.more })
}

fn shown(AccountRowKey(account_id): AccountRowKey, record: AccountRecord) -> Account {
    let AccountRecord { created, name, alias, closed } = record;
    let state = if closed.is_some() { "CLOSED" } else { "ACTIVE" };
    Account { account_id, name, alias, creation_date: created, state }
}

/// Closes an account: from the next request on none of its credentials is known. Its keys and everything else stay.
pub(super) async fn close(input: &AccountRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let permitted = permission::require(Operation::CloseAccount, ctx)?;
    let account = input.account_id.0;
    if ctx.service.management_account == Some(account) {
        return Err(OperatorError::ManagementAccountStays(account).into());
    }
    set_closed(account, Some(ctx.now), &permitted, ctx).await
}

/// Opens a closed account again; its credentials are those it had.
pub(super) async fn reopen(input: &AccountRequest, ctx: &Context<'_>) -> Result<Done, ServiceError> {
    let permitted = permission::require(Operation::ReopenAccount, ctx)?;
    set_closed(input.account_id.0, None, &permitted, ctx).await
}

/// An account that is so already stays as it is.
async fn set_closed(
    account: AccountId,
    closed: Option<Timestamp>,
    _permitted: &Permitted,
    ctx: &Context<'_>,
) -> Result<Done, ServiceError> {
    let change = |tx: Transaction| async move {
        let row = AccountRowKey(account);
        let record = match tx.read::<AccountRecord>(&row).await? {
            Some(record) => record,
            None if ctx.service.iam.directory.kind() == DeploymentKind::Development => AccountRecord::new(ctx.now),
            None => return Err(OperatorError::AccountNotFound(account).into()),
        };
        if record.closed.is_some() != closed.is_some() {
            tx.put(&row, &AccountRecord { closed, ..record })?;
        }
        Ok::<_, ServiceError>(Done {})
    };
    ctx.service.transact(if closed.is_some() { "CloseAccount" } else { "ReopenAccount" }, change).await
}
