//! What all scenarios share: a world whose store can be looked at, and tables of refusals.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_storage::engine::{Entry, KeyRange};
use kagiban_storage::{Engine, MemoryEngine, Revision};
use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const REGION: &str = "us-east-1";
/// A well-formed key id that no key has.
pub(crate) const NO_KEY: &str = "99999999-aaaa-4bbb-8ccc-dddddddddddd";

/// A world on a store that the test can look into.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) engine: MemoryEngine,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let engine = MemoryEngine::new();
        Self { world: World::on(Arc::new(engine.clone())).await, engine }
    }

    /// The root of [`ACCOUNT`] in [`REGION`].
    pub(crate) fn client(&self) -> Client<'_> {
        self.world.client(ACCOUNT, REGION)
    }

    /// How much was ever written: a request that leaves this alone changed nothing.
    pub(crate) async fn revision(&self) -> Revision {
        self.engine.snapshot().await.unwrap().revision()
    }

    /// How many rows are stored, but for what tells of deletions ([`tells_of_deletion`]).
    pub(crate) async fn row_count(&self) -> usize {
        self.rows("").await.iter().filter(|row| !tells_of_deletion(&row.key)).count()
    }

    /// How many rows of a table are stored.
    pub(crate) async fn row_count_of(&self, table: &str) -> usize {
        self.rows(&format!("{table}\0")).await.len()
    }

    /// The stored row of a key, without its version.
    pub(crate) async fn key_row(&self, arn: &str) -> Value {
        let id = key_id_of(arn).as_bytes();
        let rows = self.rows("key\0").await;
        let row = rows.iter().find(|row| row.key.windows(id.len()).any(|window| window == id)).unwrap();
        serde_json::from_slice(&row.value[1..]).unwrap()
    }

    /// The rows whose keys start so.
    async fn rows(&self, start: &str) -> Vec<Entry> {
        let snapshot = self.engine.snapshot().await.unwrap();
        let (mut range, mut rows) = (KeyRange::prefix(start.as_bytes()), Vec::new());
        loop {
            let page = snapshot.scan(&range, 1000).await.unwrap();
            rows.extend(page.entries);
            let Some(last) = rows.last().filter(|_| page.more) else { return rows };
            range = range.after(&last.key);
        }
    }
}

/// Accounts that nobody else uses: each is as good as a new world, and costs less.
pub(crate) fn fresh_accounts() -> impl Iterator<Item = String> {
    (1_u64..).map(|number| format!("{number:012}"))
}

/// A request and the error it must get.
pub(crate) struct Refusal {
    pub(crate) operation: &'static str,
    pub(crate) input: Value,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

pub(crate) fn refusal(
    operation: &'static str,
    input: Value,
    code: &'static str,
    message: impl Into<String>,
) -> Refusal {
    Refusal { operation, input, code, message: message.into() }
}

/// Every request of the table is refused with status 400, its code and exactly its text, and nothing is written.
pub(crate) async fn assert_refused(scene: &Scene, client: &Client<'_>, table: Vec<Refusal>) {
    let before = scene.revision().await;
    for Refusal { operation, input, code, message } in table {
        let shown: String = input.to_string().chars().take(200).collect();
        match client.call(operation, input).await {
            Ok(answer) => panic!("{operation} {shown} was not refused: {answer}"),
            Err(error) => assert_eq!(error, aws_error(code, &message), "{operation} {shown}"),
        }
        assert_eq!(scene.revision().await, before, "{operation} {shown} wrote something");
    }
}

pub(crate) fn aws_error(code: &str, message: &str) -> AwsError {
    AwsError { status: 400, code: code.to_owned(), message: message.to_owned() }
}

/// The text of one violation of the model's limits.
pub(crate) fn violation(what: &str) -> String {
    format!("1 validation error detected: {what}")
}

/// Makes a key with default properties and gives its ARN.
pub(crate) async fn create_key(client: &Client<'_>) -> String {
    text(&client.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["Arn"])
}

/// The metadata of a key.
pub(crate) async fn describe(client: &Client<'_>, key: &str) -> Value {
    client.call("DescribeKey", json!({"KeyId": key})).await.unwrap()["KeyMetadata"].clone()
}

/// The blob of these bytes (in base64) under a key.
pub(crate) async fn encrypt(client: &Client<'_>, key: &str, plaintext: &str) -> String {
    let answer = client.call("Encrypt", json!({"KeyId": key, "Plaintext": plaintext})).await.unwrap();
    text(&answer["CiphertextBlob"])
}

/// `hi`, in base64.
pub(crate) const HI: &str = "aGk=";

/// Whether a row is a note of what must become unrecoverable, or tells backups of what was deleted.
pub(crate) fn tells_of_deletion(key: &[u8]) -> bool {
    [&b"erasure\0"[..], b"deleted-key\0", b"deleted-material\0"].iter().any(|table| key.starts_with(table))
}

/// A key and a blob of [`HI`] under it.
pub(crate) async fn key_and_blob(client: &Client<'_>) -> (String, String) {
    let key = create_key(client).await;
    let blob = encrypt(client, &key, HI).await;
    (key, blob)
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A JSON string's text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The texts of one member of each element of a list.
pub(crate) fn texts_of(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|entry| text(&entry[member])).collect()
}

/// The input with more members.
pub(crate) fn with(input: &Value, more: Value) -> Value {
    let mut input = input.clone();
    let Value::Object(more) = more else { panic!("no object: {more}") };
    input.as_object_mut().unwrap().extend(more);
    input
}

/// The id at the end of a key ARN.
pub(crate) fn key_id_of(arn: &str) -> &str {
    arn.rsplit_once("key/").unwrap().1
}
