//! Servers under measurement: started, pinned to a core, asked, stopped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::Failure;
use crate::figures::Run;
use crate::http1;
use crate::request::Call;

/// The core the servers run on.
pub const SERVER_CORE: &str = "0";
/// The core of the load generator.
pub const LOAD_CORE: &str = "1";
/// Longest time a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server that is stopped when this is dropped.
#[derive(Debug)]
pub struct Started {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Started {
    /// Starts the program; its address is on the first line of its output that has one.
    ///
    /// # Errors
    /// When it does not start.
    pub fn new(command: &mut Command) -> Result<Self, Failure> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| address_in(&line));
        // The rest is read away, so that the server never waits for us.
        thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Ok(Self { child, address }),
            None => {
                child.kill()?;
                Err(format!("{command:?} ended without telling its address: {}", child.wait()?).into())
            }
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// When it does not.
    pub fn stop(&mut self) -> Result<(), Failure> {
        let pid = Pid::from_raw(self.pid().try_into()?).ok_or("no process")?;
        kill_process(pid, Signal::TERM)?;
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                return Err("the server does not stop".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _status = self.child.wait();
    }
}

/// The address in `127.0.0.1:1234` or in `export AWS_ENDPOINT_URL=http://127.0.0.1:1234`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.rsplit(['/', '=', ' ']).find_map(|word| word.parse().ok())
}

/// The program, on one core if one is named.
pub fn pinned(core: Option<&str>, program: &Path) -> Command {
    let Some(core) = core else { return Command::new(program) };
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// Starts Kagiban on a development store, on one core if one is named, and waits until it is ready.
///
/// # Errors
/// When it does not start.
pub fn start_kagiban(program: &Path, data: &Path, core: Option<&str>) -> Result<Started, Failure> {
    start_kagiban_with(program, data, core, &[])
}

/// The same with options of `kagiban serve`.
///
/// # Errors
/// When it does not start.
pub fn start_kagiban_with(
    program: &Path,
    data: &Path,
    core: Option<&str>,
    options: &[&str],
) -> Result<Started, Failure> {
    let mut command = pinned(core, program);
    command.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(data).env_remove("RUST_LOG");
    command.args(options);
    command.stderr(fs::File::create(data.with_extension("log"))?);
    let server = Started::new(&mut command)?;
    wait_until_ready(server.address)?;
    Ok(server)
}

/// The load generator, and where it finds what it sends.
#[derive(Debug)]
pub struct Load<'a> {
    /// The directory of the bench's programs.
    pub programs: &'a Path,
    /// A directory for the body.
    pub data: &'a Path,
    /// The core it runs on, if it is pinned to one.
    pub core: Option<&'a str>,
}

impl Load<'_> {
    /// Lets it loose on a server, with these options.
    ///
    /// # Errors
    /// When it fails.
    pub fn run(&self, server: &Started, call: &Call, options: &[(&str, String)]) -> Result<Run, Failure> {
        let body = self.data.join("body.json");
        fs::write(&body, &call.body)?;
        let mut command = pinned(self.core, &self.programs.join("load"));
        command.arg("--address").arg(server.address.to_string()).arg("--pid").arg(server.pid().to_string());
        command.arg("--operation").arg(&call.operation).arg("--body").arg(&body);
        command.arg("--access-key-id").arg(&call.credentials.id);
        command.arg("--secret-access-key").arg(&call.credentials.secret);
        for (name, value) in options {
            command.arg(name).arg(value);
        }
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("the load generator failed on {}", call.operation).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// Waits until `/readyz` says yes.
///
/// # Errors
/// After three minutes.
pub fn wait_until_ready(address: SocketAddr) -> Result<(), Failure> {
    let end = Instant::now() + PATIENCE;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    loop {
        match http1::exchange(address, request.as_bytes()) {
            Ok((answer, _)) if answer.status == 200 => return Ok(()),
            _ if Instant::now() > end => return Err("the server does not become ready".into()),
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// The whole answer to a call, which must be a 200.
///
/// # Errors
/// When it is none.
pub fn answer(address: SocketAddr, call: &Call) -> Result<Vec<u8>, Failure> {
    let (answer, bytes) = http1::exchange(address, &call.wire(address, SystemClock.now())?)?;
    if answer.status == 200 {
        Ok(bytes)
    } else {
        Err(format!("{}: {}", call.operation, String::from_utf8_lossy(&bytes)).into())
    }
}

/// What an operation answers.
///
/// # Errors
/// When it does not answer with a 200.
pub fn ask(address: SocketAddr, operation: &str, input: &Value) -> Result<Value, Failure> {
    let call = Call { operation: operation.to_owned(), body: input.to_string().into_bytes(), ..Call::default() };
    let bytes = answer(address, &call)?;
    let head_len = http1::Answer::read(&bytes)?.ok_or("no answer")?.head_len;
    Ok(serde_json::from_slice(&bytes[head_len..])?)
}
