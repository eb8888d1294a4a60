//! What has changed since the last evaluation: told in the audit journal, and written down.
//!
//! A change is told before it is written down, and its record survives a loss of power by then: a cut in between makes it be
//! told twice, never not at all. Every node evaluates by itself; what another one has written down was told by that one.

use kagiban_audit::{JournalStopped, Record, RecordKind, Sequence};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::RequestId;
use kagiban_base::random::RandomError;
use kagiban_base::time::Timestamp;
use kagiban_storage::{Prefix, StoreError, Transaction};
use serde_json::{Value, json};

use super::{ComplianceEvaluation, ComplianceRule, Subject};
use crate::Service;
use crate::error::ServiceError;
use crate::records::compliance::{ComplianceRecord, ComplianceRowKey};

/// Changes settled at once.
const CHANGES_MAX: usize = 2000;
/// Rows written in one transaction.
const BATCH_LEN: usize = 50;
/// Rows read at once.
const PAGE_LEN: usize = 1000;
/// Where identities are, which are in no Region (IAM's records have it so).
const GLOBAL_REGION: &str = "us-east-1";

/// What was found could not be written down or told.
#[derive(Debug, thiserror::Error)]
pub enum ComplianceError {
    /// The journal cannot be written.
    #[error("the audit journal cannot be written")]
    Journal(#[from] JournalStopped),
    /// No number for a record.
    #[error("there is no randomness")]
    Random(#[from] RandomError),
    /// The store, or what follows it.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The view is not followed.
    #[error("the view is not followed any more")]
    NotFollowed,
}

impl From<StoreError> for ComplianceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ServiceError> for ComplianceError {
    fn from(error: ServiceError) -> Self {
        tracing::error!(?error, "compliance could not be written down");
        Self::NotFollowed
    }
}

/// One resource whose row changes: `None` for one that is gone.
struct Change {
    subject: Subject,
    before: Option<ComplianceRecord>,
    after: Option<ComplianceRecord>,
}

pub(super) async fn settle(service: &Service, evaluation: ComplianceEvaluation) -> Result<usize, ComplianceError> {
    if !service.compliance.state().is_loaded {
        // The evaluation did not know what was remembered: what has recovered is for the next one.
        load(service).await?;
        service.compliance.state().is_loaded = true;
    }
    let mut changes = changes(service, &evaluation);
    for batch in changes.chunks_mut(BATCH_LEN) {
        adopt(batch, service).await?;
        let batch = &*batch;
        let mut last = None;
        for change in batch {
            last = tell(change, evaluation.at, service)?.or(last);
        }
        if let Some(last) = last {
            service.iam.audit.recorder().durable(last).await?;
        }
        service.transact_unasked("write down compliance", |tx| async move { write(&tx, batch) }).await?;
        let mut state = service.compliance.state();
        for change in batch {
            match &change.after {
                Some(after) => drop(state.standings.insert(change.subject.clone(), after.clone())),
                None => drop(state.standings.remove(&change.subject)),
            }
        }
    }
    let mut state = service.compliance.state();
    state.tallies = evaluation.tallies;
    state.evaluated_at = Some(evaluation.at);
    Ok(changes.len())
}

/// Takes what is written down by now for what was before: another node may have been first.
async fn adopt(batch: &mut [Change], service: &Service) -> Result<(), ComplianceError> {
    let snapshot = service.store.snapshot().await?;
    for Change { subject, before, after } in batch {
        *before = snapshot.read(&row_key(subject)).await?;
        if let (Some(before), Some(after)) = (before, after)
            && before.compliant == after.compliant
        {
            after.since = before.since;
        }
    }
    Ok(())
}

/// Reads what was written down before this process.
async fn load(service: &Service) -> Result<(), ComplianceError> {
    let snapshot = service.store.snapshot().await?;
    let mut after: Option<ComplianceRowKey> = None;
    loop {
        let page = snapshot.scan::<ComplianceRecord>(&Prefix::all(), after.as_ref(), PAGE_LEN).await?;
        after = page.rows.last().map(|(key, _)| key.clone()).filter(|_| page.more);
        let mut state = service.compliance.state();
        for (key, record) in page.rows {
            // A rule that is no more is nobody's concern.
            if let Some(rule) = ComplianceRule::parse(&key.rule) {
                state.standings.insert((rule, key.account, key.resource), record);
            }
        }
        drop(state);
        if after.is_none() {
            return Ok(());
        }
    }
}

fn changes(service: &Service, evaluation: &ComplianceEvaluation) -> Vec<Change> {
    let state = service.compliance.state();
    let mut changes = Vec::new();
    for (subject, why_not) in &evaluation.findings {
        let before = state.standings.get(subject);
        // The reason may change with time; it is the state that counts.
        if before.is_none_or(|before| before.compliant || before.annotation != *why_not) {
            let since = before.filter(|before| !before.compliant).map_or(evaluation.at, |before| before.since);
            let after = ComplianceRecord { compliant: false, since, annotation: why_not.clone() };
            changes.push(Change { subject: subject.clone(), before: before.cloned(), after: Some(after) });
        }
    }
    for subject in &evaluation.recovered {
        let before = state.standings.get(subject).filter(|before| !before.compliant);
        if let Some(before) = before {
            let after = ComplianceRecord { compliant: true, since: evaluation.at, annotation: Box::default() };
            changes.push(Change { subject: subject.clone(), before: Some(before.clone()), after: Some(after) });
        }
    }
    let is_still_there =
        |subject: &Subject| evaluation.findings.contains_key(subject) || evaluation.recovered.contains(subject);
    for (subject, before) in &state.standings {
        // What this evaluation did not know is for the next one.
        if evaluation.remembered.contains(subject) && !is_still_there(subject) {
            changes.push(Change { subject: subject.clone(), before: Some(before.clone()), after: None });
        }
    }
    changes.truncate(CHANGES_MAX);
    changes
}

fn write(tx: &Transaction, batch: &[Change]) -> Result<(), ServiceError> {
    for Change { subject, after, .. } in batch {
        let key = row_key(subject);
        match after {
            Some(record) => tx.put(&key, record)?,
            None => tx.delete::<ComplianceRecord>(&key)?,
        }
    }
    Ok(())
}

fn row_key((rule, account, resource): &Subject) -> ComplianceRowKey {
    ComplianceRowKey { account: *account, rule: rule.name().into(), resource: resource.clone() }
}

/// Tells of a change of compliance, and where that is in the journal; another reason for the same is none, nor is the end of what
/// was in order.
fn tell(change: &Change, now: Timestamp, service: &Service) -> Result<Option<Sequence>, ComplianceError> {
    let name = |record: &Option<ComplianceRecord>| match record {
        None => "NOT_APPLICABLE",
        Some(record) if record.compliant => "COMPLIANT",
        Some(_) => "NON_COMPLIANT",
    };
    let (before, after) = (name(&change.before), name(&change.after));
    if before == after || (before, after) == ("COMPLIANT", "NOT_APPLICABLE") {
        return Ok(None);
    }
    let (rule, account, resource) = &change.subject;
    let key: Option<KeyArn> = resource.parse().ok();
    let region = key.as_ref().map_or(GLOBAL_REGION, |key| key.region.as_str());
    let annotation = change.after.as_ref().map_or("", |record| &record.annotation);
    let result = |compliance: &str, annotation: &str| evaluation_result((*rule, resource), compliance, annotation, now);
    let details = json!({
        "recordVersion": "1.0",
        "messageType": "ComplianceChangeNotification",
        "configRuleName": rule.name(),
        "awsAccountId": account.as_str(),
        "awsRegion": region,
        "resourceType": resource_type(resource),
        "resourceId": resource_id(resource),
        "newEvaluationResult": result(after, annotation),
        "oldEvaluationResult": change.before.as_ref().map(|_| result(before, "")),
        "notificationCreationTime": now.to_rfc3339(),
    });
    let details = details.to_string();
    let identity = json!({ "accountId": account.as_str(), "invokedBy": "AWS Internal" }).to_string();
    let record = Record {
        kind: RecordKind::ServiceEvent,
        event_source: "config.amazonaws.com",
        event_name: "ComplianceChange",
        identity: &identity,
        source_address: "AWS Internal",
        user_agent: "AWS Internal",
        service_event_details: &details,
        resources: resource,
        ..Record::new(now, RequestId::generate(service.random.as_ref())?, *account, region)
    };
    Ok(Some(service.iam.audit.recorder().append(&record)?))
}

fn evaluation_result(
    (rule, resource): (ComplianceRule, &str),
    compliance: &str,
    annotation: &str,
    now: Timestamp,
) -> Value {
    json!({
        "evaluationResultIdentifier": {
            "evaluationResultQualifier": {
                "configRuleName": rule.name(),
                "resourceType": resource_type(resource),
                "resourceId": resource_id(resource),
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
