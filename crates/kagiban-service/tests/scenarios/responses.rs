//! What rules make the service do by itself: keys disabled, principals stopped, grants revoked; each once, recorded, and never
//! to keys of services.

use kagiban_service::responses::{ContainmentError, ResponseAction, ResponseCause, ResponseError};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, HI, REGION, create_key, describe, encrypt, text, texts_of};

const EVENT_ID: &str = "11111111-2222-4333-8444-555555555555";

async fn respond(world: &World, action: ResponseAction) -> Result<usize, ResponseError> {
    let cause = ResponseCause { rule: "stop", event_id: EVENT_ID, region: REGION.parse().unwrap() };
    world.service.respond(&action, cause).await
}

fn disable(key: &str) -> ResponseAction {
    ResponseAction::DisableKey(key.parse().unwrap())
}

/// Whoever called with this ARN and this unique id is stopped.
fn stop(world: &World, arn: &str, id: &str) -> ResponseAction {
    ResponseAction::AttachDeny(world.service.containable(arn, id).unwrap().unwrap())
}

async fn user_id(root: &Client<'_>, name: &str) -> String {
    root.iam("GetUser", &[("UserName", name)]).await.unwrap().text("UserId")
}

async fn role_id(root: &Client<'_>, name: &str) -> String {
    root.iam("GetRole", &[("RoleName", name)]).await.unwrap().text("RoleId")
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
            assert_eq!(record["additionalEventData"]["eventId"], EVENT_ID);
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
    let (arn, id) = (format!("arn:aws:iam::{ACCOUNT}:user/alice"), user_id(&root, "alice").await);
    assert_eq!(respond(&world, stop(&world, &arn, &id)).await.unwrap(), 1);
    assert_eq!(respond(&world, stop(&world, &arn, &id)).await.unwrap(), 0);
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
    let id = format!("{}:one", role_id(&root, "worker").await);
    assert_eq!(world.service.containable(&session, &id).unwrap().unwrap().arn, role);
    assert_eq!(respond(&world, stop(&world, &session, &id)).await.unwrap(), 1);
    for caller in [&one, &two] {
        assert_eq!(code(caller, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    }
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "ok");
}

#[tokio::test]
async fn nobody_but_users_and_roles_can_be_stopped() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    root.user("alice", &Value::Null).await;
    let alice = user_id(&root, "alice").await;
    for (principal, id) in [
        ("", ""),
        ("events.amazonaws.com", "events.amazonaws.com"),
        ("s3.amazonaws.com", "s3.amazonaws.com"),
        ("arn:aws:iam::111122223333:root", ACCOUNT),
        ("arn:aws:sts::111122223333:federated-user/alice", "111122223333:alice"),
        // The subject of somebody's token.
        ("alice", "id.example:audience:alice"),
    ] {
        assert_eq!(world.service.containable(principal, id).unwrap(), None, "{principal}");
    }
    // Not known, or not any more: that is no answer, but something to be told.
    for (principal, id) in [
        ("arn:aws:iam::111122223333:user/alice", ""),
        ("arn:aws:iam::111122223333:user/alice", "id.example:audience:alice"),
        ("arn:aws:iam::111122223333:user/alice", "AIDAAAAAAAAAAAAAAAAAA"),
        ("arn:aws:sts::111122223333:assumed-role/nobody/session", "AROAAAAAAAAAAAAAAAAAA:session"),
        ("arn:aws:sts::111122223333:assumed-role/alice/session", alice.as_str()),
    ] {
        assert!(matches!(world.service.containable(principal, id), Err(ContainmentError::Gone)), "{principal} {id}");
    }
}

/// What broke: a principal was looked up by the name that it had when it called, so that it got away by taking another, and
/// whoever took its old name was stopped.
#[tokio::test]
async fn who_takes_another_name_is_stopped_all_the_same() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let alice = root.user("alice", &allow_all()).await;
    let (arn, id) = (format!("arn:aws:iam::{ACCOUNT}:user/alice"), user_id(&root, "alice").await);
    let grant = json!({"KeyId": key, "GranteePrincipal": arn, "Operations": ["DescribeKey"]});
    root.call("CreateGrant", grant).await.unwrap();
    alice.iam("UpdateUser", &[("UserName", "alice"), ("NewUserName", "mallory")]).await.unwrap();
    let innocent = root.user("alice", &allow_all()).await;
    assert_eq!(respond(&world, revoke(&key, Some(&id))).await.unwrap(), 1);
    assert_eq!(respond(&world, stop(&world, &arn, &id)).await.unwrap(), 1);
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    assert_eq!(code(&innocent, "DescribeKey", json!({"KeyId": key})).await, "ok");
    let theirs = [("UserName", "alice"), ("PolicyName", "KagibanResponse-stop")];
    assert_eq!(root.iam("GetUserPolicy", &theirs).await.unwrap_err().code, "NoSuchEntity");
}

/// What broke: the record was written after the change was committed, and who died in between left none, ever.
#[tokio::test]
async fn what_is_done_is_recorded_whatever_happens_next() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.user("alice", &allow_all()).await;
    let id = user_id(&root, "alice").await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    let grant = json!({"KeyId": key, "GranteePrincipal": arn, "Operations": ["DescribeKey"]});
    root.call("CreateGrant", grant).await.unwrap();
    for (action, expected) in
        [(revoke(&key, None), "RevokeGrant"), (disable(&key), "DisableKey"), (stop(&world, &arn, &id), "PutUserPolicy")]
    {
        let before = world.journal().count();
        // As if the process ended there.
        world.journal().stop_after(0);
        assert_eq!(respond(&world, action).await.unwrap(), 1, "{expected}");
        world.journal().resume();
        assert!(responses(&world, before).is_empty());
        let restarted = world.restarted().await;
        assert_eq!(restarted.service.run_due_jobs().await, 0);
        let [(operation, _)] = &responses(&world, before)[..] else { panic!("one record of {expected}") };
        assert_eq!(operation, expected);
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
    let caller = user_id(&root, "alice").await;
    assert_eq!(respond(&world, revoke(&key, Some(&caller))).await.unwrap(), 40);
    assert_eq!(code(&alice, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
    assert_eq!(code(&bob, "DescribeKey", json!({"KeyId": key})).await, "ok");
    assert_eq!(respond(&world, revoke(&key, Some(&caller))).await.unwrap(), 0);
    assert_eq!(respond(&world, revoke(&key, Some("id.example:audience:alice"))).await.unwrap(), 0);
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

/// A session's own grants go, and those of its role; those of other sessions stay.
#[tokio::test]
async fn grants_of_a_session_and_of_its_role_are_the_callers() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let role = root.role("worker", ACCOUNT, &Value::Null).await;
    let session = |name: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/worker/{name}");
    for grantee in [role, session("one"), session("two"), format!("arn:aws:iam::{ACCOUNT}:root")] {
        let input = json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": ["DescribeKey"]});
        root.call("CreateGrant", input).await.unwrap();
    }
    let id = role_id(&root, "worker").await;
    assert_eq!(respond(&world, revoke(&key, Some(&format!("{id}:one")))).await.unwrap(), 2);
    assert_eq!(respond(&world, revoke(&key, Some(ACCOUNT))).await.unwrap(), 1);
    let left = root.call("ListGrants", json!({"KeyId": key})).await.unwrap();
    assert_eq!(texts_of(&left["Grants"], "GranteePrincipal"), [session("two")]);
}
