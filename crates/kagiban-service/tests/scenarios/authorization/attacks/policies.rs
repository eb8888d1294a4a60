//! Policies of two meanings, policies that are gone, and policies by which somebody gets out of bounds or locked out.

use kagiban_storage::engine::KeyRange;
use kagiban_storage::{Batch, Engine};
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{is_denied, user_arn};
use crate::authorization::cases::{policy, statement};
use crate::authorization::deciding::{allow, one};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, Scene, create_key, with};

/// Whoever may do everything within a boundary cannot leave it.
#[tokio::test]
async fn nobody_takes_their_own_boundary_away() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let boundary = policy(vec![
        statement("Allow", "*", "*"),
        statement("Deny", "iam:*PermissionsBoundary", "*"),
        statement("Deny", "iam:*PolicyVersion", "*"),
        statement("Deny", "kms:*", "*"),
    ])
    .to_string();
    let made = root.iam("CreatePolicy", &[("PolicyName", "b"), ("PolicyDocument", &boundary)]).await.unwrap();
    let (user, arn) = (("UserName", "ann"), made.text("Arn"));
    let ann = root.user("ann", &allow("*")).await;
    root.iam("PutUserPermissionsBoundary", &[user, ("PermissionsBoundary", &arn)]).await.unwrap();
    let all = allow("*").to_string();
    for (action, parameters) in [
        ("DeleteUserPermissionsBoundary", vec![user]),
        (
            "PutUserPermissionsBoundary",
            vec![user, ("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
        ("CreatePolicyVersion", vec![("PolicyArn", &*arn), ("PolicyDocument", &all), ("SetAsDefault", "true")]),
        ("SetDefaultPolicyVersion", vec![("PolicyArn", &*arn), ("VersionId", "v1")]),
        ("DeletePolicyVersion", vec![("PolicyArn", &*arn), ("VersionId", "v1")]),
    ] {
        let refused = ann.iam(action, &parameters).await.unwrap_err();
        assert_eq!(refused.code, "AccessDenied", "{action}");
        assert!(refused.message.contains("explicit deny in a permissions boundary"), "{action}: {}", refused.message);
    }
    // More rights of her own do not help, nor does deleting the policy itself.
    ann.iam("PutUserPolicy", &[user, ("PolicyName", "more"), ("PolicyDocument", &all)]).await.unwrap();
    assert!(ann.iam("DeletePolicy", &[("PolicyArn", &arn)]).await.is_err());
    assert!(is_denied(&ann, "DescribeKey", json!({"KeyId": key})).await);
}

/// A boundary, or any policy of the caller's, that is gone from the store allows nothing, whatever the others say.
#[tokio::test]
async fn what_is_missing_denies() {
    for (attach, who) in [("PutUserPermissionsBoundary", "PermissionsBoundary"), ("AttachUserPolicy", "PolicyArn")] {
        let scene = Scene::new().await;
        let root = scene.client();
        let key = create_key(&root).await;
        let ann = root.user("ann", &allow("kms:*")).await;
        let all = allow("*").to_string();
        let made = root.iam("CreatePolicy", &[("PolicyName", "b"), ("PolicyDocument", &all)]).await.unwrap();
        root.iam(attach, &[("UserName", "ann"), (who, &made.text("Arn"))]).await.unwrap();
        ann.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
        let snapshot = scene.engine.snapshot().await.unwrap();
        let range = KeyRange::prefix(b"iam-policy\0");
        let rows = snapshot.scan(&range, 10).await.unwrap().entries;
        assert_eq!(rows.len(), 1);
        scene.engine.commit(Batch::new().delete(rows[0].key.clone())).await.unwrap();
        // What is written next is seen after it.
        root.iam("CreateUser", &[("UserName", "later")]).await.unwrap();
        assert!(is_denied(&ann, "DescribeKey", json!({"KeyId": key})).await, "{attach}");
        assert!(is_denied(&ann, "ListKeys", json!({})).await, "{attach}");
        assert_eq!(ann.iam("ListUsers", &[]).await.unwrap_err().code, "AccessDenied", "{attach}");
    }
}

/// A text of two meanings is no policy, wherever it is put.
#[tokio::test]
async fn policies_with_two_meanings_are_refused() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.user("ann", &Value::Null).await;
    let principal = format!("\"Principal\":{{\"AWS\":\"{ACCOUNT}\"}},");
    for (what, statement) in [
        ("two effects", r#""Effect":"Deny","Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("one in disguise", r#""Effect":"Deny","\u0045ffect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("another case", r#""Effect":"Deny","effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*""#),
        ("two actions", r#""Effect":"Allow",PRINCIPAL"Action":"kms:None","Action":"kms:*","Resource":"*""#),
        ("action and not", r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","NotAction":"kms:None","Resource":"*""#),
        ("resource and not", r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","NotResource":"*""#),
        (
            "two conditions",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}},"Condition":{}"#,
        ),
        (
            "two operators",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"},"Bool":{}}"#,
        ),
        (
            "two keys",
            r#""Effect":"Allow",PRINCIPAL"Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true","aws:SecureTransport":"false"}}"#,
        ),
    ] {
        let of_key = format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#);
        let (of_key, of_user) = (of_key.replace("PRINCIPAL", &principal), of_key.replace("PRINCIPAL", ""));
        let refused = root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": of_key})).await.unwrap_err();
        assert_eq!(refused.code, "MalformedPolicyDocumentException", "{what}");
        let parameters = [("UserName", "ann"), ("PolicyName", "p"), ("PolicyDocument", of_user.as_str())];
        assert_eq!(root.iam("PutUserPolicy", &parameters).await.unwrap_err().code, "MalformedPolicyDocument", "{what}");
    }
    // Allowing all but some, and everybody but some.
    let everybody_but =
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    let input = json!({"KeyId": key, "Policy": one(everybody_but).to_string(), "BypassPolicyLockoutSafetyCheck": true});
    assert_eq!(root.call("PutKeyPolicy", input).await.unwrap_err().code, "MalformedPolicyDocumentException");
}

/// NotAction is a list of exceptions to what is allowed, not a Deny of it.
#[tokio::test]
async fn exceptions_are_no_denials_and_denials_have_none_but_their_own() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &Value::Null).await;
    let describe = || json!({"KeyId": key});
    let but = |effect: &str, list: Value| json!({"Effect": effect, "NotAction": list, "Resource": "*"});
    for (statements, is_allowed) in [
        (vec![but("Allow", json!(["kms:DescribeKey"]))], false),
        (vec![but("Allow", json!(["kms:describekey"]))], false),
        (vec![but("Allow", json!(["iam:*"]))], true),
        (vec![but("Allow", json!(["kms:*"])), statement("Allow", "kms:DescribeKey", &key)], true),
        (vec![statement("Allow", "*", "*"), but("Deny", json!(["kms:List*"]))], false),
        (vec![statement("Allow", "*", "*"), but("Deny", json!(["kms:*"]))], true),
        (vec![statement("Allow", "*", "*"), json!({"Effect": "Deny", "Action": "*", "NotResource": key})], true),
        (vec![statement("Allow", "*", "*"), json!({"Effect": "Deny", "Action": "*", "NotResource": "*"})], true),
        (vec![json!({"Effect": "Allow", "Action": "*", "NotResource": key})], false),
    ] {
        let policy = policy(statements);
        root.user_policy("ann", &policy).await;
        assert_eq!(ann.call("DescribeKey", describe()).await.is_ok(), is_allowed, "{policy}");
    }
}

/// Who puts a policy must be able to put the next one; to skip that check is something that can be denied.
#[tokio::test]
async fn nobody_locks_themselves_out_by_mistake() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let ann = root.user("ann", &allow("kms:*")).await;
    root.user("bob", &Value::Null).await;
    let allowing = |principal: Value, action: &str, more: Value| {
        with(&json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}), more)
    };
    let (me, account) = (json!({"AWS": user_arn("ann")}), json!({"AWS": ACCOUNT}));
    let never = json!({"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}});
    let deny = json!({"Effect": "Deny", "Principal": me, "Action": "kms:PutKeyPolicy", "Resource": "*"});
    let refusal = "The new key policy will not allow you to update the key policy in the future.";
    for (what, statements, is_taken) in [
        ("the account", vec![allowing(account.clone(), "kms:*", json!({}))], true),
        ("herself", vec![allowing(me.clone(), "kms:PutKeyPolicy", json!({}))], true),
        ("anybody", vec![allowing(json!("*"), "kms:Put*", json!({}))], true),
        ("another", vec![allowing(json!({"AWS": user_arn("bob")}), "kms:*", json!({}))], false),
        ("another account", vec![allowing(json!({"AWS": OTHER_ACCOUNT}), "kms:*", json!({}))], false),
        ("a service", vec![allowing(json!({"Service": "s3.amazonaws.com"}), "kms:*", json!({}))], false),
        ("another action", vec![allowing(me.clone(), "kms:GetKeyPolicy", json!({}))], false),
        ("elsewhere", vec![allowing(me.clone(), "kms:*", never)], false),
        (
            "another policy",
            vec![allowing(me.clone(), "kms:*", json!({"Condition": {"StringEquals": {"kms:PolicyName": "other"}}}))],
            false,
        ),
        (
            "the bypass alone",
            vec![allowing(
                me.clone(),
                "kms:*",
                json!({"Condition": {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}}),
            )],
            false,
        ),
        ("another key", vec![allowing(me.clone(), "kms:*", json!({"Resource": format!("{key}x")}))], false),
        ("denied", vec![allowing(account.clone(), "kms:*", json!({})), deny], false),
    ] {
        let document = policy(statements).to_string();
        for (operation, input) in
            [("PutKeyPolicy", json!({"KeyId": key, "Policy": document})), ("CreateKey", json!({"Policy": document}))]
        {
            // A key that is being made has another ARN.
            let answer = ann.call(operation, input).await;
            match is_taken {
                true => drop(answer.unwrap_or_else(|error| panic!("{operation} {what}: {error:?}"))),
                false => {
                    let error = answer.expect_err(what);
                    assert_eq!(
                        (&*error.code, &*error.message),
                        ("MalformedPolicyDocumentException", refusal),
                        "{what}"
                    );
                }
            }
        }
        let back =
            json!({"KeyId": key, "Policy": policy(vec![allowing(account.clone(), "kms:*", json!({}))]).to_string()});
        ann.call("PutKeyPolicy", back).await.unwrap();
    }
    // Skipping the check can be forbidden, also by those who hold everything else.
    let document = policy(vec![allowing(json!({"AWS": user_arn("bob")}), "kms:*", json!({}))]).to_string();
    let bypassing = json!({"KeyId": key, "Policy": document, "BypassPolicyLockoutSafetyCheck": true});
    let forbid = json!({"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}});
    let forbidden = with(&statement("Deny", "kms:*", "*"), json!({"Condition": forbid}));
    root.user_policy("ann", &policy(vec![statement("Allow", "kms:*", "*"), forbidden])).await;
    for (operation, input) in [
        ("PutKeyPolicy", bypassing.clone()),
        ("CreateKey", json!({"Policy": document, "BypassPolicyLockoutSafetyCheck": true})),
        ("CreateKey", json!({"BypassPolicyLockoutSafetyCheck": true})),
    ] {
        let refused = ann.call(operation, input).await.unwrap_err();
        assert!(
            refused.message.contains("with an explicit deny in an identity-based policy"),
            "{operation}: {refused:?}"
        );
    }
    let checked = with(&bypassing, json!({"BypassPolicyLockoutSafetyCheck": false}));
    assert_eq!(ann.call("PutKeyPolicy", checked).await.unwrap_err().message, refusal);
    root.user_policy("ann", &allow("kms:*")).await;
    ann.call("PutKeyPolicy", bypassing).await.unwrap();
    // Now she is out, and so is root.
    for caller in [&ann, &root] {
        assert!(is_denied(caller, "PutKeyPolicy", json!({"KeyId": key, "Policy": document})).await);
    }
}

/// Policies name those who exist. (That the account exists is asked in production deployments; here every account does.)
#[tokio::test]
async fn principals_that_do_not_exist_are_refused() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    root.user("ann", &Value::Null).await;
    root.role("work", &user_arn("ann"), &Value::Null).await;
    let role = |text: &str| format!("arn:aws:iam::{ACCOUNT}:role/{text}");
    let session = |text: &str| format!("arn:aws:sts::{ACCOUNT}:assumed-role/{text}");
    for (principal, exists) in [
        (user_arn("ann"), true),
        (role("work"), true),
        (session("work/any"), true),
        (user_arn("Ann"), false),
        (user_arn("bob"), false),
        (user_arn("x/ann"), false),
        (user_arn("../user/ann"), false),
        (user_arn("*"), false),
        (user_arn("an?"), false),
        (user_arn(""), false),
        (user_arn("ann").replace(ACCOUNT, OTHER_ACCOUNT), false),
        (user_arn("ann").replace("iam", "sts"), false),
        (role("ann"), false),
        (role("work/"), false),
        (role("*"), false),
        (session("work"), false),
        (session("other/any"), false),
        (session("work/*"), false),
        (format!("arn:aws:iam::{ACCOUNT}:group/g"), false),
        (format!("arn:aws:iam::{ACCOUNT}:policy/p"), false),
        (format!("arn:aws:iam::{ACCOUNT}:*"), false),
        ("arn:aws:iam::*:root".to_owned(), false),
        ("11112222333".to_owned(), false),
        ("root".to_owned(), false),
        ("AIDAAAAAAAAAAAAAAAAAA".to_owned(), false),
    ] {
        let all = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
        let named = with(&all, json!({"Principal": {"AWS": [ACCOUNT, principal]}}));
        let input = json!({"KeyId": key, "Policy": policy(vec![all, named]).to_string()});
        match root.call("PutKeyPolicy", input).await {
            Ok(_) => assert!(exists, "{principal}"),
            Err(error) => {
                assert!(!exists, "{principal}: {error:?}");
                assert_eq!(error.code, "MalformedPolicyDocumentException", "{principal}");
                let start = "Policy contains a statement with one or more invalid principals.";
                assert!(error.message.starts_with(start), "{principal}: {}", error.message);
            }
        }
    }
}

/// `*` with a condition about the caller is everybody who meets it, and nobody else.
#[tokio::test]
async fn everybody_is_everybody_who_meets_the_condition() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let other = world.client(OTHER_ACCOUNT, REGION);
    let (ann, eve) = (root.user("ann", &Value::Null).await, other.user("eve", &allow("kms:*")).await);
    let key = create_key(&root).await;
    for (condition, of_own, of_other) in [
        (json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}), true, false),
        (json!({"StringEquals": {"kms:CallerAccount": OTHER_ACCOUNT}}), false, true),
        (json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}), true, false),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}), false, false),
        (
            json!({"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
            false,
            false,
        ),
        (json!({"StringEquals": {"aws:ResourceAccount": ACCOUNT}}), true, true),
        (json!({"ArnEquals": {"aws:PrincipalArn": user_arn("ann")}}), true, false),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/eve"}}), false, true),
        (json!({"StringEquals": {"aws:username": "eve"}}), false, true),
    ] {
        let all = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
        let everybody = json!({
            "Effect": "Allow", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*", "Condition": condition,
        });
        let policy = policy(vec![all, everybody]).to_string();
        root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
        for (caller, is_allowed) in [(&ann, of_own), (&eve, of_other)] {
            let answer = caller.call("DescribeKey", json!({"KeyId": key})).await;
            assert_eq!(answer.is_ok(), is_allowed, "{condition}: {answer:?}");
        }
    }
}
