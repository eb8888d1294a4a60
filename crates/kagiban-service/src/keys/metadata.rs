//! KeyMetadata: what DescribeKey and CreateKey show of a key.

use kagiban_api::{
    CustomerMasterKeySpec, ExpirationModelType, KeyMetadata, KeySpec, KeyState, MultiRegionConfiguration,
    MultiRegionKey,
};
use kagiban_base::arn::KeyArn;

use crate::multi_region::related;
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::multi_region::MultiRegion;
use crate::spec::Algorithms;

/// The metadata of a key, field by field as the API has it.
pub(crate) fn of(key: &KeyRecord) -> KeyMetadata {
    let body = &key.body;
    let algorithms = Algorithms::of(body.key_spec, body.key_usage);
    KeyMetadata {
        aws_account_id: Some(key.arn.account.to_string()),
        key_id: key.arn.key_id.to_string(),
        arn: Some(key.arn.to_string()),
        creation_date: Some(body.created),
        enabled: Some(body.state == KeyState::Enabled),
        description: Some(body.description.to_string()),
        key_usage: Some(body.key_usage),
        key_state: Some(body.state),
        deletion_date: body.deletion_date.filter(|_| body.state == KeyState::PendingDeletion),
        origin: Some(body.origin),
        key_manager: Some(body.key_manager),
        customer_master_key_spec: CustomerMasterKeySpec::parse(body.key_spec.as_str()),
        key_spec: Some(body.key_spec),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        mac_algorithms: algorithms.mac,
        key_agreement_algorithms: algorithms.key_agreement,
        encapsulation_algorithms: algorithms.encapsulation,
        multi_region: Some(key.arn.key_id.is_multi_region()),
        multi_region_configuration: key.body.multi_region.as_ref().map(|set| related_keys(&key.arn, set)),
        pending_deletion_window_in_days: body.pending_window_days,
        expiration_model: expiration_model(body),
        valid_to: body.permanent_imports().filter_map(|import| import.valid_to).min(),
        current_key_material_id: shown_material_id(key),
        ..KeyMetadata::default()
    }
}

/// The key's set. While the primary role moves, the old and the new primary may both be among the replicas.
fn related_keys(key: &KeyArn, set: &MultiRegion) -> MultiRegionConfiguration {
    let of = |region| MultiRegionKey {
        arn: Some(related(key, region).to_string()),
        region: Some(region.as_str().to_owned()),
    };
    MultiRegionConfiguration {
        multi_region_key_type: Some(set.role),
        primary_key: Some(of(set.primary)),
        replica_keys: Some(set.replicas.iter().map(|replica| of(replica.region)).collect()),
    }
}

/// Shown for imported material that is there: whether any of it expires.
fn expiration_model(body: &KeyBody) -> Option<ExpirationModelType> {
    let mut present = body.permanent_imports().filter(|import| import.present).peekable();
    present.peek()?;
    let expires = present.any(|import| import.valid_to.is_some());
    let model =
        if expires { ExpirationModelType::KeyMaterialExpires } else { ExpirationModelType::KeyMaterialDoesNotExpire };
    Some(model)
}

/// Material ids are shown for symmetric encryption keys only.
fn shown_material_id(key: &KeyRecord) -> Option<String> {
    let symmetric = key.body.key_spec == KeySpec::SymmetricDefault;
    key.body.current_material.filter(|_| symmetric).map(|id| id.to_string())
}
