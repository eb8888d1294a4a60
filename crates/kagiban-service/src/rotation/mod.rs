//! Rotation of key material: settings, history, and the change itself.
//!
//! A rotation happens in one transaction: new material, the row of the history, and the key's record, which names the new
//! material from then on. Only that of a multi-Region key with replicas is under way for a while, until they all have the
//! new material. Old material stays until the key is deleted.

pub(crate) mod disable_key_rotation;
pub(crate) mod enable_key_rotation;
pub(crate) mod get_key_rotation_status;
pub(crate) mod list_key_rotations;
pub(crate) mod rotate;
pub(crate) mod rotate_key_on_demand;

use kagiban_api::{KeySpec, KeyState, OriginType};
use kagiban_storage::Transaction;

use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::ServiceError;
use crate::keys::{change, state};
use crate::multi_region::require_primary;
use crate::records::key::{AutomaticRotation, KeyBody, KeyRecord};
use crate::resolve::{self, Named};

/// The settings of automatic rotation as they are shown: none while the deletion of the key is pending, as if it were off.
pub(crate) fn shown(key: &KeyBody) -> Option<&AutomaticRotation> {
    let pending = matches!(key.state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion);
    key.rotation.automatic.as_ref().filter(|_| !pending)
}

/// Only symmetric encryption keys rotate.
///
/// # Errors
/// UnsupportedOperationException without a text, as AWS has it.
fn require_symmetric(key: &KeyRecord) -> Result<(), ServiceError> {
    if key.body.key_spec == KeySpec::SymmetricDefault { Ok(()) } else { Err(ServiceError::RotationUnfit) }
}

/// Of those, only the ones whose material is made here rotate automatically.
///
/// # Errors
/// As [`require_symmetric`]; UnsupportedOperationException naming the origin.
fn require_automatic(key: &KeyRecord) -> Result<(), ServiceError> {
    require_symmetric(key)?;
    match key.body.origin {
        OriginType::AwsKms => Ok(()),
        origin => Err(ServiceError::OriginUnfit { key: key.arn, origin }),
    }
}

/// The key as this transaction sees it: permitted, of a kind that rotates automatically, and in a fit state. What kind of
/// key it is, is asked before its state, as the key-state table has it.
async fn load_automatic(
    tx: &Transaction,
    named: &Named,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
) -> Result<KeyRecord, ServiceError> {
    let key = change::permitted(tx, named, facts, ctx).await?.into_subject();
    require_automatic(&key)?;
    state::require(ctx.row.states, &key)?;
    require_primary(&key)?;
    Ok(key)
}

/// Changes the settings of automatic rotation of the key that `identifier` names.
async fn change_settings(
    identifier: &str,
    facts: &[Fact<'_>],
    ctx: &Context<'_>,
    change: impl Fn(&mut KeyRecord) + Send + Sync,
) -> Result<(), ServiceError> {
    let named = resolve::named(identifier, ctx.row.action, ctx)?;
    let (named, change) = (&named, &change);
    ctx.service
        .transact(ctx.operation().name(), |tx| async move {
            let mut key = load_automatic(&tx, named, facts, ctx).await?;
            change(&mut key);
            key.body.shared_has_changed();
            tx.put(&key.row_key(), &key.body)?;
            Ok(())
        })
        .await
}
