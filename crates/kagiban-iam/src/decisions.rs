//! Why? The last decisions, by request, for administrators who ask.
//!
//! A permitted request costs a few words and no allocation worth mentioning; the reasons of a refusal are written out when
//! it happens, from the same policies that refused. Kept in memory, for the newest requests only; each node has its own.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kagiban_base::id::{AccountId, RequestId};
use kagiban_base::time::Timestamp;
use kagiban_policy::{AllowedBy, Explanation, PolicyKind, StatementExplanation};

use crate::standing::Standing;

/// Decisions that are kept, by default.
pub const DECISIONS_KEPT: usize = 16_384;
/// Longest text kept of the reasons of one refusal, in bytes.
const REASONS_LEN_MAX: usize = 32_768;

/// One decision.
#[derive(Clone, Debug)]
pub struct DecisionRecord {
    /// The request it was made for; one request can need several.
    pub request_id: RequestId,
    /// When.
    pub at: Timestamp,
    /// The caller's account, which may see the caller's side.
    pub caller_account: AccountId,
    /// The account of the resource, which may see the resource's side.
    pub resource_account: AccountId,
    /// `kms:Decrypt`
    pub action: Action,
    /// What was decided, and by what.
    pub outcome: Outcome,
}

/// The name of an action: its service and itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Action {
    /// `kms`
    pub service: &'static str,
    /// `Decrypt`
    pub name: &'static str,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}

/// What was decided, and by what.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Allowed.
    Allowed {
        /// By what.
        by: AllowedBy,
        /// The caller's policies at the time, to name one of them.
        standing: Arc<Standing>,
    },
    /// Refused.
    Denied(Arc<DeniedReasons>),
}

/// Why a request was refused, in sentences; the two sides apart, as not everybody may see both.
#[derive(Clone, Debug, Default)]
pub struct DeniedReasons {
    /// Who asked, for what.
    pub question: String,
    /// What the refusal said.
    pub answer: String,
    /// About identity policies, boundary, session policies.
    pub caller_side: String,
    /// About the resource's policies and grants.
    pub resource_side: String,
}

impl DeniedReasons {
    /// The reasons of a refusal. Without an explanation, a policy of the caller was missing or unreadable.
    pub fn new(question: String, answer: String, explanation: Option<&Explanation>) -> Self {
        let Some(explanation) = explanation else {
            let caller_side =
                "A policy of the caller is missing or cannot be read, so nothing is allowed.\n".to_owned();
            return Self { question, answer, caller_side, resource_side: String::new() };
        };
        let is_of_resource = |statement: &&StatementExplanation| statement.kind == PolicyKind::Resource;
        let statements = &explanation.statements;
        let mut caller_side = lines(statements.iter().filter(|statement| !is_of_resource(statement)));
        let mut resource_side = lines(statements.iter().filter(is_of_resource));
        if !statements.iter().any(|statement| statement.kind == PolicyKind::Identity) {
            caller_side.push_str("There is no identity-based policy.\n");
        }
        if explanation.has_resource && resource_side.is_empty() {
            resource_side.push_str("There is no resource-based policy.\n");
        }
        match explanation.grant {
            Some(to) => _ = writeln!(resource_side, "A grant to {to} covers the request."),
            None if explanation.asked_for_grants => {
                resource_side.push_str("No grant to the caller covers the request.\n");
            }
            None => {}
        }
        Self { question, answer, caller_side: bounded(caller_side), resource_side: bounded(resource_side) }
    }
}

fn lines<'a>(statements: impl Iterator<Item = &'a StatementExplanation>) -> String {
    statements.fold(String::new(), |mut text, statement| {
        let _infallible = writeln!(text, "{statement}");
        text
    })
}

impl DecisionRecord {
    /// The decision in sentences, as far as an administrator of `viewer` may see it; `None` if not at all.
    pub fn tell(&self, viewer: AccountId) -> Option<String> {
        let (sees_caller, sees_resource) = (viewer == self.caller_account, viewer == self.resource_account);
        if !sees_caller && !sees_resource {
            return None;
        }
        Some(match &self.outcome {
            Outcome::Allowed { by, standing } => {
                format!("{} was allowed {}\n", self.action, allowed_by(*by, standing, sees_caller, sees_resource))
            }
            Outcome::Denied(reasons) => {
                let mut text = format!("{}\n{}\n", reasons.question, reasons.answer);
                if sees_caller {
                    text.push_str(&reasons.caller_side);
                }
                if sees_resource {
                    text.push_str(&reasons.resource_side);
                }
                text
            }
        })
    }
}

fn allowed_by(by: AllowedBy, standing: &Standing, sees_caller: bool, sees_resource: bool) -> String {
    match by {
        AllowedBy::Root => "because the caller is the root user of the account.".to_owned(),
        AllowedBy::Grant(_) if sees_resource => "by a grant on the key.".to_owned(),
        AllowedBy::Grant(_) => "by the other account.".to_owned(),
        AllowedBy::Statement(at) => {
            let statement = at.statement + 1;
            match at.kind {
                PolicyKind::Resource if sees_resource => format!("by statement {statement} of the resource's policy."),
                PolicyKind::Resource => "by the other account.".to_owned(),
                _ if !sees_caller => "by the caller's own account.".to_owned(),
                kind => {
                    let name = standing.identity().nth(at.policy).map(|policy| policy.name.to_owned());
                    format!("by statement {statement} of the {kind} {}.", name.unwrap_or_default())
                }
            }
        }
    }
}

/// The newest decisions; older ones are overwritten.
pub struct Decisions {
    slots: Box<[Mutex<Option<DecisionRecord>>]>,
    next: AtomicUsize,
}

impl Decisions {
    /// Room for this many.
    pub fn new(kept: usize) -> Self {
        Self { slots: (0..kept.max(1)).map(|_| Mutex::new(None)).collect(), next: AtomicUsize::new(0) }
    }

    /// Keeps a decision.
    pub fn keep(&self, decision: DecisionRecord) {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        if let Some(slot) = self.slots.get(at) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(decision);
        }
    }

    /// The decisions of the request with this number that are still kept, oldest first.
    pub fn of_request(&self, request_id: &str) -> Vec<DecisionRecord> {
        let kept = |slot: &Mutex<Option<DecisionRecord>>| {
            let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.as_ref().filter(|decision| decision.request_id.as_str() == request_id).cloned()
        };
        let next = self.next.load(Ordering::Relaxed) % self.slots.len();
        let (newer, older) = self.slots.split_at(next.min(self.slots.len()));
        older.iter().chain(newer).filter_map(kept).collect()
    }
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decisions({})", self.slots.len())
    }
}

/// A text cut to what is kept of it.
fn bounded(mut text: String) -> String {
    if text.len() > REASONS_LEN_MAX {
        let end = (0..=REASONS_LEN_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push_str("\n(cut)\n");
    }
    text
}
