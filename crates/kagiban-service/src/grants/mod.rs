//! Grants: permissions on one key for one principal, beside the key's policy.
//!
//! A grant only ever allows; it denies nothing. It is in force as soon as the answer of CreateGrant leaves, and not any more
//! once RetireGrant or RevokeGrant has answered. What a request finds in memory ([`index`]) is decided by [`matching`]; the
//! rows are in the store.

mod constraints;
pub(crate) mod create_grant;
pub(crate) mod index;
pub(crate) mod list_grants;
pub(crate) mod list_retirable_grants;
mod listing;
pub(crate) mod matching;
mod operations;
pub(crate) mod principals;
pub(crate) mod removal;
pub(crate) mod retire_grant;
pub(crate) mod revoke_grant;
pub(crate) mod tokens;

use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::records::grant::GrantId;

/// `kms:GrantIsForAWSResource`: whether a service makes the call for its caller.
fn is_for_aws_resource(ctx: &Context<'_>) -> Fact<'static> {
    Fact::GrantIsForAwsResource(ctx.caller.via_service().is_some())
}

/// # Errors
/// InvalidGrantId when the text is not one.
fn grant_id(text: &str) -> Result<GrantId, ServiceError> {
    text.parse().map_err(|_| ServiceError::GrantIdInvalid)
}

/// The refusal of a member that only services may use.
fn services_only(member: &str) -> ServiceError {
    ServiceError::Validation(format!("{member} can be used by AWS services only."))
}
