//! Encrypt.

use kagiban_api::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec};

use super::ciphertext::encrypt;
use super::{canonical, refuse_dry_run, require_encryption, require_no_context};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::resolve;

/// Encrypts up to 4,096 bytes under a KMS key; under an asymmetric key, as many as its algorithm takes.
pub(crate) fn handle(input: &EncryptRequest, ctx: &Context<'_>) -> Result<EncryptResponse, ServiceError> {
    let algorithm = input.encryption_algorithm.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault);
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let facts =
        [Fact::EncryptionAlgorithm(algorithm.as_str()), Fact::EncryptionContext(input.encryption_context.as_ref())];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require_encryption(key.subject(), algorithm, ctx)?;
    require_no_context(algorithm, &context, "encryptionContext")?;
    let encrypted = encrypt(&key, algorithm, &context, input.plaintext.expose(), ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(EncryptResponse {
        ciphertext_blob: Some(encrypted.ciphertext),
        key_id: Some(key.subject().arn.to_string()),
        encryption_algorithm: Some(algorithm),
    })
}
