//! Condition operators, and the values that each can read.

use std::net::IpAddr;

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

/// Whether a key has one value by its nature, so that AWS refuses `ForAllValues:` with it.
pub(crate) fn is_single_valued(key: &str) -> bool {
    ["kms:EncryptionContext:", "aws:RequestTag/"]
        .into_iter()
        .any(|prefix| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}

/// A condition key, `SERVICE:NAME`.
pub(crate) fn is_key(text: &str) -> bool {
    text.split_once(':').is_some_and(|(service, name)| is_service(service) && !name.trim().is_empty())
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
        Comparison::BinaryEquals => (is_base64(value), "base64 text"),
        Comparison::Bool | Comparison::Null => (is_bool(value), "true or false"),
        Comparison::DateEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateNotEquals => (is_date(value), "an ISO 8601 date or seconds since 1970"),
        Comparison::IpAddress | Comparison::NotIpAddress => (is_network(value), "an address or a CIDR range"),
        Comparison::NumericEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericNotEquals => (is_number(value), "a number"),
    };
    if is_readable { Ok(()) } else { Err(needed) }
}

fn is_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// A decimal number, with an exponent perhaps; no infinity and no "not a number".
fn is_number(text: &str) -> bool {
    let is_decimal = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    is_decimal && text.parse().is_ok_and(f64::is_finite)
}

/// RFC 4648, section 4, with padding.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    text.len().is_multiple_of(4)
        && padding <= 2
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let bits_max = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.is_none_or(|prefix| number_within(prefix, 0, bits_max))
}

/// Seconds since 1970, or `YYYY-MM-DD`, alone or with `THH:MM`, seconds, a fraction of them, and `Z` or an offset
/// (the forms of the W3C profile of ISO 8601).
fn is_date(text: &str) -> bool {
    if is_number(text) {
        return !text.contains(['e', 'E']);
    }
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    is_day(day) && time.is_none_or(is_time_of_day)
}

fn is_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let year_fits = parts.next().is_some_and(|year| year.len() == 4 && number_within(year, 0, 9999));
    let month_fits = parts.next().is_none_or(|month| month.len() == 2 && number_within(month, 1, 12));
    let day_fits = parts.next().is_none_or(|day| day.len() == 2 && number_within(day, 1, 31));
    year_fits && month_fits && day_fits && parts.next().is_none()
}

/// `HH:MM[:SS[.f]]` and then `Z`, `+HH:MM` or `-HH:MM`.
fn is_time_of_day(text: &str) -> bool {
    let Some(zone_at) = text.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = text.split_at(zone_at);
    let zone_fits = zone == "Z" || zone.get(1..).is_some_and(|offset| offset.len() == 5 && is_clock(offset));
    zone_fits && is_clock(clock)
}

fn is_clock(text: &str) -> bool {
    let two = |part: Option<&str>, max| part.is_some_and(|part| part.len() == 2 && number_within(part, 0, max));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut parts = whole.split(':');
    let minutes_fit = two(parts.next(), 23) && two(parts.next(), 59);
    let seconds = parts.next();
    let fraction_fits = fraction.is_none_or(|digits| seconds.is_some() && number_within(digits, 0, u64::MAX));
    minutes_fit && (seconds.is_none() || two(seconds, 59)) && fraction_fits && parts.next().is_none()
}

/// Digits only, and their value in the range.
fn number_within(digits: &str, min: u64, max: u64) -> bool {
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse().is_ok_and(|value: u64| (min..=max).contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_has_its_forms() {
        for (name, comparison) in COMPARISONS {
            let bare = Operator { comparison, if_exists: false, set: None };
            assert_eq!(operator(name), Some(bare));
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
