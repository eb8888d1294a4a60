//! KeyMetadata: what DescribeKey and CreateKey show of a key.

use kagiban_api::{
    CustomerMasterKeySpec, EncryptionAlgorithmSpec, KeyManagerType, KeyMetadata, KeySpec, KeyState, KeyUsageType,
};

use crate::records::key::KeyRecord;

/// The metadata of a key, field by field as the API has it.
pub(crate) fn of(key: &KeyRecord) -> KeyMetadata {
    let body = &key.body;
    KeyMetadata {
        aws_account_id: Some(key.arn.account.to_string()),
        key_id: key.arn.key_id.to_string(),
        arn: Some(key.arn_text.to_string()),
        creation_date: Some(body.created),
        enabled: Some(body.state == KeyState::Enabled),
        description: Some(body.description.clone()),
        key_usage: Some(body.key_usage),
        key_state: Some(body.state),
        deletion_date: body.deletion_date.filter(|_| body.state == KeyState::PendingDeletion),
        origin: Some(body.origin),
        key_manager: Some(KeyManagerType::Customer),
        customer_master_key_spec: CustomerMasterKeySpec::parse(body.key_spec.as_str()),
        key_spec: Some(body.key_spec),
        encryption_algorithms: encryption_algorithms(body.key_spec, body.key_usage),
        multi_region: Some(key.arn.key_id.is_multi_region()),
        current_key_material_id: body.current_material.map(|id| id.to_string()),
        ..KeyMetadata::default()
    }
}

fn encryption_algorithms(spec: KeySpec, usage: KeyUsageType) -> Option<Vec<EncryptionAlgorithmSpec>> {
    let symmetric = spec == KeySpec::SymmetricDefault && usage == KeyUsageType::EncryptDecrypt;
    symmetric.then(|| vec![EncryptionAlgorithmSpec::SymmetricDefault])
}
