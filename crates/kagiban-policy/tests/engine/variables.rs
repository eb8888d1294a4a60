//! Policy variables, and what must not be smuggled in through their values.

use crate::{Case, Given};

const NAME: (&str, Given<'_>) = ("aws:username", Given::One("alice"));

fn resource_fits(version: &str, pattern: &str, resource: &str, values: &[(&str, Given<'_>)]) -> bool {
    let statement = format!(r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::{pattern}""#);
    let resource = format!("arn:aws:s3:::{resource}");
    Case { version, identity: &[&statement], resource: &resource, values, ..Case::default() }.is_allowed()
}

#[test]
fn variables_in_resources() {
    for (pattern, resource, whether) in [
        ("home/${aws:username}/*", "home/alice/x", true),
        ("home/${AWS:UserName}/*", "home/alice/x", true),
        ("home/${ aws:username }/*", "home/alice/x", true),
        ("home/${aws:username}/*", "home/bob/x", false),
        ("home/${aws:username}/*", "home/${aws:username}/x", false),
        ("home/${aws:username}", "home/alice", true),
        ("home/${aws:username}", "home/alicex", false),
        ("${aws:username}${aws:username}", "alicealice", true),
        ("a${*}b", "a*b", true),
        ("a${*}b", "axb", false),
        ("a${?}b", "a?b", true),
        ("a${?}b", "axb", false),
        ("a${$}{aws:username}", "a${aws:username}", true),
        ("a${$}{aws:username}", "aalice", false),
        ("a$b", "a$b", true),
        ("{aws:username}", "{aws:username}", true),
        ("${a:absent}", "", false),
        ("${a:absent}*", "anything", false),
        ("${a:absent, 'team'}", "team", true),
        ("${a:absent,'team'}", "team", true),
        ("${ a:absent , 'team' }", "team", true),
        ("${a:absent, ''}x", "x", true),
        ("${a:absent, 't}m'}", "t}m", true),
        ("${a:absent, '*'}", "*", true),
        ("${a:absent, '*'}", "x", false),
        ("${a:absent, '${aws:username}'}", "${aws:username}", true),
        ("${a:absent, '${aws:username}'}", "alice", false),
        ("${aws:username, 'team'}", "alice", true),
        ("${aws:username, 'team'}", "team", false),
        ("${aws:username", "alice", false),
        ("${aws:username", "${aws:username", false),
        ("${username}", "alice", false),
        ("${}", "", false),
        ("${:username}", "alice", false),
        ("${aws:}", "", false),
        ("${aws:'username'}", "alice", false),
        ("${aws:username, team}", "alice", false),
        ("${aws:username, 'team'", "alice", false),
    ] {
        assert_eq!(resource_fits("2012-10-17", pattern, resource, &[NAME]), whether, "{pattern} {resource}");
    }
}

#[test]
fn the_old_version_has_no_variables() {
    for (pattern, resource, whether) in [
        ("${aws:username}", "${aws:username}", true),
        ("${aws:username}", "alice", false),
        ("${*}", "${anything}", true),
        ("${a:absent, 'team'}", "team", false),
    ] {
        assert_eq!(resource_fits("2008-10-17", pattern, resource, &[NAME]), whether, "{pattern} {resource}");
    }
}

/// What a variable stands for is text: no wildcard, no variable, no more parts.
#[test]
fn values_are_never_patterns() {
    for (value, resource, whether) in [
        ("*", "home/bob", false),
        ("*", "home/*", true),
        ("a*", "home/ab", false),
        ("?", "home/b", false),
        ("?", "home/?", true),
        ("${aws:userid}", "home/AIDA", false),
        ("${aws:userid}", "home/${aws:userid}", true),
        ("${*}", "home/*", false),
        ("../bob", "home/bob", false),
        ("../bob", "home/../bob", true),
        ("", "home/", true),
    ] {
        let values = [("aws:username", Given::One(value)), ("aws:userid", Given::One("AIDA"))];
        assert_eq!(
            resource_fits("2012-10-17", "home/${aws:username}", resource, &values),
            whether,
            "{value} {resource}"
        );
        let condition = r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
            "OPERATOR": {"a:path": "home/${aws:username}"}}"#;
        for operator in ["StringLike", "StringEquals", "StringEqualsIgnoreCase"] {
            let statement = condition.replace("OPERATOR", operator);
            let [name, id] = values;
            let values = [name, id, ("a:path", Given::One(resource))];
            let case = Case { identity: &[&statement], values: &values, ..Case::default() };
            assert_eq!(case.is_allowed(), whether, "{operator} {value} {resource}");
        }
    }
}

/// Whether a condition with this value holds in an Allow and in a Deny.
fn holds(operator: &str, wanted: &str, given: &str, values: &[(&str, Given<'_>)]) -> (bool, bool) {
    let statement = |effect: &str| {
        format!(
            r#""Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {{"{operator}": {{"a:given": {wanted}}}}}"#
        )
    };
    let (allow, deny) = (statement("Allow"), statement("Deny"));
    let mut values = values.to_vec();
    values.push(("a:given", Given::One(given)));
    let case = Case { values: &values, ..Case::default() };
    let all = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    (Case { identity: &[&allow], ..case }.is_allowed(), !Case { identity: &[all, &deny], ..case }.is_allowed())
}

/// A value that cannot be known fits nothing; a negated operator may rely on that to deny, not to allow.
#[test]
fn absent_variables_allow_nothing() {
    let (yes, no, unknown) = ((true, true), (false, false), (false, true));
    let many = ("a:many", Given::Many(&["alice"]));
    for (operator, wanted, given, expected) in [
        ("StringEquals", r#""${a:absent}""#, "alice", no),
        ("StringNotEquals", r#""${a:absent}""#, "alice", unknown),
        ("StringNotEqualsIgnoreCase", r#""${a:absent}""#, "alice", unknown),
        ("StringNotLike", r#""${a:absent}""#, "alice", unknown),
        ("StringNotLike", r#"["${a:absent}", "al*"]"#, "alice", no),
        ("StringNotLike", r#"["${a:absent}", "b*"]"#, "alice", unknown),
        ("StringNotLike", r#""${a:absent, 'b'}""#, "alice", yes),
        ("StringLike", r#"["${a:absent}", "al*"]"#, "alice", yes),
        ("ForAllValues:StringNotEquals", r#""${a:absent}""#, "alice", unknown),
        ("ForAnyValue:StringNotEquals", r#""${a:absent}""#, "alice", unknown),
        ("StringEquals", r#""${a:many}""#, "alice", no),
        ("StringNotEquals", r#""${a:many}""#, "alice", unknown),
        ("StringNotEquals", r#""${a:many, 'x'}""#, "alice", unknown),
        ("StringEquals", r#""${aws:username""#, "alice", no),
        ("StringNotEquals", r#""${aws:username""#, "alice", unknown),
        ("StringEquals", r#""${a:none, 'alice'}""#, "alice", yes),
        ("StringEquals", r#""${aws:username}""#, "alice", yes),
        ("StringNotEquals", r#""${aws:username}""#, "alice", no),
        ("StringEqualsIgnoreCase", r#""X${aws:username}""#, "xALICE", yes),
        ("ArnNotEquals", r#""arn:aws:iam::1:user/${a:absent}""#, "arn:aws:iam::1:user/alice", unknown),
        ("ArnNotEquals", r#""arn:aws:iam::1:user/${a:absent}""#, "arn:aws:iam::2:user/alice", unknown),
    ] {
        let values = [NAME, many, ("a:none", Given::Many(&[]))];
        assert_eq!(holds(operator, wanted, given, &values), expected, "{operator} {wanted} {given}");
    }
}

/// What is longer than the request's text cannot fit it, however long it is; but what is unknown stays so.
#[test]
fn long_values_cost_little() {
    let long = "a".repeat(100_000);
    let values = [
        ("a:long", Given::One(long.as_str())),
        ("a:kelvin", Given::One("\u{212a}\u{212a}")),
        ("a:arn", Given::One("arn:aws:iam::1:role/a-longer-one")),
    ];
    let many = "${a:long}".repeat(3000);
    for (operator, wanted, given, expected) in [
        ("StringEquals", many.clone(), "a", (false, false)),
        ("StringLike", format!("{many}*"), "a", (false, false)),
        ("StringNotLike", format!("*{many}"), "a", (true, true)),
        ("StringNotLike", format!("{many}${{a:absent}}"), "a", (false, true)),
        ("ArnLike", many.clone(), "arn:aws:iam::1:role/a", (false, false)),
        ("ArnNotLike", many.clone(), "arn:aws:iam::1:role/a", (false, true)),
        ("ArnNotLike", "${a:arn}".to_owned(), "arn:aws:iam::1:role/a", (true, true)),
        ("StringEqualsIgnoreCase", many, "a", (false, false)),
        ("StringEqualsIgnoreCase", "${a:kelvin}".to_owned(), "KK", (true, true)),
        ("StringLike", "*${a:long}*".to_owned(), &long, (true, true)),
    ] {
        assert_eq!(holds(operator, &format!("\"{wanted}\""), given, &values), expected, "{operator}");
    }
}

#[test]
fn absent_variables_in_not_resource_allow_nothing() {
    let statement = |effect: &str| {
        format!(
            r#""Effect": "{effect}", "Action": "*", "NotResource": ["arn:aws:s3:::${{a:absent}}", "arn:aws:s3:::b"]"#
        )
    };
    let (allow, deny) = (statement("Allow"), statement("Deny"));
    let all = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    for (resource, is_denied) in [("arn:aws:s3:::a", true), ("arn:aws:s3:::b", false)] {
        assert!(!Case { resource, identity: &[&allow], ..Case::default() }.is_allowed(), "{resource}");
        assert_eq!(
            !Case { resource, identity: &[all, &deny], ..Case::default() }.is_allowed(),
            is_denied,
            "{resource}"
        );
    }
}

#[test]
fn variables_in_arns() {
    let values = [
        ("aws:PrincipalArn", Given::One("arn:aws:iam::1:role/a:b")),
        ("a:account", Given::One("1")),
        ("a:sly", Given::One("1:role/x")),
        ("a:star", Given::One("*")),
    ];
    for (wanted, given, whether) in [
        ("${aws:PrincipalArn}", "arn:aws:iam::1:role/a:b", true),
        ("${aws:PrincipalArn}", "arn:aws:iam::1:role/a", false),
        ("${aws:PrincipalArn}*", "arn:aws:iam::1:role/a:b/c", true),
        ("arn:aws:iam::${a:account}:role/*", "arn:aws:iam::1:role/a", true),
        ("arn:aws:iam::${a:account}:role/*", "arn:aws:iam::2:role/a", false),
        ("arn:aws:iam::${a:sly}:role/*", "arn:aws:iam::1:role/x:role/y", false),
        ("arn:aws:iam::${a:star}:role/*", "arn:aws:iam::1:role/y", false),
        ("arn:aws:iam::${a:star}:role/*", "arn:aws:iam::*:role/y", true),
        ("arn:aws:iam::1:role/${*}", "arn:aws:iam::1:role/y", false),
        ("arn:aws:iam::1:role/${*}", "arn:aws:iam::1:role/*", true),
        ("arn:aws:iam::1:role/${*}", "arn:aws:iam::1:role/${*}", false),
        ("${a:account}", "arn:aws:iam::1:role/a", false),
    ] {
        let wanted = format!("\"{wanted}\"");
        for operator in ["ArnEquals", "ArnLike"] {
            let expected = (whether, whether);
            assert_eq!(holds(operator, &wanted, given, &values), expected, "{operator} {wanted} {given}");
        }
    }
}

/// Only texts and ARNs have variables; elsewhere they are refused when the policy is written.
#[test]
fn other_values_have_no_variables() {
    for condition in [
        r#"{"NumericEquals": {"a:b": "${a:c}"}}"#,
        r#"{"Bool": {"a:b": "${a:c}"}}"#,
        r#"{"IpAddress": {"a:b": "${a:c}"}}"#,
        r#"{"DateEquals": {"a:b": "${a:c}"}}"#,
    ] {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {condition}}}}}"#
        );
        assert!(kagiban_policy::parse_identity_policy(&text).is_err(), "{condition}");
    }
}
