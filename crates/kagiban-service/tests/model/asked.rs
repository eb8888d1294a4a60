//! What the model says about a request: its input, and the answer that must come.

use serde_json::{Value, json};

use crate::model::Model;

/// A request and its answer as the model has it.
pub(crate) struct Asked {
    pub(crate) region: &'static str,
    pub(crate) input: Value,
    pub(crate) outcome: Outcome,
    /// The member with the entries, for operations that answer in pages: all pages are read.
    pub(crate) list: Option<&'static str>,
}

pub(crate) type Outcome = Result<Expected, Refusal>;

/// A good answer.
pub(crate) struct Expected {
    /// Its members, but for those of `free`.
    pub(crate) exact: Value,
    /// Members that are there and that the model cannot foretell.
    pub(crate) free: &'static [&'static str],
    /// Looks at the free members: what is wrong with them, or what the model learns from them.
    pub(crate) learn: Option<Learn>,
}

pub(crate) type Learn = Box<dyn FnOnce(&mut Model, &Value) -> Result<(), String>>;

/// An error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) text: Text,
}

/// The text of an error.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Is(String),
    StartsWith(String),
}

impl Asked {
    pub(crate) fn new(region: &'static str, input: Value, outcome: Outcome) -> Option<Self> {
        Some(Self { region, input, outcome, list: None })
    }

    /// The same, for a listing whose entries are in this member.
    pub(crate) fn listing(region: &'static str, input: Value, member: &'static str, outcome: Outcome) -> Option<Self> {
        Some(Self { region, input, outcome, list: Some(member) })
    }
}

impl Expected {
    /// Exactly this answer.
    pub(crate) fn exact(exact: Value) -> Outcome {
        Ok(Self { exact, free: &[], learn: None })
    }

    /// An answer without members.
    pub(crate) fn nothing() -> Outcome {
        Self::exact(json!({}))
    }

    /// This answer and some members that the model learns from.
    pub(crate) fn with(
        exact: Value,
        free: &'static [&'static str],
        learn: impl FnOnce(&mut Model, &Value) -> Result<(), String> + 'static,
    ) -> Outcome {
        Ok(Self { exact, free, learn: Some(Box::new(learn)) })
    }
}

/// A refusal with this code and text.
pub(crate) fn refusal(code: &'static str, text: impl Into<String>) -> Refusal {
    Refusal { code, text: Text::Is(text.into()) }
}

/// A refusal with this code and a text that starts so.
pub(crate) fn refusal_like(code: &'static str, text: impl Into<String>) -> Refusal {
    Refusal { code, text: Text::StartsWith(text.into()) }
}

pub(crate) fn invalid(text: impl Into<String>) -> Refusal {
    refusal("ValidationException", text)
}

impl Text {
    pub(crate) fn admits(&self, text: &str) -> bool {
        match self {
            Self::Is(expected) => expected == text,
            Self::StartsWith(start) => text.starts_with(start.as_str()),
        }
    }
}

/// Fails unless it is so; for [`Learn`].
pub(crate) fn require(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// A time of the model as answers show it: seconds, with a fraction only where there is one.
pub(crate) fn seconds(ms: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "dates of our time have few digits")]
    let fraction = || json!(ms as f64 / 1000.0);
    if ms % 1000 == 0 { json!(ms / 1000) } else { fraction() }
}

/// The text of a member.
pub(crate) fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}
