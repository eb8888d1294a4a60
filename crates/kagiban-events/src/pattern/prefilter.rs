//! What can be told about an event before it is made: most records of a busy journal are no rule's business, and making an
//! event costs far more than looking at a few fields of its record.

use serde_json::Value;

use super::{Demand, Node, Pattern};

/// Where the fields are that are known beforehand, in the order of [`Hints`].
const PATHS: [&[&str]; FIELDS] = [
    &["source"],
    &["detail-type"],
    &["account"],
    &["region"],
    &["detail", "eventSource"],
    &["detail", "eventName"],
    &["detail", "errorCode"],
    &["detail", "errorMessage"],
    &["detail", "sourceIPAddress"],
];
const FIELDS: usize = 9;

/// A field of an event that is to be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hint<'a> {
    /// It will not be there.
    Absent,
    /// It will be this text.
    Text(&'a str),
    /// Nothing can be told.
    Unknown,
}

/// What is known of an event beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Hints<'a>(pub(crate) [Hint<'a>; FIELDS]);

impl<'a> Hints<'a> {
    /// What could have been told of an event that is there, for those who hold [`Prefilter::may_match`] against [`Pattern::matches`].
    pub fn of(event: &'a Value) -> Self {
        Self(PATHS.map(|path| hint_at(event, path)))
    }
}

fn hint_at<'a>(value: &'a Value, path: &[&str]) -> Hint<'a> {
    match (value, path.split_first()) {
        (Value::Object(members), Some((name, rest))) => {
            members.get(*name).map_or(Hint::Absent, |member| hint_at(member, rest))
        }
        (Value::String(text), None) => Hint::Text(text),
        _ => Hint::Unknown,
    }
}

/// The part of a pattern that [`Hints`] can tell about.
#[derive(Clone, Debug)]
pub struct Prefilter {
    ways: Vec<Vec<(usize, Demand)>>,
}

impl Prefilter {
    /// The part of this pattern.
    pub fn of(pattern: &Pattern) -> Self {
        Self { ways: pattern.ways.iter().map(known_demands).collect() }
    }

    /// Whether the pattern may match the event. `false` is certain.
    pub fn may_match(&self, hints: &Hints<'_>) -> bool {
        let holds = |(field, demand): &(usize, Demand)| hints.0.get(*field).is_none_or(|hint| may_hold(demand, *hint));
        self.ways.iter().any(|way| way.iter().all(holds))
    }
}

fn known_demands(way: &Node) -> Vec<(usize, Demand)> {
    let of_field = |(field, path): (usize, &&[&str])| {
        let demands = demands_at(way, path).unwrap_or_default().iter().cloned();
        demands.map(move |demand| (field, demand)).collect::<Vec<_>>()
    };
    PATHS.iter().enumerate().flat_map(of_field).collect()
}

fn demands_at<'a>(node: &'a Node, path: &[&str]) -> Option<&'a [Demand]> {
    let (name, rest) = path.split_first()?;
    let (_, field) = node.fields.iter().find(|(other, _)| &**other == *name)?;
    if rest.is_empty() { Some(&field.values) } else { demands_at(&field.node, rest) }
}

fn may_hold(demand: &Demand, hint: Hint<'_>) -> bool {
    match (demand, hint) {
        (_, Hint::Unknown) | (Demand::Absent, Hint::Absent) => true,
        (Demand::OneOf(comparisons), Hint::Text(text)) => comparisons.iter().any(|one| one.holds_for(text)),
        (Demand::OneOf(_), Hint::Absent) | (Demand::Absent, Hint::Text(_)) => false,
    }
}
