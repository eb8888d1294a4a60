//! The connections that are open, so that all of them can be told to end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::pulse::Pulse;

/// All open connections. Locked when one opens and closes, never per request.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<Open>,
    closed_one: Notify,
}

#[derive(Debug, Default)]
struct Open {
    pulses: HashMap<u64, Arc<Pulse>>,
    next: u64,
    is_stopping: bool,
}

/// An open connection; it leaves the register when dropped.
pub(super) struct Registered {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    /// Adds a connection. One that comes after [`Connections::stop`] is told to end at once.
    pub(super) fn register(self: &Arc<Self>, pulse: Arc<Pulse>) -> Registered {
        let mut open = self.lock();
        let number = open.next;
        open.next += 1;
        if open.is_stopping {
            pulse.stop();
        }
        open.pulses.insert(number, pulse);
        drop(open);
        Registered { connections: Arc::clone(self), number }
    }

    /// Tells all connections to end when what is under way is done.
    pub(super) fn stop(&self) {
        let mut open = self.lock();
        open.is_stopping = true;
        open.pulses.values().for_each(|pulse| pulse.stop());
    }

    pub(super) fn count(&self) -> usize {
        self.lock().pulses.len()
    }

    /// Until none is open.
    pub(super) async fn all_closed(&self) {
        loop {
            let closed_one = self.closed_one.notified();
            if self.count() == 0 {
                return;
            }
            closed_one.await;
        }
    }

    /// The register is whole after each single change, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.connections.lock().pulses.remove(&self.number);
        self.connections.closed_one.notify_waiters();
    }
}
