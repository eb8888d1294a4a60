//! FindKeys: each filter alone and several together, pages and their markers, what an entry tells, and who may ask.

use kagiban_base::time::Clock;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use super::{MANAGEMENT, allowing, ask, code};
use crate::support::{
    ACCOUNT, HI, NO_KEY, OTHER_ACCOUNT, REGION, Scene, create_key, describe, encrypt, key_id_of, text, texts_of, with,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn find(client: &Client<'_>, input: Value) -> Value {
    client.operator("FindKeys", input).await.unwrap()
}

/// The ids of the keys that these filters find.
async fn found(client: &Client<'_>, filters: &Value) -> Vec<String> {
    let answer = find(client, json!({"Filters": filters})).await;
    let ids = answer["Keys"].as_array().unwrap().iter().map(|key| text(&key["KeyMetadata"]["KeyId"]));
    ids.collect()
}

async fn key(client: &Client<'_>, input: Value) -> String {
    text(&client.call("CreateKey", input).await.unwrap()["KeyMetadata"]["KeyId"])
}

/// Keys of many kinds, each made a day after the one before.
struct Keys {
    /// Tagged, with two aliases, rotating, used last.
    app: String,
    /// An RSA key, used once on the second day.
    rsa: String,
    /// Waits for its material.
    external: String,
    /// Disabled, with rotation on.
    disabled: String,
    /// Its deletion is pending; rotation was on.
    doomed: String,
    /// Of S3.
    managed: String,
    /// When the first one was made, in seconds.
    start: i64,
}

impl Keys {
    async fn made(world: &World, client: &Client<'_>) -> Self {
        let start = world.clock.now().unix_s();
        let day = || world.clock.move_by_ms(DAY_MS);
        let tags = json!([{"TagKey": "team", "TagValue": "red"}, {"TagKey": "cost", "TagValue": ""}]);
        let app = key(client, json!({"Description": "Orders of the SHOP", "Tags": tags})).await;
        for name in ["alias/app/orders", "alias/main"] {
            client.call("CreateAlias", json!({"AliasName": name, "TargetKeyId": app})).await.unwrap();
        }
        client.call("EnableKeyRotation", json!({"KeyId": app})).await.unwrap();
        day();
        let rsa =
            json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Tags": [{"TagKey": "team", "TagValue": "blue"}]});
        let rsa = key(client, rsa).await;
        let sign = json!({"KeyId": rsa, "Message": HI, "SigningAlgorithm": "RSASSA_PSS_SHA_256"});
        client.call("Sign", sign).await.unwrap();
        client.call("CreateAlias", json!({"AliasName": "alias/app/signing", "TargetKeyId": rsa})).await.unwrap();
        day();
        let external = key(client, json!({"Origin": "EXTERNAL", "Description": "brought"})).await;
        day();
        let (disabled, doomed) = (key(client, json!({})).await, key(client, json!({})).await);
        for id in [&disabled, &doomed] {
            client.call("EnableKeyRotation", json!({"KeyId": id, "RotationPeriodInDays": 90})).await.unwrap();
        }
        client.call("DisableKey", json!({"KeyId": disabled})).await.unwrap();
        client.call("ScheduleKeyDeletion", json!({"KeyId": doomed})).await.unwrap();
        let managed = text(&describe(client, "alias/aws/s3").await["KeyId"]);
        day();
        encrypt(client, &app, HI).await;
        Self { app, rsa, external, disabled, doomed, managed, start }
    }

    /// Filters, and the keys that they find.
    fn table(&self) -> Vec<(Value, Vec<&str>)> {
        let Self { app, rsa, external, disabled, doomed, managed, start } = self;
        let (day, all) = (24 * 60 * 60, [app, rsa, external, disabled, doomed, managed].map(String::as_str).to_vec());
        vec![
            (json!({}), all),
            (json!({"KeyStates": ["Enabled"]}), vec![app, rsa, managed]),
            (json!({"KeyStates": ["Disabled", "PendingDeletion"]}), vec![disabled, doomed]),
            (json!({"KeyStates": ["Creating"]}), vec![]),
            (json!({"KeySpecs": ["RSA_2048", "SM2"]}), vec![rsa]),
            (json!({"KeyUsages": ["SIGN_VERIFY"]}), vec![rsa]),
            (json!({"Origins": ["EXTERNAL"]}), vec![external]),
            (json!({"KeyManagers": ["AWS"]}), vec![managed]),
            (json!({"KeyManagers": ["CUSTOMER"]}), vec![app, rsa, external, disabled, doomed]),
            (json!({"MultiRegion": ["PRIMARY", "REPLICA"]}), vec![]),
            (json!({"MultiRegion": ["SINGLE_REGION"], "KeySpecs": ["RSA_2048"]}), vec![rsa]),
            (json!({"Aliases": ["alias/main"]}), vec![app]),
            (json!({"Aliases": ["alias/main", "alias/app/signing"]}), vec![app, rsa]),
            (json!({"Aliases": ["alias/app/*"]}), vec![app, rsa]),
            (json!({"Aliases": ["alias/app/s*", "alias/aws/*"]}), vec![rsa, managed]),
            (json!({"Aliases": ["alias/*"]}), vec![app, rsa, managed]),
            (json!({"Aliases": ["alias/none", "alias/app"]}), vec![]),
            (json!({"Tags": [{"TagKey": "team"}]}), vec![app, rsa]),
            (json!({"Tags": [{"TagKey": "team", "TagValues": ["red", "green"]}]}), vec![app]),
            (json!({"Tags": [{"TagKey": "team"}, {"TagKey": "cost", "TagValues": [""]}]}), vec![app]),
            (json!({"Tags": [{"TagKey": "Team"}]}), vec![]),
            (json!({"CreatedBefore": start + day}), vec![app]),
            (json!({"CreatedAfter": start + day, "CreatedBefore": start + 3 * day}), vec![rsa, external]),
            (json!({"CreatedAfter": start + 4 * day}), vec![]),
            (json!({"Rotation": ["ON"]}), vec![app, disabled, managed]),
            (json!({"Rotation": ["OFF"]}), vec![rsa, external, doomed]),
            (json!({"Rotation": ["ON", "OFF"], "KeyStates": ["PendingDeletion"]}), vec![doomed]),
            (json!({"Rotation": ["OVERDUE"]}), vec![]),
            (json!({"NeverUsed": true}), vec![external, disabled, doomed, managed]),
            (json!({"NeverUsed": false}), vec![app, rsa]),
            (json!({"UnusedForDays": 3}), vec![rsa]),
            (json!({"UnusedForDays": 2}), vec![rsa, external]),
            (json!({"UnusedForDays": 4}), vec![]),
            (json!({"UnusedForDays": 0, "NeverUsed": false}), vec![app, rsa]),
            (json!({"DescriptionContains": ["the shop"]}), vec![app]),
            (json!({"DescriptionContains": ["BROUGHT", "no key when"]}), vec![external]),
            (json!({"KeyIds": [app, format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{rsa}"), NO_KEY]}), vec![app, rsa]),
            (json!({"KeyIds": [app, rsa], "KeySpecs": ["RSA_2048"]}), vec![rsa]),
            (json!({"KeyIds": [rsa], "Aliases": ["alias/main"]}), vec![]),
        ]
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let scene = Scene::new().await;
    let client = scene.client();
    let keys = Keys::made(&scene.world, &client).await;
    create_key(&scene.world.client(OTHER_ACCOUNT, REGION)).await;
    create_key(&scene.world.client(ACCOUNT, "eu-west-1")).await;
    for (filters, mut expected) in keys.table() {
        expected.sort_unstable();
        assert_eq!(found(&client, &filters).await, expected, "{filters}");
    }
    // The date of a key that is disabled passes, and it does not rotate.
    scene.world.clock.move_by_ms(100 * DAY_MS);
    scene.world.service.run_due_jobs().await;
    assert_eq!(found(&client, &json!({"Rotation": ["OVERDUE"]})).await, [keys.disabled]);
}

#[tokio::test]
async fn an_entry_tells_all_of_a_key() {
    let scene = Scene::new().await;
    let client = scene.client();
    let keys = Keys::made(&scene.world, &client).await;
    let one = async |id: &str| find(&client, json!({"Filters": {"KeyIds": [id]}})).await["Keys"][0].clone();
    let app = one(&keys.app).await;
    assert_eq!(app["KeyMetadata"], describe(&client, &keys.app).await);
    assert_eq!(app["Aliases"], json!(["alias/app/orders", "alias/main"]));
    assert_eq!(app["Tags"], json!([{"TagKey": "cost", "TagValue": ""}, {"TagKey": "team", "TagValue": "red"}]));
    let status = client.call("GetKeyRotationStatus", json!({"KeyId": keys.app})).await.unwrap();
    for member in ["KeyRotationEnabled", "RotationPeriodInDays", "NextRotationDate"] {
        assert_eq!(app["Rotation"][member].as_f64(), status[member].as_f64(), "{member}");
    }
    let used = app["LastUsage"]["Timestamp"].as_f64().unwrap();
    let four_days = 4.0 * 24.0 * 3600.0;
    assert!((used - app["KeyMetadata"]["CreationDate"].as_f64().unwrap() - four_days).abs() < 1.0, "{app}");
    assert_eq!(app["Rotation"]["Rotations"], 0);

    client.call("RotateKeyOnDemand", json!({"KeyId": keys.app})).await.unwrap();
    let rotated = one(&keys.app).await["Rotation"].clone();
    assert_eq!((&rotated["Rotations"], &rotated["LastRotationType"]), (&json!(1), &json!("ON_DEMAND")));
    assert_eq!(rotated["LastRotationDate"].as_f64().unwrap().round() as i64, scene.world.clock.now().unix_s());
    let external = one(&keys.external).await;
    assert_eq!(external["Rotation"], json!({"KeyRotationEnabled": false, "Rotations": 0}));
    assert_eq!(external["LastUsage"]["Timestamp"], Value::Null);
    assert!(external["LastUsage"]["TrackingStartDate"].is_number());
    assert_eq!(external["Aliases"], json!([]));
}

/// All pages of a search, by ids; each has at most `limit` of them.
async fn pages(client: &Client<'_>, filters: &Value, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut input) = (Vec::new(), json!({"Filters": filters, "Limit": limit}));
    loop {
        let page = find(client, input.clone()).await;
        let keys: Vec<_> =
            page["Keys"].as_array().unwrap().iter().map(|key| text(&key["KeyMetadata"]["KeyId"])).collect();
        assert!(keys.len() <= limit, "{}", keys.len());
        pages.push(keys);
        assert_eq!(page["Truncated"], json!(!page["NextMarker"].is_null()));
        if page["NextMarker"].is_null() {
            return pages;
        }
        input = with(&input, json!({"Marker": page["NextMarker"]}));
    }
}

#[tokio::test]
async fn pages_hold_each_key_once() {
    let scene = Scene::new().await;
    let client = scene.client();
    for number in 0..13 {
        let tags = json!([{"TagKey": "n", "TagValue": (number % 2).to_string()}]);
        client.call("CreateKey", json!({"Tags": tags})).await.unwrap();
    }
    let listed = client.call("ListKeys", json!({})).await.unwrap();
    let all = texts_of(&listed["Keys"], "KeyId");
    let odd = json!({"Tags": [{"TagKey": "n", "TagValues": ["1"]}]});
    let odd_ones = pages(&client, &odd, 100).await.concat();
    assert_eq!(odd_ones.len(), 6);
    let named = json!({"KeyIds": all[..7]});
    for limit in [1, 2, 6, 12, 13, 14] {
        assert_eq!(pages(&client, &json!({}), limit).await.concat(), all, "{limit}");
        assert_eq!(pages(&client, &odd, limit).await.concat(), odd_ones, "{limit}");
        assert_eq!(pages(&client, &named, limit).await.concat(), all[..7], "{limit}");
    }
}

#[tokio::test]
async fn markers_belong_to_their_filters_account_and_region() {
    let scene = Scene::new().await;
    let (client, operator) = (scene.client(), scene.world.client(MANAGEMENT, REGION));
    for _ in 0..3 {
        create_key(&client).await;
    }
    let filters = json!({"KeyStates": ["Enabled"]});
    let marker = find(&client, json!({"Filters": filters, "Limit": 1})).await["NextMarker"].clone();
    let input = json!({"Filters": filters, "Marker": marker});
    assert_eq!(find(&client, input.clone()).await["Keys"].as_array().unwrap().len(), 2);
    // Of the same account and Region for whoever may see them.
    find(&operator, with(&input, json!({"AccountId": ACCOUNT}))).await;
    for (caller, input) in [
        (&client, with(&input, json!({"Filters": {}}))),
        (&client, with(&input, json!({"Filters": {"KeyStates": ["Enabled", "Disabled"]}}))),
        (&client, with(&input, json!({"Marker": "abc"}))),
        (&client.in_region("eu-west-1"), input.clone()),
        (&operator, input.clone()),
    ] {
        let refused = caller.operator("FindKeys", input.clone()).await;
        assert_eq!(code(&refused), "InvalidMarkerException", "{input}");
    }
}

/// A page that finds nothing among many keys ends, too, and says where to go on.
#[tokio::test]
async fn a_request_looks_at_a_bounded_number_of_keys() {
    use kagiban_storage::{Batch, Engine};

    let scene = Scene::new().await;
    let client = scene.client();
    let last = key(&client, json!({"Description": "the one"})).await;
    // The row of that key, five thousand times under smaller ids, as if CreateKey had been called.
    let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{last}");
    let body = with(&scene.key_row(&arn).await, json!({"description": "another", "state": "Disabled"}));
    let row_key = |id: &str| format!("key\0{REGION}\0{ACCOUNT}\0{id}\0").into_bytes();
    let value = [&[4][..], body.to_string().as_bytes()].concat();
    for chunk in 0..50 {
        let ids = (chunk * 100..chunk * 100 + 100).map(|number| format!("00000000-0000-4000-8000-{number:012x}"));
        let batch = ids.fold(Batch::new(), |batch, id| batch.put(row_key(&id), value.clone()));
        scene.engine.commit(batch).await.unwrap();
    }
    let filters = json!({"DescriptionContains": ["the one"]});
    let pages = pages(&client, &filters, 100).await;
    assert_eq!(pages, [vec![], vec![last.clone()]]);
    // Keys that are named are not looked for among the others.
    assert_eq!(found(&client, &json!({"KeyIds": [last]})).await, [last]);
}

#[tokio::test]
async fn everybody_finds_keys_of_the_own_account() {
    let scene = Scene::new().await;
    let (world, client) = (&scene.world, scene.client());
    let mine = key_id_of(&create_key(&client).await).to_owned();
    let finder = client.user("finder", &allowing(&json!("kagiban:FindKeys"))).await;
    let other = client.user("other", &allowing(&json!("kms:*"))).await;
    let operator = world.client(MANAGEMENT, REGION);
    let delegate = operator.user("delegate", &allowing(&json!("kagiban:FindKeys"))).await;
    for (caller, account, expected) in [
        (&client, Value::Null, Some(vec![mine.clone()])),
        (&finder, Value::Null, Some(vec![mine.clone()])),
        (&finder, json!(ACCOUNT), Some(vec![mine.clone()])),
        (&finder, json!(OTHER_ACCOUNT), None),
        (&client, json!(MANAGEMENT), None),
        (&other, Value::Null, None),
        (&operator, json!(ACCOUNT), Some(vec![mine.clone()])),
        (&delegate, json!(ACCOUNT), Some(vec![mine])),
        (&operator, Value::Null, Some(vec![])),
    ] {
        let input = if account.is_null() { json!({}) } else { json!({"AccountId": account}) };
        let answered = ask(world, caller, "FindKeys", input).await;
        let Some(expected) = expected else {
            assert_eq!(code(&answered), "AccessDeniedException", "{account}");
            continue;
        };
        let keys = answered.unwrap()["Keys"].as_array().unwrap().clone();
        let ids: Vec<_> = keys.iter().map(|key| text(&key["KeyMetadata"]["KeyId"])).collect();
        assert_eq!(ids, expected, "{account}");
    }
}

#[tokio::test]
async fn what_is_no_filter_is_refused_by_name() {
    let scene = Scene::new().await;
    let client = scene.client();
    let many: Vec<_> = (0..101).map(|number| format!("alias/{number}")).collect();
    for (filters, part) in [
        (json!({"KeyStates": []}), "KeyStates must have 1 to 100 values"),
        (json!({"KeyStates": ["enabled"]}), "KeyStates must be"),
        (json!({"KeySpecs": ["AES"]}), "KeySpecs must be"),
        (json!({"KeyUsages": ["SIGN"]}), "KeyUsages must be"),
        (json!({"Origins": ["aws"]}), "Origins must be"),
        (json!({"KeyManagers": ["ME"]}), "KeyManagers must be AWS or CUSTOMER"),
        (json!({"MultiRegion": ["true"]}), "MultiRegion must be"),
        (json!({"Rotation": ["LATE"]}), "Rotation must be ON, OFF or OVERDUE"),
        (json!({"Aliases": many}), "Aliases must have 1 to 100 values"),
        (json!({"Aliases": ["main"]}), "Aliases must be"),
        (json!({"Aliases": ["*"]}), "Aliases must be"),
        (json!({"Aliases": ["alias/a*b"]}), "Aliases must be"),
        (json!({"KeyIds": ["alias/main"]}), "KeyIds must be"),
        (json!({"KeyIds": [format!("arn:aws:kms:{REGION}:{OTHER_ACCOUNT}:key/{NO_KEY}")]}), "KeyIds must be"),
        (json!({"DescriptionContains": [""]}), "DescriptionContains must be"),
        (json!({"CreatedAfter": -1}), "CreatedAfter must be"),
        (json!({"CreatedBefore": 1e300}), "CreatedBefore must be"),
        (json!({"UnusedForDays": 36_501}), "UnusedForDays must be"),
        (json!({"UnusedForDays": -1}), "u32"),
        (json!({"Tags": [{"TagValues": ["x"]}]}), "TagKey"),
        (json!({"Tags": vec![json!({"TagKey": "x"}); 101]}), "Tags must have"),
        (json!({"Colour": ["red"]}), "Colour"),
        (json!({"Tags": [["team", []]]}), "an object"),
        (json!([]), "an object"),
    ] {
        let answered = client.operator("FindKeys", json!({"Filters": filters})).await;
        assert_eq!(code(&answered), "ValidationException", "{filters}");
        let message = answered.unwrap_err().message;
        assert!(message.contains(part), "{filters}: {message}");
    }
}
