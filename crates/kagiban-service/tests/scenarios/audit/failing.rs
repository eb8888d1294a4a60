//! When the journal fails, no answer leaves; and what is given up half-way is recorded all the same.

use std::sync::Arc;

use bytes::Bytes;
use kagiban_audit::{Follower, Record};
use kagiban_testkit::{MemoryJournal, Setting, World};
use serde_json::json;

use crate::support::{ACCOUNT, HI, REGION, create_key, encrypt};

/// The statuses of one request of each door.
async fn asked(world: &World, key: &str, blob: &str) -> Vec<(u16, String)> {
    let root = world.client(ACCOUNT, REGION);
    let mut asked = Vec::new();
    for (target, body) in [
        ("TrentService.Decrypt", json!({"CiphertextBlob": blob})),
        ("TrentService.GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})),
        ("TrentService.Encrypt", json!({})),
        ("Kagiban.DescribeClock", json!({})),
    ] {
        let response = world.send(root.signed(target, Bytes::from(body.to_string()))).await;
        asked.push((response.status.as_u16(), String::from_utf8(response.body.to_vec()).unwrap()));
    }
    let error = root.sts("GetSessionToken", &[]).await.unwrap_err();
    asked.push((error.status, error.message));
    asked
}

fn assert_unanswered(asked: &[(u16, String)]) {
    for (status, body) in asked {
        assert!(*status == 503 && body.contains("audit journal"), "{status} {body}");
        assert!(!body.contains("Plaintext") && !body.contains("Secret"), "{body}");
    }
}

#[tokio::test]
async fn nothing_is_answered_once_the_journal_has_stopped() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let blob = encrypt(&root, &key, HI).await;
    world.journal().stop();
    assert_unanswered(&asked(&world, &key, &blob).await);
    // Nor is anything begun: the key is not disabled behind the answer.
    let error = root.call("DisableKey", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (503, "ServiceUnavailableException"));
    world.journal().resume();
    assert_eq!(root.call("DescribeKey", json!({"KeyId": key})).await.unwrap()["KeyMetadata"]["Enabled"], true);
}

/// At the very record of a request, whichever it is.
#[tokio::test]
async fn nothing_is_answered_whose_record_fails() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let blob = encrypt(&root, &key, HI).await;
    for place in 0..5 {
        world.journal().stop_after(place);
        let asked = asked(&world, &key, &blob).await;
        assert_unanswered(&asked[usize::try_from(place).unwrap()..]);
        world.journal().resume();
    }
}

#[tokio::test]
async fn strict_answers_wait_for_their_record() {
    let journal = Arc::new(MemoryJournal::strict());
    let world = Arc::new(World::of(Setting { journal: Arc::clone(&journal), ..Setting::default() }).await);
    let key = create_key(&world.client(ACCOUNT, REGION)).await;
    journal.hold();
    let caller = Arc::clone(&world);
    let waiting = tokio::spawn(async move {
        let root = caller.client(ACCOUNT, REGION);
        root.call("GenerateDataKey", json!({"KeyId": key, "KeySpec": "AES_256"})).await
    });
    journal.reached(journal.latest().next()).await;
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    journal.release();
    assert!(waiting.await.unwrap().is_ok());
    // And one whose record never becomes durable.
    journal.hold();
    let caller = Arc::clone(&world);
    let waiting = tokio::spawn(async move {
        caller.client(ACCOUNT, REGION).call("GenerateRandom", json!({"NumberOfBytes": 8})).await
    });
    journal.reached(journal.latest().next()).await;
    journal.stop();
    assert_eq!(waiting.await.unwrap().unwrap_err().status, 503);
}

/// A client that goes away while its change is being written.
#[tokio::test]
async fn what_is_given_up_is_recorded() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let before = world.journal().count();
    let call = root.call("DisableKey", json!({"KeyId": key}));
    // Polled once: it waits for the view to follow.
    tokio::select! { biased; _ = call => panic!("it did not wait"), () = std::future::ready(()) => {} }
    let entries = world.journal().entries_after(before);
    let [entry] = &entries[..] else { panic!("{} records", entries.len()) };
    let record = Record::decode(&entry.bytes).unwrap();
    assert_eq!((record.event_name, record.error_code), ("DisableKey", "RequestAborted"));
    assert_eq!(record.request_parameters, json!({"keyId": key}).to_string());
}

/// The search of records for secrets finds one that is there.
#[tokio::test]
async fn a_secret_that_is_recorded_is_found() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let message = "c2VjcmV0IG1lc3NhZ2U=";
    encrypt(&root, &key, message).await;
    let secrets = world.journal().secrets();
    assert!(secrets.found_in(b"...secret message...").is_some() && secrets.found_in(message.as_bytes()).is_some());
    let entries = world.journal().entries_after(0);
    assert!(entries.iter().all(|entry| secrets.found_in(&entry.bytes).is_none()));
    // Told in an encryption context, which records show, it would be found at once; so it goes to another journal.
    let other = World::new().await;
    let root = other.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let input = json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"said": "secret message"}});
    root.call("GenerateDataKey", input).await.unwrap();
    let entries = other.journal().entries_after(0);
    assert!(entries.iter().any(|entry| secrets.found_in(&entry.bytes).is_some()));
}
