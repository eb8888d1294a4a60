//! GenerateDataKeyPair.

use std::sync::Arc;

use kagiban_api::{DataKeyPairSpec, EncryptionAlgorithmSpec, GenerateDataKeyPairRequest, GenerateDataKeyPairResponse};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::encryption_context::CanonicalContext;

use super::ciphertext::seal;
use super::{SYMMETRIC, canonical, recipient, refuse_dry_run, require_encryption};
use crate::authorize::Authorized;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::grants::tokens;
use crate::material;
use crate::quotas;
use crate::records::key::KeyRecord;
use crate::resolve;
use crate::spec::{Counterpart, is_china};

/// Makes a key pair and gives the private half twice: in clear, and encrypted under the KMS key.
pub(crate) async fn handle(
    input: &GenerateDataKeyPairRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyPairResponse, ServiceError> {
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let recipient = recipient::attested(input.recipient.as_ref(), ctx)?;
    let facts = [
        Fact::DataKeyPairSpec(input.key_pair_spec.as_str()),
        Fact::EncryptionAlgorithm(SYMMETRIC),
        Fact::EncryptionContext(input.encryption_context.as_ref()),
        recipient::fact(recipient.as_ref()),
    ];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require(&key, input.key_pair_spec, ctx)?;
    refuse_dry_run(input.dry_run)?;
    let made = make(&key, input.key_pair_spec, &context, ctx).await?;
    let answer = recipient::answer(recipient.as_ref(), made.private_key, ctx)?;
    Ok(GenerateDataKeyPairResponse {
        private_key_ciphertext_blob: Some(made.blob),
        private_key_plaintext: answer.plaintext,
        public_key: Some(made.public_key),
        key_id: Some(key.subject().arn.to_string()),
        key_pair_spec: Some(input.key_pair_spec),
        ciphertext_for_recipient: answer.ciphertext_for_recipient,
        // Left out where the answer is for an enclave, as the API has it.
        key_material_id: recipient.is_none().then_some(made.material_id),
    })
}

/// A fresh pair in all its forms.
pub(super) struct DataKeyPair {
    /// PKCS#8 DER.
    pub(super) private_key: SecretBytes,
    pub(super) blob: Vec<u8>,
    /// SubjectPublicKeyInfo DER.
    pub(super) public_key: Vec<u8>,
    pub(super) material_id: String,
}

/// Counts the pair; then: the wrapping key must be symmetric and in a state to be used, and SM2 pairs are made in China only.
pub(super) fn require(
    key: &Authorized<Arc<KeyRecord>>,
    spec: DataKeyPairSpec,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    quotas::charge_key_pair(spec, ctx)?;
    require_encryption(key.subject(), EncryptionAlgorithmSpec::SymmetricDefault, ctx)?;
    if matches!(spec, DataKeyPairSpec::Rsa2048 | DataKeyPairSpec::Rsa3072 | DataKeyPairSpec::Rsa4096) {
        ctx.keys.make_rsa_pair();
    }
    if spec == DataKeyPairSpec::Sm2 && !is_china(&ctx.caller.region()) {
        return Err(ServiceError::NotInRegion { what: "KeyPairSpec SM2", region: ctx.caller.region() });
    }
    Ok(())
}

/// Makes a pair and wraps its private half.
pub(super) async fn make(
    key: &Authorized<Arc<KeyRecord>>,
    spec: DataKeyPairSpec,
    context: &CanonicalContext<'_>,
    ctx: &Context<'_>,
) -> Result<DataKeyPair, ServiceError> {
    let failed = || ServiceError::Internal(InternalError::KeyGeneration);
    let pair = material::generate_pair(spec.core()?, ctx.service).await?;
    let private_key = pair.encode().map_err(|_| failed())?;
    let public_key = pair.public_key().ok_or_else(failed)?.spki_der().to_vec();
    let (blob, material_id) = seal(key, context, private_key.expose(), ctx)?;
    Ok(DataKeyPair { private_key, blob, public_key, material_id: material_id.to_string() })
}
