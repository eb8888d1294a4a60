//! What the service does about an event by itself, because a rule of the operator asks for it: a key is disabled, a principal
//! is stopped, grants are revoked.
//!
//! Nobody calls these, so no policy is asked; what they may act upon is for the rule to say, and for whoever calls
//! [`Service::respond`] to check beforehand. Keys of services (AWS managed keys) are never touched. Each can be done again without
//! harm: what is so already is left as it is. Each leaves a record of its own, with the rule's name, like a request.
//!
//! All of it can be undone by a person: EnableKey, DeleteUserPolicy or DeleteRolePolicy, CreateGrant.

use kagiban_api::KeyState;
use kagiban_audit::{JournalStopped, Record, RecordKind};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::random::RandomError;
use kagiban_iam::containment::{CONTAINMENT_POLICY, Containable, ContainmentError};
use kagiban_storage::Transaction;
use serde_json::{Value, json};

use crate::Service;
use crate::error::ServiceError;
use crate::grants::{principals, removal};
use crate::records::Place;
use crate::records::grant::{GrantPrincipal, GrantRecord, GrantRowKey, PrincipalIdentity};
use crate::records::key::KeyBody;

/// Who acts, in records: the service that acts on events.
pub const RESPONSE_PRINCIPAL: &str = "events.amazonaws.com";
/// What the names of policies that stop a principal begin with; the rule's name follows.
pub const CONTAINMENT_POLICY_PREFIX: &str = "KagibanResponse-";
/// Grants looked at in one transaction.
const GRANTS_BATCH: usize = 30;

/// What is to be done.
#[derive(Clone, Debug)]
pub enum ResponseAction {
    /// An inline policy that denies everything.
    AttachDeny(Containable),
    /// The key's state becomes Disabled.
    DisableKey(KeyArn),
    /// Grants of a key.
    RevokeGrants {
        /// The key.
        key: KeyArn,
        /// Only those of this grantee: an ARN. Without it, all.
        grantee: Option<String>,
    },
}

/// Why it is to be done.
#[derive(Clone, Copy, Debug)]
pub struct ResponseCause<'a> {
    /// The name of the rule.
    pub rule: &'a str,
    /// The number of the event that made it fire.
    pub event_id: &'a str,
    /// The Region in which it happened.
    pub region: &'a str,
}

/// A response could not be carried out. Nothing is half done but what can be done again.
#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    /// There is no such key.
    #[error("there is no such key")]
    NoKey,
    /// The key belongs to a service.
    #[error("the key is managed by a service and is not touched")]
    KeyOfService,
    /// The principal.
    #[error("the principal could not be stopped")]
    Containment(#[from] ContainmentError),
    /// The journal cannot be written, and what cannot be recorded is not done.
    #[error("the audit journal cannot be written")]
    Journal(#[from] JournalStopped),
    /// No number for the record.
    #[error("there is no randomness")]
    Random(#[from] RandomError),
    /// The store, or what follows it. The cause is in the log.
    #[error("the store failed")]
    Store,
}

impl From<ServiceError> for ResponseError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::KeyNotFound(_) => Self::NoKey,
            ServiceError::KeyOfService(_) => Self::KeyOfService,
            error => {
                tracing::error!(?error, "a response failed");
                Self::Store
            }
        }
    }
}

impl Service {
    /// Who is to be stopped when this caller is: a user, or the role of a session.
    pub fn containable(&self, principal: &str) -> Option<Containable> {
        self.iam.containable(principal)
    }

    /// Carries a response out. Returns how many things it changed: none if all was so already.
    ///
    /// # Errors
    /// [`ResponseError`]
    pub async fn respond(&self, action: &ResponseAction, cause: ResponseCause<'_>) -> Result<usize, ResponseError> {
        if self.iam.audit.recorder().is_stopped() {
            return Err(JournalStopped.into());
        }
        match action {
            ResponseAction::AttachDeny(who) => attach_deny(who, cause, self).await,
            ResponseAction::DisableKey(key) => disable_key(key, cause, self).await,
            ResponseAction::RevokeGrants { key, grantee } => revoke_grants(key, grantee.as_deref(), cause, self).await,
        }
    }
}

async fn attach_deny(who: &Containable, cause: ResponseCause<'_>, service: &Service) -> Result<usize, ResponseError> {
    let policy_name = format!("{CONTAINMENT_POLICY_PREFIX}{}", cause.rule);
    if !service.iam.contain(who, &policy_name).await? {
        return Ok(0);
    }
    let (operation, name) = if who.is_role { ("PutRolePolicy", "roleName") } else { ("PutUserPolicy", "userName") };
    let parameters = json!({ name: who.name, "policyName": policy_name, "policyDocument": CONTAINMENT_POLICY });
    let done = Done { source: "iam.amazonaws.com", operation, account: who.account(), parameters, key: None };
    done.record(cause, service).await?;
    tracing::warn!(rule = cause.rule, principal = who.arn, "a rule has stopped a principal");
    Ok(1)
}

async fn disable_key(key: &KeyArn, cause: ResponseCause<'_>, service: &Service) -> Result<usize, ResponseError> {
    if !service.transact("disable a key for a rule", |tx| switch_off(tx, *key)).await? {
        return Ok(0);
    }
    let parameters = json!({ "keyId": key.to_string() });
    Done::of_key("DisableKey", key, parameters).record(cause, service).await?;
    tracing::warn!(rule = cause.rule, %key, "a rule has disabled a key");
    Ok(1)
}

/// Whether the key was in use.
async fn switch_off(tx: Transaction, key: KeyArn) -> Result<bool, ServiceError> {
    let mut body = customers(&tx, &key).await?;
    if !body.is_in_use() {
        return Ok(false);
    }
    body.state = KeyState::Disabled;
    tx.put(&key.into(), &body)?;
    Ok(true)
}

/// The key, if it is a customer's.
async fn customers(tx: &Transaction, key: &KeyArn) -> Result<KeyBody, ServiceError> {
    let body: Option<KeyBody> = tx.read(&(*key).into()).await?;
    let body = body.ok_or(ServiceError::KeyNotFound(*key))?;
    if body.is_customer_managed() { Ok(body) } else { Err(ServiceError::KeyOfService(*key)) }
}

async fn revoke_grants(
    key: &KeyArn,
    grantee: Option<&str>,
    cause: ResponseCause<'_>,
    service: &Service,
) -> Result<usize, ResponseError> {
    let (mut revoked, mut after) = (0_usize, None);
    loop {
        let from = &after;
        let page = service.transact("revoke grants for a rule", |tx| revoke_page(tx, *key, from, grantee, service));
        let (ids, next) = page.await?;
        for id in ids {
            let parameters = json!({ "keyId": key.to_string(), "grantId": id });
            Done::of_key("RevokeGrant", key, parameters).record(cause, service).await?;
            revoked = revoked.saturating_add(1);
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    if revoked > 0 {
        tracing::warn!(rule = cause.rule, %key, revoked, "a rule has revoked grants");
    }
    Ok(revoked)
}

/// Revokes those of the next grants that are meant. Returns their ids, and the grant to go on behind.
async fn revoke_page(
    tx: Transaction,
    key: KeyArn,
    after: &Option<GrantRowKey>,
    grantee: Option<&str>,
    service: &Service,
) -> Result<(Vec<String>, Option<GrantRowKey>), ServiceError> {
    customers(&tx, &key).await?;
    let place = Place { region: key.region, account: key.account };
    let prefix = place.key_prefix::<GrantRecord>(key.key_id).map_err(kagiban_storage::StoreError::from)?;
    let page = tx.scan(&prefix, after.as_ref(), GRANTS_BATCH).await?;
    let mut revoked = Vec::new();
    for (grant, record) in &page.rows {
        if grantee.is_none_or(|arn| is_grantee(&record.grantee, arn, service)) {
            removal::remove(&tx, grant, record).await?;
            revoked.push(grant.grant_id.to_string());
        }
    }
    let last = page.rows.last().map(|(grant, _)| *grant);
    Ok((revoked, last.filter(|_| page.more)))
}

/// Whether a grant is this caller's: its own, or its role's.
fn is_grantee(grantee: &GrantPrincipal, caller: &str, service: &Service) -> bool {
    let shown = principals::shown(grantee, &service.iam.directory);
    let is_named = matches!(grantee.identity, PrincipalIdentity::Role(_) | PrincipalIdentity::User(_));
    shown == caller || (is_named && service.iam.containable(caller).is_some_and(|holder| holder.arn == shown))
}

/// What was done, for its record.
struct Done {
    source: &'static str,
    operation: &'static str,
    account: AccountId,
    parameters: Value,
    key: Option<KeyArn>,
}

impl Done {
    fn of_key(operation: &'static str, key: &KeyArn, parameters: Value) -> Self {
        Self { source: "kms.amazonaws.com", operation, account: key.account, parameters, key: Some(*key) }
    }

    async fn record(&self, cause: ResponseCause<'_>, service: &Service) -> Result<(), ResponseError> {
        let number = RequestId::generate(service.random.as_ref())?;
        let (parameters, key) = (self.parameters.to_string(), self.key.map(|key| key.to_string()));
        let response = key.as_ref().map(|key| json!({ "keyId": key }).to_string()).unwrap_or_default();
        let additional = json!({ "rule": cause.rule, "eventId": cause.event_id }).to_string();
        let region = self.key.map(|key| key.region);
        let record = Record {
            kind: RecordKind::ApiCall,
            event_source: self.source,
            event_name: self.operation,
            identity: r#"{"type":"AWSService","invokedBy":"events.amazonaws.com"}"#,
            principal: RESPONSE_PRINCIPAL,
            source_address: RESPONSE_PRINCIPAL,
            user_agent: RESPONSE_PRINCIPAL,
            request_parameters: &parameters,
            response_elements: &response,
            additional_event_data: &additional,
            resources: key.as_deref().unwrap_or_default(),
            ..Record::new(
                service.clock.now(),
                number,
                self.account,
                region.as_ref().map_or(cause.region, |region| region.as_str()),
            )
        };
        let sequence = service.iam.audit.recorder().append(&record)?;
        if service.iam.audit.recorder().is_strict() {
            service.iam.audit.recorder().durable(sequence).await?;
        }
        Ok(())
    }
}
