//! From what a request calls a key to the key's record: id, ARN, alias name, alias ARN.

use std::sync::Arc;

use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccountId, AliasName, KeyId};

use crate::authorize::{self, Action, Authorized};
use crate::catalog::KeyForms;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::key_uses::Asked;
use crate::quotas;
use crate::records::key::KeyRecord;

/// A key that an identifier was resolved to.
pub(crate) trait Resolved {
    /// The key's record.
    fn record(&self) -> &KeyRecord;
    /// The key among those that a request got permission for.
    fn asked(&self) -> Asked;
}

impl Resolved for Arc<KeyRecord> {
    fn record(&self) -> &KeyRecord {
        self
    }

    fn asked(&self) -> Asked {
        Asked::Held(Self::clone(self))
    }
}

impl Resolved for KeyRecord {
    fn record(&self) -> &KeyRecord {
        self
    }

    fn asked(&self) -> Asked {
        Asked::Read(self.arn)
    }
}

/// An identifier, read.
#[derive(Debug)]
pub(crate) enum KeyIdentifier {
    Id(KeyId),
    Arn(KeyArn),
    AliasName(AliasName),
    AliasArn(AliasArn),
}

/// Reads an identifier; which forms are taken depends on the operation.
///
/// # Errors
/// InvalidArn for a malformed ARN, NotFound (`Invalid keyId`) for anything that is no identifier at all, and the refusal of
/// aliases where only ids and key ARNs are taken.
pub(crate) fn parse(identifier: &str, forms: KeyForms) -> Result<KeyIdentifier, ServiceError> {
    let read = read(identifier)?;
    match (&read, forms) {
        (KeyIdentifier::AliasName(_) | KeyIdentifier::AliasArn(_), KeyForms::IdOrArn | KeyForms::None) => {
            Err(ServiceError::AliasesNotAccepted)
        }
        _ => Ok(read),
    }
}

fn read(identifier: &str) -> Result<KeyIdentifier, ServiceError> {
    if identifier.starts_with("arn:") {
        let key = identifier.parse().map(KeyIdentifier::Arn);
        let alias = |_| identifier.parse().map(KeyIdentifier::AliasArn);
        return key.or_else(alias).map_err(|_| ServiceError::InvalidArn(identifier.to_owned()));
    }
    let invalid = || ServiceError::InvalidKeyId(identifier.to_owned());
    if identifier.starts_with(AliasName::PREFIX) {
        return identifier.parse().map(KeyIdentifier::AliasName).map_err(|_| invalid());
    }
    identifier.parse().map(KeyIdentifier::Id).map_err(|_| invalid())
}

/// A key as a request names it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The key that is meant; whether it exists is not said.
    pub(crate) arn: KeyArn,
    /// The alias by which it was named.
    pub(crate) alias: Option<AliasName>,
}

/// The key that a request names. Aliases are looked up; keys are not.
///
/// # Errors
/// What [`parse`] gives; NotFound for another Region; NotFound for an alias of the own account that does not exist, and
/// AccessDenied, as for a missing key, for one of another account.
pub(crate) fn named(identifier: &str, action: Action, ctx: &Context<'_>) -> Result<Named, ServiceError> {
    let (region, account) = (ctx.caller.region(), ctx.caller.account());
    let own = |key_id| KeyArn { region, account, key_id };
    match parse(identifier, ctx.row.forms)? {
        KeyIdentifier::Id(key_id) => Ok(Named { arn: own(key_id), alias: None }),
        KeyIdentifier::Arn(arn) => {
            require_region(arn.region, arn.account, action, ctx)?;
            Ok(Named { arn, alias: None })
        }
        KeyIdentifier::AliasName(name) => by_alias(AliasArn { region, account, name }, action, ctx),
        KeyIdentifier::AliasArn(alias) => {
            require_region(alias.region, alias.account, action, ctx)?;
            by_alias(alias, action, ctx)
        }
    }
}

fn by_alias(alias: AliasArn, action: Action, ctx: &Context<'_>) -> Result<Named, ServiceError> {
    let view = &ctx.service.view;
    let target = view.alias(&alias).map(|key_id| KeyArn { region: alias.region, account: alias.account, key_id });
    // A key of a service and its alias are made together, but come into view one after the other.
    match target.filter(|arn| !alias.name.is_reserved() || view.key(arn).is_some()) {
        Some(arn) => Ok(Named { arn, alias: Some(alias.name) }),
        None if alias.account == ctx.caller.account() => Err(ServiceError::AliasNotFound(Box::new(alias))),
        None => Err(authorize::foreign(action, ctx)),
    }
}

/// The key that a request names, from the view, if the caller may do `action` on it.
///
/// # Errors
/// As [`named`]; NotFound for a missing key of the own account; AccessDenied; Throttled where the key's kind is what counts.
pub(crate) fn permitted(
    identifier: &str,
    action: Action,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<Authorized<Arc<KeyRecord>>, ServiceError> {
    let named = named(identifier, action, ctx)?;
    let key = authorize::named(action, &named, ctx.service.view.key(&named.arn), facts, ctx)?;
    quotas::charge_key(key.subject().body.key_spec, ctx)?;
    Ok(key)
}

/// An ARN of the own account must be of this Region. For one of another account the same answer would come; but as nothing of
/// it is in this Region either, it is as good as missing.
fn require_region(
    region: kagiban_base::id::Region,
    account: AccountId,
    action: Action,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    if region == ctx.caller.region() {
        return Ok(());
    }
    if account == ctx.caller.account() {
        return Err(ServiceError::OtherRegion(region));
    }
    Err(authorize::foreign(action, ctx))
}
