//! Ends connections that wait too long.
//!
//! One timer per connection, set anew only when it fires or when a shorter limit begins to count, so a busy connection
//! does not touch the timer wheel for its requests. Idle limits may be overrun by their own length; those on heads and
//! on writing are kept exactly.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use super::limits::Limits;
use super::pulse::{Cause, Pulse, Wait};

/// The watchdog of one connection.
pub(super) struct Watchdog {
    timer: Pin<Box<Sleep>>,
    /// What the timer was set for.
    armed: Wait,
    /// Whether the connection was told to end and has nothing more to do.
    is_ending: bool,
}

/// What to do with the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    /// Let it go on.
    Leave,
    /// Tell it to finish what is under way and to close.
    End,
    /// Drop it.
    Cut,
}

impl Watchdog {
    /// A watchdog for a connection that begins now.
    pub(super) fn new(limits: &Limits, pulse: &Pulse) -> Self {
        let armed = pulse.wait();
        Self { timer: Box::pin(sleep(limit(limits, armed.cause))), armed, is_ending: false }
    }

    /// To be called after each poll of the connection that left it pending; wakes the task when it is due again.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, limits: &Limits, pulse: &Pulse) -> Verdict {
        let wait = pulse.wait();
        if pulse.is_stopping() && pulse.is_quiet() && !self.is_ending {
            if !pulse.is_http2() {
                return Verdict::Cut;
            }
            // HTTP/2 says goodbye in a round trip.
            self.end_within(limits.linger_time);
        }
        if self.must_tighten(wait, limits) {
            self.arm(wait, limit(limits, wait.cause));
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if self.is_ending || (self.armed == wait && wait.cause != Cause::Answer) {
                return self.expire(wait, limits);
            }
            self.arm(wait, limit(limits, wait.cause));
        }
        Verdict::Leave
    }

    /// Whether a limit counts now that may end before the timer does.
    fn must_tighten(&self, wait: Wait, limits: &Limits) -> bool {
        let is_exact = matches!(wait.cause, Cause::Head | Cause::Write | Cause::Linger);
        let is_shorter = || limit(limits, wait.cause) < limit(limits, self.armed.cause);
        !self.is_ending && wait != self.armed && (is_exact || is_shorter())
    }

    fn expire(&mut self, wait: Wait, limits: &Limits) -> Verdict {
        if self.is_ending || wait.cause != Cause::Idle {
            return Verdict::Cut;
        }
        self.end_within(limits.linger_time);
        Verdict::End
    }

    /// From now on only `limit` counts.
    fn end_within(&mut self, limit: Duration) {
        self.is_ending = true;
        self.timer.as_mut().reset(Instant::now() + limit);
    }

    fn arm(&mut self, wait: Wait, limit: Duration) {
        self.armed = wait;
        self.timer.as_mut().reset(Instant::now() + limit);
    }
}

fn limit(limits: &Limits, cause: Cause) -> Duration {
    match cause {
        Cause::Head => limits.head_time,
        Cause::Write => limits.write_time,
        Cause::Linger => limits.linger_time,
        Cause::Idle | Cause::Answer => limits.idle_time,
    }
}
