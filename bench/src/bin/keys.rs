//! What the operations of asymmetric and HMAC keys cost through HTTP, beside the same primitive in a bare loop in the same run;
//! and whether Encrypt stays quick while RSA keys are being made.
//!
//! The share reached is (primitive + a bare request) / Kagiban for RSA, ML-DSA, ML-KEM and ECDH, and (primitive + what Encrypt costs)
//! / Kagiban for ECDSA and HMAC, all in CPU time per request.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use kagiban_base::os::OsRandom;
use kagiban_bench::Failure;
use kagiban_bench::figures::Run;
use kagiban_bench::process::load_average;
use kagiban_bench::request::Call;
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, answer, ask, pinned, start_kagiban};
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::message::Message;
use kagiban_keycore::spec::{EncryptionAlgorithm, KeySpec, MacAlgorithm, SigningAlgorithm};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the operations of asymmetric and HMAC keys.
#[derive(Parser)]
struct Arguments {
    /// Kagiban's release build.
    #[arg(long)]
    kagiban: PathBuf,
    /// Measured seconds of each run.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only Encrypt beside key generation, this often.
    #[arg(long, default_value_t = 0)]
    latency_only: usize,
    /// An empty or absent directory for the store.
    #[arg(long)]
    data: PathBuf,
}

/// What an operation is measured against.
#[derive(Clone, Copy)]
enum Beside {
    BareRequest,
    Encrypt,
}

/// One operation on a key.
struct Case {
    name: &'static str,
    spec: &'static str,
    usage: &'static str,
    beside: Beside,
    call: fn(&Value, &KeyMaterial) -> Result<Call, Failure>,
    primitive: fn(&KeyMaterial) -> f64,
}

const MESSAGE: &[u8] = &[7; 64];
/// Rounds of each case.
const ROUNDS: usize = 3;

fn thread_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Microseconds of one call: the median of some samples of some 20 ms each.
fn measure<T>(mut call: impl FnMut() -> T) -> f64 {
    let start = thread_us();
    black_box(call());
    let calls = (20_000.0 / (thread_us() - start)).clamp(1.0, 20_000.0) as u32;
    let sample = |_| {
        let start = thread_us();
        for _ in 0..calls {
            black_box(call());
        }
        (thread_us() - start) / f64::from(calls)
    };
    // The median: some primitives take a different time at each call, which the least sample would hide.
    let mut samples: Vec<f64> = (0..15).map(sample).collect();
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn call(operation: &str, input: &Value) -> Call {
    Call { operation: operation.to_owned(), body: input.to_string().into_bytes(), ..Call::default() }
}

fn sign_call(key: &Value, algorithm: &str) -> Result<Call, Failure> {
    let message = STANDARD.encode(MESSAGE);
    Ok(call("Sign", &json!({ "KeyId": key, "Message": message, "SigningAlgorithm": algorithm })))
}

fn sign(material: &KeyMaterial, algorithm: SigningAlgorithm) -> f64 {
    measure(|| material.sign(algorithm, Message::Raw(MESSAGE), &OsRandom).is_ok())
}

fn verify(material: &KeyMaterial, algorithm: SigningAlgorithm) -> f64 {
    let signature = material.sign(algorithm, Message::Raw(MESSAGE), &OsRandom).unwrap_or_default();
    let key = material.public_key();
    measure(|| key.is_some_and(|key| key.verify(algorithm, Message::Raw(MESSAGE), &signature).is_ok()))
}

const CASES: [Case; 12] = [
    Case {
        name: "Sign RSASSA_PSS_SHA_256",
        spec: "RSA_2048",
        usage: "SIGN_VERIFY",
        beside: Beside::BareRequest,
        call: |key, _| sign_call(key, "RSASSA_PSS_SHA_256"),
        primitive: |material| sign(material, SigningAlgorithm::RsassaPssSha256),
    },
    Case {
        name: "Sign RSASSA_PSS_SHA_256",
        spec: "RSA_4096",
        usage: "SIGN_VERIFY",
        beside: Beside::BareRequest,
        call: |key, _| sign_call(key, "RSASSA_PSS_SHA_256"),
        primitive: |material| sign(material, SigningAlgorithm::RsassaPssSha256),
    },
    Case {
        name: "Sign ML_DSA_SHAKE_256",
        spec: "ML_DSA_65",
        usage: "SIGN_VERIFY",
        beside: Beside::BareRequest,
        call: |key, _| sign_call(key, "ML_DSA_SHAKE_256"),
        primitive: |material| sign(material, SigningAlgorithm::MlDsaShake256),
    },
    Case {
        name: "Sign ECDSA_SHA_256",
        spec: "ECC_NIST_P256",
        usage: "SIGN_VERIFY",
        beside: Beside::Encrypt,
        call: |key, _| sign_call(key, "ECDSA_SHA_256"),
        primitive: |material| sign(material, SigningAlgorithm::EcdsaSha256),
    },
    // The signature is made once the key is known: see `Bench::case`.
    Case {
        name: "Verify ECDSA_SHA_256",
        spec: "ECC_NIST_P256",
        usage: "SIGN_VERIFY",
        beside: Beside::Encrypt,
        call: |key, _| sign_call(key, "ECDSA_SHA_256"),
        primitive: |material| verify(material, SigningAlgorithm::EcdsaSha256),
    },
    Case {
        name: "Verify RSASSA_PSS_SHA_256",
        spec: "RSA_2048",
        usage: "SIGN_VERIFY",
        beside: Beside::Encrypt,
        call: |key, _| sign_call(key, "RSASSA_PSS_SHA_256"),
        primitive: |material| verify(material, SigningAlgorithm::RsassaPssSha256),
    },
    Case {
        name: "Verify ML_DSA_SHAKE_256",
        spec: "ML_DSA_65",
        usage: "SIGN_VERIFY",
        beside: Beside::Encrypt,
        call: |key, _| sign_call(key, "ML_DSA_SHAKE_256"),
        primitive: |material| verify(material, SigningAlgorithm::MlDsaShake256),
    },
    Case {
        name: "GenerateMac HMAC_SHA_256",
        spec: "HMAC_256",
        usage: "GENERATE_VERIFY_MAC",
        beside: Beside::Encrypt,
        call: |key, _| {
            let message = STANDARD.encode(MESSAGE);
            Ok(call("GenerateMac", &json!({ "KeyId": key, "Message": message, "MacAlgorithm": "HMAC_SHA_256" })))
        },
        primitive: |material| measure(|| material.generate_mac(MacAlgorithm::HmacSha256, MESSAGE).is_ok()),
    },
    Case {
        name: "DeriveSharedSecret ECDH",
        spec: "ECC_NIST_P256",
        usage: "KEY_AGREEMENT",
        beside: Beside::Encrypt,
        call: |key, peer| {
            let public_key = STANDARD.encode(peer.public_key().ok_or("no public key")?.spki_der());
            let input = json!({ "KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public_key });
            Ok(call("DeriveSharedSecret", &input))
        },
        primitive: |material| {
            let peer = material.public_key().map(|key| key.spki_der().to_vec()).unwrap_or_default();
            measure(|| material.derive_shared_secret(&peer).is_ok())
        },
    },
    Case {
        name: "Encapsulate",
        spec: "ML_KEM_768",
        usage: "ENCAPSULATE_DECAPSULATE",
        beside: Beside::Encrypt,
        call: |key, _| Ok(call("Encapsulate", &json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" }))),
        primitive: |material| measure(|| material.public_key().is_some_and(|key| key.encapsulate().is_ok())),
    },
    Case {
        name: "Decapsulate",
        spec: "ML_KEM_768",
        usage: "ENCAPSULATE_DECAPSULATE",
        beside: Beside::Encrypt,
        call: |key, _| {
            let ciphertext = STANDARD.encode([3; 1088]);
            let algorithm = "ML_KEM";
            Ok(call(
                "Decapsulate",
                &json!({ "KeyId": key, "EncapsulationAlgorithm": algorithm, "SharedSecretCiphertextBlob": ciphertext }),
            ))
        },
        primitive: |material| measure(|| material.decapsulate(&[3; 1088]).is_ok()),
    },
    Case {
        name: "Decrypt RSAES_OAEP_SHA_256",
        spec: "RSA_2048",
        usage: "ENCRYPT_DECRYPT",
        beside: Beside::BareRequest,
        // The ciphertext is made once the key is known: see `Bench::calls`.
        call: |key, _| {
            Ok(call(
                "Encrypt",
                &json!({ "KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256", "Plaintext": STANDARD.encode(MESSAGE) }),
            ))
        },
        primitive: |material| {
            let algorithm = EncryptionAlgorithm::RsaesOaepSha256;
            let public_key = material.public_key();
            let ciphertext =
                public_key.and_then(|key| key.encrypt(algorithm, MESSAGE, &OsRandom).ok()).unwrap_or_default();
            measure(|| material.decrypt(algorithm, &ciphertext).is_ok())
        },
    },
];

struct Bench {
    arguments: Arguments,
    programs: PathBuf,
}

impl Bench {
    fn load(&self, server: &Started, call: &Call, connections: usize, core: Option<&str>) -> Result<Run, Failure> {
        let load = Load { programs: &self.programs, data: &self.arguments.data, core };
        let options = [("--connections", connections.to_string()), ("--seconds", self.arguments.seconds.to_string())];
        let run = load.run(server, call, &options)?;
        if run.errors > 0 {
            Err(format!("{} answers of {} were errors", run.errors, call.operation).into())
        } else {
            Ok(run)
        }
    }

    /// Microseconds of CPU time per request, of Encrypt and of a bare request that is answered with as much.
    fn standards(&self, server: &Started) -> Result<(f64, f64), Failure> {
        let call = self.encrypt(server)?;
        let own = self.load(server, &call, 32, Some(LOAD_CORE))?;
        let file = self.arguments.data.join("answer");
        fs::write(&file, answer(server.address, &call)?)?;
        let bare = Started::new(pinned(Some(SERVER_CORE), &self.programs.join("bare")).arg("--answer").arg(&file))?;
        let bare = self.load(&bare, &call, 32, Some(LOAD_CORE))?;
        Ok((own.cpu_us, bare.cpu_us))
    }

    fn encrypt(&self, server: &Started) -> Result<Call, Failure> {
        let key = &ask(server.address, "CreateKey", &json!({}))?["KeyMetadata"]["Arn"];
        Ok(call("Encrypt", &json!({ "KeyId": key, "Plaintext": STANDARD.encode(MESSAGE) })))
    }

    fn case(&self, case: &Case, server: &Started, (encrypt_us, bare_us): (f64, f64)) -> Result<(), Failure> {
        let created = ask(server.address, "CreateKey", &json!({ "KeySpec": case.spec, "KeyUsage": case.usage }))?;
        let spec = KeySpec::parse(case.spec).ok_or("no such spec")?;
        let material = KeyMaterial::generate(spec, &OsRandom)?;
        let key = &created["KeyMetadata"]["Arn"];
        let mut request = (case.call)(key, &material)?;
        if case.name.starts_with("Decrypt") {
            let input: Value = serde_json::from_slice(&request.body)?;
            let blob = &ask(server.address, "Encrypt", &input)?["CiphertextBlob"];
            let algorithm = "RSAES_OAEP_SHA_256";
            request =
                call("Decrypt", &json!({ "KeyId": key, "EncryptionAlgorithm": algorithm, "CiphertextBlob": blob }));
        }
        if case.name.starts_with("Verify") {
            let mut input: Value = serde_json::from_slice(&request.body)?;
            input["Signature"] = ask(server.address, "Sign", &input)?["Signature"].clone();
            request = call("Verify", &input);
        }
        // The least of some rounds, for both: what else the machine does can only add.
        let (mut cpu_us, mut primitive_us, mut per_second) = (f64::INFINITY, f64::INFINITY, 0.0_f64);
        for _ in 0..ROUNDS {
            let run = self.load(server, &request, 32, Some(LOAD_CORE))?;
            (cpu_us, per_second) = (cpu_us.min(run.cpu_us), per_second.max(run.per_second));
            primitive_us = primitive_us.min((case.primitive)(&material));
        }
        let beside_us = match case.beside {
            Beside::BareRequest => bare_us,
            Beside::Encrypt => encrypt_us,
        };
        println!(
            "{:<28} {:<14} {:>9.1} {:>9.1} {:>9.1} {:>7.3} {:>9.0}",
            case.name,
            case.spec,
            cpu_us,
            primitive_us,
            beside_us,
            (primitive_us + beside_us) / cpu_us,
            per_second
        );
        Ok(())
    }

    /// The 99th percentile of Encrypt at a moderate load, alone and while RSA 4096 keys are being made without a pause.
    fn beside_key_generation(&self, data: &Path) -> Result<(), Failure> {
        let server = start_kagiban(&self.arguments.kagiban, data, None)?;
        let encrypt = self.encrypt(&server)?;
        let idle = self.load(&server, &encrypt, 4, None)?;
        let enough = AtomicBool::new(false);
        let (busy, made) = std::thread::scope(|scope| -> Result<(Run, u32), Failure> {
            // Two callers that wait for their answers, so that the load generator has a core of its own as before.
            let making = [0, 1].map(|_| scope.spawn(|| make_keys(&server, &enough)));
            let busy = self.load(&server, &encrypt, 4, None);
            enough.store(true, Ordering::Relaxed);
            let mut made = 0;
            for maker in making {
                made += maker.join().map_err(|_| "a thread panicked")??;
            }
            Ok((busy?, made))
        })?;
        println!("RSA_4096 keys made meanwhile: {made}");
        println!(
            "Encrypt, 4 connections: p99 {} us alone, {} us beside RSA_4096 key generation: {:.2} times",
            idle.p99_us,
            busy.p99_us,
            f64::from(busy.p99_us) / f64::from(idle.p99_us)
        );
        Ok(())
    }
}

/// Creates RSA 4096 keys one after the other until it is enough; gives their number.
fn make_keys(server: &Started, enough: &AtomicBool) -> Result<u32, String> {
    let input = json!({ "KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY" });
    let mut made = 0;
    while !enough.load(Ordering::Relaxed) {
        ask(server.address, "CreateKey", &input).map_err(|error| error.to_string())?;
        made += 1;
    }
    Ok(made)
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.data)?;
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    let bench = Bench { arguments, programs };
    println!("load average at the start: {}", load_average());
    if bench.arguments.latency_only > 0 {
        for round in 0..bench.arguments.latency_only {
            bench.beside_key_generation(&bench.arguments.data.join(format!("beside-{round}")))?;
        }
        return Ok(());
    }
    let server = start_kagiban(&bench.arguments.kagiban, &bench.arguments.data.join("keys"), Some(SERVER_CORE))?;
    let standards = bench.standards(&server)?;
    println!("Encrypt {:.2} us, bare request {:.2} us of CPU time\n", standards.0, standards.1);
    println!(
        "{:<28} {:<14} {:>9} {:>9} {:>9} {:>7} {:>9}",
        "", "key spec", "CPU us", "primitive", "beside", "share", "req/s"
    );
    for case in &CASES {
        bench.case(case, &server, standards)?;
    }
    drop(server);
    println!();
    bench.beside_key_generation(&bench.arguments.data.join("beside"))?;
    println!("load average at the end: {}", load_average());
    Ok(())
}
