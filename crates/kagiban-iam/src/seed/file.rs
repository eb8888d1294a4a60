//! The form of the file: one table per entity. A key that a table does not know is an error, not a wish that is ignored.
//!
//! An attribute that is left out stays as it is, or has IAM's default in a new entity; one that is given is set, to nothing
//! if it is given empty.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use kagiban_base::secret::SecretBytes;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// An account and the identities in it.
#[derive(Debug, Default)]
pub struct Account {
    /// Its number.
    pub id: String,
    /// What the operator calls it.
    pub name: Option<String>,
    /// Its account alias; empty for none.
    pub alias: Option<String>,
    /// Access keys of its root.
    pub root_access_keys: Vec<AccessKey>,
    /// Customer managed policies.
    pub policies: Vec<Policy>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Users.
    pub users: Vec<User>,
    /// Roles.
    pub roles: Vec<Role>,
    /// OpenID Connect providers that it trusts.
    pub oidc_providers: Vec<OidcProvider>,
}

/// An access key. Its secret stands in exactly one of three places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    /// The public half.
    pub id: String,
    /// Whether it is switched on.
    pub active: Option<bool>,
    /// The secret itself; in development only.
    pub secret: Option<Literal>,
    /// Name of the variable of the environment that has the secret.
    pub secret_env: Option<String>,
    /// File that has the secret.
    pub secret_file: Option<PathBuf>,
}

/// A secret that stands in the file.
#[derive(Debug)]
pub struct Literal(
    /// Its bytes.
    pub SecretBytes,
);

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(LiteralVisitor)
    }
}

/// Takes a string. Anything else is refused without being shown, as it may be a secret all the same.
struct LiteralVisitor;

impl Visitor<'_> for LiteralVisitor {
    type Value = Literal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret as a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Literal, E> {
        Ok(Literal(SecretBytes::from_slice(text.as_bytes())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Literal, E> {
        Ok(Literal(SecretBytes::new(text.into_bytes())))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Literal, E> {
        Err(E::custom("a secret must be a string"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Literal, E> {
        Err(E::custom("a secret must be a string"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Literal, E> {
        Err(E::custom("a secret must be a string"))
    }
}

/// A customer managed policy. Another document becomes a new version, and the default one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// `/` if left out. Cannot be changed later.
    pub path: Option<String>,
    /// Cannot be changed later.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// The document.
    pub document: Option<String>,
    /// File with the document.
    pub document_file: Option<PathBuf>,
}

/// A policy that belongs to one user, group or role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InlinePolicy {
    /// Its name.
    pub name: String,
    /// The document.
    pub document: Option<String>,
    /// File with the document.
    pub document_file: Option<PathBuf>,
}

/// A group.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// `/` if left out.
    pub path: Option<String>,
    /// Managed policies: ARNs, or names of policies of the account. All that it has, if given.
    pub policies: Option<Vec<String>>,
    /// All that it has, if given.
    pub inline_policies: Option<Vec<InlinePolicy>>,
}

/// A user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name.
    pub name: String,
    /// `/` if left out.
    pub path: Option<String>,
    /// Its tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Names of all groups that it is in, if given.
    pub groups: Option<Vec<String>>,
    /// As of a group.
    pub policies: Option<Vec<String>>,
    /// As of a group.
    pub inline_policies: Option<Vec<InlinePolicy>>,
    /// A managed policy, named as in `policies`; empty for none.
    pub permissions_boundary: Option<String>,
    /// Access keys that it has; others are left alone.
    #[serde(default)]
    pub access_keys: Vec<AccessKey>,
}

/// A role.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// `/` if left out. Cannot be changed later.
    pub path: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who may assume it: the document.
    pub trust_policy: Option<String>,
    /// File with that document.
    pub trust_policy_file: Option<PathBuf>,
    /// Longest session, in seconds.
    pub max_session_duration: Option<u32>,
    /// Its tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// As of a group.
    pub policies: Option<Vec<String>>,
    /// As of a group.
    pub inline_policies: Option<Vec<InlinePolicy>>,
    /// As of a user.
    pub permissions_boundary: Option<String>,
}

/// An OpenID Connect provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// `https://...`, as in the `iss` of its tokens.
    pub url: String,
    /// Audiences that are accepted.
    pub client_ids: Option<Vec<String>>,
    /// SHA-1 of certificates of its chain, in hex.
    pub thumbprints: Option<Vec<String>>,
    /// Its tags.
    pub tags: Option<BTreeMap<String, String>>,
}
