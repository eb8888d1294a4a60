//! What the service does about an event by itself, because a rule of the operator asks for it: a key is disabled, a principal
//! is stopped, grants are revoked.
//!
//! Nobody calls these, so no policy is asked; what they may act upon is for the rule to say, and for whoever calls
//! [`Service::respond`] to check beforehand. Keys of services (AWS managed keys) are never touched. Each can be done again without
//! harm: what is so already is left as it is. Each leaves a record of its own, with the rule's name, like a request.
//!
//! All of it can be undone by a person: EnableKey, DeleteUserPolicy or DeleteRolePolicy, CreateGrant.

use kagiban_api::KeyState;
use kagiban_audit::JournalStopped;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_base::random::RandomError;
use kagiban_iam::containment::CONTAINMENT_POLICY;
pub use kagiban_iam::containment::{Containable, ContainmentError};
use kagiban_storage::Transaction;
use serde_json::{Value, json};

use crate::Service;
use crate::audit::{self, service_events};
use crate::error::ServiceError;
use crate::grants::removal;
use crate::records::Place;
use crate::records::grant::{GrantPrincipal, GrantRecord, GrantRowKey, PrincipalIdentity};
use crate::records::key::KeyBody;
use crate::records::service_event::RuleEvent;

/// Who acts, in records: the service that acts on events.
pub const RESPONSE_PRINCIPAL: &str = "events.amazonaws.com";
/// What the names of policies that stop a principal begin with; the rule's name follows.
pub const CONTAINMENT_POLICY_PREFIX: &str = "KagibanResponse-";
/// Grants looked at in one transaction: each has up to three rows and a note, a batch takes a hundred.
const GRANTS_BATCH: usize = 24;

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
        /// Only those of this grantee, or of its role: a unique id (`AIDA...`, of a session `AROA...:NAME`) or the number of an
        /// account, as records tell callers (`principalId`). Without it, all.
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
    pub region: Region,
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

impl ResponseError {
    /// Whether trying again cannot help.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::NoKey | Self::KeyOfService | Self::Containment(ContainmentError::Gone))
    }
}

impl Service {
    /// Who is to be stopped when this caller is: a user, or the role of a session.
    ///
    /// # Errors
    /// As of [`Iam::containable`](kagiban_iam::Iam::containable).
    pub fn containable(&self, arn: &str, unique_id: &str) -> Result<Option<Containable>, ContainmentError> {
        self.iam.containable(arn, unique_id)
    }

    /// Carries a response out, and records it. Returns how many things it changed: none if all was so already. What it did is
    /// noted where it is done, so that it is recorded later if it cannot be now.
    ///
    /// # Errors
    /// [`ResponseError`]
    pub async fn respond(&self, action: &ResponseAction, cause: ResponseCause<'_>) -> Result<usize, ResponseError> {
        if self.iam.audit.recorder().is_stopped() {
            return Err(JournalStopped.into());
        }
        let changed = match action {
            ResponseAction::AttachDeny(who) => attach_deny(who, cause, self).await,
            ResponseAction::DisableKey(key) => disable_key(key, cause, self).await,
            ResponseAction::RevokeGrants { key, grantee } => revoke_grants(key, grantee.as_deref(), cause, self).await,
        }?;
        if changed > 0
            && let Err(error) = service_events::record_all(self).await
        {
            tracing::error!(?error, "what a rule did could not be recorded yet; it will be tried again");
        }
        Ok(changed)
    }
}

async fn attach_deny(who: &Containable, cause: ResponseCause<'_>, service: &Service) -> Result<usize, ResponseError> {
    let policy_name = format!("{CONTAINMENT_POLICY_PREFIX}{}", cause.rule);
    let (operation, name) = if who.is_role { ("PutRolePolicy", "roleName") } else { ("PutUserPolicy", "userName") };
    let parameters = json!({ name: who.name, "policyName": policy_name, "policyDocument": CONTAINMENT_POLICY });
    let event = RuleEvent {
        rule: cause.rule.to_owned(),
        event_id: cause.event_id.to_owned(),
        account: who.account(),
        region: cause.region,
        source: "iam.amazonaws.com".to_owned(),
        operation: operation.to_owned(),
        parameters: parameters.to_string(),
        key: None,
    };
    let (row_key, row) = service_events::of_rule(event, service)?;
    if !service.iam.contain(who, &policy_name, &|tx| tx.put(&row_key, &row)).await? {
        return Ok(0);
    }
    tracing::warn!(rule = cause.rule, principal = who.arn, "a rule has stopped a principal");
    Ok(1)
}

async fn disable_key(key: &KeyArn, cause: ResponseCause<'_>, service: &Service) -> Result<usize, ResponseError> {
    if !service.transact_unasked("disable a key for a rule", |tx| switch_off(tx, *key, cause, service)).await? {
        return Ok(0);
    }
    tracing::warn!(rule = cause.rule, %key, "a rule has disabled a key");
    Ok(1)
}

/// Whether the key was in use.
async fn switch_off(
    tx: Transaction,
    key: KeyArn,
    cause: ResponseCause<'_>,
    service: &Service,
) -> Result<bool, ServiceError> {
    let mut body = customers(&tx, &key).await?;
    if !body.is_in_use() {
        return Ok(false);
    }
    body.state = KeyState::Disabled;
    tx.put(&key.into(), &body)?;
    note(&tx, cause.event_of_key("DisableKey", key, &json!({ "keyId": key.to_string() })), service)?;
    Ok(true)
}

/// In the transaction that does it: what is done is recorded, whatever becomes of the process.
fn note(tx: &Transaction, event: RuleEvent, service: &Service) -> Result<(), ServiceError> {
    let (row_key, row) = service_events::of_rule(event, service)?;
    Ok(tx.put(&row_key, &row)?)
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
    // Somebody who has no identity that could be a grantee has no grants.
    let Ok(grantee) = grantee.map(str::parse::<PrincipalIdentity>).transpose() else { return Ok(0) };
    let grantee = grantee.as_ref();
    let (mut revoked, mut after) = (0_usize, None);
    loop {
        let from = &after;
        let page = service
            .transact_unasked("revoke grants for a rule", |tx| revoke_page(tx, *key, from, grantee, cause, service));
        let (count, next) = page.await?;
        revoked = revoked.saturating_add(count);
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

/// Revokes those of the next grants that are meant. Returns how many, and the grant to go on behind.
async fn revoke_page(
    tx: Transaction,
    key: KeyArn,
    after: &Option<GrantRowKey>,
    grantee: Option<&PrincipalIdentity>,
    cause: ResponseCause<'_>,
    service: &Service,
) -> Result<(usize, Option<GrantRowKey>), ServiceError> {
    customers(&tx, &key).await?;
    let place = Place { region: key.region, account: key.account };
    let prefix = place.key_prefix::<GrantRecord>(key.key_id).map_err(kagiban_storage::StoreError::from)?;
    let page = tx.scan(&prefix, after.as_ref(), GRANTS_BATCH).await?;
    let mut revoked = 0_usize;
    for (grant, record) in &page.rows {
        if grantee.is_none_or(|caller| is_grantee(&record.grantee, caller)) {
            removal::remove(&tx, grant, record).await?;
            let parameters = json!({ "keyId": key.to_string(), "grantId": grant.grant_id.to_string() });
            note(&tx, cause.event_of_key("RevokeGrant", key, &parameters), service)?;
            revoked = revoked.saturating_add(1);
        }
    }
    let last = page.rows.last().map(|(grant, _)| *grant);
    Ok((revoked, last.filter(|_| page.more)))
}

/// Whether a grant is this caller's: its own, or its role's.
fn is_grantee(grantee: &GrantPrincipal, caller: &PrincipalIdentity) -> bool {
    match (&grantee.identity, caller) {
        (PrincipalIdentity::Role(id), PrincipalIdentity::RoleSession { role, .. }) => id == role,
        (grantee, caller) => grantee == caller,
    }
}

impl ResponseCause<'_> {
    /// What was done to a key, for its record.
    fn event_of_key(self, operation: &str, key: KeyArn, parameters: &Value) -> RuleEvent {
        RuleEvent {
            rule: self.rule.to_owned(),
            event_id: self.event_id.to_owned(),
            account: key.account,
            region: key.region,
            source: audit::KMS.to_owned(),
            operation: operation.to_owned(),
            parameters: parameters.to_string(),
            key: Some(key),
        }
    }
}
