//! Encrypt.

use kagiban_api::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec};

use super::{authorized_key, canonical, refuse_dry_run, refuse_grant_tokens, require_encryption, seal};
use crate::context::Context;
use crate::error::ServiceError;

/// Encrypts up to 4,096 bytes under a KMS key.
pub(crate) fn handle(input: &EncryptRequest, ctx: &Context<'_>) -> Result<EncryptResponse, ServiceError> {
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let key = authorized_key(&input.key_id, ctx.operation(), ctx)?;
    refuse_grant_tokens(input.grant_tokens.as_ref())?;
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    require_encryption(key.subject(), algorithm, ctx)?;
    let (blob, _) = seal(&key, &context, input.plaintext.expose(), ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(EncryptResponse {
        ciphertext_blob: Some(blob),
        key_id: Some(key.subject().arn_text.to_string()),
        encryption_algorithm: Some(algorithm),
    })
}
