//! A few signed calls to a whole service on a store in memory: each line is an operation's name, a space and a body. In
//! a body `@id`, `@arn`, `@alias` and `@blob` stand for a key, its ARN, its alias and a ciphertext under it, `@new` for
//! the key that the input itself created last, `@out` for the bytes that the last call gave, whatever it gave.
//!
//! Property: every answer is a success or an error that is the caller's fault, never ours (no status of 500 and above,
//! no panic), with a body of bounded length that is JSON and names its error; and afterwards the service still answers,
//! the key still exists, and what it sealed opens again if its state allows.
#![no_main]

use std::cell::RefCell;

use bytes::Bytes;
use kagiban_api::Operation;
use kagiban_testkit::World;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const CALLS_MAX: usize = 8;
const ANSWER_LEN_MAX: usize = 1 << 20;
/// Inputs after which the world is made anew, so that what they create does not fill the memory.
const INPUTS_PER_WORLD: u32 = 200;
const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";

/// What the calls of one input gave, for the calls after them.
#[derive(Default)]
struct Given {
    key_id: String,
    bytes: String,
}

/// Members of answers that other operations take as input.
const BYTES: [&str; 9] = [
    "CiphertextBlob",
    "Ciphertext",
    "CiphertextForRecipient",
    "ImportToken",
    "Mac",
    "PrivateKeyCiphertextBlob",
    "PublicKey",
    "SharedSecret",
    "Signature",
];

impl Given {
    fn take(&mut self, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(key_id) = answer.pointer("/KeyMetadata/KeyId").and_then(text) {
            self.key_id = key_id;
        }
        if let Some(bytes) = BYTES.iter().find_map(|member| answer.get(member).and_then(text)) {
            self.bytes = bytes;
        }
    }
}

struct Stage {
    runtime: Runtime,
    world: World,
    /// What the tokens in bodies stand for.
    tokens: [(&'static str, String); 4],
    inputs: u32,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let world = runtime.block_on(World::new());
        let tokens = runtime.block_on(async {
            let client = world.client(ACCOUNT, REGION);
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let key = &client.call("CreateKey", json!({})).await.expect("a key")["KeyMetadata"];
            let id = text(&key["KeyId"]);
            let alias = json!({ "AliasName": "alias/fuzz", "TargetKeyId": id });
            client.call("CreateAlias", alias).await.expect("an alias");
            let plaintext = json!({ "KeyId": id, "Plaintext": "aGVsbG8=" });
            let sealed = client.call("Encrypt", plaintext).await.expect("a ciphertext");
            // The longer name first: `@alias` must not be taken for `@a...`.
            [
                ("@alias", "alias/fuzz".to_owned()),
                ("@arn", text(&key["Arn"])),
                ("@blob", text(&sealed["CiphertextBlob"])),
                ("@id", id),
            ]
        });
        Self { runtime, world, tokens, inputs: 0 }
    }

    fn body(&self, written: &[u8], given: &Given) -> Bytes {
        let Ok(text) = str::from_utf8(written) else { return Bytes::copy_from_slice(written) };
        let replace = |text: String, (token, value): &(&str, String)| text.replace(token, value);
        let text = self.tokens.iter().fold(text.to_owned(), replace);
        text.replace("@new", &given.key_id).replace("@out", &given.bytes).into()
    }

    fn call(&self, line: &[u8], given: &mut Given) {
        let mut words = line.splitn(2, |byte| *byte == b' ');
        let name = words.next().and_then(|name| str::from_utf8(name).ok()).unwrap_or_default();
        let chosen = usize::from(line.first().copied().unwrap_or_default()) % Operation::ALL.len();
        let operation = Operation::from_name(name).unwrap_or(Operation::ALL[chosen]);
        let body = self.body(words.next().unwrap_or(line), given);
        let client = self.world.client(ACCOUNT, REGION);
        let request = client.signed(&format!("TrentService.{}", operation.name()), body);
        let answer = self.runtime.block_on(self.world.send(request));
        let status = answer.status.as_u16();
        assert!(status == 200 || (400..500).contains(&status), "{operation:?} answers {status}");
        assert!(answer.body.len() < ANSWER_LEN_MAX);
        if status == 200 && answer.body.is_empty() {
            return;
        }
        let body: Value = serde_json::from_slice(&answer.body).expect("answers are JSON");
        assert_eq!(status == 200, body.get("__type").is_none(), "{operation:?} answers {status} with {body}");
        given.take(&body);
    }

    /// The service must be unharmed.
    fn check(&self) {
        let [_, (_, arn), (_, blob), (_, id)] = &self.tokens;
        let client = self.world.client(ACCOUNT, REGION);
        let call = |operation, input| self.runtime.block_on(client.call(operation, input));
        let described = call("DescribeKey", json!({ "KeyId": arn })).expect("the key is there");
        assert_eq!(described["KeyMetadata"]["KeyId"].as_str(), Some(id.as_str()));
        if described["KeyMetadata"]["KeyState"] == "Enabled" {
            let opened = call("Decrypt", json!({ "CiphertextBlob": blob })).expect("what was sealed opens");
            assert_eq!(opened["Plaintext"], "aGVsbG8=");
        } else {
            assert!(call("Decrypt", json!({ "CiphertextBlob": blob })).is_err(), "a key that is off decrypts");
            // Whatever the state, the next input begins with an enabled key.
            let _not_pending = call("CancelKeyDeletion", json!({ "KeyId": arn }));
            call("EnableKey", json!({ "KeyId": arn })).expect("the key can be enabled");
        }
    }
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

fuzz_target!(|data: &[u8]| {
    STAGE.with_borrow_mut(|stage| {
        let stage = stage.get_or_insert_with(Stage::new);
        if stage.inputs >= INPUTS_PER_WORLD {
            *stage = Stage::new();
        }
        stage.inputs += 1;
        let mut given = Given::default();
        data.split(|byte| *byte == b'\n').take(CALLS_MAX).for_each(|line| stage.call(line, &mut given));
        stage.check();
    });
});
