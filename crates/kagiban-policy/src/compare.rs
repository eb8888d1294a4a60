//! One condition of a statement, compiled: does it hold for the values of a request?
//!
//! A negated operator holds when no value of the policy fits. When it cannot be known whether one fits (the request's
//! value is no number, a variable has no value), the condition holds for a Deny and not for an Allow.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::request::{ConditionKey, ConditionValue, ConditionValues};
use crate::scalar::{self, Date, Network, Number};
use crate::template::{ArnPattern, Fit, Syntax, Template};
use crate::tree::{Comparison, Condition, Effect, Operator, SetQualifier};

/// A condition ready to be held against requests.
#[derive(Debug)]
pub(crate) struct CompiledCondition {
    pub(crate) key: ConditionKey,
    pub(crate) operator: Operator,
    /// The policy's values as written, for explanations.
    pub(crate) source: Box<[Box<str>]>,
    is_negated: bool,
    test: Test,
}

/// What one value of the request is held against.
#[derive(Debug)]
enum Test {
    Arn(Box<[ArnPattern]>),
    Bool(Box<[bool]>),
    Bytes(Box<[Vec<u8>]>),
    Date(fn(Ordering) -> bool, Box<[Date]>),
    Network(Box<[Network]>),
    Null(Box<[bool]>),
    Number(fn(Ordering) -> bool, Box<[Number]>),
    Text(Box<[Template]>),
    TextAnyCase(Box<[Template]>),
    /// A value that the parser would not have let in.
    Unreadable,
}

impl CompiledCondition {
    /// With `variables`, `${...}` in texts and ARNs is one.
    pub(crate) fn new(condition: &Condition, variables: bool) -> Self {
        Self {
            key: ConditionKey::new(&condition.key),
            operator: condition.operator,
            source: condition.values.clone().into(),
            is_negated: is_negated(condition.operator.comparison),
            test: Test::new(condition.operator.comparison, &condition.values, variables).unwrap_or(Test::Unreadable),
        }
    }

    /// Whether the condition holds in a statement of this effect.
    pub(crate) fn holds(&self, values: &dyn ConditionValues, effect: Effect) -> bool {
        let given = values.value(&self.key);
        let given = match &given {
            ConditionValue::Absent => &[][..],
            ConditionValue::One(value) => std::slice::from_ref(value),
            ConditionValue::Many(list) => list,
        };
        match &self.test {
            Test::Unreadable => effect == Effect::Deny,
            Test::Null(wanted) => wanted.contains(&given.is_empty()),
            _ if given.is_empty() => self.holds_when_absent(),
            _ => self.holds_for(given, values, effect),
        }
    }

    fn holds_when_absent(&self) -> bool {
        self.operator.if_exists
            || match self.operator.set {
                Some(SetQualifier::ForAllValues) => true,
                Some(SetQualifier::ForAnyValue) => false,
                None => self.is_negated,
            }
    }

    /// Without a qualifier a key with several values is no clear case: an Allow then needs all of them to hold, and for a
    /// Deny one is enough.
    fn holds_for(&self, given: &[Cow<'_, str>], values: &dyn ConditionValues, effect: Effect) -> bool {
        let one_holds = |value: &Cow<'_, str>| match self.test.fit(value, values) {
            Fit::Yes => !self.is_negated,
            Fit::No => self.is_negated,
            Fit::Unknown => self.is_negated && effect == Effect::Deny,
        };
        let needs_all = match self.operator.set {
            Some(SetQualifier::ForAllValues) => true,
            Some(SetQualifier::ForAnyValue) => false,
            None => effect == Effect::Allow,
        };
        if needs_all { given.iter().all(one_holds) } else { given.iter().any(one_holds) }
    }
}

fn is_negated(comparison: Comparison) -> bool {
    match comparison {
        Comparison::ArnNotEquals
        | Comparison::ArnNotLike
        | Comparison::DateNotEquals
        | Comparison::NotIpAddress
        | Comparison::NumericNotEquals
        | Comparison::StringNotEquals
        | Comparison::StringNotEqualsIgnoreCase
        | Comparison::StringNotLike => true,
        Comparison::ArnEquals
        | Comparison::ArnLike
        | Comparison::BinaryEquals
        | Comparison::Bool
        | Comparison::DateEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::IpAddress
        | Comparison::Null
        | Comparison::NumericEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike => false,
    }
}

impl Test {
    /// `None` when a value cannot be read.
    fn new(comparison: Comparison, list: &[Box<str>], variables: bool) -> Option<Self> {
        let templates = |wildcards| {
            let syntax = Syntax { variables, wildcards };
            list.iter().map(|text| Template::new(text, syntax)).collect()
        };
        let test = match comparison {
            Comparison::ArnEquals | Comparison::ArnLike | Comparison::ArnNotEquals | Comparison::ArnNotLike => {
                Self::Arn(list.iter().map(|text| ArnPattern::new(text, variables)).collect())
            }
            Comparison::BinaryEquals => Self::Bytes(read(list, scalar::base64)?),
            Comparison::Bool => Self::Bool(read(list, scalar::bool)?),
            Comparison::Null => Self::Null(read(list, scalar::bool)?),
            Comparison::DateEquals | Comparison::DateNotEquals => Self::dates(Ordering::is_eq, list)?,
            Comparison::DateGreaterThan => Self::dates(Ordering::is_gt, list)?,
            Comparison::DateGreaterThanEquals => Self::dates(Ordering::is_ge, list)?,
            Comparison::DateLessThan => Self::dates(Ordering::is_lt, list)?,
            Comparison::DateLessThanEquals => Self::dates(Ordering::is_le, list)?,
            Comparison::IpAddress | Comparison::NotIpAddress => Self::Network(read(list, Network::parse)?),
            Comparison::NumericEquals | Comparison::NumericNotEquals => Self::numbers(Ordering::is_eq, list)?,
            Comparison::NumericGreaterThan => Self::numbers(Ordering::is_gt, list)?,
            Comparison::NumericGreaterThanEquals => Self::numbers(Ordering::is_ge, list)?,
            Comparison::NumericLessThan => Self::numbers(Ordering::is_lt, list)?,
            Comparison::NumericLessThanEquals => Self::numbers(Ordering::is_le, list)?,
            Comparison::StringEquals | Comparison::StringNotEquals => Self::Text(templates(false)),
            Comparison::StringEqualsIgnoreCase | Comparison::StringNotEqualsIgnoreCase => {
                Self::TextAnyCase(templates(false))
            }
            Comparison::StringLike | Comparison::StringNotLike => Self::Text(templates(true)),
        };
        Some(test)
    }

    fn dates(wanted: fn(Ordering) -> bool, list: &[Box<str>]) -> Option<Self> {
        Some(Self::Date(wanted, read(list, Date::parse)?))
    }

    fn numbers(wanted: fn(Ordering) -> bool, list: &[Box<str>]) -> Option<Self> {
        Some(Self::Number(wanted, read(list, Number::parse)?))
    }

    /// Whether one of the policy's values fits this one of the request.
    fn fit(&self, given: &str, values: &dyn ConditionValues) -> Fit {
        match self {
            Self::Arn(list) => Fit::any(list.iter().map(|pattern| pattern.fit(given, values))),
            Self::Bool(list) => fit(scalar::bool(given), list, |given, wanted| given == wanted),
            Self::Bytes(list) => fit(scalar::base64(given), list, |given, wanted| given == wanted),
            Self::Date(wanted, list) => fit(Date::parse(given), list, |given, limit| wanted(given.cmp(limit))),
            Self::Network(list) => fit(scalar::address(given), list, |given, network| network.contains(*given)),
            Self::Number(wanted, list) => fit(Number::parse(given), list, |given, limit| wanted(given.cmp(limit))),
            Self::Text(list) => Fit::any(list.iter().map(|template| template.fit(given, values))),
            Self::TextAnyCase(list) => Fit::any(list.iter().map(|template| template.fit_any_case(given, values))),
            Self::Null(_) | Self::Unreadable => Fit::Unknown,
        }
    }
}

fn read<T>(list: &[Box<str>], read_one: impl Fn(&str) -> Option<T>) -> Option<Box<[T]>> {
    list.iter().map(|text| read_one(text)).collect()
}

fn fit<G, P>(given: Option<G>, list: &[P], fits: impl Fn(&G, &P) -> bool) -> Fit {
    given.map_or(Fit::Unknown, |given| Fit::known(list.iter().any(|wanted| fits(&given, wanted))))
}
