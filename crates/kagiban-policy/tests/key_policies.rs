//! Key policies of the shapes that AWS documents, and what is wrong with the others, and where.

#![expect(clippy::unwrap_used, reason = "tests")]

use kagiban_base::id::Partition;
use kagiban_policy::tree::{Comparison, Condition, Effect, Operator, Patterns, Principal, SetQualifier, Version};
use kagiban_policy::{MalformedPolicy, PrincipalFault, Reason, default_key_policy, parse_key_policy};
use proptest::prelude::*;

/// A policy with one statement made of these members.
fn with_statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#)
}

/// A whole statement, but for the condition.
fn with_condition(condition: &str) -> String {
    with_statement(&format!(
        r#""Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {condition}"#
    ))
}

fn patterns(is_not: bool, list: &[&str]) -> Option<Patterns> {
    Some(Patterns { is_not, list: list.iter().map(|&text| text.into()).collect() })
}

/// The layout in which AWS shows the policy that it made itself.
#[test]
fn the_default_policy_reads_as_at_aws() {
    let lines = [
        "{",
        r#"  "Version" : "2012-10-17","#,
        r#"  "Id" : "key-default-1","#,
        r#"  "Statement" : [ {"#,
        r#"    "Sid" : "Enable IAM User Permissions","#,
        r#"    "Effect" : "Allow","#,
        r#"    "Principal" : {"#,
        r#"      "AWS" : "arn:aws:iam::111122223333:root""#,
        "    },",
        r#"    "Action" : "kms:*","#,
        r#"    "Resource" : "*""#,
        "  } ]",
        "}",
    ];
    assert_eq!(default_key_policy("111122223333".parse().unwrap(), Partition::Aws), lines.join("\n"));
}

#[test]
fn documented_statements_are_taken() {
    for members in [
        r#""Sid": "Allow access for Key Administrators", "Effect": "Allow",
           "Principal": {"AWS": ["arn:aws:iam::111122223333:user/Admin", "arn:aws:iam::111122223333:role/a/Admin"]},
           "Action": ["kms:Create*", "kms:Describe*", "kms:TagResource", "kms:RotateKeyOnDemand"], "Resource": "*""#,
        r#""Sid": "Allow use of the key", "Effect": "Allow", "Principal": {"AWS": "111122223333"},
           "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
           "Resource": "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab""#,
        r#""Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "logs.eu-central-1.amazonaws.com"], "AWS": "*"},
           "Action": "kms:Decrypt", "Resource": "*""#,
        r#""Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:root",
           "arn:aws:sts::111122223333:assumed-role/R/s"]},
           "NotAction": "kms:Describe*", "NotResource": "arn:aws:kms:*:111122223333:key/*""#,
        r#""Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "kms:?ecrypt"], "Resource": ["*"], "Sid": """#,
        r#""Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:kms:*""#,
    ] {
        let text = with_statement(members);
        assert!(parse_key_policy(&text).is_ok(), "{text}: {:?}", parse_key_policy(&text));
    }
    let one_object = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    assert_eq!(parse_key_policy(one_object).unwrap().statements.len(), 1);
}

#[test]
fn documented_conditions_are_taken() {
    for condition in [
        r#"{"Bool": {"kms:GrantIsForAWSResource": "true"}}"#,
        r#"{"StringEquals": {"kms:ViaService": ["ec2.us-west-2.amazonaws.com", "rds.us-west-2.amazonaws.com"],
                             "kms:CallerAccount": "111122223333"}}"#,
        r#"{"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
        r#"{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]},
            "Null": {"kms:GrantOperations": false}}"#,
        r#"{"ForAnyValue:StringLikeIfExists": {"kms:ResourceAliases": "alias/*"}}"#,
        r#"{"NumericLessThanEquals": {"kms:RotationPeriodInDays": 365, "aws:MultiFactorAuthAge": "300"},
            "BoolIfExists": {"aws:MultiFactorAuthPresent": true},
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}}"#,
    ] {
        let text = with_condition(condition);
        assert!(parse_key_policy(&text).is_ok(), "{text}: {:?}", parse_key_policy(&text));
    }
}

#[test]
fn the_tree_holds_what_the_text_says() {
    let text = r#"{
        "Id": "an id",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["*", "444455556666"], "Service": "s3.amazonaws.com"},
             "Action": "kms:Get*"},
            {"Sid": "two words", "Effect": "Deny", "NotPrincipal": {"AWS": "AIDAEXAMPLEID1234567"},
             "NotAction": ["kms:a", "kms:b"], "NotResource": "*",
             "Condition": {"ForAnyValue:StringNotLikeIfExists": {"kms:ResourceAliases": ["a", "b"]},
                           "Null": {"aws:username": true}, "NumericEquals": {"a:b": [1, -2, 1.5]}}}
        ]
    }"#;
    let policy = parse_key_policy(text).unwrap();
    assert_eq!((policy.version, policy.id.as_deref()), (Version::V2008, Some("an id")));
    let [first, second] = <[_; 2]>::try_from(policy.statements).unwrap();

    assert_eq!((first.index, first.sid.as_deref(), first.effect), (0, None, Effect::Allow));
    let account = Principal::Account("444455556666".parse().unwrap());
    let principals = first.principals.as_ref().unwrap();
    assert_eq!(principals.list, [Principal::Anyone, account, Principal::Service("s3.amazonaws.com".into())]);
    assert!(!first.has_effect() && !principals.is_not && first.conditions.is_empty());
    assert_eq!((first.actions, first.resources), (patterns(false, &["kms:Get*"]), None));

    assert_eq!((second.index, second.sid.as_deref(), second.effect), (1, Some("two words"), Effect::Deny));
    let principals = second.principals.as_ref().unwrap();
    assert_eq!(principals.list, [Principal::UniqueId("AIDAEXAMPLEID1234567".into())]);
    assert!(second.has_effect() && principals.is_not);
    assert_eq!((second.actions, second.resources), (patterns(true, &["kms:a", "kms:b"]), patterns(true, &["*"])));
    let condition = |comparison, if_exists, set, key: &str, values: &[&str]| Condition {
        operator: Operator { comparison, if_exists, set },
        key: key.into(),
        values: values.iter().map(|&text| text.into()).collect(),
    };
    let any = Some(SetQualifier::ForAnyValue);
    assert_eq!(
        second.conditions,
        [
            condition(Comparison::StringNotLike, true, any, "kms:ResourceAliases", &["a", "b"]),
            condition(Comparison::Null, false, None, "aws:username", &["true"]),
            condition(Comparison::NumericEquals, false, None, "a:b", &["1", "-2", "1.5"]),
        ]
    );
}

#[track_caller]
fn fault(text: &str) -> MalformedPolicy {
    parse_key_policy(text).unwrap_err()
}

#[track_caller]
fn refused(text: &str, path: &str, reason: Reason) {
    let fault = fault(text);
    assert_eq!((fault.path(), fault.reason()), (path, reason), "{text}");
    assert_eq!(fault.is_json(), !matches!(reason, Reason::NotJson { .. }));
}

#[test]
fn texts_that_are_no_json() {
    for (text, line, column) in [("", 1, 0), ("{", 1, 1), ("policy", 1, 1), ("{}\n{}", 2, 1), ("{\"a\":01}", 1, 7)] {
        refused(text, "", Reason::NotJson { line, column });
    }
}

#[test]
fn documents_that_are_refused() {
    for (text, path, reason) in [
        ("[]", "", Reason::WrongType("an object")),
        ("null", "", Reason::WrongType("an object")),
        ("{}", "", Reason::Missing("Statement")),
        (r#"{"Version": "2012-10-17"}"#, "", Reason::Missing("Statement")),
        (r#"{"Statement": []}"#, "Statement", Reason::Empty),
        (r#"{"Statement": null}"#, "Statement", Reason::WrongType("an object or a list of objects")),
        (r#"{"Statement": "a"}"#, "Statement", Reason::WrongType("an object")),
        (r#"{"Statement": {}}"#, "Statement", Reason::Missing("Effect")),
        (r#"{"Statement": [[]]}"#, "Statement[0]", Reason::WrongType("an object")),
        (r#"{"Statement": [GOOD, 1]}"#, "Statement[1]", Reason::WrongType("an object")),
        (r#"{"Version": "2012-10-18", "Statement": GOOD}"#, "Version", Reason::InvalidVersion),
        (r#"{"Version": 2012, "Statement": GOOD}"#, "Version", Reason::WrongType("text")),
        (r#"{"Id": 1, "Statement": GOOD}"#, "Id", Reason::WrongType("text")),
        (r#"{"statement": GOOD}"#, "statement", Reason::UnknownElement),
        (r#"{"a\"b": 1, "Statement": GOOD}"#, r#"["a\"b"]"#, Reason::UnknownElement),
        (r#"{"Statement": GOOD, "Statement": GOOD}"#, "Statement", Reason::Duplicate),
        (r#"{"Id": "a", "\u0049d": "b", "Statement": GOOD}"#, "Id", Reason::Duplicate),
    ] {
        refused(&text.replace("GOOD", r#"{"Effect": "Allow", "Principal": "*"}"#), path, reason);
    }
}

#[test]
fn size_is_bounded() {
    let statements =
        |count| format!(r#"{{"Statement": [{}]}}"#, vec![r#"{"Effect":"Deny","Principal":"*"}"#; count].join(","));
    assert_eq!(parse_key_policy(&statements(1000)).unwrap().statements.len(), 1000);
    refused(&statements(1001), "Statement", Reason::TooManyStatements);
    refused(&format!("{{}}{}", " ".repeat(131_070)), "", Reason::Missing("Statement"));
    refused(&format!("{{}}{}", " ".repeat(131_071)), "", Reason::TooLong);
}

#[test]
fn principals_that_are_refused() {
    let invalid = Reason::InvalidPrincipal;
    let wildcard = invalid(PrincipalFault::Wildcard);
    let malformed = invalid(PrincipalFault::Malformed);
    for (principal, path, reason) in [
        (r#""111122223333""#, "", malformed),
        (r#""""#, "", malformed),
        ("{}", "", Reason::Empty),
        ("[]", "", Reason::WrongType("\"*\" or an object")),
        ("null", "", Reason::WrongType("\"*\" or an object")),
        (r#"{"AWS": []}"#, ".AWS", Reason::Empty),
        (r#"{"AWS": null}"#, ".AWS", Reason::WrongType("text or a list of texts")),
        (r#"{"AWS": 111122223333}"#, ".AWS", Reason::WrongType("text")),
        (r#"{"AWS": ["*", ""]}"#, ".AWS[1]", malformed),
        (r#"{"AWS": ["arn:aws:iam::111122223333:role/*"]}"#, ".AWS[0]", wildcard),
        (r#"{"AWS": "arn:aws:iam::*:root"}"#, ".AWS", wildcard),
        (r#"{"AWS": "arn:aws:iam::111122223333:group/g"}"#, ".AWS", invalid(PrincipalFault::Group)),
        (r#"{"AWS": "*", "Service": "*"}"#, ".Service", wildcard),
        (r#"{"Service": "s3"}"#, ".Service", malformed),
        (r#"{"aws": "*"}"#, ".aws", invalid(PrincipalFault::UnknownType)),
        (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, ".Federated", invalid(PrincipalFault::UnknownType)),
        (r#"{"CanonicalUser": "0"}"#, ".CanonicalUser", invalid(PrincipalFault::UnknownType)),
        (r#"{"AWS": "*", "AWS": "*"}"#, ".AWS", Reason::Duplicate),
    ] {
        for name in ["Principal", "NotPrincipal"] {
            let text = with_statement(&format!(r#""Effect": "Deny", "{name}": {principal}"#));
            refused(&text, &format!("Statement[0].{name}{path}"), reason);
        }
    }
}

#[test]
fn statements_that_are_refused() {
    for (members, path, reason) in [
        (r#""Principal": "*""#, "", Reason::Missing("Effect")),
        (r#""Effect": "allow", "Principal": "*""#, ".Effect", Reason::InvalidEffect),
        (r#""Effect": ["Allow"], "Principal": "*""#, ".Effect", Reason::WrongType("text")),
        (r#""Effect": "Allow", "Effect": "Deny", "Principal": "*""#, ".Effect", Reason::Duplicate),
        (r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#, "", Reason::Missing("Principal")),
        (r#""Effect": "Deny", "Principal": "*", "NotPrincipal": "*""#, "", Reason::Both("Principal", "NotPrincipal")),
        (
            r#""Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}"#,
            ".NotPrincipal",
            Reason::NotPrincipalWithAllow,
        ),
        (r#"ALL, "Sid": 1"#, ".Sid", Reason::WrongType("text")),
        (r#"ALL, "Sid": "a\nb""#, ".Sid", Reason::InvalidSid),
        (r#"ALL, "Actions": "kms:*""#, ".Actions", Reason::UnknownElement),
        (r#"ALL, "Action": "kms:a", "NotAction": "kms:b""#, "", Reason::Both("Action", "NotAction")),
        (r#"ALL, "Action": []"#, ".Action", Reason::Empty),
        (r#"ALL, "Action": {}"#, ".Action", Reason::WrongType("text")),
        (r#"ALL, "Action": "Encrypt""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "NotAction": ["kms:a", "kms:"]"#, ".NotAction[1]", Reason::InvalidAction),
        (r#"ALL, "Action": ":a""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "Action": "k*:a""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "Action": "**""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "Action": "kms:En crypt""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "Action": "kms:a:b""#, ".Action", Reason::InvalidAction),
        (r#"ALL, "Resource": "*", "NotResource": "*""#, "", Reason::Both("Resource", "NotResource")),
        (r#"ALL, "Resource": "alias/a""#, ".Resource", Reason::InvalidResource),
        (r#"ALL, "Resource": """#, ".Resource", Reason::InvalidResource),
        (r#"ALL, "Resource": "arn:aws:kms:us-east-1""#, ".Resource", Reason::InvalidResource),
        (r#"ALL, "Resource": ["*", []]"#, ".Resource[1]", Reason::WrongType("text")),
        (r#"ALL, "NotResource": null"#, ".NotResource", Reason::WrongType("text or a list of texts")),
    ] {
        let text = with_statement(&members.replace("ALL", r#""Effect": "Allow", "Principal": "*""#));
        refused(&text, &format!("Statement[0]{path}"), reason);
    }
}

#[test]
fn conditions_that_are_refused() {
    let scalar = Reason::WrongType("text, a number, true or false");
    let needs = Reason::InvalidConditionValue;
    for (condition, path, reason) in [
        ("{}", "", Reason::Empty),
        ("[]", "", Reason::WrongType("an object")),
        (r#"{"StringEqual": {"a:b": "c"}}"#, ".StringEqual", Reason::UnknownOperator),
        (r#"{"NullIfExists": {"a:b": "true"}}"#, ".NullIfExists", Reason::UnknownOperator),
        (r#"{"StringEquals": {}}"#, ".StringEquals", Reason::Empty),
        (r#"{"StringEquals": "a"}"#, ".StringEquals", Reason::WrongType("an object")),
        (r#"{"StringEquals": {"a:b": "c"}, "StringEquals": {"d:e": "f"}}"#, ".StringEquals", Reason::Duplicate),
        (r#"{"StringEquals": {"a:b": "c", "a:b": "c"}}"#, r#".StringEquals["a:b"]"#, Reason::Duplicate),
        (r#"{"StringEquals": {"username": "a"}}"#, ".StringEquals.username", Reason::InvalidConditionKey),
        (r#"{"StringEquals": {"aws:": "a"}}"#, r#".StringEquals["aws:"]"#, Reason::InvalidConditionKey),
        (r#"{"StringEquals": {"a:b": []}}"#, r#".StringEquals["a:b"]"#, Reason::Empty),
        (r#"{"Bool": {"a:b": null}}"#, r#".Bool["a:b"]"#, Reason::WrongType("a value or a list of values")),
        (r#"{"StringEquals": {"a:b": {"c": "d"}}}"#, r#".StringEquals["a:b"]"#, scalar),
        (r#"{"StringEquals": {"a:b": ["c", ["d"]]}}"#, r#".StringEquals["a:b"][1]"#, scalar),
        (r#"{"Bool": {"a:b": "maybe"}}"#, r#".Bool["a:b"]"#, needs("true or false")),
        (r#"{"Null": {"a:b": [true, 1]}}"#, r#".Null["a:b"][1]"#, needs("true or false")),
        (r#"{"NumericEquals": {"a:b": "one"}}"#, r#".NumericEquals["a:b"]"#, needs("a number")),
        (
            r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.0.0.0/40"]}}"#,
            r#".IpAddress["aws:SourceIp"][1]"#,
            needs("an address or a CIDR range"),
        ),
        (
            r#"{"ForAllValues:StringEquals": {"kms:EncryptionContext:a": "b"}}"#,
            r#"["ForAllValues:StringEquals"]["kms:EncryptionContext:a"]"#,
            Reason::OverlyPermissiveCondition,
        ),
        (
            r#"{"ForAllValues:StringLikeIfExists": {"AWS:requesttag/a": "b"}}"#,
            r#"["ForAllValues:StringLikeIfExists"]["AWS:requesttag/a"]"#,
            Reason::OverlyPermissiveCondition,
        ),
    ] {
        refused(&with_condition(condition), &format!("Statement[0].Condition{path}"), reason);
    }
}

#[test]
fn messages_say_what_and_where() {
    let two = r#"{"Statement": [{"Effect": "Allow", "Principal": "*"},
                  {"Sid": "Allow \"use\"", "Effect": "Allow", "Principal": {"AWS": ["*", "arn:aws:iam::1:x"]}}]}"#;
    let permissive = with_condition(r#"{"ForAllValues:StringEquals": {"aws:RequestTag/a": "b"}}"#);
    for (text, statement, sid, message) in [
        ("{", None, None, "the policy is not valid JSON (line 1, column 1)"),
        ("{}", None, None, "the element Statement is missing"),
        (
            two,
            Some(1),
            Some("Allow \"use\""),
            "Policy contains a statement with one or more invalid principals. not a valid principal, at \
             Statement[1].Principal.AWS[1] (Sid \"Allow \\\"use\\\"\")",
        ),
        (
            &permissive,
            Some(0),
            Some("s"),
            "OverlyPermissiveCondition: ForAllValues must not be used with a single-valued key, as it holds when the \
             key is absent, at Statement[0].Condition[\"ForAllValues:StringEquals\"][\"aws:RequestTag/a\"] (Sid \"s\")",
        ),
    ] {
        let fault = fault(text);
        assert_eq!((fault.message().as_str(), fault.statement_index(), fault.sid()), (message, statement, sid));
        assert!(!fault.to_string().contains("Sid \""), "the log text repeats nothing of the policy: {fault}");
    }
}

#[test]
fn long_names_are_cut_in_paths() {
    let text = format!(r#"{{"{}": 1}}"#, "x".repeat(1000));
    assert!(fault(&text).message().len() < 150);
}

/// Nesting costs no stack, whether it is read or skipped.
#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        assert!(fault(&deep).is_json());
        let reason = fault(&with_condition(&format!(r#"{{"StringEquals": {{"a:b": [{deep}]}}}}"#))).reason();
        assert_eq!(reason, Reason::WrongType("text, a number, true or false"));
    }
}

const NAMES: [&str; 20] = [
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "AWS",
    "Service",
    "StringEquals",
    "ForAllValues:StringLike",
    "Bool",
    "kms:a",
    "",
    "ä",
];

const LEAVES: [&str; 12] = [
    "\"2012-10-17\"",
    "\"Allow\"",
    "\"Deny\"",
    "\"*\"",
    "\"kms:*\"",
    "\"111122223333\"",
    "\"arn:aws:iam::111122223333:root\"",
    "\"arn:aws:iam::111122223333:user/a\"",
    "null",
    "true",
    "1",
    "-1e9",
];

/// Pieces of policies in any order: most texts are JSON, and some come near a policy.
fn texts() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![3 => prop::sample::select(&LEAVES).prop_map(str::to_owned), 1 => "\"[ -~]{0,12}\""];
    leaf.prop_recursive(8, 64, 6, |inner| {
        let member =
            (prop::sample::select(&NAMES), inner.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(text in texts()) {
        if let Err(fault) = parse_key_policy(&text) {
            prop_assert!(!fault.message().is_empty());
        }
    }

    #[test]
    fn a_damaged_policy_is_read_or_refused(at in any::<prop::sample::Index>(), other in any::<char>(), cut in any::<bool>()) {
        let good = with_condition(r#"{"ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/a", "alias/b"]}}"#);
        let mut chars: Vec<char> = good.chars().collect();
        let at = at.index(chars.len());
        if cut { chars.truncate(at) } else { chars[at] = other }
        let outcome = parse_key_policy(&String::from_iter(chars));
        prop_assert!(!cut || outcome.is_err_and(|fault| !fault.is_json()));
    }
}
