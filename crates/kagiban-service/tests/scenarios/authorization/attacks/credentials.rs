//! Borrowed credentials: tokens with other keys, signatures for other services, deputies that are asked by the wrong people.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock as _;
use kagiban_testkit::{Client, World, form};
use serde_json::{Value, json};

use super::{is_denied, put_key_policy};
use crate::authorization::condition_keys::Trusting;
use crate::authorization::deciding::{allow, one};
use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, create_key};

async fn session<'w>(root: &Client<'w>, account: &str) -> Client<'w> {
    let ann = root.user("ann", &Value::Null).await;
    let role = root.role("work", &format!("arn:aws:iam::{account}:user/ann"), &allow("kms:*")).await;
    ann.assume(&role, "day", &[]).await.unwrap()
}

fn secret(secret: &SecretBytes) -> SecretBytes {
    SecretBytes::from_slice(secret.expose())
}

fn token_of(client: &Client<'_>) -> String {
    String::from_utf8(client.signer.security_token.as_ref().unwrap().expose().to_vec()).unwrap()
}

#[tokio::test]
async fn a_token_is_good_with_its_own_access_key_only() {
    let world = World::new().await;
    let (root, other) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let (mine, theirs) = (session(&root, ACCOUNT).await, session(&other, OTHER_ACCOUNT).await);
    mine.call("ListKeys", json!({})).await.unwrap();
    theirs.call("ListKeys", json!({})).await.unwrap();
    let token = token_of(&theirs);
    let long = root.user("bob", &allow("kms:*")).await;
    let flipped = |at: usize| {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    };
    let with_token = |client: &Client<'_>, token: Option<&str>| {
        let signer = &client.signer;
        let secret = String::from_utf8(signer.secret_access_key.expose().to_vec()).unwrap();
        world.caller((signer.access_key_id.as_str(), &secret, token), REGION)
    };
    for (what, caller) in [
        ("another's session", with_token(&mine, Some(&token))),
        ("a user's key", with_token(&long, Some(&token))),
        ("a root's key", with_token(&root, Some(&token))),
        ("no token", with_token(&theirs, None)),
        ("an empty one", with_token(&theirs, Some(""))),
        ("cut off", with_token(&theirs, Some(&token[..token.len() - 4]))),
        ("longer", with_token(&theirs, Some(&format!("{token}AAAA")))),
        ("with a space", with_token(&theirs, Some(&format!("{token} x")))),
        ("first letter", with_token(&theirs, Some(&flipped(0)))),
        ("in the middle", with_token(&theirs, Some(&flipped(token.len() / 2)))),
        ("near the end", with_token(&theirs, Some(&flipped(token.len() - 6)))),
        ("text", with_token(&theirs, Some("a token"))),
        ("twice", with_token(&theirs, Some(&format!("{token}{token}")))),
    ] {
        let refused = caller.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "UnrecognizedClientException", "{what}: {refused:?}");
        assert!(caller.sts("GetCallerIdentity", &[]).await.is_err(), "{what}");
    }
    // Another's secret with one's own token and id.
    let mut thief = with_token(&theirs, Some(&token));
    thief.signer.secret_access_key = secret(&mine.signer.secret_access_key);
    assert_eq!(thief.call("ListKeys", json!({})).await.unwrap_err().code, "InvalidSignatureException");
    theirs.call("ListKeys", json!({})).await.unwrap();
}

#[tokio::test]
async fn sessions_end_to_the_second_and_do_not_come_back() {
    let world = World::new().await;
    let session = session(&world.client(ACCOUNT, REGION), ACCOUNT).await;
    session.call("ListKeys", json!({})).await.unwrap();
    world.clock.move_by_ms(3_600_000 - 1);
    session.call("ListKeys", json!({})).await.unwrap();
    world.clock.move_by_ms(1);
    for _ in 0..2 {
        let refused = session.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "ExpiredTokenException", "{refused:?}");
    }
    // Whoever has its token but not its secret is told no more.
    let mut thief = world.caller((session.signer.access_key_id.as_str(), "guess", Some(&token_of(&session))), REGION);
    thief.signer.secret_access_key = SecretBytes::from_slice(b"guess");
    assert_eq!(thief.call("ListKeys", json!({})).await.unwrap_err().code, "ExpiredTokenException");
}

/// A role for a partner is assumed with the external id that was agreed on.
#[tokio::test]
async fn deputies_prove_for_whom_they_act() {
    let world = World::new().await;
    let (root, partner) = (world.client(ACCOUNT, REGION), world.client(OTHER_ACCOUNT, REGION));
    let deputy = partner.user("deputy", &allow("sts:AssumeRole")).await;
    let trust = one(json!({
        "Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
    }))
    .to_string();
    let role = root.iam("CreateRole", &[("RoleName", "shared"), ("AssumeRolePolicyDocument", &trust)]).await.unwrap();
    let role = role.text("Arn");
    for external in [None, Some("other"), Some("AGREED"), Some("agreed "), Some("a*"), Some("agreed,agreed")] {
        let more: Vec<_> = external.into_iter().map(|id| ("ExternalId", id)).collect();
        assert!(deputy.assume(&role, "day", &more).await.is_err(), "{external:?}");
    }
    deputy.assume(&role, "day", &[("ExternalId", "agreed")]).await.unwrap();
}

/// A service is admitted for one resource only: the one that it says it acts for, under its signature.
#[tokio::test]
async fn services_are_admitted_for_the_source_that_they_signed() {
    let trusting = Trusting::new().await;
    let root = trusting.world.client(ACCOUNT, REGION);
    let service = trusting.service("s3.amazonaws.com").await;
    let key = create_key(&root).await;
    let input = json!({"KeyId": key});
    let source = format!("arn:aws:s3:us-east-1:{ACCOUNT}:bucket");
    let other = source.replace(ACCOUNT, OTHER_ACCOUNT);
    for (condition, header, right, wrong) in [
        (json!({"ArnLike": {"aws:SourceArn": source}}), "x-amz-source-arn", &*source, &*other),
        (json!({"StringEquals": {"aws:SourceArn": source}}), "x-amz-source-arn", &source, "*"),
        (json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}), "x-amz-source-account", ACCOUNT, OTHER_ACCOUNT),
    ] {
        let allow = json!({
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
            "Condition": condition,
        });
        put_key_policy(&root, &key, allow).await;
        assert!(is_denied(&service, "DescribeKey", input.clone()).await, "{condition}: nothing said");
        service.call_with(&[(header, right)], "DescribeKey", input.clone()).await.unwrap();
        let refused = service.call_with(&[(header, wrong)], "DescribeKey", input.clone()).await.unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException", "{condition}: {wrong}");
        // Added on the way.
        let mut request = service.signed("TrentService.DescribeKey", Bytes::from(input.to_string()));
        request.headers_mut().insert(HeaderName::from_static(header), HeaderValue::from_str(right).unwrap());
        assert_eq!(trusting.world.send(request).await.status, 400, "{condition}: not signed");
    }
    // Another service is another principal, and the account's statement is not about services.
    let allow = json!({
        "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
    });
    put_key_policy(&root, &key, allow).await;
    service.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
    let logs = trusting.service("logs.amazonaws.com").await;
    assert!(is_denied(&logs, "DescribeKey", json!({"KeyId": key})).await);
}

#[tokio::test]
async fn a_signature_is_for_one_service() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    for service in ["iam", "sts", "s3", "KMS", "kagiban"] {
        let mut client = world.client(ACCOUNT, REGION);
        client.signer.service = service;
        let refused = client.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!(refused.code, "InvalidSignatureException", "{service}");
    }
    let query = |service: &'static str, version: &str, action: &str| {
        let mut request = http::Request::post("http://kms.test/")
            .header("host", "kms.test")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(form(version, action, &[]))
            .unwrap();
        let mut client = world.client(ACCOUNT, REGION);
        client.signer.service = service;
        client.signer.sign(&mut request, world.clock.now()).unwrap();
        request
    };
    for (service, version, action, is_taken) in [
        ("iam", "2010-05-08", "ListUsers", true),
        ("kms", "2010-05-08", "ListUsers", false),
        ("sts", "2010-05-08", "ListUsers", false),
        ("sts", "2011-06-15", "GetCallerIdentity", true),
        ("kms", "2011-06-15", "GetCallerIdentity", false),
        ("iam", "2011-06-15", "GetCallerIdentity", false),
    ] {
        let answer = world.send(query(service, version, action)).await;
        assert_eq!(answer.status.is_success(), is_taken, "{service} {action}");
    }
    // Without any signature: nothing.
    let mut request = query("iam", "2010-05-08", "ListUsers");
    request.headers_mut().remove("authorization");
    assert!(!world.send(request).await.status.is_success());
    let mut request = root.signed("TrentService.ListKeys", Bytes::from_static(b"{}"));
    request.headers_mut().remove("authorization");
    assert!(!world.send(request).await.status.is_success());
    // A form that carries a target of KMS is signed for one of the two, and refused by the other.
    let mut request = query("iam", "2010-05-08", "ListUsers");
    request.headers_mut().insert("x-amz-target", HeaderValue::from_static("TrentService.ListKeys"));
    assert!(!world.send(request).await.status.is_success());
}

/// What is said twice is not said: who reads the first and who reads the second would see two requests.
#[tokio::test]
async fn two_of_a_kind_are_refused() {
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let (key, other) = (create_key(&root).await, create_key(&root).await);
    let mine = session(&root, ACCOUNT).await;
    for name in ["authorization", "x-amz-security-token", "x-amz-target", "x-amz-date"] {
        let mut request = mine.signed("TrentService.ListKeys", Bytes::from_static(b"{}"));
        let value = request.headers().get(name).unwrap().clone();
        request.headers_mut().append(HeaderName::from_static(name), value);
        assert!(!world.send(request).await.status.is_success(), "{name}");
    }
    for body in [
        format!(r#"{{"KeyId":"{key}","KeyId":"{other}"}}"#),
        format!(r#"{{"KeyId":"{key}","KeyId":"{key}"}}"#),
        format!(r#"{{"KeyId":"{key}","\u004beyId":"{other}"}}"#),
    ] {
        let refused = root.call_bytes("DescribeKey", Bytes::from(body.clone())).await.unwrap_err();
        assert_eq!(refused.code, "SerializationException", "{body}");
    }
    for body in [
        "Action=ListUsers&Action=DeleteUser&Version=2010-05-08&UserName=ann",
        "Action=GetUser&Version=2010-05-08&UserName=bob&UserName=ann",
        "Action=ListUsers&Version=2010-05-08&Version=2011-06-15",
    ] {
        let mut request = http::Request::post("http://iam.test/")
            .header("host", "iam.test")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        let mut client = world.client(ACCOUNT, REGION);
        client.signer.service = "iam";
        client.signer.sign(&mut request, world.clock.now()).unwrap();
        assert!(!world.send(request).await.status.is_success(), "{body}");
    }
}
