//! What CreateGrant makes, and what it refuses.

use kagiban_storage::{Batch, Engine as _};
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Scene as Parties, alice, can, code, olga, policy, source_arn};
use crate::support::{
    ACCOUNT, NO_KEY, OTHER_ACCOUNT, REGION, Scene, assert_refused, create_key, key_id_of, refusal, text, violation,
    with,
};

#[tokio::test]
async fn a_grant_is_listed_as_it_was_made() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let constraints = json!({"EncryptionContextSubset": {"App": "x"}, "SourceArn": source_arn()});
    let made = scene
        .granted(
            &scene.root,
            &alice(),
            &["Encrypt", "Decrypt", "Encrypt"],
            json!({"Constraints": constraints, "Name": "a:b/c_d-E", "RetiringPrincipal": olga()}),
        )
        .await
        .unwrap();
    let id = text(&made["GrantId"]);
    assert!(id.len() == 64 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
    let mut listed = scene.listed().await.remove(0);
    assert!(listed["CreationDate"].is_number());
    listed["CreationDate"].take();
    assert_eq!(
        listed,
        json!({
            "KeyId": scene.key, "GrantId": id, "Name": "a:b/c_d-E", "CreationDate": null,
            "GranteePrincipal": alice(), "RetiringPrincipal": olga(),
            "IssuingAccount": format!("arn:aws:iam::{ACCOUNT}:root"),
            "Operations": ["Encrypt", "Decrypt"], "Constraints": constraints,
        })
    );
    scene.revoke(&id).await;
    let input = json!({
        "KeyId": scene.key, "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringServicePrincipal": "ec2.amazonaws.com", "Operations": ["Decrypt"],
        "Constraints": {"SourceArn": source_arn()},
    });
    scene.root.call("CreateGrant", input).await.unwrap();
    let listed = scene.listed().await.remove(0);
    assert_eq!(listed["GranteeServicePrincipal"], "s3.amazonaws.com");
    assert_eq!(listed["RetiringServicePrincipal"], "ec2.amazonaws.com");
    assert_eq!((&listed["GranteePrincipal"], &listed["Name"]), (&Value::Null, &json!("")));
}

#[tokio::test]
async fn the_same_request_with_a_name_makes_one_grant() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let base = json!({
        "KeyId": scene.key, "GranteePrincipal": alice(), "Operations": ["Decrypt", "Encrypt"], "Name": "n",
        "Constraints": {"EncryptionContextSubset": {"a": "b"}}, "RetiringPrincipal": olga(),
    });
    let make = async |more: Value| text(&scene.root.call("CreateGrant", with(&base, more)).await.unwrap()["GrantId"]);
    let first = make(json!({})).await;
    for same in [json!({}), json!({"Operations": ["Encrypt", "Decrypt", "Decrypt"]})] {
        assert_eq!(make(same).await, first);
    }
    let mut ids = vec![first.clone()];
    for other in [
        json!({"Name": "m"}),
        json!({"Name": "N"}),
        json!({"Operations": ["Decrypt"]}),
        json!({"GranteePrincipal": olga()}),
        json!({"RetiringPrincipal": alice()}),
        json!({"RetiringPrincipal": null}),
        json!({"Constraints": null}),
        json!({"Constraints": {"EncryptionContextEquals": {"a": "b"}}}),
        json!({"Constraints": {"EncryptionContextSubset": {"a": "c"}}}),
        json!({"Constraints": {"EncryptionContextSubset": {"A": "b"}}}),
    ] {
        let id = make(other.clone()).await;
        assert!(!ids.contains(&id), "{other}");
        assert_eq!(make(other).await, id);
        ids.push(id);
    }
    assert_eq!(make(json!({})).await, first);
    assert_eq!(scene.listed().await.len(), ids.len());
    // Without a name every request makes another.
    let [one, two] = [make(json!({"Name": null})).await, make(json!({"Name": null})).await];
    assert_ne!(one, two);
    // Once the grant has ended, its name is free.
    scene.revoke(&first).await;
    assert_ne!(make(json!({})).await, first);
    // On another key it is another one.
    let key = create_key(&scene.root).await;
    assert!(!ids.contains(&make(json!({"KeyId": key})).await));
}

/// Another account's grant of the same name is another grant, and stays that account's.
#[tokio::test]
async fn a_name_is_the_creators() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let named = json!({"Name": "n"});
    scene.grant(OTHER_ACCOUNT, &["CreateGrant", "DescribeKey"], json!({})).await;
    let own = scene.granted(&scene.root, &alice(), &["DescribeKey"], named.clone()).await.unwrap();
    let others = scene.granted(&scene.other, &alice(), &["DescribeKey"], named).await.unwrap();
    assert_ne!(own["GrantId"], others["GrantId"]);
}

#[tokio::test]
async fn many_at_once_with_one_name_make_one_grant() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let grantee = alice();
    let make = async || scene.granted(&scene.root, &grantee, &["DescribeKey"], json!({"Name": "n"})).await;
    let mut ids = Vec::new();
    let mut requests: Vec<_> = (0..8).map(|_| Box::pin(make())).collect();
    // Polled in turn, so that their transactions meet.
    std::future::poll_fn(|cx| {
        requests.retain_mut(|request| match request.as_mut().poll(cx) {
            std::task::Poll::Ready(made) => {
                ids.push(text(&made.unwrap()["GrantId"]));
                false
            }
            std::task::Poll::Pending => true,
        });
        if requests.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(scene.listed().await.len(), 1);
}

#[tokio::test]
async fn requests_that_do_not_fit_together_are_refused() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let base = json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]});
    let service = json!({
        "GranteePrincipal": null, "GranteeServicePrincipal": "s3.amazonaws.com",
        "Constraints": {"SourceArn": source_arn()}, "RetiringPrincipal": ACCOUNT,
    });
    let nine: Value = (0..9).map(|key| (key.to_string(), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    let pair = json!({"a": "b"});
    let service_text = "A grant with a GranteeServicePrincipal needs a SourceArn constraint and a retiring principal.";
    let constraint = |member: &str, what: &str| {
        violation(&format!("Value at 'constraints.{member}' failed to satisfy constraint: {what}"))
    };
    let table = [
        (
            json!({"GranteePrincipal": null}),
            "A grant needs a GranteePrincipal or a GranteeServicePrincipal.".to_owned(),
        ),
        (
            json!({"GranteeServicePrincipal": "s3.amazonaws.com"}),
            "A grant can have a GranteePrincipal or a GranteeServicePrincipal, but not both.".to_owned(),
        ),
        (
            json!({"RetiringPrincipal": ACCOUNT, "RetiringServicePrincipal": "s3.amazonaws.com"}),
            "A grant can have a RetiringPrincipal or a RetiringServicePrincipal, but not both.".to_owned(),
        ),
        (
            json!({"Operations": []}),
            violation(
                "Value at 'operations' failed to satisfy constraint: Member must have length greater than or equal to 1",
            ),
        ),
        (with(&service, json!({"Constraints": null})), service_text.to_owned()),
        (with(&service, json!({"RetiringPrincipal": null})), service_text.to_owned()),
        (
            json!({"Constraints": {"EncryptionContextEquals": pair, "EncryptionContextSubset": pair}}),
            "A grant can have an EncryptionContextEquals or an EncryptionContextSubset constraint, but not both."
                .to_owned(),
        ),
        (
            json!({"Constraints": {"EncryptionContextEquals": nine}}),
            constraint("encryptionContextEquals", "Member must have length less than or equal to 8"),
        ),
        (
            json!({"Constraints": {"EncryptionContextSubset": {}}}),
            constraint("encryptionContextSubset", "Member must have length greater than or equal to 1"),
        ),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"a": "x".repeat(385)}}}),
            constraint("encryptionContextSubset", "Map values must have length less than or equal to 384"),
        ),
    ];
    let table = table
        .into_iter()
        .map(|(more, text)| refusal("CreateGrant", with(&base, more), "ValidationException", text))
        .collect();
    assert_refused(&scene, &root, table).await;
}

#[tokio::test]
async fn parties_must_exist_and_be_of_a_kind_that_can_call() {
    let scene = Scene::new().await;
    let root = scene.client();
    root.user("alice", &Value::Null).await;
    root.role("app", ACCOUNT, &Value::Null).await;
    root.iam("CreateGroup", &[("GroupName", "staff")]).await.unwrap();
    let key = create_key(&root).await;
    let mut table = Vec::new();
    for nobody in [
        format!("arn:aws:iam::{ACCOUNT}:user/nobody"),
        format!("arn:aws:iam::{ACCOUNT}:user/Alice"),
        format!("arn:aws:iam::{ACCOUNT}:user/path/alice"),
        format!("arn:aws:iam::{OTHER_ACCOUNT}:user/alice"),
        format!("arn:aws:iam::{ACCOUNT}:user/app"),
        format!("arn:aws:iam::{ACCOUNT}:role/alice"),
        format!("arn:aws:iam::{ACCOUNT}:group/staff"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/alice/s"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/app"),
        format!("arn:aws:sts::{ACCOUNT}:federated-user/alice"),
        format!("arn:aws:iam::{ACCOUNT}:"),
        format!("arn:aws:iam:{REGION}:{ACCOUNT}:root"),
        format!("arn:aws:kms:{REGION}:{ACCOUNT}:root"),
        "alice".to_owned(),
        "11112222333".to_owned(),
        "s3.amazonaws.com".to_owned(),
        "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
    ] {
        for member in ["GranteePrincipal", "RetiringPrincipal"] {
            let base = json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]});
            let input = with(&base, json!({member: nobody}));
            table.push(refusal("CreateGrant", input, "InvalidArnException", format!("Invalid arn {nobody}")));
        }
    }
    assert_refused(&scene, &root, table).await;
    // Wildcards are no characters of a principal at all.
    for wild in ["*", "arn:aws:iam::111122223333:user/*", "arn:aws:iam::111122223333:user/a?"] {
        let input = json!({"KeyId": key, "GranteePrincipal": wild, "Operations": ["Decrypt"]});
        assert_eq!(code(root.call("CreateGrant", input).await), "ValidationException");
    }
}

/// Whether somebody exists is not told to who may not make grants.
#[tokio::test]
async fn parties_are_looked_up_for_those_who_may_make_grants_only() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let nobody = super::user(ACCOUNT, "nobody");
    for caller in [&scene.alice, &scene.olga] {
        let known = scene.granted(caller, &alice(), &["Decrypt"], json!({})).await;
        let unknown = scene.granted(caller, &nobody, &["Decrypt"], json!({})).await;
        assert_eq!(known, unknown);
        assert_eq!(code(known), "AccessDeniedException");
    }
}

#[tokio::test]
async fn operations_and_constraints_must_suit_the_key() {
    let scene = Scene::new().await;
    let root = scene.client();
    let make = async |input: Value| text(&root.call("CreateKey", input).await.unwrap()["KeyMetadata"]["Arn"]);
    let symmetric = make(json!({})).await;
    let signing = make(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let mac = make(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
    let base =
        |key: &str, operations: &[&str]| json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": operations});
    let unfit = |operation: &str, usage: &str, spec: &str| {
        format!(
            "The grant operation {operation} is not supported by a KMS key with key usage {usage} and key spec {spec}."
        )
    };
    let context = "Encryption context constraints are supported with symmetric encryption KMS keys only.";
    let constraints = json!({"Constraints": {"EncryptionContextSubset": {"a": "b"}}});
    let table = vec![
        refusal(
            "CreateGrant",
            base(&symmetric, &["Decrypt", "Sign"]),
            "ValidationException",
            unfit("Sign", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"),
        ),
        refusal(
            "CreateGrant",
            base(&symmetric, &["GetPublicKey"]),
            "ValidationException",
            unfit("GetPublicKey", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"),
        ),
        refusal(
            "CreateGrant",
            base(&signing, &["Decrypt"]),
            "ValidationException",
            unfit("Decrypt", "SIGN_VERIFY", "ECC_NIST_P256"),
        ),
        refusal("CreateGrant", with(&base(&signing, &["Sign"]), constraints.clone()), "ValidationException", context),
        refusal("CreateGrant", with(&base(&mac, &["VerifyMac"]), constraints), "ValidationException", context),
    ];
    assert_refused(&scene, &root, table).await;
    let source = json!({"Constraints": {"SourceArn": source_arn()}});
    root.call("CreateGrant", with(&base(&signing, &["Sign", "GetPublicKey"]), source)).await.unwrap();
    root.call("CreateGrant", base(&mac, &["GenerateMac", "CreateGrant", "RetireGrant"])).await.unwrap();
}

#[tokio::test]
async fn a_dry_run_makes_no_grant() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let base = json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]});
    let named = with(&base, json!({"Name": "n"}));
    root.call("CreateGrant", named.clone()).await.unwrap();
    let dry = |input: &Value, more: Value| with(&with(input, json!({"DryRun": true})), more);
    let text = "The request would have succeeded, but the DryRun option is set.";
    let nobody = format!("arn:aws:iam::{ACCOUNT}:user/nobody");
    let table = vec![
        refusal("CreateGrant", dry(&base, json!({})), "DryRunOperationException", text),
        refusal("CreateGrant", dry(&named, json!({})), "DryRunOperationException", text),
        refusal(
            "CreateGrant",
            dry(&base, json!({"GranteePrincipal": nobody})),
            "InvalidArnException",
            format!("Invalid arn {nobody}"),
        ),
        refusal(
            "CreateGrant",
            dry(&base, json!({"KeyId": NO_KEY})),
            "NotFoundException",
            format!("Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}' does not exist"),
        ),
    ];
    assert_refused(&scene, &root, table).await;
    assert_eq!(scene.row_count_of("grant").await, 1);
}

/// No request without permission changes or shows anything.
#[tokio::test]
async fn making_listing_and_revoking_need_permission() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let grant = scene.grant(&olga(), &["Decrypt"], json!({})).await;
    let create = json!({"KeyId": scene.key, "GranteePrincipal": olga(), "Operations": ["Decrypt"]});
    let revoke = json!({"KeyId": scene.key, "GrantId": grant});
    for (operation, input) in
        [("CreateGrant", create), ("ListGrants", json!({"KeyId": scene.key})), ("RevokeGrant", revoke)]
    {
        scene.root.user_policy("alice", &policy("Deny", "kms:Sign")).await;
        for caller in [&scene.alice, &scene.olga, &scene.other] {
            assert!(!can(caller.call(operation, input.clone()).await), "{operation}");
        }
        scene.root.user_policy("alice", &policy("Allow", &format!("kms:{operation}"))).await;
        assert!(can(scene.alice.call(operation, input).await), "{operation}");
    }
}

/// A key has fifty thousand grants at most; what is there already is given again, and the end of one makes room.
#[tokio::test]
async fn a_full_key_takes_no_more() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let base = json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]});
    let named = with(&base, json!({"Name": "n"}));
    let made = root.call("CreateGrant", named.clone()).await.unwrap();
    let row = format!("grant-count\0{REGION}\0{ACCOUNT}\0{}\0", key_id_of(&key));
    assert_eq!(scene.row_count_of("grant-count").await, 1);
    let full = Batch::new().put(row, b"\x01{\"count\":50000}".as_slice());
    scene.engine.commit(full).await.unwrap();
    assert_eq!(scene.row_count_of("grant-count").await, 1);
    let text = "Grants per key quota is 50000, current usage is 50000.";
    let dry = with(&base, json!({"DryRun": true}));
    let table = [base.clone(), dry].map(|input| refusal("CreateGrant", input, "LimitExceededException", text));
    assert_refused(&scene, &root, table.into()).await;
    assert_eq!(root.call("CreateGrant", named).await.unwrap()["GrantId"], made["GrantId"]);
    root.call("RevokeGrant", json!({"KeyId": key, "GrantId": made["GrantId"]})).await.unwrap();
    root.call("CreateGrant", base).await.unwrap();
}
