//! Operations that use key material: one file each, and what they share.

pub(crate) mod decrypt;
pub(crate) mod encrypt;
pub(crate) mod generate_data_key;
pub(crate) mod generate_data_key_without_plaintext;
pub(crate) mod generate_random;
pub(crate) mod re_encrypt;

use std::collections::BTreeMap;
use std::sync::Arc;

use kagiban_api::{EncryptionAlgorithmSpec, KeySpec, KeyUsageType, RecipientInfo};
use kagiban_base::id::KeyMaterialId;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::blob;
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::symmetric::{self, KeyIdentity};

use crate::authorize::{self, Action, Authorized};
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::keys::state;
use crate::records::key::KeyRecord;
use crate::{material, resolve};

/// A key that the caller may use, by any of the four identifier forms.
fn authorized_key(
    identifier: &str,
    action: impl Into<Action>,
    ctx: &Context<'_>,
) -> Result<Authorized<Arc<KeyRecord>>, ServiceError> {
    let action = action.into();
    let key = resolve::key(identifier, ctx.row.forms, action, ctx.caller, &ctx.service.view)?;
    authorize::key(ctx.caller, action, key)
}

/// The key must be made for encryption with this algorithm, and in a state to be used.
fn require_encryption(
    key: &KeyRecord,
    algorithm: EncryptionAlgorithmSpec,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    state::require_usage(KeyUsageType::EncryptDecrypt, ctx.operation(), key)?;
    match (key.body.key_spec, algorithm) {
        (KeySpec::SymmetricDefault, EncryptionAlgorithmSpec::SymmetricDefault) => {}
        (spec, algorithm) => {
            return Err(ServiceError::AlgorithmUnfit { key: key.arn, spec, algorithm: algorithm.as_str() });
        }
    }
    state::require(ctx.row.states, key)
}

/// Seals `plaintext` under the key's current material. Gives the blob and the material's id.
fn seal(
    key: &Authorized<Arc<KeyRecord>>,
    context: &CanonicalContext<'_>,
    plaintext: &[u8],
    ctx: &Context<'_>,
) -> Result<(Vec<u8>, KeyMaterialId), ServiceError> {
    let (material_id, material) = material::current(key, ctx.service)?;
    let identity = KeyIdentity { arn: key.subject().arn, key_material_id: material_id };
    let blob = symmetric::seal(&material, &identity, context, plaintext, ctx.service.random.as_ref())
        .map_err(|_| ServiceError::Internal(InternalError::Sealing))?;
    Ok((blob, material_id))
}

/// Opens `ciphertext` under the key; every cause of failure is the same InvalidCiphertext.
fn open(
    key: &Authorized<Arc<KeyRecord>>,
    material_id: KeyMaterialId,
    context: &CanonicalContext<'_>,
    ciphertext: &[u8],
    ctx: &Context<'_>,
) -> Result<SecretBytes, ServiceError> {
    let material = material::open(key, material_id, ctx.service)?.ok_or(ServiceError::InvalidCiphertext)?;
    let identity = KeyIdentity { arn: key.subject().arn, key_material_id: material_id };
    symmetric::open(&material, &identity, context, ciphertext).map_err(|_| ServiceError::InvalidCiphertext)
}

/// A ciphertext and the key that must open it, found and permitted.
struct Source<'a> {
    key: Authorized<Arc<KeyRecord>>,
    /// Ciphertext and the material it names; absent in a dry run that leaves the ciphertext out.
    sealed: Option<(&'a [u8], KeyMaterialId)>,
}

/// Finds the key for a ciphertext: the one the request names, which must be the ciphertext's, or the ciphertext's own.
///
/// # Errors
/// In this order: the named key cannot be resolved or used, the ciphertext cannot be read, the two don't belong together.
fn source<'a>(
    ciphertext: Option<&'a [u8]>,
    key_id: Option<&str>,
    key_id_member: &str,
    action: Action,
    ctx: &Context<'_>,
) -> Result<Source<'a>, ServiceError> {
    let named = key_id.map(|identifier| authorized_key(identifier, action, ctx)).transpose()?;
    let Some(ciphertext) = ciphertext else {
        let key = named.ok_or_else(|| missing(key_id_member))?;
        return Ok(Source { key, sealed: None });
    };
    let header = blob::parse(ciphertext).map_err(|_| ServiceError::InvalidCiphertext)?;
    let key = match named {
        Some(key) if key.subject().arn.key_id != header.key_id => return Err(ServiceError::IncorrectKey),
        Some(key) => key,
        None => {
            let found = ctx.service.view.key_by_id(ctx.caller.region, header.key_id);
            authorize::ciphertext_key(ctx.caller, action, found)?
        }
    };
    Ok(Source { key, sealed: Some((ciphertext, header.key_material_id)) })
}

/// The ciphertext of a request: it may be left out only in a dry run that says so.
fn required_ciphertext(
    blob: Option<&[u8]>,
    dry_run: Option<bool>,
    ignores_ciphertext: bool,
) -> Result<Option<&[u8]>, ServiceError> {
    match (blob, dry_run == Some(true), ignores_ciphertext) {
        (_, false, true) => {
            Err(ServiceError::Validation("DryRunModifiers can be given only when DryRun is true.".to_owned()))
        }
        (_, true, true) => Ok(None),
        (Some(blob), ..) => Ok(Some(blob)),
        (None, ..) => Err(missing("ciphertextBlob")),
    }
}

/// AWS's text for a required member that is absent, for members that are required only sometimes.
fn missing(member: &str) -> ServiceError {
    ServiceError::Validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The encryption context in the request's `member`, if it is not too long.
fn canonical<'a>(
    encryption_context: Option<&'a BTreeMap<String, String>>,
    member: &str,
) -> Result<CanonicalContext<'a>, ServiceError> {
    let Some(pairs) = encryption_context else { return Ok(CanonicalContext::EMPTY) };
    CanonicalContext::new(pairs).map_err(|too_long| {
        ServiceError::Validation(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have \
             length less than or equal to {} bytes in its canonical form",
            too_long.max
        ))
    })
}

/// No grants exist, so no grant token can be valid.
pub(crate) fn refuse_grant_tokens(tokens: Option<&Vec<String>>) -> Result<(), ServiceError> {
    if tokens.is_some_and(|tokens| !tokens.is_empty()) { Err(ServiceError::GrantTokenInvalid) } else { Ok(()) }
}

fn refuse_recipient(recipient: Option<&RecipientInfo>) -> Result<(), ServiceError> {
    if recipient.is_some() { Err(ServiceError::NotOffered("The Recipient parameter".to_owned())) } else { Ok(()) }
}

/// The last check of a dry run: everything before it has passed.
fn refuse_dry_run(dry_run: Option<bool>) -> Result<(), ServiceError> {
    if dry_run == Some(true) { Err(ServiceError::DryRun) } else { Ok(()) }
}
