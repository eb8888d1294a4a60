//! Calls on keys of other accounts: both sides must allow, the ceilings of the caller's account hold, and most operations do
//! not cross at all. For every operation that could.

use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::cases::{CROSSING, Case, Stage, access_denied, cases, hidden, policy, statement, without};
use super::matrix::{
    BOUNDARY, IDENTITY, SESSION, and, assert_done, assert_refused, ceilings, key_allows, put, put_boundary,
};
use crate::support::{REGION, Scene, fresh_accounts};

/// Operations without a key of another account to speak of.
const NO_FOREIGN_KEY: [(&str, &str); 5] = [
    ("CreateKey", "makes keys of the caller's account"),
    ("DeleteAlias", "names an alias of the caller's account, which can point to its keys only"),
    ("GenerateRandom", "there is no key"),
    ("ListKeys", "lists those of the caller's account"),
    ("ListRetirableGrants", "names a principal of the caller's account"),
];

/// Operations that cross accounts by another right than the key's policy.
const BY_OTHER_RIGHT: [(&str, &str); 1] = [("RetireGrant", "a party to the grant may, whatever the key's policy says")];

/// The cases that a key's policy can open to other accounts.
fn crossing() -> impl Iterator<Item = Case> {
    let is_other = |case: &Case| BY_OTHER_RIGHT.iter().any(|(operation, _)| *operation == case.operation);
    cases().into_iter().filter(move |case| CROSSING.contains(&case.operation) && !is_other(case))
}

/// Somebody of another account than the stage's.
async fn foreigner<'w>(scene: &'w Scene, account: &str) -> (Client<'w>, Client<'w>, String) {
    let root = scene.world.client(account, REGION);
    let ann = root.user("ann", &Value::Null).await;
    (root, ann, format!("arn:aws:iam::{account}:user/ann"))
}

#[tokio::test]
async fn across_accounts_both_sides_must_allow() {
    let scene = Scene::new().await;
    let mut accounts = fresh_accounts();
    for case in crossing() {
        for named_as in ["account", "user", "anyone"] {
            let stage = Stage::of(case, &scene.world, &accounts.next().unwrap()).await;
            let (root, ann, arn) = foreigner(&scene, &accounts.next().unwrap()).await;
            let principal = match named_as {
                "account" => json!({"AWS": arn.split(':').nth(4)}),
                "user" => json!({"AWS": arn}),
                _ => json!("*"),
            };
            let admin = stage.admin().await;
            let (allows, key_allows) = (stage.allows(), key_allows(&stage, &principal));
            for (at, ask) in stage.asks.iter().enumerate() {
                put(&admin, &key_allows).await;
                for (why, statements, expected) in [
                    ("no identity policy", without(&allows, at), ask.lacking(&arn, IDENTITY)),
                    (
                        "denied by the identity policy",
                        and(&allows, statement("Deny", &ask.action, &ask.resource)),
                        ask.forbidden(&arn, IDENTITY),
                    ),
                ] {
                    root.user_policy("ann", &policy(statements)).await;
                    assert_refused(&scene, &stage, &ann, expected, why).await;
                }
                root.user_policy("ann", &policy(allows.clone())).await;
                put(&admin, &without(&key_allows, at)).await;
                assert_refused(&scene, &stage, &ann, ask.hidden(&arn), "no key policy").await;
                let deny = json!({"Effect": "Deny", "Principal": {"AWS": arn}, "Action": ask.action, "Resource": "*"});
                put(&admin, &[key_allows.clone(), vec![Some((ask.resource.clone(), deny))]].concat()).await;
                assert_refused(&scene, &stage, &ann, ask.hidden(&arn), "denied by the key policy").await;
                put(&admin, &without(&key_allows, at)).await;
                let denied = and(&allows, statement("Deny", &ask.action, &ask.resource));
                for (why, statements) in [("neither side", without(&allows, at)), ("denied and closed", denied)] {
                    root.user_policy("ann", &policy(statements)).await;
                    assert_refused(&scene, &stage, &ann, ask.hidden(&arn), why).await;
                }
            }
            root.user_policy("ann", &policy(allows)).await;
            put(&admin, &key_allows).await;
            assert_done(&stage, &ann, named_as).await;
        }
    }
}

/// The ceilings of the caller's own account hold on foreign keys, too.
#[tokio::test]
async fn across_accounts_the_callers_boundary_holds() {
    let scene = Scene::new().await;
    let mut accounts = fresh_accounts();
    for case in crossing() {
        let stage = Stage::of(case, &scene.world, &accounts.next().unwrap()).await;
        let (root, ann, arn) = foreigner(&scene, &accounts.next().unwrap()).await;
        root.user_policy("ann", &policy(stage.allows())).await;
        let admin = stage.admin().await;
        put(&admin, &key_allows(&stage, &json!({"AWS": arn}))).await;
        for (at, ask) in stage.asks.iter().enumerate() {
            for (why, ceiling) in ceilings(&stage, at) {
                put_boundary(&root, &format!("{why}{at}"), &ceiling).await;
                let expected =
                    if why == "lacking" { ask.lacking(&arn, BOUNDARY) } else { ask.forbidden(&arn, BOUNDARY) };
                assert_refused(&scene, &stage, &ann, expected, why).await;
            }
        }
        put_boundary(&root, "enough", &policy(stage.allows())).await;
        assert_done(&stage, &ann, "within the boundary").await;
    }
}

#[tokio::test]
async fn what_does_not_cross_accounts_is_refused_whatever_policies_say() {
    let scene = Scene::new().await;
    let mut accounts = fresh_accounts();
    let mut seen = Vec::new();
    for case in cases().into_iter().filter(|case| !CROSSING.contains(&case.operation)) {
        if NO_FOREIGN_KEY.iter().any(|(operation, _)| *operation == case.operation) {
            continue;
        }
        let stage = Stage::of(case, &scene.world, &accounts.next().unwrap()).await;
        let (root, ann, arn) = foreigner(&scene, &accounts.next().unwrap()).await;
        root.user_policy("ann", &policy(vec![statement("Allow", "*", "*")])).await;
        let admin = stage.admin().await;
        let all = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
        let open: Vec<_> = admin.keys.iter().map(|key| (key.clone(), all.clone())).collect();
        admin.put(&open).await;
        let expected = hidden(&arn, &format!("kms:{}", case.operation));
        for (caller, arn) in [(&ann, arn.clone()), (&root, arn.replace("user/ann", "root"))] {
            let expected = access_denied(&expected.message.replace("user/ann", arn.rsplit(':').next().unwrap()));
            assert_refused(&scene, &stage, caller, expected, "wide open").await;
        }
        seen.push(case.operation);
    }
    assert_eq!(seen.len(), 25, "{seen:?}");
}

/// The same for the session policies of a role that the key's policy names; the role's identity policies are needed, too.
#[tokio::test]
async fn across_accounts_session_policies_hold() {
    let scene = Scene::new().await;
    let mut accounts = fresh_accounts();
    for case in crossing() {
        let stage = Stage::of(case, &scene.world, &accounts.next().unwrap()).await;
        let account = accounts.next().unwrap();
        let (root, ann, user) = foreigner(&scene, &account).await;
        let role = root.role("work", &user, &policy(stage.allows())).await;
        let arn = format!("arn:aws:sts::{account}:assumed-role/work/day");
        let admin = stage.admin().await;
        for principal in [&role, &arn] {
            put(&admin, &key_allows(&stage, &json!({"AWS": principal}))).await;
            for (at, ask) in stage.asks.iter().enumerate() {
                for (why, ceiling) in ceilings(&stage, at) {
                    let session = ann.assume(&role, "day", &[("Policy", &ceiling.to_string())]).await.unwrap();
                    let expected =
                        if why == "lacking" { ask.lacking(&arn, SESSION) } else { ask.forbidden(&arn, SESSION) };
                    assert_refused(&scene, &stage, &session, expected, why).await;
                }
            }
        }
        let enough = policy(stage.allows()).to_string();
        let session = ann.assume(&role, "day", &[("Policy", &enough)]).await.unwrap();
        assert_done(&stage, &session, "within the session policy").await;
    }
}

/// A foreign root needs no identity policy; the key's policy it needs.
#[tokio::test]
async fn across_accounts_roots_need_the_key_policy() {
    let scene = Scene::new().await;
    let mut accounts = fresh_accounts();
    for case in crossing() {
        let stage = Stage::of(case, &scene.world, &accounts.next().unwrap()).await;
        let account = accounts.next().unwrap();
        let root = scene.world.client(&account, REGION);
        let arn = format!("arn:aws:iam::{account}:root");
        let admin = stage.admin().await;
        let allows = key_allows(&stage, &json!({"AWS": account}));
        for (at, ask) in stage.asks.iter().enumerate() {
            put(&admin, &without(&allows, at)).await;
            assert_refused(&scene, &stage, &root, ask.hidden(&arn), "no key policy").await;
            // The owner's own account is another one.
            let own = key_allows(&stage, &json!({"AWS": stage.account}));
            put(&admin, &[without(&allows, at), vec![own[at].clone()]].concat()).await;
            assert_refused(&scene, &stage, &root, ask.hidden(&arn), "the owner's account").await;
        }
        put(&admin, &allows).await;
        assert_done(&stage, &root, "the key policy").await;
    }
}

/// The lists of exceptions are about operations that there are, each once.
#[test]
fn exceptions_are_what_they_say() {
    for operation in CROSSING {
        assert!(kagiban_api::Operation::ALL.iter().any(|known| known.name() == operation), "{operation}");
        assert!(NO_FOREIGN_KEY.iter().all(|(other, _)| *other != operation), "{operation}");
    }
    assert!(BY_OTHER_RIGHT.iter().all(|(operation, _)| CROSSING.contains(operation)));
}
