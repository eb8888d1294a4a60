//! The form of the file: `[[accounts]]`, and in each of them the tables of its identities, keys and aliases. Whoever reads
//! it out of a text, which is TOML, is the server's business.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kagiban_iam::seed::file::{AccessKey, Account, Group, Literal, OidcProvider, Policy, Role, User};
use serde::Deserialize;

/// A file that was read, and is still to be checked.
#[derive(Debug, Deserialize)]
#[serde(from = "FileTable")]
pub struct SeedFile {
    pub(super) accounts: Vec<Account>,
    /// Of each account, in the same order.
    pub(super) keys: Vec<KeyTables>,
}

/// The keys and aliases of an account.
#[derive(Debug)]
pub(super) struct KeyTables {
    /// As it stands in the file.
    pub(super) account: String,
    pub(super) keys: Vec<Key>,
    pub(super) aliases: Vec<Alias>,
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    #[serde(default)]
    accounts: Vec<AccountTable>,
}

/// An account with all that is in it. Split at once, since identities don't know keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountTable {
    id: String,
    name: Option<String>,
    alias: Option<String>,
    #[serde(default)]
    root_access_keys: Vec<AccessKey>,
    #[serde(default)]
    policies: Vec<Policy>,
    #[serde(default)]
    groups: Vec<Group>,
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default)]
    oidc_providers: Vec<OidcProvider>,
    #[serde(default)]
    keys: Vec<Key>,
    #[serde(default)]
    aliases: Vec<Alias>,
}

/// A KMS key. Spec, usage and material are what they are once it exists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) region: String,
    /// A UUID.
    pub(super) id: String,
    pub(super) spec: Option<String>,
    pub(super) usage: Option<String>,
    pub(super) description: Option<String>,
    pub(super) enabled: Option<bool>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) policy: Option<String>,
    pub(super) policy_file: Option<PathBuf>,
    pub(super) bypass_policy_lockout_safety_check: Option<bool>,
    /// Names that point to it; others are left alone.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    /// Symmetric material in base64, in development only.
    pub(super) material: Option<Literal>,
}

/// An alias of a key that need not be in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Alias {
    pub(super) region: String,
    pub(super) name: String,
    /// The key's id.
    pub(super) key: String,
}

impl From<FileTable> for SeedFile {
    fn from(file: FileTable) -> Self {
        let (accounts, keys) = file.accounts.into_iter().map(AccountTable::split).unzip();
        Self { accounts, keys }
    }
}

impl AccountTable {
    fn split(self) -> (Account, KeyTables) {
        let Self { id, name, alias, root_access_keys, policies, groups, users, roles, oidc_providers, .. } = self;
        let keys = KeyTables { account: id.clone(), keys: self.keys, aliases: self.aliases };
        (Account { id, name, alias, root_access_keys, policies, groups, users, roles, oidc_providers }, keys)
    }
}
