//! GenerateDataKey.

use std::sync::Arc;

use kagiban_api::{DataKeySpec, EncryptionAlgorithmSpec, GenerateDataKeyRequest, GenerateDataKeyResponse};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::encryption_context::CanonicalContext;

use super::ciphertext::seal;
use super::{SYMMETRIC, canonical, recipient, refuse_dry_run, require_encryption};
use crate::authorize::Authorized;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::records::key::KeyRecord;
use crate::resolve;

/// Makes a data key and gives it twice: in clear, and encrypted under the KMS key.
pub(crate) fn handle(
    input: &GenerateDataKeyRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyResponse, ServiceError> {
    let len = data_key_len(input.key_spec, input.number_of_bytes)?;
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let recipient = recipient::attested(input.recipient.as_ref(), ctx)?;
    let facts = [
        Fact::EncryptionAlgorithm(SYMMETRIC),
        Fact::EncryptionContext(input.encryption_context.as_ref()),
        recipient::fact(recipient.as_ref()),
    ];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    let made = make(&key, len, &context, ctx)?;
    refuse_dry_run(input.dry_run)?;
    let answer = recipient::answer(recipient.as_ref(), made.plaintext, ctx)?;
    Ok(GenerateDataKeyResponse {
        ciphertext_blob: Some(made.blob),
        plaintext: answer.plaintext,
        key_id: Some(key.subject().arn.to_string()),
        ciphertext_for_recipient: answer.ciphertext_for_recipient,
        // Left out where the answer is for an enclave, as the API has it.
        key_material_id: recipient.is_none().then_some(made.material_id),
    })
}

/// A fresh data key in both forms.
pub(super) struct DataKey {
    pub(super) plaintext: SecretBytes,
    pub(super) blob: Vec<u8>,
    pub(super) material_id: String,
}

/// Makes a data key of `len` bytes under the key, which must be fit for it.
pub(super) fn make(
    key: &Authorized<Arc<KeyRecord>>,
    len: usize,
    context: &CanonicalContext<'_>,
    ctx: &Context<'_>,
) -> Result<DataKey, ServiceError> {
    require_encryption(key.subject(), EncryptionAlgorithmSpec::SymmetricDefault, ctx)?;
    let mut plaintext = SecretBytes::zeroed(len);
    ctx.service.random.fill_secret(plaintext.expose_mut())?;
    let (blob, material_id) = seal(key, context, plaintext.expose(), ctx)?;
    Ok(DataKey { plaintext, blob, material_id: material_id.to_string() })
}

/// The length in bytes: exactly one of the two ways to say it.
pub(super) fn data_key_len(spec: Option<DataKeySpec>, bytes: Option<i32>) -> Result<usize, ServiceError> {
    match (spec, bytes) {
        (Some(DataKeySpec::Aes128), None) => Ok(16),
        (Some(DataKeySpec::Aes256), None) => Ok(32),
        // The model holds the number within 1 and 1024.
        (None, Some(bytes)) => Ok(usize::try_from(bytes).unwrap_or_default()),
        (None, None) | (Some(_), Some(_)) => {
            Err(ServiceError::Validation("Please specify either number of bytes or key spec.".to_owned()))
        }
    }
}
