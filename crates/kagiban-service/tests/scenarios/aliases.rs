//! Aliases: what they may be called, what they may point to, how many there may be, and who wins when many ask at once.

use std::sync::Arc;

use kagiban_testkit::{AwsError, Client, World};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, Refusal, Scene, assert_refused, aws_error, create_key, describe,
    key_id_of, refusal, texts_of, violation,
};

const NO_PREFIX: &str = "Alias must start with the prefix \"alias/\". Please see \
                         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html";

fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT}:{name}")
}

async fn create_alias(client: &Client<'_>, name: &str, key: &str) -> Result<Value, AwsError> {
    client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": key})).await
}

async fn aliases_of(client: &Client<'_>, key: &str) -> Vec<String> {
    let listed = client.call("ListAliases", json!({"KeyId": key, "Limit": 100})).await.unwrap();
    texts_of(&listed["Aliases"], "AliasName")
}

/// Gives a key this many aliases, called `alias/PREFIX-00` and so on.
async fn fill(client: &Client<'_>, prefix: &str, key: &str, count: usize) {
    for n in 0..count {
        create_alias(client, &format!("alias/{prefix}-{n:02}"), key).await.unwrap();
    }
}

#[tokio::test]
async fn names_of_every_allowed_form_are_taken() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let longest = format!("alias/{}", "a".repeat(250));
    // Case-sensitive, so the first two are two.
    let mut names = vec!["alias/a", "alias/A", "alias/0_-/x", "alias//", "alias/alias/a", "alias/aws", &longest];
    for name in &names {
        assert_eq!(create_alias(&client, name, &key).await, Ok(json!({})), "{name}");
        let answer = client.call("Encrypt", json!({"KeyId": name, "Plaintext": HI})).await.unwrap();
        assert_eq!(answer["KeyId"], key.as_str(), "{name}");
    }
    names.sort_unstable();
    assert_eq!(aliases_of(&client, &key).await, names);
    for name in names {
        assert_eq!(client.call("DeleteAlias", json!({"AliasName": name})).await, Ok(json!({})), "{name}");
    }
    assert!(aliases_of(&client, &key).await.is_empty());
}

#[tokio::test]
async fn bad_names_are_refused_by_every_operation_with_their_reason() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let too_long = format!("alias/{}", "a".repeat(251));
    let pattern = |value: &str| {
        format!(
            "Value '{value}' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: ^[a-zA-Z0-9:/_-]+$"
        )
    };
    let invalid = "ValidationException";
    let names = [
        ("no-prefix".to_owned(), invalid, NO_PREFIX.to_owned()),
        ("alias".to_owned(), invalid, NO_PREFIX.to_owned()),
        ("Alias/a".to_owned(), invalid, NO_PREFIX.to_owned()),
        ("xalias/a".to_owned(), invalid, NO_PREFIX.to_owned()),
        (alias_arn("alias/a"), invalid, NO_PREFIX.to_owned()),
        ("alias/a:b".to_owned(), invalid, "alias/a:b contains invalid characters for an alias".to_owned()),
        ("alias/:".to_owned(), invalid, "alias/: contains invalid characters for an alias".to_owned()),
        ("alias/a b".to_owned(), invalid, violation(&pattern("alias/a b"))),
        ("alias/ä".to_owned(), invalid, violation(&pattern("alias/ä"))),
        ("alias/a\n".to_owned(), invalid, violation(&pattern("alias/a\n"))),
        ("alias/*".to_owned(), invalid, violation(&pattern("alias/*"))),
        (
            too_long.clone(),
            invalid,
            violation(&format!(
                "Value '{too_long}' at 'aliasName' failed to satisfy constraint: Member must have length less than or \
                 equal to 256"
            )),
        ),
        (
            String::new(),
            invalid,
            format!(
                "2 validation errors detected: Value '' at 'aliasName' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1; {}",
                pattern("")
            ),
        ),
        ("alias/".to_owned(), "InvalidAliasNameException", "alias/ has no name after its prefix.".to_owned()),
    ];
    let mut table = Vec::new();
    for (name, code, message) in names {
        for operation in ["CreateAlias", "UpdateAlias", "DeleteAlias"] {
            let input = json!({"AliasName": name, "TargetKeyId": key});
            table.push(refusal(operation, input, code, message.clone()));
        }
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn names_under_alias_aws_are_nobodys() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let mut table = Vec::new();
    for name in ["alias/aws/s3", "alias/aws/mine", "alias/aws/a/b"] {
        let text = format!("{name} is reserved: aliases that begin with alias/aws/ belong to AWS managed keys.");
        for (operation, code) in [
            ("CreateAlias", "InvalidAliasNameException"),
            ("UpdateAlias", "AccessDeniedException"),
            ("DeleteAlias", "AccessDeniedException"),
        ] {
            let input = json!({"AliasName": name, "TargetKeyId": key});
            table.push(refusal(operation, input, code, text.clone()));
        }
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn a_name_is_used_once_in_an_account_and_region() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    create_alias(&client, "alias/it", &key).await.unwrap();
    let exists = format!("An alias with the name {} already exists", alias_arn("alias/it"));
    let table = [&key, &other].map(|target| {
        refusal(
            "CreateAlias",
            json!({"AliasName": "alias/it", "TargetKeyId": target}),
            "AlreadyExistsException",
            exists.clone(),
        )
    });
    assert_refused(&scene, &client, table.into()).await;
    for (account, region) in [(OTHER_ACCOUNT, REGION), (ACCOUNT, "eu-west-1")] {
        let elsewhere = scene.world.client(account, region);
        let key = create_key(&elsewhere).await;
        create_alias(&elsewhere, "alias/it", &key).await.unwrap();
        assert_eq!(describe(&elsewhere, "alias/it").await["Arn"], key.as_str(), "{account} {region}");
    }
    assert_eq!(describe(&client, "alias/it").await["Arn"], key.as_str());
}

#[tokio::test]
async fn targets_are_keys_of_ones_own() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    create_alias(&client, "alias/it", &key).await.unwrap();
    let foreign = create_key(&scene.world.client(OTHER_ACCOUNT, REGION)).await;
    let far = create_key(&scene.world.client(ACCOUNT, "eu-west-1")).await;
    let not_aliases = "Aliases must refer to keys. Not aliases";
    let missing = alias_arn(&format!("key/{}", NO_KEY));
    let mut table = Vec::new();
    for operation in ["CreateAlias", "UpdateAlias"] {
        let name = if operation == "CreateAlias" { "alias/new" } else { "alias/it" };
        let denied = format!(
            "User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:{operation} on this resource because \
             the resource does not exist in this Region, no resource-based policies allow access, or a resource-based \
             policy explicitly denies access"
        );
        for (target, code, message) in [
            ("alias/it".to_owned(), "ValidationException", not_aliases.to_owned()),
            ("alias/none".to_owned(), "ValidationException", not_aliases.to_owned()),
            (alias_arn("alias/it"), "ValidationException", not_aliases.to_owned()),
            (NO_KEY.to_owned(), "NotFoundException", format!("Key '{missing}' does not exist")),
            ("word".to_owned(), "NotFoundException", "Invalid keyId 'word'".to_owned()),
            (key_id_of(&foreign).to_owned(), "NotFoundException", {
                format!("Key '{}' does not exist", alias_arn(&format!("key/{}", key_id_of(&foreign))))
            }),
            (foreign.clone(), "AccessDeniedException", denied),
            (far.clone(), "NotFoundException", "Invalid arn eu-west-1".to_owned()),
        ] {
            table.push(refusal(operation, json!({"AliasName": name, "TargetKeyId": target}), code, message));
        }
    }
    assert_refused(&scene, &client, table).await;
    for target in [key.as_str(), key_id_of(&key)] {
        let name = format!("alias/by-{}", target.len());
        create_alias(&client, &name, target).await.unwrap();
        client.call("UpdateAlias", json!({"AliasName": name, "TargetKeyId": target})).await.unwrap();
    }
}

#[tokio::test]
async fn missing_aliases_are_named_by_their_arn() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let missing = |operation, input| {
        let text = format!("Alias {} is not found.", alias_arn("alias/none"));
        refusal(operation, input, "NotFoundException", text)
    };
    let table = || {
        vec![
            missing("UpdateAlias", json!({"AliasName": "alias/none", "TargetKeyId": key})),
            missing("DeleteAlias", json!({"AliasName": "alias/none"})),
            missing("DescribeKey", json!({"KeyId": "alias/none"})),
            missing("Encrypt", json!({"KeyId": alias_arn("alias/none"), "Plaintext": HI})),
        ]
    };
    assert_refused(&scene, &client, table()).await;
    // And so they are once more after a short life.
    create_alias(&client, "alias/none", &key).await.unwrap();
    client.call("DeleteAlias", json!({"AliasName": "alias/none"})).await.unwrap();
    assert_refused(&scene, &client, table()).await;
}

fn limit_reached(name: &str, target: &str, operation: &'static str) -> Refusal {
    refusal(
        operation,
        json!({"AliasName": name, "TargetKeyId": target}),
        "LimitExceededException",
        "Aliases per key quota for this account in this region is 50, current usage is 50.",
    )
}

#[tokio::test]
async fn a_key_has_fifty_aliases_at_most_however_they_come_and_go() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (one, other) = (create_key(&client).await, create_key(&client).await);
    fill(&client, "one", &one, 50).await;
    fill(&client, "other", &other, 1).await;
    let full = |target: &str| {
        vec![limit_reached("alias/new", target, "CreateAlias"), limit_reached("alias/other-00", target, "UpdateAlias")]
    };
    assert_refused(&scene, &client, full(&one)).await;
    // To point at the same key again takes no place.
    client.call("UpdateAlias", json!({"AliasName": "alias/one-00", "TargetKeyId": one})).await.unwrap();
    assert_refused(&scene, &client, full(&one)).await;
    // One goes over: there is a place here now, and there are 2 there.
    client.call("UpdateAlias", json!({"AliasName": "alias/one-00", "TargetKeyId": other})).await.unwrap();
    assert_eq!(aliases_of(&client, &other).await, ["alias/one-00", "alias/other-00"]);
    create_alias(&client, "alias/new", &one).await.unwrap();
    assert_refused(&scene, &client, vec![limit_reached("alias/newer", &one, "CreateAlias")]).await;
    // One is deleted: a place again, for one that moves.
    client.call("DeleteAlias", json!({"AliasName": "alias/new"})).await.unwrap();
    client.call("UpdateAlias", json!({"AliasName": "alias/other-00", "TargetKeyId": one})).await.unwrap();
    assert_refused(&scene, &client, vec![limit_reached("alias/one-00", &one, "UpdateAlias")]).await;
    // All go over, and the other is full then.
    for n in 1..50 {
        let input = json!({"AliasName": format!("alias/one-{n:02}"), "TargetKeyId": other});
        client.call("UpdateAlias", input).await.unwrap();
    }
    assert_eq!(aliases_of(&client, &one).await, ["alias/other-00"]);
    assert_eq!(aliases_of(&client, &other).await.len(), 50);
    assert_refused(&scene, &client, vec![limit_reached("alias/new", &other, "CreateAlias")]).await;
    fill(&client, "again", &one, 49).await;
    let moving = limit_reached("alias/one-01", &one, "UpdateAlias");
    assert_refused(&scene, &client, vec![limit_reached("alias/new", &one, "CreateAlias"), moving]).await;
}

#[tokio::test]
async fn aliases_of_a_key_that_awaits_deletion_can_go_but_not_come() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (doomed, other) = (create_key(&client).await, create_key(&client).await);
    fill(&client, "it", &doomed, 2).await;
    create_alias(&client, "alias/other", &other).await.unwrap();
    client.call("ScheduleKeyDeletion", json!({"KeyId": doomed})).await.unwrap();
    let pending = format!("{doomed} is pending deletion.");
    let table = ["alias/new", "alias/other"].map(|name| {
        let operation = if name == "alias/new" { "CreateAlias" } else { "UpdateAlias" };
        let input = json!({"AliasName": name, "TargetKeyId": doomed});
        refusal(operation, input, "KMSInvalidStateException", pending.clone())
    });
    assert_refused(&scene, &client, table.into()).await;
    client.call("DeleteAlias", json!({"AliasName": "alias/it-00"})).await.unwrap();
    client.call("UpdateAlias", json!({"AliasName": "alias/it-01", "TargetKeyId": other})).await.unwrap();
    assert!(aliases_of(&client, &doomed).await.is_empty());
    assert_eq!(aliases_of(&client, &other).await, ["alias/it-01", "alias/other"]);
}

#[tokio::test]
async fn entries_tell_name_target_and_both_dates() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (one, other) = (create_key(&client).await, create_key(&client).await);
    let noon = 1_795_262_400;
    let entry = |name: &str, key: &str, created: Value, updated: Value| {
        json!({
            "AliasName": name, "AliasArn": alias_arn(name), "TargetKeyId": key_id_of(key),
            "CreationDate": created, "LastUpdatedDate": updated,
        })
    };
    create_alias(&client, "alias/b", &one).await.unwrap();
    scene.world.clock.move_by_ms(1_500);
    create_alias(&client, "alias/a", &one).await.unwrap();
    let later = json!(1_795_262_401.5);
    let (b, a) =
        (entry("alias/b", &one, json!(noon), json!(noon)), entry("alias/a", &one, later.clone(), later.clone()));
    // By name, whatever the order in which they came.
    let all = client.call("ListAliases", json!({})).await.unwrap();
    assert_eq!(all, json!({"Aliases": [a, b], "Truncated": false}));
    assert_eq!(client.call("ListAliases", json!({"KeyId": one})).await.unwrap(), all);
    assert_eq!(
        client.call("ListAliases", json!({"KeyId": other})).await.unwrap(),
        json!({"Aliases": [], "Truncated": false})
    );
    // An update leaves the creation date and sets the other, even when it changes nothing else.
    scene.world.clock.move_by_ms(1_000);
    client.call("UpdateAlias", json!({"AliasName": "alias/b", "TargetKeyId": other})).await.unwrap();
    client.call("UpdateAlias", json!({"AliasName": "alias/a", "TargetKeyId": one})).await.unwrap();
    let moved = entry("alias/b", &other, json!(noon), json!(1_795_262_402.5));
    let stayed = entry("alias/a", &one, later, json!(1_795_262_402.5));
    assert_eq!(
        client.call("ListAliases", json!({})).await.unwrap(),
        json!({"Aliases": [stayed, moved], "Truncated": false})
    );
    assert_eq!(
        client.call("ListAliases", json!({"KeyId": other})).await.unwrap(),
        json!({"Aliases": [moved], "Truncated": false})
    );
}

/// Runs one call for each input at once, on real threads, and gives the results.
async fn at_once(world: &Arc<World>, operation: &'static str, inputs: Vec<Value>) -> Vec<Result<Value, AwsError>> {
    let tasks: Vec<_> = inputs
        .into_iter()
        .map(|input| {
            let world = Arc::clone(world);
            tokio::spawn(async move { world.client(ACCOUNT, REGION).call(operation, input).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_the_last_place_one_gets_it() {
    let world = Arc::new(World::new().await);
    let client = world.client(ACCOUNT, REGION);
    let key = create_key(&client).await;
    fill(&client, "it", &key, 49).await;
    let inputs = (0..40).map(|n| json!({"AliasName": format!("alias/new-{n}"), "TargetKeyId": key})).collect();
    let results = at_once(&world, "CreateAlias", inputs).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let full = limit_reached("", "", "CreateAlias");
    for error in results.into_iter().filter_map(Result::err) {
        assert_eq!(error, aws_error(full.code, &full.message));
    }
    assert_eq!(aliases_of(&client, &key).await.len(), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_name_one_gets_it() {
    let world = Arc::new(World::new().await);
    let client = world.client(ACCOUNT, REGION);
    let mut keys = Vec::new();
    for _ in 0..30 {
        keys.push(create_key(&client).await);
    }
    let inputs = keys.iter().map(|key| json!({"AliasName": "alias/it", "TargetKeyId": key})).collect();
    let results = at_once(&world, "CreateAlias", inputs).await;
    let winner = results.iter().position(Result::is_ok).unwrap();
    for (at, result) in results.into_iter().enumerate().filter(|(at, _)| *at != winner) {
        let text = format!("An alias with the name {} already exists", alias_arn("alias/it"));
        assert_eq!(result, Err(aws_error("AlreadyExistsException", &text)), "{at}");
    }
    let listed = client.call("ListAliases", json!({})).await.unwrap();
    assert_eq!(texts_of(&listed["Aliases"], "TargetKeyId"), [key_id_of(&keys[winner])]);
    // The losers lost no place: each still takes fifty.
    let loser = &keys[usize::from(winner == 0)];
    fill(&client, "loser", loser, 50).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counts_stay_right_when_aliases_move_at_once() {
    let world = Arc::new(World::new().await);
    let client = world.client(ACCOUNT, REGION);
    let (one, other) = (create_key(&client).await, create_key(&client).await);
    fill(&client, "it", &one, 40).await;
    let inputs = (0..40).map(|n| json!({"AliasName": format!("alias/it-{n:02}"), "TargetKeyId": other})).collect();
    for result in at_once(&world, "UpdateAlias", inputs).await {
        result.unwrap();
    }
    assert_eq!((aliases_of(&client, &one).await.len(), aliases_of(&client, &other).await.len()), (0, 40));
    let inputs = (0..20).map(|n| json!({"AliasName": format!("alias/it-{n:02}")})).collect();
    for result in at_once(&world, "DeleteAlias", inputs).await {
        result.unwrap();
    }
    fill(&client, "one", &one, 50).await;
    fill(&client, "other", &other, 30).await;
    for key in [&one, &other] {
        let error = create_alias(&client, "alias/new", key).await.unwrap_err();
        assert_eq!(error.code, "LimitExceededException");
    }
}
