//! What goes over the wire: targets, bodies that are no input, and the bytes of answers.

use bytes::Bytes;
use http::Request;
use http::header::HeaderValue;
use kagiban_api::Operation;
use kagiban_base::time::Clock;
use kagiban_service::{NOT_OFFERED_YET, RawResponse};
use serde_json::json;

use crate::support::{HI, NO_KEY, Scene, aws_error, create_key, key_id_of};

const JSON: &str = "application/x-amz-json-1.1";

fn shown(response: &RawResponse) -> (u16, &'static str, &str) {
    (response.status.as_u16(), response.content_type, std::str::from_utf8(&response.body).unwrap())
}

async fn send(scene: &Scene, target: &str, body: impl Into<Bytes>) -> RawResponse {
    scene.world.send(scene.client().signed(target, body.into())).await
}

/// Signs a request whose headers the test has changed.
fn signed_again(scene: &Scene, mut request: Request<Bytes>) -> Request<Bytes> {
    scene.client().signer.sign(&mut request, scene.world.clock.now()).unwrap();
    request
}

#[tokio::test]
async fn unknown_targets_are_answered_in_our_protocol() {
    let scene = Scene::new().await;
    for target in [
        "",
        "TrentService",
        "TrentService.",
        "TrentService.Encrpyt",
        "TrentService.encrypt",
        "trentservice.Encrypt",
        "TrentService.Encrypt.Decrypt",
        "DynamoDB_20120810.ListTables",
        "Encrypt",
    ] {
        let response = send(&scene, target, "{}").await;
        assert_eq!(shown(&response), (400, JSON, r#"{"__type":"UnknownOperationException"}"#), "{target}");
    }
    // Two targets are no target either: a proxy might read the other one.
    for (first, second) in [("ListKeys", "ListKeys"), ("ListKeys", "CreateKey")] {
        let mut request = scene.client().signed(&format!("TrentService.{first}"), Bytes::from_static(b"{}"));
        let second = HeaderValue::from_str(&format!("TrentService.{second}")).unwrap();
        request.headers_mut().append("x-amz-target", second);
        let response = scene.world.send(signed_again(&scene, request)).await;
        assert_eq!(shown(&response), (400, JSON, r#"{"__type":"UnknownOperationException"}"#));
    }
}

#[tokio::test]
async fn a_request_without_target_is_of_another_protocol() {
    let scene = Scene::new().await;
    let mut request = scene.client().signed("TrentService.ListKeys", Bytes::from_static(b"{}"));
    request.headers_mut().remove("x-amz-target");
    let response = scene.world.send(signed_again(&scene, request)).await;
    assert_eq!(shown(&response), (404, "application/xml", "<UnknownOperationException/>"));
}

#[tokio::test]
async fn operations_that_come_later_say_so_whatever_they_are_asked() {
    let scene = Scene::new().await;
    let client = scene.client();
    let before = scene.revision().await;
    for operation in NOT_OFFERED_YET.map(Operation::name) {
        let text = format!("The operation {operation} is not offered by this version of Kagiban yet.");
        let expected = Err(aws_error("UnsupportedOperationException", &text));
        for body in ["{}", "", "no JSON", r#"{"KeyId": 1}"#] {
            assert_eq!(client.call_bytes(operation, Bytes::from(body)).await, expected, "{operation} {body}");
        }
    }
    assert_eq!(scene.revision().await, before);
}

#[tokio::test]
async fn operations_without_output_answer_with_an_empty_body() {
    let scene = Scene::new().await;
    let client = scene.client();
    let (key, other) = (create_key(&client).await, create_key(&client).await);
    let policy = client.call("GetKeyPolicy", json!({"KeyId": key})).await.unwrap()["Policy"].clone();
    for (operation, input) in [
        ("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key})),
        ("UpdateAlias", json!({"AliasName": "alias/a", "TargetKeyId": other})),
        ("DeleteAlias", json!({"AliasName": "alias/a"})),
        ("DisableKey", json!({"KeyId": key})),
        ("EnableKey", json!({"KeyId": key})),
        ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})),
        ("TagResource", json!({"KeyId": key, "Tags": []})),
        ("UntagResource", json!({"KeyId": key, "TagKeys": []})),
        ("UpdateKeyDescription", json!({"KeyId": key, "Description": ""})),
    ] {
        let response = send(&scene, &format!("TrentService.{operation}"), input.to_string()).await;
        assert_eq!(shown(&response), (200, JSON, ""), "{operation}");
    }
}

#[tokio::test]
async fn answers_are_these_bytes() {
    let scene = Scene::new().await;
    let client = scene.client();
    assert_eq!(
        shown(&send(&scene, "TrentService.ListKeys", "{}").await),
        (200, JSON, r#"{"Keys":[],"Truncated":false}"#)
    );
    scene.world.clock.move_by_ms(50);
    let key = create_key(&client).await;
    client.call("CreateAlias", json!({"AliasName": "alias/a", "TargetKeyId": key})).await.unwrap();
    let id = key_id_of(&key);
    let dates = r#""CreationDate":1795262400.050,"LastUpdatedDate":1795262400.050"#;
    let entry = format!(
        r#"{{"AliasName":"alias/a","AliasArn":"arn:aws:kms:us-east-1:111122223333:alias/a","TargetKeyId":"{id}",{dates}}}"#
    );
    let expected = format!(r#"{{"Aliases":[{entry}],"Truncated":false}}"#);
    let answer = send(&scene, "TrentService.ListAliases", "{}").await;
    assert_eq!(shown(&answer), (200, JSON, expected.as_str()));
    let description = json!({"KeyId": key, "Description": "a \"b\"\\\n\u{1}ü"}).to_string();
    send(&scene, "TrentService.UpdateKeyDescription", description).await;
    let answer = send(&scene, "TrentService.DescribeKey", json!({"KeyId": key}).to_string()).await;
    assert!(shown(&answer).2.contains(r#""Description":"a \"b\"\\\n\u0001ü","#), "{}", shown(&answer).2);
}

#[tokio::test]
async fn errors_carry_their_type_and_their_text_if_they_have_one() {
    let scene = Scene::new().await;
    let arn = format!("arn:aws:kms:us-east-1:444455556666:key/{NO_KEY}");
    for (target, body, expected) in [
        (
            "TrentService.DescribeKey",
            r#"{"KeyId": "a\"b"}"#.to_owned(),
            r#"{"__type":"NotFoundException","message":"Invalid keyId 'a\"b'"}"#.to_owned(),
        ),
        (
            "TrentService.Decrypt",
            r#"{"CiphertextBlob": "AAAA"}"#.to_owned(),
            r#"{"__type":"InvalidCiphertextException"}"#.to_owned(),
        ),
        (
            "TrentService.DisableKey",
            format!(r#"{{"KeyId": "{arn}"}}"#),
            concat!(
                r#"{"__type":"AccessDeniedException","Message":"User: arn:aws:iam::111122223333:root is not authorized "#,
                "to perform: kms:DisableKey on this resource because the resource does not exist in this Region, no ",
                r#"resource-based policies allow access, or a resource-based policy explicitly denies access"}"#
            )
            .to_owned(),
        ),
    ] {
        assert_eq!(shown(&send(&scene, target, body).await), (400, JSON, expected.as_str()), "{target}");
    }
}

/// Bodies that are no input at all, and what is said of them.
fn broken_bodies() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = |depth: usize| [r#"{"X":"#.repeat(depth), "}".repeat(depth)].concat().into_bytes();
    vec![
        ("DescribeKey", b"hello".to_vec(), "Unexpected token at offset 0"),
        ("DescribeKey", b"{".to_vec(), "Unexpected end of input at offset 1"),
        ("DescribeKey", b"{}{}".to_vec(), "Unexpected token at offset 2"),
        ("DescribeKey", b"{} x".to_vec(), "Unexpected token at offset 3"),
        ("DescribeKey", b"[]".to_vec(), "Start of list found where not expected"),
        ("DescribeKey", b"null".to_vec(), "NULL_VALUE can not be converted to a Structure"),
        ("DescribeKey", b"\"{}\"".to_vec(), "STRING_VALUE can not be converted to a Structure"),
        ("DescribeKey", b"1".to_vec(), "NUMBER_VALUE can not be converted to a Structure"),
        ("DescribeKey", b"{\"KeyId\": \"\xff\"}".to_vec(), "Invalid UTF-8"),
        ("DescribeKey", b"{'KeyId': 'a'}".to_vec(), "Unexpected token at offset 1"),
        ("DescribeKey", br#"{"KeyId": "a",}"#.to_vec(), "Unexpected token at offset 14"),
        ("DescribeKey", b"{\"KeyId\": \"a\nb\"}".to_vec(), "Unexpected token at offset 10 at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": "\ud800"}"#.to_vec(), "Unexpected token at offset 10 at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": "a", "KeyId": "a"}"#.to_vec(), "Duplicate member at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": null, "KeyId": "a"}"#.to_vec(), "Duplicate member at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": "a", "Key\u0049d": "b"}"#.to_vec(), "Duplicate member at 'keyId'"),
        (
            "Encrypt",
            br#"{"EncryptionContext": {"k": "1", "k": "1"}}"#.to_vec(),
            "Duplicate member at 'encryptionContext.k'",
        ),
        ("DescribeKey", br#"{"KeyId": 1}"#.to_vec(), "NUMBER_VALUE can not be converted to a String at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": true}"#.to_vec(), "TRUE_VALUE can not be converted to a String at 'keyId'"),
        ("DescribeKey", br#"{"KeyId": ["a"]}"#.to_vec(), "Start of list found where not expected at 'keyId'"),
        (
            "DescribeKey",
            br#"{"KeyId": {"a": 1}}"#.to_vec(),
            "Start of structure or map found where not expected at 'keyId'",
        ),
        ("ListKeys", br#"{"Limit": "5"}"#.to_vec(), "STRING_VALUE can not be converted to an Integer at 'limit'"),
        ("ListKeys", br#"{"Limit": 1.5}"#.to_vec(), "NUMBER_VALUE can not be converted to an Integer at 'limit'"),
        ("ListKeys", br#"{"Limit": 1e2}"#.to_vec(), "NUMBER_VALUE can not be converted to an Integer at 'limit'"),
        ("ListKeys", br#"{"Limit": 2147483648}"#.to_vec(), {
            "NUMBER_VALUE can not be converted to an Integer at 'limit'"
        }),
        ("ListKeys", br#"{"Limit": 01}"#.to_vec(), "Unexpected token at offset 11"),
        ("CreateKey", br#"{"MultiRegion": "false"}"#.to_vec(), {
            "STRING_VALUE can not be converted to a Boolean at 'multiRegion'"
        }),
        ("CreateKey", br#"{"Tags": {}}"#.to_vec(), { "Start of structure or map found where not expected at 'tags'" }),
        ("CreateKey", br#"{"Tags": ["a"]}"#.to_vec(), {
            "STRING_VALUE can not be converted to a Structure at 'tags.1.member'"
        }),
        ("Encrypt", br#"{"EncryptionContext": {"k": 1}}"#.to_vec(), {
            "NUMBER_VALUE can not be converted to a String at 'encryptionContext.k'"
        }),
        ("Encrypt", br#"{"EncryptionContext": ["k"]}"#.to_vec(), {
            "Start of list found where not expected at 'encryptionContext'"
        }),
        ("Encrypt", br#"{"Plaintext": "aGk"}"#.to_vec(), "Invalid base64 at 'plaintext'"),
        ("Encrypt", br#"{"Plaintext": "a-_="}"#.to_vec(), "Invalid base64 at 'plaintext'"),
        ("Encrypt", br#"{"Plaintext": "aG k="}"#.to_vec(), "Invalid base64 at 'plaintext'"),
        ("Decrypt", br#"{"CiphertextBlob": "!"}"#.to_vec(), "Invalid base64 at 'ciphertextBlob'"),
        ("ListKeys", deep(33), "Nesting is too deep"),
        ("ListKeys", [vec![b'['; 500_000], vec![b']'; 500_000]].concat(), "Start of list found where not expected"),
        ("ListKeys", [&br#"{"X":"#[..], &vec![b'['; 500_000]].concat(), "Nesting is too deep"),
    ]
}

#[tokio::test]
async fn bodies_that_are_no_input_are_refused_where_they_break() {
    let scene = Scene::new().await;
    let client = scene.client();
    let before = scene.revision().await;
    for (operation, body, text) in broken_bodies() {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let answer = client.call_bytes(operation, Bytes::from(body)).await;
        assert_eq!(answer, Err(aws_error("SerializationException", text)), "{operation} {shown}");
    }
    assert_eq!(scene.revision().await, before);
}

#[tokio::test]
async fn what_is_unusual_and_yet_an_input_is_taken() {
    let scene = Scene::new().await;
    let client = scene.client();
    let key = create_key(&client).await;
    let deep = [r#"{"X":"#.repeat(31), "{}".to_owned(), "}".repeat(31)].concat();
    for (operation, body) in [
        ("ListKeys", String::new()),
        ("ListKeys", " \r\n\t{ } \n".to_owned()),
        ("ListKeys", r#"{"limit": "not a member: names are case-sensitive"}"#.to_owned()),
        ("ListKeys", r#"{"Limit": null, "Marker": null}"#.to_owned()),
        ("ListKeys", r#"{"Limit": 1000}"#.to_owned()),
        ("ListKeys", r#"{"Unknown": [1, -2.5e-3, {"a": [null, true]}, "\ud83d\udd11"]}"#.to_owned()),
        ("ListKeys", deep),
        ("DescribeKey", format!(r#"{{"Key\u0049d": "{}"}}"#, key.replace('a', "\\u0061"))),
        ("Encrypt", format!(r#"{{"Plaintext": "{}", "KeyId": "{key}"}}"#, HI.replace('=', "\\u003d"))),
    ] {
        let answer = client.call_bytes(operation, Bytes::from(body.clone())).await;
        assert!(answer.is_ok(), "{operation} {body}: {answer:?}");
    }
    // An empty body is an input without members.
    let error = client.call_bytes("DescribeKey", Bytes::new()).await;
    let text =
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null";
    assert_eq!(error, Err(aws_error("ValidationException", text)));
}

/// The same input however its text is written.
#[tokio::test]
async fn the_text_of_a_body_does_not_matter_its_members_do() {
    let scene = Scene::new().await;
    let client = scene.client();
    let mut answers = Vec::new();
    for body in [r#"{"Limit":1,"Marker":null}"#, "{ \"Marker\" : null ,\n\"Limit\":\t1 }", r#"{"\u004cimit":1}"#] {
        answers.push(client.call_bytes("ListKeys", Bytes::from(body)).await.unwrap());
    }
    assert_eq!(answers, vec![json!({"Keys": [], "Truncated": false}); 3]);
}
