//! Ordinary requests over HTTP/1.1.

use std::sync::atomic::Ordering;

use kagiban_server::health::Health;
use kagiban_server::http::{Front, ListenError};

use crate::server::{Server, tight};
use crate::wire::{Wire, post};

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    let mut ids = std::collections::HashSet::new();
    for length in [0, 1, 300, 9_000, 64 << 10] {
        let reply = wire.ask(&"x".repeat(length)).await;
        assert_eq!(reply.check(200), None);
        assert_eq!(reply.fields["content-type"], "application/x-amz-json-1.1");
        let seen = reply.json();
        assert_eq!(seen["length"], length);
        assert_eq!(seen["host"], "kms.test");
        assert_eq!(seen["peer"], "127.0.0.1");
        assert_eq!(seen["secure"], false);
        assert_eq!(seen["id"], reply.fields["x-amzn-requestid"], "service and answer must share the request id");
        assert!(ids.insert(seen["id"].clone()), "request ids must differ");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    let bodies: Vec<String> = (1..=40).map(|n| "x".repeat(n * 7)).collect();
    wire.send(bodies.iter().map(|body| post(body)).collect::<String>()).await;
    for body in &bodies {
        assert_eq!(wire.reply(true).await.json()["length"], body.len());
    }
}

#[tokio::test]
async fn chunked_bodies_and_odd_framing_are_read() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST /?a=b&c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").await;
    wire.send("4;extension=1\r\ndefg\r\n0\r\ntrailer: ignored\r\n\r\n").await;
    let seen = wire.reply(true).await.json();
    assert_eq!((&seen["length"], &seen["query"]), (&7.into(), &"a=b&c".into()));

    wire.send("POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n").await;
    wire.send("ok").await;
    let interim = wire.reply(false).await;
    assert_eq!(interim.status, 100);
    assert_eq!(wire.reply(true).await.json()["length"], 2);
}

#[tokio::test]
async fn paths_and_methods() {
    let server = Server::start(tight());
    for (request, status, body, allow) in [
        ("GET /healthz", 200, "ok\n", None),
        ("GET /readyz", 200, "{\"ready\":true}\n", None),
        ("POST /healthz", 405, "UnknownOperationException", Some("GET, HEAD")),
        ("DELETE /readyz", 405, "UnknownOperationException", Some("GET, HEAD")),
        ("GET /", 405, "UnknownOperationException", Some("POST")),
        ("PUT /?Action=x", 405, "UnknownOperationException", Some("POST")),
        ("OPTIONS /", 405, "UnknownOperationException", Some("POST")),
        ("GET /nothing", 404, "UnknownOperationException", None),
        ("POST /nothing", 404, "UnknownOperationException", None),
        ("POST //", 404, "UnknownOperationException", None),
    ] {
        let mut wire = Wire::connect(server.address).await;
        wire.send(format!("{request} HTTP/1.1\r\nhost: h\r\n\r\n")).await;
        let reply = wire.reply(true).await;
        let code = reply.check(status);
        assert!(code.as_deref() == Some(body) || reply.body == body.as_bytes(), "{request}: {reply:?}");
        assert_eq!(reply.fields.get("allow").map(String::as_str), allow, "{request}");
        assert!(!reply.closes(), "{request}");
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn a_presigned_address_is_a_request() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("GET /?Action=x&X-Amz-Date=y HTTP/1.1\r\nhost: h\r\n\r\n").await;
    let seen = wire.reply(true).await.json();
    assert_eq!((&seen["length"], &seen["query"]), (&0.into(), &"Action=x&X-Amz-Date=y".into()));
}

#[tokio::test]
async fn head_of_health_has_no_body() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("HEAD /healthz HTTP/1.1\r\nhost: h\r\n\r\n").await;
    wire.reply(false).await.check(200);
    assert_eq!(wire.ask("still usable").await.status, 200);
}

#[tokio::test]
async fn a_failing_store_is_not_ready_but_alive() {
    let server = Server::start(tight());
    server.script.healthy.store(false, Ordering::SeqCst);
    for (path, status) in [("/readyz", 503), ("/healthz", 200)] {
        let mut wire = Wire::connect(server.address).await;
        wire.send(format!("GET {path} HTTP/1.1\r\nhost: h\r\n\r\n")).await;
        wire.reply(true).await.check(status);
    }
}

#[tokio::test]
async fn a_panic_ends_one_request_only() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    for body in ["panic", "late panic"] {
        let reply = wire.ask(body).await;
        assert_eq!(reply.check(500).as_deref(), Some("InternalFailure"));
        assert!(!String::from_utf8_lossy(&reply.body).contains("secret"));
        assert_eq!(wire.ask("and on").await.status, 200, "the connection survives");
    }
}

#[tokio::test]
async fn closing_is_the_clients_right() {
    let server = Server::start(tight());
    let mut wire = Wire::connect(server.address).await;
    wire.send("POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(wire.reply(true).await.status, 200);
    assert!(wire.closed().await.is_empty());

    let mut old = Wire::connect(server.address).await;
    old.send("POST / HTTP/1.0\r\nhost: h\r\ncontent-length: 0\r\n\r\n").await;
    assert!(!old.closed().await.is_empty(), "HTTP/1.0 is answered and closed");
}

#[tokio::test]
async fn plain_http_stays_on_loopback() {
    struct Never;
    impl kagiban_server::http::Answer for Never {
        async fn answer(&self, _: kagiban_server::http::RawRequest) -> kagiban_server::http::RawResponse {
            unreachable!("nothing is asked")
        }
    }
    let bind = |address: &str| {
        Front::bind(address.parse().unwrap(), None, tight(), std::sync::Arc::new(Health::default()), Never).map(drop)
    };
    for public in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
        assert!(matches!(bind(public), Err(ListenError::PlainOnPublicAddress(_))), "{public}");
    }
    for loopback in ["127.0.0.1:0", "127.8.9.10:0"] {
        bind(loopback).unwrap();
    }
}
