//! When compliance is evaluated: soon after something has changed, and now and then because time passes.

use std::sync::Arc;
use std::time::Duration;

use kagiban_service::Service;
use kagiban_service::compliance::ComplianceSettings;
use tokio::time::{Instant, sleep};

/// Whatever has not changed: keys go unused and material comes near its end by time alone.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
const PAUSE_LEAST: Duration = Duration::from_secs(2);
/// An evaluation may take one part of so many of a processor's time.
const SHARE: u32 = 50;

/// Evaluates for ever.
pub(crate) async fn run(service: Arc<Service>, settings: ComplianceSettings) {
    let mut evaluated: Option<(u64, Instant)> = None;
    let mut pause = Duration::ZERO;
    loop {
        sleep(pause).await;
        pause = PAUSE_LEAST;
        let (revision, began) = (service.compliance_revision(), Instant::now());
        if evaluated.is_some_and(|(before, at)| before == revision && began.duration_since(at) < AT_LEAST_EVERY) {
            continue;
        }
        let evaluating = Arc::clone(&service);
        let evaluation = tokio::task::spawn_blocking(move || evaluating.evaluate_compliance(settings)).await;
        let Ok(evaluation) = evaluation else {
            tracing::error!("an evaluation of compliance panicked");
            continue;
        };
        match service.settle_compliance(evaluation).await {
            // What it wrote is a change itself, and there may be more than was settled at once.
            Ok(changes) => evaluated = (changes == 0).then_some((revision, began)),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "compliance could not be settled; it will be tried again");
            }
        }
        pause = PAUSE_LEAST.max(Instant::now().duration_since(began).saturating_mul(SHARE));
    }
}
