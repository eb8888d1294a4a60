//! The form of the file, TOML: `[[accounts]]`, and in each of them the tables of its identities, keys and aliases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kagiban_iam::seed::file::{AccessKey, Account, Group, Literal, OidcProvider, Policy, Role, User};
use serde::Deserialize;

/// Bytes that a file may have.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// A file that was read, and is still to be checked.
#[derive(Debug)]
pub struct SeedFile {
    pub(super) accounts: Vec<Account>,
    /// Of each account, in the same order.
    pub(super) keys: Vec<KeyTables>,
}

/// A text is not a file of this form.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SyntaxError {
    /// It is longer than [`FILE_BYTES_MAX`].
    #[error("the file is longer than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// Not TOML, an unknown key, or a value of another type.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// From 1; 0 when it is not known.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong. The line itself is not shown: it may hold a secret.
        message: String,
    },
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

impl SeedFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`SyntaxError`] with the first thing that is not as it must be.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(SyntaxError::TooLarge);
        }
        let file: FileTable = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((0, 0), |span| position(text, span.start));
            SyntaxError::Toml { line, column, message: error.message().to_owned() }
        })?;
        let (accounts, keys) = file.accounts.into_iter().map(AccountTable::split).unzip();
        Ok(Self { accounts, keys })
    }
}

impl AccountTable {
    fn split(self) -> (Account, KeyTables) {
        let Self { id, name, alias, root_access_keys, policies, groups, users, roles, oidc_providers, .. } = self;
        let keys = KeyTables { account: id.clone(), keys: self.keys, aliases: self.aliases };
        (Account { id, name, alias, root_access_keys, policies, groups, users, roles, oidc_providers }, keys)
    }
}

/// Line and column of a byte, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (line.saturating_add(1), column.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_says_where_and_never_shows_the_line() {
        for (text, line, message) in [
            ("[[accounts]]\nid = \"1\"\nusres = []", 3, "unknown field `usres`"),
            ("[[acounts]]", 1, "unknown field `acounts`"),
            ("[[accounts]]\nname = \"x\"", 1, "missing field `id`"),
            ("[[accounts]]\nid = 111122223333", 2, "invalid type: integer"),
            ("[[accounts]]\nid = \"1\"\n[[accounts.users]]\nname = \"a\"\npolicy = []", 5, "unknown field `policy`"),
            ("[[accounts]]\nid = \"1\"\n[[accounts.keys]]\nname = \"a\"", 4, "unknown field `name`"),
            ("[[accounts]]\nid = \"1\"\nid = \"2\"", 3, "duplicate key"),
            ("x = ", 1, ""),
        ] {
            match SeedFile::parse(text) {
                Err(SyntaxError::Toml { line: at, message: said, .. }) => {
                    assert_eq!(at, line, "{text}: {said}");
                    assert!(said.contains(message), "{text}: {said}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let key = "[[accounts]]\nid = \"1\"\n[[accounts.root_access_keys]]\nid = \"a\"\n";
        for secret in
            ["secret = 31337", "secret = 31337.5", "secret = true", "secret = \"hush31337", "secret = [31337]"]
        {
            let error = SeedFile::parse(&format!("{key}{secret}")).unwrap_err().to_string();
            assert!(!error.contains("31337") && error.contains("line 5"), "{error}");
        }
    }

    #[test]
    fn the_file_has_a_length() {
        let mut text = "#".repeat(FILE_BYTES_MAX);
        assert!(SeedFile::parse(&text).is_ok());
        text.push('#');
        assert_eq!(SeedFile::parse(&text).unwrap_err(), SyntaxError::TooLarge);
    }
}
