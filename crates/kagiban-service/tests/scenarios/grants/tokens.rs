//! Grant tokens: genuine or refused, and worth nothing by themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Scene, alice, can, code, olga};
use crate::support::{ACCOUNT, REGION, aws_error, create_key, text};

const REFUSED: &str = "The request contains a grant token that is not valid.";

#[tokio::test]
async fn tokens_are_taken_wherever_the_api_has_them() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let all = ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey", "CreateGrant"];
    let made = scene.granted(&scene.root, &alice(), &all, json!({})).await.unwrap();
    let token = &made["GrantToken"];
    assert!((1..=8192).contains(&text(token).len()));
    let blob = scene.encrypt(&scene.root, json!({})).await.unwrap();
    for (operation, input) in [
        ("DescribeKey", json!({"KeyId": scene.key})),
        ("Encrypt", json!({"KeyId": scene.key, "Plaintext": "aGk="})),
        ("Decrypt", json!({"CiphertextBlob": blob["CiphertextBlob"]})),
        ("GenerateDataKey", json!({"KeyId": scene.key, "KeySpec": "AES_128"})),
        ("CreateGrant", json!({"KeyId": scene.key, "GranteePrincipal": olga(), "Operations": ["Encrypt"]})),
    ] {
        let with = |tokens: Value| crate::support::with(&input, json!({"GrantTokens": tokens}));
        for tokens in [json!([token]), json!([]), json!(vec![token.clone(); 10])] {
            assert!(can(scene.alice.call(operation, with(tokens)).await), "{operation}");
        }
        // One that is not genuine spoils the request, for root as well.
        for caller in [&scene.alice, &scene.root] {
            let refused = caller.call(operation, with(json!([token, "AAAA"]))).await;
            assert_eq!(refused, Err(aws_error("InvalidGrantTokenException", REFUSED)), "{operation}");
        }
        let eleven = scene.alice.call(operation, with(json!(vec![token.clone(); 11]))).await;
        assert_eq!(code(eleven), "ValidationException", "{operation}");
    }
}

#[tokio::test]
async fn only_genuine_tokens_of_grants_that_exist_are_valid() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let made = scene.granted(&scene.root, &alice(), &["DescribeKey"], json!({})).await.unwrap();
    let token = text(&made["GrantToken"]);
    let with = |token: &str| json!({"KeyId": scene.key, "GrantTokens": [token]});
    let bytes = STANDARD.decode(&token).unwrap();
    let mut wrong: Vec<String> = (0..bytes.len())
        .map(|at| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            STANDARD.encode(bytes)
        })
        .collect();
    wrong.extend([
        token[..token.len() - 4].to_owned(),
        format!("{token}AAAA"),
        format!(" {token}"),
        token.to_lowercase(),
        text(&made["GrantId"]),
        "none".to_owned(),
        "!".to_owned(),
        "A".repeat(8192),
    ]);
    for wrong in wrong {
        let refused = scene.alice.call("DescribeKey", with(&wrong)).await;
        assert_eq!(refused, Err(aws_error("InvalidGrantTokenException", REFUSED)), "{wrong}");
    }
    assert!(can(scene.alice.call("DescribeKey", with(&token)).await));
    // In another Region it names nothing.
    let abroad = world.client(ACCOUNT, "eu-west-1");
    let key = create_key(&abroad).await;
    let refused = abroad.call("DescribeKey", json!({"KeyId": key, "GrantTokens": [token]})).await;
    assert_eq!(code(refused), "InvalidGrantTokenException");
    scene.revoke(&text(&made["GrantId"])).await;
    let refused = scene.root.call("DescribeKey", with(&token)).await;
    assert_eq!(refused, Err(aws_error("InvalidGrantTokenException", REFUSED)));
}

/// Who finds or steals a token has nothing.
#[tokio::test]
async fn a_token_gives_no_right_by_itself() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let made = scene.granted(&scene.root, &alice(), &["DescribeKey", "RetireGrant"], json!({})).await.unwrap();
    let token = text(&made["GrantToken"]);
    let input = json!({"KeyId": scene.key, "GrantTokens": [token]});
    for thief in [&scene.olga, &scene.other, &scene.root.user("eve", &Value::Null).await] {
        assert!(!can(thief.call("DescribeKey", input.clone()).await));
        // Nor can it be told whether the token is good, without the permission.
        let bad = thief.call("DescribeKey", json!({"KeyId": scene.key, "GrantTokens": ["AAAA"]})).await;
        assert_eq!(thief.call("DescribeKey", input.clone()).await, bad);
        assert!(!can(thief.call("RetireGrant", json!({"GrantToken": token})).await));
    }
    // With the token of one key's grant nothing is had on another.
    let other = create_key(&scene.root).await;
    assert!(!can(scene.alice.call("DescribeKey", json!({"KeyId": other, "GrantTokens": [token]})).await));
    assert!(can(scene.alice.call("DescribeKey", input).await));
}

#[tokio::test]
async fn tokens_outlive_a_restart_and_are_never_twice_the_same() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let named = json!({"Name": "n"});
    let first = scene.granted(&scene.root, &alice(), &["DescribeKey"], named.clone()).await.unwrap();
    let second = scene.granted(&scene.root, &alice(), &["DescribeKey"], named).await.unwrap();
    assert_eq!(first["GrantId"], second["GrantId"]);
    assert_ne!(first["GrantToken"], second["GrantToken"]);
    let restarted = world.restarted().await;
    let root = restarted.client(ACCOUNT, REGION);
    for made in [first, second] {
        let input = json!({"KeyId": scene.key, "GrantTokens": [made["GrantToken"]]});
        assert!(can(root.call("DescribeKey", input).await));
    }
}
