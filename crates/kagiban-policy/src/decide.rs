//! The decision over all policies and grants that bear on a request.

use std::fmt;

use kagiban_base::id::AccountId;

use crate::compile::CompiledPolicy;
use crate::request::Question;

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
    /// This statement: of a resource's policy when it names the caller, else of an identity policy.
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
pub fn decide(_question: &Question<'_>, _policies: &Policies<'_>, _grant: &dyn Fn() -> Option<GrantedTo>) -> Decision {
    Decision::Denied(Denial { kind: PolicyKind::Identity, deny: None, resource_side_allowed: false })
}
