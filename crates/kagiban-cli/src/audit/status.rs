//! `kagiban audit status`

use std::io::Write;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::answers::{optional_seconds, seconds};
use crate::audit_options::StatusOptions;
use crate::commands::{ask, show};
use crate::error::CliError;
use crate::options::ConnectionOptions;
use crate::text::{printable, table};

/// Where the audit goes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    deliveries: Vec<Delivery>,
    #[serde(default)]
    heads: Vec<Head>,
}

/// How far a journal goes, by the store.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Head {
    pub(super) journal: String,
    record: u64,
    #[serde(deserialize_with = "seconds")]
    signed: Timestamp,
    #[serde(deserialize_with = "seconds")]
    kept: Timestamp,
    pub(super) text: String,
}

/// The heads that the store of a running server keeps.
pub(super) fn heads(connection: &ConnectionOptions) -> Result<Vec<Head>, CliError> {
    let (client, body) = ask(connection, "DescribeAuditDeliveries", &json!({}))?;
    let Status { heads, .. } = client.read(&body)?;
    Ok(heads)
}

/// One target.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delivery {
    target: String,
    next_record: u64,
    records_waiting: u64,
    #[serde(default, deserialize_with = "optional_seconds")]
    waiting_since: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_seconds")]
    latest_delivery: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_seconds")]
    latest_digest: Option<Timestamp>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    records_lost: u64,
}

pub(super) fn status(options: &StatusOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "DescribeAuditDeliveries", &json!({}))?;
    let Status { deliveries, heads } = client.read(&body)?;
    let mut text = if deliveries.is_empty() {
        "The audit is delivered nowhere: see kagiban serve --audit-deliver.\n".to_owned()
    } else {
        shown(&deliveries)
    };
    text.push_str(&shown_heads(&heads));
    show(options.connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
}

fn shown(deliveries: &[Delivery]) -> String {
    let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), Timestamp::to_rfc3339);
    let row = |delivery: &Delivery| {
        [
            delivery.target.clone(),
            delivery.next_record.saturating_sub(1).to_string(),
            delivery.records_waiting.to_string(),
            time(delivery.waiting_since),
            time(delivery.latest_delivery),
            time(delivery.latest_digest),
        ]
    };
    let rows: Vec<_> = deliveries.iter().map(row).collect();
    let mut text = table(["TARGET", "DELIVERED TO", "WAITING", "SINCE", "LATEST DELIVERY", "DIGESTS UNTIL"], &rows);
    for delivery in deliveries {
        let target = printable(&delivery.target);
        if !delivery.error.is_empty() {
            text.push_str(&format!("\n{target}: {}\n", printable(&delivery.error)));
        }
        if delivery.records_lost > 0 {
            let lost = delivery.records_lost;
            text.push_str(&format!("\n{target}: {lost} records were gone before they were delivered\n"));
        }
    }
    text
}

fn shown_heads(heads: &[Head]) -> String {
    if heads.is_empty() {
        return "\nThe store has no head of a journal yet: it gets one within a minute.\n".to_owned();
    }
    let row =
        |head: &Head| [head.journal.clone(), head.record.to_string(), head.signed.to_rfc3339(), head.kept.to_rfc3339()];
    let rows: Vec<_> = heads.iter().map(row).collect();
    format!("\n{}", table(["JOURNAL", "PROVEN TO", "SIGNED", "IN THE STORE SINCE"], &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_shown_with_its_reason() {
        let body = r#"{"TrailName":"kagiban","Deliveries":[
            {"Target":"dir:/logs","NextRecord":8,"RecordsWaiting":0,"LatestDelivery":1800000000.5,"RecordsLost":0},
            {"Target":"s3://b","NextRecord":1,"RecordsWaiting":7,"WaitingSince":1800000000,"Error":"it is down","RecordsLost":2}
        ]}"#;
        let status: Status = serde_json::from_str(body).unwrap();
        let text = shown(&status.deliveries);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["dir:/logs", "7", "0", "-", "2027-01-15T08:00:00Z", "-"]);
        assert_eq!(lines[2], ["s3://b", "0", "7", "2027-01-15T08:00:00Z", "-", "-"]);
        assert!(shown_heads(&status.heads).contains("no head"));
        let heads = r#"{"Deliveries":[],"Heads":[
            {"Journal":"ab","Record":9,"Signed":1800000000.0,"Kept":1800000001.25,"Text":"t"}
        ]}"#;
        let status: Status = serde_json::from_str(heads).unwrap();
        let head = shown_heads(&status.heads);
        assert!(head.ends_with("ab       9          2027-01-15T08:00:00Z  2027-01-15T08:00:01Z\n"), "{head}");
        assert!(text.contains("s3://b: it is down\n") && text.contains("s3://b: 2 records were gone"), "{text}");
    }
}
