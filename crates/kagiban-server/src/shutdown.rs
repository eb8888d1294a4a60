//! Stopping: asked for once, the service finishes what is under way; asked for twice, it stops at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How urgently to stop: the number of times it was asked for.
type Urgency = u8;

/// The end that asks to stop.
#[derive(Clone, Debug)]
pub struct Stopper(watch::Sender<Urgency>);

/// The end that is asked.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Urgency>);

/// Two connected ends. Dropping the [`Stopper`] asks for nothing.
pub fn channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(0);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Asks to stop; the second time means at once.
    pub fn stop(&self) {
        self.0.send_modify(|urgency| *urgency = urgency.saturating_add(1));
    }

    /// Asks at each SIGTERM and SIGINT, for ever.
    ///
    /// # Errors
    /// When the signals cannot be listened for.
    pub fn on_signals(self) -> io::Result<impl Future<Output = ()> + Send + 'static> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            loop {
                either(&mut terminate, &mut interrupt).await;
                tracing::info!("asked to stop; a second signal stops at once");
                self.stop();
            }
        })
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}

impl Stop {
    /// Until asked to stop.
    pub async fn asked(&mut self) {
        self.reaches(1).await;
    }

    /// Until asked to stop at once.
    pub async fn demanded(&mut self) {
        self.reaches(2).await;
    }

    async fn reaches(&mut self, least: Urgency) {
        if self.0.wait_for(|urgency| *urgency >= least).await.is_err() {
            // Nobody is left to ask.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asking_twice_demands() {
        let (stopper, mut stop) = channel();
        stopper.stop();
        stop.asked().await;
        stopper.stop();
        stop.demanded().await;
        stop.asked().await;
    }
}
