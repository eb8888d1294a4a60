//! Text to tree, refusing what AWS refuses, and every text of two meanings.

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

fn parse(text: &str, _grammar: Grammar) -> Result<Policy, MalformedPolicy> {
    if text.len() > TEXT_LEN_MAX {
        return Err(MalformedPolicy::new(Reason::TooLong, String::new()));
    }
    let root = json::read(text).map_err(|json::NotJson { line, column }| {
        MalformedPolicy::new(Reason::NotJson { line, column }, String::new())
    })?;
    policy(&Cursor::root(&root))
}

fn policy(at: &Cursor<'_>) -> Result<Policy, MalformedPolicy> {
    let members = at.object(&["Version", "Id", "Statement"])?;
    let version = members.find("Version").map_or(Ok(Version::V2008), |at| version(&at))?;
    let id = members.find("Id").map(|at| at.text().map(Into::into)).transpose()?;
    let list = members.find("Statement").ok_or_else(|| at.fault(Reason::Missing("Statement")))?;
    Ok(Policy { version, id, statements: statements(&list)? })
}

fn version(at: &Cursor<'_>) -> Result<Version, MalformedPolicy> {
    match at.text()? {
        "2008-10-17" => Ok(Version::V2008),
        "2012-10-17" => Ok(Version::V2012),
        _ => Err(at.fault(Reason::InvalidVersion)),
    }
}

/// One statement, or a list of them.
fn statements(at: &Cursor<'_>) -> Result<Vec<Statement>, MalformedPolicy> {
    let list = at.one_or_more("an object or a list of objects")?;
    if list.len() > STATEMENTS_MAX {
        return Err(at.fault(Reason::TooManyStatements));
    }
    let named = |(index, at): (usize, &Cursor<'_>)| statement(index, at).map_err(|e| e.in_statement(index, sid_of(at)));
    list.iter().enumerate().map(named).collect()
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

fn statement(index: usize, at: &Cursor<'_>) -> Result<Statement, MalformedPolicy> {
    let members = at.object(&STATEMENT_ELEMENTS)?;
    let sid = members.find("Sid").map(|at| sid(&at)).transpose()?;
    let effect = members.find("Effect").ok_or_else(|| at.fault(Reason::Missing("Effect")))?;
    let effect = self::effect(&effect)?;
    let principals = Some(principals(&members, effect)?);
    let actions = patterns(&members, "Action", "NotAction", action)?;
    let resources = patterns(&members, "Resource", "NotResource", resource)?;
    let conditions = members.find("Condition").map_or(Ok(Vec::new()), |at| conditions(&at))?;
    Ok(Statement { index, sid, effect, principals, actions, resources, conditions })
}

/// Sids of key policies may hold spaces; AWS's own do.
fn sid(at: &Cursor<'_>) -> Result<Box<str>, MalformedPolicy> {
    let text = at.text()?;
    if text.contains(char::is_control) { Err(at.fault(Reason::InvalidSid)) } else { Ok(text.into()) }
}

fn effect(at: &Cursor<'_>) -> Result<Effect, MalformedPolicy> {
    match at.text()? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(at.fault(Reason::InvalidEffect)),
    }
}

fn principals(members: &Members<'_>, effect: Effect) -> Result<Principals, MalformedPolicy> {
    let (is_not, at) =
        members.either("Principal", "NotPrincipal")?.ok_or_else(|| members.at().fault(Reason::Missing("Principal")))?;
    // DIFFERS: AWS only warns of it in its documentation.
    if is_not && effect == Effect::Allow {
        return Err(at.fault(Reason::NotPrincipalWithAllow));
    }
    Ok(Principals { is_not, list: principal_list(&at)? })
}

/// `"*"`, or an object from types to one or more principals.
fn principal_list(at: &Cursor<'_>) -> Result<Vec<Principal>, MalformedPolicy> {
    if let Node::Text(text) = at.node() {
        let anyone = (&**text == "*").then(|| vec![Principal::Anyone]);
        return anyone.ok_or_else(|| at.fault(Reason::InvalidPrincipal(PrincipalFault::Malformed)));
    }
    let members = at.members("\"*\" or an object")?;
    let mut list = Vec::new();
    for at in members.iter() {
        let read = match at.name() {
            "AWS" => principal::aws,
            "Service" => principal::service,
            _ => return Err(at.fault(Reason::InvalidPrincipal(PrincipalFault::UnknownType))),
        };
        for at in at.one_or_more("text or a list of texts")? {
            list.push(read(at.text()?).map_err(|fault| at.fault(Reason::InvalidPrincipal(fault)))?);
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
        check(text).map_err(|reason| at.fault(reason))?;
        list.push(text.into());
    }
    Ok(Some(Patterns { is_not, list }))
}

/// `*`, or `SERVICE:NAME` where the name may have wildcards. Other services' actions are well-formed and match nothing.
fn action(text: &str) -> Result<(), Reason> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'?' | b'-' | b'_');
    let is_action =
        |(service, name): (&str, &str)| condition::is_service(service) && !name.is_empty() && name.bytes().all(fits);
    if text == "*" || text.split_once(':').is_some_and(is_action) { Ok(()) } else { Err(Reason::InvalidAction) }
}

/// `*`, or an ARN with wildcards; one with fewer than six parts must end in a `*` that stands for the rest.
fn resource(text: &str) -> Result<(), Reason> {
    let is_arn = text.starts_with("arn:") && (text.matches(':').count() >= 5 || text.ends_with('*'));
    if text == "*" || is_arn { Ok(()) } else { Err(Reason::InvalidResource) }
}

/// An object from operators to objects from keys to one or more values.
fn conditions(at: &Cursor<'_>) -> Result<Vec<Condition>, MalformedPolicy> {
    let mut conditions = Vec::new();
    for operator_at in at.members("an object")?.iter() {
        let operator =
            condition::operator(operator_at.name()).ok_or_else(|| operator_at.fault(Reason::UnknownOperator))?;
        for key_at in operator_at.members("an object")?.iter() {
            conditions.push(one_condition(operator, &key_at)?);
        }
    }
    Ok(conditions)
}

fn one_condition(operator: Operator, at: &Cursor<'_>) -> Result<Condition, MalformedPolicy> {
    let key = at.name();
    if !condition::is_key(key) {
        return Err(at.fault(Reason::InvalidConditionKey));
    }
    if operator.set == Some(SetQualifier::ForAllValues) && condition::is_single_valued(key) {
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
