//! Quotas: how many resources an account may have in a Region, and how many requests per second it may make there.
//!
//! Resource quotas are checked where the resource is made, in the transaction that makes it, or, for the number of keys,
//! against the view (`key_counts`). Each is a setting; without one it is AWS's. This module decides who has had
//! enough and nothing else: it is no protection from floods, which the front's limits are.

mod bucket;
mod classes;
pub(crate) mod key_counts;
mod rates;
mod settings;
mod shares;
mod table;
#[cfg(test)]
mod tests;

pub use settings::{InvalidQuota, QuotaMode, QuotaSetting, QuotaSettings};
pub use table::{QUOTAS, QuotaRow};

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use kagiban_api::{DataKeyPairSpec, KeySpec, Operation};
use kagiban_base::id::Region;

use self::classes::{Charge, charge_of, class_of_spec};
use self::rates::Rates;
use self::table::{Quota, RateClass, Resource};
use crate::context::Context;
use crate::error::ServiceError;
use crate::records::Place;

/// The quotas of a service, and what of them is in use.
#[derive(Debug)]
pub(crate) struct Quotas {
    settings: QuotaSettings,
    /// Absent where no requests are limited, so that this costs nothing.
    rates: Option<Rates>,
    /// Requests that were throttled, by the row of their quota.
    throttled: [AtomicU64; QUOTAS.len()],
}

impl Quotas {
    pub(crate) fn new(settings: QuotaSettings) -> Self {
        Self { rates: Rates::new(&settings), settings, throttled: [const { AtomicU64::new(0) }; QUOTAS.len()] }
    }

    fn note_throttled(&self, class: RateClass) {
        let rows = QUOTAS.iter().zip(&self.throttled);
        let of_class = rows.filter(|(row, _)| row.quota == Quota::Rate(class));
        of_class.for_each(|(_, count)| _ = count.fetch_add(1, Relaxed));
    }

    /// How many requests were throttled, by the name of the quota; only those of which some were.
    pub(crate) fn throttled(&self) -> Vec<(&'static str, u64)> {
        let counts = QUOTAS.iter().zip(&self.throttled).map(|(row, count)| (row.name, count.load(Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    pub(crate) fn settings(&self) -> &QuotaSettings {
        &self.settings
    }

    /// What the resources in a place must keep within.
    pub(crate) fn limits(&self, place: Place) -> ResourceLimits {
        self.settings.limits(place)
    }
}

/// Counts a request, if that takes no more than its caller and its operation.
///
/// # Errors
/// Throttled.
pub(crate) fn charge_operation(ctx: &Context<'_>) -> Result<(), ServiceError> {
    charge_in(ctx.caller.region(), ctx.operation(), ctx)
}

/// The same for what a request does as if it were another one, in this Region perhaps: a replica is made as CreateKey would.
///
/// # Errors
/// Throttled.
pub(crate) fn charge_in(region: Region, operation: Operation, ctx: &Context<'_>) -> Result<(), ServiceError> {
    match (&ctx.service.quotas.rates, charge_of(operation)) {
        (Some(rates), Charge::AtOnce(class)) => charge(rates, class, Place { region, ..ctx.place() }, ctx),
        _ => Ok(()),
    }
}

/// Counts the use of a key by a cryptographic operation. Asked once the caller may use it: before, who is throttled would
/// learn that another account's key exists, and of what kind it is.
///
/// # Errors
/// Throttled.
pub(crate) fn charge_key(spec: KeySpec, ctx: &Context<'_>) -> Result<(), ServiceError> {
    match (&ctx.service.quotas.rates, charge_of(ctx.operation())) {
        (Some(rates), Charge::ByKey) => charge(rates, class_of_spec(spec), ctx.place(), ctx),
        _ => Ok(()),
    }
}

/// Counts the making of a data key pair. Asked once the caller may use the key that wraps it.
///
/// # Errors
/// Throttled.
pub(crate) fn charge_key_pair(spec: DataKeyPairSpec, ctx: &Context<'_>) -> Result<(), ServiceError> {
    match &ctx.service.quotas.rates {
        Some(rates) => charge(rates, RateClass::DataKeyPair(spec), ctx.place(), ctx),
        None => Ok(()),
    }
}

/// One request of the class by the caller, in a place of its account. By the time of the world, also where the deployment's
/// clock was moved.
fn charge(rates: &Rates, class: RateClass, place: Place, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let now = ctx.service.iam.moment(ctx.now).world;
    match rates.take(place, class, rates.number_of(ctx.caller), now) {
        true => Ok(()),
        false => {
            ctx.service.quotas.note_throttled(class);
            Err(ServiceError::Throttled)
        }
    }
}

/// What the resources of an account in a Region must keep within.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceLimits {
    /// `None` for no limit.
    pub(crate) keys: Option<u32>,
    pub(crate) aliases_per_key: u32,
    pub(crate) grants_per_key: u32,
    /// In bytes.
    pub(crate) key_policy_len: usize,
    pub(crate) on_demand_rotations_per_key: u32,
    pub(crate) tags_per_key: usize,
}

impl QuotaSettings {
    /// What the resources in a place must keep within.
    pub(crate) fn limits(&self, place: Place) -> ResourceLimits {
        // Only the number of keys can be without limit.
        let figure = |resource| self.resource(resource, place).unwrap_or(u32::MAX);
        let len = |resource| usize::try_from(figure(resource)).unwrap_or(usize::MAX);
        ResourceLimits {
            keys: self.resource(Resource::Keys, place),
            aliases_per_key: figure(Resource::AliasesPerKey),
            grants_per_key: figure(Resource::GrantsPerKey),
            key_policy_len: len(Resource::KeyPolicySize),
            on_demand_rotations_per_key: figure(Resource::OnDemandRotationsPerKey),
            tags_per_key: len(Resource::TagsPerKey),
        }
    }
}
