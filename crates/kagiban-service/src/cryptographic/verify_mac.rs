//! VerifyMac.

use kagiban_api::{VerifyMacRequest, VerifyMacResponse};

use super::generate_mac::require_mac;
use super::refuse_dry_run;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::material;
use crate::resolve;
use crate::spec::Counterpart;

/// Checks a message authentication code. One that does not hold is an error, never a `false`.
pub(crate) fn handle(input: &VerifyMacRequest, ctx: &Context<'_>) -> Result<VerifyMacResponse, ServiceError> {
    let facts = [Fact::MacAlgorithm(input.mac_algorithm.as_str())];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require_mac(key.subject(), input.mac_algorithm, ctx)?;
    let material = material::parsed(&key, ctx.service)?;
    material
        .verify_mac(input.mac_algorithm.core()?, input.message.expose(), &input.mac)
        .map_err(|_| ServiceError::InvalidMac)?;
    refuse_dry_run(input.dry_run)?;
    Ok(VerifyMacResponse {
        key_id: Some(key.subject().arn.to_string()),
        mac_valid: Some(true),
        mac_algorithm: Some(input.mac_algorithm),
    })
}
