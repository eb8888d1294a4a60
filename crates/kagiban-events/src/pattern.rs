//! Event patterns: which events a rule is about.
//!
//! A pattern has the form of the events that it matches. Its leaves are lists of values and of comparisons, of which one must
//! hold; all leaves must hold; `$or` lists alternatives. Source: EventBridge's user guide, event patterns and comparison
//! operators, and the published description of the rule language behind it (Event Ruler).
//!
//! # What the documentation leaves open
//! - An array in an event stands for its elements, arrays in arrays too. What a pattern asks of fields must hold in one
//!   element of each array, not some of it in one and some in another. A field that must not exist must be missing in that
//!   element, or in all elements when nothing else was asked of the array.
//! - An empty array has no values: its field does not exist. Null is a value.
//! - A name with a dot is that name, never a path.
//! - Numbers are compared by value: 300, 300.0 and 3.0e2 are one number, in `anything-but` too.
//! - `anything-but` holds for values of any type that are not what it lists.
//! - `$or` is an alternative where it is followed by two or more objects without the names of operators in them, and else a
//!   field of that name.

mod cidr;
mod compare;
mod fault;
mod parse;
mod prefilter;
mod wildcard;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use self::compare::Comparison;
pub use self::fault::{PatternError, PatternFault};
pub use self::prefilter::{Hint, Hints, Prefilter};

/// Bytes of a pattern's text at most (EventBridge's quota: 2,048 characters, 4,096 on request).
pub const PATTERN_LEN_MAX: usize = 4096;
/// Combinations that the alternatives of a pattern make, at most (EventBridge's limit of `$or`).
pub const WAYS_MAX: usize = 1000;

/// A pattern that has been read.
#[derive(Clone)]
pub struct Pattern {
    /// The combinations of its alternatives: in none of them is there any choice left but of values.
    ways: Vec<Node>,
    text: Box<str>,
}

/// What is asked of one object.
#[derive(Clone, Debug, Default)]
struct Node {
    fields: Vec<(Box<str>, Field)>,
}

/// What is asked of one field.
#[derive(Clone, Debug, Default)]
struct Field {
    /// What must hold of its value, all of it.
    values: Vec<Demand>,
    /// What must hold of the object that it is.
    node: Node,
}

/// What is asked of a value.
#[derive(Clone, Debug)]
enum Demand {
    /// There must be none.
    Absent,
    /// One of these must hold.
    OneOf(Arc<[Comparison]>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`]: what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Ok(Self { ways: parse::ways(text)?, text: text.into() })
    }

    /// Whether an event is one that the pattern is about.
    pub fn matches(&self, event: &Value) -> bool {
        self.ways.iter().any(|way| way.matches(event))
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl Node {
    /// What is no object has no fields.
    fn matches(&self, value: &Value) -> bool {
        self.fields.iter().all(|(name, field)| field.matches(value.get(&**name)))
    }

    /// Whether nothing is asked but that things be missing.
    fn is_absence(&self) -> bool {
        self.fields.iter().all(|(_, field)| field.is_absence())
    }

    fn field(&mut self, name: &str) -> &mut Field {
        let at = self.fields.partition_point(|(other, _)| **other < *name);
        if self.fields.get(at).is_none_or(|(other, _)| **other != *name) {
            self.fields.insert(at, (name.into(), Field::default()));
        }
        #[expect(clippy::indexing_slicing, reason = "the field is there: it was found or has just been inserted")]
        &mut self.fields[at].1
    }

    /// Asks for what the other one asks, too.
    fn and(&mut self, other: &Self) {
        for (name, theirs) in &other.fields {
            let ours = self.field(name);
            ours.values.extend(theirs.values.iter().cloned());
            ours.node.and(&theirs.node);
        }
    }
}

impl Field {
    fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else { return self.is_absence() };
        if self.is_absence() {
            all_parts(value, &|part| self.holds(part))
        } else {
            any_part(value, &|part| self.holds(part))
        }
    }

    /// `part` is no array.
    fn holds(&self, part: &Value) -> bool {
        self.values.iter().all(|demand| demand.holds(part)) && self.node.matches(part)
    }

    fn is_absence(&self) -> bool {
        self.values.iter().all(|demand| matches!(demand, Demand::Absent)) && self.node.is_absence()
    }
}

impl Demand {
    fn holds(&self, part: &Value) -> bool {
        match self {
            Self::Absent => part.is_object(),
            Self::OneOf(comparisons) => !part.is_object() && comparisons.iter().any(|one| one.holds(part)),
        }
    }
}

fn any_part(value: &Value, holds: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| any_part(element, holds)),
        part => holds(part),
    }
}

fn all_parts(value: &Value, holds: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().all(|element| all_parts(element, holds)),
        part => holds(part),
    }
}

#[cfg(test)]
mod tests;
