//! Starts the servers, lets the load generator loose on them in turn, and writes down what comes of it.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::figures::{Commits, Figures, Large, Operation, Run, Server, Spread};
use kagiban_bench::process::{Memory, load_average};
use kagiban_bench::request::Call;
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, answer, ask, pinned, start_kagiban};
use serde_json::{Value, json};

/// Share of the bare server's throughput, by CPU time, that each operation is to reach.
const RATIO_TARGET: f64 = 0.5;
/// Targets for a store of 100,000 keys.
const READY_MS_TARGET: f64 = 2000.0;
const RSS_MB_TARGET: f64 = 250.0;
/// Starts of the large store.
const STARTS: usize = 3;
/// Connections that fill the large store, so that commits are made in groups.
const FILLERS: usize = 64;

/// Measures Kagiban beside a bare HTTP server.
#[derive(Parser)]
struct Arguments {
    /// Kagiban's release build.
    #[arg(long)]
    kagiban: PathBuf,
    /// Rounds over all operations; both servers take turns in each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measured seconds of each run.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Seconds of load before each measurement.
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Connections of the load generator.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Keys in the large store; 0 leaves that part out.
    #[arg(long, default_value_t = 100_000)]
    keys: u64,
    /// One short round and a small store: does everything work?
    #[arg(long)]
    quick: bool,
    /// Ends with status 1 when a target is missed.
    #[arg(long)]
    check: bool,
    /// An empty or absent directory for the stores, on the disk to be measured. It is left behind.
    #[arg(long)]
    data: PathBuf,
    /// The file for the figures.
    #[arg(long)]
    output: PathBuf,
}

struct Bench {
    arguments: Arguments,
    programs: PathBuf,
}

impl Bench {
    fn kagiban(&self, data: &Path, core: Option<&str>) -> Result<Started, Failure> {
        start_kagiban(&self.arguments.kagiban, data, core)
    }

    fn bare(&self, answer: &Path) -> Result<Started, Failure> {
        Started::new(pinned(Some(SERVER_CORE), &self.programs.join("bare")).arg("--answer").arg(answer))
    }

    fn load(&self, server: &Started, call: &Call, options: &[(&str, String)]) -> Result<Run, Failure> {
        let load = Load { programs: &self.programs, data: &self.arguments.data, core: Some(LOAD_CORE) };
        load.run(server, call, options)
    }

    fn timed(&self, server: &Started, call: &Call) -> Result<Run, Failure> {
        let Arguments { connections, seconds, warm_up, .. } = &self.arguments;
        let options = [
            ("--connections", connections.to_string()),
            ("--seconds", seconds.to_string()),
            ("--warm-up", warm_up.to_string()),
        ];
        self.load(server, call, &options)
    }

    /// The four operations on both servers, in turns.
    fn operations(&self) -> Result<Vec<Operation>, Failure> {
        let kagiban = self.kagiban(&self.arguments.data.join("small"), Some(SERVER_CORE))?;
        let mut sides = Vec::new();
        for call in calls(kagiban.address)? {
            let answer = answer(kagiban.address, &call)?;
            let file = self.arguments.data.join(format!("{}.answer", call.operation));
            fs::write(&file, &answer)?;
            sides.push(Sides { bare: self.bare(&file)?, answer_bytes: answer.len(), call, runs: Vec::new() });
        }
        for round in 0..self.arguments.rounds {
            for side in &mut sides {
                let one = |server| self.timed(server, &side.call);
                // Who comes first changes from round to round.
                let (own, bare) = if round % 2 == 0 {
                    let own = one(&kagiban)?;
                    (own, one(&side.bare)?)
                } else {
                    let bare = one(&side.bare)?;
                    (one(&kagiban)?, bare)
                };
                eprintln!(
                    "round {}: {:<16} {:6.2} us beside {:5.2} us, load {}",
                    round + 1,
                    side.call.operation,
                    own.cpu_us,
                    bare.cpu_us,
                    load_average()
                );
                side.runs.push((own, bare));
            }
        }
        sides.iter().map(|side| side.figures(kagiban.address)).collect()
    }

    /// CreateKey over one connection and over sixteen.
    fn commits(&self) -> Result<Vec<Commits>, Failure> {
        let kagiban = self.kagiban(&self.arguments.data.join("commits"), Some(SERVER_CORE))?;
        let call = Call { operation: "CreateKey".to_owned(), body: b"{}".to_vec(), ..Call::default() };
        let run = |connections: usize| {
            let options = [
                ("--connections", connections.to_string()),
                ("--seconds", self.arguments.seconds.to_string()),
                ("--warm-up", "0.5".to_owned()),
            ];
            Ok(Commits { connections, run: self.load(&kagiban, &call, &options)? })
        };
        [1, 16].into_iter().map(run).collect()
    }

    /// Fills a store, then starts on it.
    fn large(&self) -> Result<Large, Failure> {
        let data = self.arguments.data.join("large");
        let filled_per_second = self.fill(&data)?;
        let mut times = Vec::new();
        for _ in 1..STARTS {
            let (mut server, ready_ms) = self.start(&data)?;
            times.push(ready_ms);
            server.stop()?;
        }
        let (server, ready_ms) = self.start(&data)?;
        times.push(ready_ms);
        let memory = Memory::of(server.pid())?;
        let calls = calls(server.address)?;
        let encrypt = calls.first().ok_or("no call")?;
        let run = self.timed(&server, encrypt)?;
        if run.errors > 0 {
            return Err("Encrypt fails on the large store".into());
        }
        Ok(Large {
            keys: self.arguments.keys,
            filled_per_second,
            disk_mb: size_of(&data)? as f64 / 1e6,
            ready_ms: Spread::of(times),
            memory,
            memory_after_load: Memory::of(server.pid())?,
        })
    }

    fn fill(&self, data: &Path) -> Result<f64, Failure> {
        let mut server = self.kagiban(data, None)?;
        let call = Call { operation: "CreateKey".to_owned(), body: b"{}".to_vec(), ..Call::default() };
        let options = [
            ("--connections", FILLERS.to_string()),
            ("--seconds", "3600".to_owned()),
            ("--warm-up", "0".to_owned()),
            ("--answers", self.arguments.keys.to_string()),
        ];
        let run = self.load(&server, &call, &options)?;
        if run.errors > 0 {
            return Err(format!("{} of {} CreateKey failed", run.errors, run.answers + run.errors).into());
        }
        server.stop()?;
        Ok(run.per_second)
    }

    /// A start as a user makes it, on all cores; milliseconds until `/readyz` says yes.
    fn start(&self, data: &Path) -> Result<(Started, f64), Failure> {
        let start = Instant::now();
        let server = self.kagiban(data, None)?;
        Ok((server, start.elapsed().as_secs_f64() * 1e3))
    }

    fn primitives(&self) -> Result<BTreeMap<String, f64>, Failure> {
        let output = pinned(Some(LOAD_CORE), &self.programs.join("primitives")).stderr(Stdio::inherit()).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn circumstances(&self) -> BTreeMap<String, String> {
        let Arguments { rounds, seconds, warm_up, connections, .. } = &self.arguments;
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown");
        let of = |program: &str, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().map(|output| output.stdout);
            String::from_utf8_lossy(&output.unwrap_or_default()).trim().to_owned()
        };
        let cores = thread::available_parallelism().map_or(0, usize::from);
        BTreeMap::from([
            ("working tree".into(), of("git", &["describe", "--always", "--dirty", "--abbrev=12"])),
            ("date".into(), SystemClock.now().to_rfc3339()),
            ("kernel".into(), of("uname", &["-sr"])),
            ("load average at the start".into(), load_average()),
            ("machine".into(), format!("{cores} vCPU, {model}")),
            ("profile".into(), "release: thin LTO, 4 codegen units, overflow checks; mimalloc".into()),
            (
                "protocol".into(),
                format!(
                    "{rounds} rounds of {seconds} s after {warm_up} s, {connections} keep-alive connections, plain HTTP/1.1, \
                     SigV4 on; servers on core {SERVER_CORE}, load on core {LOAD_CORE}"
                ),
            ),
            ("rustc".into(), of("rustc", &["--version"])),
        ])
    }
}

/// One operation while it is measured.
struct Sides {
    call: Call,
    bare: Started,
    answer_bytes: usize,
    runs: Vec<(Run, Run)>,
}

impl Sides {
    fn figures(&self, address: SocketAddr) -> Result<Operation, Failure> {
        let (own, bare): (Vec<_>, Vec<_>) = self.runs.iter().cloned().unzip();
        let ratio = |of: fn(&Run, &Run) -> f64| Spread::of(self.runs.iter().map(|(own, bare)| of(own, bare)));
        let (own, bare) = (Server::of(&own), Server::of(&bare));
        Ok(Operation {
            name: self.call.operation.clone(),
            request_bytes: self.call.wire(address, SystemClock.now())?.len(),
            body_bytes: self.call.body.len(),
            answer_bytes: self.answer_bytes,
            ratio: bare.cpu_us.min / own.cpu_us.min,
            kagiban: own,
            bare,
            ratio_by_cpu: ratio(|own, bare| bare.cpu_us / own.cpu_us),
            ratio_by_rate: ratio(|own, bare| own.per_second / bare.per_second),
        })
    }
}

/// The measured calls, on a key of their own: key by ARN and an encryption context, as SDK users are told to.
fn calls(address: SocketAddr) -> Result<[Call; 4], Failure> {
    let created = ask(address, "CreateKey", &json!({}))?;
    let arn = &created["KeyMetadata"]["Arn"];
    let context = json!({ "department": "payments", "purpose": "bench", "tenant": "tenant-00000001" });
    let data_key = json!({ "KeyId": arn, "KeySpec": "AES_256", "EncryptionContext": context });
    let blob = &ask(address, "GenerateDataKey", &data_key)?["CiphertextBlob"];
    let plaintext = STANDARD.encode([5; 64]);
    let call = |operation: &str, input: Value| Call {
        operation: operation.to_owned(),
        body: input.to_string().into_bytes(),
        ..Call::default()
    };
    Ok([
        call("Encrypt", json!({ "KeyId": arn, "Plaintext": plaintext, "EncryptionContext": context })),
        call("Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": context })),
        call("GenerateDataKey", data_key),
        call("DescribeKey", json!({ "KeyId": arn })),
    ])
}

fn size_of(directory: &Path) -> Result<u64, Failure> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

/// Prints the figures; tells which targets are missed.
fn print(figures: &Figures) -> Vec<String> {
    let mut missed = Vec::new();
    for (name, value) in &figures.circumstances {
        println!("{name}: {value}");
    }
    println!(
        "\n{:<16} {:>8} {:>8}  {:>6} {:>6}  {:>6} {:>6}  {:>6}   ratio to bare",
        "", "req/s", "bare", "CPU us", "bare", "p50 us", "p99 us", "errors"
    );
    println!(
        "{:<16} {:>8} {:>8}  {:>6} {:>6}  {:>6} {:>6}  {:>6}   by CPU (rounds)     by req/s",
        "", "best", "best", "least", "least", "median", "median", ""
    );
    for row in &figures.operations {
        let (own, bare, cpu) = (&row.kagiban, &row.bare, &row.ratio_by_cpu);
        println!(
            "{:<16} {:>8.0} {:>8.0}  {:>6.2} {:>6.2}  {:>6.0} {:>6.0}  {:>6}   {:.3} ({:.2}..{:.2})  {:.2}",
            row.name,
            own.per_second.max,
            bare.per_second.max,
            own.cpu_us.min,
            bare.cpu_us.min,
            own.p50_us.median,
            own.p99_us.median,
            own.errors + bare.errors,
            row.ratio,
            cpu.min,
            cpu.max,
            own.per_second.max / bare.per_second.max
        );
        let mut require = |holds: bool, what: String| {
            if !holds {
                missed.push(format!("{}: {what}", row.name));
            }
        };
        require(row.ratio >= RATIO_TARGET, format!("ratio {:.3}, wanted {RATIO_TARGET}", row.ratio));
        require(own.errors + bare.errors == 0, format!("{} answers were no 200", own.errors + bare.errors));
    }
    println!("\nCreateKey, each commit durable:");
    for Commits { connections, run } in &figures.commits {
        println!(
            "{connections:>3} connections {:>9.0} /s, p50 {} us, p99 {} us, CPU {:.1} us, errors {}",
            run.per_second, run.p50_us, run.p99_us, run.cpu_us, run.errors
        );
    }
    if let Some(large) = &figures.large {
        println!(
            "\n{} keys: ready in {:.0} ms ({:.0}..{:.0}), RSS {:.0} MB (peak {:.0}), after load {:.0} MB, disk {:.0} MB, \
             filled at {:.0} keys/s",
            large.keys,
            large.ready_ms.median,
            large.ready_ms.min,
            large.ready_ms.max,
            large.memory.rss_mb,
            large.memory.peak_mb,
            large.memory_after_load.rss_mb,
            large.disk_mb,
            large.filled_per_second
        );
        if large.ready_ms.median > READY_MS_TARGET {
            missed.push(format!("ready after {:.0} ms, wanted {READY_MS_TARGET}", large.ready_ms.median));
        }
        if large.memory.peak_mb.max(large.memory_after_load.rss_mb) > RSS_MB_TARGET {
            missed.push(format!("{:.0} MB of memory, wanted {RSS_MB_TARGET}", large.memory.peak_mb));
        }
    }
    println!("\nCPU time of the parts, ns:");
    for (name, ns) in &figures.primitives {
        println!("{ns:>9.0}  {name}");
    }
    println!("\nload average at the end: {}", load_average());
    missed
}

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::parse();
    if arguments.quick {
        (arguments.rounds, arguments.seconds, arguments.warm_up) = (1, 1.0, 0.3);
        arguments.keys = arguments.keys.min(1000);
    }
    if arguments.data.exists() && fs::read_dir(&arguments.data)?.next().is_some() {
        return Err(format!("{} is not empty", arguments.data.display()).into());
    }
    fs::create_dir_all(&arguments.data)?;
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    let bench = Bench { arguments, programs };
    let circumstances = bench.circumstances();
    let operations = bench.operations()?;
    let commits = bench.commits()?;
    let large = if bench.arguments.keys > 0 { Some(bench.large()?) } else { None };
    let figures = Figures { circumstances, operations, commits, large, primitives: bench.primitives()? };
    let missed = print(&figures);
    fs::write(&bench.arguments.output, serde_json::to_vec_pretty(&figures)?)?;
    println!("\nfigures: {}", bench.arguments.output.display());
    for target in &missed {
        println!("MISSED: {target}");
    }
    if bench.arguments.check && !missed.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}
