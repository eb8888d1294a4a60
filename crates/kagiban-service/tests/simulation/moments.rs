//! The time of a run, which stands until everything has come to rest, and the order of what happens in one moment.
//!
//! The runtime's clock is paused: it goes on to the next timer when no task can do anything. What wakes in the same moment
//! wakes in no certain order, since the runtime draws lots; so whatever comes through a link, or begins or ends a request, waits for
//! its turn, two milliseconds later, by the number of its task. And each task has dice of its own. So a run has one order of events,
//! whatever the machine and the runtime do meanwhile. Tasks wake at multiples of four milliseconds, turns are given
//! two behind them, and the scheduler wakes at odd ones, so that it meets the nodes at rest.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::dice::Dice;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments(Instant);

impl Moments {
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the run began.
    pub(crate) fn now_ms(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Waits so long, to the next multiple of four milliseconds.
    pub(crate) async fn pause(self, ms: u64) {
        sleep_until(self.0 + Duration::from_millis((self.now_ms() + ms).next_multiple_of(4))).await;
    }

    /// The same for the scheduler, to an odd one.
    pub(crate) async fn tick(self, ms: u64) {
        sleep_until(self.0 + Duration::from_millis((self.now_ms() + ms) | 1)).await;
    }
}

struct Identity {
    number: u64,
    dice: RefCell<Dice>,
}

tokio::task_local! {
    static IDENTITY: Identity;
}

/// Runs as the task with this number, and with dice of its own.
pub(crate) async fn as_task<T>(number: u64, seed: u64, work: impl Future<Output = T>) -> T {
    let dice = RefCell::new(Dice::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    IDENTITY.scope(Identity { number, dice }, work).await
}

/// The number of the present task; zero for the scheduler.
pub(crate) fn task() -> u64 {
    IDENTITY.try_with(|identity| identity.number).unwrap_or_default()
}

/// Throws the present task's dice, or these for the scheduler.
pub(crate) fn throw(end: u32, of_scheduler: &Mutex<Dice>) -> u32 {
    let own = IDENTITY.try_with(|identity| identity.dice.borrow_mut().below(end));
    own.unwrap_or_else(|_| of_scheduler.lock().unwrap_or_else(PoisonError::into_inner).below(end))
}

/// Who waits for a turn in this moment, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(Arc<Mutex<Vec<Waiting>>>);

type Waiting = (u64, oneshot::Sender<()>);

impl Turns {
    /// Waits for the turn of the present task.
    pub(crate) async fn mine(&self, moments: Moments) {
        let (turn, given) = oneshot::channel();
        let is_first = {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push((task(), turn));
            waiting.len() == 1
        };
        if is_first {
            tokio::spawn(self.clone().give(moments));
        }
        _ = given.await;
    }

    async fn give(self, moments: Moments) {
        let at = moments.now_ms().next_multiple_of(4) + 2;
        sleep_until(moments.0 + Duration::from_millis(at)).await;
        let mut waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.sort_by_key(|(number, _)| *number);
        // Those who were woken first run first. Whoever has gone does not need it.
        waiting.into_iter().for_each(|(_, turn)| _ = turn.send(()));
    }
}
