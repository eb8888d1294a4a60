//! A policy as a tree of owned values: what evaluation and explanation read.
//!
//! A tree comes from the parser only and is well-formed. It says nothing about the text's layout; who shows a policy
//! shows the stored text.

use kagiban_base::id::AccountId;

use crate::template::variable_keys;

/// A policy document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    /// The language version.
    pub version: Version,
    /// The Id element; it has no meaning.
    pub id: Option<Box<str>>,
    /// The statements, in the order of the text; at least one.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// Everyone whom the policy names, in its order.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.statements.iter().filter_map(|statement| statement.principals.as_ref()).flat_map(|named| &named.list)
    }

    /// The condition keys that conditions and variables ask for, in the policy's own case; one may come more than once.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        let variables = self.version == Version::V2012;
        self.statements.iter().flat_map(move |statement| {
            let keys = statement.conditions.iter().map(|condition| &*condition.key);
            let values = statement.conditions.iter().flat_map(|condition| &condition.values);
            let resources = statement.resources.iter().flat_map(|patterns| &patterns.list);
            let texts = values.chain(resources).filter(move |_| variables);
            keys.chain(texts.flat_map(|text| variable_keys(text)))
        })
    }
}

/// The version of the policy language.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// `2008-10-17`, or no Version element: `${...}` is literal text.
    V2008,
    /// `2012-10-17`: `${...}` is a variable.
    V2012,
}

/// One statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    /// Position in the text, from 0.
    pub index: usize,
    /// The Sid element, for people.
    pub sid: Option<Box<str>>,
    /// What the statement does when it applies.
    pub effect: Effect,
    /// Whom it is about. `None` in policies of an identity, which are about whoever has them.
    pub principals: Option<Principals>,
    /// Which actions it is about. Without them the statement has no effect.
    pub actions: Option<Patterns>,
    /// Which resources it is about. Without them the statement has no effect. In trust policies, which have no such
    /// element, always `*`.
    pub resources: Option<Patterns>,
    /// What must hold besides; all of it.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// Whether the statement can apply at all. One without actions or resources is stored like any other.
    pub const fn has_effect(&self) -> bool {
        self.actions.is_some() && self.resources.is_some()
    }
}

/// What a statement does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Allows, unless something denies.
    Allow,
    /// Denies, whatever else allows.
    Deny,
}

/// The Principal or NotPrincipal element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Principals {
    /// NotPrincipal: everyone but the listed. Only in Deny statements.
    pub is_not: bool,
    /// The listed; at least one.
    pub list: Vec<Principal>,
}

/// Someone named in a policy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Principal {
    /// `*`: everyone, whether known or not.
    Anyone,
    /// An account, by its number or by its root's ARN.
    Account(AccountId),
    /// A user, role, role session or federated user session.
    Arn(PrincipalArn),
    /// An OpenID Connect provider, by its ARN; in trust policies only.
    Federated(Box<str>),
    /// An AWS service, `NAME.amazonaws.com`.
    Service(Box<str>),
    /// The unique id (`AIDA...`, `AROA...`) that stands for a user or role which has been deleted.
    UniqueId(Box<str>),
}

/// The ARN of a principal, without any wildcard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrincipalArn {
    /// The whole ARN.
    pub arn: Box<str>,
    /// The account in it.
    pub account: AccountId,
    /// What it names.
    pub kind: PrincipalKind,
}

/// What an ARN of a principal names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PrincipalKind {
    /// `sts::ACCOUNT:federated-user/NAME`
    FederatedUser,
    /// `iam::ACCOUNT:role/PATH/NAME`
    Role,
    /// `sts::ACCOUNT:assumed-role/ROLE/SESSION`
    RoleSession,
    /// `iam::ACCOUNT:user/PATH/NAME`
    User,
}

/// An Action, NotAction, Resource or NotResource element: patterns with `*` and `?`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patterns {
    /// NotAction or NotResource: everything but what matches.
    pub is_not: bool,
    /// The patterns; at least one.
    pub list: Vec<Box<str>>,
}

/// One key of a condition operator: the request's value of `key` is held against `values`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Condition {
    /// How they are compared.
    pub operator: Operator,
    /// The condition key, in the text's own case; keys compare case-insensitively.
    pub key: Box<str>,
    /// The values, at least one, each of a form that the operator can read. Numbers and truth values of the text are
    /// their JSON spelling.
    pub values: Vec<Box<str>>,
}

/// A condition operator with its qualifiers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Operator {
    /// The comparison.
    pub comparison: Comparison,
    /// `...IfExists`: also true when the request has no such key.
    pub if_exists: bool,
    /// `ForAllValues:` or `ForAnyValue:`.
    pub set: Option<SetQualifier>,
}

/// For which of a request's several values a comparison must hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SetQualifier {
    /// Every one; also when there is none.
    ForAllValues,
    /// At least one.
    ForAnyValue,
}

/// The comparisons of the policy language.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names are IAM's own")]
pub enum Comparison {
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    BinaryEquals,
    Bool,
    DateEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    DateLessThan,
    DateLessThanEquals,
    DateNotEquals,
    IpAddress,
    NotIpAddress,
    Null,
    NumericEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericNotEquals,
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    StringNotEquals,
    StringNotEqualsIgnoreCase,
    StringNotLike,
}
