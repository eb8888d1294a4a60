//! What a key's history costs: a Decrypt under a key that has a thousand materials, beside one under a key with one, in turns
//! in this process. Without sockets, so that the share is that of the work itself.

use std::sync::Arc;

use bytes::Bytes;
use clap::Parser;
use http::Request;
use kagiban_bench::Failure;
use kagiban_bench::figures::Spread;
use kagiban_bench::process::load_average;
use kagiban_testkit::{Client, World};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// The figure with many materials, over that with one.
const RATIO_TARGET: f64 = 1.1;
/// The shortest period of rotation, in milliseconds.
const PERIOD_MS: i64 = 90 * 86_400_000;
const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";

/// Measures a Decrypt under a key with many materials beside one under a key with one.
#[derive(Parser)]
struct Arguments {
    /// Materials of the one key.
    #[arg(long, default_value_t = 1000)]
    materials: usize,
    /// Rounds; the two keys take turns in each.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Measured calls of each turn.
    #[arg(long, default_value_t = 10_000)]
    calls: usize,
    /// Ends with status 1 when the target is missed.
    #[arg(long)]
    check: bool,
}

fn thread_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

async fn ask(client: &Client<'_>, operation: &str, input: Value) -> Result<Value, Failure> {
    client.call(operation, input).await.map_err(|error| format!("{operation}: {error:?}").into())
}

async fn create(client: &Client<'_>) -> Result<String, Failure> {
    let made = ask(client, "CreateKey", json!({})).await?;
    Ok(made["KeyMetadata"]["Arn"].as_str().ok_or("no ARN")?.to_owned())
}

async fn encrypt(client: &Client<'_>, key: &str) -> Result<Value, Failure> {
    let input = json!({"KeyId": key, "Plaintext": "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU="});
    Ok(ask(client, "Encrypt", input).await?["CiphertextBlob"].clone())
}

/// Blobs of as many materials of one key as are wanted; the key rotates between them.
async fn rotated(client: &Client<'_>, world: &World, materials: usize) -> Result<Vec<Value>, Failure> {
    let key = create(client).await?;
    ask(client, "EnableKeyRotation", json!({"KeyId": key, "RotationPeriodInDays": 90})).await?;
    let mut blobs = vec![encrypt(client, &key).await?];
    while blobs.len() < materials {
        world.clock.move_by_ms(PERIOD_MS);
        if world.service.run_due_jobs().await > 0 {
            return Err("a rotation failed".into());
        }
        blobs.push(encrypt(client, &key).await?);
    }
    let listed = ask(client, "ListKeyRotations", json!({"KeyId": key, "Limit": 1000})).await?;
    let rotations = listed["Rotations"].as_array().map_or(0, Vec::len);
    if rotations + 1 < materials.min(1000) {
        return Err(format!("the key has rotated {rotations} times only").into());
    }
    Ok(blobs)
}

/// As many blobs of a key that never rotates.
async fn plain(client: &Client<'_>, count: usize) -> Result<Vec<Value>, Failure> {
    let key = create(client).await?;
    let mut blobs = Vec::new();
    for _ in 0..count {
        blobs.push(encrypt(client, &key).await?);
    }
    Ok(blobs)
}

/// CPU microseconds of one Decrypt; the requests come one after the other, again and again.
async fn measure(world: &World, requests: &[Request<Bytes>], calls: usize) -> Result<f64, Failure> {
    let taken: Vec<Request<Bytes>> = requests.iter().cycle().take(calls).cloned().collect();
    let start = thread_us();
    for request in taken {
        let response = world.send(request).await;
        if response.status != 200 {
            return Err(String::from_utf8_lossy(&response.body).into_owned().into());
        }
    }
    Ok((thread_us() - start) / calls as f64)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let world = Arc::new(World::new().await);
    world.journal().keep_none();
    let client = world.client(ACCOUNT, REGION);
    // The rotated key first: requests are signed when the clock has come to rest.
    let many = rotated(&client, &world, arguments.materials).await?;
    let one = plain(&client, many.len()).await?;
    let signed = |blobs: &[Value]| -> Vec<Request<Bytes>> {
        let body = |blob: &Value| Bytes::from(json!({"CiphertextBlob": blob}).to_string());
        blobs.iter().map(|blob| client.signed("TrentService.Decrypt", body(blob))).collect()
    };
    let requests = [signed(&one), signed(&many)];
    let mut figures: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    println!("load average at the start: {}", load_average());
    for round in 0..arguments.rounds {
        // Who comes first changes from round to round.
        for turn in 0..2 {
            let which = (turn + round) % 2;
            figures[which].push(measure(&world, &requests[which], arguments.calls).await?);
        }
    }
    let least = |which: usize| Spread::of(figures[which].iter().copied()).min;
    let ratio = least(1) / least(0);
    println!(
        "Decrypt: one material {:.2} us, {} materials {:.2} us; ratio {ratio:.3} (target {RATIO_TARGET}); load {}",
        least(0),
        arguments.materials,
        least(1),
        load_average()
    );
    if arguments.check && ratio > RATIO_TARGET {
        std::process::exit(1);
    }
    Ok(())
}
