//! What TLS costs: Encrypt over kept connections with TLS 1.3 beside the same in the clear, CPU time of an answer, in turns. The server
//! is the same program on the same store; handshakes are made before anything is counted.

use std::path::{Path, PathBuf};

use clap::Parser;
use kagiban_bench::Failure;
use kagiban_bench::figures::{Run, Spread};
use kagiban_bench::process::load_average;
use kagiban_bench::request::Call;
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, ask, pinned, start_kagiban};
use kagiban_bench::tls::write_certificate;
use serde_json::{Value, json};

/// Measures Encrypt over TLS and in the clear.
#[derive(Parser)]
struct Arguments {
    /// The product's program.
    #[arg(long)]
    kagiban: PathBuf,
    /// An empty or absent directory for everything that is stored. It is left behind.
    #[arg(long)]
    data: PathBuf,
    /// Rounds of the comparison.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each run.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    std::fs::create_dir_all(&arguments.data)?;
    let (store, certificate, key) =
        (arguments.data.join("store"), arguments.data.join("certificate.pem"), arguments.data.join("key.pem"));
    write_certificate(&certificate, &key)?;
    let load = Load { programs: &programs, data: &arguments.data, core: Some(LOAD_CORE) };
    println!("load average at the start: {}", load_average());
    let mut plain = start_kagiban(&arguments.kagiban, &store, Some(SERVER_CORE))?;
    let call = encrypt(&ask(plain.address, "CreateKey", &json!({}))?)?;
    plain.stop()?;
    let mut rounds = Vec::new();
    for round in 0..arguments.rounds {
        let mut cpu_us = [0.0; 2];
        for side in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (mut server, options) = match side {
                0 => (start_kagiban(&arguments.kagiban, &store, Some(SERVER_CORE))?, Vec::new()),
                _ => (
                    serve_tls(&arguments.kagiban, &store, [&certificate, &key])?,
                    vec![("--tls-certificate", certificate.display().to_string())],
                ),
            };
            cpu_us[side] = measured(&load, &server, &call, options, arguments.seconds)?.cpu_us;
            server.stop()?;
        }
        println!(
            "round {}: in the clear {:.2} us, TLS {:.2} us, load {}",
            round + 1,
            cpu_us[0],
            cpu_us[1],
            load_average()
        );
        rounds.push(cpu_us);
    }
    let least = |side: usize| rounds.iter().fold(f64::MAX, |least, round| least.min(round[side]));
    let Spread { min, median, max } = Spread::of(rounds.iter().map(|[plain, tls]| tls - plain));
    let (plain, tls) = (least(0), least(1));
    println!(
        "Encrypt, least: in the clear {plain:.2} us, TLS {tls:.2} us; TLS costs {median:.2} us an answer ({min:.2} to {max:.2})"
    );
    Ok(())
}

fn encrypt(created: &Value) -> Result<Call, Failure> {
    let key = created["KeyMetadata"]["Arn"].as_str().ok_or("no key")?;
    let body = json!({"KeyId": key, "Plaintext": "aGVsbG8="}).to_string().into_bytes();
    Ok(Call { operation: "Encrypt".to_owned(), body, ..Call::default() })
}

/// It is not asked whether it is ready: by the end of the warm-up it is.
fn serve_tls(program: &Path, data: &Path, [certificate, key]: [&Path; 2]) -> Result<Started, Failure> {
    let mut command = pinned(Some(SERVER_CORE), program);
    command.args(["serve", "--dev", "--listen", "127.0.0.1:0", "--data"]).arg(data).env_remove("RUST_LOG");
    command.arg("--tls-certificate").arg(certificate).arg("--tls-key").arg(key);
    command.stderr(std::fs::File::create(data.with_extension("tls.log"))?);
    Started::new(&mut command)
}

fn measured(
    load: &Load<'_>,
    server: &Started,
    call: &Call,
    mut options: Vec<(&'static str, String)>,
    seconds: f64,
) -> Result<Run, Failure> {
    options.push(("--seconds", seconds.to_string()));
    let run = load.run(server, call, &options)?;
    match run.errors {
        0 => Ok(run),
        errors => Err(format!("{errors} requests failed").into()),
    }
}
