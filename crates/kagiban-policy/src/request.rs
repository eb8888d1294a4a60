//! What is asked: who wants to do what to which resource, and what the request's condition keys are worth.

use std::borrow::Cow;

use kagiban_base::id::AccountId;

/// One question to decide.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The action with its service, `kms:Decrypt`. Compared without regard to case.
    pub action: &'a str,
    /// The resource's ARN, or `*` for an action without a resource. Compared as it is, nothing is normalised.
    pub resource: &'a str,
    /// Who asks.
    pub requester: &'a Requester<'a>,
    /// The values of the condition keys.
    pub values: &'a dyn ConditionValues,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Requester<'a> {
    /// The account of the identity. Without meaning for a service and a web identity, which belong to none.
    pub account: AccountId,
    /// Who in it.
    pub identity: Identity<'a>,
}

/// Who in an account asks, or who without an account. Users and roles go by their unique ids, so that one made anew
/// under an old name is somebody else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Identity<'a> {
    /// The account's root user.
    Root,
    /// A user, with long-term keys or a session of its own.
    User {
        /// `AIDA...`
        unique_id: &'a str,
    },
    /// A session of a role.
    RoleSession {
        /// `AROA...`
        role_id: &'a str,
        /// The name given when the role was assumed.
        session_name: &'a str,
    },
    /// An AWS service.
    Service {
        /// `s3.amazonaws.com`
        name: &'a str,
    },
    /// Somebody whom an OpenID Connect provider vouches for; asks trust policies only.
    WebIdentity {
        /// The provider's ARN.
        provider_arn: &'a str,
    },
}

/// The values of a request's condition keys.
pub trait ConditionValues {
    /// The value of this key. Keys that the caller does not know are absent.
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_>;
}

/// The value of a condition key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConditionValue<'a> {
    /// The request has no such key.
    Absent,
    /// The value of a single-valued key.
    One(Cow<'a, str>),
    /// The values of a multi-valued key. None at all is as good as absent.
    Many(Vec<Cow<'a, str>>),
}

/// The name of a condition key, read once when the policy is compiled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConditionKey {
    text: Box<str>,
    lower: Box<str>,
}

impl ConditionKey {
    /// From the name in any case.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), lower: text.to_ascii_lowercase().into() }
    }

    /// The whole name in ASCII lower case, as keys compare.
    pub fn lower(&self) -> &str {
        &self.lower
    }

    /// The name in the policy's own case.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What follows a prefix such as `kms:encryptioncontext:` or `aws:resourcetag/` (given in lower case), in the
    /// policy's own case. `None` when the name does not begin so.
    pub fn parameter(&self, lower_prefix: &str) -> Option<&str> {
        self.lower.starts_with(lower_prefix).then(|| self.text.get(lower_prefix.len()..)).flatten()
    }
}
