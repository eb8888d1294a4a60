//! The decision over all policies and grants (authorization.md, sections 2 and 9).

use kagiban_policy::tree::{Effect, Policy, Statement};
use kagiban_policy::{GrantedTo, PolicyKind, StatementAt};

use super::principal::{Reach, deny_is_about, reaches};
use super::statement::statement_holds;
use super::{Answer, Facts, Holds, Rules, Who};

/// An explicit Deny anywhere wins. Otherwise something must allow.
pub fn decide(facts: &Facts, rules: &Rules) -> Answer {
    let denying = denying_statements(facts, rules);
    if !denying.is_empty() {
        let resource_side_allowed = resource_side_allows(facts, rules);
        return Answer::DeniedByOneOf { statements: denying, resource_side_allowed };
    }
    let allowed = match &rules.resource {
        None => without_resource(facts, rules),
        Some(_) => by_resource_policies(facts, rules).or_else(|| by_grant(facts, rules)),
    };
    allowed.unwrap_or_else(|| Answer::NothingAllowedIn {
        kinds: kinds_without_allow(facts, rules),
        resource_side_allowed: resource_side_allows(facts, rules),
    })
}

// Which statements apply.

/// All policies with where they stand.
fn policies(rules: &Rules) -> Vec<(PolicyKind, usize, &Policy)> {
    let mut all = Vec::new();
    let resource = rules.resource.iter().flat_map(|(_, policies)| policies);
    all.extend(resource.enumerate().map(|(at, policy)| (PolicyKind::Resource, at, policy)));
    all.extend(rules.identity.iter().enumerate().map(|(at, policy)| (PolicyKind::Identity, at, policy)));
    all.extend(rules.boundary.iter().enumerate().map(|(at, policy)| (PolicyKind::PermissionsBoundary, at, policy)));
    all.extend(rules.session.iter().enumerate().map(|(at, policy)| (PolicyKind::Session, at, policy)));
    all
}

/// The statements of one effect that apply as far as action, resource and conditions go. An Allow must surely hold; a
/// Deny applies unless it surely does not.
fn applying<'a>(facts: &Facts, rules: &'a Rules, effect: Effect) -> Vec<(StatementAt, &'a Statement)> {
    let mut found = Vec::new();
    for (kind, policy_at, policy) in policies(rules) {
        for statement in policy.statements.iter().filter(|statement| statement.effect == effect) {
            let holds = statement_holds(statement, policy.version, facts);
            let applies = match effect {
                Effect::Allow => holds == Holds::Yes,
                Effect::Deny => holds != Holds::No,
            };
            if applies {
                found.push((StatementAt { kind, policy: policy_at, statement: statement.index }, statement));
            }
        }
    }
    found
}

/// Deny statements about this caller. Those in policies of the caller's own are about nobody else.
fn denying_statements(facts: &Facts, rules: &Rules) -> Vec<StatementAt> {
    let about_caller = |(at, statement): &(StatementAt, &Statement)| {
        at.kind != PolicyKind::Resource || deny_is_about(statement.principals.as_ref(), facts)
    };
    applying(facts, rules, Effect::Deny).into_iter().filter(about_caller).map(|(at, _)| at).collect()
}

/// Allow statements of the policies of one kind other than the resource's.
fn allowing_statements(facts: &Facts, rules: &Rules, kind: PolicyKind) -> Vec<StatementAt> {
    applying(facts, rules, Effect::Allow).into_iter().map(|(at, _)| at).filter(|at| at.kind == kind).collect()
}

/// Allow statements of the resource's policies, with how they reach the caller: once per way.
fn resource_allows(facts: &Facts, rules: &Rules) -> Vec<(StatementAt, Reach)> {
    let mut found = Vec::new();
    for (at, statement) in applying(facts, rules, Effect::Allow) {
        if at.kind == PolicyKind::Resource {
            let ways = statement.principals.as_ref().map_or_else(Vec::new, |principals| reaches(principals, facts));
            found.extend(ways.into_iter().map(|way| (at, way)));
        }
    }
    found
}

// What limits the caller.

/// The permissions boundary, if there is one, must allow.
fn boundary_allows(facts: &Facts, rules: &Rules) -> bool {
    rules.boundary.is_none() || !allowing_statements(facts, rules, PolicyKind::PermissionsBoundary).is_empty()
}

/// The session policies, if there are any, must allow: one of them is enough.
fn session_allows(facts: &Facts, rules: &Rules) -> bool {
    rules.session.is_empty() || !allowing_statements(facts, rules, PolicyKind::Session).is_empty()
}

fn limits_allow(facts: &Facts, rules: &Rules) -> bool {
    boundary_allows(facts, rules) && session_allows(facts, rules)
}

/// The table of section 2: what an implicit deny in boundary and session policies does to one who is named in the
/// policy of a resource of the own account.
fn limits_allow_one_named(way: Reach, facts: &Facts, rules: &Rules) -> bool {
    match way {
        // A user's ARN: no effect, but on a federated session of the user, which one with session policies is.
        Reach::User => rules.session.is_empty() || limits_allow(facts, rules),
        // A role's ARN: both limit.
        Reach::Role => limits_allow(facts, rules),
        // A session's ARN: no effect. The others have neither boundary nor session policy.
        Reach::RoleSession | Reach::Outsider | Reach::Root => true,
        Reach::Account => unreachable!("an account is no one"),
    }
}

// What allows.

/// Without a resource's policy, identity policies alone decide, within boundary and session policies. Root needs none.
fn without_resource(facts: &Facts, rules: &Rules) -> Option<Answer> {
    if facts.who == Who::Root {
        return Some(Answer::AllowedByRoot);
    }
    let allowing = allowing_statements(facts, rules, PolicyKind::Identity);
    let is_allowed = !allowing.is_empty() && limits_allow(facts, rules);
    is_allowed.then_some(Answer::AllowedByOneOf(allowing))
}

/// The resource's policy, alone or together with the caller's own policies. Where an identity policy had to allow, its
/// statement is the one to name.
fn by_resource_policies(facts: &Facts, rules: &Rules) -> Option<Answer> {
    let allows = resource_allows(facts, rules);
    let is_enough = |way: Reach| way != Reach::Account && one_named_is_allowed(way, facts, rules);
    let enough: Vec<StatementAt> = allows.iter().filter(|(_, way)| is_enough(*way)).map(|(at, _)| *at).collect();
    if !enough.is_empty() {
        return Some(Answer::AllowedByOneOf(enough));
    }
    let is_foreign = !is_own_account(facts, rules);
    let needs_identity_policy = |way: Reach| way == Reach::Account || is_foreign;
    if !allows.iter().any(|(_, way)| needs_identity_policy(*way)) {
        return None;
    }
    let allowing = allowing_statements(facts, rules, PolicyKind::Identity);
    let is_allowed = !allowing.is_empty() && limits_allow(facts, rules);
    is_allowed.then_some(Answer::AllowedByOneOf(allowing))
}

/// Somebody whom the resource's policy names, without an identity policy: enough in the own account, within the limits
/// of the table. From another account it is enough only for those who have no identity policies.
fn one_named_is_allowed(way: Reach, facts: &Facts, rules: &Rules) -> bool {
    if !facts.has_account() || facts.who == Who::Root {
        return true;
    }
    is_own_account(facts, rules) && limits_allow_one_named(way, facts, rules)
}

/// A grant. One for the caller's account leaves it to the identity policies; one for the caller itself is enough, also
/// from another account, where boundary and session policies still limit.
fn by_grant(facts: &Facts, rules: &Rules) -> Option<Answer> {
    let granted_to = rules.grant?;
    let is_own = is_own_account(facts, rules);
    let is_allowed = match granted_to {
        GrantedTo::Account if facts.who == Who::Root => true,
        GrantedTo::Account => {
            !allowing_statements(facts, rules, PolicyKind::Identity).is_empty() && limits_allow(facts, rules)
        }
        GrantedTo::Service => true,
        GrantedTo::RoleArn | GrantedTo::RoleSession | GrantedTo::User if !is_own => limits_allow(facts, rules),
        GrantedTo::RoleArn => limits_allow_one_named(Reach::Role, facts, rules),
        GrantedTo::RoleSession => limits_allow_one_named(Reach::RoleSession, facts, rules),
        GrantedTo::User => limits_allow_one_named(Reach::User, facts, rules),
    };
    is_allowed.then_some(Answer::AllowedByGrant(granted_to))
}

fn is_own_account(facts: &Facts, rules: &Rules) -> bool {
    facts.has_account() && rules.resource.as_ref().is_some_and(|(owner, _)| *owner == facts.account)
}

// What to say of a denial.

/// The kinds of policy, of those that could have helped this caller, in which no Allow was.
fn kinds_without_allow(facts: &Facts, rules: &Rules) -> Vec<PolicyKind> {
    let mut kinds = Vec::new();
    if rules.resource.is_some() && resource_allows(facts, rules).is_empty() {
        kinds.push(PolicyKind::Resource);
    }
    let has_identity_policies = matches!(facts.who, Who::User { .. } | Who::RoleSession { .. });
    let could_help = has_identity_policies || rules.resource.is_none();
    if could_help && allowing_statements(facts, rules, PolicyKind::Identity).is_empty() {
        kinds.push(PolicyKind::Identity);
    }
    if !boundary_allows(facts, rules) {
        kinds.push(PolicyKind::PermissionsBoundary);
    }
    if !session_allows(facts, rules) {
        kinds.push(PolicyKind::Session);
    }
    kinds
}

/// Whether the resource's side, policies or grant, let the request pass or left it to the caller's account.
fn resource_side_allows(facts: &Facts, rules: &Rules) -> bool {
    let denies = denying_statements(facts, rules).iter().any(|at| at.kind == PolicyKind::Resource);
    let allows = rules.grant.is_some() || !resource_allows(facts, rules).is_empty();
    rules.resource.is_none() || (allows && !denies)
}
