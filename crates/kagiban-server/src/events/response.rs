//! The responses that the service carries out itself, within the limits that the rule's author has set.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_events::rules::{ActionCounts, Guard, RevokeOf, TargetKind};
use kagiban_service::Service;
use kagiban_service::responses::{Containable, ResponseAction, ResponseCause};

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
        for action in self.actions_for(&delivery.about)? {
            // What one key refuses, another may take.
            let done = self.act(&action, delivery).await;
            outcome = worse(outcome, done);
        }
        outcome
    }
}

/// What is left to do of two: an attempt that can be made again comes before one that cannot.
fn worse(one: Result<(), Failure>, other: Result<(), Failure>) -> Result<(), Failure> {
    match (one, other) {
        (Ok(()), outcome) => outcome,
        (Err(last), Err(passing)) if last.is_final && !passing.is_final => Err(passing),
        (failed, _) => failed,
    }
}

/// The ARN that says whether somebody may be stopped: of a user the one it called with, since it may have given itself another
/// name afterwards; of a session the role's.
fn judged_by<'a>(who: &'a Containable, about: &'a About) -> &'a str {
    if who.is_role { &who.arn } else { &about.principal }
}

impl ResponseCarrier {
    /// What is to be done: nothing, for an event about nothing that may be acted upon.
    fn actions_for(&self, about: &About) -> Result<Vec<ResponseAction>, Failure> {
        let keys = about.keys.iter().copied().filter(|key| self.guard.admits(&key.to_string()));
        Ok(match &self.kind {
            TargetKind::AttachDeny(_) => {
                // Who is gone may be back under another name, or somebody else under its own: a person has to look.
                let who = self.service.containable(&about.principal, &about.principal_id).map_err(Failure::last)?;
                let is_meant = |who: &Containable| self.guard.admits(judged_by(who, about));
                who.filter(is_meant).map(ResponseAction::AttachDeny).into_iter().collect()
            }
            TargetKind::DisableKey(_) => keys.map(ResponseAction::DisableKey).collect(),
            TargetKind::RevokeGrants { of, .. } => {
                let grantee = (*of == RevokeOf::Caller).then(|| about.principal_id.clone());
                keys.map(|key| ResponseAction::RevokeGrants { key, grantee: grantee.clone() }).collect()
            }
            TargetKind::Command { .. } | TargetKind::File { .. } | TargetKind::Webhook { .. } => Vec::new(),
        })
    }

    async fn act(&self, action: &ResponseAction, delivery: &Delivery) -> Result<(), Failure> {
        let (target, now) = (&delivery.origin.target, SystemClock.now());
        if !self.counts().may_act(target, self.guard.per_hour_max, now) {
            let reason = format_args!("it has acted {} times within an hour (max-per-hour)", self.guard.per_hour_max);
            return Err(Failure::last(reason));
        }
        let Some(region) = delivery.about.region else { return Err(Failure::last("the event is of no Region")) };
        let cause = ResponseCause { rule: &delivery.origin.rule, event_id: &delivery.event_id, region };
        match self.service.respond(action, cause).await {
            Ok(0) => Ok(()),
            Ok(_) => {
                self.counts().acted(target, now);
                Ok(())
            }
            Err(error) if error.is_final() => Err(Failure::last(error)),
            Err(error) => Err(Failure::passing(error)),
        }
    }

    fn counts(&self) -> MutexGuard<'_, ActionCounts> {
        self.actions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What broke: the first failure counted, so that a final one for one key ended the attempts for another.
    #[test]
    fn what_may_still_succeed_is_tried_again() {
        let outcome = |code: char| match code {
            'o' => Ok(()),
            'p' => Err(Failure::passing("p")),
            _ => Err(Failure::last("f")),
        };
        for (outcomes, expected) in [
            ("", None),
            ("oo", None),
            ("of", Some(true)),
            ("fo", Some(true)),
            ("fp", Some(false)),
            ("pf", Some(false)),
            ("fofpf", Some(false)),
        ] {
            let worst = outcomes.chars().map(outcome).fold(Ok(()), worse);
            assert_eq!(worst.err().map(|failure| failure.is_final), expected, "{outcomes}");
        }
    }
}
