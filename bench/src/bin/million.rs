//! What many keys cost: stores of a thousand to a million keys, how fast a server starts on them (after a clean stop and after
//! `kill -9`), what memory it takes, and what an answer costs beside the smallest store, in turns in the same run: for one
//! key that is asked for again and again, and for keys that come at random from among all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::figures::{Run, Spread};
use kagiban_bench::process::{CpuTime, Memory, load_average};
use kagiban_bench::request::Call;
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, ask, start_kagiban};
use serde::Serialize;
use serde_json::{Value, json};

/// CPU time of an answer, over that with the smallest store.
const RATIO_TARGET: f64 = 1.2;
/// With the largest store.
const READY_MS_TARGET: f64 = 10_000.0;
const RSS_MB_TARGET: f64 = 1000.0;
/// Connections that fill a store, so that commits are made in groups.
const FILLERS: usize = 256;
/// Different keys that are asked for at random: far more than any cache holds, and signed before the clock runs.
const SAMPLE: usize = 100_000;
/// What a server uses of a core at most when it has nothing left to do behind its answers (archives, compliance).
const RESTING_SHARE: f64 = 0.02;
/// Over how long that is looked at.
const REST_STEP: Duration = Duration::from_millis(500);
/// Longest time that a server may need until it rests.
const REST_PATIENCE: Duration = Duration::from_secs(300);
/// Keys on a page while the ids are fetched, and on a measured page.
const PAGE: usize = 1000;

/// Measures stores with many keys.
#[derive(Parser)]
struct Arguments {
    /// Kagiban's release build.
    #[arg(long)]
    kagiban: PathBuf,
    /// Keys of each store, the smallest first.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000,1000000")]
    keys: Vec<u64>,
    /// Rounds over all operations and stores.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measured seconds of each run.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Starts after a clean stop; one more follows a kill.
    #[arg(long, default_value_t = 3)]
    starts: usize,
    /// Ends with status 1 when a target is missed.
    #[arg(long)]
    check: bool,
    /// Where the stores are made, and left for the next time.
    #[arg(long)]
    data: PathBuf,
    /// The file for the figures.
    #[arg(long)]
    output: PathBuf,
}

/// What is known of one store.
#[derive(Serialize)]
struct Store {
    keys: u64,
    /// CreateKey answers per second; absent when the store was there already.
    filled_per_second: Option<f64>,
    disk_mb: f64,
    ready_ms: Spread,
    ready_ms_after_kill: f64,
    memory: Memory,
    memory_after_load: Option<Memory>,
    /// CPU seconds that went by between the measured runs: archives of what the runs recorded, and compliance.
    behind_cpu_s: f64,
    /// CPU microseconds of an answer, by what is asked.
    cpu_us: BTreeMap<String, Spread>,
    /// The least of it over the least with the smallest store.
    ratio: BTreeMap<String, f64>,
}

#[derive(Serialize)]
struct Figures {
    circumstances: BTreeMap<String, String>,
    stores: Vec<Store>,
}

/// What is asked, with a file of bodies for each store.
struct Case {
    name: &'static str,
    operation: &'static str,
    bodies: fn(&Ids) -> Vec<Value>,
}

/// The keys of a store, or a sample of them, and markers of its pages.
struct Ids {
    arns: Vec<String>,
    markers: Vec<String>,
}

impl Ids {
    /// As many requests for every store: what differs is to be the store, not how much memory the load generator walks through
    /// beside it.
    fn any(&self) -> impl Iterator<Item = &str> {
        self.arns.iter().cycle().take(SAMPLE).map(String::as_str)
    }
}

fn encrypt(arn: &str) -> Value {
    let context = json!({ "department": "payments", "purpose": "bench", "tenant": "tenant-00000001" });
    json!({ "KeyId": arn, "Plaintext": STANDARD.encode([5; 64]), "EncryptionContext": context })
}

const CASES: [Case; 5] = [
    Case {
        name: "DescribeKey, one key",
        operation: "DescribeKey",
        bodies: |ids| ids.arns.iter().take(1).map(|arn| json!({ "KeyId": arn })).collect(),
    },
    Case {
        name: "DescribeKey, any key",
        operation: "DescribeKey",
        bodies: |ids| ids.any().map(|arn| json!({ "KeyId": arn })).collect(),
    },
    Case {
        name: "Encrypt, one key",
        operation: "Encrypt",
        bodies: |ids| ids.arns.iter().take(1).map(|arn| encrypt(arn)).collect(),
    },
    Case { name: "Encrypt, any key", operation: "Encrypt", bodies: |ids| ids.any().map(encrypt).collect() },
    Case {
        name: "ListKeys, any page",
        operation: "ListKeys",
        bodies: |ids| {
            let after = ids.markers.iter().map(|marker| json!({ "Limit": 100, "Marker": marker }));
            after.chain([json!({ "Limit": 100 })]).collect()
        },
    },
];

struct Bench {
    arguments: Arguments,
    programs: PathBuf,
}

impl Bench {
    fn load(&self, server: &Started, call: &Call, options: &[(&str, String)]) -> Result<Run, Failure> {
        let load = Load { programs: &self.programs, data: &self.arguments.data, core: Some(LOAD_CORE) };
        let run = load.run(server, call, options)?;
        if run.errors > 0 {
            return Err(format!("{} answers of {} were errors", run.errors, call.operation).into());
        }
        Ok(run)
    }

    /// Makes the store unless it is there, and starts on it.
    fn store(&self, keys: u64) -> Result<Store, Failure> {
        let data = self.arguments.data.join(format!("keys-{keys}"));
        let filled_per_second = if data.exists() { None } else { Some(self.fill(&data, keys)?) };
        let mut times = Vec::new();
        for _ in 0..self.arguments.starts {
            let (mut server, ready_ms) = self.start(&data)?;
            times.push(ready_ms);
            server.stop()?;
        }
        // Dropping it kills it.
        drop(self.start(&data)?);
        let (mut server, ready_ms_after_kill) = self.start(&data)?;
        let memory = Memory::of(server.pid())?;
        server.stop()?;
        Ok(Store {
            keys,
            filled_per_second,
            disk_mb: size_of(&data)? as f64 / 1e6,
            ready_ms: Spread::of(times),
            ready_ms_after_kill,
            memory,
            memory_after_load: None,
            behind_cpu_s: 0.0,
            cpu_us: BTreeMap::new(),
            ratio: BTreeMap::new(),
        })
    }

    /// CreateKey over many connections: what a group of callers waits for is one commit.
    fn fill(&self, data: &Path, keys: u64) -> Result<f64, Failure> {
        let mut server = start_kagiban(&self.arguments.kagiban, data, None)?;
        let call = Call { operation: "CreateKey".to_owned(), body: b"{}".to_vec(), ..Call::default() };
        let options = [
            ("--connections", FILLERS.to_string()),
            ("--seconds", "7200".to_owned()),
            ("--warm-up", "0".to_owned()),
            ("--answers", keys.to_string()),
        ];
        let run = self.load(&server, &call, &options)?;
        server.stop()?;
        Ok(run.per_second)
    }

    fn start(&self, data: &Path) -> Result<(Started, f64), Failure> {
        let start = Instant::now();
        let server = start_kagiban(&self.arguments.kagiban, data, None)?;
        Ok((server, start.elapsed().as_secs_f64() * 1e3))
    }

    /// All stores at once, each with a server; every case on each of them, in turns.
    fn curve(&self, stores: &mut [Store]) -> Result<(), Failure> {
        let mut servers = Vec::new();
        for store in stores.iter() {
            let data = self.arguments.data.join(format!("keys-{}", store.keys));
            let server = start_kagiban(&self.arguments.kagiban, &data, Some(SERVER_CORE))?;
            let ids = ids(&server)?;
            servers.push((server, ids));
        }
        for case in &CASES {
            let mut figures = vec![Vec::new(); servers.len()];
            for round in 0..self.arguments.rounds {
                for turn in 0..servers.len() {
                    // Who comes first changes from round to round.
                    let which = (turn + round) % servers.len();
                    let (server, ids) = &servers[which];
                    let lines: Vec<String> = (case.bodies)(ids).iter().map(Value::to_string).collect();
                    let body = lines.join("\n").into_bytes();
                    let call = Call { operation: case.operation.to_owned(), body, ..Call::default() };
                    stores[which].behind_cpu_s += rest(server)?;
                    let options = [("--seconds", self.arguments.seconds.to_string()), ("--warm-up", "1".to_owned())];
                    figures[which].push(self.load(server, &call, &options)?.cpu_us);
                }
            }
            let least: Vec<Spread> = figures.into_iter().map(Spread::of).collect();
            for (store, spread) in stores.iter_mut().zip(&least) {
                store.cpu_us.insert(case.name.to_owned(), *spread);
                store.ratio.insert(case.name.to_owned(), spread.min / least[0].min);
            }
            eprintln!("{}: load {}", case.name, load_average());
        }
        for (store, (server, _)) in stores.iter_mut().zip(&servers) {
            store.memory_after_load = Some(Memory::of(server.pid())?);
        }
        Ok(())
    }
}

/// Waits until the server has nothing left to do behind its answers, so that a run pays for its own answers alone: the runs
/// together record more than the journal keeps, and which of them the archiver would meet is chance. Gives the CPU seconds
/// that this took.
fn rest(server: &Started) -> Result<f64, Failure> {
    let first = CpuTime::of(server.pid())?;
    let (mut before, end) = (first.clone(), Instant::now() + REST_PATIENCE);
    loop {
        let start = Instant::now();
        thread::sleep(REST_STEP);
        let now = CpuTime::of(server.pid())?;
        if (now.since(&before) as f64) < start.elapsed().as_nanos() as f64 * RESTING_SHARE {
            return Ok(now.since(&first) as f64 / 1e9);
        }
        if Instant::now() > end {
            return Err("the server does not come to rest".into());
        }
        before = now;
    }
}

/// A sample of the keys in no order of theirs: ids are random, and so is what comes after what.
fn ids(server: &Started) -> Result<Ids, Failure> {
    let (mut arns, mut markers) = (Vec::new(), Vec::new());
    let mut input = json!({ "Limit": PAGE });
    loop {
        let page = ask(server.address, "ListKeys", &input)?;
        let keys = page["Keys"].as_array().ok_or("no keys")?;
        arns.extend(keys.iter().filter_map(|key| key["KeyArn"].as_str().map(str::to_owned)));
        let Some(marker) = page["NextMarker"].as_str() else { break };
        markers.push(marker.to_owned());
        input["Marker"] = marker.into();
    }
    // Keys come by their ids; a step that has no divisor in common with their number shuffles them.
    let step = (1..).map(|n| 618_033 + n).find(|step| common_divisor(*step, arns.len()) == 1).unwrap_or(1);
    let sample = (0..arns.len().min(SAMPLE)).map(|at| arns[at * step % arns.len()].clone()).collect();
    Ok(Ids { arns: sample, markers })
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

fn size_of(directory: &Path) -> Result<u64, Failure> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

/// Prints the figures; tells which targets are missed.
fn print(stores: &[Store]) -> Vec<String> {
    let mut missed = Vec::new();
    println!(
        "{:>9} {:>8} {:>10} {:>11} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "keys", "filled/s", "ready ms", "after kill", "RSS MB", "peak", "loaded", "disk MB", "behind s"
    );
    for store in stores {
        println!(
            "{:>9} {:>8.0} {:>10.0} {:>11.0} {:>8.0} {:>8.0} {:>8.0} {:>8.0} {:>8.1}",
            store.keys,
            store.filled_per_second.unwrap_or(f64::NAN),
            store.ready_ms.median,
            store.ready_ms_after_kill,
            store.memory.rss_mb,
            store.memory.peak_mb,
            store.memory_after_load.map_or(f64::NAN, |memory| memory.rss_mb),
            store.disk_mb,
            store.behind_cpu_s
        );
        let slowest_ms = store.ready_ms.median.max(store.ready_ms_after_kill);
        if slowest_ms > READY_MS_TARGET {
            missed.push(format!("{} keys: ready after {slowest_ms:.0} ms, wanted {READY_MS_TARGET}", store.keys));
        }
        let mb = store.memory_after_load.map_or(0.0, |memory| memory.peak_mb).max(store.memory.peak_mb);
        if mb > RSS_MB_TARGET {
            missed.push(format!("{} keys: {mb:.0} MB, wanted {RSS_MB_TARGET}", store.keys));
        }
    }
    println!("\nCPU us of an answer (least of the rounds), and its ratio to the smallest store:");
    for case in &CASES {
        print!("{:<22}", case.name);
        for store in stores {
            let (us, ratio) = (store.cpu_us[case.name].min, store.ratio[case.name]);
            print!("  {us:>8.2} {ratio:>6.3}");
            if ratio > RATIO_TARGET {
                missed.push(format!("{} keys: {} ratio {ratio:.3}, wanted {RATIO_TARGET}", store.keys, case.name));
            }
        }
        println!();
    }
    missed
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.data)?;
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    let bench = Bench { arguments, programs };
    let mut circumstances = BTreeMap::from([
        ("date".to_owned(), SystemClock.now().to_rfc3339()),
        ("load average at the start".to_owned(), load_average()),
        ("protocol".to_owned(), format!("{} rounds of {} s", bench.arguments.rounds, bench.arguments.seconds)),
    ]);
    let mut stores = bench.arguments.keys.iter().map(|keys| bench.store(*keys)).collect::<Result<Vec<_>, _>>()?;
    bench.curve(&mut stores)?;
    circumstances.insert("load average at the end".to_owned(), load_average());
    for (name, value) in &circumstances {
        println!("{name}: {value}");
    }
    let missed = print(&stores);
    fs::write(&bench.arguments.output, serde_json::to_vec_pretty(&Figures { circumstances, stores })?)?;
    println!("\nfigures: {}", bench.arguments.output.display());
    for target in &missed {
        println!("MISSED: {target}");
    }
    if bench.arguments.check && !missed.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}
