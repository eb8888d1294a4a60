//! A policy made ready to be evaluated many times: names bound to unique ids, patterns and values read.

use kagiban_base::id::AccountId;

use crate::compare::CompiledCondition;
use crate::glob::Pattern;
use crate::template::{Syntax, Template};
use crate::tree::{Effect, Patterns, Policy, Principal, PrincipalArn, PrincipalKind, Principals, Statement, Version};

/// A policy, compiled once and evaluated without allocation in the usual case.
#[derive(Debug)]
pub struct CompiledPolicy {
    pub(crate) statements: Box<[CompiledStatement]>,
}

#[derive(Debug)]
pub(crate) struct CompiledStatement {
    /// Position in the text, from 0.
    pub(crate) index: usize,
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    pub(crate) principals: Option<CompiledPrincipals>,
    pub(crate) actions: Option<OneOrNot<Pattern>>,
    pub(crate) resources: Option<OneOrNot<Template>>,
    pub(crate) conditions: Box<[CompiledCondition]>,
}

#[derive(Debug)]
pub(crate) struct CompiledPrincipals {
    pub(crate) is_not: bool,
    pub(crate) list: Box<[CompiledPrincipal]>,
}

#[derive(Debug)]
pub(crate) enum CompiledPrincipal {
    Anyone,
    Account(AccountId),
    Federated(Box<str>),
    /// An ARN that nobody has.
    Nobody,
    Role(Box<str>),
    RoleSession {
        role_id: Box<str>,
        session_name: Box<str>,
    },
    Service(Box<str>),
    User(Box<str>),
}

/// Patterns of which one must fit, or with `is_not` none.
#[derive(Debug)]
pub(crate) struct OneOrNot<T> {
    pub(crate) is_not: bool,
    pub(crate) list: Box<[T]>,
}

impl CompiledPolicy {
    /// Compiles a policy. `bind` gives the unique id for the ARN of a user, role or role session (for a session: its
    /// role's id). An ARN that it does not know matches nobody, and in NotPrincipal excludes nobody.
    pub fn compile(policy: &Policy, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        let variables = policy.version == Version::V2012;
        Self { statements: policy.statements.iter().map(|one| CompiledStatement::new(one, variables, bind)).collect() }
    }
}

impl CompiledStatement {
    fn new(statement: &Statement, variables: bool, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        let syntax = Syntax { variables, wildcards: true };
        let action = |text: &str| Pattern::with_wildcards(&text.to_ascii_lowercase());
        Self {
            index: statement.index,
            sid: statement.sid.clone(),
            effect: statement.effect,
            principals: statement.principals.as_ref().map(|named| CompiledPrincipals::new(named, bind)),
            actions: statement.actions.as_ref().map(|patterns| OneOrNot::new(patterns, action)),
            resources: statement
                .resources
                .as_ref()
                .map(|patterns| OneOrNot::new(patterns, |text| Template::new(text, syntax))),
            conditions: statement.conditions.iter().map(|one| CompiledCondition::new(one, variables)).collect(),
        }
    }
}

impl<T> OneOrNot<T> {
    fn new(patterns: &Patterns, compile: impl Fn(&str) -> T) -> Self {
        Self { is_not: patterns.is_not, list: patterns.list.iter().map(|text| compile(text)).collect() }
    }
}

impl CompiledPrincipals {
    fn new(principals: &Principals, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        let one = |principal: &Principal| CompiledPrincipal::new(principal, bind);
        Self { is_not: principals.is_not, list: principals.list.iter().map(one).collect() }
    }
}

impl CompiledPrincipal {
    fn new(principal: &Principal, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        match principal {
            Principal::Anyone => Self::Anyone,
            Principal::Account(account) => Self::Account(*account),
            Principal::Federated(provider) => Self::Federated(provider.clone()),
            Principal::Service(name) => Self::Service(name.clone()),
            Principal::UniqueId(id) if id.starts_with("AIDA") => Self::User(id.clone()),
            Principal::UniqueId(id) if id.starts_with("AROA") => Self::Role(id.clone()),
            Principal::UniqueId(_) => Self::Nobody,
            Principal::Arn(arn) => Self::bound(arn, bind).unwrap_or(Self::Nobody),
        }
    }

    fn bound(arn: &PrincipalArn, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Option<Self> {
        match arn.kind {
            // Nobody comes as a federated user.
            PrincipalKind::FederatedUser => None,
            PrincipalKind::Role => bind(arn).map(Self::Role),
            PrincipalKind::User => bind(arn).map(Self::User),
            PrincipalKind::RoleSession => {
                let (_, session_name) = arn.arn.rsplit_once('/')?;
                Some(Self::RoleSession { role_id: bind(arn)?, session_name: session_name.into() })
            }
        }
    }
}
