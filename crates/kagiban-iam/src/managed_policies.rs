//! The managed policies of AWS that exist here: those that are about keys and identities, and those that administrators are
//! given everywhere.
//!
//! Names, paths, ids and dates are AWS's. DIFFERS: descriptions are ours; documents hold what AWS's say about the services that exist here (KMS,
//! IAM, STS) and leave the others out, so each has one version, `v1`, and stays as it is.

use std::sync::OnceLock;

use kagiban_base::id::Partition;
use kagiban_base::time::Timestamp;

use crate::directory::{LoadedPolicy, compile_identity_policy};
use crate::records::{AWS_POLICY_PREFIX, PolicyRef};

/// A managed policy of AWS.
#[derive(Debug)]
pub(crate) struct AwsPolicy {
    pub(crate) name: &'static str,
    /// `/`, or `/.../`.
    pub(crate) path: &'static str,
    /// The unique id that AWS gave it.
    pub(crate) id: &'static str,
    /// When AWS made it, in seconds since 1970.
    created_s: i64,
    pub(crate) description: &'static str,
    pub(crate) document: &'static str,
}

/// Sorted by name.
pub(crate) static AWS_POLICIES: [AwsPolicy; 9] = [
    AwsPolicy {
        name: "AWSDenyAll",
        path: "/",
        id: "ANPAZKAPJZG4P43IUQ5E5",
        created_s: 1_556_750_174,
        description: "Denies everything.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DenyAll",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "AWSKeyManagementServicePowerUser",
        path: "/",
        id: "ANPAJNPP7PPPPMJRV2SA4",
        created_s: 1_423_248_040,
        description: "Making, describing and tagging keys and aliases.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "kms:CreateAlias",
                "kms:CreateKey",
                "kms:DeleteAlias",
                "kms:Describe*",
                "kms:GenerateRandom",
                "kms:Get*",
                "kms:List*",
                "kms:TagResource",
                "kms:UntagResource",
                "iam:ListGroups",
                "iam:ListRoles",
                "iam:ListUsers"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "AdministratorAccess",
        path: "/",
        id: "ANPAIWMBCKSKIEE64ZLYK",
        created_s: 1_423_247_986,
        description: "Everything.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "IAMFullAccess",
        path: "/",
        id: "ANPAI7XKCFMBPM3QQRRVQ",
        created_s: 1_423_248_038,
        description: "Everything about identities.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:*"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "IAMReadOnlyAccess",
        path: "/",
        id: "ANPAJKSO7NDY4T57MWDSQ",
        created_s: 1_423_248_039,
        description: "Reading everything about identities.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "PowerUserAccess",
        path: "/",
        id: "ANPAJYRXTHIB4FOVS3ZXS",
        created_s: 1_423_247_987,
        description: "Everything but the management of identities.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "NotAction": [
                "iam:*",
                "organizations:*",
                "account:*"
            ],
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": [
                "iam:CreateServiceLinkedRole",
                "iam:DeleteServiceLinkedRole",
                "iam:ListRoles"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "ReadOnlyAccess",
        path: "/",
        id: "ANPAILL3HVNFSB6DCOWYQ",
        created_s: 1_423_247_988,
        description: "Reading everything.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy",
                "kms:Describe*",
                "kms:Get*",
                "kms:List*",
                "sts:GetAccessKeyInfo",
                "sts:GetCallerIdentity",
                "sts:GetSessionToken"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "SecurityAudit",
        path: "/",
        id: "ANPAIX2T3QCXHR2OGGCTO",
        created_s: 1_423_248_061,
        description: "Reading how security is configured.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GenerateCredentialReport",
                "iam:GenerateServiceLastAccessedDetails",
                "iam:Get*",
                "iam:List*",
                "iam:SimulateCustomPolicy",
                "iam:SimulatePrincipalPolicy",
                "kms:Describe*",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:List*"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
    AwsPolicy {
        name: "ViewOnlyAccess",
        path: "/job-function/",
        id: "ANPAID22R6XPJATWOFDK6",
        created_s: 1_478_798_415,
        description: "Listing what there is.",
        document: r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "iam:GetAccountSummary",
                "iam:List*",
                "kms:ListAliases",
                "kms:ListKeys"
            ],
            "Resource": "*"
        }
    ]
}"#,
    },
];

impl AwsPolicy {
    /// Its ARN.
    pub(crate) fn arn(&self, partition: Partition) -> String {
        format!("arn:{}:iam::aws:policy{}{}", partition.as_str(), self.path, self.name)
    }

    /// As it is attached.
    pub(crate) fn reference(&self) -> PolicyRef {
        PolicyRef::Aws(self.arn(Partition::Aws).into())
    }

    /// When AWS made it.
    pub(crate) fn created(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.created_s * 1000)
    }
}

/// The policy with this ARN, in the partition `aws`.
pub(crate) fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let rest = arn.strip_prefix(AWS_POLICY_PREFIX.strip_suffix('/')?)?;
    AWS_POLICIES.iter().find(|policy| rest.strip_prefix(policy.path) == Some(policy.name))
}

/// The policy with this ARN, ready for decisions.
pub(crate) fn loaded(arn: &str) -> Option<LoadedPolicy> {
    static LOADED: OnceLock<Vec<LoadedPolicy>> = OnceLock::new();
    let load = |policy: &AwsPolicy| LoadedPolicy {
        name: policy.arn(Partition::Aws).into(),
        policy: compile_identity_policy(policy.document),
    };
    let all = LOADED.get_or_init(|| AWS_POLICIES.iter().map(load).collect());
    all.iter().find(|policy| &*policy.name == arn).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_found_by_its_arn_and_can_be_read() {
        for policy in &AWS_POLICIES {
            let arn = policy.arn(Partition::Aws);
            assert_eq!(find(&arn).map(|found| found.id), Some(policy.id));
            assert!(loaded(&arn).unwrap().policy.is_some(), "{arn}");
            assert!(kagiban_policy::parse_identity_policy(policy.document).is_ok(), "{arn}");
            assert_eq!(policy.reference().to_string().parse(), Ok(policy.reference()));
        }
    }

    #[test]
    fn policies_are_sorted_by_name_and_have_ids_of_their_own() {
        assert!(AWS_POLICIES.is_sorted_by_key(|policy| policy.name));
        let ids: std::collections::BTreeSet<_> = AWS_POLICIES.iter().map(|policy| policy.id).collect();
        assert_eq!(ids.len(), AWS_POLICIES.len());
        for id in ids {
            let id: kagiban_identity::unique_id::UniqueId = id.parse().unwrap();
            assert_eq!(id.kind(), kagiban_identity::unique_id::UniqueIdKind::Policy);
        }
    }

    #[test]
    fn other_arns_are_none_of_them() {
        for arn in [
            "",
            "arn:aws:iam::aws:policy/",
            "arn:aws:iam::aws:policy/administratoraccess",
            "arn:aws:iam::aws:policy/ViewOnlyAccess",
            "arn:aws:iam::aws:policy/job-function/AdministratorAccess",
            "arn:aws-cn:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
        ] {
            assert!(find(arn).is_none() && loaded(arn).is_none(), "{arn}");
        }
    }
}
