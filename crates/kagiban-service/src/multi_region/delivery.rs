//! The one place that knows where a related key is: in this deployment, or in one that it is paired with.

use super::receive;
use super::step::{Answer, Step};
use crate::Service;
use crate::error::{InternalError, ServiceError};

/// Delivers a step to the key that it is for, and waits for its answer. When it fails nobody knows whether it arrived; it
/// may be sent again.
///
/// # Errors
/// Internal ones; those of [`crate::peers::PeerError`] for a key in a Region that is served elsewhere.
pub(crate) async fn deliver(step: Step, service: &Service) -> Result<Answer, ServiceError> {
    if service.serves(step.head.to.region) {
        return receive::apply(step, service).await;
    }
    let bytes = step.encode().map_err(|_| ServiceError::Internal(InternalError::Encoding))?;
    let answer = service.deliver(&step.head.to, &bytes).await?;
    Answer::decode(answer.expose()).map_err(|_| ServiceError::Internal(InternalError::Encoding))
}
