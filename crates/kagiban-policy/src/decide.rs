//! The decision over all policies and grants that bear on a request.

use std::fmt;

use kagiban_base::id::AccountId;

use crate::compile::{ActionIndex, CompiledPolicy, CompiledStatement};
use crate::evaluate::NamedAs;
use crate::request::{Identity, Question};
use crate::tree::Effect;

/// A compiled policy with the name to call it by.
#[derive(Clone, Copy, Debug)]
pub struct NamedPolicy<'a> {
    /// ARN or inline name, for explanations.
    pub name: &'a str,
    /// The policy.
    pub policy: &'a CompiledPolicy,
}

/// Every policy that bears on a request.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// The resource's own policies. `None` where the operation has no such resource: identity policies alone decide.
    pub resource: Option<ResourcePolicies<'a>>,
    /// The policies of the user and its groups, or of the role.
    pub identity: &'a [NamedPolicy<'a>],
    /// The permissions boundary of the user or role.
    pub boundary: Option<NamedPolicy<'a>>,
    /// The session policies, which together allow what one of them allows. Empty: none were given.
    pub session: &'a [NamedPolicy<'a>],
}

/// The policies of a resource: key policies, or a role's trust policy.
#[derive(Clone, Copy, Debug)]
pub struct ResourcePolicies<'a> {
    /// The account that owns the resource.
    pub owner: AccountId,
    /// The policies.
    pub policies: &'a [NamedPolicy<'a>],
}

/// By which form of grantee a grant reached the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GrantedTo {
    /// The caller's account: its identity policies must allow besides.
    Account,
    /// The caller's role.
    RoleArn,
    /// The caller's very session.
    RoleSession,
    /// The service that calls.
    Service,
    /// The user that calls.
    User,
}

/// A kind of policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PolicyKind {
    /// Of a user, its groups or a role.
    Identity,
    /// Of a resource.
    Resource,
    /// The greatest extent of an identity's permissions.
    PermissionsBoundary,
    /// Given when a session was made.
    Session,
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::Session => "session policy",
        })
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StatementAt {
    /// In which kind of policy.
    pub kind: PolicyKind,
    /// Position of the policy in its list of [`Policies`], from 0.
    pub policy: usize,
    /// Position of the statement in the policy's text, from 0.
    pub statement: usize,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Yes.
    Allowed(AllowedBy),
    /// No.
    Denied(Denial),
}

impl Decision {
    /// Whether the answer is yes.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// What a permission rests on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AllowedBy {
    /// This statement: of an identity policy where one had to allow, else of the resource's policy.
    Statement(StatementAt),
    /// A grant.
    Grant(GrantedTo),
    /// The account's root user needs no permission where there is no resource.
    Root,
}

/// Why not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Denial {
    kind: PolicyKind,
    deny: Option<(usize, usize)>,
    resource_side_allowed: bool,
}

impl Denial {
    const fn implicit(kind: PolicyKind, resource_side_allowed: bool) -> Self {
        Self { kind, deny: None, resource_side_allowed }
    }

    const fn explicit(at: StatementAt, resource_side_allowed: bool) -> Self {
        Self { kind: at.kind, deny: Some((at.policy, at.statement)), resource_side_allowed }
    }

    /// How far the request came.
    const fn rank(&self) -> u8 {
        match self.kind {
            PolicyKind::Resource => 0,
            PolicyKind::Identity => 1,
            PolicyKind::PermissionsBoundary => 2,
            PolicyKind::Session => 3,
        }
    }

    /// The kind of policy that denied, or in which an Allow was missing.
    pub const fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Whether a statement denied, rather than none allowed.
    pub const fn is_explicit(&self) -> bool {
        self.deny.is_some()
    }

    /// The statement of an explicit denial: position of the policy in its list, position of the statement in it.
    pub const fn statement(&self) -> Option<(usize, usize)> {
        self.deny
    }

    /// Whether the resource's policies or a grant alone would have let the request pass or left it to the caller's
    /// account; then a foreign caller may be told more. Also true when there is no resource.
    pub const fn resource_side_allowed(&self) -> bool {
        self.resource_side_allowed
    }
}

/// Decides. `grant` is asked at most once, and only when the policies alone do not allow.
pub fn decide(question: &Question<'_>, policies: &Policies<'_>, grant: &dyn Fn() -> Option<GrantedTo>) -> Decision {
    let account = AccountSide::new(question, policies);
    let resource = policies.resource.map(|resource| ResourceSide::new(question, policies, resource));
    let explicit = account.deny().or_else(|| resource.as_ref().and_then(ResourceSide::deny));
    match (explicit, resource) {
        (Some(deny), resource) => {
            let is_granted = || grant().and_then(|to| Need::of_grant(to, question, policies)).is_some();
            let is_open = |side: ResourceSide| side.deny.is_none() && (side.allow.is_some() || is_granted());
            Decision::Denied(Denial::explicit(deny, resource.is_none_or(is_open)))
        }
        (None, None) => decide_without_resource(question, &account),
        (None, Some(resource)) => {
            let by_policy = account.complete(resource.allow);
            match by_policy {
                Decision::Allowed(_) => by_policy,
                Decision::Denied(_) => by_grant(question, policies, grant, &account, by_policy),
            }
        }
    }
}

/// Identity policies alone decide, and the root user needs none.
fn decide_without_resource(question: &Question<'_>, account: &AccountSide) -> Decision {
    match (question.requester.identity, account.identity.allow) {
        (Identity::Root, _) => Decision::Allowed(AllowedBy::Root),
        (Identity::User { .. } | Identity::RoleSession { .. }, Some((policy, statement))) => {
            let by = StatementAt { kind: PolicyKind::Identity, policy, statement };
            account.complete(Some((Need::Identity, AllowedBy::Statement(by))))
        }
        _ => Decision::Denied(Denial::implicit(PolicyKind::Identity, true)),
    }
}

/// What the policies alone do not allow, a grant may. Of two denials the one that came nearer is kept.
fn by_grant(
    question: &Question<'_>,
    policies: &Policies<'_>,
    grant: &dyn Fn() -> Option<GrantedTo>,
    account: &AccountSide,
    by_policy: Decision,
) -> Decision {
    let allow = grant().and_then(|to| Some((Need::of_grant(to, question, policies)?, AllowedBy::Grant(to))));
    match (account.complete(allow), by_policy) {
        (Decision::Denied(grant), Decision::Denied(policy)) if policy.rank() > grant.rank() => by_policy,
        (decision, _) => decision,
    }
}

/// What must allow besides the resource's policy or grant; each needs what the one before needs.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Need {
    Nothing,
    /// Permissions boundary and session policies.
    Limits,
    /// These and the identity policies.
    Identity,
}

impl Need {
    /// For an identity of the resource's account, by the name under which a policy allows it (IAM user guide, "Policy
    /// evaluation logic", the table of resource-based policies and implicit denies).
    fn within_account(named: NamedAs, identity: Identity<'_>, policies: &Policies<'_>) -> Option<Self> {
        match (identity, named) {
            (Identity::Root, NamedAs::Account | NamedAs::Anyone)
            | (Identity::RoleSession { .. }, NamedAs::RoleSession)
            | (Identity::Service { .. }, NamedAs::Service | NamedAs::Anyone)
            | (Identity::WebIdentity { .. }, NamedAs::WebIdentity | NamedAs::Anyone) => Some(Self::Nothing),
            (Identity::User { .. }, NamedAs::User | NamedAs::Anyone) => Some(Self::of_user(policies)),
            (Identity::RoleSession { .. }, NamedAs::Role | NamedAs::Anyone) => Some(Self::Limits),
            (Identity::User { .. } | Identity::RoleSession { .. }, NamedAs::Account) => Some(Self::Identity),
            (
                Identity::Root
                | Identity::User { .. }
                | Identity::RoleSession { .. }
                | Identity::Service { .. }
                | Identity::WebIdentity { .. },
                _,
            ) => None,
        }
    }

    /// A user in a session with policies of its own (a federated session) is limited like a role.
    const fn of_user(policies: &Policies<'_>) -> Self {
        if policies.session.is_empty() { Self::Nothing } else { Self::Limits }
    }

    /// For an identity of another account both sides must allow, however the resource's policy names it.
    fn across_accounts(identity: Identity<'_>) -> Self {
        match identity {
            Identity::User { .. } | Identity::RoleSession { .. } => Self::Identity,
            Identity::Root | Identity::Service { .. } | Identity::WebIdentity { .. } => Self::Nothing,
        }
    }

    /// What an Allow of a resource's policy would need besides; `None` when it does not name the requester. One with
    /// NotPrincipal, which no parser lets in, names nobody.
    pub(crate) fn of_statement(
        statement: &CompiledStatement,
        question: &Question<'_>,
        policies: &Policies<'_>,
        owner: AccountId,
    ) -> Option<Self> {
        let principals = statement.principals.as_ref().filter(|principals| !principals.is_not)?;
        let requester = question.requester;
        let within = principals
            .names(requester)
            .filter_map(|named| Self::within_account(named, requester.identity, policies))
            .min()?;
        Some(if requester.account == owner { within } else { within.max(Self::across_accounts(requester.identity)) })
    }

    /// A grant acts like a policy of the resource that names its grantee; one from another account needs no identity policy
    /// either, but permissions boundary and session policies must allow. `None` when the identity cannot be this grantee.
    fn of_grant(to: GrantedTo, question: &Question<'_>, policies: &Policies<'_>) -> Option<Self> {
        let named = match to {
            GrantedTo::Account => NamedAs::Account,
            GrantedTo::RoleArn => NamedAs::Role,
            GrantedTo::RoleSession => NamedAs::RoleSession,
            GrantedTo::Service => NamedAs::Service,
            GrantedTo::User => NamedAs::User,
        };
        let identity = question.requester.identity;
        let within = Self::within_account(named, identity, policies)?;
        let is_foreign = policies.resource.is_some_and(|resource| resource.owner != question.requester.account);
        // Another account cannot lift the limits that an identity has in its own.
        let limited = matches!(identity, Identity::User { .. } | Identity::RoleSession { .. });
        Some(if is_foreign && limited { within.max(Self::Limits) } else { within })
    }
}

/// What the first statement of each effect in a list of policies says: position of the policy, of the statement.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    deny: Option<(usize, usize)>,
    allow: Option<(usize, usize)>,
}

impl Found {
    fn new(question: &Question<'_>, policies: &[NamedPolicy<'_>]) -> Self {
        let mut found = Self::default();
        for (at, statement) in statements(policies, question) {
            let place = match statement.effect {
                Effect::Allow => &mut found.allow,
                Effect::Deny => &mut found.deny,
            };
            if place.is_none() && statement.concerns(question.requester) && statement.covers(question) {
                *place = Some(at);
            }
        }
        found
    }
}

/// Every statement that can be about the action, with its place.
fn statements<'a>(
    policies: &'a [NamedPolicy<'a>],
    question: &'a Question<'_>,
) -> impl Iterator<Item = ((usize, usize), &'a CompiledStatement)> {
    let mut index = ActionIndex::default();
    policies.iter().enumerate().flat_map(move |(policy, named)| {
        let mask = index.mask(named.policy, question.action);
        let statements = named.policy.statements.iter().filter(move |statement| statement.known_actions & mask != 0);
        statements.map(move |statement| ((policy, statement.index), statement))
    })
}

/// What the policies that came with the requester say.
struct AccountSide {
    identity: Found,
    /// `None` without a boundary.
    boundary: Option<Found>,
    /// `None` without session policies.
    session: Option<Found>,
}

impl AccountSide {
    fn new(question: &Question<'_>, policies: &Policies<'_>) -> Self {
        let has_session = !policies.session.is_empty();
        Self {
            identity: Found::new(question, policies.identity),
            boundary: policies.boundary.as_ref().map(|one| Found::new(question, std::slice::from_ref(one))),
            session: has_session.then(|| Found::new(question, policies.session)),
        }
    }

    fn deny(&self) -> Option<StatementAt> {
        let of = |kind, found: Option<Found>| {
            let (policy, statement) = found?.deny?;
            Some(StatementAt { kind, policy, statement })
        };
        of(PolicyKind::Identity, Some(self.identity))
            .or_else(|| of(PolicyKind::PermissionsBoundary, self.boundary))
            .or_else(|| of(PolicyKind::Session, self.session))
    }

    /// The decision when the resource's side says this.
    fn complete(&self, allow: Option<(Need, AllowedBy)>) -> Decision {
        let Some((need, by)) = allow else { return Decision::Denied(Denial::implicit(PolicyKind::Resource, false)) };
        match (self.missing(need), need, self.identity.allow) {
            (Some(kind), _, _) => Decision::Denied(Denial::implicit(kind, true)),
            (None, Need::Identity, Some((policy, statement))) if !matches!(by, AllowedBy::Grant(_)) => {
                let by = StatementAt { kind: PolicyKind::Identity, policy, statement };
                Decision::Allowed(AllowedBy::Statement(by))
            }
            (None, _, _) => Decision::Allowed(by),
        }
    }

    /// The first kind of policy that is needed and does not allow.
    fn missing(&self, need: Need) -> Option<PolicyKind> {
        let lacks = |found: Option<Found>| found.is_some_and(|found| found.allow.is_none());
        if need >= Need::Identity && self.identity.allow.is_none() {
            Some(PolicyKind::Identity)
        } else if need >= Need::Limits && lacks(self.boundary) {
            Some(PolicyKind::PermissionsBoundary)
        } else if need >= Need::Limits && lacks(self.session) {
            Some(PolicyKind::Session)
        } else {
            None
        }
    }
}

/// What the policies of the resource say.
struct ResourceSide {
    deny: Option<(usize, usize)>,
    /// The statement that needs least besides, and what it needs.
    allow: Option<(Need, AllowedBy)>,
}

impl ResourceSide {
    fn new(question: &Question<'_>, policies: &Policies<'_>, resource: ResourcePolicies<'_>) -> Self {
        let mut side = Self { deny: None, allow: None };
        for ((policy, index), statement) in statements(resource.policies, question) {
            match statement.effect {
                Effect::Deny if side.deny.is_none() && statement.denies(question) => side.deny = Some((policy, index)),
                Effect::Deny => {}
                Effect::Allow => {
                    let need = Need::of_statement(statement, question, policies, resource.owner);
                    let is_better = |need: &Need| side.allow.is_none_or(|(known, _)| *need < known);
                    if let Some(need) = need.filter(is_better).filter(|_| statement.covers(question)) {
                        let at = StatementAt { kind: PolicyKind::Resource, policy, statement: index };
                        side.allow = Some((need, AllowedBy::Statement(at)));
                    }
                }
            }
        }
        side
    }

    fn deny(&self) -> Option<StatementAt> {
        self.deny.map(|(policy, statement)| StatementAt { kind: PolicyKind::Resource, policy, statement })
    }
}
