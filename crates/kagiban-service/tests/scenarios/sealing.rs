//! The recovery key of a deployment, servers that are sealed, and what opens them again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use kagiban_base::os::OsRandom;
use kagiban_recovery::{RecoveryIdentity, Share, split};
use kagiban_service::nodes::{Node, NodeId};
use kagiban_storage::engine::faulty::{Call, Fault, FaultyEngine, Gate};
use kagiban_storage::{Engine, MemoryEngine};
use kagiban_testkit::{AwsError, SeededRandom, World};
use serde_json::{Value, json};

use crate::operator::{MANAGEMENT, ask, code};
use crate::support::{ACCOUNT, REGION, Scene, create_key, text};

/// Shares of a recovery key, as people hold them.
pub(crate) struct People {
    identity: RecoveryIdentity,
    shares: Vec<Share>,
}

impl People {
    /// Five, of whom three are needed.
    pub(crate) fn new() -> Self {
        let identity = RecoveryIdentity::generate(&OsRandom).unwrap();
        let shares = split(&identity, 3, 5, &OsRandom).unwrap();
        Self { identity, shares }
    }

    fn recipient(&self) -> String {
        self.identity.recipient().to_string()
    }

    fn fingerprint(&self) -> String {
        self.identity.recipient().fingerprint().to_string()
    }

    /// The key itself.
    pub(crate) fn identity(&self) -> &RecoveryIdentity {
        &self.identity
    }

    /// The text of a share, from 1.
    pub(crate) fn share(&self, number: usize) -> String {
        String::from_utf8(self.shares[number - 1].text().expose().to_vec()).unwrap()
    }

    /// Makes their key the deployment's.
    pub(crate) async fn take_over(&self, world: &World) {
        let input = json!({"Recipient": self.recipient(), "SharesNeeded": 3, "Shares": 5});
        ask(world, &world.client(MANAGEMENT, REGION), "CreateRecoveryKey", input).await.unwrap();
    }
}

/// Asks without credentials.
pub(crate) async fn anybody(world: &World, operation: &str, input: &Value) -> Result<Value, AwsError> {
    let request = Request::post("http://kms.test/")
        .header("x-amz-target", format!("Kagiban.{operation}"))
        .body(Bytes::from(input.to_string()))
        .unwrap();
    let response = world.send(request).await;
    let value: Value = serde_json::from_slice(&response.body).unwrap();
    match response.status.is_success() {
        true => Ok(value),
        false => Err(AwsError {
            status: response.status.as_u16(),
            code: text(&value["__type"]),
            message: text(&value["message"]),
        }),
    }
}

pub(crate) async fn unseal(world: &World, shares: &[String]) -> Result<Value, AwsError> {
    anybody(world, "Unseal", &json!({ "Shares": shares })).await
}

pub(crate) async fn seal(world: &World) {
    ask(world, &world.client(MANAGEMENT, REGION), "Seal", json!({})).await.unwrap();
}

/// A key with something encrypted under it, and one that signs.
async fn work(world: &World) -> (Value, Value) {
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let blob = client.call("Encrypt", json!({"KeyId": key, "Plaintext": "c2VjcmV0"})).await.unwrap();
    let signing = client.call("CreateKey", json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let sign = json!({
        "KeyId": signing.unwrap()["KeyMetadata"]["KeyId"], "Message": "c2VjcmV0", "SigningAlgorithm": "ECDSA_SHA_256",
    });
    client.call("Sign", sign.clone()).await.unwrap();
    (json!({"CiphertextBlob": blob["CiphertextBlob"]}), sign)
}

async fn assert_works(world: &World, (decrypt, sign): &(Value, Value)) {
    let client = world.client(ACCOUNT, REGION);
    assert_eq!(client.call("Decrypt", decrypt.clone()).await.unwrap()["Plaintext"], "c2VjcmV0");
    client.call("Sign", sign.clone()).await.unwrap();
    create_key(&client).await;
}

/// Every door is shut, and says why.
async fn assert_refuses(world: &World, (decrypt, sign): &(Value, Value)) {
    let client = world.client(ACCOUNT, REGION);
    let refused = [
        client.call("Decrypt", decrypt.clone()).await,
        client.call("Sign", sign.clone()).await,
        client.call("CreateKey", json!({})).await,
        client.call("ListKeys", json!({})).await,
        ask(world, &client, "ListAccounts", json!({})).await,
        ask(world, &client, "Seal", json!({})).await,
    ];
    for answer in refused {
        let error = answer.unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (503, "ServiceUnavailableException"));
        assert!(error.message.contains("sealed"), "{}", error.message);
    }
    let request = Request::post("http://iam.test/").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Bytes::from_static(b"Action=ListUsers&Version=2010-05-08")).unwrap();
    assert_eq!(world.send(request).await.status, 503);
    assert!(!world.service.is_ready().await);
    assert!(world.service.is_sealed());
}

#[tokio::test]
async fn a_sealed_server_refuses_everything_until_enough_shares_are_given() {
    let scene = Scene::new().await;
    let (world, people) = (&scene.world, People::new());
    let done = work(world).await;
    people.take_over(world).await;
    seal(world).await;
    assert_refuses(world, &done).await;
    let state = |given: u8| json!({"Sealed": true, "AllNodes": false, "RecoveryKey": people.fingerprint(), "SharesNeeded": 3, "SharesGiven": given});
    assert_eq!(anybody(world, "DescribeSeal", &json!({})).await.unwrap(), state(0));
    assert_eq!(unseal(world, &[people.share(5)]).await.unwrap(), state(1));
    assert_eq!(unseal(world, &[people.share(2)]).await.unwrap(), state(2));
    assert_eq!(unseal(world, &[people.share(2)]).await.unwrap(), state(2));
    assert_refuses(world, &done).await;
    let open = unseal(world, &[people.share(3)]).await.unwrap();
    assert_eq!((&open["Sealed"], &open["SharesGiven"]), (&json!(false), &json!(0)));
    assert_works(world, &done).await;
    assert!(world.service.is_ready().await);
    // Again, and all at once.
    seal(world).await;
    assert_refuses(world, &done).await;
    assert_eq!(unseal(world, &[1, 3, 4].map(|at| people.share(at))).await.unwrap()["Sealed"], false);
    assert_works(world, &done).await;
}

#[tokio::test]
async fn a_server_without_a_root_key_starts_sealed_and_answers_when_all_is_begun() {
    let scene = Scene::new().await;
    let people = People::new();
    let done = work(&scene.world).await;
    people.take_over(&scene.world).await;
    let world = &scene.world.restarted_sealed().await;
    assert_refuses(world, &done).await;
    assert_eq!(unseal(world, &[1, 2, 3].map(|at| people.share(at))).await.unwrap()["Sealed"], false);
    world.service.unsealed().await;
    // What needs the keys is begun now; requests wait for it.
    assert_refuses(world, &done).await;
    world.service.begin_answering();
    assert_works(world, &done).await;
    // There is no root key to make another recovery key by.
    let input = json!({"Recipient": people.recipient(), "SharesNeeded": 2, "Shares": 2});
    let refused = ask(world, &world.client(MANAGEMENT, REGION), "CreateRecoveryKey", input).await;
    assert_eq!(code(&refused), "UnsupportedOperationException");
}

#[tokio::test]
async fn shares_that_do_not_belong_are_told_and_open_nothing() {
    let scene = Scene::new().await;
    let (world, people, others) = (&scene.world, People::new(), People::new());
    let done = work(world).await;
    people.take_over(world).await;
    seal(world).await;
    let again = split(&people.identity, 3, 5, &OsRandom).unwrap();
    let again = |at: usize| String::from_utf8(again[at - 1].text().expose().to_vec()).unwrap();
    let slip = people.share(1).replacen("share1q", "share1p", 1);
    let too_many = vec![people.share(1); 256];
    for (shares, what) in [
        (vec![others.share(1)], "is of the recovery key"),
        ([1, 2, 3].map(|at| others.share(at)).to_vec(), "is of the recovery key"),
        (vec![slip], "checksum"),
        (vec!["word".to_owned()], "begins with kagiban-share1"),
        (vec!["k".repeat(1000)], "84 characters"),
        (vec![], "1 to 255"),
        (too_many, "1 to 255"),
        (vec![people.share(1), people.share(2), again(3)], "begin again"),
    ] {
        let error = unseal(world, &shares).await.unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (400, "ValidationException"), "{what}");
        assert!(error.message.contains(what), "{what}: {}", error.message);
        assert!(shares.iter().all(|share| share.len() < 10 || !error.message.contains(share)));
    }
    for body in [json!([]), json!({"Shares": "x"}), json!({}), json!({"Shares": [], "More": 1})] {
        assert!(anybody(world, "Unseal", &body).await.is_err(), "{body}");
    }
    assert_refuses(world, &done).await;
}

#[tokio::test]
async fn forged_shares_do_not_keep_out_whoever_has_enough() {
    let scene = Scene::new().await;
    let (world, people) = (&scene.world, People::new());
    people.take_over(world).await;
    seal(world).await;
    let forged = split(&people.identity, 3, 5, &OsRandom).unwrap();
    let forged = |at: usize| String::from_utf8(forged[at].text().expose().to_vec()).unwrap();
    unseal(world, &[forged(3), forged(4)]).await.unwrap();
    assert_eq!(unseal(world, &[1, 2, 3].map(|at| people.share(at))).await.unwrap()["Sealed"], false);
}

#[tokio::test]
async fn giving_shares_is_limited_and_forgotten_after_a_while() {
    let scene = Scene::new().await;
    let (world, people) = (&scene.world, People::new());
    people.take_over(world).await;
    seal(world).await;
    for _ in 0..20 {
        unseal(world, &[people.share(1)]).await.unwrap();
    }
    let error = unseal(world, &[people.share(2)]).await.unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (400, "ThrottlingException"));
    world.clock.move_by_ms(10_000);
    assert_eq!(unseal(world, &[people.share(2)]).await.unwrap()["SharesGiven"], 2);
    world.clock.move_by_ms(15 * 60 * 1000);
    assert_eq!(anybody(world, "DescribeSeal", &json!({})).await.unwrap()["SharesGiven"], 0);
    assert_eq!(unseal(world, &[people.share(3)]).await.unwrap()["SharesGiven"], 1);
}

#[tokio::test]
async fn an_open_server_takes_no_shares() {
    let scene = Scene::new().await;
    let (world, people) = (&scene.world, People::new());
    let open = json!({"Sealed": false, "AllNodes": false, "SharesGiven": 0});
    assert_eq!(anybody(world, "DescribeSeal", &json!({})).await.unwrap(), open);
    assert_eq!(unseal(world, &[people.share(1)]).await.unwrap(), open);
}

#[tokio::test]
async fn a_deployment_has_one_recovery_key() {
    let scene = Scene::new().await;
    let (world, people) = (&scene.world, People::new());
    let root = world.client(MANAGEMENT, REGION);
    for operation in ["DescribeRecoveryKey", "Seal"] {
        let refused = ask(world, &root, operation, json!({})).await.unwrap_err();
        assert_eq!(refused.code, "NotFoundException", "{operation}");
        assert!(refused.message.contains("kagiban recovery create"));
    }
    let recipient = people.recipient();
    for (recipient, needed, shares, what) in [
        ("age1", json!(3), json!(5), "Recipient must be"),
        (&people.share(1), json!(3), json!(5), "Recipient must be"),
        (&recipient, json!(1), json!(5), "from 2 to 255"),
        (&recipient, json!(3), json!(256), "from 2 to 255"),
        (&recipient, json!("3"), json!(5), "from 2 to 255"),
        (&recipient, json!(4), json!(3), "more than Shares"),
    ] {
        let input = json!({"Recipient": recipient, "SharesNeeded": needed, "Shares": shares});
        let refused = ask(world, &root, "CreateRecoveryKey", input).await.unwrap_err();
        assert_eq!(refused.code, "ValidationException", "{what}");
        assert!(refused.message.contains(what), "{}", refused.message);
    }
    people.take_over(world).await;
    let input = json!({"Recipient": People::new().recipient(), "SharesNeeded": 2, "Shares": 2});
    assert_eq!(code(&ask(world, &root, "CreateRecoveryKey", input).await), "AlreadyExistsException");
    let described = ask(world, &root, "DescribeRecoveryKey", json!({})).await.unwrap();
    assert_eq!(described["Recipient"], recipient);
    assert_eq!((&described["SharesNeeded"], &described["Shares"]), (&json!(3), &json!(5)));
}

/// A request to replace the recovery key by another one's, with shares of the present one.
fn replacing(new: &People, present: &[String]) -> Value {
    json!({"Recipient": new.recipient(), "SharesNeeded": 3, "Shares": 5, "PresentShares": present})
}

#[tokio::test]
async fn a_recovery_key_is_replaced_by_who_holds_its_shares() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let (old, new, foreign) = (People::new(), People::new(), People::new());
    let done = work(world).await;
    let operator = world.client(MANAGEMENT, REGION);
    let shares = |people: &People, numbers: &[usize]| numbers.iter().map(|at| people.share(*at)).collect::<Vec<_>>();
    let none = ask(world, &operator, "ReplaceRecoveryKey", replacing(&new, &shares(&old, &[1, 2, 3]))).await;
    assert_eq!(code(&none), "NotFoundException");
    old.take_over(world).await;
    for (number, (present, why)) in [
        (json!([]), "1 to 255"),
        (json!(shares(&old, &[1, 2])), "3 different shares"),
        (json!(shares(&old, &[1, 1, 2])), "3 different shares"),
        (json!(shares(&foreign, &[1, 2, 3])), "is of the recovery key"),
        (json!(["word", "word", "word"]), "kagiban-share1"),
        (json!(old.share(1)), "list of texts"),
        (json!([1, 2]), "list of texts"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut input = replacing(&new, &[]);
        input["PresentShares"] = present;
        let refused = ask(world, &operator, "ReplaceRecoveryKey", input).await.unwrap_err();
        assert_eq!(refused.code, "ValidationException", "{number}");
        assert!(refused.message.contains(why), "{number}: {}", refused.message);
        assert!(!refused.message.contains(&old.share(1)[20..60]), "{number}: a share is told");
    }
    let same = ask(world, &operator, "ReplaceRecoveryKey", replacing(&old, &shares(&old, &[1, 2, 3]))).await;
    assert_eq!(code(&same), "ValidationException");
    let sealed_to = |people: &People| people.fingerprint();
    assert_eq!(anybody(world, "DescribeSeal", &json!({})).await.unwrap()["RecoveryKey"], sealed_to(&old));

    ask(world, &operator, "ReplaceRecoveryKey", replacing(&new, &shares(&old, &[5, 2, 4]))).await.unwrap();
    assert_eq!(anybody(world, "DescribeSeal", &json!({})).await.unwrap()["RecoveryKey"], sealed_to(&new));
    assert_eq!(scene.row_count_of("erasure").await, 1, "what was sealed to the old one is to be erased");
    seal(world).await;
    assert!(unseal(world, &shares(&old, &[1, 2, 3])).await.is_err());
    assert_refuses(world, &done).await;
    assert_eq!(unseal(world, &shares(&new, &[1, 3, 4])).await.unwrap()["Sealed"], false);
    assert_works(world, &done).await;
    // The old shares do not bring it back.
    let back = ask(world, &operator, "ReplaceRecoveryKey", replacing(&old, &shares(&old, &[1, 2, 3]))).await;
    assert_eq!(code(&back), "ValidationException");
}

/// Where no root key is, the shares alone lead from one key to the other; a domain key that is being rotated is among them.
#[tokio::test]
async fn it_is_replaced_without_a_root_key_and_during_a_rotation() {
    let scene = Scene::new().await;
    let (old, new) = (People::new(), People::new());
    let done = work(&scene.world).await;
    old.take_over(&scene.world).await;
    crate::domain_keys::rotate(&scene.world, false).await;
    let world = &scene.world.restarted_sealed().await;
    world.service.begin_answering();
    let shares = [1, 2, 3].map(|at| old.share(at));
    unseal(world, &shares).await.unwrap();
    ask(world, &world.client(MANAGEMENT, REGION), "ReplaceRecoveryKey", replacing(&new, &shares)).await.unwrap();
    crate::domain_keys::tend(&world.service).await;
    seal(world).await;
    unseal(world, &[1, 2, 3].map(|at| new.share(at))).await.unwrap();
    assert_works(world, &done).await;
}

/// Two nodes on one store, each of which obeys orders as a server does.
struct Two {
    first: World,
    second: World,
}

impl Two {
    async fn new(people: &People) -> Self {
        let engine = MemoryEngine::new();
        let first = World::on(Arc::new(engine.clone())).await;
        let second = Self::another(&first, &engine, 2).await;
        people.take_over(&first).await;
        obey(&first);
        join(&first, 1).await;
        join(&second, 2).await;
        Self { first, second }
    }

    async fn another(first: &World, engine: &MemoryEngine, seed: u64) -> World {
        let random = Arc::new(SeededRandom::new(seed));
        let world = World::reopen(Arc::new(engine.clone()), Arc::clone(&first.clock), random).await;
        obey(&world);
        world
    }
}

fn obey(world: &World) {
    let service = Arc::clone(&world.service);
    tokio::spawn(async move {
        loop {
            assert!(service.obey_seal_order().await);
            service.seal_order_changed().await;
        }
    });
}

async fn join(world: &World, number: u8) {
    world.service.refuse_when_older_than(Duration::from_secs(3600));
    let (id, name, freshness_bound) = (NodeId([number; 16]), format!("node {number}"), Duration::from_secs(2));
    world.service.join_nodes(Node { id, name, version: "0", freshness_bound, waits_for_all: false }).await.unwrap();
    let service = Arc::clone(&world.service);
    tokio::spawn(async move {
        loop {
            service.node_report_wanted().await;
            service.report_node(false).await.unwrap();
        }
    });
}

async fn order(world: &World) -> Value {
    ask(world, &world.client(MANAGEMENT, REGION), "Seal", json!({"AllNodes": true})).await.unwrap()
}

async fn lift(world: &World, people: &People) -> Value {
    let shares = [1, 2, 5].map(|at| people.share(at));
    anybody(world, "Unseal", &json!({ "Shares": shares, "AllNodes": true })).await.unwrap()
}

/// What is done behind an answer is done once nothing else can go on.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_seals_all_nodes_before_it_is_answered_and_is_lifted_by_shares() {
    let people = People::new();
    let Two { first, second } = Two::new(&people).await;
    let done = work(&first).await;
    assert_works(&second, &done).await;
    let ordered = order(&first).await;
    let second_is = |state: &str| json!({"NodeId": "02".repeat(16), "NodeName": "node 2", "State": state});
    assert_eq!(ordered["Nodes"], json!([second_is("SEALED")]));
    for world in [&first, &second] {
        assert_refuses(world, &done).await;
    }
    // Shares open one of them; the other, and a restart of the first, stay sealed.
    assert_eq!(unseal(&second, &[1, 2, 3].map(|at| people.share(at))).await.unwrap()["AllNodes"], true);
    settle().await;
    assert_works(&second, &done).await;
    assert_refuses(&first, &done).await;
    let again = second.restarted().await;
    again.service.begin_answering();
    obey(&again);
    settle().await;
    assert_refuses(&again, &done).await;
    // Those that have a root key open by themselves once it is lifted, at a node that is open.
    let lifted = lift(&second, &people).await;
    assert_eq!((&lifted["Sealed"], &lifted["AllNodes"]), (&json!(false), &json!(false)));
    settle().await;
    for world in [&first, &second, &again] {
        assert_works(world, &done).await;
    }
    // Another order counts for the one that the last was set aside for.
    order(&first).await;
    for world in [&first, &second, &again] {
        assert_refuses(world, &done).await;
    }
    lift(&first, &people).await;
    settle().await;
    for world in [&first, &second, &again] {
        assert_works(world, &done).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_root_key_opens_stays_sealed_when_the_order_is_lifted() {
    let people = People::new();
    let Two { first, second } = Two::new(&people).await;
    let done = work(&first).await;
    let without = second.restarted_sealed().await;
    obey(&without);
    without.service.begin_answering();
    // And so does one that somebody sealed by itself.
    seal(&second).await;
    order(&first).await;
    lift(&first, &people).await;
    settle().await;
    assert_works(&first, &done).await;
    for world in [&second, &without] {
        assert_refuses(world, &done).await;
        assert_eq!(unseal(world, &[1, 2, 3].map(|at| people.share(at))).await.unwrap()["Sealed"], false);
        settle().await;
        assert_works(world, &done).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_lifted_by_enough_shares_of_the_right_key_only() {
    let (people, others) = (People::new(), People::new());
    let Two { first, second } = Two::new(&people).await;
    let done = work(&first).await;
    order(&first).await;
    for shares in [vec![others.share(1), others.share(2), others.share(3)], vec![people.share(1), people.share(2)]] {
        _ = anybody(&second, "Unseal", &json!({ "Shares": shares, "AllNodes": true })).await;
        settle().await;
        assert_refuses(&first, &done).await;
        assert_refuses(&second, &done).await;
    }
    // At a node that is open nobody lifts it without them either.
    unseal(&second, &[1, 2, 3].map(|at| people.share(at))).await.unwrap();
    _ = anybody(&second, "Unseal", &json!({ "Shares": [people.share(1)], "AllNodes": true })).await;
    settle().await;
    assert_refuses(&first, &done).await;
    assert_works(&second, &done).await;
}

/// What broke: shares that were given to lift an order lifted one that came meanwhile, too.
#[tokio::test(start_paused = true)]
async fn shares_lift_the_order_that_stood_and_none_that_came_since() {
    let (people, memory) = (People::new(), MemoryEngine::new());
    let engine = FaultyEngine::new(Arc::new(memory.clone()));
    let first = World::on(Arc::new(engine.clone())).await;
    let second = Two::another(&first, &memory, 2).await;
    people.take_over(&first).await;
    obey(&first);
    join(&first, 1).await;
    join(&second, 2).await;
    let done = work(&first).await;
    order(&first).await;
    unseal(&second, &[1, 2, 3].map(|at| people.share(at))).await.unwrap();
    settle().await;
    let gate = Gate::new();
    engine.plan(Call::Commit, 1, Fault::Gate(gate.clone()));
    let meanwhile = async {
        settle().await;
        order(&second).await;
        gate.open();
    };
    let (lifted, ()) = tokio::join!(lift(&first, &people), meanwhile);
    assert_eq!(lifted["AllNodes"], true);
    settle().await;
    for world in [&first, &second] {
        assert_refuses(world, &done).await;
    }
    lift(&second, &people).await;
    settle().await;
    assert_works(&first, &done).await;
}

/// What broke: shares of a key that was replaced stayed on a sealed server, and made those of the new one come to nothing.
#[tokio::test(start_paused = true)]
async fn shares_of_a_key_that_was_replaced_are_forgotten() {
    let (old, new) = (People::new(), People::new());
    let Two { first, second } = Two::new(&old).await;
    let done = work(&first).await;
    seal(&first).await;
    assert_eq!(unseal(&first, &[old.share(5)]).await.unwrap()["SharesGiven"], 1);
    let shares = [1, 2, 3].map(|at| old.share(at));
    ask(&second, &second.client(MANAGEMENT, REGION), "ReplaceRecoveryKey", replacing(&new, &shares)).await.unwrap();
    for (number, sealed) in [(1, true), (2, true), (3, false)] {
        assert_eq!(unseal(&first, &[new.share(number)]).await.unwrap()["Sealed"], sealed, "{number}");
    }
    assert_works(&first, &done).await;
}

/// A node that hears of the order late refuses nothing until then, which the bound of freshness is for; the answer names it.
#[tokio::test(start_paused = true)]
async fn nodes_that_do_not_answer_or_do_not_know_orders_are_named() {
    let people = People::new();
    let engine = MemoryEngine::new();
    let first = World::on(Arc::new(engine.clone())).await;
    people.take_over(&first).await;
    obey(&first);
    join(&first, 1).await;
    let silent =
        World::reopen(Arc::new(engine.clone()), Arc::clone(&first.clock), Arc::new(SeededRandom::new(2))).await;
    let unaware =
        World::reopen(Arc::new(engine.clone()), Arc::clone(&first.clock), Arc::new(SeededRandom::new(3))).await;
    for (number, world) in [(2, &silent), (3, &unaware)] {
        let (id, name, freshness_bound) = (NodeId([number; 16]), format!("node {number}"), Duration::from_secs(2));
        world.service.join_nodes(Node { id, name, version: "0", freshness_bound, waits_for_all: false }).await.unwrap();
    }
    let row = [b"node-formats\0".as_slice(), &[3; 16]].concat();
    engine.commit(kagiban_storage::Batch::new().delete(row)).await.unwrap();
    create_key(&first.client(ACCOUNT, REGION)).await;
    let states: Vec<_> =
        order(&first).await["Nodes"].as_array().unwrap().iter().map(|node| text(&node["State"])).collect();
    assert_eq!(states, ["SILENT", "UNAWARE"]);
}
