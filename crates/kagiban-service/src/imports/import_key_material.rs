//! ImportKeyMaterial.

use kagiban_api::{
    ExpirationModelType, ImportKeyMaterialRequest, ImportKeyMaterialResponse, ImportType, KeyMaterialState, KeySpec,
};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::time::{DAY_MS, Timestamp};
use kagiban_keycore::import;
use kagiban_keycore::material::KeyMaterial;
use kagiban_storage::Transaction;

use super::require_external;
use super::token::ImportToken;
use crate::condition_keys::Fact;
use crate::context::Context;
use crate::error::{ImportFault, InternalError, ServiceError};
use crate::keys::change::load;
use crate::keys::state;
use crate::multi_region::require_primary;
use crate::records::deleted::DeletedMaterialRecord;
use crate::records::key::{HeldPublicKey, ImportedMaterial, KeyBody, KeyRecord};
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::multi_region::is_waiting;
use crate::resolve::Named;
use crate::spec::Counterpart;
use crate::work::{self, Lane};
use crate::{material, resolve};

/// The furthest that material may be set to expire, from now.
const VALID_TO_MAX_MS: i64 = 365 * DAY_MS;

/// Puts wrapped key material into a key. The material row and the key's record change together or not at all.
pub(crate) async fn handle(
    input: &ImportKeyMaterialRequest,
    ctx: &Context<'_>,
) -> Result<ImportKeyMaterialResponse, ServiceError> {
    let key = resolve::permitted(&input.key_id, ctx.row.action, &facts(input), ctx)?;
    require_external(key.subject())?;
    require_symmetric_members(input, key.subject().body.key_spec)?;
    let valid_to = expiry(input, ctx.now)?;
    state::require(ctx.row.states, key.subject())?;
    let arn = key.subject().arn;
    let material = unwrap(input, key.subject(), ctx).await?;
    let id = import::material_id(&arn.key_id, &material)
        .map_err(|error| ServiceError::Internal(InternalError::Cryptography(error.into())))?;
    let row_key = MaterialRowKey::new(&arn, id);
    let row = material::wrap(&material, &row_key, ctx.now, ctx.service)?;
    let incoming = Incoming { id, valid_to, public_key: material.public_key().map(|key| key.spki_der().to_vec()) };
    store(input, arn, &incoming, (&row_key, &row), ctx).await?;
    let shown = key.subject().body.key_spec == KeySpec::SymmetricDefault;
    Ok(ImportKeyMaterialResponse { key_id: Some(arn.to_string()), key_material_id: shown.then(|| id.to_string()) })
}

/// What policies can ask about the request.
fn facts(input: &ImportKeyMaterialRequest) -> [Fact<'static>; 2] {
    [Fact::ExpirationModel(input.expiration_model.map(ExpirationModelType::as_str)), Fact::ValidTo(input.valid_to)]
}

/// Material that has come out of its wrapping.
struct Incoming {
    id: KeyMaterialId,
    valid_to: Option<Timestamp>,
    public_key: Option<Vec<u8>>,
}

/// Writes the material's row and the key's, on what the key is at that moment.
async fn store(
    input: &ImportKeyMaterialRequest,
    arn: KeyArn,
    incoming: &Incoming,
    (row_key, row): (&MaterialRowKey, &MaterialRecord),
    ctx: &Context<'_>,
) -> Result<(), ServiceError> {
    ctx.service
        .transact(ctx.operation().name(), |tx: Transaction| async move {
            let mut key = load(&tx, &Named { arn, alias: None }, &facts(input), ctx).await?.into_subject();
            associate(&mut key, input, incoming)?;
            tx.put(&key.row_key(), &key.body)?;
            tx.put(row_key, row)?;
            // From now on a backup may bring it back.
            tx.delete::<DeletedMaterialRecord>(row_key)?;
            Ok(())
        })
        .await
}

/// Enters the material into the key's list: as a new one, or as one that the key knows.
fn associate(key: &mut KeyRecord, input: &ImportKeyMaterialRequest, incoming: &Incoming) -> Result<(), ServiceError> {
    let arn = key.arn;
    let fault = |fault| Err(ServiceError::IncorrectKeyMaterial(arn, fault));
    let is_first = key.body.imports.is_empty();
    let default = if is_first { ImportType::NewKeyMaterial } else { ImportType::ExistingKeyMaterial };
    let named = input.key_material_id.as_deref().is_some_and(|id| id != incoming.id.to_string());
    let is_known = key.body.imports.iter().any(|import| import.id == incoming.id);
    match (input.import_type.unwrap_or(default), is_known) {
        _ if named => return fault(ImportFault::NotTheNamedOne),
        (ImportType::NewKeyMaterial, _) if key.body.is_replica() => require_primary(key)?,
        (ImportType::NewKeyMaterial, true) => return fault(ImportFault::AlreadyAssociated),
        (ImportType::ExistingKeyMaterial, false) => return fault(ImportFault::NotAssociated),
        (ImportType::ExistingKeyMaterial, true) => put_back(key, input, incoming)?,
        (ImportType::NewKeyMaterial, false) => {
            require_primary(key)?;
            if key.body.imports.iter().any(|import| is_waiting(import.state)) {
                return fault(ImportFault::OneIsWaiting);
            }
            add(&mut key.body, is_first, input, incoming);
        }
    }
    key.body.follow_replicas();
    key.body.follow_imports();
    Ok(())
}

/// Material that the key knows is there again, or for another time. Its description is the primary's to change.
fn put_back(key: &mut KeyRecord, input: &ImportKeyMaterialRequest, incoming: &Incoming) -> Result<(), ServiceError> {
    let described = input.key_material_description.as_ref();
    let import = key.body.imports.iter().find(|import| import.id == incoming.id);
    let is_described_anew =
        described.is_some() && import.is_some_and(|import| import.description.as_ref() != described);
    if is_described_anew {
        require_primary(key)?;
    }
    let Some(import) = key.body.imports.iter_mut().find(|import| import.id == incoming.id) else { return Ok(()) };
    import.present = true;
    import.valid_to = incoming.valid_to;
    if is_described_anew {
        import.description = described.cloned();
    }
    let is_waiting = is_waiting(import.state);
    if is_described_anew {
        key.body.shared_has_changed();
    }
    if let Some(set) = key.body.multi_region.as_mut().filter(|set| is_waiting && !set.is_primary()) {
        set.unreported = true;
    }
    Ok(())
}

fn add(body: &mut KeyBody, is_first: bool, input: &ImportKeyMaterialRequest, incoming: &Incoming) {
    let state = if is_first { KeyMaterialState::Current } else { KeyMaterialState::PendingRotation };
    let (id, valid_to) = (incoming.id, incoming.valid_to);
    let description = input.key_material_description.clone();
    body.imports.push(ImportedMaterial { id, state, present: true, valid_to, description });
    if is_first {
        body.current_material = Some(id);
        body.public_key = incoming.public_key.clone().map(HeldPublicKey::from);
    }
    body.shared_has_changed();
}

/// Some members are for symmetric encryption keys, and two exclude each other.
fn require_symmetric_members(input: &ImportKeyMaterialRequest, spec: KeySpec) -> Result<(), ServiceError> {
    let refuse = |text: String| Err(ServiceError::Validation(text));
    let given = [
        ("ImportType", input.import_type.is_some()),
        ("KeyMaterialDescription", input.key_material_description.is_some()),
        ("KeyMaterialId", input.key_material_id.is_some()),
    ];
    if spec != KeySpec::SymmetricDefault
        && let Some((name, _)) = given.iter().find(|(_, given)| *given)
    {
        return refuse(format!("{name} is supported with symmetric encryption KMS keys only."));
    }
    if input.import_type == Some(ImportType::NewKeyMaterial) && input.key_material_id.is_some() {
        return refuse("KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.".to_owned());
    }
    Ok(())
}

/// When the material expires; `None` for never.
fn expiry(input: &ImportKeyMaterialRequest, now: Timestamp) -> Result<Option<Timestamp>, ServiceError> {
    let refuse = |text: &str| Err(ServiceError::Validation(text.to_owned()));
    match (input.expiration_model.unwrap_or(ExpirationModelType::KeyMaterialExpires), input.valid_to) {
        (ExpirationModelType::KeyMaterialDoesNotExpire, None) => Ok(None),
        (ExpirationModelType::KeyMaterialDoesNotExpire, Some(_)) => {
            refuse("ValidTo cannot be specified when ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.")
        }
        (ExpirationModelType::KeyMaterialExpires, None) => {
            refuse("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
        }
        (ExpirationModelType::KeyMaterialExpires, Some(at)) if at <= now => refuse("ValidTo must be in the future."),
        (ExpirationModelType::KeyMaterialExpires, Some(at)) if at.ms_since(now) > VALID_TO_MAX_MS => {
            refuse("ValidTo must be at most 365 days from now.")
        }
        (ExpirationModelType::KeyMaterialExpires, Some(at)) => Ok(Some(at)),
    }
}

/// Takes the material out of its wrapping and reads it, on a worker: it costs an RSA operation, or two.
async fn unwrap(
    input: &ImportKeyMaterialRequest,
    key: &KeyRecord,
    ctx: &Context<'_>,
) -> Result<KeyMaterial, ServiceError> {
    let token = ImportToken::open(&input.import_token, &key.arn, ctx.now, ctx.service)?;
    let (spec, arn, encrypted) = (key.body.key_spec.core()?, key.arn, input.encrypted_key_material.clone());
    let unwrapped = work::run(ctx.service.workers.as_ref(), Lane::PrivateKey, move || {
        let secret = token
            .wrapping_key
            .unwrap_material(token.algorithm, &encrypted)
            .map_err(|_| ServiceError::InvalidCiphertext)?;
        import::parse(spec, arn.region.partition(), &secret)
            .map_err(|error| ServiceError::IncorrectKeyMaterial(arn, ImportFault::Unfit(error)))
    });
    unwrapped.await?
}
