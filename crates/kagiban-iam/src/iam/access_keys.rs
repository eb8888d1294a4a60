//! Long-term access keys of users and of root. A secret is in one answer only; at rest it is wrapped.

use kagiban_api::iam::{
    AccessKey, AccessKeyLastUsed, AccessKeyMetadata, CreateAccessKeyRequest, CreateAccessKeyResponse,
    DeleteAccessKeyRequest, GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse, ListAccessKeysRequest,
    ListAccessKeysResponse, StatusType, UpdateAccessKeyRequest,
};
use kagiban_base::id::AccessKeyId;
use kagiban_identity::access_key::{generate_access_key_id, generate_secret_access_key};
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::owner::Owner;
use super::paging::Listing;
use super::{action, quotas, refusals};
use crate::context::{Context, Permission};
use crate::error::{IamError, InternalError};
use crate::records::EntityKey;
use crate::records::access_key::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
use crate::records::access_key_use::AccessKeyUseRecord;
use crate::records::user::UserRecord;

/// What is shown of a key that was never used.
const NEVER_USED: &str = "N/A";

/// CreateAccessKey
pub(crate) async fn create(
    tx: &Transaction,
    input: &CreateAccessKeyRequest,
    ctx: &Context<'_>,
) -> Result<CreateAccessKeyResponse, IamError> {
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "CreateAccessKey", ctx).await?;
    let random = ctx.iam.random.as_ref();
    let (id, secret) = (generate_access_key_id(false, random)?, generate_secret_access_key(random)?);
    owner.access_keys().push(id);
    quotas::ACCESS_KEYS_PER_USER.allow(owner.access_keys().len())?;
    let row = AccessKeyRowKey(id);
    let wrapped_secret =
        ctx.iam.secrets.wrap(secret.expose(), &row.binding(), random).map_err(|_| InternalError::Wrapping)?;
    let whose = owner.user_id().map_or(AccessKeyOwner::Root, AccessKeyOwner::User);
    let record =
        AccessKeyRecord { account: ctx.account(), created: ctx.now, wrapped_secret, owner: whose, inactive: false };
    tx.insert(&row, &record).await?;
    owner.save(tx, ctx)?;
    let access_key = AccessKey {
        user_name: owner.name().unwrap_or_default().to_owned(),
        access_key_id: id.to_string(),
        status: StatusType::Active,
        secret_access_key: secret,
        create_date: Some(ctx.now),
    };
    Ok(CreateAccessKeyResponse { access_key })
}

/// ListAccessKeys, oldest first.
pub(crate) async fn list(
    tx: &Transaction,
    input: &ListAccessKeysRequest,
    ctx: &Context<'_>,
) -> Result<ListAccessKeysResponse, IamError> {
    let filters = [input.user_name.as_deref().unwrap_or_default()];
    let listing = Listing { name: "access-keys", account: ctx.account(), filters: &filters };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "ListAccessKeys", ctx).await?;
    let user_name = owner.name().map(str::to_owned);
    let mut keys = Vec::new();
    for id in owner.access_keys() {
        let key: AccessKeyRecord = tx.read(&AccessKeyRowKey(*id)).await?.ok_or_else(|| missing("access-key"))?;
        let shown = AccessKeyMetadata {
            user_name: user_name.clone(),
            access_key_id: Some(id.to_string()),
            status: Some(if key.inactive { StatusType::Inactive } else { StatusType::Active }),
            create_date: Some(key.created),
        };
        keys.push((format!("{:020}{id}", key.created.unix_ms()), shown));
    }
    keys.sort_by(|(one, _), (other, _)| one.cmp(other));
    let page = window.of(keys);
    Ok(ListAccessKeysResponse {
        is_truncated: page.is_truncated(),
        access_key_metadata: page.items,
        marker: page.marker,
    })
}

/// UpdateAccessKey: switches a key on or off.
pub(crate) async fn update(
    tx: &Transaction,
    input: &UpdateAccessKeyRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let inactive = match input.status {
        StatusType::Active => false,
        StatusType::Inactive => true,
        StatusType::Expired => return Err(refusals::validation("The status of an access key is Active or Inactive.")),
    };
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "UpdateAccessKey", ctx).await?;
    let row = AccessKeyRowKey(owned(&mut owner, &input.access_key_id)?);
    let key: AccessKeyRecord = tx.read(&row).await?.ok_or_else(|| missing("access-key"))?;
    Ok(tx.put(&row, &AccessKeyRecord { inactive, ..key })?)
}

/// DeleteAccessKey
pub(crate) async fn delete(
    tx: &Transaction,
    input: &DeleteAccessKeyRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "DeleteAccessKey", ctx).await?;
    let id = owned(&mut owner, &input.access_key_id)?;
    owner.access_keys().retain(|known| *known != id);
    tx.delete::<AccessKeyRecord>(&AccessKeyRowKey(id))?;
    tx.delete::<AccessKeyUseRecord>(&AccessKeyRowKey(id))?;
    tx.erase_later(id.to_string(), ctx.now)?;
    ctx.iam.credentials.last_uses().forget(id);
    owner.save(tx, ctx)
}

/// The id of a key that is the owner's.
fn owned(owner: &mut Owner, id: &str) -> Result<AccessKeyId, IamError> {
    let known = id.parse().ok().filter(|id| owner.access_keys().contains(id));
    known.ok_or_else(|| not_found(id))
}

/// GetAccessKeyLastUsed. A key of another account is none.
pub(crate) async fn last_used(
    tx: &Transaction,
    input: &GetAccessKeyLastUsedRequest,
    ctx: &Context<'_>,
) -> Result<GetAccessKeyLastUsedResponse, IamError> {
    let known = known(tx, &input.access_key_id, ctx).await?;
    let user = match &known {
        Some((_, AccessKeyRecord { owner: AccessKeyOwner::User(id), .. })) => {
            let user: Found<UserRecord> = entities::by_id(tx, EntityKey { account: ctx.account(), id: *id }).await?;
            Some(user)
        }
        _ => None,
    };
    let resource = user.as_ref().map(|user| user.arn(ctx.caller.partition())).unwrap_or_default();
    let resource_tags = user.as_ref().map(|user| &user.record.tags);
    ctx.require(
        action("GetAccessKeyLastUsed"),
        &Permission { resource: &resource, resource_tags, ..Permission::default() },
    )?;
    let (id, _) = known.ok_or_else(|| not_found(&input.access_key_id))?;
    let last_use = ctx.iam.last_use(id, tx).await?;
    let access_key_last_used = Some(match last_use {
        Some(AccessKeyUseRecord { at, region, service }) => {
            AccessKeyLastUsed { last_used_date: Some(at), service_name: service, region: region.to_string() }
        }
        None => AccessKeyLastUsed {
            last_used_date: None,
            service_name: NEVER_USED.to_owned(),
            region: NEVER_USED.to_owned(),
        },
    });
    Ok(GetAccessKeyLastUsedResponse { user_name: user.map(|user| user.record.name), access_key_last_used })
}

/// An access key of the caller's account.
async fn known(
    tx: &Transaction,
    id: &str,
    ctx: &Context<'_>,
) -> Result<Option<(AccessKeyId, AccessKeyRecord)>, IamError> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let record: Option<AccessKeyRecord> = tx.read(&AccessKeyRowKey(id)).await?;
    Ok(record.filter(|record| record.account == ctx.account()).map(|record| (id, record)))
}

fn not_found(id: &str) -> IamError {
    refusals::no_such_entity(format!("The Access Key with id {id} cannot be found."))
}

fn missing(table: &'static str) -> InternalError {
    InternalError::RowMissing(table)
}
