//! Managed policies by the ARN that a request gives: a customer's in the caller's account, or one of AWS's.

use kagiban_base::id::Partition;
use kagiban_identity::names::{IamArn, IamResource, NameKind as Names};
use kagiban_storage::Transaction;

use super::entities::{self, Found};
use super::refusals;
use crate::context::{Context, Permission};
use crate::decisions::Action;
use crate::error::IamError;
use crate::managed_policies::{self, AwsPolicy};
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::policy::PolicyRecord;
use crate::records::{AWS_POLICY_PREFIX, EntityKey, PolicyRef, Tags};

/// A managed policy.
#[derive(Clone, Debug)]
pub(crate) enum ManagedPolicy {
    Aws(&'static AwsPolicy),
    Customer(Found<PolicyRecord>),
}

impl ManagedPolicy {
    /// As it is attached.
    pub(crate) fn reference(&self) -> PolicyRef {
        match self {
            Self::Aws(policy) => policy.reference(),
            Self::Customer(found) => PolicyRef::Customer(found.key.id),
        }
    }

    pub(crate) fn arn(&self, partition: Partition) -> String {
        match self {
            Self::Aws(policy) => policy.arn(partition),
            Self::Customer(found) => found.arn(partition),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Aws(policy) => policy.name,
            Self::Customer(found) => &found.record.name,
        }
    }

    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Aws(policy) => policy.path,
            Self::Customer(found) => &found.record.path,
        }
    }

    fn tags(&self) -> Option<&Tags> {
        match self {
            Self::Aws(_) => None,
            Self::Customer(found) => Some(&found.record.tags),
        }
    }
}

/// The ARN of a managed policy, well-formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyArn<'a> {
    text: &'a str,
    partition: Partition,
    owner: Owner<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Owner<'a> {
    /// What follows `arn:PARTITION:iam::aws:policy/`.
    Aws(&'a str),
    Customer(IamArn<'a>),
}

impl<'a> PolicyArn<'a> {
    /// Reads an ARN of a policy.
    ///
    /// # Errors
    /// InvalidInput
    pub(crate) fn parse(text: &'a str) -> Result<Self, IamError> {
        Self::read(text).ok_or_else(|| refusals::invalid_input(format_args!("ARN {text} is not valid.")))
    }

    fn read(text: &'a str) -> Option<Self> {
        if let Ok(arn) = IamArn::parse(text) {
            let owner = matches!(arn.resource, IamResource::Policy { .. }).then_some(Owner::Customer(arn))?;
            return Some(Self { text, partition: arn.partition, owner });
        }
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
        let rest = rest.strip_prefix("iam::aws:policy/")?;
        let name = rest.rsplit('/').next().unwrap_or_default();
        Names::Policy.check(name).ok()?;
        Some(Self { text, partition: Partition::parse(partition)?, owner: Owner::Aws(rest) })
    }

    /// As it was given.
    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    /// The policy, if it is one of the caller's account and partition, or AWS's. Letter by letter: no other case and no
    /// other path is the same ARN.
    pub(crate) async fn find(&self, tx: &Transaction, ctx: &Context<'_>) -> Result<Option<ManagedPolicy>, IamError> {
        if self.partition != ctx.caller.partition() {
            return Ok(None);
        }
        let arn = match self.owner {
            Owner::Aws(rest) => {
                return Ok(managed_policies::find(&format!("{AWS_POLICY_PREFIX}{rest}")).map(ManagedPolicy::Aws));
            }
            Owner::Customer(arn) => arn,
        };
        let IamResource::Policy { path, name } = arn.resource else { return Ok(None) };
        if arn.account != ctx.account() {
            return Ok(None);
        }
        let row = NameRowKey::new(arn.account, NameKind::Policy, name);
        let Some(NameRecord { id }) = tx.read(&row).await? else { return Ok(None) };
        let found: Found<PolicyRecord> = entities::by_id(tx, EntityKey { account: arn.account, id }).await?;
        let is_it = found.record.name == name && found.record.path == path;
        Ok(is_it.then_some(ManagedPolicy::Customer(found)))
    }

    /// The policy, after asking permission on it.
    ///
    /// # Errors
    /// AccessDenied, then NoSuchEntity.
    pub(crate) async fn permitted(
        &self,
        tx: &Transaction,
        action: Action,
        asked: &Permission<'_>,
        ctx: &Context<'_>,
    ) -> Result<ManagedPolicy, IamError> {
        let found = self.find(tx, ctx).await?;
        let resource_tags = found.as_ref().and_then(ManagedPolicy::tags);
        ctx.require(action, &Permission { resource: self.text, resource_tags, ..*asked })?;
        found.ok_or_else(|| self.not_found())
    }

    /// The policy of a customer, after asking permission on it. AWS's cannot be changed.
    ///
    /// # Errors
    /// AccessDenied, then NoSuchEntity.
    pub(crate) async fn permitted_customer(
        &self,
        tx: &Transaction,
        action: Action,
        asked: &Permission<'_>,
        ctx: &Context<'_>,
    ) -> Result<Found<PolicyRecord>, IamError> {
        match self.permitted(tx, action, asked, ctx).await? {
            ManagedPolicy::Customer(found) => Ok(found),
            ManagedPolicy::Aws(_) => Err(IamError::denied(format!(
                "User: {} is not authorized to perform: {action} on resource: policy {}",
                ctx.caller.arn(),
                self.text
            ))),
        }
    }

    /// NoSuchEntity
    pub(crate) fn not_found(&self) -> IamError {
        refusals::no_such_entity(format!("Policy {} was not found.", self.text))
    }
}

/// The ARN of an attached policy.
pub(crate) async fn arn_of(tx: &Transaction, policy: &PolicyRef, ctx: &Context<'_>) -> Result<String, IamError> {
    Ok(by_reference(tx, policy, ctx)
        .await?
        .map_or_else(|| policy.to_string(), |found| found.arn(ctx.caller.partition())))
}

/// An attached policy. `None` for one of AWS's that is no longer known here.
pub(crate) async fn by_reference(
    tx: &Transaction,
    policy: &PolicyRef,
    ctx: &Context<'_>,
) -> Result<Option<ManagedPolicy>, IamError> {
    match policy {
        PolicyRef::Aws(arn) => Ok(managed_policies::find(arn).map(ManagedPolicy::Aws)),
        PolicyRef::Customer(id) => {
            let found = entities::by_id(tx, EntityKey { account: ctx.account(), id: *id }).await?;
            Ok(Some(ManagedPolicy::Customer(found)))
        }
    }
}
