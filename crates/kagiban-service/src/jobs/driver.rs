//! Runs the jobs of the keys that are due, one key after the other. A failure ends the jobs of its key and of no other.

use kagiban_base::arn::KeyArn;
use kagiban_base::time::Timestamp;

use super::{deletion, material_expiry, rotation, synchronise};
use crate::Service;
use crate::error::ServiceError;
use crate::operator::OperatorError;

/// Keys taken from the order of due times at once.
const PAGE: usize = 256;
/// Passes over what is due: a job can make the next one due, such as a key's many rotations in a year skipped at once.
const PASSES_MAX: usize = 1024;

/// What came of one pass.
#[derive(Clone, Copy, Debug, Default)]
struct Pass {
    acted: bool,
    failed: usize,
}

/// Runs all jobs that are due at `now`. Returns for how many keys the last pass failed.
pub(super) async fn run_due(service: &Service, now: Timestamp) -> usize {
    let mut failed = 0;
    for _ in 0..PASSES_MAX {
        let pass = run_once(service, now).await;
        failed = pass.failed;
        if !pass.acted {
            break;
        }
    }
    failed
}

async fn run_once(service: &Service, now: Timestamp) -> Pass {
    let (mut pass, mut after) = (Pass::default(), None);
    loop {
        let page = service.view.due_times().due(now, after, PAGE);
        let Some((last, _)) = page.last() else { return pass };
        after = Some(*last);
        for (_, key) in page {
            match run_key(&key, service, now).await {
                Ok(acted) => pass.acted |= acted,
                Err(error) => {
                    pass.failed = pass.failed.saturating_add(1);
                    tell(&key, &error);
                }
            }
        }
    }
}

/// A peer that does not answer is told of once for all keys, where it is asked.
fn tell(key: &KeyArn, error: &ServiceError) {
    match error {
        ServiceError::Operator(OperatorError::Peer(error)) => {
            tracing::debug!(%key, ?error, "a related key waits for a peer")
        }
        error => tracing::error!(%key, ?error, "a job of a key failed; it will be tried again"),
    }
}

/// Runs the jobs of a key; whether any had something to do. A key that is deleted has no other jobs.
async fn run_key(key: &KeyArn, service: &Service, now: Timestamp) -> Result<bool, ServiceError> {
    if deletion::run(key, service, now).await? {
        return Ok(true);
    }
    let expired = material_expiry::run(key, service, now).await?;
    let rotated = rotation::run(key, service, now).await?;
    Ok(synchronise::run(key, service, now).await? || rotated || expired)
}
