//! One event on its way to one target.

use std::sync::Arc;

use async_trait::async_trait;
use kagiban_audit::Record;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;
use kagiban_events::rules::Firing;
use kagiban_service::responses::RESPONSE_PRINCIPAL;
use serde_json::Value;

use super::state::Pending;

/// An event for a target, with what the target needs besides it.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// Its number among those of this process.
    pub(super) number: u64,
    /// Where it comes from, and where it goes.
    pub(super) origin: Pending,
    /// The number of the event.
    pub(super) event_id: String,
    /// The event, as JSON.
    pub(super) event: Arc<str>,
    /// What it is about.
    pub(super) about: Arc<About>,
}

/// What an event is about, in the terms of responses.
#[derive(Debug)]
pub(super) struct About {
    pub(super) region: Option<Region>,
    pub(super) keys: Vec<KeyArn>,
    /// The ARN that somebody called with.
    pub(super) principal: String,
    /// Who that was, whatever its name is now.
    pub(super) principal_id: String,
}

impl About {
    pub(super) fn of(record: &Record<'_>) -> Self {
        Self {
            region: record.region.parse().ok(),
            keys: record.resource_arns().filter_map(|arn| arn.parse().ok()).collect(),
            principal: record.principal.to_owned(),
            principal_id: record.principal_id.to_owned(),
        }
    }

    /// Of an event whose record cannot be read.
    pub(super) fn unknown() -> Self {
        Self { region: None, keys: Vec::new(), principal: String::new(), principal_id: String::new() }
    }

    /// Whether it is about something that a response did: no response follows from that.
    pub(super) fn is_response(&self) -> bool {
        self.principal == RESPONSE_PRINCIPAL
    }
}

/// The event of a firing as text, and its number.
pub(super) fn event_of(firing: &Firing) -> (String, Arc<str>) {
    let id = firing.event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    (id, firing.event.to_string().into())
}

/// A target did not take an event.
#[derive(Debug)]
pub(super) struct Failure {
    /// For the log and the file of what was not delivered. Holds no secret.
    pub(super) reason: String,
    /// Whether trying again can help.
    pub(super) is_final: bool,
}

impl Failure {
    /// Worth another attempt.
    pub(super) fn passing(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_final: false }
    }

    /// Not worth another attempt.
    pub(super) fn last(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), is_final: true }
    }
}

/// Brings events to a target.
#[async_trait]
pub(super) trait Carrier: Send + Sync {
    /// Makes one attempt.
    async fn carry(&self, delivery: &Delivery) -> Result<(), Failure>;

    /// How many attempts may be under way at once.
    fn at_once(&self) -> usize {
        1
    }
}
