//! Who called, from where, and in whose audit it is.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use kagiban_base::id::RequestId;
use kagiban_base::time::Clock as _;
use kagiban_iam::request::ConnectionTls;
use kagiban_service::RawRequest;
use kagiban_testkit::{Client, Snapshot, World, mfa_code};
use serde_json::{Value, json};

use super::{record_of, records_of};
use crate::support::{ACCOUNT, HI, OTHER_ACCOUNT, REGION, create_key, encrypt, text};

fn allow_all() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
}

async fn show(name: &str, client: &Client<'_>, snapshot: &mut Snapshot) {
    let record = record_of(client.world(), client.call("GenerateRandom", json!({"NumberOfBytes": 8}))).await;
    tell(name, &record, snapshot);
}

fn tell(name: &str, record: &Value, snapshot: &mut Snapshot) {
    snapshot.heading(name);
    snapshot.line(&record["userIdentity"].to_string());
    let text = |name: &str| record[name].as_str().unwrap_or("-").to_owned();
    snapshot.line(&format!(
        "from {} to {} in {}: {} {}",
        text("sourceIPAddress"),
        text("recipientAccountId"),
        text("awsRegion"),
        text("errorCode"),
        record["additionalEventData"]
    ));
}

#[tokio::test]
async fn every_kind_of_caller_is_as_reviewed() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let mut snapshot = Snapshot::default();
    show("the root user", &root, &mut snapshot).await;
    let alice = root.user("alice", &allow_all()).await;
    show("a user", &alice, &mut snapshot).await;
    let session = root.sts("GetSessionToken", &[]).await.unwrap();
    let (id, secret, token) =
        (session.text("AccessKeyId"), session.text("SecretAccessKey"), session.text("SessionToken"));
    let own = world.caller((&id, &secret, Some(&token)), REGION);
    show("the root user's session", &own, &mut snapshot).await;
    let device = alice.mfa_device("alice").await;
    world.clock.move_by_ms(60_000);
    show("a user's session with MFA", &alice.mfa_session(&device).await, &mut snapshot).await;
    let role = root.role("operator", ACCOUNT, &allow_all()).await;
    let session = alice.assume(&role, "shift-1", &[]).await.unwrap();
    show("a role's session", &session, &mut snapshot).await;
    let session = alice.assume(&role, "shift-2", &[("SourceIdentity", "alice@example.com")]).await.unwrap();
    show("a role's session with a source identity", &session, &mut snapshot).await;
    world.clock.move_by_ms(60_000);
    let code = mfa_code(&device.1, world.clock.now());
    let with_mfa = [("SerialNumber", device.0.as_str()), ("TokenCode", code.as_str())];
    let session = alice.assume(&role, "shift-3", &with_mfa).await.unwrap();
    show("a role's session with MFA", &session, &mut snapshot).await;
    let operator = world.client("000000000000", REGION);
    let input = json!({"ServicePrincipal": "s3.amazonaws.com"});
    let made = operator.operator("CreateServiceAccessKey", input).await.unwrap();
    let service = world.caller((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None), REGION);
    show("a service", &service, &mut snapshot).await;
    let role = root.role("storage", "s3.amazonaws.com", &allow_all()).await;
    let session = service.assume(&role, "bucket-1", &[]).await.unwrap();
    show("a role's session that a service has", &session, &mut snapshot).await;
    show("no such access key", &world.caller(("AKIANOBODYNOBODYNOBO", "secret", None), "eu-west-1"), &mut snapshot)
        .await;
    show("another's token", &world.caller((&id, &secret, Some("dG9rZW4tb2YtYW5vdGhlcg==")), REGION), &mut snapshot)
        .await;
    let unsigned = Request::post("http://kms.test/").header("x-amz-target", "TrentService.GenerateRandom");
    let record = record_of(&world, world.send(unsigned.body(Bytes::new()).unwrap())).await;
    tell("nobody", &record, &mut snapshot);
    let bearer = Request::post("http://kms.test/")
        .header("x-amz-target", "TrentService.GenerateRandom")
        .header("authorization", "AWS4-HMAC-SHA256 Bearer=a-secret-that-is-not-recorded");
    let record = record_of(&world, world.send(bearer.body(Bytes::new()).unwrap())).await;
    tell("another kind of authorization", &record, &mut snapshot);
    assert!(!record.to_string().contains("a-secret-that"), "{record}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/audit/callers.txt");
    snapshot.assert_is(&path);
}

/// Every field of one record.
#[tokio::test]
async fn a_whole_record() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let body = json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"app": "shop"}}).to_string();
    let (mut head, body) = root.signed("TrentService.GenerateDataKey", body.into()).into_parts();
    head.headers.insert("user-agent", "aws-cli/2.0".parse().unwrap());
    let request_id = RequestId::generate(world.random.as_ref()).unwrap();
    let tls = ConnectionTls {
        version: "TLSv1.3".into(),
        cipher_suite: "TLS_AES_128_GCM_SHA256".into(),
        key_exchange: "X25519MLKEM768".into(),
    };
    let peer = "::ffff:192.0.2.7".parse().unwrap();
    let request = RawRequest { request_id, head, body, peer, secure_transport: true, tls: Some(Arc::new(tls)) };
    let record = record_of(&world, world.service.call(request)).await;
    let used = root.call("GetKeyLastUsage", json!({"KeyId": key})).await.unwrap();
    assert_eq!(used["KeyLastUsage"]["CloudTrailEventId"], record["eventID"]);
    assert_eq!(used["KeyLastUsage"]["KmsRequestId"], record["requestID"]);
    let material = record["additionalEventData"]["keyMaterialId"].clone();
    assert_eq!(text(&material).len(), 64);
    assert_eq!(
        record,
        json!({
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "Root", "principalId": ACCOUNT, "arn": format!("arn:aws:iam::{ACCOUNT}:root"),
                "accountId": ACCOUNT, "accessKeyId": ACCOUNT,
            },
            "eventTime": "2026-11-21T12:00:00Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "GenerateDataKey",
            "awsRegion": REGION,
            "sourceIPAddress": "192.0.2.7",
            "userAgent": "aws-cli/2.0",
            "requestParameters": {"keyId": key, "encryptionContext": {"app": "shop"}, "keySpec": "AES_256"},
            "responseElements": null,
            "additionalEventData": {"keyMaterialId": material},
            "requestID": request_id.as_str(),
            "eventID": record["eventID"],
            "readOnly": true,
            "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}],
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            "tlsDetails": {
                "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": "kms.test", "keyExchange": "X25519MLKEM768",
            },
        })
    );
}

/// Success is in both accounts' audit, a refusal in the caller's only.
#[tokio::test]
async fn the_other_account_learns_of_what_was_done() {
    let world = World::new().await;
    let (owner, caller) = (world.client(OTHER_ACCOUNT, REGION), world.client(ACCOUNT, REGION));
    let everybody = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]});
    let open = owner.call("CreateKey", json!({"Policy": everybody.to_string()})).await.unwrap();
    let open = text(&open["KeyMetadata"]["Arn"]);
    let closed = create_key(&owner).await;
    let records = records_of(&world, encrypt(&caller, &open, HI)).await;
    let [own, theirs] = &records[..] else { panic!("{} copies", records.len()) };
    assert_eq!((&own["recipientAccountId"], &theirs["recipientAccountId"]), (&json!(ACCOUNT), &json!(OTHER_ACCOUNT)));
    assert_eq!(own["userIdentity"]["type"], "Root");
    let stranger = json!({"type": "AWSAccount", "principalId": ACCOUNT, "accountId": ACCOUNT});
    assert_eq!(theirs["userIdentity"], stranger);
    assert!(own["eventID"] != theirs["eventID"] && own["sharedEventID"] == theirs["sharedEventID"]);
    for copy in &records {
        assert_eq!(copy["resources"], json!([{"accountId": OTHER_ACCOUNT, "type": "AWS::KMS::Key", "ARN": open}]));
    }
    let denied = record_of(&world, caller.call("Encrypt", json!({"KeyId": closed, "Plaintext": HI}))).await;
    assert_eq!((&denied["recipientAccountId"], &denied["errorCode"]), (&json!(ACCOUNT), &json!("AccessDenied")));
    assert_eq!((&denied["resources"], denied.get("sharedEventID")), (&json!([]), None));
    // Nor of what failed for another reason.
    owner.call("DisableKey", json!({"KeyId": open})).await.unwrap();
    let failed = record_of(&world, caller.call("Encrypt", json!({"KeyId": open, "Plaintext": HI}))).await;
    assert_eq!((&failed["recipientAccountId"], &failed["errorCode"]), (&json!(ACCOUNT), &json!("DisabledException")));
}

/// A role that another account's user assumes: both accounts learn of it, and what the session does is the role's account's.
#[tokio::test]
async fn a_role_that_is_assumed_across_accounts_is_in_both_audits() {
    let world = World::new().await;
    let (owner, root) = (world.client(OTHER_ACCOUNT, REGION), world.client(ACCOUNT, REGION));
    let alice = root.user("alice", &allow_all()).await;
    let role = owner.role("auditor", ACCOUNT, &allow_all()).await;
    let mut session = None;
    let records = records_of(&world, async { session = alice.assume(&role, "visit", &[]).await.ok() }).await;
    let [own, theirs] = &records[..] else { panic!("{} copies", records.len()) };
    assert_eq!((&own["recipientAccountId"], &theirs["recipientAccountId"]), (&json!(ACCOUNT), &json!(OTHER_ACCOUNT)));
    assert!(own["eventID"] != theirs["eventID"] && own["sharedEventID"] == theirs["sharedEventID"]);
    assert_eq!((&own["userIdentity"]["type"], &own["userIdentity"]["userName"]), (&json!("IAMUser"), &json!("alice")));
    let id = &own["userIdentity"]["principalId"];
    // Of the other account's user its id, and not its name or its key.
    assert_eq!(theirs["userIdentity"], json!({"type": "AWSAccount", "principalId": id, "accountId": ACCOUNT}));
    for copy in &records {
        assert_eq!((&copy["eventSource"], &copy["eventName"]), (&json!("sts.amazonaws.com"), &json!("AssumeRole")));
        assert_eq!(copy["resources"][0]["ARN"], json!(role));
        assert_eq!(copy["resources"][0]["accountId"], OTHER_ACCOUNT);
        assert_eq!(copy["requestParameters"]["roleArn"], json!(role));
        assert!(copy["responseElements"]["credentials"]["accessKeyId"].is_string(), "{copy}");
    }
    // From here on it is the role's account that learns, alone.
    let session = session.unwrap();
    let used = record_of(&world, session.call("GenerateRandom", json!({"NumberOfBytes": 8}))).await;
    assert_eq!((&used["recipientAccountId"], used.get("sharedEventID")), (&json!(OTHER_ACCOUNT), None));
    assert_eq!(used["userIdentity"]["accessKeyId"], own["responseElements"]["credentials"]["accessKeyId"]);
    // A refusal is the caller's own affair.
    let closed = owner.role("closed", OTHER_ACCOUNT, &allow_all()).await;
    let denied = record_of(&world, alice.assume(&closed, "visit", &[])).await;
    assert_eq!((&denied["recipientAccountId"], &denied["errorCode"]), (&json!(ACCOUNT), &json!("AccessDenied")));
    assert_eq!(denied["resources"], json!([]));
}
