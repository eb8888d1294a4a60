//! Answers that tell what they should not: lists, and refusals from which somebody could learn what exists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kagiban_base::id::KeyId;
use kagiban_testkit::World;
use serde_json::json;

use super::is_denied;
use crate::authorization::cases::{Manner, Stage, cases, hidden, policy, statement};
use crate::authorization::deciding::{allow, one};
use crate::support::{
    ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, base64, create_key, encrypt, fresh_accounts, key_and_blob, key_id_of,
    text, texts_of, with,
};

#[tokio::test]
async fn listing_is_a_permission_of_its_own_and_shows_one_account() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (key, foreign) = (create_key(&root).await, create_key(&other).await);
    root.call("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key})).await.unwrap();
    let grant =
        json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "RetiringPrincipal": ACCOUNT, "Operations": ["Encrypt"]});
    let token = root.call("CreateGrant", grant).await.unwrap()["GrantToken"].clone();
    let lists = [
        ("ListKeys", json!({})),
        ("ListAliases", json!({})),
        ("ListAliases", json!({"KeyId": key})),
        ("ListGrants", json!({"KeyId": key})),
        ("ListRetirableGrants", json!({"RetiringPrincipal": ACCOUNT})),
        ("ListKeyPolicies", json!({"KeyId": key})),
        ("ListResourceTags", json!({"KeyId": key})),
    ];
    let everything_else = json!({"Effect": "Allow", "NotAction": "kms:List*", "Resource": "*"});
    let ann = root.user("ann", &one(everything_else)).await;
    for (operation, input) in &lists {
        assert!(is_denied(&ann, operation, input.clone()).await, "{operation} {input}");
    }
    // A permission on a key is none to list keys.
    root.user_policy("ann", &policy(vec![statement("Allow", "kms:List*", &key)])).await;
    for (operation, input) in &lists[..3] {
        assert!(is_denied(&ann, operation, input.clone()).await, "{operation} {input}");
    }
    for (operation, input) in &lists {
        let answer = root.call(operation, input.clone()).await.unwrap().to_string();
        assert!(!answer.contains(key_id_of(&foreign)), "{operation}");
        assert!(!answer.contains(token.as_str().unwrap()) && !answer.contains("GrantToken"), "{operation}");
    }
    let keys = root.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(texts_of(&keys["Keys"], "KeyArn"), [key]);
}

/// Of another account's keys nothing is told: not whether they exist, in which state they are, what they are for.
#[tokio::test]
async fn answers_about_foreign_keys_do_not_tell_whether_they_exist() {
    let world = World::new().await;
    let stranger = world.client("999999999999", REGION).user("eve", &allow("kms:*")).await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &world, &account).await;
        let Some(ask) = stage.asks.iter().find(|ask| ask.is_key || case.operation == "RetireGrant") else { continue };
        if case.operation == "DeleteAlias" || case.manner == Manner::ByCiphertext {
            continue;
        }
        let input = stage.input.to_string();
        let alias = format!("arn:aws:kms:{REGION}:{account}:alias/it");
        let calls = [
            input.clone(),
            input.replace(key_id_of(&ask.resource), NO_KEY),
            input.replace(&*ask.resource, &alias),
            input.replace(&*ask.resource, &alias.replace("/it", "/none")),
            input.replace(&*ask.resource, &ask.resource.replace(REGION, "eu-west-1")),
            input.replace(&*ask.resource, &ask.resource.replace(&account, "888888888888")),
        ];
        let mut answers = Vec::new();
        for input in calls {
            // The blob says its key too, so only what names keys is replaced.
            let answer = stranger.call_bytes(case.operation, Bytes::from(input)).await.unwrap_err();
            answers.push(answer);
        }
        let (keys, aliases) = ([0, 1, 4, 5].map(|at| &answers[at]), [&answers[2], &answers[3]]);
        assert!(keys.iter().all(|answer| *answer == keys[0]), "{}: {keys:#?}", stage.name());
        assert_eq!(aliases[0], aliases[1], "{}", stage.name());
        for way in ["DisableKey", "ScheduleKeyDeletion"] {
            if case.operation == "CancelKeyDeletion" {
                continue;
            }
            stage.root.call(way, json!({"KeyId": ask.resource})).await.unwrap();
            assert_eq!(stage.call(&stranger).await.unwrap_err(), answers[0], "{} after {way}", stage.name());
        }
    }
}

#[tokio::test]
async fn answers_about_foreign_ciphertexts_do_not_tell_whose_they_are() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let eve = world.client(OTHER_ACCOUNT, REGION).user("eve", &allow("kms:*")).await;
    let (key, blob) = key_and_blob(&root).await;
    let own = create_key(&world.client(OTHER_ACCOUNT, REGION)).await;
    let nobodys = {
        let mut bytes = STANDARD.decode(&blob).unwrap();
        bytes[6..22].copy_from_slice(&NO_KEY.parse::<KeyId>().unwrap().bytes());
        base64(&bytes)
    };
    for way in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
        root.call(way, json!({"KeyId": key})).await.unwrap();
        for (operation, more) in [("Decrypt", json!({})), ("ReEncrypt", json!({"DestinationKeyId": own}))] {
            let mut answers = Vec::new();
            for blob in [&blob, &nobodys] {
                let input = with(&more, json!({"CiphertextBlob": blob}));
                answers.push(eve.call(operation, input).await.unwrap_err());
            }
            assert_eq!(answers[0], answers[1], "{operation} {way}");
            assert_eq!(answers[0].code, "AccessDeniedException", "{operation} {way}");
        }
        // Named, too.
        for blob in [&blob, &nobodys] {
            let input = json!({"CiphertextBlob": blob, "KeyId": key});
            let expected = hidden(&format!("arn:aws:iam::{OTHER_ACCOUNT}:user/eve"), "kms:Decrypt");
            assert_eq!(eve.call("Decrypt", input).await, Err(expected), "{way}");
        }
    }
}

/// Data of one caller stays with it when ids of keys are known.
#[tokio::test]
async fn a_ciphertext_opens_for_its_own_key_and_owner_only() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (key, theirs) = (create_key(&root).await, create_key(&other).await);
    let blob = encrypt(&root, &key, HI).await;
    let named_wrongly = json!({"CiphertextBlob": blob, "KeyId": theirs});
    assert_eq!(other.call("Decrypt", named_wrongly).await.unwrap_err().code, "IncorrectKeyException");
    let into_theirs = json!({"CiphertextBlob": blob, "DestinationKeyId": theirs});
    assert!(is_denied(&other, "ReEncrypt", into_theirs.clone()).await);
    assert!(is_denied(&root, "ReEncrypt", into_theirs).await);
    // The same id in another Region is another key.
    let elsewhere = root.in_region("eu-west-1");
    assert!(elsewhere.call("Decrypt", json!({"CiphertextBlob": blob})).await.is_err());
    assert_eq!(text(&root.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"]), HI);
}
