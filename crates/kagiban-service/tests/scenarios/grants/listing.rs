//! Who has been granted what: lists of a key's grants, and of those that somebody may retire.

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{Scene, alice, can, code, olga, policy, service, user};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, create_key, text, texts_of, with};

/// All pages; each must be as long as asked but the last.
async fn pages(client: &Client<'_>, operation: &str, input: &Value, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut marker = Value::Null;
    loop {
        let page = client.call(operation, with(input, json!({"Limit": limit, "Marker": marker}))).await.unwrap();
        let found = texts_of(&page["Grants"], "GrantId");
        assert_eq!(page["Truncated"] == true, !page["NextMarker"].is_null());
        assert!(found.len() == limit || page["Truncated"] == false);
        ids.extend(found);
        marker = page["NextMarker"].clone();
        if marker.is_null() {
            return ids;
        }
    }
}

#[tokio::test]
async fn every_grant_is_on_one_page() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(scene.grant(&alice(), &["Decrypt"], json!({"RetiringPrincipal": olga()})).await);
    }
    ids.sort();
    let retirable = json!({"RetiringPrincipal": olga()});
    for limit in [1, 3, 7, 100] {
        assert_eq!(pages(&scene.root, "ListGrants", &json!({"KeyId": scene.key}), limit).await, ids);
        assert_eq!(pages(&scene.other, "ListRetirableGrants", &retirable, limit).await, ids);
    }
    let empty = create_key(&scene.root).await;
    assert!(pages(&scene.root, "ListGrants", &json!({"KeyId": empty}), 10).await.is_empty());
}

#[tokio::test]
async fn filters_leave_what_they_say() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let role = scene.root.role("app", ACCOUNT, &Value::Null).await;
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/s1");
    let root_arn = format!("arn:aws:iam::{OTHER_ACCOUNT}:root");
    let mut made = Vec::new();
    for grantee in [&alice(), &role, &session, &root_arn, &OTHER_ACCOUNT.to_owned(), &olga()] {
        made.push(scene.grant(grantee, &["Decrypt"], json!({})).await);
    }
    let list = async |more: Value| {
        let mut ids = pages(&scene.root, "ListGrants", &with(&json!({"KeyId": scene.key}), more), 2).await;
        ids.sort_by_key(|id| made.iter().position(|other| other == id));
        ids
    };
    let by = |principal: &str| json!({"GranteePrincipal": principal});
    assert_eq!(list(by(&alice())).await, made[..1]);
    assert_eq!(list(by(&role)).await, made[1..2]);
    assert_eq!(list(by(&session)).await, made[2..3]);
    assert_eq!(list(by(&root_arn)).await, made[3..5]);
    assert_eq!(list(by(OTHER_ACCOUNT)).await, made[3..5]);
    assert_eq!(list(by(&user(ACCOUNT, "nobody"))).await, made[..0]);
    assert_eq!(list(json!({"GrantId": made[2]})).await, made[2..3]);
    assert_eq!(list(json!({"GrantId": made[2], "GranteePrincipal": session})).await, made[2..3]);
    assert_eq!(list(json!({"GrantId": made[2], "GranteePrincipal": role})).await, made[..0]);
    assert_eq!(list(json!({"GrantId": "0".repeat(64)})).await, made[..0]);
    for (more, expected) in [
        (json!({"GrantId": "x"}), "InvalidGrantIdException"),
        (by("nobody"), "InvalidArnException"),
        (by(&format!("arn:aws:iam::{ACCOUNT}:group/staff")), "InvalidArnException"),
        (json!({"GranteeServicePrincipal": "s3.amazonaws.com"}), "ValidationException"),
        (json!({"GranteeServicePrincipal": "s3.amazonaws.com", "GranteePrincipal": alice()}), "ValidationException"),
    ] {
        let refused = scene.root.call("ListGrants", with(&json!({"KeyId": scene.key}), more.clone())).await;
        assert_eq!(code(refused), expected, "{more}");
    }
}

/// Who was deleted is found by the unique id that its grants show.
#[tokio::test]
async fn grants_of_the_gone_are_listed_by_unique_id() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let role = scene.root.role("app", ACCOUNT, &Value::Null).await;
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/s1");
    scene.grant(&role, &["Decrypt"], json!({"RetiringPrincipal": session})).await;
    scene.root.iam("DeleteRolePolicy", &[("RoleName", "app"), ("PolicyName", "p")]).await.unwrap_err();
    scene.root.iam("DeleteRole", &[("RoleName", "app")]).await.unwrap();
    let listed = scene.listed().await.remove(0);
    let gone = text(&listed["GranteePrincipal"]);
    assert!(gone.starts_with("AROA") && gone.len() == 21, "{gone}");
    assert_eq!(listed["RetiringPrincipal"], format!("{gone}:s1"));
    let list = async |grantee: &str| {
        pages(&scene.root, "ListGrants", &json!({"KeyId": scene.key, "GranteePrincipal": grantee}), 5).await.len()
    };
    assert_eq!((list(&gone).await, list(&role).await), (1, 0));
    // The name's next bearer has none.
    scene.root.role("app", ACCOUNT, &Value::Null).await;
    assert_eq!((list(&gone).await, list(&role).await), (1, 0));
    let retirable = json!({"RetiringPrincipal": session});
    assert!(pages(&scene.root, "ListRetirableGrants", &retirable, 5).await.is_empty());
}

#[tokio::test]
async fn markers_are_of_one_listing() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let other = create_key(&scene.root).await;
    for _ in 0..3 {
        scene.grant(&alice(), &["Decrypt"], json!({"RetiringPrincipal": alice()})).await;
    }
    let input = json!({"KeyId": scene.key, "Limit": 1});
    let marker = scene.root.call("ListGrants", input.clone()).await.unwrap()["NextMarker"].clone();
    let with_marker = |more: Value| with(&with(&input, json!({"Marker": marker})), more);
    scene.root.call("ListGrants", with_marker(json!({}))).await.unwrap();
    for (operation, input) in [
        ("ListGrants", with_marker(json!({"KeyId": other}))),
        ("ListGrants", with_marker(json!({"GranteePrincipal": alice()}))),
        ("ListGrants", with_marker(json!({"Marker": "x"}))),
        ("ListRetirableGrants", json!({"RetiringPrincipal": alice(), "Marker": marker})),
        ("ListAliases", json!({"Marker": marker})),
    ] {
        assert_eq!(code(scene.root.call(operation, input.clone()).await), "InvalidMarkerException", "{input}");
    }
}

#[tokio::test]
async fn retirable_grants_are_listed_across_keys_and_accounts() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let other_key = create_key(&scene.root).await;
    let foreign_key = create_key(&scene.other).await;
    let role = scene.root.role("app", ACCOUNT, &Value::Null).await;
    let mut ids = Vec::new();
    for (client, key) in [(&scene.root, &scene.key), (&scene.root, &other_key), (&scene.other, &foreign_key)] {
        for retiring in [&alice(), &role, &ACCOUNT.to_owned()] {
            let input = json!({
                "KeyId": key, "GranteePrincipal": olga(), "Operations": ["Decrypt"], "RetiringPrincipal": retiring,
            });
            ids.push((retiring.clone(), text(&client.call("CreateGrant", input).await.unwrap()["GrantId"])));
        }
    }
    for retiring in [&alice(), &role, &ACCOUNT.to_owned()] {
        let mut expected: Vec<_> = ids.iter().filter(|(who, _)| who == retiring).map(|(_, id)| id.clone()).collect();
        let mut found = pages(&scene.root, "ListRetirableGrants", &json!({"RetiringPrincipal": retiring}), 2).await;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{retiring}");
    }
    let page = scene.root.call("ListRetirableGrants", json!({"RetiringPrincipal": alice()})).await.unwrap();
    assert!(texts_of(&page["Grants"], "KeyId").contains(&foreign_key));
    // In another Region there are none.
    let elsewhere = scene.root.in_region("eu-west-1");
    assert!(pages(&elsewhere, "ListRetirableGrants", &json!({"RetiringPrincipal": alice()}), 5).await.is_empty());
}

#[tokio::test]
async fn only_principals_of_the_own_account_are_asked_for() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for principal in [
        olga(),
        user(OTHER_ACCOUNT, "nobody"),
        OTHER_ACCOUNT.to_owned(),
        user(ACCOUNT, "nobody"),
        "alice".to_owned(),
        "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    ] {
        let refused = scene.root.call("ListRetirableGrants", json!({"RetiringPrincipal": principal})).await;
        assert_eq!(code(refused), "InvalidArnException", "{principal}");
    }
    for input in [
        json!({}),
        json!({"RetiringPrincipal": alice(), "RetiringServicePrincipal": "s3.amazonaws.com"}),
        json!({"RetiringServicePrincipal": "s3.amazonaws.com"}),
    ] {
        assert_eq!(code(scene.root.call("ListRetirableGrants", input.clone()).await), "ValidationException", "{input}");
    }
}

/// The resource of the permission is the retiring principal.
#[tokio::test]
async fn listing_retirable_grants_needs_permission_for_the_principal() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene.root.user("bob", &Value::Null).await;
    let list = async |principal: &str| {
        can(scene.alice.call("ListRetirableGrants", json!({"RetiringPrincipal": principal})).await)
    };
    assert!(!list(&alice()).await);
    let own = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:ListRetirableGrants", "Resource": alice()},
    ]});
    scene.root.user_policy("alice", &own).await;
    assert!(list(&alice()).await && !list(&user(ACCOUNT, "bob")).await);
    scene.root.user_policy("alice", &policy("Allow", "kms:ListRetirableGrants")).await;
    assert!(list(&user(ACCOUNT, "bob")).await);
}

#[tokio::test]
async fn services_list_their_own() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let s3 = service(&world, "s3.amazonaws.com").await;
    let ec2 = service(&world, "ec2.amazonaws.com").await;
    let grant = scene.grant(&alice(), &["Decrypt"], json!({"RetiringServicePrincipal": "s3.amazonaws.com"})).await;
    let own = json!({"RetiringServicePrincipal": "s3.amazonaws.com"});
    assert_eq!(pages(&s3, "ListRetirableGrants", &own, 5).await, [grant]);
    assert!(!can(ec2.call("ListRetirableGrants", own).await));
    assert!(!can(s3.call("ListRetirableGrants", json!({"RetiringPrincipal": "000000000000"})).await));
}
