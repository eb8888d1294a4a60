//! What a principal's requests are decided by, gathered from the directory: its own policies, its groups', its boundary, its
//! tags.

use std::sync::Arc;

use kagiban_policy::NamedPolicy;

use crate::directory::{Directory, LoadedPolicy, Role, User};
use crate::managed_policies;
use crate::records::{Attachments, PolicyRef};

/// The policies of a principal. Shared by its requests until the directory changes.
#[derive(Debug, Default)]
pub struct Standing {
    generation: u64,
    identity: Box<[LoadedPolicy]>,
    boundary: Option<LoadedPolicy>,
    /// A policy is missing or cannot be read, so a deny in it might be overlooked: nothing is allowed.
    is_broken: bool,
}

impl Standing {
    pub(crate) fn of_user(directory: &Directory, user: &User, generation: u64) -> Self {
        let mut gathered = Gathered::default();
        gathered.inline(&user.inline);
        gathered.managed(&user.record.policies, directory);
        for id in &user.record.groups {
            match directory.group(*id) {
                Some(group) => {
                    gathered.inline(&group.inline);
                    gathered.managed(&group.record.policies, directory);
                }
                None => gathered.is_broken = true,
            }
        }
        gathered.into_standing(user.record.boundary.as_ref(), directory, generation)
    }

    pub(crate) fn of_role(directory: &Directory, role: &Role, generation: u64) -> Self {
        let mut gathered = Gathered::default();
        gathered.inline(&role.inline);
        gathered.managed(&role.record.policies, directory);
        gathered.into_standing(role.record.boundary.as_ref(), directory, generation)
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether a policy is missing or unreadable; then nothing may be allowed.
    pub fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// The identity policies, for a decision.
    pub fn identity(&self) -> impl Iterator<Item = NamedPolicy<'_>> {
        self.identity.iter().filter_map(named)
    }

    /// The permissions boundary, for a decision.
    pub fn boundary(&self) -> Option<NamedPolicy<'_>> {
        self.boundary.as_ref().and_then(named)
    }
}

/// As decisions take a policy; `None` for one that is unreadable.
pub(crate) fn named(loaded: &LoadedPolicy) -> Option<NamedPolicy<'_>> {
    Some(NamedPolicy { name: &loaded.name, policy: loaded.policy.as_deref()? })
}

#[derive(Default)]
struct Gathered {
    identity: Vec<LoadedPolicy>,
    is_broken: bool,
}

impl Gathered {
    fn inline(&mut self, policies: &[LoadedPolicy]) {
        for policy in policies {
            self.add(Some(policy.clone()));
        }
    }

    fn managed(&mut self, policies: &Attachments, directory: &Directory) {
        for policy in &policies.managed {
            self.add(managed_policy(policy, directory));
        }
    }

    fn add(&mut self, policy: Option<LoadedPolicy>) {
        match policy {
            Some(policy) if policy.policy.is_some() => self.identity.push(policy),
            _ => self.is_broken = true,
        }
    }

    fn into_standing(self, boundary: Option<&PolicyRef>, directory: &Directory, generation: u64) -> Standing {
        let wanted = boundary.is_some();
        let boundary = boundary.and_then(|policy| managed_policy(policy, directory)).filter(|b| b.policy.is_some());
        let is_broken = self.is_broken || wanted != boundary.is_some();
        Standing { generation, identity: self.identity.into(), boundary, is_broken }
    }
}

/// A managed policy, the customer's or AWS's.
pub(crate) fn managed_policy(policy: &PolicyRef, directory: &Directory) -> Option<LoadedPolicy> {
    match policy {
        PolicyRef::Aws(arn) => managed_policies::loaded(arn),
        PolicyRef::Customer(id) => directory.policy(*id).map(|policy| policy.loaded.clone()),
    }
}

/// The standing of whoever has no policies: roots and services.
pub(crate) fn without_policies() -> Arc<Standing> {
    static EMPTY: std::sync::OnceLock<Arc<Standing>> = std::sync::OnceLock::new();
    Arc::clone(EMPTY.get_or_init(Arc::default))
}
