//! Why a policy is refused, and where.
//!
//! Two messages: Display is for the log and repeats nothing of the policy; [`MalformedPolicy::message`] is for the
//! client. `DIFFERS:` AWS says little or nothing; we begin with its words where they are known, and then say where.
//! KMS and IAM have words of their own.

use std::fmt::{self, Write};

use crate::parse::Grammar;

/// The text is no well-formed policy (KMS: MalformedPolicyDocumentException, IAM: MalformedPolicyDocument).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct MalformedPolicy {
    reason: Reason,
    path: String,
    statement: Option<StatementName>,
    grammar: Grammar,
    /// The policy's own text that IAM's message repeats.
    quote: Option<Box<str>>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct StatementName {
    index: usize,
    sid: Option<Box<str>>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Reason {
    /// Two elements that exclude each other.
    #[error("{0} and {1} exclude each other")]
    Both(&'static str, &'static str),
    /// A name that occurs more than once in its object.
    #[error("the name occurs more than once")]
    Duplicate,
    /// A Sid that an earlier statement has. Key policies may repeat one.
    #[error("an earlier statement has this Sid")]
    DuplicateSid,
    /// A list or object that must not be empty.
    #[error("the element must not be empty")]
    Empty,
    /// No action: neither `*` nor `SERVICE:NAME`, where the name may have wildcards.
    #[error("an action must be * or have the form service:name")]
    InvalidAction,
    /// No condition key of the form `SERVICE:NAME`.
    #[error("a condition key must have the form service:name")]
    InvalidConditionKey,
    /// A value that its condition operator cannot read.
    #[error("the condition operator needs {0}")]
    InvalidConditionValue(&'static str),
    /// Neither Allow nor Deny.
    #[error("Effect must be Allow or Deny")]
    InvalidEffect,
    /// No principal: malformed, a group, a wildcard in an ARN, or a type that such policies do not have.
    #[error("{0}")]
    InvalidPrincipal(PrincipalFault),
    /// Neither `*` nor an ARN pattern.
    #[error("a resource must be * or an ARN")]
    InvalidResource,
    /// Control characters in a Sid.
    #[error("a Sid must not hold control characters")]
    InvalidSid,
    /// Neither `2008-10-17` nor `2012-10-17`.
    #[error("Version must be 2012-10-17 or 2008-10-17")]
    InvalidVersion,
    /// An element that must be there.
    #[error("the element {0} is missing")]
    Missing(&'static str),
    /// An Allow for everyone but the listed.
    #[error("NotPrincipal must not be used with Allow, as it would allow everyone else")]
    NotPrincipalWithAllow,
    /// An action of another service in a trust policy.
    #[error("an action of a trust policy must begin with sts:")]
    NotSts,
    /// The text is no JSON. Line and column count from 1.
    #[error("the policy is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault.
        line: usize,
        /// Column of the first fault.
        column: usize,
    },
    /// `ForAllValues:` with a key that has one value: it would hold when the key is absent.
    #[error("ForAllValues must not be used with a single-valued key, as it holds when the key is absent")]
    OverlyPermissiveCondition,
    /// An element that such policies do not have.
    #[error("such a policy must not have the element {0}")]
    Prohibited(&'static str),
    /// Other characters than letters and digits in a Sid. Key policies may have them.
    #[error("a Sid must consist of letters and digits")]
    SidNotAlphanumeric,
    /// More characters than the API's model allows.
    #[error("the policy is too long")]
    TooLong,
    /// More statements than fit into a policy of the greatest length.
    #[error("the policy has too many statements")]
    TooManyStatements,
    /// An element that the language does not have, or not there.
    #[error("the element is unknown")]
    UnknownElement,
    /// No condition operator.
    #[error("the condition operator is unknown")]
    UnknownOperator,
    /// A value of another JSON type.
    #[error("the element must be {0}")]
    WrongType(&'static str),
}

/// What is wrong with a principal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PrincipalFault {
    /// A group; groups cannot be principals.
    #[error("a group cannot be a principal")]
    Group,
    /// Nothing that names a principal.
    #[error("not a valid principal")]
    Malformed,
    /// A type that such policies do not have.
    #[error("such a policy has no principals of this type")]
    UnknownType,
    /// A wildcard in an ARN.
    #[error("a principal must not hold wildcards")]
    Wildcard,
}

impl MalformedPolicy {
    pub(crate) const fn new(reason: Reason, path: String) -> Self {
        Self { reason, path, statement: None, grammar: Grammar::Key, quote: None }
    }

    pub(crate) fn of_grammar(self, grammar: Grammar) -> Self {
        Self { grammar, ..self }
    }

    /// Keeps a text of the policy for the message.
    pub(crate) fn quoting(self, text: &str) -> Self {
        Self { quote: Some(text.chars().take(QUOTE_LEN_MAX).collect::<String>().into()), ..self }
    }

    pub(crate) fn in_statement(self, index: usize, sid: Option<Box<str>>) -> Self {
        Self { statement: Some(StatementName { index, sid }), ..self }
    }

    /// What is wrong.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Where: the way to the element, such as `Statement[0].Principal.AWS[1]`; empty for the whole document.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The position of the statement, from 0, if the fault is in one.
    pub fn statement_index(&self) -> Option<usize> {
        self.statement.as_ref().map(|statement| statement.index)
    }

    /// The Sid of that statement, if it has one.
    pub fn sid(&self) -> Option<&str> {
        self.statement.as_ref().and_then(|statement| statement.sid.as_deref())
    }

    /// Whether the text is JSON at all. For one that is not, AWS sends the error without any message.
    pub const fn is_json(&self) -> bool {
        !matches!(self.reason, Reason::NotJson { .. })
    }

    /// The text for the client. Names elements and the Sid of its policy, so it belongs into the answer only.
    pub fn message(&self) -> String {
        let mut text = String::new();
        let _infallible = self.write_message(&mut text);
        text
    }

    fn write_message(&self, text: &mut String) -> fmt::Result {
        match self.grammar {
            Grammar::Key => text.push_str(self.kms_words()),
            Grammar::Identity | Grammar::Trust => self.write_iam_words(text)?,
        }
        write!(text, "{}", self.reason)?;
        if !self.path.is_empty() {
            write!(text, ", at {}", self.path)?;
        }
        if let Some(sid) = self.sid() {
            write!(text, " (Sid {sid:?})")?;
        }
        Ok(())
    }

    const fn kms_words(&self) -> &'static str {
        match self.reason {
            // Seen.
            Reason::InvalidPrincipal(_) => "Policy contains a statement with one or more invalid principals. ",
            // The documentation gives the start only.
            Reason::OverlyPermissiveCondition => "OverlyPermissiveCondition: ",
            _ => "",
        }
    }

    fn write_iam_words(&self, text: &mut String) -> fmt::Result {
        let quote = self.quote.as_deref().unwrap_or_default();
        text.push_str(match self.reason {
            Reason::InvalidPrincipal(_) => return write!(text, "Invalid principal in policy: {quote}. "),
            Reason::InvalidResource if !quote.starts_with("arn:") => {
                return write!(text, "Resource {quote} must be in ARN format or \"*\". ");
            }
            Reason::Prohibited(_) if self.grammar == Grammar::Identity => {
                "Policy document must not specify a principal. "
            }
            Reason::Prohibited(element) => return write!(text, "Has prohibited field {element}. "),
            Reason::Missing("Action") => "Policy statement must contain actions. ",
            Reason::Missing("Resource") => "Policy statement must contain resources. ",
            Reason::Missing("Principal") => "Missing required field Principal. ",
            Reason::InvalidAction if !quote.contains(':') => VENDOR_MISSING,
            Reason::InvalidConditionKey => VENDOR_MISSING,
            Reason::InvalidAction | Reason::InvalidResource => "The policy failed legacy parsing. ",
            Reason::DuplicateSid => "Statement IDs (SID) in a single policy must be unique. ",
            Reason::SidNotAlphanumeric => {
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression \
                 [0-9A-Za-z]*. "
            }
            Reason::NotSts => "AssumeRole policy may only specify STS AssumeRole actions. ",
            Reason::NotJson { .. } => "This policy contains invalid Json. ",
            _ => "Syntax errors in policy. ",
        });
        Ok(())
    }
}

const VENDOR_MISSING: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. ";

/// Longest text of the policy in a message, in characters.
const QUOTE_LEN_MAX: usize = 256;
