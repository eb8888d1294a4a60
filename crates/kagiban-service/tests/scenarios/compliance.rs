//! Compliance through a world: what each rule finds and does not, since when, and what is told of it.

mod limits;

use std::sync::Arc;
use std::time::Duration;

use kagiban_base::time::DAY_MS;
use kagiban_service::compliance::ComplianceSettings;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::nodes::Nodes;
use crate::support::{ACCOUNT, HI, OTHER_ACCOUNT, REGION, create_key, encrypt, text};

const OPERATOR: &str = "000000000000";

/// Evaluates and settles until nothing changes any more; how many changes there were.
async fn settle(world: &World) -> usize {
    settle_under(ComplianceSettings::default(), world).await
}

async fn settle_under(settings: ComplianceSettings, world: &World) -> usize {
    let mut changes = 0;
    loop {
        let evaluation = world.service.evaluate_compliance(settings);
        match world.service.settle_compliance(evaluation).await.unwrap() {
            0 => return changes,
            more => changes += more,
        }
    }
}

async fn report(caller: &Client<'_>, input: Value) -> Value {
    caller.operator("DescribeCompliance", input).await.unwrap()
}

/// What a rule finds, as (resource, since, why).
async fn found(world: &World, rule: &str) -> Vec<(String, Value, String)> {
    found_under(ComplianceSettings::default(), world, rule).await
}

async fn found_under(settings: ComplianceSettings, world: &World, rule: &str) -> Vec<(String, Value, String)> {
    settle_under(settings, world).await;
    let answer = report(&world.client(ACCOUNT, REGION), json!({"RuleName": rule})).await;
    let shown = |entry: &Value| (text(&entry["Resource"]), entry["Since"].clone(), text(&entry["Annotation"]));
    let found: Vec<_> = answer["Resources"].as_array().unwrap().iter().map(shown).collect();
    assert_eq!(answer["Rules"][0]["NonCompliant"], found.len());
    found
}

async fn resources(world: &World, rule: &str) -> Vec<String> {
    found(world, rule).await.into_iter().map(|(resource, ..)| resource).collect()
}

/// The changes that were told, as (rule, old, new, resource).
fn told(world: &World, after: usize) -> Vec<(String, Value, String, String)> {
    let all = world.journal().rendered_after(after);
    let changes = all.iter().filter(|record| record["eventName"] == "ComplianceChange");
    changes
        .map(|record| {
            assert_eq!(record["eventSource"], "config.amazonaws.com");
            assert_eq!(record["userIdentity"]["invokedBy"], "AWS Internal");
            let details = &record["serviceEventDetails"];
            assert_eq!(details["messageType"], "ComplianceChangeNotification");
            let old = details["oldEvaluationResult"]["complianceType"].clone();
            let new = text(&details["newEvaluationResult"]["complianceType"]);
            (text(&details["configRuleName"]), old, new, text(&record["resources"][0]["ARN"]))
        })
        .collect()
}

fn own(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn allow(action: &str, resource: &str) -> Value {
    own(json!({"Effect": "Allow", "Action": action, "Resource": resource}))
}

#[tokio::test]
async fn rotation_that_is_off() {
    let (world, rule) = (World::new().await, "cmk-backing-key-rotation-enabled");
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    for input in [json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}), json!({"Origin": "EXTERNAL"})] {
        root.call("CreateKey", input).await.unwrap();
    }
    assert_eq!(resources(&world, rule).await, std::slice::from_ref(&key));
    root.call("EnableKeyRotation", json!({"KeyId": key})).await.unwrap();
    assert!(resources(&world, rule).await.is_empty());
    root.call("DisableKeyRotation", json!({"KeyId": key})).await.unwrap();
    assert_eq!(resources(&world, rule).await.len(), 1);
    // A key at its end need not rotate.
    root.call("ScheduleKeyDeletion", json!({"KeyId": key})).await.unwrap();
    assert!(resources(&world, rule).await.is_empty());
}

#[tokio::test]
async fn a_key_that_waits_for_its_deletion() {
    let (world, rule) = (World::new().await, "kms-cmk-not-scheduled-for-deletion");
    let root = world.client(ACCOUNT, REGION);
    let (key, _other) = (create_key(&root).await, create_key(&root).await);
    assert!(resources(&world, rule).await.is_empty());
    root.call("ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7})).await.unwrap();
    let [(resource, since, why)] = &found(&world, rule).await[..] else { panic!("one") };
    assert_eq!((resource, why.as_str()), (&key, "The key waits for its deletion at: 2026-11-28T12:00:00Z."));
    // It stays so since then, whatever else happens.
    world.clock.move_by_ms(DAY_MS);
    assert_eq!(&found(&world, rule).await[0].1, since);
    world.clock.move_by_ms(7 * DAY_MS);
    world.service.run_due_jobs().await;
    assert!(resources(&world, rule).await.is_empty());
}

#[tokio::test]
async fn a_policy_that_is_open_to_everyone() {
    let (world, rule) = (World::new().await, "kms-key-policy-no-public-access");
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let policy = |more: Value| {
        let mut everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"});
        everyone.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let administrator =
            json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [administrator, everyone]}).to_string()
    };
    for (more, expected) in [
        (json!({}), 1),
        (json!({"Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}}}), 0),
        (json!({"Effect": "Deny"}), 0),
        (json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}), 1),
    ] {
        root.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy(more.clone())})).await.unwrap();
        assert_eq!(resources(&world, rule).await.len(), expected, "{more}");
    }
}

#[tokio::test]
async fn policies_that_open_every_ciphertext() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let everything = allow("kms:Decrypt", "*");
    let some = allow("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
    root.user("alice", &everything).await;
    root.user("bob", &some).await;
    root.role("worker", ACCOUNT, &allow("kms:*", "*")).await;
    for (name, document) in [("open", &everything), ("narrow", &some)] {
        let document = document.to_string();
        root.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &document)]).await.unwrap();
    }
    let inline = found(&world, "iam-inline-policy-blocked-kms-actions").await;
    let names: Vec<&str> = inline.iter().map(|(resource, ..)| resource.as_str()).collect();
    assert_eq!(names, ["arn:aws:iam::111122223333:role/worker", "arn:aws:iam::111122223333:user/alice"]);
    assert!(inline[1].2.contains("allows kms:Decrypt on all keys"), "{}", inline[1].2);
    let managed = resources(&world, "iam-customer-policy-blocked-kms-actions").await;
    assert_eq!(managed, ["arn:aws:iam::111122223333:policy/open"]);
}

#[tokio::test]
async fn users_who_may_do_everything() {
    let (world, rule) = (World::new().await, "kagiban-iam-user-no-wildcard-administrator");
    let root = world.client(ACCOUNT, REGION);
    root.user("own", &allow("*", "*")).await;
    root.user("narrow", &allow("kms:Describe*", "*")).await;
    for name in ["attached", "member"] {
        root.user(name, &Value::Null).await;
    }
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    root.iam("AttachUserPolicy", &[("UserName", "attached"), ("PolicyArn", arn)]).await.unwrap();
    root.iam("CreateGroup", &[("GroupName", "admins")]).await.unwrap();
    let document = allow("kms:*", "*").to_string();
    let put = [("GroupName", "admins"), ("PolicyName", "p"), ("PolicyDocument", document.as_str())];
    root.iam("PutGroupPolicy", &put).await.unwrap();
    root.iam("AddUserToGroup", &[("GroupName", "admins"), ("UserName", "member")]).await.unwrap();
    // Roles may.
    root.role("administrator", ACCOUNT, &allow("*", "*")).await;
    let expected = ["attached", "member", "own"].map(|name| format!("arn:aws:iam::{ACCOUNT}:user/{name}"));
    assert_eq!(resources(&world, rule).await, expected);
    root.iam("RemoveUserFromGroup", &[("GroupName", "admins"), ("UserName", "member")]).await.unwrap();
    assert_eq!(resources(&world, rule).await.len(), 2);
}

#[tokio::test]
async fn keys_that_nobody_uses() {
    let (world, rule) = (World::new().await, "kagiban-kms-key-in-use");
    let root = world.client(ACCOUNT, REGION);
    let (idle, used, off) = (create_key(&root).await, create_key(&root).await, create_key(&root).await);
    root.call("DisableKey", json!({"KeyId": off})).await.unwrap();
    world.clock.move_by_ms(89 * DAY_MS);
    assert!(resources(&world, rule).await.is_empty());
    encrypt(&root, &used, HI).await;
    world.clock.move_by_ms(DAY_MS);
    let [(resource, _, why)] = &found(&world, rule).await[..] else { panic!("one") };
    assert_eq!((resource, why.as_str()), (&idle, "The key was not used since 2026-11-21T12:00:00Z."));
    world.clock.move_by_ms(89 * DAY_MS);
    assert_eq!(resources(&world, rule).await.len(), 2);
    encrypt(&root, &idle, HI).await;
    assert_eq!(resources(&world, rule).await, [used]);
}

#[tokio::test]
async fn changes_are_told_once_and_outlast_a_restart() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let key = create_key(&root).await;
    let before = world.journal().count();
    assert!(settle(&world).await > 0);
    assert_eq!(settle(&world).await, 0);
    let rule = "cmk-backing-key-rotation-enabled".to_owned();
    assert_eq!(told(&world, before), [(rule.clone(), Value::Null, "NON_COMPLIANT".to_owned(), key.clone())]);
    let since = found(&world, &rule).await[0].1.clone();

    world.clock.move_by_ms(1000);
    let world = world.restarted().await;
    let root = world.client(ACCOUNT, REGION);
    let before = world.journal().count();
    assert_eq!(settle(&world).await, 0);
    assert_eq!(found(&world, &rule).await[0].1, since);
    root.call("EnableKeyRotation", json!({"KeyId": key})).await.unwrap();
    settle(&world).await;
    let change = (rule.clone(), json!("NON_COMPLIANT"), "COMPLIANT".to_owned(), key.clone());
    assert_eq!(told(&world, before), [change]);
    // What is in order again is told when it is asked for.
    let asked = json!({"RuleName": rule, "IncludeCompliant": true});
    let answer = report(&root, asked).await;
    assert_eq!(answer["Resources"][0]["ComplianceType"], "COMPLIANT");
    assert_eq!((&answer["Rules"][0]["Compliant"], &answer["Rules"][0]["NonCompliant"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn each_account_sees_its_own_and_the_operator_all() {
    let world = World::new().await;
    for account in [ACCOUNT, OTHER_ACCOUNT] {
        create_key(&world.client(account, REGION)).await;
    }
    let before_any = report(&world.client(ACCOUNT, REGION), json!({})).await;
    assert_eq!((before_any.get("EvaluatedAt"), &before_any["Resources"]), (None, &json!([])));
    settle(&world).await;
    let rule = "cmk-backing-key-rotation-enabled";
    for (caller, expected) in [(ACCOUNT, 1), (OTHER_ACCOUNT, 1), (OPERATOR, 2)] {
        let answer = report(&world.client(caller, REGION), json!({"RuleName": rule})).await;
        assert_eq!(answer["Resources"].as_array().unwrap().len(), expected, "{caller}");
        assert_eq!(answer["Rules"][0]["NonCompliant"], expected, "{caller}");
        assert!(answer["EvaluatedAt"].is_number());
    }
    let other = json!({"AccountId": OTHER_ACCOUNT});
    let refused = world.client(ACCOUNT, REGION).operator("DescribeCompliance", other.clone()).await.unwrap_err();
    assert_eq!(refused.code, "AccessDeniedException");
    let operator = world.client(OPERATOR, REGION);
    assert_eq!(report(&operator, other).await["Resources"][0]["AccountId"], OTHER_ACCOUNT);
    // Page by page.
    let first = report(&operator, json!({"RuleName": rule, "Limit": 1})).await;
    assert_eq!((first["Truncated"].clone(), first["Resources"].as_array().unwrap().len()), (json!(true), 1));
    let second = report(&operator, json!({"RuleName": rule, "Limit": 1, "Marker": first["NextMarker"]})).await;
    assert_eq!((&second["Truncated"], second.get("NextMarker")), (&json!(false), None));
    assert_ne!(second["Resources"][0]["Resource"], first["Resources"][0]["Resource"]);
    for (input, code) in
        [(json!({"RuleName": "none"}), "ValidationException"), (json!({"Marker": "x"}), "InvalidMarkerException")]
    {
        assert_eq!(operator.operator("DescribeCompliance", input).await.unwrap_err().code, code);
    }
}

/// Keys of services are not held against anybody, nor told of.
#[tokio::test]
async fn keys_of_services_are_left_out() {
    let world = World::new().await;
    let (operator, root) = (world.client(OPERATOR, REGION), world.client(ACCOUNT, REGION));
    let made =
        operator.operator("CreateServiceAccessKey", json!({"ServicePrincipal": "s3.amazonaws.com"})).await.unwrap();
    let s3 = operator.with_credentials((&text(&made["AccessKeyId"]), &text(&made["SecretAccessKey"]), None));
    let role = root.role("for-s3", "s3.amazonaws.com", &Value::Null).await;
    let session = s3.assume(&role, "user", &[]).await.unwrap();
    let input = json!({"KeyId": "alias/aws/s3", "KeySpec": "AES_256",
        "EncryptionContext": {"aws:s3:arn": "arn:aws:s3:::bucket/object"}});
    session.call("GenerateDataKey", input).await.unwrap();
    settle(&world).await;
    let answer = report(&root, json!({"IncludeCompliant": true})).await;
    let of_keys = |rule: &Value| text(&rule["RuleName"]).contains("key") || text(&rule["RuleName"]).contains("cmk");
    for rule in answer["Rules"].as_array().unwrap().iter().filter(|rule| of_keys(rule)) {
        assert_eq!((&rule["Compliant"], &rule["NonCompliant"]), (&json!(0), &json!(0)), "{rule}");
    }
}

/// What broke: each node told every change, since none looked at what the others had written down.
#[tokio::test]
async fn of_several_nodes_one_tells() {
    let (world, rule) = (World::new().await, "cmk-backing-key-rotation-enabled");
    let root = world.client(ACCOUNT, REGION);
    settle(&world).await;
    let other = world.restarted().await;
    settle(&other).await;
    let before = world.journal().count();
    let key = create_key(&root).await;
    for (operation, state) in [("", "NON_COMPLIANT"), ("EnableKeyRotation", "COMPLIANT")] {
        if !operation.is_empty() {
            root.call(operation, json!({"KeyId": key})).await.unwrap();
        }
        let (one, told_before) = (other.client(ACCOUNT, REGION), told(&world, before).len());
        // The other node has heard of it.
        while (one.call("GetKeyRotationStatus", json!({"KeyId": key})).await)
            .is_ok_and(|status| status["KeyRotationEnabled"] != json!(operation == "EnableKeyRotation"))
        {}
        settle(&world).await;
        world.clock.move_by_ms(1000);
        settle(&other).await;
        let news: Vec<_> = told(&world, before).into_iter().skip(told_before).filter(|(of, ..)| of == rule).collect();
        assert_eq!(news.len(), 1, "{news:?}");
        assert_eq!((news[0].2.as_str(), &news[0].3), (state, &key));
        assert_eq!(found(&world, rule).await, found(&other, rule).await);
    }
}

const ROTATION: &str = "cmk-backing-key-rotation-enabled";

/// What was told about rotation on any of these nodes, as (new, number).
fn told_anywhere(nodes: &Nodes) -> Vec<(String, String)> {
    let of = |world: &World| {
        let all = world.journal().rendered_after(0).into_iter();
        let is_of_rotation = |record: &Value| record["serviceEventDetails"]["configRuleName"] == ROTATION;
        let shown = |record: Value| {
            let new = &record["serviceEventDetails"]["newEvaluationResult"]["complianceType"];
            (text(new), text(&record["eventID"]))
        };
        all.filter(is_of_rotation).map(shown).collect::<Vec<_>>()
    };
    [of(&nodes.first), of(&nodes.second)].concat()
}

/// Two nodes that have looked at everything, and a key whose rotation is off, that both know.
async fn two_that_have_settled() -> (Nodes, String) {
    let nodes = Nodes::new(true).await;
    for world in [&nodes.first, &nodes.second] {
        settle(world).await;
    }
    let client = nodes.first.client(ACCOUNT, REGION);
    let made = client.call_with(&[("x-kagiban-wait", "all-nodes")], "CreateKey", json!({})).await.unwrap();
    (nodes, text(&made["KeyMetadata"]["Arn"]))
}

/// What broke: nodes that saw a change at the same moment all told it.
#[tokio::test(start_paused = true)]
async fn of_nodes_that_see_it_at_once_one_tells() {
    let (nodes, _key) = two_that_have_settled().await;
    let seen = [&nodes.first, &nodes.second].map(|world| {
        let evaluation = world.service.evaluate_compliance(ComplianceSettings::default());
        (Arc::clone(&world.service), evaluation)
    });
    nodes.first.journal().hold();
    let [first, second] =
        seen.map(|(service, seen)| tokio::spawn(async move { service.settle_compliance(seen).await }));
    second.await.unwrap().unwrap();
    nodes.first.journal().release();
    first.await.unwrap().unwrap();
    assert_eq!(settle(&nodes.second).await + settle(&nodes.first).await, 0);
    let told = told_anywhere(&nodes);
    assert!(told.len() == 1 && told[0].0 == "NON_COMPLIANT", "{told:?}");
    assert_eq!(found(&nodes.first, ROTATION).await, found(&nodes.second, ROTATION).await);
}

/// What broke: a node that wrote down late what it had seen early told what was not so any more.
#[tokio::test(start_paused = true)]
async fn what_was_seen_before_another_nodes_change_is_looked_at_again() {
    let (nodes, key) = two_that_have_settled().await;
    let early = nodes.second.service.evaluate_compliance(ComplianceSettings::default());
    settle(&nodes.first).await;
    let client = nodes.first.client(ACCOUNT, REGION);
    client.call_with(&[("x-kagiban-wait", "all-nodes")], "EnableKeyRotation", json!({"KeyId": key})).await.unwrap();
    settle(&nodes.first).await;
    assert!(nodes.second.service.settle_compliance(early).await.unwrap() > 0);
    assert_eq!(settle(&nodes.second).await, 0);
    let told: Vec<_> = told_anywhere(&nodes).into_iter().map(|(new, _)| new).collect();
    assert_eq!(told, ["NON_COMPLIANT", "COMPLIANT"]);
}

/// What a node has written down that ends before it is told, another one tells: after a while, lest both do.
#[tokio::test(start_paused = true)]
async fn what_a_node_leaves_untold_another_tells() {
    let (nodes, _key) = two_that_have_settled().await;
    nodes.first.journal().hold();
    let cut = tokio::time::timeout(Duration::from_secs(1), settle(&nodes.first)).await;
    assert!(cut.is_err(), "it waits for its journal");
    settle(&nodes.second).await;
    tokio::time::advance(Duration::from_secs(29)).await;
    settle(&nodes.second).await;
    assert_eq!(told_anywhere(&nodes).len(), 1, "the first one's");
    tokio::time::advance(Duration::from_secs(2)).await;
    for _ in 0..2 {
        settle(&nodes.second).await;
    }
    // The first one's record may have come through or not; it has the same number.
    let [first, second] = &told_anywhere(&nodes)[..] else { panic!("two") };
    assert_eq!(first, second);
}

/// What broke: a change was written down though a loss of power could still take its record away; then it was never told.
#[tokio::test(start_paused = true)]
async fn a_change_is_written_down_once_its_record_is_durable() {
    let (world, rule) = (World::new().await, "cmk-backing-key-rotation-enabled");
    create_key(&world.client(ACCOUNT, REGION)).await;
    world.journal().hold();
    let waited = tokio::time::timeout(Duration::from_secs(60), settle(&world)).await;
    assert!(waited.is_err(), "it waits for the journal");
    world.journal().release();
    // As if the record had been lost.
    let before = world.journal().count();
    let again = world.restarted().await;
    settle(&again).await;
    assert_eq!(told(&again, before).iter().filter(|(of, ..)| of == rule).count(), 1);
}
