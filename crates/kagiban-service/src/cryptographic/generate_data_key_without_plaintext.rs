//! GenerateDataKeyWithoutPlaintext.

use kagiban_api::{GenerateDataKeyWithoutPlaintextRequest, GenerateDataKeyWithoutPlaintextResponse};

use super::generate_data_key::{data_key_len, make};
use super::{SYMMETRIC, canonical, refuse_dry_run};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::resolve;

/// Makes a data key and gives it in its encrypted form only.
pub(crate) fn handle(
    input: &GenerateDataKeyWithoutPlaintextRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyWithoutPlaintextResponse, ServiceError> {
    let len = data_key_len(input.key_spec, input.number_of_bytes)?;
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let facts = [Fact::EncryptionAlgorithm(SYMMETRIC), Fact::EncryptionContext(input.encryption_context.as_ref())];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    let made = make(&key, len, &context, ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(made.blob),
        key_id: Some(key.subject().arn.to_string()),
        key_material_id: Some(made.material_id),
    })
}
