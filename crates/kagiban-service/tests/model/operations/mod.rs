//! The model's word on every operation: what its request holds, what must come of it, and how the model changes.

mod agreement;
mod data_keys;
mod encryption;
mod grants;
mod imports;
mod keys;
mod labels;
mod listings;
mod regions;
mod rotation;
mod signing;

use crate::asked::{Asked, Outcome, refusal};
use crate::model::Model;
use crate::step::Call;

/// One operation. The step's number names what it makes. `None`: what the request would bring is not there any more.
type Operation = fn(&mut Model, u32, &Call) -> Option<Asked>;

/// All operations that are offered.
pub(crate) const OPERATIONS: [(&str, Operation); 50] = [
    ("CancelKeyDeletion", keys::cancel_key_deletion),
    ("CreateAlias", labels::create_alias),
    ("CreateGrant", grants::create_grant),
    ("CreateKey", keys::create_key),
    ("Decapsulate", agreement::decapsulate),
    ("Decrypt", encryption::decrypt),
    ("DeleteAlias", labels::delete_alias),
    ("DeleteImportedKeyMaterial", imports::delete_imported_key_material),
    ("DeriveSharedSecret", agreement::derive_shared_secret),
    ("DescribeKey", keys::describe_key),
    ("DisableKey", keys::disable_key),
    ("DisableKeyRotation", rotation::disable_key_rotation),
    ("EnableKey", keys::enable_key),
    ("EnableKeyRotation", rotation::enable_key_rotation),
    ("Encapsulate", agreement::encapsulate),
    ("Encrypt", encryption::encrypt),
    ("GenerateDataKey", data_keys::generate_data_key),
    ("GenerateDataKeyPair", data_keys::generate_data_key_pair),
    ("GenerateDataKeyPairWithoutPlaintext", data_keys::generate_data_key_pair_without_plaintext),
    ("GenerateDataKeyWithoutPlaintext", data_keys::generate_data_key_without_plaintext),
    ("GenerateMac", signing::generate_mac),
    ("GenerateRandom", data_keys::generate_random),
    ("GetKeyLastUsage", keys::get_key_last_usage),
    ("GetKeyPolicy", labels::get_key_policy),
    ("GetKeyRotationStatus", rotation::get_key_rotation_status),
    ("GetParametersForImport", imports::get_parameters_for_import),
    ("GetPublicKey", agreement::get_public_key),
    ("ImportKeyMaterial", imports::import_key_material),
    ("ListAliases", listings::list_aliases),
    ("ListGrants", grants::list_grants),
    ("ListKeyPolicies", labels::list_key_policies),
    ("ListKeyRotations", rotation::list_key_rotations),
    ("ListKeys", listings::list_keys),
    ("ListResourceTags", listings::list_resource_tags),
    ("ListRetirableGrants", grants::list_retirable_grants),
    ("PutKeyPolicy", labels::put_key_policy),
    ("ReEncrypt", encryption::re_encrypt),
    ("ReplicateKey", regions::replicate_key),
    ("RetireGrant", grants::retire_grant),
    ("RevokeGrant", grants::revoke_grant),
    ("RotateKeyOnDemand", rotation::rotate_key_on_demand),
    ("ScheduleKeyDeletion", keys::schedule_key_deletion),
    ("Sign", signing::sign),
    ("TagResource", labels::tag_resource),
    ("UntagResource", labels::untag_resource),
    ("UpdateAlias", labels::update_alias),
    ("UpdateKeyDescription", keys::update_key_description),
    ("UpdatePrimaryRegion", regions::update_primary_region),
    ("Verify", signing::verify),
    ("VerifyMac", signing::verify_mac),
];

/// What the model says about a request.
pub(crate) fn ask(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let (_, operation) = OPERATIONS.iter().find(|(name, _)| *name == call.operation).expect("an operation");
    operation(model, number, call)
}

/// The outcome, unless the request is a dry run, which ends where the answer would be.
fn unless_dry(call: &Call, outcome: impl FnOnce() -> Outcome) -> Outcome {
    if call.dry {
        let text = "The request would have succeeded, but the DryRun option is set.";
        return Err(refusal("DryRunOperationException", text));
    }
    outcome()
}
