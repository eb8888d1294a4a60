//! What is no request: bodies that are refused with a text that names the field, and targets that name nothing.

use bytes::Bytes;
use http::Request;
use kagiban_testkit::World;
use serde_json::json;

use super::{MANAGEMENT, code, send, signer_for};
use crate::support::{REGION, Scene};
use kagiban_base::time::Clock;

#[tokio::test]
async fn bodies_are_checked_before_anything_is_done() {
    let scene = Scene::new().await;
    let operator = scene.world.client(MANAGEMENT, REGION);
    let before = scene.revision().await;
    let (bad_type, bad_form) = ("ValidationException", "SerializationException");
    let long = format!("{{\"Name\":\"{}\"}}", "x".repeat(51));
    let unknown = format!("{{\"{}\":1}}", "x".repeat(100_000));
    let deep = format!("{{\"Name\":{}", "[".repeat(100_000));
    for (operation, body, expected, part) in [
        ("CreateAccount", "", bad_form, "no JSON object"),
        ("CreateAccount", "null", bad_form, "no JSON object"),
        ("CreateAccount", "[\"name\"]", bad_form, "no JSON object"),
        ("CreateAccount", "{", bad_form, "EOF"),
        ("CreateAccount", "{} {}", bad_type, "Name"),
        ("CreateAccount", "{\"Name\":\"x\"} x", bad_form, "trailing"),
        ("CreateAccount", "{}", bad_type, "Name"),
        ("CreateAccount", "{\"Name\":5}", bad_type, "Name"),
        ("CreateAccount", "{\"Name\":null}", bad_type, "Name"),
        ("CreateAccount", "{\"Name\":\"\"}", bad_type, "Name must be 1 to 50"),
        ("CreateAccount", &long, bad_type, "Name must be 1 to 50"),
        ("CreateAccount", "{\"name\":\"x\"}", bad_type, "`name`"),
        ("CreateAccount", "{\"Name\":\"x\",\"Name\":\"y\"}", bad_type, "duplicate field `Name`"),
        ("CreateAccount", "{\"Name\":\"x\",\"Email\":\"y\"}", bad_type, "`Email`"),
        ("CreateAccount", "{\"Name\":\"x\",\"AccountId\":\"1\"}", bad_type, "AccountId must be 12 digits"),
        ("CreateAccount", &unknown, bad_type, "unknown field"),
        ("CreateAccount", &deep, bad_type, "Name"),
        ("ListAccounts", "{\"Limit\":0}", bad_type, "Limit"),
        ("ListAccounts", "{\"Limit\":1001}", bad_type, "Limit"),
        ("ListAccounts", "{\"Marker\":\"\"}", bad_type, "Marker"),
        ("CloseAccount", "{}", bad_type, "AccountId"),
        ("ReopenAccount", "{\"AccountId\":12}", bad_type, "AccountId"),
        ("CreateServiceAccessKey", "{\"ServicePrincipal\":\"*\"}", bad_type, "ServicePrincipal must be"),
        ("DeleteServiceAccessKey", "{\"AccessKeyId\":\"a b\"}", bad_type, "AccessKeyId must be"),
        ("CreatePeerInvitation", "{\"PeerName\":\"B\"}", bad_type, "PeerName must be"),
        ("CreatePeerInvitation", "{\"PeerName\":\"b\",\"Accounts\":[\"1\"]}", bad_type, "AccountId must be 12 digits"),
        ("AcceptPeerInvitation", "{\"PeerName\":\"b\",\"Invitation\":\"\"}", bad_type, "Invitation must be"),
        ("DeletePeer", "{\"PeerName\":\"b\",\"Force\":1}", bad_type, "boolean"),
        ("AdvanceClock", "{\"Seconds\":0}", bad_type, "Seconds must be"),
        ("DescribeClock", "{\"Seconds\":1}", bad_type, "`Seconds`"),
        ("ExplainRequest", "{\"RequestId\":\"last\"}", bad_type, "RequestId must be"),
    ] {
        let target = format!("Kagiban.{operation}");
        let body = Bytes::copy_from_slice(body.as_bytes());
        let (_, answered) = send(&scene.world, &operator, "kagiban", &target, body.clone()).await;
        assert_eq!(code(&answered), expected, "{operation} {body:?}");
        let message = answered.unwrap_err().message;
        assert!(message.contains(part) && message.len() < 1000, "{operation}: {message}");
    }
    assert_eq!(scene.revision().await, before);
}

#[tokio::test]
async fn targets_name_operations_exactly() {
    let world = World::new().await;
    let operator = world.client(MANAGEMENT, REGION);
    for target in
        ["Kagiban.", "Kagiban.listAccounts", "Kagiban.ListAccounts ", "Kagiban.Kagiban.ListAccounts", "Kagiban.X"]
    {
        let (_, answered) = send(&world, &operator, "kagiban", target, "{}").await;
        assert_eq!(code(&answered), "UnknownOperationException", "{target}");
    }
    for targets in [["Kagiban.ListAccounts", "TrentService.ListKeys"], ["Kagiban.ListAccounts", "Kagiban.ListAccounts"]]
    {
        let mut request = Request::post("http://kms.test/").body(Bytes::from(json!({}).to_string())).unwrap();
        for target in targets {
            request.headers_mut().append("x-amz-target", target.parse().unwrap());
        }
        signer_for(&operator, "kagiban").sign(&mut request, world.clock.now()).unwrap();
        let response = world.send(request).await;
        assert!(String::from_utf8_lossy(&response.body).contains("UnknownOperationException"), "{targets:?}");
    }
}
