//! Access keys of service principals: made, used, listed, deleted.

use kagiban_storage::{Batch, Engine};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{MANAGEMENT, ask, code};
use crate::support::{ACCOUNT, REGION, Scene, create_key, text, texts_of};

const S3: &str = "s3.amazonaws.com";

async fn make(world: &World, operator: &Client<'_>, principal: &str) -> Value {
    ask(world, operator, "CreateServiceAccessKey", json!({"ServicePrincipal": principal})).await.unwrap()
}

fn service<'w>(world: &'w World, made: &Value) -> Client<'w> {
    world.caller((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None), REGION)
}

/// The access keys of a list, in its order.
async fn listed(world: &World, operator: &Client<'_>, input: Value) -> Vec<String> {
    let answer = ask(world, operator, "ListServiceAccessKeys", input).await.unwrap();
    texts_of(&answer["ServiceAccessKeys"], "AccessKeyId")
}

#[tokio::test]
async fn a_service_is_let_in_by_its_principal_alone() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let made = make(&world, &operator, S3).await;
    assert_eq!(made["ServicePrincipal"], S3);
    let s3 = service(&world, &made);
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let input = json!({"KeyId": key, "Plaintext": "aGk="});
    assert_eq!(s3.call("Encrypt", input.clone()).await.unwrap_err().code, "AccessDeniedException");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": S3}, "Action": "kms:Encrypt", "Resource": "*"},
    ]});
    root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy.to_string()})).await.unwrap();
    s3.call("Encrypt", input.clone()).await.unwrap();
    let logs = service(&world, &make(&world, &operator, "logs.amazonaws.com").await);
    assert_eq!(logs.call("Encrypt", input.clone()).await.unwrap_err().code, "AccessDeniedException");
    // It is no member of the management account.
    assert_eq!(s3.call("CreateKey", json!({})).await.unwrap_err().code, "AccessDeniedException");
    assert_eq!(code(&ask(&world, &s3, "ListAccounts", json!({})).await), "AccessDeniedException");
    let own_key = create_key(&operator).await;
    let refused = s3.call("Encrypt", json!({"KeyId": own_key, "Plaintext": "aGk="})).await;
    assert_eq!(refused.unwrap_err().code, "AccessDeniedException");

    let id = json!({"AccessKeyId": made["AccessKeyId"]});
    assert_eq!(ask(&world, &operator, "DeleteServiceAccessKey", id.clone()).await, Ok(json!({})));
    assert_eq!(s3.call("Encrypt", input).await.unwrap_err().code, "UnrecognizedClientException");
    assert_eq!(code(&ask(&world, &operator, "DeleteServiceAccessKey", id).await), "NotFoundException");
}

#[tokio::test]
async fn keys_are_listed_by_service_and_age() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    assert_eq!(listed(&world, &operator, json!({})).await, [""; 0]);
    let mut ids = Vec::new();
    for principal in [S3, "logs.amazonaws.com", S3, "s3.eu.amazonaws.com"] {
        ids.push(text(&make(&world, &operator, principal).await["AccessKeyId"]));
        world.clock.move_by_ms(1500);
    }
    let by_service = [&ids[1], &ids[0], &ids[2], &ids[3]].map(Clone::clone);
    assert_eq!(listed(&world, &operator, json!({})).await, by_service);
    assert_eq!(listed(&world, &operator, json!({"ServicePrincipal": S3})).await, [ids[0].clone(), ids[2].clone()]);
    assert_eq!(listed(&world, &operator, json!({"ServicePrincipal": "x.amazonaws.com"})).await, [""; 0]);
    let answer = ask(&world, &operator, "ListServiceAccessKeys", json!({"ServicePrincipal": S3})).await.unwrap();
    let second = json!({"AccessKeyId": ids[2], "ServicePrincipal": S3, "CreationDate": 1_795_262_403.0});
    assert_eq!(answer, json!({"ServiceAccessKeys": [answer["ServiceAccessKeys"][0], second], "Truncated": false}));
    ask(&world, &operator, "DeleteServiceAccessKey", json!({"AccessKeyId": ids[1]})).await.unwrap();
    assert_eq!(listed(&world, &operator, json!({})).await, [ids[0].clone(), ids[2].clone(), ids[3].clone()]);
}

#[tokio::test]
async fn pages_end() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    for number in 0..105 {
        make(&world, &operator, &format!("s{number}.amazonaws.com")).await;
    }
    let first = ask(&world, &operator, "ListServiceAccessKeys", json!({})).await.unwrap();
    assert_eq!((texts_of(&first["ServiceAccessKeys"], "AccessKeyId").len(), &first["Truncated"]), (100, &json!(true)));
    assert_eq!(listed(&world, &operator, json!({"Marker": first["NextMarker"]})).await.len(), 5);
}

#[tokio::test]
async fn a_service_has_ten_keys_at_most() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let mut first = Value::Null;
    for _ in 0..10 {
        first = make(&world, &operator, S3).await;
    }
    let input = json!({"ServicePrincipal": S3});
    assert_eq!(code(&ask(&world, &operator, "CreateServiceAccessKey", input).await), "LimitExceededException");
    make(&world, &operator, "logs.amazonaws.com").await;
    ask(&world, &operator, "DeleteServiceAccessKey", json!({"AccessKeyId": first["AccessKeyId"]})).await.unwrap();
    make(&world, &operator, S3).await;
}

/// Nothing of a deleted key stays, nor of the last key of a service.
#[tokio::test]
async fn deleting_leaves_nothing_behind() {
    let scene = Scene::new().await;
    let operator = scene.world.client(MANAGEMENT, REGION);
    let rows = scene.row_count().await;
    let id = text(&make(&scene.world, &operator, S3).await["AccessKeyId"]);
    let last_use = b"\x01{\"at\":1795262460000,\"region\":\"us-east-1\",\"service\":\"kms\"}".to_vec();
    let row = Batch::new().put(format!("access-key-use\0{id}\0").into_bytes(), last_use);
    scene.engine.commit(row).await.unwrap();
    assert_eq!(scene.row_count().await, rows + 3);
    ask(&scene.world, &operator, "DeleteServiceAccessKey", json!({"AccessKeyId": id})).await.unwrap();
    assert_eq!(scene.row_count().await, rows);
}

/// Access keys of users and roots are none of these.
#[tokio::test]
async fn other_keys_are_left_alone() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let user = operator.user("u", &Value::Null).await;
    let created = ask(&world, &operator, "CreateAccount", json!({"Name": "x"})).await.unwrap();
    for id in [user.signer.access_key_id.to_string(), text(&created["AccessKeyId"]), "AKIANOTHERENOTHERENO".to_owned()]
    {
        let refused = ask(&world, &operator, "DeleteServiceAccessKey", json!({"AccessKeyId": id})).await;
        assert_eq!(code(&refused), "NotFoundException", "{id}");
    }
    user.sts("GetCallerIdentity", &[]).await.unwrap();
}
