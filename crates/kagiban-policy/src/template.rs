//! Patterns with variables, `${key}` and `${key, 'default'}`, and ARN patterns, which compare part by part.
//!
//! What a variable stands for is text and never a wildcard, and is not searched for variables again.

use std::borrow::Cow;

use crate::condition;
use crate::glob::{self, Pattern, Token};
use crate::request::{ConditionKey, ConditionValue, ConditionValues};

/// What the comparison of one value of the request with one or more of a policy gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    Yes,
    No,
    /// One of the two cannot be read. A positive operator does not hold then; what a negated one does depends on the
    /// statement's effect.
    Unknown,
}

impl Fit {
    pub(crate) fn known(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }

    /// `Yes` if one is, else `Unknown` if one is.
    pub(crate) fn any(fits: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for fit in fits {
            match fit {
                Self::Yes => return Self::Yes,
                Self::Unknown => any = Self::Unknown,
                Self::No => {}
            }
        }
        any
    }
}

/// How a text is to be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Syntax {
    /// `${...}` is a variable.
    pub(crate) variables: bool,
    /// `*` and `?` are wildcards.
    pub(crate) wildcards: bool,
}

/// A pattern in which variables may stand.
#[derive(Debug)]
pub(crate) enum Template {
    /// Without variables.
    Fixed(Pattern),
    /// With some.
    Variable(Box<[Part]>),
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Token(Token),
    Variable {
        key: ConditionKey,
        default: Option<Box<str>>,
    },
    /// `${` that begins no variable; nothing fits it.
    Unreadable,
}

impl Template {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        Self::from_parts(parts(text, syntax))
    }

    fn from_parts(parts: Vec<Part>) -> Self {
        let tokens: Option<Vec<Token>> = parts
            .iter()
            .map(|part| match part {
                Part::Token(token) => Some(token.clone()),
                Part::Variable { .. } | Part::Unreadable => None,
            })
            .collect();
        match tokens {
            Some(tokens) => Self::Fixed(Pattern::from_tokens(tokens)),
            None => Self::Variable(parts.into()),
        }
    }

    /// The pattern with its variables replaced, for texts of at most `len_max` bytes; else how every such text fits.
    fn pattern(&self, values: &dyn ConditionValues, len_max: usize) -> Result<Cow<'_, Pattern>, Fit> {
        match self {
            Self::Fixed(pattern) => Ok(Cow::Borrowed(pattern)),
            Self::Variable(parts) => {
                resolve(parts, values, len_max).map(|tokens| Cow::Owned(Pattern::from_tokens(tokens)))
            }
        }
    }

    /// Whether the text fits.
    pub(crate) fn fit(&self, text: &str, values: &dyn ConditionValues) -> Fit {
        let fits = |pattern: Cow<'_, Pattern>| Fit::known(pattern.matches(text));
        self.pattern(values, text.len()).map_or_else(|fit| fit, fits)
    }

    /// Whether the text is this one but for the case of its letters. For templates without wildcards.
    pub(crate) fn fit_any_case(&self, text: &str, values: &dyn ConditionValues) -> Fit {
        let is_same = |pattern: Cow<'_, Pattern>| match &*pattern {
            Pattern::Exact(exact) => Fit::known(is_same_but_for_case(exact, text)),
            Pattern::Any | Pattern::Prefix(_) | Pattern::Glob(_) => Fit::Unknown,
        };
        // A character has at most four bytes in either case.
        self.pattern(values, text.len().saturating_mul(4)).map_or_else(|fit| fit, is_same)
    }
}

fn is_same_but_for_case(one: &str, other: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    one.eq_ignore_ascii_case(other) || (!(one.is_ascii() && other.is_ascii()) && lower(one) == lower(other))
}

/// Replaces the variables. Nothing fits (`Err`) when one cannot be replaced, or when there is more text than `len_max`
/// bytes, as all of it would have to be found; so nobody can make texts of many megabytes here.
fn resolve(parts: &[Part], values: &dyn ConditionValues, len_max: usize) -> Result<Vec<Token>, Fit> {
    let mut tokens = Vec::with_capacity(parts.len());
    let mut len = 0usize;
    for part in parts {
        let text = match part {
            Part::Token(Token::Text(text)) => Cow::Borrowed(&**text),
            Part::Token(wildcard) => {
                tokens.push(wildcard.clone());
                continue;
            }
            Part::Variable { key, default } => value(key, default.as_deref(), values).ok_or(Fit::Unknown)?,
            Part::Unreadable => return Err(Fit::Unknown),
        };
        len = len.saturating_add(text.len());
        if len <= len_max {
            tokens.push(Token::Text(text.into()));
        }
    }
    if len <= len_max { Ok(tokens) } else { Err(Fit::No) }
}

/// What a variable stands for.
fn value<'a>(key: &ConditionKey, default: Option<&'a str>, values: &'a dyn ConditionValues) -> Option<Cow<'a, str>> {
    match values.value(key) {
        ConditionValue::One(value) => Some(value),
        ConditionValue::Many(list) if !list.is_empty() => None,
        ConditionValue::Absent | ConditionValue::Many(_) => default.map(Cow::Borrowed),
    }
}

fn parts(text: &str, syntax: Syntax) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${").filter(|_| syntax.variables) {
        push_text(&mut parts, before, syntax);
        let Some((part, after)) = variable(after) else {
            parts.push(Part::Unreadable);
            return parts;
        };
        parts.push(part);
        rest = after;
    }
    push_text(&mut parts, rest, syntax);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str, syntax: Syntax) {
    if syntax.wildcards {
        parts.extend(glob::tokens(text).into_iter().map(Part::Token));
    } else if !text.is_empty() {
        parts.push(Part::Token(Token::Text(text.into())));
    }
}

/// Reads what follows `${`, and gives what follows the `}`.
fn variable(text: &str) -> Option<(Part, &str)> {
    let at = text.find(['}', ','])?;
    let (key, after) = (text.get(..at)?.trim_matches(' '), text.get(at + 1..)?);
    if text.get(at..)?.starts_with('}') {
        let part = match key {
            "*" | "?" | "$" => Part::Token(Token::Text(key.into())),
            _ if is_key(key) => Part::Variable { key: ConditionKey::new(key), default: None },
            _ => Part::Unreadable,
        };
        return Some((part, after));
    }
    let (default, after) = after.trim_start_matches(' ').strip_prefix('\'')?.split_once('\'')?;
    let after = after.trim_start_matches(' ').strip_prefix('}')?;
    let part = Part::Variable { key: ConditionKey::new(key), default: Some(default.into()) };
    Some((if is_key(key) { part } else { Part::Unreadable }, after))
}

fn is_key(text: &str) -> bool {
    condition::is_key(text) && !text.contains('\'')
}

/// The condition keys of a text's variables, as written.
pub(crate) fn variable_keys(text: &str) -> impl Iterator<Item = &str> {
    let keys = text.split("${").skip(1).filter_map(|after| after.split(['}', ',']).next());
    keys.map(|key| key.trim_matches(' ')).filter(|key| is_key(key))
}

/// The value of an ARN operator.
#[derive(Debug)]
pub(crate) enum ArnPattern {
    /// Six parts without wildcards and variables.
    Exact(Box<str>),
    /// Six parts.
    Parts(Box<[Template; 6]>),
    /// Fewer than six parts without what its variables stand for.
    Whole(Box<[Part]>),
    /// Fewer than six parts.
    Unreadable,
}

/// Longest text, in bytes, that the variables of [`ArnPattern::Whole`] may make; ARNs have 2048 at most. Longer ones
/// cannot be read.
const ARN_LEN_MAX: usize = 16_384;

impl ArnPattern {
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        let parts = parts(text, Syntax { variables, wildcards: true });
        let is_fixed = parts.iter().all(|part| matches!(part, Part::Token(_)));
        let is_text = parts.iter().all(|part| matches!(part, Part::Token(Token::Text(_))));
        match six(parts.iter().cloned()) {
            // `${*}` makes the text another than the one meant.
            Some(_) if is_text && !text.contains("${") => Self::Exact(text.into()),
            Some(six) => Self::Parts(Box::new(six.map(Template::from_parts))),
            None if is_fixed => Self::Unreadable,
            None => Self::Whole(parts.into()),
        }
    }

    /// Whether the ARN fits. What is no ARN is `Unknown`.
    pub(crate) fn fit(&self, arn: &str, values: &dyn ConditionValues) -> Fit {
        let Some(given) = split(arn) else { return Fit::Unknown };
        match self {
            Self::Exact(exact) => Fit::known(**exact == *arn),
            Self::Parts(parts) => fit_all(parts, given, values),
            Self::Whole(parts) => {
                let six = |tokens: Vec<Token>| six(tokens.into_iter().map(Part::Token));
                let fits = |six: [Vec<Part>; 6]| fit_all(&six.map(Template::from_parts), given, values);
                resolve(parts, values, ARN_LEN_MAX).ok().and_then(six).map_or(Fit::Unknown, fits)
            }
            Self::Unreadable => Fit::Unknown,
        }
    }
}

/// One part that cannot be read makes the whole unreadable.
fn fit_all(parts: &[Template; 6], given: [&str; 6], values: &dyn ConditionValues) -> Fit {
    let mut all = Fit::Yes;
    for (part, given) in parts.iter().zip(given) {
        match part.fit(given, values) {
            Fit::Unknown => return Fit::Unknown,
            Fit::No => all = Fit::No,
            Fit::Yes => {}
        }
    }
    all
}

/// The six parts of an ARN.
fn split(arn: &str) -> Option<[&str; 6]> {
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next();
    let six = [next()?, next()?, next()?, next()?, next()?, next()?];
    six.first().is_some_and(|scheme| *scheme == "arn").then_some(six)
}

/// Cuts at the first five colons of the text.
fn six(parts: impl Iterator<Item = Part>) -> Option<[Vec<Part>; 6]> {
    let mut six: Vec<Vec<Part>> = vec![Vec::new()];
    for part in parts {
        let Part::Token(Token::Text(text)) = part else {
            six.last_mut()?.push(part);
            continue;
        };
        for (index, piece) in text.splitn(7usize.saturating_sub(six.len()), ':').enumerate() {
            if index > 0 {
                six.push(Vec::new());
            }
            six.last_mut()?.push(Part::Token(Token::Text(piece.into())));
        }
    }
    six.try_into().ok()
}
