//! GenerateDataKeyPairWithoutPlaintext.

use kagiban_api::{GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse};

use super::generate_data_key_pair::{make, require};
use super::{authorized_key, canonical, refuse_dry_run, refuse_grant_tokens};
use crate::context::Context;
use crate::error::ServiceError;

/// Makes a key pair and gives the private half in its encrypted form only.
pub(crate) async fn handle(
    input: &GenerateDataKeyPairWithoutPlaintextRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyPairWithoutPlaintextResponse, ServiceError> {
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let key = authorized_key(&input.key_id, ctx.operation(), ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    require(&key, input.key_pair_spec, ctx)?;
    refuse_dry_run(input.dry_run)?;
    let made = make(&key, input.key_pair_spec, &context, ctx).await?;
    Ok(GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(made.blob),
        public_key: Some(made.public_key),
        key_id: Some(key.subject().arn_text.to_string()),
        key_pair_spec: Some(input.key_pair_spec),
        key_material_id: Some(made.material_id),
    })
}
