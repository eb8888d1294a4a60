//! Why, in sentences.

use kagiban_policy::{Failure, GrantedTo, Identity};

use crate::{Case, Given, HOME, SESSION};

const VIA: &str = r#""Sid": "Via", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*",
    "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": ["s3.eu.amazonaws.com", "ec2.eu.amazonaws.com"]},
    "ForAnyValue:StringLikeIfExists": {"kms:ResourceAliases": "alias/a*"}}"#;

#[track_caller]
fn explained(case: Case<'_>, lines: &[&str]) {
    assert_eq!(case.explain().to_string(), lines.join("\n"));
}

#[test]
fn near_misses_are_told() {
    let other = r#""Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/bob"},
        "Action": "kms:Encrypt", "Resource": "arn:aws:kms:eu-central-1:111122223333:alias/a""#;
    let own = r#""Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*""#;
    let case = Case { key: Some(&[VIA, other]), identity: &[own], ..Case::default() };
    let values = [
        ("kms:ViaService", Given::One("sns.eu.amazonaws.com")),
        ("kms:ResourceAliases", Given::Many(&["alias/b", "alias/\n\"c"])),
    ];
    let denied = "Denied: no resource-based policy allows the request.";
    let no_grant = "No grant to the caller covers the request.";
    let identity = "Allow, statement 0 of the identity-based policy \"own\" applies.";
    let unrelated = "Allow, statement 1 of the resource-based policy \"key policy\" does not apply: it is not about this \
                     caller; it is not about this action; it is not about this resource.";
    explained(
        Case { values: &values, ..case },
        &[
            denied,
            no_grant,
            identity,
            "Allow, statement 0 (Sid \"Via\") of the resource-based policy \"key policy\" does not apply: the condition \
             StringEquals on \"kms:ViaService\" has \"s3.eu.amazonaws.com\", \"ec2.eu.amazonaws.com\", and the request \
             has \"sns.eu.amazonaws.com\"; the condition ForAnyValue:StringLikeIfExists on \"kms:ResourceAliases\" has \
             \"alias/a*\", and the request has \"alias/b\", \"alias/\\n\\\"c\".",
            unrelated,
        ],
    );
    explained(
        case,
        &[
            denied,
            no_grant,
            identity,
            "Allow, statement 0 (Sid \"Via\") of the resource-based policy \"key policy\" does not apply: the condition \
             StringEquals on \"kms:ViaService\" has \"s3.eu.amazonaws.com\", \"ec2.eu.amazonaws.com\", and the request \
             has no such key.",
            unrelated,
        ],
    );
    let values = [("kms:ViaService", Given::One("s3.eu.amazonaws.com"))];
    explained(
        Case { values: &values, ..case },
        &[
            "Allowed: statement 0 of the identity-based policy \"own\" allows the request.",
            identity,
            "Allow, statement 0 (Sid \"Via\") of the resource-based policy \"key policy\" applies, if an identity-based \
             policy allows as well.",
            unrelated,
        ],
    );
}

#[test]
fn each_outcome_has_its_sentence() {
    let deny = r#""Sid": "Stop", "Effect": "Deny", "Action": "*", "Resource": "*""#;
    let allow = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    let other = r#""Effect": "Allow", "Action": "kms:a", "Resource": "*""#;
    let worker = format!(r#"{allow}, "Principal": {{"AWS": "arn:aws:iam::{HOME}:role/worker"}}"#);
    let key = [worker.as_str()];
    let case = Case::default();
    let session = Case { who: SESSION, key: Some(&key), ..case };
    for (case, first) in [
        (
            Case { who: Identity::Root, ..case },
            "Allowed: the root user needs no permission where there is no resource.\nThere is no identity-based policy.",
        ),
        (
            Case { key: Some(&[]), grant: Some(GrantedTo::User), ..case },
            "Allowed: a grant to the calling user covers the request.\nA grant to the calling user covers the request.\
             \nThere is no identity-based policy.\nThere is no resource-based policy.",
        ),
        (
            Case { key: Some(&[]), grant: Some(GrantedTo::Account), ..case },
            "Denied: no identity-based policy allows the request.\nA grant to the caller's account covers the request.",
        ),
        (
            Case { identity: &[allow, deny], ..case },
            "Denied: statement 0 (Sid \"Stop\") of the identity-based policy \"own\" denies the request.",
        ),
        (session, "Allowed: statement 0 of the resource-based policy \"key policy\" allows the request."),
        (Case { boundary: Some(other), ..session }, "Denied: the permissions boundary does not allow the request."),
        (Case { session: &[other], ..session }, "Denied: no session policy allows the request."),
        (case, "Denied: no identity-based policy allows the request."),
    ] {
        let text = case.explain().to_string();
        assert!(text.starts_with(first), "{text}");
    }
}

#[test]
fn explanations_are_data() {
    let case = Case { key: Some(&[VIA]), ..Case::default() };
    let explanation = case.explain();
    let statement = &explanation.statements[0];
    assert!(!statement.applies());
    assert_eq!(statement.sid.as_deref(), Some("Via"));
    assert!(explanation.asked_for_grants && explanation.grant.is_none() && explanation.has_resource);
    let [Failure::Condition { operator, key, wanted, given }] = &statement.failures[..] else {
        panic!("{:?}", statement.failures)
    };
    assert_eq!((operator.to_string().as_str(), key.as_str()), ("StringEquals", "kms:ViaService"));
    assert_eq!((wanted.len(), given.len()), (2, 0));
}

/// Nothing of a request or a policy breaks out of its line.
#[test]
fn texts_cannot_forge_lines() {
    let statement = r#""Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": {"kms:EncryptionContext:x\nAllowed: y": "z\nAllowed: w"}}"#;
    let values = [("kms:encryptioncontext:x\nallowed: y", Given::One("\nAllowed: v\u{202e}\r"))];
    let text = Case { identity: &[statement], values: &values, ..Case::default() }.explain().to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(!text.contains(['\r', '\u{202e}']), "{text}");
}
