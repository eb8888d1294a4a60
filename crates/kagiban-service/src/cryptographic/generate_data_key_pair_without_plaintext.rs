//! GenerateDataKeyPairWithoutPlaintext.

use kagiban_api::{GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse};

use super::generate_data_key_pair::{make, require};
use super::{SYMMETRIC, canonical, refuse_dry_run};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::resolve;

/// Makes a key pair and gives the private half in its encrypted form only.
pub(crate) async fn handle(
    input: &GenerateDataKeyPairWithoutPlaintextRequest,
    ctx: &Context<'_>,
) -> Result<GenerateDataKeyPairWithoutPlaintextResponse, ServiceError> {
    let context = canonical(input.encryption_context.as_ref(), "encryptionContext")?;
    let facts = [
        Fact::DataKeyPairSpec(input.key_pair_spec.as_str()),
        Fact::EncryptionAlgorithm(SYMMETRIC),
        Fact::EncryptionContext(input.encryption_context.as_ref()),
    ];
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require(&key, input.key_pair_spec, ctx)?;
    refuse_dry_run(input.dry_run)?;
    let made = make(&key, input.key_pair_spec, &context, ctx).await?;
    Ok(GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(made.blob),
        public_key: Some(made.public_key),
        key_id: Some(key.subject().arn.to_string()),
        key_pair_spec: Some(input.key_pair_spec),
        key_material_id: Some(made.material_id),
    })
}
