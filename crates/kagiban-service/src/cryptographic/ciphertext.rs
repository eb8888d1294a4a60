//! Ciphertexts of both kinds: blobs of ours, which name their key, and those of RSA and SM2, which name nothing.

use std::sync::Arc;

use kagiban_api::EncryptionAlgorithmSpec;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::blob;
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::public_key::EncryptError;
use kagiban_keycore::symmetric::{self, KeyIdentity};

use super::{missing, require_algorithm};
use crate::audit;
use crate::authorize::{self, Action, Authorized};
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::material;
use crate::quotas;
use crate::records::key::KeyRecord;
use crate::resolve;
use crate::spec::Counterpart;

/// A ciphertext, and the material that made it where that can be told.
pub(super) struct Encrypted {
    pub(super) ciphertext: Vec<u8>,
    pub(super) material_id: Option<KeyMaterialId>,
}

/// Encrypts with the key's current material. The key is fit for the algorithm.
///
/// # Errors
/// ValidationException when the plaintext is too long for an asymmetric key, or empty (RSA ciphertexts made elsewhere can
/// hold nothing, and reach this through ReEncrypt); internal ones.
pub(super) fn encrypt(
    key: &Authorized<Arc<KeyRecord>>,
    algorithm: EncryptionAlgorithmSpec,
    context: &CanonicalContext<'_>,
    plaintext: &[u8],
    ctx: &Context<'_>,
) -> Result<Encrypted, ServiceError> {
    if plaintext.is_empty() {
        return Err(plaintext_length("greater than or equal to 1"));
    }
    if algorithm == EncryptionAlgorithmSpec::SymmetricDefault {
        let (ciphertext, material_id) = seal(key, context, plaintext, ctx)?;
        return Ok(Encrypted { ciphertext, material_id: Some(material_id) });
    }
    let random = ctx.service.random.as_ref();
    let encrypted = material::public_key(key)?.encrypt(algorithm.core()?, plaintext, random);
    let ciphertext = encrypted.map_err(|error| match error {
        EncryptError::PlaintextTooLong { max, .. } => plaintext_length(&format!("less than or equal to {max}")),
        other => ServiceError::Internal(InternalError::Cryptography(other.into())),
    })?;
    Ok(Encrypted { ciphertext, material_id: None })
}

/// AWS's text for a plaintext outside of its bounds.
fn plaintext_length(bound: &str) -> ServiceError {
    ServiceError::Validation(format!(
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length {bound}"
    ))
}

/// Seals under the key's current symmetric material. Gives the blob and the material's id.
///
/// # Errors
/// Internal ones.
pub(super) fn seal(
    key: &Authorized<Arc<KeyRecord>>,
    context: &CanonicalContext<'_>,
    plaintext: &[u8],
    ctx: &Context<'_>,
) -> Result<(Vec<u8>, KeyMaterialId), ServiceError> {
    let (material_id, material) = material::current(key, ctx.service)?;
    let identity = KeyIdentity { arn: key.subject().arn, key_material_id: material_id };
    let blob = symmetric::seal(&material, &identity, context, plaintext, ctx.service.random.as_ref())
        .map_err(|_| ServiceError::Internal(InternalError::Sealing))?;
    audit::note_sealed_with(material_id, ctx);
    Ok((blob, material_id))
}

/// A ciphertext to be decrypted.
#[derive(Clone, Copy)]
pub(super) enum Sealed<'a> {
    /// A blob of ours, and the material that it names.
    Blob(&'a [u8], KeyMaterialId),
    /// The output of RSA or SM2.
    Asymmetric(&'a [u8]),
}

impl Sealed<'_> {
    /// The material, where it can be told.
    pub(super) fn material_id(self) -> Option<KeyMaterialId> {
        match self {
            Self::Blob(_, id) => Some(id),
            Self::Asymmetric(_) => None,
        }
    }
}

/// A ciphertext and the key that must open it, found and permitted.
pub(super) struct Source<'a> {
    pub(super) key: Authorized<Arc<KeyRecord>>,
    /// Absent in a dry run that leaves the ciphertext out.
    pub(super) sealed: Option<Sealed<'a>>,
}

/// What a request says about the ciphertext it hands in.
#[derive(Clone, Copy)]
pub(super) struct SourceRequest<'a> {
    pub(super) ciphertext: Option<&'a [u8]>,
    pub(super) key_id: Option<&'a str>,
    /// The name of the member that `key_id` comes from.
    pub(super) key_id_member: &'static str,
    pub(super) algorithm: EncryptionAlgorithmSpec,
    pub(super) action: Action,
    /// What policies can ask about the request.
    pub(super) facts: &'a [Fact<'a>],
}

/// Finds the key for a ciphertext: the one the request names, which must be the ciphertext's, or the ciphertext's own. The
/// output of an asymmetric key names none, so there the request has to.
///
/// # Errors
/// In this order: the named key cannot be resolved, used or is not made for the algorithm; the ciphertext cannot be read; the
/// two don't belong together.
pub(super) fn source<'a>(request: SourceRequest<'a>, ctx: &Context<'_>) -> Result<Source<'a>, ServiceError> {
    let SourceRequest { ciphertext, key_id, key_id_member, algorithm, action, facts } = request;
    let named = key_id.map(|identifier| resolve::permitted(identifier, action, facts, ctx)).transpose()?;
    if let Some(key) = &named {
        require_algorithm(key.subject(), algorithm, ctx)?;
    }
    let is_symmetric = algorithm == EncryptionAlgorithmSpec::SymmetricDefault;
    let (Some(ciphertext), true) = (ciphertext, is_symmetric) else {
        let key = named.ok_or_else(|| missing(key_id_member))?;
        return Ok(Source { key, sealed: ciphertext.map(Sealed::Asymmetric) });
    };
    let header = blob::parse(ciphertext).map_err(|_| ServiceError::InvalidCiphertext)?;
    let key = match named {
        Some(key) if key.subject().arn.key_id != header.key_id => return Err(ServiceError::IncorrectKey),
        Some(key) => key,
        None => {
            let found = ctx.service.view.key_by_id(ctx.caller.region(), header.key_id);
            let key = authorize::ciphertext_key(action, found, facts, ctx)?;
            quotas::charge_key(key.subject().body.key_spec, ctx)?;
            key
        }
    };
    Ok(Source { key, sealed: Some(Sealed::Blob(ciphertext, header.key_material_id)) })
}

/// Opens a ciphertext; every cause of failure is the same InvalidCiphertext. Waits for a worker only where RSA is at work.
///
/// # Errors
/// InvalidCiphertext; Busy; Stale, while material of another node is on its way; internal ones.
pub(super) async fn decrypt(
    key: &Authorized<Arc<KeyRecord>>,
    sealed: Sealed<'_>,
    algorithm: EncryptionAlgorithmSpec,
    context: &CanonicalContext<'_>,
    ctx: &Context<'_>,
) -> Result<SecretBytes, ServiceError> {
    match sealed {
        // Boxed what waits, so that the future of the common case stays small.
        Sealed::Blob(blob, material_id) => {
            let material = match material::open(key, material_id, ctx.service)? {
                None => Box::pin(material::open_of_other_nodes(key, material_id, ctx.service)).await?,
                known => known,
            };
            open(key, (material_id, material), context, blob, ctx)
        }
        Sealed::Asymmetric(ciphertext) => Box::pin(decrypt_asymmetric(key, ciphertext, algorithm, ctx)).await,
    }
}

fn open(
    key: &Authorized<Arc<KeyRecord>>,
    (material_id, material): (KeyMaterialId, Option<SymmetricMaterial>),
    context: &CanonicalContext<'_>,
    blob: &[u8],
    ctx: &Context<'_>,
) -> Result<SecretBytes, ServiceError> {
    let material = material.ok_or(ServiceError::InvalidCiphertext)?;
    let identity = KeyIdentity { arn: key.subject().arn, key_material_id: material_id };
    let plaintext =
        symmetric::open(&material, &identity, context, blob).map_err(|_| ServiceError::InvalidCiphertext)?;
    audit::note_opened_with(material_id, ctx);
    Ok(plaintext)
}

async fn decrypt_asymmetric(
    key: &Authorized<Arc<KeyRecord>>,
    ciphertext: &[u8],
    algorithm: EncryptionAlgorithmSpec,
    ctx: &Context<'_>,
) -> Result<SecretBytes, ServiceError> {
    let (algorithm, ciphertext) = (algorithm.core()?, ciphertext.to_vec());
    let opened = material::with_private_key(key, ctx.service, move |material| material.decrypt(algorithm, &ciphertext));
    opened.await?.map_err(|_| ServiceError::InvalidCiphertext)
}
