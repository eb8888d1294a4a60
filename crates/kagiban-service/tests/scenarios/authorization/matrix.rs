//! Every offered operation and every permission that it asks for: refused without it, in every way in which it can be
//! missing, with AWS's text and without a trace in the store; done with it.

use kagiban_testkit::{AwsError, Client};
use serde_json::{Value, json};

use super::cases::{
    Admin, Ask, CROSSING, Case, Manner, Stage, access_denied, cases, hidden, policy, statement, without,
};
use crate::support::{Scene, fresh_accounts, with};

const IDENTITY: &str = "identity-based policy";
const RESOURCE: &str = "resource-based policy";
const BOUNDARY: &str = "permissions boundary";
const SESSION: &str = "session policy";

/// The one address that calls come from here is not in this network.
fn elsewhere() -> Value {
    json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
}

/// The request is refused so, and nothing was written.
async fn assert_refused(scene: &Scene, stage: &Stage<'_>, caller: &Client<'_>, expected: AwsError, why: &str) {
    let before = scene.revision().await;
    assert_eq!(stage.call(caller).await.err(), Some(expected), "{}: {why}", stage.name());
    assert_eq!(scene.revision().await, before, "{}: {why}: wrote something", stage.name());
}

/// The request is done.
async fn assert_done(stage: &Stage<'_>, caller: &Client<'_>, why: &str) {
    if let Err(error) = stage.call(caller).await {
        panic!("{}: {why}: {error:?}", stage.name());
    }
}

fn user_arn(stage: &Stage<'_>) -> String {
    format!("arn:aws:iam::{}:user/ann", stage.account)
}

#[tokio::test]
async fn identity_policies_where_the_key_policy_lets_the_account_decide() {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        let ann = stage.root.user("ann", &Value::Null).await;
        let arn = user_arn(&stage);
        let allows = stage.allows();
        for (at, ask) in stage.asks.iter().enumerate() {
            let others = without(&allows, at);
            let lacking = ask.lacking(&arn, IDENTITY);
            let mut tries = vec![
                ("nothing", policy(others.clone())),
                ("failed condition", policy(and(&others, with(&allows[at], json!({"Condition": elsewhere()}))))),
                ("another action", policy(and(&others, statement("Allow", &format!("{}s", ask.action), "*")))),
            ];
            if ask.resource != "*" {
                let unlike = format!("{}x", ask.resource);
                tries.push(("another resource", policy(and(&others, statement("Allow", &ask.action, &unlike)))));
            }
            for (why, policy) in tries {
                stage.root.user_policy("ann", &policy).await;
                assert_refused(&scene, &stage, &ann, lacking.clone(), why).await;
            }
            let denied = policy(and(&allows, statement("Deny", &ask.action, &ask.resource)));
            stage.root.user_policy("ann", &denied).await;
            assert_refused(&scene, &stage, &ann, ask.forbidden(&arn, IDENTITY), "denied").await;
        }
        stage.root.user_policy("ann", &policy(allows)).await;
        assert_done(&stage, &ann, "everything allowed").await;
    }
}

fn and(list: &[Value], one: Value) -> Vec<Value> {
    [list, &[one]].concat()
}

/// Who is named in a key's policy.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Anyone,
    Role,
    RoleSession,
    User,
}

impl Who {
    /// Makes it. Gives the caller, its ARN, and the principal for policies.
    async fn made<'w>(self, stage: &Stage<'w>, identity: &Value) -> (Client<'w>, String, Value) {
        let (root, account) = (&stage.root, &stage.account);
        let ann = root.user("ann", if self == Self::User { identity } else { &Value::Null }).await;
        if self == Self::User {
            return (ann, user_arn(stage), json!({"AWS": user_arn(stage)}));
        }
        let role = root.role("work", &user_arn(stage), identity).await;
        let arn = format!("arn:aws:sts::{account}:assumed-role/work/day");
        let principal = match self {
            Self::Anyone => json!("*"),
            Self::Role => json!({"AWS": role}),
            _ => json!({"AWS": arn}),
        };
        (ann.assume(&role, "day", &[]).await.unwrap(), arn, principal)
    }
}

/// The statements of key policies that allow what is asked of keys; none for other resources.
fn key_allows(stage: &Stage<'_>, principal: &Value) -> Vec<Option<(String, Value)>> {
    let allow = |ask: &Ask| {
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": ask.action, "Resource": ask.resource});
        ask.is_key.then(|| (ask.resource.clone(), statement))
    };
    stage.asks.iter().map(allow).collect()
}

/// The identity statements for what no key's policy decides.
fn other_allows(stage: &Stage<'_>) -> Value {
    let others = stage.asks.iter().filter(|ask| !ask.is_key);
    policy(others.map(|ask| statement("Allow", &ask.action, &ask.resource)).collect())
}

async fn put(admin: &Admin<'_>, statements: &[Option<(String, Value)>]) {
    admin.put(&statements.iter().flatten().cloned().collect::<Vec<_>>()).await;
}

async fn named_in_key_policies(who: Who) {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        if stage.asks.iter().all(|ask| !ask.is_key) {
            continue;
        }
        let (caller, arn, principal) = who.made(&stage, &other_allows(&stage)).await;
        let admin = stage.admin().await;
        let allows = key_allows(&stage, &principal);
        for (at, ask) in stage.asks.iter().enumerate().filter(|(_, ask)| ask.is_key) {
            let key = &ask.resource;
            let mut fails = allows.clone();
            fails[at] = fails[at].take().map(|(of, allow)| (of, with(&allow, json!({"Condition": elsewhere()}))));
            let mut other_action = allows.clone();
            other_action[at] =
                other_action[at].take().map(|(of, allow)| (of, with(&allow, json!({"Action": "kms:None"}))));
            for (why, statements) in
                [("nothing", without(&allows, at)), ("failed condition", fails), ("another action", other_action)]
            {
                put(&admin, &statements).await;
                assert_refused(&scene, &stage, &caller, ask.lacking(&arn, RESOURCE), why).await;
            }
            let deny = json!({"Effect": "Deny", "Principal": principal, "Action": ask.action, "Resource": "*"});
            // A Deny for everybody is one for the admin, too: it must not be about what the admin does here.
            if who != Who::Anyone || ask.action != "kms:PutKeyPolicy" {
                put(&admin, &[allows.clone(), vec![Some((key.clone(), deny))]].concat()).await;
                assert_refused(&scene, &stage, &caller, ask.forbidden(&arn, RESOURCE), "denied").await;
            }
        }
        put(&admin, &allows).await;
        assert_done(&stage, &caller, "everything allowed").await;
    }
}

#[tokio::test]
async fn users_named_in_key_policies() {
    named_in_key_policies(Who::User).await;
}

#[tokio::test]
async fn roles_named_in_key_policies() {
    named_in_key_policies(Who::Role).await;
}

#[tokio::test]
async fn role_sessions_named_in_key_policies() {
    named_in_key_policies(Who::RoleSession).await;
}

#[tokio::test]
async fn everybody_named_in_key_policies() {
    named_in_key_policies(Who::Anyone).await;
}

/// What a key's policy does not let the account decide, identity policies cannot give; what it denies, they cannot either.
#[tokio::test]
async fn identity_policies_against_the_key_policy() {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        let ann = stage.root.user("ann", &policy(stage.allows())).await;
        let arn = user_arn(&stage);
        let admin = stage.admin().await;
        let everyone = key_allows(&stage, &json!({"AWS": stage.account}));
        for (at, ask) in stage.asks.iter().enumerate().filter(|(_, ask)| ask.is_key) {
            put(&admin, &without(&everyone, at)).await;
            assert_refused(&scene, &stage, &ann, ask.lacking(&arn, RESOURCE), "not left to the account").await;
            let deny = json!({"Effect": "Deny", "Principal": {"AWS": arn}, "Action": ask.action, "Resource": "*"});
            put(&admin, &[everyone.clone(), vec![Some((ask.resource.clone(), deny))]].concat()).await;
            assert_refused(&scene, &stage, &ann, ask.forbidden(&arn, RESOURCE), "denied by the key").await;
        }
        put(&admin, &everyone).await;
        assert_done(&stage, &ann, "everything allowed").await;
    }
}

/// A policy that allows everything but one permission, and one that denies it.
fn ceilings(stage: &Stage<'_>, at: usize) -> [(&'static str, Value); 2] {
    let ask = &stage.asks[at];
    let denied = vec![statement("Allow", "*", "*"), statement("Deny", &ask.action, &ask.resource)];
    [("lacking", policy(without(&stage.allows(), at))), ("denied", policy(denied))]
}

#[tokio::test]
async fn permissions_boundaries_limit_what_identity_policies_give() {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        let ann = stage.root.user("ann", &policy(stage.allows())).await;
        let arn = user_arn(&stage);
        for (at, ask) in stage.asks.iter().enumerate() {
            for (why, ceiling) in ceilings(&stage, at) {
                put_boundary(&stage.root, &format!("{why}{at}"), &ceiling).await;
                let expected =
                    if why == "lacking" { ask.lacking(&arn, BOUNDARY) } else { ask.forbidden(&arn, BOUNDARY) };
                assert_refused(&scene, &stage, &ann, expected, why).await;
            }
        }
        put_boundary(&stage.root, "enough", &policy(stage.allows())).await;
        assert_done(&stage, &ann, "within the boundary").await;
    }
}

/// Ann's boundary is a new managed policy.
async fn put_boundary(root: &Client<'_>, name: &str, document: &Value) {
    let document = document.to_string();
    let made = root.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &document)]).await.unwrap();
    let parameters = [("UserName", "ann"), ("PermissionsBoundary", &made.text("Arn"))];
    root.iam("PutUserPermissionsBoundary", &parameters).await.unwrap();
}

#[tokio::test]
async fn session_policies_limit_what_the_role_has() {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        let ann = stage.root.user("ann", &Value::Null).await;
        let role = stage.root.role("work", &user_arn(&stage), &policy(stage.allows())).await;
        let arn = format!("arn:aws:sts::{account}:assumed-role/work/day");
        for (at, ask) in stage.asks.iter().enumerate() {
            for (why, ceiling) in ceilings(&stage, at) {
                let session = ann.assume(&role, "day", &[("Policy", &ceiling.to_string())]).await.unwrap();
                let expected = if why == "lacking" { ask.lacking(&arn, SESSION) } else { ask.forbidden(&arn, SESSION) };
                assert_refused(&scene, &stage, &session, expected, why).await;
            }
        }
        let enough = policy(stage.allows()).to_string();
        let session = ann.assume(&role, "day", &[("Policy", &enough)]).await.unwrap();
        assert_done(&stage, &session, "within the session policy").await;
    }
}

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
    let root = scene.world.client(account, crate::support::REGION);
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
                root.user_policy("ann", &policy(without(&allows, at))).await;
                assert_refused(&scene, &stage, &ann, ask.hidden(&arn), "neither side").await;
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
    assert_eq!(seen.len(), 17, "{seen:?}");
}

/// Root needs no identity policy, but it needs the key's policy like everybody else.
#[tokio::test]
async fn roots_do_what_the_key_policy_leaves_to_the_account() {
    let scene = Scene::new().await;
    for (case, account) in cases().into_iter().zip(fresh_accounts()) {
        let stage = Stage::of(case, &scene.world, &account).await;
        let arn = format!("arn:aws:iam::{account}:root");
        let admin = stage.admin().await;
        let allows = key_allows(&stage, &json!({"AWS": arn}));
        for (at, ask) in stage.asks.iter().enumerate().filter(|(_, ask)| ask.is_key) {
            put(&admin, &without(&allows, at)).await;
            assert_refused(&scene, &stage, &stage.root, ask.lacking(&arn, RESOURCE), "not left to the account").await;
        }
        put(&admin, &allows).await;
        assert_done(&stage, &stage.root, "left to the account").await;
    }
}

/// The tables above walk every operation; what they leave out stands in lists that may only shrink.
#[test]
fn no_operation_is_left_out() {
    let names: Vec<_> = cases().iter().filter(|case| case.manner == Manner::Plain).map(|case| case.operation).collect();
    let offered = kagiban_api::Operation::ALL.len() - kagiban_service::NOT_OFFERED_YET.len();
    assert_eq!(names.len(), offered);
    for (operation, _) in BY_OTHER_RIGHT {
        assert!(CROSSING.contains(&operation), "{operation}");
    }
    for operation in CROSSING {
        assert!(kagiban_api::Operation::ALL.iter().any(|known| known.name() == operation), "{operation}");
        assert!(NO_FOREIGN_KEY.iter().all(|(other, _)| *other != operation), "{operation}");
    }
}
