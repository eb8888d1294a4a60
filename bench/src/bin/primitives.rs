//! The parts of a request by themselves, in nanoseconds of CPU time per call: the library's primitives, Kagiban's pure
//! steps, and the whole service without a network (a test world: store in memory, standing clock, seeded randomness).
//! With the bare server's cost they tell where a request's time goes.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kagiban_api::{DecryptRequest, DescribeKeyRequest, EncryptRequest, GenerateDataKeyRequest, decode};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyMaterialId, RequestId};
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::request::{Call, REGION};
use kagiban_identity::sigv4::{self, Expected, Scope, SigningKey};
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::symmetric::{self, KeyIdentity};
use kagiban_service::RawRequest;
use kagiban_testkit::World;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Calls per sample and samples per figure; the figure is the smallest sample's.
const CALLS: u32 = 2_000;
const SAMPLES: u32 = 25;
/// Requests made ahead of a sample of the whole service.
const REQUESTS: u32 = 64;

type Figures = BTreeMap<String, f64>;

fn thread_ns() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// Nanoseconds of one call.
fn measure<T>(mut call: impl FnMut() -> T) -> f64 {
    let sample = |_| {
        let start = thread_ns();
        for _ in 0..CALLS {
            black_box(call());
        }
        (thread_ns() - start) / f64::from(CALLS)
    };
    (0..SAMPLES).map(sample).fold(f64::INFINITY, f64::min)
}

fn library(figures: &mut Figures) -> Result<(), Failure> {
    let (key, message) = ([7; 32], [1; 300]);
    let prepared = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?);
    let mut out = [0; 64];
    let mut seal = |key: &LessSafeKey| {
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        key.seal_in_place_separate_tag(nonce, Aad::from(&message), &mut out)
    };
    figures.insert("library: AES-256-GCM seal, 64 B".into(), measure(|| seal(&prepared)));
    let with_setup = || UnboundKey::new(&AES_256_GCM, &key).map(|key| seal(&LessSafeKey::new(key)));
    figures.insert("library: AES-256-GCM seal, 64 B, with key setup".into(), measure(with_setup));
    let prepared = hmac::Key::new(hmac::HMAC_SHA256, &key);
    figures.insert("library: HMAC-SHA-256, 300 B".into(), measure(|| hmac::sign(&prepared, &message)));
    let with_setup = || hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &message);
    figures.insert("library: HMAC-SHA-256, 300 B, with key setup".into(), measure(with_setup));
    figures.insert("library: SHA-256, 300 B".into(), measure(|| digest::digest(&digest::SHA256, &message)));
    let mut random = [0; 32];
    figures.insert("system: 32 random bytes".into(), measure(|| OsRandom.fill_secret(&mut random)));
    figures.insert("system: clock".into(), measure(|| SystemClock.now()));
    Ok(())
}

fn keycore(figures: &mut Figures) -> Result<(), Failure> {
    let material = SymmetricMaterial::generate(&OsRandom)?;
    let arn: KeyArn = format!("arn:aws:kms:{REGION}:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab").parse()?;
    let identity = KeyIdentity { arn, key_material_id: KeyMaterialId::generate(&OsRandom)? };
    let pairs = BTreeMap::from([("purpose".to_owned(), "bench".to_owned()), ("tenant".to_owned(), "t-1".to_owned())]);
    let context = CanonicalContext::new(&pairs)?;
    let plaintext = [5; 64];
    let blob = symmetric::seal(&material, &identity, &context, &plaintext, &OsRandom)?;
    let seal = || symmetric::seal(&material, &identity, &context, &plaintext, &OsRandom);
    figures.insert("keycore: seal, 64 B".into(), measure(seal));
    figures.insert("keycore: open, 64 B".into(), measure(|| symmetric::open(&material, &identity, &context, &blob)));
    Ok(())
}

fn identity(figures: &mut Figures, call: &Call) -> Result<(), Failure> {
    let now = SystemClock.now();
    let request = call.signed(SocketAddr::from(([127, 0, 0, 1], 4599)), now)?;
    let scope = Scope::new(now, REGION.parse()?, "kms").ok_or("no scope")?;
    let key = SigningKey::derive(&SecretBytes::from_slice(b"test"), &scope);
    let verify = || {
        let checked = sigv4::parse(&request)?.check(&Expected { service: "kms", now })?;
        checked.verify(request.body(), &key)
    };
    verify()?;
    figures.insert("identity: parse, check and verify a signature".into(), measure(verify));
    Ok(())
}

fn api(figures: &mut Figures, calls: &[Call]) -> Result<(), Failure> {
    for call in calls {
        let body = call.body.as_slice();
        let ns = match call.operation.as_str() {
            "Decrypt" => measure(|| decode::<DecryptRequest>(body).is_ok()),
            "DescribeKey" => measure(|| decode::<DescribeKeyRequest>(body).is_ok()),
            "Encrypt" => measure(|| decode::<EncryptRequest>(body).is_ok()),
            "GenerateDataKey" => measure(|| decode::<GenerateDataKeyRequest>(body).is_ok()),
            other => return Err(format!("no decoder for {other}").into()),
        };
        figures.insert(format!("api: decode {}", call.operation), ns);
    }
    Ok(())
}

const ACCOUNT: &str = "000000000000";

async fn ask(world: &World, operation: &str, input: Value) -> Result<Value, Failure> {
    let answer = world.client(ACCOUNT, REGION).call(operation, input).await;
    answer.map_err(|error| format!("{operation}: {error:?}").into())
}

/// The four operations, with a key and a ciphertext of this service.
async fn calls(world: &World) -> Result<Vec<Call>, Failure> {
    let created = ask(world, "CreateKey", json!({})).await?;
    let arn = &created["KeyMetadata"]["Arn"];
    let context = json!({ "purpose": "bench", "tenant": "t-0001" });
    let input = json!({ "KeyId": arn, "KeySpec": "AES_256", "EncryptionContext": context });
    let blob = &ask(world, "GenerateDataKey", input.clone()).await?["CiphertextBlob"];
    let plaintext = STANDARD.encode([5; 64]);
    let calls = [
        ("Decrypt", json!({ "CiphertextBlob": blob, "EncryptionContext": context })),
        ("DescribeKey", json!({ "KeyId": arn })),
        ("Encrypt", json!({ "KeyId": arn, "Plaintext": plaintext, "EncryptionContext": context })),
        ("GenerateDataKey", input),
    ];
    let call = |(operation, input): (&str, Value)| Call {
        operation: operation.to_owned(),
        body: input.to_string().into_bytes(),
        ..Call::default()
    };
    Ok(calls.into_iter().map(call).collect())
}

/// Nanoseconds of one call through the only door, the request's memory given back included.
async fn whole(world: &World, call: &Call) -> Result<f64, Failure> {
    let client = world.client(ACCOUNT, REGION);
    let request_id = RequestId::generate(&OsRandom)?;
    let (peer, secure_transport) = (IpAddr::V4(Ipv4Addr::LOCALHOST), false);
    let raw = || {
        let signed = client.signed(&format!("TrentService.{}", call.operation), Bytes::from(call.body.clone()));
        let (head, body) = signed.into_parts();
        RawRequest { request_id, head, body, peer, secure_transport, tls: None }
    };
    let mut best = f64::INFINITY;
    for _ in 0..SAMPLES * 8 {
        let requests: Vec<RawRequest> = (0..REQUESTS).map(|_| raw()).collect();
        let start = thread_ns();
        for request in requests {
            let answer = world.service.call(request).await;
            if !answer.status.is_success() {
                return Err(format!("{}: {}", call.operation, String::from_utf8_lossy(&answer.body)).into());
            }
        }
        best = best.min((thread_ns() - start) / f64::from(REQUESTS));
    }
    Ok(best)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut figures = Figures::new();
    library(&mut figures)?;
    keycore(&mut figures)?;
    let world = World::new().await;
    let calls = calls(&world).await?;
    world.journal().keep_none();
    let encrypt = calls.iter().find(|call| call.operation == "Encrypt").ok_or("no Encrypt")?;
    identity(&mut figures, encrypt)?;
    api(&mut figures, &calls)?;
    for call in &calls {
        figures.insert(format!("service: {}", call.operation), whole(&world, call).await?);
    }
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}
