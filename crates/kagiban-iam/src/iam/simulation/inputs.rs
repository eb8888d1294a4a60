//! The policies of a simulation: those of a user, group or role, and those that the request brings.

use kagiban_api::iam::{ErrorCode, PolicySourceType, Position, Statement as ShownStatement};
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_policy::tree::Policy;
use kagiban_policy::{
    CompiledPolicy, MalformedPolicy, NamedPolicy, StatementExplanation, parse_identity_policy, parse_key_policy,
    parse_trust_policy, statement_positions,
};
use kagiban_storage::Transaction;

use crate::context::{Context, Permission};
use crate::decisions::Action;
use crate::error::IamError;
use crate::iam::entities::{self, Entity, Found};
use crate::iam::holders::Holder;
use crate::iam::policy_arns::{self, ManagedPolicy};
use crate::iam::{quotas, refusals};
use crate::records::group::GroupRecord;
use crate::records::name::NameKind;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;
use crate::records::{EntityKey, PolicyRef};

/// A policy, and where its statements stand in its text.
pub(super) struct InputPolicy {
    id: String,
    kind: PolicySourceType,
    places: Vec<(kagiban_policy::Position, kagiban_policy::Position)>,
    tree: Policy,
    compiled: CompiledPolicy,
}

/// All policies of a simulation.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) identity: Vec<InputPolicy>,
    pub(super) boundary: Option<InputPolicy>,
    pub(super) resource: Option<InputPolicy>,
}

impl InputPolicy {
    fn identity(id: String, kind: PolicySourceType, text: &str) -> Result<Self, MalformedPolicy> {
        let tree = parse_identity_policy(text)?;
        // Identity policies name no principals.
        let compiled = CompiledPolicy::compile(&tree, &|_| None);
        Ok(Self { id, kind, places: statement_positions(text), tree, compiled })
    }

    /// As decisions take it.
    pub(super) fn named(&self) -> NamedPolicy<'_> {
        NamedPolicy { name: &self.id, policy: &self.compiled }
    }

    /// The condition keys that it asks for, in conditions and in variables.
    pub(super) fn context_keys(&self) -> impl Iterator<Item = &str> {
        self.tree.condition_keys()
    }

    /// The statement as answers point to it.
    pub(super) fn shown(&self, statement: &StatementExplanation) -> ShownStatement {
        let position = |at: kagiban_policy::Position| Position {
            line: Some(quotas::shown(at.line)),
            column: Some(quotas::shown(at.column)),
        };
        let places = self.places.get(statement.index);
        ShownStatement {
            source_policy_id: Some(self.id.clone()),
            source_policy_type: Some(self.kind),
            start_position: places.map(|(start, _)| position(*start)),
            end_position: places.map(|(_, end)| position(*end)),
        }
    }
}

impl Inputs {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &InputPolicy> {
        self.identity.iter().chain(&self.boundary).chain(&self.resource)
    }

    /// How many statements there are.
    pub(super) fn statements(&self) -> usize {
        self.all().map(|policy| policy.tree.statements.len()).sum()
    }

    /// Adds the policies of a request's PolicyInputList.
    ///
    /// # Errors
    /// InvalidInput
    pub(super) fn add_given(&mut self, list: &[String]) -> Result<(), IamError> {
        for (at, text) in list.iter().enumerate() {
            let id = format!("PolicyInputList.{}", at.saturating_add(1));
            self.identity.push(InputPolicy::identity(id, PolicySourceType::None, text).map_err(|e| malformed(&e))?);
        }
        Ok(())
    }

    /// Takes the boundary of a request in the place of the principal's.
    ///
    /// # Errors
    /// InvalidInput, also for more than one: an identity has one at most.
    pub(super) fn set_boundary(&mut self, list: &[String]) -> Result<(), IamError> {
        match list {
            [] => Ok(()),
            [text] => {
                let id = "PermissionsBoundaryPolicyInputList.1".to_owned();
                let policy = InputPolicy::identity(id, PolicySourceType::None, text).map_err(|e| malformed(&e))?;
                self.boundary = Some(policy);
                Ok(())
            }
            _ => Err(refusals::invalid_input("At most one permissions boundary can be simulated.")),
        }
    }

    /// Takes a resource's policy: a key policy, or a role's trust policy. `bind` says whom its ARNs mean.
    ///
    /// # Errors
    /// InvalidInput
    pub(super) fn set_resource(
        &mut self,
        text: &str,
        bind: &dyn Fn(&kagiban_policy::tree::PrincipalArn) -> Option<Box<str>>,
    ) -> Result<(), IamError> {
        // What is no key policy because it names no resource may be a trust policy.
        let has_resources = |policy: &Policy| policy.statements.iter().any(|statement| statement.resources.is_some());
        let tree = match parse_key_policy(text) {
            Ok(policy) if has_resources(&policy) => policy,
            Ok(policy) => parse_trust_policy(text).unwrap_or(policy),
            Err(fault) => parse_trust_policy(text).map_err(|_| malformed(&fault))?,
        };
        let compiled = CompiledPolicy::compile(&tree, bind);
        let (id, kind) = ("ResourcePolicy".to_owned(), PolicySourceType::Resource);
        self.resource = Some(InputPolicy { id, kind, places: statement_positions(text), tree, compiled });
        Ok(())
    }

    /// Adds the policies of a user, group or role.
    async fn add_holder<H: Holder>(&mut self, tx: &Transaction, holder: &H, ctx: &Context<'_>) -> Result<(), IamError> {
        let (kind, noun) = (source_type(H::KIND), H::KIND.as_str());
        for (name, text) in &holder.policies().inline {
            let id = format!("{noun}_{}_{name}", holder.name());
            self.identity.push(InputPolicy::identity(id, kind, text).map_err(|_| unreadable())?);
        }
        for policy in &holder.policies().managed {
            self.identity.push(managed(tx, policy, ctx).await?);
        }
        Ok(())
    }
}

const fn source_type(kind: NameKind) -> PolicySourceType {
    match kind {
        NameKind::Group => PolicySourceType::Group,
        NameKind::Policy => PolicySourceType::UserManaged,
        NameKind::Role => PolicySourceType::Role,
        NameKind::User => PolicySourceType::User,
    }
}

async fn managed(tx: &Transaction, policy: &PolicyRef, ctx: &Context<'_>) -> Result<InputPolicy, IamError> {
    let policy = policy_arns::by_reference(tx, policy, ctx).await?.ok_or_else(unreadable)?;
    let (kind, text) = match &policy {
        ManagedPolicy::Aws(policy) => (PolicySourceType::AwsManaged, policy.document),
        ManagedPolicy::Customer(found) => {
            (PolicySourceType::UserManaged, found.record.default_document().ok_or_else(unreadable)?)
        }
    };
    InputPolicy::identity(policy.name().to_owned(), kind, text).map_err(|_| unreadable())
}

/// The policies of the user, group or role with this ARN, after asking permission on it.
///
/// # Errors
/// InvalidInput for another ARN; AccessDenied, then NoSuchEntity; PolicyEvaluation for a policy that cannot be read.
pub(super) async fn of_principal(
    tx: &Transaction,
    source: &str,
    action: Action,
    ctx: &Context<'_>,
) -> Result<Inputs, IamError> {
    let invalid = || {
        refusals::invalid_input(format_args!(
            "Invalid Entity Arn: {source} does not clearly define entity type and name."
        ))
    };
    let arn = IamArn::parse(source).map_err(|_| invalid())?;
    let mut inputs = Inputs::default();
    match arn.resource {
        IamResource::Group { path, name } => {
            let group: GroupRecord = permitted(tx, arn, (path, name), action, ctx).await?;
            inputs.add_holder(tx, &group, ctx).await?;
        }
        IamResource::Role { path, name } => {
            let role: RoleRecord = permitted(tx, arn, (path, name), action, ctx).await?;
            inputs.add_holder(tx, &role, ctx).await?;
            inputs.boundary = boundary(tx, role.boundary.as_ref(), ctx).await?;
        }
        IamResource::User { path, name } => {
            let user: UserRecord = permitted(tx, arn, (path, name), action, ctx).await?;
            inputs.add_holder(tx, &user, ctx).await?;
            for id in &user.groups {
                let key = EntityKey { account: ctx.account(), id: *id };
                let group: Found<GroupRecord> = entities::by_id(tx, key).await?;
                inputs.add_holder(tx, &group.record, ctx).await?;
            }
            inputs.boundary = boundary(tx, user.boundary.as_ref(), ctx).await?;
        }
        _ => return Err(invalid()),
    }
    Ok(inputs)
}

/// Permission is asked on the ARN as it was given; then it must be the entity's, letter by letter.
async fn permitted<E: Entity + Clone>(
    tx: &Transaction,
    arn: IamArn<'_>,
    (path, name): (&str, &str),
    action: Action,
    ctx: &Context<'_>,
) -> Result<E, IamError> {
    let is_here = (arn.partition, arn.account) == (ctx.caller.partition(), ctx.account());
    let lookup = entities::look_up::<E>(tx, ctx.account(), name).await?;
    let record = lookup.record().filter(|record| is_here && record.path() == path && record.name() == name).cloned();
    let resource = arn.to_string();
    let resource_tags = record.as_ref().and_then(E::tags);
    ctx.require(action, &Permission { resource: &resource, resource_tags, ..Permission::default() })?;
    record.ok_or_else(|| refusals::not_found(E::KIND, name))
}

async fn boundary(
    tx: &Transaction,
    policy: Option<&PolicyRef>,
    ctx: &Context<'_>,
) -> Result<Option<InputPolicy>, IamError> {
    match policy {
        Some(policy) => managed(tx, policy, ctx).await.map(Some),
        None => Ok(None),
    }
}

fn malformed(fault: &MalformedPolicy) -> IamError {
    refusals::invalid_input(format_args!("Invalid policy: {}", fault.message()))
}

/// A stored policy that cannot be read denies everything; a simulation says so.
fn unreadable() -> IamError {
    IamError::iam(ErrorCode::PolicyEvaluation, "A policy of the entity is missing or cannot be read.")
}
