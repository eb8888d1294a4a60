//! CreateGrant.

use kagiban_api::{CreateGrantRequest, CreateGrantResponse, GrantConstraints, GrantOperation};
use kagiban_storage::Transaction;

use super::operations::OperationSet;
use super::{constraints, is_for_aws_resource, principals, tokens};
use crate::authorize;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::cryptographic::refuse_dry_run;
use crate::error::ServiceError;
use crate::keys::state;
use crate::records::Place;
use crate::records::grant::{
    ConstraintsRecord, GrantCountRecord, GrantId, GrantNameRecord, GrantPrincipal, GrantRecord, GrantRowKey,
    RetirableGrantRecord, RetirableGrantRowKey,
};
use crate::records::key::{KeyBody, KeyRecord};
use crate::resolve::{self, Named};

/// Adds a grant to a key. One with a name is made once: the same request again gives the same grant, and another token.
pub(crate) async fn handle(input: &CreateGrantRequest, ctx: &Context<'_>) -> Result<CreateGrantResponse, ServiceError> {
    check_shape(input)?;
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let fresh = GrantId::generate(ctx.service.random.as_ref())?;
    let named = &named;
    let grant = ctx
        .service
        .transact(ctx.operation().name(), |tx| async move {
            let key = permitted(&tx, input, named, ctx).await?;
            tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
            let record = requested(input, ctx)?;
            check_key(input, &record, &key)?;
            state::require(ctx.row.states, &key)?;
            let grant = GrantRowKey::new(&key.arn, fresh);
            find_or_insert(&tx, grant, &record, input.dry_run, ctx).await
        })
        .await?;
    Ok(CreateGrantResponse {
        grant_token: Some(tokens::seal(&grant, ctx.service)?),
        grant_id: Some(grant.grant_id.to_string()),
    })
}

/// The key, if the caller may make this grant on it; by policy, or by a grant that allows all that this one is to allow.
async fn permitted(
    tx: &Transaction,
    input: &CreateGrantRequest,
    named: &Named,
    ctx: &Context<'_>,
) -> Result<KeyRecord, ServiceError> {
    let body: Option<KeyBody> = tx.read(&named.arn.into()).await?;
    let found = body.map(|body| KeyRecord::new(named.arn, body));
    let operations: Vec<&str> = input.operations.iter().map(|operation| operation.as_str()).collect();
    let source_arn = input.constraints.as_ref().and_then(|constraints| constraints.source_arn.as_deref());
    let facts = [
        Fact::GrantConstraints(input.constraints.as_ref()),
        is_for_aws_resource(ctx),
        Fact::GrantOperations(&operations),
        Fact::GranteePrincipal(input.grantee_principal.as_deref()),
        Fact::GranteeServicePrincipal(input.grantee_service_principal.as_deref()),
        Fact::RetiringPrincipal(input.retiring_principal.as_deref()),
        Fact::RetiringServicePrincipal(input.retiring_service_principal.as_deref()),
        Fact::SourceArn(source_arn),
    ];
    authorize::named(ctx.row.action, named, found, &facts, ctx).map(authorize::Authorized::into_subject)
}

/// What the request says must fit together, whatever the key and whoever the parties are.
fn check_shape(input: &CreateGrantRequest) -> Result<(), ServiceError> {
    let refuse = |text: &str| Err(ServiceError::Validation(text.to_owned()));
    match (&input.grantee_principal, &input.grantee_service_principal) {
        (None, None) => return refuse("A grant needs a GranteePrincipal or a GranteeServicePrincipal."),
        (Some(_), Some(_)) => {
            return refuse("A grant can have a GranteePrincipal or a GranteeServicePrincipal, but not both.");
        }
        _ => {}
    }
    let retiring = (&input.retiring_principal, &input.retiring_service_principal);
    if let (Some(_), Some(_)) = retiring {
        return refuse("A grant can have a RetiringPrincipal or a RetiringServicePrincipal, but not both.");
    }
    if input.operations.is_empty() {
        return refuse(
            "1 validation error detected: Value at 'operations' failed to satisfy constraint: Member must have length \
             greater than or equal to 1",
        );
    }
    let source_arn = input.constraints.as_ref().and_then(|constraints| constraints.source_arn.as_ref());
    if input.grantee_service_principal.is_some() && (source_arn.is_none() || retiring == (&None, &None)) {
        return refuse("A grant with a GranteeServicePrincipal needs a SourceArn constraint and a retiring principal.");
    }
    input.constraints.as_ref().map_or(Ok(()), constraints::check)
}

/// The grant that is asked for, its parties bound to who they are now.
fn requested(input: &CreateGrantRequest, ctx: &Context<'_>) -> Result<GrantRecord, ServiceError> {
    let party = |principal: &Option<String>,
                 service: &Option<String>|
     -> Result<Option<GrantPrincipal>, ServiceError> {
        let principal = principal.as_ref().map(|principal| principals::bind(principal, ctx.directory())).transpose()?;
        Ok(principal.or_else(|| service.as_ref().map(|service| principals::service(service))))
    };
    let grantee = party(&input.grantee_principal, &input.grantee_service_principal)?;
    let Some(grantee) = grantee else { return Err(ServiceError::Validation("A grant needs a grantee.".to_owned())) };
    Ok(GrantRecord {
        created: ctx.now,
        issuer: ctx.caller.account(),
        grantee,
        retiring: party(&input.retiring_principal, &input.retiring_service_principal)?,
        operations: each_once(&input.operations),
        constraints: input.constraints.as_ref().map(ConstraintsRecord::from).unwrap_or_default(),
        name: input.name.clone(),
    })
}

fn each_once(operations: &[GrantOperation]) -> Vec<GrantOperation> {
    let mut once: Vec<GrantOperation> = Vec::new();
    for operation in operations {
        if !once.contains(operation) {
            once.push(*operation);
        }
    }
    once
}

/// The operations and constraints must be ones that the key knows.
fn check_key(input: &CreateGrantRequest, record: &GrantRecord, key: &KeyRecord) -> Result<(), ServiceError> {
    let (usage, spec) = (key.body.key_usage, key.body.key_spec);
    let fitting = OperationSet::fitting(usage, spec);
    if let Some(unfit) = record.operations.iter().find(|operation| !fitting.contains(**operation)) {
        return Err(ServiceError::Validation(format!(
            "The grant operation {unfit} is not supported by a KMS key with key usage {usage} and key spec {spec}."
        )));
    }
    if input.constraints.as_ref().is_some_and(has_context) && !fitting.contains(GrantOperation::GenerateDataKey) {
        return Err(ServiceError::Validation(
            "Encryption context constraints are supported with symmetric encryption KMS keys only.".to_owned(),
        ));
    }
    Ok(())
}

fn has_context(constraints: &GrantConstraints) -> bool {
    constraints.encryption_context_equals.is_some() || constraints.encryption_context_subset.is_some()
}

/// The grant of that name that is the same, else the new one.
async fn find_or_insert(
    tx: &Transaction,
    new: GrantRowKey,
    record: &GrantRecord,
    dry_run: Option<bool>,
    ctx: &Context<'_>,
) -> Result<GrantRowKey, ServiceError> {
    let key = new.key_arn();
    if let Some(name) = record.name_key(&key)
        && let Some(GrantNameRecord { grant_id }) = tx.read(&name).await?
    {
        let same = GrantRowKey { grant_id, ..new };
        if tx.read::<GrantRecord>(&same).await?.is_some_and(|found| found.is_same_request(record)) {
            refuse_dry_run(dry_run)?;
            return Ok(same);
        }
    }
    let mut count: GrantCountRecord = tx.read(&key.into()).await?.unwrap_or_default();
    // That of the key's account, whoever grants.
    let place = Place { region: key.region, account: key.account };
    let limit = ctx.service.quotas.limits(place).grants_per_key;
    if count.count >= limit {
        return Err(ServiceError::GrantLimit { limit, usage: count.count });
    }
    refuse_dry_run(dry_run)?;
    count.count = count.count.saturating_add(1);
    tx.put(&key.into(), &count)?;
    insert(tx, &new, record).await?;
    Ok(new)
}

async fn insert(tx: &Transaction, grant: &GrantRowKey, record: &GrantRecord) -> Result<(), ServiceError> {
    tx.insert(grant, record).await?;
    if let Some(retiring) = &record.retiring {
        tx.insert(&RetirableGrantRowKey::new(grant, &retiring.identity), &RetirableGrantRecord {}).await?;
    }
    if let Some(name) = record.name_key(&grant.key_arn()) {
        tx.put(&name, &GrantNameRecord { grant_id: grant.grant_id })?;
    }
    Ok(())
}
