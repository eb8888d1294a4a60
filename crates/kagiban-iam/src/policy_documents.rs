//! The policies of identities as texts, for reports about them.

use kagiban_base::id::{AccountId, Partition};

use crate::directory::{Directory, User};
use crate::managed_policies;
use crate::records::name::NameKind;
use crate::records::{Attachments, PolicyRef};

/// A customer managed policy.
#[derive(Clone, Copy, Debug)]
pub struct ManagedPolicyDocument<'a> {
    /// The account.
    pub account: AccountId,
    /// Its ARN.
    pub arn: &'a str,
    /// The version in force, letter by letter.
    pub document: &'a str,
}

/// A user, group or role, with its inline policies.
#[derive(Debug)]
pub struct PolicyHolder<'a> {
    /// The account.
    pub account: AccountId,
    /// Its ARN.
    pub arn: &'a str,
    /// `AWS::IAM::User`, `AWS::IAM::Group` or `AWS::IAM::Role`.
    pub resource_type: &'static str,
    /// Name and document of each; often there is none.
    pub inline: Vec<(String, String)>,
}

/// A user, with all policies that its permissions come from: its own, attached ones, and those of its groups.
#[derive(Debug)]
pub struct UserPolicies<'a> {
    /// The account.
    pub account: AccountId,
    /// The user's ARN.
    pub arn: &'a str,
    /// Name and document of each policy.
    pub policies: Vec<(String, String)>,
}

impl Directory {
    /// Shows the customer managed policies, one after the other.
    pub fn for_each_managed_policy(&self, show: &mut dyn FnMut(ManagedPolicyDocument<'_>)) {
        for policy in self.all_policies() {
            let Some(document) = policy.record.default_document() else { continue };
            let (account, arn) = (policy.key.account, &*policy.loaded.name);
            show(ManagedPolicyDocument { account, arn, document });
        }
    }

    /// Shows whoever can have inline policies, one after the other.
    pub fn for_each_holder(&self, show: &mut dyn FnMut(PolicyHolder<'_>)) {
        let mut one = |account: AccountId, arn: &str, resource_type: &'static str, policies: &Attachments| {
            let held = |(name, document): (&'_ String, &'_ String)| (name.clone(), document.clone());
            show(PolicyHolder { account, arn, resource_type, inline: policies.inline.iter().map(held).collect() });
        };
        for user in self.all_users() {
            one(user.key.account, &user.arn(Partition::Aws), "AWS::IAM::User", &user.record.policies);
        }
        for group in self.all_groups() {
            let (record, account) = (&group.record, group.key.account);
            let arn =
                crate::records::arn(Partition::Aws, account, NameKind::Group.as_str(), &record.path, &record.name);
            one(account, &arn, "AWS::IAM::Group", &record.policies);
        }
        for role in self.all_roles() {
            one(role.key.account, &role.arn(Partition::Aws), "AWS::IAM::Role", &role.record.policies);
        }
    }

    /// Shows the users, with all policies that their permissions come from.
    pub fn for_each_user(&self, show: &mut dyn FnMut(UserPolicies<'_>)) {
        for user in self.all_users() {
            let (account, arn) = (user.key.account, user.arn(Partition::Aws));
            show(UserPolicies { account, arn: &arn, policies: self.documents_of(&user) });
        }
    }

    fn documents_of(&self, user: &User) -> Vec<(String, String)> {
        let mut documents = self.documents_in(&user.record.policies);
        for group in user.record.groups.iter().filter_map(|id| self.group(*id)) {
            documents.extend(self.documents_in(&group.record.policies));
        }
        documents
    }

    fn documents_in(&self, policies: &Attachments) -> Vec<(String, String)> {
        let inline = policies.inline.iter().map(|(name, document)| (name.clone(), document.clone()));
        let managed = policies.managed.iter().filter_map(|policy| match policy {
            PolicyRef::Aws(arn) => Some((arn.to_string(), managed_policies::find(arn)?.document.to_owned())),
            PolicyRef::Customer(id) => {
                let policy = self.policy(*id)?;
                Some((policy.loaded.name.to_string(), policy.record.default_document()?.to_owned()))
            }
        });
        inline.chain(managed).collect()
    }
}
