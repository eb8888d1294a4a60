//! Key policies: the one that a key gets when none is given, texts that come back letter by letter, and what is no policy.

use kagiban_testkit::Client;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, Scene, assert_refused, create_key, refusal, text, violation, with};

/// What GetKeyPolicy gives.
async fn policy_of(client: &Client<'_>, key: &str) -> String {
    let answer = client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap();
    assert_eq!(answer, json!({"Policy": answer["Policy"], "PolicyName": "default"}));
    text(&answer["Policy"])
}

/// A policy with one statement, of which these members are replaced (null takes one away).
fn policy(changes: Value) -> String {
    let statement = json!({
        "Sid": "all", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*", "Resource": "*",
    });
    let mut statement = with(&statement, changes);
    statement.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

#[tokio::test]
async fn a_key_made_without_a_policy_has_exactly_this_one() {
    for (region, partition) in [(REGION, "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")] {
        let scene = Scene::new().await;
        let client = scene.world.client(ACCOUNT, region);
        let key = create_key(&client).await;
        let expected = format!(
            "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \"Sid\" : \
             \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : \
             \"arn:{partition}:iam::{ACCOUNT}:root\"\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  \
             }} ]\n}}"
        );
        assert_eq!(policy_of(&client, &key).await, expected);
    }
}

#[tokio::test]
async fn policies_come_back_letter_by_letter() {
    let scene = Scene::new().await;
    let client = scene.client();
    let plain = policy(json!({}));
    for policy in [
        plain.clone(),
        format!(" \t\r\n{plain}\n\n"),
        plain
            .replace(':', " : ")
            .replace("kms : *", "kms:*")
            .replace("arn : aws : iam :  : ", "arn:aws:iam::")
            .replace(" : root", ":root"),
        plain.replace("\"all\"", "\"a\\u006cl \\\"quoted\\\" \\\\ größe ÿ\""),
        policy(json!({"Sid": null})),
        policy(json!({"Principal": "*"})),
        policy(json!({"Condition": {"StringNotEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"]}}})),
    ] {
        let key = create_key(&client).await;
        client.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
        assert_eq!(policy_of(&client, &key).await, policy);
        let made = client.call("CreateKey", json!({"Policy": policy})).await.unwrap();
        assert_eq!(policy_of(&client, &text(&made["KeyMetadata"]["KeyId"])).await, policy);
    }
}

#[tokio::test]
async fn each_key_has_its_own_policy() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (one, other) = (create_key(&client).await, create_key(&client).await);
    let default = policy_of(&client, &one).await;
    let new = policy(json!({}));
    assert_eq!(client.call("PutKeyPolicy", json!({"KeyId": one, "Policy": new})).await, Ok(json!({})));
    assert_eq!(policy_of(&client, &one).await, new);
    assert_eq!(policy_of(&client, &other).await, default);
    client.call("PutKeyPolicy", json!({"KeyId": one, "Policy": default, "PolicyName": "default"})).await.unwrap();
    assert_eq!(policy_of(&client, &one).await, default);
}

#[tokio::test]
async fn what_is_no_policy_is_refused_and_the_old_one_stays() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let before = policy_of(&client, &key).await;
    let principals = "Policy contains a statement with one or more invalid principals. ";
    let mut table = Vec::new();
    for (policy, message) in [
        // No JSON at all: no text, as AWS has it.
        ("no JSON".to_owned(), String::new()),
        ("{".to_owned(), String::new()),
        (format!("{}x", policy(json!({}))), String::new()),
        (policy(json!({})).replace('"', "'"), String::new()),
        ("[]".to_owned(), "the element must be an object".to_owned()),
        ("{}".to_owned(), "the element Statement is missing".to_owned()),
        (r#"{"Statement": []}"#.to_owned(), "the element must not be empty, at Statement".to_owned()),
        (
            policy(json!({"Effect": "allow"})),
            "Effect must be Allow or Deny, at Statement[0].Effect (Sid \"all\")".to_owned(),
        ),
        (policy(json!({"Effect": null})), "the element Effect is missing, at Statement[0] (Sid \"all\")".to_owned()),
        (
            policy(json!({"Principal": null})),
            "the element Principal is missing, at Statement[0] (Sid \"all\")".to_owned(),
        ),
        (
            policy(json!({"Principal": {"AWS": "nobody"}})),
            format!("{principals}not a valid principal, at Statement[0].Principal.AWS (Sid \"all\")"),
        ),
        (
            policy(json!({"Principal": {"AWS": [ACCOUNT, "arn:aws:iam::111122223333:group/g"]}})),
            format!("{principals}a group cannot be a principal, at Statement[0].Principal.AWS[1] (Sid \"all\")"),
        ),
        (
            policy(json!({"Action": "Encrypt"})),
            "an action must be * or have the form service:name, at Statement[0].Action (Sid \"all\")".to_owned(),
        ),
        (
            policy(json!({"Sid": "two", "Sids": "x"})),
            "the element is unknown, at Statement[0].Sids (Sid \"two\")".to_owned(),
        ),
        (
            policy(json!({})).replace("2012-10-17", "2012-10-18"),
            "Version must be 2012-10-17 or 2008-10-17, at Version".to_owned(),
        ),
    ] {
        let code = "MalformedPolicyDocumentException";
        table.push(refusal("CreateKey", json!({"Policy": policy}), code, &*message));
        table.push(refusal("PutKeyPolicy", json!({"KeyId": key, "Policy": policy}), code, message));
    }
    assert_refused(&scene, &client, table).await;
    assert_eq!(policy_of(&client, &key).await, before);
}

/// A policy of this many bytes.
fn padded(len: usize) -> String {
    let policy = policy(json!({}));
    format!("{policy}{}", " ".repeat(len - policy.len()))
}

/// A policy of this many bytes, of which the padding takes two for each character.
fn padded_with_umlauts(len: usize) -> String {
    let room = len - policy(json!({"Sid": ""})).len();
    format!("{}{}", policy(json!({"Sid": "ü".repeat(room / 2)})), " ".repeat(room % 2))
}

#[tokio::test]
async fn policies_have_32768_bytes_at_most() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    for policy in [padded(32_768), padded_with_umlauts(32_768)] {
        assert_eq!(policy.len(), 32_768);
        client.call("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})).await.unwrap();
        assert_eq!(policy_of(&client, &key).await, policy);
        client.call("CreateKey", json!({"Policy": policy})).await.unwrap();
    }
    let limit = |len: usize| format!("The key policy document is {len} bytes long; the limit is 32768 bytes.");
    let too_long = violation(&format!(
        "Value '{}...' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 131072",
        &padded(131_073)[..1024]
    ));
    let pattern = violation(
        "Value '鍵' at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: \
         [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    );
    let mut table = Vec::new();
    for (policy, code, message) in [
        (padded(32_769), "LimitExceededException", limit(32_769)),
        (padded_with_umlauts(32_769), "LimitExceededException", limit(32_769)),
        ("no JSON".repeat(5_000), "LimitExceededException", limit(35_000)),
        (padded(131_072), "LimitExceededException", limit(131_072)),
        (padded(131_073), "ValidationException", too_long),
        ("鍵".to_owned(), "ValidationException", pattern),
    ] {
        table.push(refusal("PutKeyPolicy", json!({"KeyId": key, "Policy": policy}), code, &*message));
        table.push(refusal("CreateKey", json!({"Policy": policy}), code, message));
    }
    assert_refused(&scene, &client, table).await;
}

#[tokio::test]
async fn the_policy_is_called_default_and_nothing_else() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let document = policy(json!({}));
    for name in [json!("default"), Value::Null] {
        let input = json!({"KeyId": key, "PolicyName": name, "Policy": document});
        client.call("PutKeyPolicy", input.clone()).await.unwrap();
        assert_eq!(client.call("GetKeyPolicy", input).await.unwrap()["Policy"], document.as_str(), "{name}");
    }
    let unknown = ("NotFoundException", "No such policy exists".to_owned());
    let by_ram = ("ValidationException", "The AWS_RAM policy can only be managed by the RAM service".to_owned());
    let pattern = |name: &str| {
        let text = violation(&format!(
            "Value '{name}' at 'policyName' failed to satisfy constraint: Member must satisfy regular expression \
             pattern: [\\w]+"
        ));
        ("ValidationException", text)
    };
    let mut table = Vec::new();
    for (name, on_get, on_put) in [
        ("AWS_RAM", unknown.clone(), by_ram),
        ("Default", unknown.clone(), unknown.clone()),
        ("other", unknown.clone(), unknown.clone()),
        ("a b", pattern("a b"), pattern("a b")),
        ("a-b", pattern("a-b"), pattern("a-b")),
    ] {
        let input = json!({"KeyId": key, "PolicyName": name, "Policy": document});
        table.push(refusal("GetKeyPolicy", input.clone(), on_get.0, on_get.1));
        table.push(refusal("PutKeyPolicy", input, on_put.0, on_put.1));
    }
    assert_refused(&scene, &client, table).await;
    let listed = client.call("ListKeyPolicies", json!({"KeyId": key})).await.unwrap();
    assert_eq!(listed, json!({"PolicyNames": ["default"], "Truncated": false}));
}
