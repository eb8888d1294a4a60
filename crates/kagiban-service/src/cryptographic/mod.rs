//! Operations that use key material: one file each, and what they share.

mod ciphertext;
pub(crate) mod decapsulate;
pub(crate) mod decrypt;
pub(crate) mod derive_shared_secret;
pub(crate) mod encapsulate;
pub(crate) mod encrypt;
pub(crate) mod generate_data_key;
pub(crate) mod generate_data_key_pair;
pub(crate) mod generate_data_key_pair_without_plaintext;
pub(crate) mod generate_data_key_without_plaintext;
pub(crate) mod generate_mac;
pub(crate) mod generate_random;
pub(crate) mod get_public_key;
mod message;
pub(crate) mod re_encrypt;
mod recipient;
pub(crate) mod sign;
pub(crate) mod verify;
pub(crate) mod verify_mac;

use std::collections::BTreeMap;

use kagiban_api::{EncryptionAlgorithmSpec, KeySpec, KeyUsageType};
use kagiban_keycore::encryption_context::CanonicalContext;

use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::state;
use crate::records::key::KeyRecord;
use crate::spec::Counterpart;

/// The algorithm of data keys, as policies name it.
const SYMMETRIC: &str = EncryptionAlgorithmSpec::SymmetricDefault.as_str();

/// The key must be made for encryption with this algorithm, and in a state to be used.
fn require_encryption(
    key: &KeyRecord,
    algorithm: EncryptionAlgorithmSpec,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    require_algorithm(key, algorithm, ctx)?;
    state::require(ctx.row.states, key)
}

/// The key must be made for encryption with this algorithm.
fn require_algorithm(
    key: &KeyRecord,
    algorithm: EncryptionAlgorithmSpec,
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    state::require_usage(KeyUsageType::EncryptDecrypt, ctx.operation(), key)?;
    let spec = key.body.key_spec;
    // The common case without a look into the table.
    let common = spec == KeySpec::SymmetricDefault && algorithm == EncryptionAlgorithmSpec::SymmetricDefault;
    if common || spec.core()?.encryption_algorithms().contains(&algorithm.core()?) {
        return Ok(());
    }
    Err(ServiceError::AlgorithmUnfit { key: key.arn, spec, algorithm: algorithm.as_str() })
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

/// Asymmetric algorithms bind no encryption context, so one that is given would be lost silently.
///
/// # Errors
/// ValidationException naming the member.
fn require_no_context(
    algorithm: EncryptionAlgorithmSpec,
    context: &CanonicalContext<'_>,
    member: &str,
) -> Result<(), ServiceError> {
    if algorithm == EncryptionAlgorithmSpec::SymmetricDefault || context.len() == CanonicalContext::EMPTY.len() {
        return Ok(());
    }
    Err(ServiceError::Validation(format!(
        "Value at '{member}' failed to satisfy constraint: Member is supported with symmetric encryption KMS keys only"
    )))
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

/// The last check of a dry run: everything before it has passed.
pub(crate) fn refuse_dry_run(dry_run: Option<bool>) -> Result<(), ServiceError> {
    if dry_run == Some(true) { Err(ServiceError::DryRun) } else { Ok(()) }
}
