//! Production: accounts are rows, and one of them is the management account, written down in the store.

use std::sync::Arc;

use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::Signer;
use kagiban_keycore::root_key::LocalRootKey;
use kagiban_service::bootstrap::{FirstAccount, first_batch};
use kagiban_service::{DeploymentKind, Environment, Service};
use kagiban_storage::engine::KeyRange;
use kagiban_storage::{Batch, Engine, MemoryEngine, Store};
use kagiban_testkit::{FakeClock, SeededRandom, Setting};
use serde_json::{Value, json};

use super::{Answered, Door, code};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, text, texts_of};

const ACCESS_KEY_ID: &str = "AKIAFIRSTFIRSTFIRSTF";
const SECRET: &str = "the secret of the first account's root";
const DEPLOYMENT: &[u8] = b"deployment\0";

pub(super) struct Production {
    service: Service,
    clock: FakeClock,
    random: SeededRandom,
}

fn now() -> Timestamp {
    Timestamp::parse_basic_iso("20261121T120000Z").unwrap()
}

fn root_key() -> LocalRootKey {
    LocalRootKey::new(&SecretArray::new([7; 32])).unwrap()
}

/// A store as `kagiban init` makes it.
pub(super) async fn initialised() -> MemoryEngine {
    let first = FirstAccount {
        account: ACCOUNT.parse().unwrap(),
        access_key_id: ACCESS_KEY_ID.parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(SECRET.as_bytes()),
    };
    let random = SeededRandom::new(1);
    let batch = first_batch(DeploymentKind::Production, Some(&first), &root_key(), now(), &random).unwrap();
    let engine = MemoryEngine::new();
    engine.commit(batch).await.unwrap();
    engine
}

/// The stored deployment: its version and what it says.
async fn deployment(engine: &MemoryEngine) -> (u8, Value) {
    let row = engine.snapshot().await.unwrap().read(DEPLOYMENT).await.unwrap().unwrap();
    (row.value[0], serde_json::from_slice(&row.value[1..]).unwrap())
}

/// Makes the deployment one of the time before there were management accounts.
async fn take_back_to_version_1(engine: &MemoryEngine) {
    let (_, mut row) = deployment(engine).await;
    row.as_object_mut().unwrap().remove("management_account").unwrap();
    let bytes = [b"\x01", row.to_string().as_bytes()].concat();
    engine.commit(Batch::new().put(DEPLOYMENT.to_vec(), bytes)).await.unwrap();
}

/// Adds an account that was made so long after the first one.
async fn add_account(engine: &MemoryEngine, account: &str, later_ms: i64) {
    let row = json!({"created": now().unix_ms() + later_ms}).to_string();
    let key = format!("account\0{account}\0").into_bytes();
    engine.commit(Batch::new().put(key, [b"\x01", row.as_bytes()].concat())).await.unwrap();
}

fn environment() -> Environment {
    Setting::default().environment(Arc::new(FakeClock::at(now())), Arc::new(SeededRandom::new(2)))
}

/// Why a production store does not open.
pub(super) async fn open_error(store: Store) -> String {
    let opened = Service::open(store, DeploymentKind::Production, &root_key(), environment()).await;
    opened.map(|_| ()).unwrap_err().to_string()
}

impl Production {
    pub(super) async fn open(engine: &MemoryEngine) -> Self {
        let environment = environment();
        let store = Store::new(Arc::new(engine.clone()));
        let (service, mut follower) =
            Service::open(store, DeploymentKind::Production, &root_key(), environment).await.unwrap();
        tokio::spawn(async move { follower.run().await });
        Self { service, clock: FakeClock::at(now()), random: SeededRandom::new(3) }
    }

    /// Calls an operation of the operator as the root of the first account.
    pub(super) async fn ask(&self, operation: &str, input: Value) -> Answered {
        self.call((ACCESS_KEY_ID, SECRET), "kagiban", &format!("Kagiban.{operation}"), input).await
    }

    async fn call(&self, (id, secret): (&str, &str), service: &'static str, target: &str, input: Value) -> Answered {
        let signer = Signer {
            access_key_id: id.parse().unwrap(),
            secret_access_key: SecretBytes::from_slice(secret.as_bytes()),
            security_token: None,
            region: REGION.parse().unwrap(),
            service,
        };
        let door = Door { service: &self.service, clock: &self.clock, random: &self.random };
        door.send(&signer, target, input.to_string().into()).await.1
    }
}

#[tokio::test]
async fn the_first_account_manages_the_others() {
    let engine = initialised().await;
    let (version, row) = deployment(&engine).await;
    assert_eq!((version, &row["management_account"]), (2, &json!(ACCOUNT)));
    let production = Production::open(&engine).await;
    let created = production.ask("CreateAccount", json!({"Name": "second"})).await.unwrap();
    let accounts = production.ask("ListAccounts", json!({})).await.unwrap();
    let mut numbers = [ACCOUNT.to_owned(), text(&created["AccountId"])];
    numbers.sort();
    assert_eq!(texts_of(&accounts["Accounts"], "AccountId"), numbers);

    let second = (text(&created["AccessKeyId"]), text(&created["SecretAccessKey"]));
    let second = (second.0.as_str(), second.1.as_str());
    production.call(second, "kms", "TrentService.CreateKey", json!({})).await.unwrap();
    for (operation, input) in super::operations().into_iter().filter(|(name, _)| !super::OF_ACCOUNTS.contains(name)) {
        let answered = production.call(second, "kagiban", &format!("Kagiban.{operation}"), input).await;
        assert_eq!(code(&answered), "AccessDeniedException", "{operation}");
    }
    for operation in ["CloseAccount", "FindKeys", "ReopenAccount"] {
        let missing = production.ask(operation, json!({"AccountId": "999999999999"})).await;
        assert_eq!(code(&missing), "NotFoundException", "{operation}");
    }
    assert_eq!(code(&production.ask("CloseAccount", json!({"AccountId": ACCOUNT})).await), "ValidationException");

    production.ask("CloseAccount", json!({"AccountId": created["AccountId"]})).await.unwrap();
    for production in [production, Production::open(&engine).await] {
        let refused = production.call(second, "kms", "TrentService.ListKeys", json!({})).await;
        assert_eq!(code(&refused), "UnrecognizedClientException");
    }
}

/// A store of before: the account that is there is written down when it is opened, once.
#[tokio::test]
async fn an_older_store_gets_its_only_account() {
    let engine = initialised().await;
    take_back_to_version_1(&engine).await;
    assert_eq!(deployment(&engine).await.0, 1);
    Production::open(&engine).await.ask("ListAccounts", json!({})).await.unwrap();
    let (version, row) = deployment(&engine).await;
    assert_eq!((version, &row["management_account"]), (2, &json!(ACCOUNT)));
    let revision = engine.snapshot().await.unwrap().revision();
    // What looks older later does not take its place.
    add_account(&engine, OTHER_ACCOUNT, -1).await;
    Production::open(&engine).await.ask("ListAccounts", json!({})).await.unwrap();
    assert_eq!(deployment(&engine).await.1["management_account"], ACCOUNT);
    let now = engine.snapshot().await.unwrap().revision();
    assert_eq!(now.number(), revision.number() + 1, "opening wrote something");
}

#[tokio::test]
async fn of_several_accounts_the_oldest() {
    for (others, expected) in [
        (&[(OTHER_ACCOUNT, 1), ("000000000001", 1)][..], ACCOUNT),
        (&[(OTHER_ACCOUNT, -1), ("000000000001", 5)], OTHER_ACCOUNT),
        (&[(OTHER_ACCOUNT, 0), ("000000000001", 0)], "000000000001"),
    ] {
        let engine = initialised().await;
        take_back_to_version_1(&engine).await;
        for (account, later_ms) in others {
            add_account(&engine, account, *later_ms).await;
        }
        drop(Production::open(&engine).await);
        assert_eq!(deployment(&engine).await.1["management_account"], expected);
    }
}

#[tokio::test]
async fn a_store_without_accounts_has_none_yet() {
    let engine = MemoryEngine::new();
    let random = SeededRandom::new(1);
    engine.commit(first_batch(DeploymentKind::Production, None, &root_key(), now(), &random).unwrap()).await.unwrap();
    drop(Production::open(&engine).await);
    assert_eq!(deployment(&engine).await.1.get("management_account"), None);
    assert_eq!(engine.snapshot().await.unwrap().scan(&KeyRange::all(), 10).await.unwrap().entries.len(), 4);
}
