//! Answers for an enclave: encrypted to the public key of an attestation document, never in clear.

use kagiban_api::RecipientInfo;
use kagiban_attestation::{Attestation, RecipientKey};
use kagiban_base::secret::SecretBytes;
use serde_json::{Map, Value};

use super::missing;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};

/// An enclave that has shown what it is.
pub(super) struct Recipient {
    /// What it has shown; what policies compare.
    attestation: Attestation,
    key: RecipientKey,
}

/// The secret of an answer, in exactly one of its two forms.
pub(super) struct RecipientAnswer {
    pub(super) plaintext: Option<SecretBytes>,
    pub(super) ciphertext_for_recipient: Option<Vec<u8>>,
}

/// The request's recipient, if it names one.
///
/// # Errors
/// ValidationException when a part is missing, or the document does not hold: the text says why, for its maker to mend it.
pub(super) fn attested(
    recipient: Option<&RecipientInfo>,
    ctx: &Context<'_>,
) -> Result<Option<Recipient>, ServiceError> {
    let Some(info) = recipient else { return Ok(None) };
    if info.key_encryption_algorithm.is_none() {
        return Err(missing("recipient.keyEncryptionAlgorithm"));
    }
    let document = info.attestation_document.as_ref().ok_or_else(|| missing("recipient.attestationDocument"))?;
    let refused = |error: &dyn std::fmt::Display| {
        ServiceError::Validation(format!("The attestation document in 'recipient' is not valid: {error}."))
    };
    let attestation = kagiban_attestation::verify(document, &ctx.service.recipients, ctx.service.iam.world_clock.now())
        .map_err(|error| refused(&error))?;
    note(&attestation, ctx);
    let key = attestation.recipient_key().map_err(|error| refused(&error))?;
    Ok(Some(Recipient { attestation, key }))
}

/// Has the record say which enclave, or which machine, the answer is for.
fn note(attestation: &Attestation, ctx: &Context<'_>) {
    let mut shown = Map::new();
    shown.insert("attestationDocumentModuleId".to_owned(), attestation.module_id().into());
    if let Some(image) = attestation.image_sha384() {
        let digest = image.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        shown.insert("attestationDocumentEnclaveImageDigest".to_owned(), digest.into());
    }
    ctx.notes.additional_json("recipient", &Value::Object(shown).to_string());
}

/// What policies can ask about the recipient.
pub(super) fn fact(recipient: Option<&Recipient>) -> Fact<'_> {
    Fact::Attestation(recipient.map(|recipient| &recipient.attestation))
}

/// The secret, for the caller or for its enclave.
///
/// # Errors
/// Internal ones.
pub(super) fn answer(
    recipient: Option<&Recipient>,
    secret: SecretBytes,
    ctx: &Context<'_>,
) -> Result<RecipientAnswer, ServiceError> {
    let Some(recipient) = recipient else {
        return Ok(RecipientAnswer { plaintext: Some(secret), ciphertext_for_recipient: None });
    };
    let sealed = recipient.key.seal(&secret, ctx.service.random.as_ref());
    let ciphertext = sealed.map_err(|error| ServiceError::Internal(InternalError::Cryptography(error.into())))?;
    Ok(RecipientAnswer { plaintext: None, ciphertext_for_recipient: Some(ciphertext) })
}
