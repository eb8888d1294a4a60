//! What a grant lets its grantee do.

use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Scene, alice, can, code, olga, policy, service, user};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, create_key, text};

#[tokio::test]
async fn a_grant_allows_its_operations_from_the_next_request_on_and_not_after_its_end() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    assert!(!can(scene.encrypt(&scene.alice, json!({})).await));
    let grant = scene.grant(&alice(), &["Encrypt"], json!({})).await;
    for _ in 0..3 {
        assert!(can(scene.encrypt(&scene.alice, json!({})).await));
        assert!(!scene.can_describe(&scene.alice).await);
    }
    scene.revoke(&grant).await;
    assert!(!can(scene.encrypt(&scene.alice, json!({})).await));
    // By how many grants something is allowed makes no difference; each has to end.
    let grants = [
        scene.grant(&alice(), &["Encrypt"], json!({})).await,
        scene.grant(&alice(), &["Encrypt"], json!({})).await,
        scene.grant(&alice(), &["Encrypt", "Decrypt"], json!({})).await,
    ];
    for grant in &grants {
        assert!(can(scene.encrypt(&scene.alice, json!({})).await));
        scene.revoke(grant).await;
    }
    assert!(!can(scene.encrypt(&scene.alice, json!({})).await));
}

/// Each operation, by a grant of it and by one of all others that the key knows.
#[tokio::test]
async fn each_operation_needs_to_be_granted_by_its_own_name() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let source = text(&scene.encrypt(&scene.root, json!({})).await.unwrap()["CiphertextBlob"]);
    let all = [
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    ];
    let other = create_key(&scene.root).await;
    let both = json!({"KeyId": other, "GranteePrincipal": alice(), "Operations": ["ReEncryptFrom", "ReEncryptTo"]});
    scene.root.call("CreateGrant", both).await.unwrap();
    let other_blob = scene.root.call("Encrypt", json!({"KeyId": other, "Plaintext": "aGk="})).await.unwrap();
    for name in all {
        let input = match name {
            "Decrypt" => json!({"CiphertextBlob": source}),
            "Encrypt" => json!({"KeyId": scene.key, "Plaintext": "aGk="}),
            "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
                json!({"KeyId": scene.key, "KeySpec": "AES_256"})
            }
            "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
                json!({"KeyId": scene.key, "KeyPairSpec": "ECC_NIST_P256"})
            }
            "ReEncryptFrom" => json!({"CiphertextBlob": source, "DestinationKeyId": other}),
            "ReEncryptTo" => json!({"CiphertextBlob": other_blob["CiphertextBlob"], "DestinationKeyId": scene.key}),
            _ => json!({"KeyId": scene.key}),
        };
        let operation = if name.starts_with("ReEncrypt") { "ReEncrypt" } else { name };
        let others: Vec<&str> = all.into_iter().filter(|other| *other != name).collect();
        for (operations, expected) in [(vec![name], true), (others, false)] {
            let grant = scene.grant(&alice(), &operations, json!({})).await;
            assert_eq!(can(scene.alice.call(operation, input.clone()).await), expected, "{name}: {operations:?}");
            scene.revoke(&grant).await;
        }
    }
}

#[tokio::test]
async fn a_grant_reaches_whom_it_names_and_nobody_else() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let bob = scene.root.user("bob", &Value::Null).await;
    let assume = policy("Allow", "sts:AssumeRole");
    let carol = scene.root.user("carol", &assume).await;
    let role = scene.root.role("app", ACCOUNT, &Value::Null).await;
    let [one, two] = [carol.assume(&role, "one", &[]).await.unwrap(), carol.assume(&role, "two", &[]).await.unwrap()];
    let session = |name: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/{name}");
    // Grantee; then who gets it: alice, bob, two sessions of a role, a user of another account, that account's root.
    for (grantee, expected) in [
        (alice(), [true, false, false, false, false, false]),
        (role.clone(), [false, false, true, true, false, false]),
        (session("one"), [false, false, true, false, false, false]),
        (session("nobody"), [false; 6]),
        (olga(), [false, false, false, false, true, false]),
        // An account's users need an identity policy besides; its root does not.
        (OTHER_ACCOUNT.to_owned(), [false, false, false, false, false, true]),
        (format!("arn:aws:iam::{OTHER_ACCOUNT}:root"), [false, false, false, false, false, true]),
        (ACCOUNT.to_owned(), [false; 6]),
    ] {
        let grant = scene.grant(&grantee, &["DescribeKey"], json!({})).await;
        for (index, caller) in [&scene.alice, &bob, &one, &two, &scene.olga, &scene.other].into_iter().enumerate() {
            assert_eq!(scene.can_describe(caller).await, expected[index], "{grantee} {index}");
        }
        scene.revoke(&grant).await;
    }
    let grant = scene.grant(OTHER_ACCOUNT, &["DescribeKey"], json!({})).await;
    scene.other.user_policy("olga", &policy("Allow", "kms:DescribeKey")).await;
    assert!(scene.can_describe(&scene.olga).await);
    scene.revoke(&grant).await;
    assert!(!scene.can_describe(&scene.olga).await);
}

#[tokio::test]
async fn an_explicit_deny_is_stronger_than_a_grant() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    assert!(scene.can_describe(&scene.alice).await);
    scene.root.user_policy("alice", &policy("Deny", "kms:DescribeKey")).await;
    assert!(!scene.can_describe(&scene.alice).await);
    scene.root.user_policy("alice", &policy("Deny", "kms:Sign")).await;
    assert!(scene.can_describe(&scene.alice).await);
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": alice()}, "Action": "kms:DescribeKey", "Resource": "*"},
    ]});
    let input = json!({"KeyId": scene.key, "Policy": document.to_string()});
    scene.root.call("PutKeyPolicy", input).await.unwrap();
    assert!(!scene.can_describe(&scene.alice).await);
}

/// The name of a user who is gone does not carry its grants over to the next one of that name.
#[tokio::test]
async fn a_new_user_of_an_old_name_is_somebody_else() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    assert!(scene.can_describe(&scene.alice).await);
    let keys = scene.root.iam("ListAccessKeys", &[("UserName", "alice")]).await.unwrap();
    let key = keys.text("AccessKeyId");
    scene.root.iam("DeleteAccessKey", &[("UserName", "alice"), ("AccessKeyId", &key)]).await.unwrap();
    scene.root.iam("DeleteUser", &[("UserName", "alice")]).await.unwrap();
    let impostor = scene.root.user("alice", &Value::Null).await;
    assert!(!scene.can_describe(&impostor).await);
    // The grant shows whom it was made for.
    let shown = text(&scene.listed().await[0]["GranteePrincipal"]);
    assert!(shown.starts_with("AIDA") && shown.len() == 21, "{shown}");
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    assert!(scene.can_describe(&impostor).await);
}

#[tokio::test]
async fn constraints_bind_what_has_an_encryption_context() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let (one, more, none) = (json!({"app": "x"}), json!({"app": "x", "b": "y"}), json!({}));
    let operations = ["Encrypt", "Decrypt", "DescribeKey", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"];
    for (constraints, expected) in [
        (json!({"EncryptionContextEquals": one}), [true, false, false, true]),
        (json!({"EncryptionContextSubset": one}), [true, true, false, true]),
        // Keys of the pairs compare without regard to case, values with it.
        (json!({"EncryptionContextEquals": {"APP": "x"}}), [true, false, false, true]),
        (json!({"EncryptionContextEquals": {"app": "X"}}), [false, false, false, true]),
    ] {
        let grant = scene.grant(&alice(), &operations, json!({"Constraints": constraints})).await;
        for (context, expected) in [&one, &more, &none].into_iter().zip(expected) {
            assert_eq!(can(scene.encrypt(&scene.alice, context.clone()).await), expected, "{constraints} {context}");
            let input = json!({"KeyId": scene.key, "KeySpec": "AES_128", "EncryptionContext": context});
            assert_eq!(can(scene.alice.call("GenerateDataKey", input).await), expected, "{constraints} {context}");
            let made = scene.encrypt(&scene.root, context.clone()).await.unwrap();
            let blob = &made["CiphertextBlob"];
            let input = json!({"CiphertextBlob": blob, "EncryptionContext": context});
            assert_eq!(can(scene.alice.call("Decrypt", input).await), expected, "{constraints} {context}");
            // The side of the action counts: the source's context for ReEncryptFrom, the destination's for ReEncryptTo.
            for (source, destination) in [(context, &one), (&one, context)] {
                let made = scene.encrypt(&scene.root, source.clone()).await.unwrap();
                let input = json!({
                    "CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": scene.key,
                    "SourceEncryptionContext": source, "DestinationEncryptionContext": destination,
                });
                let passes = expected && constraints["EncryptionContextEquals"]["app"] != "X";
                assert_eq!(can(scene.alice.call("ReEncrypt", input).await), passes, "{constraints} {context}");
            }
        }
        assert_eq!(scene.can_describe(&scene.alice).await, expected[3], "{constraints}");
        scene.revoke(&grant).await;
        assert!(!scene.can_describe(&scene.alice).await);
        assert!(!can(scene.encrypt(&scene.alice, one.clone()).await));
    }
}

/// One grant may open what another leaves closed, in whichever order they came.
#[tokio::test]
async fn of_several_grants_each_counts() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let tenants = ["a", "b", "c"];
    let mut grants = Vec::new();
    for tenant in tenants {
        let constraints = json!({"EncryptionContextSubset": {"service": "s", "tenant": tenant}});
        grants.push(scene.grant(&alice(), &["Encrypt"], json!({"Constraints": constraints})).await);
    }
    for (index, grant) in grants.iter().enumerate() {
        for (other, tenant) in tenants.into_iter().enumerate() {
            let context = json!({"service": "s", "tenant": tenant, "x": "y"});
            assert_eq!(can(scene.encrypt(&scene.alice, context).await), other >= index, "{index} {tenant}");
            assert!(!can(scene.encrypt(&scene.alice, json!({"tenant": tenant})).await));
        }
        scene.revoke(grant).await;
    }
}

/// A service has no `aws:SourceArn` unless it says for which resource it calls, and others never have one.
#[tokio::test]
async fn a_source_constraint_admits_nobody_without_a_source() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let s3 = service(&world, "s3.amazonaws.com").await;
    let constraints = json!({"SourceArn": format!("arn:aws:s3:us-east-1:{ACCOUNT}:bucket")});
    scene.grant(&alice(), &["DescribeKey"], json!({"Constraints": constraints})).await;
    let input = json!({
        "KeyId": scene.key, "GranteeServicePrincipal": "s3.amazonaws.com", "RetiringPrincipal": alice(),
        "Operations": ["DescribeKey"], "Constraints": constraints,
    });
    scene.root.call("CreateGrant", input).await.unwrap();
    assert!(!scene.can_describe(&scene.alice).await);
    assert!(!scene.can_describe(&s3).await);
}

#[tokio::test]
async fn grants_are_of_one_key_and_one_region() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    let other = create_key(&scene.root).await;
    assert!(!can(scene.alice.call("DescribeKey", json!({"KeyId": other})).await));
    let elsewhere = scene.alice.in_region("eu-west-1");
    assert_eq!(code(elsewhere.call("DescribeKey", json!({"KeyId": scene.key})).await), "NotFoundException");
}

/// What is in memory after a restart is what was there before.
#[tokio::test]
async fn grants_outlive_a_restart() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    let ended = scene.grant(&alice(), &["Encrypt"], json!({})).await;
    scene.revoke(&ended).await;
    let restarted = world.restarted().await;
    let root = restarted.client(ACCOUNT, REGION);
    let key = root.iam("CreateAccessKey", &[("UserName", "alice")]).await.unwrap();
    let alice = restarted.caller((&key.text("AccessKeyId"), &key.text("SecretAccessKey"), None), REGION);
    assert!(can(alice.call("DescribeKey", json!({"KeyId": scene.key})).await));
    assert!(!can(alice.call("Encrypt", json!({"KeyId": scene.key, "Plaintext": "aGk="})).await));
}

/// A session may be limited further; a grant to its role does not lift that.
#[tokio::test]
async fn session_policies_and_boundaries_limit_what_a_role_is_granted() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let carol = scene.root.user("carol", &policy("Allow", "sts:AssumeRole")).await;
    let role = scene.root.role("app", &user(ACCOUNT, "carol"), &Value::Null).await;
    scene.grant(&role, &["DescribeKey"], json!({})).await;
    let whole = carol.assume(&role, "whole", &[]).await.unwrap();
    let narrow = policy("Allow", "kms:Encrypt").to_string();
    let narrow = carol.assume(&role, "narrow", &[("Policy", &narrow)]).await.unwrap();
    assert!(scene.can_describe(&whole).await);
    assert!(!scene.can_describe(&narrow).await);
    // A grant to the session itself stands on its own.
    scene.grant(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/narrow"), &["DescribeKey"], json!({})).await;
    assert!(scene.can_describe(&narrow).await);
}
