//! Rotating the domain key while requests are answered: every stored secret moves, nothing stops working, and the old key goes.

mod behind;
mod leftovers;
mod older;
mod root_key;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kagiban_base::id::RequestId;
use kagiban_base::secret::SecretBytes;
use kagiban_service::{RawRequest, Service};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::{Engine, EngineError, MemoryEngine};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::jobs::erasure::rows_of;
use crate::nodes::Nodes;
use crate::operator::{MANAGEMENT, ask, code};
use crate::peers::{Deployment, HERE, Network, THERE};
use crate::sealing::{People, unseal};
use crate::seed::{account, seed};
use crate::support::{ACCOUNT, HI, REGION, Scene, create_key, encrypt};

/// The tables whose rows hold a secret under a domain key.
const TABLES: [&str; 7] =
    ["access-key", "audit-key", "channel", "iam-mfa-device", "material", "peer", "peer-invitation"];
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// Each wrapped secret among the stored rows: its table, and the id of its domain key in hex.
pub(crate) async fn wrapped(engine: &dyn Engine) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for table in TABLES {
        for row in rows_of(table, engine).await {
            let body: Value = serde_json::from_slice(&row.value[1..]).unwrap();
            let members = body.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("wrapped"));
            let bytes = members.map(|(_, value)| STANDARD.decode(value.as_str().unwrap()).unwrap());
            found.extend(bytes.map(|bytes| (table.to_owned(), hex(&bytes[1..17]))));
        }
    }
    found
}

/// The ids of the domain keys that any row needs.
pub(crate) async fn needed(engine: &dyn Engine) -> BTreeSet<String> {
    wrapped(engine).await.into_iter().map(|(_, id)| id).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn described(world: &World) -> Value {
    ask(world, &world.client(MANAGEMENT, REGION), "DescribeDomainKeys", json!({})).await.unwrap()
}

/// The domain keys: their ids and states.
async fn domain_keys(world: &World) -> BTreeSet<(String, String)> {
    let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
    let described = described(world).await;
    let keys = described["DomainKeys"].as_array().unwrap();
    keys.iter().map(|key| (text(key, "DomainKeyId"), text(key, "State"))).collect()
}

async fn phase(world: &World) -> Value {
    described(world).await["Rotation"]["Phase"].clone()
}

pub(crate) async fn rotate(world: &World, ends_sessions: bool) -> String {
    let input = json!({"EndSessions": ends_sessions});
    let made = ask(world, &world.client(MANAGEMENT, REGION), "RotateDomainKey", input).await.unwrap();
    made["DomainKeyId"].as_str().unwrap().to_owned()
}

/// Does what is due now for the domain keys, until nothing is.
pub(crate) async fn tend(service: &Service) {
    for _ in 0..20 {
        if service.tend_domain_keys().await > Duration::ZERO {
            return;
        }
    }
    panic!("the domain keys are never at rest");
}

fn only(id: &str) -> BTreeSet<(String, String)> {
    BTreeSet::from([(id.to_owned(), "CURRENT".to_owned())])
}

async fn assert_decrypts(client: &Client<'_>, blob: &Value) {
    assert_eq!(client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
}

/// What worked before and must work on.
struct Before<'w> {
    client: Client<'w>,
    blob: Value,
    sign: Value,
    user: Client<'w>,
    session: Client<'w>,
    device: (String, Vec<u8>),
}

impl<'w> Before<'w> {
    async fn new(world: &'w World) -> Self {
        let client = world.client(ACCOUNT, REGION);
        let key = create_key(&client).await;
        let blob = json!(encrypt(&client, &key, HI).await);
        let rsa = client.call("CreateKey", json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})).await.unwrap();
        let sign = json!({
            "KeyId": rsa["KeyMetadata"]["KeyId"], "Message": HI, "SigningAlgorithm": "RSASSA_PSS_SHA_256",
        });
        let policy = json!({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        });
        let user = client.user("ann", &policy).await;
        let device = user.mfa_device("ann").await;
        let role = client.role("role", ACCOUNT, &policy).await;
        let session = user.assume(&role, "session", &[]).await.unwrap();
        let before = Self { client, blob, sign, user, session, device };
        before.assert_works().await;
        before
    }

    async fn assert_works(&self) {
        for client in [&self.client, &self.user, &self.session] {
            assert_decrypts(client, &self.blob).await;
        }
        self.client.call("Sign", self.sign.clone()).await.unwrap();
        self.client.world().clock.move_by_ms(MINUTE_MS);
        self.user.mfa_session(&self.device).await.call("ListKeys", json!({})).await.unwrap();
    }
}

#[tokio::test]
async fn every_stored_secret_moves_and_the_old_key_goes_when_the_last_session_has_ended() {
    let network = Arc::new(Network::default());
    let engine = MemoryEngine::new();
    let world = World::on(Arc::new(engine.clone())).await;
    let here = Deployment::on(world, &network, "a.test:1", &[HERE]).await;
    let there = Deployment::new(&network, "b.test:1", &[THERE]).await;
    there.accept("here", &here.invite("there").await).await.unwrap();
    here.invite("another").await;
    let world = &here.world;
    world.service.audit_signer().await.unwrap();
    let before = Before::new(world).await;
    let old = domain_keys(world).await;
    let found: BTreeSet<_> = wrapped(&engine).await.into_iter().map(|(table, _)| table).collect();
    assert_eq!(found, TABLES.map(str::to_owned).into(), "else this shows less than it should");

    let new = rotate(world, false).await;
    assert_eq!(phase(world).await, "PREPARED");
    before.assert_works().await;
    tend(&world.service).await;
    assert_eq!(phase(world).await, "KEEPING");
    assert_eq!(described(world).await["Rotation"]["RowsLeft"], 0);
    assert_eq!(needed(&engine).await, BTreeSet::from([new.clone()]));
    before.assert_works().await;
    // Nothing but the session needs the old key now, and nothing leads from it to the new one.
    for row in rows_of("domain-key", &engine).await {
        assert!(!String::from_utf8(row.value).unwrap().contains("handed_over"));
    }
    world.clock.move_by_ms(36 * HOUR_MS);
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await.len(), 2);
    world.clock.move_by_ms(HOUR_MS);
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await, only(&new));
    assert_ne!(old, only(&new));
    assert_eq!(rows_of("erasure", &engine).await.len(), 1);
    let again = world.restarted().await;
    assert_decrypts(&again.client(ACCOUNT, REGION), &before.blob).await;
    again.service.audit_signer().await.unwrap();
}

#[tokio::test]
async fn sessions_of_before_end_with_the_old_key_where_that_is_wanted() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let before = Before::new(world).await;
    let new = rotate(world, true).await;
    tend(&world.service).await;
    world.clock.move_by_ms(MINUTE_MS);
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await, only(&new));
    // It was used here, and is known here.
    let refused = before.session.call("ListKeys", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "UnrecognizedClientException");
    let again = world.restarted().await;
    let signer = &before.session.signer;
    let text = |secret: &SecretBytes| String::from_utf8(secret.expose().to_vec()).unwrap();
    let token = text(signer.security_token.as_ref().unwrap());
    let (id, secret) = (signer.access_key_id.to_string(), text(&signer.secret_access_key));
    let session = again.caller((&id, &secret, Some(&token)), REGION);
    let refused = session.call("ListKeys", json!({})).await.unwrap_err();
    assert_eq!(refused.code, "UnrecognizedClientException");
    assert_decrypts(&again.client(ACCOUNT, REGION), &before.blob).await;
}

/// One rotation at a time; but the keys of earlier ones may still be kept.
#[tokio::test]
async fn a_rotation_begins_when_no_row_needs_an_older_key() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let before = Before::new(world).await;
    rotate(world, false).await;
    let refused = ask(world, &world.client(MANAGEMENT, REGION), "RotateDomainKey", json!({})).await;
    assert_eq!(code(&refused), "ConflictException");
    for kept in 1..15 {
        tend(&world.service).await;
        assert_eq!(domain_keys(world).await.len(), kept + 1);
        rotate(world, false).await;
    }
    tend(&world.service).await;
    let refused = ask(world, &world.client(MANAGEMENT, REGION), "RotateDomainKey", json!({})).await;
    assert_eq!(code(&refused), "ConflictException", "sixteen at once");
    before.assert_works().await;
    world.clock.move_by_ms(38 * HOUR_MS);
    tend(&world.service).await;
    assert_eq!(domain_keys(world).await.len(), 1);
    assert_decrypts(&before.client, &before.blob).await;
}

/// Each call of the store fails once on the way; what was begun goes on.
#[tokio::test]
async fn a_failing_store_delays_a_rotation_and_nothing_else() {
    for call in [Call::Commit, Call::Scan, Call::Read, Call::Snapshot] {
        for nth in 1.. {
            let memory = MemoryEngine::new();
            let engine = FaultyEngine::new(Arc::new(memory.clone()));
            let world = World::on(Arc::new(engine.clone())).await;
            let client = world.client(ACCOUNT, REGION);
            let key = create_key(&client).await;
            let blob = json!(encrypt(&client, &key, HI).await);
            let new = rotate(&world, true).await;
            let before = engine.calls(call);
            engine.plan(call, nth, Fault::Fail(EngineError::Unavailable));
            for _ in 0..4 {
                tend(&world.service).await;
                assert_decrypts(&client, &blob).await;
                world.clock.move_by_ms(MINUTE_MS);
            }
            if engine.calls(call) < before + nth {
                assert!(nth > 4, "{call:?}");
                break;
            }
            assert_eq!(domain_keys(&world).await, only(&new), "{call:?} {nth}");
            assert_eq!(needed(&memory).await, BTreeSet::from([new]), "{call:?} {nth}");
            assert_decrypts(&world.restarted().await.client(ACCOUNT, REGION), &blob).await;
        }
    }
}

/// Of two nodes neither writes with a key that the other does not have, and both go on with what either began.
#[tokio::test(start_paused = true)]
async fn all_nodes_have_a_key_before_anything_is_written_with_it() {
    let nodes = Nodes::new(false).await;
    let (one, other) = (&nodes.first, &nodes.second);
    let before = Before::new(one).await;
    let gate = nodes.hold();
    // This change passes the feed, and the next one does not.
    create_key(&before.client).await;
    let new = rotate(one, false).await;
    let tending = tokio::spawn({
        let service = Arc::clone(&one.service);
        async move { tend(&service).await }
    });
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(phase(one).await, "PREPARED", "the other node may decide, and does not know the key");
    gate.open();
    tending.await.unwrap();
    assert_eq!(phase(one).await, "KEEPING");
    // What one made is read by the other, before that one has done anything itself.
    let (here, there) = (one.client(ACCOUNT, REGION), other.client(ACCOUNT, REGION));
    let blob = json!(encrypt(&here, &create_key(&here).await, HI).await);
    let session = before
        .user
        .assume(
            &one.client(ACCOUNT, REGION)
                .role(
                    "r2",
                    ACCOUNT,
                    &json!({
                        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                    }),
                )
                .await,
            "session",
            &[],
        )
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    for blob in [&blob, &before.blob] {
        assert_decrypts(&there, blob).await;
    }
    let text = |secret: &SecretBytes| String::from_utf8(secret.expose().to_vec()).unwrap();
    let signer = &session.signer;
    let token = text(signer.security_token.as_ref().unwrap());
    let elsewhere =
        other.caller((&signer.access_key_id.to_string(), &text(&signer.secret_access_key), Some(&token)), REGION);
    assert_decrypts(&elsewhere, &blob).await;
    let late = create_key(&there).await;
    encrypt(&here, &late, HI).await;
    tend(&other.service).await;
    one.clock.move_by_ms(37 * HOUR_MS);
    tend(&other.service).await;
    assert_eq!(domain_keys(one).await, only(&new));
    for world in [one, other] {
        assert_decrypts(&world.client(ACCOUNT, REGION), &before.blob).await;
    }
}

fn create_key_request(world: &World) -> RawRequest {
    let request = world.client(ACCOUNT, REGION).signed("TrentService.CreateKey", Bytes::from_static(b"{}"));
    let ((head, body), request_id) = (request.into_parts(), RequestId::generate(world.random.as_ref()).unwrap());
    RawRequest { request_id, head, body, peer: Ipv4Addr::LOCALHOST.into(), secure_transport: false, tls: None }
}

/// A node is paused between wrapping a secret and writing it, and the whole rotation happens meanwhile.
#[tokio::test(start_paused = true)]
async fn what_a_paused_node_writes_is_never_under_a_key_that_went() {
    for (knows, is_deleted) in [(true, false), (true, true), (false, false), (false, true)] {
        let nodes = Nodes::new(false).await;
        let (one, other) = (&nodes.first, &nodes.second);
        let feed = (!knows).then(|| nodes.hold());
        if !knows {
            create_key(&one.client(ACCOUNT, REGION)).await;
        }
        let commit = Gate::new();
        nodes.feed.plan(Call::Commit, 1, Fault::Gate(commit.clone()));
        let late = tokio::spawn({
            let (service, request) = (Arc::clone(&other.service), create_key_request(other));
            async move { service.call(request).await }
        });
        commit.reached(1).await;
        let new = rotate(one, is_deleted).await;
        tend(&one.service).await;
        one.clock.move_by_ms(MINUTE_MS);
        tend(&one.service).await;
        assert_eq!(domain_keys(one).await.len(), if is_deleted { 1 } else { 2 });
        commit.open();
        let answered = late.await.unwrap();
        // Who has both keys wraps anew; who has not has written nothing, and is asked again.
        let expected = if knows && !is_deleted { 200 } else { 500 };
        assert_eq!(answered.status, expected, "{}", String::from_utf8_lossy(&answered.body));
        if let Some(feed) = feed {
            feed.open();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        tend(&other.service).await;
        create_key(&other.client(ACCOUNT, REGION)).await;
        assert!(needed(&nodes.memory).await.is_subset(&BTreeSet::from([new])));
    }
}

/// A start that is paused while it applies the operator's file is no way past a rotation either.
#[tokio::test(start_paused = true)]
async fn what_a_paused_start_seeds_is_never_under_a_key_that_went() {
    let nodes = Nodes::new(false).await;
    let (one, other) = (&nodes.first, &nodes.second);
    let commit = Gate::new();
    nodes.feed.plan(Call::Commit, 1, Fault::Gate(commit.clone()));
    let file = account(
        "users = [{ name = \"u\", access_keys = [{ id = \"AKIAEXAMPLE000000001\", secret = \"s\" }] }]\n\
         [[accounts.keys]]\nregion = \"eu-central-1\"\nid = \"11111111-2222-4333-8444-555555555555\"\n",
    );
    let late = seed(other, &file);
    let rotated = async {
        commit.reached(1).await;
        let new = rotate(one, true).await;
        tend(&one.service).await;
        one.clock.move_by_ms(MINUTE_MS);
        tend(&one.service).await;
        assert_eq!(domain_keys(one).await, only(&new));
        commit.open();
        new
    };
    let (seeded, new) = tokio::join!(late, rotated);
    assert_eq!(seeded.unwrap().total().created, 3);
    assert_eq!(needed(&nodes.memory).await, BTreeSet::from([new]));
    let user = one.caller(("AKIAEXAMPLE000000001", "s", None), "eu-central-1");
    assert_eq!(user.call("ListKeys", json!({})).await.unwrap_err().code, "AccessDeniedException");
    let key = "11111111-2222-4333-8444-555555555555";
    encrypt(&one.client(ACCOUNT, "eu-central-1"), key, HI).await;
}

/// A node without a root key needs no shares to go on; and one that is sealed meanwhile has all keys when it is unsealed.
#[tokio::test(start_paused = true)]
async fn nodes_without_a_root_key_take_over_a_new_one() {
    for is_sealed_meanwhile in [false, true] {
        let scene = Scene::new().await;
        let people = People::new();
        let before = Before::new(&scene.world).await;
        people.take_over(&scene.world).await;
        let other = scene.world.restarted_sealed().await;
        other.service.begin_answering();
        let shares = [1, 2, 3].map(|at| people.share(at));
        if !is_sealed_meanwhile {
            unseal(&other, &shares).await.unwrap();
        }
        let new = rotate(&scene.world, true).await;
        tend(&scene.world.service).await;
        if is_sealed_meanwhile {
            unseal(&other, &shares).await.unwrap();
        }
        let late = create_key(&scene.client()).await;
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            encrypt(&other.client(ACCOUNT, REGION), &late, HI).await;
            assert_decrypts(&other.client(ACCOUNT, REGION), &before.blob).await;
            scene.world.clock.move_by_ms(MINUTE_MS);
            tend(&other.service).await;
            assert!(!other.service.is_sealed());
        }
        assert_eq!(domain_keys(&other).await, only(&new));
        // The new key is sealed to the recovery key as the old one was.
        let again = scene.world.restarted_sealed().await;
        again.service.begin_answering();
        unseal(&again, &shares).await.unwrap();
        assert_decrypts(&again.client(ACCOUNT, REGION), &before.blob).await;
    }
}
