//! One value of an event against one entry of a pattern's list.

use serde_json::{Number, Value};

use super::cidr::Cidr;
use super::wildcard::Wildcard;

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) enum Comparison {
    /// Any value that none of these hold for.
    AnythingBut(Vec<Comparison>),
    /// An address in a network.
    Cidr(Cidr),
    /// A value that is this one: a string, a number, true, false or null.
    Equals(Value),
    /// A text in whatever case; kept in lower case.
    EqualsIgnoreCase(String),
    /// Any value.
    Exists,
    /// A number within bounds.
    Numeric(Range),
    /// The beginning of a text.
    Prefix(String),
    /// The beginning in whatever case; kept in lower case.
    PrefixIgnoreCase(String),
    /// The end of a text.
    Suffix(String),
    /// The end in whatever case; kept in lower case.
    SuffixIgnoreCase(String),
    /// A text with asterisks.
    Wildcard(Wildcard),
}

/// Bounds of a number. A bound that counts itself is `true`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Range {
    pub(super) lower: Option<(f64, bool)>,
    pub(super) upper: Option<(f64, bool)>,
}

impl Comparison {
    /// `value` is neither object nor array.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::AnythingBut(excluded) => !excluded.iter().any(|one| one.holds(value)),
            Self::Equals(expected) => is_equal(expected, value),
            Self::Exists => true,
            Self::Numeric(range) => value.as_f64().is_some_and(|number| range.contains(number)),
            _ => value.as_str().is_some_and(|text| self.holds_for(text)),
        }
    }

    /// The same for a value that is a text.
    pub(super) fn holds_for(&self, text: &str) -> bool {
        match self {
            Self::AnythingBut(excluded) => !excluded.iter().any(|one| one.holds_for(text)),
            Self::Cidr(network) => network.contains(text),
            Self::Equals(expected) => expected.as_str() == Some(text),
            Self::EqualsIgnoreCase(expected) => text.to_lowercase() == *expected,
            Self::Exists => true,
            Self::Numeric(_) => false,
            Self::Prefix(beginning) => text.starts_with(beginning.as_str()),
            Self::PrefixIgnoreCase(beginning) => text.to_lowercase().starts_with(beginning.as_str()),
            Self::Suffix(end) => text.ends_with(end.as_str()),
            Self::SuffixIgnoreCase(end) => text.to_lowercase().ends_with(end.as_str()),
            Self::Wildcard(wildcard) => wildcard.matches(text),
        }
    }
}

impl Range {
    fn contains(&self, number: f64) -> bool {
        let above = |(bound, counts): (f64, bool)| number > bound || (counts && number == bound);
        let below = |(bound, counts): (f64, bool)| number < bound || (counts && number == bound);
        self.lower.is_none_or(above) && self.upper.is_none_or(below)
    }
}

fn is_equal(expected: &Value, value: &Value) -> bool {
    match (expected, value) {
        (Value::Number(one), Value::Number(other)) => is_same_number(one, other),
        _ => expected == value,
    }
}

/// Integers are compared as such: beyond 2^53 two of them can be one fraction.
fn is_same_number(one: &Number, other: &Number) -> bool {
    let both_integers = (one.is_i64() || one.is_u64()) && (other.is_i64() || other.is_u64());
    if both_integers { one == other } else { one.as_f64() == other.as_f64() }
}
