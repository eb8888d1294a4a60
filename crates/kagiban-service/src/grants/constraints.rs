//! Constraints on the encryption context: what they may be, what they let pass, which of two is the stricter.
//!
//! In constraints, and only here, the keys of the pairs compare without regard to (ASCII) case and the values with it, as
//! the API reference says of GrantConstraints; the ciphertext itself stays bound to the exact pairs.

use std::collections::BTreeMap;

use kagiban_api::GrantConstraints;

use crate::error::ServiceError;

/// Pairs in a constraint (model text).
const PAIRS_MAX: usize = 8;
/// Length of a value in a constraint, in UTF-16 units as Java counts (model text). Keys are held to the same.
const TEXT_LEN_MAX: usize = 384;

/// The pairs of an encryption context as constraints compare them: keys in lower case, sorted. Keys that differ in case
/// only stay apart.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Pairs(Box<[(Box<str>, Box<str>)]>);

impl Pairs {
    pub(crate) fn of(pairs: &BTreeMap<String, String>) -> Self {
        let mut pairs: Vec<(Box<str>, Box<str>)> =
            pairs.iter().map(|(key, value)| (key.to_ascii_lowercase().into(), value.as_str().into())).collect();
        pairs.sort_unstable();
        Self(pairs.into())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of these are among the others, each as often. Both are sorted, so one walk is enough.
    fn is_subset(&self, other: &Self) -> bool {
        let mut others = other.0.iter();
        self.0.iter().all(|pair| others.any(|other| other == pair))
    }
}

/// A constraint on the encryption context.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum ContextConstraint {
    /// These pairs and no others.
    Equals(Pairs),
    /// These pairs, whatever others there are.
    Subset(Pairs),
}

impl ContextConstraint {
    pub(crate) fn of(
        equals: Option<&BTreeMap<String, String>>,
        subset: Option<&BTreeMap<String, String>>,
    ) -> Option<Self> {
        let equals = equals.map(|pairs| Self::Equals(Pairs::of(pairs)));
        equals.or_else(|| subset.map(|pairs| Self::Subset(Pairs::of(pairs))))
    }

    pub(crate) fn pairs(&self) -> &Pairs {
        match self {
            Self::Equals(pairs) | Self::Subset(pairs) => pairs,
        }
    }

    /// Whether a request with this encryption context passes.
    pub(crate) fn admits(&self, context: &Pairs) -> bool {
        match self {
            Self::Equals(pairs) => pairs == context,
            Self::Subset(pairs) => pairs.is_subset(context),
        }
    }

    /// Whether everything that `child` lets pass passes here too.
    pub(crate) fn is_kept_by(&self, child: &Self) -> bool {
        match (self, child) {
            (Self::Equals(parent), Self::Equals(child)) => parent == child,
            (Self::Equals(_), Self::Subset(_)) => false,
            (Self::Subset(parent), Self::Equals(child) | Self::Subset(child)) => parent.is_subset(child),
        }
    }
}

/// Are these constraints that a grant can have, whatever its key?
///
/// # Errors
/// ValidationException.
pub(super) fn check(constraints: &GrantConstraints) -> Result<(), ServiceError> {
    let GrantConstraints { encryption_context_equals, encryption_context_subset, source_arn: _ } = constraints;
    if encryption_context_equals.is_some() && encryption_context_subset.is_some() {
        return Err(ServiceError::Validation(
            "A grant can have an EncryptionContextEquals or an EncryptionContextSubset constraint, but not both."
                .to_owned(),
        ));
    }
    for (pairs, member) in [
        (encryption_context_equals, "constraints.encryptionContextEquals"),
        (encryption_context_subset, "constraints.encryptionContextSubset"),
    ] {
        if let Some(pairs) = pairs {
            check_pairs(pairs, member)?;
        }
    }
    Ok(())
}

fn check_pairs(pairs: &BTreeMap<String, String>, member: &str) -> Result<(), ServiceError> {
    let violation = |what: String| {
        Err(ServiceError::Validation(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: {what}"
        )))
    };
    if pairs.is_empty() {
        // One without pairs constrains nothing, or everything; a policy that asks for a constraint must not be met by it.
        return violation("Member must have length greater than or equal to 1".to_owned());
    }
    if pairs.len() > PAIRS_MAX {
        return violation(format!("Member must have length less than or equal to {PAIRS_MAX}"));
    }
    let is_long = |text: &String| text.encode_utf16().count() > TEXT_LEN_MAX;
    for (part, mut texts) in [("keys", pairs.keys().collect::<Vec<_>>()), ("values", pairs.values().collect())] {
        texts.retain(|text| is_long(text));
        if !texts.is_empty() {
            return violation(format!("Map {part} must have length less than or equal to {TEXT_LEN_MAX}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a=1 b=2`
    fn map(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn constraint(text: &str) -> ContextConstraint {
        let (kind, pairs) = text.split_once(' ').unwrap();
        let pairs = Some(map(pairs));
        match kind {
            "equals" => ContextConstraint::of(pairs.as_ref(), None),
            "subset" => ContextConstraint::of(None, pairs.as_ref()),
            _ => None,
        }
        .unwrap()
    }

    #[test]
    fn contexts_pass_as_the_rules_say() {
        for (text, context, passes) in [
            ("equals a=1", "a=1", true),
            ("equals a=1", "A=1", true),
            ("equals A=1", "a=1", true),
            ("equals a=x", "a=X", false),
            ("equals a=1", "", false),
            ("equals a=1", "a=1 b=2", false),
            ("equals a=1 b=2", "b=2 a=1", true),
            ("equals a=1 b=2", "a=1", false),
            ("equals a=1", "a=1 A=1", false),
            ("equals a=1", "a=1 A=2", false),
            ("equals a=1 A=2", "A=1 a=2", true),
            ("subset a=1", "a=1", true),
            ("subset a=1", "A=1 b=2", true),
            ("subset a=1", "a=2 b=2", false),
            ("subset a=1", "b=1", false),
            ("subset a=1", "", false),
            ("subset a=1 b=2", "a=1 b=2 c=3", true),
            ("subset a=1 b=2", "a=1 c=3", false),
            ("subset a=1 b=2", "b=2 c=3", false),
            ("subset a=1 A=1", "a=1", false),
            ("subset a=1 A=1", "a=1 A=1", true),
        ] {
            assert_eq!(constraint(text).admits(&Pairs::of(&map(context))), passes, "{text}: {context}");
        }
    }

    /// A child keeps its parent's constraint when no context passes the child that does not pass the parent.
    #[test]
    fn children_may_be_stricter_only() {
        for (parent, child, keeps) in [
            ("subset a=1", "subset a=1", true),
            ("subset a=1", "subset A=1", true),
            ("subset a=1", "subset a=1 b=2", true),
            ("subset a=1", "equals a=1", true),
            ("subset a=1", "equals a=1 b=2", true),
            ("subset a=1", "subset b=2", false),
            ("subset a=1", "equals b=2", false),
            ("subset a=1", "subset a=2", false),
            ("subset a=1 b=2", "subset a=1", false),
            ("subset a=1 b=2", "equals a=1", false),
            ("equals a=1", "equals a=1", true),
            ("equals a=1", "subset a=1", false),
            ("equals a=1", "equals a=1 b=2", false),
            ("equals a=1 b=2", "equals a=1", false),
            ("equals a=1", "subset a=1 b=2", false),
        ] {
            assert_eq!(constraint(parent).is_kept_by(&constraint(child)), keeps, "{parent}: {child}");
        }
    }

    #[test]
    fn constraints_have_bounds() {
        let of = |pairs: BTreeMap<String, String>| GrantConstraints {
            encryption_context_subset: Some(pairs),
            ..GrantConstraints::default()
        };
        let many = |count: usize| (0..count).map(|key| (key.to_string(), String::new())).collect::<BTreeMap<_, _>>();
        let long = |len: usize| BTreeMap::from([("k".to_owned(), "ü".repeat(len))]);
        let long_key = |len: usize| BTreeMap::from([("k".repeat(len), String::new())]);
        for pairs in [many(1), many(8), long(384), long_key(384)] {
            assert!(check(&of(pairs)).is_ok());
        }
        for pairs in [many(0), many(9), long(385), long_key(385)] {
            assert!(matches!(check(&of(pairs)), Err(ServiceError::Validation(_))));
        }
        let both = GrantConstraints { encryption_context_equals: Some(many(1)), ..of(many(1)) };
        assert!(matches!(check(&both), Err(ServiceError::Validation(_))));
    }
}
