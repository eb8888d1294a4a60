//! Records of what the service does by itself: rotation, deletion, expiry, synchronisation, and what rules ask for.
//!
//! An event is a row, written in the transaction that makes the change, so that there is none without the other. A job takes
//! the rows into the journal, waits until they are durable there, and only then removes them: a cut between the two records an event again,
//! under the same number, by which it is known to be the same.

use kagiban_api::audit::quote_to;
use kagiban_audit::{JournalStopped, Record, RecordKind, Sequence};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::RequestId;
use kagiban_base::random::RandomError;
use kagiban_base::time::Timestamp;
use kagiban_storage::{Prefix, Transaction};
use serde_json::json;

use super::KMS;
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::records::service_event::{KeyEvent, RuleEvent, ServiceEvent, ServiceEventRecord, ServiceEventRowKey};
use crate::responses::RESPONSE_PRINCIPAL;

/// Events that are recorded, and removed, at once.
const BATCH: usize = 50;
/// Who does what nobody asked for, and from where.
const INTERNAL: &str = "AWS Internal";

/// Notes in a transaction that it does this to a key.
///
/// # Errors
/// Internal ones.
pub(crate) fn note(
    tx: &Transaction,
    key: KeyArn,
    event: ServiceEvent,
    at: Timestamp,
    service: &Service,
) -> Result<(), ServiceError> {
    let number = RequestId::generate(service.random.as_ref())?;
    Ok(tx.put(&ServiceEventRowKey { at, number }, &ServiceEventRecord::OfKey(KeyEvent { key, event }))?)
}

/// The row that notes what a rule had the service do now.
///
/// # Errors
/// There is no randomness for its number.
pub(crate) fn of_rule(
    event: RuleEvent,
    service: &Service,
) -> Result<(ServiceEventRowKey, ServiceEventRecord), RandomError> {
    let number = RequestId::generate(service.random.as_ref())?;
    Ok((ServiceEventRowKey { at: service.clock.now(), number }, ServiceEventRecord::OfRule(event)))
}

/// Records the events that wait, one caller of a process after the other. Several nodes may do so at once; then some are
/// recorded twice.
///
/// # Errors
/// Internal ones, also when the journal has stopped.
pub(crate) async fn record_all(service: &Service) -> Result<(), ServiceError> {
    let _turn = service.recording_events.lock().await;
    loop {
        let snapshot = service.store.snapshot().await?;
        let page = snapshot.scan::<ServiceEventRecord>(&Prefix::all(), None, BATCH).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        record(&page.rows, service).await.map_err(|_| ServiceError::Internal(InternalError::Unrecorded))?;
        let rows = &page.rows;
        let remove = |tx: Transaction| async move {
            for (row_key, _) in rows {
                tx.delete::<ServiceEventRecord>(row_key)?;
            }
            Ok::<_, ServiceError>(())
        };
        service.store.transact("forget recorded events", remove).await?;
    }
}

/// In every degree the rows stay until the records survive a loss of power, as the rows do.
async fn record(rows: &[(ServiceEventRowKey, ServiceEventRecord)], service: &Service) -> Result<(), JournalStopped> {
    let recorder = service.iam.audit.recorder();
    let mut last = None;
    for (row_key, row) in rows {
        last = Some(append(row_key, row, service)?);
    }
    match last {
        Some(last) => recorder.durable(last).await,
        None => Ok(()),
    }
}

fn append(
    row_key: &ServiceEventRowKey,
    record: &ServiceEventRecord,
    service: &Service,
) -> Result<Sequence, JournalStopped> {
    match record {
        ServiceEventRecord::OfKey(event) => append_of_key(row_key, event, service),
        ServiceEventRecord::OfRule(event) => append_of_rule(row_key, event, service),
    }
}

/// Like a request of whoever acts for rules.
fn append_of_rule(
    row_key: &ServiceEventRowKey,
    event: &RuleEvent,
    service: &Service,
) -> Result<Sequence, JournalStopped> {
    let key = event.key.map(|key| key.to_string());
    let response = key.as_ref().map(|key| json!({ "keyId": key }).to_string()).unwrap_or_default();
    let additional = json!({ "rule": event.rule, "eventId": event.event_id }).to_string();
    service.iam.audit.recorder().append(&Record {
        kind: RecordKind::ApiCall,
        event_source: &event.source,
        event_name: &event.operation,
        identity: r#"{"type":"AWSService","invokedBy":"events.amazonaws.com"}"#,
        principal: RESPONSE_PRINCIPAL,
        source_address: RESPONSE_PRINCIPAL,
        user_agent: RESPONSE_PRINCIPAL,
        request_parameters: &event.parameters,
        response_elements: &response,
        additional_event_data: &additional,
        resources: key.as_deref().unwrap_or_default(),
        ..Record::new(row_key.at, row_key.number, event.account, event.region.as_str())
    })
}

fn append_of_key(
    row_key: &ServiceEventRowKey,
    KeyEvent { key, event }: &KeyEvent,
    service: &Service,
) -> Result<Sequence, JournalStopped> {
    let (arn, account) = (key.text(), key.account);
    let identity = format!(r#"{{"accountId":"{account}","invokedBy":"{INTERNAL}"}}"#);
    let response = format!(r#"{{"keyId":"{}"}}"#, &*arn);
    let details = details(key, event);
    let parameters = match event {
        ServiceEvent::UpdatePrimaryRegion { region } => {
            format!(r#"{{"keyId":"{}","primaryRegion":"{region}"}}"#, &*arn)
        }
        _ => String::new(),
    };
    service.iam.audit.recorder().append(&Record {
        kind: kind_of(event),
        event_source: KMS,
        event_name: name_of(event),
        identity: &identity,
        principal: INTERNAL,
        source_address: INTERNAL,
        user_agent: INTERNAL,
        request_parameters: &parameters,
        response_elements: &response,
        service_event_details: &details,
        resources: &arn,
        ..Record::new(row_key.at, row_key.number, account, key.region.as_str())
    })
}

const fn name_of(event: &ServiceEvent) -> &'static str {
    match event {
        ServiceEvent::CreateKey => "CreateKey",
        ServiceEvent::DeleteExpiredKeyMaterial { .. } => "DeleteExpiredKeyMaterial",
        ServiceEvent::DeleteKey => "DeleteKey",
        ServiceEvent::RotateKey { .. } => "RotateKey",
        ServiceEvent::SynchronizeMultiRegionKey => "SynchronizeMultiRegionKey",
        ServiceEvent::UpdatePrimaryRegion { .. } => "UpdatePrimaryRegion",
    }
}

/// What another Region does for a call there is a call here, as CloudTrail has it.
const fn kind_of(event: &ServiceEvent) -> RecordKind {
    match event {
        ServiceEvent::CreateKey | ServiceEvent::UpdatePrimaryRegion { .. } => RecordKind::ApiCall,
        _ => RecordKind::ServiceEvent,
    }
}

/// `serviceEventDetails`; empty for a call.
fn details(key: &KeyArn, event: &ServiceEvent) -> String {
    if kind_of(event) == RecordKind::ApiCall {
        return String::new();
    }
    let mut out = String::from("{");
    let mut add = |name: &str, value: &str| {
        out.push_str(if out.len() > 1 { "," } else { "" });
        quote_to(name, &mut out);
        out.push(':');
        quote_to(value, &mut out);
    };
    add("keyId", key.key_id.as_str());
    match event {
        ServiceEvent::DeleteExpiredKeyMaterial { material } => add("keyMaterialId", &material.to_string()),
        ServiceEvent::RotateKey { rotation_type, origin, previous, current } => {
            add("rotationType", rotation_type.as_str());
            add("keyOrigin", origin.as_str());
            add("previousKeyMaterialId", &previous.to_string());
            add("currentKeyMaterialId", &current.to_string());
        }
        _ => {}
    }
    out.push('}');
    out
}
