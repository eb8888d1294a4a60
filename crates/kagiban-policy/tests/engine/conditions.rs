//! Every operator in every form, for Allow and for Deny.

use crate::{Case, Given};

/// Whether a condition holds in an Allow and in a Deny.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Holds {
    Yes,
    No,
    /// It cannot be known: not for an Allow, but for a Deny.
    Unknown,
}
use Holds::{No, Unknown, Yes};

const OWN: &str = r#""Action": "*", "Resource": "*""#;

fn holds(operator: &str, wanted: &str, given: Option<Given<'_>>) -> Holds {
    let given = given.map(|given| ("a:Key", given));
    let condition = format!(r#""Condition": {{"{operator}": {{"A:key": {wanted}}}}}"#);
    let allow = format!(r#""Effect": "Allow", {OWN}, {condition}"#);
    let deny = format!(r#""Effect": "Deny", {OWN}, {condition}"#);
    let all = format!(r#""Effect": "Allow", {OWN}"#);
    let case = Case { values: given.as_slice(), ..Case::default() };
    let is_allowed = Case { identity: &[&allow], ..case }.is_allowed();
    let is_denied = !Case { identity: &[&all, &deny], ..case }.is_allowed();
    match (is_allowed, is_denied) {
        (true, true) => Yes,
        (false, false) => No,
        (false, true) => Unknown,
        (true, false) => panic!("{operator} {wanted} {given:?}: holds for an Allow only"),
    }
}

/// An operator with values of a policy, and values of requests that fit one of them, none, or cannot be read.
struct Row {
    operators: &'static [&'static str],
    negated: &'static [&'static str],
    wanted: &'static str,
    fit: &'static [&'static str],
    other: &'static [&'static str],
    unreadable: &'static [&'static str],
}

const ROWS: [Row; 27] = [
    Row {
        operators: &["StringEquals"],
        negated: &["StringNotEquals"],
        wanted: r#"["one", "Two*", ""]"#,
        fit: &["one", "Two*", ""],
        other: &["One", "Two", "Twos", "one ", "o", "oneone"],
        unreadable: &[],
    },
    Row {
        operators: &["StringEqualsIgnoreCase"],
        negated: &["StringNotEqualsIgnoreCase"],
        wanted: r#"["one", "ÄB", "t*"]"#,
        fit: &["ONE", "one", "äb", "T*"],
        other: &["on", "two", "ä", "ones"],
        unreadable: &[],
    },
    Row {
        operators: &["StringLike"],
        negated: &["StringNotLike"],
        wanted: r#"["a*c", "x?z", "p**q"]"#,
        fit: &["ac", "abc", "a:b/c", "xyz", "xäz", "pq", "p1q", "a*c"],
        other: &["", "Abc", "ab", "xz", "xyyz", "q", "abcd"],
        unreadable: &[],
    },
    Row {
        operators: &["StringLike"],
        negated: &["StringNotLike"],
        wanted: r#""*""#,
        fit: &["", "a", "ä\n"],
        other: &[],
        unreadable: &[],
    },
    Row {
        operators: &["NumericEquals"],
        negated: &["NumericNotEquals"],
        wanted: r#"[7, "1.50", "-0", "1e3", "9007199254740993"]"#,
        fit: &["7", "7.0", "07", "+7", "1.5", "0", "-0.0", "0e5", "1000", "10e2", "9007199254740993"],
        other: &["8", "-7", "1.05", "15", "9007199254740992", "9007199254740994", "1e4", "0.1e3"],
        unreadable: &["", "seven", "7 ", " 7", "0x7", "NaN", "inf", "1e999", "7,0", "٧"],
    },
    Row {
        operators: &["NumericLessThan"],
        negated: &[],
        wanted: r#"["10.5", "-3"]"#,
        fit: &["10.4999999999999999999999999", "9", "-100", "0"],
        other: &["10.5", "10.50", "11", "1e2"],
        unreadable: &["", "a"],
    },
    Row {
        operators: &["NumericLessThanEquals"],
        negated: &[],
        wanted: "300",
        fit: &["300", "299.9", "-1"],
        other: &["300.0000000000000000000001", "301"],
        unreadable: &["", "-"],
    },
    Row {
        operators: &["NumericGreaterThan"],
        negated: &[],
        wanted: "-2.5",
        fit: &["-2.4", "0", "7", "-1e-9"],
        other: &["-2.5", "-2.50", "-3", "-25"],
        unreadable: &["", "."],
    },
    Row {
        operators: &["NumericGreaterThanEquals"],
        negated: &[],
        wanted: r#""0""#,
        fit: &["0", "-0", "0.001", "18446744073709551616"],
        other: &["-0.001", "-1"],
        unreadable: &["true"],
    },
    Row {
        operators: &["DateEquals"],
        negated: &["DateNotEquals"],
        wanted: r#"["2026-08-21T23:01:43Z", "1970-01-01T00:00:10.5Z"]"#,
        fit: &["2026-08-21T23:01:43Z", "2026-08-22T01:01:43+02:00", "1787353303", "1787353303.0", "10.5"],
        other: &["2026-08-21T23:01:44Z", "2026-08-21T23:01:43.001Z", "1787353304", "10"],
        unreadable: &["", "now", "2026-08-21T23:01:43", "2026-13-01", "1e9", "2026-02-30", "20260821T230143Z"],
    },
    Row {
        operators: &["DateLessThan"],
        negated: &[],
        wanted: r#""2026-03-01""#,
        fit: &["2026-02-28T23:59:59.999Z", "2026-02-28", "-1", "0", "2025", "2026-03-01T00:59:59+01:00"],
        other: &["2026-03-01T00:00:00Z", "2026-03-01", "2027", "2026-02-28T23:00:00-01:00"],
        unreadable: &["yesterday"],
    },
    Row {
        operators: &["DateLessThanEquals"],
        negated: &[],
        wanted: r#""2024-02-29T12:00Z""#,
        fit: &["2024-02-29T12:00:00Z", "1709208000", "1969-12-31T23:59:59Z"],
        other: &["2024-02-29T12:00:01Z", "1709208000.5"],
        unreadable: &["2023-02-29"],
    },
    Row {
        operators: &["DateGreaterThan"],
        negated: &[],
        wanted: r#""-1.5""#,
        fit: &["-1.4", "0", "1970"],
        other: &["-1.5", "-1.6", "-2", "1969"],
        unreadable: &["T"],
    },
    Row {
        operators: &["DateGreaterThanEquals"],
        negated: &[],
        wanted: r#""2000-01""#,
        fit: &["2000-01-01T00:00:00Z", "946684800", "2000"],
        other: &["1999-12-31T23:59:59Z", "946684799.999999999"],
        unreadable: &["2000-1"],
    },
    Row {
        operators: &["Bool"],
        negated: &[],
        wanted: r#""true""#,
        fit: &["true", "TRUE", "True"],
        other: &["false", "FALSE"],
        unreadable: &["", "1", "yes", "true "],
    },
    Row {
        operators: &["Bool"],
        negated: &[],
        wanted: "[false]",
        fit: &["false", "False"],
        other: &["true"],
        unreadable: &["0", "null"],
    },
    Row {
        operators: &["BinaryEquals"],
        negated: &[],
        wanted: r#"["QmluYXJ5", "/+8="]"#,
        fit: &["QmluYXJ5", "/+8="],
        other: &["qmluYXJ5", "QmluYXJ5QQ==", "", "QmluYXI="],
        unreadable: &["QmluYXJ", "_-8=", "a"],
    },
    Row {
        operators: &["IpAddress"],
        negated: &["NotIpAddress"],
        wanted: r#"["203.0.113.0/24", "198.51.100.7", "2001:db8::/33"]"#,
        fit: &["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.9", "198.51.100.7", "2001:db8:7fff::1"],
        other: &["203.0.112.255", "203.0.114.0", "198.51.100.8", "2001:db8:8000::", "::203.0.113.9", "::1"],
        unreadable: &["", "203.0.113", "203.0.113.0/24", "203.0.113.1:80", "[2001:db8::]", "localhost", "203.0.113.01"],
    },
    Row {
        operators: &["IpAddress"],
        negated: &["NotIpAddress"],
        wanted: r#"["10.9.8.7/8", "::ffff:192.0.2.0/120"]"#,
        fit: &["10.0.0.1", "10.255.0.1", "192.0.2.200", "::ffff:10.1.1.1"],
        other: &["11.0.0.1", "192.0.3.0", "::"],
        unreadable: &["*"],
    },
    Row {
        operators: &["IpAddress"],
        negated: &["NotIpAddress"],
        wanted: r#""0.0.0.0/0""#,
        fit: &["0.0.0.0", "255.255.255.255"],
        other: &["::", "2001:db8::1"],
        unreadable: &["0"],
    },
    Row {
        operators: &["IpAddress"],
        negated: &["NotIpAddress"],
        wanted: r#""::/0""#,
        fit: &["::", "2001:db8::1"],
        other: &["0.0.0.0", "::ffff:1.2.3.4"],
        unreadable: &[":"],
    },
    Row {
        operators: &["ArnEquals", "ArnLike"],
        negated: &["ArnNotEquals", "ArnNotLike"],
        wanted: r#""arn:aws:iam::111122223333:role/a""#,
        fit: &["arn:aws:iam::111122223333:role/a"],
        other: &["arn:aws:iam::111122223333:role/A", "arn:aws:iam::111122223333:role/a/b", "arn:aws:iam:::role/a"],
        unreadable: &["", "*", "role/a", "arn:aws:iam::111122223333", "ARN:aws:iam::111122223333:role/a"],
    },
    Row {
        operators: &["ArnEquals", "ArnLike"],
        negated: &["ArnNotEquals", "ArnNotLike"],
        wanted: r#""arn:aws:s3:*:*:bucket/*""#,
        fit: &["arn:aws:s3:::bucket/", "arn:aws:s3:eu:1:bucket/a/b:c:d"],
        other: &["arn:aws:s3:::bucket", "arn:aws:s3:a:b:c:bucket/x", "arn:aws-cn:s3:::bucket/a"],
        unreadable: &["arn:aws:s3"],
    },
    Row {
        operators: &["ArnEquals", "ArnLike"],
        negated: &["ArnNotEquals", "ArnNotLike"],
        wanted: r#"["arn:*:iam::*:role/?", "arn:aws:sqs:*"]"#,
        fit: &["arn:aws:iam::1:role/a", "arn::iam:::role/ä"],
        other: &["arn:aws:iam:x:1:role/a", "arn:aws:iam::1:role/ab", "arn:aws:x:iam::1:role/a"],
        unreadable: &["a:aws:iam::1:role/a"],
    },
    Row {
        operators: &["ArnLike"],
        negated: &["ArnNotLike"],
        wanted: r#""arn:aws:iam::*:*""#,
        fit: &["arn:aws:iam::1:a:b:c", "arn:aws:iam:::"],
        other: &["arn:aws:iam:r:1:a"],
        unreadable: &["arn:aws:iam::"],
    },
    Row {
        operators: &["StringEquals"],
        negated: &["StringNotEquals"],
        wanted: "[true, 7]",
        fit: &["true", "7"],
        other: &["True", "7.0"],
        unreadable: &[],
    },
    Row {
        operators: &["StringLike"],
        negated: &["StringNotLike"],
        wanted: r#""*a?b*c""#,
        fit: &["a1bc", "xxaabbc", "aaa?bcc", "a1b1a2b2c"],
        other: &["abc", "a1b", "a1bcd"],
        unreadable: &[],
    },
];

/// Some patterns of these rows have no six parts, so a value that fits no other is unknown to negated operators.
fn is_readable(row: &Row) -> bool {
    !row.wanted.contains("arn:aws:sqs:*\"")
}

#[test]
fn operators_without_qualifier() {
    for row in &ROWS {
        for (list, whether) in [(row.fit, Yes), (row.other, No), (row.unreadable, No)] {
            for (operator, given) in
                row.operators.iter().flat_map(|operator| list.iter().map(move |one| (operator, one)))
            {
                for form in ["", "IfExists"] {
                    let operator = format!("{operator}{form}");
                    let held = holds(&operator, row.wanted, Some(Given::One(given)));
                    assert_eq!(held, whether, "{operator} {} {given:?}", row.wanted);
                }
            }
        }
        let other = if is_readable(row) { Yes } else { Unknown };
        for (list, whether) in [(row.fit, No), (row.other, other), (row.unreadable, Unknown)] {
            for (operator, given) in row.negated.iter().flat_map(|operator| list.iter().map(move |one| (operator, one)))
            {
                for form in ["", "IfExists"] {
                    let operator = format!("{operator}{form}");
                    let held = holds(&operator, row.wanted, Some(Given::One(given)));
                    assert_eq!(held, whether, "{operator} {} {given:?}", row.wanted);
                }
            }
        }
    }
}

#[test]
fn absent_and_empty_keys() {
    for (row, absent) in
        [None, Some(Given::Many(&[]))].into_iter().flat_map(|given| ROWS.iter().map(move |row| (row, given)))
    {
        for (operators, plain) in [(row.operators, No), (row.negated, Yes)] {
            for operator in operators {
                for (before, after, whether) in [
                    ("", "", plain),
                    ("", "IfExists", Yes),
                    ("ForAllValues:", "", Yes),
                    ("ForAllValues:", "IfExists", Yes),
                    ("ForAnyValue:", "", No),
                    ("ForAnyValue:", "IfExists", Yes),
                ] {
                    let operator = format!("{before}{operator}{after}");
                    assert_eq!(holds(&operator, row.wanted, absent), whether, "{operator} {absent:?}");
                }
            }
        }
    }
}

/// Values of a request with several of them: `f` fits, `o` does not, `u` cannot be read.
#[test]
fn several_values() {
    for row in ROWS.iter().filter(|row| is_readable(row)) {
        for (operators, cases) in [
            (
                row.operators,
                [
                    ("", "f", Yes),
                    ("", "o", No),
                    ("", "fo", Unknown),
                    ("", "of", Unknown),
                    ("", "uo", No),
                    ("", "uf", Unknown),
                    ("ForAllValues:", "ff", Yes),
                    ("ForAllValues:", "fo", No),
                    ("ForAllValues:", "fu", No),
                    ("ForAllValues:", "o", No),
                    ("ForAnyValue:", "of", Yes),
                    ("ForAnyValue:", "oo", No),
                    ("ForAnyValue:", "uf", Yes),
                    ("ForAnyValue:", "u", No),
                ],
            ),
            (
                row.negated,
                [
                    ("", "f", No),
                    ("", "o", Yes),
                    ("", "fo", Unknown),
                    ("", "oo", Yes),
                    ("", "uo", Unknown),
                    ("", "uf", Unknown),
                    ("ForAllValues:", "oo", Yes),
                    ("ForAllValues:", "fo", No),
                    ("ForAllValues:", "ou", Unknown),
                    ("ForAllValues:", "fu", No),
                    ("ForAnyValue:", "of", Yes),
                    ("ForAnyValue:", "ff", No),
                    ("ForAnyValue:", "uf", Unknown),
                    ("ForAnyValue:", "uo", Yes),
                ],
            ),
        ] {
            for (operator, (set, letters, whether)) in
                operators.iter().flat_map(|operator| cases.map(|case| (operator, case)))
            {
                let pick = |letter| match letter {
                    'f' => row.fit.last(),
                    'o' => row.other.first(),
                    _ => row.unreadable.first(),
                };
                let Some(given) = letters.chars().map(|letter| pick(letter).copied()).collect::<Option<Vec<_>>>()
                else {
                    continue;
                };
                for form in ["", "IfExists"] {
                    let operator = format!("{set}{operator}{form}");
                    let held = holds(&operator, row.wanted, Some(Given::Many(&given)));
                    assert_eq!(held, whether, "{operator} {} {given:?}", row.wanted);
                }
            }
        }
    }
}

#[test]
fn null_asks_for_presence() {
    for (wanted, given, whether) in [
        ("true", None, Yes),
        (r#""true""#, Some(Given::Many(&[])), Yes),
        ("true", Some(Given::One("")), No),
        ("true", Some(Given::One("true")), No),
        ("false", None, No),
        (r#""FALSE""#, Some(Given::Many(&[])), No),
        ("false", Some(Given::One("")), Yes),
        ("false", Some(Given::Many(&["a", "b"])), Yes),
        ("[true, false]", None, Yes),
        ("[true, false]", Some(Given::One("a")), Yes),
    ] {
        assert_eq!(holds("Null", wanted, given), whether, "{wanted} {given:?}");
    }
}

/// All operators and all keys must hold.
#[test]
fn conditions_are_joined_by_and() {
    let allow = r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": {"a:one": "1", "a:two": ["2", "3"]}, "Bool": {"a:three": true}}"#;
    let values = [("a:one", Given::One("1")), ("a:two", Given::One("3")), ("a:three", Given::One("true"))];
    assert!(Case { identity: &[allow], values: &values, ..Case::default() }.is_allowed());
    for missing in 0..values.len() {
        let mut fewer = values.to_vec();
        fewer.remove(missing);
        assert!(!Case { identity: &[allow], values: &fewer, ..Case::default() }.is_allowed(), "{missing}");
    }
}

/// An ARN pattern without six parts fits nothing, and says so to nobody who would profit.
#[test]
fn arn_patterns_without_six_parts() {
    let arn = Some(Given::One("arn:aws:iam::111122223333:role/a"));
    for pattern in ["\"*\"", "\"arn:aws:iam:*\"", "\"\"", "\"arn:aws:iam::111122223333\""] {
        assert_eq!(holds("ArnLike", pattern, arn), No, "{pattern}");
        assert_eq!(holds("ArnNotLike", pattern, arn), Unknown, "{pattern}");
    }
}
