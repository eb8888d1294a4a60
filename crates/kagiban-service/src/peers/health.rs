//! How the last exchanges with each peer went: in memory, so that one that cannot be reached does not hold up what concerns
//! others, and the log hears of it once a minute.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kagiban_base::time::Timestamp;

use super::name::PeerName;
use super::transport::TransportError;

/// For how long a peer that failed is not tried again.
const PAUSE_MS: i64 = 2000;
/// How often the log hears of one peer.
const WARN_EVERY_MS: i64 = 60_000;

/// What is known of all peers, since this process began.
#[derive(Debug, Default)]
pub(crate) struct PeerHealth(Mutex<HashMap<PeerName, Known>>);

#[derive(Debug, Default)]
struct Known {
    answered: Option<Timestamp>,
    failed: Option<(Timestamp, TransportError)>,
    warned: Option<Timestamp>,
}

impl PeerHealth {
    /// Why the peer is not to be tried now; `None` if it is.
    pub(super) fn pause(&self, peer: &PeerName, now: Timestamp) -> Option<TransportError> {
        let known = self.lock();
        let (at, error) = known.get(peer)?.failed.as_ref()?;
        // A clock that was put back must not make it wait for long.
        (0..PAUSE_MS).contains(&now.ms_since(*at)).then(|| error.clone())
    }

    /// Lets the peer be tried at once.
    pub(super) fn end_pause(&self, peer: &PeerName) {
        if let Some(known) = self.lock().get_mut(peer) {
            known.failed = None;
        }
    }

    pub(super) fn note_answer(&self, peer: &PeerName, now: Timestamp) {
        let mut all = self.lock();
        let known = all.entry(peer.clone()).or_default();
        (known.answered, known.failed, known.warned) = (Some(now), None, None);
    }

    /// Notes a failure; whether the log is to hear of it.
    pub(super) fn note_failure(&self, peer: &PeerName, error: &TransportError, now: Timestamp) -> bool {
        let mut all = self.lock();
        let known = all.entry(peer.clone()).or_default();
        known.failed = Some((now, error.clone()));
        let is_heard = known.warned.is_none_or(|at| !(0..WARN_EVERY_MS).contains(&now.ms_since(at)));
        if is_heard {
            known.warned = Some(now);
        }
        is_heard
    }

    pub(super) fn last_answer(&self, peer: &PeerName) -> Option<Timestamp> {
        self.lock().get(peer).and_then(|known| known.answered)
    }

    pub(crate) fn forget(&self, peer: &PeerName) {
        self.lock().remove(peer);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PeerName, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_failed_rests_and_the_log_hears_of_it_once_a_minute() {
        let (health, peer): (_, PeerName) = (PeerHealth::default(), "b".parse().unwrap());
        let at = Timestamp::from_unix_ms;
        assert_eq!((health.pause(&peer, at(0)), health.last_answer(&peer)), (None, None));
        assert!(health.note_failure(&peer, &TransportError::Late, at(0)));
        for (ms, waits) in [(0, true), (1999, true), (2000, false), (-1, false)] {
            assert_eq!(health.pause(&peer, at(ms)).is_some(), waits, "{ms}");
        }
        assert!(!health.note_failure(&peer, &TransportError::Late, at(59_999)));
        assert!(health.note_failure(&peer, &TransportError::Late, at(60_000)));
        health.note_answer(&peer, at(60_001));
        assert_eq!((health.pause(&peer, at(60_001)), health.last_answer(&peer)), (None, Some(at(60_001))));
        assert!(health.note_failure(&peer, &TransportError::Late, at(60_002)), "a new failure is news");
        health.forget(&peer);
        assert_eq!(health.last_answer(&peer), None);
    }
}
