//! What policies can ask about the grants that somebody makes, lists and revokes.

use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Scene, alice, can, code, olga, service, source_arn};
use crate::support::{ACCOUNT, with};

/// What policies can ask about a grant that is to be made: the condition, a request that meets it, one that does not.
#[tokio::test]
async fn conditions_see_the_grant_that_is_to_be_made() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let subset = |pairs: Value| json!({"Constraints": {"EncryptionContextSubset": pairs}});
    let equals = |pairs: Value| json!({"Constraints": {"EncryptionContextEquals": pairs}});
    let to_service = |service: &str| {
        json!({
            "GranteePrincipal": null, "GranteeServicePrincipal": service, "RetiringServicePrincipal": service,
            "Constraints": {"SourceArn": source_arn()},
        })
    };
    let base = json!({"KeyId": scene.key, "GranteePrincipal": olga(), "Operations": ["Decrypt", "Encrypt"]});
    let only_decrypt = json!({"Operations": ["Decrypt"]});
    for (condition, meets, fails) in [
        (
            json!({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt", "DescribeKey"]}}),
            only_decrypt,
            json!({}),
        ),
        (json!({"StringEquals": {"kms:GranteePrincipal": olga()}}), json!({}), json!({"GranteePrincipal": alice()})),
        (json!({"StringEquals": {"kms:RetiringPrincipal": olga()}}), json!({"RetiringPrincipal": olga()}), json!({})),
        (
            json!({"StringEquals": {"kms:GrantConstraintType": "EncryptionContextEquals"}}),
            equals(json!({"a": "b"})),
            subset(json!({"a": "b"})),
        ),
        (json!({"Null": {"kms:GrantConstraintType": "false"}}), subset(json!({"a": "b"})), json!({})),
        (
            json!({"StringEquals": {"kms:EncryptionContext:app": "x"}}),
            subset(json!({"app": "x", "b": "c"})),
            subset(json!({"app": "y"})),
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "app"}}),
            equals(json!({"app": "x"})),
            equals(json!({"b": "x"})),
        ),
        (
            json!({"ArnLike": {"kms:GrantConstraintSourceArn": "arn:aws:s3:*:*:*"}}),
            json!({"Constraints": {"SourceArn": source_arn()}}),
            json!({"Constraints": {"SourceArn": format!("arn:aws:sns:us-east-1:{ACCOUNT}:topic")}}),
        ),
        (
            json!({"StringEquals": {"kms:GranteeServicePrincipal": "s3.amazonaws.com"}}),
            to_service("s3.amazonaws.com"),
            to_service("ec2.amazonaws.com"),
        ),
        (
            json!({"StringEquals": {"kms:RetiringServicePrincipal": "s3.amazonaws.com"}}),
            to_service("s3.amazonaws.com"),
            json!({"RetiringPrincipal": olga()}),
        ),
        (json!({"Bool": {"kms:GrantIsForAWSResource": "false"}}), json!({}), json!({"Operations": []})),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": condition,
        }]});
        scene.root.user_policy("alice", &policy).await;
        let made = scene.alice.call("CreateGrant", with(&base, meets)).await;
        assert!(made.is_ok(), "{condition}: {made:?}");
        let refused = scene.alice.call("CreateGrant", with(&base, fails)).await;
        assert!(refused.is_err(), "{condition}");
        if condition["Bool"].is_null() {
            assert_eq!(code(refused), "AccessDeniedException", "{condition}");
        }
    }
}

/// The condition of console-made key policies: a service may make grants for its user, who may make none itself.
#[tokio::test]
async fn grants_that_a_service_makes_for_its_user_can_be_told_apart() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let s3 = service(&world, "s3.amazonaws.com").await;
    let may = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }]});
    let role = scene.root.role("storage", "s3.amazonaws.com", &may).await;
    let through = s3.assume(&role, "job", &[]).await.unwrap();
    scene.root.user_policy("alice", &may).await;
    assert!(!can(scene.granted(&scene.alice, &olga(), &["Decrypt"], json!({})).await));
    let made = scene.granted(&through, &olga(), &["Decrypt"], json!({})).await.unwrap();
    let input = json!({"KeyId": scene.key, "GrantId": made["GrantId"]});
    assert!(!can(scene.alice.call("RevokeGrant", input.clone()).await));
    assert!(!can(scene.alice.call("ListGrants", json!({"KeyId": scene.key})).await));
    through.call("ListGrants", json!({"KeyId": scene.key})).await.unwrap();
    through.call("RevokeGrant", input).await.unwrap();
}
