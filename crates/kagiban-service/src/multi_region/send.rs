//! What a key tells its related keys, from its rows.

use kagiban_api::OriginType;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_base::secret::SecretBytes;
use kagiban_storage::Transaction;

use super::related;
use super::step::{Entry, Head, Message, Shared, SharedImport, SharedReplica, State, Step};
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::material;
use crate::records::key::{KeyRecord, Rotation};
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::multi_region::{MultiRegion, Related};
use crate::records::rotation::{RotationRecord, RotationRowKey};

/// Entries of the history in one step. Each is two rows for its receiver, and a batch takes a hundred.
const PAGE: u32 = 20;

/// A step without material.
pub(crate) fn message(key: &KeyArn, to: Region, message: Message) -> Step {
    Step { head: Head { to: related(key, to), from: key.region, message }, materials: Vec::new() }
}

/// What all related keys know of a primary's set and of what they share.
pub(crate) async fn shared(tx: &Transaction, key: &KeyRecord, set: &MultiRegion) -> Result<Shared, ServiceError> {
    let body = &key.body;
    let replica = |replica: &Related| SharedReplica { region: replica.region, holds: replica.holds };
    let first_material = match body.rotation.count {
        0 => None,
        _ => Some(rotation_row(tx, &key.arn, 0).await?.material_id),
    };
    Ok(Shared {
        age: set.age,
        primary: set.primary,
        replicas: set.replicas.iter().map(replica).collect(),
        current_material: body.current_material,
        public_key: body.public_key.as_ref().map(|key| key.der().to_vec()),
        imports: body
            .imports
            .iter()
            .map(|import| SharedImport { id: import.id, state: import.state, description: import.description.clone() })
            .collect(),
        rotation: Rotation::clone(&body.rotation),
        rotating: set.rotating.clone(),
        first_material,
    })
}

/// The shared properties of a primary, with the history of its materials from an entry on, or a page of it.
pub(crate) async fn state(
    tx: &Transaction,
    key: &KeyRecord,
    set: &MultiRegion,
    (to, first): (Region, u32),
    service: &Service,
) -> Result<Step, ServiceError> {
    let history_len = key.body.history_len();
    let (mut page, mut materials) = (Vec::new(), Vec::new());
    for number in first..history_len.min(first.saturating_add(PAGE)) {
        let record = history_entry(tx, key, set, number).await?;
        let mut created = None;
        if key.body.origin != OriginType::External {
            let (at, material) = exported(tx, key, &record, service).await?;
            created = Some(at);
            materials.push(material);
        }
        page.push(Entry { record, created });
    }
    let shared = shared(tx, key, set).await?;
    let message = Message::State(Box::new(State { shared, first, page, history_len }));
    Ok(Step { head: Head { to: related(&key.arn, to), from: key.arn.region, message }, materials })
}

/// An entry of the history: a row of it, or a material that has none yet.
async fn history_entry(
    tx: &Transaction,
    key: &KeyRecord,
    set: &MultiRegion,
    number: u32,
) -> Result<RotationRecord, ServiceError> {
    let count = key.body.rotation.count;
    let without_row = match &set.rotating {
        _ if count == 0 && number == 0 => key.body.current_material,
        Some(rotating) if number > count => Some(rotating.material_id),
        _ => None,
    };
    match without_row {
        Some(material_id) => Ok(RotationRecord { material_id, date: None, rotation_type: None }),
        None => rotation_row(tx, &key.arn, number).await,
    }
}

async fn rotation_row(tx: &Transaction, key: &KeyArn, number: u32) -> Result<RotationRecord, ServiceError> {
    let row = tx.read::<RotationRecord>(&RotationRowKey::new(key, number.into())).await?;
    row.ok_or(ServiceError::Internal(InternalError::RowMissing("key-rotation")))
}

/// A material of the key out of its wrapping, and when it came to be.
async fn exported(
    tx: &Transaction,
    key: &KeyRecord,
    entry: &RotationRecord,
    service: &Service,
) -> Result<(kagiban_base::time::Timestamp, SecretBytes), ServiceError> {
    let row_key = MaterialRowKey::new(&key.arn, entry.material_id);
    let row = tx.read::<MaterialRecord>(&row_key).await?;
    let row = row.ok_or(ServiceError::Internal(InternalError::RowMissing("material")))?;
    Ok((row.created, material::export(&row_key, &row, service)?))
}
