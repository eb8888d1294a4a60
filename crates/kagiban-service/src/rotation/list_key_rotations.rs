//! ListKeyRotations.

use kagiban_api::{
    ExpirationModelType, ImportState, IncludeKeyMaterial, KeyMaterialState, ListKeyRotationsRequest,
    ListKeyRotationsResponse, RotationsListEntry,
};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;

use super::require_symmetric;
use crate::context::Context;
use crate::error::ServiceError;
use crate::paging::{Listing, PageSize};
use crate::records::Place;
use crate::records::key::{ImportedMaterial, KeyBody};
use crate::records::multi_region::is_waiting;
use crate::records::rotation::{RotationRecord, RotationRowKey};
use crate::resolve;

/// Entries on a page: default and maximum.
const PAGE: PageSize = PageSize { default: 100, max: 1000 };

/// Lists a key's rotations, the oldest first; on demand also its first material, and the one that waits for its rotation.
pub(crate) async fn handle(
    input: &ListKeyRotationsRequest,
    ctx: &Context<'_>,
) -> Result<ListKeyRotationsResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &[], ctx)?;
    require_symmetric(key.subject())?;
    let arn = key.subject().arn;
    let all = input.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
    let listing = Listing::new(if all { "materials" } else { "rotations" }, ctx.place(), arn.key_id.as_str());
    let marked: Option<u64> = listing.read_marker(input.marker.as_deref())?;
    // Number 0 is no rotation, but the material before the first.
    let after = marked.or((!all).then_some(0));
    let after_row = after.map(|number| RotationRowKey::new(&arn, number));
    let prefix = Place { region: arn.region, account: arn.account }.key_prefix::<RotationRecord>(arn.key_id);
    let page = PAGE.read(input.limit, prefix, after_row.as_ref(), ctx).await?;
    // Of the same moment as the rows.
    let body: KeyBody = page.snapshot.read(&arn.into()).await?.ok_or(ServiceError::KeyNotFound(arn))?;
    let mut materials: Vec<(u64, RotationRecord)> =
        page.rows.into_iter().map(|(key, record)| (key.number, record)).collect();
    if all && !page.truncated {
        materials.extend(without_rows(&body, after));
    }
    let limit = PAGE.limit(input.limit);
    let truncated = page.truncated || materials.len() > limit;
    materials.truncate(limit);
    let last = materials.last().filter(|_| truncated);
    Ok(ListKeyRotationsResponse {
        next_marker: last.map(|(number, _)| listing.marker(&number.to_string())),
        rotations: Some(materials.into_iter().map(|(_, record)| entry(&arn, &body, record)).collect()),
        truncated: Some(truncated),
    })
}

/// The materials of a key that stand in no row of its history and come after this number: the first one of a key that has
/// not rotated, and the one that waits. Their numbers follow on those of the rows.
fn without_rows(body: &KeyBody, after: Option<u64>) -> Vec<(u64, RotationRecord)> {
    let of = |material_id| RotationRecord { material_id, date: None, rotation_type: None };
    let count = u64::from(body.rotation.count);
    let first = body.current_material.filter(|_| count == 0).map(|id| (0, of(id)));
    let waiting = body.imports.iter().find(|import| is_waiting(import.state));
    let waiting = waiting.map(|import| (count.saturating_add(1), of(import.id)));
    first.into_iter().chain(waiting).filter(|(number, _)| after.is_none_or(|after| *number > after)).collect()
}

fn entry(arn: &KeyArn, body: &KeyBody, record: RotationRecord) -> RotationsListEntry {
    let RotationRecord { material_id, date, rotation_type } = record;
    let import = body.imports.iter().find(|import| import.id == material_id);
    RotationsListEntry {
        key_id: Some(arn.key_id.to_string()),
        key_material_id: Some(material_id.to_string()),
        key_material_description: import.and_then(|import| import.description.clone()),
        import_state: import.map(import_state),
        key_material_state: Some(material_state(body, material_id, import)),
        expiration_model: import.filter(|import| import.present).map(expiration_model),
        valid_to: import.and_then(|import| import.valid_to),
        rotation_date: date,
        rotation_type,
    }
}

fn material_state(body: &KeyBody, id: KeyMaterialId, import: Option<&ImportedMaterial>) -> KeyMaterialState {
    match import {
        Some(import) => import.state,
        None if body.current_material == Some(id) => KeyMaterialState::Current,
        None => KeyMaterialState::NonCurrent,
    }
}

fn import_state(import: &ImportedMaterial) -> ImportState {
    if import.present { ImportState::Imported } else { ImportState::PendingImport }
}

fn expiration_model(import: &ImportedMaterial) -> ExpirationModelType {
    match import.valid_to {
        Some(_) => ExpirationModelType::KeyMaterialExpires,
        None => ExpirationModelType::KeyMaterialDoesNotExpire,
    }
}
