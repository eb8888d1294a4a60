//! What the audit costs a Decrypt: without a record, with the degree `journal` and with `strict`, three servers in turns; and
//! what one append costs by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use kagiban_audit::journal::segment::SegmentFile;
use kagiban_audit::journal::{Degree, Journal, Options};
use kagiban_audit::{Record, RecordKind, Recorder as _};
use kagiban_base::id::RequestId;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Timestamp;
use kagiban_bench::Failure;
use kagiban_bench::figures::{Run, Spread};
use kagiban_bench::process::load_average;
use kagiban_bench::request::Call;
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, ask, start_kagiban_with};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Each server's name, its options, and the share of the first one's requests per second that it is to reach.
const SERVERS: [(&str, &[&str], f64); 3] = [
    ("without", &["--measure-without-audit"], 0.0),
    ("journal", &[], 0.9),
    ("strict", &["--audit-degree", "strict"], 0.5),
];

/// Measures a Decrypt with and without its audit record.
#[derive(Parser)]
struct Arguments {
    /// Kagiban's release build.
    #[arg(long)]
    kagiban: PathBuf,
    /// Rounds; the servers take turns in each.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Measured seconds of each run.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Connections of the load generator.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Records of the measurement of one append.
    #[arg(long, default_value_t = 1_000_000)]
    appends: u32,
    /// Ends with status 1 when a target is missed.
    #[arg(long)]
    check: bool,
    /// An empty or absent directory for the stores. It is left behind.
    #[arg(long)]
    data: PathBuf,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.data)?;
    let is_met = servers(&arguments)?;
    let ns = append_ns(&arguments)?;
    println!(
        "one append by itself: {ns:.0} ns of CPU time (a Decrypt's record: encoded, checked, copied to the journal)"
    );
    if arguments.check && !is_met {
        std::process::exit(1);
    }
    Ok(())
}

/// Compares the servers; whether the targets are met.
fn servers(arguments: &Arguments) -> Result<bool, Failure> {
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    let mut running: Vec<(Started, Call)> = Vec::new();
    for (name, options, _) in SERVERS {
        let server = start_kagiban_with(&arguments.kagiban, &arguments.data.join(name), Some(SERVER_CORE), options)?;
        let call = decrypt(&server)?;
        running.push((server, call));
    }
    let load = Load { programs: &programs, data: &arguments.data, core: Some(LOAD_CORE) };
    let options = [("--seconds", arguments.seconds.to_string()), ("--connections", arguments.connections.to_string())];
    let mut runs: [Vec<Run>; 3] = Default::default();
    println!("load average at the start: {}", load_average());
    for round in 0..arguments.rounds {
        // Who comes first changes from round to round.
        for turn in 0..SERVERS.len() {
            let which = (turn + round) % SERVERS.len();
            let (server, call) = &running[which];
            runs[which].push(load.run(server, call, &options)?);
        }
        let texts = [0, 1, 2].map(|which| {
            let run = runs[which].last().expect("it has just run");
            format!("{} {:.0}/s {:.2} us p99 {:.0} us", SERVERS[which].0, run.per_second, run.cpu_us, run.p99_us)
        });
        println!("round {}: {}; load {}", round + 1, texts.join(", "), load_average());
    }
    let is_met = report(&runs);
    drop(running);
    let (bytes, records) = journal_bytes(&arguments.data.join("journal/audit/journal"))?;
    println!("bytes of a raw record with its frame: {:.0} ({records} records looked at)", bytes / records as f64);
    Ok(is_met)
}

fn report(runs: &[Vec<Run>; 3]) -> bool {
    let mut is_met = true;
    for (which, (name, _, target)) in SERVERS.iter().enumerate() {
        // In pairs of one round: what else the machine did was nearly the same for both.
        let pairs = || runs[which].iter().zip(&runs[0]);
        let rate = Spread::of(pairs().map(|(run, without)| run.per_second / without.per_second));
        let cpu = Spread::of(runs[which].iter().map(|run| run.cpu_us));
        let without = Spread::of(runs[0].iter().map(|run| run.cpu_us));
        let errors: u64 = runs[which].iter().map(|run| run.errors).sum();
        println!(
            "{name}: requests per second {:.3} of those without (median; {:.3} to {:.3}; target {target}), CPU per answer \
             {:.2} us at least, share {:.3}; errors {errors}",
            rate.median,
            rate.min,
            rate.max,
            cpu.min,
            without.min / cpu.min,
        );
        is_met &= rate.median >= *target && errors == 0;
    }
    is_met
}

fn decrypt(server: &Started) -> Result<Call, Failure> {
    let key = ask(server.address, "CreateKey", &json!({}))?;
    let context = json!({ "department": "payments", "purpose": "bench", "tenant": "tenant-00000001" });
    let plaintext = STANDARD.encode([5; 32]);
    let input = json!({ "KeyId": key["KeyMetadata"]["Arn"], "Plaintext": plaintext, "EncryptionContext": context });
    let blob = &ask(server.address, "Encrypt", &input)?["CiphertextBlob"];
    let body = json!({ "CiphertextBlob": blob, "EncryptionContext": context }).to_string().into_bytes();
    Ok(Call { operation: "Decrypt".to_owned(), body, ..Call::default() })
}

/// Bytes and number of the records of the longest segment.
fn journal_bytes(directory: &Path) -> Result<(f64, usize), Failure> {
    let mut longest = (0.0, 0);
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let Ok(file) = SegmentFile::read(&path) else { continue };
        let mut records = file.records();
        let count = records.by_ref().count();
        if count > longest.1 {
            longest = (records.bytes_read() as f64, count);
        }
    }
    Ok(longest)
}

/// Nanoseconds of CPU time of the calling thread for one append of what a Decrypt leaves.
fn append_ns(arguments: &Arguments) -> Result<f64, Failure> {
    let directory = arguments.data.join("append");
    let options = Options { degree: Degree::Journal, ..Options::new(directory) };
    let journal = Journal::open(options, Arc::new(SystemClock), &OsRandom)?;
    let number = RequestId::generate(&OsRandom)?;
    let record = Record {
        kind: RecordKind::ApiCall,
        read_only: true,
        event_source: "kms.amazonaws.com",
        event_name: "Decrypt",
        identity: r#"{"type":"Root","principalId":"000000000000","arn":"arn:aws:iam::000000000000:root","accountId":"000000000000","accessKeyId":"test"}"#,
        principal: "arn:aws:iam::000000000000:root",
        principal_id: "000000000000",
        access_key_id: "test",
        source_address: "127.0.0.1",
        user_agent: "Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux lang/python#3.12",
        request_parameters: r#"{"encryptionContext":{"department":"payments","purpose":"bench","tenant":"tenant-00000001"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
        additional_event_data: r#"{"keyMaterialId":"1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef"}"#,
        resources: "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ..Record::new(Timestamp::from_unix_ms(1_787_300_000_123), number, "000000000000".parse()?, "us-east-1")
    };
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let begin = thread_cpu_time();
        for _ in 0..arguments.appends / 5 {
            journal.append(&record)?;
        }
        least = least.min(thread_cpu_time().saturating_sub(begin));
    }
    Ok(least.as_nanos() as f64 / f64::from(arguments.appends / 5))
}

fn thread_cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.try_into().unwrap_or_default())
}
