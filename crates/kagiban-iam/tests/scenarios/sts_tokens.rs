//! Session tokens: whose they are, how they are refused, and how sessions end before their time.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::secret::SecretArray;
use kagiban_base::time::Clock as _;
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_iam::secrets::Secrets;
use kagiban_iam::{AccountRecord, AccountRowKey};
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyId, DomainKeyRing};
use kagiban_keycore::row_binding::RowBinding;

use crate::sts::{assume, code, role, trust_account};
use crate::support::{ACCOUNT, Client, Keys, World, allow};

/// What tokens are sealed as.
const TOKEN: &str = "session-token";
const UNKNOWN: &str = "InvalidClientTokenId";

/// A session of a new role that may do everything.
async fn session<'w>(world: &'w World, name: &str) -> Client<'w> {
    let caller = world.user(&format!("user-of-{name}"), &allow("sts:*", "*")).await;
    let arn = role(&world.root(), name, &trust_account(ACCOUNT), &allow("*", "*")).await;
    world.session(&assume(&caller, &arn, &[]).await.unwrap())
}

fn with<'w>(client: &Client<'w>, id: &str, secret: &str, token: Option<&str>) -> Client<'w> {
    let keys = Keys { id: id.to_owned(), secret: secret.to_owned(), token: token.map(str::to_owned) };
    Client { keys, ..client.clone() }
}

/// The same session as a deployment with another domain key would have sealed it.
fn foreign_token(token: &str, world: &World) -> String {
    let claims = world.iam.secrets.open(&STANDARD.decode(token).unwrap(), &RowBinding::new(TOKEN)).unwrap();
    let sealed = secrets(8).wrap(claims.expose(), &RowBinding::new(TOKEN), world.random.as_ref()).unwrap();
    STANDARD.encode(sealed)
}

/// The secrets of a deployment with this domain key; the worlds have 7.
fn secrets(domain_key: u8) -> Secrets {
    let key = DomainKey::new(DomainKeyId::from_bytes([domain_key; 16]), SecretArray::new([domain_key; 32]));
    Secrets::new(Arc::new(DomainKeys::new(Some(DomainKeyRing::new(key, []).unwrap()))))
}

#[tokio::test]
async fn tokens_that_are_none() {
    let world = World::new().await;
    let (one, two) = (session(&world, "one").await, session(&world, "two").await);
    let ann = world.user("ann", &allow("*", "*")).await;
    let (token, secret, id) = (one.keys.token.clone().unwrap(), &one.keys.secret, &one.keys.id);
    let others = two.keys.token.clone().unwrap();
    let bytes = STANDARD.decode(&token).unwrap();
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        STANDARD.encode(bytes)
    };
    let of_foreign = foreign_token(&token, &world);
    let unsealed = STANDARD.encode(r#"{"AccessKeyId":"ASIA"}"#);
    // Sealed under our keys, but as something else: what is sealed for a row is no token.
    let misused = |binding: RowBinding| {
        STANDARD.encode(world.iam.secrets.wrap(&[b'x'; 40], &binding, world.random.as_ref()).unwrap())
    };
    let rows = [
        (id, secret, token.clone(), "ok"),
        (id, secret, others.clone(), UNKNOWN),
        (&two.keys.id, &two.keys.secret, token.clone(), UNKNOWN),
        (id, &two.keys.secret, token.clone(), "SignatureDoesNotMatch"),
        (id, secret, of_foreign, UNKNOWN),
        (&ann.keys.id, &ann.keys.secret, token.clone(), UNKNOWN),
        (id, secret, token[..token.len() - 4].to_owned(), UNKNOWN),
        (id, secret, token[4..].to_owned(), UNKNOWN),
        (id, secret, token[..token.len() - 1].to_owned(), UNKNOWN),
        (id, secret, format!("{token}AAAA"), UNKNOWN),
        (id, secret, format!("{token}="), UNKNOWN),
        (id, secret, format!("{token}{token}"), UNKNOWN),
        (id, secret, token.trim_end_matches('=').replace('+', "-").replace('/', "_") + "-", UNKNOWN),
        (id, secret, token.to_lowercase(), UNKNOWN),
        (id, secret, changed(0), UNKNOWN),
        (id, secret, changed(bytes.len() / 2), UNKNOWN),
        (id, secret, changed(bytes.len() - 1), UNKNOWN),
        (id, secret, "A".repeat(20_001), UNKNOWN),
        (id, secret, "A".repeat(20_000), UNKNOWN),
        (id, secret, "A".to_owned(), UNKNOWN),
        (id, secret, "null".to_owned(), UNKNOWN),
        (id, secret, unsealed, UNKNOWN),
        (id, secret, misused(RowBinding::new(TOKEN)), UNKNOWN),
        (id, secret, misused(RowBinding::new("access-key").part("access-key-id", id.as_bytes())), UNKNOWN),
        (id, secret, token.clone(), "ok"),
    ];
    for (id, secret, token, expected) in rows {
        let client = with(&one, id, secret, Some(&token));
        let outcome = client.iam("ListUsers", &[]).await;
        assert_eq!(code(&outcome), expected, "{token}");
        if let Err(refused) = outcome
            && expected == UNKNOWN
        {
            assert_eq!(refused.message, "The security token included in the request is invalid.", "no detail");
        }
    }
    let without = with(&one, id, secret, None);
    assert_eq!(code(&without.iam("ListUsers", &[]).await), UNKNOWN);
    let empty = with(&one, id, secret, Some(""));
    assert_ne!(code(&empty.iam("ListUsers", &[]).await), "ok");
}

/// Any node opens a token, whether it made it or not.
#[tokio::test]
async fn tokens_need_no_look_up() {
    let world = World::new().await;
    let keys = session(&world, "app").await.keys;
    let restarted = world.restarted().await;
    let client = restarted.client(&keys.id, &keys.secret, keys.token.as_deref());
    assert_eq!(code(&client.iam("ListUsers", &[]).await), "ok");
    let sealed = STANDARD.decode(keys.token.unwrap()).unwrap();
    assert!(secrets(7).open(&sealed, &RowBinding::new(TOKEN)).is_ok(), "the worlds' key");
    assert!(secrets(8).open(&sealed, &RowBinding::new(TOKEN)).is_err());
    assert!(secrets(7).open(&sealed, &RowBinding::new("access-key")).is_err());
}

#[tokio::test]
async fn sessions_end() {
    let world = World::new().await;
    let session = session(&world, "app").await;
    for (ms, expected) in [(0, "ok"), (3_599_999, "ok"), (1, "ExpiredToken"), (1000, "ExpiredToken")] {
        world.clock.move_by_ms(ms);
        assert_eq!(code(&session.iam("ListUsers", &[]).await), expected, "{}", world.clock.now());
    }
    // Neither does a clock that goes back bring more than the time it takes back.
    let wrong = with(&session, &session.keys.id, "wrong", session.keys.token.as_deref());
    assert_eq!(code(&wrong.iam("ListUsers", &[]).await), "ExpiredToken");
}

/// AWS's way to end sessions of a role: a policy that denies those made before now.
#[tokio::test]
async fn sessions_of_a_role_are_revoked_by_the_time_they_were_made() {
    let world = World::new().await;
    let root = world.root();
    let caller = world.user("ann", &allow("sts:*", "*")).await;
    let arn = role(&root, "app", &trust_account(ACCOUNT), &allow("*", "*")).await;
    let old = world.session(&assume(&caller, &arn, &[]).await.unwrap());
    let of_other_role = session(&world, "other").await;
    assert_eq!(code(&old.iam("ListUsers", &[]).await), "ok");
    world.clock.move_by_ms(60_000);
    let now = world.clock.now();
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{now}"}}}}}}}}"#
    );
    let parameters =
        [("RoleName", "app"), ("PolicyName", "AWSRevokeOlderSessions"), ("PolicyDocument", policy.as_str())];
    root.iam("PutRolePolicy", &parameters).await.unwrap();
    assert_eq!(code(&old.iam("ListUsers", &[]).await), "AccessDenied", "on the very next request");
    assert_eq!(code(&assume(&old, &arn, &[]).await), "AccessDenied");
    assert_eq!(code(&of_other_role.iam("ListUsers", &[]).await), "ok");
    let new = world.session(&assume(&caller, &arn, &[]).await.unwrap());
    assert_eq!(code(&new.iam("ListUsers", &[]).await), "ok");
}

#[tokio::test]
async fn sessions_end_with_their_role_and_their_user() {
    let world = World::new().await;
    let root = world.root();
    let ann = world.user("ann", &allow("sts:*", "*")).await;
    let arn = role(&root, "app", &trust_account(ACCOUNT), &allow("iam:ListUsers", "*")).await;
    let of_role = world.session(&assume(&ann, &arn, &[]).await.unwrap());
    let of_user = world.session(&ann.sts("GetSessionToken", &[]).await.unwrap());
    // Taking the policy away is enough, and giving it back is as quick.
    let policy = [("RoleName", "app"), ("PolicyName", "p")];
    assert_eq!(code(&of_role.iam("ListUsers", &[]).await), "ok");
    root.iam("DeleteRolePolicy", &policy).await.unwrap();
    assert_eq!(code(&of_role.iam("ListUsers", &[]).await), "AccessDenied");
    root.iam("PutRolePolicy", &[policy[0], policy[1], ("PolicyDocument", &allow("iam:ListUsers", "*"))]).await.unwrap();
    assert_eq!(code(&of_role.iam("ListUsers", &[]).await), "ok");
    root.iam("DeleteRolePolicy", &policy).await.unwrap();
    root.iam("DeleteRole", &[("RoleName", "app")]).await.unwrap();
    assert_eq!(code(&of_role.sts("GetCallerIdentity", &[]).await), UNKNOWN);
    // A role of the same name is another role.
    role(&root, "app", &trust_account(ACCOUNT), &allow("*", "*")).await;
    assert_eq!(code(&of_role.sts("GetCallerIdentity", &[]).await), UNKNOWN);
    assert_eq!(code(&of_user.sts("GetCallerIdentity", &[]).await), "ok");
    // The session of a user outlives the access key, as with AWS, but not the user.
    root.iam("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &ann.keys.id)]).await.unwrap();
    assert_eq!(code(&of_user.sts("GetCallerIdentity", &[]).await), "ok");
    root.iam("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]).await.unwrap();
    root.iam("DeleteUser", &[("UserName", "ann")]).await.unwrap();
    assert_eq!(code(&of_user.sts("GetCallerIdentity", &[]).await), UNKNOWN);
}

/// With the account, everything ends that it had, and its roles are roles that do not exist.
#[tokio::test]
async fn sessions_end_with_their_account() {
    let world = World::new().await;
    let of_role = session(&world, "app").await;
    let root_session = world.session(&world.root().sts("GetSessionToken", &[]).await.unwrap());
    let cid = world.user_of(&world.root_of("444455556666"), "cid", &allow("sts:*", "*")).await;
    let arn = role(&world.root(), "open", &trust_account("444455556666"), &allow("*", "*")).await;
    let from_outside = world.session(&assume(&cid, &arn, &[]).await.unwrap());
    let key = &AccountRowKey(ACCOUNT.parse().unwrap());
    let now = world.clock.now();
    let closed = &AccountRecord { closed: Some(now), ..AccountRecord::new(now) };
    let made = world.iam.store.transact("close", |tx| async move { tx.put::<AccountRecord>(key, closed) });
    let (_, revision): ((), _) = made.await.unwrap();
    world.iam.applied.wait_for(revision.unwrap()).await.unwrap();
    for client in [&of_role, &root_session, &from_outside, &world.root()] {
        assert_eq!(code(&client.sts("GetCallerIdentity", &[]).await), UNKNOWN, "{}", client.keys.id);
    }
    assert_eq!(code(&assume(&cid, &arn, &[]).await), "AccessDenied");
    assert_eq!(code(&cid.sts("GetCallerIdentity", &[]).await), "ok");
}

/// What is kept of opened tokens is bounded, and forgetting changes nothing.
#[tokio::test]
async fn many_sessions() {
    let world = World::new().await;
    let ann = world.user("ann", &allow("sts:*", "*")).await;
    let arn = role(&world.root(), "app", &trust_account(ACCOUNT), &allow("*", "*")).await;
    let first = world.session(&assume(&ann, &arn, &[]).await.unwrap());
    assert_eq!(code(&first.sts("GetCallerIdentity", &[]).await), "ok");
    for _ in 0..4200 {
        let session = world.session(&assume(&ann, &arn, &[]).await.unwrap());
        assert_eq!(code(&session.sts("GetCallerIdentity", &[]).await), "ok");
    }
    assert_eq!(code(&first.sts("GetCallerIdentity", &[]).await), "ok");
}
