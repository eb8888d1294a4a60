//! The rules about keys. Keys of services are their services' affair.

use kagiban_api::{KeySpec, KeyState, OriginType};
use kagiban_base::time::{DAY_MS, Timestamp};

use super::{ComplianceEvaluation, ComplianceRule, ComplianceSettings};
use crate::Service;
use crate::records::key::{KeyBody, KeyRecord};

pub(super) fn evaluate(service: &Service, settings: ComplianceSettings, evaluation: &mut ComplianceEvaluation) {
    let now = evaluation.at;
    service.view.for_each_key(|key| {
        if !key.body.is_customer_managed() {
            return;
        }
        let arn = key.arn.text();
        let mut take = |rule, why_not: Verdict| {
            if let Some(why_not) = why_not {
                evaluation.take(rule, key.arn.account, &arn, why_not);
            }
        };
        take(ComplianceRule::BackingKeyRotation, rotation(&key.body));
        take(ComplianceRule::MaterialExpiry, expiry(&key.body, settings.expiry_days, now));
        take(ComplianceRule::NoPublicAccess, public_access(key, service));
        take(ComplianceRule::NotScheduledForDeletion, deletion(&key.body));
        take(ComplianceRule::Used, use_of(key, settings.unused_days, now, service));
    });
}

/// Why a key is not as it should be, if it is not; `None` where the rule has nothing to say about it.
type Verdict = Option<Option<String>>;

fn is_ending(key: &KeyBody) -> bool {
    matches!(key.state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
}

/// A replica rotates with its primary.
fn rotation(key: &KeyBody) -> Verdict {
    let is_replica = key.multi_region.as_deref().is_some_and(|set| !set.is_primary());
    let rotates = key.key_spec == KeySpec::SymmetricDefault && key.origin == OriginType::AwsKms;
    if !rotates || is_replica || is_ending(key) {
        return None;
    }
    let is_on = key.rotation.automatic.is_some();
    Some((!is_on).then(|| "Automatic rotation is off.".to_owned()))
}

fn deletion(key: &KeyBody) -> Verdict {
    let date = key.deletion_date.map_or_else(|| "its replicas are gone".to_owned(), Timestamp::to_rfc3339);
    Some(is_ending(key).then(|| format!("The key waits for its deletion at: {date}.")))
}

fn expiry(key: &KeyBody, within_days: u32, now: Timestamp) -> Verdict {
    if key.origin != OriginType::External || is_ending(key) {
        return None;
    }
    let first = first_expiry(key).filter(|first| *first <= now.plus_days(within_days.into()));
    Some(first.map(|first| format!("Key material expires at {first}.")))
}

/// When the first of a key's imported materials expires.
pub(super) fn first_expiry(key: &KeyBody) -> Option<Timestamp> {
    key.imports.iter().filter(|import| import.present).filter_map(|import| import.valid_to).min()
}

fn public_access(key: &KeyRecord, service: &Service) -> Verdict {
    let policy = service.view.key_policy(&key.arn)?;
    Some(policy.is_public.then(|| "The key policy allows something to everyone.".to_owned()))
}

/// Neither a key that is new, nor uses that nobody can know of, are held against it.
fn use_of(key: &KeyRecord, days: u32, now: Timestamp, service: &Service) -> Verdict {
    if key.body.state != KeyState::Enabled {
        return None;
    }
    let last = service.view.key_uses().last(&key.arn, key.body.created);
    let known_since = last.unwrap_or_else(|| key.body.created.max(service.key_uses_since));
    let idle_days = now.ms_since(known_since).div_euclid(DAY_MS);
    let is_idle = idle_days >= i64::from(days);
    Some(is_idle.then(|| match last {
        Some(last) => format!("The key was last used at {last}."),
        None => format!("The key was not used since {known_since}."),
    }))
}
