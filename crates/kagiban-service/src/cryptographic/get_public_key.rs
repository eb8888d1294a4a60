//! GetPublicKey.

use kagiban_api::{CustomerMasterKeySpec, GetPublicKeyRequest, GetPublicKeyResponse};

use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::keys::state;
use crate::material;
use crate::resolve;
use crate::spec::{Algorithms, Counterpart};

/// Gives the public half of an asymmetric key, as SubjectPublicKeyInfo DER, and what it is for.
pub(crate) fn handle(input: &GetPublicKeyRequest, ctx: &Context<'_>) -> Result<GetPublicKeyResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    let record = key.subject();
    let body = &record.body;
    if !body.key_spec.core()?.is_asymmetric() {
        return Err(ServiceError::SpecUnfit { key: record.arn, spec: body.key_spec });
    }
    state::require(ctx.row.states, record)?;
    let algorithms = Algorithms::of(body.key_spec, body.key_usage);
    Ok(GetPublicKeyResponse {
        key_id: Some(record.arn.to_string()),
        public_key: Some(material::public_key(&key)?.spki_der().to_vec()),
        customer_master_key_spec: CustomerMasterKeySpec::parse(body.key_spec.as_str()),
        key_spec: Some(body.key_spec),
        key_usage: Some(body.key_usage),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
    })
}
