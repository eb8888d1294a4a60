//! From the text of a pattern to the combinations of its alternatives.

use serde_json::{Map, Value};

use super::cidr::Cidr;
use super::compare::{Comparison, Range};
use super::fault::{PatternError, PatternFault};
use super::wildcard::Wildcard;
use super::{Demand, Node, PATTERN_LEN_MAX, WAYS_MAX};
use crate::json;

/// Names that make an object of `$or` a comparison.
const OPERATORS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];
/// What numbers are compared with lies between this and its negative.
const NUMBER_MAX: f64 = 5.0e9;

/// The combinations of a pattern's alternatives.
pub(super) fn ways(text: &str) -> Result<Vec<Node>, PatternError> {
    let whole = |fault| PatternError { path: String::new(), fault };
    if text.len() > PATTERN_LEN_MAX {
        return Err(whole(PatternFault::TooLong));
    }
    let value = json::parse(text).map_err(|error| whole(PatternFault::NotJson(error.to_string())))?;
    let Value::Object(pattern) = value else { return Err(whole(PatternFault::NotObject)) };
    object(&pattern, &mut Path::default())
}

/// Names on the way to a place.
#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn fault(&self, fault: PatternFault) -> PatternError {
        PatternError { path: self.0.join("."), fault }
    }

    fn within<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(name.to_owned());
        let done = work(self);
        self.0.pop();
        done
    }
}

fn object(pattern: &Map<String, Value>, path: &mut Path) -> Result<Vec<Node>, PatternError> {
    if pattern.is_empty() {
        return Err(path.fault(PatternFault::EmptyObject));
    }
    let mut all = vec![Node::default()];
    for (name, value) in pattern {
        let ways = path.within(name, |path| match alternatives(name, value) {
            Some(alternatives) => either(&alternatives, path),
            None => field(name, value, path),
        })?;
        all = combined(&all, &ways, path)?;
    }
    Ok(all)
}

/// The alternatives of `$or`, if that is what it is here.
fn alternatives<'a>(name: &str, value: &'a Value) -> Option<Vec<&'a Map<String, Value>>> {
    let list = value.as_array().filter(|list| name == "$or" && list.len() >= 2)?;
    let objects: Vec<_> = list.iter().map(Value::as_object).collect::<Option<_>>()?;
    let is_comparison = |object: &&Map<String, Value>| OPERATORS.iter().any(|operator| object.contains_key(*operator));
    (!objects.iter().any(is_comparison)).then_some(objects)
}

fn either(alternatives: &[&Map<String, Value>], path: &mut Path) -> Result<Vec<Node>, PatternError> {
    let mut all = Vec::new();
    for alternative in alternatives {
        all.extend(object(alternative, path)?);
        if all.len() > WAYS_MAX {
            return Err(path.fault(PatternFault::TooManyWays));
        }
    }
    Ok(all)
}

fn combined(ours: &[Node], theirs: &[Node], path: &Path) -> Result<Vec<Node>, PatternError> {
    if ours.len().saturating_mul(theirs.len()) > WAYS_MAX {
        return Err(path.fault(PatternFault::TooManyWays));
    }
    let both = |one: &Node, other: &Node| {
        let mut both = one.clone();
        both.and(other);
        both
    };
    Ok(ours.iter().flat_map(|one| theirs.iter().map(move |other| both(one, other))).collect())
}

fn field(name: &str, value: &Value, path: &mut Path) -> Result<Vec<Node>, PatternError> {
    let holding = |fill: &dyn Fn(&mut super::Field)| {
        let mut node = Node::default();
        fill(node.field(name));
        node
    };
    match value {
        Value::Object(nested) => {
            let ways = object(nested, path)?;
            Ok(ways.iter().map(|way| holding(&|field| field.node = way.clone())).collect())
        }
        Value::Array(list) => {
            let demands = demands(list, path)?;
            Ok(demands.iter().map(|demand| holding(&|field| field.values.push(demand.clone()))).collect())
        }
        Value::String(_) => Err(path.fault(PatternFault::NoList("\"...\""))),
        Value::Number(_) => Err(path.fault(PatternFault::NoList("5"))),
        Value::Bool(_) | Value::Null => Err(path.fault(PatternFault::NoList("true"))),
    }
}

/// One or two: that a field is missing is a case of its own.
fn demands(list: &[Value], path: &Path) -> Result<Vec<Demand>, PatternError> {
    let read = list.iter().map(|entry| entry_of(entry).map_err(|fault| path.fault(fault)));
    let entries: Vec<Option<Comparison>> = read.collect::<Result<_, _>>()?;
    let absent = entries.iter().any(Option::is_none).then_some(Demand::Absent);
    let values: Vec<Comparison> = entries.into_iter().flatten().collect();
    let present = (!values.is_empty()).then(|| Demand::OneOf(values.into()));
    let demands: Vec<Demand> = present.into_iter().chain(absent).collect();
    if demands.is_empty() { Err(path.fault(PatternFault::EmptyList)) } else { Ok(demands) }
}

/// `None` where the field must be missing.
fn entry_of(entry: &Value) -> Result<Option<Comparison>, PatternFault> {
    match entry {
        Value::Array(_) => Err(PatternFault::NestedList),
        Value::Object(comparison) => match only(comparison)? {
            ("exists", Value::Bool(false)) => Ok(None),
            (operator, operand) => comparison_of(operator, operand).map(Some),
        },
        value => Ok(Some(Comparison::Equals(value.clone()))),
    }
}

fn only(object: &Map<String, Value>) -> Result<(&str, &Value), PatternFault> {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(PatternFault::OneOperator),
    }
}

fn comparison_of(operator: &str, operand: &Value) -> Result<Comparison, PatternFault> {
    match operator {
        "anything-but" => anything_but(operand).map(Comparison::AnythingBut),
        "cidr" => {
            let network = operand.as_str().and_then(Cidr::parse);
            network.map(Comparison::Cidr).ok_or(PatternFault::Cidr)
        }
        "equals-ignore-case" => Ok(Comparison::EqualsIgnoreCase(text("equals-ignore-case", operand)?.to_lowercase())),
        "exists" => {
            if operand == &Value::Bool(true) {
                Ok(Comparison::Exists)
            } else {
                Err(PatternFault::Exists)
            }
        }
        "numeric" => range(operand).map(Comparison::Numeric).ok_or(PatternFault::Numeric),
        "prefix" => affix("prefix", operand, Comparison::Prefix, Comparison::PrefixIgnoreCase),
        "suffix" => affix("suffix", operand, Comparison::Suffix, Comparison::SuffixIgnoreCase),
        "wildcard" => wildcard(operand),
        unknown => Err(PatternFault::UnknownOperator(shortened(unknown))),
    }
}

fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

fn text<'a>(operator: &'static str, operand: &'a Value) -> Result<&'a str, PatternFault> {
    operand.as_str().ok_or(PatternFault::Text(operator))
}

fn wildcard(operand: &Value) -> Result<Comparison, PatternFault> {
    let wildcard = operand.as_str().and_then(Wildcard::parse);
    wildcard.map(Comparison::Wildcard).ok_or(PatternFault::Wildcard)
}

/// A text, or `{"equals-ignore-case": TEXT}`.
fn affix(
    operator: &'static str,
    operand: &Value,
    exact: impl FnOnce(String) -> Comparison,
    ignoring_case: impl FnOnce(String) -> Comparison,
) -> Result<Comparison, PatternFault> {
    let Value::Object(inner) = operand else { return text(operator, operand).map(|text| exact(text.to_owned())) };
    match only(inner)? {
        ("equals-ignore-case", operand) => text("equals-ignore-case", operand).map(|t| ignoring_case(t.to_lowercase())),
        (unknown, _) => Err(PatternFault::UnknownOperator(shortened(unknown))),
    }
}

fn anything_but(operand: &Value) -> Result<Vec<Comparison>, PatternFault> {
    match operand {
        Value::Object(comparison) => match only(comparison)? {
            (operator @ ("prefix" | "suffix" | "equals-ignore-case" | "wildcard"), operands) => {
                each(operands, &|one| excluded(operator, one))
            }
            _ => Err(PatternFault::AnythingBut),
        },
        Value::Array(list) if !list.iter().all(Value::is_string) && !list.iter().all(Value::is_number) => {
            Err(PatternFault::AnythingBut)
        }
        operands => each(operands, &|one| match one {
            Value::String(_) | Value::Number(_) => Ok(Comparison::Equals(one.clone())),
            _ => Err(PatternFault::AnythingBut),
        }),
    }
}

fn excluded(operator: &str, operand: &Value) -> Result<Comparison, PatternFault> {
    match operand.as_str() {
        Some("") if matches!(operator, "prefix" | "suffix") => Err(PatternFault::EmptyText),
        Some(_) => comparison_of(operator, operand),
        None => Err(PatternFault::AnythingBut),
    }
}

/// What is made of one operand, or of a list of them.
fn each(
    operands: &Value,
    make: &dyn Fn(&Value) -> Result<Comparison, PatternFault>,
) -> Result<Vec<Comparison>, PatternFault> {
    match operands {
        Value::Array(list) if list.is_empty() => Err(PatternFault::EmptyList),
        Value::Array(list) => list.iter().map(make).collect(),
        one => make(one).map(|made| vec![made]),
    }
}

/// `[">", 0, "<=", 5]`
fn range(operand: &Value) -> Option<Range> {
    let number = |value: &Value| value.as_f64().filter(|number| number.abs() <= NUMBER_MAX);
    match &operand.as_array()?[..] {
        [operator, bound] => bounded(operator.as_str()?, number(bound)?),
        [lower, least, upper, most] => {
            let (low, high) = (bounded(lower.as_str()?, number(least)?)?, bounded(upper.as_str()?, number(most)?)?);
            let (None, None) = (low.upper, high.lower) else { return None };
            let both = Range { lower: low.lower, upper: high.upper };
            (both.lower?.0 < both.upper?.0).then_some(both)
        }
        _ => None,
    }
}

fn bounded(operator: &str, bound: f64) -> Option<Range> {
    let (with, without) = (Some((bound, true)), Some((bound, false)));
    Some(match operator {
        "=" => Range { lower: with, upper: with },
        "<" => Range { lower: None, upper: without },
        "<=" => Range { lower: None, upper: with },
        ">" => Range { lower: without, upper: None },
        ">=" => Range { lower: with, upper: None },
        _ => return None,
    })
}
