//! The one place that knows where a related key is: in this deployment, or (once deployments can be paired) in another.

use super::receive;
use super::step::{Answer, Step};
use crate::Service;
use crate::error::ServiceError;

/// Delivers a step to the key that it is for, and waits for its answer. When it fails nobody knows whether it arrived; it
/// may be sent again.
///
/// # Errors
/// Internal ones.
pub(crate) async fn deliver(step: Step, service: &Service) -> Result<Answer, ServiceError> {
    // Every Region is served here. One that another deployment serves is to be reached with `Step::encode`, and what
    // arrives there goes to `receive::receive`.
    receive::apply(step, service).await
}
