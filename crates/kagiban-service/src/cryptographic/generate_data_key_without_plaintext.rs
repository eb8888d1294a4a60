//! GenerateDataKeyWithoutPlaintext.

use kagiban_api::{GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse};

use super::generate_data_key::{data_key_len, make};
use super::{authorized_key, canonical, refuse_dry_run, refuse_grant_tokens};
use crate::context::Context;
use crate::error::ServiceError;

/// Makes a data key and gives it in its encrypted form only.
pub(crate) fn handle(
    input: &GenerateDataKeyWithoutPlaintextRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyWithoutPlaintextResponse, ServiceError> {
    let len = data_key_len(input.key_spec, input.number_of_bytes)?;
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let key = authorized_key(&input.key_id, ctx.operation(), ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    let made = make(&key, len, &context, ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(made.blob),
        key_id: Some(key.subject().arn_text.to_string()),
        key_material_id: Some(made.material_id),
    })
}
