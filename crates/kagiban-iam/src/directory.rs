//! The in-memory directory of identities that requests are decided from, kept fresh by the store's change feed.
//!
//! Holds what deciding needs, compiled: accounts, access keys, users, groups, roles, managed policies, providers. Lists and
//! details that people ask for are read from the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_identity::unique_id::UniqueId;
use kagiban_policy::{CompiledPolicy, parse_identity_policy, parse_trust_policy};
use kagiban_storage::follower::{Apply, ViewMap};
use kagiban_storage::row::{self, Row};
use kagiban_storage::{RowError, Table};

use crate::deployment::DeploymentKind;
use crate::known_actions::KMS_ACTIONS;
use crate::records::access_key::{AccessKeyOwner, AccessKeyRecord, AccessKeyRowKey};
use crate::records::account::{AccountRecord, AccountRowKey};
use crate::records::group::GroupRecord;
use crate::records::name::{NameKind, NameRecord, NameRowKey};
use crate::records::oidc_provider::{OidcProviderRecord, OidcProviderRowKey};
use crate::records::policy::PolicyRecord;
use crate::records::role::RoleRecord;
use crate::records::user::UserRecord;
use crate::records::{Attachments, BoundPolicy, EntityKey};
use crate::standing::Standing;

/// A policy in memory, by the name that explanations call it.
#[derive(Clone, Debug)]
pub struct LoadedPolicy {
    /// Name of an inline policy, ARN of a managed one.
    pub name: Arc<str>,
    /// Compiled; `None` when the stored text cannot be read, which denies everything.
    pub policy: Option<Arc<CompiledPolicy>>,
}

/// A user in memory.
#[derive(Debug)]
pub struct User {
    pub(crate) key: EntityKey,
    pub(crate) record: UserRecord,
    pub(crate) inline: Box<[LoadedPolicy]>,
}

/// A group in memory.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: EntityKey,
    pub(crate) record: GroupRecord,
    pub(crate) inline: Box<[LoadedPolicy]>,
}

/// A role in memory.
#[derive(Debug)]
pub struct Role {
    pub(crate) key: EntityKey,
    pub(crate) record: RoleRecord,
    pub(crate) inline: Box<[LoadedPolicy]>,
    pub(crate) trust: LoadedPolicy,
}

/// A customer managed policy in memory.
#[derive(Debug)]
pub(crate) struct ManagedPolicy {
    pub(crate) key: EntityKey,
    pub(crate) record: PolicyRecord,
    /// The default version.
    pub(crate) loaded: LoadedPolicy,
}

/// A trusted OpenID Connect provider in memory.
pub(crate) type OidcProvider = OidcProviderRecord;

/// The directory. Reads take no lock.
#[derive(Debug)]
pub struct Directory {
    kind: DeploymentKind,
    accounts: ViewMap<AccountId, Arc<AccountRecord>>,
    access_keys: ViewMap<AccessKeyId, Arc<AccessKeyRecord>>,
    users: ViewMap<UniqueId, Arc<User>>,
    groups: ViewMap<UniqueId, Arc<Group>>,
    roles: ViewMap<UniqueId, Arc<Role>>,
    policies: ViewMap<UniqueId, Arc<ManagedPolicy>>,
    names: ViewMap<NameRowKey, UniqueId>,
    providers: ViewMap<OidcProviderRowKey, Arc<OidcProvider>>,
    /// Counts changes. What was derived from the directory is valid as long as this stands still.
    generation: AtomicU64,
    standings: ViewMap<UniqueId, Arc<Standing>>,
}

impl Directory {
    /// An empty directory, to be filled by a follower.
    pub fn new(kind: DeploymentKind) -> Self {
        Self {
            kind,
            accounts: ViewMap::default(),
            access_keys: ViewMap::default(),
            users: ViewMap::default(),
            groups: ViewMap::default(),
            roles: ViewMap::default(),
            policies: ViewMap::default(),
            names: ViewMap::default(),
            providers: ViewMap::default(),
            generation: AtomicU64::new(0),
            standings: ViewMap::default(),
        }
    }

    /// The kind of deployment.
    pub fn kind(&self) -> DeploymentKind {
        self.kind
    }

    /// Whether there is such an account and it is not closed. In development, all are there.
    pub fn has_account(&self, account: AccountId) -> bool {
        match self.accounts.pin().get(&account) {
            Some(record) => record.closed.is_none(),
            None => self.kind == DeploymentKind::Development,
        }
    }

    /// What is stored of an account.
    pub fn account(&self, account: AccountId) -> Option<Arc<AccountRecord>> {
        self.accounts.pin().get(&account).cloned()
    }

    /// A stored access key, active or not.
    pub fn access_key(&self, id: &AccessKeyId) -> Option<Arc<AccessKeyRecord>> {
        self.access_keys.pin().get(id).cloned()
    }

    /// The access keys of an account's root, oldest first. Looks at all access keys, so it is for who asks about root.
    pub(crate) fn root_access_keys(&self, account: AccountId) -> Vec<AccessKeyId> {
        let keys = self.access_keys.pin();
        let is_roots = |key: &AccessKeyRecord| key.account == account && key.owner == AccessKeyOwner::Root;
        let mut found: Vec<_> =
            keys.iter().filter(|(_, key)| is_roots(key)).map(|(id, key)| (key.created, *id)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Versions of all managed policies of an account.
    pub(crate) fn policy_versions(&self, account: AccountId) -> usize {
        let policies = self.policies.pin();
        let of_account = policies.values().filter(|policy| policy.key.account == account);
        of_account.map(|policy| policy.record.versions.len()).sum()
    }

    /// The user with this unique id.
    pub fn user(&self, id: UniqueId) -> Option<Arc<User>> {
        self.users.pin().get(&id).cloned()
    }

    /// The user of this name, in any case.
    pub fn user_by_name(&self, account: AccountId, name: &str) -> Option<Arc<User>> {
        self.user(self.id_of(account, NameKind::User, name)?)
    }

    /// The role with this unique id.
    pub fn role(&self, id: UniqueId) -> Option<Arc<Role>> {
        self.roles.pin().get(&id).cloned()
    }

    /// The role of this name, in any case.
    pub fn role_by_name(&self, account: AccountId, name: &str) -> Option<Arc<Role>> {
        self.role(self.id_of(account, NameKind::Role, name)?)
    }

    pub(crate) fn group(&self, id: UniqueId) -> Option<Arc<Group>> {
        self.groups.pin().get(&id).cloned()
    }

    pub(crate) fn policy(&self, id: UniqueId) -> Option<Arc<ManagedPolicy>> {
        self.policies.pin().get(&id).cloned()
    }

    pub(crate) fn policy_by_name(&self, account: AccountId, name: &str) -> Option<Arc<ManagedPolicy>> {
        self.policy(self.id_of(account, NameKind::Policy, name)?)
    }

    pub(crate) fn provider(&self, account: AccountId, host_and_path: &str) -> Option<Arc<OidcProvider>> {
        let key = OidcProviderRowKey { account, host_and_path: host_and_path.to_owned() };
        self.providers.pin().get(&key).cloned()
    }

    pub(crate) fn all_users(&self) -> Vec<Arc<User>> {
        self.users.pin().values().cloned().collect()
    }

    pub(crate) fn all_groups(&self) -> Vec<Arc<Group>> {
        self.groups.pin().values().cloned().collect()
    }

    pub(crate) fn all_roles(&self) -> Vec<Arc<Role>> {
        self.roles.pin().values().cloned().collect()
    }

    pub(crate) fn all_policies(&self) -> Vec<Arc<ManagedPolicy>> {
        self.policies.pin().values().cloned().collect()
    }

    fn id_of(&self, account: AccountId, kind: NameKind, name: &str) -> Option<UniqueId> {
        self.names.pin().get(&NameRowKey::new(account, kind, name)).copied()
    }

    /// What the user's requests are decided by.
    pub(crate) fn standing_of_user(&self, user: &User) -> Arc<Standing> {
        self.standing(user.key.id, |generation| Standing::of_user(self, user, generation))
    }

    /// What the requests of the role's sessions are decided by, before session policies.
    pub(crate) fn standing_of_role(&self, role: &Role) -> Arc<Standing> {
        self.standing(role.key.id, |generation| Standing::of_role(self, role, generation))
    }

    /// Counts changes. What was read before the number was asked for may be older than it; what is read after is not.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The kept standing, if nothing has changed since it was gathered.
    fn standing(&self, id: UniqueId, gather: impl FnOnce(u64) -> Standing) -> Arc<Standing> {
        // Read before gathering: a change in between makes what is gathered void, not the other way round.
        let generation = self.generation();
        let standings = self.standings.pin();
        if let Some(kept) = standings.get(&id).filter(|kept| kept.generation() == generation) {
            return Arc::clone(kept);
        }
        let gathered = Arc::new(gather(generation));
        standings.insert(id, Arc::clone(&gathered));
        gathered
    }
}

impl Apply for Directory {
    type Error = RowError;

    fn apply(&self, key: &[u8], value: Option<&[u8]>) -> Result<(), RowError> {
        let is_ours = self.apply_row(key, value)?;
        if is_ours {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    fn keep_only(&self, is_stored: &dyn Fn(&[u8]) -> bool) {
        fn stored<R: Row>(is_stored: &dyn Fn(&[u8]) -> bool, key: &R::Key) -> bool {
            row::encode_key::<R>(key).is_ok_and(|key| is_stored(&key))
        }
        self.accounts.pin().retain(|id, _| stored::<AccountRecord>(is_stored, &AccountRowKey(*id)));
        self.access_keys.pin().retain(|id, _| stored::<AccessKeyRecord>(is_stored, &AccessKeyRowKey(*id)));
        self.users.pin().retain(|_, user| stored::<UserRecord>(is_stored, &user.key));
        self.groups.pin().retain(|_, group| stored::<GroupRecord>(is_stored, &group.key));
        self.roles.pin().retain(|_, role| stored::<RoleRecord>(is_stored, &role.key));
        self.policies.pin().retain(|_, policy| stored::<PolicyRecord>(is_stored, &policy.key));
        self.names.pin().retain(|key, _| stored::<NameRecord>(is_stored, key));
        self.providers.pin().retain(|key, _| stored::<OidcProviderRecord>(is_stored, key));
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl Directory {
    /// Takes a row; whether it is one of the directory's.
    fn apply_row(&self, key: &[u8], value: Option<&[u8]>) -> Result<bool, RowError> {
        match Table::name_in(key).unwrap_or_default() {
            t if t == AccountRecord::TABLE.name() => {
                let AccountRowKey(id) = row::decode_key::<AccountRecord>(key)?;
                set(&self.accounts, id, value.map(|value| row::decode(value).map(Arc::new)).transpose()?);
            }
            t if t == AccessKeyRecord::TABLE.name() => {
                let AccessKeyRowKey(id) = row::decode_key::<AccessKeyRecord>(key)?;
                set(&self.access_keys, id, value.map(|value| row::decode(value).map(Arc::new)).transpose()?);
            }
            t if t == UserRecord::TABLE.name() => {
                let key = row::decode_key::<UserRecord>(key)?;
                set(&self.users, key.id, value.map(|value| load_user(key, value)).transpose()?);
                self.forget_standing(key.id, value);
            }
            t if t == GroupRecord::TABLE.name() => {
                let key = row::decode_key::<GroupRecord>(key)?;
                set(&self.groups, key.id, value.map(|value| load_group(key, value)).transpose()?);
            }
            t if t == RoleRecord::TABLE.name() => {
                let key = row::decode_key::<RoleRecord>(key)?;
                set(&self.roles, key.id, value.map(|value| load_role(key, value)).transpose()?);
                self.forget_standing(key.id, value);
            }
            t if t == PolicyRecord::TABLE.name() => {
                let key = row::decode_key::<PolicyRecord>(key)?;
                set(&self.policies, key.id, value.map(|value| load_policy(key, value)).transpose()?);
            }
            t if t == NameRecord::TABLE.name() => {
                let key = row::decode_key::<NameRecord>(key)?;
                let record: Option<NameRecord> = value.map(row::decode).transpose()?;
                set(&self.names, key, record.map(|record| record.id));
            }
            t if t == OidcProviderRecord::TABLE.name() => {
                let key = row::decode_key::<OidcProviderRecord>(key)?;
                set(&self.providers, key, value.map(|value| row::decode(value).map(Arc::new)).transpose()?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The standing of who is gone need not be kept.
    fn forget_standing(&self, id: UniqueId, value: Option<&[u8]>) {
        if value.is_none() {
            self.standings.pin().remove(&id);
        }
    }
}

fn set<K: std::hash::Hash + Eq, V>(map: &ViewMap<K, V>, key: K, value: Option<V>) {
    let map = map.pin();
    match value {
        None => drop(map.remove(&key)),
        Some(value) => drop(map.insert(key, value)),
    }
}

fn load_user(key: EntityKey, value: &[u8]) -> Result<Arc<User>, RowError> {
    let record: UserRecord = row::decode(value)?;
    let inline = load_inline(&record.policies);
    Ok(Arc::new(User { key, record, inline }))
}

fn load_group(key: EntityKey, value: &[u8]) -> Result<Arc<Group>, RowError> {
    let record: GroupRecord = row::decode(value)?;
    let inline = load_inline(&record.policies);
    Ok(Arc::new(Group { key, record, inline }))
}

fn load_role(key: EntityKey, value: &[u8]) -> Result<Arc<Role>, RowError> {
    let record: RoleRecord = row::decode(value)?;
    let inline = load_inline(&record.policies);
    let trust = LoadedPolicy { name: "trust policy".into(), policy: compile_trust_policy(&record.trust_policy) };
    Ok(Arc::new(Role { key, record, inline, trust }))
}

fn load_policy(key: EntityKey, value: &[u8]) -> Result<Arc<ManagedPolicy>, RowError> {
    let record: PolicyRecord = row::decode(value)?;
    let policy = record.default_document().and_then(compile_identity_policy);
    let name = crate::records::arn(
        kagiban_base::id::Partition::Aws,
        key.account,
        NameKind::Policy.as_str(),
        &record.path,
        &record.name,
    );
    let loaded = LoadedPolicy { name: name.into(), policy };
    Ok(Arc::new(ManagedPolicy { key, record, loaded }))
}

fn load_inline(policies: &Attachments) -> Box<[LoadedPolicy]> {
    let load = |(name, document): (&String, &String)| LoadedPolicy {
        name: name.as_str().into(),
        policy: compile_identity_policy(document),
    };
    policies.inline.iter().map(load).collect()
}

/// `None` when the text cannot be read.
pub(crate) fn compile_identity_policy(document: &str) -> Option<Arc<CompiledPolicy>> {
    let policy = parse_identity_policy(document).ok()?;
    // Identity policies name no principals.
    Some(Arc::new(CompiledPolicy::compile(&policy, &|_| None).knowing(&KMS_ACTIONS)))
}

/// `None` when the text cannot be read.
fn compile_trust_policy(bound: &BoundPolicy) -> Option<Arc<CompiledPolicy>> {
    let policy = parse_trust_policy(&bound.document).ok()?;
    let bind = |principal: &kagiban_policy::tree::PrincipalArn| {
        bound.principals.get(&*principal.arn).map(|id| id.as_str().into())
    };
    Some(Arc::new(CompiledPolicy::compile(&policy, &bind)))
}
