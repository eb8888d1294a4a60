//! Accounts in a development deployment, and who may manage them.

use std::collections::BTreeSet;

use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{MANAGEMENT, allowing, ask, code, operations, send};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, text, texts_of};

/// Whether the credentials of a client are known.
async fn is_known(client: &Client<'_>) -> bool {
    match client.call("ListKeys", json!({})).await {
        Ok(_) => true,
        Err(error) if error.code == "UnrecognizedClientException" => false,
        Err(error) => panic!("{error:?}"),
    }
}

/// The root of a new account, from the answer that made it.
fn root<'w>(world: &'w World, created: &Value) -> Client<'w> {
    let (id, secret) = (text(&created["AccessKeyId"]), text(&created["SecretAccessKey"]));
    world.caller((&id, &secret, None), REGION)
}

#[tokio::test]
async fn a_new_account_has_a_root_that_works_at_once() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let created = ask(&world, &operator, "CreateAccount", json!({"Name": "Storage of Tōkyō"})).await.unwrap();
    let members: BTreeSet<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["AccessKeyId", "AccountId", "SecretAccessKey"]));
    assert_eq!((text(&created["AccessKeyId"]).len(), text(&created["SecretAccessKey"]).len()), (20, 40));
    let root = root(&world, &created);
    let key = root.call("CreateKey", json!({})).await.unwrap();
    assert_eq!(key["KeyMetadata"]["AWSAccountId"], created["AccountId"]);
    let arn = root.sts("GetCallerIdentity", &[]).await.unwrap().text("Arn");
    assert_eq!(arn, format!("arn:aws:iam::{}:root", text(&created["AccountId"])));

    let named =
        ask(&world, &operator, "CreateAccount", json!({"Name": "x", "AccountId": OTHER_ACCOUNT})).await.unwrap();
    assert_eq!(named["AccountId"], OTHER_ACCOUNT);
    let again = ask(&world, &operator, "CreateAccount", json!({"Name": "y", "AccountId": OTHER_ACCOUNT})).await;
    assert_eq!(code(&again), "AlreadyExistsException");
    assert_eq!(again.unwrap_err().message, format!("Account {OTHER_ACCOUNT} already exists."));
}

#[tokio::test]
async fn a_closed_account_is_unknown_from_the_next_request_on() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let created = ask(&world, &operator, "CreateAccount", json!({"Name": "x"})).await.unwrap();
    let account = &created["AccountId"];
    let root = root(&world, &created);
    let user = root.user("admin", &allowing(&json!("*"))).await;
    let role = root.role("r", &text(account), &allowing(&json!("*"))).await;
    let session = user.assume(&role, "session", &[]).await.unwrap();
    let key = root.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["Arn"].clone();
    for client in [&root, &user, &session] {
        assert!(is_known(client).await);
    }
    for _twice in 0..2 {
        assert_eq!(ask(&world, &operator, "CloseAccount", json!({"AccountId": account})).await, Ok(json!({})));
        for client in [&root, &user, &session] {
            assert!(!is_known(client).await);
            assert_eq!(client.sts("GetCallerIdentity", &[]).await.unwrap_err().code, "InvalidClientTokenId");
            assert_eq!(code(&ask(&world, client, "ListAccounts", json!({})).await), "UnrecognizedClientException");
        }
    }
    // A restarted service knows it too.
    let restarted = world.restarted().await;
    assert!(!is_known(&self::root(&restarted, &created)).await);
    for _twice in 0..2 {
        assert_eq!(ask(&world, &operator, "ReopenAccount", json!({"AccountId": account})).await, Ok(json!({})));
        for client in [&root, &user, &session] {
            assert!(is_known(client).await);
        }
    }
    let described = root.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled", "its keys have stayed");
}

#[tokio::test]
async fn every_account_of_a_development_deployment_can_be_closed_but_the_first() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let implied = world.client(ACCOUNT, REGION);
    assert!(is_known(&implied).await);
    ask(&world, &operator, "ReopenAccount", json!({"AccountId": ACCOUNT})).await.unwrap();
    assert_eq!(ask(&world, &operator, "ListAccounts", json!({})).await.unwrap()["Accounts"], json!([]));
    ask(&world, &operator, "CloseAccount", json!({"AccountId": ACCOUNT})).await.unwrap();
    assert!(!is_known(&implied).await);
    ask(&world, &operator, "ReopenAccount", json!({"AccountId": ACCOUNT})).await.unwrap();
    assert!(is_known(&implied).await);
    let refused = ask(&world, &operator, "CloseAccount", json!({"AccountId": MANAGEMENT})).await;
    assert_eq!(code(&refused), "ValidationException");
    assert!(is_known(&operator).await);
}

#[tokio::test]
async fn accounts_are_listed_page_by_page() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let numbers: Vec<String> = (1..=5).map(|number| format!("{:012}", number * 1111)).collect();
    for (at, number) in numbers.iter().enumerate() {
        let input = json!({"Name": format!("number {at}"), "AccountId": number});
        ask(&world, &operator, "CreateAccount", input).await.unwrap();
    }
    world.client(&numbers[1], REGION).iam("CreateAccountAlias", &[("AccountAlias", "second")]).await.unwrap();
    ask(&world, &operator, "CloseAccount", json!({"AccountId": numbers[2]})).await.unwrap();
    let (mut listed, mut input) = (Vec::new(), json!({"Limit": 2}));
    for page in [2, 2, 1] {
        let answer = ask(&world, &operator, "ListAccounts", input.clone()).await.unwrap();
        let accounts = answer["Accounts"].as_array().unwrap();
        assert_eq!(accounts.len(), page);
        listed.extend(accounts.iter().cloned());
        assert_eq!(answer["Truncated"], json!(answer.get("NextMarker").is_some()));
        input["Marker"] = answer["NextMarker"].clone();
    }
    assert_eq!(input["Marker"], Value::Null);
    assert_eq!(texts_of(&json!(listed), "AccountId"), numbers);
    let created = 1_795_262_400.0;
    let second = json!({"AccountId": numbers[1], "Name": "number 1", "Alias": "second", "CreationDate": created, "State": "ACTIVE"});
    assert_eq!(listed[1], second);
    assert_eq!(listed[2]["State"], "CLOSED");
    let marker = ask(&world, &operator, "ListAccounts", json!({"Limit": 1})).await.unwrap()["NextMarker"].clone();
    for bad in [json!("x"), json!("bm9uZQ")] {
        assert_eq!(
            code(&ask(&world, &operator, "ListAccounts", json!({"Marker": bad})).await),
            "InvalidMarkerException"
        );
    }
    let foreign = ask(&world, &operator, "ListServiceAccessKeys", json!({"Marker": marker})).await;
    assert_eq!(code(&foreign), "InvalidMarkerException");
}

/// What concerns all accounts is for the management account, whatever the policies of others say; there, policies decide.
#[tokio::test]
async fn who_may_call_what() {
    let world = World::new().await;
    let (operator, other) = (world.client(MANAGEMENT, REGION), world.client(ACCOUNT, REGION));
    let everything = allowing(&json!("*"));
    let administrator = other.user("admin", &everything).await;
    let delegate = operator.user("delegate", &allowing(&json!("kagiban:*"))).await;
    let stranger = operator.user("stranger", &allowing(&json!(["kms:*", "iam:*", "sts:*"]))).await;
    for (operation, input) in operations() {
        let denied = |answered: &super::Answered| match answered {
            Err(error) if error.code == "AccessDeniedException" => Some(error.message.clone()),
            _ => None,
        };
        for client in [&operator, &delegate] {
            let answered = ask(&world, client, operation, input.clone()).await;
            assert_eq!(denied(&answered), None, "{operation}: {answered:?}");
        }
        for client in [&other, &administrator] {
            let message = denied(&ask(&world, client, operation, input.clone()).await);
            let expected = format!(
                "is not authorized to perform: kagiban:{operation} on resource: * because only the management account of \
                 the deployment may"
            );
            let is_own_affair = super::OF_ACCOUNTS.contains(&operation);
            assert_eq!(message.is_some_and(|message| message.ends_with(&expected)), !is_own_affair, "{operation}");
        }
        let message = denied(&ask(&world, &stranger, operation, input.clone()).await).unwrap();
        assert_eq!(
            message,
            format!(
                "User: arn:aws:iam::{MANAGEMENT}:user/stranger is not authorized to perform: kagiban:{operation} on resource: * \
                 because no identity-based policy allows the kagiban:{operation} action"
            )
        );
        // One permission is for one operation.
        let name = format!("only-{operation}");
        let only = operator.user(&name, &allowing(&json!(format!("kagiban:{operation}")))).await;
        for (another, input) in operations() {
            let answered = ask(&world, &only, another, input).await;
            assert_eq!(denied(&answered).is_none(), another == operation, "{operation} {another}");
        }
    }
}

#[tokio::test]
async fn an_explicit_deny_and_a_condition_count() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kagiban:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kagiban:CloseAccount", "Resource": "*"},
        {"Effect": "Deny", "Action": "kagiban:CreateAccount", "Resource": "*",
         "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ]});
    let user = operator.user("user", &policy).await;
    ask(&world, &user, "ListAccounts", json!({})).await.unwrap();
    for (operation, input) in [("CloseAccount", json!({"AccountId": ACCOUNT})), ("CreateAccount", json!({"Name": "x"}))]
    {
        let error = ask(&world, &user, operation, input).await.unwrap_err();
        assert!(error.message.ends_with("with an explicit deny in an identity-based policy"), "{error:?}");
    }
}

/// A signature for another service opens no door here, nor one for here elsewhere.
#[tokio::test]
async fn signatures_are_for_this_service() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    for (service, target) in
        [("kms", "Kagiban.ListAccounts"), ("iam", "Kagiban.ListAccounts"), ("kagiban", "TrentService.ListKeys")]
    {
        let (_, answered) = send(&world, &operator, service, target, "{}").await;
        assert_eq!(code(&answered), "InvalidSignatureException", "{service} {target}");
    }
}
