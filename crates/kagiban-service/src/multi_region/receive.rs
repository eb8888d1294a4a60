//! What a key does with a step of a related key. Each step is one transaction, and changes nothing when it comes again or
//! after a younger one.

use kagiban_api::{KeyState, MultiRegionKeyType, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyMaterialId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_storage::Transaction;

use super::step::{Answer, Creation, Head, Message, Shared, State, Step};
use crate::Service;
use crate::audit::service_events;
use crate::error::{InternalError, ServiceError};
use crate::jobs::erasure;
use crate::material;
use crate::policies;
use crate::quotas::key_counts;
use crate::records::Place;
use crate::records::deleted::{DeletedKeyRecord, DeletedMaterialRecord};
use crate::records::key::{HeldPublicKey, ImportedMaterial, KeyBody, KeyRecord};
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::material::{MaterialRecord, MaterialRowKey};
use crate::records::multi_region::{Age, Handover, MultiRegion, Related};
use crate::records::rotation::{RotationRecord, RotationRowKey};
use crate::records::service_event::ServiceEvent;

/// Does what a step says.
///
/// # Errors
/// Internal ones; those of a policy, for one that makes a replica.
pub(crate) async fn apply(step: Step, service: &Service) -> Result<Answer, ServiceError> {
    let Step { head: Head { to, from, message }, materials } = &step;
    match message {
        Message::Create(creation) => {
            let rows = replica_rows(*to, creation, service)?;
            let rows = &rows;
            let _place = key_counts::hold_place(to, service)?;
            service.transact("create a replica", |tx| async move { insert_replica(&tx, rows, service).await }).await
        }
        Message::Ready => service.transact("look at a replica", |tx| is_ready(tx, *to, *from)).await,
        Message::Left => service.transact("let a replica go", |tx| left(tx, *to, *from, service.clock.now())).await,
        Message::Promote(shared) => {
            service.transact("become the primary", |tx| promote(tx, *to, *from, shared, service)).await
        }
        Message::Report(holds) => service.transact("note an import", |tx| report(tx, *to, *from, *holds)).await,
        Message::State(state) => {
            service.transact("follow the primary", |tx| follow(tx, *to, *from, state, materials, service)).await
        }
    }
}

/// The rows of a replica that does not exist yet. It has no material, and waits for it.
///
/// # Errors
/// Those of its policy.
pub(crate) fn replica_rows(
    arn: KeyArn,
    creation: &Creation,
    service: &Service,
) -> Result<(KeyRecord, KeyPolicyRecord), ServiceError> {
    let place = Place { region: arn.region, account: arn.account };
    let policy = policies::checked(&creation.policy, &service.iam.directory, &service.quotas.limits(place))?;
    let shared = &creation.shared;
    let mut set = MultiRegion::primary(shared.primary);
    set.role = MultiRegionKeyType::Replica;
    set.replicas = shared.replicas.iter().map(|replica| Related::new(replica.region)).collect();
    // What was sent before it was made was for a key that stood here earlier.
    set.age = shared.age;
    let kind = (creation.key_spec, creation.key_usage);
    let body = KeyBody {
        state: KeyState::Creating,
        multi_region: Some(Box::new(set)),
        tags: creation.tags.clone().into(),
        ..KeyBody::new(kind, creation.origin, creation.description.clone(), creation.created)
    };
    Ok((KeyRecord::new(arn, body), KeyPolicyRecord(policy.bound)))
}

/// Writes a new replica, unless there is a related key; one that was begun and never heard of again gives way.
pub(crate) async fn insert_replica(
    tx: &Transaction,
    (key, policy): &(KeyRecord, KeyPolicyRecord),
    service: &Service,
) -> Result<Answer, ServiceError> {
    let row_key = key.row_key();
    if tx.read::<KeyBody>(&row_key).await?.is_some_and(|there| !is_abandoned(&there, key)) {
        return Ok(Answer::Exists);
    }
    tx.put(&row_key, &key.body)?;
    tx.put(&row_key, policy)?;
    // There may have been one before.
    tx.delete::<DeletedKeyRecord>(&row_key)?;
    service_events::note(tx, key.arn, ServiceEvent::CreateKey, service.clock.now(), service)?;
    Ok(Answer::Done)
}

/// Whether a key was begun by the same primary, and nothing was heard of it since: a ReplicateKey was cut between two deployments.
fn is_abandoned(there: &KeyBody, new: &KeyRecord) -> bool {
    let primary = |key: &KeyBody| key.multi_region.as_ref().map(|set| set.primary);
    there.state == KeyState::Creating && !there.erasing && there.is_replica() && primary(there) == primary(&new.body)
}

/// Whether a replica could be given the primary role; what it is asked before that begins to move.
async fn is_ready(tx: Transaction, to: KeyArn, from: Region) -> Result<Answer, ServiceError> {
    let Some(body) = tx.read::<KeyBody>(&to.into()).await? else { return Ok(Answer::Absent) };
    let Some(set) = &body.multi_region else { return Ok(Answer::Absent) };
    if set.is_primary() || set.primary != from {
        return Ok(Answer::Refused);
    }
    Ok(if body.state == KeyState::Enabled && !body.erasing { Answer::Done } else { Answer::Later })
}

/// Whether the key is there to stay.
fn can_lead(key: &KeyBody) -> bool {
    !key.erasing
        && !matches!(key.state, KeyState::Creating | KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
}

/// A replica is gone. With the last one begins the waiting period of a primary whose deletion is scheduled.
async fn left(tx: Transaction, to: KeyArn, from: Region, now: Timestamp) -> Result<Answer, ServiceError> {
    take_role_back(&tx, to, from).await?;
    let mut body = match primary(&tx, to).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer),
    };
    let Some(set) = body.multi_region.as_mut() else { return Ok(Answer::Absent) };
    let before = set.replicas.len();
    set.replicas.retain(|replica| replica.region != from);
    if set.replicas.len() == before {
        return Ok(Answer::Done);
    }
    if set.replicas.is_empty() && body.state == KeyState::PendingReplicaDeletion {
        body.state = KeyState::PendingDeletion;
        body.deletion_date = body.pending_window_days.take().map(|days| now.plus_days(i64::from(days)));
    }
    body.shared_has_changed();
    body.follow_replicas();
    tx.put(&to.into(), &body)?;
    Ok(Answer::Done)
}

/// A successor that goes as a replica never took the role, and takes it no more: the old primary goes on.
async fn take_role_back(tx: &Transaction, to: KeyArn, from: Region) -> Result<(), ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&to.into()).await? else { return Ok(()) };
    let Some(set) = body.multi_region.as_mut().filter(|set| set.is_primary()) else { return Ok(()) };
    if set.successor() != Some(from) {
        return Ok(());
    }
    set.handover = None;
    if body.state == KeyState::Updating {
        body.state = KeyState::Enabled;
    }
    Ok(tx.put(&to.into(), &body)?)
}

/// A replica tells which imported material it has that waits for its rotation.
async fn report(
    tx: Transaction,
    to: KeyArn,
    from: Region,
    holds: Option<KeyMaterialId>,
) -> Result<Answer, ServiceError> {
    let mut body = match primary(&tx, to).await? {
        Ok(body) => body,
        Err(answer) => return Ok(answer),
    };
    let Some(replica) = body.multi_region.as_mut().and_then(|set| set.replica_mut(from)) else {
        return Ok(Answer::Refused);
    };
    replica.holds = holds;
    body.follow_replicas();
    tx.put(&to.into(), &body)?;
    Ok(Answer::Done)
}

/// The key, if it is a primary that can change what is shared.
async fn primary(tx: &Transaction, to: KeyArn) -> Result<Result<KeyBody, Answer>, ServiceError> {
    let Some(body) = tx.read::<KeyBody>(&to.into()).await? else { return Ok(Err(Answer::Absent)) };
    Ok(match &body.multi_region {
        None => Err(Answer::Absent),
        Some(set) if !set.is_primary() => Err(Answer::PrimaryIn(set.primary)),
        Some(set) if set.has_yielded() => Err(Answer::Later),
        Some(_) => Ok(body),
    })
}

/// The key becomes the primary of its set, if it knows all that the old primary knew.
async fn promote(
    tx: Transaction,
    to: KeyArn,
    from: Region,
    shared: &Shared,
    service: &Service,
) -> Result<Answer, ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&to.into()).await? else { return Ok(Answer::Absent) };
    let guess = body.history_len();
    let Some(set) = body.multi_region.as_mut() else { return Ok(Answer::Absent) };
    if set.is_primary() || set.age.epoch > shared.age.epoch {
        // It has been, and by now may be a replica again.
        return Ok(if set.age.epoch > shared.age.epoch { Answer::Done } else { Answer::Refused });
    }
    let (primary, age) = (set.primary, set.age);
    if !can_lead(&body) {
        return Ok(Answer::Later);
    }
    let Some(set) = body.multi_region.as_mut() else { return Ok(Answer::Absent) };
    if primary != from || age != shared.age {
        return Ok(Answer::Refused);
    }
    let related = |region, holds| Related { region, acknowledged: 0, entries: guess, holds };
    let others = shared.replicas.iter().filter(|replica| replica.region != to.region);
    set.replicas = others.map(|replica| related(replica.region, replica.holds)).collect();
    set.replicas.push(related(from, None));
    set.replicas.sort_by_key(|replica| replica.region);
    set.role = MultiRegionKeyType::Primary;
    set.primary = to.region;
    set.age = Age { epoch: shared.age.epoch.saturating_add(1), version: 1 };
    set.handover = Some(Handover::From(from));
    set.unreported = false;
    if body.state == KeyState::Enabled {
        body.state = KeyState::Updating;
    }
    body.follow_replicas();
    tx.put(&to.into(), &body)?;
    let event = ServiceEvent::UpdatePrimaryRegion { region: to.region };
    service_events::note(&tx, to, event, service.clock.now(), service)?;
    Ok(Answer::Done)
}

/// A replica takes over what its primary says, once it has the whole history of materials.
async fn follow(
    tx: Transaction,
    to: KeyArn,
    from: Region,
    state: &State,
    materials: &[SecretBytes],
    service: &Service,
) -> Result<Answer, ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&to.into()).await? else { return Ok(Answer::Absent) };
    let own_len = body.history_len();
    let Some(set) = body.multi_region.as_mut() else { return Ok(Answer::Absent) };
    if body.erasing {
        return Ok(Answer::Later);
    }
    if !may_follow(set, from, &state.shared) {
        return Ok(Answer::Refused);
    }
    if set.is_primary() {
        // It hands its role over, and this is its successor's first word.
        set.entries = own_len;
    }
    if state.first > set.entries {
        return Ok(Answer::Lacks(set.entries));
    }
    let read = u32::try_from(state.page.len()).unwrap_or(u32::MAX);
    set.entries = set.entries.max(state.first.saturating_add(read)).min(state.history_len);
    let entries = set.entries;
    write_page(&tx, &body, to, (state, materials), service).await?;
    if entries == state.history_len {
        let is_news = body.multi_region.as_ref().is_some_and(|set| set.age != state.shared.age);
        if is_news || body.state == KeyState::Creating {
            service_events::note(&tx, to, ServiceEvent::SynchronizeMultiRegionKey, service.clock.now(), service)?;
        }
        take_over(&tx, &mut body, to, &state.shared, service.clock.now())?;
    }
    tx.put(&to.into(), &body)?;
    Ok(if entries == state.history_len { Answer::Done } else { Answer::Lacks(entries) })
}

/// Whether a key is to follow the one that says it is the primary: a younger word than the last one, or the same again.
fn may_follow(set: &MultiRegion, from: Region, shared: &Shared) -> bool {
    let is_younger = shared.primary == from && shared.age >= set.age;
    match (set.is_primary(), set.handover) {
        (false, _) => is_younger,
        (true, Some(Handover::Yielded(successor))) => {
            is_younger && successor == from && shared.age.epoch > set.age.epoch
        }
        // Two primaries: one of them came from an old backup. Nobody's material is taken then.
        (true, _) => false,
    }
}

/// Writes the entries of a page: materials that are new here, and the rows of the history.
async fn write_page(
    tx: &Transaction,
    body: &KeyBody,
    key: KeyArn,
    (state, materials): (&State, &[SecretBytes]),
    service: &Service,
) -> Result<(), ServiceError> {
    let mut materials = materials.iter();
    for (number, entry) in (state.first..).zip(&state.page) {
        if let Some(created) = entry.created.filter(|_| body.origin != OriginType::External) {
            let missing = ServiceError::Internal(InternalError::RowMissing("material"));
            let secret = materials.next().ok_or(missing)?;
            let row_key = MaterialRowKey::new(&key, entry.record.material_id);
            if tx.read::<MaterialRecord>(&row_key).await?.is_none() {
                tx.put(&row_key, &material::import(secret, body.key_spec, &row_key, created, service)?)?;
            }
        }
        let rotated = 1..=state.shared.rotation.count;
        if rotated.contains(&number) {
            tx.put(&RotationRowKey::new(&key, number.into()), &entry.record)?;
        }
    }
    if let Some(material_id) = state.shared.first_material {
        let first = RotationRecord { material_id, date: None, rotation_type: None };
        tx.put(&RotationRowKey::new(&key, 0), &first)?;
    }
    Ok(())
}

/// The shared properties become those of the replica; what is its own stays.
fn take_over(
    tx: &Transaction,
    body: &mut KeyBody,
    key: KeyArn,
    shared: &Shared,
    now: Timestamp,
) -> Result<(), ServiceError> {
    body.current_material = shared.current_material;
    body.public_key = shared.public_key.clone().map(HeldPublicKey::from);
    body.rotation = shared.rotation.clone().into();
    let before = body.waiting_import();
    take_over_imports(tx, body, key, shared, now)?;
    let waiting = body.waiting_import();
    if let Some(set) = body.multi_region.as_mut() {
        let was_primary = set.is_primary();
        set.role = MultiRegionKeyType::Replica;
        set.primary = shared.primary;
        set.replicas = shared.replicas.iter().map(|replica| Related::new(replica.region)).collect();
        set.age = shared.age;
        set.rotating.clone_from(&shared.rotating);
        // A new primary does not know what the old one has.
        set.unreported |= before != waiting || (was_primary && waiting.is_some());
        if was_primary {
            set.handover = None;
            if body.state == KeyState::Updating {
                body.state = KeyState::Enabled;
            }
        }
    }
    if body.state == KeyState::Creating {
        body.state = match body.origin {
            OriginType::External => KeyState::PendingImport,
            _ => KeyState::Enabled,
        };
    }
    if body.origin == OriginType::External {
        body.follow_imports();
    }
    Ok(())
}

/// The list of imported materials becomes that of the primary. Which of them are here and how long stays; the material of
/// one that the primary has no more goes.
fn take_over_imports(
    tx: &Transaction,
    body: &mut KeyBody,
    key: KeyArn,
    shared: &Shared,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let own = std::mem::take(&mut body.imports);
    for gone in own.iter().filter(|own| shared.imports.iter().all(|import| import.id != own.id)) {
        tx.delete::<MaterialRecord>(&MaterialRowKey::new(&key, gone.id))?;
        if gone.present {
            tx.put(&MaterialRowKey::new(&key, gone.id), &DeletedMaterialRecord { deleted: now })?;
            tx.erase_later(erasure::material(&key, gone.id), now)?;
        }
    }
    let import = |import: &super::step::SharedImport| {
        let own = own.iter().find(|own| own.id == import.id);
        ImportedMaterial {
            id: import.id,
            state: import.state,
            present: own.is_some_and(|own| own.present),
            valid_to: own.and_then(|own| own.valid_to),
            description: import.description.clone(),
        }
    };
    body.imports = shared.imports.iter().map(import).collect::<Vec<_>>().into();
    Ok(())
}
