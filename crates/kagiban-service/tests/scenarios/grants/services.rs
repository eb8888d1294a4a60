//! Grants for services: bound to the resource that the service says it calls for, and of use to nobody else.

use kagiban_testkit::World;
use serde_json::json;

use super::Scene;
use crate::support::{ACCOUNT, REGION, text};

const BUCKET: &str = "arn:aws:s3:us-east-1:111122223333:bucket/one";
const SOURCE_ARN: &str = "x-amz-source-arn";

#[tokio::test]
async fn a_services_grant_covers_calls_for_its_resource_only() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let operator = world.client("000000000000", REGION);
    let made =
        operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": "s3.amazonaws.com"})).await.unwrap();
    let service = world.caller((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None), REGION);
    let grant = json!({
        "KeyId": scene.key,
        "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringPrincipal": format!("arn:aws:iam::{ACCOUNT}:root"),
        "Operations": ["GenerateDataKey"],
        "Constraints": {"SourceArn": BUCKET},
    });
    scene.root.call("CreateGrant", grant).await.unwrap();
    let data_key = json!({"KeyId": scene.key, "KeySpec": "AES_256"});
    let other = BUCKET.replace("one", "two");
    for (headers, is_allowed) in [
        (vec![(SOURCE_ARN, BUCKET)], true),
        (vec![(SOURCE_ARN, other.as_str())], false),
        (vec![], false),
        // Two values are none.
        (vec![(SOURCE_ARN, BUCKET), (SOURCE_ARN, other.as_str())], false),
        (vec![(SOURCE_ARN, BUCKET), (SOURCE_ARN, BUCKET)], false),
        (vec![("x-amz-source-account", ACCOUNT)], false),
    ] {
        let answer = service.call_with(&headers, "GenerateDataKey", data_key.clone()).await;
        assert_eq!(answer.is_ok(), is_allowed, "{headers:?} {answer:?}");
    }
    // Of anybody else the header is not believed.
    let refused = scene.alice.call_with(&[(SOURCE_ARN, BUCKET)], "GenerateDataKey", data_key).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
}

#[tokio::test]
async fn key_policies_can_ask_for_the_source() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let operator = world.client("000000000000", REGION);
    let made =
        operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": "logs.amazonaws.com"})).await.unwrap();
    let service = world.caller((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None), REGION);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.amazonaws.com"},
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        },
    ]});
    scene.root.call("PutKeyPolicy", json!({"KeyId": scene.key, "Policy": policy.to_string()})).await.unwrap();
    let describe = json!({"KeyId": scene.key});
    service.call("DescribeKey", describe.clone()).await.unwrap_err();
    service.call_with(&[("x-amz-source-account", "444455556666")], "DescribeKey", describe.clone()).await.unwrap_err();
    service.call_with(&[("x-amz-source-account", ACCOUNT)], "DescribeKey", describe).await.unwrap();
}
