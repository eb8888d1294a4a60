//! GenerateMac.

use kagiban_api::{GenerateMacRequest, GenerateMacResponse, KeyUsageType, MacAlgorithmSpec};

use super::refuse_dry_run;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::records::key::KeyRecord;
use crate::resolve;
use crate::spec::Counterpart;

/// Makes the message authentication code of a message. The same message gives the same code.
pub(crate) fn handle(input: &GenerateMacRequest, ctx: &Context<'_>) -> Result<GenerateMacResponse, ServiceError> {
    let facts = [Fact::MacAlgorithm(input.mac_algorithm.as_str())];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require_mac(key.subject(), input.mac_algorithm, ctx)?;
    refuse_dry_run(input.dry_run)?;
    let material = material::parsed(&key, ctx.service)?;
    let mac = material
        .generate_mac(input.mac_algorithm.core()?, input.message.expose())
        .map_err(|error| ServiceError::Internal(InternalError::Cryptography(error.into())))?;
    Ok(GenerateMacResponse {
        mac: Some(mac),
        mac_algorithm: Some(input.mac_algorithm),
        key_id: Some(key.subject().arn.to_string()),
    })
}

/// The key must be made for this algorithm, and in a state to be used.
pub(super) fn require_mac(key: &KeyRecord, algorithm: MacAlgorithmSpec, ctx: &Context<'_>) -> Result<(), ServiceError> {
    state::require_usage(KeyUsageType::GenerateVerifyMac, ctx.operation(), key)?;
    let spec = key.body.key_spec;
    if !spec.core()?.mac_algorithms().contains(&algorithm.core()?) {
        return Err(ServiceError::AlgorithmUnfit { key: key.arn, spec, algorithm: algorithm.as_str() });
    }
    state::require(ctx.row.states, key)
}
