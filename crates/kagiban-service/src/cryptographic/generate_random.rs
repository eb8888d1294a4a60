//! GenerateRandom.

use kagiban_api::{GenerateRandomRequest, GenerateRandomResponse};
use kagiban_base::secret::SecretBytes;

use super::{missing, recipient};
use crate::authorize;
use crate::context::Context;
use crate::error::ServiceError;

/// Gives 1 to 1,024 random bytes; no key is involved.
pub(crate) fn handle(input: &GenerateRandomRequest, ctx: &Context<'_>) -> Result<GenerateRandomResponse, ServiceError> {
    let recipient = recipient::attested(input.recipient.as_ref(), ctx)?;
    authorize::account(ctx.row.action, &[recipient::fact(recipient.as_ref())], ctx)?;
    if let Some(id) = &input.custom_key_store_id {
        return Err(ServiceError::CustomKeyStoreNotFound(id.clone()));
    }
    let len = input.number_of_bytes.ok_or_else(|| missing("numberOfBytes"))?;
    // The model holds the number within 1 and 1024.
    let mut plaintext = SecretBytes::zeroed(usize::try_from(len).unwrap_or_default());
    ctx.service.random.fill_secret(plaintext.expose_mut())?;
    let answer = recipient::answer(recipient.as_ref(), plaintext, ctx)?;
    Ok(GenerateRandomResponse {
        plaintext: answer.plaintext,
        ciphertext_for_recipient: answer.ciphertext_for_recipient,
    })
}
