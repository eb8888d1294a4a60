//! What a store in etcd costs and bears: cryptography beside the embedded store and with more nodes, rates of changes, and how long
//! clients wait when etcd's leader or a node dies, and how long a node starts on many keys.
//!
//! Members, nodes and load share this machine's two cores: rates of changes and waits are what it does, and not what three
//! machines would. The node that is measured has a core of its own but for the members and the other nodes, which are idle.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::etcd::Cluster;
use kagiban_bench::figures::{Run, Spread};
use kagiban_bench::http1::{Answer, exchange};
use kagiban_bench::process::{CpuTime, load_average};
use kagiban_bench::request::{Call, Credentials};
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, answer, pinned, wait_until_ready};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const NODES: usize = 3;
const ACCOUNT: &str = "111122223333";
/// Keys that grants are made on, in turns.
const KEYS: usize = 256;
/// What is compared, and the input besides the key; a Decrypt's is the answer of an Encrypt.
const COMPARED: [&str; 4] = ["Encrypt", "Decrypt", "GenerateDataKey", "Sign"];
const TARGET: f64 = 0.95;
/// Starts of a node on a store with many keys.
const STARTS: usize = 3;
/// Between two requests of a client that measures how long it waits.
const PACE: Duration = Duration::from_millis(2);
/// When something dies, and when the client has seen enough.
const BEFORE: Duration = Duration::from_secs(1);
const AFTER: Duration = Duration::from_secs(5);

/// Measures several nodes on etcd.
#[derive(Parser)]
struct Arguments {
    /// The product's program.
    #[arg(long)]
    kagiban: PathBuf,
    /// An etcd server.
    #[arg(long)]
    etcd: PathBuf,
    /// An empty or absent directory for everything that is stored. It is left behind.
    #[arg(long)]
    data: PathBuf,
    /// Rounds of the comparison, and deaths of each kind.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each run.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Keys of the store on which a node is started.
    #[arg(long, default_value_t = 100_000)]
    keys: u64,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    std::fs::create_dir_all(&arguments.data)?;
    let mut cluster = Cluster::start(&arguments.etcd, &arguments.data)?;
    println!("load average at the start: {}", load_average());
    compare(&arguments, &programs, &cluster)?;
    let deployment = Deployment::init(&arguments, cluster.store("three"), "three-0")?;
    more_nodes(&deployment, &programs)?;
    let mut nodes =
        (0..NODES).map(|number| deployment.node(&format!("three-{number}"), None)).collect::<Result<Vec<_>, _>>()?;
    rates(&deployment, &programs, &cluster, &nodes)?;
    fail_over(&deployment, &mut cluster, &mut nodes)?;
    nodes.iter_mut().try_for_each(Started::stop)?;
    start_with_keys(&arguments, &programs, &cluster)
}

/// A deployment: where its store is, and its first access key.
struct Deployment<'a> {
    arguments: &'a Arguments,
    store: String,
    root_key: PathBuf,
    credentials: Credentials,
}

impl<'a> Deployment<'a> {
    fn init(arguments: &'a Arguments, store: String, name: &str) -> Result<Self, Failure> {
        let data = arguments.data.join(name);
        let mut command = Command::new(&arguments.kagiban);
        command.args(["init", "--account", ACCOUNT, "--store", &store, "--data"]).arg(&data);
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("kagiban init: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        let text = String::from_utf8(output.stdout)?;
        let exported = |name: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(&format!("export {name}=")));
            line.map(|value| value.trim_matches('\'').to_owned()).ok_or("no access key")
        };
        let credentials =
            Credentials { id: exported("AWS_ACCESS_KEY_ID")?, secret: exported("AWS_SECRET_ACCESS_KEY")? };
        Ok(Self { arguments, store, root_key: data.join("root.key"), credentials })
    }

    fn node(&self, name: &str, core: Option<&str>) -> Result<Started, Failure> {
        let data = self.arguments.data.join(name);
        let mut command = pinned(core, &self.arguments.kagiban);
        command.args(["serve", "--listen", "127.0.0.1:0", "--store", &self.store, "--root-key"]);
        command.arg(format!("file:{}", self.root_key.display())).arg("--data").arg(&data);
        command.stderr(std::fs::File::create(data.with_extension("log"))?);
        let server = Started::new(&mut command)?;
        wait_until_ready(server.address)?;
        Ok(server)
    }

    fn call(&self, operation: &str, input: &Value) -> Call {
        let body = input.to_string().into_bytes();
        Call { operation: operation.to_owned(), body, credentials: self.credentials.clone() }
    }

    /// Of a run that counts from its first request on.
    fn options(&self, connections: usize) -> [(&'static str, String); 3] {
        let seconds = self.arguments.seconds.to_string();
        [("--connections", connections.to_string()), ("--seconds", seconds), ("--warm-up", "0".to_owned())]
    }

    /// What an operation answers.
    fn ask(&self, address: SocketAddr, operation: &str, input: &Value) -> Result<Value, Failure> {
        let bytes = answer(address, &self.call(operation, input))?;
        let head_len = Answer::read(&bytes)?.ok_or("no answer")?.head_len;
        Ok(serde_json::from_slice(&bytes[head_len..])?)
    }

    fn new_key(&self, address: SocketAddr, input: &Value) -> Result<String, Failure> {
        let created = self.ask(address, "CreateKey", input)?;
        Ok(created["KeyMetadata"]["Arn"].as_str().ok_or("no key")?.to_owned())
    }

    /// A call of a cryptographic operation with a new key.
    fn cryptographic(&self, address: SocketAddr, operation: &str) -> Result<Call, Failure> {
        let spec = match operation {
            "Sign" => json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
            _ => json!({}),
        };
        let key = self.new_key(address, &spec)?;
        let encrypt = json!({"KeyId": key, "Plaintext": "aGVsbG8="});
        let input = match operation {
            "Decrypt" => json!({"CiphertextBlob": self.ask(address, "Encrypt", &encrypt)?["CiphertextBlob"]}),
            "GenerateDataKey" => json!({"KeyId": key, "KeySpec": "AES_256"}),
            "Sign" => json!({"KeyId": key, "Message": "aGVsbG8=", "SigningAlgorithm": "ECDSA_SHA_256"}),
            _ => encrypt,
        };
        Ok(self.call(operation, &input))
    }
}

/// Cryptographic operations on a node with etcd beside one with the embedded store, CPU time of an answer.
fn compare(arguments: &Arguments, programs: &Path, cluster: &Cluster) -> Result<(), Failure> {
    let embedded = Deployment::init(arguments, "embedded".to_owned(), "embedded")?;
    let shared = Deployment::init(arguments, cluster.store("one"), "one-0")?;
    let load = Load { programs, data: &arguments.data, core: Some(LOAD_CORE) };
    let mut rounds = Vec::new();
    for round in 0..arguments.rounds {
        let sides = [(&embedded, "embedded"), (&shared, "one-0")];
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        let mut cpu_us = [[0.0; COMPARED.len()]; 2];
        for side in order {
            let (deployment, name) = sides[side];
            let mut server = deployment.node(name, Some(SERVER_CORE))?;
            for (operation, cpu_us) in COMPARED.iter().zip(&mut cpu_us[side]) {
                *cpu_us = busy(deployment, &load, &server, operation)?.cpu_us;
            }
            server.stop()?;
        }
        println!(
            "round {}: embedded {:.2?} us, etcd {:.2?} us, load {}",
            round + 1,
            cpu_us[0],
            cpu_us[1],
            load_average()
        );
        rounds.push(cpu_us);
    }
    for (at, operation) in COMPARED.iter().enumerate() {
        let least = |side: usize| rounds.iter().fold(f64::MAX, |least, round| least.min(round[side][at]));
        let Spread { min, max, .. } = Spread::of(rounds.iter().map(|round| round[0][at] / round[1][at]));
        let (embedded, etcd) = (least(0), least(1));
        println!(
            "{operation}, least: embedded {embedded:.2} us, etcd {etcd:.2} us: {:.3} (rounds {min:.2} to {max:.2}; target {TARGET})",
            embedded / etcd
        );
    }
    Ok(())
}

/// An operation with a new key, until the time of a run is over; every request must succeed.
fn busy(deployment: &Deployment<'_>, load: &Load<'_>, server: &Started, operation: &str) -> Result<Run, Failure> {
    let call = deployment.cryptographic(server.address, operation)?;
    let seconds = deployment.arguments.seconds.to_string();
    let run = load.run(server, &call, &[("--seconds", seconds), ("--warm-up", "0.5".to_owned())])?;
    match run.errors {
        0 => Ok(run),
        errors => Err(format!("{errors} requests failed").into()),
    }
}

/// Makes keys through one node, and starts others that have an empty data directory.
fn start_with_keys(arguments: &Arguments, programs: &Path, cluster: &Cluster) -> Result<(), Failure> {
    let deployment = Deployment::init(arguments, cluster.store("many"), "many-0")?;
    let mut first = deployment.node("many-0", None)?;
    let load = Load { programs, data: &arguments.data, core: None };
    let filled = [("--connections", "64"), ("--seconds", "1200"), ("--warm-up", "0")].map(|(n, v)| (n, v.to_owned()));
    let count = ("--answers", arguments.keys.to_string());
    let call = deployment.call("CreateKey", &json!({}));
    let run = load.run(&first, &call, &[filled.as_slice(), &[count]].concat())?;
    println!("{} keys made at {:.0} per second, {} refused", run.answers, run.per_second, run.errors);
    let mut ready = Vec::new();
    for number in 1..=STARTS {
        let began = Instant::now();
        let mut node = deployment.node(&format!("many-{number}"), None)?;
        ready.push(began.elapsed().as_secs_f64() * 1e3);
        node.stop()?;
    }
    first.stop()?;
    let Spread { min, median, max } = Spread::of(ready);
    println!(
        "start of a further node with {} keys: {median:.0} ms until it is ready ({min:.0} to {max:.0}), {:.1} us a key; load {}",
        run.answers,
        median * 1e3 / run.answers as f64,
        load_average()
    );
    Ok(())
}

/// Starts one node after the other; with each, what an answer of the first one costs, and what the last one costs that nobody asks.
fn more_nodes(deployment: &Deployment<'_>, programs: &Path) -> Result<(), Failure> {
    let load = Load { programs, data: &deployment.arguments.data, core: Some(LOAD_CORE) };
    let mut nodes: Vec<Started> = Vec::new();
    for number in 0..NODES {
        nodes.push(deployment.node(&format!("three-{number}"), Some(SERVER_CORE))?);
        let rounds = deployment.arguments.rounds.min(3);
        let mut runs = (0..rounds).map(|_| busy(deployment, &load, &nodes[0], "Encrypt"));
        let least = runs.try_fold(f64::MAX, |least, run| run.map(|run| least.min(run.cpu_us)))?;
        let idle = idle_ms(&nodes[number])?;
        println!(
            "Encrypt with {} nodes: {least:.2} us least; a node that nobody asks: {idle:.1} ms of CPU time a second; load {}",
            number + 1,
            load_average()
        );
    }
    nodes.iter_mut().try_for_each(Started::stop)
}

/// Milliseconds of CPU time that a node takes in a second in which nobody asks it anything.
fn idle_ms(server: &Started) -> Result<f64, Failure> {
    let (before, began) = (CpuTime::of(server.pid())?, Instant::now());
    thread::sleep(Duration::from_secs(2));
    let ns = CpuTime::of(server.pid())?.since(&before);
    Ok(ns as f64 / 1e6 / began.elapsed().as_secs_f64())
}

/// CreateKey and CreateGrant through one of the nodes, and what etcd holds for each of what they made.
fn rates(deployment: &Deployment<'_>, programs: &Path, cluster: &Cluster, nodes: &[Started]) -> Result<(), Failure> {
    let load = Load { programs, data: &deployment.arguments.data, core: None };
    let server = nodes.first().ok_or("no node")?;
    for call in [deployment.call("CreateKey", &json!({})), grants(deployment, server)?] {
        let (before, mut answers) = (cluster.bytes_in_use()?, 0);
        for connections in [1, 16, 64] {
            let run = load.run(server, &call, &deployment.options(connections))?;
            answers += run.answers;
            println!(
                "{}, {connections} connections: {:.0} per second, p50 {:.1} ms, p99 {:.1} ms, {} refused; load {}",
                call.operation,
                run.per_second,
                f64::from(run.p50_us) / 1e3,
                f64::from(run.p99_us) / 1e3,
                run.errors,
                load_average()
            );
        }
        let bytes = (cluster.bytes_in_use()? - before) / answers as f64;
        println!("{}: {bytes:.0} bytes in etcd for each, history included", call.operation);
    }
    Ok(())
}

/// CreateGrant on one key after the other: grants of one key wait for each other.
fn grants(deployment: &Deployment<'_>, server: &Started) -> Result<Call, Failure> {
    let grantee = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut body = Vec::new();
    for _ in 0..KEYS {
        let key = deployment.new_key(server.address, &json!({}))?;
        let grant = json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"]});
        writeln!(body, "{grant}")?;
    }
    body.pop();
    Ok(Call { body, ..deployment.call("CreateGrant", &json!({})) })
}

/// How long a client that sends a call again and again goes without success, to the next node when one fails: at most
/// before something dies, and from then on. Milliseconds.
fn longest_waits(
    nodes: &[SocketAddr],
    call: &Call,
    dies: impl FnOnce() -> Result<(), Failure>,
) -> Result<[f64; 2], Failure> {
    let (mut next, mut longest, mut dies) = (0_usize, [Duration::ZERO; 2], Some(dies));
    let (began, mut succeeded) = (Instant::now(), Instant::now());
    while began.elapsed() < AFTER {
        if began.elapsed() > BEFORE
            && let Some(dies) = dies.take()
        {
            dies()?;
        }
        let address = nodes[next % nodes.len()];
        match exchange(address, &call.wire(address, SystemClock.now())?) {
            Ok((answer, _)) if answer.status == 200 => {
                let wait = &mut longest[usize::from(dies.is_none())];
                *wait = (*wait).max(succeeded.elapsed());
                succeeded = Instant::now();
            }
            _ => next += 1,
        }
        thread::sleep(PACE);
    }
    longest[1] = longest[1].max(succeeded.elapsed());
    Ok(longest.map(|wait| wait.as_secs_f64() * 1e3))
}

/// Kills etcd's leader, and the node that the client speaks to, again and again.
fn fail_over(deployment: &Deployment<'_>, cluster: &mut Cluster, nodes: &mut [Started]) -> Result<(), Failure> {
    let create = deployment.call("CreateKey", &json!({}));
    let encrypt = deployment.cryptographic(nodes[0].address, "Encrypt")?;
    for call in [&create, &encrypt] {
        let leaders = (0..deployment.arguments.rounds).map(|_| leader_dies(cluster, nodes, call));
        tell(call, "etcd's leader was killed", leaders.collect::<Result<_, _>>()?);
        let died = (0..deployment.arguments.rounds).map(|round| node_dies(deployment, nodes, round % NODES, call));
        tell(call, "the node that it spoke to was killed", died.collect::<Result<_, _>>()?);
    }
    Ok(())
}

fn leader_dies(cluster: &mut Cluster, nodes: &[Started], call: &Call) -> Result<[f64; 2], Failure> {
    let leader = cluster.leader()?;
    let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
    let waits = longest_waits(&addresses, call, || cluster.kill(leader))?;
    cluster.restart(leader)?;
    Ok(waits)
}

fn node_dies(
    deployment: &Deployment<'_>,
    nodes: &mut [Started],
    victim: usize,
    call: &Call,
) -> Result<[f64; 2], Failure> {
    let mut addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
    // The client begins with the one that dies.
    addresses.rotate_left(victim);
    let pid = Pid::from_raw(nodes[victim].pid().try_into()?).ok_or("no process")?;
    let waits = longest_waits(&addresses, call, || Ok(kill_process(pid, Signal::KILL)?))?;
    nodes[victim] = deployment.node(&format!("three-{victim}"), None)?;
    Ok(waits)
}

fn tell(call: &Call, happened: &str, waits: Vec<[f64; 2]>) {
    let Spread { min, median, max } = Spread::of(waits.iter().map(|[_, after]| *after));
    let before = Spread::of(waits.iter().map(|[before, _]| *before)).max;
    println!(
        "{}, longest wait of a client when {happened}: {median:.0} ms ({min:.0} to {max:.0}; before, at most {before:.0})",
        call.operation
    );
}
