//! Compliance in the manner of AWS Config: is each key, policy and user as it should be, since when, and why not?
//!
//! [`Service::evaluate_compliance`] looks at everything in memory and writes nothing; [`Service::settle_compliance`] compares that
//! with what was found before, writes down what is not as it should be, and tells of each change in the audit journal, where
//! rules of events find it. Whoever runs the service calls both after changes and now and then. Nothing is decided here, and
//! nothing is changed but these notes.

mod identities;
mod keys;
mod rules;
mod settle;
mod telling;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::arn::KeyArn;
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;

pub(crate) use self::rules::ComplianceRule;
pub use self::settle::ComplianceError;
pub(crate) use self::telling::resource_type;
use crate::Service;
use crate::records::compliance::ComplianceRecord;

/// Resources that are remembered for one rule as not as they should be; of more, the number is told.
const FINDINGS_MAX: usize = 100_000;

/// From when on something is as it should not be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ComplianceSettings {
    /// A key that was not used for so many days is unused.
    pub unused_days: u32,
    /// Imported material that expires within so many days is about to.
    pub expiry_days: u32,
}

impl Default for ComplianceSettings {
    fn default() -> Self {
        Self { unused_days: 90, expiry_days: 30 }
    }
}

/// What is known of compliance; kept in the service.
#[derive(Debug, Default)]
pub(crate) struct Compliance {
    state: Mutex<State>,
    /// Held by the one who settles.
    turn: tokio::sync::Mutex<()>,
}

/// A rule, the account of a resource, and the resource's ARN.
pub(crate) type Subject = (ComplianceRule, AccountId, Box<str>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether the rows were read.
    is_loaded: bool,
    pub(crate) evaluated_at: Option<Timestamp>,
    /// What was ever found not to be as it should be, and is still there.
    pub(crate) standings: BTreeMap<Subject, ComplianceRecord>,
    pub(crate) tallies: HashMap<(ComplianceRule, AccountId), Tally>,
    waiting: telling::Waiting,
}

/// How many resources of an account a rule was held against.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Tally {
    pub(crate) compliant: u64,
    pub(crate) non_compliant: u64,
}

/// What was found at one moment.
#[derive(Debug)]
pub struct ComplianceEvaluation {
    at: Timestamp,
    findings: BTreeMap<Subject, Box<str>>,
    tallies: HashMap<(ComplianceRule, AccountId), Tally>,
    /// Resources that were remembered and are as they should be now.
    recovered: BTreeSet<Subject>,
    found_by_rule: HashMap<ComplianceRule, usize>,
    /// Those that were remembered when this began.
    remembered: BTreeSet<Subject>,
}

impl ComplianceEvaluation {
    /// Takes the outcome for one resource; `why_not` is empty when it is as it should be.
    fn take(&mut self, rule: ComplianceRule, account: AccountId, resource: &str, why_not: Option<String>) {
        let tally = self.tallies.entry((rule, account)).or_default();
        let subject = (rule, account, resource.into());
        let is_remembered = self.remembered.contains(&subject);
        let Some(why_not) = why_not else {
            tally.compliant = tally.compliant.saturating_add(1);
            if is_remembered {
                self.recovered.insert(subject);
            }
            return;
        };
        tally.non_compliant = tally.non_compliant.saturating_add(1);
        let found = self.found_by_rule.entry(rule).or_default();
        if is_remembered || *found < FINDINGS_MAX {
            *found = found.saturating_add(1);
            self.findings.insert(subject, why_not.into());
        }
    }
}

impl Compliance {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Looks at every key and identity. Takes time with many keys (about a second for a million), and never waits.
    pub fn evaluate_compliance(&self, settings: ComplianceSettings) -> ComplianceEvaluation {
        let remembered = self.compliance.state().standings.keys().cloned().collect();
        let mut evaluation = ComplianceEvaluation {
            at: self.clock.now(),
            findings: BTreeMap::new(),
            tallies: HashMap::new(),
            recovered: BTreeSet::new(),
            found_by_rule: HashMap::new(),
            remembered,
        };
        keys::evaluate(self, settings, &mut evaluation);
        identities::evaluate(self, &mut evaluation);
        evaluation
    }

    /// Compares with what was found before, and writes down and tells what has changed. Returns how many changes there were;
    /// when there are very many, only the first of them, and it has to be called again with a new evaluation.
    ///
    /// # Errors
    /// [`ComplianceError`]; what was not settled is found again.
    pub async fn settle_compliance(&self, evaluation: ComplianceEvaluation) -> Result<usize, ComplianceError> {
        let _turn = self.compliance.turn.lock().await;
        settle::settle(self, evaluation).await
    }

    /// A number that changes when anything stored has changed: while it stands still, only time makes a difference.
    pub fn compliance_revision(&self) -> u64 {
        self.applied.progress().applied.number()
    }

    /// Shows each key with imported material that expires, and the seconds until the first of it does; less than none for
    /// material whose end is overdue. For the metric SecondsUntilKeyMaterialExpiration.
    pub fn seconds_until_material_expiration(&self, mut show: impl FnMut(&KeyArn, i64)) {
        let now = self.clock.now();
        self.view.for_each_key(|key| {
            if let Some(first) = keys::first_expiry(&key.body) {
                show(&key.arn, first.ms_since(now).div_euclid(1000));
            }
        });
    }
}
