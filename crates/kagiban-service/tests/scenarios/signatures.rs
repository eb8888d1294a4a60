//! Signatures: each way to sign wrongly has its error and its text, and nothing gets past it.

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use kagiban_base::secret::SecretBytes;
use kagiban_service::RawResponse;
use kagiban_testkit::AwsError;
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Scene, aws_error};

/// A request that writes, rightly signed.
fn signed(scene: &Scene) -> Request<Bytes> {
    scene.client().signed("TrentService.CreateKey", Bytes::from_static(b"{}"))
}

fn error_of(response: &RawResponse) -> AwsError {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    AwsError {
        status: response.status.as_u16(),
        code: body["__type"].as_str().unwrap_or_else(|| panic!("no error: {body}")).to_owned(),
        message: body["message"].as_str().unwrap_or_default().to_owned(),
    }
}

/// The request is refused with this error, and wrote nothing.
async fn assert_refused(scene: &Scene, request: Request<Bytes>, code: &str, message: &str) {
    let before = scene.revision().await;
    let response = scene.world.send(request).await;
    assert_eq!(error_of(&response), aws_error(code, message));
    assert_eq!(scene.revision().await, before, "{code} {message}");
}

/// The request with a part of its Authorization header replaced.
fn with_authorization(mut request: Request<Bytes>, from: &str, to: &str) -> Request<Bytes> {
    let header = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    assert!(header.contains(from), "{from} is not in {header}");
    let header = HeaderValue::from_str(&header.replace(from, to)).unwrap();
    request.headers_mut().insert(AUTHORIZATION, header);
    request
}

fn with_header(mut request: Request<Bytes>, name: &'static str, value: &'static str) -> Request<Bytes> {
    request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    request
}

const INVALID: &str = "InvalidSignatureException";
const INCOMPLETE: &str = "IncompleteSignatureException";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";
const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

#[tokio::test]
async fn a_right_signature_gets_through() {
    let scene = Scene::new().await;
    let before = scene.revision().await;
    assert_eq!(scene.world.send(signed(&scene)).await.status, 200);
    assert_eq!(scene.revision().await, before.next());
}

#[tokio::test]
async fn no_signature_at_all_is_said_as_such() {
    let scene = Scene::new().await;
    let mut request = signed(&scene);
    request.headers_mut().remove(AUTHORIZATION);
    assert_refused(&scene, request, "MissingAuthenticationTokenException", "Missing Authentication Token").await;
}

#[tokio::test]
async fn unknown_access_keys_and_session_tokens_are_answered_alike() {
    let scene = Scene::new().await;
    for access_key_id in ["AKIAIOSFODNN7EXAMPLE", "tesT", "11112222333", "1111222233334", "ASIAIOSFODNN7EXAMPLE"] {
        let mut client = scene.client();
        client.signer.access_key_id = access_key_id.parse().unwrap();
        let request = client.signed("TrentService.CreateKey", Bytes::from_static(b"{}"));
        assert_refused(&scene, request, "UnrecognizedClientException", INVALID_TOKEN).await;
    }
    let mut client = scene.client();
    client.signer.security_token = Some(SecretBytes::from_slice(b"a session that never was"));
    let request = client.signed("TrentService.CreateKey", Bytes::from_static(b"{}"));
    assert_refused(&scene, request, "UnrecognizedClientException", INVALID_TOKEN).await;
    // An id that can be nobody's, and one so long that it is no id.
    for id in ["a-b", "ab", &"A".repeat(129)] {
        let request = with_authorization(signed(&scene), ACCOUNT, id);
        assert_refused(&scene, request, "UnrecognizedClientException", INVALID_TOKEN).await;
    }
}

#[tokio::test]
async fn anything_changed_after_signing_breaks_the_signature() {
    let scene = Scene::new().await;
    let mut wrong_secret = scene.client();
    wrong_secret.signer.secret_access_key = SecretBytes::from_slice(b"tesT");
    let mut path = signed(&scene);
    *path.uri_mut() = "http://kms.test/keys".parse().unwrap();
    let mut query = signed(&scene);
    *query.uri_mut() = "http://kms.test/?a=b".parse().unwrap();
    let mut method = signed(&scene);
    *method.method_mut() = http::Method::PUT;
    let mut more_body = signed(&scene);
    *more_body.body_mut() = Bytes::from_static(b"{} ");
    let mut no_body = signed(&scene);
    *no_body.body_mut() = Bytes::new();
    let mut second_target = signed(&scene);
    second_target.headers_mut().append("x-amz-target", HeaderValue::from_static("TrentService.ListKeys"));
    let signature = signed(&scene).headers()[AUTHORIZATION].to_str().unwrap().rsplit('=').next().unwrap().to_owned();
    let flipped = format!("{}{}", if signature.starts_with('0') { '1' } else { '0' }, &signature[1..]);
    for (what, request) in [
        ("secret", wrong_secret.signed("TrentService.CreateKey", Bytes::from_static(b"{}"))),
        ("longer body", more_body),
        ("no body", no_body),
        ("target", with_header(signed(&scene), "x-amz-target", "TrentService.ListKeys")),
        ("second target", second_target),
        ("host", with_header(signed(&scene), "host", "kms.elsewhere")),
        ("content type", with_header(signed(&scene), "content-type", "application/json")),
        ("date", with_header(signed(&scene), "x-amz-date", "20261121T120001Z")),
        ("path", path),
        ("query", query),
        ("method", method),
        ("Region", with_authorization(signed(&scene), "us-east-1", "us-east-2")),
        ("signature", with_authorization(signed(&scene), &signature, &flipped)),
        ("upper-case signature", with_authorization(signed(&scene), &signature, &signature.to_uppercase())),
        ("shorter signature", with_authorization(signed(&scene), &signature, &signature[1..])),
        ("no signature", with_authorization(signed(&scene), &signature, "")),
        ("signed headers", with_authorization(signed(&scene), "content-type;", "")),
        ("declared hash", with_header(signed(&scene), "x-amz-content-sha256", "UNSIGNED-PAYLOAD")),
    ] {
        let before = scene.revision().await;
        let error = error_of(&scene.world.send(request).await);
        if what == "declared hash" {
            let text = "'x-amz-content-sha256' must be a 'SignedHeader' in the AWS Authorization.";
            assert_eq!(error, aws_error(INVALID, text));
        } else {
            assert_eq!(error, aws_error(INVALID, MISMATCH), "{what}");
        }
        assert_eq!(scene.revision().await, before, "{what}");
    }
}

/// A cached signing key is the wrong one for a wrong secret all the same.
#[tokio::test]
async fn a_right_signature_does_not_help_the_next_wrong_one() {
    let scene = Scene::new().await;
    let mut wrong = scene.client();
    wrong.signer.secret_access_key = SecretBytes::from_slice(b"wrong");
    for _ in 0..2 {
        assert!(scene.client().call("ListKeys", json!({})).await.is_ok());
        assert_eq!(wrong.call("ListKeys", json!({})).await, Err(aws_error(INVALID, MISMATCH)));
    }
}

#[tokio::test]
async fn signatures_are_good_for_five_minutes_either_way() {
    let scene = Scene::new().await;
    let request = signed(&scene);
    let five_minutes = 300_000;
    let again = |request: &Request<Bytes>| {
        let mut copy = Request::post(request.uri()).body(request.body().clone()).unwrap();
        copy.headers_mut().clone_from(request.headers());
        copy
    };
    scene.world.clock.move_by_ms(five_minutes);
    assert_eq!(scene.world.send(again(&request)).await.status, 200);
    scene.world.clock.move_by_ms(1_000);
    let expired =
        "Signature expired: 20261121T120000Z is now earlier than 20261121T120001Z (20261121T120501Z - 5 min.)";
    assert_refused(&scene, again(&request), INVALID, expired).await;
    scene.world.clock.move_by_ms(-1_000 - 2 * five_minutes);
    assert_eq!(scene.world.send(again(&request)).await.status, 200);
    scene.world.clock.move_by_ms(-1_000);
    let early = "Signature not yet current: 20261121T120000Z is still later than 20261121T115959Z (20261121T115459Z + 5 \
                 min.)";
    assert_refused(&scene, again(&request), INVALID, early).await;
}

#[tokio::test]
async fn the_scope_must_be_a_region_this_service_and_the_day() {
    let scene = Scene::new().await;
    let mut other_service = scene.client();
    other_service.signer.service = "s3";
    let text = "Credential should be scoped to correct service: 'kms'. ";
    let request = other_service.signed("TrentService.CreateKey", Bytes::from_static(b"{}"));
    assert_refused(&scene, request, INVALID, text).await;
    for (from, to, text) in [
        ("/us-east-1/", "/moon/", "Credential should be scoped to a valid region, not 'moon'. "),
        ("/us-east-1/", "//", "Credential should be scoped to a valid region, not ''. "),
        ("/us-east-1/", "/US-EAST-1/", "Credential should be scoped to a valid region, not 'US-EAST-1'. "),
        (
            "/20261121/",
            "/20261120/",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261120' != \
             '20261121', from '20261121T120000Z'.",
        ),
        (
            "aws4_request",
            "aws5_request",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
        ),
    ] {
        assert_refused(&scene, with_authorization(signed(&scene), from, to), INVALID, text).await;
    }
}

#[tokio::test]
async fn what_decides_the_meaning_must_be_signed() {
    let scene = Scene::new().await;
    for (from, to, name) in [
        (";host;", ";", "'Host' or ':authority'"),
        (";x-amz-date;", ";", "'x-amz-date'"),
        (";x-amz-target", "", "'x-amz-target'"),
    ] {
        let text = format!("{name} must be a 'SignedHeader' in the AWS Authorization.");
        assert_refused(&scene, with_authorization(signed(&scene), from, to), INVALID, &text).await;
    }
}

#[tokio::test]
async fn a_malformed_header_is_said_to_be_incomplete() {
    let scene = Scene::new().await;
    let mut no_date = signed(&scene);
    no_date.headers_mut().remove("x-amz-date");
    let whole = no_date.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    let text = format!(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization={whole}"
    );
    assert_refused(&scene, no_date, INCOMPLETE, &text).await;
    for (header, text) in [
        (
            "AWS4-HMAC-SHA256 nonsense",
            "'nonsense' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 \
             nonsense'.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' \
             parameter. Authorization=AWS4-HMAC-SHA256 Credential=a",
        ),
        (
            "Bearer",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization=Bearer",
        ),
    ] {
        assert_refused(&scene, with_header(signed(&scene), "authorization", header), INCOMPLETE, text).await;
    }
}

/// Any Region of the scope is served, and no request sees another's keys.
#[tokio::test]
async fn the_word_test_is_an_account_of_its_own() {
    let scene = Scene::new().await;
    let by_word = scene.world.client("test", "us-east-1");
    let by_number = scene.world.client("000000000000", "us-east-1");
    let key = by_word.call("CreateKey", json!({})).await.unwrap();
    assert_eq!(key["KeyMetadata"]["AWSAccountId"], "000000000000");
    let listed = by_number.call("ListKeys", json!({})).await.unwrap();
    assert_eq!(listed["Keys"][0]["KeyId"], key["KeyMetadata"]["KeyId"]);
    assert_eq!(scene.client().call("ListKeys", json!({})).await.unwrap()["Keys"], json!([]));
}
