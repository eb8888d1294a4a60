//! A program that is run for each event: no shell, no environment but what is named here, and an end after so long.

use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::delivery::{Carrier, Delivery, Failure};

/// Programs of one target at once.
const AT_ONCE: usize = 4;
/// Where programs are looked for by a program that is run.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Runs a program.
#[derive(Debug)]
pub(super) struct CommandCarrier {
    pub(super) command: Vec<String>,
    pub(super) timeout: Duration,
}

#[async_trait]
impl Carrier for CommandCarrier {
    async fn carry(&self, delivery: &Delivery) -> Result<(), Failure> {
        let mut child = self.start(delivery).map_err(Failure::passing)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let outcome = tokio::time::timeout(self.timeout, feed(&mut child, delivery.event.as_bytes())).await;
        if outcome.is_err()
            && let Some(group) = group
        {
            // With whatever it has started.
            _ = kill_process_group(group, Signal::KILL);
        }
        match outcome {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(Failure::passing(format_args!("the program ended with {status}"))),
            Ok(Err(error)) => Err(Failure::passing(error)),
            Err(_) => Err(Failure::passing("the program did not end in time")),
        }
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }
}

impl CommandCarrier {
    fn start(&self, delivery: &Delivery) -> std::io::Result<Child> {
        let (program, arguments) = self.command.split_first().ok_or(std::io::ErrorKind::NotFound)?;
        Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", PATH)
            .env("LANG", "C.UTF-8")
            .env("KAGIBAN_RULE", &delivery.origin.rule)
            .env("KAGIBAN_EVENT_ID", &delivery.event_id)
            .env("KAGIBAN_COUNT", delivery.origin.count.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// Gives the event to the program and waits for its end.
async fn feed(child: &mut Child, event: &[u8]) -> std::io::Result<std::process::ExitStatus> {
    if let Some(mut input) = child.stdin.take() {
        // A program need not read it.
        _ = input.write_all(event).await;
        _ = input.shutdown().await;
    }
    child.wait().await
}
