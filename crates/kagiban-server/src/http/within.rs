//! A deadline that costs nothing when it is not needed.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// The time was up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Elapsed;

/// What `future` gives, if it does so within `limit`.
///
/// The timer is made only once the future has waited: most requests arrive whole and are answered without waiting.
pub(super) async fn within<F: Future>(limit: Duration, future: F) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    let at_once = poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    });
    match at_once.await {
        Some(output) => Ok(output),
        None => tokio::time::timeout(limit, future).await.map_err(|_| Elapsed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn gives_the_output_or_the_end_of_time() {
        let second = Duration::from_secs(1);
        assert_eq!(within(second, async { 7 }).await, Ok(7));
        assert_eq!(within(second, async { tokio::task::yield_now().await }).await, Ok(()));
        assert_eq!(within(second, std::future::pending::<()>()).await, Err(Elapsed));
    }
}
