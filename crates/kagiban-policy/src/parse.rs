//! Text to tree, refusing what AWS refuses, and every text of two meanings.

use std::collections::BTreeSet;

use crate::cursor::{Cursor, Members};
use crate::fault::{MalformedPolicy, PrincipalFault, Reason};
use crate::json::{self, Node};
use crate::tree::{
    Condition, Effect, Operator, Patterns, Policy, Principal, Principals, SetQualifier, Statement, Version,
};
use crate::{condition, principal};

/// Longest text read, in bytes: the model's limit. The quota of 32,768 is the caller's to check, with its own error.
const TEXT_LEN_MAX: usize = 131_072;

/// Most statements: more do not fit into the quota's 32,768 bytes.
const STATEMENTS_MAX: usize = 1000;

/// Reads a key policy.
///
/// # Errors
/// [`MalformedPolicy`] with the first fault found and where it is.
pub fn parse_key_policy(text: &str) -> Result<Policy, MalformedPolicy> {
    parse(text, Grammar::Key)
}

/// Reads a policy of an identity: inline, managed, a permissions boundary or a session policy.
///
/// # Errors
/// [`MalformedPolicy`] with the first fault found and where it is.
pub fn parse_identity_policy(text: &str) -> Result<Policy, MalformedPolicy> {
    parse(text, Grammar::Identity)
}

/// Reads the trust policy of a role.
///
/// # Errors
/// [`MalformedPolicy`] with the first fault found and where it is.
pub fn parse_trust_policy(text: &str) -> Result<Policy, MalformedPolicy> {
    parse(text, Grammar::Trust)
}

/// Which elements a kind of policy has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Grammar {
    /// Of a key.
    Key,
    /// Of a user, group, role or session.
    Identity,
    /// Of a role: who may assume it.
    Trust,
}

fn parse(text: &str, grammar: Grammar) -> Result<Policy, MalformedPolicy> {
    let whole = |reason| MalformedPolicy::new(reason, String::new());
    let read = || {
        if text.len() > TEXT_LEN_MAX {
            return Err(whole(Reason::TooLong));
        }
        let root =
            json::read(text).map_err(|json::NotJson { line, column }| whole(Reason::NotJson { line, column }))?;
        policy(&Cursor::root(&root), grammar)
    };
    read().map_err(|fault: MalformedPolicy| fault.of_grammar(grammar))
}

fn policy(at: &Cursor<'_>, grammar: Grammar) -> Result<Policy, MalformedPolicy> {
    let members = at.object(&["Version", "Id", "Statement"])?;
    let version = members.find("Version").map_or(Ok(Version::V2008), |at| version(&at))?;
    let id = members.find("Id").map(|at| at.text().map(Into::into)).transpose()?;
    let list = members.find("Statement").ok_or_else(|| at.fault(Reason::Missing("Statement")))?;
    Ok(Policy { version, id, statements: statements(&list, grammar)? })
}

fn version(at: &Cursor<'_>) -> Result<Version, MalformedPolicy> {
    match at.text()? {
        "2008-10-17" => Ok(Version::V2008),
        "2012-10-17" => Ok(Version::V2012),
        _ => Err(at.fault(Reason::InvalidVersion)),
    }
}

/// One statement, or a list of them.
fn statements(at: &Cursor<'_>, grammar: Grammar) -> Result<Vec<Statement>, MalformedPolicy> {
    let list = at.one_or_more("an object or a list of objects")?;
    if list.len() > STATEMENTS_MAX {
        return Err(at.fault(Reason::TooManyStatements));
    }
    let mut sids = BTreeSet::new();
    let mut statements = Vec::with_capacity(list.len());
    for (index, at) in list.iter().enumerate() {
        let sid = sid_of(at);
        // One that is empty is as good as none.
        let is_again = sid.clone().filter(|sid| !sid.is_empty()).is_some_and(|sid| !sids.insert(sid));
        let again = || if is_again && grammar != Grammar::Key { Err(at.fault(Reason::DuplicateSid)) } else { Ok(()) };
        let read = statement(index, at, grammar).and_then(|read| again().map(|()| read));
        statements.push(read.map_err(|fault| fault.in_statement(index, sid))?);
    }
    Ok(statements)
}

/// The Sid to name a faulty statement by, as far as it can be read.
fn sid_of(at: &Cursor<'_>) -> Option<Box<str>> {
    let Node::Object(members) = at.node() else { return None };
    match members.iter().find(|(name, _)| &**name == "Sid") {
        Some((_, Node::Text(sid))) => Some(sid.clone()),
        _ => None,
    }
}

const STATEMENT_ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn statement(index: usize, at: &Cursor<'_>, grammar: Grammar) -> Result<Statement, MalformedPolicy> {
    let members = at.object(&STATEMENT_ELEMENTS)?;
    prohibited(&members, grammar)?;
    let sid = members.find("Sid").map(|at| sid(&at, grammar)).transpose()?;
    let effect = members.find("Effect").ok_or_else(|| at.fault(Reason::Missing("Effect")))?;
    let effect = self::effect(&effect)?;
    let principals = principals(&members, effect, grammar)?;
    let actions = patterns(&members, "Action", "NotAction", |text| action(text, grammar))?;
    if actions.is_none() && grammar != Grammar::Key {
        return Err(at.fault(Reason::Missing("Action")));
    }
    let resources = match (patterns(&members, "Resource", "NotResource", resource)?, grammar) {
        (None, Grammar::Identity) => return Err(at.fault(Reason::Missing("Resource"))),
        (None, Grammar::Trust) => Some(Patterns { is_not: false, list: vec!["*".into()] }),
        (resources, _) => resources,
    };
    let conditions = members.find("Condition").map_or(Ok(Vec::new()), |at| conditions(&at, grammar))?;
    Ok(Statement { index, sid, effect, principals, actions, resources, conditions })
}

/// Elements that the language has, but not in such policies.
fn prohibited(members: &Members<'_>, grammar: Grammar) -> Result<(), MalformedPolicy> {
    let names: &[&'static str] = match grammar {
        Grammar::Key => &[],
        Grammar::Identity => &["Principal", "NotPrincipal"],
        Grammar::Trust => &["NotPrincipal", "Resource", "NotResource"],
    };
    match names.iter().find_map(|name| members.find(name).map(|at| (*name, at))) {
        Some((name, at)) => Err(at.fault(Reason::Prohibited(name))),
        None => Ok(()),
    }
}

/// Sids of key policies may hold spaces; AWS's own do. IAM takes letters and digits only.
fn sid(at: &Cursor<'_>, grammar: Grammar) -> Result<Box<str>, MalformedPolicy> {
    let text = at.text()?;
    match grammar {
        Grammar::Key if text.contains(char::is_control) => Err(at.fault(Reason::InvalidSid)),
        Grammar::Identity | Grammar::Trust if !text.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Err(at.fault(Reason::SidNotAlphanumeric))
        }
        Grammar::Key | Grammar::Identity | Grammar::Trust => Ok(text.into()),
    }
}

fn effect(at: &Cursor<'_>) -> Result<Effect, MalformedPolicy> {
    match at.text()? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(at.fault(Reason::InvalidEffect)),
    }
}

fn principals(members: &Members<'_>, effect: Effect, grammar: Grammar) -> Result<Option<Principals>, MalformedPolicy> {
    let Some((is_not, at)) = members.either("Principal", "NotPrincipal")? else {
        let missing = || members.at().fault(Reason::Missing("Principal"));
        return if grammar == Grammar::Identity { Ok(None) } else { Err(missing()) };
    };
    // DIFFERS: AWS only warns of it in its documentation.
    if is_not && effect == Effect::Allow {
        return Err(at.fault(Reason::NotPrincipalWithAllow));
    }
    Ok(Some(Principals { is_not, list: principal_list(&at, grammar)? }))
}

/// `"*"`, or an object from types to one or more principals.
fn principal_list(at: &Cursor<'_>, grammar: Grammar) -> Result<Vec<Principal>, MalformedPolicy> {
    let invalid = |at: &Cursor<'_>, fault, quote: &str| at.fault(Reason::InvalidPrincipal(fault)).quoting(quote);
    if let Node::Text(text) = at.node() {
        let anyone = (&**text == "*").then(|| vec![Principal::Anyone]);
        return anyone.ok_or_else(|| invalid(at, PrincipalFault::Malformed, &format!("{text:?}")));
    }
    let members = at.members("\"*\" or an object")?;
    let mut list = Vec::new();
    for at in members.iter() {
        let kind = at.name();
        let read = match kind {
            "AWS" => principal::aws,
            "Service" => principal::service,
            "Federated" if grammar == Grammar::Trust => principal::federated,
            _ => return Err(invalid(&at, PrincipalFault::UnknownType, &format!("{kind:?}"))),
        };
        for at in at.one_or_more("text or a list of texts")? {
            let text = at.text()?;
            list.push(read(text).map_err(|fault| invalid(&at, fault, &format!("{kind:?}:{text:?}")))?);
        }
    }
    Ok(list)
}

/// The patterns under either name. None under both is well-formed.
fn patterns(
    members: &Members<'_>,
    name: &'static str,
    not_name: &'static str,
    check: impl Fn(&str) -> Result<(), Reason>,
) -> Result<Option<Patterns>, MalformedPolicy> {
    let Some((is_not, at)) = members.either(name, not_name)? else { return Ok(None) };
    let mut list = Vec::new();
    for at in at.one_or_more("text or a list of texts")? {
        let text = at.text()?;
        check(text).map_err(|reason| at.fault(reason).quoting(text))?;
        list.push(text.into());
    }
    Ok(Some(Patterns { is_not, list }))
}

/// `*`, or `SERVICE:NAME` where the name may have wildcards. Other services' actions are well-formed and match nothing,
/// but in a trust policy.
fn action(text: &str, grammar: Grammar) -> Result<(), Reason> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?' | b'-' | b'_');
    let is_action =
        |(service, name): (&str, &str)| condition::is_service(service) && !name.is_empty() && name.bytes().all(fits);
    let is_any = text == "*" || (text == "*:*" && grammar != Grammar::Key);
    if !is_any && !text.split_once(':').is_some_and(is_action) {
        return Err(Reason::InvalidAction);
    }
    let is_sts = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sts:"));
    if grammar == Grammar::Trust && !is_sts { Err(Reason::NotSts) } else { Ok(()) }
}

/// `*`, or an ARN with wildcards; one with fewer than six parts must end in a `*` that stands for the rest.
fn resource(text: &str) -> Result<(), Reason> {
    let is_arn = text.starts_with("arn:") && (text.matches(':').count() >= 5 || text.ends_with('*'));
    if text == "*" || is_arn { Ok(()) } else { Err(Reason::InvalidResource) }
}

/// An object from operators to objects from keys to one or more values.
fn conditions(at: &Cursor<'_>, grammar: Grammar) -> Result<Vec<Condition>, MalformedPolicy> {
    let mut conditions = Vec::new();
    for operator_at in at.members("an object")?.iter() {
        let operator =
            condition::operator(operator_at.name()).ok_or_else(|| operator_at.fault(Reason::UnknownOperator))?;
        for key_at in operator_at.members("an object")?.iter() {
            conditions.push(one_condition(operator, &key_at, grammar)?);
        }
    }
    Ok(conditions)
}

fn one_condition(operator: Operator, at: &Cursor<'_>, grammar: Grammar) -> Result<Condition, MalformedPolicy> {
    let key = at.name();
    if !condition::is_key(key) {
        return Err(at.fault(Reason::InvalidConditionKey));
    }
    // IAM takes it.
    let is_for_all = operator.set == Some(SetQualifier::ForAllValues);
    if is_for_all && grammar == Grammar::Key && condition::is_single_valued(key) {
        return Err(at.fault(Reason::OverlyPermissiveCondition));
    }
    let mut values = Vec::new();
    for at in at.one_or_more("a value or a list of values")? {
        let value = at.scalar()?;
        condition::check_value(operator.comparison, value)
            .map_err(|needed| at.fault(Reason::InvalidConditionValue(needed)))?;
        values.push(value.into());
    }
    Ok(Condition { operator, key: key.into(), values })
}
