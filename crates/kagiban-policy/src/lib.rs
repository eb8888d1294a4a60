//! The IAM policy language: text to tree, tree to compiled policy, question to decision, decision to reasons.
//!
//! - [`parse_key_policy`], [`parse_identity_policy`], [`parse_trust_policy`]: text to [`tree::Policy`]. Whatever is
//!   stored has passed one of them, so that nothing unreadable is ever evaluated.
//! - [`CompiledPolicy::compile`]: names become unique ids, patterns and values are read once.
//! - [`decide`]: every policy that bears on a request, and the grants, to yes or no with the statement that decided.
//! - [`explain`]: the same, with what each statement lacked.
//!
//! Pure: no principal is looked up here but through the caller, and condition values come from the caller.
//!
//! # What the documentation leaves open
//! The rule is: an Allow applies only when everything in it surely holds; a Deny that may hold applies.
//! - A policy value whose variable is absent and has no default matches nothing. A negated operator (or NotResource)
//!   that only holds because of such a value holds for a Deny and does not hold for an Allow. The same goes for a
//!   variable with several values, for `${` that is no variable (not closed, or it holds no condition key), for a
//!   request's value that the negated operator cannot read, and for a value of an ARN operator that has not six parts.
//! - An absent key comes first: a negated operator holds then, whatever its values are.
//! - ARN operators: the colons of the policy's text make the parts; only when these are fewer than six do the colons of
//!   variables' values count (so that `${aws:PrincipalArn}` works alone).
//! - Case is ignored for all letters, not for those of ASCII alone, where a string operator ignores it.
//! - An operator without `ForAllValues:` or `ForAnyValue:` on a key with several values: an Allow needs all of them to
//!   hold, a Deny one.
//! - A grant from another account needs no identity policy, but permissions boundary and session policies limit it.
//! - Spaces around key and default in `${ key , 'default' }` don't count; a `}` inside a quoted default belongs to it; a
//!   default's `*` and `?` are literal. A key with several values is no variable, even when it has one.
//! - An ARN in a request begins with `arn:`. An IPv4-mapped IPv6 address counts as IPv4.
//! - A date of four digits is a year, any other number is seconds since 1970.
//! - `*` as principal is everyone: services and web identities too.
//! - An account named in a Deny is everybody in it, a role named in a Deny is all its sessions.
//! - NotPrincipal spares a user when its account and it are listed, a session when its account, its role and it are
//!   listed, root when the account is, a service or web identity when it is; `*` spares everyone.
//! - A session policy together with a user (a federated session) limits what the user's ARN or `*` is allowed.
//! - A statement of a resource's policy without principals: Allow never applies, Deny applies to everyone.

mod compare;
mod compile;
mod condition;
mod console;
mod cursor;
mod decide;
mod default;
mod evaluate;
mod explain;
mod exposure;
mod fault;
mod glob;
mod json;
mod parse;
mod position;
mod principal;
mod render;
mod request;
mod scalar;
mod template;
pub mod tree;

pub use compile::{CompiledPolicy, KnownActions};
pub use console::{ConsolePolicy, ConsoleUsage};
pub use decide::{
    AllowedBy, Decision, Denial, GrantedTo, NamedPolicy, Policies, PolicyKind, ResourcePolicies, StatementAt, decide,
};
pub use default::default_key_policy;
pub use explain::{Explanation, Failure, StatementExplanation, explain};
pub use exposure::{allowed_on_all_keys, allows_everyone, is_wildcard_administration};
pub use fault::{MalformedPolicy, PrincipalFault, Reason};
pub use parse::{parse_identity_policy, parse_key_policy, parse_trust_policy};
pub use position::{Position, statement_positions};
pub use render::replace_principals;
pub use request::{ConditionKey, ConditionValue, ConditionValues, Identity, Question, Requester};
