//! Quotas: how many resources an account may have in a Region, and how many requests it may make there.

mod rates;
mod resources;

use kagiban_service::quotas::{QuotaMode, QuotaSettings};
use kagiban_testkit::{Setting, World};

/// A world with these quotas.
async fn world_with(mode: QuotaMode, quotas: &[&str]) -> World {
    let quotas = quotas.iter().map(|text| text.parse().unwrap()).collect();
    let quotas = QuotaSettings::new(mode, quotas).unwrap();
    World::of(Setting { quotas, ..Setting::default() }).await
}
