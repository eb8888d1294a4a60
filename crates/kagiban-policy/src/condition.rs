//! Condition operators, and the values that each can read.

use std::fmt;

use crate::scalar::{self, Date, Network, Number};
use crate::tree::{Comparison, Operator, SetQualifier};

/// Every comparison with its name in policies.
const COMPARISONS: [(&str, Comparison); 27] = [
    ("ArnEquals", Comparison::ArnEquals),
    ("ArnLike", Comparison::ArnLike),
    ("ArnNotEquals", Comparison::ArnNotEquals),
    ("ArnNotLike", Comparison::ArnNotLike),
    ("BinaryEquals", Comparison::BinaryEquals),
    ("Bool", Comparison::Bool),
    ("DateEquals", Comparison::DateEquals),
    ("DateGreaterThan", Comparison::DateGreaterThan),
    ("DateGreaterThanEquals", Comparison::DateGreaterThanEquals),
    ("DateLessThan", Comparison::DateLessThan),
    ("DateLessThanEquals", Comparison::DateLessThanEquals),
    ("DateNotEquals", Comparison::DateNotEquals),
    ("IpAddress", Comparison::IpAddress),
    ("NotIpAddress", Comparison::NotIpAddress),
    ("Null", Comparison::Null),
    ("NumericEquals", Comparison::NumericEquals),
    ("NumericGreaterThan", Comparison::NumericGreaterThan),
    ("NumericGreaterThanEquals", Comparison::NumericGreaterThanEquals),
    ("NumericLessThan", Comparison::NumericLessThan),
    ("NumericLessThanEquals", Comparison::NumericLessThanEquals),
    ("NumericNotEquals", Comparison::NumericNotEquals),
    ("StringEquals", Comparison::StringEquals),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase),
    ("StringLike", Comparison::StringLike),
    ("StringNotEquals", Comparison::StringNotEquals),
    ("StringNotEqualsIgnoreCase", Comparison::StringNotEqualsIgnoreCase),
    ("StringNotLike", Comparison::StringNotLike),
];

/// Reads an operator with its qualifiers. `Null` takes none, as it asks itself whether the key is there.
pub(crate) fn operator(text: &str) -> Option<Operator> {
    let (set, rest) = match text.split_once(':') {
        Some(("ForAllValues", rest)) => (Some(SetQualifier::ForAllValues), rest),
        Some(("ForAnyValue", rest)) => (Some(SetQualifier::ForAnyValue), rest),
        Some(_) => return None,
        None => (None, text),
    };
    let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
    let comparison = COMPARISONS.iter().find(|(known, _)| *known == name)?.1;
    let is_bare = set.is_none() && !if_exists;
    (comparison != Comparison::Null || is_bare).then_some(Operator { comparison, if_exists, set })
}

impl fmt::Display for Operator {
    /// As written in a policy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.set {
            Some(SetQualifier::ForAllValues) => "ForAllValues:",
            Some(SetQualifier::ForAnyValue) => "ForAnyValue:",
            None => "",
        })?;
        let name = COMPARISONS.iter().find(|(_, comparison)| *comparison == self.comparison).map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

/// Whether a key has one value by its nature, so that AWS refuses `ForAllValues:` with it.
pub(crate) fn is_single_valued(key: &str) -> bool {
    ["kms:EncryptionContext:", "aws:RequestTag/"]
        .into_iter()
        .any(|prefix| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}

/// A condition key, `SERVICE:NAME`. Keys of web identities begin with their provider's address instead,
/// `HOST/PATH:NAME`.
pub(crate) fn is_key(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_');
    text.split_once(':')
        .is_some_and(|(prefix, name)| !prefix.is_empty() && prefix.bytes().all(fits) && !name.trim().is_empty())
}

/// A service's prefix in actions and condition keys.
pub(crate) fn is_service(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Says what the comparison needs if it cannot read the value. So no stored condition fails when it is evaluated.
pub(crate) fn check_value(comparison: Comparison, value: &str) -> Result<(), &'static str> {
    let (is_readable, needed) = match comparison {
        Comparison::ArnEquals
        | Comparison::ArnLike
        | Comparison::ArnNotEquals
        | Comparison::ArnNotLike
        | Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::StringNotEquals
        | Comparison::StringNotEqualsIgnoreCase
        | Comparison::StringNotLike => (true, "text"),
        Comparison::BinaryEquals => (scalar::base64(value).is_some(), "base64 text"),
        Comparison::Bool | Comparison::Null => (scalar::bool(value).is_some(), "true or false"),
        Comparison::DateEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateNotEquals => (Date::parse(value).is_some(), "an ISO 8601 date or seconds since 1970"),
        Comparison::IpAddress | Comparison::NotIpAddress => {
            (Network::parse(value).is_some(), "an address or a CIDR range")
        }
        Comparison::NumericEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericNotEquals => (Number::parse(value).is_some(), "a number"),
    };
    if is_readable { Ok(()) } else { Err(needed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_has_its_forms() {
        for (name, comparison) in COMPARISONS {
            let bare = Operator { comparison, if_exists: false, set: None };
            assert_eq!(operator(name), Some(bare));
            assert_eq!(bare.to_string(), name);
            let takes_qualifiers = name != "Null";
            let if_exists = operator(&format!("{name}IfExists"));
            assert_eq!(if_exists, takes_qualifiers.then_some(Operator { if_exists: true, ..bare }));
            for (prefix, set) in
                [("ForAllValues:", SetQualifier::ForAllValues), ("ForAnyValue:", SetQualifier::ForAnyValue)]
            {
                let set = Operator { set: Some(set), ..bare };
                assert_eq!(operator(&format!("{prefix}{name}")), takes_qualifiers.then_some(set));
                let both = Operator { if_exists: true, ..set };
                assert_eq!(operator(&format!("{prefix}{name}IfExists")), takes_qualifiers.then_some(both));
                assert_eq!(both.to_string(), format!("{prefix}{name}IfExists"));
            }
        }
    }

    #[test]
    fn other_operators_are_unknown() {
        for name in [
            "",
            "stringEquals",
            "StringEqual",
            "StringEqualsIfexists",
            "IfExistsStringEquals",
            "IfExists",
            "ForAllValues:",
            "ForAllValue:StringEquals",
            "ForAllValues:ForAnyValue:StringEquals",
            "StringEquals ",
            "ArnGreaterThan",
        ] {
            assert_eq!(operator(name), None, "{name}");
        }
    }

    #[test]
    fn single_valued_keys_are_known_in_any_case() {
        for (key, is_single) in [
            ("kms:EncryptionContext:a", true),
            ("KMS:encryptioncontext:a", true),
            ("aws:RequestTag/a", true),
            ("kms:EncryptionContextKeys", false),
            ("aws:TagKeys", false),
            ("ä", false),
        ] {
            assert_eq!(is_single_valued(key), is_single, "{key}");
        }
    }

    #[test]
    fn values_fit_their_comparison() {
        for (comparison, good, bad) in [
            (Comparison::StringLike, &["", "a*", "${aws:username}"][..], &[][..]),
            (Comparison::ArnLike, &["*", "arn:aws:s3:::a"], &[]),
            (Comparison::Bool, &["true", "FALSE"], &["", "1", "yes", "${a}"]),
            (Comparison::Null, &["true"], &["null"]),
            (
                Comparison::NumericEquals,
                &["0", "-1", "1.5", "1e3"],
                &["", "a", "inf", "NaN", "1e999", "0x1", "1,5", "*"],
            ),
            (Comparison::BinaryEquals, &["", "QmluYXJ5", "YQ==", "YWE="], &["YQ", "YQ=", "Y===", "Y Q=", "ä"]),
            (
                Comparison::IpAddress,
                &["203.0.113.0/24", "203.0.113.1", "2001:db8::/32", "::1", "0.0.0.0/0"],
                &["", "203.0.113.0/33", "203.0.113/24", "2001:db8::/129", "::1/", "::1/+1", "localhost", "203.0.113.*"],
            ),
            (
                Comparison::DateLessThan,
                &[
                    "2026-08-21T23:01:43Z",
                    "2026-08-21T23:01:43.123Z",
                    "2026-08-21T23:01+02:00",
                    "2026-08-21",
                    "2026-08",
                    "2026",
                    "1787353303",
                    "1787353303.5",
                ],
                &[
                    "",
                    "yesterday",
                    "2026-13-01",
                    "2026-02-29",
                    "2026-04-31",
                    "2026-08T23:01Z",
                    "2026-08-32",
                    "26-08-21",
                    "2026-8-21",
                    "2026-08-21T",
                    "2026-08-21T24:00:00Z",
                    "2026-08-21T23:01:43",
                    "2026-08-21T23Z",
                    "2026-08-21T23:01.5Z",
                    "2026-08-21T23:01:43+2",
                    "2026-08-21T23:01:43ZZ",
                    "2026-08-21 23:01:43Z",
                    "1e9",
                ],
            ),
        ] {
            for value in good {
                assert_eq!(check_value(comparison, value), Ok(()), "{comparison:?} {value}");
            }
            for value in bad {
                assert!(check_value(comparison, value).is_err(), "{comparison:?} {value}");
            }
        }
    }
}
