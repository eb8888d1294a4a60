//! The responses that the service carries out itself, within the limits that the rule's author has set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_events::rules::{ActionCounts, Guard, RevokeOf, TargetKind};
use kagiban_service::Service;
use kagiban_service::responses::{ResponseAction, ResponseCause, ResponseError};

use super::delivery::{About, Carrier, Delivery, Failure};

/// Carries responses out, one after the other.
pub(super) struct ResponseCarrier {
    pub(super) kind: TargetKind,
    pub(super) guard: Guard,
    pub(super) service: Arc<Service>,
    pub(super) actions: Arc<Mutex<ActionCounts>>,
}

#[async_trait]
impl Carrier for ResponseCarrier {
    async fn carry(&self, delivery: &Delivery) -> Result<(), Failure> {
        if delivery.about.is_response() {
            return Ok(());
        }
        let mut outcome = Ok(());
        for action in self.actions_for(&delivery.about) {
            // What one key refuses, another may take.
            let done = self.act(&action, delivery).await;
            outcome = outcome.and(done);
        }
        outcome
    }
}

impl ResponseCarrier {
    /// What is to be done: nothing, for an event about nothing that may be acted upon.
    fn actions_for(&self, about: &About) -> Vec<ResponseAction> {
        let keys = about.keys.iter().copied().filter(|key| self.guard.admits(&key.to_string()));
        match &self.kind {
            TargetKind::AttachDeny(_) => {
                let who = self.service.containable(&about.principal).filter(|who| self.guard.admits(&who.arn));
                who.map(ResponseAction::AttachDeny).into_iter().collect()
            }
            TargetKind::DisableKey(_) => keys.map(ResponseAction::DisableKey).collect(),
            TargetKind::RevokeGrants { of, .. } => {
                let grantee = (*of == RevokeOf::Caller).then(|| about.principal.clone());
                keys.map(|key| ResponseAction::RevokeGrants { key, grantee: grantee.clone() }).collect()
            }
            TargetKind::Command { .. } | TargetKind::File { .. } | TargetKind::Webhook { .. } => Vec::new(),
        }
    }

    async fn act(&self, action: &ResponseAction, delivery: &Delivery) -> Result<(), Failure> {
        let (target, now) = (&delivery.origin.target, SystemClock.now());
        if !self.counts().may_act(target, self.guard.per_hour_max, now) {
            let reason = format_args!("it has acted {} times within an hour (max-per-hour)", self.guard.per_hour_max);
            return Err(Failure::last(reason));
        }
        let cause =
            ResponseCause { rule: &delivery.origin.rule, event_id: &delivery.event_id, region: &delivery.about.region };
        match self.service.respond(action, cause).await {
            Ok(0) => Ok(()),
            Ok(_) => {
                self.counts().acted(target, now);
                Ok(())
            }
            Err(error @ (ResponseError::NoKey | ResponseError::KeyOfService)) => Err(Failure::last(error)),
            Err(error) => Err(Failure::passing(error)),
        }
    }

    fn counts(&self) -> MutexGuard<'_, ActionCounts> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
