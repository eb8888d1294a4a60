//! Rules: which events matter, how many of them, and what is to follow.
//!
//! [`Rules::parse`] reads the file that an operator writes and refuses whatever it does not understand; [`Alarms`] decides which
//! rules fire on a record. Carrying out is for others: a [`Target`] only says what is wanted.

mod alarm;
mod fault;
mod file;
mod glob;
mod target;

use std::time::Duration;

pub use self::alarm::{ActionCounts, Alarms, Firing, key_of};
pub use self::fault::RulesError;
pub use self::glob::Glob;
pub use self::target::{Guard, RevokeOf, Target, TargetKind};
use crate::pattern::{Pattern, Prefilter};

/// Bytes of a file of rules at most.
pub const FILE_LEN_MAX: usize = 1 << 20;
/// Rules in a file at most.
pub const RULES_MAX: usize = 300;
/// Targets in a file at most.
pub const TARGETS_MAX: usize = 50;
/// Targets of one rule at most (EventBridge has 5; responses and notices go together here).
pub const TARGETS_OF_RULE_MAX: usize = 10;

/// What a file of rules says.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// In the order of the file; names are unique.
    pub rules: Vec<Rule>,
    /// In the order of the file; names are unique.
    pub targets: Vec<Target>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether it does anything.
    pub is_enabled: bool,
    /// The events that it is about.
    pub pattern: Pattern,
    /// Which of [`Rules::targets`] get them.
    pub targets: Vec<usize>,
    /// How many events it takes, if more than one.
    pub alarm: Option<AlarmCondition>,
    /// How long it is silent about the same subject after it has fired.
    pub throttle: Option<Throttle>,
    prefilter: Prefilter,
}

/// So many events within so long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlarmCondition {
    /// At least one.
    pub count: usize,
    /// The span of time from the first to the last of them.
    pub within: Duration,
    /// What they must have in common.
    pub per: Subject,
}

/// How long a rule is silent, and about what.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Throttle {
    /// How long.
    pub quiet: Duration,
    /// Events of another subject still make it fire.
    pub per: Subject,
}

/// What events are counted by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The account whose event it is.
    Account,
    /// The address of the caller.
    Address,
    /// The key that the event is about: the first one.
    Key,
    /// The caller.
    Principal,
    /// Nothing: all events of the rule together.
    #[default]
    Rule,
}

impl Rules {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`RulesError`]: the first thing that is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        file::read(text)
    }

    /// The rule of this name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name)
    }
}

#[cfg(test)]
mod tests;
