//! What rules make the service do by itself: keys disabled, principals stopped, grants revoked; each once, recorded, and never
//! to keys of services.

use kagiban_service::responses::{ResponseAction, ResponseCause, ResponseError};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, HI, REGION, create_key, describe, encrypt, text};

const CAUSE: ResponseCause<'static> =
    ResponseCause { rule: "stop", event_id: "11111111-2222-4333-8444-555555555555", region: REGION };

async fn respond(world: &World, action: ResponseAction) -> Result<usize, ResponseError> {
    world.service.respond(&action, CAUSE).await
}

fn disable(key: &str) -> ResponseAction {
    ResponseAction::DisableKey(key.parse().unwrap())
}

fn stop(world: &World, principal: &str) -> ResponseAction {
    ResponseAction::AttachDeny(world.service.containable(principal).unwrap())
}

fn revoke(key: &str, grantee: Option<&str>) -> ResponseAction {
    ResponseAction::RevokeGrants { key: key.parse().unwrap(), grantee: grantee.map(str::to_owned) }
}

fn allow_all() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
}

async fn code(caller: &Client<'_>, operation: &str, input: Value) -> String {
    caller.call(operation, input).await.map_or_else(|error| error.code, |_| "ok".to_owned())
}

/// The records that the responses left, as (operation, account, parameters).
fn responses(world: &World, after: usize) -> Vec<(String, Value)> {
    let all = world.journal().rendered_after(after);
    let by_rule = all.iter().filter(|record| record["additionalEventData"]["rule"] == "stop");
    by_rule
        .map(|record| {
            assert_eq!(record["userIdentity"], json!({"type": "AWSService", "invokedBy": "events.amazonaws.com"}));
            assert_eq!(record["sourceIPAddress"], "events.amazonaws.com");
            assert_eq!(record["additionalEventData"]["eventId"], CAUSE.event_id);
            assert_eq!((&record["awsRegion"], &record["recipientAccountId"]), (&json!(REGION), &json!(ACCOUNT)));
            (text(&record["eventName"]), record["requestParameters"].clone())
        })
        .collect()
}

#[tokio::test]
async fn a_key_is_disabled_once_and_a_person_can_enable_it_again() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let before = world.journal().count();
    assert_eq!(respond(&world, disable(&key)).await.unwrap(), 1);
    assert_eq!(code(&root, "Encrypt", json!({"KeyId": key, "Plaintext": HI})).await, "DisabledException");
    assert_eq!(respond(&world, disable(&key)).await.unwrap(), 0);
    assert_eq!(responses(&world, before), [("DisableKey".to_owned(), json!({"keyId": key}))]);
    root.call("EnableKey", json!({"KeyId": key})).await.unwrap();
    encrypt(&root, &key, HI).await;
}

#[tokio::test]
async fn a_key_that_cannot_be_used_is_left_alone() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let waiting = text(&root.call("CreateKey", json!({"Origin": "EXTERNAL"})).await.unwrap()["KeyMetadata"]["Arn"]);
    let ending = create_key(&root).await;
    root.call("ScheduleKeyDeletion", json!({"KeyId": ending})).await.unwrap();
    let before = world.journal().count();
    for (key, state) in [(&waiting, "PendingImport"), (&ending, "PendingDeletion")] {
        assert_eq!(respond(&world, disable(key)).await.unwrap(), 0);
        assert_eq!(describe(&root, key).await["KeyState"], state);
    }
    assert!(responses(&world, before).is_empty());
    let nowhere = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/99999999-aaaa-4bbb-8ccc-dddddddddddd");
    assert!(matches!(respond(&world, disable(&nowhere)).await, Err(ResponseError::NoKey)));
}

#[tokio::test]
async fn keys_of_services_are_never_touched() {
    let world = World::new().await;
    let (operator, root) = (world.client("000000000000", REGION), world.client(ACCOUNT, REGION));
    let made = operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": "s3.amazonaws.com"})).await;
    let made = made.unwrap();
    let s3 = operator.with_credentials((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None));
    let role = root.role("for-s3", "s3.amazonaws.com", &Value::Null).await;
    let session = s3.assume(&role, "user", &[]).await.unwrap();
    let used = json!({"KeyId": "alias/aws/s3", "KeySpec": "AES_256",
        "EncryptionContext": {"aws:s3:arn": "arn:aws:s3:::bucket/object"}});
    let key = text(&session.call("GenerateDataKey", used.clone()).await.unwrap()["KeyId"]);
    for action in [disable(&key), revoke(&key, None)] {
        assert!(matches!(respond(&world, action).await, Err(ResponseError::KeyOfService)));
    }
    session.call("GenerateDataKey", used).await.unwrap();
}

#[tokio::test]
async fn a_user_is_stopped_at_once_and_cannot_free_itself() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let alice = root.user("alice", &allow_all()).await;
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "ok");
    let before = world.journal().count();
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    assert_eq!(respond(&world, stop(&world, &arn)).await.unwrap(), 1);
    assert_eq!(respond(&world, stop(&world, &arn)).await.unwrap(), 0);
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    let free = [("UserName", "alice"), ("PolicyName", "KagibanResponse-stop")];
    assert_eq!(alice.iam("DeleteUserPolicy", &free).await.unwrap_err().code, "AccessDenied");
    let [(operation, parameters)] = &responses(&world, before)[..] else { panic!("one record") };
    assert_eq!((operation.as_str(), &parameters["userName"]), ("PutUserPolicy", &json!("alice")));
    root.iam("DeleteUserPolicy", &free).await.unwrap();
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "ok");
}

#[tokio::test]
async fn the_role_of_a_session_is_stopped_with_all_its_sessions() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let role = root.role("worker", ACCOUNT, &allow_all()).await;
    let alice = root.user("alice", &allow_all()).await;
    let one = alice.assume(&role, "one", &[]).await.unwrap();
    let two = alice.assume(&role, "two", &[]).await.unwrap();
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/worker/one");
    assert_eq!(world.service.containable(&session).unwrap().arn, role);
    assert_eq!(respond(&world, stop(&world, &session)).await.unwrap(), 1);
    for caller in [&one, &two] {
        assert_eq!(code(caller, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    }
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "ok");
}

#[tokio::test]
async fn nobody_but_users_and_roles_can_be_stopped() {
    let world = World::new().await;
    world.client(ACCOUNT, REGION).user("alice", &Value::Null).await;
    for principal in [
        "",
        "events.amazonaws.com",
        "s3.amazonaws.com",
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:user/bob",
        "arn:aws:iam::444455556666:user/alice",
        "arn:aws:sts::111122223333:assumed-role/nobody/s",
        "arn:aws:sts::111122223333:federated-user/alice",
    ] {
        assert_eq!(world.service.containable(principal), None, "{principal}");
    }
}

#[tokio::test]
async fn grants_are_revoked_all_or_those_of_the_caller() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let alice = root.user("alice", &Value::Null).await;
    let bob = root.user("bob", &Value::Null).await;
    let of = |name: &str| format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    // More than one transaction takes.
    for number in 0..40 {
        for name in ["alice", "bob"] {
            let input = json!({"KeyId": key, "GranteePrincipal": of(name), "Operations": ["DescribeKey"],
                "Name": format!("{name}{number}")});
            root.call("CreateGrant", input).await.unwrap();
        }
    }
    let before = world.journal().count();
    assert_eq!(respond(&world, revoke(&key, Some(&of("alice")))).await.unwrap(), 40);
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    assert_eq!(code(&bob, "DescribeKey", json!({"KeyId": key})).await, "ok");
    assert_eq!(respond(&world, revoke(&key, Some(&of("alice")))).await.unwrap(), 0);
    assert_eq!(respond(&world, revoke(&key, None)).await.unwrap(), 40);
    assert_eq!(code(&bob, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    let recorded = responses(&world, before);
    assert_eq!(recorded.len(), 80);
    assert!(
        recorded.iter().all(|(operation, parameters)| operation == "RevokeGrant" && parameters["grantId"].is_string())
    );
    let listed = root.call("ListGrants", json!({"KeyId": key})).await.unwrap();
    assert_eq!(listed["Grants"], json!([]));
}

/// What cannot be recorded is not done.
#[tokio::test]
async fn without_a_journal_nothing_is_done() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    world.journal().stop();
    assert!(matches!(respond(&world, disable(&key)).await, Err(ResponseError::Journal(_))));
    world.journal().resume();
    assert_eq!(describe(&root, &key).await["KeyState"], "Enabled");
}
