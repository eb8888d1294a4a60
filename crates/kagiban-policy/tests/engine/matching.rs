//! Actions, resources and wildcards.

use kagiban_policy::{
    CompiledPolicy, Decision, Identity, NamedPolicy, Policies, Question, Requester, ResourcePolicies, decide,
    parse_key_policy,
};

use crate::{Case, HOME, KEY, Values};

fn is_about(action: &str, resource: &str, asked: (&str, &str)) -> bool {
    let statement = format!(r#""Effect": "Allow", {action}, {resource}"#);
    Case { action: asked.0, resource: asked.1, identity: &[&statement], ..Case::default() }.is_allowed()
}

#[test]
fn actions_match_without_regard_to_case() {
    for (element, action, whether) in [
        (r#""Action": "kms:Decrypt""#, "kms:Decrypt", true),
        (r#""Action": "KMS:decrypt""#, "kms:Decrypt", true),
        (r#""Action": "kms:Decrypt""#, "KMS:DECRYPT", true),
        (r#""Action": "kms:Decrypt""#, "kms:Decrypt2", false),
        (r#""Action": "kms:Decrypt""#, "kms:Decryp", false),
        (r#""Action": "*""#, "kms:Decrypt", true),
        (r#""Action": "*:*""#, "kms:Decrypt", true),
        (r#""Action": "kms:*""#, "kms:Decrypt", true),
        (r#""Action": "kms:*""#, "kmsx:Decrypt", false),
        (r#""Action": "Kms:de*""#, "kms:DescribeKey", true),
        (r#""Action": "kms:*KEY""#, "kms:DescribeKey", true),
        (r#""Action": "kms:G*K*p*t""#, "kms:GenerateDataKeyPairWithoutPlaintext", true),
        (r#""Action": "kms:?ecrypt""#, "kms:Decrypt", true),
        (r#""Action": "kms:?ecrypt""#, "kms:crypt", false),
        (r#""Action": "kms:ReEncrypt*""#, "kms:ReEncryptFrom", true),
        (r#""Action": "kms:ReEncrypt""#, "kms:ReEncryptFrom", false),
        (r#""Action": ["kms:a", "kms:Decrypt"]"#, "kms:Decrypt", true),
        (r#""NotAction": "KMS:decrypt""#, "kms:Decrypt", false),
        (r#""NotAction": ["kms:a", "kms:d*"]"#, "kms:Decrypt", false),
        (r#""NotAction": ["kms:a", "iam:*"]"#, "kms:Decrypt", true),
    ] {
        assert_eq!(is_about(element, r#""Resource": "*""#, (action, KEY)), whether, "{element} {action}");
    }
}

#[test]
fn resources_match_as_they_are() {
    let key = |rest: &str| format!("arn:aws:kms:eu-central-1:111122223333:key/{rest}");
    for (element, resource, whether) in [
        (r#""Resource": "*""#, "*", true),
        (r#""Resource": "arn:aws:kms:*""#, "*", false),
        (r#""Resource": "arn:aws:kms:*""#, KEY, true),
        (r#""Resource": "arn:aws:kms:*3333:key/a:*""#, &key("a:b"), true),
        (r#""Resource": "arn:aws:kms:*:111122223333:key/a""#, &key("a"), true),
        (r#""Resource": "arn:*:kms:*:*:key/a""#, &key("a"), true),
        (r#""Resource": "arn:aws:kms:eu-central-?:111122223333:key/*""#, &key("a:b/c"), true),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/a""#, &key("A"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:KEY/a""#, &key("a"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/b/*""#, &key("b/../a"), true),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/a""#, &key("b/../a"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/a""#, &key("./a"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/a""#, &key("%61"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/%61""#, &key("a"), false),
        (r#""Resource": "arn:aws:kms:eu-central-1:111122223333:key/a""#, &key("a "), false),
        (r#""NotResource": "arn:aws:kms:*""#, KEY, false),
        (r#""NotResource": "arn:aws:kms:*""#, "*", true),
        (r#""NotResource": ["arn:aws:s3:::a", "arn:aws:kms:*:*:alias/*"]"#, KEY, true),
    ] {
        assert_eq!(is_about(r#""Action": "*""#, element, ("kms:Decrypt", resource)), whether, "{element} {resource}");
    }
}

/// Such statements are stored, but do nothing; even those that deny.
#[test]
fn statements_without_action_or_resource_have_no_effect() {
    let all = r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#;
    for without in [
        r#""Principal": "*", "Action": "*""#,
        r#""Principal": "*", "Resource": "*""#,
        r#""Principal": "*", "NotAction": "kms:a""#,
        r#""Principal": "*""#,
    ] {
        let (allow, deny) = (format!(r#""Effect": "Allow", {without}"#), format!(r#""Effect": "Deny", {without}"#));
        assert!(!Case { key: Some(&[&allow]), ..Case::default() }.is_allowed(), "{without}");
        assert!(Case { key: Some(&[all, &deny]), ..Case::default() }.is_allowed(), "{without}");
    }
}

/// A tree that no parser makes: values that cannot be read allow nothing and deny everything.
#[test]
fn unreadable_trees_deny() {
    let text = |effect: &str| {
        format!(
            r#"{{"Statement": [{{"Effect": "{effect}", "Principal": "*", "Action": "*", "Resource": "*", "Condition":
            {{"NumericEquals": {{"a:b": 1}}}}}}, {{"Effect": "Allow", "Principal": {{"AWS": "{HOME}"}},
            "Action": "*", "Resource": "*"}}]}}"#
        )
    };
    let denied_by = |effect: &str, break_it: fn(&mut kagiban_policy::tree::Policy)| {
        let mut policy = parse_key_policy(&text(effect)).unwrap();
        break_it(&mut policy);
        let compiled = CompiledPolicy::compile(&policy, &|_| None);
        let policies = [NamedPolicy { name: "", policy: &compiled }];
        let owner = HOME.parse().unwrap();
        let resource = Some(ResourcePolicies { owner, policies: &policies });
        let requester = Requester { account: owner, identity: Identity::User { unique_id: "AIDAa" } };
        let question = Question { action: "kms:a", resource: KEY, requester: &requester, values: &Values(&[]) };
        let policies = Policies { resource, identity: &[], boundary: None, session: &[] };
        match decide(&question, &policies, &|| None) {
            Decision::Allowed(_) => panic!("{effect}: allowed"),
            Decision::Denied(denial) => denial.is_explicit(),
        }
    };
    let unreadable: fn(&mut kagiban_policy::tree::Policy) =
        |policy| policy.statements[0].conditions[0].values = vec!["one".into()];
    let nameless: fn(&mut kagiban_policy::tree::Policy) = |policy| {
        policy.statements[0].principals = None;
        policy.statements[0].conditions.clear();
    };
    let everyone_else: fn(&mut kagiban_policy::tree::Policy) = |policy| {
        policy.statements[0].principals.as_mut().unwrap().is_not = true;
        policy.statements[0].principals.as_mut().unwrap().list.clear();
        policy.statements[0].conditions.clear();
    };
    for break_it in [unreadable, nameless, everyone_else] {
        assert!(denied_by("Deny", break_it));
        assert!(!denied_by("Allow", break_it));
    }
}
