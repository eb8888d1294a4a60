//! DescribeKeyUsage: what to know of a key before it is deleted. When, by whom and how often it was used, and what hangs on it.
//!
//! It shows grants, aliases and principals of a key, so it is for callers of the key's account that are allowed this very
//! operation; the key's policy is not asked, and no other account learns whether there is such a key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kagiban_api::{GrantOperation, KeyManagerType, KeySpec, KeyState};
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::event_id::EventId;
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_storage::{StoreError, StoreSnapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::KeyIdField;
use super::{Context, Operation, optional_seconds, permission, seconds};
use crate::catalog::KeyForms;
use crate::error::ServiceError;
use crate::grants::principals;
use crate::key_uses::MONTHS_KEPT;
use crate::keys::metadata;
use crate::month::Month;
use crate::records::Place;
use crate::records::grant::{GrantCountRecord, GrantRecord, GrantRowKey};
use crate::records::key::{KeyRecord, KeyRowKey};
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::key_use::KeyUseRecord;
use crate::records::usage::{Requests, Subject, UsageRecord, UsageRowKey};
use crate::resolve::{self, KeyIdentifier};

/// Grants that are shown; how many there are is told too.
const GRANTS_SHOWN: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct DescribeKeyUsageRequest {
    key_id: KeyIdField,
}

/// What is known of the use of a key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeKeyUsageResponse {
    key_id: String,
    arn: String,
    key_spec: KeySpec,
    key_state: KeyState,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_manager: Option<KeyManagerType>,
    multi_region: bool,
    description: String,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
    #[serde(serialize_with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    deletion_date: Option<Timestamp>,
    /// Since when uses are known.
    #[serde(serialize_with = "seconds")]
    tracking_start_date: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_use: Option<LastUseShown>,
    /// Who used it last, the latest first: the newest 16.
    principals: Vec<PrincipalShown>,
    /// The newest first; those without a request are left out.
    months: Vec<MonthShown>,
    aliases: Vec<String>,
    grant_count: u32,
    /// The first of them.
    grants: Vec<GrantShown>,
    /// Accounts besides its own that statements of the key's policy allow something to, or `*`.
    other_accounts_in_policy: BTreeSet<String>,
    /// What the clock of the service shows.
    #[serde(serialize_with = "seconds")]
    now: Timestamp,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LastUseShown {
    #[serde(serialize_with = "seconds")]
    timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_trail_event_id: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PrincipalShown {
    arn: Box<str>,
    #[serde(serialize_with = "seconds")]
    last_use: Timestamp,
    /// At least so many uses.
    count: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct MonthShown {
    month: String,
    succeeded: BTreeMap<Box<str>, u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    failed: BTreeMap<Box<str>, u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GrantShown {
    grant_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    grantee: String,
    operations: Vec<GrantOperation>,
}

/// Tells what is known of a key. What this node has noted is written down first, so that it is among it.
pub(super) async fn describe(
    input: &DescribeKeyUsageRequest,
    ctx: &Context<'_>,
) -> Result<DescribeKeyUsageResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeKeyUsage, ctx)?;
    let key = named(&input.key_id.0, ctx)?;
    ctx.service.save_key_uses().await?;
    let snapshot = &ctx.service.store.snapshot().await?;
    let row_key = KeyRowKey::from(key.arn);
    let last: Option<KeyUseRecord> = snapshot.read(&row_key).await?;
    let policy: Option<KeyPolicyRecord> = snapshot.read(&row_key).await?;
    let grant_count: Option<GrantCountRecord> = snapshot.read(&row_key).await?;
    let principals = last.iter().flat_map(|last| last.principals.clone());
    let shown = metadata::of(&key);
    Ok(DescribeKeyUsageResponse {
        key_id: shown.key_id,
        arn: key.arn.to_string(),
        key_spec: key.body.key_spec,
        key_state: key.body.state,
        key_manager: shown.key_manager,
        multi_region: key.arn.key_id.is_multi_region(),
        description: key.body.description.to_string(),
        creation_date: key.body.created,
        deletion_date: shown.deletion_date,
        tracking_start_date: ctx.service.key_uses_since.max(key.body.created),
        last_use: last.as_ref().map(|last| last_use(&key.arn, last)),
        principals: principals.map(|of| PrincipalShown { arn: of.arn, last_use: of.at, count: of.count }).collect(),
        months: months(&key.arn, snapshot, ctx).await?,
        aliases: ctx.service.view.aliases_of(&key.arn).iter().map(ToString::to_string).collect(),
        grant_count: grant_count.unwrap_or_default().count,
        grants: grants(&key.arn, snapshot, ctx).await?,
        other_accounts_in_policy: policy.map(|policy| others(&policy.0.document, key.arn.account)).unwrap_or_default(),
        now: ctx.now,
    })
}

/// The key of the caller's account that is meant. A key of another account is as good as missing.
fn named(identifier: &str, ctx: &Context<'_>) -> Result<Arc<KeyRecord>, ServiceError> {
    let Place { region, account } = ctx.place();
    let by_alias = |alias: AliasArn| match ctx.service.view.alias(&alias).filter(|_| alias.account == account) {
        Some(key_id) => Ok(KeyArn { region: alias.region, account, key_id }),
        None => Err(ServiceError::AliasNotFound(Box::new(alias))),
    };
    let arn = match resolve::parse(identifier, KeyForms::All)? {
        KeyIdentifier::Id(key_id) => KeyArn { region, account, key_id },
        KeyIdentifier::Arn(arn) => arn,
        KeyIdentifier::AliasName(name) => by_alias(AliasArn { region, account, name })?,
        KeyIdentifier::AliasArn(alias) => by_alias(alias)?,
    };
    let key = ctx.service.view.key(&arn).filter(|_| arn.account == account);
    key.ok_or(ServiceError::KeyNotFound(arn))
}

fn last_use(key: &KeyArn, last: &KeyUseRecord) -> LastUseShown {
    LastUseShown {
        timestamp: last.at,
        operation: last.operation.map(kagiban_api::KeyLastUsageTrackingOperation::as_str),
        caller: last.caller.clone(),
        kms_request_id: last.request_id.map(|request| request.to_string()),
        cloud_trail_event_id: last.request_id.map(|request| EventId::of(request, key.account).to_string()),
    }
}

/// The requests of all months that are kept.
async fn months(key: &KeyArn, snapshot: &StoreSnapshot, ctx: &Context<'_>) -> Result<Vec<MonthShown>, ServiceError> {
    let mut months = Vec::new();
    for back in 0..MONTHS_KEPT {
        let month = Month::of(ctx.now).before(back);
        let row_key = UsageRowKey { month, subject: Subject::Key(*key) };
        if let Some(UsageRecord { requests, .. }) = snapshot.read(&row_key).await? {
            let Requests { succeeded, failed } = requests;
            months.push(MonthShown { month: month.to_string(), succeeded, failed });
        }
    }
    Ok(months)
}

async fn grants(key: &KeyArn, snapshot: &StoreSnapshot, ctx: &Context<'_>) -> Result<Vec<GrantShown>, ServiceError> {
    let place = Place { region: key.region, account: key.account };
    let prefix = place.key_prefix::<GrantRecord>(key.key_id).map_err(StoreError::from)?;
    let page = snapshot.scan(&prefix, None, GRANTS_SHOWN).await?;
    let shown = |(grant, record): (GrantRowKey, GrantRecord)| GrantShown {
        grant_id: grant.grant_id.to_string(),
        grantee: principals::shown(&record.grantee, &ctx.service.iam.directory),
        name: record.name,
        operations: record.operations,
    };
    Ok(page.rows.into_iter().map(shown).collect())
}

/// The accounts in the principals of a policy's Allow statements that are not this one, and `*` for everybody.
fn others(document: &str, own: AccountId) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let allows = |statement: &&Value| statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    let named = statements.iter().filter(allows).filter_map(|statement| statement.get("Principal"));
    let texts = named.flat_map(|principal| match principal {
        Value::Object(kinds) => kinds.get("AWS").map(texts).unwrap_or_default(),
        other => texts(other),
    });
    texts.filter_map(account_in).filter(|account| account != own.as_str()).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

/// The account of a principal: its number, or the one in its ARN. An id of somebody who is gone has none.
fn account_in(principal: &str) -> Option<String> {
    let account = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    let is_number = account.parse::<AccountId>().is_ok();
    (is_number || account == "*").then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_accounts_are_found_in_all_forms_of_principals() {
        let own = "111122223333".parse().unwrap();
        for (principal, expected) in [
            (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, vec![]),
            (r#"{"AWS": "444455556666"}"#, vec!["444455556666"]),
            (
                r#"{"AWS": ["arn:aws:iam::444455556666:role/a", "arn:aws:iam::111122223333:user/b"]}"#,
                vec!["444455556666"],
            ),
            (r#"{"AWS": "*"}"#, vec!["*"]),
            (r#""*""#, vec!["*"]),
            (r#"{"Service": "s3.amazonaws.com"}"#, vec![]),
            (r#"{"AWS": "AIDAEXAMPLEEXAMPLEEX"}"#, vec![]),
        ] {
            let policy =
                |effect: &str| format!(r#"{{"Statement": [{{"Effect": "{effect}", "Principal": {principal}}}]}}"#);
            assert!(others(&policy("Allow"), own).iter().eq(&expected), "{principal}");
            assert!(others(&policy("Deny"), own).is_empty(), "{principal}");
        }
        assert!(others("no policy", own).is_empty());
    }
}
