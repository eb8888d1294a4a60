//! What can be wrong with a file of rules.

use crate::pattern::PatternError;

use super::{FILE_LEN_MAX, RULES_MAX, TARGETS_MAX, TARGETS_OF_RULE_MAX};

/// A file of rules cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file is too long.
    #[error("a file of rules has at most {FILE_LEN_MAX} bytes")]
    FileTooLong,
    /// It is no TOML, or has fields that are none.
    #[error("{0}")]
    Syntax(Box<toml::de::Error>),
    /// There are too many rules.
    #[error("a file has at most {RULES_MAX} rules")]
    TooManyRules,
    /// There are too many targets.
    #[error("a file has at most {TARGETS_MAX} targets")]
    TooManyTargets,
    /// A name with other characters, or none.
    #[error("`{0}` is no name: use 1 to 64 letters, digits, dots, underscores and hyphens")]
    Name(String),
    /// Two of one name.
    #[error("two {1}s are called `{0}`")]
    Twice(String, &'static str),
    /// Something is wrong with a rule.
    #[error("rule `{name}`: {fault}")]
    Rule {
        /// Its name.
        name: String,
        /// What is wrong.
        fault: RuleFault,
    },
    /// Something is wrong with a target.
    #[error("target `{name}`: {fault}")]
    Target {
        /// Its name.
        name: String,
        /// What is wrong.
        fault: TargetFault,
    },
}

/// What is wrong with a rule.
#[derive(Debug, thiserror::Error)]
pub enum RuleFault {
    /// The pattern.
    #[error("pattern: {0}")]
    Pattern(#[from] PatternError),
    /// It has no target, or too many.
    #[error("a rule has 1 to {TARGETS_OF_RULE_MAX} targets")]
    Targets,
    /// No such target.
    #[error("there is no target called `{0}`")]
    NoTarget(String),
    /// A count that is none.
    #[error("an alarm counts 1 to 1000 events within 1s to 7d")]
    Alarm,
    /// A time that is none.
    #[error("throttle is at least 1s and at most 7d")]
    Throttle,
}

/// What is wrong with a target.
#[derive(Debug, thiserror::Error)]
pub enum TargetFault {
    /// The command has no program, or is too long.
    #[error("command takes a program with its absolute path and at most 100 arguments")]
    Command,
    /// Attempts out of bounds.
    #[error("attempts is 1 to 100")]
    Attempts,
    /// A field that goes with another type of target.
    #[error("`{0}` does not go with this type of target")]
    Stray(&'static str),
    /// A field that the type needs.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Nothing may be acted upon.
    #[error(
        "say in `only` what it may act upon, such as [\"arn:aws:kms:*:111122223333:key/*\"]; no more than 100 entries"
    )]
    NoScope,
    /// The limit of actions is out of bounds.
    #[error("max-per-hour is 1 to 10000")]
    PerHour,
    /// A path that depends on where the server was started.
    #[error("`{0}` must be an absolute path")]
    RelativePath(String),
    /// Sizes out of bounds.
    #[error("a file is put aside at 4096 bytes to 1 GiB (max-size), and 1 to 100 of them are kept (keep)")]
    Rotation,
    /// A time out of bounds.
    #[error("timeout is 100ms to 10m")]
    Timeout,
    /// An address that messages should not go to.
    #[error("`{0}` is no https:// URL; http:// is for addresses of this machine only")]
    Url(String),
}
