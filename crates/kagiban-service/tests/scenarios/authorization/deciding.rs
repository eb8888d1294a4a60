//! The steps of the decision, one scenario each (authorization facts, section 2).

use kagiban_testkit::World;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, create_key};

const OTHER: &str = "444455556666";

/// A policy with one statement.
pub(crate) fn one(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub(crate) fn allow(action: &str) -> Value {
    one(json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

fn key_arn(account: &str, key: &str) -> String {
    format!("arn:aws:kms:{REGION}:{account}:key/{key}")
}

#[tokio::test]
async fn an_identity_policy_is_enough_where_the_key_policy_lets_the_account_decide() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let alice = root.user("alice", &allow("kms:Encrypt")).await;
    let input = json!({"KeyId": key, "Plaintext": "aGVsbG8="});
    let blob = alice.call("Encrypt", input).await.unwrap()["CiphertextBlob"].clone();
    let refused = alice.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    assert_eq!(
        refused.message,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: kms:Decrypt on the resource \
             associated with this ciphertext because no identity-based policy allows the kms:Decrypt action"
        )
    );
    // In force on the very next request.
    root.user_policy("alice", &allow("kms:Decrypt")).await;
    assert_eq!(alice.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], "aGVsbG8=");
}

#[tokio::test]
async fn a_key_policy_without_the_account_leaves_identity_policies_without_effect() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let alice = root.user("alice", &allow("kms:*")).await;
    let bob = root.user("bob", &Value::Null).await;
    let policy = one(json!({
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/bob")},
        "Action": "kms:*",
        "Resource": "*",
    }));
    let input = json!({"Policy": policy.to_string(), "BypassPolicyLockoutSafetyCheck": true});
    let key = root.call("CreateKey", input).await.unwrap()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned();
    bob.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    for (caller, name) in [(&alice, "user/alice"), (&root, "root")] {
        let refused = caller.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
        assert_eq!(
            refused.message,
            format!(
                "User: arn:aws:iam::{ACCOUNT}:{name} is not authorized to perform: kms:DescribeKey on resource: {} \
                 because no resource-based policy allows the kms:DescribeKey action",
                key_arn(ACCOUNT, &key)
            )
        );
    }
}

#[tokio::test]
async fn both_accounts_must_agree() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER, REGION));
    let alice = other.user("alice", &Value::Null).await;
    let key = create_key(&root).await;
    let arn = &key;
    let describe = json!({"KeyId": arn});
    let foreign = |action: &str| {
        format!(
            "User: arn:aws:iam::{OTHER}:user/alice is not authorized to perform: {action} on this resource because the \
             resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy \
             explicitly denies access"
        )
    };
    // Neither side; then the caller's alone: the same text, whether the key exists or not.
    for _ in 0..2 {
        for id in [arn, &key_arn(ACCOUNT, "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d")] {
            let refused = alice.call("DescribeKey", json!({"KeyId": id})).await.unwrap_err();
            assert_eq!(refused.message, foreign("kms:DescribeKey"));
        }
        other.user_policy("alice", &allow("kms:*")).await;
    }
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*", "Resource": "*"},
    ]});
    root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy.to_string()})).await.unwrap();
    alice.call("DescribeKey", describe.clone()).await.unwrap();
    // Not every operation crosses accounts, whatever policies say.
    let refused = alice.call("DisableKey", json!({"KeyId": arn})).await.unwrap_err();
    assert_eq!(refused.message, foreign("kms:DisableKey"));
    // The resource's side alone.
    other.user_policy("alice", &allow("kms:Sign")).await;
    let refused = alice.call("DescribeKey", describe).await.unwrap_err();
    assert!(refused.message.ends_with("because no identity-based policy allows the kms:DescribeKey action"));
}

#[tokio::test]
async fn a_session_has_the_rights_of_its_role_and_no_more_than_its_session_policy() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let alice = root.user("alice", &allow("sts:AssumeRole")).await;
    let role = root.role("keys", &format!("arn:aws:iam::{ACCOUNT}:user/alice"), &allow("kms:*")).await;
    let session = alice.assume(&role, "s1", &[]).await.unwrap();
    session.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    let narrow = alice.assume(&role, "s2", &[("Policy", &allow("kms:Encrypt").to_string())]).await.unwrap();
    let refused = narrow.call("DescribeKey", json!({"KeyId": key})).await.unwrap_err();
    assert!(refused.message.starts_with(&format!("User: arn:aws:sts::{ACCOUNT}:assumed-role/keys/s2 is not")));
    assert!(refused.message.ends_with("because no session policy allows the kms:DescribeKey action"));
}
