//! A clock that can be moved ahead, for development: so that a test lives through a year in a second.
//!
//! How far it is ahead is kept in the store, so that a restart does not turn time back. Only a development deployment has such
//! a clock, and a production store that holds such a row does not open. What others sign, tokens and codes included, is
//! checked against the time of the world, which does not move.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kagiban_base::time::{Clock, DAY_MS, Timestamp};
use kagiban_storage::{StoreSnapshot, Transaction};

use crate::Service;
use crate::bootstrap::OpenError;
use crate::error::ServiceError;
use crate::operator::OperatorError;
use crate::records::clock::{ClockRecord, ClockRowKey};

/// Furthest that a clock can be ahead: 100 years of 365 days.
const AHEAD_MS_MAX: i64 = 100 * 365 * DAY_MS;

/// The time of the world, and how far this clock is ahead of it.
pub(crate) struct MovedClock {
    world: Arc<dyn Clock>,
    ahead_ms: AtomicI64,
}

/// How far a clock was moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    /// What the clock shows.
    pub(crate) now: Timestamp,
    /// How far it is ahead of the world.
    pub(crate) ahead_ms: i64,
}

impl MovedClock {
    pub(crate) fn new(world: Arc<dyn Clock>, ahead_ms: i64) -> Self {
        Self { world, ahead_ms: AtomicI64::new(ahead_ms) }
    }

    /// What it shows, and how far it is ahead.
    pub(crate) fn state(&self) -> Moved {
        let ahead_ms = self.ahead_ms.load(Ordering::SeqCst);
        Moved { now: self.world.now().plus_ms(ahead_ms), ahead_ms }
    }

    /// Never back, whichever of two moves at once comes last.
    fn set_ahead(&self, ahead_ms: i64) {
        self.ahead_ms.fetch_max(ahead_ms, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl fmt::Debug for MovedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MovedClock({:?})", self.state())
    }
}

/// How far the clock of a store was moved.
///
/// # Errors
/// Those of the store.
pub(crate) async fn stored_ahead_ms(snapshot: &StoreSnapshot) -> Result<Option<i64>, OpenError> {
    let record: Option<ClockRecord> = snapshot.read(&ClockRowKey).await?;
    Ok(record.map(|record| record.ahead_ms))
}

/// Moves the clock ahead, and runs what comes due by it.
///
/// # Errors
/// [`OperatorError::ClockStands`] where the clock cannot be moved; [`OperatorError::ClockTooFar`].
pub(crate) async fn advance(service: &Service, by_ms: i64) -> Result<Moved, ServiceError> {
    let clock = of(service)?;
    let ahead_ms = service.transact("AdvanceClock", |tx| store(tx, by_ms)).await?;
    clock.set_ahead(ahead_ms);
    service.run_due_jobs().await;
    service.view.due_times().nudge();
    Ok(clock.state())
}

async fn store(tx: Transaction, by_ms: i64) -> Result<i64, ServiceError> {
    let before = tx.read::<ClockRecord>(&ClockRowKey).await?.map_or(0, |record| record.ahead_ms);
    let ahead_ms = before.saturating_add(by_ms.max(0));
    if ahead_ms > AHEAD_MS_MAX {
        return Err(OperatorError::ClockTooFar { left_s: (AHEAD_MS_MAX - before.min(AHEAD_MS_MAX)) / 1000 }.into());
    }
    tx.put(&ClockRowKey, &ClockRecord { ahead_ms })?;
    Ok(ahead_ms)
}

/// The clock that can be moved.
///
/// # Errors
/// [`OperatorError::ClockStands`]
pub(crate) fn of(service: &Service) -> Result<&MovedClock, ServiceError> {
    Ok(service.moved_clock.as_deref().ok_or(OperatorError::ClockStands)?)
}
