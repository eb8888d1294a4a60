//! The end of grants: by right over the key, by right of a party, and by nobody else's.

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{Scene as Parties, alice, can, code, olga, policy, service, user};
use crate::support::{
    ACCOUNT, NO_KEY, OTHER_ACCOUNT, REGION, Scene, assert_refused, aws_error, create_key, refusal, text,
};

/// A well-formed id that no grant has.
fn no_grant() -> String {
    "0".repeat(64)
}

/// Who asks; whom the grant is for, and its operations; who may retire it; whether the caller may.
type RetireRow<'a> = (&'a str, &'a Client<'a>, &'a str, &'a [&'a str], Value, bool);

/// Who may retire a grant: by being the party that may, or by an identity policy of an account that is one.
#[tokio::test]
async fn parties_may_retire_and_nobody_else() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let allowed = policy("Allow", "kms:RetireGrant");
    scene.root.user("clerk", &Value::Null).await;
    let bob = scene.root.user("bob", &Value::Null).await;
    let allowed_bob = scene.root.user("allowed-bob", &allowed).await;
    let denied_alice = scene.root.user("denied-alice", &policy("Deny", "kms:RetireGrant")).await;
    let allowed_olga = scene.other.user("allowed-olga", &allowed).await;
    let carol = scene.root.user("carol", &policy("Allow", "sts:AssumeRole")).await;
    let role = scene.root.role("app", ACCOUNT, &Value::Null).await;
    let session = carol.assume(&role, "s1", &[]).await.unwrap();
    let narrow = policy("Allow", "kms:Encrypt").to_string();
    let narrow = carol.assume(&role, "n1", &[("Policy", &narrow)]).await.unwrap();
    let clerk = user(ACCOUNT, "clerk");
    let denied = user(ACCOUNT, "denied-alice");
    let (alice, olga, bob_arn) = (alice(), olga(), user(ACCOUNT, "bob"));
    let may_retire = ["Decrypt", "RetireGrant"];
    let may_not = ["Decrypt"];
    let retiring = |principal: &str| json!({"RetiringPrincipal": principal});
    let none = json!({});
    let table: Vec<RetireRow<'_>> = vec![
        ("the account that made it", &scene.root, &clerk, &may_not, none.clone(), true),
        ("a user of that account", &bob, &clerk, &may_not, none.clone(), false),
        ("a user of that account who is allowed", &allowed_bob, &clerk, &may_not, none.clone(), true),
        ("the grantee", &bob, &bob_arn, &may_not, none.clone(), false),
        ("the grantee who may retire", &scene.alice, &alice, &may_retire, none.clone(), true),
        ("one who is denied", &denied_alice, &denied, &may_retire, none.clone(), false),
        ("the retiring principal", &scene.alice, &clerk, &may_not, retiring(&alice), true),
        ("a retiring principal who is denied", &denied_alice, &clerk, &may_not, retiring(&denied), false),
        ("somebody beside it", &bob, &clerk, &may_not, retiring(&alice), false),
        ("a retiring principal of another account", &scene.olga, &clerk, &may_not, retiring(&olga), true),
        ("its account's root", &scene.other, &clerk, &may_not, retiring(&olga), false),
        ("another account", &scene.other, &clerk, &may_not, none.clone(), false),
        ("an account that is the retiring principal", &scene.other, &clerk, &may_not, retiring(OTHER_ACCOUNT), true),
        ("a user of it", &scene.olga, &clerk, &may_not, retiring(OTHER_ACCOUNT), false),
        ("a user of it who is allowed", &allowed_olga, &clerk, &may_not, retiring(OTHER_ACCOUNT), true),
        ("an allowed user of no party's account", &allowed_olga, &clerk, &may_not, none.clone(), false),
        ("a role's session", &session, &clerk, &may_not, retiring(&role), true),
        ("one whose session policy is narrower", &narrow, &clerk, &may_not, retiring(&role), false),
        ("another account's grantee", &scene.olga, &olga, &may_retire, none, true),
    ];
    for (who, caller, grantee, operations, more, may) in table {
        for by_token in [false, true] {
            let made = scene.granted(&scene.root, grantee, operations, more.clone()).await.unwrap();
            let input = match by_token {
                true => json!({"GrantToken": made["GrantToken"]}),
                false => json!({"KeyId": scene.key, "GrantId": made["GrantId"]}),
            };
            let dry = caller.call("RetireGrant", crate::support::with(&input, json!({"DryRun": true}))).await;
            assert_eq!(code(dry), if may { "DryRunOperationException" } else { "AccessDeniedException" }, "{who}");
            assert_eq!(scene.listed().await.len(), 1, "{who}");
            assert_eq!(can(caller.call("RetireGrant", input).await), may, "{who}, by token: {by_token}");
            assert_eq!(scene.listed().await.len(), usize::from(!may), "{who}");
            if !may {
                scene.revoke(&text(&made["GrantId"])).await;
            }
        }
    }
}

#[tokio::test]
async fn a_service_retires_what_names_it() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let (s3, ec2) = (service(&world, "s3.amazonaws.com").await, service(&world, "ec2.amazonaws.com").await);
    let more = json!({"RetiringServicePrincipal": "s3.amazonaws.com"});
    let made = scene.granted(&scene.root, &alice(), &["Decrypt"], more).await.unwrap();
    let input = json!({"GrantToken": made["GrantToken"]});
    assert!(!can(ec2.call("RetireGrant", input.clone()).await));
    assert!(can(s3.call("RetireGrant", input).await));
}

/// Key policies have no say in it: neither Allow nor Deny.
#[tokio::test]
async fn key_policies_do_not_bear_on_retiring() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let bob = scene.root.user("bob", &Value::Null).await;
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": user(ACCOUNT, "bob")}, "Action": "kms:RetireGrant", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": alice()}, "Action": "kms:RetireGrant", "Resource": "*"},
    ]});
    let input = json!({"KeyId": scene.key, "Policy": document.to_string()});
    scene.root.call("PutKeyPolicy", input).await.unwrap();
    let grant = scene.grant(&alice(), &["RetireGrant"], json!({})).await;
    let input = json!({"KeyId": scene.key, "GrantId": grant});
    assert!(!can(bob.call("RetireGrant", input.clone()).await));
    assert!(can(scene.alice.call("RetireGrant", input).await));
}

#[tokio::test]
async fn conditions_see_the_grant_that_is_to_be_retired() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let bob = scene.root.user("bob", &Value::Null).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "kms:RetireGrant", "Resource": scene.key,
        "Condition": {"StringEquals": {
            "kms:GrantConstraintType": "EncryptionContextSubset", "kms:EncryptionContext:app": "x",
        }},
    }]});
    scene.root.user_policy("bob", &policy).await;
    for (constraints, may) in [
        (json!({"EncryptionContextSubset": {"app": "x"}}), true),
        (json!({"EncryptionContextSubset": {"app": "y"}}), false),
        (json!({"EncryptionContextEquals": {"app": "x"}}), false),
        (Value::Null, false),
    ] {
        let grant = scene.grant(&alice(), &["Decrypt"], json!({"Constraints": constraints})).await;
        let result = bob.call("RetireGrant", json!({"KeyId": scene.key, "GrantId": grant})).await;
        assert_eq!(can(result), may, "{constraints}");
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_end() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let made = root
        .call("CreateGrant", json!({"KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["Decrypt"]}))
        .await
        .unwrap();
    let (grant, token) = (text(&made["GrantId"]), text(&made["GrantToken"]));
    let missing_key = format!("Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}' does not exist");
    let missing_grant = format!("Grant {} does not exist", no_grant());
    let mut table = Vec::new();
    for operation in ["RetireGrant", "RevokeGrant"] {
        let input = |key: &str, grant: &str| json!({"KeyId": key, "GrantId": grant});
        table.push(refusal(operation, input(NO_KEY, &grant), "NotFoundException", missing_key.clone()));
        table.push(refusal(operation, input(&key, &no_grant()), "NotFoundException", missing_grant.clone()));
        for malformed in
            ["x", &grant[1..], &grant.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"), &token[..64]]
        {
            let text = "The grant id is not one: it has 64 hexadecimal digits.";
            table.push(refusal(operation, input(&key, malformed), "InvalidGrantIdException", text));
        }
    }
    let both = "A grant is retired by its GrantToken alone, or by KeyId and GrantId.";
    for input in [
        json!({}),
        json!({"KeyId": key}),
        json!({"GrantToken": token, "GrantId": grant}),
        json!({"GrantToken": token, "KeyId": key}),
        json!({"GrantToken": token, "KeyId": key, "GrantId": grant}),
    ] {
        table.push(refusal("RetireGrant", input, "ValidationException", both));
    }
    let text = "The request contains a grant token that is not valid.";
    table.push(refusal("RetireGrant", json!({"GrantToken": "AAAA"}), "InvalidGrantTokenException", text));
    let dry = json!({"KeyId": key, "GrantId": grant, "DryRun": true});
    let would = "The request would have succeeded, but the DryRun option is set.";
    table.push(refusal("RevokeGrant", dry, "DryRunOperationException", would));
    assert_refused(&scene, &root, table).await;
    root.call("RevokeGrant", json!({"KeyId": key, "GrantId": grant})).await.unwrap();
    let table = vec![
        refusal("RetireGrant", json!({"GrantToken": token}), "InvalidGrantTokenException", text),
        refusal(
            "RevokeGrant",
            json!({"KeyId": key, "GrantId": grant}),
            "NotFoundException",
            format!("Grant {grant} does not exist"),
        ),
    ];
    assert_refused(&scene, &root, table).await;
}

/// A grant leaves no row behind.
#[tokio::test]
async fn nothing_stays_of_a_grant() {
    let scene = Scene::new().await;
    let root = scene.client();
    let key = create_key(&root).await;
    let before = scene.row_count().await;
    for (name, way) in [("a", "RetireGrant"), ("b", "RevokeGrant")] {
        let input = json!({
            "KeyId": key, "GranteePrincipal": ACCOUNT, "RetiringPrincipal": OTHER_ACCOUNT, "Name": name,
            "Operations": ["Decrypt"],
        });
        let made = root.call("CreateGrant", input).await.unwrap();
        assert_eq!(scene.row_count().await, before + 4);
        root.call(way, json!({"KeyId": key, "GrantId": made["GrantId"]})).await.unwrap();
        assert_eq!(scene.row_count().await, before, "{way}");
    }
}

/// Of another account's key a stranger learns nothing, whether key and grant exist or not.
#[tokio::test]
async fn strangers_cannot_tell_what_exists() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let grant = scene.grant(&alice(), &["Decrypt"], json!({})).await;
    let missing = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{NO_KEY}");
    for operation in ["RetireGrant", "RevokeGrant"] {
        let text = format!(
            "User: {} is not authorized to perform: kms:{operation} on this resource because the resource does not \
             exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly \
             denies access",
            olga()
        );
        for (key, grant) in [(&scene.key, &grant), (&scene.key, &no_grant()), (&missing, &grant)] {
            let refused = scene.olga.call(operation, json!({"KeyId": key, "GrantId": grant})).await;
            assert_eq!(refused, Err(aws_error("AccessDeniedException", &text)), "{key} {grant}");
        }
    }
}

/// A grant of one key is not found under another.
#[tokio::test]
async fn a_grant_ends_under_its_own_key_only() {
    let world = World::new().await;
    let scene = Parties::new(&world).await;
    let grant = scene.grant(&alice(), &["DescribeKey"], json!({})).await;
    let other = create_key(&scene.root).await;
    for operation in ["RetireGrant", "RevokeGrant"] {
        let refused = scene.root.call(operation, json!({"KeyId": other, "GrantId": grant})).await;
        assert_eq!(code(refused), "NotFoundException");
    }
    assert!(scene.can_describe(&scene.alice).await);
}
