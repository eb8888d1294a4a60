//! The events that a record makes, in the envelopes of EventBridge.
//!
//! Each record makes one event for each account that it concerns: `AWS API Call via CloudTrail`, `AWS Service Event via
//! CloudTrail` or `AWS Console Sign In via CloudTrail`, whose detail is the record as CloudTrail shows it. What the service does
//! by itself makes another one of KMS, and a change of compliance one of Config instead.
//!
//! DIFFERS: events of calls that only read are made too (AWS makes them for rules that ask for them specially).

use arrayvec::ArrayString;
use kagiban_audit::{Record, RecordKind, cloudtrail};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::AccountId;
use serde_json::{Map, Value, json};

use crate::pattern::{Hint, Hints};

/// The version of the envelope (EventBridge's events).
const ENVELOPE_VERSION: &str = "0";
/// What the names of event sources end with.
const SOURCE_SUFFIX: &str = ".amazonaws.com";
/// `eventSource` of changes of compliance.
pub const CONFIG_SOURCE: &str = "config.amazonaws.com";
/// `eventName` of changes of compliance.
pub const COMPLIANCE_CHANGE: &str = "ComplianceChange";

/// An event that a record makes, for one account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
    kind: ShapeKind,
    recipient: AccountId,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ShapeKind {
    ApiCall,
    ComplianceChange,
    ConsoleSignIn,
    Deletion,
    Expiration,
    Rotation,
    ServiceEvent,
}

impl Shape {
    /// The events that a record makes; at most three.
    pub fn of(record: &Record<'_>) -> impl Iterator<Item = Self> + use<> {
        let own = native(record).map(|kind| Self { kind, recipient: record.account });
        let kind = match record.kind {
            RecordKind::ApiCall => ShapeKind::ApiCall,
            RecordKind::ConsoleSignIn => ShapeKind::ConsoleSignIn,
            RecordKind::ServiceEvent => ShapeKind::ServiceEvent,
        };
        // What Config says is no record of CloudTrail there.
        let is_recorded = own.is_none_or(|shape| shape.kind != ShapeKind::ComplianceChange);
        let recorded = record.recipients().filter(move |_| is_recorded).map(move |recipient| Self { kind, recipient });
        own.into_iter().chain(recorded)
    }

    /// `detail-type`
    pub const fn detail_type(self) -> &'static str {
        match self.kind {
            ShapeKind::ApiCall => "AWS API Call via CloudTrail",
            ShapeKind::ComplianceChange => "Config Rules Compliance Change",
            ShapeKind::ConsoleSignIn => "AWS Console Sign In via CloudTrail",
            ShapeKind::Deletion => "KMS CMK Deletion",
            ShapeKind::Expiration => "KMS Imported Key Material Expiration",
            ShapeKind::Rotation => "KMS CMK Rotation",
            ShapeKind::ServiceEvent => "AWS Service Event via CloudTrail",
        }
    }

    /// Whether the detail is the record as CloudTrail shows it.
    const fn is_of_cloudtrail(self) -> bool {
        matches!(self.kind, ShapeKind::ApiCall | ShapeKind::ConsoleSignIn | ShapeKind::ServiceEvent)
    }

    /// What is known of the event that this record makes, without making it.
    pub fn with_hints<T>(self, record: &Record<'_>, look: impl FnOnce(&Hints<'_>) -> T) -> T {
        let service = record.event_source.strip_suffix(SOURCE_SUFFIX).unwrap_or(record.event_source);
        // "aws.kms": the longest name of a service is short, and what is longer is compared later.
        let mut source = ArrayString::<64>::new();
        let fits = source.try_push_str("aws.").and_then(|()| source.try_push_str(service)).is_ok();
        let detail = |hint| if self.is_of_cloudtrail() { hint } else { Hint::Unknown };
        look(&Hints([
            if fits { Hint::Text(&source) } else { Hint::Unknown },
            Hint::Text(self.detail_type()),
            Hint::Text(self.recipient.as_str()),
            Hint::Text(record.region),
            detail(Hint::Text(record.event_source)),
            detail(Hint::Text(record.event_name)),
            detail(unless_absent(record.error_code)),
            detail(unless_absent(record.error_message)),
            detail(Hint::Text(record.source_address)),
        ]))
    }

    /// The event. What the record holds that is no JSON, though it should be, is left out of it.
    pub fn event(self, record: &Record<'_>) -> Value {
        let service = record.event_source.strip_suffix(SOURCE_SUFFIX).unwrap_or(record.event_source);
        let resources: Vec<&str> = if self.is_of_kms() { record.resource_arns().collect() } else { Vec::new() };
        json!({
            "version": ENVELOPE_VERSION,
            "id": self.id(record),
            "detail-type": self.detail_type(),
            "source": format!("aws.{service}"),
            "account": self.recipient.as_str(),
            "time": record.time.to_rfc3339(),
            "region": record.region,
            "resources": resources,
            "detail": self.detail(record),
        })
    }

    /// The event's number: the same whenever it is made again, so that a receiver can tell what he has had.
    pub fn id(self, record: &Record<'_>) -> String {
        if self.is_of_cloudtrail() {
            record.event_id(self.recipient).to_string()
        } else {
            record.shared_event_id().to_string()
        }
    }

    const fn is_of_kms(self) -> bool {
        matches!(self.kind, ShapeKind::Deletion | ShapeKind::Expiration | ShapeKind::Rotation)
    }

    fn detail(self, record: &Record<'_>) -> Value {
        match self.kind {
            ShapeKind::ApiCall | ShapeKind::ConsoleSignIn | ShapeKind::ServiceEvent => {
                serde_json::from_str(&cloudtrail::render(record, self.recipient)).unwrap_or_default()
            }
            ShapeKind::ComplianceChange => details(record).into(),
            ShapeKind::Deletion => kms_detail(record, &[]),
            ShapeKind::Expiration => kms_detail(record, &[("keyMaterialId", "key-material-id")]),
            ShapeKind::Rotation => kms_detail(record, &ROTATION),
        }
    }
}

/// Members of a rotation's details, and of its event's detail.
const ROTATION: [(&str, &str); 4] = [
    ("keyOrigin", "key-origin"),
    ("rotationType", "rotation-type"),
    ("previousKeyMaterialId", "previous-key-material-id"),
    ("currentKeyMaterialId", "current-key-material-id"),
];

/// The event that is the service's own, and no record of CloudTrail.
fn native(record: &Record<'_>) -> Option<ShapeKind> {
    if record.kind != RecordKind::ServiceEvent {
        return None;
    }
    match (record.event_source, record.event_name) {
        ("kms.amazonaws.com", "DeleteExpiredKeyMaterial") => Some(ShapeKind::Expiration),
        ("kms.amazonaws.com", "DeleteKey") => Some(ShapeKind::Deletion),
        ("kms.amazonaws.com", "RotateKey") => Some(ShapeKind::Rotation),
        (CONFIG_SOURCE, COMPLIANCE_CHANGE) => Some(ShapeKind::ComplianceChange),
        _ => None,
    }
}

fn details(record: &Record<'_>) -> Map<String, Value> {
    serde_json::from_str(record.service_event_details).unwrap_or_default()
}

fn kms_detail(record: &Record<'_>, members: &[(&str, &str)]) -> Value {
    let details = details(record);
    let mut detail = Map::new();
    if let Some(key) = record.resource_arns().find_map(|arn| arn.parse::<KeyArn>().ok()) {
        detail.insert("key-id".to_owned(), key.key_id.as_str().into());
    }
    for (from, to) in members {
        if let Some(value) = details.get(*from) {
            detail.insert((*to).to_owned(), value.clone());
        }
    }
    detail.into()
}

const fn unless_absent(text: &str) -> Hint<'_> {
    if text.is_empty() { Hint::Absent } else { Hint::Text(text) }
}

#[cfg(test)]
mod tests;
