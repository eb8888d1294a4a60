//! Every operation of IAM and STS, in every outcome: what its record says, compared with a reviewed file. (That each request of every
//! test leaves one record, without a secret in it, is asserted where requests are sent.)

use std::path::Path;

use kagiban_testkit::Snapshot;
use serde_json::Value;

use crate::permissions::{self, ASKED};
use crate::policy_permissions::{self, ROWS};
use crate::support::{ACCOUNT, Client, Parameters, World};
use crate::{sts, sts_web_identity};

/// What most records have of every source: no TLS, and the root user as the caller.
type Usual = [(&'static str, &'static str); 5];
const ROOT: &str = r#"{"accessKeyId":"111122223333","accountId":"111122223333","arn":"arn:aws:iam::111122223333:root","principalId":"111122223333","type":"Root"}"#;
const CALL: (&str, &str) = ("eventType", "AwsApiCall");
const TLS: (&str, &str) = ("tlsDetails", r#"{"clientProvidedHostHeader":"iam.test"}"#);
const IAM: Usual =
    [("eventSource", "iam.amazonaws.com"), CALL, ("userIdentity", ROOT), ("recipientAccountId", ACCOUNT), TLS];
const STS: Usual =
    [("eventSource", "sts.amazonaws.com"), CALL, ("userIdentity", ROOT), ("recipientAccountId", ACCOUNT), TLS];
/// What root is refused because of what there is or is not, in a world that was populated.
const UNFIT: [(&str, &str, Parameters<'_>); 14] = [
    ("not found", "GetUser", &[("UserName", "None")]),
    ("not found", "DeleteRole", &[("RoleName", "None")]),
    ("not found", "PutUserPolicy", &[("UserName", "None"), ("PolicyName", "p"), ("PolicyDocument", ANY)]),
    ("not found", "AttachRolePolicy", &[("RoleName", "R"), ("PolicyArn", "arn:aws:iam::111122223333:policy/None")]),
    ("not found", "DetachRolePolicy", &[("RoleName", "Empty"), ("PolicyArn", "arn:aws:iam::111122223333:policy/Lone")]),
    ("not found", "GetPolicyVersion", &[("PolicyArn", "arn:aws:iam::111122223333:policy/Lone"), ("VersionId", "v9")]),
    ("not found", "DeleteAccessKey", &[("UserName", "U"), ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")]),
    ("exists", "CreateUser", &[("UserName", "U")]),
    ("exists", "CreatePolicy", &[("PolicyName", "Lone"), ("PolicyDocument", ANY)]),
    ("wrong state", "DeleteUser", &[("UserName", "U")]),
    ("wrong state", "DeleteRole", &[("RoleName", "R")]),
    ("wrong state", "DeletePolicy", &[("PolicyArn", "arn:aws:iam::111122223333:policy/p/P")]),
    (
        "wrong state",
        "DeletePolicyVersion",
        &[("PolicyArn", "arn:aws:iam::111122223333:policy/p/P"), ("VersionId", "v1")],
    ),
    ("no policy", "PutRolePolicy", &[("RoleName", "R"), ("PolicyName", "p"), ("PolicyDocument", "{}")]),
];
const ANY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;

/// The one record that `work` leaves.
async fn record_of<T>(world: &World, work: impl Future<Output = T>) -> Value {
    let before = world.journal.count();
    work.await;
    let records = world.journal.rendered_after(before);
    assert_eq!(records.len(), 1);
    records.into_iter().next().unwrap()
}

struct Row<'a> {
    service: &'static str,
    operation: &'a str,
    parameters: Parameters<'a>,
}

/// One operation in all outcomes; the last of them changes the world.
async fn show(row: &Row<'_>, world: &World, denied: &Client<'_>, snapshot: &mut Snapshot) {
    let Row { service, operation, parameters } = row;
    let usual = if *service == "iam" { &IAM } else { &STS };
    let usual = &[&usual[..], &[("eventName", *operation)]].concat();
    let call = async |client: &Client<'_>, parameters: Parameters<'_>| match *service {
        "iam" => client.iam(operation, parameters).await,
        _ => client.sts(operation, parameters).await,
    };
    snapshot.heading(operation);
    let stranger = world.client(ACCOUNT, "another secret", None);
    let too_many: Vec<_> = parameters.iter().chain(parameters.iter()).copied().collect();
    snapshot.record("unauthenticated", usual, &record_of(world, call(&stranger, parameters)).await);
    if !too_many.is_empty() {
        snapshot.record("malformed", usual, &record_of(world, call(&world.root(), &too_many)).await);
    }
    snapshot.record("denied", usual, &record_of(world, call(denied, parameters)).await);
    snapshot.record("called", usual, &record_of(world, call(&world.root(), parameters)).await);
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name)
}

#[tokio::test]
async fn records_of_iam_are_as_reviewed() {
    let mut snapshot = Snapshot::default();
    for (operation, _, parameters) in ROWS {
        let world = World::new().await;
        policy_permissions::populate(&world.root()).await;
        let denied = world.user("nobody", "").await;
        show(&Row { service: "iam", operation, parameters }, &world, &denied, &mut snapshot).await;
    }
    let mut shown = "";
    for (operation, parameters, _) in ASKED {
        if *operation == shown {
            continue;
        }
        shown = operation;
        let world = World::new().await;
        let key = permissions::furnish(&world.root()).await;
        let denied = world.user("nobody", "").await;
        let parameters = &permissions::filled(parameters, &key);
        show(&Row { service: "iam", operation, parameters }, &world, &denied, &mut snapshot).await;
    }
    snapshot.heading("(what does not fit)");
    for (outcome, operation, parameters) in UNFIT {
        let world = World::new().await;
        policy_permissions::populate(&world.root()).await;
        let record = record_of(&world, world.root().iam(operation, parameters)).await;
        assert!(record["errorCode"].is_string() && record["eventName"] == operation, "{record}");
        snapshot.record(outcome, &IAM, &record);
    }
    snapshot.assert_is(&file("records-iam.txt"));
}

#[tokio::test]
async fn records_of_sts_are_as_reviewed() {
    let mut snapshot = Snapshot::default();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/nobody"},"Action":"sts:AssumeRole"}]}"#;
    let role = ("RoleArn", "arn:aws:iam::111122223333:role/R");
    let rows: [(&str, Parameters<'_>); 5] = [
        (
            "AssumeRole",
            &[
                role,
                ("RoleSessionName", "shift"),
                ("DurationSeconds", "900"),
                ("TokenCode", "123456"),
                ("SerialNumber", "arn:aws:iam::111122223333:mfa/d"),
            ],
        ),
        (
            "AssumeRoleWithWebIdentity",
            &[role, ("RoleSessionName", "shift"), ("WebIdentityToken", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")],
        ),
        ("GetAccessKeyInfo", &[("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")]),
        ("GetCallerIdentity", &[]),
        ("GetSessionToken", &[("DurationSeconds", "900")]),
    ];
    assert_eq!(rows.map(|row| row.0), kagiban_api::sts::Operation::ALL.map(kagiban_api::sts::Operation::name));
    for (operation, parameters) in rows {
        let world = World::new().await;
        let nobody = world.user("nobody", "").await;
        world.root().iam("CreateRole", &[("RoleName", "R"), ("AssumeRolePolicyDocument", trust)]).await.unwrap();
        show(&Row { service: "sts", operation, parameters }, &world, &nobody, &mut snapshot).await;
    }
    let world = World::new().await;
    let nobody = world.user("nobody", "").await;
    world.root().iam("CreateRole", &[("RoleName", "R"), ("AssumeRolePolicyDocument", trust)]).await.unwrap();
    let assumed = record_of(&world, nobody.sts("AssumeRole", &[role, ("RoleSessionName", "shift")])).await;
    snapshot.record("assumed", &STS, &assumed);
    with_a_providers_token(&mut snapshot).await;
    snapshot.heading("(no operation)");
    for (service, action) in [("iam", "CreateUsers"), ("sts", "AssumeRoles")] {
        let call =
            async { if service == "iam" { nobody.iam(action, &[]).await } else { nobody.sts(action, &[]).await } };
        snapshot.record(action, &IAM, &record_of(&world, call).await);
    }
    snapshot.assert_is(&file("records-sts.txt"));
}

/// Who shows a token of a provider is known by it, and its session afterwards by the role and the provider.
async fn with_a_providers_token(snapshot: &mut Snapshot) {
    let (provider, world) = sts_web_identity::world().await;
    let trust = sts_web_identity::trust_if(sts_web_identity::OPEN, "AssumeRoleWithWebIdentity");
    let arn = sts::role(&world.root(), "web", &trust, "").await;
    let token = provider.token("one", serde_json::json!({}), &world);
    let mut session = None;
    let assume = async { session = sts_web_identity::assume(&world, &arn, &token, &[]).await.ok() };
    let assumed = record_of(&world, assume).await;
    snapshot.record("by a token", &STS, &assumed);
    let session = world.session(&session.unwrap());
    snapshot.record("its session", &STS, &record_of(&world, session.sts("GetCallerIdentity", &[])).await);
    let closed = sts::role(&world.root(), "closed", &sts::trust_account(ACCOUNT), "").await;
    let refused = record_of(&world, sts_web_identity::assume(&world, &closed, &token, &[])).await;
    snapshot.record("not trusted", &STS, &refused);
}

/// Codes of MFA are never told, nor repeated in what is wrong with them.
#[tokio::test]
async fn codes_are_not_recorded() {
    let world = World::new().await;
    let codes = |code| [("SerialNumber", "arn:aws:iam::111122223333:mfa/d"), ("TokenCode", code)];
    for code in ["473829", "not-a-code"] {
        let record = record_of(&world, world.root().sts("GetSessionToken", &codes(code))).await;
        assert!(!record.to_string().contains(code) && record["errorCode"].is_string(), "{record}");
    }
}
