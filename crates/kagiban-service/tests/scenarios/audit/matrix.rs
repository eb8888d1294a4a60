//! Every operation of KMS, of CloudTrail and of the operator, in every outcome: what its record says, compared with a reviewed file.

use std::path::Path;

use bytes::Bytes;
use kagiban_api::Operation;
use kagiban_base::secret::SecretBytes;
use kagiban_service::NOT_OFFERED_YET;
use kagiban_service::quotas::{QuotaMode, QuotaSettings};
use kagiban_testkit::{Client, DRY_RUNS, Snapshot, World};
use serde_json::{Value, json};

use super::record_of;
use crate::sealing::{People, anybody, seal};
use crate::subjects::Subject;
use crate::support::{ACCOUNT, NO_KEY, REGION, with};
use crate::{cloudtrail, operator};

/// What most records have of every source: no TLS, and the root user as the caller.
type Usual = [(&'static str, &'static str); 5];
const ROOT: &str = r#"{"accessKeyId":"111122223333","accountId":"111122223333","arn":"arn:aws:iam::111122223333:root","principalId":"111122223333","type":"Root"}"#;
const MANAGER: &str = r#"{"accessKeyId":"000000000000","accountId":"000000000000","arn":"arn:aws:iam::000000000000:root","principalId":"000000000000","type":"Root"}"#;
const TLS: (&str, &str) = ("tlsDetails", r#"{"clientProvidedHostHeader":"kms.test"}"#);
const CALL: (&str, &str) = ("eventType", "AwsApiCall");
const KMS: Usual =
    [("eventSource", "kms.amazonaws.com"), CALL, ("userIdentity", ROOT), ("recipientAccountId", ACCOUNT), TLS];
const OPERATOR: Usual = [
    ("eventSource", "kagiban.amazonaws.com"),
    CALL,
    ("userIdentity", MANAGER),
    ("recipientAccountId", operator::MANAGEMENT),
    TLS,
];
const CLOUDTRAIL: Usual =
    [("eventSource", "cloudtrail.amazonaws.com"), CALL, ("userIdentity", ROOT), ("recipientAccountId", ACCOUNT), TLS];

/// Every quota of requests that an operation of the table can meet: one request each second.
fn one_per_second() -> QuotaSettings {
    let families = ["symmetric", "rsa", "ecc", "ml-dsa", "ml-kem"].map(|family| format!("cryptographic-{family}=1"));
    let pairs = ["data-key-pairs-ECC_NIST_P256=1".to_owned()];
    let is_management = |operation: &&Operation| {
        let has_no_own =
            ["Decapsulate", "Decrypt", "DeriveSharedSecret", "Encapsulate", "Encrypt", "ReEncrypt", "Sign"];
        let name = operation.name();
        !has_no_own.contains(&name) && !name.starts_with("Generate") && !name.starts_with("Verify")
    };
    let offered = Operation::ALL.into_iter().filter(|operation| !NOT_OFFERED_YET.contains(operation));
    let own = offered.filter(|operation| is_management(&operation)).map(|operation| format!("{}=1", operation.name()));
    let all = families.into_iter().chain(pairs).chain(own);
    QuotaSettings::new(QuotaMode::Simulate, all.map(|text| text.parse().unwrap()).collect()).unwrap()
}

/// An input of the operation that succeeds, and the members that name its keys.
fn input(operation: &str, subject: &Subject) -> (Value, &'static [&'static str]) {
    let named = |member: &str| with(&subject.rest, json!({member: subject.key}));
    match operation {
        "CreateAlias" | "UpdateAlias" => (named("TargetKeyId"), &["TargetKeyId"]),
        "CreateKey" => (json!({"Description": "d", "Tags": [{"TagKey": "a", "TagValue": "b"}]}), &[]),
        "DeleteAlias" => (json!({"AliasName": "alias/it"}), &[]),
        "EnableKeyRotation" => (with(&named("KeyId"), json!({"RotationPeriodInDays": 100})), &["KeyId"]),
        "GenerateRandom" => (json!({"NumberOfBytes": 32}), &[]),
        "ListKeys" => (json!({"Limit": 10}), &[]),
        "ListRetirableGrants" => (json!({"RetiringPrincipal": format!("arn:aws:iam::{ACCOUNT}:root")}), &[]),
        "ReEncrypt" => (subject.rest.clone(), &["SourceKeyId", "DestinationKeyId"]),
        "Decrypt" | "Encrypt" | "GenerateDataKey" => (named("KeyId"), &["KeyId"]),
        _ => (named("KeyId"), &["KeyId"]),
    }
}

/// Brings the operation's key into a state in which most operations refuse it.
async fn to_wrong_state(operation: &str, key: &str, client: &Client<'_>) {
    let (change, input) = match operation {
        "CancelKeyDeletion" => ("DescribeKey", json!({"KeyId": key})),
        _ => ("ScheduleKeyDeletion", json!({"KeyId": key})),
    };
    // Where it is so already, it stays so.
    _ = client.call(change, input).await;
}

/// One operation in all outcomes, in a world of its own.
async fn show(operation: &str, snapshot: &mut Snapshot) {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let subject = Subject::of(operation, &root).await;
    root.user("nobody", &Value::Null).await;
    let made = root.iam("CreateAccessKey", &[("UserName", "nobody")]).await.unwrap();
    let nobody = (made.text("AccessKeyId"), made.text("SecretAccessKey"));
    if operation == "CancelKeyDeletion" {
        root.call("ScheduleKeyDeletion", json!({"KeyId": subject.key})).await.unwrap();
    }
    let world = world.restarted_under(one_per_second()).await;
    let root = world.client(ACCOUNT, REGION);
    let (input, keys) = input(operation, &subject);
    snapshot.heading(operation);
    let mut show = async |outcome: &str, client: &Client<'_>, body: Bytes| {
        world.clock.move_by_ms(if outcome == "throttled" { 0 } else { 1000 });
        let record = record_of(&world, client.call_bytes(operation, body)).await;
        snapshot.record(outcome, &[&KMS[..], &[("eventName", operation)]].concat(), &record);
    };
    let body = |value: &Value| Bytes::from(value.to_string());
    let mut stranger = world.client(ACCOUNT, REGION);
    stranger.signer.secret_access_key = SecretBytes::from_slice(b"another secret");
    show("unauthenticated", &stranger, body(&input)).await;
    show("malformed", &root, Bytes::from_static(b"{\"KeyId\":")).await;
    show("denied", &world.caller((&nobody.0, &nobody.1, None), REGION), body(&input)).await;
    if let [member, ..] = keys {
        show("not found", &root, body(&with(&input, json!({*member: NO_KEY})))).await;
    }
    if DRY_RUNS.contains(&operation) {
        show("dry run", &root, body(&with(&input, json!({"DryRun": true})))).await;
    }
    show("success", &root, body(&input)).await;
    show("throttled", &root, body(&input)).await;
    if !keys.is_empty() {
        world.clock.move_by_ms(1000);
        to_wrong_state(operation, &subject.key, &root).await;
        show("wrong state", &root, body(&input)).await;
    }
}

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/audit").join(name)
}

#[tokio::test]
async fn records_of_kms_are_as_reviewed() {
    let mut snapshot = Snapshot::default();
    for operation in Operation::ALL {
        if NOT_OFFERED_YET.contains(&operation) {
            not_offered(operation, &mut snapshot).await;
        } else {
            show(operation.name(), &mut snapshot).await;
        }
    }
    unknown(&mut snapshot).await;
    snapshot.assert_is(&file("records-kms.txt"));
}

async fn not_offered(operation: Operation, snapshot: &mut Snapshot) {
    let world = World::new().await;
    let call = async { world.client(ACCOUNT, REGION).call(operation.name(), json!({})).await };
    let record = record_of(&world, call).await;
    snapshot.heading(operation.name());
    snapshot.record("not offered", &[&KMS[..], &[("eventName", operation.name())]].concat(), &record);
}

/// What is no operation.
async fn unknown(snapshot: &mut Snapshot) {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    snapshot.heading("(no operation)");
    for target in ["TrentService.Encrypted", "Kagiban.Encrypt", "nonsense"] {
        let record = record_of(&world, world.send(root.signed(target, Bytes::new()))).await;
        snapshot.record(target, &KMS, &record);
    }
    let request = http::Request::post("http://kms.test/").body(Bytes::new()).unwrap();
    let record = record_of(&world, world.send(request)).await;
    snapshot.record("(nothing)", &KMS, &record);
}

#[tokio::test]
async fn records_of_the_operators_operations_are_as_reviewed() {
    let mut snapshot = Snapshot::default();
    for (operation, input) in operator::operations() {
        let world = World::new().await;
        let (root, other) = (world.client(operator::MANAGEMENT, REGION), world.client(ACCOUNT, REGION));
        let nobody = other.user("nobody", &Value::Null).await;
        snapshot.heading(operation);
        let mut show = async |outcome: &str, client: &Client<'_>, input: Value| {
            let record = record_of(&world, client.operator(operation, input)).await;
            snapshot.record(outcome, &[&OPERATOR[..], &[("eventName", operation)]].concat(), &record);
        };
        let mut stranger = world.client(operator::MANAGEMENT, REGION);
        stranger.signer.secret_access_key = SecretBytes::from_slice(b"another secret");
        show("unauthenticated", &stranger, input.clone()).await;
        show("malformed", &root, json!([])).await;
        show("denied", &nobody, input.clone()).await;
        show("called", &root, input).await;
    }
    what_anybody_may_ask(&mut snapshot).await;
    snapshot.assert_is(&file("records-operator.txt"));
}

/// DescribeSeal and Unseal, of a server that is sealed: no signature counts, and no share is ever told.
async fn what_anybody_may_ask(snapshot: &mut Snapshot) {
    let world = World::new().await;
    let people = People::new();
    people.take_over(&world).await;
    seal(&world).await;
    let strangers = People::new();
    let shares = |people: &People, number: usize| json!({"Shares": [people.share(number)]});
    snapshot.heading("DescribeSeal");
    let calls = [
        ("DescribeSeal", "called", json!({})),
        ("Unseal", "malformed", json!([])),
        ("Unseal", "no share", json!({"Shares": ["nothing of a share"]})),
        ("Unseal", "another's share", shares(&strangers, 1)),
        ("Unseal", "one share", shares(&people, 1)),
        ("Unseal", "two shares", shares(&people, 3)),
        ("Unseal", "enough shares", shares(&people, 5)),
        ("Unseal", "open already", shares(&people, 2)),
    ];
    for (at, (operation, outcome, input)) in calls.into_iter().enumerate() {
        if at == 1 {
            snapshot.heading("Unseal");
        }
        let record = record_of(&world, anybody(&world, operation, &input)).await;
        snapshot.record(outcome, &[&OPERATOR[..], &[("eventName", operation)]].concat(), &record);
    }
}

#[tokio::test]
async fn records_of_cloudtrail_are_as_reviewed() {
    let mut snapshot = Snapshot::default();
    let name = json!({"Name": "kagiban"});
    let missing = json!({"Name": "another"});
    let of_the_time = json!({"StartTime": 1_795_262_400, "EndTime": 1_795_262_401});
    let lookup =
        json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}], "MaxResults": 5});
    let no_token = json!({"NextToken": "of-another-lookup"});
    for (operation, input, failing) in [
        ("DescribeTrails", json!({"trailNameList": ["kagiban"], "includeShadowTrails": true}), None),
        ("GetTrail", name.clone(), Some(("not found", missing.clone()))),
        ("GetTrailStatus", name, Some(("not found", missing))),
        ("ListPublicKeys", of_the_time, Some(("no such page", no_token.clone()))),
        ("ListTrails", json!({}), None),
        ("LookupEvents", lookup, Some(("no such page", no_token))),
    ] {
        let world = cloudtrail::world_with_trail().await;
        let root = world.client(ACCOUNT, REGION);
        let nobody = root.user("nobody", &Value::Null).await;
        let mut stranger = world.client(ACCOUNT, REGION);
        stranger.signer.secret_access_key = SecretBytes::from_slice(b"another secret");
        snapshot.heading(operation);
        let mut show = async |outcome: &str, client: &Client<'_>, input: Value| {
            let record = record_of(&world, client.cloudtrail(operation, input)).await;
            snapshot.record(outcome, &[&CLOUDTRAIL[..], &[("eventName", operation)]].concat(), &record);
        };
        show("unauthenticated", &stranger, input.clone()).await;
        show("malformed", &root, json!([])).await;
        show("denied", &nobody, input.clone()).await;
        if let Some((outcome, input)) = failing {
            show(outcome, &root, input).await;
        }
        show("called", &root, input).await;
    }
    snapshot.assert_is(&file("records-cloudtrail.txt"));
}
