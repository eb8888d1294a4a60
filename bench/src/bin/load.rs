//! The load generator: one thread, many connections, each sending the same signed bytes again as soon as its answer is
//! whole. It signs once a minute (a signature is good for five), reads every status, and costs little itself, so that
//! the server on the other core is the bottleneck.
//!
//! It never sleeps, as a sleeping client has to be woken by the server's own `send` when both are on one machine. That
//! costs the server up to a microsecond of CPU time, which over a real network it would not pay, and only while it is
//! too slow to keep the client busy: it would make the slower of two servers look slower still.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Parser;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::figures::Run;
use kagiban_bench::http1::Answer;
use kagiban_bench::process::CpuTime;
use kagiban_bench::request::{Call, Credentials};
use kagiban_bench::tls::{self, Wire};
use mio::{Events, Interest, Poll, Token};

/// Age at which the request is signed anew.
const SIGNATURE_AGE_MAX: Duration = Duration::from_secs(60);
/// Without any answer for this long, the run is given up.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Latencies are counted in buckets of 1 us up to here; the last bucket holds all that took longer.
const LATENCY_US_MAX: usize = 1_000_000;

/// Sends one operation over many connections and prints what came back, as JSON.
#[derive(Parser)]
struct Arguments {
    /// Where the server listens.
    #[arg(long)]
    address: SocketAddr,
    /// The server's process, whose CPU time is read.
    #[arg(long)]
    pid: u32,
    /// The operation, `Encrypt`.
    #[arg(long)]
    operation: String,
    /// A file with the body; of several, one on each line, they are sent in turns.
    #[arg(long)]
    body: PathBuf,
    /// The access key's id.
    #[arg(long, default_value = "test")]
    access_key_id: String,
    /// Its secret.
    #[arg(long, default_value = "test")]
    secret_access_key: String,
    /// Speak TLS 1.3 to a server whose certificate is in this file, for localhost.
    #[arg(long)]
    tls_certificate: Option<PathBuf>,
    /// Connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Seconds before anything is counted.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Seconds to measure.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Answers after which to stop earlier.
    #[arg(long, default_value_t = u64::MAX)]
    answers: u64,
}

/// The requests that the connections send, in turns.
struct Signed {
    calls: Vec<Call>,
    address: SocketAddr,
    wires: Vec<Rc<[u8]>>,
    next: usize,
    at: Instant,
}

impl Signed {
    fn new(calls: Vec<Call>, address: SocketAddr) -> Result<Self, Failure> {
        let wires = wires(&calls, address)?;
        Ok(Self { calls, address, wires, next: 0, at: Instant::now() })
    }

    fn next(&mut self) -> Rc<[u8]> {
        self.next = if self.next + 1 < self.wires.len() { self.next + 1 } else { 0 };
        Rc::clone(&self.wires[self.next])
    }

    fn refresh(&mut self, now: Instant) -> Result<(), Failure> {
        if now - self.at > SIGNATURE_AGE_MAX {
            self.wires = wires(&self.calls, self.address)?;
            self.at = now;
        }
        Ok(())
    }
}

fn wires(calls: &[Call], address: SocketAddr) -> Result<Vec<Rc<[u8]>>, Failure> {
    let now = SystemClock.now();
    calls.iter().map(|call| Ok(call.wire(address, now)?.into())).collect()
}

struct Connection {
    stream: Wire,
    request: Rc<[u8]>,
    written: usize,
    received: Vec<u8>,
    sent_at: Instant,
}

/// What an event on a connection came to.
enum Step {
    Waiting,
    Answered { status: u16, after: Duration },
}

impl Connection {
    fn send(&mut self, request: Rc<[u8]>) -> Result<(), Failure> {
        self.request = request;
        (self.written, self.sent_at) = (0, Instant::now());
        self.write()
    }

    fn write(&mut self) -> Result<(), Failure> {
        while self.written < self.request.len() {
            match self.stream.write(&self.request[self.written..]) {
                Ok(len) => self.written += len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Step, Failure> {
        let mut piece = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err("the server closed a connection".into()),
                Ok(len) => self.received.extend_from_slice(&piece[..len]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Step::Waiting),
                Err(error) => return Err(error.into()),
            }
            if let Some(answer) = Answer::read(&self.received)? {
                if self.received.len() > answer.len() {
                    return Err("more than one answer to one request".into());
                }
                self.received.clear();
                return Ok(Step::Answered { status: answer.status, after: self.sent_at.elapsed() });
            }
        }
    }
}

/// What is counted.
struct Count {
    answers: u64,
    errors: u64,
    latencies: Vec<u32>,
    longest: Duration,
}

impl Count {
    fn new() -> Self {
        Self { answers: 0, errors: 0, latencies: vec![0; LATENCY_US_MAX], longest: Duration::ZERO }
    }

    fn add(&mut self, status: u16, after: Duration) {
        if status != 200 {
            self.errors += 1;
            return;
        }
        self.answers += 1;
        let bucket = usize::try_from(after.as_micros()).unwrap_or(usize::MAX).min(LATENCY_US_MAX - 1);
        self.latencies[bucket] += 1;
        self.longest = self.longest.max(after);
    }

    /// The latency in microseconds that `share` of all answers did not exceed.
    fn quantile(&self, share: f64) -> u32 {
        let wanted = (self.answers as f64 * share).ceil();
        let mut seen = 0.0;
        let bucket = self.latencies.iter().position(|count| {
            seen += f64::from(*count);
            seen >= wanted
        });
        u32::try_from(bucket.unwrap_or_default()).unwrap_or(u32::MAX)
    }
}

struct Load {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
    signed: Signed,
}

impl Load {
    fn connect(arguments: &Arguments, mut signed: Signed) -> Result<Self, Failure> {
        let (poll, mut connections) = (Poll::new()?, Vec::new());
        let tls = arguments.tls_certificate.as_deref().map(tls::settings).transpose()?;
        for token in 0..arguments.connections {
            let stream = std::net::TcpStream::connect(arguments.address)?;
            stream.set_nodelay(true)?;
            let mut stream = Wire::new(stream, tls.as_ref())?;
            poll.registry().register(stream.socket(), Token(token), Interest::READABLE | Interest::WRITABLE)?;
            let (request, received) = (signed.next(), Vec::with_capacity(16 * 1024));
            let mut connection =
                Connection { stream, request: Rc::clone(&request), written: 0, received, sent_at: Instant::now() };
            connection.send(request)?;
            connections.push(connection);
        }
        Ok(Self { poll, events: Events::with_capacity(arguments.connections), connections, signed })
    }

    /// Keeps all connections busy until the time or the number is up; requests may be under way at either end.
    fn run(&mut self, seconds: f64, answers: u64) -> Result<Count, Failure> {
        let (mut count, end) = (Count::new(), Instant::now() + Duration::from_secs_f64(seconds));
        let mut now = Instant::now();
        let mut heard = now;
        while now < end && count.answers + count.errors < answers {
            self.signed.refresh(now)?;
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            if !self.events.is_empty() {
                heard = now;
            } else if now - heard > SILENCE_MAX {
                return Err("no answer for ten seconds".into());
            }
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                if connection.written < connection.request.len() {
                    connection.write()?;
                }
                if event.is_readable()
                    && let Step::Answered { status, after } = connection.read()?
                {
                    count.add(status, after);
                    connection.send(self.signed.next())?;
                }
            }
            now = Instant::now();
        }
        Ok(count)
    }
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let credentials = Credentials { id: arguments.access_key_id.clone(), secret: arguments.secret_access_key.clone() };
    let call = |body: &str| Call {
        operation: arguments.operation.clone(),
        body: body.as_bytes().to_vec(),
        credentials: credentials.clone(),
    };
    let bodies = std::fs::read_to_string(&arguments.body)?;
    let mut load = Load::connect(&arguments, Signed::new(bodies.lines().map(call).collect(), arguments.address)?)?;
    if arguments.warm_up > 0.0 {
        load.run(arguments.warm_up, u64::MAX)?;
    }
    let (cpu, start) = (CpuTime::of(arguments.pid)?, Instant::now());
    let count = load.run(arguments.seconds, arguments.answers)?;
    let (seconds, cpu) = (start.elapsed().as_secs_f64(), CpuTime::of(arguments.pid)?.since(&cpu));
    let run = Run {
        answers: count.answers,
        errors: count.errors,
        seconds,
        per_second: count.answers as f64 / seconds,
        cpu_us: cpu as f64 / 1e3 / count.answers.max(1) as f64,
        server_busy: cpu as f64 / 1e9 / seconds,
        p50_us: count.quantile(0.5),
        p99_us: count.quantile(0.99),
        max_us: u32::try_from(count.longest.as_micros())?,
    };
    println!("{}", serde_json::to_string(&run)?);
    Ok(())
}
