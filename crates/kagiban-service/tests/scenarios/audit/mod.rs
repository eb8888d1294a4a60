//! The record that every request leaves: what it says of each operation, outcome and caller, and that there is one. (That there is exactly one
//! for each request of every other test, without a secret in it, is asserted by `World` itself.)

mod callers;
mod failing;
mod matrix;
mod service_events;

use kagiban_testkit::World;
use serde_json::Value;

/// The records that `work` leaves, as CloudTrail shows them.
async fn records_of<T>(world: &World, work: impl Future<Output = T>) -> Vec<Value> {
    let before = world.journal().count();
    work.await;
    world.journal().rendered_after(before)
}

/// The one record that `work` leaves.
async fn record_of<T>(world: &World, work: impl Future<Output = T>) -> Value {
    let records = records_of(world, work).await;
    let [record] = &records[..] else { panic!("{} records", records.len()) };
    record.clone()
}
