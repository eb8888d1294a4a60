//! Imported key material: the whole way from a key without material to one that works, and everything that must not be
//! let in on that way.

mod concurrency;
mod expiry;
mod flow;
mod lifecycle;
mod materials;
mod refusals;
mod rotation;
mod tokens;
mod wrapping;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_service::work::{Busy, Job, Lane, Workers};
use kagiban_storage::{Engine, MemoryEngine};
use kagiban_testkit::{AwsError, BlockingWorkers, Client, Setting, World};
use serde_json::{Value, json};

pub(crate) use self::flow::{encoded, material, usual_way};
use self::wrapping::wrap;
use crate::support::{Scene, base64, text, with};

/// Workers that make one key pair at a time, the newest order first. So the pair that somebody waits for comes soon, and
/// the stock behind it is forgotten with the world: each of these tests needs a pair or two, and not the eight in stock.
#[derive(Default)]
struct Frugal(Arc<Mutex<Line>>);

#[derive(Default)]
struct Line {
    is_worked_on: bool,
    jobs: Vec<Job>,
}

impl Workers for Frugal {
    fn submit(&self, lane: Lane, job: Job) -> Result<(), Busy> {
        if lane != Lane::KeyGeneration {
            return BlockingWorkers.submit(lane, job);
        }
        let mut line = self.0.lock().unwrap();
        if line.is_worked_on {
            line.jobs.push(job);
            return Ok(());
        }
        line.is_worked_on = true;
        let shared = Arc::clone(&self.0);
        BlockingWorkers.submit(lane, Box::new(move || work(job, &shared)))
    }
}

fn work(first: Job, line: &Mutex<Line>) {
    let mut next = Some(first);
    while let Some(job) = next {
        job();
        let mut line = line.lock().unwrap();
        next = line.jobs.pop();
        line.is_worked_on = next.is_some();
    }
}

impl Drop for Frugal {
    fn drop(&mut self) {
        self.0.lock().unwrap().jobs.clear();
    }
}

/// A scene with [`Frugal`] workers.
pub(crate) async fn scene() -> Scene {
    let engine = MemoryEngine::new();
    Scene { world: world(Arc::new(engine.clone())).await, engine }
}

/// A world with [`Frugal`] workers.
pub(crate) async fn world(engine: Arc<dyn Engine>) -> World {
    World::of(Setting { engine, workers: Arc::new(Frugal::default()), ..Setting::default() }).await
}

/// What GetParametersForImport gave, and what it was asked for.
pub(crate) struct Parameters {
    algorithm: String,
    /// In base64.
    token: String,
    /// SubjectPublicKeyInfo, DER.
    wrapping_key: Vec<u8>,
}

impl Parameters {
    /// Parameters for the common case: RSA_2048 and RSAES_OAEP_SHA_256.
    pub(crate) async fn of(client: &Client<'_>, key: &str) -> Self {
        Self::with(client, key, "RSA_2048", "RSAES_OAEP_SHA_256").await.unwrap()
    }

    pub(crate) async fn with(
        client: &Client<'_>,
        key: &str,
        wrapping_key_spec: &str,
        algorithm: &str,
    ) -> Result<Self, AwsError> {
        let input = parameters_input(key, wrapping_key_spec, algorithm);
        let answer = client.call("GetParametersForImport", input).await?;
        let wrapping_key = STANDARD.decode(text(&answer["PublicKey"])).unwrap();
        Ok(Self { algorithm: algorithm.to_owned(), token: text(&answer["ImportToken"]), wrapping_key })
    }

    /// The material as it travels, in base64.
    fn wrap(&self, material: &[u8]) -> String {
        base64(&wrap(&self.algorithm, &self.wrapping_key, material))
    }

    /// The input of ImportKeyMaterial, for material that never expires.
    pub(crate) fn input(&self, key: &str, material: &[u8]) -> Value {
        json!({
            "KeyId": key, "ImportToken": self.token, "EncryptedKeyMaterial": self.wrap(material),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        })
    }
}

fn parameters_input(key: &str, wrapping_key_spec: &str, algorithm: &str) -> Value {
    json!({"KeyId": key, "WrappingKeySpec": wrapping_key_spec, "WrappingAlgorithm": algorithm})
}

/// A key that waits for its material; `kind` is what CreateKey needs besides the origin.
async fn external_key(client: &Client<'_>, kind: Value) -> String {
    let input = with(&kind, json!({"Origin": "EXTERNAL"}));
    text(&client.call("CreateKey", input).await.unwrap()["KeyMetadata"]["Arn"])
}

/// A symmetric encryption key that waits for its material, and parameters for it.
pub(crate) async fn waiting_key(client: &Client<'_>) -> (String, Parameters) {
    let key = external_key(client, json!({})).await;
    let parameters = Parameters::of(client, &key).await;
    (key, parameters)
}

/// A symmetric encryption key with [`FIRST`] as its material, parameters for it, and the material's id.
pub(crate) async fn imported_key(client: &Client<'_>) -> (String, Parameters, String) {
    let (key, parameters) = waiting_key(client).await;
    let answer = client.call("ImportKeyMaterial", parameters.input(&key, &FIRST)).await.unwrap();
    (key, parameters, text(&answer["KeyMaterialId"]))
}

/// Materials of symmetric encryption keys.
pub(crate) const FIRST: [u8; 32] = [1; 32];
pub(crate) const SECOND: [u8; 32] = [2; 32];
const THIRD: [u8; 32] = [3; 32];

/// The plaintext of a blob, in base64.
async fn decrypt(client: &Client<'_>, blob: &str) -> Result<String, AwsError> {
    Ok(text(&client.call("Decrypt", json!({"CiphertextBlob": blob})).await?["Plaintext"]))
}
