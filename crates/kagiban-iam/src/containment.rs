//! A principal is stopped: an inline policy that denies everything is put on a user, or on the role of a session.
//!
//! For the responses of rules, which nobody calls and nobody permits. Requests are decided by the policies as they are when the
//! request comes, so every access key and every session of the principal is stopped with the next one. It is undone by deleting
//! the policy (DeleteUserPolicy, DeleteRolePolicy), which somebody else has to do.
//!
//! Everything, not KMS alone: whoever may change policies would else take the denial away again.

use kagiban_base::id::AccountId;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::{StoreError, Transaction};

use crate::Iam;
use crate::error::{IamError, InternalError};
use crate::iam::entities::{self, Found};
use crate::iam::holders::{Holder, is_service_role};
use crate::records::EntityKey;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;

/// The document of the policy.
pub const CONTAINMENT_POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"KagibanResponse","Effect":"Deny","Action":"*","Resource":"*"}]}"#;

/// A user or role that can be stopped.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Containable {
    /// Its ARN; of a session, the role's.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Whether it is a role.
    pub is_role: bool,
    key: EntityKey,
}

impl Containable {
    /// The account that it belongs to.
    pub fn account(&self) -> AccountId {
        self.key.account
    }
}

/// The policy could not be put there.
#[derive(Debug, thiserror::Error)]
pub enum ContainmentError {
    /// The user or role is no more.
    #[error("the user or role is gone")]
    Gone,
    /// The write stands, but no request would see it.
    #[error("the view is not followed any more")]
    NotFollowed,
    /// The store.
    #[error("the store failed")]
    Store(#[source] StoreError),
}

impl Iam {
    /// Who is to be stopped when this caller is: a user, or the role of a session. `None` for roots, services, and callers of
    /// whom nothing is known here; and for roles of services, which are as their services need them.
    ///
    /// A caller is told by the ARN and the unique id that it called with (`AIDA...`, of a session `AROA...:NAME`). The id says
    /// who it is: the name may be another's by now.
    ///
    /// # Errors
    /// [`ContainmentError::Gone`]
    pub fn containable(&self, arn: &str, unique_id: &str) -> Result<Option<Containable>, ContainmentError> {
        let Ok(IamArn { partition, resource, .. }) = IamArn::parse(arn) else { return Ok(None) };
        let own = unique_id.split_once(':').map_or(unique_id, |(role, _)| role);
        let id = own.parse::<UniqueId>().map_err(|_| ContainmentError::Gone);
        match resource {
            IamResource::User { .. } => {
                let user = self.directory.user(id?).ok_or(ContainmentError::Gone)?;
                let (arn, name) = (user.arn(partition), user.record.name.clone());
                Ok(Some(Containable { arn, name, is_role: false, key: user.key }))
            }
            IamResource::Role { .. } | IamResource::AssumedRole { .. } => {
                let role = self.directory.role(id?).ok_or(ContainmentError::Gone)?;
                let (arn, name) = (role.arn(partition), role.record.name.clone());
                let is_free = !is_service_role(&role.record);
                Ok(is_free.then_some(Containable { arn, name, is_role: true, key: role.key }))
            }
            _ => Ok(None),
        }
    }

    /// Puts [`CONTAINMENT_POLICY`] there under this name, with what `note` writes of it; whether it was not there yet. Quotas
    /// of size don't count for it.
    ///
    /// # Errors
    /// [`ContainmentError`]
    pub async fn contain(
        &self,
        who: &Containable,
        policy_name: &str,
        note: &(dyn Fn(&Transaction) -> Result<(), StoreError> + Sync),
    ) -> Result<bool, ContainmentError> {
        let done = match who.is_role {
            true => self.transact("contain a role", |tx| attach::<RoleRecord>(tx, who.key, policy_name, note)).await,
            false => self.transact("contain a user", |tx| attach::<UserRecord>(tx, who.key, policy_name, note)).await,
        };
        done.map_err(outward)
    }
}

async fn attach<H: Holder>(
    tx: Transaction,
    key: EntityKey,
    policy_name: &str,
    note: &(dyn Fn(&Transaction) -> Result<(), StoreError> + Sync),
) -> Result<bool, IamError> {
    let mut holder: Found<H> = entities::by_id(&tx, key).await?;
    let inline = &mut holder.record.policies_mut().inline;
    if inline.get(policy_name).is_some_and(|document| document == CONTAINMENT_POLICY) {
        return Ok(false);
    }
    inline.insert(policy_name.to_owned(), CONTAINMENT_POLICY.to_owned());
    holder.save(&tx)?;
    note(&tx)?;
    Ok(true)
}

fn outward(error: IamError) -> ContainmentError {
    match error {
        IamError::Internal(InternalError::Store(error)) => ContainmentError::Store(error),
        IamError::Internal(InternalError::RowMissing(_)) => ContainmentError::Gone,
        IamError::Internal(_) | IamError::Refused(_) | IamError::Stale => ContainmentError::NotFollowed,
    }
}
