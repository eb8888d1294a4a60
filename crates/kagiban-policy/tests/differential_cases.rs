//! The documented rules as rows, put to the engine and to the oracle of the differential test.
//!
//! The rows keep the oracle honest, which nothing else checks, and hold every difference that a long run has found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod oracle;

use std::collections::BTreeMap;

use kagiban_policy::GrantedTo;
use oracle::case::{Engine, Grammar, Texts, account, agree, outcome};
use oracle::{Facts, Holds, Rules, Value, Who, condition_holds};

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/k1";
const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";

fn alice() -> Who {
    Who::User { unique_id: "AIDAALICEALICEALICE1".to_owned() }
}

/// A session of role `r`, called `s`.
fn session() -> Who {
    Who::RoleSession { role_id: "AROARRRRRRRRRRRRRRR1".to_owned(), session_name: "s".to_owned() }
}

fn service() -> Who {
    Who::Service { name: "s3.amazonaws.com".to_owned() }
}

/// Whoever asks, from whichever account, decrypts with the key. Both accounts have a user `alice` and a role `r` of the
/// same ids, as only one of them asks.
fn facts(who: Who, of: &str) -> Facts {
    let mut bindings = BTreeMap::new();
    for number in [OWN, OTHER] {
        bindings.insert(format!("arn:aws:iam::{number}:user/alice"), "AIDAALICEALICEALICE1".to_owned());
        bindings.insert(format!("arn:aws:iam::{number}:role/r"), "AROARRRRRRRRRRRRRRR1".to_owned());
        bindings.insert(format!("arn:aws:sts::{number}:assumed-role/r/s"), "AROARRRRRRRRRRRRRRR1".to_owned());
    }
    Facts {
        action: "kms:Decrypt".to_owned(),
        resource: KEY.to_owned(),
        account: account(of),
        who,
        values: BTreeMap::new(),
        bindings,
    }
}

/// What engine and oracle say, which must be the same.
fn decided(name: &str, texts: &Texts, facts: &Facts, grant: Option<GrantedTo>) -> String {
    let rules: Rules = texts.parse(grant).unwrap_or_else(|refusal| panic!("{name}: {}\n{texts}", refusal.message()));
    let answer = oracle::decide(facts, &rules);
    let (decision, asked) = Engine::compile(&rules, facts).decide(facts, grant);
    assert!(agree(&answer, &decision, asked), "{name}\n{texts}oracle: {answer:?}\nengine: {decision:?}, asked {asked}");
    outcome(&decision)
}

/// Conditions with the request's values: whether they hold, and what an Allow and a Deny then do.
#[track_caller]
fn check_condition(version: &str, condition: &str, values: &[(&str, Value)], expected: Holds) {
    let head = format!(r#"{{"Version": "{version}", "Statement": [{{"Action": "*", "Resource": "*", "#);
    let allow = format!(r#"{head}"Effect": "Allow", "Condition": {{{condition}}}}}]}}"#);
    let deny = format!(r#"{head}"Effect": "Deny", "Condition": {{{condition}}}}}]}}"#);
    let everything = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#.to_owned();
    let mut facts = facts(alice(), OWN);
    facts.values = values.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect();
    let name = format!("{version} {condition} {values:?}");

    let texts = Texts { identity: vec![allow], ..Texts::default() };
    let policy = texts.parse(None).unwrap().identity.remove(0);
    let holds = policy.statements.iter().flat_map(|statement| &statement.conditions);
    let holds = Holds::all(holds.map(|condition| condition_holds(condition, policy.version, &facts)));
    assert_eq!(holds, expected, "{name}");
    let allowed = if expected == Holds::Yes { "allowed: Identity" } else { "denied implicitly: Identity" };
    assert_eq!(decided(&name, &texts, &facts, None), allowed, "{name}");

    let texts = Texts { identity: vec![everything, deny], ..Texts::default() };
    let denied = if expected == Holds::No { "allowed: Identity" } else { "denied explicitly: Identity" };
    assert_eq!(decided(&name, &texts, &facts, None), denied, "{name}");
}

fn one(value: &str) -> Value {
    Value::One(value.to_owned())
}

fn many(values: &[&str]) -> Value {
    Value::Many(values.iter().map(|&value| value.to_owned()).collect())
}

/// One operator, the policy's values, the request's value of the key.
#[test]
fn operators_compare_as_documented() {
    use Holds::{No, Perhaps, Yes};
    for (operator, values, request, expected) in [
        ("StringEquals", r#""a""#, "a", Yes),
        ("StringEquals", r#""a""#, "A", No),
        ("StringEquals", r#"["b", "a"]"#, "a", Yes),
        ("StringEquals", r#""a*""#, "ab", No),
        ("StringEquals", r#""a*""#, "a*", Yes),
        ("StringNotEquals", r#"["b", "a"]"#, "a", No),
        ("StringNotEquals", r#"["b", "a"]"#, "c", Yes),
        ("StringEqualsIgnoreCase", r#""Ab""#, "aB", Yes),
        ("StringEqualsIgnoreCase", r#""Ab""#, "ac", No),
        ("StringNotEqualsIgnoreCase", r#""Ab""#, "aB", No),
        ("StringNotEqualsIgnoreCase", r#""Ab""#, "ac", Yes),
        ("StringLike", r#""a*c""#, "abbc", Yes),
        ("StringLike", r#""a*c""#, "abb", No),
        ("StringLike", r#""?""#, "ä", Yes),
        ("StringLike", r#""?""#, "", No),
        ("StringLike", r#""*""#, "", Yes),
        ("StringLike", r#""A*""#, "ab", No),
        ("StringNotLike", r#""a*""#, "ab", No),
        ("StringNotLike", r#""a*""#, "b", Yes),
        ("NumericEquals", r#""5""#, "5.0", Yes),
        ("NumericEquals", "5", "05", Yes),
        ("NumericEquals", r#""5""#, "five", No),
        ("NumericEquals", r#""0.1""#, "0.10", Yes),
        ("NumericEquals", r#""1e1""#, "10", Yes),
        ("NumericNotEquals", r#""5""#, "6", Yes),
        ("NumericNotEquals", r#""5""#, "5.00", No),
        ("NumericNotEquals", r#""5""#, "five", Perhaps),
        ("NumericLessThan", r#""5""#, "-6", Yes),
        ("NumericLessThan", r#""5""#, "5", No),
        ("NumericLessThanEquals", r#""5""#, "5", Yes),
        ("NumericLessThanEquals", r#""5""#, "5.1", No),
        ("NumericGreaterThan", r#""-5""#, "-4.9", Yes),
        ("NumericGreaterThan", r#""-5""#, "-5", No),
        ("NumericGreaterThanEquals", r#""5""#, "5", Yes),
        ("NumericGreaterThanEquals", r#""5""#, "", No),
        ("DateEquals", r#""2026-08-21T23:01:43Z""#, "1787353303", Yes),
        ("DateEquals", r#""2026-08-21T23:01:43Z""#, "2026-08-22T01:01:43+02:00", Yes),
        ("DateEquals", r#""2026""#, "1767225600", Yes),
        ("DateEquals", r#""2026-08-21T23:01:43Z""#, "yesterday", No),
        ("DateNotEquals", r#""2026-08-21T23:01:43Z""#, "1787353304", Yes),
        ("DateNotEquals", r#""2026-08-21T23:01:43Z""#, "1787353303.0", No),
        ("DateNotEquals", r#""2026-08-21T23:01:43Z""#, "yesterday", Perhaps),
        ("DateLessThan", r#""2026-08-21""#, "2026-08-20T23:59:59.999Z", Yes),
        ("DateLessThan", r#""2026-08-21""#, "2026-08-21", No),
        ("DateLessThanEquals", r#""2026-08-21""#, "2026-08-21T00:00:00Z", Yes),
        ("DateGreaterThan", r#""2026-08-21""#, "2026-08-21T00:00Z", No),
        ("DateGreaterThan", r#""2026-08-21""#, "2026-08-21T00:00:00.1Z", Yes),
        ("DateGreaterThanEquals", r#""1969-12-31T23:59:59.5Z""#, "-0.5", Yes),
        ("DateGreaterThanEquals", r#""1969-12-31T23:59:59.5Z""#, "-0.6", No),
        // A number too large for a date was once no date at all.
        ("DateGreaterThan", r#""2026""#, "99999999999999999999", Yes),
        ("Bool", "true", "true", Yes),
        ("Bool", r#""TRUE""#, "true", Yes),
        ("Bool", "true", "false", No),
        ("Bool", "true", "yes", No),
        ("BinaryEquals", r#""YQ==""#, "YQ==", Yes),
        ("BinaryEquals", r#""YQ==""#, "YWE=", No),
        ("BinaryEquals", r#""YQ==""#, "YQ", No),
        ("IpAddress", r#""203.0.113.0/24""#, "203.0.113.7", Yes),
        ("IpAddress", r#""203.0.113.99/24""#, "203.0.113.7", Yes),
        ("IpAddress", r#""203.0.113.0/24""#, "203.0.114.7", No),
        ("IpAddress", r#""203.0.113.7""#, "203.0.113.7", Yes),
        ("IpAddress", r#""2001:db8::/32""#, "2001:0DB8::1", Yes),
        ("IpAddress", r#""::/0""#, "203.0.113.7", No),
        ("IpAddress", r#""0.0.0.0/0""#, "localhost", No),
        ("NotIpAddress", r#""203.0.113.0/24""#, "203.0.113.7", No),
        ("NotIpAddress", r#""203.0.113.0/24""#, "2001:db8::1", Yes),
        ("NotIpAddress", r#""203.0.113.0/24""#, "localhost", Perhaps),
        ("ArnEquals", r#""arn:aws:iam::*:user/*""#, "arn:aws:iam::1:user/a", Yes),
        ("ArnLike", r#""arn:aws:iam::*:user/*""#, "arn:aws:iam:x:1:user/a", No),
        ("ArnLike", r#""arn:aws:*:user/a""#, "arn:aws:iam::1:user/a", No),
        ("ArnLike", r#""arn:aws:s3:::a*""#, "arn:aws:s3:::a:b:c", Yes),
        ("ArnLike", r#""*""#, "arn:aws:s3:::a", No),
        ("ArnLike", r#""*:*:*:*:*:*""#, "alice", No),
        ("ArnNotEquals", r#""arn:aws:s3:::a""#, "arn:aws:s3:::b", Yes),
        ("ArnNotLike", r#""arn:aws:s3:::a*""#, "arn:aws:s3:::ab", No),
        ("ArnNotLike", r#""arn:aws:s3:::a*""#, "alice", Perhaps),
        ("ArnNotLike", r#""*""#, "arn:aws:s3:::a", Perhaps),
        ("Null", "true", "a", No),
        ("Null", "false", "a", Yes),
        ("Null", r#"["true", "false"]"#, "a", Yes),
    ] {
        let condition = format!(r#""{operator}": {{"aws:K": {values}}}"#);
        check_condition("2012-10-17", &condition, &[("aws:k", one(request))], expected);
    }
}

#[test]
fn absent_keys_and_several_values_count_as_documented() {
    use Holds::{No, Perhaps, Yes};
    let two = || many(&["a", "b"]);
    for (operator, values, request, expected) in [
        ("StringEquals", r#""a""#, None, No),
        ("StringNotEquals", r#""a""#, None, Yes),
        ("StringNotEquals", r#""${aws:absent}""#, None, Yes),
        ("StringEqualsIfExists", r#""a""#, None, Yes),
        ("StringEqualsIfExists", r#""a""#, Some(one("b")), No),
        ("StringNotEqualsIfExists", r#""a""#, None, Yes),
        ("NumericLessThan", r#""5""#, None, No),
        ("NotIpAddress", r#""::/0""#, None, Yes),
        ("ArnNotLike", r#""*""#, None, Yes),
        ("BoolIfExists", "true", None, Yes),
        ("Null", "true", None, Yes),
        ("Null", "false", None, No),
        ("Null", "true", Some(many(&[])), Yes),
        ("Null", "false", Some(one("")), Yes),
        ("ForAllValues:StringEquals", r#""a""#, None, Yes),
        ("ForAllValues:StringEquals", r#""a""#, Some(many(&[])), Yes),
        ("ForAllValues:StringEquals", r#""a""#, Some(two()), No),
        ("ForAllValues:StringEquals", r#"["a", "b", "c"]"#, Some(two()), Yes),
        ("ForAllValues:StringNotEquals", r#""a""#, Some(two()), No),
        ("ForAllValues:StringNotEquals", r#""c""#, Some(two()), Yes),
        ("ForAllValues:NumericEquals", r#""5""#, Some(many(&["5", "five"])), No),
        ("ForAllValues:NumericNotEquals", r#""5""#, Some(many(&["6", "five"])), Perhaps),
        ("ForAnyValue:StringEquals", r#""a""#, None, No),
        ("ForAnyValue:StringEquals", r#""a""#, Some(many(&[])), No),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, None, Yes),
        ("ForAnyValue:StringEquals", r#""b""#, Some(two()), Yes),
        ("ForAnyValue:StringEquals", r#""c""#, Some(two()), No),
        ("ForAnyValue:StringNotEquals", r#""a""#, None, No),
        ("ForAnyValue:StringNotEquals", r#""a""#, Some(two()), Yes),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, Some(two()), No),
        ("ForAnyValue:NumericNotEquals", r#""5""#, Some(many(&["5", "five"])), Perhaps),
        ("ForAnyValue:StringLike", r#""a*""#, Some(one("ab")), Yes),
        // Without a qualifier, only what all values say is sure. An Allow was once content with one of them.
        ("StringEquals", r#""a""#, Some(two()), Perhaps),
        ("StringEquals", r#"["a", "b"]"#, Some(two()), Yes),
        ("StringEquals", r#""c""#, Some(two()), No),
        ("StringNotEquals", r#""a""#, Some(two()), Perhaps),
        ("StringNotEquals", r#"["a", "b"]"#, Some(two()), No),
        ("StringNotEquals", r#""c""#, Some(two()), Yes),
        ("NumericNotEquals", r#""5""#, Some(many(&["5", "five"])), Perhaps),
    ] {
        let condition = format!(r#""{operator}": {{"aws:k": {values}}}"#);
        let values: Vec<_> = request.into_iter().map(|value| ("AWS:K", value)).collect();
        check_condition("2012-10-17", &condition, &values, expected);
    }
}

/// The policy's value against the request's `aws:k`. `aws:name` is `a*`, `aws:arn` is an ARN, `aws:two` has two values.
#[test]
fn variables_are_replaced_as_documented() {
    use Holds::{No, Perhaps, Yes};
    const V2008: &str = "2008-10-17";
    const V2012: &str = "2012-10-17";
    for (version, operator, value, request, expected) in [
        (V2012, "StringEquals", "${aws:name}", "a*", Yes),
        (V2012, "StringEquals", "${AWS:Name}", "a*", Yes),
        (V2012, "StringEquals", "x${aws:name}y", "xa*y", Yes),
        (V2012, "StringLike", "${aws:name}", "ab", No),
        (V2012, "StringLike", "${aws:name}*", "a*b", Yes),
        (V2012, "StringEquals", "${aws:absent}", "", No),
        (V2012, "StringNotEquals", "${aws:absent}", "a", Perhaps),
        (V2012, "StringEquals", "${aws:absent, 'b'}", "b", Yes),
        (V2012, "StringNotEquals", "${aws:absent, 'b'}", "a", Yes),
        (V2012, "StringEquals", "${aws:name, 'b'}", "b", No),
        (V2012, "StringEquals", "${aws:two}", "a", No),
        (V2012, "StringNotEquals", "${aws:two}", "c", Perhaps),
        (V2012, "StringNotLike", "${", "${", Perhaps),
        (V2012, "StringLike", "${", "${", No),
        (V2012, "StringLike", "${*}", "*", Yes),
        (V2012, "StringLike", "${*}", "a", No),
        (V2012, "StringLike", "${?}", "a", No),
        (V2012, "StringEquals", "${$}{aws:name}", "${aws:name}", Yes),
        (V2012, "StringEquals", "$${aws:name}", "$a*", Yes),
        (V2012, "ArnLike", "arn:aws:iam::1:user/${aws:name}", "arn:aws:iam::1:user/a*", Yes),
        (V2012, "ArnLike", "arn:aws:iam::1:user/${aws:name}", "arn:aws:iam::1:user/ab", No),
        (V2012, "ArnLike", "${aws:arn}", "arn:aws:s3:::b", Yes),
        (V2012, "ArnLike", "${aws:arn}*", "arn:aws:s3:::bc", Yes),
        (V2012, "ArnLike", "arn:aws:iam::${aws:arn}:user/a", "arn:aws:iam::arn:aws:s3:::b:user/a", No),
        (V2008, "StringEquals", "${aws:name}", "a*", No),
        (V2008, "StringEquals", "${aws:name}", "${aws:name}", Yes),
        (V2008, "StringNotEquals", "${aws:absent}", "a", Yes),
        (V2008, "StringLike", "${*}", "${abc}", Yes),
        (V2008, "ArnLike", "arn:aws:s3:::${a}", "arn:aws:s3:::${a}", Yes),
    ] {
        let values = [
            ("aws:k", one(request)),
            ("aws:name", one("a*")),
            ("aws:arn", one("arn:aws:s3:::b")),
            ("aws:two", many(&["a", "b"])),
        ];
        check_condition(version, &format!(r#""{operator}": {{"aws:k": "{value}"}}"#), &values, expected);
    }
}

/// Action and resource elements of an Allow, for `kms:Decrypt` on the key.
#[test]
fn actions_and_resources_match_as_documented() {
    for (elements, expected) in [
        (r#""Action": "kms:Decrypt", "Resource": "*""#, true),
        (r#""Action": "KMS:decrypt", "Resource": "*""#, true),
        (r#""Action": "kms:De*", "Resource": "*""#, true),
        (r#""Action": "kms:?ecrypt", "Resource": "*""#, true),
        (r#""Action": "kms:Decryp", "Resource": "*""#, false),
        (r#""Action": ["s3:*", "kms:*"], "Resource": "*""#, true),
        (r#""NotAction": "kms:Encrypt", "Resource": "*""#, true),
        (r#""NotAction": ["kms:Encrypt", "kms:D*"], "Resource": "*""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/k1""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/K1""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:*:*:key/k1""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:*""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:*:*:*:key/k1""#, false),
        (r#""Action": "*", "Resource": "arn:aws:*:111122223333:*:*:key/k1""#, false),
        (r#""Action": "*", "Resource": "arn:aws:*:*:*:*""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:1111*:*k1""#, true),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/k""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/${aws:absent}""#, false),
        (r#""Action": "*", "NotResource": "arn:aws:kms:eu-central-1:111122223333:key/${aws:absent}""#, false),
        (r#""Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/${aws:absent, 'k1'}""#, true),
        (r#""Action": "*", "NotResource": "arn:aws:s3:::*""#, true),
        (r#""Action": "*", "NotResource": "*""#, false),
    ] {
        let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {elements}}}]}}"#);
        let texts = Texts { identity: vec![policy], ..Texts::default() };
        let said = decided(elements, &texts, &facts(alice(), OWN), None);
        assert_eq!(said == "allowed: Identity", expected, "{elements}");
    }
}

fn statement(effect: &str, principal: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {principal}, "Action": "kms:*", "Resource": "*"}}"#)
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

/// A policy of the caller's own.
fn own(effect: &str) -> String {
    format!(r#"{{"Statement": {{"Effect": "{effect}", "Action": "kms:*", "Resource": "*"}}}}"#)
}

const USER: &str = r#""Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"}"#;
const ROLE: &str = r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/r"}"#;
const SESSION: &str = r#""Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"}"#;
const ACCOUNT: &str = r#""Principal": {"AWS": "111122223333"}"#;
const ANYONE: &str = r#""Principal": "*""#;
const OTHER_USER: &str = r#""Principal": {"AWS": "arn:aws:iam::444455556666:user/alice"}"#;
const OTHER_ACCOUNT: &str = r#""Principal": {"AWS": "arn:aws:iam::444455556666:root"}"#;
const SERVICE: &str = r#""Principal": {"Service": "s3.amazonaws.com"}"#;

/// Section 2: who is named in the key policy, who asks, and which of its own policies allow (`None`: it has none; an
/// own policy that allows nothing is about another service).
#[test]
fn decisions_follow_the_documented_table() {
    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);
    for (principal, who, of, [identity, boundary, session_policy], expected) in [
        (USER, alice(), OWN, [None, None, None], "allowed: Resource"),
        (USER, alice(), OWN, [NO, NO, None], "allowed: Resource"),
        (USER, alice(), OWN, [None, YES, YES], "allowed: Resource"),
        (USER, alice(), OWN, [None, None, NO], "denied implicitly: Session"),
        (USER, alice(), OWN, [YES, NO, YES], "denied implicitly: PermissionsBoundary"),
        (ROLE, session(), OWN, [None, None, None], "allowed: Resource"),
        (ROLE, session(), OWN, [NO, YES, YES], "allowed: Resource"),
        (ROLE, session(), OWN, [YES, NO, None], "denied implicitly: PermissionsBoundary"),
        (ROLE, session(), OWN, [YES, None, NO], "denied implicitly: Session"),
        (SESSION, session(), OWN, [NO, NO, NO], "allowed: Resource"),
        (ACCOUNT, alice(), OWN, [YES, None, None], "allowed: Identity"),
        (ACCOUNT, alice(), OWN, [YES, YES, None], "allowed: Identity"),
        (ACCOUNT, alice(), OWN, [None, None, None], "denied implicitly: Identity"),
        (ACCOUNT, alice(), OWN, [YES, NO, None], "denied implicitly: PermissionsBoundary"),
        (ACCOUNT, session(), OWN, [YES, None, NO], "denied implicitly: Session"),
        (ACCOUNT, Who::Root, OWN, [None, None, None], "allowed: Resource"),
        (USER, Who::Root, OWN, [None, None, None], "denied implicitly: Resource"),
        (ANYONE, Who::Root, OTHER, [None, None, None], "allowed: Resource"),
        (ANYONE, alice(), OWN, [None, NO, None], "allowed: Resource"),
        (ANYONE, session(), OWN, [YES, NO, None], "denied implicitly: PermissionsBoundary"),
        (ANYONE, alice(), OTHER, [YES, None, None], "allowed: Identity"),
        (ANYONE, alice(), OTHER, [NO, None, None], "denied implicitly: Identity"),
        (OTHER_USER, alice(), OTHER, [YES, None, None], "allowed: Identity"),
        (OTHER_USER, alice(), OTHER, [None, None, None], "denied implicitly: Identity"),
        (OTHER_USER, alice(), OTHER, [YES, NO, None], "denied implicitly: PermissionsBoundary"),
        (OTHER_ACCOUNT, alice(), OTHER, [YES, None, None], "allowed: Identity"),
        (OTHER_ACCOUNT, alice(), OTHER, [None, None, None], "denied implicitly: Identity"),
        (OTHER_ACCOUNT, Who::Root, OTHER, [None, None, None], "allowed: Resource"),
        (ACCOUNT, alice(), OTHER, [YES, None, None], "denied implicitly: Resource"),
        (ACCOUNT, Who::Root, OTHER, [None, None, None], "denied implicitly: Resource"),
        (SERVICE, service(), OWN, [None, None, None], "allowed: Resource"),
        (ANYONE, service(), OWN, [None, None, None], "allowed: Resource"),
        (ACCOUNT, service(), OWN, [None, None, None], "denied implicitly: Resource"),
        (SERVICE, alice(), OWN, [YES, None, None], "denied implicitly: Resource"),
    ] {
        let list = |allows: Option<bool>| -> Vec<String> {
            let other = || own("Allow").replace("kms:", "s3:");
            allows.map(|allows| if allows { own("Allow") } else { other() }).into_iter().collect()
        };
        let texts = Texts {
            resource: Some((Grammar::Key, OWN, vec![policy(&[statement("Allow", principal)])])),
            identity: list(identity),
            boundary: list(boundary).pop(),
            session: list(session_policy),
        };
        let name = format!("{principal} {who:?} of {of}");
        assert_eq!(decided(&name, &texts, &facts(who, of), None), expected, "{name}\n{texts}");
    }
}

/// A Deny of the key policy beside an Allow for everybody who could ask.
#[test]
fn denies_hit_whom_they_name() {
    let everyone = r#""Principal": {"AWS": ["*", "111122223333", "444455556666"]}"#;
    let account_user = r#""NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:user/alice"]}"#;
    let user_only = r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/alice"}"#;
    let account_role = r#""NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/r"]}"#;
    let all_three = r#""NotPrincipal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:role/r",
        "arn:aws:sts::111122223333:assumed-role/r/s"]}"#;
    let not_service = r#""NotPrincipal": {"Service": "s3.amazonaws.com"}"#;
    for (principal, who, of, is_denied) in [
        (ANYONE, alice(), OTHER, true),
        (ANYONE, service(), OWN, true),
        (ACCOUNT, alice(), OWN, true),
        (ACCOUNT, Who::Root, OWN, true),
        (ACCOUNT, session(), OWN, true),
        (ACCOUNT, service(), OWN, false),
        (ACCOUNT, alice(), OTHER, false),
        (USER, alice(), OWN, true),
        (USER, session(), OWN, false),
        (ROLE, session(), OWN, true),
        (SESSION, session(), OWN, true),
        (SERVICE, service(), OWN, true),
        (SERVICE, alice(), OWN, false),
        (account_user, alice(), OWN, false),
        (user_only, alice(), OWN, true),
        (account_user, session(), OWN, true),
        (account_user, Who::Root, OWN, false),
        (user_only, Who::Root, OWN, true),
        (account_role, session(), OWN, true),
        (all_three, session(), OWN, false),
        (account_user, service(), OWN, true),
        (not_service, service(), OWN, false),
        (not_service, alice(), OWN, true),
    ] {
        let key = policy(&[statement("Allow", everyone), statement("Deny", principal)]);
        let has_policies = matches!(who, Who::User { .. } | Who::RoleSession { .. });
        let texts = Texts {
            resource: Some((Grammar::Key, OWN, vec![key])),
            identity: if has_policies { vec![own("Allow")] } else { Vec::new() },
            ..Texts::default()
        };
        let name = format!("{principal} {who:?} of {of}");
        let said = decided(&name, &texts, &facts(who, of), None);
        assert!(
            if is_denied { said == "denied explicitly: Resource" } else { said.starts_with("allowed") },
            "{name}: {said}"
        );
    }
}

/// A Deny in any policy of the caller's own wins over a key policy that names it, and over a grant.
#[test]
fn own_denies_win() {
    let key = || Some((Grammar::Key, OWN, vec![policy(&[statement("Allow", ANYONE)])]));
    for (texts, expected) in [
        (Texts { resource: key(), identity: vec![own("Allow"), own("Deny")], ..Texts::default() }, "Identity"),
        (Texts { resource: key(), boundary: Some(own("Deny")), ..Texts::default() }, "PermissionsBoundary"),
        (Texts { resource: key(), session: vec![own("Allow"), own("Deny")], ..Texts::default() }, "Session"),
    ] {
        let said = decided(expected, &texts, &facts(session(), OWN), Some(GrantedTo::RoleSession));
        assert_eq!(said, format!("denied explicitly: {expected}"));
    }
}

/// Section 9: a grant in each form, with a key policy about somebody else.
#[test]
fn grants_reach_as_documented() {
    for (granted_to, who, of, identity, expected) in [
        (GrantedTo::User, alice(), OWN, false, "allowed: grant to User"),
        (GrantedTo::User, alice(), OTHER, false, "allowed: grant to User"),
        (GrantedTo::RoleArn, session(), OWN, false, "allowed: grant to RoleArn"),
        (GrantedTo::RoleSession, session(), OTHER, false, "allowed: grant to RoleSession"),
        (GrantedTo::Account, alice(), OWN, true, "allowed: grant to Account"),
        (GrantedTo::Account, alice(), OWN, false, "denied implicitly: Identity"),
        (GrantedTo::Account, alice(), OTHER, true, "allowed: grant to Account"),
        (GrantedTo::Account, alice(), OTHER, false, "denied implicitly: Identity"),
        (GrantedTo::Account, Who::Root, OTHER, false, "allowed: grant to Account"),
        (GrantedTo::Service, service(), OWN, false, "allowed: grant to Service"),
    ] {
        let other = r#""Principal": {"AWS": "777788889999"}"#;
        let texts = Texts {
            resource: Some((Grammar::Key, OWN, vec![policy(&[statement("Allow", other)])])),
            identity: if identity { vec![own("Allow")] } else { Vec::new() },
            ..Texts::default()
        };
        let name = format!("{granted_to:?} {who:?} of {of}");
        assert_eq!(decided(&name, &texts, &facts(who, of), Some(granted_to)), expected, "{name}");
    }
}

/// A grant from another account once lifted the limits of the grantee's own.
#[test]
fn grants_lift_no_limit_of_another_account() {
    let other = || own("Allow").replace("kms:", "s3:");
    let key = || Some((Grammar::Key, OWN, vec![policy(&[statement("Allow", USER)])]));
    for (granted_to, who, of, is_allowed) in [
        (GrantedTo::User, alice(), OTHER, false),
        (GrantedTo::RoleArn, session(), OTHER, false),
        (GrantedTo::RoleSession, session(), OTHER, false),
        (GrantedTo::RoleArn, session(), OWN, false),
        (GrantedTo::RoleSession, session(), OWN, true),
    ] {
        let texts = Texts { resource: key(), boundary: Some(other()), ..Texts::default() };
        let name = format!("{granted_to:?} {who:?} of {of}");
        let said = decided(&name, &texts, &facts(who, of), Some(granted_to));
        let expected = if is_allowed { format!("allowed: grant to {granted_to:?}") } else { DENIED.to_owned() };
        assert_eq!(said, expected, "{name}");
    }
}

const DENIED: &str = "denied implicitly: PermissionsBoundary";

/// Operations without a key: identity policies within their limits; root needs none.
#[test]
fn without_a_resource_identity_policies_decide() {
    for (who, identity, boundary, expected) in [
        (alice(), true, None, "allowed: Identity"),
        (alice(), false, None, "denied implicitly: Identity"),
        (session(), true, Some("s3:*"), "denied implicitly: PermissionsBoundary"),
        (session(), true, Some("kms:*"), "allowed: Identity"),
        (Who::Root, false, None, "allowed: root"),
        (service(), false, None, "denied implicitly: Identity"),
    ] {
        let texts = Texts {
            identity: if identity { vec![own("Allow")] } else { Vec::new() },
            boundary: boundary.map(|action| own("Allow").replace("kms:*", action)),
            ..Texts::default()
        };
        let facts = Facts { resource: "*".to_owned(), ..facts(who.clone(), OWN) };
        assert_eq!(decided(expected, &texts, &facts, None), expected, "{who:?}");
    }
}
