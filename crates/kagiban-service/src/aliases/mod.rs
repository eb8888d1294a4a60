//! Operations on aliases, and what their names may be.

pub(crate) mod create_alias;
pub(crate) mod delete_alias;
pub(crate) mod list_aliases;
pub(crate) mod update_alias;

use kagiban_base::id::AliasName;

use crate::context::Context;
use crate::error::{AliasNameFault, ServiceError};
use crate::resolve::{self, Named};

/// The name of an alias, which must begin with `alias/` and hold no character outside the set.
///
/// # Errors
/// ValidationException with AWS's texts; InvalidAliasName for the bare prefix.
pub(crate) fn name(text: &str) -> Result<AliasName, ServiceError> {
    let fault = |fault| ServiceError::AliasName(fault, text.to_owned());
    match text.strip_prefix(AliasName::PREFIX) {
        None => Err(fault(AliasNameFault::Prefix)),
        Some("") => Err(fault(AliasNameFault::Empty)),
        Some(_) => text.parse().map_err(|_| fault(AliasNameFault::Characters)),
    }
}

/// The key that an alias is to point to: an id or a key ARN of the own account and Region.
///
/// # Errors
/// ValidationException when it is itself an alias; else as for any key.
fn target(identifier: &str, ctx: &Context<'_>) -> Result<Named, ServiceError> {
    resolve::named(identifier, ctx.row.action, ctx).map_err(|error| match error {
        ServiceError::AliasesNotAccepted => ServiceError::AliasTargetIsAlias,
        other => other,
    })
}

/// One alias more on a key, which may have `limit` (quota "Aliases per key").
///
/// # Errors
/// LimitExceeded when the key has all it may have.
pub(crate) fn count_one_more(alias_count: &mut u32, limit: u32) -> Result<(), ServiceError> {
    if *alias_count >= limit {
        return Err(ServiceError::AliasLimit { limit, usage: *alias_count });
    }
    *alias_count = alias_count.saturating_add(1);
    Ok(())
}
