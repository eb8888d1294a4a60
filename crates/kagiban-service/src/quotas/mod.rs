//! Quotas: how many resources an account may have in a Region, and how many requests per second it may make there.
//!
//! Resource quotas are checked where the resource is made, in the transaction that makes it, or, for the number of keys,
//! against the view ([`key_counts`]). Each is a setting; without one it is AWS's. This module decides who has had
//! enough and nothing else: it is no protection from floods, which the front's limits are.

pub(crate) mod key_counts;
mod settings;
mod table;

pub use settings::{InvalidQuota, QuotaMode, QuotaSetting, QuotaSettings};
pub use table::{QUOTAS, QuotaRow};

use self::table::Resource;
use crate::records::Place;

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
