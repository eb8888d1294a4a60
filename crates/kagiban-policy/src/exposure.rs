//! What a policy gives away, told without a request: for reports on policies, never for a decision.
//!
//! Statements are looked at one by one. Denials don't take anything back here, and conditions count only where it is said:
//! a report would rather name a policy too many.

use kagiban_base::id::AccountId;

use crate::glob::Pattern;
use crate::tree::{Comparison, Condition, Effect, Patterns, Policy, Principal, Statement};

/// Condition keys that a caller cannot choose; a statement for everyone that fixes one of them is not for everyone. In lower
/// case. (AWS's list for public access to keys, as far as the keys are known here.)
const FIXING_KEYS: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "kms:calleraccount",
];

/// Whether a statement of a key's policy allows something to everyone: to `*`, without a condition that fixes who that is.
pub fn allows_everyone(policy: &Policy) -> bool {
    let is_anyone = |statement: &Statement| {
        let named = statement.principals.as_ref();
        named.is_some_and(|named| !named.is_not && named.list.contains(&Principal::Anyone))
    };
    allowing(policy).any(|statement| is_anyone(statement) && !statement.conditions.iter().any(fixes_the_caller))
}

/// The first of these actions (`kms:Decrypt`) that a statement of an identity's policy allows on all keys of its account:
/// in every Region, whatever their ids are. Conditions don't count.
pub fn allowed_on_all_keys<'a>(policy: &Policy, account: AccountId, actions: &[&'a str]) -> Option<&'a str> {
    let keys = [
        "arn:aws:kms:us-east-1:{}:key/11111111-2222-4333-8444-555555555555",
        "arn:aws:kms:ap-southeast-2:{}:key/mrk-99999999aaaa4bbb8cccdddddddddddd",
    ];
    let keys = keys.map(|key| key.replace("{}", account.as_str()));
    let mut open = allowing(policy).filter(|statement| {
        let resources = statement.resources.as_ref();
        resources.is_some_and(|patterns| keys.iter().all(|key| covers_resource(patterns, key)))
    });
    open.find_map(|statement| {
        let patterns = statement.actions.as_ref()?;
        actions.iter().copied().find(|action| covers_action(patterns, action))
    })
}

/// Whether a statement allows everything that KMS has, by `*` or `kms:*`, on all resources. Conditions don't count.
pub fn is_wildcard_administration(policy: &Policy) -> bool {
    let every = |patterns: &Patterns, names: &[&str]| {
        let has = |pattern: &str| names.iter().any(|name| pattern.eq_ignore_ascii_case(name));
        patterns.is_not || patterns.list.iter().any(|pattern| has(pattern))
    };
    allowing(policy).any(|statement| {
        let (actions, resources) = (statement.actions.as_ref(), statement.resources.as_ref());
        actions
            .is_some_and(|patterns| every(patterns, &["*", "*:*", "kms:*"]) && covers_action(patterns, "kms:CreateKey"))
            && resources.is_some_and(|patterns| every(patterns, &["*"]))
    })
}

fn allowing(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.statements.iter().filter(|statement| statement.effect == Effect::Allow && statement.has_effect())
}

fn covers_action(patterns: &Patterns, action: &str) -> bool {
    let matches = |pattern: &str| Pattern::with_wildcards(&pattern.to_ascii_lowercase()).matches_any_case(action);
    patterns.list.iter().any(|pattern| matches(pattern)) != patterns.is_not
}

fn covers_resource(patterns: &Patterns, resource: &str) -> bool {
    patterns.list.iter().any(|pattern| Pattern::with_wildcards(pattern).matches(resource)) != patterns.is_not
}

/// Whether only callers with certain values of a key that they cannot choose are meant.
fn fixes_the_caller(condition: &Condition) -> bool {
    use Comparison as C;
    let key = condition.key.to_lowercase();
    let is_positive = matches!(
        condition.operator.comparison,
        C::ArnEquals | C::ArnLike | C::StringEquals | C::StringEqualsIgnoreCase | C::StringLike
    );
    let is_open = |value: &str| value.bytes().all(|byte| matches!(byte, b'*' | b'?')) || value.contains("${");
    FIXING_KEYS.contains(&key.as_str())
        && is_positive
        && !condition.operator.if_exists
        && condition.operator.set.is_none_or(|set| set == crate::tree::SetQualifier::ForAnyValue)
        && !condition.values.iter().any(|value| is_open(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_identity_policy, parse_key_policy};

    fn key_policy(statement: &str) -> Policy {
        parse_key_policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)).unwrap()
    }

    fn own_policy(statement: &str) -> Policy {
        parse_identity_policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)).unwrap()
    }

    #[test]
    fn who_is_everyone() {
        let statement = |effect: &str, principal: &str, condition: &str| {
            let condition =
                if condition.is_empty() { String::new() } else { format!(r#","Condition":{{{condition}}}"#) };
            format!(
                r#"{{"Effect":"{effect}","Principal":{principal},"Action":"kms:Decrypt","Resource":"*"{condition}}}"#
            )
        };
        for (effect, principal, condition, expected) in [
            ("Allow", r#""*""#, "", true),
            ("Allow", r#"{"AWS":"*"}"#, "", true),
            ("Allow", r#"{"AWS":["111122223333","*"]}"#, "", true),
            ("Deny", r#""*""#, "", false),
            ("Allow", r#"{"AWS":"111122223333"}"#, "", false),
            ("Allow", r#"{"Service":"s3.amazonaws.com"}"#, "", false),
            ("Allow", r#""*""#, r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#, false),
            ("Allow", r#""*""#, r#""StringEquals":{"aws:PrincipalOrgID":"o-1"}"#, false),
            ("Allow", r#""*""#, r#""StringLike":{"aws:PrincipalArn":"*"}"#, true),
            ("Allow", r#""*""#, r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#, false),
            ("Allow", r#""*""#, r#""StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}"#, true),
            ("Allow", r#""*""#, r#""StringNotEquals":{"kms:CallerAccount":"111122223333"}"#, true),
            ("Allow", r#""*""#, r#""StringEquals":{"aws:PrincipalArn":"${aws:PrincipalArn}"}"#, true),
            ("Allow", r#""*""#, r#""StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}"#, true),
        ] {
            let policy = key_policy(&statement(effect, principal, condition));
            assert_eq!(allows_everyone(&policy), expected, "{effect} {principal} {condition}");
        }
    }

    #[test]
    fn what_is_allowed_on_all_keys() {
        let account = "111122223333".parse().unwrap();
        for (actions, resources, expected) in [
            (r#""Action":"kms:Decrypt""#, r#""Resource":"*""#, Some("kms:Decrypt")),
            (r#""Action":"KMS:decrypt""#, r#""Resource":"*""#, Some("kms:Decrypt")),
            (r#""Action":"kms:*""#, r#""Resource":"arn:aws:kms:*:*:key/*""#, Some("kms:Decrypt")),
            (
                r#""Action":["s3:GetObject","kms:ReEncrypt*"]"#,
                r#""Resource":"arn:aws:kms:*:111122223333:key/*""#,
                Some("kms:ReEncryptFrom"),
            ),
            (r#""Action":"*""#, r#""Resource":"*""#, Some("kms:Decrypt")),
            (r#""NotAction":"iam:*""#, r#""Resource":"*""#, Some("kms:Decrypt")),
            (r#""NotAction":"kms:*""#, r#""Resource":"*""#, None),
            (r#""Action":"kms:Decrypt""#, r#""NotResource":"arn:aws:s3:::*""#, Some("kms:Decrypt")),
            (r#""Action":"kms:Encrypt""#, r#""Resource":"*""#, None),
            (r#""Action":"kms:Decrypt""#, r#""Resource":"arn:aws:kms:us-east-1:111122223333:key/*""#, None),
            (r#""Action":"kms:Decrypt""#, r#""Resource":"arn:aws:kms:*:444455556666:key/*""#, None),
            (
                r#""Action":"kms:Decrypt""#,
                r#""Resource":"arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555""#,
                None,
            ),
        ] {
            let policy = own_policy(&format!(r#"{{"Effect":"Allow",{actions},{resources}}}"#));
            let found = allowed_on_all_keys(&policy, account, &["kms:Decrypt", "kms:ReEncryptFrom"]);
            assert_eq!(found, expected, "{actions} {resources}");
            let denying = own_policy(&format!(r#"{{"Effect":"Deny",{actions},{resources}}}"#));
            assert_eq!(allowed_on_all_keys(&denying, account, &["kms:Decrypt", "kms:ReEncryptFrom"]), None);
        }
    }

    #[test]
    fn who_administers_everything() {
        for (actions, resources, expected) in [
            (r#""Action":"*""#, r#""Resource":"*""#, true),
            (r#""Action":"kms:*""#, r#""Resource":"*""#, true),
            (r#""Action":["iam:*","KMS:*"]"#, r#""Resource":["arn:aws:s3:::x","*"]"#, true),
            (r#""NotAction":"s3:*""#, r#""Resource":"*""#, true),
            (r#""NotAction":"kms:*""#, r#""Resource":"*""#, false),
            (r#""Action":"kms:Create*""#, r#""Resource":"*""#, false),
            (r#""Action":"s3:*""#, r#""Resource":"*""#, false),
            (r#""Action":"kms:*""#, r#""Resource":"arn:aws:kms:*:*:key/x""#, false),
        ] {
            let policy = own_policy(&format!(r#"{{"Effect":"Allow",{actions},{resources}}}"#));
            assert_eq!(is_wildcard_administration(&policy), expected, "{actions} {resources}");
        }
    }
}
