//! Why a request was allowed or not, statement by statement. Slow; for administrators, never for the caller.

use std::cell::Cell;
use std::fmt;

use crate::compare::CompiledCondition;
use crate::compile::CompiledStatement;
use crate::decide::{AllowedBy, Decision, GrantedTo, NamedPolicy, Need, Policies, PolicyKind, decide};
use crate::request::{ConditionValue, Question};
use crate::tree::{Effect, Operator};

/// The decision and what each statement had to do with it. Display gives sentences, one a line; texts of policies and
/// requests stand in quotes and cannot break a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// The grant that was found; `None` as well when the decision did not need one.
    pub grant: Option<GrantedTo>,
    /// Whether grants were asked for.
    pub asked_for_grants: bool,
    /// Each statement: identity policies, boundary, session policies, policies of the resource.
    pub statements: Vec<StatementExplanation>,
    /// Whether the operation has a resource that could have policies.
    pub has_resource: bool,
}

/// What a statement had to do with the decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatementExplanation {
    /// The kind of its policy.
    pub kind: PolicyKind,
    /// The name of its policy.
    pub policy: String,
    /// The position of its policy in the list, from 0.
    pub policy_index: usize,
    /// Its position in the policy, from 0.
    pub index: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// What it does when it applies.
    pub effect: Effect,
    /// What keeps it from applying; empty when it applies.
    pub failures: Vec<Failure>,
    /// It allows on the resource's side, and the caller's identity policies must allow as well.
    pub delegates: bool,
}

/// What keeps a statement from applying.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The action is not among the statement's, or it has none.
    Action,
    /// A condition does not hold.
    Condition {
        /// The operator.
        operator: Operator,
        /// The key, as the policy writes it.
        key: String,
        /// The policy's values.
        wanted: Vec<String>,
        /// The request's values; none when the key is absent.
        given: Vec<String>,
    },
    /// The caller is not among the principals.
    Principal,
    /// The resource is not among the statement's, or it has none.
    Resource,
}

/// Decides as [`decide`] does, and keeps why.
pub fn explain(question: &Question<'_>, policies: &Policies<'_>, grant: &dyn Fn() -> Option<GrantedTo>) -> Explanation {
    let asked = Cell::new(None);
    let decision = decide(question, policies, &|| {
        asked.set(Some(grant()));
        asked.get().flatten()
    });
    let boundary = policies.boundary.as_slice();
    let resource = policies.resource.map_or(&[][..], |resource| resource.policies);
    let lists = [
        (PolicyKind::Identity, policies.identity),
        (PolicyKind::PermissionsBoundary, boundary),
        (PolicyKind::Session, policies.session),
        (PolicyKind::Resource, resource),
    ];
    let of_list = |(kind, list): (_, &[_])| explain_list(question, policies, kind, list);
    Explanation {
        decision,
        grant: asked.get().flatten(),
        asked_for_grants: asked.get().is_some(),
        statements: lists.into_iter().flat_map(of_list).collect(),
        has_resource: policies.resource.is_some(),
    }
}

fn explain_list(
    question: &Question<'_>,
    policies: &Policies<'_>,
    kind: PolicyKind,
    list: &[NamedPolicy<'_>],
) -> Vec<StatementExplanation> {
    let mut out = Vec::new();
    for (policy_index, named) in list.iter().enumerate() {
        for statement in &named.policy.statements {
            let need = need(question, policies, kind, statement);
            out.push(StatementExplanation {
                kind,
                policy: named.name.to_owned(),
                policy_index,
                index: statement.index,
                sid: statement.sid.as_deref().map(str::to_owned),
                effect: statement.effect,
                failures: failures(question, statement, need.is_some()),
                delegates: kind == PolicyKind::Resource && need == Some(Need::Identity),
            });
        }
    }
    out
}

/// What the statement needs besides, `None` when it is not about the caller.
fn need(
    question: &Question<'_>,
    policies: &Policies<'_>,
    kind: PolicyKind,
    statement: &CompiledStatement,
) -> Option<Need> {
    match (policies.resource, kind, statement.effect) {
        (Some(resource), PolicyKind::Resource, Effect::Allow) => {
            Need::of_statement(statement, question, policies, resource.owner)
        }
        _ => statement.concerns(question.requester).then_some(Need::Nothing),
    }
}

fn failures(question: &Question<'_>, statement: &CompiledStatement, is_concerned: bool) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (is_met, failure) in [
        (is_concerned, Failure::Principal),
        (statement.is_about_action(question), Failure::Action),
        (statement.is_about_resource(question), Failure::Resource),
    ] {
        if !is_met {
            failures.push(failure);
        }
    }
    let broken = statement.conditions.iter().filter(|condition| !statement.holds(condition, question));
    failures.extend(broken.map(|condition| Failure::of_condition(question, condition)));
    failures
}

impl Failure {
    fn of_condition(question: &Question<'_>, condition: &CompiledCondition) -> Self {
        let given = match question.values.value(&condition.key) {
            ConditionValue::Absent => Vec::new(),
            ConditionValue::One(value) => vec![value.into_owned()],
            ConditionValue::Many(list) => list.into_iter().map(Into::into).collect(),
        };
        Self::Condition {
            operator: condition.operator,
            key: condition.key.text().to_owned(),
            wanted: condition.source.iter().map(|text| String::from(&**text)).collect(),
            given,
        }
    }
}

impl StatementExplanation {
    /// Whether the statement applies to the request.
    pub const fn applies(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_decision(f)?;
        match self.grant {
            Some(to) => write!(f, "\nA grant to {to} covers the request.")?,
            None if self.asked_for_grants => f.write_str("\nNo grant to the caller covers the request.")?,
            None => {}
        }
        for kind in [PolicyKind::Identity, PolicyKind::Resource] {
            let is_there = self.statements.iter().any(|statement| statement.kind == kind);
            if !is_there && (kind == PolicyKind::Identity || self.has_resource) {
                write!(f, "\nThere is no {kind}.")?;
            }
        }
        self.statements.iter().try_for_each(|statement| write!(f, "\n{statement}"))
    }
}

impl Explanation {
    fn write_decision(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decision {
            Decision::Allowed(AllowedBy::Root) => {
                f.write_str("Allowed: the root user needs no permission where there is no resource.")
            }
            Decision::Allowed(AllowedBy::Grant(to)) => write!(f, "Allowed: a grant to {to} covers the request."),
            Decision::Allowed(AllowedBy::Statement(at)) => {
                f.write_str("Allowed: ")?;
                self.write_statement(f, at.kind, (at.policy, at.statement))?;
                f.write_str(" allows the request.")
            }
            Decision::Denied(denial) => match (denial.kind(), denial.statement()) {
                (kind, Some(at)) => {
                    f.write_str("Denied: ")?;
                    self.write_statement(f, kind, at)?;
                    f.write_str(" denies the request.")
                }
                (PolicyKind::PermissionsBoundary, None) => {
                    f.write_str("Denied: the permissions boundary does not allow the request.")
                }
                (kind, None) => write!(f, "Denied: no {kind} allows the request."),
            },
        }
    }

    fn write_statement(&self, f: &mut fmt::Formatter<'_>, kind: PolicyKind, at: (usize, usize)) -> fmt::Result {
        let is_it = |one: &&StatementExplanation| one.kind == kind && (one.policy_index, one.index) == at;
        self.statements.iter().find(is_it).map_or(Ok(()), |statement| statement.write_name(f))
    }
}

impl StatementExplanation {
    fn write_name(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {} ", self.index)?;
        if let Some(sid) = &self.sid {
            write!(f, "(Sid {sid:?}) ")?;
        }
        write!(f, "of the {} {:?}", self.kind, self.policy)
    }
}

impl fmt::Display for StatementExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.effect {
            Effect::Allow => "Allow, ",
            Effect::Deny => "Deny, ",
        })?;
        self.write_name(f)?;
        match (self.applies(), self.delegates) {
            (true, false) => f.write_str(" applies."),
            (true, true) => f.write_str(" applies, if an identity-based policy allows as well."),
            (false, _) => {
                f.write_str(" does not apply: ")?;
                for (index, failure) in self.failures.iter().enumerate() {
                    write!(f, "{}{failure}", if index == 0 { "" } else { "; " })?;
                }
                f.write_str(".")
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action => f.write_str("it is not about this action"),
            Self::Principal => f.write_str("it is not about this caller"),
            Self::Resource => f.write_str("it is not about this resource"),
            Self::Condition { operator, key, wanted, given } => {
                write!(f, "the condition {operator} on {key:?} has {}", Quoted(wanted))?;
                if given.is_empty() {
                    f.write_str(", and the request has no such key")
                } else {
                    write!(f, ", and the request has {}", Quoted(given))
                }
            }
        }
    }
}

/// Texts in quotes, with commas between.
struct Quoted<'a>(&'a [String]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, text) in self.0.iter().enumerate() {
            write!(f, "{}{text:?}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl fmt::Display for GrantedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "the caller's account",
            Self::RoleArn => "the caller's role",
            Self::RoleSession => "the caller's session",
            Self::Service => "the calling service",
            Self::User => "the calling user",
        })
    }
}
