//! A deployment made of stored rows of every version: it opens, knows its access key, and decrypts what it encrypted.
//!
//! The rows are in `tests/fixtures/`, one file for each table and version. Their bytes one by one are tested beside the row
//! types (`src/records/fixtures.rs`).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use kagiban_audit::signing::Signer as _;
use kagiban_base::id::RequestId;
use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::{Clock, Timestamp};
use kagiban_identity::sigv4::Signer;
use kagiban_keycore::root_key::LocalRootKey;
use kagiban_service::bootstrap::{FirstAccount, FirstRecoveryKey, Openers, first_batch_opened_by};
use kagiban_service::{DeploymentKind, RawRequest, Service};
use kagiban_storage::engine::KeyRange;
use kagiban_storage::{Batch, Engine, MemoryEngine, Store};
use kagiban_testkit::{FakeClock, SeededRandom, Setting};
use serde_json::{Value, json};

use crate::operator::RECIPIENT;
use crate::support::{ACCOUNT, REGION, text, texts_of, with};

/// A production deployment, and the root of its first account.
struct Production {
    service: Service,
    clock: Arc<FakeClock>,
    random: Arc<SeededRandom>,
}

const ACCESS_KEY_ID: &str = "AKIAFIXTUREFIXTUREFI";
const SECRET: &[u8] = b"the secret access key of the fixtures";

fn root_key() -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([7; 32])).unwrap()
}

impl Production {
    /// Opens the deployment in this store; `seed` is for what it makes from now on.
    async fn open(engine: MemoryEngine, seed: u64) -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::parse_basic_iso("20261121T120000Z").unwrap()));
        let random = Arc::new(SeededRandom::new(seed));
        let environment = Setting::default().environment(clock.clone(), random.clone());
        let store = Store::new(Arc::new(engine));
        let opened = Service::open(store, DeploymentKind::Production, &root_key(), environment).await;
        let (service, mut follower) = opened.unwrap();
        tokio::spawn(async move { follower.run().await });
        Self { service, clock, random }
    }

    /// Calls an operation as the root of the first account; an empty answer is null.
    async fn call(&self, operation: &str, input: Value) -> Value {
        let signer = Signer {
            access_key_id: ACCESS_KEY_ID.parse().unwrap(),
            secret_access_key: SecretBytes::from_slice(SECRET),
            security_token: None,
            region: REGION.parse().unwrap(),
            service: "kms",
        };
        let mut request = Request::post("http://kms.test/")
            .header("x-amz-target", format!("TrentService.{operation}"))
            .body(Bytes::from(input.to_string()))
            .unwrap();
        signer.sign(&mut request, self.clock.now()).unwrap();
        let (head, body) = request.into_parts();
        let request_id = RequestId::generate(self.random.as_ref()).unwrap();
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let response =
            self.service.call(RawRequest { request_id, head, body, peer, secure_transport: false, tls: None }).await;
        let text = std::str::from_utf8(&response.body).unwrap();
        assert_eq!(response.status, 200, "{operation}: {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap() }
    }
}

/// Every fixture: file name, and a row in each line (the key in hex, the body as text; the version is in the name).
const FIXTURES: [(&str, &str); 36] = [
    ("access-key-v1", include_str!("../../../kagiban-iam/tests/fixtures/access-key-v1.rows")),
    ("access-key-v2", include_str!("../../../kagiban-iam/tests/fixtures/access-key-v2.rows")),
    ("account-v1", include_str!("../../../kagiban-iam/tests/fixtures/account-v1.rows")),
    ("account-v2", include_str!("../../../kagiban-iam/tests/fixtures/account-v2.rows")),
    ("alias-v1", include_str!("../fixtures/alias-v1.rows")),
    ("audit-head-v1", include_str!("../fixtures/audit-head-v1.rows")),
    ("audit-key-v1", include_str!("../fixtures/audit-key-v1.rows")),
    ("compliance-change-v1", include_str!("../fixtures/compliance-change-v1.rows")),
    ("compliance-v1", include_str!("../fixtures/compliance-v1.rows")),
    ("deployment-v1", include_str!("../fixtures/deployment-v1.rows")),
    ("deployment-v2", include_str!("../fixtures/deployment-v2.rows")),
    ("domain-key-v1", include_str!("../fixtures/domain-key-v1.rows")),
    ("domain-key-v2", include_str!("../fixtures/domain-key-v2.rows")),
    ("domain-key-v3", include_str!("../fixtures/domain-key-v3.rows")),
    ("domain-key-v4", include_str!("../fixtures/domain-key-v4.rows")),
    ("recovery-key-v1", include_str!("../fixtures/recovery-key-v1.rows")),
    ("erasure-v1", include_str!("../fixtures/erasure-v1.rows")),
    ("format-v1", include_str!("../fixtures/format-v1.rows")),
    ("key-alias-v1", include_str!("../fixtures/key-alias-v1.rows")),
    ("key-policy-v1", include_str!("../fixtures/key-policy-v1.rows")),
    ("key-policy-v2", include_str!("../fixtures/key-policy-v2.rows")),
    ("key-policy-v3", include_str!("../fixtures/key-policy-v3.rows")),
    ("key-use-tracking-v1", include_str!("../fixtures/key-use-tracking-v1.rows")),
    ("key-use-v1", include_str!("../fixtures/key-use-v1.rows")),
    ("key-use-v2", include_str!("../fixtures/key-use-v2.rows")),
    ("root-passphrase-v1", include_str!("../fixtures/root-passphrase-v1.rows")),
    ("key-rotation-v1", include_str!("../fixtures/key-rotation-v1.rows")),
    ("key-v1", include_str!("../fixtures/key-v1.rows")),
    ("key-v2", include_str!("../fixtures/key-v2.rows")),
    ("key-v3", include_str!("../fixtures/key-v3.rows")),
    ("key-v4", include_str!("../fixtures/key-v4.rows")),
    ("service-event-v1", include_str!("../fixtures/service-event-v1.rows")),
    ("service-event-v2", include_str!("../fixtures/service-event-v2.rows")),
    ("usage-v1", include_str!("../fixtures/usage-v1.rows")),
    ("usage-writer-v1", include_str!("../fixtures/usage-writer-v1.rows")),
    ("material-v1", include_str!("../fixtures/material-v1.rows")),
];

/// A store with all the rows of the fixtures.
async fn stored() -> MemoryEngine {
    let engine = MemoryEngine::new();
    for (name, rows) in FIXTURES {
        let mut batch = Batch::new();
        let version: u8 = name.rsplit_once("-v").unwrap().1.parse().unwrap();
        for row in rows.lines() {
            let (key, body) = row.split_once(' ').unwrap();
            batch = batch.put(unhex(key), [&[version], body.as_bytes()].concat());
        }
        // One after the other: a row of a newer version may take the place of an older one.
        engine.commit(batch).await.unwrap();
    }
    engine
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Encrypted under the first key of the fixtures when its row had version 1.
const BLOB: &str = "S0JOAQEAvwqYRTsGTHWCqimILFLrfrIytGNYEjMxJei1rj2OfkWZoN+CdOSI/FjgYyDjLyjLFAFPSzowPEMtdGXaZrUcqoBu5NuF\
                    7ZG80R4lazfHYx3CqnFw5KjEhUJuSKPc5iF14UCHmVB6pt62hqEII0Y9/OGTF9IRufoMZqDUXtVhVtXai+7O0JG8";
/// Signed with the elliptic curve key of the fixtures.
const SIGNATURE: &str =
    "MEQCIE3w6nSgxOtX7tTwrq4yaMJlPMSjv//AYM/cnB8LnmrwAiBeRKF7rK/asCxUw531MVeyju+noIUX1/RIu5c5Ze9vnA==";
/// `fixture`
const PLAINTEXT: &str = "Zml4dHVyZQ==";

#[tokio::test]
async fn rows_of_every_version_make_a_deployment_that_works() {
    let production = Production::open(stored().await, 100).await;
    let opened =
        production.call("Decrypt", json!({"CiphertextBlob": BLOB, "EncryptionContext": {"of": "row versions"}})).await;
    assert_eq!(opened["Plaintext"], PLAINTEXT);
    let key = production.call("DescribeKey", json!({"KeyId": "alias/first"})).await["KeyMetadata"].clone();
    assert_eq!(key["Arn"], opened["KeyId"]);
    assert_eq!((&key["KeyState"], &key["Description"]), (&json!("Enabled"), &json!("first")));
    let tags = production.call("ListResourceTags", json!({"KeyId": key["KeyId"]})).await;
    assert_eq!(tags["Tags"], json!([{"TagKey": "a", "TagValue": "b"}]));
    let policy = production.call("GetKeyPolicy", json!({"KeyId": key["KeyId"]})).await;
    assert!(text(&policy["Policy"]).contains("Enable IAM User Permissions"));
    let rotation = production.call("GetKeyRotationStatus", json!({"KeyId": key["KeyId"]})).await;
    assert_eq!(
        (&rotation["RotationPeriodInDays"], &rotation["NextRotationDate"]),
        (&json!(365), &json!(1_826_798_402))
    );
    let rotations = production.call("ListKeyRotations", json!({"KeyId": key["KeyId"]})).await;
    assert_eq!(texts_of(&rotations["Rotations"], "KeyMaterialId"), [text(&key["CurrentKeyMaterialId"])]);
    let aliases = production.call("ListAliases", json!({"KeyId": key["KeyId"]})).await;
    assert_eq!(texts_of(&aliases["Aliases"], "AliasName"), ["alias/first"]);
    let states = states(&production).await;
    assert_eq!(states, ["Enabled", "Enabled", "PendingDeletion", "PendingImport"]);
}

/// A signature that the audit's key of the fixtures made.
const AUDIT_SIGNATURE: &str = "38e217f8bf30c308622769bb0a524bac300e709ed1ba7590fee9d82312e4d9f21889aaa877c14d06b6bd21d6a01d3a310fa2\
     28d08936ebb6f34646085c164b3c737229987323cc196c82859fbdb27aec9735e7bf3c62e775e705bc9edba52dee8c5cd2bd\
     e2b0ca992eee1ea89140361edb92b5ea2d6f794b814d1b6535c598f8b4befd0ca50dc97d62886847f9416123dd71fc71dde5\
     fd9ccf008a6ccade28cd6a8f398f7e594b095ed19e48a377d44a118b9154eb4e50e5cddff9cdfb75d2684d2acd7176e47c1b\
     f5238e8617d37def836e9613f2905cdc54d1c992d65edeae1e3a0b604dff5b6117e9a1e75f719cb6698a58883e436b5c37bb\
     41fe5636d262";

#[tokio::test]
async fn the_audits_signing_key_signs_as_ever() {
    let production = Production::open(stored().await, 100).await;
    let signer = production.service.audit_signer().await.unwrap();
    let signature: String = signer.sign(b"fixture").unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature, AUDIT_SIGNATURE);
}

/// The states of all keys, sorted; and the one that signs still verifies what it signed.
async fn states(production: &Production) -> Vec<String> {
    let mut states = Vec::new();
    for key in texts_of(&production.call("ListKeys", json!({})).await["Keys"], "KeyId") {
        let metadata = production.call("DescribeKey", json!({"KeyId": key})).await["KeyMetadata"].clone();
        states.push(text(&metadata["KeyState"]));
        if metadata["KeyUsage"] == "SIGN_VERIFY" {
            let input = json!({"KeyId": key, "Message": PLAINTEXT, "SigningAlgorithm": "ECDSA_SHA_256"});
            production.call("Verify", with(&input, json!({"Signature": SIGNATURE}))).await;
            let fresh = production.call("Sign", input.clone()).await["Signature"].clone();
            production.call("Verify", with(&input, json!({"Signature": fresh}))).await;
        }
    }
    states.sort_unstable();
    states
}

/// What is written today has a fixture of its version. When this fails, a row type is new or has a new version: save the
/// line that it shows as a fixture, beside those of the older versions, and never change one that is there.
#[tokio::test]
async fn every_row_that_is_written_has_a_fixture_of_its_version() {
    let engine = stored().await;
    let production = Production::open(engine.clone(), 100).await;
    let key = production.call("CreateKey", json!({})).await["KeyMetadata"]["KeyId"].clone();
    production.call("CreateKey", json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    production.call("CreateAlias", json!({"AliasName": "alias/new", "TargetKeyId": key})).await;
    production.call("EnableKeyRotation", json!({"KeyId": key})).await;
    production.call("RotateKeyOnDemand", json!({"KeyId": key})).await;
    let account = FirstAccount {
        account: ACCOUNT.parse().unwrap(),
        access_key_id: ACCESS_KEY_ID.parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(SECRET),
    };
    let now = production.clock.now();
    let recovery_key = FirstRecoveryKey { recipient: RECIPIENT.parse().unwrap(), threshold: 3, shares: 5 };
    let openers = Openers { root_key: Some(&root_key()), recovery_key: Some(&recovery_key) };
    let kind = DeploymentKind::Production;
    let batch = first_batch_opened_by(&openers, kind, Some(&account), now, production.random.as_ref()).unwrap();
    engine.commit(batch).await.unwrap();
    production.call("Encrypt", json!({"KeyId": key, "Plaintext": PLAINTEXT})).await;
    production.service.key_use_writer().save().await.unwrap();
    production.service.audit_signer().await.unwrap();
    let page = engine.snapshot().await.unwrap().scan(&KeyRange::all(), 1000).await.unwrap();
    for entry in page.entries {
        let table = entry.key.split(|byte| *byte == 0).next().unwrap();
        let name = format!("{}-v{}", std::str::from_utf8(table).unwrap(), entry.value[0]);
        let hex: String = entry.key.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = String::from_utf8_lossy(&entry.value[1..]);
        assert!(FIXTURES.iter().any(|(fixture, _)| *fixture == name), "no fixture of {name}:\n{hex} {body}");
    }
}
