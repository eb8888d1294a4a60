//! Tags: added, overwritten, removed; what they may be and how many.

use kagiban_testkit::Client;
use serde_json::{Value, json};

use crate::support::{Refusal, Scene, assert_refused, create_key, refusal, violation};

fn tag(key: &str, value: &str) -> Value {
    json!({"TagKey": key, "TagValue": value})
}

/// Tags called `PREFIX-00` and so on.
fn tags(prefix: &str, count: usize) -> Vec<Value> {
    (0..count).map(|n| tag(&format!("{prefix}-{n:02}"), "v")).collect()
}

async fn add(client: &Client<'_>, key: &str, tags: &[Value]) {
    let answer = client.call("TagResource", json!({"KeyId": key, "Tags": tags})).await;
    assert_eq!(answer, Ok(json!({})));
}

async fn remove(client: &Client<'_>, key: &str, tag_keys: &[&str]) {
    let answer = client.call("UntagResource", json!({"KeyId": key, "TagKeys": tag_keys})).await;
    assert_eq!(answer, Ok(json!({})));
}

async fn assert_tags(client: &Client<'_>, key: &str, expected: &[Value]) {
    let listed = client.call("ListResourceTags", json!({"KeyId": key})).await.unwrap();
    assert_eq!(listed, json!({"Tags": expected, "Truncated": false}));
}

#[tokio::test]
async fn tags_are_added_overwritten_and_removed() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    assert_tags(&client, &key, &[]).await;
    add(&client, &key, &[tag("b", "1"), tag("a", "2")]).await;
    assert_tags(&client, &key, &[tag("a", "2"), tag("b", "1")]).await;
    add(&client, &key, &[tag("b", "3"), tag("c", "")]).await;
    assert_tags(&client, &key, &[tag("a", "2"), tag("b", "3"), tag("c", "")]).await;
    remove(&client, &key, &["b", "never there", "b"]).await;
    assert_tags(&client, &key, &[tag("a", "2"), tag("c", "")]).await;
    add(&client, &key, &[]).await;
    remove(&client, &key, &[]).await;
    assert_tags(&client, &key, &[tag("a", "2"), tag("c", "")]).await;
    remove(&client, &key, &["a", "c"]).await;
    assert_tags(&client, &key, &[]).await;
    assert_tags(&client, &other, &[]).await;
}

#[tokio::test]
async fn keys_and_values_are_case_sensitive_and_kept_letter_by_letter() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let mut all = vec![
        tag("Name", "Value"),
        tag("NAME", "VALUE"),
        tag("name", "value"),
        tag(" ", " "),
        tag("_.:/=+-@", "_.:/=+-@"),
        tag("a b c", ""),
        tag("größe", "鍵 Ω 9"),
        tag("awsome", "aws:this is a value"),
        tag(&"k".repeat(128), &"v".repeat(256)),
        tag(&"鍵".repeat(128), &"鍵".repeat(256)),
    ];
    add(&client, &key, &all).await;
    all.sort_by_key(|tag| tag["TagKey"].as_str().unwrap().to_owned());
    assert_tags(&client, &key, &all).await;
    remove(&client, &key, &["NAME", " "]).await;
    all.retain(|tag| tag["TagKey"] != "NAME" && tag["TagKey"] != " ");
    assert_tags(&client, &key, &all).await;
}

#[tokio::test]
async fn a_key_has_fifty_tags_at_most() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    add(&client, &key, &tags("one", 50)).await;
    let request = |tags: Vec<Value>, code, message: &str| {
        refusal("TagResource", json!({"KeyId": key, "Tags": tags}), code, message)
    };
    let limit = "LimitExceededException";
    let table = vec![
        request(tags("new", 1), limit, "Tags per key quota is 50, the request would make it 51."),
        request(tags("new", 50), limit, "Tags per key quota is 50, the request would make it 100."),
        // More than could ever be, in one request: that request is bad by itself.
        request(tags("one", 51), "TagException", "Too many tags: a KMS key can have 50, the request has 51."),
        request(tags("new", 200), "TagException", "Too many tags: a KMS key can have 50, the request has 200."),
    ];
    assert_refused(&scene, &client, table).await;
    // What overwrites takes no place.
    let overwritten: Vec<Value> = (0..50).map(|n| tag(&format!("one-{n:02}"), "w")).collect();
    add(&client, &key, &overwritten).await;
    assert_tags(&client, &key, &overwritten).await;
    remove(&client, &key, &["one-00", "one-01"]).await;
    let twins = [tag("new", "1"), tag("new", "2")];
    let twice =
        refusal("TagResource", json!({"KeyId": key, "Tags": twins}), "TagException", "Duplicate tag keys found: new");
    assert_refused(&scene, &client, vec![twice]).await;
    add(&client, &key, &tags("two", 2)).await;
    let full = request(tags("new", 1), limit, "Tags per key quota is 50, the request would make it 51.");
    assert_refused(&scene, &client, vec![full]).await;
}

/// What no tag may be, and what is said of it.
fn bad_tags() -> Vec<(Vec<Value>, &'static str, String)> {
    let mut table = Vec::new();
    for key in ["aws:x", "aws:", "AWS:x", "Aws:cloudformation:stack"] {
        let text = format!("Tag keys that begin with aws: are reserved: {key}");
        table.push((vec![tag(key, "v")], "TagException", text));
    }
    for bad in ["<", "a\"b", "a;b", "a\\b", "a{b", "%", "*", "#", "a\nb", "a\tb", "\u{0}", "🔑", "a\u{200d}b"] {
        table.push((vec![tag(bad, "v")], "TagException", format!("Invalid tag: {bad}")));
        table.push((vec![tag("fine", "v"), tag("bad", bad)], "TagException", "Invalid tag: bad".to_owned()));
    }
    let twice = vec![tag("a", "1"), tag("b", "2"), tag("a", "1")];
    table.push((twice, "TagException", "Duplicate tag keys found: a".to_owned()));
    let at = |at: &str, what: &str| format!("at 'tags.1.member.{at}' failed to satisfy constraint: Member must {what}");
    let (long_key, long_value) = ("k".repeat(129), "v".repeat(257));
    table.push((
        vec![tag("", "v")],
        "ValidationException",
        violation(&format!("Value '' {}", at("tagKey", "have length greater than or equal to 1"))),
    ));
    table.push((
        vec![tag(&long_key, "v")],
        "ValidationException",
        violation(&format!("Value '{long_key}' {}", at("tagKey", "have length less than or equal to 128"))),
    ));
    table.push((
        vec![tag("k", &long_value)],
        "ValidationException",
        violation(&format!("Value '{long_value}' {}", at("tagValue", "have length less than or equal to 256"))),
    ));
    table
}

#[tokio::test]
async fn bad_tags_are_refused_by_both_operations_that_take_them() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let mut table: Vec<Refusal> = Vec::new();
    for (tags, code, message) in bad_tags() {
        table.push(refusal("TagResource", json!({"KeyId": key, "Tags": tags}), code, message.clone()));
        table.push(refusal("CreateKey", json!({"Tags": tags}), code, message));
    }
    let many = "Too many tags: a KMS key can have 50, the request has 51.";
    table.push(refusal("CreateKey", json!({"Tags": tags("x", 51)}), "TagException", many));
    assert_refused(&scene, &client, table).await;
    assert_tags(&client, &key, &[]).await;
}

#[tokio::test]
async fn removing_takes_the_models_lengths_only() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let long = "k".repeat(129);
    let both = "Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have \
                length greater than or equal to 1]";
    let list = |shown: &str| violation(&format!("Value '[{shown}]' at 'tagKeys' failed to satisfy constraint: {both}"));
    let table = vec![
        refusal("UntagResource", json!({"KeyId": key, "TagKeys": [""]}), "ValidationException", list("")),
        refusal("UntagResource", json!({"KeyId": key, "TagKeys": ["a", long]}), "ValidationException", {
            list(&format!("a, {long}"))
        }),
        refusal(
            "UntagResource",
            json!({"KeyId": key}),
            "ValidationException",
            violation("Value null at 'tagKeys' failed to satisfy constraint: Member must not be null"),
        ),
    ];
    assert_refused(&scene, &client, table).await;
    // A key that no tag can have is absent like any other.
    remove(&client, &key, &["aws:x", "<>", "a\nb"]).await;
}
