//! Policy variables, wildcards and ARNs (authorization.md, section 8).

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use kagiban_policy::tree::Version;
use regex::Regex;

use super::{Facts, Value};

/// A policy's text after its variables have been replaced, character by character.
pub type Template = Vec<(char, Origin)>;

/// Where a character comes from. What a variable's value, a default or `${*}` puts in has no meaning of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    Policy,
    Variable,
}

/// Replaces the variables. `None` when one has no value, has several, or is none. Version 2008-10-17 has no variables.
pub fn expand(text: &str, version: Version, facts: &Facts) -> Option<Template> {
    static VARIABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)\A\$\{ *([*?$]|[A-Za-z0-9-]+:[^,'}]+?) *(?:, *'([^']*)' *)?\}").unwrap());
    let mut template = Template::new();
    let mut rest = text;
    while version == Version::V2012
        && let Some(at) = rest.find("${")
    {
        let parts = VARIABLE.captures(&rest[at..])?;
        let value = variable_value(&parts[1], parts.get(2).map(|default| default.as_str()), facts)?;
        template.extend(rest[..at].chars().map(|c| (c, Origin::Policy)));
        template.extend(value.chars().map(|c| (c, Origin::Variable)));
        rest = &rest[at + parts[0].len()..];
    }
    template.extend(rest.chars().map(|c| (c, Origin::Policy)));
    Some(template)
}

/// `*`, `?` and `$` stand for themselves, a key for its value in the request or, when it is absent, its default. A key
/// that has several values by its nature is no variable.
fn variable_value(key: &str, default: Option<&str>, facts: &Facts) -> Option<String> {
    if ["*", "?", "$"].contains(&key) {
        return default.is_none().then(|| key.to_owned());
    }
    match facts.value(key) {
        None => default.map(str::to_owned),
        Some(Value::One(value)) => Some(value.clone()),
        Some(Value::Many(_)) => None,
    }
}

/// The text with every character as itself.
pub fn literally(template: &[(char, Origin)]) -> String {
    template.iter().map(|(c, _)| c).collect()
}

/// The policy's own `*` stands for any characters, its `?` for one; nothing else stands for anything but itself.
pub fn template_matches(template: &[(char, Origin)], text: &str) -> bool {
    let pattern: String = template
        .iter()
        .map(|(c, origin)| match (c, origin) {
            ('*', Origin::Policy) => ".*".to_owned(),
            ('?', Origin::Policy) => ".".to_owned(),
            _ => regex::escape(c.encode_utf8(&mut [0; 4])),
        })
        .collect();
    regex_matches(&format!(r"(?s)\A{pattern}\z"), text)
}

/// Wildcards in a text without variables.
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    let template: Template = pattern.chars().map(|c| (c, Origin::Policy)).collect();
    template_matches(&template, text)
}

/// The six parts are compared one by one; the last takes the rest. `None` when one side has not six parts, or the
/// request's is no ARN by its first. The colons
/// of the policy's text make the parts; only if these are too few do the colons in values count.
pub fn arn_matches(template: &[(char, Origin)], text: &str) -> Option<bool> {
    let text_parts: Vec<&str> = text.splitn(6, ':').collect();
    let own_colons = template.iter().filter(|(c, origin)| (*c, *origin) == (':', Origin::Policy)).count();
    let is_border = |(c, origin): &(char, Origin)| *c == ':' && (own_colons < 5 || *origin == Origin::Policy);
    let template_parts: Vec<_> = template.splitn(6, is_border).collect();
    if text_parts.len() != 6 || text_parts[0] != "arn" || template_parts.len() != 6 {
        return None;
    }
    Some(template_parts.iter().zip(text_parts).all(|(part, text)| template_matches(part, text)))
}

/// Patterns come again and again in a run; reading them anew would be most of its time.
fn regex_matches(pattern: &str, text: &str) -> bool {
    const KEPT_MAX: usize = 10_000;
    thread_local!(static KEPT: RefCell<HashMap<String, Regex>> = RefCell::default());
    KEPT.with_borrow_mut(|kept| {
        if kept.len() > KEPT_MAX {
            kept.clear();
        }
        if !kept.contains_key(pattern) {
            kept.insert(pattern.to_owned(), Regex::new(pattern).unwrap());
        }
        kept[pattern].is_match(text)
    })
}
