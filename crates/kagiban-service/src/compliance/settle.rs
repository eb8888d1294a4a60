//! What has changed since the last evaluation: written down, with a note that makes it be told (`telling`).
//!
//! Every node evaluates by itself, from a view that may be behind. So a change is written on condition that what is stored is what
//! this process knew when it looked: of several nodes that see the same, one writes it, and what another one has written since
//! is taken over from the store and looked at again.

use std::time::Duration;

use kagiban_audit::JournalStopped;
use kagiban_base::id::RequestId;
use kagiban_base::random::RandomError;
use kagiban_storage::{Prefix, Revision, StoreError, Transaction};
use tokio::time::timeout;

use super::{ComplianceEvaluation, ComplianceRule, Subject, telling};
use crate::Service;
use crate::error::ServiceError;
use crate::records::compliance::{ComplianceChangeRecord, ComplianceChangeRowKey, ComplianceRecord, ComplianceRowKey};

/// Changes settled at once.
const CHANGES_MAX: usize = 2000;
/// Changes in one transaction: each is a condition and up to two writes.
const BATCH_LEN: usize = 40;
/// How long the view may take to show what the store has already.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// Rows read at once.
const PAGE_LEN: usize = 1000;

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

/// What became of a change.
enum Settled {
    Written,
    /// Another node was there before: this is stored, if anything is.
    Found(Option<ComplianceRecord>),
}

pub(super) async fn settle(service: &Service, evaluation: ComplianceEvaluation) -> Result<usize, ComplianceError> {
    telling::tell_waiting(service).await?;
    if !service.compliance.state().is_loaded {
        // The evaluation did not know what was remembered: what has recovered is for the next one.
        load(service).await?;
        service.compliance.state().is_loaded = true;
    }
    let changes = changes(service, &evaluation);
    for batch in changes.chunks(BATCH_LEN) {
        let number = |change| {
            let number = RequestId::generate(service.random.as_ref())?;
            Ok((change, ComplianceChangeRowKey { at: evaluation.at, number }))
        };
        let batch = &batch.iter().map(number).collect::<Result<Vec<_>, RandomError>>()?;
        let written = service.transact_unasked("write down compliance", |tx| write(tx, batch)).await?;
        take_over(batch, written, service).await?;
    }
    let mut state = service.compliance.state();
    state.tallies = evaluation.tallies;
    state.evaluated_at = Some(evaluation.at);
    Ok(changes.len())
}

/// Writes what is as it was known to be, with what is to be told.
async fn write(
    tx: Transaction,
    batch: &[(&Change, ComplianceChangeRowKey)],
) -> Result<(Vec<Settled>, Revision), ServiceError> {
    let mut settled = Vec::with_capacity(batch.len());
    for (change, number) in batch {
        let key = row_key(&change.subject);
        let stored = tx.read::<ComplianceRecord>(&key).await?;
        if stored != change.before {
            settled.push(Settled::Found(stored));
            continue;
        }
        match &change.after {
            Some(record) => tx.put(&key, record)?,
            None => tx.delete::<ComplianceRecord>(&key)?,
        }
        if let Some(told) = change.told() {
            tx.put(number, &told)?;
        }
        settled.push(Settled::Written);
    }
    Ok((settled, tx.revision()))
}

/// Remembers what is stored now, and tells what this process has changed. Where another one was there before, the next evaluation
/// shall see what that one saw.
async fn take_over(
    batch: &[(&Change, ComplianceChangeRowKey)],
    (settled, revision): (Vec<Settled>, Revision),
    service: &Service,
) -> Result<(), ComplianceError> {
    let (mut told, mut is_behind) = (Vec::new(), false);
    for ((change, number), settled) in batch.iter().zip(settled) {
        let now = match settled {
            Settled::Written => {
                told.extend(change.told().map(|record| (*number, record)));
                change.after.clone()
            }
            Settled::Found(stored) => {
                is_behind = true;
                stored
            }
        };
        let standings = &mut service.compliance.state().standings;
        match now {
            Some(now) => drop(standings.insert(change.subject.clone(), now)),
            None => drop(standings.remove(&change.subject)),
        }
    }
    telling::tell(&told, service).await?;
    if is_behind && !matches!(timeout(SHOWN_WITHIN, service.applied.wait_for(revision)).await, Ok(Ok(()))) {
        return Err(ComplianceError::NotFollowed);
    }
    Ok(())
}

impl Change {
    /// What is to be told of it; another reason for the same is no change, nor is the end of what was in order.
    fn told(&self) -> Option<ComplianceChangeRecord> {
        let compliant = |record: &Option<ComplianceRecord>| record.as_ref().map(|record| record.compliant);
        let (before, after) = (compliant(&self.before), compliant(&self.after));
        if before == after || (before, after) == (Some(true), None) {
            return None;
        }
        let (rule, account, resource) = &self.subject;
        let annotation = self.after.as_ref().map(|record| record.annotation.clone()).unwrap_or_default();
        let (rule, account, resource) = (rule.name().into(), *account, resource.clone());
        Some(ComplianceChangeRecord { account, rule, resource, before, after, annotation })
    }
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

fn row_key((rule, account, resource): &Subject) -> ComplianceRowKey {
    ComplianceRowKey { account: *account, rule: rule.name().into(), resource: resource.clone() }
}
