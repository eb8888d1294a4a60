//! Keys that nobody makes: AWS managed keys, `alias/aws/SERVICE` in each account, and the keys that a service owns.
//!
//! An AWS managed key comes to life when a service of the deployment first uses it on behalf of the account's callers, or
//! when a caller who may see it describes it. A service's own key is kept in the management account and comes to life when the
//! service, as itself, first names it. Their policies ([`policy`]) never change and let nobody change the key.
//! A request that finds its key never comes here.

mod policy;
mod services;

use kagiban_api::{KeyManagerType, KeySpec, KeyUsageType, Operation, OriginType};
use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AliasName, KeyId};
use kagiban_base::time::Timestamp;
use kagiban_iam::caller::Principal;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_iam::{ServiceRecord, ServiceRowKey};
use kagiban_storage::{Prefix, Revision, StoreSnapshot, Transaction};

use self::services::{Predefined, Service};
use crate::authorize::{self, Said};
use crate::context::Context;
use crate::dispatch::{self, Answer};
use crate::error::{InternalError, ServiceError};
use crate::keys::create_key::NewKey;
use crate::policies::{self, NewPolicy};
use crate::records::alias::{AliasRecord, AliasRowKey, KeyAliasRecord, KeyAliasRowKey};
use crate::records::key::{AutomaticRotation, KeyBody, KeyRecord, Rotation};
use crate::records::key_policy::KeyPolicyRecord;

/// How often these keys rotate, in days.
const ROTATION_PERIOD_DAYS: i32 = 365;
/// Services whose predefined aliases are listed at most.
const SERVICES_LISTED_MAX: usize = 1000;

/// Answers a request that named its key by an alias which is not there: if the alias is kept for a key that may come to life
/// now, it does, and the request is run again.
///
/// # Errors
/// NotFound for the alias; what the operation gives.
pub(crate) async fn first_use(alias: Box<AliasArn>, body: &[u8], ctx: &Context<'_>) -> Result<Answer, ServiceError> {
    match Predefined::of(&alias.name) {
        Some(predefined) if make_if_due(&alias, &predefined, ctx).await? => dispatch::run(body, ctx).await,
        _ => Err(ServiceError::AliasNotFound(alias)),
    }
}

/// The aliases of AWS managed keys of the services that have access keys, whether there is such a key or not.
///
/// # Errors
/// Internal ones.
pub(crate) async fn aliases(snapshot: &StoreSnapshot) -> Result<Vec<AliasName>, ServiceError> {
    let page = snapshot.scan::<ServiceRecord>(&Prefix::all(), None, SERVICES_LISTED_MAX).await?;
    let services = page.rows.iter().filter_map(|(ServiceRowKey(principal), _)| Service::with_principal(principal));
    Ok(services.filter_map(|service| service.managed_alias()).collect())
}

/// Makes the key of a predefined alias if this request may bring it to life; whether it is there now.
async fn make_if_due(alias: &AliasArn, predefined: &Predefined, ctx: &Context<'_>) -> Result<bool, ServiceError> {
    let Some(by) = who_may(alias, predefined, ctx).await? else { return Ok(false) };
    let new = New::of(alias, predefined, ctx).await?;
    if by == By::Caller && !new.would_allow(alias, ctx) {
        return Ok(false);
    }
    new.store(alias, ctx).await?;
    Ok(true)
}

/// By whose request a key comes to life.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum By {
    /// A caller of the account, if it may see the key.
    Caller,
    /// The service that the key is for, whatever its caller may.
    Service,
}

/// Whether this request may bring the key to life, as far as can be told before there is one.
async fn who_may(alias: &AliasArn, predefined: &Predefined, ctx: &Context<'_>) -> Result<Option<By>, ServiceError> {
    let (operation, principal) = (ctx.operation(), ctx.caller.principal());
    let is_service = matches!(principal, Principal::Service(_));
    Ok(match predefined {
        Predefined::Managed(service) => {
            if is_use(operation) && ctx.caller.via_service() == Some(&*service.via(alias.region)) {
                Some(By::Service)
            } else if operation == Operation::DescribeKey && !is_service && is_configured(service, ctx).await? {
                Some(By::Caller)
            } else {
                None
            }
        }
        Predefined::Owned(service) => {
            let is_owner = matches!(principal, Principal::Service(name) if **name == *service.principal());
            (is_owner && is_use(operation)).then_some(By::Service)
        }
    })
}

/// What services do with their keys by an alias.
fn is_use(operation: Operation) -> bool {
    use Operation as O;
    matches!(
        operation,
        O::Decrypt
            | O::DescribeKey
            | O::Encrypt
            | O::GenerateDataKey
            | O::GenerateDataKeyPair
            | O::GenerateDataKeyPairWithoutPlaintext
            | O::GenerateDataKeyWithoutPlaintext
            | O::ReEncrypt
    )
}

/// Whether the service is one of this deployment: it has an access key. In development all of AWS's services are.
async fn is_configured(service: &Service, ctx: &Context<'_>) -> Result<bool, ServiceError> {
    if service.is_known() && ctx.directory().kind() == DeploymentKind::Development {
        return Ok(true);
    }
    let snapshot = ctx.service.store.snapshot().await?;
    Ok(snapshot.read::<ServiceRecord>(&ServiceRowKey(service.principal())).await?.is_some())
}

/// A key that may come to life.
struct New {
    rows: NewKey,
    policy: NewPolicy,
}

impl New {
    async fn of(alias: &AliasArn, predefined: &Predefined, ctx: &Context<'_>) -> Result<Self, ServiceError> {
        let key_id = KeyId::generate(ctx.service.random.as_ref())?;
        let arn = KeyArn { region: alias.region, account: alias.account, key_id };
        let policy = policies::checked(&policy::document(&arn, predefined), ctx.directory(), &ctx.limits())?;
        let rows = NewKey::make(arn, body_of(predefined, ctx.now), ctx.now, ctx.service).await?;
        Ok(Self { rows, policy })
    }

    /// Whether the caller may do what it wants on the key once it is there.
    fn would_allow(&self, alias: &AliasArn, ctx: &Context<'_>) -> bool {
        let said = Said { alias: Some(&alias.name), facts: &[] };
        authorize::would_allow(ctx.row.action, &self.policy.compiled, &self.rows.key, said, ctx)
    }

    /// Stores it, unless another request was faster; in both cases it is in the view afterwards.
    async fn store(self, alias: &AliasArn, ctx: &Context<'_>) -> Result<(), ServiceError> {
        let alias_row = AliasRowKey::from(alias.clone());
        let policy = KeyPolicyRecord(self.policy.bound);
        let (alias_row, rows, policy) = (&alias_row, &self.rows, &policy);
        let insert = |tx: Transaction| async move { insert(&tx, alias_row, rows, policy, ctx.now).await };
        let others = ctx.service.transact("first use of a key of a service", insert).await?;
        if let Some(revision) = others {
            let applied = ctx.service.applied.wait_for(revision).await;
            applied.map_err(|_| ServiceError::Internal(InternalError::NotFollowed))?;
        }
        Ok(())
    }
}

/// Inserts the rows of a key and its alias; if the alias is there already, gives the revision at which it is.
async fn insert(
    tx: &Transaction,
    alias_row: &AliasRowKey,
    rows: &NewKey,
    policy: &KeyPolicyRecord,
    now: Timestamp,
) -> Result<Option<Revision>, ServiceError> {
    if tx.read::<AliasRecord>(alias_row).await?.is_some() {
        return Ok(Some(tx.revision()));
    }
    let KeyRecord { arn, body, .. } = &rows.key;
    tx.put(alias_row, &AliasRecord { target: arn.key_id, created: now, updated: now })?;
    tx.insert(&KeyAliasRowKey::new(alias_row, arn.key_id), &KeyAliasRecord {}).await?;
    tx.insert(&rows.key.row_key(), body).await?;
    tx.insert(&rows.key.row_key(), policy).await?;
    if let Some((row_key, material)) = &rows.material {
        tx.insert(row_key, material).await?;
    }
    Ok(None)
}

fn body_of(predefined: &Predefined, now: Timestamp) -> KeyBody {
    let description = match predefined {
        Predefined::Managed(service) => service.description(),
        Predefined::Owned(service) => format!("Key that {} owns", service.principal()),
    };
    let next = now.plus_days(i64::from(ROTATION_PERIOD_DAYS));
    let automatic = AutomaticRotation { since: now, period_days: ROTATION_PERIOD_DAYS, next };
    KeyBody {
        rotation: Rotation { automatic: Some(automatic), ..Rotation::default() }.into(),
        key_manager: KeyManagerType::Aws,
        alias_count: 1,
        ..KeyBody::new((KeySpec::SymmetricDefault, KeyUsageType::EncryptDecrypt), OriginType::AwsKms, description, now)
    }
}
