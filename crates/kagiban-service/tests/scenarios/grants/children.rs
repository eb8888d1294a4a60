//! Grants made by right of a grant: they narrow, and never widen.

use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Scene, alice, can, olga, policy};
use crate::support::{ACCOUNT, OTHER_ACCOUNT};

fn constrained(kind: &str, pairs: Value) -> Value {
    json!({"Constraints": {format!("EncryptionContext{kind}"): pairs}})
}

#[tokio::test]
async fn a_child_is_no_wider_than_its_parent() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let bob = scene.root.user("bob", &Value::Null).await;
    let bob_arn = super::user(ACCOUNT, "bob");
    let plain = json!({});
    let subset = |pairs| constrained("Subset", pairs);
    let equals = |pairs| constrained("Equals", pairs);
    let parent = ["CreateGrant", "Decrypt", "Encrypt"];
    // The parent's constraints; the child's operations and constraints; whether it may be made.
    let table: [(&Value, &[&str], Value, bool); 13] = [
        (&plain, &["Decrypt"], plain.clone(), true),
        (&plain, &["Decrypt", "CreateGrant"], subset(json!({"a": "1"})), true),
        (&plain, &["Decrypt", "DescribeKey"], plain.clone(), false),
        (&plain, &["GenerateDataKey"], plain.clone(), false),
        (&subset(json!({"a": "1"})), &["Decrypt"], plain.clone(), false),
        (&subset(json!({"a": "1"})), &["Decrypt"], subset(json!({"a": "1"})), true),
        (&subset(json!({"a": "1"})), &["Decrypt"], subset(json!({"a": "1", "b": "2"})), true),
        (&subset(json!({"a": "1"})), &["Decrypt"], equals(json!({"a": "1", "b": "2"})), true),
        (&subset(json!({"a": "1"})), &["Decrypt"], subset(json!({"b": "2"})), false),
        (&subset(json!({"a": "1", "b": "2"})), &["Decrypt"], subset(json!({"a": "1"})), false),
        (&equals(json!({"a": "1"})), &["Decrypt"], equals(json!({"a": "1"})), true),
        (&equals(json!({"a": "1"})), &["Decrypt"], subset(json!({"a": "1"})), false),
        (&equals(json!({"a": "1"})), &["Decrypt"], equals(json!({"a": "1", "b": "2"})), false),
    ];
    for (constraints, operations, child, may) in table {
        let grant = scene.grant(&alice(), &parent, constraints.clone()).await;
        let result = scene.granted(&scene.alice, &bob_arn, operations, child.clone()).await;
        assert_eq!(can(result), may, "{constraints}: {operations:?} {child}");
        scene.revoke(&grant).await;
        // Its parent's end is not the child's; but no other one can be made.
        assert_eq!(scene.listed().await.len(), usize::from(may));
        for listed in scene.listed().await {
            assert_eq!(listed["IssuingAccount"], format!("arn:aws:iam::{ACCOUNT}:root"));
            scene.revoke(listed["GrantId"].as_str().unwrap()).await;
        }
        assert!(!can(scene.granted(&scene.alice, &bob_arn, operations, child).await));
    }
    assert!(!scene.can_describe(&bob).await);
}

/// Any one of several parents will do, but they don't add up.
#[tokio::test]
async fn parents_do_not_add_up() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["CreateGrant", "Decrypt"], json!({})).await;
    scene.grant(&alice(), &["CreateGrant", "Encrypt"], json!({})).await;
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    scene.root.user("bob", &Value::Null).await;
    let bob = super::user(ACCOUNT, "bob");
    for (operations, may) in [
        (&["Encrypt"][..], true),
        (&["Decrypt"], true),
        (&["Encrypt", "Decrypt"], false),
        (&["DescribeKey"], false),
        (&["Encrypt", "DescribeKey"], false),
    ] {
        assert_eq!(can(scene.granted(&scene.alice, &bob, operations, json!({})).await), may, "{operations:?}");
    }
}

/// Who may make grants by policy is not bound by the grants that it has.
#[tokio::test]
async fn a_policy_is_not_narrowed_by_a_grant() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["CreateGrant", "Decrypt"], json!({})).await;
    scene.root.user_policy("alice", &policy("Allow", "kms:CreateGrant")).await;
    assert!(can(scene.granted(&scene.alice, &olga(), &["Encrypt", "DescribeKey"], json!({})).await));
    assert!(scene.can_describe(&scene.olga).await);
    // And policies can forbid what a grant allows.
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"kms:GrantOperations": "Decrypt"}},
    }]});
    scene.root.user_policy("alice", &deny).await;
    assert!(!can(scene.granted(&scene.alice, &olga(), &["Decrypt"], json!({})).await));
}

#[tokio::test]
async fn another_accounts_grantee_can_pass_on_what_it_has() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&olga(), &["CreateGrant", "DescribeKey"], json!({})).await;
    let oscar = scene.other.user("oscar", &Value::Null).await;
    let oscar_arn = super::user(OTHER_ACCOUNT, "oscar");
    let passed = scene.granted(&scene.olga, &oscar_arn, &["DescribeKey"], json!({})).await.unwrap();
    assert!(scene.can_describe(&oscar).await);
    assert!(!can(scene.granted(&scene.olga, &oscar_arn, &["Encrypt"], json!({})).await));
    assert!(!can(scene.granted(&oscar, &alice(), &["DescribeKey"], json!({})).await));
    // Made in the other account, so that account may retire it.
    let retired = json!({"KeyId": scene.key, "GrantId": passed["GrantId"]});
    scene.other.call("RetireGrant", retired).await.unwrap();
    assert!(!scene.can_describe(&oscar).await);
}
