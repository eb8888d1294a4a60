//! From what a request calls a key to the key's record: id, ARN, alias name, alias ARN.

use std::sync::Arc;

use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccountId, AliasName, KeyId};

use crate::authorize::{self, Action};
use crate::caller::Caller;
use crate::catalog::KeyForms;
use crate::error::ServiceError;
use crate::records::key::KeyRecord;
use crate::view::View;

/// A key that an identifier was resolved to.
pub(crate) trait Resolved {
    /// The account that owns the key.
    fn account(&self) -> AccountId;
}

impl Resolved for Arc<KeyRecord> {
    fn account(&self) -> AccountId {
        self.arn.account
    }
}

impl Resolved for KeyRecord {
    fn account(&self) -> AccountId {
        self.arn.account
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

/// The ARN of the key that a request names. Aliases are looked up; keys are not.
///
/// # Errors
/// What [`parse`] gives; NotFound for another Region; AccessDenied for another account (whether or not the key exists
/// there); NotFound for an alias of the own account that does not exist.
pub(crate) fn arn(
    identifier: &str,
    forms: KeyForms,
    action: impl Into<Action>,
    caller: &Caller,
    view: &View,
) -> Result<KeyArn, ServiceError> {
    let own = |key_id| KeyArn { region: caller.region, account: caller.account, key_id };
    match parse(identifier, forms)? {
        KeyIdentifier::Id(key_id) => Ok(own(key_id)),
        KeyIdentifier::Arn(arn) => {
            require_own(arn.region, arn.account, action, caller)?;
            Ok(arn)
        }
        KeyIdentifier::AliasName(name) => {
            alias_target(AliasArn { region: caller.region, account: caller.account, name }, view).map(own)
        }
        KeyIdentifier::AliasArn(alias) => {
            require_own(alias.region, alias.account, action, caller)?;
            alias_target(alias, view).map(own)
        }
    }
}

/// The record of the key that a request names, from the view.
///
/// # Errors
/// As [`arn`], and NotFound when there is no such key.
pub(crate) fn key(
    identifier: &str,
    forms: KeyForms,
    action: impl Into<Action>,
    caller: &Caller,
    view: &View,
) -> Result<Arc<KeyRecord>, ServiceError> {
    let arn = arn(identifier, forms, action, caller, view)?;
    view.key(&arn).ok_or(ServiceError::KeyNotFound(arn))
}

/// An ARN must be of this Region; one of another account is refused without a look, so that nothing leaks.
fn require_own(
    region: kagiban_base::id::Region,
    account: AccountId,
    action: impl Into<Action>,
    caller: &Caller,
) -> Result<(), ServiceError> {
    if account != caller.account {
        return Err(authorize::foreign(caller, action));
    }
    if region != caller.region {
        return Err(ServiceError::OtherRegion(region));
    }
    Ok(())
}

fn alias_target(alias: AliasArn, view: &View) -> Result<KeyId, ServiceError> {
    view.alias(&alias).ok_or_else(|| ServiceError::AliasNotFound(Box::new(alias)))
}
