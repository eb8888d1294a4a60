//! From an operation to its handler: one line each, no catch-all, so that a new operation stops the build here.

use kagiban_api::audit::Audited;
use kagiban_api::{Operation, Output, decode, encode};

use crate::context::Context;
use crate::error::ServiceError;
use crate::{aliases, cryptographic, grants, imports, keys, multi_region, policies, rotation, tags};

/// An encoded answer, and whether its bytes are to be wiped once they are sent.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) holds_secrets: bool,
}

/// Decodes the body, runs the handler, encodes what it gives.
pub(crate) async fn run(body: &[u8], ctx: &Context<'_>) -> Result<Answer, ServiceError> {
    /// A handler that answers from the view.
    macro_rules! now {
        ($handler:path) => {{
            let input = decode(body)?;
            ctx.notes.parameters(&input);
            answer($handler(&input, ctx)?, ctx)
        }};
    }
    /// A handler that waits for the store or a worker. Boxed, so that the future of the hot path stays small.
    macro_rules! later {
        ($handler:path) => {{
            let input = decode(body)?;
            ctx.notes.parameters(&input);
            answer(Box::pin($handler(&input, ctx)).await?, ctx)
        }};
    }
    /// A handler that waits in its rare case only.
    macro_rules! mostly_now {
        ($handler:path) => {{
            let input = decode(body)?;
            ctx.notes.parameters(&input);
            answer($handler(&input, ctx).await?, ctx)
        }};
    }
    match ctx.operation() {
        Operation::CancelKeyDeletion => later!(keys::cancel_key_deletion::handle),
        Operation::CreateAlias => later!(aliases::create_alias::handle),
        Operation::CreateGrant => later!(grants::create_grant::handle),
        Operation::ListGrants => later!(grants::list_grants::handle),
        Operation::ListRetirableGrants => later!(grants::list_retirable_grants::handle),
        Operation::RetireGrant => later!(grants::retire_grant::handle),
        Operation::RevokeGrant => later!(grants::revoke_grant::handle),
        Operation::CreateKey => later!(keys::create_key::handle),
        Operation::Decrypt => mostly_now!(cryptographic::decrypt::handle),
        Operation::DeleteAlias => later!(aliases::delete_alias::handle),
        Operation::DescribeKey => now!(keys::describe_key::handle),
        Operation::DisableKey => later!(keys::disable_key::handle),
        Operation::EnableKey => later!(keys::enable_key::handle),
        Operation::Encrypt => now!(cryptographic::encrypt::handle),
        Operation::GenerateDataKey => now!(cryptographic::generate_data_key::handle),
        Operation::GenerateDataKeyWithoutPlaintext => {
            now!(cryptographic::generate_data_key_without_plaintext::handle)
        }
        Operation::GenerateRandom => now!(cryptographic::generate_random::handle),
        Operation::GetKeyPolicy => later!(policies::get_key_policy::handle),
        Operation::ListAliases => later!(aliases::list_aliases::handle),
        Operation::ListKeyPolicies => now!(policies::list_key_policies::handle),
        Operation::ListKeys => now!(keys::list_keys::handle),
        Operation::ListResourceTags => now!(tags::list_resource_tags::handle),
        Operation::PutKeyPolicy => later!(policies::put_key_policy::handle),
        Operation::ReEncrypt => mostly_now!(cryptographic::re_encrypt::handle),
        Operation::ScheduleKeyDeletion => later!(keys::schedule_key_deletion::handle),
        Operation::TagResource => later!(tags::tag_resource::handle),
        Operation::UntagResource => later!(tags::untag_resource::handle),
        Operation::UpdateAlias => later!(aliases::update_alias::handle),
        Operation::UpdateKeyDescription => later!(keys::update_key_description::handle),
        Operation::Decapsulate => now!(cryptographic::decapsulate::handle),
        Operation::DeriveSharedSecret => now!(cryptographic::derive_shared_secret::handle),
        Operation::Encapsulate => now!(cryptographic::encapsulate::handle),
        Operation::GenerateDataKeyPair => later!(cryptographic::generate_data_key_pair::handle),
        Operation::GenerateDataKeyPairWithoutPlaintext => {
            later!(cryptographic::generate_data_key_pair_without_plaintext::handle)
        }
        Operation::GenerateMac => now!(cryptographic::generate_mac::handle),
        Operation::GetPublicKey => now!(cryptographic::get_public_key::handle),
        Operation::Sign => later!(cryptographic::sign::handle),
        Operation::Verify => now!(cryptographic::verify::handle),
        Operation::VerifyMac => now!(cryptographic::verify_mac::handle),
        Operation::DeleteImportedKeyMaterial => later!(imports::delete_imported_key_material::handle),
        Operation::GetParametersForImport => later!(imports::get_parameters_for_import::handle),
        Operation::ImportKeyMaterial => later!(imports::import_key_material::handle),
        Operation::DisableKeyRotation => later!(rotation::disable_key_rotation::handle),
        Operation::EnableKeyRotation => later!(rotation::enable_key_rotation::handle),
        Operation::GetKeyLastUsage => later!(keys::get_key_last_usage::handle),
        Operation::GetKeyRotationStatus => now!(rotation::get_key_rotation_status::handle),
        Operation::ListKeyRotations => later!(rotation::list_key_rotations::handle),
        Operation::RotateKeyOnDemand => later!(rotation::rotate_key_on_demand::handle),
        Operation::ReplicateKey => later!(multi_region::replicate_key::handle),
        Operation::UpdatePrimaryRegion => later!(multi_region::update_primary_region::handle),
        // The operations of `catalog::NOT_OFFERED_YET`.
        operation @ (Operation::ConnectCustomKeyStore
        | Operation::CreateCustomKeyStore
        | Operation::DeleteCustomKeyStore
        | Operation::DescribeCustomKeyStores
        | Operation::DisconnectCustomKeyStore
        | Operation::UpdateCustomKeyStore) => Err(not_offered(operation)),
    }
}

/// The answer to an operation whose handler comes later.
pub(crate) fn not_offered(operation: Operation) -> ServiceError {
    ServiceError::NotOffered(format!("The operation {}", operation.name()))
}

#[expect(clippy::unnecessary_wraps, reason = "the tail of every arm of the match, whose other arms can fail")]
fn answer<O: Output + Audited>(output: O, ctx: &Context<'_>) -> Result<Answer, ServiceError> {
    ctx.notes.response(&output);
    Ok(Answer { body: encode(&output), holds_secrets: O::HOLDS_SECRETS })
}
