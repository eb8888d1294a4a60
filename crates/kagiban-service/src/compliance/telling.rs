//! Changes of compliance, told in the audit journal.
//!
//! A change is a row, written in the transaction that writes down the change, so that there is none without the other. Who wrote it
//! takes it into its journal, waits until it is durable there, and only then removes it. A process that is cut off in between leaves it to
//! another: to its next start, or to another node, which waits for some time lest both tell. Told twice, it has the same number.

use std::collections::HashMap;
use std::time::Duration;

use kagiban_audit::{JournalStopped, Record, RecordKind, Sequence};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_storage::{Prefix, Transaction};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::ComplianceError;
use crate::Service;
use crate::records::compliance::{ComplianceChangeRecord, ComplianceChangeRowKey};

/// Changes told and removed at once.
const BATCH: usize = 50;
/// How long a change is left to the node that wrote it down.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where identities are, which are in no Region (IAM's records have it so).
const GLOBAL_REGION: &str = "us-east-1";

/// A change, and the number of its record.
pub(super) type Numbered = (ComplianceChangeRowKey, ComplianceChangeRecord);

/// Since when changes wait that others have written down.
pub(super) type Waiting = HashMap<RequestId, Instant>;

/// Tells changes that were written down and not told: here before a cut, or by a node that is gone.
pub(super) async fn tell_waiting(service: &Service) -> Result<(), ComplianceError> {
    let page = service.store.snapshot().await?.scan::<ComplianceChangeRecord>(&Prefix::all(), None, BATCH).await?;
    let left: Vec<_> = {
        let (now, waiting) = (Instant::now(), &mut service.compliance.state().waiting);
        waiting.retain(|number, _| page.rows.iter().any(|(row, _)| row.number == *number));
        let is_left = |(row, _): &Numbered| {
            let since = *waiting.entry(row.number).or_insert(now);
            !service.is_one_of_several() || now.duration_since(since) >= PATIENCE
        };
        page.rows.into_iter().filter(is_left).collect()
    };
    tell(&left, service).await
}

/// Tells changes, and removes their rows. In every degree of the journal the rows stay until the records survive a loss of power.
pub(super) async fn tell(changes: &[Numbered], service: &Service) -> Result<(), ComplianceError> {
    let mut last = None;
    for (number, change) in changes {
        last = Some(append(number, change, service)?);
    }
    let Some(last) = last else { return Ok(()) };
    service.iam.audit.recorder().durable(last).await?;
    let remove = |tx: Transaction| async move {
        for (number, _) in changes {
            tx.delete::<ComplianceChangeRecord>(number)?;
        }
        Ok::<_, ComplianceError>(())
    };
    service.store.transact("forget told compliance", remove).await?;
    Ok(())
}

fn append(
    number: &ComplianceChangeRowKey,
    change: &ComplianceChangeRecord,
    service: &Service,
) -> Result<Sequence, JournalStopped> {
    let (resource, account, now) = (&*change.resource, change.account, number.at);
    let key: Option<KeyArn> = resource.parse().ok();
    let region = key.as_ref().map_or(GLOBAL_REGION, |key| key.region.as_str());
    let result = |compliant, annotation: &str| evaluation_result(change, compliance_type(compliant), annotation, now);
    let details = json!({
        "recordVersion": "1.0",
        "messageType": "ComplianceChangeNotification",
        "configRuleName": change.rule,
        "awsAccountId": account.as_str(),
        "awsRegion": region,
        "resourceType": resource_type(resource),
        "resourceId": resource_id(resource),
        "newEvaluationResult": result(change.after, &change.annotation),
        "oldEvaluationResult": change.before.map(|before| result(Some(before), "")),
        "notificationCreationTime": now.to_rfc3339(),
    });
    let details = details.to_string();
    let identity = json!({ "accountId": account.as_str(), "invokedBy": "AWS Internal" }).to_string();
    service.iam.audit.recorder().append(&Record {
        kind: RecordKind::ServiceEvent,
        event_source: "config.amazonaws.com",
        event_name: "ComplianceChange",
        identity: &identity,
        source_address: "AWS Internal",
        user_agent: "AWS Internal",
        service_event_details: &details,
        resources: resource,
        ..Record::new(now, number.number, account, region)
    })
}

const fn compliance_type(compliant: Option<bool>) -> &'static str {
    match compliant {
        None => "NOT_APPLICABLE",
        Some(true) => "COMPLIANT",
        Some(false) => "NON_COMPLIANT",
    }
}

fn evaluation_result(change: &ComplianceChangeRecord, compliance: &str, annotation: &str, now: Timestamp) -> Value {
    json!({
        "evaluationResultIdentifier": {
            "evaluationResultQualifier": {
                "configRuleName": change.rule,
                "resourceType": resource_type(&change.resource),
                "resourceId": resource_id(&change.resource),
            },
            "orderingTimestamp": now.to_rfc3339(),
        },
        "complianceType": compliance,
        "resultRecordedTime": now.to_rfc3339(),
        "configRuleInvokedTime": now.to_rfc3339(),
        "annotation": annotation,
    })
}

/// As CloudFormation and Config name the kind of a resource.
pub(crate) fn resource_type(arn: &str) -> &'static str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    match resource.split('/').next().unwrap_or_default() {
        "group" => "AWS::IAM::Group",
        "key" => "AWS::KMS::Key",
        "policy" => "AWS::IAM::Policy",
        "role" => "AWS::IAM::Role",
        _ => "AWS::IAM::User",
    }
}

/// The last part of the ARN: a key's id, an identity's name.
fn resource_id(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
