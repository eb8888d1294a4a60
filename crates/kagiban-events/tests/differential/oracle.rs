//! A slow, obvious second evaluator of event patterns, written from the published definition: fields of an event with the
//! elements of arrays that they lie in; a match picks fields none of which lie in different elements of one array.
//!
//! It shares nothing with the first one but the library that reads JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The elements that a field lies in: the place of each array, and the number of the element.
type Membership = BTreeMap<String, usize>;

/// A value of an event that is neither object nor array.
struct Leaf<'a> {
    path: Vec<String>,
    value: &'a Value,
    membership: Membership,
}

/// What is asked of the values at a path: one of these entries.
#[derive(Clone)]
struct Demand {
    path: Vec<String>,
    entries: Vec<Value>,
}

/// Whether the pattern matches the event. The pattern is one that can be read.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let mut leaves = Vec::new();
    flatten(event, &mut Vec::new(), "", &Membership::new(), &mut leaves);
    conjunctions(pattern.as_object().unwrap(), &[]).iter().any(|demands| {
        let (absent, present): (Vec<_>, Vec<_>) = demands.iter().partition(|demand| demand.entries.is_empty());
        can_pick(&present, &absent, &leaves, &Membership::new())
    })
}

fn flatten<'a>(value: &'a Value, path: &mut Vec<String>, place: &str, within: &Membership, out: &mut Vec<Leaf<'a>>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                flatten(member, path, &format!("{place}/{name:?}"), within, out);
                path.pop();
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                let mut within = within.clone();
                within.insert(place.to_owned(), at);
                flatten(element, path, &format!("{place}/{at}"), &within, out);
            }
        }
        value => out.push(Leaf { path: path.clone(), value, membership: within.clone() }),
    }
}

/// All ways to choose one alternative of each `$or`, and presence or absence where a list leaves that open.
fn conjunctions(pattern: &Map<String, Value>, path: &[String]) -> Vec<Vec<Demand>> {
    let mut all = vec![Vec::new()];
    for (name, value) in pattern {
        let deeper: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
        let choices: Vec<Vec<Demand>> = match value {
            Value::Array(list) if name == "$or" && is_alternatives(list) => {
                list.iter().flat_map(|one| conjunctions(one.as_object().unwrap(), path)).collect()
            }
            Value::Object(nested) => conjunctions(nested, &deeper),
            Value::Array(list) => {
                let absence = serde_json::json!({ "exists": false });
                let entries: Vec<Value> = list.iter().filter(|entry| **entry != absence).cloned().collect();
                let mut choices = Vec::new();
                if entries.len() < list.len() {
                    choices.push(vec![Demand { path: deeper.clone(), entries: Vec::new() }]);
                }
                if !entries.is_empty() {
                    choices.push(vec![Demand { path: deeper, entries }]);
                }
                choices
            }
            _ => panic!("no pattern"),
        };
        all = all.iter().flat_map(|one| choices.iter().map(move |choice| [&one[..], &choice[..]].concat())).collect();
    }
    all
}

fn is_alternatives(list: &[Value]) -> bool {
    const OPERATORS: [&str; 8] =
        ["prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists"];
    let is_plain =
        |entry: &Value| entry.as_object().is_some_and(|o| !OPERATORS.iter().any(|name| o.contains_key(*name)));
    list.len() >= 2 && list.iter().all(is_plain)
}

fn can_pick(present: &[&Demand], absent: &[&Demand], leaves: &[Leaf<'_>], picked: &Membership) -> bool {
    let Some((first, rest)) = present.split_first() else {
        return absent.iter().all(|demand| {
            !leaves.iter().any(|leaf| leaf.path == demand.path && together(&leaf.membership, picked).is_some())
        });
    };
    leaves.iter().filter(|leaf| leaf.path == first.path).any(|leaf| {
        together(&leaf.membership, picked).is_some_and(|picked| {
            first.entries.iter().any(|entry| holds(entry, leaf.value)) && can_pick(rest, absent, leaves, &picked)
        })
    })
}

fn together(one: &Membership, other: &Membership) -> Option<Membership> {
    let agree = one.iter().all(|(array, at)| other.get(array).is_none_or(|theirs| theirs == at));
    agree.then(|| one.iter().chain(other).map(|(array, at)| (array.clone(), *at)).collect())
}

fn holds(entry: &Value, value: &Value) -> bool {
    let Value::Object(comparison) = entry else { return is_same(entry, value) };
    let (operator, operand) = comparison.iter().next().unwrap();
    let text = value.as_str();
    match operator.as_str() {
        "exists" => true,
        "prefix" => affix(operand, text, |text, part| text.get(..part.len()) == Some(part)),
        "suffix" => affix(operand, text, |text, part| {
            text.len() >= part.len() && text.get(text.len() - part.len()..) == Some(part)
        }),
        "equals-ignore-case" => {
            text.is_some_and(|text| text.to_lowercase() == operand.as_str().unwrap().to_lowercase())
        }
        "wildcard" => {
            text.is_some_and(|text| is_like(&units(operand.as_str().unwrap()), &text.chars().collect::<Vec<_>>()))
        }
        "numeric" => value.as_f64().is_some_and(|number| {
            operand.as_array().unwrap().chunks(2).all(|bound| {
                let (operator, limit) = (bound[0].as_str().unwrap(), bound[1].as_f64().unwrap());
                match operator {
                    "=" => number == limit,
                    "<" => number < limit,
                    "<=" => number <= limit,
                    ">" => number > limit,
                    _ => number >= limit,
                }
            })
        }),
        "cidr" => text
            .and_then(|text| text.parse().ok())
            .is_some_and(|address| in_network(operand.as_str().unwrap(), address)),
        _ => !listed(operand).iter().any(|excluded| holds(excluded, value)),
    }
}

/// What `anything-but` lists, as entries of their own.
fn listed(operand: &Value) -> Vec<Value> {
    match operand {
        Value::Array(list) => list.clone(),
        Value::Object(comparison) => {
            let (operator, inner) = comparison.iter().next().unwrap();
            listed(inner).into_iter().map(|one| serde_json::json!({ operator: one })).collect()
        }
        one => vec![one.clone()],
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    if let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) {
        return one == other;
    }
    one == other
}

fn affix(operand: &Value, text: Option<&str>, has: impl Fn(&str, &str) -> bool) -> bool {
    let Some(text) = text else { return false };
    match operand {
        Value::Object(inner) => {
            has(&text.to_lowercase(), &inner["equals-ignore-case"].as_str().unwrap().to_lowercase())
        }
        operand => has(text, operand.as_str().unwrap()),
    }
}

/// Characters, and `None` for an asterisk that stands for any.
fn units(text: &str) -> Vec<Option<char>> {
    let (mut units, mut characters) = (Vec::new(), text.chars());
    while let Some(character) = characters.next() {
        units.push(match character {
            '*' => None,
            '\\' => characters.next(),
            other => Some(other),
        });
    }
    units
}

fn is_like(units: &[Option<char>], text: &[char]) -> bool {
    match units.split_first() {
        None => text.is_empty(),
        Some((None, rest)) => (0..=text.len()).any(|skipped| is_like(rest, &text[skipped..])),
        Some((Some(character), rest)) => text.first() == Some(character) && is_like(rest, &text[1..]),
    }
}

fn in_network(network: &str, address: std::net::IpAddr) -> bool {
    let bits = |address: std::net::IpAddr| -> Vec<bool> {
        let bytes = match address {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        };
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect()
    };
    let (base, length) = network.split_once('/').unwrap();
    let (base, address, length) = (bits(base.parse().unwrap()), bits(address), length.parse::<usize>().unwrap());
    base.len() == address.len() && base[..length] == address[..length]
}
