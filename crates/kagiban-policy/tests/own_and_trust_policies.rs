//! Policies of identities and trust policies: what IAM takes, what it refuses, and in which words.

#![expect(clippy::unwrap_used, reason = "tests")]

use kagiban_policy::tree::{Policy, Principal};
use kagiban_policy::{
    MalformedPolicy, PrincipalFault, Reason, parse_identity_policy, parse_key_policy, parse_trust_policy,
};

type Parse = fn(&str) -> Result<Policy, MalformedPolicy>;

fn with_statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#)
}

/// The members that make a statement whole.
const OWN: &str = r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#;
const TRUST: &str = r#""Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole""#;

#[test]
fn policies_of_identities_are_taken() {
    for members in [
        OWN,
        r#""Sid": "Sid1", "Effect": "Deny", "NotAction": ["iam:*", "sts:Get*"], "NotResource": ["arn:aws:s3:::a/${aws:username}", "*"]"#,
        r#""Sid": "", "Effect": "Allow", "Action": "*", "Resource": "arn:aws:kms:*""#,
        r#""Effect": "Allow", "Action": "*:*", "Resource": "*""#,
        r#""Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {
            "ForAllValues:StringEquals": {"aws:RequestTag/a": "b"}, "Null": {"aws:MultiFactorAuthAge": false}}"#,
    ] {
        let policy = parse_identity_policy(&with_statement(members)).map_err(|fault| fault.message()).unwrap();
        assert!(policy.principals().next().is_none() && policy.statements[0].principals.is_none(), "{members}");
    }
}

#[test]
fn trust_policies_are_taken() {
    for members in [
        TRUST,
        r#""Sid": "A1", "Effect": "Deny", "Principal": "*", "Action": ["sts:*", "STS:TagSession"]"#,
        r#""Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com", "AWS": ["*", "AROAEXAMPLEID1234567"]}, "NotAction": "sts:TagSession""#,
        r#""Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/1"},
           "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {
           "StringEquals": {"oidc.example.com/id/1:sub": "system:serviceaccount:a:b", "oidc.example.com/id/1:aud": "sts.amazonaws.com"}}"#,
    ] {
        let policy = parse_trust_policy(&with_statement(members)).map_err(|fault| fault.message()).unwrap();
        let resources = policy.statements[0].resources.as_ref().unwrap();
        assert!(!resources.is_not && resources.list == ["*".into()], "{members}");
        assert!(policy.statements[0].has_effect() && policy.principals().next().is_some());
    }
}

#[track_caller]
fn refused(parse: Parse, text: &str, reason: Reason, words: &str) {
    let fault = parse(text).unwrap_err();
    assert_eq!(fault.reason(), reason, "{text}");
    assert!(fault.message().starts_with(words), "{}", fault.message());
    assert!(fault.message().contains(fault.path()), "{}", fault.message());
}

const SYNTAX: &str = "Syntax errors in policy. ";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. ";
const LEGACY: &str = "The policy failed legacy parsing. ";

#[test]
fn policies_of_identities_are_refused() {
    let principal = "Policy document must not specify a principal. ";
    for (members, reason, words) in [
        (r#"OWN, "Principal": "*""#, Reason::Prohibited("Principal"), principal),
        (r#"OWN, "NotPrincipal": {"AWS": "*"}"#, Reason::Prohibited("NotPrincipal"), principal),
        (
            r#""Effect": "Allow", "Resource": "*""#,
            Reason::Missing("Action"),
            "Policy statement must contain actions. the element Action is missing, at Statement[0]",
        ),
        (
            r#""Effect": "Allow", "Action": "*""#,
            Reason::Missing("Resource"),
            "Policy statement must contain resources. ",
        ),
        (r#""Action": "*", "Resource": "*""#, Reason::Missing("Effect"), SYNTAX),
        (r#""Effect": "Allow", "Action": "Decrypt", "Resource": "*""#, Reason::InvalidAction, VENDOR),
        (r#""Effect": "Allow", "Action": "k*:a", "Resource": "*""#, Reason::InvalidAction, LEGACY),
        (r#""Effect": "Allow", "Action": [], "Resource": "*""#, Reason::Empty, SYNTAX),
        (r#""Effect": "Allow", "Action": ["kms:a", ""], "Resource": "*""#, Reason::InvalidAction, VENDOR),
        (
            r#""Effect": "Allow", "Action": "*", "Resource": ["*", "bucket"]"#,
            Reason::InvalidResource,
            "Resource bucket must be in ARN format or \"*\". a resource must be * or an ARN, at Statement[0].Resource[1]",
        ),
        (r#""Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3""#, Reason::InvalidResource, LEGACY),
        (r#"OWN, "Condition": {"StringEquals": {"username": "a"}}"#, Reason::InvalidConditionKey, VENDOR),
        (r#"OWN, "Condition": {"StringEq": {"a:b": "a"}}"#, Reason::UnknownOperator, SYNTAX),
        (r#"OWN, "Sid": "two words""#, Reason::SidNotAlphanumeric, "Statement IDs (SID) must be alpha-numeric. "),
        (r#"OWN, "Sid": "ä""#, Reason::SidNotAlphanumeric, "Statement IDs (SID) must be alpha-numeric. "),
        (r#"OWN, "Sid": 1"#, Reason::WrongType("text"), SYNTAX),
        (r#"OWN, "Effect": "Deny""#, Reason::Duplicate, SYNTAX),
        (r#"OWN, "Extra": 1"#, Reason::UnknownElement, SYNTAX),
        (r#"OWN, "NotAction": "kms:a""#, Reason::Both("Action", "NotAction"), SYNTAX),
    ] {
        refused(parse_identity_policy, &with_statement(&members.replace("OWN", OWN)), reason, words);
    }
}

#[test]
fn trust_policies_are_refused() {
    let malformed = Reason::InvalidPrincipal(PrincipalFault::Malformed);
    let action = r#""Effect": "Allow", "Action": "sts:AssumeRole""#;
    let with_principal = |principal: &str| with_statement(&format!(r#"{action}, "Principal": {principal}"#));
    for (members, reason, words) in [
        (r#"TRUST, "Resource": "*""#, Reason::Prohibited("Resource"), "Has prohibited field Resource. "),
        (r#"TRUST, "NotResource": "*""#, Reason::Prohibited("NotResource"), "Has prohibited field NotResource. "),
        (
            r#""Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "sts:*""#,
            Reason::Prohibited("NotPrincipal"),
            "Has prohibited field NotPrincipal. ",
        ),
        (r#""Effect": "Allow", "Action": "sts:*""#, Reason::Missing("Principal"), "Missing required field Principal. "),
        (
            r#""Effect": "Allow", "Principal": "*""#,
            Reason::Missing("Action"),
            "Policy statement must contain actions. ",
        ),
        (r#"TRUST, "Sid": "a b""#, Reason::SidNotAlphanumeric, "Statement IDs (SID) must be alpha-numeric. "),
    ] {
        refused(parse_trust_policy, &with_statement(&members.replace("TRUST", TRUST)), reason, words);
    }
    for action in ["*", "*:*", "kms:Decrypt", "stsx:AssumeRole"] {
        let text = with_statement(&format!(
            r#""Effect": "Allow", "Principal": "*", "Action": ["sts:TagSession", "{action}"]"#
        ));
        refused(
            parse_trust_policy,
            &text,
            Reason::NotSts,
            "AssumeRole policy may only specify STS AssumeRole actions. ",
        );
    }
    for (principal, reason, quote) in [
        (r#"{"AWS": "alice"}"#, malformed, r#""AWS":"alice""#),
        (
            r#"{"Federated": "cognito-identity.amazonaws.com"}"#,
            malformed,
            r#""Federated":"cognito-identity.amazonaws.com""#,
        ),
        (r#"{"CanonicalUser": "0"}"#, Reason::InvalidPrincipal(PrincipalFault::UnknownType), r#""CanonicalUser""#),
        (r#""alice""#, malformed, r#""alice""#),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:group/g"}"#,
            Reason::InvalidPrincipal(PrincipalFault::Group),
            r#""AWS":"arn:aws:iam::111122223333:group/g""#,
        ),
        (
            r#"{"AWS": "arn:aws:iam::111122223333:role/*"}"#,
            Reason::InvalidPrincipal(PrincipalFault::Wildcard),
            r#""AWS":"#,
        ),
    ] {
        refused(
            parse_trust_policy,
            &with_principal(principal),
            reason,
            &format!("Invalid principal in policy: {quote}"),
        );
    }
}

/// Two statements of one Sid are taken in key policies only; two that are empty everywhere.
#[test]
fn statement_ids_are_unique() {
    let two = |members: &str, sid: &str| {
        let one = format!(r#"{{{members}, "Sid": "{sid}"}}"#);
        format!(r#"{{"Statement": [{one}, {one}]}}"#)
    };
    let words =
        "Statement IDs (SID) in a single policy must be unique. an earlier statement has this Sid, at Statement[1]";
    refused(parse_identity_policy, &two(OWN, "a"), Reason::DuplicateSid, words);
    refused(parse_trust_policy, &two(TRUST, "a"), Reason::DuplicateSid, words);
    assert!(parse_identity_policy(&two(OWN, "")).is_ok());
    assert!(parse_key_policy(&two(r#""Effect": "Deny", "Principal": "*""#, "a")).is_ok());
}

#[test]
fn whole_texts_are_refused() {
    for parse in [parse_identity_policy as Parse, parse_trust_policy] {
        let json = "This policy contains invalid Json. ";
        refused(parse, "", Reason::NotJson { line: 1, column: 0 }, json);
        refused(parse, "{} x", Reason::NotJson { line: 1, column: 4 }, json);
        refused(parse, "[]", Reason::WrongType("an object"), SYNTAX);
        refused(parse, "{}", Reason::Missing("Statement"), SYNTAX);
        refused(parse, r#"{"Statement": []}"#, Reason::Empty, SYNTAX);
        refused(parse, r#"{"Version": "2020-01-01", "Statement": {}}"#, Reason::InvalidVersion, SYNTAX);
    }
}

/// What a message repeats of the policy is bounded.
#[test]
fn quotes_are_cut() {
    let text = with_statement(&format!(r#""Effect": "Allow", "Action": "*", "Resource": "{}""#, "ä".repeat(10_000)));
    assert!(parse_identity_policy(&text).unwrap_err().message().chars().count() < 500);
}

#[test]
fn a_policy_tells_whom_and_which_keys_it_names() {
    let text = with_statement(
        r#""Effect": "Allow", "Principal": {"AWS": ["111122223333", "AIDAEXAMPLEID1234567"], "Service": "s3.amazonaws.com"},
           "Action": "kms:*", "Resource": ["*", "arn:aws:kms:*:*:key/${aws:PrincipalTag/key, 'x'}"],
           "Condition": {"StringLike": {"kms:ViaService": ["a", "${aws:username}${*}"]}, "Bool": {"AWS:SecureTransport": true}}"#,
    );
    let policy = parse_key_policy(&text).unwrap();
    let expected = [
        Principal::Account("111122223333".parse().unwrap()),
        Principal::UniqueId("AIDAEXAMPLEID1234567".into()),
        Principal::Service("s3.amazonaws.com".into()),
    ];
    assert!(policy.principals().eq(&expected));
    let keys: Vec<&str> = policy.condition_keys().collect();
    assert_eq!(keys, ["kms:ViaService", "AWS:SecureTransport", "aws:username", "aws:PrincipalTag/key"]);
    let old = parse_key_policy(&text.replace("2012-10-17", "2008-10-17")).unwrap();
    assert_eq!(old.condition_keys().collect::<Vec<_>>(), ["kms:ViaService", "AWS:SecureTransport"]);
}
