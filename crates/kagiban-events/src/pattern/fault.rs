//! What can be wrong with a pattern.

use std::fmt;

use super::{PATTERN_LEN_MAX, WAYS_MAX};

/// A pattern cannot be taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PatternError {
    /// Names from the outermost object to the place, with dots between them; empty for the pattern as a whole.
    pub path: String,
    /// What is wrong there.
    pub fault: PatternFault,
}

/// What is wrong in one place.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternFault {
    /// `anything-but` with something that it cannot exclude.
    #[error(
        "anything-but takes a string, a number, a list of strings or of numbers, or one of prefix, suffix, \
             equals-ignore-case and wildcard"
    )]
    AnythingBut,
    /// A network that is none.
    #[error("cidr takes a network such as 10.0.0.0/24 or 2001:db8::/32")]
    Cidr,
    /// `{}`
    #[error("an object asks for nothing: leave it out")]
    EmptyObject,
    /// `[]`
    #[error("an empty list matches nothing: list at least one value")]
    EmptyList,
    /// `prefix` or `suffix` of nothing in `anything-but` would match nothing.
    #[error("an empty text begins and ends every value: nothing would match")]
    EmptyText,
    /// `exists` takes true or false.
    #[error("exists takes true or false")]
    Exists,
    /// Two names in an operator's object, or none.
    #[error("a comparison is an object with the name of one operator")]
    OneOperator,
    /// A value in place of a list.
    #[error("values must be in a list: write [{0}]")]
    NoList(&'static str),
    /// The text is no JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// The whole must be an object.
    #[error("a pattern is a JSON object")]
    NotObject,
    /// Something is wrong with a comparison of numbers.
    #[error(
        "numeric takes [\"=\", N], a lower or an upper bound such as [\">\", N] or [\"<=\", N], or a lower one \
             followed by a greater upper one; numbers are between -5.0e9 and 5.0e9"
    )]
    Numeric,
    /// A list in a list.
    #[error("a list of values has no lists in it")]
    NestedList,
    /// The text is too long.
    #[error("a pattern has at most {PATTERN_LEN_MAX} bytes")]
    TooLong,
    /// The alternatives have too many combinations.
    #[error("the alternatives make more than {WAYS_MAX} combinations: split the rule")]
    TooManyWays,
    /// An operator that needs text got something else.
    #[error("{0} takes a string")]
    Text(&'static str),
    /// No such operator.
    #[error(
        "there is no operator `{0}`: use prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr or exists"
    )]
    UnknownOperator(String),
    /// A wildcard pattern that cannot be read.
    #[error(
        "wildcard takes a string in which * stands for any characters, not twice in a row; \\* is an asterisk, \\\\ a backslash"
    )]
    Wildcard,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return self.fault.fmt(f);
        }
        write!(f, "{}: {}", self.path, self.fault)
    }
}

impl std::error::Error for PatternError {}
