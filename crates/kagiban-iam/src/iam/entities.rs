//! Users, groups, roles and managed policies by name, in a transaction: found, made, renamed, removed.
//!
//! One way for all four kinds, since each is a row of its own, a row for its name, and a count that its quota is held
//! against. Permission is asked on what the transaction itself has read, so that what is decided about is what is changed;
//! a name that leads nowhere is asked about by the ARN it would have, so that the denied don't learn that.

use kagiban_base::id::{AccountId, Partition};
use kagiban_identity::unique_id::{UniqueId, UniqueIdKind};
use kagiban_storage::{Row, StoreError, StoreSnapshot, Transaction};

use super::paging::{Page, Window};
use super::quotas::{self, Quota};
use super::refusals;
use crate::context::{Context, Permission};
use crate::decisions::Action;
use crate::error::{IamError, InternalError};
use crate::records::account::AccountRowKey;
use crate::records::group::GroupRecord;
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::policy::PolicyRecord;
use crate::records::role::RoleRecord;
use crate::records::usage::UsageRecord;
use crate::records::user::UserRecord;
use crate::records::{EntityKey, Tags};

/// Names looked at for one page of a filtered listing; what is behind them comes on later pages.
const NAMES_PER_PAGE: usize = 1000;

/// A record that has a name, a path and a unique id.
pub(crate) trait Entity: Row<Key = EntityKey> {
    const KIND: NameKind;
    const ID_KIND: UniqueIdKind;
    const QUOTA: Quota;

    fn name(&self) -> &str;
    fn set_name(&mut self, name: &str);
    fn path(&self) -> &str;
    /// Groups have none.
    fn tags(&self) -> Option<&Tags>;
    fn count(usage: &mut UsageRecord) -> &mut usize;
}

macro_rules! entity {
    ($record:ty, $kind:ident, $quota:ident, $count:ident, $tags:expr) => {
        impl Entity for $record {
            const KIND: NameKind = NameKind::$kind;
            const ID_KIND: UniqueIdKind = UniqueIdKind::$kind;
            const QUOTA: Quota = quotas::$quota;

            fn name(&self) -> &str {
                &self.name
            }

            fn set_name(&mut self, name: &str) {
                name.clone_into(&mut self.name);
            }

            fn path(&self) -> &str {
                &self.path
            }

            fn tags(&self) -> Option<&Tags> {
                let tags: fn(&Self) -> Option<&Tags> = $tags;
                tags(self)
            }

            fn count(usage: &mut UsageRecord) -> &mut usize {
                &mut usage.$count
            }
        }
    };
}
entity!(GroupRecord, Group, GROUPS, groups, |_| None);
entity!(PolicyRecord, Policy, POLICIES, policies, |policy| Some(&policy.tags));
entity!(RoleRecord, Role, ROLES, roles, |role| Some(&role.tags));
entity!(UserRecord, User, USERS, users, |user| Some(&user.tags));

/// An entity as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Found<E> {
    pub(crate) key: EntityKey,
    pub(crate) record: E,
}

impl<E: Entity> Found<E> {
    /// Its ARN.
    pub(crate) fn arn(&self, partition: Partition) -> String {
        arn::<E>(partition, self.key.account, self.record.path(), self.record.name())
    }

    /// Writes what has been changed.
    pub(crate) fn save(&self, tx: &Transaction) -> Result<(), IamError> {
        Ok(tx.put(&self.key, &self.record)?)
    }
}

/// The ARN of an entity.
pub(crate) fn arn<E: Entity>(partition: Partition, account: AccountId, path: &str, name: &str) -> String {
    crate::records::arn(partition, account, E::KIND.as_str(), path, name)
}

/// Where a name leads: to an entity, or nowhere.
#[derive(Debug)]
pub(crate) struct Lookup<'n, E> {
    account: AccountId,
    name: &'n str,
    found: Option<Found<E>>,
}

impl<E: Entity> Lookup<'_, E> {
    /// Its ARN, or the one that it would have.
    pub(crate) fn arn(&self, partition: Partition) -> String {
        match &self.found {
            Some(found) => found.arn(partition),
            None => arn::<E>(partition, self.account, "/", self.name),
        }
    }

    /// What is there.
    pub(crate) fn record(&self) -> Option<&E> {
        self.found.as_ref().map(|found| &found.record)
    }

    /// Asks permission on it; resource and resource tags are filled in, the rest is the caller's.
    ///
    /// # Errors
    /// AccessDenied
    pub(crate) fn require(&self, action: Action, asked: &Permission<'_>, ctx: &Context<'_>) -> Result<(), IamError> {
        let resource = self.arn(ctx.caller.partition());
        let resource_tags = self.record().and_then(E::tags);
        ctx.require(action, &Permission { resource: &resource, resource_tags, ..*asked })
    }

    /// The entity.
    ///
    /// # Errors
    /// NoSuchEntity
    pub(crate) fn existing(self) -> Result<Found<E>, IamError> {
        self.found.ok_or_else(|| refusals::not_found(E::KIND, self.name))
    }
}

/// Looks a name up, in any case.
pub(crate) async fn look_up<'n, E: Entity>(
    tx: &Transaction,
    account: AccountId,
    name: &'n str,
) -> Result<Lookup<'n, E>, IamError> {
    let found = match tx.read(&NameRowKey::new(account, E::KIND, name)).await? {
        Some(NameRecord { id }) => Some(by_id(tx, EntityKey { account, id }).await?),
        None => None,
    };
    Ok(Lookup { account, name, found })
}

/// The entity of this name in the caller's account, after asking permission on it with nothing but its ARN and tags.
///
/// # Errors
/// AccessDenied, then NoSuchEntity.
pub(crate) async fn permitted<E: Entity>(
    tx: &Transaction,
    name: &str,
    action: Action,
    ctx: &Context<'_>,
) -> Result<Found<E>, IamError> {
    let lookup = look_up::<E>(tx, ctx.account(), name).await?;
    lookup.require(action, &Permission::default(), ctx)?;
    lookup.existing()
}

/// An entity that some other row points to.
pub(crate) async fn by_id<E: Entity>(tx: &Transaction, key: EntityKey) -> Result<Found<E>, IamError> {
    let record = tx.read(&key).await?.ok_or(InternalError::RowMissing(E::TABLE.name()))?;
    Ok(Found { key, record })
}

/// Stores a new entity under a fresh unique id.
///
/// # Errors
/// EntityAlreadyExists, LimitExceeded.
pub(crate) async fn create<E: Entity>(tx: &Transaction, record: E, ctx: &Context<'_>) -> Result<Found<E>, IamError> {
    let account = ctx.account();
    let key = EntityKey { account, id: UniqueId::generate(E::ID_KIND, ctx.iam.random.as_ref())? };
    claim_name::<E>(tx, key, record.name()).await?;
    count(tx, account, E::QUOTA, E::count).await?;
    tx.insert(&key, &record).await?;
    Ok(Found { key, record })
}

/// Gives an entity another name, which may be the same in another case. The caller saves it.
///
/// # Errors
/// EntityAlreadyExists
pub(crate) async fn rename<E: Entity>(tx: &Transaction, found: &mut Found<E>, name: &str) -> Result<(), IamError> {
    let old = NameRowKey::new(found.key.account, E::KIND, found.record.name());
    if old != NameRowKey::new(found.key.account, E::KIND, name) {
        tx.delete::<NameRecord>(&old)?;
        claim_name::<E>(tx, found.key, name).await?;
    }
    found.record.set_name(name);
    Ok(())
}

/// Removes an entity and its name. That nothing points to it any more is the caller's business.
pub(crate) async fn remove<E: Entity>(tx: &Transaction, found: &Found<E>) -> Result<(), IamError> {
    let account = found.key.account;
    tx.delete::<NameRecord>(&NameRowKey::new(account, E::KIND, found.record.name()))?;
    tx.delete::<E>(&found.key)?;
    uncount(tx, account, E::count).await
}

async fn claim_name<E: Entity>(tx: &Transaction, key: EntityKey, name: &str) -> Result<(), IamError> {
    let row = NameRowKey::new(key.account, E::KIND, name);
    tx.insert(&row, &NameRecord { id: key.id }).await.map_err(|error| match error {
        StoreError::AlreadyExists { .. } => refusals::already_exists(E::KIND, name),
        other => other.into(),
    })
}

/// Counts one more of something that an account has.
///
/// # Errors
/// LimitExceeded
pub(crate) async fn count(
    tx: &Transaction,
    account: AccountId,
    quota: Quota,
    of: fn(&mut UsageRecord) -> &mut usize,
) -> Result<(), IamError> {
    let mut usage = usage(tx, account).await?;
    let count = of(&mut usage);
    *count = count.saturating_add(1);
    quota.allow(*count)?;
    Ok(tx.put(&AccountRowKey(account), &usage)?)
}

/// Counts one less.
pub(crate) async fn uncount(
    tx: &Transaction,
    account: AccountId,
    of: fn(&mut UsageRecord) -> &mut usize,
) -> Result<(), IamError> {
    let mut usage = usage(tx, account).await?;
    let count = of(&mut usage);
    *count = count.saturating_sub(1);
    Ok(tx.put(&AccountRowKey(account), &usage)?)
}

/// What an account has.
pub(crate) async fn usage(tx: &Transaction, account: AccountId) -> Result<UsageRecord, IamError> {
    Ok(tx.read(&AccountRowKey(account)).await?.unwrap_or_default())
}

/// A page of the account's entities of a kind, by name, without regard to case; only those that `keep` wants.
pub(crate) async fn page<E: Entity>(
    snapshot: &StoreSnapshot,
    account: AccountId,
    window: &Window<'_>,
    keep: impl Fn(&E) -> bool,
) -> Result<Page<Found<E>>, IamError> {
    let after = window.after_name().map(|name| NameRowKey::new(account, E::KIND, name));
    let prefix = NameRowKey::prefix(account, E::KIND).map_err(StoreError::from)?;
    let names = snapshot.scan::<NameRecord>(&prefix, after.as_ref(), NAMES_PER_PAGE).await?;
    let (mut items, mut last) = (Vec::new(), None);
    for (name, NameRecord { id }) in names.rows {
        if items.len() == window.limit() {
            return Ok(window.page(items, last.as_deref()));
        }
        let key = EntityKey { account, id };
        let record: E = snapshot.read(&key).await?.ok_or(InternalError::RowMissing(E::TABLE.name()))?;
        last = Some(name.folded().to_owned());
        if keep(&record) {
            items.push(Found { key, record });
        }
    }
    Ok(window.page(items, last.as_deref().filter(|_| names.more)))
}
