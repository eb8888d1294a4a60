//! Random policies and requests from alphabets so small that they meet often.

use std::collections::BTreeMap;

use kagiban_policy::GrantedTo;

use super::alphabet as words;
use super::alphabet::Family;
use super::oracle::case::{AccountIdText, Grammar, Texts, account};
use super::oracle::{Facts, Value, Who};
use super::random::Random;

/// One set of policies and the requests to decide under it, all by the same requester.
pub struct Set {
    pub texts: Texts,
    pub requests: Vec<(Facts, Option<GrantedTo>)>,
}

/// Requests per set of policies.
pub const REQUESTS_PER_SET: u64 = 4;

/// The set of a seed.
pub fn set(seed: u64) -> Set {
    let mut random = Random::new(seed);
    let caller = caller(&mut random);
    let texts = texts(&mut random, &caller);
    let requests = (0..REQUESTS_PER_SET).map(|_| request(&mut random, &caller, &texts)).collect();
    Set { texts, requests }
}

// Callers.

/// Who asks, and how policies may name it.
struct Caller {
    account: AccountIdText,
    who: Who,
    names: &'static [&'static str],
}

fn caller(random: &mut Random) -> Caller {
    let account = if random.percent(65) { words::OWNER } else { words::FOREIGN };
    let mine = &words::callers(account)[..];
    match random.below(20) {
        0..=1 => Caller { account, who: Who::Root, names: mine[0].1 },
        2..=8 => {
            let (unique_id, names) = mine[1 + random.below(2)];
            Caller { account, who: Who::User { unique_id: unique_id.to_owned() }, names }
        }
        9..=16 => {
            let (role_id, names) = mine[3 + random.below(2)];
            let session_name = random.pick(words::SESSIONS).to_owned();
            Caller { account, who: Who::RoleSession { role_id: role_id.to_owned(), session_name }, names }
        }
        17..=18 => {
            let name = random.pick(words::SERVICES).to_owned();
            Caller { account, who: Who::Service { name }, names: &[] }
        }
        _ => {
            let provider_arn = random.pick(words::PROVIDERS).to_owned();
            Caller { account, who: Who::WebIdentity { provider_arn }, names: &[] }
        }
    }
}

impl Caller {
    /// Users and roles have policies of their own; root, services and web identities have none.
    fn has_policies(&self) -> bool {
        matches!(self.who, Who::User { .. } | Who::RoleSession { .. })
    }

    fn is_web_identity(&self) -> bool {
        matches!(self.who, Who::WebIdentity { .. })
    }
}

// Policies.

fn texts(random: &mut Random, caller: &Caller) -> Texts {
    let grammar = match random.below(100) {
        _ if caller.is_web_identity() => Grammar::Role,
        0..10 => Grammar::Role,
        10..12 => Grammar::Misplaced,
        _ => Grammar::Key,
    };
    let has_resource = caller.is_web_identity() || random.percent(88);
    let mut texts = Texts {
        resource: has_resource.then(|| (grammar, words::OWNER, resource_policies(random, grammar, caller))),
        ..Texts::default()
    };
    if caller.has_policies() {
        texts.identity = random.several(0, 2, own_policy);
        texts.boundary = random.percent(25).then(|| own_policy(random));
        texts.session = if random.percent(25) { random.several(1, 2, own_policy) } else { Vec::new() };
    }
    texts
}

fn resource_policies(random: &mut Random, grammar: Grammar, caller: &Caller) -> Vec<String> {
    if grammar == Grammar::Misplaced {
        return vec![own_policy(random)];
    }
    let count = match random.below(50) {
        0 => 0,
        1..8 => 2,
        _ => 1,
    };
    (0..count).map(|_| policy(random, |random| resource_statement(random, grammar, caller))).collect()
}

/// A policy of the caller's own.
fn own_policy(random: &mut Random) -> String {
    policy(random, |random| statement(random, Vec::new(), None))
}

fn policy(random: &mut Random, statement: impl FnMut(&mut Random) -> String) -> String {
    let version = random.pick(&[
        r#""Version":"2012-10-17","#,
        r#""Version":"2012-10-17","#,
        r#""Version":"2012-10-17","#,
        r#""Version":"2008-10-17","#,
        "",
    ]);
    let statements = random.several(1, 3, statement).join(",");
    format!("{{{version}\"Statement\":[{statements}]}}")
}

fn resource_statement(random: &mut Random, grammar: Grammar, caller: &Caller) -> String {
    let is_deny = random.percent(20);
    let is_not = is_deny && grammar == Grammar::Key && random.percent(40);
    let name = if is_not { "NotPrincipal" } else { "Principal" };
    let principals = format!("\"{name}\":{}", principals(random, grammar, caller, is_not));
    let effect = if is_deny { "Deny" } else { "Allow" };
    statement(random, vec![format!("\"Effect\":\"{effect}\""), principals], Some(grammar))
}

/// Those who name the caller come often, and in NotPrincipal all together, as only that spares it.
fn principals(random: &mut Random, grammar: Grammar, caller: &Caller, is_not: bool) -> String {
    if random.percent(8) {
        return "\"*\"".to_owned();
    }
    let mut members: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for _ in 0..=random.below(3) {
        let (kind, list) = match random.below(10) {
            0..=5 if !caller.names.is_empty() => ("AWS", caller.names),
            0..=7 => ("AWS", words::PRINCIPALS),
            8 if grammar == Grammar::Role => ("Federated", words::PROVIDERS),
            _ => ("Service", words::SERVICES),
        };
        members.entry(kind).or_default().push(quoted(random.pick(list)));
    }
    if caller.is_web_identity() && random.percent(50) {
        members.entry("Federated").or_default().push(quoted(words::PROVIDERS[0]));
    }
    if is_not && random.percent(50) {
        members.entry("AWS").or_default().extend(caller.names.iter().map(|name| quoted(name)));
    }
    let members: Vec<String> = members.iter().map(|(kind, list)| format!("\"{kind}\":[{}]", list.join(","))).collect();
    format!("{{{}}}", members.join(","))
}

/// The rest of a statement; without a grammar, of the caller's own policies. Only statements of keys may lack actions or
/// resources, and only those of roles have no Resource element.
fn statement(random: &mut Random, mut members: Vec<String>, grammar: Option<Grammar>) -> String {
    if members.is_empty() {
        let effect = if random.percent(25) { "Deny" } else { "Allow" };
        members.push(format!("\"Effect\":\"{effect}\""));
    }
    let is_allow = members[0].contains("Allow");
    let is_complete = |random: &mut Random| grammar != Some(Grammar::Key) || !random.percent(2);
    if is_complete(random) {
        let list = if grammar == Some(Grammar::Role) { words::ROLE_ACTION_PATTERNS } else { words::ACTION_PATTERNS };
        members.push(patterns(random, "Action", list, if is_allow { 40 } else { 20 }));
    }
    if grammar != Some(Grammar::Role) && is_complete(random) {
        members.push(patterns(random, "Resource", words::RESOURCE_PATTERNS, 50));
    }
    let conditions = match random.below(10) {
        0..=3 if is_allow => 0,
        0 => 0,
        1..=7 => 1,
        _ => 2,
    };
    if conditions > 0 {
        members.push(format!("\"Condition\":{{{}}}", self::conditions(random, conditions)));
    }
    format!("{{{}}}", members.join(","))
}

/// `NAME` or `NotNAME` with a few patterns, the first of which takes everything so often.
fn patterns(random: &mut Random, name: &str, list: &[&str], everything: usize) -> String {
    if random.percent(everything) {
        return format!("\"{name}\":\"{}\"", list[0]);
    }
    let not = if random.percent(20) { "Not" } else { "" };
    let patterns = random.several(1, 3, |random| quoted(random.pick(list)));
    format!("\"{not}{name}\":[{}]", patterns.join(","))
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

// Conditions.

/// So many operators, each with one key, all different as JSON allows no name twice.
fn conditions(random: &mut Random, count: usize) -> String {
    let mut members = BTreeMap::new();
    for _ in 0..count {
        let (operator, family) = words::OPERATORS[random.below(words::OPERATORS.len())];
        members.insert(qualified(random, operator), one_condition(random, family));
    }
    let members: Vec<String> = members.iter().map(|(operator, keys)| format!("\"{operator}\":{keys}")).collect();
    members.join(",")
}

fn qualified(random: &mut Random, operator: &str) -> String {
    if operator == "Null" {
        return operator.to_owned();
    }
    let set = random.pick(&["", "", "ForAllValues:", "ForAnyValue:"]);
    let if_exists = random.pick(&["", "", "IfExists"]);
    format!("{set}{operator}{if_exists}")
}

fn one_condition(random: &mut Random, family: Family) -> String {
    let key_family = if random.percent(10) { Family::Text } else { family };
    let key = match key_family.keys() {
        [] => random.pick(words::ALL_KEYS),
        keys => random.pick(keys),
    };
    let key = if random.percent(10) { key.to_uppercase() } else { key.to_owned() };
    let values = random.several(1, 3, |random| policy_value(random, family));
    match &values[..] {
        [one] if random.percent(50) => format!("{{\"{key}\":{one}}}"),
        _ => format!("{{\"{key}\":[{}]}}", values.join(",")),
    }
}

/// A value as JSON.
fn policy_value(random: &mut Random, family: Family) -> String {
    let value = match family {
        Family::Text if random.percent(40) => short_text(random, &["a", "b", "*", "?", "a", "${*}", "${?}"]),
        _ => random.pick(family.policy_values()).to_owned(),
    };
    let is_json = words::JSON_SCALARS.contains(&value.as_str());
    if is_json && random.percent(50) { value } else { quoted(&value) }
}

fn short_text(random: &mut Random, pieces: &[&str]) -> String {
    random.several(0, 4, |random| random.pick(pieces)).concat()
}

// Requests.

fn request(random: &mut Random, caller: &Caller, texts: &Texts) -> (Facts, Option<GrantedTo>) {
    let (actions, resources) = match &texts.resource {
        None => (words::ACTIONS, &["*"][..]),
        Some((Grammar::Key | Grammar::Misplaced, ..)) => (words::ACTIONS, words::RESOURCES),
        Some((Grammar::Role, ..)) => (words::ROLE_ACTIONS, words::ROLE_RESOURCES),
    };
    let facts = Facts {
        action: random.pick(actions).to_owned(),
        resource: random.pick(resources).to_owned(),
        account: account(caller.account),
        who: caller.who.clone(),
        values: values(random),
        bindings: words::bindings(),
    };
    let grant = random.percent(25).then(|| grant(random, caller)).flatten();
    (facts, grant)
}

/// Only forms in which a grant can reach the caller.
fn grant(random: &mut Random, caller: &Caller) -> Option<GrantedTo> {
    let forms: &[&GrantedTo] = match caller.who {
        Who::Root => &[&GrantedTo::Account],
        Who::User { .. } => &[&GrantedTo::Account, &GrantedTo::User],
        Who::RoleSession { .. } => &[&GrantedTo::Account, &GrantedTo::RoleArn, &GrantedTo::RoleSession],
        Who::Service { .. } => &[&GrantedTo::Service],
        Who::WebIdentity { .. } => return None,
    };
    Some(*random.pick(forms))
}

fn values(random: &mut Random) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for family in Family::ALL {
        for key in family.keys() {
            if random.percent(75) {
                let is_many = words::MANY_VALUED.contains(key) != random.percent(8);
                let value = match is_many {
                    true => Value::Many(random.several(0, 3, |random| request_value(random, family))),
                    false => Value::One(request_value(random, family)),
                };
                values.insert(key.to_lowercase(), value);
            }
        }
    }
    values
}

fn request_value(random: &mut Random, family: Family) -> String {
    match family {
        Family::Text if random.percent(50) => short_text(random, &["a", "b", "*", "?", "a"]),
        _ => random.pick(family.request_values()).to_owned(),
    }
}
