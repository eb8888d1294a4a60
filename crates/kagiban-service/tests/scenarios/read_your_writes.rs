//! Whoever has the answer to a change sees the change with the next request, however many others write meanwhile.

use std::sync::Arc;

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::subjects::{Subject, import};
use crate::support::{ACCOUNT, HI, OTHER_ACCOUNT, REGION, create_key, describe, encrypt, key_id_of, text, texts_of};

/// Runs every operation that writes, and looks after each for what it did. `name` keeps this writer's aliases apart.
async fn write_and_look(client: &Client<'_>, name: &str) {
    let (one, two) = (create_key(client).await, create_key(client).await);
    let (alias, tag) = (format!("alias/{name}"), json!([{"TagKey": name, "TagValue": "v"}]));
    for key in [&one, &two] {
        assert_eq!(describe(client, key).await["KeyState"], "Enabled");
        encrypt(client, key, HI).await;
        assert!(all_keys(client).await.contains(&key_id_of(key).to_owned()));
    }
    call(client, "CreateAlias", json!({"AliasName": alias, "TargetKeyId": one})).await;
    assert_eq!(describe(client, &alias).await["Arn"], one.as_str());
    assert_eq!(aliases_of(client, &one).await, [alias.as_str()]);
    call(client, "UpdateAlias", json!({"AliasName": alias, "TargetKeyId": two})).await;
    assert_eq!(describe(client, &alias).await["Arn"], two.as_str());
    assert!(aliases_of(client, &one).await.is_empty());
    call(client, "DeleteAlias", json!({"AliasName": alias})).await;
    assert_eq!(code_of(client, "DescribeKey", json!({"KeyId": alias})).await, "NotFoundException");
    call(client, "UpdateKeyDescription", json!({"KeyId": one, "Description": name})).await;
    assert_eq!(describe(client, &one).await["Description"], name);
    call(client, "TagResource", json!({"KeyId": one, "Tags": tag})).await;
    assert_eq!(call(client, "ListResourceTags", json!({"KeyId": one})).await["Tags"], tag);
    call(client, "UntagResource", json!({"KeyId": one, "TagKeys": [name]})).await;
    assert_eq!(call(client, "ListResourceTags", json!({"KeyId": one})).await["Tags"], json!([]));
    let policy = text(&call(client, "GetKeyPolicy", json!({"KeyId": one})).await["Policy"]);
    let other_policy = format!("{policy} ");
    call(client, "PutKeyPolicy", json!({"KeyId": one, "Policy": other_policy})).await;
    assert_eq!(call(client, "GetKeyPolicy", json!({"KeyId": one})).await["Policy"], other_policy.as_str());
    let sealing = json!({"KeyId": one, "Plaintext": HI});
    for (operation, code) in [
        ("DisableKey", "DisabledException"),
        ("EnableKey", ""),
        ("ScheduleKeyDeletion", "KMSInvalidStateException"),
        ("CancelKeyDeletion", "DisabledException"),
        ("EnableKey", ""),
    ] {
        call(client, operation, json!({"KeyId": one})).await;
        assert_eq!(code_of(client, "Encrypt", sealing.clone()).await, code, "after {operation}");
    }
}

async fn call(client: &Client<'_>, operation: &str, input: Value) -> Value {
    client.call(operation, input).await.unwrap_or_else(|error| panic!("{operation}: {error:?}"))
}

/// The code of the error; nothing when there is none.
async fn code_of(client: &Client<'_>, operation: &str, input: Value) -> String {
    client.call(operation, input).await.map_or_else(|error| error.code, |_| String::new())
}

async fn all_keys(client: &Client<'_>) -> Vec<String> {
    texts_of(&call(client, "ListKeys", json!({"Limit": 1000})).await["Keys"], "KeyId")
}

async fn aliases_of(client: &Client<'_>, key: &str) -> Vec<String> {
    texts_of(&call(client, "ListAliases", json!({"KeyId": key})).await["Aliases"], "AliasName")
}

#[tokio::test]
async fn a_lone_writer_sees_its_writes() {
    write_and_look(&World::new().await.client(ACCOUNT, REGION), "lone").await;
}

/// A key whose material was deleted goes on changing: it must not wait for material that does not come.
#[tokio::test]
async fn a_key_without_its_material_is_seen_to_change() {
    let world = World::new().await;
    let client = world.client(ACCOUNT, REGION);
    let subject = Subject::of("DeleteImportedKeyMaterial", &client).await;
    let key = subject.key.as_str();
    let blob = encrypt(&client, key, HI).await;
    call(&client, "DeleteImportedKeyMaterial", json!({"KeyId": key})).await;
    for description in ["one", "two"] {
        call(&client, "UpdateKeyDescription", json!({"KeyId": key, "Description": description})).await;
        let metadata = describe(&client, key).await;
        assert_eq!((&metadata["Description"], &metadata["KeyState"]), (&json!(description), &json!("PendingImport")));
    }
    let decrypt = json!({"CiphertextBlob": blob});
    assert_eq!(code_of(&client, "Decrypt", decrypt.clone()).await, "KMSInvalidStateException");
    import(&client, key).await;
    assert_eq!(describe(&client, key).await["KeyState"], "Enabled");
    assert_eq!(call(&client, "Decrypt", decrypt).await["Plaintext"], HI);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_many_writers_sees_its_writes() {
    let world = Arc::new(World::new().await);
    let mut tasks = Vec::new();
    for writer in 0..24 {
        let world = Arc::clone(&world);
        let (account, region) = [(ACCOUNT, REGION), (OTHER_ACCOUNT, REGION), (ACCOUNT, "eu-west-1")][writer % 3];
        tasks.push(tokio::spawn(async move {
            write_and_look(&world.client(account, region), &format!("writer-{writer}")).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(all_keys(&world.client(ACCOUNT, REGION)).await.len(), 16);
}

/// Writers of one key: none of their changes is lost, since each changes what it has just read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_of_one_key_lose_no_change() {
    let world = Arc::new(World::new().await);
    let key = create_key(&world.client(ACCOUNT, REGION)).await;
    let mut tasks = Vec::new();
    for writer in 0..50 {
        let (world, key) = (Arc::clone(&world), key.clone());
        tasks.push(tokio::spawn(async move {
            let client = world.client(ACCOUNT, REGION);
            let tags = json!([{"TagKey": format!("{writer:02}"), "TagValue": "v"}]);
            call(&client, "TagResource", json!({"KeyId": key, "Tags": tags})).await;
            call(&client, "UpdateKeyDescription", json!({"KeyId": key, "Description": writer.to_string()})).await;
            let alias = json!({"AliasName": format!("alias/{writer:02}"), "TargetKeyId": key});
            call(&client, "CreateAlias", alias).await;
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let client = world.client(ACCOUNT, REGION);
    let expected: Vec<String> = (0..50).map(|n| format!("{n:02}")).collect();
    let tags = call(&client, "ListResourceTags", json!({"KeyId": key})).await;
    assert_eq!(texts_of(&tags["Tags"], "TagKey"), expected);
    assert_eq!(aliases_of(&client, &key).await.len(), 50);
    let last = text(&describe(&client, &key).await["Description"]);
    assert!((0..50).any(|n| n.to_string() == last), "{last}");
}

/// Whoever lists keys while others make them: what is in the list works at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_meet_no_half_made_key() {
    let world = Arc::new(World::new().await);
    let makers: Vec<_> = (0..4)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                for _ in 0..25 {
                    create_key(&world.client(ACCOUNT, REGION)).await;
                }
            })
        })
        .collect();
    let client = world.client(ACCOUNT, REGION);
    loop {
        let done = makers.iter().all(tokio::task::JoinHandle::is_finished);
        let keys = all_keys(&client).await;
        for key in &keys {
            // The list comes from the store and may be ahead of the view; a key is then not there yet, or whole.
            let code = code_of(&client, "Encrypt", json!({"KeyId": key, "Plaintext": HI})).await;
            assert!(code.is_empty() || code == "NotFoundException", "{code}");
        }
        if done {
            assert_eq!(keys.len(), 100);
            break;
        }
    }
}
