//! A record as CloudTrail shows it: the JSON of event version 1.11, one copy for each account that it concerns.

use std::io;

use kagiban_base::id::AccountId;

use crate::record::{Record, RecordKind};

/// The version of the record's layout (CloudTrail's record contents).
pub const EVENT_VERSION: &str = "1.11";
/// The type of every resource that KMS records.
const KEY_TYPE: &str = "AWS::KMS::Key";

/// The copy of `record` that the account `recipient` gets: one JSON object without line feeds.
pub fn render(record: &Record<'_>, recipient: AccountId) -> String {
    let mut out = Object::new();
    out.text("eventVersion", EVENT_VERSION);
    out.json("userIdentity", &identity(record, recipient));
    out.text("eventTime", &record.time.to_rfc3339());
    out.text("eventSource", record.event_source);
    out.text("eventName", record.event_name);
    out.text("awsRegion", record.region);
    out.text("sourceIPAddress", record.source_address);
    out.text_unless_empty("userAgent", record.user_agent);
    out.text_unless_empty("errorCode", record.error_code);
    out.text_unless_empty("errorMessage", record.error_message);
    out.json_or_null("requestParameters", record.request_parameters);
    out.json_or_null("responseElements", record.response_elements);
    if !record.additional_event_data.is_empty() {
        out.json("additionalEventData", record.additional_event_data);
    }
    if record.kind != RecordKind::ServiceEvent {
        out.text("requestID", record.number.as_str());
    }
    out.text("eventID", record.event_id(recipient).as_str());
    out.json("readOnly", if record.read_only { "true" } else { "false" });
    out.json("resources", &resources(record));
    out.text("eventType", event_type(record.kind));
    out.json("managementEvent", "true");
    out.text("recipientAccountId", recipient.as_str());
    if record.recipients().count() > 1 {
        out.text("sharedEventID", record.shared_event_id().as_str());
    }
    if !record.service_event_details.is_empty() {
        out.json("serviceEventDetails", record.service_event_details);
    }
    out.text("eventCategory", "Management");
    if record.tls.is_some() {
        out.json("tlsDetails", &tls(record));
    }
    out.end()
}

/// CloudTrail's name for a kind of event.
pub const fn event_type(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::ApiCall => "AwsApiCall",
        RecordKind::ServiceEvent => "AwsServiceEvent",
        RecordKind::ConsoleSignIn => "AwsConsoleSignIn",
    }
}

/// Another account is told which account called, and by which principal's id; names are the caller's own affair.
fn identity(record: &Record<'_>, recipient: AccountId) -> String {
    if recipient == record.account {
        return record.identity.to_owned();
    }
    let mut out = Object::new();
    out.text("type", "AWSAccount");
    out.text("principalId", record.principal_id);
    out.text("accountId", record.account.as_str());
    out.end()
}

fn resources(record: &Record<'_>) -> String {
    let one = |arn: &str| {
        let mut out = Object::new();
        // arn:PARTITION:SERVICE:REGION:ACCOUNT:...
        out.text("accountId", arn.split(':').nth(4).unwrap_or_default());
        out.text_unless_empty("type", resource_type(record, arn));
        out.text("ARN", arn);
        out.end()
    };
    let all: Vec<String> = record.resource_arns().map(one).collect();
    format!("[{}]", all.join(","))
}

/// The type of a resource; empty when CloudTrail names none.
pub fn resource_type(record: &Record<'_>, _arn: &str) -> &'static str {
    if record.event_source == "kms.amazonaws.com" { KEY_TYPE } else { "" }
}

fn tls(record: &Record<'_>) -> String {
    let tls = record.tls.unwrap_or_default();
    let mut out = Object::new();
    out.text_unless_empty("tlsVersion", tls.version);
    out.text_unless_empty("cipherSuite", tls.cipher_suite);
    out.text_unless_empty("clientProvidedHostHeader", tls.host);
    out.text_unless_empty("keyExchange", tls.key_exchange);
    out.end()
}

/// Writes a JSON object, member by member.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        // Writing to memory does not fail.
        _ = serde_json::to_writer(Text(&mut self.0), value);
    }

    fn text_unless_empty(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    /// `value` is JSON already.
    fn json(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    fn json_or_null(&mut self, name: &str, value: &str) {
        self.json(name, if value.is_empty() { "null" } else { value });
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Takes the JSON of a text, which is text.
struct Text<'a>(&'a mut String);

impl io::Write for Text<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push_str(str::from_utf8(bytes).map_err(io::Error::other)?);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::record::sample;

    #[test]
    fn both_accounts_get_a_copy_of_their_own() {
        let record = sample();
        let copies: Vec<Value> =
            record.recipients().map(|account| serde_json::from_str(&render(&record, account)).unwrap()).collect();
        let [caller, owner] = &copies[..] else { panic!("two copies") };
        assert_eq!(caller["userIdentity"]["type"], "Root");
        assert_eq!(owner["userIdentity"]["type"], "AWSAccount");
        assert_eq!(owner["userIdentity"]["accountId"], "111122223333");
        assert_eq!((&caller["sharedEventID"], caller["sharedEventID"].is_string()), (&owner["sharedEventID"], true));
        assert_ne!(caller["eventID"], owner["eventID"]);
        assert_eq!(caller["resources"][0]["accountId"], "444455556666");
        assert_eq!(caller["responseElements"], Value::Null);
        assert_eq!(caller["tlsDetails"]["keyExchange"], "X25519MLKEM768");
    }

    #[test]
    fn a_service_event_has_no_request() {
        let record = Record { kind: RecordKind::ServiceEvent, other_account: None, tls: None, ..sample() };
        let copy: Value = serde_json::from_str(&render(&record, record.account)).unwrap();
        for absent in ["requestID", "sharedEventID", "tlsDetails", "errorCode", "additionalEventData"] {
            assert_eq!(copy.get(absent), None, "{absent}");
        }
        assert_eq!(copy["eventType"], "AwsServiceEvent");
    }
}
