//! What one connection is doing, as far as time limits care.
//!
//! The stream wrapper, the request handler and the watchdog of a connection share one [`Pulse`]. On the hot path it
//! costs a few unshared atomic stores and never reads a clock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::task::Waker;

/// Shared state of one connection.
///
/// Orderings are relaxed: each flag stands for itself, and over HTTP/1 all of them are used by one task.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Grows with each step forward; two equal values mean that nothing moved in between.
    turn: AtomicU32,
    /// Requests handed to the handler and not yet answered.
    in_flight: AtomicU32,
    /// Whether bytes came that may be the begin of a head, and no request was made of them yet.
    head_begun: AtomicBool,
    /// Whether a request has been seen.
    seen_request: AtomicBool,
    /// Whether the connection speaks HTTP/2, where heads may come in pieces between other frames.
    is_http2: AtomicBool,
    /// Whether the socket has taken less than it was given.
    is_stalled: AtomicBool,
    /// Whether an answer of ours is between the handler and the socket.
    answer_leaving: AtomicBool,
    /// Whether the peer may still be sending a request that was refused.
    lingers: AtomicBool,
    /// Whether the connection was told to end.
    is_stopping: AtomicBool,
    /// Wakes the connection's task.
    waker: OnceLock<Waker>,
}

/// What a connection waits for, and since which turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Wait {
    pub(super) cause: Cause,
    pub(super) turn: u32,
}

/// Why a connection does not move.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cause {
    /// The peer is to send the rest of a head.
    Head,
    /// The peer is to begin a request.
    Idle,
    /// The peer is to take an answer.
    Write,
    /// The handler is at work; it has its own limits.
    Answer,
    /// The peer is to stop sending what was refused.
    Linger,
}

impl Pulse {
    pub(super) fn wait(&self) -> Wait {
        let cause = if self.is_stalled.load(Relaxed) {
            Cause::Write
        } else if self.in_flight.load(Relaxed) > 0 {
            Cause::Answer
        } else if self.lingers() {
            Cause::Linger
        } else if self.is_reading_head() || !self.seen_request.load(Relaxed) {
            Cause::Head
        } else {
            Cause::Idle
        };
        Wait { cause, turn: self.turn.load(Relaxed) }
    }

    fn is_reading_head(&self) -> bool {
        self.head_begun.load(Relaxed) && !self.is_http2.load(Relaxed)
    }

    /// Bytes arrived.
    pub(super) fn received(&self) {
        if self.in_flight.load(Relaxed) == 0 && !self.head_begun.load(Relaxed) {
            self.head_begun.store(true, Relaxed);
            self.step();
        }
    }

    /// The socket did not take all it was given.
    pub(super) fn stalled(&self) {
        if !self.is_stalled.load(Relaxed) {
            self.is_stalled.store(true, Relaxed);
            self.step();
        }
    }

    /// The socket has taken everything.
    pub(super) fn flushed(&self) {
        if self.is_stalled.load(Relaxed) {
            self.is_stalled.store(false, Relaxed);
            self.step();
        }
        self.answer_leaving.store(false, Relaxed);
    }

    /// A request begins; it ends when the value is dropped.
    pub(super) fn begin(&self, version: http::Version) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Relaxed);
        self.head_begun.store(false, Relaxed);
        if !self.seen_request.load(Relaxed) {
            self.is_http2.store(version == http::Version::HTTP_2, Relaxed);
            self.seen_request.store(true, Relaxed);
        }
        InFlight(self)
    }

    /// The peer may go on sending what was refused; read it away before closing, so that it can read the answer.
    pub(super) fn linger(&self) {
        self.lingers.store(true, Relaxed);
    }

    pub(super) fn lingers(&self) -> bool {
        self.lingers.load(Relaxed)
    }

    /// Whether bytes that are to be written now can only be the HTTP library's own error answer (HTTP/1).
    pub(super) fn writes_library_error(&self) -> bool {
        self.in_flight.load(Relaxed) == 0 && !self.answer_leaving.load(Relaxed) && !self.is_http2.load(Relaxed)
    }

    /// Whether nothing is under way, so that the connection may end.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight.load(Relaxed) == 0
            && !self.is_stalled.load(Relaxed)
            && !self.answer_leaving.load(Relaxed)
            && !self.lingers()
    }

    pub(super) fn is_http2(&self) -> bool {
        self.is_http2.load(Relaxed)
    }

    /// Remembers the connection's task, once; a spawned task's waker stays the same for its life.
    pub(super) fn remember(&self, waker: &Waker) {
        if self.waker.get().is_none() {
            let _ = self.waker.set(waker.clone());
        }
    }

    /// Tells the connection to end when what is under way is done.
    pub(super) fn stop(&self) {
        self.is_stopping.store(true, Relaxed);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Relaxed)
    }

    fn step(&self) {
        self.turn.fetch_add(1, Relaxed);
    }
}

/// A request that is being answered.
pub(super) struct InFlight<'a>(&'a Pulse);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.answer_leaving.store(true, Relaxed);
        self.0.in_flight.fetch_sub(1, Relaxed);
        self.0.step();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_from_head_to_answer_to_idle() {
        let pulse = Pulse::default();
        let cause = || pulse.wait().cause;
        assert_eq!(cause(), Cause::Head, "a new connection owes a request");
        pulse.received();
        let first = pulse.wait();
        pulse.received();
        assert_eq!(pulse.wait(), first, "more bytes of one head are no step forward");
        let request = pulse.begin(http::Version::HTTP_11);
        assert_eq!(cause(), Cause::Answer);
        drop(request);
        assert_eq!(cause(), Cause::Idle);
        assert!(!pulse.is_quiet(), "the answer is still on its way");
        pulse.stalled();
        assert_eq!(cause(), Cause::Write);
        pulse.flushed();
        assert_eq!(cause(), Cause::Idle);
        assert!(pulse.is_quiet());
        pulse.received();
        assert_eq!(cause(), Cause::Head);
        pulse.linger();
        assert_eq!(cause(), Cause::Linger);
    }

    #[test]
    fn http2_frames_between_requests_are_no_head() {
        let pulse = Pulse::default();
        drop(pulse.begin(http::Version::HTTP_2));
        pulse.flushed();
        pulse.received();
        assert_eq!(pulse.wait().cause, Cause::Idle);
        assert!(!pulse.writes_library_error());
    }
}
