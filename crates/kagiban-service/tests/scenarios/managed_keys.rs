//! AWS managed keys and the keys that services own: how they come to life, what may be done with them, and that nobody can
//! change them.

use kagiban_api::Operation;
use kagiban_service::NOT_OFFERED_YET;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::subjects::Subject;
use crate::support::{
    ACCOUNT, HI, OTHER_ACCOUNT, REGION, Scene, create_key, describe, encrypt, key_id_of, text, texts_of, with,
};

const OPERATOR: &str = "000000000000";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn allow(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
}

/// A service of the deployment, as itself.
async fn service<'w>(world: &'w World, name: &str) -> Client<'w> {
    let operator = world.client(OPERATOR, REGION);
    let principal = format!("{name}.amazonaws.com");
    let made = operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": principal})).await.unwrap();
    operator.with_credentials((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None))
}

/// The service on behalf of an account's caller: in a role of the account that trusts it.
async fn on_behalf<'w>(service: &Client<'w>, name: &str, root: &Client<'w>, policy: &Value) -> Client<'w> {
    let role = root.role(&format!("for-{name}"), &format!("{name}.amazonaws.com"), policy).await;
    service.assume(&role, "user", &[]).await.unwrap()
}

async fn code(caller: &Client<'_>, operation: &str, input: Value) -> String {
    match caller.call(operation, input).await {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code,
    }
}

fn data_key(key: &str) -> Value {
    json!({"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": {"aws:s3:arn": "arn:aws:s3:::bucket/object"}})
}

#[tokio::test]
async fn the_first_use_by_its_service_makes_the_key() {
    let scene = Scene::new().await;
    let (world, root) = (&scene.world, scene.client());
    let s3 = service(world, "s3").await;
    let session = on_behalf(&s3, "s3", &root, &Value::Null).await;
    assert_eq!(scene.row_count_of("key").await, 0);
    let made = session.call("GenerateDataKey", data_key("alias/aws/s3")).await.unwrap();
    let opened = json!({
        "CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": data_key("")["EncryptionContext"],
    });
    let again = session.call("Decrypt", opened.clone()).await.unwrap();
    assert_eq!((&again["Plaintext"], &again["KeyId"]), (&made["Plaintext"], &made["KeyId"]));
    session.call("GenerateDataKey", data_key("alias/aws/s3")).await.unwrap();
    assert_eq!(scene.row_count_of("key").await, 1);

    let metadata = describe(&root, "alias/aws/s3").await;
    assert_eq!(metadata["Arn"], made["KeyId"]);
    for (member, expected) in [
        ("KeyManager", json!("AWS")),
        ("KeyState", json!("Enabled")),
        ("KeySpec", json!("SYMMETRIC_DEFAULT")),
        ("Origin", json!("AWS_KMS")),
        ("MultiRegion", json!(false)),
        ("AWSAccountId", json!(ACCOUNT)),
        ("Description", json!("Default key that protects my S3 objects when no other key is defined")),
    ] {
        assert_eq!(metadata[member], expected, "{member}");
    }
    // Nobody uses it but through its service: not the root, not another service, not in another Region.
    assert_eq!(code(&root, "Decrypt", opened.clone()).await, "AccessDeniedException");
    assert_eq!(code(&s3, "Decrypt", opened.clone()).await, "AccessDeniedException");
    let sqs = service(world, "sqs").await;
    let other = on_behalf(&sqs, "sqs", &root, &allow("kms:*")).await;
    assert_eq!(code(&other, "Decrypt", opened.clone()).await, "AccessDeniedException");
    // Nor does the service for callers of another account.
    let theirs = on_behalf(&s3, "s3", &world.client(OTHER_ACCOUNT, REGION), &allow("kms:*")).await;
    assert_eq!(code(&theirs, "Decrypt", opened.clone()).await, "AccessDeniedException");
    assert_eq!(code(&theirs, "GenerateDataKey", data_key(&text(&made["KeyId"]))).await, "AccessDeniedException");
    let restarted = world.restarted().await;
    let again = restarted.client(ACCOUNT, REGION);
    assert_eq!(describe(&again, "alias/aws/s3").await["Arn"], made["KeyId"]);
}

/// Policies of the caller count: they can forbid what the key's policy allows.
#[tokio::test]
async fn a_deny_of_the_caller_holds() {
    let scene = Scene::new().await;
    let s3 = service(&scene.world, "s3").await;
    let deny = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Action": "kms:GenerateDataKey", "Resource": "*",
        "Condition": {"StringNotEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::bucket/object"}},
    }]});
    let session = on_behalf(&s3, "s3", &scene.client(), &deny).await;
    session.call("GenerateDataKey", data_key("alias/aws/s3")).await.unwrap();
    let other = json!({"KeyId": "alias/aws/s3", "KeySpec": "AES_256"});
    assert_eq!(code(&session, "GenerateDataKey", other).await, "AccessDeniedException");
}

#[tokio::test]
async fn who_brings_a_key_to_life() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let root = world.client("000000000001", REGION);
    let s3 = service(world, "s3").await;
    let archive = service(world, "archive").await;
    let for_s3 = on_behalf(&s3, "s3", &root, &Value::Null).await;
    let blind = root.user("blind", &allow("kms:ListKeys")).await;
    let seeing = root.user("seeing", &allow("kms:DescribeKey")).await;
    let describe = |alias: &str| ("DescribeKey", json!({"KeyId": alias}));
    let mac = json!({"KeyId": "alias/aws/s3", "Message": HI, "MacAlgorithm": "HMAC_SHA_256"});
    let sign = json!({"KeyId": "alias/aws/s3", "Message": HI, "SigningAlgorithm": "ECDSA_SHA_256"});
    let not_found = [
        // No cryptography but through the service.
        (&root, ("GenerateDataKey", data_key("alias/aws/s3"))),
        (&root, ("Encrypt", json!({"KeyId": "alias/aws/s3", "Plaintext": HI}))),
        (&for_s3, ("GenerateMac", mac)),
        (&for_s3, ("Sign", sign)),
        (&for_s3, ("GetPublicKey", json!({"KeyId": "alias/aws/s3"}))),
        // Not what a service does for another.
        (&for_s3, ("GenerateDataKey", data_key("alias/aws/ebs"))),
        // The service as itself belongs to no account.
        (&s3, describe("alias/aws/s3")),
        (&s3, ("GenerateDataKey", data_key("alias/aws/s3"))),
        (&archive, ("GenerateDataKey", data_key("alias/aws/owned/s3"))),
        (&root, ("GenerateDataKey", data_key("alias/aws/owned/s3"))),
        (&root, describe("alias/aws/owned/s3")),
        // Who may not see the key does not make it.
        (&blind, describe("alias/aws/s3")),
        (&for_s3, describe("alias/aws/ebs")),
        // No such service, or none with such an alias.
        (&root, describe("alias/aws/nosuch")),
        (&root, describe("alias/aws/ec2")),
        (&root, describe("alias/aws/a/b")),
        (&root, describe("alias/s3")),
    ];
    for (caller, (operation, input)) in not_found {
        assert_eq!(code(caller, operation, input.clone()).await, "NotFoundException", "{operation} {input}");
    }
    assert_eq!(scene.row_count_of("key").await, 0);
    for (caller, (operation, input)) in [
        (&seeing, describe("alias/aws/s3")),
        (&root, describe("alias/aws/archive")),
        // In development the services of AWS are known without access keys.
        (&root, describe("alias/aws/ebs")),
        (&s3, ("GenerateDataKey", data_key("alias/aws/owned/s3"))),
    ] {
        let before = scene.row_count_of("key").await;
        caller.call(operation, input.clone()).await.unwrap();
        assert_eq!(scene.row_count_of("key").await, before + 1, "{operation} {input}");
    }
    let foreign = json!({"KeyId": format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3")});
    assert_eq!(code(&root, "DescribeKey", foreign).await, "AccessDeniedException");
}

#[tokio::test]
async fn first_uses_at_once_make_one_key() {
    let scene = Scene::new().await;
    let root = scene.client();
    let s3 = service(&scene.world, "s3").await;
    let session = &on_behalf(&s3, "s3", &root, &Value::Null).await;
    let first = || session.call("GenerateDataKey", data_key("alias/aws/s3"));
    let see = || root.call("DescribeKey", json!({"KeyId": "alias/aws/s3"}));
    let (one, two, three, seen) = tokio::join!(first(), first(), first(), see());
    let key = text(&one.unwrap()["KeyId"]);
    assert_eq!([two.unwrap()["KeyId"].clone(), three.unwrap()["KeyId"].clone()], [json!(key), json!(key)]);
    assert_eq!(seen.unwrap()["KeyMetadata"]["Arn"], key);
    assert_eq!((scene.row_count_of("key").await, scene.row_count_of("material").await), (1, 1));
}

/// The expectation for an operation called directly on an AWS managed key by the account's root.
fn expected(operation: &str) -> &'static [&'static str] {
    match operation {
        // No key of this kind has these, and the policy lets the account ask.
        "GetParametersForImport" | "GetPublicKey" => &["UnsupportedOperationException"],
        _ if ["Describe", "Get", "List"].iter().any(|start| operation.starts_with(start)) => &["ok"],
        // Parties to a grant retire it, not the key's owner.
        "RetireGrant" => &["AccessDeniedException", "NotFoundException"],
        _ => &["AccessDeniedException"],
    }
}

/// Every operation but those that concern no key; new ones are in it by themselves.
#[tokio::test]
async fn the_root_sees_a_managed_key_and_changes_nothing() {
    let accounts = crate::support::fresh_accounts().skip(1);
    let scene = Scene::new().await;
    let elsewhere = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];
    let operations = Operation::ALL.into_iter().filter(|operation| !NOT_OFFERED_YET.contains(operation));
    for (operation, account) in operations.map(Operation::name).zip(accounts) {
        if elsewhere.contains(&operation) {
            continue;
        }
        let root = scene.world.client(&account, REGION);
        let subject = Subject::of(operation, &root).await;
        let managed = text(&describe(&root, "alias/aws/s3").await["Arn"]);
        let mut input = match operation {
            "CreateAlias" | "UpdateAlias" => with(&subject.rest, json!({"TargetKeyId": managed})),
            "DeleteAlias" => json!({"AliasName": "alias/aws/s3"}),
            "ReEncrypt" => with(&subject.rest, json!({"DestinationKeyId": managed})),
            "RetireGrant" | "RevokeGrant" => with(&subject.rest, json!({"KeyId": managed})),
            _ => with(&subject.rest, json!({"KeyId": managed})),
        };
        if operation == "PutKeyPolicy" {
            input["BypassPolicyLockoutSafetyCheck"] = json!(true);
        }
        let before = scene.revision().await;
        let answer = code(&root, operation, input.clone()).await;
        assert!(expected(operation).contains(&&*answer), "{operation} {input}: {answer}");
        assert_eq!(scene.revision().await, before, "{operation} wrote something");
    }
}

/// Nor do the reserved aliases move, whoever asks.
#[tokio::test]
async fn its_alias_stays() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    describe(&root, "alias/aws/s3").await;
    for (operation, input, expected) in [
        ("DeleteAlias", json!({"AliasName": "alias/aws/s3"}), "AccessDeniedException"),
        ("UpdateAlias", json!({"AliasName": "alias/aws/s3", "TargetKeyId": key}), "AccessDeniedException"),
        ("CreateAlias", json!({"AliasName": "alias/aws/sqs", "TargetKeyId": key}), "InvalidAliasNameException"),
    ] {
        assert_eq!(code(&root, operation, input).await, expected, "{operation}");
    }
}

#[tokio::test]
async fn callers_of_the_account_see_what_it_is() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = text(&describe(&root, "alias/aws/rds").await["Arn"]);
    let reader = root.user("reader", &allow("kms:*")).await;
    let nobody = root.user("nobody", &Value::Null).await;
    let of_key = json!({"KeyId": key});
    for operation in [
        "DescribeKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
    ] {
        assert_eq!(code(&reader, operation, of_key.clone()).await, "ok", "{operation}");
        assert_eq!(code(&nobody, operation, of_key.clone()).await, "AccessDeniedException", "{operation}");
    }
    let policy = text(&root.call("GetKeyPolicy", of_key.clone()).await.unwrap()["Policy"]);
    let policy: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(policy["Id"], "auto-rds-1");
    assert_eq!(
        policy["Statement"][0]["Condition"],
        json!({"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "rds.us-east-1.amazonaws.com"}})
    );
    assert_eq!(policy["Statement"][1]["Principal"], json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}));
    let keys = root.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(texts_of(&keys["Keys"], "KeyArn"), [key]);
}

#[tokio::test]
async fn it_rotates_every_year() {
    let scene = Scene::new().await;
    let root = scene.client();
    let s3 = service(&scene.world, "s3").await;
    let session = on_behalf(&s3, "s3", &root, &Value::Null).await;
    let key = text(&describe(&root, "alias/aws/s3").await["Arn"]);
    let blob = encrypt(&session, "alias/aws/s3", HI).await;
    let status = root.call("GetKeyRotationStatus", json!({"KeyId": key})).await.unwrap();
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(365)));
    let rotations = async || root.call("ListKeyRotations", json!({"KeyId": key})).await.unwrap()["Rotations"].clone();
    scene.world.clock.move_by_ms(365 * DAY_MS - 1);
    scene.world.service.run_due_jobs().await;
    assert_eq!(rotations().await, json!([]));
    scene.world.clock.move_by_ms(1);
    scene.world.service.run_due_jobs().await;
    assert_eq!(texts_of(&rotations().await, "RotationType"), ["AUTOMATIC"]);
    scene.world.clock.move_by_ms(365 * DAY_MS);
    scene.world.service.run_due_jobs().await;
    assert_eq!(rotations().await.as_array().unwrap().len(), 2);
    let session = on_behalf(&s3, "s3", &scene.world.client(OTHER_ACCOUNT, REGION), &Value::Null).await;
    assert_eq!(code(&session, "Decrypt", json!({"CiphertextBlob": blob})).await, "AccessDeniedException");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/for-s3");
    let session = s3.assume(&role, "later", &[]).await.unwrap();
    assert_eq!(session.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap()["Plaintext"], HI);
}

/// As volumes are attached: the service makes a grant for who decrypts, and the account can revoke it.
#[tokio::test]
async fn services_that_work_with_grants_make_them() {
    let scene = Scene::new().await;
    let root = scene.client();
    let ec2 = service(&scene.world, "ec2").await;
    let session = on_behalf(&ec2, "ec2", &root, &Value::Null).await;
    let context = json!({"EncryptionContext": {"aws:ebs:id": "vol-1"}});
    let make = with(&json!({"KeyId": "alias/aws/ebs", "NumberOfBytes": 64}), context.clone());
    let made = session.call("GenerateDataKeyWithoutPlaintext", make).await.unwrap();
    let host = root.user("host", &Value::Null).await;
    let open = with(&json!({"CiphertextBlob": made["CiphertextBlob"]}), context);
    assert_eq!(code(&host, "Decrypt", open.clone()).await, "AccessDeniedException");
    let grant = json!({
        "KeyId": made["KeyId"], "GranteePrincipal": format!("arn:aws:iam::{ACCOUNT}:user/host"),
        "Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": {"aws:ebs:id": "vol-1"}},
    });
    assert_eq!(code(&root, "CreateGrant", grant.clone()).await, "AccessDeniedException");
    let granted = session.call("CreateGrant", grant.clone()).await.unwrap();
    host.call("Decrypt", open.clone()).await.unwrap();
    let listed = root.call("ListGrants", json!({"KeyId": made["KeyId"]})).await.unwrap();
    assert_eq!(texts_of(&listed["Grants"], "GrantId"), [text(&granted["GrantId"])]);
    root.call("RevokeGrant", json!({"KeyId": made["KeyId"], "GrantId": granted["GrantId"]})).await.unwrap();
    assert_eq!(code(&host, "Decrypt", open).await, "AccessDeniedException");

    // S3 does not work with grants, so its key knows none.
    let s3 = service(&scene.world, "s3").await;
    let session = on_behalf(&s3, "s3", &root, &allow("kms:*")).await;
    let key = text(&describe(&session, "alias/aws/s3").await["Arn"]);
    let grant = with(&grant, json!({"KeyId": key}));
    assert_eq!(code(&session, "CreateGrant", grant).await, "AccessDeniedException");
}

#[tokio::test]
async fn predefined_aliases_are_listed_before_their_keys_are_there() {
    let scene = Scene::new().await;
    let root = scene.client();
    assert_eq!(root.call("ListAliases", json!({})).await.unwrap()["Aliases"], json!([]));
    for name in ["s3", "ec2", "archive"] {
        service(&scene.world, name).await;
    }
    let key = create_key(&root).await;
    for name in ["alias/a", "alias/aws-like", "alias/z"] {
        root.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await.unwrap();
    }
    let managed = text(&describe(&root, "alias/aws/ebs").await["Arn"]);
    let all = root.call("ListAliases", json!({})).await.unwrap();
    let names = ["alias/a", "alias/aws-like", "alias/aws/archive", "alias/aws/ebs", "alias/aws/s3", "alias/z"];
    assert_eq!(texts_of(&all["Aliases"], "AliasName"), names);
    let (missing, there) = (&all["Aliases"][2], &all["Aliases"][3]);
    let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/archive");
    assert_eq!(*missing, json!({"AliasName": "alias/aws/archive", "AliasArn": arn}));
    assert_eq!(there["TargetKeyId"], key_id_of(&managed));
    for limit in 1..=7 {
        let (mut paged, mut marker) = (Vec::new(), Value::Null);
        loop {
            let mut input = json!({"Limit": limit});
            if !marker.is_null() {
                input["Marker"] = marker;
            }
            let page = root.call("ListAliases", input).await.unwrap();
            let aliases = texts_of(&page["Aliases"], "AliasName");
            assert!(aliases.len() <= limit && !aliases.is_empty(), "{limit} {aliases:?}");
            paged.extend(aliases);
            marker = page["NextMarker"].clone();
            assert_eq!(page["Truncated"], json!(!marker.is_null()));
            if marker.is_null() {
                break;
            }
        }
        assert_eq!(paged, names, "{limit}");
    }
    let of_key = root.call("ListAliases", json!({"KeyId": managed})).await.unwrap();
    assert_eq!(texts_of(&of_key["Aliases"], "AliasName"), ["alias/aws/ebs"]);
}

/// A service's own key is in the operator's account; no other account sees it, and the operator cannot use it.
#[tokio::test]
async fn a_service_owns_a_key() {
    let scene = Scene::new().await;
    let (root, operator) = (scene.client(), scene.world.client(OPERATOR, REGION));
    let archive = service(&scene.world, "archive").await;
    let made = archive.call("GenerateDataKey", data_key("alias/aws/owned/archive")).await.unwrap();
    let key = text(&made["KeyId"]);
    let open = json!({
        "CiphertextBlob": made["CiphertextBlob"], "EncryptionContext": data_key("")["EncryptionContext"],
    });
    assert_eq!(archive.call("Decrypt", open.clone()).await.unwrap()["Plaintext"], made["Plaintext"]);
    let metadata = describe(&operator, &key).await;
    assert_eq!((&metadata["KeyManager"], &metadata["AWSAccountId"]), (&json!("AWS"), &json!(OPERATOR)));
    assert_eq!(metadata["Description"], "Key that archive.amazonaws.com owns");
    let s3 = service(&scene.world, "s3").await;
    let for_root = on_behalf(&archive, "archive", &root, &allow("kms:*")).await;
    for caller in [&operator, &root, &s3, &for_root] {
        assert_eq!(code(caller, "Decrypt", open.clone()).await, "AccessDeniedException");
    }
    for operation in ["DisableKey", "ScheduleKeyDeletion", "EnableKeyRotation", "RotateKeyOnDemand"] {
        for caller in [&operator, &archive] {
            assert_eq!(code(caller, operation, json!({"KeyId": key})).await, "AccessDeniedException", "{operation}");
        }
    }
    assert_eq!(root.call("ListKeys", json!({})).await.unwrap()["Keys"], json!([]));
    assert_eq!(code(&root, "DescribeKey", json!({"KeyId": key})).await, "AccessDeniedException");
}
