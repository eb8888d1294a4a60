//! The policy of a key that was made without one.

use kagiban_base::id::{AccountId, Partition};

/// The key policy that CreateKey gives when none is sent: the account may do everything and thereby lets its identity
/// policies decide (developer guide, "Default key policy"). In the layout in which AWS shows it.
pub fn default_key_policy(account: AccountId, partition: Partition) -> String {
    let root = account.root_arn(partition);
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{root}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_key_policy;
    use crate::tree::{Effect, Patterns, Policy, Principal, Principals, Statement, Version};

    #[test]
    fn the_default_policy_is_one_statement_for_the_account() {
        let account = "111122223333".parse().unwrap();
        let only = |pattern: &str| Some(Patterns { is_not: false, list: vec![pattern.into()] });
        let expected = Policy {
            version: Version::V2012,
            id: Some("key-default-1".into()),
            statements: vec![Statement {
                index: 0,
                sid: Some("Enable IAM User Permissions".into()),
                effect: Effect::Allow,
                principals: Some(Principals { is_not: false, list: vec![Principal::Account(account)] }),
                actions: only("kms:*"),
                resources: only("*"),
                conditions: Vec::new(),
            }],
        };
        for partition in [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov] {
            let text = default_key_policy(account, partition);
            assert!(text.contains(&format!("\"AWS\" : \"arn:{}:iam::111122223333:root\"", partition.as_str())));
            assert_eq!(parse_key_policy(&text), Ok(expected.clone()));
        }
    }
}
