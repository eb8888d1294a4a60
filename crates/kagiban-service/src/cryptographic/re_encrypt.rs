//! ReEncrypt.

use kagiban_api::{DryRunModifierType, EncryptionAlgorithmSpec, ReEncryptRequest, ReEncryptResponse};
use kagiban_keycore::blob;

use super::ciphertext::{SourceRequest, decrypt, encrypt, source};
use super::{canonical, refuse_dry_run, require_encryption, require_no_context, required_ciphertext};
use crate::authorize::Action;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::grants::tokens;
use crate::resolve;

/// Decrypts under one key and encrypts under another, or under the same with another context; two keys, two permissions.
/// The plaintext never leaves the service.
pub(crate) async fn handle(input: &ReEncryptRequest, ctx: &Context<'_>) -> Result<ReEncryptResponse, ServiceError> {
    let symmetric = EncryptionAlgorithmSpec::SymmetricDefault;
    let source_algorithm = input.source_encryption_algorithm.unwrap_or(symmetric);
    let destination_algorithm = input.destination_encryption_algorithm.unwrap_or(symmetric);
    let source_context = canonical(input.source_encryption_context.as_ref(), "sourceEncryptionContext")?;
    let destination_context = canonical(input.destination_encryption_context.as_ref(), "destinationEncryptionContext")?;
    let same_key = Fact::ReEncryptOnSameKey(is_same_key(input, ctx));
    let source_facts = [
        Fact::EncryptionAlgorithm(source_algorithm.as_str()),
        Fact::EncryptionContext(input.source_encryption_context.as_ref()),
        same_key,
    ];
    let source = source(source_request(input, source_algorithm, &source_facts)?, ctx)?;
    let destination_facts = [
        Fact::EncryptionAlgorithm(destination_algorithm.as_str()),
        Fact::EncryptionContext(input.destination_encryption_context.as_ref()),
        same_key,
    ];
    let destination = resolve::permitted(&input.destination_key_id, Action::RE_ENCRYPT_TO, &destination_facts, ctx)?;
    tokens::require_valid(input.grant_tokens.as_ref(), ctx)?;
    require_encryption(source.key.subject(), source_algorithm, ctx)?;
    require_encryption(destination.subject(), destination_algorithm, ctx)?;
    require_no_context(source_algorithm, &source_context, "sourceEncryptionContext")?;
    require_no_context(destination_algorithm, &destination_context, "destinationEncryptionContext")?;
    let sealed = source.sealed.ok_or(ServiceError::DryRun)?;
    let plaintext = decrypt(&source.key, sealed, source_algorithm, &source_context, ctx).await?;
    let encrypted = encrypt(&destination, destination_algorithm, &destination_context, plaintext.expose(), ctx)?;
    refuse_dry_run(input.dry_run)?;
    Ok(ReEncryptResponse {
        ciphertext_blob: Some(encrypted.ciphertext),
        source_key_id: Some(source.key.subject().arn.to_string()),
        key_id: Some(destination.subject().arn.to_string()),
        source_encryption_algorithm: Some(source_algorithm),
        destination_encryption_algorithm: Some(destination_algorithm),
        source_key_material_id: sealed.material_id().map(|id| id.to_string()),
        destination_key_material_id: encrypted.material_id.map(|id| id.to_string()),
    })
}

/// Whether both ciphertexts are of one key, as far as the request tells; policies ask before anything is permitted.
fn is_same_key(input: &ReEncryptRequest, ctx: &Context<'_>) -> bool {
    let named = |identifier: &str, action| Some(resolve::named(identifier, action, ctx).ok()?.arn);
    let of_blob = |blob: &[u8]| {
        let key_id = blob::parse(blob).ok()?.key_id;
        Some(ctx.service.view.key_by_id(ctx.caller.region(), key_id)?.arn)
    };
    let source = match &input.source_key_id {
        Some(identifier) => named(identifier, Action::RE_ENCRYPT_FROM),
        None => input.ciphertext_blob.as_deref().and_then(of_blob),
    };
    source.is_some() && source == named(&input.destination_key_id, Action::RE_ENCRYPT_TO)
}

fn source_request<'a>(
    input: &'a ReEncryptRequest,
    algorithm: EncryptionAlgorithmSpec,
    facts: &'a [Fact<'a>],
) -> Result<SourceRequest<'a>, ServiceError> {
    let ignores = input.dry_run_modifiers.iter().flatten().any(|m| *m == DryRunModifierType::IgnoreCiphertext);
    Ok(SourceRequest {
        ciphertext: required_ciphertext(input.ciphertext_blob.as_deref(), input.dry_run, ignores)?,
        key_id: input.source_key_id.as_deref(),
        key_id_member: "sourceKeyId",
        algorithm,
        action: Action::RE_ENCRYPT_FROM,
        facts,
    })
}
