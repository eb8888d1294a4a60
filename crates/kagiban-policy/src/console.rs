//! The key policies that AWS's console makes: what it lets people click together, as one document.
//!
//! Source: developer guide, "Default key policy", the section on keys made with the console.

use std::fmt::Write;

use kagiban_base::id::{AccountId, Partition};

/// What the console asks for when a key is made.
#[derive(Clone, Debug)]
pub struct ConsolePolicy<'a> {
    /// The account of the key.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// ARNs of users and roles that administer the key; without any, nobody but the account does.
    pub administrators: &'a [String],
    /// ARNs of users and roles, and accounts, that use the key.
    pub users: &'a [String],
    /// What the key is for.
    pub usage: ConsoleUsage,
    /// Whether its material is imported: administrators may import then.
    pub is_imported: bool,
    /// Whether it is a multi-Region key: administrators may replicate it and move its primary Region then.
    pub is_multi_region: bool,
}

/// What a key is for, as far as the actions of its users differ.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConsoleUsage {
    /// An asymmetric key that encrypts.
    AsymmetricEncryption,
    /// A key that agrees on secrets.
    KeyAgreement,
    /// An HMAC key.
    Mac,
    /// A key that signs.
    Signing,
    /// A symmetric encryption key; services may get grants on it for its users.
    SymmetricEncryption,
}

const ADMINISTRATION: [&str; 15] = [
    "kms:Create*",
    "kms:Describe*",
    "kms:Enable*",
    "kms:List*",
    "kms:Put*",
    "kms:Update*",
    "kms:Revoke*",
    "kms:Disable*",
    "kms:Get*",
    "kms:Delete*",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:RotateKeyOnDemand",
];

const GRANTS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

impl ConsoleUsage {
    const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::AsymmetricEncryption => {
                &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
            }
            Self::KeyAgreement => &["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"],
            Self::Mac => &["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"],
            Self::Signing => &["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"],
            Self::SymmetricEncryption => {
                &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
            }
        }
    }
}

impl ConsolePolicy<'_> {
    /// The document.
    pub fn document(&self) -> String {
        let root = self.account.root_arn(self.partition);
        let mut statements = vec![statement("Enable IAM User Permissions", &[root], &["kms:*"], "")];
        if !self.administrators.is_empty() {
            let mut actions = ADMINISTRATION.to_vec();
            if self.is_imported {
                actions.push("kms:ImportKeyMaterial");
            }
            if self.is_multi_region {
                actions.extend(["kms:ReplicateKey", "kms:UpdatePrimaryRegion"]);
            }
            statements.push(statement("Allow access for Key Administrators", self.administrators, &actions, ""));
        }
        if !self.users.is_empty() {
            statements.push(statement("Allow use of the key", self.users, self.usage.actions(), ""));
        }
        if !self.users.is_empty() && self.usage == ConsoleUsage::SymmetricEncryption {
            let condition = r#", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}"#;
            statements.push(statement("Allow attachment of persistent resources", self.users, &GRANTS, condition));
        }
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"key-consolepolicy-3\",\n  \"Statement\": [\n    {}\n  ]\n}}",
            statements.join(",\n    ")
        )
    }
}

fn statement(sid: &str, principals: &[String], actions: &[&str], condition: &str) -> String {
    let (principals, actions) = (list(principals), list(actions));
    format!(
        "{{\"Sid\": \"{sid}\", \"Effect\": \"Allow\", \"Principal\": {{\"AWS\": {principals}}},\n     \
         \"Action\": {actions}, \"Resource\": \"*\"{condition}}}"
    )
}

/// A JSON list of texts, which may be anybody's.
fn list(texts: &[impl AsRef<str>]) -> String {
    let mut out = String::from("[");
    for (index, text) in texts.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _infallible = write!(out, "{separator}{}", serde_json::Value::from(text.as_ref()));
    }
    out + "]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_key_policy;
    use crate::tree::Policy;

    fn policy(usage: ConsoleUsage, administrators: &[&str], users: &[&str], more: bool) -> Policy {
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (administrators, users) = (owned(administrators), owned(users));
        let document = ConsolePolicy {
            account: "111122223333".parse().unwrap(),
            partition: Partition::Aws,
            administrators: &administrators,
            users: &users,
            usage,
            is_imported: more,
            is_multi_region: more,
        };
        parse_key_policy(&document.document()).unwrap()
    }

    fn actions(policy: &Policy, sid: &str) -> Vec<String> {
        let found = policy.statements.iter().find(|statement| statement.sid.as_deref() == Some(sid));
        let patterns = found.and_then(|statement| statement.actions.as_ref());
        patterns.map(|patterns| patterns.list.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    #[test]
    fn each_usage_has_its_statements() {
        let (admin, user) = ("arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::111122223333:user/alice");
        for (usage, count, action) in [
            (ConsoleUsage::AsymmetricEncryption, 3, "kms:GetPublicKey"),
            (ConsoleUsage::KeyAgreement, 3, "kms:DeriveSharedSecret"),
            (ConsoleUsage::Mac, 3, "kms:VerifyMac"),
            (ConsoleUsage::Signing, 3, "kms:Sign"),
            (ConsoleUsage::SymmetricEncryption, 4, "kms:GenerateDataKey*"),
        ] {
            let policy = policy(usage, &[admin], &[user], false);
            assert_eq!(policy.statements.len(), count, "{usage:?}");
            assert!(actions(&policy, "Allow use of the key").contains(&action.to_owned()), "{usage:?}");
            assert_eq!(actions(&policy, "Allow access for Key Administrators").len(), ADMINISTRATION.len());
        }
    }

    #[test]
    fn administrators_get_what_the_kind_of_key_needs() {
        let policy = policy(ConsoleUsage::SymmetricEncryption, &["arn:aws:iam::111122223333:role/A"], &[], true);
        let actions = actions(&policy, "Allow access for Key Administrators");
        assert_eq!(actions[15..], ["kms:ImportKeyMaterial", "kms:ReplicateKey", "kms:UpdatePrimaryRegion"]);
        assert_eq!(policy.statements.len(), 2);
    }

    #[test]
    fn names_cannot_break_out_of_the_document() {
        let hostile = ConsolePolicy {
            account: "111122223333".parse().unwrap(),
            partition: Partition::Aws,
            administrators: &[],
            users: &["x\"], \"NotPrincipal\": [\"".to_owned()],
            usage: ConsoleUsage::Mac,
            is_imported: false,
            is_multi_region: false,
        };
        assert!(parse_key_policy(&hostile.document()).is_err());
        assert!(serde_json::from_str::<serde_json::Value>(&hostile.document()).is_ok());
    }
}
