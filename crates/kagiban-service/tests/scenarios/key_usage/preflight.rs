//! DescribeKeyUsage: what is told of a key before it is deleted, and to whom.

use kagiban_testkit::World;
use serde_json::{Value, json};

use super::call;
use crate::support::{ACCOUNT, HI, OTHER_ACCOUNT, REGION, create_key, key_and_blob, key_id_of, texts_of};

#[tokio::test]
async fn it_tells_when_by_whom_and_how_often_and_what_hangs_on_the_key() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let (key, blob) = key_and_blob(&root).await;
    root.call("CreateAlias", json!({"AliasName": "alias/it", "TargetKeyId": key})).await.unwrap();
    let grant = json!({
        "KeyId": key, "GranteePrincipal": OTHER_ACCOUNT, "Operations": ["Encrypt"], "Name": "for-the-others",
    });
    root.call("CreateGrant", grant).await.unwrap();
    let everything = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"});
    let alice = root.user("alice", &json!({"Version": "2012-10-17", "Statement": [everything]})).await;
    world.clock.move_by_ms(60_000);
    alice.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap();
    world.clock.move_by_ms(60_000);
    let request_id = call(&world, &alice, "Decrypt", &json!({"CiphertextBlob": blob})).await;

    for name in [key.as_str(), key_id_of(&key), "alias/it"] {
        let told = root.operator("DescribeKeyUsage", json!({"KeyId": name})).await.unwrap();
        assert_eq!((&told["Arn"], &told["KeyState"]), (&json!(key), &json!("Enabled")));
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let last = &told["LastUse"];
        assert_eq!((&last["Operation"], &last["Caller"]), (&json!("Decrypt"), &json!(arn)));
        assert_eq!(last["KmsRequestId"], request_id);
        assert_eq!(texts_of(&told["Principals"], "Arn"), [arn, format!("arn:aws:iam::{ACCOUNT}:root")]);
        assert_eq!((&told["Principals"][0]["Count"], &told["Principals"][1]["Count"]), (&json!(2), &json!(1)));
        let month = &told["Months"][0];
        assert_eq!(month["Month"], "2026-11");
        assert_eq!(month["Succeeded"], json!({"CreateAlias": 1, "CreateGrant": 1, "Decrypt": 1, "Encrypt": 2}));
        assert_eq!(told["Aliases"], json!(["alias/it"]));
        assert_eq!((&told["GrantCount"], &told["Grants"][0]["Name"]), (&json!(1), &json!("for-the-others")));
        assert_eq!(told["OtherAccountsInPolicy"], json!([]));
    }
}

#[tokio::test]
async fn roles_are_told_as_roles_however_many_sessions_there_are() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let statement = |action: &str| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    let policy = |action: &str| json!({"Version": "2012-10-17", "Statement": [statement(action)]});
    let ann = root.user("ann", &policy("sts:AssumeRole")).await;
    let role = root.role("work", &format!("arn:aws:iam::{ACCOUNT}:user/ann"), &policy("kms:*")).await;
    for session in 0..20 {
        let worker = ann.assume(&role, &format!("session{session}"), &[]).await.unwrap();
        worker.call("Encrypt", json!({"KeyId": key, "Plaintext": HI})).await.unwrap();
    }
    let told = root.operator("DescribeKeyUsage", json!({"KeyId": key})).await.unwrap();
    assert_eq!(told["LastUse"]["Caller"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/work/session19"));
    assert_eq!(texts_of(&told["Principals"], "Arn"), [role]);
    assert_eq!(told["Principals"][0]["Count"], 20);
}

#[tokio::test]
async fn a_key_without_use_says_so_and_a_deleted_or_foreign_one_is_missing() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let told = root.operator("DescribeKeyUsage", json!({"KeyId": key})).await.unwrap();
    assert_eq!((&told["LastUse"], &told["Months"], &told["GrantCount"]), (&Value::Null, &json!([]), &json!(0)));
    let other = world.client(OTHER_ACCOUNT, REGION);
    let foreign = other.operator("DescribeKeyUsage", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!((foreign.code.as_str(), foreign.status), ("NotFoundException", 400));
    let nobody = root.user("nobody", &Value::Null).await;
    let refused = nobody.operator("DescribeKeyUsage", json!({"KeyId": key})).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
}
