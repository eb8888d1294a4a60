//! Who has access keys and MFA devices: a user, or the account's root. An omitted name means the caller.

use kagiban_base::id::AccessKeyId;
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::Transaction;
use std::collections::BTreeSet;

use super::entities::{self, Found};
use super::{action, refusals};
use crate::caller::Principal;
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::access_key::{AccessKeyRecord, AccessKeyRowKey};
use crate::records::account::AccountRowKey;
use crate::records::usage::UsageRecord;
use crate::records::user::UserRecord;

/// The name that root calls itself by in operations that cannot do without one. A user of that name comes first.
const ROOT_NAME: &str = "root";

/// A user of the caller's account, or its root.
#[derive(Debug)]
pub(crate) enum Owner {
    /// What stands for the root is the account's row of counts.
    Root(UsageRecord),
    User(Found<UserRecord>),
}

impl Owner {
    /// The user of this name, or the caller, after asking permission.
    ///
    /// # Errors
    /// ValidationError when there is no name and the caller is neither a user nor root; AccessDenied; NoSuchEntity.
    pub(crate) async fn permitted(
        tx: &Transaction,
        name: Option<&str>,
        operation: &'static str,
        ctx: &Context<'_>,
    ) -> Result<Self, IamError> {
        let own_name = match ctx.caller.principal() {
            Principal::User(user) => Some(user.record.name.as_str()),
            Principal::Root | Principal::RoleSession(_) | Principal::Service(_) => None,
        };
        let is_root = matches!(ctx.caller.principal(), Principal::Root);
        let Some(name) = name.or(own_name) else {
            return if is_root { Self::root(tx, operation, ctx).await } else { Err(no_name()) };
        };
        let lookup = entities::look_up::<UserRecord>(tx, ctx.account(), name).await?;
        if is_root && name == ROOT_NAME && lookup.record().is_none() {
            return Self::root(tx, operation, ctx).await;
        }
        lookup.require(action(operation), &Permission::default(), ctx)?;
        lookup.existing().map(Self::User)
    }

    async fn root(tx: &Transaction, operation: &'static str, ctx: &Context<'_>) -> Result<Self, IamError> {
        let resource = ctx.account().root_arn(ctx.caller.partition());
        ctx.require(action(operation), &Permission { resource: &resource, ..Permission::default() })?;
        let mut usage = entities::usage(tx, ctx.account()).await?;
        // The account's first key may be older than the row.
        for id in ctx.iam.directory.root_access_keys(ctx.account()).into_iter().rev() {
            let is_new = !usage.root_access_keys.contains(&id);
            if is_new && tx.read::<AccessKeyRecord>(&AccessKeyRowKey(id)).await?.is_some() {
                usage.root_access_keys.insert(0, id);
            }
        }
        Ok(Self::Root(usage))
    }

    /// The name, for answers; root has none.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Root(_) => None,
            Self::User(user) => Some(&user.record.name),
        }
    }

    /// The user's unique id.
    pub(crate) fn user_id(&self) -> Option<UniqueId> {
        match self {
            Self::Root(_) => None,
            Self::User(user) => Some(user.key.id),
        }
    }

    /// Access keys, oldest first.
    pub(crate) fn access_keys(&mut self) -> &mut Vec<AccessKeyId> {
        match self {
            Self::Root(usage) => &mut usage.root_access_keys,
            Self::User(user) => &mut user.record.access_keys,
        }
    }

    /// MFA devices: of each, what follows `mfa` in its serial number.
    pub(crate) fn mfa_devices(&mut self) -> &mut BTreeSet<String> {
        match self {
            Self::Root(usage) => &mut usage.root_mfa_devices,
            Self::User(user) => &mut user.record.mfa_devices,
        }
    }

    /// Writes what has been changed. Before any count of the account is, since root's row is that of the counts.
    pub(crate) fn save(&self, tx: &Transaction, ctx: &Context<'_>) -> Result<(), IamError> {
        match self {
            Self::Root(usage) => Ok(tx.put(&AccountRowKey(ctx.account()), usage)?),
            Self::User(user) => user.save(tx),
        }
    }
}

fn no_name() -> IamError {
    refusals::validation("Must specify userName when calling with non-User credentials")
}
