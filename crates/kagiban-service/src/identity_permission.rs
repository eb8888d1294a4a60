//! May the caller do it, where identity policies alone answer: the operations of the operator and of CloudTrail. Each answer is
//! kept for those who ask why.

use std::sync::Arc;

use kagiban_base::time::Timestamp;
use kagiban_iam::authorize::{Ask, Verdict, no_grant, reasons, verdict};
use kagiban_iam::caller::Caller;
use kagiban_iam::decisions::{Action, DecisionRecord, DeniedReasons, Outcome};
use kagiban_iam::denial_text;
use kagiban_iam::global_keys::GlobalKeys;
use kagiban_iam::request::RawRequest;
use kagiban_policy::{AllowedBy, ConditionKey, ConditionValue, ConditionValues, Decision};

use crate::Service;
use crate::error::ServiceError;

/// These operations have no condition keys of their own.
struct Values<'a>(GlobalKeys<'a>);

impl ConditionValues for Values<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        self.0.value(key).unwrap_or(ConditionValue::Absent)
    }
}

/// Who asks for what.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) action: Action,
    /// An ARN, or `*` where it is about none.
    pub(crate) resource: &'a str,
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a RawRequest,
    pub(crate) service: &'a Service,
    /// When the request was taken up.
    pub(crate) now: Timestamp,
}

impl Question<'_> {
    /// What the caller's policies say. Nothing is kept of it yet.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn decide(&self) -> Result<AllowedBy, DeniedReasons> {
        let name = self.action.to_string();
        let values = Values(GlobalKeys { caller: Some(self.caller), request: self.request, now: self.now });
        let (resource, directory) = (self.resource, &*self.service.iam.directory);
        let ask = Ask { action: &name, resource, values: &values, resource_policies: None, grant: &no_grant };
        let verdict = verdict(self.caller, directory, &ask);
        if let Verdict::Decided(Decision::Allowed(by)) = verdict {
            return Ok(by);
        }
        let text = denial_text(&self.caller.arn(), &name, resource, &verdict);
        Err(DeniedReasons::new(self.text(), text, reasons(self.caller, directory, &ask).as_ref()))
    }

    /// The question in words.
    pub(crate) fn text(&self) -> String {
        format!("{} asked for {} on {}.", self.caller.arn(), self.action, self.resource)
    }

    /// Keeps that it was allowed.
    pub(crate) fn allow(&self, by: AllowedBy) {
        self.keep(Outcome::Allowed { by, standing: self.caller.shared_standing() });
    }

    /// Keeps that it was refused, and why; gives the refusal.
    pub(crate) fn deny(&self, reasons: DeniedReasons) -> ServiceError {
        tracing::debug!(request_id = self.request.request_id.as_str(), action = %self.action, "denied");
        let text = reasons.answer.clone();
        self.keep(Outcome::Denied(Arc::new(reasons)));
        ServiceError::AccessDenied(text)
    }

    fn keep(&self, outcome: Outcome) {
        let account = self.caller.account();
        self.service.iam.decisions.keep(DecisionRecord {
            request_id: self.request.request_id,
            at: self.now,
            caller_account: account,
            resource_account: account,
            action: self.action,
            outcome,
        });
    }
}
