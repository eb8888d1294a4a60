//! Whom a statement of a resource's policy is about (authorization.md, sections 3 and 8, NotPrincipal).

use kagiban_policy::tree::{Principal, PrincipalKind, Principals};

use super::{Facts, Who};

/// How an Allow of a resource's policy reaches the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Through the caller's account, which decides further. Not root, which is the account.
    Account,
    /// A service or web identity, by its name or as everyone.
    Outsider,
    /// A role session by its role, or as everyone.
    Role,
    /// A role session by its own name.
    RoleSession,
    /// Root, whom the account's principal names, or as everyone.
    Root,
    /// A user by its name, or as everyone.
    User,
}

/// All ways in which a Principal element reaches the caller.
pub fn reaches(principals: &Principals, facts: &Facts) -> Vec<Reach> {
    assert!(!principals.is_not, "the parser refuses NotPrincipal with Allow");
    principals.list.iter().filter_map(|named| reach(named, facts)).collect()
}

fn reach(named: &Principal, facts: &Facts) -> Option<Reach> {
    let is_everyone = *named == Principal::Anyone;
    match &facts.who {
        Who::Root => (is_everyone || names_account(named, facts)).then_some(Reach::Root),
        _ if names_account(named, facts) => Some(Reach::Account),
        Who::User { .. } => (is_everyone || names_caller(named, facts)).then_some(Reach::User),
        Who::RoleSession { .. } if is_everyone || names_role(named, facts) => Some(Reach::Role),
        Who::RoleSession { .. } => names_caller(named, facts).then_some(Reach::RoleSession),
        Who::Service { .. } | Who::WebIdentity { .. } => {
            (is_everyone || names_caller(named, facts)).then_some(Reach::Outsider)
        }
    }
}

/// Whether a Deny of a resource's policy is about the caller. One without principals is about everyone.
pub fn deny_is_about(principals: Option<&Principals>, facts: &Facts) -> bool {
    match principals {
        None => true,
        Some(listed) if listed.is_not => !is_spared(&listed.list, facts),
        Some(listed) => listed.list.iter().any(|named| is_hit_by(named, facts)),
    }
}

/// A Deny for everyone, for all in an account, for all sessions of a role, for one.
fn is_hit_by(named: &Principal, facts: &Facts) -> bool {
    *named == Principal::Anyone || names_account(named, facts) || names_role(named, facts) || names_caller(named, facts)
}

/// NotPrincipal spares a user when its account and it are listed; a session when its account, its role and it are; root
/// when the account is; a service or web identity when it is. `*` spares everyone.
fn is_spared(list: &[Principal], facts: &Facts) -> bool {
    let account = list.iter().any(|named| names_account(named, facts));
    let role = list.iter().any(|named| names_role(named, facts));
    let caller = list.iter().any(|named| names_caller(named, facts));
    let spared = match facts.who {
        Who::Root => account,
        Who::User { .. } => account && caller,
        Who::RoleSession { .. } => account && role && caller,
        Who::Service { .. } | Who::WebIdentity { .. } => caller,
    };
    spared || list.contains(&Principal::Anyone)
}

/// The account principal names all who belong to the account.
fn names_account(named: &Principal, facts: &Facts) -> bool {
    matches!(named, Principal::Account(account) if *account == facts.account) && facts.has_account()
}

/// The caller is a session of the role named by ARN or unique id.
fn names_role(named: &Principal, facts: &Facts) -> bool {
    let Who::RoleSession { role_id, .. } = &facts.who else { return false };
    match named {
        Principal::Arn(arn) => arn.kind == PrincipalKind::Role && facts.bound(arn) == Some(role_id),
        Principal::UniqueId(id) => **id == **role_id,
        _ => false,
    }
}

/// The caller is the user, role session, service or web identity that is named. Federated user sessions do not ask.
fn names_caller(named: &Principal, facts: &Facts) -> bool {
    match (named, &facts.who) {
        (Principal::Arn(arn), Who::User { unique_id }) => {
            arn.kind == PrincipalKind::User && facts.bound(arn) == Some(unique_id)
        }
        (Principal::Arn(arn), Who::RoleSession { role_id, session_name }) => {
            let session_of_arn = arn.arn.rsplit('/').next();
            arn.kind == PrincipalKind::RoleSession
                && facts.bound(arn) == Some(role_id)
                && session_of_arn == Some(session_name)
        }
        (Principal::UniqueId(id), Who::User { unique_id }) => **id == **unique_id,
        (Principal::Service(service), Who::Service { name }) => **service == **name,
        (Principal::Federated(provider), Who::WebIdentity { provider_arn }) => **provider == **provider_arn,
        _ => false,
    }
}
