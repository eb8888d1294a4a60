//! Why was a request decided so? Each account is told its own side, and nobody without the permission anything.

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{allowing, ask, code, send};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, create_key, text};

/// Calls an operation of KMS; gives its number.
async fn kms(world: &World, client: &Client<'_>, operation: &str, input: Value) -> (String, super::Answered) {
    send(world, client, "kms", &format!("TrentService.{operation}"), input.to_string()).await
}

/// The decisions of a request as this caller is told them: action and text each.
async fn explained(world: &World, client: &Client<'_>, id: &str) -> Vec<(String, String)> {
    let answer = ask(world, client, "ExplainRequest", json!({"RequestId": id})).await.unwrap();
    let decisions = answer["Decisions"].as_array().unwrap().iter();
    decisions.map(|decision| (text(&decision["Action"]), text(&decision["Text"]))).collect()
}

#[tokio::test]
async fn a_denied_request_is_explained_to_who_may_ask() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "OnlyPayroll", "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:app": "payroll"}},
    }]});
    let user = root.user("clerk", &policy).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk=", "EncryptionContext": {"app": "other"}});
    let (id, answered) = kms(&world, &user, "Encrypt", input).await;
    let refusal = answered.unwrap_err();
    assert_eq!(refusal.code, "AccessDeniedException");
    assert!(!refusal.message.contains("payroll") && !refusal.message.contains("OnlyPayroll"), "{refusal:?}");

    let auditor = root.user("auditor", &allowing(&json!("kagiban:ExplainRequest"))).await;
    for asking in [&root, &auditor] {
        let [(action, text)] = &explained(&world, asking, &id).await[..] else { panic!("one decision") };
        assert_eq!(action, "kms:Encrypt");
        for part in [
            &format!("user/clerk asked for kms:Encrypt on {key}."),
            &refusal.message,
            "OnlyPayroll",
            "payroll",
            "other",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    // In capitals too; who was denied needs the permission as everybody does.
    assert_eq!(explained(&world, &root, &id.to_uppercase()).await.len(), 1);
    let own = ask(&world, &user, "ExplainRequest", json!({"RequestId": id})).await;
    assert_eq!(code(&own), "AccessDeniedException");
    let message = own.unwrap_err().message;
    assert!(message.contains("kagiban:ExplainRequest") && !message.contains("payroll"), "{message}");
}

#[tokio::test]
async fn a_permitted_request_is_explained_too() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let user = root.user("clerk", &allowing(&json!("kms:*"))).await;
    let (id, answered) = kms(&world, &user, "DescribeKey", json!({"KeyId": key})).await;
    answered.unwrap();
    let told = explained(&world, &root, &id).await;
    assert_eq!(told[0].0, "kms:DescribeKey");
    assert!(told[0].1.contains("was allowed by statement 1 of the identity-based policy p"), "{told:?}");
    // So is a call of these operations themselves, and of IAM.
    let (id, _) = send(&world, &root, "kagiban", "Kagiban.ListAccounts", "{}").await;
    let told = explained(&world, &root, &id).await;
    assert_eq!(told[0].0, "kagiban:ListAccounts");
    assert!(told[0].1.contains("not the management account"), "{told:?}");
}

/// One answer for a number that never was, that another account has, and that is forgotten.
#[tokio::test]
async fn what_is_not_the_callers_is_not_there() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let key = create_key(&root).await;
    let user = root.user("clerk", &Value::Null).await;
    let (id, _) = kms(&world, &user, "DescribeKey", json!({"KeyId": key})).await;
    assert_eq!(explained(&world, &root, &id).await.len(), 1);
    let never =
        ask(&world, &other, "ExplainRequest", json!({"RequestId": "11111111-2222-4333-8444-555555555555"})).await;
    assert_eq!(code(&never), "NotFoundException");
    assert_eq!(ask(&world, &other, "ExplainRequest", json!({"RequestId": id})).await, never);
    let restarted = world.restarted().await;
    let root = restarted.client(ACCOUNT, REGION);
    assert_eq!(ask(&restarted, &root, "ExplainRequest", json!({"RequestId": id})).await, never);
}

/// Across accounts each sees its own side only.
#[tokio::test]
async fn each_side_to_its_own_account() {
    let world = World::new().await;
    let (owner, guest) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let key = create_key(&owner).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "GuestsOwnRule", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
    }]});
    let user = guest.user("visitor", &policy).await;
    let (id, answered) = kms(&world, &user, "Encrypt", json!({"KeyId": key, "Plaintext": "aGk="})).await;
    assert_eq!(code(&answered), "AccessDeniedException");
    let to_owner = explained(&world, &owner, &id).await[0].1.clone();
    let to_guest = explained(&world, &guest, &id).await[0].1.clone();
    assert!(to_owner.contains("Enable IAM User Permissions") && !to_owner.contains("GuestsOwnRule"), "{to_owner}");
    assert!(to_guest.contains("GuestsOwnRule") && !to_guest.contains("Enable IAM User Permissions"), "{to_guest}");
}
