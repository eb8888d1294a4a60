//! Any policies and any request: the engine against the oracle of its differential test.
//!
//! Property: nothing panics; the engine decides what the slow, obvious evaluator in `crates/kagiban-policy/tests/oracle`
//! permits; explaining decides the same.
//!
//! Input, line by line: who asks and by what grant (three letters), then the policies of key, identity, boundary and
//! session, of which the last three may be empty, then action and resource, then condition keys as `KEY=VALUE` or, for a
//! key of several values, `KEY+VALUE` each.
#![no_main]

#[path = "../../crates/kagiban-policy/tests/oracle/mod.rs"]
mod oracle;

use std::collections::BTreeMap;

use kagiban_policy::GrantedTo;
use libfuzzer_sys::fuzz_target;
use oracle::case::{Engine, Grammar, Texts, account, agree};
use oracle::{Facts, Value, Who};

const OWNER: &str = "111122223333";
const FOREIGN: &str = "444455556666";
const USER: &str = "AIDAALICEALICEALICE1";
const ROLE: &str = "AROARRRRRRRRRRRRRRR1";

fn who(letter: Option<char>) -> Who {
    match letter {
        Some('u') => Who::User { unique_id: USER.to_owned() },
        Some('s') => Who::RoleSession { role_id: ROLE.to_owned(), session_name: "s".to_owned() },
        Some('v') => Who::Service { name: "s3.amazonaws.com".to_owned() },
        _ => Who::Root,
    }
}

/// Only a form in which a grant can reach the caller.
fn grant(who: &Who, letter: Option<char>) -> Option<GrantedTo> {
    match (who, letter) {
        (Who::Root | Who::User { .. } | Who::RoleSession { .. }, Some('a')) => Some(GrantedTo::Account),
        (Who::User { .. }, Some('d')) => Some(GrantedTo::User),
        (Who::RoleSession { .. }, Some('d')) => Some(GrantedTo::RoleSession),
        (Who::RoleSession { .. }, Some('r')) => Some(GrantedTo::RoleArn),
        (Who::Service { .. }, Some('d')) => Some(GrantedTo::Service),
        _ => None,
    }
}

fn bindings() -> BTreeMap<String, String> {
    let names = |number: &str| {
        [
            (format!("arn:aws:iam::{number}:user/alice"), USER.to_owned()),
            (format!("arn:aws:iam::{number}:role/r"), ROLE.to_owned()),
            (format!("arn:aws:sts::{number}:assumed-role/r/s"), ROLE.to_owned()),
        ]
    };
    names(OWNER).into_iter().chain(names(FOREIGN)).collect()
}

fn values<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for line in lines.take(20) {
        let Some(at) = line.find(['=', '+']) else { continue };
        let (key, value) = (line[..at].to_ascii_lowercase(), line[at + 1..].to_owned());
        if line[at..].starts_with('=') {
            values.insert(key, Value::One(value));
        } else if let Value::Many(list) = values.entry(key).or_insert_with(|| Value::Many(Vec::new())) {
            list.push(value);
        }
    }
    values
}

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut letters = lines.next().unwrap_or_default().chars();
    let who = who(letters.next());
    let of = if letters.next() == Some('f') { FOREIGN } else { OWNER };
    let grant = grant(&who, letters.next());
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let key = next();
    // Whoever has no identity policies comes without any.
    let is_identity = matches!(who, Who::User { .. } | Who::RoleSession { .. });
    let [identity, boundary, session] =
        [next(), next(), next()].map(|text| Some(text).filter(|text| is_identity && !text.is_empty()));
    let texts = Texts {
        resource: Some((Grammar::Key, OWNER, vec![key])),
        identity: identity.into_iter().collect(),
        boundary,
        session: session.into_iter().collect(),
    };
    let (action, resource) = (next(), next());
    let facts = Facts { action, resource, account: account(of), who, values: values(lines), bindings: bindings() };
    let Ok(rules) = texts.parse(grant) else { return };
    let answer = oracle::decide(&facts, &rules);
    let (decision, asked) = Engine::compile(&rules, &facts).decide(&facts, grant);
    assert!(agree(&answer, &decision, asked), "{texts}{facts:?}\noracle: {answer:?}\nengine: {decision:?}");
});
