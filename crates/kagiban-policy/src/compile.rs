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
    known: Option<&'static KnownActions>,
}

/// Actions that are asked for all the time. A policy that knows them tells with one bit whether a statement can be about one;
/// about any other action the statement's patterns are asked.
#[derive(Debug)]
pub struct KnownActions {
    /// Sorted.
    names: Box<[Box<str>]>,
}

impl KnownActions {
    /// As many as a statement has bits for, but one.
    const MAX: usize = 127;
    /// The bit of every other action; each statement has it, as its patterns must be asked.
    const UNKNOWN: u128 = 1 << Self::MAX;

    /// From names with their service, `kms:Decrypt`, in the case in which they are asked for. Of too many the rest is not
    /// known.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names: Vec<Box<str>> = names.into_iter().map(Into::into).collect();
        names.sort();
        names.dedup();
        names.truncate(Self::MAX);
        Self { names: names.into() }
    }

    fn index(&self, action: &str) -> Option<usize> {
        self.names.binary_search_by(|name| (**name).cmp(action)).ok()
    }
}

/// Where a question's action stands among the known ones; found once for all policies that know the same.
#[derive(Default)]
pub(crate) struct ActionIndex {
    of: Option<(&'static KnownActions, Option<usize>)>,
}

impl ActionIndex {
    /// The action's bit in the policy's statements.
    pub(crate) fn mask(&mut self, policy: &CompiledPolicy, action: &str) -> u128 {
        let Some(known) = policy.known else { return KnownActions::UNKNOWN };
        let index = match self.of {
            Some((same, index)) if std::ptr::eq(same, known) => index,
            _ => {
                let index = known.index(action);
                self.of = Some((known, index));
                index
            }
        };
        index.map_or(KnownActions::UNKNOWN, |index| 1 << index)
    }
}

#[derive(Debug)]
pub(crate) struct CompiledStatement {
    /// A bit for each known action that the statement is about, and one for all others.
    pub(crate) known_actions: u128,
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
        let statements = policy.statements.iter().map(|one| CompiledStatement::new(one, variables, bind)).collect();
        Self { statements, known: None }
    }

    /// The same policy, quicker to decide about these actions.
    #[must_use]
    pub fn knowing(mut self, known: &'static KnownActions) -> Self {
        for statement in &mut self.statements {
            let bits = known.names.iter().enumerate().filter(|(_, name)| statement.is_about_action_named(name));
            statement.known_actions = bits.fold(KnownActions::UNKNOWN, |mask, (index, _)| mask | 1 << index);
        }
        self.known = Some(known);
        self
    }
}

impl CompiledStatement {
    fn new(statement: &Statement, variables: bool, bind: &dyn Fn(&PrincipalArn) -> Option<Box<str>>) -> Self {
        let syntax = Syntax { variables, wildcards: true };
        let action = |text: &str| Pattern::with_wildcards(&text.to_ascii_lowercase());
        Self {
            known_actions: KnownActions::UNKNOWN,
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

impl CompiledStatement {
    /// Whether the action is among the statement's. A statement without actions is about none.
    pub(crate) fn is_about_action_named(&self, action: &str) -> bool {
        self.actions.as_ref().is_some_and(|actions| {
            actions.list.iter().any(|pattern| pattern.matches_any_case(action)) != actions.is_not
        })
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
