//! ReplicateKey.

use kagiban_api::{MultiRegionKeyType, Operation, ReplicateKeyRequest, ReplicateKeyResponse, Tag};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_policy::default_key_policy;
use kagiban_storage::Transaction;

use super::receive::{insert_replica, replica_rows};
use super::step::{Answer, Creation, Message};
use super::{delivery, region_named, related, require_multi_region, require_primary, send};
use crate::authorize::{self, Action};
use crate::condition_keys::{Fact, NewKeyFacts};
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::keys::{change, metadata, state};
use crate::peers::PeerError;
use crate::policies;
use crate::quotas::{self, key_counts};
use crate::records::key::KeyRecord;
use crate::records::key_policy::KeyPolicyRecord;
use crate::records::multi_region::Related;
use crate::resolve::{self, Named};
use crate::tags;

/// Replicas that one key can have: more than AWS has Regions in any partition.
const REPLICAS_MAX: usize = 64;

/// Makes a replica of a primary key in another Region. It is Creating until a job has brought it the key's material.
pub(crate) async fn handle(
    input: &ReplicateKeyRequest,
    ctx: &Context<'_>,
) -> Result<ReplicateKeyResponse, ServiceError> {
    let named = resolve::named(&input.key_id, ctx.row.action, ctx)?;
    let primary = authorize::named(ctx.row.action, &named, ctx.service.view.key(&named.arn), &facts(input), ctx)?;
    let region = region_named(&input.replica_region, ctx)?;
    // The replica is made in its Region, where other policies may hold.
    let caller = ctx.caller.in_region(region);
    let there = Context { caller: &caller, ..*ctx };
    require_creation(input, primary.subject(), &there)?;
    // As AWS counts it: a dry run of CreateKey, and CreateKey.
    for _ in 0..2 {
        quotas::charge_in(region, Operation::CreateKey, ctx)?;
    }
    let request = Request { input, region, named: &named };
    let (replica, policy) = match ctx.service.serves(region) {
        true => replicate_here(&request, ctx, &there).await?,
        false => Box::pin(replicate_elsewhere(&request, ctx, &there)).await?,
    };
    let tag = |(key, value): (&String, &String)| Tag { tag_key: key.clone(), tag_value: value.clone() };
    Ok(ReplicateKeyResponse {
        replica_key_metadata: Some(metadata::of(&replica)),
        replica_policy: Some(policy.0.document),
        replica_tags: Some(replica.body.tags.iter().map(tag).collect()),
    })
}

struct Request<'a> {
    input: &'a ReplicateKeyRequest,
    region: Region,
    named: &'a Named,
}

/// What the primary's policy can ask about the request.
fn facts(input: &ReplicateKeyRequest) -> [Fact<'_>; 1] {
    [Fact::ReplicaRegion(&input.replica_region)]
}

/// May the caller make such a key in the replica's Region, and give it these tags?
fn require_creation(input: &ReplicateKeyRequest, primary: &KeyRecord, there: &Context<'_>) -> Result<(), ServiceError> {
    let tags = input.tags.as_deref().unwrap_or_default();
    let facts = [
        Fact::BypassPolicyLockoutSafetyCheck(input.bypass_policy_lockout_safety_check),
        Fact::NewKey(NewKeyFacts {
            spec: primary.body.key_spec.as_str(),
            usage: primary.body.key_usage.as_str(),
            origin: primary.body.origin.as_str(),
            multi_region: Some(MultiRegionKeyType::Replica),
        }),
        Fact::RequestTags(tags),
    ];
    authorize::account(Action::CREATE_KEY, &facts, there)?;
    if !tags.is_empty() {
        authorize::account(Action::TAG_RESOURCE, &facts, there)?;
    }
    Ok(())
}

/// A replica's rows.
type Rows = (KeyRecord, KeyPolicyRecord);

/// Enters the replica into the primary's list and writes its rows, both or neither.
async fn replicate_here(request: &Request<'_>, ctx: &Context<'_>, there: &Context<'_>) -> Result<Rows, ServiceError> {
    // Held until the view has the replica, or nothing came of it.
    let _place = key_counts::hold_place(&related(&request.named.arn, request.region), ctx.service)?;
    let write = |tx: Transaction| async move {
        let Prepared { primary, rows, .. } = prepare(&tx, request, ctx, there).await?;
        if insert_replica(&tx, &rows, ctx.service).await? != Answer::Done {
            return Err(ServiceError::RelatedKeyExists(rows.0.arn));
        }
        tx.put(&primary.row_key(), &primary.body)?;
        Ok(rows)
    };
    ctx.service.transact(ctx.operation().name(), write).await
}

/// Makes the replica in the deployment that serves its Region, and then enters it into the primary's list. If that deployment does
/// not answer, nothing has changed here; what may have been begun there gives way when the request is repeated.
async fn replicate_elsewhere(
    request: &Request<'_>,
    ctx: &Context<'_>,
    there: &Context<'_>,
) -> Result<Rows, ServiceError> {
    // Two requests for one replica: the second must not change what the first has made.
    let _turn = ctx.service.channels.replicating.lock().await;
    let look = |tx: Transaction| async move { prepare(&tx, request, ctx, there).await };
    let Prepared { primary, creation, .. } = ctx.service.transact("prepare a replica", look).await?;
    let step = send::message(&primary.arn, request.region, Message::Create(Box::new(creation)));
    match delivery::deliver(step, ctx.service).await? {
        Answer::Done => {}
        Answer::Exists => return Err(ServiceError::RelatedKeyExists(related(&primary.arn, request.region))),
        answer => return Err(PeerError::RefusedByPeer(format!("{answer:?}")).into()),
    }
    let write = |tx: Transaction| async move {
        let Prepared { primary, rows, .. } = prepare(&tx, request, ctx, there).await?;
        tx.put(&primary.row_key(), &primary.body)?;
        Ok(rows)
    };
    ctx.service.transact(ctx.operation().name(), write).await
}

/// What a replication is to write, and to send.
struct Prepared {
    /// With the replica in its list.
    primary: KeyRecord,
    creation: Creation,
    rows: Rows,
}

/// Checks that there can be such a replica. Writes nothing.
async fn prepare(
    tx: &Transaction,
    request: &Request<'_>,
    ctx: &Context<'_>,
    there: &Context<'_>,
) -> Result<Prepared, ServiceError> {
    let mut primary = change::permitted(tx, request.named, &facts(request.input), ctx).await?.into_subject();
    require_multi_region(&primary)?;
    state::require(ctx.row.states, &primary)?;
    require_primary(&primary)?;
    let arn = related(&primary.arn, request.region);
    require_free(&primary, arn)?;
    primary.body.shared_has_changed();
    if let Some(set) = primary.body.multi_region.as_mut() {
        set.replicas.push(Related::new(request.region));
        set.replicas.sort_by_key(|replica| replica.region);
    }
    primary.body.follow_replicas();
    let creation = creation(tx, &primary, request.input, there).await?;
    let rows = replica_rows(arn, &creation, ctx.service)?;
    if request.input.policy.is_some() {
        let bypass = request.input.bypass_policy_lockout_safety_check;
        policies::require_no_lockout(
            &policies::checked(&rows.1.0.document, ctx.directory(), &there.limits())?,
            &rows.0,
            bypass,
            there,
        )?;
    }
    Ok(Prepared { primary, creation, rows })
}

/// The set has no key in this Region yet, and room for one.
fn require_free(primary: &KeyRecord, arn: KeyArn) -> Result<(), ServiceError> {
    let Some(set) = &primary.body.multi_region else { return Ok(()) };
    if set.primary == arn.region || set.replicas.iter().any(|replica| replica.region == arn.region) {
        return Err(ServiceError::RelatedKeyExists(arn));
    }
    match set.replicas.len() {
        usage if usage >= REPLICAS_MAX => Err(ServiceError::ReplicaLimit { limit: REPLICAS_MAX, usage }),
        _ => Ok(()),
    }
}

async fn creation(
    tx: &Transaction,
    primary: &KeyRecord,
    input: &ReplicateKeyRequest,
    there: &Context<'_>,
) -> Result<Creation, ServiceError> {
    let body = &primary.body;
    let set = body.multi_region.as_ref().ok_or(ServiceError::Internal(InternalError::RowMissing("key")))?;
    let shared = send::shared(tx, primary, set).await?;
    let default = || default_key_policy(there.caller.account(), there.caller.partition());
    Ok(Creation {
        created: there.now,
        description: input.description.clone().unwrap_or_default(),
        key_spec: body.key_spec,
        key_usage: body.key_usage,
        origin: body.origin,
        policy: input.policy.clone().unwrap_or_else(default),
        shared,
        tags: tags::checked(input.tags.as_deref().unwrap_or_default(), &there.limits())?,
    })
}
