//! Resource quotas: the last one is had, one more is not, and who frees a place can fill it again.

use kagiban_service::quotas::QuotaMode;
use kagiban_testkit::{AwsError, Client};
use serde_json::{Value, json};

use super::world_with;
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, aws_error, base64, create_key, describe, text};

const DAY_MS: i64 = 86_400_000;

fn exceeded(what: &str, limit: u32, usage: u32) -> AwsError {
    aws_error("LimitExceededException", &format!("{what} is {limit}, current usage is {usage}."))
}

fn too_many_keys(limit: u32, usage: u32) -> AwsError {
    exceeded("KMS keys quota for this account in this region", limit, usage)
}

async fn try_create(client: &Client<'_>, input: Value) -> Result<Value, AwsError> {
    client.call("CreateKey", input).await
}

#[tokio::test]
async fn keys_of_every_kind_and_state_count_until_they_are_gone() {
    let world = world_with(QuotaMode::Off, &["keys=4"]).await;
    let client = world.client(ACCOUNT, REGION);
    let keys = [
        create_key(&client).await,
        text(&try_create(&client, json!({"Origin": "EXTERNAL"})).await.unwrap()["KeyMetadata"]["Arn"]),
        create_key(&client).await,
        create_key(&client).await,
    ];
    client.call("DisableKey", json!({"KeyId": keys[2]})).await.unwrap();
    client.call("ScheduleKeyDeletion", json!({"KeyId": keys[0], "PendingWindowInDays": 7})).await.unwrap();
    for input in [json!({}), json!({"Origin": "EXTERNAL"})] {
        assert_eq!(try_create(&client, input).await, Err(too_many_keys(4, 4)));
    }
    // A change to a key that is there is not one key more, nor is a rotation.
    client.call("UpdateKeyDescription", json!({"KeyId": keys[3], "Description": "d"})).await.unwrap();
    client.call("RotateKeyOnDemand", json!({"KeyId": keys[3]})).await.unwrap();
    assert_eq!(try_create(&client, json!({})).await, Err(too_many_keys(4, 4)));
    world.clock.move_by_ms(8 * DAY_MS);
    world.service.run_due_jobs().await;
    create_key(&client).await;
    assert_eq!(try_create(&client, json!({})).await, Err(too_many_keys(4, 4)));
    // The count comes from the rows, so a restart begins with the right one.
    let world = world.restarted().await;
    assert_eq!(try_create(&world.client(ACCOUNT, REGION), json!({})).await, Err(too_many_keys(4, 4)));
}

#[tokio::test]
async fn accounts_and_regions_have_their_own_number_of_keys() {
    let quotas = ["keys=1", "111122223333/keys=2", "111122223333/eu-west-1/keys=0", "444455556666/keys=none"];
    let world = world_with(QuotaMode::Off, &quotas).await;
    for (account, region, limit) in
        [(ACCOUNT, REGION, 2), (ACCOUNT, "eu-west-1", 0), ("777788889999", REGION, 1), ("777788889999", "eu-west-1", 1)]
    {
        let client = world.client(account, region);
        for _ in 0..limit {
            create_key(&client).await;
        }
        assert_eq!(try_create(&client, json!({})).await, Err(too_many_keys(limit, limit)), "{account} {region}");
    }
    let client = world.client(OTHER_ACCOUNT, REGION);
    for _ in 0..3 {
        create_key(&client).await;
    }
}

#[tokio::test]
async fn what_is_refused_for_another_reason_takes_no_place() {
    let world = world_with(QuotaMode::Off, &["keys=1"]).await;
    let client = world.client(ACCOUNT, REGION);
    for input in [json!({"KeySpec": "RSA_2048"}), json!({"Policy": "{}"}), json!({"Policy": "no policy"})] {
        try_create(&client, input).await.unwrap_err();
    }
    let locked_out = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    try_create(&client, json!({"Policy": locked_out})).await.unwrap_err();
    create_key(&client).await;
}

/// Keys that services manage are not the account's.
#[tokio::test]
async fn managed_keys_take_no_place() {
    let world = world_with(QuotaMode::Off, &["keys=1"]).await;
    let client = world.client(ACCOUNT, REGION);
    client.call("DescribeKey", json!({"KeyId": "alias/aws/s3"})).await.unwrap();
    create_key(&client).await;
    client.call("DescribeKey", json!({"KeyId": "alias/aws/ebs"})).await.unwrap();
    assert_eq!(try_create(&client, json!({})).await, Err(too_many_keys(1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_exactly_as_many_get_a_key_as_there_are_places() {
    let world = world_with(QuotaMode::Off, &["keys=7"]).await;
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let service = std::sync::Arc::clone(&world.service);
        let client = world.client(ACCOUNT, REGION);
        let (head, body) = client.signed("TrentService.CreateKey", "{}".into()).into_parts();
        let request_id = kagiban_base::id::RequestId::generate(world.random.as_ref()).unwrap();
        let peer = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
        let request = kagiban_service::RawRequest { request_id, head, body, peer, secure_transport: false, tls: None };
        asked.spawn(async move { service.call(request).await.status.is_success() });
    }
    let made = asked.join_all().await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 7);
    let listed = world.client(ACCOUNT, REGION).call("ListKeys", json!({})).await.unwrap();
    assert_eq!(listed["Keys"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn what_one_key_may_carry_is_a_setting() {
    let quotas = [
        "aliases-per-key=1",
        "grants-per-key=1",
        "on-demand-rotations-per-key=1",
        "key-policy-size=1024",
        "tags-per-key=1",
    ];
    let world = world_with(QuotaMode::Off, &quotas).await;
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let alias = |name: &str| json!({"AliasName": name, "TargetKeyId": key});
    let grant = json!({"KeyId": key, "GranteePrincipal": root, "Operations": ["Decrypt"]});
    let policy = json!({"KeyId": key, "Policy": format!("{{\"Version\": \"{}\"}}", "x".repeat(1024))});
    let tag = |name: &str| json!({"KeyId": key, "Tags": [{"TagKey": name, "TagValue": ""}]});
    let rotate = json!({"KeyId": key});
    let table = [
        ("CreateAlias", alias("alias/a"), alias("alias/b"), "Aliases per key quota for this account in this region"),
        ("CreateGrant", grant.clone(), grant, "Grants per key quota"),
        ("RotateKeyOnDemand", rotate.clone(), rotate, "On-demand rotations per key quota"),
    ];
    for (operation, first, second, what) in table {
        client.call(operation, first).await.unwrap();
        assert_eq!(client.call(operation, second).await, Err(exceeded(what, 1, 1)), "{operation}");
    }
    client.call("TagResource", tag("a")).await.unwrap();
    client.call("TagResource", tag("a")).await.unwrap();
    for (operation, input) in [("TagResource", tag("b")), ("PutKeyPolicy", policy)] {
        assert_eq!(client.call(operation, input).await.unwrap_err().code, "LimitExceededException", "{operation}");
    }
    let two = json!({"Tags": [{"TagKey": "a", "TagValue": ""}, {"TagKey": "b", "TagValue": ""}]});
    assert_eq!(try_create(&client, two).await.unwrap_err().code, "TagException");
}

/// As AWS: a key with more aliases than the quota has none as far as policies ask.
#[tokio::test]
async fn too_many_aliases_take_the_condition_key_away() {
    let world = world_with(QuotaMode::Off, &[]).await;
    let client = world.client(ACCOUNT, REGION);
    let statement = json!([
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*",
         "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}},
    ]);
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let key = text(&try_create(&client, json!({"Policy": policy})).await.unwrap()["KeyMetadata"]["Arn"]);
    for name in ["alias/a", "alias/b"] {
        client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
    }
    for (quota, denied) in [("aliases-per-key=2", true), ("aliases-per-key=1", false)] {
        let world = world.restarted_with(quota).await;
        let encrypted =
            world.client(ACCOUNT, REGION).call("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")})).await;
        assert_eq!(encrypted.is_err(), denied, "{quota}");
    }
    assert_eq!(describe(&client, &key).await["KeyState"], "Enabled");
}
