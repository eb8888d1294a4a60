//! The managed policies of AWS that exist here: those that are about keys and identities, and those that administrators are
//! given everywhere. Documents follow AWS's published ones as far as their services exist here.

use std::sync::OnceLock;

use crate::directory::{LoadedPolicy, compile_identity_policy};

/// A managed policy of AWS.
#[derive(Debug)]
pub(crate) struct AwsPolicy {
    pub(crate) name: &'static str,
    /// `/`, or `/.../`.
    pub(crate) path: &'static str,
    /// The unique id that AWS gave it.
    pub(crate) id: &'static str,
    pub(crate) description: &'static str,
    pub(crate) document: &'static str,
}

/// Sorted by name.
pub(crate) static AWS_POLICIES: [AwsPolicy; 1] = [AwsPolicy {
    name: "AdministratorAccess",
    path: "/",
    id: "ANPAIWMBCKSKIEE64ZLYK",
    description: "Provides full access to AWS services and resources.",
    document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
}];

/// The policy with this ARN, in the partition `aws`.
pub(crate) fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let rest = arn.strip_prefix("arn:aws:iam::aws:policy")?;
    AWS_POLICIES.iter().find(|policy| rest.strip_prefix(policy.path) == Some(policy.name))
}

/// The policy with this ARN, ready for decisions.
pub(crate) fn loaded(arn: &str) -> Option<LoadedPolicy> {
    static LOADED: OnceLock<Vec<LoadedPolicy>> = OnceLock::new();
    let load = |policy: &AwsPolicy| LoadedPolicy {
        name: format!("arn:aws:iam::aws:policy{}{}", policy.path, policy.name).into(),
        policy: compile_identity_policy(policy.document),
    };
    let all = LOADED.get_or_init(|| AWS_POLICIES.iter().map(load).collect());
    all.iter().find(|policy| &*policy.name == arn).cloned()
}
