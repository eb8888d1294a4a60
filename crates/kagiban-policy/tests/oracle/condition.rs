//! Condition operators (authorization.md, section 8).

use std::cmp::Ordering;

use kagiban_policy::tree::{Comparison, Condition, SetQualifier, Version};

use super::scalar::{address, base64, date, is_within, number, truth_value};
use super::text::{arn_matches, expand, literally, template_matches};
use super::{Facts, Holds, Value};

/// Whether a condition holds.
pub fn condition_holds(condition: &Condition, version: Version, facts: &Facts) -> Holds {
    let value = facts.value(&condition.key);
    if condition.operator.comparison == Comparison::Null {
        return null_holds(condition, value);
    }
    let Some(value) = value else { return absent_holds(condition) };
    let one = |request_value: &String| one_value_holds(condition, request_value, version, facts);
    let request_values = match value {
        Value::One(value) => std::slice::from_ref(value),
        Value::Many(values) => values.as_slice(),
    };
    let results: Vec<Holds> = request_values.iter().map(one).collect();
    match condition.operator.set {
        // Every request value.
        Some(SetQualifier::ForAllValues) => Holds::all(results),
        // Some request value.
        Some(SetQualifier::ForAnyValue) => Holds::any(results),
        // Made for one value. With several, only what all of them say is sure.
        None => match (Holds::all(results.clone()), Holds::any(results)) {
            (least, most) if least == most => least,
            _ => Holds::Perhaps,
        },
    }
}

/// Null true: the key is absent. Null false: it is there.
fn null_holds(condition: &Condition, value: Option<&Value>) -> Holds {
    let wanted = |text: &str| truth_value(text).is_some_and(|wants_absent| wants_absent == value.is_none());
    Holds::from_bool(condition.values.iter().any(|text| wanted(text)))
}

/// The key is absent: IfExists and ForAllValues hold, ForAnyValue does not; of the others, the negated ones hold.
fn absent_holds(condition: &Condition) -> Holds {
    Holds::from_bool(match (condition.operator.if_exists, condition.operator.set) {
        (true, _) | (false, Some(SetQualifier::ForAllValues)) => true,
        (false, Some(SetQualifier::ForAnyValue)) => false,
        (false, None) => positive(condition.operator.comparison).1,
    })
}

/// One request value against all values of the policy: a positive operator holds when one of them matches, a negated
/// one when none does. A comparison that cannot be made is no match, but a negated operator cannot rely on it.
fn one_value_holds(condition: &Condition, request_value: &str, version: Version, facts: &Facts) -> Holds {
    let (comparison, is_negated) = positive(condition.operator.comparison);
    let results: Vec<Option<bool>> =
        condition.values.iter().map(|value| compare(comparison, request_value, value, version, facts)).collect();
    let some_match = results.contains(&Some(true));
    let some_unknown = results.contains(&None);
    match (is_negated, some_match, some_unknown) {
        (false, some_match, _) => Holds::from_bool(some_match),
        (true, true, _) => Holds::No,
        (true, false, true) => Holds::Perhaps,
        (true, false, false) => Holds::Yes,
    }
}

/// The positive operator that an operator is or negates, and whether it negates it.
fn positive(comparison: Comparison) -> (Comparison, bool) {
    match comparison {
        Comparison::ArnNotEquals | Comparison::ArnNotLike => (Comparison::ArnLike, true),
        Comparison::DateNotEquals => (Comparison::DateEquals, true),
        Comparison::NotIpAddress => (Comparison::IpAddress, true),
        Comparison::NumericNotEquals => (Comparison::NumericEquals, true),
        Comparison::StringNotEquals => (Comparison::StringEquals, true),
        Comparison::StringNotEqualsIgnoreCase => (Comparison::StringEqualsIgnoreCase, true),
        Comparison::StringNotLike => (Comparison::StringLike, true),
        other => (other, false),
    }
}

/// Whether a request's value matches a policy's value under a positive operator; `None` if one of them cannot be read.
fn compare(comparison: Comparison, request: &str, policy: &str, version: Version, facts: &Facts) -> Option<bool> {
    use Comparison as C;
    let numbers = || Some(number(request)?.cmp(&number(policy)?));
    let dates = || Some(date(request)?.cmp(&date(policy)?));
    match comparison {
        C::StringEquals => Some(literally(&expand(policy, version, facts)?) == request),
        C::StringEqualsIgnoreCase => Some(lower(&literally(&expand(policy, version, facts)?)) == lower(request)),
        C::StringLike => Some(template_matches(&expand(policy, version, facts)?, request)),
        C::ArnEquals | C::ArnLike => arn_matches(&expand(policy, version, facts)?, request),
        C::Bool => Some(truth_value(request)? == truth_value(policy)?),
        C::BinaryEquals => Some(base64(request)? == base64(policy)?),
        C::IpAddress => is_within(address(request)?, policy),
        C::NumericEquals => numbers().map(Ordering::is_eq),
        C::NumericGreaterThan => numbers().map(Ordering::is_gt),
        C::NumericGreaterThanEquals => numbers().map(Ordering::is_ge),
        C::NumericLessThan => numbers().map(Ordering::is_lt),
        C::NumericLessThanEquals => numbers().map(Ordering::is_le),
        C::DateEquals => dates().map(Ordering::is_eq),
        C::DateGreaterThan => dates().map(Ordering::is_gt),
        C::DateGreaterThanEquals => dates().map(Ordering::is_ge),
        C::DateLessThan => dates().map(Ordering::is_lt),
        C::DateLessThanEquals => dates().map(Ordering::is_le),
        C::Null
        | C::ArnNotEquals
        | C::ArnNotLike
        | C::DateNotEquals
        | C::NotIpAddress
        | C::NumericNotEquals
        | C::StringNotEquals
        | C::StringNotEqualsIgnoreCase
        | C::StringNotLike => unreachable!("not a positive operator"),
    }
}

/// Letter by letter, of any script.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
