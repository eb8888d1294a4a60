//! A key of every kind, made once for all tests: large RSA keys take seconds in an unoptimised build.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::thread;

use kagiban_testkit::Client;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::{ACCOUNT, REGION, Scene, text};

/// A Region of China, where SM2 and SM4 are.
pub(super) const CHINA: &str = "cn-north-1";

/// The specs of each usage.
pub(super) const KINDS: [(&str, &[&str]); 5] = [
    ("ENCRYPT_DECRYPT", &["SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "SM2"]),
    (
        "SIGN_VERIFY",
        &[
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
            "ML_DSA_44",
            "ML_DSA_65",
            "ML_DSA_87",
            "SM2",
        ],
    ),
    ("GENERATE_VERIFY_MAC", &["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"]),
    ("KEY_AGREEMENT", &["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "SM2"]),
    ("ENCAPSULATE_DECAPSULATE", &["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"]),
];

/// Every spec with each of its usages.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.into_iter().flat_map(|(usage, specs)| specs.iter().map(move |spec| (*spec, usage)))
}

/// The Region that the ring has its keys of a spec in.
pub(super) fn home(spec: &str) -> &'static str {
    if spec == "SM2" { CHINA } else { REGION }
}

/// Whether a key of this spec takes so long to make that one has to do.
fn is_slow(spec: &str) -> bool {
    matches!(spec, "RSA_3072" | "RSA_4096")
}

/// One of the ring's keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) arn: &'static str,
    pub(super) spec: &'static str,
    pub(super) usage: &'static str,
    pub(super) region: &'static str,
}

/// All of them, in a store that no test may write to.
pub(super) struct Ring {
    pub(super) scene: Scene,
    keys: BTreeMap<(&'static str, &'static str), Vec<String>>,
    /// SYMMETRIC_DEFAULT in China: SM4.
    china: String,
}

impl Ring {
    async fn new() -> Self {
        let scene = Scene::new().await;
        let mut keys = BTreeMap::new();
        for (spec, usage) in kinds() {
            let client = scene.world.client(ACCOUNT, home(spec));
            let kind = json!({"KeySpec": spec, "KeyUsage": usage});
            let mut made = vec![create(&client, kind.clone()).await];
            if !is_slow(spec) {
                made.push(create(&client, kind).await);
            }
            keys.insert((spec, usage), made);
        }
        let china = create(&scene.world.client(ACCOUNT, CHINA), json!({})).await;
        Self { scene, keys, china }
    }

    /// The key of this spec and usage.
    pub(super) fn key(&'static self, spec: &'static str, usage: &'static str) -> Key {
        Key { arn: &self.keys[&(spec, usage)][0], spec, usage, region: home(spec) }
    }

    /// Another of the same kind; for large RSA keys, a smaller one.
    pub(super) fn other(&'static self, spec: &'static str, usage: &'static str) -> Key {
        let spec = if is_slow(spec) { "RSA_2048" } else { spec };
        Key { arn: &self.keys[&(spec, usage)][1], ..self.key(spec, usage) }
    }

    /// The symmetric key of this Region.
    pub(super) fn symmetric(&'static self, region: &str) -> Key {
        let key = self.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        if region == CHINA { Key { arn: &self.china, region: CHINA, ..key } } else { key }
    }

    /// One key of each kind, and the symmetric one of China.
    pub(super) fn all(&'static self) -> impl Iterator<Item = Key> {
        kinds().map(|(spec, usage)| self.key(spec, usage)).chain([self.symmetric(CHINA)])
    }

    /// The keys of this usage.
    pub(super) fn of(&'static self, usage: &str) -> impl Iterator<Item = Key> {
        self.all().filter(move |key| key.usage == usage)
    }

    /// Who calls for this key, in its Region.
    pub(super) fn client(&'static self, key: Key) -> Client<'static> {
        self.scene.world.client(ACCOUNT, key.region)
    }

    /// Calls an operation that names the key as `KeyId` and must succeed.
    pub(super) async fn call(&'static self, operation: &str, key: Key, input: Value) -> Value {
        let answer = self.client(key).call(operation, crate::support::with(&json!({"KeyId": key.arn}), input)).await;
        answer.unwrap_or_else(|error| panic!("{operation} with {key:?}: {error:?}"))
    }

    /// The public half of a key, as GetPublicKey shows it.
    pub(super) async fn public_key(&'static self, key: Key) -> Vec<u8> {
        bytes(&self.call("GetPublicKey", key, json!({})).await["PublicKey"])
    }
}

/// The ring, made by whoever asks first.
pub(super) fn ring() -> &'static Ring {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static RING: OnceLock<Ring> = OnceLock::new();
    RING.get_or_init(|| {
        // On a runtime of its own, which outlives the tests': the world's follower runs there.
        let made = thread::spawn(|| {
            let runtime =
                RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
            runtime.block_on(Ring::new())
        });
        made.join().unwrap()
    })
}

/// Makes a key and gives its ARN.
pub(super) async fn create(client: &Client<'_>, kind: Value) -> String {
    text(&client.call("CreateKey", kind).await.unwrap()["KeyMetadata"]["Arn"])
}

/// The bytes of a blob in an answer.
pub(super) fn bytes(blob: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text(blob)).unwrap()
}

/// The bytes with one bit of this byte changed.
pub(super) fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1;
    changed
}
