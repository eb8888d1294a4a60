//! A second evaluator of the policy language: slow, obvious, and written from the documented rules alone.
//!
//! It shares the policy tree with the engine, and the names of the answers, and nothing else. Each rule is one function
//! under a sentence that says the rule; nothing is compiled, remembered or tried in a clever order. Where the documents
//! leave something open, the head of the crate says what is taken, and so it is taken here.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "shared by several test programs, none of which uses all of it"
)]

pub mod case;
mod condition;
mod decision;
mod principal;
mod scalar;
mod statement;
mod text;

use std::collections::BTreeMap;

use kagiban_base::id::AccountId;
use kagiban_policy::tree::{Policy, PrincipalArn};
use kagiban_policy::{GrantedTo, PolicyKind, StatementAt};

pub use condition::condition_holds;
pub use decision::decide;

/// The answer to "does it hold?" when some of it cannot be known.
///
/// An Allow needs a yes; a Deny is kept off by a no only.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Holds {
    No,
    Perhaps,
    Yes,
}

impl Holds {
    pub fn from_bool(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    /// All of them: as true as the least true one.
    pub fn all(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter().min().unwrap_or(Self::Yes)
    }

    /// Any of them: as true as the truest one.
    pub fn any(of: impl IntoIterator<Item = Self>) -> Self {
        of.into_iter().max().unwrap_or(Self::No)
    }

    pub fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Who {
    Root,
    User { unique_id: String },
    RoleSession { role_id: String, session_name: String },
    Service { name: String },
    WebIdentity { provider_arn: String },
}

/// The value of a condition key that is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    One(String),
    Many(Vec<String>),
}

/// A request as plain facts.
#[derive(Clone, Debug)]
pub struct Facts {
    pub action: String,
    pub resource: String,
    /// Without meaning for services and web identities.
    pub account: AccountId,
    pub who: Who,
    /// By the key's name in lower case.
    pub values: BTreeMap<String, Value>,
    /// The unique ids of users and roles, by the ARNs that policies name them by.
    pub bindings: BTreeMap<String, String>,
}

impl Facts {
    /// Key names compare without regard to case. A key without any value is as good as absent.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(&key.to_lowercase()).filter(|value| !matches!(value, Value::Many(list) if list.is_empty()))
    }

    /// The unique id that an ARN in a policy stands for.
    pub fn bound(&self, named: &PrincipalArn) -> Option<&str> {
        self.bindings.get(&*named.arn).map(String::as_str)
    }

    /// Services and web identities belong to no account.
    pub fn has_account(&self) -> bool {
        !matches!(self.who, Who::Service { .. } | Who::WebIdentity { .. })
    }
}

/// Everything that bears on a request.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The resource's owner and its policies, if the operation has such a resource.
    pub resource: Option<(AccountId, Vec<Policy>)>,
    pub identity: Vec<Policy>,
    pub boundary: Option<Policy>,
    pub session: Vec<Policy>,
    pub grant: Option<GrantedTo>,
}

/// What the rules say. Where they allow several reasons, all of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    AllowedByGrant(GrantedTo),
    AllowedByRoot,
    AllowedByOneOf(Vec<StatementAt>),
    DeniedByOneOf { statements: Vec<StatementAt>, resource_side_allowed: bool },
    NothingAllowedIn { kinds: Vec<PolicyKind>, resource_side_allowed: bool },
}
