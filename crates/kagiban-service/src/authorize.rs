//! The question of permission, asked here and nowhere else.
//!
//! Only this module makes an [`Authorized`] value, and whatever touches a key asks for one, so a handler that forgets the
//! question does not compile. Until identities and policy evaluation arrive, the answer is simple and closed: the root of an
//! account may do everything on its own account's keys, and nobody may do anything else.

use std::fmt;

use kagiban_api::Operation;
use kagiban_base::arn::AliasArn;
use kagiban_base::id::AliasName;

use crate::caller::Caller;
use crate::error::ServiceError;
use crate::resolve::Resolved;

/// What a permission is asked for: the `X` of `kms:X`. Mostly the operation's name; ReEncrypt asks twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Action(&'static str);

impl Action {
    pub(crate) const RE_ENCRYPT_FROM: Self = Self("ReEncryptFrom");
    pub(crate) const RE_ENCRYPT_TO: Self = Self("ReEncryptTo");
}

impl From<Operation> for Action {
    fn from(operation: Operation) -> Self {
        Self(operation.name())
    }
}

/// Proof that the caller may do what was asked on the thing inside. No other constructor than this module's functions.
#[derive(Debug)]
pub(crate) struct Authorized<T> {
    subject: T,
}

impl<T> Authorized<T> {
    pub(crate) fn subject(&self) -> &T {
        &self.subject
    }

    pub(crate) fn into_subject(self) -> T {
        self.subject
    }
}

/// Stands for the missing key of operations that concern an account (`*` as resource).
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoKey;

/// A refusal of permission, worded as AWS words it.
#[derive(Debug)]
pub(crate) struct Denial {
    principal: String,
    action: Action,
    reason: DenialReason,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum DenialReason {
    /// The key named by the ciphertext is missing, or not the caller's: one text for both, so that existence stays hidden.
    CiphertextKey,
    /// The named key or alias is another account's, whether it exists or not.
    ForeignOrMissing,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            DenialReason::CiphertextKey => f.write_str(
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, \
                 or you are not allowed to access.",
            ),
            DenialReason::ForeignOrMissing => write!(
                f,
                "User: {} is not authorized to perform: kms:{} on this resource because the resource does not exist in \
                 this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
                self.principal, self.action.0
            ),
        }
    }
}

/// May the caller do `action` on this key?
///
/// # Errors
/// AccessDenied when the key is not of the caller's account.
pub(crate) fn key<K: Resolved>(
    caller: &Caller,
    action: impl Into<Action>,
    key: K,
) -> Result<Authorized<K>, ServiceError> {
    let action = action.into();
    if key.account() != caller.account {
        return Err(denied(caller, action, DenialReason::ForeignOrMissing));
    }
    Ok(Authorized { subject: key })
}

/// May the caller do `action` on the key that a ciphertext names? `None` when there is no such key here.
///
/// # Errors
/// AccessDenied, with one text, when there is no such key or it is not of the caller's account.
pub(crate) fn ciphertext_key<K: Resolved>(
    caller: &Caller,
    action: impl Into<Action>,
    key: Option<K>,
) -> Result<Authorized<K>, ServiceError> {
    let action = action.into();
    match key {
        Some(key) if key.account() == caller.account => Ok(Authorized { subject: key }),
        _ => Err(denied(caller, action, DenialReason::CiphertextKey)),
    }
}

/// May the caller do `operation` in its own account and Region, on no key in particular?
pub(crate) fn account(_caller: &Caller, _operation: Operation) -> Authorized<NoKey> {
    Authorized { subject: NoKey }
}

/// May the caller do `operation` on this alias of its own account and Region? Names under `alias/aws/` are nobody's to change.
///
/// # Errors
/// AliasReserved for such a name.
pub(crate) fn alias(
    caller: &Caller,
    operation: Operation,
    name: AliasName,
) -> Result<Authorized<AliasArn>, ServiceError> {
    if name.is_reserved() {
        return Err(ServiceError::AliasReserved { operation, name });
    }
    let subject = AliasArn { region: caller.region, account: caller.account, name };
    Ok(Authorized { subject })
}

/// The refusal for an identifier that names another account's key or alias, when nothing was looked up.
pub(crate) fn foreign(caller: &Caller, action: impl Into<Action>) -> ServiceError {
    denied(caller, action.into(), DenialReason::ForeignOrMissing)
}

fn denied(caller: &Caller, action: Action, reason: DenialReason) -> ServiceError {
    ServiceError::AccessDenied(Box::new(Denial { principal: caller.principal_arn(), action, reason }))
}
