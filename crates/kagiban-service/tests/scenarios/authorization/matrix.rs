//! Every offered operation and every permission that it asks for: refused without it, in every way in which it can be
//! missing, with AWS's text and without a trace in the store; done with it.

use kagiban_testkit::{AwsError, Client};
use serde_json::{Value, json};

use super::cases::{Admin, Ask, Manner, Stage, cases, policy, statement, without};
use crate::support::{Scene, fresh_accounts, with};

pub(crate) const IDENTITY: &str = "identity-based policy";
const RESOURCE: &str = "resource-based policy";
pub(crate) const BOUNDARY: &str = "permissions boundary";
pub(crate) const SESSION: &str = "session policy";

/// The one address that calls come from here is not in this network.
fn elsewhere() -> Value {
    json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
}

/// The request is refused so, and nothing was written.
pub(crate) async fn assert_refused(
    scene: &Scene,
    stage: &Stage<'_>,
    caller: &Client<'_>,
    expected: AwsError,
    why: &str,
) {
    let before = scene.revision().await;
    assert_eq!(stage.call(caller).await.err(), Some(expected), "{}: {why}", stage.name());
    assert_eq!(scene.revision().await, before, "{}: {why}: wrote something", stage.name());
}

/// The request is done.
pub(crate) async fn assert_done(stage: &Stage<'_>, caller: &Client<'_>, why: &str) {
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

pub(crate) fn and(list: &[Value], one: Value) -> Vec<Value> {
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
pub(crate) fn key_allows(stage: &Stage<'_>, principal: &Value) -> Vec<Option<(String, Value)>> {
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

pub(crate) async fn put(admin: &Admin<'_>, statements: &[Option<(String, Value)>]) {
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
pub(crate) fn ceilings(stage: &Stage<'_>, at: usize) -> [(&'static str, Value); 2] {
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
pub(crate) async fn put_boundary(root: &Client<'_>, name: &str, document: &Value) {
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

/// The tables above walk every operation; those that are missing stand in a list that may only shrink.
#[test]
fn no_operation_is_left_out() {
    let plain = cases().into_iter().filter(|case| case.manner == Manner::Plain).count();
    assert_eq!(plain, kagiban_api::Operation::ALL.len() - kagiban_service::NOT_OFFERED_YET.len());
}
