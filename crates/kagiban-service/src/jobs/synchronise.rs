//! Brings related multi-Region keys to the same shared properties, and moves the primary role.
//!
//! A primary is due while a replica has not confirmed its last change; then while a rotation or a change of primary waits
//! only for that. A replica is due while it has something to report. Each answer is written down before the next step, so
//! that a cut loses an answer at most, and the step is sent again. A related key that cannot be reached keeps the others
//! from nothing but what needs all of them.

use kagiban_api::KeyState;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;
use kagiban_storage::Transaction;

use crate::Service;
use crate::error::ServiceError;
use crate::multi_region::step::{Answer, Head, Message, Step};
use crate::multi_region::{delivery, send};
use crate::records::key::{KeyBody, KeyRecord};
use crate::records::multi_region::{Age, Handover, MultiRegion};
use crate::rotation::rotate;

/// Steps for one replica in one run, each with a page of the history: far more than rotations in a key's life.
const STEPS_MAX: usize = 1000;
/// Regions to ask for the primary, each of which names the next.
const HOPS_MAX: usize = 8;

pub(super) fn due_at(key: &KeyBody) -> Option<Timestamp> {
    let set = key.multi_region.as_ref()?;
    let is_due = match set.is_primary() {
        true => !set.is_settled() || set.successor().is_some() || is_rotation_due(key, set),
        false => set.unreported,
    };
    // Whatever a clock says.
    is_due.then_some(Timestamp::from_unix_ms(i64::MIN))
}

/// Whether all replicas have the material of a rotation that is under way, and nothing else holds it up.
fn is_rotation_due(key: &KeyBody, set: &MultiRegion) -> bool {
    set.rotating.is_some() && set.is_settled() && key.is_in_use() && !set.has_yielded()
}

/// Tells related keys what they do not know; whether anything came of it.
pub(super) async fn run(key: &KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    let Some(body) = service.store.snapshot().await?.read::<KeyBody>(&(*key).into()).await? else { return Ok(false) };
    let Some(set) = body.multi_region.as_ref().filter(|_| due_at(&body).is_some()) else { return Ok(false) };
    if !set.is_primary() {
        return report(key, service).await;
    }
    let (mut acted, mut failure) = (false, None);
    for replica in set.replicas.iter().filter(|replica| replica.acknowledged < set.age.version) {
        // The newest entry goes along: its row may be younger than its material.
        match bring_up(key, replica.region, replica.entries.saturating_sub(1), service).await {
            Ok(came_up) => acted |= came_up,
            Err(error) => failure = Some(error),
        }
    }
    acted |= service.transact_unasked("finish a rotation", |tx| finish_rotation(tx, *key, now, service)).await?;
    acted |= hand_over(key, service).await?;
    failure.map_or(Ok(acted), Err)
}

/// Sends a replica the shared properties, and as much of the history as it lacks; whether anything came of it.
async fn bring_up(key: &KeyArn, region: Region, mut first: u32, service: &Service) -> Result<bool, ServiceError> {
    let mut acted = false;
    for _ in 0..STEPS_MAX {
        let built =
            service.transact_unasked("tell a replica", |tx| state_for(tx, *key, (region, first), service)).await?;
        let Some((age, step)) = built else { return Ok(acted) };
        match delivery::deliver(step, service).await? {
            Answer::Done => {
                service.transact_unasked("note a replica's answer", |tx| confirmed(tx, *key, region, age)).await?;
                return Ok(true);
            }
            // Some of the history has arrived, or an older part of it is needed first.
            Answer::Lacks(from) if from != first => {
                acted |= from > first;
                first = from;
            }
            Answer::Absent => {
                // Gone without a word, as it can be in a store that was restored.
                let head = Head { to: *key, from: region, message: Message::Left };
                delivery::deliver(Step { head, materials: Vec::new() }, service).await?;
                return Ok(true);
            }
            answer => {
                tracing::warn!(%key, %region, ?answer, "a replica does not follow its primary now");
                return Ok(acted);
            }
        }
    }
    Ok(acted)
}

/// What a replica is to be told, with its age; `None` when this key is its primary no more.
async fn state_for(
    tx: Transaction,
    key: KeyArn,
    (region, first): (Region, u32),
    service: &Service,
) -> Result<Option<(Age, Step)>, ServiceError> {
    let Some(body) = tx.read::<KeyBody>(&key.into()).await? else { return Ok(None) };
    let key = KeyRecord::new(key, body);
    let Some(set) = key.body.multi_region.as_deref().filter(|set| set.is_primary()) else { return Ok(None) };
    if set.replicas.iter().all(|replica| replica.region != region) {
        return Ok(None);
    }
    let step = send::state(&tx, &key, set, (region, first), service).await?;
    Ok(Some((set.age, step)))
}

/// Writes down that a replica has what was sent to it. The old primary's word ends a change of primary.
async fn confirmed(tx: Transaction, key: KeyArn, region: Region, age: Age) -> Result<(), ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&key.into()).await? else { return Ok(()) };
    let history_len = body.history_len();
    let Some(set) = body.multi_region.as_mut().filter(|set| set.is_primary() && set.age.epoch == age.epoch) else {
        return Ok(());
    };
    let is_current = set.age == age;
    let Some(replica) = set.replica_mut(region) else { return Ok(()) };
    if replica.acknowledged >= age.version {
        return Ok(());
    }
    replica.acknowledged = age.version;
    if is_current {
        replica.entries = history_len;
    }
    if set.handover == Some(Handover::From(region)) {
        set.handover = None;
        if body.state == KeyState::Updating {
            body.state = KeyState::Enabled;
        }
    }
    tx.put(&key.into(), &body)?;
    Ok(())
}

/// Makes the material that all replicas have by now the current one; whether there was such a one.
async fn finish_rotation(
    tx: Transaction,
    arn: KeyArn,
    now: Timestamp,
    service: &Service,
) -> Result<bool, ServiceError> {
    let Some(body) = tx.read::<KeyBody>(&arn.into()).await? else { return Ok(false) };
    if !body.multi_region.as_ref().is_some_and(|set| set.is_primary() && is_rotation_due(&body, set)) {
        return Ok(false);
    }
    rotate::finish(&tx, &mut KeyRecord::new(arn, body), now, service)?;
    Ok(true)
}

/// Gives the primary role to the successor, once that knows all there is to know; whether it has it.
async fn hand_over(key: &KeyArn, service: &Service) -> Result<bool, ServiceError> {
    let promotion = service.transact_unasked("hand the primary role over", |tx| promotion(tx, *key)).await?;
    let Some(step) = promotion else { return Ok(false) };
    match delivery::deliver(step, service).await? {
        Answer::Done => Ok(true),
        answer => {
            tracing::warn!(%key, ?answer, "the successor of a primary key does not take the role now");
            Ok(false)
        }
    }
}

/// The message that makes the successor the primary. From the transaction that gives it on, this key changes nothing that is
/// shared, so that the message says everything.
async fn promotion(tx: Transaction, key: KeyArn) -> Result<Option<Step>, ServiceError> {
    let Some(mut body) = tx.read::<KeyBody>(&key.into()).await? else { return Ok(None) };
    let Some(set) = body.multi_region.as_mut().filter(|set| set.is_primary()) else { return Ok(None) };
    let Some(successor) = set.successor() else { return Ok(None) };
    let version = set.age.version;
    if set.replica_mut(successor).is_none_or(|replica| replica.acknowledged < version) {
        return Ok(None);
    }
    if !set.has_yielded() {
        set.handover = Some(Handover::Yielded(successor));
        tx.put(&key.into(), &body)?;
    }
    let key = KeyRecord::new(key, body);
    let Some(set) = key.body.multi_region.as_deref() else { return Ok(None) };
    let shared = send::shared(&tx, &key, set).await?;
    Ok(Some(send::message(&key.arn, successor, Message::Promote(Box::new(shared)))))
}

/// Tells the primary which imported material this replica has that waits for its rotation; whether it was told.
async fn report(key: &KeyArn, service: &Service) -> Result<bool, ServiceError> {
    let Some(body) = service.store.snapshot().await?.read::<KeyBody>(&(*key).into()).await? else { return Ok(false) };
    let holds = body.waiting_import();
    if !tell_primary(key, &body, &Message::Report(holds), service).await? {
        return Ok(false);
    }
    service
        .transact_unasked("note a report", |tx: Transaction| async move {
            let Some(mut body) = tx.read::<KeyBody>(&(*key).into()).await? else { return Ok(()) };
            // What has changed meanwhile is told again.
            let is_same = body.waiting_import() == holds;
            if let Some(set) = body.multi_region.as_mut().filter(|_| is_same) {
                set.unreported = false;
                tx.put(&(*key).into(), &body)?;
            }
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(true)
}

/// Takes a replica out of its set before the last of it goes; whether the set knows. Other keys have nobody to tell.
pub(super) async fn leave(key: &KeyArn, service: &Service) -> Result<bool, ServiceError> {
    match service.store.snapshot().await?.read::<KeyBody>(&(*key).into()).await? {
        Some(body) if body.is_replica() => tell_primary(key, &body, &Message::Left, service).await,
        _ => Ok(true),
    }
}

/// Delivers a replica's message to the primary, wherever that is by now; whether it took it. A set without a primary has
/// nobody to tell.
async fn tell_primary(
    key: &KeyArn,
    body: &KeyBody,
    message: &Message,
    service: &Service,
) -> Result<bool, ServiceError> {
    let Some(set) = &body.multi_region else { return Ok(true) };
    let mut primary = set.primary;
    for _ in 0..HOPS_MAX {
        match delivery::deliver(send::message(key, primary, message.clone()), service).await? {
            Answer::Done | Answer::Absent => return Ok(true),
            Answer::PrimaryIn(region) if region != key.region => primary = region,
            _ => break,
        }
    }
    Ok(false)
}
