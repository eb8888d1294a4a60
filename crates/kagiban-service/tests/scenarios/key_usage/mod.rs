//! What is known of the use of keys: the last use, the numbers of requests, what hangs on a key.

mod counts;
mod last_use;
mod preflight;

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use kagiban_base::id::RequestId;
use kagiban_service::RawRequest;
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

/// Calls an operation, which must succeed; gives the number of the request.
async fn call(world: &World, client: &Client<'_>, operation: &str, input: &Value) -> String {
    let request = client.signed(&format!("TrentService.{operation}"), Bytes::from(input.to_string()));
    let (head, body) = request.into_parts();
    let request_id = RequestId::generate(world.random.as_ref()).unwrap();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let answer =
        world.service.call(RawRequest { request_id, head, body, peer, secure_transport: false, tls: None }).await;
    assert_eq!(answer.status, 200, "{operation}: {}", answer.body.escape_ascii());
    request_id.to_string()
}

/// What GetKeyLastUsage answers.
async fn usage(client: &Client<'_>, key: &str) -> Value {
    client.call("GetKeyLastUsage", json!({"KeyId": key})).await.unwrap()
}

/// Writes down what a node has noted.
async fn save(world: &World) {
    world.service.key_use_writer().save().await.unwrap();
}
