//! GetParametersForImport.

use kagiban_api::{GetParametersForImportRequest, GetParametersForImportResponse};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::import::{IncompatibleWrapping, WrappingKey, require_compatible};

use super::require_external;
use super::token::{ImportToken, VALID_FOR_MS};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::keys::state;
use crate::spec::Counterpart;
use crate::{material, resolve};

/// Makes a wrapping key and the token that belongs to it. Every call makes new ones; each pair is good for 24 hours.
pub(crate) async fn handle(
    input: &GetParametersForImportRequest,
    ctx: &Context<'_>,
) -> Result<GetParametersForImportResponse, ServiceError> {
    let key = resolve::permitted(
        &input.key_id,
        ctx.row.action,
        &[
            Fact::WrappingAlgorithm(input.wrapping_algorithm.as_str()),
            Fact::WrappingKeySpec(input.wrapping_key_spec.as_str()),
        ],
        ctx,
    )?;
    let record = key.subject();
    require_external(record)?;
    let (algorithm, wrapping_spec) = (input.wrapping_algorithm.core()?, input.wrapping_key_spec.core()?);
    let (spec, partition) = (record.body.key_spec.core()?, record.arn.region.partition());
    require_compatible(spec, wrapping_spec, algorithm, partition).map_err(unsuitable)?;
    state::require(ctx.row.states, record)?;
    let failed = || ServiceError::Internal(InternalError::KeyGeneration);
    let pair = material::generate_pair(wrapping_spec.key_spec(), ctx.service).await?;
    let wrapping_key = WrappingKey::new(pair).ok_or_else(failed)?;
    let public_key = SecretBytes::from_slice(wrapping_key.public_key().spki_der());
    let valid_to = ctx.now.plus_ms(VALID_FOR_MS);
    let token = ImportToken { algorithm, wrapping_key, valid_to }.seal(&record.arn, ctx.service)?;
    Ok(GetParametersForImportResponse {
        key_id: Some(record.arn.to_string()),
        import_token: Some(token),
        public_key: Some(public_key),
        parameters_valid_to: Some(valid_to),
    })
}

fn unsuitable(error: IncompatibleWrapping) -> ServiceError {
    match error {
        IncompatibleWrapping::Retired { .. } | IncompatibleWrapping::NotInRegion { .. } => {
            ServiceError::Unsupported(format!("The wrapping is not supported: {error}."))
        }
        IncompatibleWrapping::WrappingKey { .. } | IncompatibleWrapping::Material { .. } => {
            ServiceError::Validation(format!("The wrapping does not suit the key: {error}."))
        }
    }
}
