//! Whether the process should be sent requests.
//!
//! `/healthz` tells that the process lives and answers, and fails once the audit journal has stopped, as only a new start
//! can mend that; it does not come here. `/readyz` tells whether requests will be
//! answered well now: the store is healthy and the service is not shutting down.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use http::StatusCode;

/// State of the process as load balancers see it.
#[derive(Debug, Default)]
pub struct Health {
    is_stopping: AtomicBool,
}

/// What `/readyz` answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Readiness {
    /// Requests are answered.
    Ready,
    /// The service finishes what is under way and takes nothing new.
    Stopping,
    /// The service has no keys until people give it their shares.
    Sealed,
    /// The store fails.
    StoreFails,
    /// The audit journal has stopped, for good.
    JournalStopped,
}

impl Health {
    /// From now on the service is not ready.
    pub fn stop(&self) {
        self.is_stopping.store(true, Relaxed);
    }

    /// Readiness, given the state of the store and of the audit journal.
    pub fn readiness(&self, store_is_healthy: bool, is_recording: bool) -> Readiness {
        match (store_is_healthy, is_recording) {
            _ if self.is_stopping.load(Relaxed) => Readiness::Stopping,
            (_, false) => Readiness::JournalStopped,
            (false, true) => Readiness::StoreFails,
            (true, true) => Readiness::Ready,
        }
    }
}

impl Readiness {
    /// 200 when ready, else 503.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Ready => StatusCode::OK,
            Self::Stopping | Self::Sealed | Self::StoreFails | Self::JournalStopped => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The answer's body.
    pub fn json(self) -> &'static str {
        match self {
            Self::Ready => "{\"ready\":true}\n",
            Self::Stopping => "{\"ready\":false,\"reason\":\"the service is shutting down\"}\n",
            Self::Sealed => "{\"ready\":false,\"reason\":\"the service is sealed\"}\n",
            Self::StoreFails => "{\"ready\":false,\"reason\":\"the store fails\"}\n",
            Self::JournalStopped => "{\"ready\":false,\"reason\":\"the audit journal has stopped\"}\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_healthy_running_service_is_ready() {
        let health = Health::default();
        assert_eq!(health.readiness(true, true), Readiness::Ready);
        assert_eq!(health.readiness(false, true), Readiness::StoreFails);
        assert_eq!(health.readiness(true, false), Readiness::JournalStopped);
        health.stop();
        assert_eq!(health.readiness(true, true), Readiness::Stopping);
        use Readiness::{JournalStopped, Ready, Sealed, Stopping, StoreFails};
        for readiness in [Ready, Stopping, Sealed, StoreFails, JournalStopped] {
            let json: serde_json::Value = serde_json::from_str(readiness.json()).unwrap();
            assert_eq!(json["ready"], readiness.status() == StatusCode::OK);
        }
    }
}
