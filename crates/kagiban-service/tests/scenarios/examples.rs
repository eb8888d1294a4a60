//! The policies of `docs/policies.md`, tried from both sides. What the page shows is what is tested: the documents are taken
//! out of it.

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, text};

const PAGE: &str = include_str!("../../../../docs/policies.md");

/// The document behind the mark `<!-- policy: NAME -->`.
fn example(name: &str) -> Value {
    let (_, rest) = PAGE.split_once(&format!("<!-- policy: {name} -->\n```json\n")).unwrap();
    let (document, _) = rest.split_once("\n```").unwrap();
    serde_json::from_str(document).unwrap()
}

async fn key_with(root: &Client<'_>, policy: &Value, more: Value) -> String {
    let mut input = json!({"Policy": policy.to_string()});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    text(&root.call("CreateKey", input).await.unwrap()["KeyMetadata"]["Arn"])
}

/// `Ok` for a permitted call, the refusal's code and the end of its text otherwise.
async fn outcome(caller: &Client<'_>, operation: &str, input: Value) -> Result<Value, String> {
    caller.call(operation, input).await.map_err(|error| {
        assert_eq!(error.code, "AccessDeniedException", "{}", error.message);
        error.message
    })
}

async fn assert_allowed(caller: &Client<'_>, operation: &str, input: Value) -> Value {
    outcome(caller, operation, input).await.unwrap_or_else(|text| unreachable!("{operation}: {text}"))
}

async fn assert_denied(caller: &Client<'_>, operation: &str, input: Value, because: &str) {
    let text = outcome(caller, operation, input).await.unwrap_err();
    assert!(text.contains(because), "{operation}: {text}");
}

fn allow_all() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]})
}

fn encrypt(key: &str) -> Value {
    json!({"KeyId": key, "Plaintext": "aGVsbG8="})
}

#[tokio::test]
async fn every_example_of_the_page_is_tried() {
    let names: Vec<&str> = PAGE.lines().filter_map(|line| line.strip_prefix("<!-- policy: ")).collect();
    let tried =
        ["mfa-key", "only-these", "storage-service", "application-context", "project-tags", "aliases", "no-bypass"];
    assert_eq!(names, tried.map(|name| format!("{name} -->")));
}

#[tokio::test]
async fn what_cannot_be_taken_back_needs_a_fresh_mfa_code() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let alice = root.user("alice", &allow_all()).await;
    let device = root.mfa_device("alice").await;
    let key = key_with(&root, &example("mfa-key"), json!({"BypassPolicyLockoutSafetyCheck": true})).await;
    let schedule = json!({"KeyId": key});
    assert_allowed(&alice, "Encrypt", encrypt(&key)).await;
    for caller in [&alice, &root] {
        assert_denied(
            caller,
            "ScheduleKeyDeletion",
            schedule.clone(),
            "with an explicit deny in a resource-based policy",
        )
        .await;
    }
    // The codes that enabled the device are spent.
    world.clock.move_by_ms(60_000);
    let session = alice.mfa_session(&device).await;
    world.clock.move_by_ms(300_000);
    assert_allowed(&session, "ScheduleKeyDeletion", schedule.clone()).await;
    assert_allowed(&session, "CancelKeyDeletion", schedule.clone()).await;
    world.clock.move_by_ms(1000);
    assert_denied(&session, "ScheduleKeyDeletion", schedule, "with an explicit deny in a resource-based policy").await;
    assert_allowed(&session, "DescribeKey", json!({"KeyId": key})).await;
}

#[tokio::test]
async fn the_storage_service_acts_for_its_users_and_nobody_imitates_it() {
    let world = World::new().await;
    let (root, operator) = (world.client(ACCOUNT, REGION), world.client("000000000000", REGION));
    let made =
        operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": "s3.amazonaws.com"})).await.unwrap();
    let credentials = (text(&made["AccessKeyId"]), text(&made["SecretAccessKey"]));
    let service = world.caller((&credentials.0, &credentials.1, None), REGION);
    let role = root.role("storage", "s3.amazonaws.com", &allow_all()).await;
    let session = service.assume(&role, "bucket-1", &[]).await.unwrap();
    let alice = root.user("alice", &allow_all()).await;
    let key = key_with(&root, &example("storage-service"), json!({})).await;
    let data_key = json!({"KeyId": key, "KeySpec": "AES_256"});
    let grant = json!({"KeyId": key, "GranteePrincipal": role, "Operations": ["Decrypt"]});
    assert_allowed(&session, "GenerateDataKey", data_key.clone()).await;
    assert_allowed(&session, "CreateGrant", grant.clone()).await;
    for caller in [&alice, &root] {
        assert_denied(caller, "GenerateDataKey", data_key.clone(), "because no resource-based policy allows").await;
        assert_denied(caller, "CreateGrant", grant.clone(), "because no resource-based policy allows").await;
    }
    // The service itself, without the role of an account, is a stranger.
    let error = service.call("GenerateDataKey", data_key).await.unwrap_err();
    assert_eq!(error.code, "AccessDeniedException");
}

#[tokio::test]
async fn only_the_listed_decrypt() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let (payments, other) = (root.user("payments", &allow_all()).await, root.user("other", &allow_all()).await);
    let key = key_with(&root, &example("only-these"), json!({})).await;
    let blob = assert_allowed(&other, "Encrypt", encrypt(&key)).await["CiphertextBlob"].clone();
    let input = json!({"CiphertextBlob": blob});
    assert_allowed(&payments, "Decrypt", input.clone()).await;
    assert_allowed(&root, "Decrypt", input.clone()).await;
    assert_denied(&other, "Decrypt", input, "with an explicit deny in a resource-based policy").await;
}

#[tokio::test]
async fn applications_are_told_apart_by_encryption_context() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let policy = example("application-context");
    let (shop, star) = (root.user("shop", &policy).await, root.user("star", &policy).await);
    let tag = |user, value| [("UserName", user), ("Tags.member.1.Key", "application"), ("Tags.member.1.Value", value)];
    root.iam("TagUser", &tag("shop", "shop")).await.unwrap();
    root.iam("TagUser", &tag("star", "*")).await.unwrap_err();
    let key = text(&root.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["Arn"]);
    let with = |application: &str| json!({"KeyId": key, "Plaintext": "aGVsbG8=", "EncryptionContext": {"application": application}});
    assert_allowed(&shop, "Encrypt", with("shop")).await;
    for wrong in ["Shop", "shop2", "*", ""] {
        assert_denied(&shop, "Encrypt", with(wrong), "no identity-based policy allows").await;
        assert_denied(&star, "Encrypt", with(wrong), "no identity-based policy allows").await;
    }
    assert_denied(&shop, "Encrypt", encrypt(&key), "no identity-based policy allows").await;
}

#[tokio::test]
async fn projects_are_told_apart_by_tags() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let moon = root.user("moon", &example("project-tags")).await;
    let tag = [("UserName", "moon"), ("Tags.member.1.Key", "project"), ("Tags.member.1.Value", "moon")];
    root.iam("TagUser", &tag).await.unwrap();
    let tagged = |project: &str| json!({"Tags": [{"TagKey": "project", "TagValue": project}]});
    let own = assert_allowed(&moon, "CreateKey", tagged("moon")).await;
    assert_allowed(&moon, "Encrypt", encrypt(&text(&own["KeyMetadata"]["Arn"]))).await;
    assert_denied(&moon, "CreateKey", tagged("mars"), "kms:CreateKey").await;
    assert_denied(&moon, "CreateKey", json!({}), "kms:CreateKey").await;
    let mars = text(&root.call("CreateKey", tagged("mars")).await.unwrap()["KeyMetadata"]["Arn"]);
    assert_denied(&moon, "Encrypt", encrypt(&mars), "no identity-based policy allows").await;
    root.call("TagResource", json!({"KeyId": mars, "Tags": [{"TagKey": "project", "TagValue": "moon"}]}))
        .await
        .unwrap();
    assert_allowed(&moon, "Encrypt", encrypt(&mars)).await;
}

#[tokio::test]
async fn aliases_decide_by_what_the_key_has_and_by_what_was_asked_for() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let alice = root.user("alice", &example("aliases")).await;
    let key = text(&root.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["Arn"]);
    assert_denied(&alice, "Encrypt", encrypt(&key), "no identity-based policy allows").await;
    for name in ["alias/reports-current", "alias/other"] {
        root.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
    }
    assert_allowed(&alice, "Encrypt", encrypt(&key)).await;
    assert_allowed(&alice, "DescribeKey", json!({"KeyId": "alias/reports-current"})).await;
    for other in ["alias/other", &key] {
        assert_denied(&alice, "DescribeKey", json!({"KeyId": other}), "no identity-based policy allows").await;
    }
    root.call("DeleteAlias", json!({"AliasName": "alias/reports-current"})).await.unwrap();
    assert_denied(&alice, "Encrypt", encrypt(&key), "no identity-based policy allows").await;
}

#[tokio::test]
async fn the_lockout_check_cannot_be_skipped() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let alice = root.user("alice", &example("no-bypass")).await;
    for skip in [json!({}), json!({"BypassPolicyLockoutSafetyCheck": false})] {
        assert_allowed(&alice, "CreateKey", skip).await;
    }
    let skip = json!({"BypassPolicyLockoutSafetyCheck": true});
    assert_denied(&alice, "CreateKey", skip, "with an explicit deny in an identity-based policy").await;
}
